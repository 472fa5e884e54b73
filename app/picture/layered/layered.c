/* SPDX-License-Identifier: Apache-2.0 */
/* The phases in order: sizes with satellites, ranks by the longest path, dummies where an edge crosses a rank, order, places, curves.
 *
 * A gradient reads values of long ago: in a graph of thousands of nodes one edge crosses thousands of ranks. Only the shortest edges that fit a budget
 * of four dummies a node are led around what lies between; the others go straight. */
#include "app/picture/layered/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DUMMIES_PER_NODE 4u
#define DUMMIES_FREE 2000u
#define DUMMY_SIDE 4.0
#define IN_A_ROW 2u           /* satellites */

typedef struct { double w, up, down; guint n; double row_h; } Host;      /* a ranked node with its satellites */

typedef struct
{
  const ChainLayNode    *nodes;
  const ChainLayEdge    *edges;
  const ChainLayOptions *o;
  guint     n, m;
  Host     *host;
  int      *rank;
  guint    *vertex;         /* of a node */
  gboolean *straight;       /* edges without dummies */
  guint    *chain;          /* first dummy of an edge */
  ChainLayers l;
} Work;

gboolean
_chain_layers_cancelled (const ChainLayers *l)
{
  return l->cancel != NULL && g_atomic_int_get (l->cancel) != 0;
}

/* Rows of satellites over the node: as wide as the widest row, as high as all of them. */
static void
measure_hosts (Work *k)
{
  g_autofree double *row_w = g_new0 (double, k->n);

  for (guint i = 0; i < k->n; i++)
    k->host[i] = (Host){ k->nodes[i].w, k->nodes[i].axis, k->nodes[i].h - k->nodes[i].axis, 0, 0 };
  for (guint i = 0; i < k->n; i++)
    {
      Host *h;

      if (k->nodes[i].host < 0)
        continue;
      h = &k->host[k->nodes[i].host];
      if (h->n % IN_A_ROW == 0)
        {
          h->up += h->row_h > 0 ? h->row_h + k->o->satellite_gap / 4 : 0;
          h->row_h = 0;
          row_w[k->nodes[i].host] = 0;
        }
      h->n++;
      h->row_h = MAX (h->row_h, k->nodes[i].h);
      row_w[k->nodes[i].host] += k->nodes[i].w + (row_w[k->nodes[i].host] > 0 ? k->o->satellite_gap / 4 : 0);
      h->w = MAX (h->w, row_w[k->nodes[i].host]);
    }
  for (guint i = 0; i < k->n; i++)
    if (k->host[i].n > 0)
      k->host[i].up += k->host[i].row_h + k->o->satellite_gap;
}

static void
lists (guint n, const ChainLayEdge *edges, guint m, gboolean forward, ChainNeighbours *out)
{
  out->first = g_new0 (guint, n + 1);
  out->of = g_new (guint, MAX (m, 1));
  for (guint e = 0; e < m; e++)
    out->first[(forward ? edges[e].from : edges[e].to) + 1]++;
  for (guint i = 0; i < n; i++)
    out->first[i + 1] += out->first[i];
  g_autofree guint *at = g_memdup2 (out->first, (n + 1) * sizeof (guint));
  for (guint e = 0; e < m; e++)
    out->of[at[forward ? edges[e].from : edges[e].to]++] = forward ? edges[e].to : edges[e].from;
}

static void
lists_clear (ChainNeighbours *l)
{
  g_free (l->first);
  g_free (l->of);
}

