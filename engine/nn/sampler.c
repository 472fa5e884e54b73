/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows are in a batch: a pure function of (seed, epoch, position), so a run that is replayed, resumed or raced draws the same rows
 * without storing a history (ARCHITECTURE 9.4, 9.6).
 *
 * The order of an epoch is one Philox stream whose step is the epoch: a permutation, or n draws with replacement (n draws are called an
 * epoch there as well, so that the x axis of a loss curve means the same). It is drawn when a batch first needs it. A batch that takes
 * the whole epoch keeps the natural order: shuffling would only change the rounding of its sums and cost a permutation a step. */
#include "engine/nn/dataset.h"

static void
draw_epoch (ChainSampler *s, gboolean natural)
{
  ChainStream stream;
  guint64 want = natural ? G_MAXUINT64 : s->epoch + 1;   /* the natural order is the same in every epoch */
  if (s->drawn == want)
    return;
  s->drawn = want;
  chain_stream_init (&stream, s->seed, CHAIN_STREAM_SHUFFLE, 0, s->epoch);
  if (natural)
    for (guint i = 0; i < s->n; i++)
      s->perm[i] = i;
  else if (s->order == CHAIN_ORDER_REPLACEMENT)
    for (guint i = 0; i < s->n; i++)
      s->perm[i] = chain_stream_below (&stream, i, 0, s->n);
  else
    chain_stream_permute (&stream, s->perm, s->n);
}

void
chain_sampler_init (ChainSampler *s, guint n, guint batch, ChainOrder order, gboolean drop_last, uint64_t seed)
{
  g_assert (n > 0);
  *s = (ChainSampler){ .n = n, .order = order, .drop_last = drop_last, .seed = seed };
  s->batch = batch == 0 || batch > n ? n : batch;
  s->perm = g_new (uint32_t, n);
}

void
chain_sampler_clear (ChainSampler *s)
{
  g_clear_pointer (&s->perm, g_free);
  g_clear_pointer (&s->script, g_ptr_array_unref);
}

gboolean
chain_sampler_at_epoch_end (const ChainSampler *s)
{
  if (s->pos >= s->n)
    return TRUE;
  return !s->script && s->drop_last && s->n - s->pos < s->batch;
}

static void
next_epoch (ChainSampler *s)
{
  s->pos = s->script ? s->pos - s->n : 0;
  s->epoch++;
}

/* A script counts an epoch for every n rows that it has used, wherever its batches end. */
static const uint32_t *
next_of_script (ChainSampler *s, guint *n_rows)
{
  if (s->step >= s->script->len)
    {
      *n_rows = 0;
      return NULL;
    }
  const GArray *rows = s->script->pdata[s->step++];
  *n_rows = rows->len;
  s->pos += rows->len;
  return (const uint32_t *) (gconstpointer) rows->data;
}

const uint32_t *
chain_sampler_next (ChainSampler *s, guint *n_rows)
{
  while (chain_sampler_at_epoch_end (s))
    next_epoch (s);
  if (s->script)
    return next_of_script (s, n_rows);
  *n_rows = MIN (s->batch, s->n - s->pos);
  draw_epoch (s, s->order == CHAIN_ORDER_SEQUENTIAL || (s->order == CHAIN_ORDER_SHUFFLE && *n_rows == s->n));
  const uint32_t *rows = s->perm + s->pos;
  s->pos += *n_rows;
  s->step++;
  return rows;
}

void
chain_sampler_seek (ChainSampler *s, guint64 epoch, guint pos, guint64 step)
{
  s->epoch = epoch;
  s->pos = pos;
  s->step = step;
}

void
chain_sampler_set_batch (ChainSampler *s, guint batch)
{
  s->batch = batch == 0 || batch > s->n ? s->n : batch;
}
