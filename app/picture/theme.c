/* SPDX-License-Identifier: Apache-2.0 */
/* The colour tokens of DESIGN 4.3 as one table, a row a token: light and dark. The window overwrites accent, fonts, scale and the three
 * draw flags; exports and the command line use the constants as they are, so that a picture does not depend on somebody's desktop. */
#include "app/picture/theme.h"

#include <stddef.h>
#include <string.h>

static const struct { gsize offset; guint32 light, dark; } tokens[] = {
#define TOKEN(name, light, dark) { offsetof (ChainTheme, name), light, dark }
  TOKEN (canvas, 0xffffff, 0x1e1e1e),
  TOKEN (window, 0xfafafa, 0x242424),
  TOKEN (card, 0xffffff, 0x2e2e2e),
  TOKEN (fg, 0x2e2e33, 0xf2f1ef),
  TOKEN (fg2, 0x5e5c64, 0xc0bfbc),
  TOKEN (fg3, 0x706e77, 0x9a9996),
  TOKEN (grid, 0xe9e8e6, 0x333333),
  TOKEN (axis, 0xb8b6b2, 0x6e6d6b),
  TOKEN (forward, 0x1a5fb4, 0x99c1f1),
  TOKEN (backward, 0x9d0f5d, 0xf7699d),
  TOKEN (update, 0x26784a, 0x8ff0a4),
  TOKEN (error, 0xc01c28, 0xff7b63),
  TOKEN (warning, 0x905400, 0xf8e45c),
  TOKEN (outline, 0x77767b, 0x9a9996),
  TOKEN (chip, 0xf0efed, 0x383838),
  TOKEN (forward_bg, 0xe3edf9, 0x22364d),
  TOKEN (backward_bg, 0xfae6ef, 0x4a2336),
  TOKEN (update_bg, 0xe2f3e9, 0x213d2a),
  TOKEN (warning_bg, 0xfbeed5, 0x463f1a),
  TOKEN (error_bg, 0xfbe4e6, 0x4d2622),
  TOKEN (train, 0x1c71d8, 0x78aeed),
  TOKEN (test, 0xc64600, 0xffa348),
  TOKEN (accent, 0x3584e4, 0x78aeed),
#undef TOKEN
};

void
chain_theme_init (ChainTheme *t, const char *style)
{
  memset (t, 0, sizeof *t);
  t->dark = g_strcmp0 (style, "dark") == 0;
  t->scale = 1;
  t->digits = 3;
  t->draw_background = t->draw_header = t->draw_chips = TRUE;
  g_strlcpy (t->font, "Cantarell", sizeof t->font);
  g_strlcpy (t->maths_font, "TeX Gyre Pagella Math", sizeof t->maths_font);
  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      guint32 rgb = t->dark ? tokens[i].dark : tokens[i].light;
      ChainColour *c = (ChainColour *) ((char *) t + tokens[i].offset);

      *c = (ChainColour){ ((rgb >> 16) & 255) / 255.0, ((rgb >> 8) & 255) / 255.0, (rgb & 255) / 255.0 };
    }
}

void
chain_theme_source (cairo_t *cr, const ChainColour *c, double alpha)
{
  if (alpha >= 1)
    cairo_set_source_rgb (cr, c->r, c->g, c->b);
  else
    cairo_set_source_rgba (cr, c->r, c->g, c->b, alpha);
}
