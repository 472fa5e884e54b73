/* SPDX-License-Identifier: Apache-2.0 */
/* From boxes to what others see: size, picture, places of anchors, and a dump for tests. Glyphs are filled as outlines: the same shape at every
 * scale and on every surface, no glyph cache that a thread could meet another in, and the same bytes each time. */
#include "app/maths/layout/box.h"

#include <math.h>

ChainMathsBox *
chain_maths_layout (ChainMaths *m, const ChainMathsStyle *style)
{
  ChainMathsBox *b = g_new0 (ChainMathsBox, 1);
  MathsEnv env = { 0, TRUE, FALSE, CHAIN_MATHS_PLAIN };

  g_assert (style->size > 0);
  b->tree = chain_maths_ref (m);
  b->style = *style;
  b->root = _chain_maths_set_broken (m, &env, style->max_width / style->size);
  return b;
}

void
chain_maths_box_free (ChainMathsBox *b)
{
  if (b == NULL)
    return;
  chain_maths_unref (b->tree);
  _chain_maths_box_free (b->root);
  g_free (b);
}

void
chain_maths_box_size (const ChainMathsBox *b, double *width, double *ascent, double *descent)
{
  if (width != NULL)
    *width = b->root->w * b->style.size;
  if (ascent != NULL)
    *ascent = b->root->asc * b->style.size;
  if (descent != NULL)
    *descent = b->root->desc * b->style.size;
}

/* --- outlines --- */
typedef struct { cairo_t *cr; double x, y, k; } Pen;

static void
move_to (hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x, float y, void *user)
{
  Pen *p = data;

  cairo_move_to (p->cr, p->x + x * p->k, p->y - y * p->k);
}

static void
line_to (hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x, float y, void *user)
{
  Pen *p = data;

  cairo_line_to (p->cr, p->x + x * p->k, p->y - y * p->k);
}

static void
cubic_to (hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x1, float y1, float x2, float y2, float x, float y, void *user)
{
  Pen *p = data;

  cairo_curve_to (p->cr, p->x + x1 * p->k, p->y - y1 * p->k, p->x + x2 * p->k, p->y - y2 * p->k, p->x + x * p->k, p->y - y * p->k);
}

static void
close_path (hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, void *user)
{
  Pen *p = data;

  cairo_close_path (p->cr);
}

static hb_draw_funcs_t *
outline_funcs (void)
{
  static hb_draw_funcs_t *funcs;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      funcs = hb_draw_funcs_create ();
      hb_draw_funcs_set_move_to_func (funcs, move_to, NULL, NULL);
      hb_draw_funcs_set_line_to_func (funcs, line_to, NULL, NULL);
      hb_draw_funcs_set_cubic_to_func (funcs, cubic_to, NULL, NULL);
      hb_draw_funcs_set_close_path_func (funcs, close_path, NULL, NULL);
      hb_draw_funcs_make_immutable (funcs);
      g_once_init_leave (&once, 1);
    }
  return funcs;
}

/* A rule is no thinner than a pixel, and its edges are on pixels: a grey smear is no fraction bar. */
static void
draw_rule (cairo_t *cr, double x, double y, double w, double h)
{
  double top = y - h, sx = 1, sy = 1, left = x;

  cairo_user_to_device_distance (cr, &sx, &sy);
  if (fabs (sx) > 0 && fabs (sy) > 0 && cairo_surface_get_type (cairo_get_target (cr)) == CAIRO_SURFACE_TYPE_IMAGE)
    {
      double thick = MAX (1, round (h * fabs (sy)));

      cairo_user_to_device (cr, &left, &top);
      top = round (top + (h * fabs (sy) - thick) / 2);
      cairo_device_to_user (cr, &left, &top);
      h = thick / fabs (sy);
    }
  cairo_rectangle (cr, x, top, w, h);
}

