/* SPDX-License-Identifier: Apache-2.0 */
/* Places along the ranks by Brandes and Köpf (2001): vertices are aligned with the median of their neighbours into blocks, in four ways (towards the
 * left or the right rank, upper or lower median first), each way is packed, and the average of the two middle places of each vertex counts. Long edges
 * come out straight, and a vertex with two neighbours between them.
 *
 * Packing works on the graph of blocks, by longest paths in both directions, rather than by the recursion of the paper, whose shifts between classes
 * are wrong for some inputs (its authors' erratum of 2020). */
#include "app/picture/layered/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  ChainLayers *l;
  gboolean     left;                /* aligned with the rank before, else with the one behind */
  gboolean    *conflict;            /* short edges (index in before.of) that an alignment must not use */
  guint       *root, *align;
  double      *place;
} Pass;

/* A dummy between dummies is an inner segment of a long edge: it wins over what crosses it. */
static int
inner_before (const ChainLayers *l, guint v)
{
  if (l->v[v].node >= 0)
    return -1;
  for (guint j = l->before.first[v]; j < l->before.first[v + 1]; j++)
    if (l->v[l->before.of[j]].node < 0)
      return (int) l->v[l->before.of[j]].pos;
  return -1;
}

/* Marks edges that cross an inner segment (type 1 conflicts). */
static void
mark_conflicts (const ChainLayers *l, gboolean *conflict)
{
  for (guint r = 1; r < l->n_ranks; r++)
    {
      guint scanned = 0, k0 = 0, n = l->rank_len[r];

      for (guint i = 0; i < n; i++)
        {
          int inner = inner_before (l, l->rank[r][i]);
          guint k1 = inner >= 0 ? (guint) inner : l->rank_len[r - 1];

          if (inner < 0 && i + 1 < n)
            continue;
          for (; scanned <= i; scanned++)
            {
              guint v = l->rank[r][scanned];

              for (guint j = l->before.first[v]; j < l->before.first[v + 1]; j++)
                {
                  guint u = l->before.of[j], k = l->v[u].pos;

                  if ((k < k0 || k > k1) && !(l->v[u].node < 0 && l->v[v].node < 0))
                    conflict[j] = TRUE;
                }
            }
          k0 = k1;
        }
    }
}

static gboolean
is_conflict (const Pass *p, guint v, guint u)
{
  guint at = p->left ? v : u, of = p->left ? u : v;      /* the list is of the edge's right end */

  for (guint j = p->l->before.first[at]; j < p->l->before.first[at + 1]; j++)
    if (p->l->before.of[j] == of && p->conflict[j])
      return TRUE;
  return FALSE;
}

typedef struct { guint pos, v; } Near;

static int
compare_near (const void *a, const void *b)
{
  const Near *x = a, *y = b;

  return x->pos < y->pos ? -1 : x->pos > y->pos;
}

/* A node that has nodes for neighbours looks at them alone: a chain stays straight where a skip joins it or a constant is read from afar, and it is
 * the long edge that goes around. */
static guint
list_near (const ChainLayers *l, const ChainNeighbours *of, guint v, Near *near)
{
  guint n = 0;

  for (int dummies = 0; dummies < 2 && n == 0; dummies++)
    for (guint i = of->first[v]; i < of->first[v + 1]; i++)
      if (l->v[v].node < 0 || (l->v[of->of[i]].node < 0) == (dummies == 1))
        near[n++] = (Near){ l->v[of->of[i]].pos, of->of[i] };
  if (n > 1)
    qsort (near, n, sizeof *near, compare_near);
  return n;
}

/* Aligns v with a median neighbour, the upper one first, that stands below what neighbours of v's rank are aligned with; the new border. */
static gint64
align_one (Pass *p, guint v, gint64 border, Near *near)
{
  const ChainNeighbours *of = p->left ? &p->l->before : &p->l->after;
  guint n = list_near (p->l, of, v, near);

  for (guint k = 0; k < 2 && n > 0; k++)
    {
      guint m = k == 0 ? (n - 1) / 2 : n / 2;
      gint64 pos = near[m].pos;

      if (p->align[v] != v || pos <= border || is_conflict (p, v, near[m].v))
        continue;
      p->align[near[m].v] = v;
      p->root[v] = p->root[near[m].v];
      p->align[v] = p->root[v];
      border = pos;
    }
  return border;
}

static void
align_all (Pass *p)
{
  ChainLayers *l = p->l;
  g_autofree Near *near = g_new (Near, MAX (l->before.first[l->n] + 1, 1));

  for (guint v = 0; v < l->n; v++)
    p->root[v] = p->align[v] = v;
  for (guint k = 0; k < l->n_ranks; k++)
    {
      guint r = p->left ? k : l->n_ranks - 1 - k, n = l->rank_len[r];
      gint64 border = -1;

      for (guint i = 0; i < n; i++)
        border = align_one (p, l->rank[r][i], border, near);
    }
}

/* Distance that the axes of two neighbours of a rank must keep. */
static double
distance (const ChainLayers *l, guint above, guint below)
{
  double gap = l->v[above].node < 0 || l->v[below].node < 0 ? l->gap / 2 : l->gap;

  return l->v[above].down + gap + l->v[below].up;
}

