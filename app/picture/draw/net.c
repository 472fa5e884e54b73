/* SPDX-License-Identifier: Apache-2.0 */
/* The network: edges as S-curves (colour and width = weight), tiles filled with what each unit answers over the input plane, a bar under each
 * with its mean |∂L/∂a|. Everything that a weight, a gradient or a response is drawn from is in the snapshot; nothing here is an illustration.
 * Edge budgets are those of DESIGN 6.5: colours are mixed beforehand where alpha would cost more than the frame has. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/draw/draw.h"
#include "app/picture/draw/net-marks.h"
#include "app/picture/draw/paint.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/net.h"
#include "app/picture/number-text.h"
#include "engine/nn/health.h"

typedef struct
{
  cairo_t              *cr;
  ChainText             text;
  const ChainTheme     *t;
  const ChainSnapshot  *s;
  const ChainLayout    *l;
  const ChainNetLayout *n;
  ChainLut              lut;       /* activations, ±1 */
  int                   hover;     /* tile under the pointer or with the focus, -1 */
  guint8               *faint;     /* one a tile; NULL */
} Pen;

static const ChainTile *
tile_at (const Pen *p, guint i)
{
  return &g_array_index (p->n->tiles, ChainTile, i);
}

static const ChainNetColumn *
column_of (const Pen *p, const ChainTile *tile)
{
  return &g_array_index (p->n->columns, ChainNetColumn, tile->column);
}

static void
trace_edge (Pen *p, const ChainEdge *e)
{
  double c[4][2];

  chain_edge_curve (p->n, e, c);
  cairo_move_to (p->cr, c[0][0], c[0][1]);
  if (p->n->n_all_edges > CHAIN_EDGES_CURVED)
    cairo_line_to (p->cr, c[3][0], c[3][1]);
  else
    cairo_curve_to (p->cr, c[1][0], c[1][1], c[2][0], c[2][1], c[3][0], c[3][1]);
}

static double
edge_width (const Pen *p, float w)
{
  double thin = p->n->n_all_edges > CHAIN_EDGES_CURVED ? 0.55 : p->n->n_all_edges > CHAIN_EDGES_ALPHA ? 0.75 : 1;

  if (!isfinite (w))
    return 1.2 * p->t->scale;
  return (0.8 + 3.4 * fmin (fabs (w) / p->n->limit, 1.25)) * thin * p->t->scale;
}

static void
draw_edge (Pen *p, const ChainEdge *e)
{
  const ChainTheme *t = p->t;
  double share = isfinite (e->w) ? fmin (1, fabs (e->w) / p->n->limit) : 0.3, alpha = 0.36 + 0.56 * share;
  /* weak weights keep a little of their hue: on the canvas a neutral line would not be seen, nor its sign */
  double tint = isnan (e->w) ? 0 : e->w == 0 ? 0 : copysign (0.3 + 0.7 * share, e->w);
  ChainColour c = isnan (e->w) ? t->outline : chain_map_signed (CHAIN_MAP_VALUE, t->dark, tint);

  if (e->col == G_MAXUINT)
    c = chain_colour_mix (t->canvas, t->outline, 0.3 + 0.7 * share);
  if (t->high_contrast)
    alpha = 1;
  if (p->hover >= 0)
    alpha = e->to == (guint) p->hover ? 1 : 0.12;
  if (p->faint != NULL && (p->faint[e->from] || p->faint[e->to]))
    alpha = fmin (alpha, 0.08);
  trace_edge (p, e);
  cairo_set_line_width (p->cr, edge_width (p, e->w));
  if (p->n->n_all_edges > CHAIN_EDGES_ALPHA)
    {
      c = chain_colour_mix (t->canvas, c, alpha);
      alpha = 1;
    }
  chain_theme_source (p->cr, &c, alpha);
  cairo_stroke (p->cr);
}

static void
draw_sign (Pen *p, const ChainEdge *e)
{
  double c[4][2];

  chain_edge_curve (p->n, e, c);
  chain_text_halo (&p->text, CHAIN_TEXT_CHIP, "−", (c[0][0] + c[3][0]) / 2, (c[0][1] + c[3][1]) / 2, 0.5, 0.5, &p->t->fg, &p->t->canvas);
}

