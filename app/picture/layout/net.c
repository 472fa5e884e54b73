/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of square tiles, as many as fit (DESIGN 3.1): tiles shrink with the number of units down to dots; beyond 32 units a layer shows its
 * first ones, a "+ 96 more" and its last; more than 12 inputs are one stack. What is not shown is said, never silently dropped. */
#include "config.h"

#include "app/picture/layout/net.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/layout/plot.h"
#include "app/picture/number-text.h"

#define MAX_UNITS 32
#define MAX_INPUTS 12
#define TOP 72.0         /* chips */
#define BOTTOM 46.0      /* legend, and what a step costs */

static void
net_free (gpointer data)
{
  ChainNetLayout *n = data;

  for (guint i = 0; i < n->columns->len; i++)
    {
      g_free (g_array_index (n->columns, ChainNetColumn, i).chip);
      g_free (g_array_index (n->columns, ChainNetColumn, i).badge);
    }
  g_free (n->cost);
  g_array_unref (n->columns);
  g_array_unref (n->tiles);
  g_array_unref (n->edges);
  g_array_unref (n->bands);
  g_free (n);
}

static guint
layer_width (const ChainSnapshot *s, int layer)
{
  if (layer < 0)
    return chain_inputs_of (s);
  if ((guint) layer < s->layers->len)
    return ((const ChainSnapLayer *) g_ptr_array_index (s->layers, layer))->width;
  return 0;
}

/* Inputs, layers, and where there are too many the first ones, a gap and the last. */
static void
make_columns (ChainNetLayout *n, const ChainSnapshot *s, double w, double scale)
{
  int layers = (int) s->spec->layers->len, room = (int) fmax (4, w / (54 * scale));

  for (int i = -1; i < layers; i++)
    {
      ChainNetColumn c = { .layer = i };

      if (layers + 1 > room && i == room - 3)
        {
          c.layer = -2;
          c.width = (guint) (layers - 1 - i);
          i = layers - 2;
        }
      else
        c.width = layer_width (s, i);
      c.chip = chain_net_chip (s, c.layer, c.width);
      c.badge = chain_net_badge (s, c.layer);
      g_array_append_val (n->columns, c);
    }
}

static double
widest_input (const ChainSnapshot *s, const ChainTheme *t)
{
  g_auto (ChainText) text;
  guint n = chain_inputs_of (s);
  double wide = 16 * t->scale;

  chain_text_init (&text, NULL, t);
  for (guint i = 0; i < n && n <= MAX_INPUTS; i++)
    {
      g_autofree char *raw = chain_name_input (s, i), *name = NULL;
      gboolean maths;

      name = chain_text_variable (raw, &maths);
      wide = fmax (wide, chain_text_measure (&text, maths ? CHAIN_TEXT_MATHS : CHAIN_TEXT_SMALL, name, NULL));
    }
  return fmin (wide, 104 * t->scale);
}

static void
place_columns (ChainNetLayout *n, const ChainSnapshot *s, const ChainTheme *t, double w, double tile)
{
  double sc = t->scale, left = widest_input (s, t) + 41 * sc + tile / 2, right = fmin (83 * sc, w * 0.2), pitch, at;
  guint count = n->columns->len;

  left = fmin (left, w * 0.3);
  pitch = count > 1 ? fmin ((w - left - right) / (count - 1), 320 * sc) : 0;
  at = (w - pitch * (count - 1) + left - right) / 2;
  at = count > 1 ? fmax (left, at) : w / 2;
  for (guint i = 0; i < count; i++)
    {
      ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, i);

      c->cx = at + pitch * i;
      c->chip_w = fmin ((c->layer == -1 || c->layer == -2 ? 64 : i + 1 == count ? 84 : 132) * sc, fmax (16 * sc, pitch - (pitch >= 90 * sc ? 30 : 8) * sc));
      c->chip_x = fmax (0, fmin (c->cx - c->chip_w / 2, w - c->chip_w));
    }
}

static void
add_tile (ChainNetLayout *n, guint column, ChainTileKind kind, guint unit, guint count, double y)
{
  ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, column);
  ChainTile tile = { kind, column, unit, count, round (c->cx - c->size / 2), round (y - c->size / 2), c->size };

  g_array_append_val (n->tiles, tile);
  c->n++;
}

