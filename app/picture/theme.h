/* SPDX-License-Identifier: Apache-2.0 */
/* Colours and sizes as a plain struct (DESIGN 4.1 - 4.3): filled by constants for light, dark and print, by ui/canvas/theme.c in the window.
 * Drawing code names tokens, never colours. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct { double r, g, b; } ChainColour;

typedef struct
{
  gboolean    dark, high_contrast;
  double      scale;            /* s of DESIGN 4.1: every canvas metric is multiplied by it */
  char        font[64];         /* interface font family: "Cantarell" */
  char        maths_font[64];   /* "TeX Gyre Pagella Math" */
  ChainColour canvas, window, card, fg, fg2, fg3, grid, axis, forward, backward, update, error, warning, outline, chip, forward_bg, backward_bg,
              update_bg, warning_bg, error_bg, train, test, accent;
  int         digits;           /* 3 */
  gboolean    draw_background;  /* fill with canvas or card colour first; TRUE from chain_theme_init(), FALSE in the window */
  gboolean    draw_header;      /* title and note on top of a card; likewise */
  gboolean    draw_chips;       /* the row of layer chips over the network, which the window has as widgets; likewise */
} ChainTheme;

/* style: "light" or "dark". */
void chain_theme_init   (ChainTheme *t, const char *style);
void chain_theme_source (cairo_t *cr, const ChainColour *c, double alpha);

G_END_DECLS
