/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cells of a diagram stand: the layered layout with the sizes of DESIGN 4.7. What is given to one operation only (a weight, a target)
 * stands over it as a tag; that alone removes most long edges (DESIGN 6.1).
 *
 * Places belong to a diagram and are found once, under a lock, by the first thread that needs them: stepping and training on change numbers, never
 * places. The places of the diagram before are kept by id as a hint, so that opening a layer does not shuffle the rest. */
#include "app/picture/graph/graph.h"

#include <math.h>
#include <string.h>

#define RADIUS 19.0
#define TAG_W 78.0
#define TAG_H 42.0
#define BOX_W 96.0
#define BOX_H 72.0
#define CHIPS 48.0       /* what hangs below a symbol: two chips */

struct _ChainStepPlaces
{
  int               ref_count;
  GMutex            lock;
  GHashTable       *old;      /* id -> double *, the place before; NULL */
  ChainGraphPlaces *places;   /* NULL: not found yet */
};

gboolean
chain_graph_is_matrix (const ChainCell *c)
{
  return c->row < 0 || c->col < 0;
}

gboolean
chain_graph_is_tag (const ChainCell *c)
{
  return c->kind == CHAIN_CELL_PARAM || c->kind == CHAIN_CELL_STATE || c->kind == CHAIN_CELL_TARGET || c->kind == CHAIN_CELL_CONSTANT;
}

static GHashTable *
places_by_id (const ChainStepView *v)
{
  GHashTable *old;
  const ChainGraphPlaces *p = v->places->places;

  if (p == NULL)
    return v->places->old != NULL ? g_hash_table_ref (v->places->old) : NULL;
  old = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < p->n; i++)
    g_hash_table_insert (old, g_strdup (chain_graph_cell (v, i)->id), g_memdup2 (&p->cell[i].y, sizeof (double)));
  return old;
}

ChainStepPlaces *
chain_graph_places_new (const ChainStepView *before)
{
  ChainStepPlaces *p = g_new0 (ChainStepPlaces, 1);

  p->ref_count = 1;
  g_mutex_init (&p->lock);
  if (before != NULL)
    {
      g_mutex_lock (&before->places->lock);
      p->old = places_by_id (before);
      g_mutex_unlock (&before->places->lock);
    }
  return p;
}

ChainStepPlaces *
chain_graph_places_ref (ChainStepPlaces *p)
{
  g_atomic_int_inc (&p->ref_count);
  return p;
}

static void
places_free (ChainGraphPlaces *p)
{
  if (p == NULL)
    return;
  for (guint i = 0; i < p->n_wires; i++)
    g_free (p->bend[i]);
  g_free (p->bend);
  g_free (p->n_bends);
  g_free (p->split);
  g_free (p->share);
  g_free (p->half_rank);
  g_free (p->first_out);
  g_free (p->out);
  g_free (p->first_in);
  g_free (p->in);
  g_free (p->cell);
  g_free (p);
}

void
chain_graph_places_unref (ChainStepPlaces *p)
{
  if (p == NULL || !g_atomic_int_dec_and_test (&p->ref_count))
    return;
  g_clear_pointer (&p->old, g_hash_table_unref);
  places_free (p->places);
  g_mutex_clear (&p->lock);
  g_free (p);
}

/* --- sizes --- */

static void
shape_cell (ChainGraphCell *c, const ChainCell *d)
{
  gboolean matrix = chain_graph_is_matrix (d);

  c->shape = matrix && !chain_graph_is_tag (d) ? CHAIN_SHAPE_BOX : chain_graph_is_tag (d) ? CHAIN_SHAPE_TAG
             : d->kind == CHAIN_CELL_INPUT ? CHAIN_SHAPE_SQUARE : CHAIN_SHAPE_ROUND;
  c->hw = c->shape == CHAIN_SHAPE_BOX ? BOX_W / 2 : c->shape == CHAIN_SHAPE_TAG ? TAG_W / 2 : RADIUS;
  c->hh = c->shape == CHAIN_SHAPE_BOX ? BOX_H / 2 : c->shape == CHAIN_SHAPE_TAG ? (matrix ? 64 : TAG_H) / 2 : RADIUS;
  c->host = -1;
  c->degree = 0;
}