static void
draw_edges (Pen *p)
{
  for (guint i = 0; i < p->n->bands->len; i++)
    {
      const ChainBand *b = &g_array_index (p->n->bands, ChainBand, i);
      const ChainNetColumn *from = &g_array_index (p->n->columns, ChainNetColumn, b->from), *to = &g_array_index (p->n->columns, ChainNetColumn, b->to);
      const ChainTile *a0 = tile_at (p, from->first), *a1 = tile_at (p, from->first + from->n - 1), *b0 = tile_at (p, to->first), *b1 = tile_at (p, to->first + to->n - 1);

      cairo_move_to (p->cr, a0->x + a0->size, a0->y + a0->size / 2);
      cairo_line_to (p->cr, b0->x, b0->y + b0->size / 2);
      cairo_line_to (p->cr, b1->x, b1->y + b1->size / 2);
      cairo_line_to (p->cr, a1->x + a1->size, a1->y + a1->size / 2);
      cairo_close_path (p->cr);
      chain_theme_source (p->cr, &p->t->chip, 0.8);
      cairo_fill (p->cr);
    }
  cairo_set_line_cap (p->cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_tolerance (p->cr, 0.3);
  for (guint i = 0; i < p->n->edges->len; i++)
    draw_edge (p, &g_array_index (p->n->edges, ChainEdge, i));
  for (guint i = 0; p->t->high_contrast && p->n->n_all_edges <= CHAIN_EDGES_ALPHA && i < p->n->edges->len; i++)
    if (g_array_index (p->n->edges, ChainEdge, i).w < 0)
      draw_sign (p, &g_array_index (p->n->edges, ChainEdge, i));
  cairo_set_tolerance (p->cr, 0.1);
}

/* --- tiles --- */

static const float *
tile_field (const Pen *p, const ChainTile *tile, guint *res, ChainLut *lut)
{
  const ChainNetColumn *c = column_of (p, tile);
  const ChainSnapshot *s = p->s;
  gboolean last = c->layer + 1 == (int) s->spec->layers->len;

  if (s->axis_x == s->axis_y || chain_inputs_of (s) > MAX (2u, 12u))
    return NULL;
  if (last && s->output && s->out_width == c->width && s->out_res > 1 && chain_is_classify (s))
    {
      *res = s->out_res;
      chain_lut_init (lut, CHAIN_MAP_VALUE, p->t->dark, 0.125, 0.875, c->width == 1 ? 0 : -1, 1);
      return s->output + (gsize) tile->unit * s->out_res * s->out_res;
    }
  *res = s->res;
  if (s->res < 2)
    return NULL;
  if (c->layer < 0)
    {
      chain_lut_init (lut, CHAIN_MAP_VALUE, p->t->dark, 0.125, 0.875, MIN (s->x0, s->y0), MAX (s->x1, s->y1));
      if (lut->lo < 0 && lut->hi > 0)
        lut->lo = -(lut->hi = fmax (lut->hi, -lut->lo));
      return s->inputs ? s->inputs + (gsize) tile->unit * s->res * s->res : NULL;
    }
  if ((guint) c->layer < s->layers->len && ((const ChainSnapLayer *) g_ptr_array_index (s->layers, c->layer))->field)
    return ((const ChainSnapLayer *) g_ptr_array_index (s->layers, c->layer))->field + (gsize) tile->unit * s->res * s->res;
  return NULL;
}

/* A tile of a network with one input: the unit's response as a small curve. */
static gboolean
draw_line_tile (Pen *p, const ChainTile *tile)
{
  const ChainNetColumn *c = column_of (p, tile);
  const ChainSnapLayer *layer = c->layer >= 0 && (guint) c->layer < p->s->layers->len ? g_ptr_array_index (p->s->layers, c->layer) : NULL;
  const float *f = c->layer < 0 ? p->s->inputs : layer ? layer->field : NULL;
  guint res = p->s->res;
  double lo, hi, room = tile->size * 0.14;

  if (p->s->axis_x != p->s->axis_y || f == NULL || res < 2 || tile->size < 8)
    return FALSE;
  f += (gsize) tile->unit * res;
  if (!chain_extent (f, res, &lo, &hi))
    return FALSE;
  lo = fmin (lo, -1);
  hi = fmax (hi, 1);
  chain_paint_round (p->cr, tile->x, tile->y, tile->size, tile->size, tile->size / 6);
  chain_theme_source (p->cr, &p->t->card, 1);
  cairo_fill (p->cr);
  chain_theme_source (p->cr, &p->t->axis, 0.7);
  cairo_set_line_width (p->cr, p->t->scale);
  cairo_move_to (p->cr, tile->x + 2, tile->y + room + (tile->size - 2 * room) * hi / (hi - lo));
  cairo_rel_line_to (p->cr, tile->size - 4, 0);
  cairo_stroke (p->cr);
  for (guint i = 0; i < res; i++)
    cairo_line_to (p->cr, tile->x + 2 + (tile->size - 4) * i / (res - 1), tile->y + room + (tile->size - 2 * room) * (hi - f[i]) / (hi - lo));
  chain_theme_source (p->cr, &p->t->forward, 1);
  cairo_set_line_width (p->cr, fmin (2, tile->size / 16) * p->t->scale);
  cairo_set_line_join (p->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (p->cr);
  return TRUE;
}

/* Incoming weights as an image; of a stack: their mean over the units that read it. */
static gboolean
draw_weight_tile (Pen *p, const ChainTile *tile)
{
  const ChainNetColumn *c = column_of (p, tile);
  int layer = c->layer < 0 ? 0 : c->layer;
  const ChainSnapTensor *w = chain_net_weight (p->s, layer);
  gboolean image = chain_is_image (p->s) && layer == 0;
  guint nx, ny;
  g_autofree float *v = NULL;
  double lo, hi;
  ChainLut lut;

  if (w == NULL || w->value == NULL || w->cols < 2 || tile->kind == CHAIN_TILE_MORE || (c->layer < 0 && tile->kind != CHAIN_TILE_STACK) || tile->unit >= w->rows)
    return FALSE;
  nx = image ? p->s->data->image_width : (guint) ceil (sqrt (w->cols));
  ny = image ? p->s->data->image_height : (w->cols + nx - 1) / nx;
  v = g_new0 (float, (gsize) nx * ny);
  for (guint j = 0; j < w->cols && j < nx * ny; j++)
    if (tile->kind == CHAIN_TILE_STACK)
      for (guint r = 0; r < w->rows; r++)
        v[j] += fabsf (w->value[(gsize) r * w->cols + j]) / (float) w->rows;
    else
      v[j] = w->value[(gsize) tile->unit * w->cols + j];
  if (!chain_extent (v, (gsize) nx * ny, &lo, &hi))
    return FALSE;
  hi = fmax (fmax (fabs (lo), fabs (hi)), 1e-12);
  if (tile->kind == CHAIN_TILE_STACK)
    chain_lut_init (&lut, CHAIN_MAP_SLATE, p->t->dark, 0, 1, 0, hi);
  else
    chain_lut_init (&lut, CHAIN_MAP_VALUE, p->t->dark, 0, 1, -hi, hi);
  chain_paint_cells (p->cr, v, nx, ny, &lut, tile->x, tile->y, tile->size, tile->size, tile->size / 6);
  return TRUE;
}

static gboolean
tile_is_bad (const Pen *p, const ChainTile *tile)
{
  const ChainNetColumn *c = column_of (p, tile);
  const ChainSnapTensor *w = c->layer >= 0 ? chain_net_weight (p->s, c->layer) : NULL;

  if (w && w->value && tile->unit < w->rows && tile->kind == CHAIN_TILE_UNIT)
    for (guint j = 0; j < w->cols; j++)
      if (!isfinite (w->value[(gsize) tile->unit * w->cols + j]))
        return TRUE;
  return FALSE;
}

/* What the probe says of this unit over the last batch. Saturation is shown where the layer as a whole is: single units may well be. */
static guint
state_of (const Pen *p, const ChainTile *tile)
{
  const ChainNetColumn *c = column_of (p, tile);
  const ChainSnapLayer *l = c->layer >= 0 && (guint) c->layer < p->s->layers->len ? g_ptr_array_index (p->s->layers, c->layer) : NULL;

  if (l == NULL || l->unit_state == NULL || tile->kind != CHAIN_TILE_UNIT || tile->unit >= l->width)
    return 0;
  return l->unit_state[tile->unit] & (l->health | CHAIN_HEALTH_DEAD);
}

/* "=" between neighbours with the same incoming weights: they learn the same, whatever the data say. */
static void
draw_twins (Pen *p)
{
  double s = p->t->scale;

  for (guint i = 0; i + 1 < p->n->tiles->len; i++)
    {
      const ChainTile *a = tile_at (p, i), *b = tile_at (p, i + 1);
      double y = (a->y + a->size + b->y) / 2;

      if (a->column != b->column || a->size < 12 * s || !(state_of (p, a) & CHAIN_HEALTH_SYMMETRIC) || !(state_of (p, b) & CHAIN_HEALTH_SYMMETRIC))
        continue;
      chain_paint_round (p->cr, a->x + a->size / 2 - 8 * s, y - 6 * s, 16 * s, 12 * s, 4 * s);
      chain_theme_source (p->cr, &p->t->warning_bg, 1);
      cairo_fill (p->cr);
      chain_text_draw (&p->text, CHAIN_TEXT_CHIP, "=", a->x + a->size / 2, y, 0.5, 0.5, &p->t->warning);
    }
}

static void
mark_tile (Pen *p, const ChainTile *tile, gboolean bad, gboolean dead, gboolean saturated)
{
  double s = p->t->scale, r = tile->size / 6;

  cairo_save (p->cr);
  chain_paint_round (p->cr, tile->x, tile->y, tile->size, tile->size, r);
  cairo_clip (p->cr);
  if (dead || bad)
    {
      chain_theme_source (p->cr, dead ? &p->t->chip : &p->t->error_bg, 1);
      cairo_paint (p->cr);
      chain_theme_source (p->cr, dead ? &p->t->outline : &p->t->error, 0.9);
      cairo_set_line_width (p->cr, s);
      chain_paint_hatch (p->cr, tile->x, tile->y, tile->size, tile->size, 7 * s, dead);
    }
  if (saturated)
    {
      chain_theme_source (p->cr, &p->t->error, 1);
      cairo_rectangle (p->cr, tile->x, tile->y, 3.5 * s, tile->size);
      cairo_rectangle (p->cr, tile->x + tile->size - 3.5 * s, tile->y, 3.5 * s, tile->size);
      cairo_fill (p->cr);
    }
  cairo_restore (p->cr);
  if (tile->size >= 24 * s && (bad || dead))
    chain_text_halo (&p->text, CHAIN_TEXT_CHIP, bad ? "NaN" : "∅", tile->x + tile->size / 2, tile->y + tile->size / 2, 0.5, 0.5,
                     bad ? &p->t->error : &p->t->fg, bad ? &p->t->error_bg : &p->t->chip);
}

static void
draw_bar (Pen *p, const ChainTile *tile)
{
  const ChainNetColumn *c = column_of (p, tile);
  const ChainSnapLayer *l = c->layer >= 0 && (guint) c->layer < p->s->layers->len ? g_ptr_array_index (p->s->layers, c->layer) : NULL;
  double s = p->t->scale, h = (tile->size >= 30 * s ? 3.6 : 2.4) * s, y = tile->y + tile->size + (tile->size >= 30 * s ? 4.6 : 2) * s, share;
  gboolean last = c->layer + 1 == (int) p->s->spec->layers->len;

  if (l == NULL || l->adjoint == NULL || tile->size < 16 * s || last || chain_net_is_off (p->s, c, tile))
    return;
  share = p->n->adjoint_max > 0 && isfinite (l->adjoint[tile->unit]) ? l->adjoint[tile->unit] / p->n->adjoint_max : 0;
  chain_paint_round (p->cr, tile->x, y, tile->size, h, h / 2);
  chain_theme_source (p->cr, &p->t->grid, 1);
  cairo_fill (p->cr);
  if (share <= 0)
    return;
  chain_paint_round (p->cr, tile->x, y, fmax (1.5 * s, tile->size * fmin (share, 1)), h, h / 2);
  chain_theme_source (p->cr, &p->t->backward, 1);
  cairo_fill (p->cr);
}

static void
draw_more (Pen *p, const ChainTile *tile)
{
  g_autofree char *text = NULL;
  char count[CHAIN_NUMBER_TEXT_SIZE];
  const ChainNetColumn *c = column_of (p, tile);

  text = g_strdup_printf (c->layer == -2 ? _("+ %s layers") : _("+ %s more"), chain_number_text_count (count, tile->count));
  chain_text_halo (&p->text, CHAIN_TEXT_LABEL, text, tile->x + tile->size / 2, tile->y + tile->size / 2, 0.5, 0.5, &p->t->fg2, &p->t->canvas);
}

static void
draw_tile (Pen *p, guint i)
{
  const ChainTile *tile = tile_at (p, i);
  guint res = 0;
  ChainLut lut = p->lut;
  const float *field = tile->kind == CHAIN_TILE_UNIT ? tile_field (p, tile, &res, &lut) : NULL;
  gboolean bad = tile_is_bad (p, tile), dead = (state_of (p, tile) & CHAIN_HEALTH_DEAD) != 0;
  gboolean saturated = (state_of (p, tile) & CHAIN_HEALTH_SATURATED) != 0, image = chain_is_image (p->s);
  double r = tile->size / 6;

  if (tile->kind == CHAIN_TILE_MORE)
    {
      draw_more (p, tile);
      return;
    }
  if (field && !image)
    chain_paint_field (p->cr, field, res, res, &lut, tile->x, tile->y, tile->size, tile->size, r);
  else if (!draw_line_tile (p, tile) && !draw_weight_tile (p, tile))
    {
      chain_paint_round (p->cr, tile->x, tile->y, tile->size, tile->size, r);
      chain_theme_source (p->cr, &p->t->chip, 1);
      cairo_fill (p->cr);
    }
  if (chain_net_is_off (p->s, column_of (p, tile), tile))
    chain_net_draw_off (p->cr, &p->text, tile);
  else if (bad || dead || saturated)
    mark_tile (p, tile, bad, dead, saturated);
  if (tile->size >= 8)
    {
      chain_paint_round (p->cr, tile->x, tile->y, tile->size, tile->size, r);
      chain_theme_source (p->cr, &p->t->outline, 1);
      cairo_set_line_width (p->cr, (tile->size >= 24 ? 1.3 : 0.8) * p->t->scale);
      cairo_stroke (p->cr);
    }
  chain_draw_net_kind (p->cr, p->s, p->t, tile, column_of (p, tile)->layer);
  draw_bar (p, tile);
  if (p->faint != NULL && p->faint[i])
    chain_net_draw_veil (p->cr, p->t, tile);
}

/* --- words around the tiles --- */

/* Under the tile, but neither over the column before it nor over the edge of the picture. */
static double
output_x (Pen *p, const ChainTile *tile, const char *text)
{
  double half = chain_text_measure (&p->text, CHAIN_TEXT_MATHS, text, NULL) / 2, edge = p->l->width - 6 * p->t->scale, before = 0;

  if (tile->column > 0)
    {
      const ChainNetColumn *c = &g_array_index (p->n->columns, ChainNetColumn, tile->column - 1);

      before = c->cx + c->size / 2 + 8 * p->t->scale;
    }
  return fmin (fmax (tile->x + tile->size / 2, before + half), edge - half);
}

static void
draw_labels (Pen *p)
{
  const ChainTheme *t = p->t;
  double s = t->scale;

  for (guint i = 0; i < p->n->tiles->len; i++)
    {
      const ChainTile *tile = tile_at (p, i);
      const ChainNetColumn *c = column_of (p, tile);
      double y = tile->y + tile->size / 2, edge = tile->x + tile->size;
      gboolean maths, last = c->layer >= 0 && c->layer + 1 == (int) p->s->spec->layers->len;
      g_autofree char *name = NULL, *text = NULL;

      if (tile->kind == CHAIN_TILE_UNIT && c->layer == -1)
        {
          name = chain_name_input (p->s, tile->unit);
          text = chain_text_variable (name, &maths);
          chain_text_draw_cut (&p->text, maths ? CHAIN_TEXT_MATHS : CHAIN_TEXT_SMALL, text, tile->x - 9 * s, y, 1, 0.5, tile->x - 12 * s, &t->fg);
        }
      else if (tile->kind == CHAIN_TILE_STACK)
        {
          text = g_strdup_printf (_("%u inputs"), tile->count);
          chain_text_draw (&p->text, CHAIN_TEXT_LABEL, text, tile->x + tile->size / 2, edge - tile->x + tile->y + 14 * s, 0.5, 0.5, &t->fg2);
        }
      else if (last && c->width == 1)
        {
          text = chain_net_output (p->s);
          chain_text_draw (&p->text, CHAIN_TEXT_MATHS, text, output_x (p, tile, text), tile->y + tile->size + 15 * s, 0.5, 0.5, &t->fg);
        }
      else if (last && tile->kind == CHAIN_TILE_UNIT && c->pitch >= 11 * s && chain_is_classify (p->s))
        {
          name = chain_name_class (p->s, tile->unit);
          text = g_markup_escape_text (name, -1);
          chain_text_draw_cut (&p->text, CHAIN_TEXT_SMALL, text, edge + 8 * s, y, 0, 0.5, p->l->width - edge - 12 * s, &t->fg2);
        }
    }
}

static void
draw_legend (Pen *p)
{
  const ChainTheme *t = p->t;
  double s = t->scale, y = p->n->legend_y, x = 16 * s;
  char low[CHAIN_NUMBER_TEXT_SIZE], high[CHAIN_NUMBER_TEXT_SIZE];
  static const float ramp[2] = { -1, 1 };
  ChainLut lut;

  chain_lut_init (&lut, CHAIN_MAP_VALUE, t->dark, 0, 1, -1, 1);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, _("weight"), x, y, 0, 0.5, &t->fg2);
  x += chain_text_measure (&p->text, CHAIN_TEXT_SMALL, _("weight"), NULL) + 14 * s;
  chain_number_text_setting (high, p->n->limit);
  chain_number_text_setting (low, -p->n->limit);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, low, x, y, 0, 0.5, &t->fg2);
  x += chain_text_measure (&p->text, CHAIN_TEXT_SMALL, low, NULL) + 6 * s;
  chain_paint_field (p->cr, ramp, 2, 1, &lut, round (x), round (y - 4 * s), 78 * s, 8 * s, 0);
  x += 84 * s;
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, high, x, y, 0, 0.5, &t->fg2);
  x += chain_text_measure (&p->text, CHAIN_TEXT_SMALL, high, NULL) + 26 * s;
  if (p->n->adjoint_max > 0)
    {
      chain_paint_round (p->cr, x, y - 1.8 * s, 26 * s, 3.6 * s, 1.8 * s);
      chain_theme_source (p->cr, &t->backward, 1);
      cairo_fill (p->cr);
      x += 32 * s;
      chain_text_draw (&p->text, CHAIN_TEXT_SMALL, _("mean |∂L/∂a| of the unit"), x, y, 0, 0.5, &t->fg2);
      x += chain_text_measure (&p->text, CHAIN_TEXT_SMALL, _("mean |∂L/∂a| of the unit"), NULL);
    }
  if (p->n->cost)
    chain_text_draw_cut (&p->text, CHAIN_TEXT_SMALL, p->n->cost, p->l->width - 15 * s, y - 16 * s, 1, 0.5, p->l->width - 30 * s, &t->fg3);
  if (p->l->note && *p->l->note)
    chain_text_draw (&p->text, CHAIN_TEXT_SMALL, p->l->note, p->l->width - 15 * s, y, 1, 0.5, &t->fg3);
  else if (!t->draw_chips && p->l->width - x > 300 * s)
    chain_text_draw (&p->text, CHAIN_TEXT_SMALL, _("Scroll to zoom · drag to pan · double-click to edit"), p->l->width - 15 * s, y, 1, 0.5, &t->fg3);
}