/* Longest path from the inputs (Kahn); then what has no input moves to just before its first reader. FALSE: a cycle. */
static gboolean
find_ranks (Work *k)
{
  ChainNeighbours out;
  g_autofree guint *missing = g_new0 (guint, MAX (k->n, 1)), *queue = g_new (guint, MAX (k->n, 1));
  guint head = 0, tail = 0;

  lists (k->n, k->edges, k->m, TRUE, &out);
  for (guint e = 0; e < k->m; e++)
    missing[k->edges[e].to]++;
  for (guint i = 0; i < k->n; i++)
    {
      k->rank[i] = MAX (k->nodes[i].rank, 0);
      if (missing[i] == 0)
        queue[tail++] = i;
    }
  while (head < tail)
    {
      guint i = queue[head++];

      for (guint j = out.first[i]; j < out.first[i + 1]; j++)
        {
          guint to = out.of[j];

          k->rank[to] = MAX (k->rank[to], k->rank[i] + 1);
          if (--missing[to] == 0)
            queue[tail++] = to;
        }
    }
  memset (missing, 0, MAX (k->n, 1) * sizeof (guint));
  for (guint e = 0; e < k->m; e++)
    missing[k->edges[e].to]++;
  for (guint i = 0; i < k->n; i++)
    {
      int least = G_MAXINT;

      for (guint j = out.first[i]; j < out.first[i + 1]; j++)
        least = MIN (least, k->rank[out.of[j]] - 1);
      if (missing[i] == 0 && k->nodes[i].rank < 0 && least < G_MAXINT)
        k->rank[i] = MAX (k->rank[i], least);
    }
  lists_clear (&out);
  return tail == k->n;
}

static int
compare_spans (const void *a, const void *b)
{
  const guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return x < y ? -1 : x > y;
}

/* Which edges get dummies: the shortest, until the budget is spent. Returns the number of dummies. */
static guint
choose_chains (Work *k)
{
  g_autofree guint64 *spans = g_new (guint64, MAX (k->m, 1));
  guint64 left = (guint64) DUMMIES_PER_NODE * k->n + DUMMIES_FREE, total = 0;

  for (guint e = 0; e < k->m; e++)
    spans[e] = (guint64) (k->rank[k->edges[e].to] - k->rank[k->edges[e].from] - 1) << 32 | e;
  qsort (spans, k->m, sizeof (guint64), compare_spans);
  for (guint i = 0; i < k->m; i++)
    {
      guint64 need = spans[i] >> 32;
      guint e = (guint) (spans[i] & G_MAXUINT32);

      k->straight[e] = need > left;
      left -= k->straight[e] ? 0 : need;
      total += k->straight[e] ? 0 : need;
    }
  return (guint) total;
}

static void
add_vertices (Work *k, guint dummies)
{
  ChainLayers *l = &k->l;

  l->v = g_new0 (ChainVertex, MAX (k->n + dummies, 1));
  for (guint i = 0; i < k->n; i++)
    if (k->nodes[i].host < 0)
      {
        k->vertex[i] = l->n;
        l->v[l->n++] = (ChainVertex){ .node = (int) i, .rank = k->rank[i], .cluster = k->nodes[i].cluster, .up = k->host[i].up, .down = k->host[i].down,
                                      .old_place = k->nodes[i].old_place, .order = k->nodes[i].order };
        l->n_real++;
        l->n_old += !isnan (k->nodes[i].old_place);
        l->n_ranks = MAX (l->n_ranks, (guint) k->rank[i] + 1);
      }
}

/* A dummy lies, at first, between the places of its ends. */
static guint
add_chain (Work *k, guint e, ChainLayEdge *out)
{
  ChainLayers *l = &k->l;
  guint from = k->vertex[k->edges[e].from], to = k->vertex[k->edges[e].to], last = from, n = 0;
  int first = l->v[from].rank, span = l->v[to].rank - first;

  k->chain[e] = l->n;
  for (int r = 1; r < span; r++)
    {
      double t = (double) r / span, old = l->v[from].old_place + t * (l->v[to].old_place - l->v[from].old_place);

      l->v[l->n] = (ChainVertex){ .node = -1, .rank = first + r, .cluster = -1, .up = DUMMY_SIDE, .down = DUMMY_SIDE, .old_place = old, .order = l->v[from].order };
      out[n++] = (ChainLayEdge){ last, l->n };
      last = l->n++;
    }
  out[n++] = (ChainLayEdge){ last, to };
  return n;
}

