/* SPDX-License-Identifier: Apache-2.0 */
/* The order within ranks: from the order of the tape, median sweeps in both directions, then swaps of neighbours while crossings fall (Gansner,
 * Koutsofios, North, Vo 1993). Clusters stay together throughout. What was there before keeps its order, unless a swap removes two crossings or
 * more: a graph that grows must not jump. */
#include "app/picture/layered/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS 8u            /* four in each direction */
#define SWAP_ROUNDS 6u
#define SWAP_MOST 4096u      /* wider ranks are left as the sweeps made them */

typedef struct { double key; int cluster; double cluster_key; guint pos, v; } Sort;

static void
renumber (ChainLayers *l, guint rank)
{
  for (guint i = 0; i < l->rank_len[rank]; i++)
    l->v[l->rank[rank][i]].pos = i;
}

static int
compare_sort (const void *a, const void *b)
{
  const Sort *x = a, *y = b;

  if (x->cluster_key < y->cluster_key || x->cluster_key > y->cluster_key)
    return x->cluster_key < y->cluster_key ? -1 : 1;
  if (x->cluster != y->cluster)
    return x->cluster < y->cluster ? -1 : 1;
  if (x->key < y->key || x->key > y->key)
    return x->key < y->key ? -1 : 1;
  return x->pos < y->pos ? -1 : x->pos > y->pos;
}

/* A cluster stands where its members stand on average; who is in none stands for itself. */
static void
sort_rank (ChainLayers *l, guint rank, Sort *s)
{
  guint n = l->rank_len[rank];
  g_autoptr (GHashTable) sums = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  for (guint i = 0; i < n; i++)
    {
      double *sum;

      s[i].cluster_key = s[i].key;
      if (s[i].cluster < 0)
        continue;
      sum = g_hash_table_lookup (sums, GINT_TO_POINTER (s[i].cluster));
      if (sum == NULL)
        g_hash_table_insert (sums, GINT_TO_POINTER (s[i].cluster), sum = g_new0 (double, 2));
      sum[0] += s[i].key;
      sum[1] += 1;
    }
  for (guint i = 0; i < n; i++)
    if (s[i].cluster >= 0)
      {
        const double *sum = g_hash_table_lookup (sums, GINT_TO_POINTER (s[i].cluster));

        s[i].cluster_key = sum[0] / sum[1];
      }
  qsort (s, n, sizeof *s, compare_sort);
  for (guint i = 0; i < n; i++)
    l->rank[rank][i] = s[i].v;
  renumber (l, rank);
}

/* What was there before comes in its old order; what is new, behind the neighbour that it hangs on; at first all in the order of the tape. */
static void
first_order (ChainLayers *l, Sort *s)
{
  for (guint r = 0; r < l->n_ranks; r++)
    {
      for (guint i = 0; i < l->rank_len[r]; i++)
        {
          guint v = l->rank[r][i];
          const ChainVertex *x = &l->v[v];
          double key = x->old_place;

          for (guint j = l->before.first[v]; isnan (key) && l->n_old > 0 && j < l->before.first[v + 1]; j++)
            key = l->v[l->before.of[j]].old_place + 1e-3;
          if (isnan (key))
            key = l->n_old > 0 ? G_MAXFLOAT : x->order;
          s[i] = (Sort){ .key = key, .cluster = x->cluster, .pos = x->order, .v = v };
        }
      sort_rank (l, r, s);
    }
}

static int
compare_guint (const void *a, const void *b)
{
  guint x = *(const guint *) a, y = *(const guint *) b;

  return x < y ? -1 : x > y;
}

/* Positions of the neighbours of v, in order; their number. */
static guint
places_of (const ChainLayers *l, const ChainNeighbours *of, guint v, guint *out)
{
  guint n = of->first[v + 1] - of->first[v];

  for (guint i = 0; i < n; i++)
    out[i] = l->v[of->of[of->first[v] + i]].pos;
  if (n > 1)
    qsort (out, n, sizeof *out, compare_guint);
  return n;
}

/* The weighted median of Gansner et al.; −1: no neighbours. */
static double
median_of (const ChainLayers *l, const ChainNeighbours *of, guint v, guint *buf)
{
  guint n = places_of (l, of, v, buf), m = n / 2;
  double left, right;

  if (n == 0)
    return -1;
  if (n % 2 == 1)
    return buf[m];
  if (n == 2)
    return (buf[0] + buf[1]) / 2.0;
  left = buf[m - 1] - buf[0];
  right = buf[n - 1] - buf[m];
  return left + right > 0 ? (buf[m - 1] * right + buf[m] * left) / (left + right) : buf[m];
}

static void
sweep (ChainLayers *l, gboolean right, Sort *s, guint *buf)
{
  for (guint k = 1; k < l->n_ranks; k++)
    {
      guint r = right ? k : l->n_ranks - 1 - k, n = l->rank_len[r];

      for (guint i = 0; i < n; i++)
        {
          guint v = l->rank[r][i];
          double m = median_of (l, right ? &l->before : &l->after, v, buf);

          s[i] = (Sort){ .key = m >= 0 ? m : i, .cluster = l->v[v].cluster, .pos = i, .v = v };
        }
      sort_rank (l, r, s);
    }
}

