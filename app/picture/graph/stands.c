/* SPDX-License-Identifier: Apache-2.0 */
/* How a cell stands with its tags and chips. In a low graph tags stand over their operation and chips hang below it, as DESIGN 4.7 has it. In a high
 * one that would take five times the height of the symbol, and everything would be drawn too small to be read: there tags stand at the left, where
 * the wires arrive, weights on the axis and a bias below them, so that a unit is no higher than a symbol with its two chips. A product that goes into
 * a sum of many is a line: weight, symbol, value, adjoint. */
#include "app/picture/graph/graph.h"

#include <math.h>
#include <string.h>

#define ROOMY 640.0        /* px: what a window of 1280 x 800 has for a rank */
#define CHIPS 48.0
#define SLOT 46.0          /* of tags under each other */
#define GUTTER 10.0        /* between a tag and its symbol */
#define SIDE_H 42.0
#define ROW_R 10.0
#define ROW_TAG_W 118.0
#define ROW_TAG_H 20.0
#define ROW_CHIP 54.0
#define MANY_INPUTS 8u
#define NAMED 44.0         /* what a name takes at the right of a symbol */

static const ChainCell *
cell_of (const ChainDiagram *d, guint i)
{
  return &g_array_index (d->cells, ChainCell, i);
}

static gboolean
is_times (const ChainCell *c)
{
  return g_strcmp0 (c->symbol, "×") == 0;
}

/* A weight meets what arrives; a bias is added later. */
static gboolean
is_on_axis (const ChainDiagram *d, guint tag, guint host)
{
  return chain_graph_is_matrix (cell_of (d, tag)) || is_times (cell_of (d, host));
}

static double
highest_rank (const ChainGraphPlaces *p, const int *rank)
{
  g_autofree double *height = NULL;
  double most = 0;
  int n = 0;

  for (guint i = 0; i < p->n; i++)
    n = p->cell[i].host < 0 ? MAX (n, rank[i] + 1) : n;
  height = g_new0 (double, (gsize) n + 1);
  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host < 0)
      {
        height[rank[i]] += 2 * p->cell[i].hh + CHIPS + 38 + 64 * ((p->cell[i].tags + 1) / 2);
        most = MAX (most, height[rank[i]]);
      }
  return most;
}

static void
stand_over (ChainGraphCell *c)
{
  c->left = c->right = MAX (c->hw, c->shape == CHAIN_SHAPE_TAG ? 0 : 34);
  c->up = c->hh + (c->shape == CHAIN_SHAPE_BOX ? 4 : c->tags > 0 ? 6 : 22);
  c->down = c->hh + (c->shape == CHAIN_SHAPE_TAG ? 2 : CHIPS);
  c->value = (ChainLayPoint){ 0, c->hh + 15 };
  c->adjoint = (ChainLayPoint){ 0, c->hh + 38 };
  c->arrive = 0;
}

static void
stand_row (ChainGraphPlaces *p, guint i)
{
  ChainGraphCell *c = &p->cell[i];

  c->stand = CHAIN_STAND_ROW;
  c->hw = c->hh = ROW_R;
  c->arrive = c->left = ROW_R + GUTTER + ROW_TAG_W;
  c->right = ROW_R + 3 + 2 * ROW_CHIP;
  c->up = c->down = CHAIN_GRAPH_LINE / 2;
  c->value = (ChainLayPoint){ ROW_R + 3 + ROW_CHIP * 0.5, 0 };
  c->adjoint = (ChainLayPoint){ ROW_R + 3 + ROW_CHIP * 1.5, 0 };
  for (guint t = 0; t < p->n; t++)
    if (p->cell[t].host == (int) i)
      {
        p->cell[t].stand = CHAIN_STAND_ROW;
        p->cell[t].hw = ROW_TAG_W / 2;
        p->cell[t].hh = ROW_TAG_H / 2;
        p->cell[t].beside = (ChainLayPoint){ -ROW_R - GUTTER - ROW_TAG_W / 2, 0 };
      }
}

/* An input has its chips at its right. */
static void
stand_line (ChainGraphCell *c)
{
  c->stand = CHAIN_STAND_ROW;
  c->left = c->hw + 2;
  c->right = c->hw + 3 + 2 * ROW_CHIP;
  c->up = c->down = c->hh + 2;
  c->value = (ChainLayPoint){ c->hw + 3 + ROW_CHIP * 0.5, 0 };
  c->adjoint = (ChainLayPoint){ c->hw + 3 + ROW_CHIP * 1.5, 0 };
}