/* A tag stands over the cell that reads it first. */
static void
find_hosts (const ChainDiagram *d, ChainGraphCell *cell)
{
  guint *out = g_new0 (guint, d->cells->len + 1);

  for (guint i = 0; i < d->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      out[w->from]++;
      cell[w->to].degree++;
      if (cell[w->from].shape == CHAIN_SHAPE_TAG && cell[w->from].host < 0 && cell[w->to].shape != CHAIN_SHAPE_TAG)
        cell[w->from].host = (int) w->to;
    }
  for (guint i = 0; i < d->cells->len; i++)       /* what is itself made from something has a rank; so has what many read */
    if (cell[i].host >= 0 && (cell[i].degree > 0 || out[i] > 2))
      cell[i].host = -1;
  for (guint i = 0; i < d->cells->len; i++)
    if (cell[i].host >= 0)
      cell[cell[i].host].tags++;
  g_free (out);
}

static void
list_wires (const ChainDiagram *d, gboolean out, guint **first, guint **of)
{
  guint n = d->cells->len, m = d->wires->len;
  g_autofree guint *next = g_new0 (guint, n + 1);

  *first = g_new0 (guint, n + 2);
  *of = g_new (guint, m + 1);
  for (guint i = 0; i < m; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      (*first)[(out ? w->from : w->to) + 1]++;
    }
  for (guint i = 0; i < n; i++)
    (*first)[i + 1] += (*first)[i];
  memcpy (next, *first, n * sizeof *next);
  for (guint i = 0; i < m; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      (*of)[next[out ? w->from : w->to]++] = i;
    }
}

/* --- ranks --- */

#define TALL 8.0          /* height over width from which on ranks are spread */
#define MOST_COLUMNS 10u
#define COLUMN 130.0
#define GAP 4.0
#define MORE 8.0          /* around what is not a line */

/* Longest paths from the inputs; what would have long wires on its right for short ones on its left then stands just before its first reader: a
 * constant, an operation of the optimiser on a moment. Cells come in the order of the tape, readers after what they read. Tags have no rank. */
static guint
find_ranks (const ChainDiagram *d, const ChainGraphPlaces *p, int *rank)
{
  g_autofree guint *in = g_new0 (guint, p->n + 1);
  guint n = 0;

  for (guint i = 0; i < p->n; i++)
    {
      rank[i] = 0;
      for (guint k = p->first_in[i]; k < p->first_in[i + 1]; k++)
        {
          guint from = g_array_index (d->wires, ChainWire, p->in[k]).from;

          if (p->cell[from].host < 0)
            {
              rank[i] = MAX (rank[i], rank[from] + 1);
              in[i]++;
            }
        }
      n = MAX (n, (guint) rank[i] + 1);
    }
  for (guint i = p->n; i-- > 0;)
    {
      guint out = p->first_out[i + 1] - p->first_out[i];
      int first = G_MAXINT;

      if (p->cell[i].host >= 0 || (in[i] > 0 && in[i] >= out) || g_array_index (d->cells, ChainCell, i).kind == CHAIN_CELL_INPUT)
        continue;
      for (guint k = p->first_out[i]; k < p->first_out[i + 1]; k++)
        first = MIN (first, rank[g_array_index (d->wires, ChainWire, p->out[k]).to]);
      if (first != G_MAXINT)
        rank[i] = MAX (first - 1, rank[i]);
    }
  return n;
}

/* Which of its reader's inputs a cell is, and of how many. */
static guint
place_in_reader (const ChainDiagram *d, const ChainGraphPlaces *p, guint cell, guint *of)
{
  guint to, at = 0;

  *of = 1;
  if (p->first_out[cell + 1] != p->first_out[cell] + 1)
    return 0;
  to = g_array_index (d->wires, ChainWire, p->out[p->first_out[cell]]).to;
  *of = 0;
  for (guint k = p->first_in[to]; k < p->first_in[to + 1]; k++)
    {
      guint from = g_array_index (d->wires, ChainWire, p->in[k]).from;

      if (from == cell)
        at = *of;
      *of += p->cell[from].host < 0;
    }
  return at;
}

/* A rank with many cells becomes several columns, so that a wide layer is a block and not a thread: always the rank that is highest now, until the
 * picture has about the shape of a window. */