static void
draw_box (cairo_t *cr, const MathsBox *b, const ChainMathsStyle *style, double x, double y)
{
  double k = style->size;

  if (b->kind == BOX_GROUP)
    {
      for (guint i = 0; i < b->kids->len; i++)
        {
          const MathsBox *kid = g_ptr_array_index (b->kids, i);

          draw_box (cr, kid, style, x + kid->x * k, y + kid->y * k);
        }
      return;
    }
  if (b->kind == BOX_ANCHOR)
    return;
  cairo_set_source_rgba (cr, style->ink[b->ink].r, style->ink[b->ink].g, style->ink[b->ink].b, style->ink[b->ink].a);
  cairo_new_path (cr);
  if (b->kind == BOX_RULE)
    draw_rule (cr, x, y, b->w * k, b->asc * k);
  else
    {
      Pen pen = { cr, x, y, k * b->scale / b->font->upem };

      hb_font_get_glyph_shape (b->font->hb, b->glyph, outline_funcs (), &pen);
    }
  cairo_fill (cr);
}

void
chain_maths_box_draw (cairo_t *cr, const ChainMathsBox *b, double x, double y)
{
  cairo_save (cr);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_WINDING);
  draw_box (cr, b->root, &b->style, x, y);
  cairo_restore (cr);
}

/* --- anchors: the smallest rectangle around all parts with that id --- */
static void
find_in (const MathsBox *b, const char *id, double x, double y, double edge[4], gboolean *found)
{
  if (b->kind == BOX_ANCHOR && g_str_equal (b->id, id))
    {
      edge[0] = *found ? MIN (edge[0], x) : x;
      edge[1] = *found ? MIN (edge[1], y - b->asc) : y - b->asc;
      edge[2] = *found ? MAX (edge[2], x + b->w) : x + b->w;
      edge[3] = *found ? MAX (edge[3], y + b->desc) : y + b->desc;
      *found = TRUE;
    }
  for (guint i = 0; b->kids != NULL && i < b->kids->len; i++)
    {
      const MathsBox *kid = g_ptr_array_index (b->kids, i);

      find_in (kid, id, x + kid->x, y + kid->y, edge, found);
    }
}

gboolean
chain_maths_box_find (const ChainMathsBox *b, const char *anchor, ChainMathsRect *out)
{
  double edge[4] = { 0, 0, 0, 0 }, k = b->style.size;
  gboolean found = FALSE;

  find_in (b->root, anchor, 0, 0, edge, &found);
  if (found && out != NULL)
    *out = (ChainMathsRect) { edge[0] * k, edge[1] * k, (edge[2] - edge[0]) * k, (edge[3] - edge[1]) * k };
  return found;
}

static const char *
hit (const MathsBox *b, double x, double y)
{
  const char *id = NULL;

  for (guint i = 0; b->kids != NULL && i < b->kids->len; i++)
    {
      const MathsBox *kid = g_ptr_array_index (b->kids, i);
      const char *deeper = hit (kid, x - kid->x, y - kid->y);

      if (id == NULL)
        id = deeper;
    }
  if (id == NULL && b->kind == BOX_ANCHOR && x >= 0 && x <= b->w && y >= -b->asc && y <= b->desc)
    id = b->id;
  return id;
}

const char *
chain_maths_box_hit (const ChainMathsBox *b, double x, double y)
{
  return hit (b->root, x / b->style.size, y / b->style.size);
}

/* --- dump --- */
static int
hundredths (double v)
{
  return (int) lround (v * 100);
}

static void
dump (GString *s, const MathsBox *b, int depth, double x, double y)
{
  g_string_append_printf (s, "%*s%s %d %d  %d %d %d", 2 * depth, "", b->name, hundredths (x), hundredths (y), hundredths (b->w), hundredths (b->asc), hundredths (b->desc));
  if (b->kind == BOX_GLYPH)
    {
      char name[64];

      hb_font_glyph_to_string (b->font->hb, b->glyph, name, sizeof name);
      g_string_append_printf (s, "  %s", name);
    }
  if (b->id != NULL)
    g_string_append_printf (s, "  %s", b->id);
  if (b->ink != CHAIN_MATHS_PLAIN)
    g_string_append_printf (s, "  ink %d", (int) b->ink);
  g_string_append_c (s, '\n');
  for (guint i = 0; b->kids != NULL && i < b->kids->len; i++)
    {
      const MathsBox *kid = g_ptr_array_index (b->kids, i);

      dump (s, kid, depth + 1, x + kid->x, y + kid->y);
    }
}

char *
chain_maths_box_dump (const ChainMathsBox *b)
{
  GString *s = g_string_new (NULL);

  dump (s, b->root, 0, 0, 0);
  return g_string_free (s, FALSE);
}