static void
draw_chips (Pen *p)
{
  const ChainTheme *t = p->t;
  double s = t->scale;

  for (guint i = 0; i < p->n->columns->len; i++)
    {
      const ChainNetColumn *c = &g_array_index (p->n->columns, ChainNetColumn, i);
      double w = fmin (c->chip_w, chain_text_measure (&p->text, CHAIN_TEXT_LABEL, c->chip, NULL) + 24 * s);
      gboolean calm = c->badge && g_str_has_prefix (c->badge, "=");

      if (t->draw_chips && c->chip_w >= 30 * s)
        {
          chain_paint_round (p->cr, c->cx - w / 2, 17 * s, w, 28 * s, 14 * s);
          chain_theme_source (p->cr, &t->chip, 1);
          cairo_fill (p->cr);
          chain_text_draw_cut (&p->text, CHAIN_TEXT_LABEL, c->chip, c->cx, 31 * s, 0.5, 0.5, w - 12 * s, &t->fg);
          if (chain_net_is_frozen (p->s, c->layer))
            chain_draw_net_lock (p->cr, &t->fg, c->cx - w / 2 + 2 * s, 26 * s, 10 * s);
        }
      if (t->draw_chips && c->badge && c->chip_w >= 40 * s)
        {
          /* where columns stand close only the sign: "▽", "55 %" */
          g_autofree char *sign = c->chip_w < 72 * s ? g_strndup (c->badge, strcspn (c->badge, " ")) : NULL;

          chain_text_draw_cut (&p->text, CHAIN_TEXT_SMALL, sign != NULL ? sign : c->badge, c->cx, 60 * s, 0.5, 0.5, fmax (c->chip_w, 44 * s),
                               calm ? &t->fg2 : &t->error);
        }
    }
}

