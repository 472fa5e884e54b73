/* SPDX-License-Identifier: Apache-2.0 */
/* Hinting is off and glyph advances are rounded only where the surface has pixels, so that a label has the same width in the layout, in the
 * window, at 2x and in a PDF, and collision tests hold for all of them. Sizes are absolute (px x scale): no display resolution enters. */
#include "app/picture/text.h"

#include <string.h>

static const struct { double size; gboolean bold, tabular, maths; } styles[CHAIN_N_TEXTS] = {
  [CHAIN_TEXT_AXIS] = { 10.5, FALSE, TRUE, FALSE },
  [CHAIN_TEXT_SMALL] = { 11, FALSE, TRUE, FALSE },
  [CHAIN_TEXT_LABEL] = { 12, FALSE, TRUE, FALSE },
  [CHAIN_TEXT_LABEL_BOLD] = { 12, TRUE, TRUE, FALSE },
  [CHAIN_TEXT_CHIP] = { 11.5, TRUE, TRUE, FALSE },
  [CHAIN_TEXT_TITLE] = { 13, TRUE, FALSE, FALSE },
  [CHAIN_TEXT_MATHS] = { 15, FALSE, FALSE, TRUE },
  [CHAIN_TEXT_MATHS_SMALL] = { 13, FALSE, FALSE, TRUE },
};

void
chain_text_init (ChainText *t, cairo_t *cr, const ChainTheme *theme)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  memset (t, 0, sizeof *t);
  t->cr = cr;
  t->theme = theme;
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  pango_context_set_round_glyph_positions (context, FALSE);
  t->layout = pango_layout_new (context);
  g_object_unref (context);
  t->tabular = pango_attr_list_new ();
  pango_attr_list_insert (t->tabular, pango_attr_font_features_new ("tnum=1"));
}

void
chain_text_clear (ChainText *t)
{
  for (int i = 0; i < CHAIN_N_TEXTS; i++)
    g_clear_pointer (&t->fonts[i], pango_font_description_free);
  g_clear_pointer (&t->tabular, pango_attr_list_unref);
  g_clear_object (&t->layout);
}

