/* SPDX-License-Identifier: Apache-2.0 */
/* What is not a round symbol: tags of parameters (thick left bar; name and value, ∂ and gradient), tags of constants and targets (dashed, no bar),
 * and boxes of matrices with a map of the values over a map of the adjoints, each with its own colours (DESIGN 4.4, 4.7). */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/graph/pen.h"
#include "app/picture/number-text.h"

#define MAP_MOST 48u      /* cells a side of a mini map */

static ChainMathsStyle
maths_style (const ChainGraphPen *p, double size, const ChainColour *c)
{
  ChainMathsStyle style = { .size = size };
  const ChainColour *ink[CHAIN_MATHS_N_INKS] = { c, &p->t->forward, &p->t->backward, &p->t->update, &p->t->fg3, c };

  for (guint i = 0; i < CHAIN_MATHS_N_INKS; i++)
    {
      style.ink[i].r = ink[i]->r;
      style.ink[i].g = ink[i]->g;
      style.ink[i].b = ink[i]->b;
      style.ink[i].a = 1;
    }
  return style;
}

void
chain_graph_maths_size (ChainGraphPen *p, ChainMaths *m, double size, double *w, double *ascent, double *descent)
{
  ChainMathsStyle style = maths_style (p, size, &p->t->fg);
  g_autoptr (ChainMathsBox) box = chain_maths_layout (m, &style);

  chain_maths_box_size (box, w, ascent, descent);
}

double
chain_graph_paint_maths (ChainGraphPen *p, ChainMaths *m, double size, double x, double y, double ax, const ChainColour *c)
{
  ChainMathsStyle style = maths_style (p, size, c);
  g_autoptr (ChainMathsBox) box = chain_maths_layout (m, &style);
  double w, up, down;

  chain_maths_box_size (box, &w, &up, &down);
  chain_maths_box_draw (p->cr, box, x - ax * w, y);
  return w;
}

/* --- maps --- */

static double
block_mean (const double *v, gint64 cols, gint64 r0, gint64 r1, gint64 c0, gint64 c1)
{
  double sum = 0;

  for (gint64 r = r0; r < r1; r++)
    for (gint64 c = c0; c < c1; c++)
      sum += v[r * cols + c];
  return sum / (double) MAX ((r1 - r0) * (c1 - c0), 1);
}

void
chain_graph_paint_map (ChainGraphPen *p, const ChainCell *c, gboolean adjoint, double x, double y, double w, double h)
{
  const ChainTrace *t = p->v->trace;
  ChainId node = adjoint ? t->adjoint[c->node] : c->node;
  const double *v = node != CHAIN_NONE && node <= t->n_nodes ? t->value[node] : NULL;
  gint64 rows, cols, r0, c0;
  guint nx, ny;
  double most = 0;
  g_autofree float *f = NULL;
  ChainLut lut;

  if (v == NULL)
    return;
  chain_trace_shape (t, node, &rows, &cols);
  if (rows < 1 || cols < 1)
    return;
  r0 = MAX (c->row, 0);
  c0 = MAX (c->col, 0);
  ny = (guint) CLAMP (c->row >= 0 ? 1 : rows, 1, MAP_MOST);
  nx = (guint) CLAMP (c->col >= 0 ? 1 : cols, 1, MAP_MOST);
  f = g_new (float, (gsize) nx * ny);
  for (guint i = 0; i < ny; i++)
    for (guint j = 0; j < nx; j++)
      {
        gint64 a = c->row >= 0 ? r0 : (gint64) i * rows / ny, b = c->col >= 0 ? c0 : (gint64) j * cols / nx;
        double mean = block_mean (v, cols, a, MIN (c->row >= 0 ? a + 1 : MAX ((gint64) (i + 1) * rows / ny, a + 1), rows), b,
                                  MIN (c->col >= 0 ? b + 1 : MAX ((gint64) (j + 1) * cols / nx, b + 1), cols));

        f[i * nx + j] = (float) mean;
        if (isfinite (mean))
          most = MAX (most, fabs (mean));
      }
  most = MAX (most, 1e-300);
  for (guint i = 0; i < nx * ny; i++)
    f[i] = (float) ((double) f[i] / most);
  chain_lut_init (&lut, adjoint ? CHAIN_MAP_ADJOINT : CHAIN_MAP_VALUE, p->t->dark, 0, 1, -1, 1);
  chain_paint_cells (p->cr, f, nx, ny, &lut, x, y, w, h, 2);
}