static void
make_layers (Work *k)
{
  ChainLayers *l = &k->l;
  guint dummies = choose_chains (k), n = 0;
  g_autofree ChainLayEdge *short_edges = g_new (ChainLayEdge, k->m + dummies + 1);

  add_vertices (k, dummies);
  for (guint e = 0; e < k->m; e++)
    if (!k->straight[e])
      n += add_chain (k, e, short_edges + n);
  lists (l->n, short_edges, n, FALSE, &l->before);
  lists (l->n, short_edges, n, TRUE, &l->after);
  l->rank_len = g_new0 (guint, MAX (l->n_ranks, 1));
  l->rank = g_new0 (guint *, MAX (l->n_ranks, 1));
  for (guint i = 0; i < l->n; i++)
    l->rank_len[l->v[i].rank]++;
  for (guint r = 0; r < l->n_ranks; r++)
    {
      l->rank[r] = g_new (guint, MAX (l->rank_len[r], 1));
      l->rank_len[r] = 0;
    }
  for (guint i = 0; i < l->n; i++)
    l->rank[l->v[i].rank][l->rank_len[l->v[i].rank]++] = i;
}

/* Centres of the columns. */
static double
columns (Work *k, double *centre)
{
  ChainLayers *l = &k->l;
  double x = 0;

  for (guint r = 0; r < l->n_ranks; r++)
    {
      double w = 0;

      for (guint i = 0; i < l->rank_len[r]; i++)
        {
          int node = l->v[l->rank[r][i]].node;

          w = MAX (w, node >= 0 ? k->host[node].w : 0);
        }
      centre[r] = x + w / 2;
      x += w + k->o->rank_gap;
    }
  return MAX (x - k->o->rank_gap, 0);
}

/* Rows of satellites stand over the node, the first row on top. */
static void
put_satellites (Work *k, ChainLayered *out)
{
  g_autofree guint *seen = g_new0 (guint, MAX (k->n, 1));
  g_autofree double *row_y = g_new0 (double, MAX (k->n, 1)), *row_x = g_new0 (double, MAX (k->n, 1)), *row_h = g_new0 (double, MAX (k->n, 1));

  for (guint i = 0; i < k->n; i++)
    {
      int h = k->nodes[i].host;
      double gap = k->o->satellite_gap / 4, w;

      if (h < 0)
        continue;
      if (seen[h] % IN_A_ROW == 0)
        {
          guint next = i + 1;

          w = k->nodes[i].w;
          while (next < k->n && k->nodes[next].host != h)
            next++;
          if (seen[h] + 1 < k->host[h].n && next < k->n)
            w += gap + k->nodes[next].w;
          row_y[h] = seen[h] == 0 ? out->y[h] + k->nodes[h].axis - k->host[h].up : row_y[h] + row_h[h] + gap;
          row_x[h] = out->x[h] + k->nodes[h].w / 2 - w / 2;
          row_h[h] = 0;
        }
      seen[h]++;
      out->x[i] = row_x[h];
      out->y[i] = row_y[h];
      out->rank[i] = out->rank[h];
      row_x[h] += k->nodes[i].w + gap;
      row_h[h] = MAX (row_h[h], k->nodes[i].h);
    }
}

/* Way-points of an edge; those on a straight line through their neighbours say nothing. */
static void
put_bends (Work *k, ChainLayered *out, const double *centre)
{
  const ChainLayers *l = &k->l;

  for (guint e = 0; e < k->m; e++)
    {
      guint n = k->straight[e] ? 0 : (guint) (k->rank[k->edges[e].to] - k->rank[k->edges[e].from] - 1);

      if (n == 0)
        continue;
      out->bend[e] = g_new (ChainLayPoint, n);
      for (guint i = 0; i < n; i++)
        {
          const ChainVertex *v = &l->v[k->chain[e] + i];
          gboolean first = i == 0, last = i + 1 == n;
          double before = first ? NAN : l->v[k->chain[e] + i - 1].place, after = last ? NAN : l->v[k->chain[e] + i + 1].place;

          if (first || last || fabs (v->place - before) > 1e-6 || fabs (v->place - after) > 1e-6)
            out->bend[e][out->n_bends[e]++] = (ChainLayPoint){ centre[v->rank], v->place };
        }
    }
}