static void
make_tiles (ChainNetLayout *n, guint column, double tile, double top, double bottom, double scale)
{
  ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, column);
  gboolean stack = c->layer == -1 && c->width > MAX_INPUTS, last = column + 1 == n->columns->len, gap = c->layer == -2;
  guint room = (guint) fmax (3, fmin (MAX_UNITS, (bottom - top) / (9 * scale))), slots = stack || gap ? 1 : MIN (c->width, room);
  gboolean cut = !stack && !gap && c->width > room;
  double middle = (top + bottom) / 2, want = last && c->width == 1 ? tile * 1.2 : tile, pitch;

  c->first = n->tiles->len;
  if (c->width == 0)
    return;
  pitch = fmin (tile + 39.5 * scale, (bottom - top) / slots);
  c->pitch = pitch;
  c->size = round (fmax (3, fmin (want, pitch - fmax (2, fmin (12 * scale, pitch * 0.28)))));
  if (column > 0 && n->columns->len > 1)
    c->size = fmin (c->size, fmax (3, round ((c->cx - g_array_index (n->columns, ChainNetColumn, column - 1).cx) * 0.55)));
  c->head = cut ? slots - 2 : slots;
  for (guint i = 0; i < slots; i++)
    {
      double y = middle + pitch * (i - (slots - 1) / 2.0) - (c->size > 18 * scale && slots > 8 ? 3 * scale : 0);

      if (stack)
        add_tile (n, column, CHAIN_TILE_STACK, 0, c->width, y);
      else if (gap)
        add_tile (n, column, CHAIN_TILE_MORE, 0, c->width, y);
      else if (cut && i == slots - 2)
        add_tile (n, column, CHAIN_TILE_MORE, i, c->width - slots + 1, y);
      else
        add_tile (n, column, CHAIN_TILE_UNIT, cut && i == slots - 1 ? c->width - 1 : i, 1, y);
    }
}

static const ChainNetColumn *
find_column (const ChainNetLayout *n, int layer)
{
  for (guint i = 0; i < n->columns->len; i++)
    if (g_array_index (n->columns, ChainNetColumn, i).layer == layer)
      return &g_array_index (n->columns, ChainNetColumn, i);
  return NULL;
}

static int
column_tile (const ChainNetLayout *n, const ChainNetColumn *c, guint unit)
{
  if (c->n == 0 || unit >= c->width)
    return -1;
  if (g_array_index (n->tiles, ChainTile, c->first).kind == CHAIN_TILE_STACK)
    return (int) c->first;
  if (unit < c->head)
    return (int) (c->first + unit);
  return unit + 1 == c->width && c->head < c->width ? (int) (c->first + c->n - 1) : -1;
}

int
chain_net_tile (const ChainNetLayout *n, int layer, guint unit)
{
  const ChainNetColumn *c = find_column (n, layer);

  return c ? column_tile (n, c, unit) : -1;
}

static void
stack_edges (ChainNetLayout *n, const ChainNetColumn *from, const ChainNetColumn *to, const ChainSnapTensor *w, guint offset)
{
  for (guint k = 0; k < to->n; k++)
    {
      const ChainTile *tile = &g_array_index (n->tiles, ChainTile, to->first + k);
      ChainEdge e = { from->first, to->first + k, 0, to->layer, tile->unit, G_MAXUINT };
      double sum = 0;

      if (tile->kind != CHAIN_TILE_UNIT || tile->unit >= w->rows)
        continue;
      for (guint j = 0; j < from->width && offset + j < w->cols; j++)
        sum += fabs (w->value[(gsize) tile->unit * w->cols + offset + j]);
      e.w = (float) (sum / from->width);
      g_array_append_val (n->edges, e);
    }
}

static void
weight_edges (ChainNetLayout *n, const ChainNetColumn *from, const ChainNetColumn *to, const ChainSnapTensor *w, guint offset)
{
  if (from->n > 0 && g_array_index (n->tiles, ChainTile, from->first).kind == CHAIN_TILE_STACK)
    {
      stack_edges (n, from, to, w, offset);
      return;
    }
  for (guint k = 0; k < to->n; k++)
    for (guint j = 0; j < from->n; j++)
      {
        const ChainTile *a = &g_array_index (n->tiles, ChainTile, from->first + j), *b = &g_array_index (n->tiles, ChainTile, to->first + k);
        ChainEdge e = { from->first + j, to->first + k, 0, to->layer, b->unit, offset + a->unit };

        if (a->kind != CHAIN_TILE_UNIT || b->kind != CHAIN_TILE_UNIT || b->unit >= w->rows || e.col >= w->cols)
          continue;
        e.w = w->value[(gsize) b->unit * w->cols + e.col];
        g_array_append_val (n->edges, e);
      }
}