/* Crossings between a rank and the next: inversions among the right ends, counted by a tree of sums (Barth, Jünger, Mutzel 2002). */
guint
_chain_layers_crossings (const ChainLayers *l, guint rank)
{
  guint size = 1, crossings = 0, n = l->rank_len[rank + 1], *buf;
  g_autofree guint *tree = NULL;

  while (size < n)
    size *= 2;
  tree = g_new0 (guint, 2 * size);
  buf = g_new (guint, MAX (l->after.first[l->n], 1));
  for (guint i = 0; i < l->rank_len[rank]; i++)
    {
      guint m = places_of (l, &l->after, l->rank[rank][i], buf);

      for (guint j = 0; j < m; j++)
        for (guint at = buf[j] + size; at > 1; at /= 2)
          if (at % 2 == 0)
            crossings += tree[at + 1];
      for (guint j = 0; j < m; j++)
        for (guint at = buf[j] + size; at > 0; at /= 2)
          tree[at]++;
    }
  g_free (buf);
  return crossings;
}

static guint
all_crossings (const ChainLayers *l)
{
  guint sum = 0;

  for (guint r = 0; r + 1 < l->n_ranks; r++)
    sum += _chain_layers_crossings (l, r);
  return sum;
}

/* Crossings among the edges of u and w to one side when u stands before w, minus those when it stands behind. */
static int
swap_gain (const ChainLayers *l, const ChainNeighbours *of, guint u, guint w, guint *a, guint *b)
{
  guint n = places_of (l, of, u, a), m = places_of (l, of, w, b);
  int now = 0, then = 0;

  for (guint i = 0, less = 0, same = 0; i < n; i++)
    {
      while (less < m && b[less] < a[i])
        less++;
      same = less;
      while (same < m && b[same] == a[i])
        same++;
      now += (int) less;
      then += (int) (m - same);
    }
  return now - then;
}

/* Swaps neighbours of a rank where that removes at least `least` crossings; once: nobody moves further than one place. TRUE if it did anything. */
static gboolean
swap_rank (ChainLayers *l, guint rank, int least, gboolean once, guint *a, guint *b)
{
  gboolean any = FALSE;

  for (guint i = 0; i + 1 < l->rank_len[rank]; i++)
    {
      guint u = l->rank[rank][i], w = l->rank[rank][i + 1];

      if (l->v[u].cluster != l->v[w].cluster || swap_gain (l, &l->before, u, w, a, b) + swap_gain (l, &l->after, u, w, a, b) < least)
        continue;
      l->rank[rank][i] = w;
      l->rank[rank][i + 1] = u;
      l->v[w].pos = i;
      l->v[u].pos = i + 1;
      any = TRUE;
      i += once;
    }
  return any;
}

static gboolean
swaps (ChainLayers *l, gboolean stable, guint *buf)
{
  g_autofree guint *other = g_new (guint, MAX (l->before.first[l->n] + 1, 1));

  for (guint round = 0; round < (stable ? 1 : SWAP_ROUNDS); round++)
    {
      gboolean any = FALSE;

      for (guint r = 0; r < l->n_ranks; r++)
        {
          if (_chain_layers_cancelled (l))
            return FALSE;
          if (l->rank_len[r] <= SWAP_MOST)
            any |= swap_rank (l, r, stable ? 2 : 1, stable, buf, other);
        }
      if (!any)
        break;
    }
  return TRUE;
}

typedef struct { guint **rank; guint crossings; } Best;

static void
keep (const ChainLayers *l, Best *best, guint crossings)
{
  best->crossings = crossings;
  for (guint r = 0; r < l->n_ranks; r++)
    memcpy (best->rank[r], l->rank[r], l->rank_len[r] * sizeof (guint));
}

/* The best order of the sweeps, made better by swaps. */
static gboolean
search (ChainLayers *l, Best *best, Sort *s, guint *buf)
{
  gboolean stable = l->n_old * 2 > l->n_real;
  guint sweeps = stable ? 0 : SWEEPS;

  keep (l, best, all_crossings (l));
  for (guint i = 0; i < sweeps && best->crossings > 0; i++)
    {
      guint crossings;

      if (_chain_layers_cancelled (l))
        return FALSE;
      sweep (l, i % 2 == 0, s, buf);
      crossings = all_crossings (l);
      if (crossings < best->crossings)
        keep (l, best, crossings);
    }
  for (guint r = 0; r < l->n_ranks; r++)
    {
      memcpy (l->rank[r], best->rank[r], l->rank_len[r] * sizeof (guint));
      renumber (l, r);
    }
  return best->crossings == 0 || swaps (l, stable, buf);
}

gboolean
_chain_layers_order (ChainLayers *l, guint *crossings)
{
  g_autofree Sort *s = g_new0 (Sort, MAX (l->n, 1));
  g_autofree guint *buf = g_new (guint, MAX (l->after.first[l->n] + 1, 1));
  Best best = { g_new0 (guint *, MAX (l->n_ranks, 1)), 0 };
  gboolean done;

  for (guint r = 0; r < l->n_ranks; r++)
    best.rank[r] = g_new (guint, MAX (l->rank_len[r], 1));
  first_order (l, s);
  done = search (l, &best, s, buf);
  *crossings = done ? all_crossings (l) : 0;
  for (guint r = 0; r < l->n_ranks; r++)
    g_free (best.rank[r]);
  g_free (best.rank);
  return done;
}
