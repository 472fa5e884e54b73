/* SPDX-License-Identifier: Apache-2.0 */
/* A curve that may run for days must neither lose its recent points nor grow without bound. Values arrive in blocks of 1 024; the newest 64
 * full blocks stay exact. The block that falls out at the far end is folded into buckets of `width` values; when 8 192 buckets are full,
 * neighbours merge and the width doubles. So a series is at most 64 + 2 blocks of 16 KiB and 8 192 buckets of 48 bytes: 1.4 MiB.
 *
 * Blocks and the bucket store are shared with views by reference. The writer only ever appends behind what a view can see; where it would
 * have to overwrite (truncation, merging) it works on a copy of its own. Publishing the view orders the memory. */
#include "app/train/series.h"

#include <math.h>
#include <string.h>

#define BLOCK 1024u
#define EXACT_BLOCKS 64u
#define BUCKETS 8192u
#define FIRST_WIDTH 16u

typedef struct { double x, y; } Point;
typedef struct { int ref_count; Point p[BLOCK]; } Block;
typedef struct { int ref_count; ChainBucket b[BUCKETS]; } Store;

struct _ChainSeries
{
  Store      *store;                    /* NULL until the first block is folded */
  guint       n_buckets;
  guint64     width;                    /* values a bucket */
  ChainBucket open;                     /* being filled; n == 0: none */
  Block      *blocks[EXACT_BLOCKS + 1]; /* the last one may be partly filled */
  guint       n_blocks, fill;           /* fill: values in the last block */
};

struct _ChainSeriesView
{
  int         ref_count;
  Store      *store;
  guint       n_buckets;
  ChainBucket open;
  guint       n_blocks, fill;
  Block      *blocks[];
};

static Block *
block_ref (Block *b)
{
  g_atomic_int_inc (&b->ref_count);
  return b;
}

static void
block_unref (Block *b)
{
  if (g_atomic_int_dec_and_test (&b->ref_count))
    g_free (b);
}

static Block *
block_new (void)
{
  Block *b = g_new (Block, 1);

  b->ref_count = 1;
  return b;
}

static Store *
store_ref (Store *s)
{
  if (s != NULL)
    g_atomic_int_inc (&s->ref_count);
  return s;
}

static void
store_unref (Store *s)
{
  if (s != NULL && g_atomic_int_dec_and_test (&s->ref_count))
    g_free (s);
}

ChainSeries *
chain_series_new (void)
{
  ChainSeries *s = g_new0 (ChainSeries, 1);

  s->width = FIRST_WIDTH;
  return s;
}

static void
drop_blocks (ChainSeries *s, guint from)
{
  for (guint i = from; i < s->n_blocks; i++)
    block_unref (s->blocks[i]);
  s->n_blocks = MIN (s->n_blocks, from);
}

void
chain_series_free (ChainSeries *s)
{
  if (s == NULL)
    return;
  drop_blocks (s, 0);
  store_unref (s->store);
  g_free (s);
}

static void
bucket_join (ChainBucket *to, const ChainBucket *b)
{
  if (to->n == 0)
    {
      *to = *b;
      return;
    }
  to->min = fmin (to->min, b->min);
  to->max = fmax (to->max, b->max);
  to->mean += (b->mean - to->mean) * ((double) b->n / (double) (to->n + b->n));
  to->last = b->last;
  to->n += b->n;
}

static ChainBucket
bucket_of (const Point *p)
{
  return (ChainBucket){ p->x, p->y, p->y, p->y, p->y, 1 };
}

/* A store that no view can see, with the first n buckets of the present one. */
static void
own_store (ChainSeries *s, guint n)
{
  Store *copy;

  if (s->store != NULL && g_atomic_int_get (&s->store->ref_count) == 1)
    return;
  copy = g_new (Store, 1);
  copy->ref_count = 1;
  if (s->store != NULL && n > 0)
    memcpy (copy->b, s->store->b, n * sizeof (ChainBucket));
  store_unref (s->store);
  s->store = copy;
}

static void
merge_pairs (ChainSeries *s)
{
  own_store (s, s->n_buckets);
  for (guint i = 0; i < BUCKETS / 2; i++)
    {
      ChainBucket b = s->store->b[2 * i];

      bucket_join (&b, &s->store->b[2 * i + 1]);
      s->store->b[i] = b;
    }
  s->n_buckets = BUCKETS / 2;
  s->width *= 2;
}

static void
push_bucket (ChainSeries *s)
{
  if (s->store == NULL)
    own_store (s, 0);
  if (s->n_buckets == BUCKETS)
    merge_pairs (s);
  s->store->b[s->n_buckets++] = s->open;
  s->open.n = 0;
}