/* Element-wise layers: unit to unit. */
static void
identity_edges (ChainNetLayout *n, const ChainNetColumn *from, const ChainNetColumn *to, guint offset)
{
  for (guint j = 0; j < from->n; j++)
    {
      const ChainTile *a = &g_array_index (n->tiles, ChainTile, from->first + j);
      int tile = a->kind == CHAIN_TILE_UNIT ? column_tile (n, to, offset + a->unit) : -1;
      ChainEdge e = { from->first + j, (guint) MAX (tile, 0), NAN, to->layer, 0, 0 };

      if (tile >= 0)
        g_array_append_val (n->edges, e);
    }
}

static void
make_edges (ChainNetLayout *n, const ChainSnapshot *s)
{
  for (guint i = 1; i < n->columns->len; i++)
    {
      const ChainNetColumn *to = &g_array_index (n->columns, ChainNetColumn, i);
      const ChainLayer *l = to->layer >= 0 ? g_ptr_array_index (s->spec->layers, to->layer) : NULL;
      const ChainSnapTensor *w = chain_net_weight (s, to->layer);
      guint offset = 0;

      for (guint k = 0; l && k < l->inputs->len; k++)
        {
          int source = chain_spec_layer_index (s->spec, g_ptr_array_index (l->inputs, k));
          const ChainNetColumn *from = find_column (n, source);

          if (from && from->layer != -2 && w && w->value)
            weight_edges (n, from, to, w, offset);
          else if (from && from->layer != -2)
            identity_edges (n, from, to, strcmp (l->type, "concat") == 0 ? offset : 0);
          offset += layer_width (s, source);
        }
    }
}

/* Weakest first, links without a weight before all; ties by place, so that the picture is the same every time. */
static int
compare_edges (gconstpointer a, gconstpointer b)
{
  const ChainEdge *x = a, *y = b;
  float u = isnan (x->w) ? -1 : fabsf (x->w), v = isnan (y->w) ? -1 : fabsf (y->w);

  if (u != v)
    return u < v ? -1 : 1;
  if (x->to != y->to)
    return x->to < y->to ? -1 : 1;
  return x->from < y->from ? -1 : x->from > y->from;
}

/* The means of a stack are no rivals of single weights: they stay, or the inputs would hang in the air. */
static void
drop_weakest (ChainNetLayout *n)
{
  guint drop = n->edges->len - CHAIN_EDGES_STRONGEST, kept = 0;

  for (guint i = 0; i < n->edges->len; i++)
    {
      const ChainEdge *e = &g_array_index (n->edges, ChainEdge, i);

      if (drop > 0 && e->col != G_MAXUINT)
        drop--;
      else
        g_array_index (n->edges, ChainEdge, kept++) = *e;
    }
  g_array_set_size (n->edges, kept);
}

static void
thin_edges (ChainNetLayout *n)
{
  n->n_all_edges = n->edges->len;
  g_array_sort (n->edges, compare_edges);
  n->limit = 1;
  if (n->edges->len > 0)
    {
      float top = fabsf (g_array_index (n->edges, ChainEdge, (guint) ((n->edges->len - 1) * 0.99)).w);

      if (isfinite (top) && top > 0)
        n->limit = chain_range_end (top);
    }
  if (n->n_all_edges <= CHAIN_EDGES_ALL)
    return;
  for (guint c = 1; c < n->columns->len; c++)
    {
      ChainBand band = { c - 1, c, 0 };
      double sum = 0;
      guint count = 0, links = 0;

      for (guint i = 0; i < n->edges->len; i++)
        {
          const ChainEdge *e = &g_array_index (n->edges, ChainEdge, i);

          links += isnan (e->w) && g_array_index (n->tiles, ChainTile, e->to).column == c && g_array_index (n->tiles, ChainTile, e->from).column == c - 1;
          if (g_array_index (n->tiles, ChainTile, e->to).column == c && g_array_index (n->tiles, ChainTile, e->from).column == c - 1 && isfinite (e->w))
            {
              sum += e->w;
              count++;
            }
        }
      band.mean = count ? (float) (sum / count) : 0;
      if (count > CHAIN_EDGES_ALPHA || links > 0)      /* links without a weight go first: the band says that there are some */
        g_array_append_val (n->bands, band);
    }
  drop_weakest (n);
}