/* --- marks --- */

static void
ring (Pen *p, double x, double y, double w, double h, double r, const ChainColour *c)
{
  double s = p->t->scale;

  chain_paint_round (p->cr, x - 2 * s, y - 2 * s, w + 4 * s, h + 4 * s, r + 2 * s);
  chain_theme_source (p->cr, &p->t->canvas, 1);
  cairo_set_line_width (p->cr, 2 * s);
  cairo_stroke (p->cr);
  chain_paint_round (p->cr, x - 4 * s, y - 4 * s, w + 8 * s, h + 8 * s, r + 4 * s);
  chain_theme_source (p->cr, c, 1);
  cairo_stroke (p->cr);
}

static void
mark (Pen *p, const char *id, gboolean focus)
{
  const ChainElement *e = id ? chain_layout_find (p->l, id) : NULL;
  double s = p->t->scale;

  if (e == NULL || (strcmp (e->role, "layer") == 0 && !focus && !p->t->draw_chips))      /* the window's chips show it themselves */
    return;
  if (strcmp (e->role, "weight") == 0)
    {
      const ChainEdge *edge = &g_array_index (p->n->edges, ChainEdge, e->index);
      const ChainTile *ends[2] = { tile_at (p, edge->from), tile_at (p, edge->to) };
      ChainColour c = chain_map_signed (CHAIN_MAP_VALUE, p->t->dark, edge->w < 0 ? -0.85 : 0.85);      /* sign only: a weak weight must be seen too */

      trace_edge (p, edge);
      chain_theme_source (p->cr, &c, 0.28);
      cairo_set_line_width (p->cr, edge_width (p, edge->w) + 8 * s);
      cairo_stroke_preserve (p->cr);
      chain_theme_source (p->cr, &c, 1);
      cairo_set_line_width (p->cr, fmax (1.6 * s, edge_width (p, edge->w)));
      cairo_stroke (p->cr);
      for (int i = 0; i < 2; i++)
        ring (p, ends[i]->x, ends[i]->y, ends[i]->size, ends[i]->size, ends[i]->size / 6, focus ? &p->t->accent : &c);
    }
  else
    ring (p, e->x, e->y, e->w, e->h, strcmp (e->role, "unit") == 0 ? e->w / 6 : e->h / 2, focus ? &p->t->accent : &p->t->outline);
}