static ChainLayered *
put (Work *k, guint crossings)
{
  ChainLayered *out = g_new0 (ChainLayered, 1);
  ChainLayers *l = &k->l;
  g_autofree double *centre = g_new0 (double, MAX (l->n_ranks, 1));
  double top = 0, bottom = 0;

  *out = (ChainLayered){ .n_nodes = k->n, .n_edges = k->m, .n_ranks = l->n_ranks, .crossings = crossings };
  out->x = g_new0 (double, MAX (k->n, 1));
  out->y = g_new0 (double, MAX (k->n, 1));
  out->rank = g_new0 (int, MAX (k->n, 1));
  out->bend = g_new0 (ChainLayPoint *, MAX (k->m, 1));
  out->n_bends = g_new0 (guint, MAX (k->m, 1));
  out->width = columns (k, centre);
  for (guint i = 0; i < l->n; i++)
    top = i == 0 ? l->v[i].place - l->v[i].up : MIN (top, l->v[i].place - l->v[i].up);
  for (guint i = 0; i < l->n; i++)
    {
      l->v[i].place -= top;
      bottom = MAX (bottom, l->v[i].place + l->v[i].down);
      if (l->v[i].node >= 0)
        {
          out->x[l->v[i].node] = centre[l->v[i].rank] - k->nodes[l->v[i].node].w / 2;
          out->y[l->v[i].node] = l->v[i].place - k->nodes[l->v[i].node].axis;
          out->rank[l->v[i].node] = l->v[i].rank;
        }
    }
  out->height = bottom;
  put_satellites (k, out);
  put_bends (k, out, centre);
  return out;
}

static void
work_clear (Work *k)
{
  g_free (k->host);
  g_free (k->rank);
  g_free (k->vertex);
  g_free (k->straight);
  g_free (k->chain);
  for (guint r = 0; k->l.rank != NULL && r < k->l.n_ranks; r++)
    g_free (k->l.rank[r]);
  g_free (k->l.rank);
  g_free (k->l.rank_len);
  g_free (k->l.v);
  lists_clear (&k->l.before);
  lists_clear (&k->l.after);
}

ChainLayered *
chain_layered_new (const ChainLayNode *nodes, guint n_nodes, const ChainLayEdge *edges, guint n_edges, const ChainLayOptions *options)
{
  Work k = { .nodes = nodes, .edges = edges, .o = options, .n = n_nodes, .m = n_edges };
  ChainLayered *out = NULL;
  guint crossings = 0;

  k.host = g_new0 (Host, MAX (n_nodes, 1));
  k.rank = g_new0 (int, MAX (n_nodes, 1));
  k.vertex = g_new0 (guint, MAX (n_nodes, 1));
  k.straight = g_new0 (gboolean, MAX (n_edges, 1));
  k.chain = g_new0 (guint, MAX (n_edges, 1));
  k.l.gap = options->node_gap;
  k.l.cancel = options->cancel;
  measure_hosts (&k);
  if (!find_ranks (&k))
    g_critical ("chain_layered_new: the edges have a cycle");
  else
    {
      make_layers (&k);
      if (_chain_layers_order (&k.l, &crossings) && _chain_layers_place (&k.l))
        out = put (&k, crossings);
    }
  work_clear (&k);
  return out;
}

void
chain_layered_free (ChainLayered *l)
{
  for (guint e = 0; e < l->n_edges; e++)
    g_free (l->bend[e]);
  g_free (l->bend);
  g_free (l->n_bends);
  g_free (l->x);
  g_free (l->y);
  g_free (l->rank);
  g_free (l);
}