static void
find_adjoints (ChainNetLayout *n, const ChainSnapshot *s)
{
  double lo, hi;

  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainSnapLayer *l = g_ptr_array_index (s->layers, i);

      if (l->adjoint && chain_extent (l->adjoint, l->width, &lo, &hi))
        n->adjoint_max = fmax (n->adjoint_max, hi);
    }
}

/* How far the middle of a link that skips columns is bent: into the nearest gap between the tiles of the column half way, so that it does not
 * seem to enter a unit it has nothing to do with. */
static double
bend_around (const ChainNetLayout *n, guint from, guint to, double y)
{
  const ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, (from + to) / 2);
  double best = 0, nearest = 1e9;

  for (guint i = 0; i <= c->n && c->n > 0; i++)
    {
      const ChainTile *tile = &g_array_index (n->tiles, ChainTile, c->first + MIN (i, c->n - 1));
      double gap = (c->pitch - tile->size) / 2, at = i < c->n ? tile->y - gap : tile->y + tile->size + gap;

      if (fabs (at - y) < nearest - 1)          /* of two as near the upper one */
        {
          nearest = fabs (at - y);
          best = at - y;
        }
    }
  return best;
}

void
chain_edge_curve (const ChainNetLayout *n, const ChainEdge *e, double p[4][2])
{
  const ChainTile *a = &g_array_index (n->tiles, ChainTile, e->from), *b = &g_array_index (n->tiles, ChainTile, e->to);
  double gap = fmin (4, a->size * 0.1), x0 = a->x + a->size + gap, x1 = b->x - fmin (4, b->size * 0.1), y0 = a->y + a->size / 2, y1 = b->y + b->size / 2;
  double mid = (x0 + x1) / 2, lean = fmin (14, (x1 - x0) / 8), bend;

  p[0][0] = x0;
  p[0][1] = y0;
  p[1][0] = mid + lean;
  p[1][1] = y0;
  p[2][0] = mid - lean;
  p[2][1] = y1;
  p[3][0] = x1;
  p[3][1] = y1;
  if (b->column < a->column + 2)
    return;
  /* a cubic is at (p0 + 3 p1 + 3 p2 + p3) / 8 in its middle: both inner points move by 4/3 of the bend, and lie further out */
  bend = bend_around (n, a->column, b->column, (y0 + y1) / 2) * 4 / 3;
  p[1][0] = x0 + (x1 - x0) * 0.28;
  p[1][1] = (y0 + (y0 + y1) / 2) / 2 + bend + (y1 - y0) * 0.05;
  p[2][0] = x1 - (x1 - x0) * 0.28;
  p[2][1] = (y1 + (y0 + y1) / 2) / 2 + bend - (y1 - y0) * 0.05;
}

static void
add_weights (ChainLayout *l, const ChainNetLayout *n, const ChainSnapshot *s, int layer)
{
  for (guint i = 0; i < n->edges->len; i++)
    {
      const ChainEdge *e = &g_array_index (n->edges, ChainEdge, i);
      double p[4][2], top, bottom;

      if (e->layer != layer || isnan (e->w) || e->col == G_MAXUINT)
        continue;
      chain_edge_curve (n, e, p);
      top = fmin (fmin (p[0][1], p[3][1]), fmin (p[1][1], p[2][1])) - 3;
      bottom = fmax (fmax (p[0][1], p[3][1]), fmax (p[1][1], p[2][1])) + 3;
      chain_layout_add (l, g_strdup_printf ("weight:%s:%u:%u", ((const ChainLayer *) g_ptr_array_index (s->spec->layers, layer))->id, e->row, e->col), "weight",
                        p[0][0], top, p[3][0] - p[0][0], bottom - top, chain_net_weight_label (s, n, e))->index = i;
    }
}