static void
spread (const ChainDiagram *d, const ChainGraphPlaces *p, int *rank, guint n_ranks)
{
  g_autofree guint *columns = g_new (guint, n_ranks + 1), *seen = g_new0 (guint, n_ranks + 1), *base = g_new0 (guint, n_ranks + 1), *natural = g_new0 (guint, n_ranks + 1);
  g_autofree double *height = g_new0 (double, n_ranks + 1);
  double width = 0, highest;
  guint top = 0;

  for (guint r = 0; r < n_ranks; r++)
    natural[r] = 2;
  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host < 0)
      {
        guint of;

        place_in_reader (d, p, i, &of);
        natural[rank[i]] = CLAMP (of, natural[rank[i]], MOST_COLUMNS);
      }
  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host < 0)
      height[rank[i]] += p->cell[i].stand == CHAIN_STAND_ROW ? 0 : p->cell[i].up + p->cell[i].down + MORE + (p->cell[i].stand == CHAIN_STAND_OVER ? 64 * ((p->cell[i].tags + 1) / 2) : 0);
  for (guint r = 0; r < n_ranks; r++)
    {
      columns[r] = 1;
      width += COLUMN;
    }
  for (;;)
    {
      highest = 0;
      for (guint r = 0; r < n_ranks; r++)
        if (height[r] / columns[r] > highest)
          highest = height[top = r] / columns[r];
      if (highest / width < (columns[top] > 1 ? 1 : TALL) || columns[top] >= MOST_COLUMNS)
        break;
      width += COLUMN * ((columns[top] == 1 ? natural[top] : columns[top] + 1) - columns[top]);
      columns[top] = columns[top] == 1 ? natural[top] : columns[top] + 1;
    }
  for (guint r = 0; r < n_ranks; r++)
    base[r + 1] = base[r] + columns[r];
  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host < 0)
      {
        int r = rank[i];
        guint of, at = place_in_reader (d, p, i, &of);

        rank[i] = (int) (base[r] + (of > 1 ? at : seen[r]++) % columns[r]);
      }
}

/* --- layered --- */

/* at: index of a cell's node: tags that do not stand over their host have none, products of one sum have one in common. */
typedef struct { ChainLayNode *node; ChainLayEdge *edge; guint *wire, *at; guint n_nodes, n_edges, most; } Input;

static ChainLayNode
node_of (const ChainDiagram *d, const ChainGraphPlaces *p, const Input *in, guint i, int rank, GHashTable *old)
{
  const ChainCell *c = &g_array_index (d->cells, ChainCell, i);
  const ChainGraphCell *g = &p->cell[i];
  const double *at = old != NULL ? g_hash_table_lookup (old, c->id) : NULL;
  ChainLayNode n = { .w = 2 * g->hw, .axis = g->hh, .h = 2 * g->hh, .rank = -1, .host = g->host >= 0 ? (int) in->at[g->host] : -1, .order = i,
                     .cluster = c->layer == G_MAXUINT ? -1 : (int) c->layer, .old_place = at != NULL ? *at : NAN };

  if (g->host >= 0)
    return n;
  n.rank = rank;
  n.w = g->left + g->right;
  n.axis = g->up + MORE / 2;
  n.h = g->up + g->down + MORE;
  if (g->line >= 0)
    {
      n.h = CHAIN_GRAPH_LINE * (g->line + 1) + MORE;     /* the last line says how high the block is */
      n.axis = n.h / 2;
      n.order = in->node[in->at[i]].order > 0 ? in->node[in->at[i]].order : i;
    }
  return n;
}

/* Where a product goes. */
static guint
sum_of (const ChainDiagram *d, const ChainGraphPlaces *p, guint i)
{
  return g_array_index (d->wires, ChainWire, p->out[p->first_out[i]]).to;
}

static void
number_nodes (Input *in, const ChainDiagram *d, const ChainGraphPlaces *p)
{
  g_autofree guint *block = g_new0 (guint, p->n + 1);

  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host >= 0 && p->cell[i].stand != CHAIN_STAND_OVER)
      in->at[i] = G_MAXUINT;
    else if (p->cell[i].line > 0)
      in->at[i] = block[sum_of (d, p, i)];
    else
      {
        in->at[i] = in->n_nodes++;
        if (p->cell[i].line == 0)
          block[sum_of (d, p, i)] = in->at[i];
      }
}

static void
fill_nodes (Input *in, const ChainDiagram *d, const ChainGraphPlaces *p, const int *rank, GHashTable *old)
{
  number_nodes (in, d, p);
  for (guint i = 0; i < p->n; i++)
    if (in->at[i] != G_MAXUINT)
      in->node[in->at[i]] = node_of (d, p, in, i, rank[i], old);
  for (guint i = 0; i < d->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (d->wires, ChainWire, i);

      if (p->cell[w->from].host >= 0 || p->cell[w->to].host >= 0 || p->cell[w->from].line > 0)
        continue;
      in->wire[in->n_edges] = i;
      in->edge[in->n_edges++] = (ChainLayEdge){ in->at[w->from], in->at[w->to] };
      in->most = MAX (in->most, p->cell[w->to].degree - p->cell[w->to].tags);
    }
}

