/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows are in a batch: a pure function of (seed, epoch, position), so a run that is replayed, resumed or raced draws the same rows
 * without storing a history (ARCHITECTURE 9.4, 9.6).
 *
 * The order of an epoch is one Philox stream whose step is the epoch: a permutation, or n draws with replacement (n draws are called an
 * epoch there as well, so that the x axis of a loss curve means the same). It is drawn when a batch first needs it. A batch that takes
 * the whole epoch keeps the natural order: shuffling would only change the rounding of its sums and cost a permutation a step.
 *
 * Unequal classes (SLIDE: Cost sensitivity, "over- and under- data sampling with pre-defined frequencies"): over-sampling draws a class by
 * its frequency, then one of its rows; under-sampling takes as many rows of each class as the scarcest allows, others in every epoch. */
#include "engine/nn/dataset.h"

#include "engine/nn/table/rows.h"

#include <math.h>

static void
draw_balanced (ChainSampler *s, const ChainStream *stream)
{
  for (guint i = 0; i < s->n; i++)
    {
      double u = chain_stream_uniform (stream, i, 1) * s->share[s->classes - 1];
      guint c = 0;

      while (u > s->share[c])
        c++;
      s->perm[i] = s->members[s->start[c] + chain_stream_below (stream, i, 0, s->start[c + 1] - s->start[c])];
    }
}

/* Each class by a stream of its own, then all of them mixed. */
static void
draw_fewer (ChainSampler *s, const ChainStream *stream)
{
  g_autofree uint32_t *order = g_new (uint32_t, s->start[s->classes] + 1), *rows = g_new (uint32_t, s->n + 1);
  guint at = 0;

  for (guint c = 0; c < s->classes; c++)
    {
      ChainStream own;

      chain_stream_init (&own, s->seed, CHAIN_STREAM_SHUFFLE, c + 1, s->epoch);
      chain_stream_permute (&own, order, s->start[c + 1] - s->start[c]);
      for (guint i = 0; i < s->take[c]; i++)
        rows[at++] = s->members[s->start[c] + order[i]];
    }
  chain_stream_permute (stream, order, s->n);
  for (guint i = 0; i < s->n; i++)
    s->perm[i] = rows[order[i]];
}

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
  else if (s->classes > 0 && s->order == CHAIN_ORDER_BALANCED)
    draw_balanced (s, &stream);
  else if (s->classes > 0 && s->order == CHAIN_ORDER_UNDERSAMPLE)
    draw_fewer (s, &stream);
  else if (s->order == CHAIN_ORDER_REPLACEMENT || s->order == CHAIN_ORDER_BALANCED)
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

/* Rows by class, in their order. */
static void
group (ChainSampler *s, const double *t, guint k)
{
  s->members = g_new (uint32_t, s->n);
  s->start = g_new0 (guint, s->classes + 1);
  for (guint c = 0, at = 0; c < s->classes; c++)
    {
      for (guint i = 0; i < s->n; i++)
        if (t[(gsize) i * k] == c)
          s->members[at++] = i;
      s->start[c + 1] = at;
    }
}

/* How many rows of each class an epoch has so that all are at their frequencies and none is short. */
static void
set_take (ChainSampler *s, const double *frequency)
{
  double most = INFINITY;
  gboolean full = s->batch == s->n;

  s->take = g_new0 (guint, s->classes);
  s->n = 0;
  for (guint c = 0; c < s->classes; c++)
    if (frequency[c] > 0)
      most = fmin (most, (s->start[c + 1] - s->start[c]) / frequency[c]);
  for (guint c = 0; c < s->classes; c++)
    if (frequency[c] > 0)
      {
        s->take[c] = (guint) fmax (1, floor (frequency[c] * most + 1e-9));
        s->n += s->take[c];
      }
  s->batch = full ? s->n : MIN (s->batch, s->n);
}

void
chain_sampler_set_classes (ChainSampler *s, const double *t, guint k, guint classes, const char *frequencies)
{
  double list[CHAIN_PARAM_LIST_MAX], total = 0;
  int given = frequencies != NULL ? _chain_parse_list (frequencies, list, G_N_ELEMENTS (list)) : 0;
  g_autofree double *frequency = g_new0 (double, classes + 1);

  if (classes == 0 || (s->order != CHAIN_ORDER_BALANCED && s->order != CHAIN_ORDER_UNDERSAMPLE))
    return;
  s->classes = classes;
  group (s, t, k);
  s->share = g_new (double, classes);
  for (guint c = 0; c < classes; c++)
    {
      gboolean present = s->start[c + 1] > s->start[c];

      frequency[c] = !present ? 0 : given <= 0 ? 1 : (int) c < given ? list[c] : 0;
      s->share[c] = total += frequency[c];
    }
  if (!(total > 0))        /* only classes without rows have a frequency: all rows alike */
    s->classes = 0;
  else if (s->order == CHAIN_ORDER_UNDERSAMPLE)
    set_take (s, frequency);
}

void
chain_sampler_clear (ChainSampler *s)
{
  g_clear_pointer (&s->members, g_free);
  g_clear_pointer (&s->start, g_free);
  g_clear_pointer (&s->take, g_free);
  g_clear_pointer (&s->share, g_free);
  g_clear_pointer (&s->perm, g_free);
  g_clear_pointer (&s->script, g_ptr_array_unref);
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