static void
add_elements (ChainLayout *l, const ChainNetLayout *n, const ChainSnapshot *s, double sc)
{
  for (guint i = 0; i < n->columns->len; i++)
    {
      const ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, i), *next = i + 1 < n->columns->len ? c + 1 : NULL;
      const char *id = c->layer == -1 ? "x" : c->layer < 0 ? "…" : ((const ChainLayer *) g_ptr_array_index (s->spec->layers, c->layer))->id;
      double between = next ? (c->chip_x + c->chip_w + next->chip_x) / 2 : 0;

      chain_layout_add (l, g_strdup_printf ("layer:%s", id), "layer", c->chip_x, 17 * sc, c->chip_w, 28 * sc,
                        c->badge ? g_strdup_printf ("%s, %s", c->chip, c->badge) : g_strdup (c->chip))->is_static = TRUE;
      if (c->layer >= 0)
        chain_layout_add (l, g_strdup_printf ("badge:%s", id), "badge", c->chip_x, 51 * sc, c->chip_w, 18 * sc, g_strdup (c->badge ? c->badge : c->chip))->is_static = TRUE;
      for (guint k = 0; k < c->n; k++)
        {
          const ChainTile *tile = &g_array_index (n->tiles, ChainTile, c->first + k);
          char *name = tile->kind == CHAIN_TILE_UNIT ? g_strdup_printf ("unit:%s:%u", id, tile->unit)
                                                     : g_strdup_printf (tile->kind == CHAIN_TILE_MORE ? "more:%s" : "stack:%s", id);

          chain_layout_add (l, name, tile->kind == CHAIN_TILE_UNIT ? "unit" : "group", tile->x, tile->y, tile->size, tile->size, chain_net_unit_label (s, n, tile));
        }
      if (c->layer >= 0)
        add_weights (l, n, s, c->layer);
      else if (c->layer == -1 && c->n > 0 && c->width <= MAX_INPUTS && !chain_is_image (s))
        {
          const ChainTile *lowest = &g_array_index (n->tiles, ChainTile, c->first + c->n - 1);

          chain_layout_add (l, g_strdup ("features:x"), "features", c->cx - 16 * sc, lowest->y + lowest->size + 10 * sc, 32 * sc, 24 * sc,
                            g_strdup (_("Computed inputs")))->is_static = TRUE;
        }
      if (next && c->layer != -2 && next->layer != -2 && next->chip_x - c->chip_x - c->chip_w >= 22 * sc)
        chain_layout_add (l, g_strdup_printf ("add:%s", id), "add", between - 10 * sc, 21 * sc, 20 * sc, 20 * sc, g_strdup (_("Add a layer here")))->is_static = TRUE;
    }
}

static char *
describe (const ChainNetLayout *n, const ChainSnapshot *s)
{
  GString *d = g_string_new (_("Network"));
  guint64 weights = 0;
  char count[CHAIN_NUMBER_TEXT_SIZE];

  g_string_append_printf (d, " %u", chain_inputs_of (s));
  for (guint i = 0; i < s->layers->len && i < 12; i++)
    g_string_append_printf (d, "-%u", ((const ChainSnapLayer *) g_ptr_array_index (s->layers, i))->width);
  for (guint i = 0; i < s->tensors->len; i++)
    weights += (guint64) ((const ChainSnapTensor *) g_ptr_array_index (s->tensors, i))->rows * ((const ChainSnapTensor *) g_ptr_array_index (s->tensors, i))->cols;
  g_string_append_printf (d, _(", %s parameters"), chain_number_text_count (count, weights));
  if (n->edges->len < n->n_all_edges)
    g_string_append_printf (d, _(", the strongest %u of %u weights drawn"), n->edges->len, n->n_all_edges);
  return g_string_free (d, FALSE);
}

/* The words beside the tiles are still parts as the chips are: inputs, classes, what the output is. */
static void
hash_words (ChainLayout *l, const ChainNetLayout *n, const ChainSnapshot *s)
{
  g_autofree char *output = chain_net_output (s);

  chain_layout_hash (l, output, strlen (output));
  for (guint i = 0; i < n->tiles->len; i++)
    {
      const ChainTile *tile = &g_array_index (n->tiles, ChainTile, i);
      int layer = g_array_index (n->columns, ChainNetColumn, tile->column).layer;
      g_autofree char *name = NULL;

      if (tile->kind == CHAIN_TILE_UNIT && layer == -1)
        name = chain_name_input (s, tile->unit);
      else if (tile->kind == CHAIN_TILE_UNIT && layer + 1 == (int) s->spec->layers->len && chain_is_classify (s))
        name = chain_name_class (s, tile->unit);
      if (name)
        chain_layout_hash (l, name, strlen (name));
    }
}