static void
stand_side (const ChainDiagram *d, ChainGraphPlaces *p, guint i)
{
  ChainGraphCell *c = &p->cell[i];
  guint n = 0, below = 1;

  stand_over (c);
  if (c->shape == CHAIN_SHAPE_SQUARE && p->n_inputs > MANY_INPUTS)
    {
      stand_line (c);
      return;
    }
  c->stand = CHAIN_STAND_SIDE;
  c->right = NAMED;
  c->up = c->hh + 8;
  c->down = c->hh + 45;
  c->value.y = c->hh + 14;
  c->adjoint.y = c->hh + 35;
  for (guint t = 0; t < p->n && n < c->tags; t++)
    {
      ChainGraphCell *tag = &p->cell[t];
      gboolean axis;

      if (tag->host != (int) i)
        continue;
      axis = is_on_axis (d, t, i) && !c->through;
      n++;
      tag->stand = CHAIN_STAND_SIDE;
      tag->hh = SIDE_H / 2;
      tag->beside = (ChainLayPoint){ -c->hw - GUTTER - tag->hw, axis ? 0 : SLOT * below++ };
      c->through |= axis;
      c->left = MAX (c->left, c->hw + GUTTER + 2 * tag->hw);
      c->down = MAX (c->down, tag->beside.y + tag->hh + 2);
    }
  c->arrive = c->through || c->tags > 0 ? c->left : 0;
  c->through = !c->through;
}

static gboolean
is_row (const ChainDiagram *d, const ChainGraphPlaces *p, guint i)
{
  guint out = p->first_out[i + 1] - p->first_out[i];

  return p->cell[i].shape == CHAIN_SHAPE_ROUND && p->cell[i].tags == 1 && out == 1 && is_times (cell_of (d, i))
         && p->cell[g_array_index (d->wires, ChainWire, p->out[p->first_out[i]]).to].degree > 1;
}

void
chain_graph_choose_stands (const ChainDiagram *d, ChainGraphPlaces *p, int *rank)
{
  gboolean high = highest_rank (p, rank) > ROOMY;
  g_autofree int *lines = g_new0 (int, p->n + 1);

  for (guint i = 0; i < p->n; i++)
    p->n_inputs += p->cell[i].shape == CHAIN_SHAPE_SQUARE;
  for (guint i = 0; i < p->n; i++)
    {
      ChainGraphCell *c = &p->cell[i];

      c->line = -1;
      if (c->host >= 0)
        continue;
      if (!high || cell_of (d, i)->kind == CHAIN_CELL_LOSS || c->shape == CHAIN_SHAPE_BOX || c->shape == CHAIN_SHAPE_TAG)
        stand_over (c);
      else if (is_row (d, p, i))
        {
          guint to = g_array_index (d->wires, ChainWire, p->out[p->first_out[i]]).to;

          stand_row (p, i);
          c->line = lines[to]++;
          rank[i] = rank[to] - 1;
        }
      else
        stand_side (d, p, i);
    }
}

/* --- gaps between ranks --- */

guint
chain_graph_rank_at (const ChainGraphPlaces *p, double x)
{
  guint a = 0, b = p->n_splits;

  while (a < b)
    {
      guint mid = (a + b) / 2;

      if (p->split[mid] < x)
        a = mid + 1;
      else
        b = mid;
    }
  return a;
}

/* A gap has the more of the width that is left over, the more wires run through it. */
void
chain_graph_share_gaps (ChainGraphPlaces *p, const ChainDiagram *d)
{
  g_autofree double *wires = g_new0 (double, p->n_splits + 2);
  double sum = 0;

  for (guint i = 0; i < d->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      if (p->cell[w->to].rank > 0 && p->cell[w->from].rank < p->cell[w->to].rank)
        wires[p->cell[w->to].rank]++;
    }
  for (guint r = 1; r <= p->n_splits; r++)
    {
      sum += 3 + MIN (wires[r], 36);
      p->share[r] = sum;
    }
  for (guint r = 1; r <= p->n_splits; r++)
    p->share[r] /= sum;
}

#define LANE_ROOM 2.0      /* px a wire into a block of products, which arrives on a line of its own, */
#define MOST_ROOM 64.0     /* and so much at most */

/* Dozens of wires into blocks of products would be one bar: their gap is made wider. */
void
chain_graph_make_room (ChainGraphPlaces *p, const ChainDiagram *d)
{
  g_autofree double *room = g_new0 (double, p->n_splits + 2);

  for (guint i = 0; i < d->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      if (p->cell[w->to].line >= 0 && p->cell[w->from].host < 0)
        room[p->cell[w->to].rank] += LANE_ROOM;
    }
  for (guint r = 1; r <= p->n_splits; r++)
    room[r] = room[r - 1] + MIN (room[r], MOST_ROOM);
  for (guint i = 0; i < d->wires->len; i++)
    for (guint k = 0; k < p->n_bends[i]; k++)
      p->bend[i][k].x += room[chain_graph_rank_at (p, p->bend[i][k].x)];
  for (guint i = 0; i < p->n; i++)
    {
      p->cell[i].x += room[p->cell[i].rank];
      p->cell[i].x0 += room[p->cell[i].rank];
      p->cell[i].x1 += room[p->cell[i].rank];
    }
  for (guint r = 0; r < p->n_splits; r++)
    p->split[r] += (room[r] + room[r + 1]) / 2;
  p->width += room[p->n_splits];
}