/* Takes the oldest exact block out and folds its values into buckets. */
static void
fold_oldest (ChainSeries *s)
{
  Block *b = s->blocks[0];

  for (guint i = 0; i < BLOCK; i++)
    {
      ChainBucket one = bucket_of (&b->p[i]);

      bucket_join (&s->open, &one);
      if (s->open.n >= s->width)
        push_bucket (s);
    }
  s->n_blocks--;
  memmove (s->blocks, s->blocks + 1, s->n_blocks * sizeof s->blocks[0]);
  if (g_atomic_int_get (&b->ref_count) == 1)
    s->blocks[s->n_blocks] = b;
  else
    {
      block_unref (b);
      s->blocks[s->n_blocks] = block_new ();
    }
}

static G_GNUC_NO_INLINE void
add_block (ChainSeries *s)
{
  if (s->n_blocks == EXACT_BLOCKS + 1)
    fold_oldest (s);
  else
    s->blocks[s->n_blocks] = block_new ();
  s->n_blocks++;
  s->fill = 0;
}

void
chain_series_append (ChainSeries *s, double x, double y)
{
  if (G_UNLIKELY (s->n_blocks == 0 || s->fill == BLOCK))
    add_block (s);
  s->blocks[s->n_blocks - 1]->p[s->fill++] = (Point){ x, y };
}

/* A bucket that begins at or before x may still hold later values: it stays only if what follows it also begins at or before x. */
static void
truncate_buckets (ChainSeries *s, double x)
{
  guint n = s->n_buckets;

  if (s->open.n > 0 && s->open.x <= x)
    {
      s->open.n = 0;
      return;
    }
  s->open.n = 0;
  while (n > 0 && s->store->b[n - 1].x > x)
    n--;
  if (n > 0)
    n--;
  s->n_buckets = n;
  if (n > 0)
    own_store (s, n);
  else
    g_clear_pointer (&s->store, store_unref);
  if (n == 0)
    s->width = FIRST_WIDTH;
}

static guint
points_up_to (const Block *b, guint fill, double x)
{
  guint low = 0, high = fill;

  while (low < high)
    {
      guint mid = (low + high) / 2;

      if (b->p[mid].x <= x)
        low = mid + 1;
      else
        high = mid;
    }
  return low;
}

void
chain_series_truncate (ChainSeries *s, double x)
{
  guint n = s->n_blocks, keep;

  while (n > 0 && s->blocks[n - 1]->p[0].x > x)
    n--;
  if (n == 0)
    {
      drop_blocks (s, 0);
      truncate_buckets (s, x);
      return;
    }
  keep = points_up_to (s->blocks[n - 1], n == s->n_blocks ? s->fill : BLOCK, x);
  drop_blocks (s, n);
  if (g_atomic_int_get (&s->blocks[n - 1]->ref_count) > 1)
    {
      Block *copy = block_new ();

      memcpy (copy->p, s->blocks[n - 1]->p, keep * sizeof (Point));
      block_unref (s->blocks[n - 1]);
      s->blocks[n - 1] = copy;
    }
  s->fill = keep;
}

gsize
chain_series_bytes (const ChainSeries *s)
{
  return sizeof *s + s->n_blocks * sizeof (Block) + (s->store != NULL ? sizeof (Store) : 0);
}

ChainSeriesView *
chain_series_view (ChainSeries *s)
{
  ChainSeriesView *v = g_malloc (sizeof *v + s->n_blocks * sizeof (Block *));

  v->ref_count = 1;
  v->store = store_ref (s->store);
  v->n_buckets = s->n_buckets;
  v->open = s->open;
  v->n_blocks = s->n_blocks;
  v->fill = s->fill;
  for (guint i = 0; i < s->n_blocks; i++)
    v->blocks[i] = block_ref (s->blocks[i]);
  return v;
}

ChainSeriesView *
chain_series_view_ref (ChainSeriesView *v)
{
  g_atomic_int_inc (&v->ref_count);
  return v;
}

void
chain_series_view_unref (ChainSeriesView *v)
{
  if (v == NULL || !g_atomic_int_dec_and_test (&v->ref_count))
    return;
  for (guint i = 0; i < v->n_blocks; i++)
    block_unref (v->blocks[i]);
  store_unref (v->store);
  g_free (v);
}

guint
chain_series_view_size (const ChainSeriesView *v)
{
  guint exact = v->n_blocks == 0 ? 0 : (v->n_blocks - 1) * BLOCK + v->fill;

  return v->n_buckets + (v->open.n > 0) + exact;
}

ChainBucket
chain_series_view_get (const ChainSeriesView *v, guint i)
{
  g_assert (i < chain_series_view_size (v));
  if (i < v->n_buckets)
    return v->store->b[i];
  i -= v->n_buckets;
  if (v->open.n > 0 && i-- == 0)
    return v->open;
  return bucket_of (&v->blocks[i / BLOCK]->p[i % BLOCK]);
}