/* Where every cell of a rank reads nearly every one of the rank before, no wire can be straight; then both stand about the same line, as a network is
 * drawn on a blackboard. Ranks between two such gaps move together. A long edge belongs to many ranks: with one, nothing moves. */
static void
centre_ranks (ChainLayered *l, const Input *in)
{
  g_autofree guint *count = g_new0 (guint, l->n_ranks + 1), *wires = g_new0 (guint, l->n_ranks + 1), *group = g_new0 (guint, l->n_ranks + 1);
  g_autofree double *lo = g_new (double, l->n_ranks + 1), *hi = g_new (double, l->n_ranks + 1);
  double top = HUGE_VAL, bottom = -HUGE_VAL;

  for (guint e = 0; e < l->n_edges; e++)
    {
      int from = l->rank[in->edge[e].from], to = l->rank[in->edge[e].to];

      if (to != from + 1)
        return;
      wires[to]++;
    }
  for (guint i = 0; i < l->n_nodes; i++)
    count[l->rank[i]] += in->node[i].host < 0;
  for (guint r = 0; r < l->n_ranks; r++)
    {
      group[r] = r == 0 ? 0 : group[r - 1] + (wires[r] > MAX (count[r], count[r - 1]));
      lo[r] = HUGE_VAL;
      hi[r] = -HUGE_VAL;
    }
  for (guint i = 0; i < l->n_nodes; i++)
    if (in->node[i].host < 0)
      {
        guint g = group[l->rank[i]];

        lo[g] = MIN (lo[g], l->y[i] + in->node[i].axis);
        hi[g] = MAX (hi[g], l->y[i] + in->node[i].axis);
      }
  for (guint i = 0; i < l->n_nodes; i++)
    {
      l->y[i] -= (lo[group[l->rank[i]]] + hi[group[l->rank[i]]]) / 2;
      top = MIN (top, l->y[i]);
      bottom = MAX (bottom, l->y[i] + in->node[i].h);
    }
  for (guint i = 0; i < l->n_nodes; i++)
    l->y[i] -= top;
  l->height = MAX (bottom - top, 0);
}

/* Gaps between ranks that have cells, and how wide those are. */
static void
find_splits (ChainGraphPlaces *p, const ChainLayered *l, const ChainLayNode *node)
{
  g_autofree double *lo = g_new (double, l->n_ranks + 1), *hi = g_new (double, l->n_ranks + 1);
  double last = -HUGE_VAL;

  p->split = g_new (double, l->n_ranks + 1);
  p->share = g_new0 (double, l->n_ranks + 1);
  p->half_rank = g_new0 (double, l->n_ranks + 1);
  for (guint r = 0; r < l->n_ranks; r++)
    {
      lo[r] = HUGE_VAL;
      hi[r] = -HUGE_VAL;
    }
  for (guint i = 0; i < l->n_nodes; i++)
    {
      lo[l->rank[i]] = MIN (lo[l->rank[i]], l->x[i]);
      hi[l->rank[i]] = MAX (hi[l->rank[i]], l->x[i] + node[i].w);
    }
  for (guint r = 0; r < l->n_ranks; r++)
    {
      if (hi[r] < lo[r])
        continue;
      if (last > -HUGE_VAL)
        p->split[p->n_splits++] = (last + lo[r]) / 2;
      p->half_rank[p->n_splits] = MAX ((hi[r] - lo[r]) / 2 - 10, 0);
      last = hi[r];
    }
}