static void
paint_maps (ChainGraphPen *p, const ChainCell *c, const ChainGraphMoment *m, double x, double y, double w, double h)
{
  gboolean back = p->v->adjoints && c->adjoint_at != G_MAXUINT && m->position >= c->adjoint_at;

  if (m->position < c->value_at)
    return;
  if (p->v->values)
    chain_graph_paint_map (p, c, FALSE, x, y, w, back ? h / 2 - 1 : h);
  if (back)
    chain_graph_paint_map (p, c, TRUE, x, p->v->values ? y + h / 2 + 1 : y, w, p->v->values ? h / 2 - 1 : h);
}

/* --- boxes --- */

/* As wide as the room at most; how wide. */
static double
tag_name (ChainGraphPen *p, ChainMaths *name, double size, double x, double y, double room)
{
  double w, up, down;

  chain_graph_maths_size (p, name, size, &w, &up, &down);
  cairo_save (p->cr);
  cairo_translate (p->cr, x, y);
  if (w > room)
    cairo_scale (p->cr, room / w, room / w);
  chain_graph_paint_maths (p, name, size, 0, 0, 0, &p->t->fg);
  cairo_restore (p->cr);
  return MIN (w, room);
}

void
chain_graph_paint_box (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  double x = g->x - g->hw + 7, w = 2 * g->hw - 14, y = g->y - g->hh, name;
  g_autofree char *shape = NULL;

  paint_maps (p, c, m, x, y + 20, w, 2 * g->hh - 38);
  if (p->px < CHAIN_GRAPH_READABLE)
    return;
  shape = chain_graph_shape_text (p->v, c);
  name = tag_name (p, c->name, 14, x, y + 15, w * 0.6);
  chain_text_draw_cut (&p->text, CHAIN_TEXT_LABEL_BOLD, c->symbol != NULL ? c->symbol : "", x + w, y + 11, 1, 0.5, w - name - 4, &p->t->fg);
  chain_text_draw (&p->text, CHAIN_TEXT_AXIS, shape, g->x, g->y + g->hh - 9, 0.5, 0.5, &p->t->fg2);
}

/* --- tags --- */

static void
tag_frame (ChainGraphPen *p, const ChainGraphCell *g, gboolean given, gboolean marked)
{
  static const double dash[] = { 3, 2.5 };
  const ChainColour *c = marked ? chain_graph_phase_colour (p) : &p->t->outline;
  double x = g->x - g->hw, y = g->y - g->hh;

  chain_paint_round (p->cr, x, y, 2 * g->hw, 2 * g->hh, 4);
  chain_theme_source (p->cr, &p->t->card, 1);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, marked ? 2.4 : 1.3);
  if (given)
    cairo_set_dash (p->cr, dash, 2, 0);
  chain_theme_source (p->cr, c, 1);
  cairo_stroke (p->cr);
  cairo_set_dash (p->cr, NULL, 0, 0);
  if (given)
    return;
  cairo_save (p->cr);
  chain_paint_round (p->cr, x, y, 2 * g->hw, 2 * g->hh, 4);
  cairo_clip (p->cr);
  cairo_rectangle (p->cr, x, y, 5, 2 * g->hh);
  chain_theme_source (p->cr, c, 1);
  cairo_fill (p->cr);
  cairo_restore (p->cr);
}

/* Number at the right end, as far as the room goes. */
static void
tag_number (ChainGraphPen *p, double value, double x, double y, double room, const ChainColour *c)
{
  char n[CHAIN_NUMBER_TEXT_SIZE];
  double w;

  chain_number_text (n, value, p->t->digits);
  w = chain_text_measure (&p->text, CHAIN_TEXT_SMALL, n, NULL);
  cairo_save (p->cr);
  cairo_translate (p->cr, x, y);
  if (w > room)
    cairo_scale (p->cr, room / w, room / w);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, n, 0, 0, 1, 0.5, c);
  cairo_restore (p->cr);
}

static const char *
given_word (const ChainCell *c)
{
  return c->kind == CHAIN_CELL_TARGET ? _("target") : c->kind == CHAIN_CELL_STATE ? _("memory") : _("constant");
}

static void
tag_gradient (ChainGraphPen *p, guint cell, const ChainGraphMoment *m, double x0, double x1, double y)
{
  double to = chain_cell_adjoint (p->v->trace, p->v->diagram, cell, m->position);

  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, "∂", x0, y, 0, 0.5, &p->t->fg3);
  if (m->receives && m->position > 0 && m->fade < 0.5)
    to = chain_cell_adjoint (p->v->trace, p->v->diagram, cell, m->position - 1);
  if (isnan (to))
    chain_text_draw (&p->text, CHAIN_TEXT_SMALL, "—", x1, y, 1, 0.5, &p->t->fg3);
  else
    tag_number (p, to, x1, y, x1 - x0 - 14, &p->t->backward);
}