ChainLayout *
chain_layout_network (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Network"));
  ChainNetLayout *n = g_new0 (ChainNetLayout, 1);
  double sc = t->scale, tile = round ((w >= 1100 * sc ? 58 : w >= 640 * sc ? 48 : 40) * sc);

  n->columns = g_array_new (FALSE, TRUE, sizeof (ChainNetColumn));
  n->tiles = g_array_new (FALSE, TRUE, sizeof (ChainTile));
  n->edges = g_array_new (FALSE, TRUE, sizeof (ChainEdge));
  n->bands = g_array_new (FALSE, TRUE, sizeof (ChainBand));
  l->data = n;
  l->free_data = net_free;
  n->legend_y = h - 16 * sc;
  make_columns (n, s, w, sc);
  place_columns (n, s, t, w, tile);
  for (guint i = 0; i < n->columns->len; i++)
    make_tiles (n, i, tile, TOP * sc, fmax (TOP * sc + 30, h - BOTTOM * sc), sc);
  make_edges (n, s);
  thin_edges (n);
  find_adjoints (n, s);
  add_elements (l, n, s, sc);
  n->cost = chain_net_cost (s);
  l->description = describe (n, s);
  l->note = n->edges->len < n->n_all_edges ? g_strdup_printf (_("strongest %u of %u weights"), n->edges->len, n->n_all_edges) : g_strdup ("");
  chain_layout_hash_theme (l, t);
  chain_layout_hash (l, &n->limit, sizeof n->limit);
  chain_layout_hash (l, n->adjoint_max > 0 ? "a" : "-", 1);
  for (guint i = 0; i < n->columns->len; i++)
    {
      const ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, i);

      chain_layout_hash (l, &c->cx, sizeof c->cx);
      chain_layout_hash (l, &c->n, sizeof c->n);
      if (c->badge && t->draw_chips)
        chain_layout_hash (l, c->badge, strlen (c->badge));
      chain_layout_hash (l, c->chip, strlen (c->chip));
      chain_layout_hash (l, chain_net_is_frozen (s, c->layer) ? "f" : "-", 1);
    }
  if (n->cost)
    chain_layout_hash (l, n->cost, strlen (n->cost));
  hash_words (l, n, s);
  return l;
}

/* Distance of a point to the curve, by 24 chords. */
static double
distance (double p[4][2], double x, double y)
{
  double best = 1e9, ax = p[0][0], ay = p[0][1];

  for (int i = 1; i <= 24; i++)
    {
      double u = i / 24.0, v = 1 - u, c[4] = { v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u }, bx = 0, by = 0, k, dx, dy;

      for (int j = 0; j < 4; j++)
        {
          bx += c[j] * p[j][0];
          by += c[j] * p[j][1];
        }
      dx = bx - ax;
      dy = by - ay;
      k = dx * dx + dy * dy > 0 ? CLAMP (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1) : 0;
      best = fmin (best, hypot (x - ax - k * dx, y - ay - k * dy));
      ax = bx;
      ay = by;
    }
  return best;
}

/* Tiles and chips first, then the nearest edge within 6 px. */
const ChainElement *
chain_layout_network_hit (const ChainLayout *l, double x, double y)
{
  const ChainNetLayout *n = l->data;
  const ChainElement *best = NULL;
  double nearest = 6;

  for (guint i = 0; i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);
      ChainEdge edge = { 0 };
      double p[4][2], d;

      if (x < e->x - 6 || x > e->x + e->w + 6 || y < e->y - 6 || y > e->y + e->h + 6)
        continue;
      if (strcmp (e->role, "weight") != 0)
        {
          if (x >= e->x && x <= e->x + e->w && y >= e->y && y <= e->y + e->h)
            return e;
          continue;
        }
      edge = g_array_index (n->edges, ChainEdge, e->index);
      chain_edge_curve (n, &edge, p);
      d = distance (p, x, y);
      if (d <= nearest)
        {
          nearest = d;
          best = e;
        }
    }
  return best;
}