static void
take_cell (ChainGraphPlaces *p, ChainGraphCell *c, const ChainLayered *l, const Input *in, guint at)
{
  if (c->host >= 0 && at == G_MAXUINT)
    {
      const ChainGraphCell *h = &p->cell[c->host];

      c->x = h->x + c->beside.x;
      c->y = h->y + c->beside.y;
    }
  else
    {
      c->x = l->x[at] + (c->host >= 0 ? c->hw : c->left);
      c->y = l->y[at] + (c->line >= 0 ? MORE / 2 + CHAIN_GRAPH_LINE * (c->line + 0.5) : in->node[at].axis);
    }
  c->x0 = c->x - MAX (c->hw, c->shape == CHAIN_SHAPE_TAG || c->stand == CHAIN_STAND_ROW ? 0 : 30);
  c->x1 = c->x + (c->stand == CHAIN_STAND_ROW && c->host < 0 ? c->right : MAX (c->hw, c->shape == CHAIN_SHAPE_TAG ? 0 : 30));
  c->y0 = c->y - c->hh - (c->shape == CHAIN_SHAPE_TAG || c->stand == CHAIN_STAND_ROW ? 0 : 2);
  c->y1 = c->y + c->hh + (c->shape == CHAIN_SHAPE_TAG || c->stand == CHAIN_STAND_ROW ? 0 : CHIPS);
  c->rank = chain_graph_rank_at (p, c->host >= 0 ? p->cell[c->host].x : c->x);
}

/* Hosts before their tags. */
static void
take_cells (ChainGraphPlaces *p, const ChainDiagram *d, const ChainLayered *l, const Input *in)
{
  find_splits (p, l, in->node);
  for (int tags = 0; tags < 2; tags++)
    for (guint i = 0; i < p->n; i++)
      if ((p->cell[i].host >= 0) == (tags == 1))
        take_cell (p, &p->cell[i], l, in, in->at[i]);
  for (guint i = 0; i < p->n; i++)
    if (p->cell[i].host >= 0)
      {
        ChainGraphCell *h = &p->cell[p->cell[i].host];

        h->tag_reach = MAX (h->tag_reach, p->cell[i].hw + fabs (p->cell[i].x - h->x));
      }
  chain_graph_share_gaps (p, d);
}

static ChainGraphPlaces *
find_places (const ChainStepView *v, GHashTable *old, const int *cancel)
{
  const ChainDiagram *d = v->diagram;
  ChainGraphPlaces *p = g_new0 (ChainGraphPlaces, 1);
  Input in = { .node = g_new0 (ChainLayNode, d->cells->len + 1), .edge = g_new0 (ChainLayEdge, d->wires->len + 1), .wire = g_new0 (guint, d->wires->len + 1),
               .at = g_new0 (guint, d->cells->len + 1) };
  g_autoptr (ChainLayered) l = NULL;
  g_autofree int *rank = NULL;
  guint n_ranks;
  ChainLayOptions o = { .node_gap = GAP, .satellite_gap = 22, .cancel = cancel };

  p->n = d->cells->len;
  p->n_wires = d->wires->len;
  p->cell = g_new0 (ChainGraphCell, p->n + 1);
  p->bend = g_new0 (ChainLayPoint *, p->n_wires + 1);
  p->n_bends = g_new0 (guint, p->n_wires + 1);
  for (guint i = 0; i < p->n; i++)
    shape_cell (&p->cell[i], &g_array_index (d->cells, ChainCell, i));
  find_hosts (d, p->cell);
  list_wires (d, TRUE, &p->first_out, &p->out);
  list_wires (d, FALSE, &p->first_in, &p->in);
  rank = g_new (int, p->n + 1);
  n_ranks = find_ranks (d, p, rank);
  chain_graph_choose_stands (d, p, rank);
  spread (d, p, rank, n_ranks);
  fill_nodes (&in, d, p, rank, old);
  o.rank_gap = 6 + MIN (5.0 * (in.most > 2 ? in.most : 0), 90);
  l = chain_layered_new (in.node, in.n_nodes, in.edge, in.n_edges, &o);
  if (l != NULL)
    {
      centre_ranks (l, &in);
      p->width = l->width;
      p->height = l->height;
      take_cells (p, d, l, &in);
      for (guint i = 0; i < in.n_edges; i++)
        {
          p->bend[in.wire[i]] = g_steal_pointer (&l->bend[i]);
          p->n_bends[in.wire[i]] = l->n_bends[i];
          l->n_bends[i] = 0;
        }
      chain_graph_make_room (p, d);
    }
  else
    g_clear_pointer (&p, places_free);
  g_free (in.node);
  g_free (in.edge);
  g_free (in.wire);
  g_free (in.at);
  return p;
}

const ChainGraphPlaces *
chain_graph_places (const ChainStepView *v, const int *cancel)
{
  ChainStepPlaces *p = v->places;

  g_mutex_lock (&p->lock);
  if (p->places == NULL)
    p->places = find_places (v, p->old, cancel);
  g_mutex_unlock (&p->lock);
  return p->places;
}