static void
prepare (ChainText *t, ChainTextStyle style, const char *text)
{
  if (t->fonts[style] == NULL)
    {
      PangoFontDescription *d = pango_font_description_new ();
      g_autofree char *families = NULL;

      if (styles[style].maths)
        families = g_strdup_printf ("%s, STIX Math, DejaVu Math TeX Gyre, %s", t->theme->maths_font, t->theme->font);
      else
        families = g_strdup (t->theme->font);
      pango_font_description_set_family (d, families);
      pango_font_description_set_absolute_size (d, styles[style].size * t->theme->scale * PANGO_SCALE);
      pango_font_description_set_weight (d, styles[style].bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
      t->fonts[style] = d;
    }
  pango_layout_set_font_description (t->layout, t->fonts[style]);
  pango_layout_set_attributes (t->layout, NULL);
  if (strpbrk (text, "<&"))
    pango_layout_set_markup (t->layout, text, -1);
  else
    {
      pango_layout_set_text (t->layout, text, -1);
      if (styles[style].tabular)
        pango_layout_set_attributes (t->layout, t->tabular);
    }
}

double
chain_text_measure (ChainText *t, ChainTextStyle style, const char *text, double *height)
{
  int w, h;

  prepare (t, style, text);
  pango_layout_get_size (t->layout, &w, &h);
  if (height)
    *height = h / (double) PANGO_SCALE;
  return w / (double) PANGO_SCALE;
}

/* Puts the current point at the left end of the baseline. Middle of the line = middle of the digits, not of the box: 0.35 em over the baseline. */
static void
place (ChainText *t, ChainTextStyle style, double x, double y, double ax, double ay)
{
  int w, h;
  double base = pango_layout_get_baseline (t->layout) / (double) PANGO_SCALE;
  double size = styles[style].size * t->theme->scale, top;

  pango_layout_get_size (t->layout, &w, &h);
  top = ay == 0.5 ? y + 0.345 * size - base : y - ay * h / PANGO_SCALE;
  cairo_move_to (t->cr, x - ax * w / PANGO_SCALE, top);
}

/* cairo 1.16 rounds every glyph to a whole pixel on image surfaces, which tears words apart when advances are not rounded: there a text is
 * filled as a path. A vector surface gets real text. */
static void
show (ChainText *t)
{
  cairo_surface_type_t type = cairo_surface_get_type (cairo_get_group_target (t->cr));

  if (type == CAIRO_SURFACE_TYPE_PDF)
    pango_cairo_show_layout (t->cr, t->layout);
  else
    {
      pango_cairo_layout_path (t->cr, t->layout);
      cairo_fill (t->cr);
    }
}

void
chain_text_draw (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, const ChainColour *c)
{
  if (text == NULL || *text == '\0')
    return;
  prepare (t, style, text);
  cairo_new_path (t->cr);
  place (t, style, x, y, ax, ay);
  chain_theme_source (t->cr, c, 1);
  show (t);
  cairo_new_path (t->cr);
}

void
chain_text_draw_cut (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, double max_width,
                     const ChainColour *c)
{
  double w;

  if (max_width < 4 || text == NULL)
    return;
  w = chain_text_measure (t, style, text, NULL);
  if (w <= max_width)
    {
      chain_text_draw (t, style, text, x, y, ax, ay, c);
      return;
    }
  if (strpbrk (text, "<&"))      /* Pango 1.50 warns of "leftover font scales" where it cuts in a subscript */
    pango_layout_set_attributes (t->layout, NULL);
  pango_layout_set_width (t->layout, max_width * PANGO_SCALE);
  pango_layout_set_ellipsize (t->layout, PANGO_ELLIPSIZE_END);
  cairo_new_path (t->cr);
  place (t, style, x, y, ax, ay);
  chain_theme_source (t->cr, c, 1);
  show (t);
  cairo_new_path (t->cr);
  pango_layout_set_width (t->layout, -1);
  pango_layout_set_ellipsize (t->layout, PANGO_ELLIPSIZE_NONE);
}

void
chain_text_halo (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, const ChainColour *c,
                 const ChainColour *halo)
{
  prepare (t, style, text);
  cairo_new_path (t->cr);
  place (t, style, x, y, ax, ay);
  pango_cairo_layout_path (t->cr, t->layout);
  chain_theme_source (t->cr, halo, 1);
  cairo_set_line_width (t->cr, 2.6 * t->theme->scale);
  cairo_set_line_join (t->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (t->cr);
  chain_text_draw (t, style, text, x, y, ax, ay, c);
}

/* U+1D44E … : the mathematical italic alphabet; h is U+210E. */
static void
append_italic (GString *s, char letter)
{
  if (letter == 'h')
    g_string_append_unichar (s, 0x210e);
  else if (g_ascii_islower (letter))
    g_string_append_unichar (s, 0x1d44e + (letter - 'a'));
  else
    g_string_append_unichar (s, 0x1d434 + (letter - 'A'));
}

char *
chain_text_indexed (const char *letter, int i, int j)
{
  GString *s = g_string_new (NULL);

  for (const char *c = letter; *c; c++)
    if (g_ascii_isalpha (*c))
      append_italic (s, *c);
    else
      g_string_append_c (s, *c);
  if (j < 0)
    g_string_append_printf (s, "<sub>%d</sub>", i);
  else
    g_string_append_printf (s, "<sub>%d,%d</sub>", i, j);
  return g_string_free (s, FALSE);
}

char *
chain_text_variable (const char *name, gboolean *is_maths)
{
  gsize n = strlen (name), digits = n > 0 ? strspn (name + 1, "0123456789") : 0;

  if (is_maths)
    *is_maths = TRUE;
  if (n >= 1 && n <= 4 && g_ascii_isalpha (name[0]) && digits == n - 1)
    {
      GString *s = g_string_new (NULL);

      append_italic (s, name[0]);
      if (digits > 0)
        g_string_append_printf (s, "<sub>%s</sub>", name + 1);
      return g_string_free (s, FALSE);
    }
  if (is_maths)
    *is_maths = FALSE;
  return g_markup_escape_text (name, -1);
}