static void
draw_live (Pen *p, const ChainOverlay *o)
{
  chain_lut_init (&p->lut, CHAIN_MAP_VALUE, p->t->dark, 0.125, 0.875, -1, 1);
  p->hover = -1;
  p->faint = chain_net_faint (p->s, p->n, o);
  if (o && (o->hover || o->focus))
    {
      int layer;
      guint unit;

      if (chain_parse_unit (p->s, o->hover ? o->hover : o->focus, &layer, &unit) && layer >= 0)
        p->hover = chain_net_tile (p->n, layer, unit);
    }
  draw_edges (p);
  for (guint i = 0; i < p->n->tiles->len; i++)
    draw_tile (p, i);
  draw_twins (p);
  g_clear_pointer (&p->faint, g_free);
}

void
chain_draw_network (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const ChainOverlay *o)
{
  Pen p = { .cr = cr, .t = t, .s = s, .l = l, .n = l->data };

  chain_text_init (&p.text, cr, t);
  if (chain_paint_part (o, CHAIN_PART_BACK))
    {
      if (t->draw_background)
        {
          chain_theme_source (cr, &t->canvas, 1);
          cairo_rectangle (cr, 0, 0, l->width, l->height);
          cairo_fill (cr);
        }
      draw_legend (&p);
    }
  if (chain_paint_part (o, CHAIN_PART_LIVE))
    draw_live (&p, o);
  if (chain_paint_part (o, CHAIN_PART_FRONT))
    {
      draw_labels (&p);
      draw_chips (&p);
    }
  if (o && chain_paint_part (o, CHAIN_PART_OVERLAY))
    {
      mark (&p, o->selected, FALSE);
      mark (&p, o->hover, FALSE);
      mark (&p, o->focus, TRUE);
      chain_draw_net_card (cr, l, s, t, o->hover ? o->hover : o->selected);
    }
  chain_text_clear (&p.text);
}