/* How far the block of root is from the blocks below it: calls each with the block and the distance its axis must keep. */
typedef void (*BelowFunc) (Pass *p, guint root, guint below, double distance, gpointer data);

static void
each_below (Pass *p, guint root, BelowFunc func, gpointer data)
{
  const ChainLayers *l = p->l;
  guint v = root;

  do
    {
      const ChainVertex *x = &l->v[v];

      if (x->pos + 1 < l->rank_len[x->rank])
        {
          guint below = l->rank[x->rank][x->pos + 1];

          func (p, root, p->root[below], distance (l, v, below), data);
        }
      v = p->align[v];
    }
  while (v != root);
}

typedef struct { guint *missing, *queue, tail; } Queue;

static void
push_down (Pass *p, guint root, guint below, double distance, gpointer data)
{
  Queue *q = data;

  p->place[below] = MAX (p->place[below], p->place[root] + distance);
  if (--q->missing[below] == 0)
    q->queue[q->tail++] = below;
}

static void
find_most (Pass *p, guint root, guint below, double distance, gpointer data)
{
  double *most = data;

  *most = MIN (*most, p->place[below] - distance);
}

/* Each block comes as far up as those above it let it (Kahn's order); then what can move down towards what is below it does, so that no block hangs
 * loose at the top. */
static void
pack (Pass *p)
{
  ChainLayers *l = p->l;
  g_autofree guint *missing = g_new0 (guint, MAX (l->n, 1)), *queue = g_new (guint, MAX (l->n, 1));
  Queue q = { missing, queue, 0 };

  for (guint r = 0; r < l->n_ranks; r++)
    for (guint i = 1; i < l->rank_len[r]; i++)
      missing[p->root[l->rank[r][i]]]++;
  for (guint v = 0; v < l->n; v++)
    if (p->root[v] == v && missing[v] == 0)
      queue[q.tail++] = v;
  for (guint head = 0; head < q.tail; head++)
    each_below (p, queue[head], push_down, &q);
  for (guint i = q.tail; i-- > 0;)
    {
      double most = G_MAXDOUBLE;

      each_below (p, queue[i], find_most, &most);
      if (most < G_MAXDOUBLE)
        p->place[queue[i]] = MAX (p->place[queue[i]], most);
    }
  for (guint v = 0; v < l->n; v++)
    p->place[v] = p->place[p->root[v]];
}

/* The mirror image packs towards the other end. */
static void
flip (ChainLayers *l)
{
  for (guint r = 0; r < l->n_ranks; r++)
    {
      guint n = l->rank_len[r];

      for (guint i = 0; i < n / 2; i++)
        {
          guint u = l->rank[r][i];

          l->rank[r][i] = l->rank[r][n - 1 - i];
          l->rank[r][n - 1 - i] = u;
        }
      for (guint i = 0; i < n; i++)
        l->v[l->rank[r][i]].pos = i;
    }
  for (guint v = 0; v < l->n; v++)
    {
      double up = l->v[v].up;

      l->v[v].up = l->v[v].down;
      l->v[v].down = up;
    }
}

static int
compare_double (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
extent (const ChainLayers *l, const double *place, double *least, double *most)
{
  *least = G_MAXDOUBLE;
  *most = -G_MAXDOUBLE;
  for (guint v = 0; v < l->n; v++)
    {
      *least = MIN (*least, place[v] - l->v[v].up);
      *most = MAX (*most, place[v] + l->v[v].down);
    }
}

/* All four onto the narrowest: those packed from the top by their top, the others by their bottom; then the average of the two in the middle. */
static void
balance (ChainLayers *l, double *places[4])
{
  double least[4], most[4];
  guint narrow = 0;

  for (guint k = 0; k < 4; k++)
    {
      extent (l, places[k], &least[k], &most[k]);
      if (most[k] - least[k] < most[narrow] - least[narrow])
        narrow = k;
    }
  for (guint v = 0; v < l->n; v++)
    {
      double at[4];

      for (guint k = 0; k < 4; k++)
        at[k] = places[k][v] + (k % 2 == 0 ? least[narrow] - least[k] : most[narrow] - most[k]);
      qsort (at, 4, sizeof *at, compare_double);
      l->v[v].place = (at[1] + at[2]) / 2;
    }
}

gboolean
_chain_layers_place (ChainLayers *l)
{
  double *places[4] = { NULL };
  g_autofree gboolean *conflict = g_new0 (gboolean, MAX (l->before.first[l->n], 1));
  g_autofree guint *root = g_new (guint, MAX (l->n, 1)), *align = g_new (guint, MAX (l->n, 1));
  gboolean done = TRUE;

  mark_conflicts (l, conflict);
  for (guint k = 0; k < 4 && done; k++)
    {
      Pass p = { .l = l, .left = k < 2, .conflict = conflict, .root = root, .align = align };

      places[k] = p.place = g_new0 (double, MAX (l->n, 1));
      if (k % 2 == 1)
        flip (l);
      align_all (&p);
      pack (&p);
      if (k % 2 == 1)
        {
          flip (l);
          for (guint v = 0; v < l->n; v++)
            p.place[v] = -p.place[v];
        }
      done = !_chain_layers_cancelled (l);
    }
  if (done && l->n > 0)
    balance (l, places);
  for (guint k = 0; k < 4; k++)
    g_free (places[k]);
  return done;
}