/* Name and numbers in one line, of a weight in a row of products. */
static void
paint_slim_tag (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  double x0 = g->x - g->hw + 9, x1 = g->x + g->hw - 4, mid = g->x + 8;

  if (p->px < CHAIN_GRAPH_READABLE)
    return;
  tag_name (p, c->name, 12, x0, g->y + 4, 26);
  if (p->v->values && m->position >= c->value_at)
    tag_number (p, chain_cell_value (p->v->trace, c), mid, g->y, 38, &p->t->forward);
  if (p->v->adjoints && c->adjoint_at != G_MAXUINT)
    tag_gradient (p, cell, m, mid + 5, x1, g->y);
}

/* The weights of a unit beside it: name and map of the values, ∂ and map of the adjoints. */
static void
paint_side_tag (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  double x0 = g->x - g->hw + 9, x1 = g->x + g->hw - 6, at = x0 + 28, y = g->y - g->hh + 5;
  gboolean back = p->v->adjoints && c->adjoint_at != G_MAXUINT;

  if (p->v->values && m->position >= c->value_at)
    chain_graph_paint_map (p, c, FALSE, at, y, x1 - at, 14);
  if (back && m->position >= c->adjoint_at)
    chain_graph_paint_map (p, c, TRUE, at, y + 18, x1 - at, 14);
  if (p->px < CHAIN_GRAPH_READABLE)
    return;
  tag_name (p, c->name, 14, x0, y + 11, 26);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, c->adjoint_at == G_MAXUINT ? _("fixed") : "∂", x0, y + 25, 0, 0.5, &p->t->fg3);
  if (back && m->position < c->adjoint_at)
    chain_text_draw (&p->text, CHAIN_TEXT_SMALL, "—", x1, y + 25, 1, 0.5, &p->t->fg3);
}

void
chain_graph_paint_tag (ChainGraphPen *p, guint cell, const ChainGraphMoment *m)
{
  const ChainCell *c = chain_graph_cell (p->v, cell);
  const ChainGraphCell *g = &p->g->cell[cell];
  gboolean given = c->kind == CHAIN_CELL_TARGET || c->kind == CHAIN_CELL_CONSTANT, matrix = chain_graph_is_matrix (c);
  double x0 = g->x - g->hw + (given ? 7 : 10), x1 = g->x + g->hw - 6, y0 = g->y - g->hh + 12, y1 = g->y - g->hh + 31, name;
  g_autofree char *norm = NULL;

  tag_frame (p, g, given, m->current || m->receives);
  if (g->stand == CHAIN_STAND_ROW || (matrix && g->stand == CHAIN_STAND_SIDE))
    {
      (g->stand == CHAIN_STAND_ROW ? paint_slim_tag : paint_side_tag) (p, cell, m);
      return;
    }
  if (matrix)
    paint_maps (p, c, m, x0, g->y - g->hh + 22, x1 - x0, 2 * g->hh - 38);
  if (p->px < CHAIN_GRAPH_READABLE)
    return;
  name = tag_name (p, c->name, 15, x0, y0 + 4.5, c->kind == CHAIN_CELL_CONSTANT ? x1 - x0 : 32);
  if (matrix)
    {
      g_autofree char *shape = chain_graph_shape_text (p->v, c);
      char n[CHAIN_NUMBER_TEXT_SIZE];

      chain_text_draw_cut (&p->text, CHAIN_TEXT_AXIS, shape, x1, y0, 1, 0.5, x1 - x0 - name - 3, &p->t->fg2);
      if (!p->v->values || m->position < c->value_at)
        return;
      chain_number_text (n, chain_cell_value (p->v->trace, c), p->t->digits);
      norm = g_strdup_printf ("‖·‖ %s", n);
      chain_text_draw (&p->text, CHAIN_TEXT_AXIS, norm, x1, g->y + g->hh - 9, 1, 0.5, &p->t->forward);
      return;
    }
  if (p->v->values && m->position >= c->value_at && c->kind != CHAIN_CELL_CONSTANT)
    tag_number (p, chain_cell_value (p->v->trace, c), x1, y0, x1 - x0 - name - 4, &p->t->forward);
  if (given || c->adjoint_at == G_MAXUINT)
    chain_text_draw (&p->text, CHAIN_TEXT_SMALL, c->kind == CHAIN_CELL_PARAM ? _("fixed") : given_word (c), g->x, y1, 0.5, 0.5, &p->t->fg2);
  else if (p->v->adjoints)
    tag_gradient (p, cell, m, x0, x1, y1);
}
