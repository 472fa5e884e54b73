/* SPDX-License-Identifier: Apache-2.0 */
/* Findings at, below and above each threshold, on a snapshot made by hand; what is shown of them over time. */
#include "app/health/health.h"

#include <math.h>
#include <string.h>

#define N 4u
#define PERCENT "\xe2\x80\xaf%"

/* Four tanh layers of six units, well in every way; step 1. */
static ChainSnapshot *
snapshot_new (void)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *spec = chain_spec_copy (example);
  ChainSnapshot *s = g_new0 (ChainSnapshot, 1);

  g_ptr_array_insert (spec->layers, 1, chain_layer_copy (g_ptr_array_index (spec->layers, 1)));
  chain_set_str (&((ChainLayer *) g_ptr_array_index (spec->layers, 1))->id, "extra");
  s->ref_count = 1;
  s->spec = chain_spec_seal (spec);
  s->step = 1;
  s->state = CHAIN_RUN_PAUSED;
  s->trouble = -1;
  s->lr = 0.03;
  s->grad_norm = 1;
  s->tensors = g_ptr_array_new ();
  s->layers = g_ptr_array_new ();
  for (guint i = 0; i < N; i++)
    {
      const ChainLayer *from = g_ptr_array_index (s->spec->layers, i);
      ChainSnapLayer *l = g_new0 (ChainSnapLayer, 1);

      l->id = g_strdup (from->id);
      l->width = 6;
      l->stat = (ChainLayerStat){ .grad_rms = 0.1, .weight_rms = 1, .saturated = 0.1, .dead = 0, .symmetric = 0, .non_finite = 0 };
      g_ptr_array_add (s->layers, l);
    }
  return s;
}

static ChainSnapLayer *
layer (ChainSnapshot *s, guint i)
{
  return g_ptr_array_index (s->layers, i);
}

static void
snapshot_free (ChainSnapshot *s)
{
  for (guint i = 0; i < N; i++)
    {
      g_free (layer (s, i)->id);
      g_free (layer (s, i));
    }
  g_ptr_array_unref (s->layers);
  g_ptr_array_unref (s->tensors);
  chain_spec_unref (s->spec);
  g_free (s);
}

/* As the trainer does. */
static void
judge (ChainSnapshot *s)
{
  ChainLayerStat stats[N];
  guint bits[N];

  for (guint i = 0; i < N; i++)
    stats[i] = layer (s, i)->stat;
  chain_health_layers (stats, N, s->step > 0 ? s->grad_norm : NAN, bits);
  for (guint i = 0; i < N; i++)
    layer (s, i)->health = bits[i];
}

/* A bit a layer that has a finding of this kind. */
static guint
found (ChainSnapshot *s, ChainFindingKind kind)
{
  g_autoptr (GPtrArray) list = NULL;
  guint where = 0;

  judge (s);
  list = chain_health_findings (s);
  for (guint i = 0; i < list->len; i++)
    {
      const ChainFinding *f = g_ptr_array_index (list, i);

      g_assert_nonnull (f->badge);
      g_assert_cmpint (strlen (f->cause), >, 10);
      g_assert_cmpint (strlen (f->rule), >, 10);
      if (f->kind == kind)
        where |= 1u << f->layer;
    }
  return where;
}

static void
test_healthy (void)
{
  ChainSnapshot *s = snapshot_new ();
  g_autoptr (GPtrArray) list = NULL;

  judge (s);
  list = chain_health_findings (s);
  g_assert_cmpuint (list->len, ==, 0);
  snapshot_free (s);
}

/* One number of a snapshot: just below, at and just above its threshold; which layers then have the finding. */
typedef struct { double value; guint where; } Point;

static double *
number_of (ChainSnapshot *s, const char *name)
{
  ChainLayerStat *stat = &layer (s, 1)->stat;

  if (g_str_equal (name, "norm"))
    return &s->grad_norm;
  if (g_str_equal (name, "saturated"))
    return &stat->saturated;
  if (g_str_equal (name, "symmetric"))
    return &stat->symmetric;
  if (g_str_equal (name, "dead"))
    return &stat->dead;
  return g_str_equal (name, "non-finite") ? &stat->non_finite : &stat->grad_rms;
}

static void
test_thresholds (void)
{
  static const struct { ChainFindingKind kind; const char *number; double others; Point points[3]; } rows[] = {
    { CHAIN_FINDING_SATURATED, "saturated", 0.1, { { 0.499, 0 }, { 0.5, 0 }, { 0.501, 2 } } },          /* more than half */
    { CHAIN_FINDING_SYMMETRIC, "symmetric", 0.1, { { 0, 0 }, { NAN, 0 }, { 2.0 / 6, 2 } } },
    { CHAIN_FINDING_DEAD, "dead", 0.1, { { 0, 0 }, { NAN, 0 }, { 1.0 / 6, 2 } } },
    { CHAIN_FINDING_NOT_FINITE, "non-finite", 0.1, { { 0, 0 }, { NAN, 0 }, { 0.01, 2 } } },
    /* below 10⁻³ of the largest, and below 10⁻⁵: the others decide which of the two it is about */
    { CHAIN_FINDING_VANISHING, "gradient", 0.1, { { 1.01e-5, 0 }, { 1e-5, 0 }, { 0.99e-5, 2 } } },
    { CHAIN_FINDING_VANISHING, "gradient", 0.0009765625, { { 1e-6, 0 }, { 0.0009765625 * 1e-3, 0 }, { 0.97e-6, 2 } } },
    /* above 10³ times the median */
    { CHAIN_FINDING_EXPLODING, "gradient", 0.125, { { 124, 0 }, { 125, 0 }, { 126, 2 } } },
    { CHAIN_FINDING_EXPLODING, "gradient", 0x1p-12, { { 0.99, 0 }, { 1, 0 }, { 1.01, 2 } } },
    { CHAIN_FINDING_EXPLODING, "norm", 0.1, { { 999, 0 }, { 1000, 0 }, { 1001, 15 } } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint k = 0; k < 3; k++)
      {
        ChainSnapshot *s = snapshot_new ();

        for (guint j = 0; j < N; j++)
          layer (s, j)->stat.grad_rms = rows[i].others;
        *number_of (s, rows[i].number) = rows[i].points[k].value;
        g_test_message ("%s, point %u", rows[i].number, k);
        g_assert_cmpuint (found (s, rows[i].kind), ==, rows[i].points[k].where);
        snapshot_free (s);
      }
}

static void
test_diverged (void)
{
  ChainSnapshot *s = snapshot_new ();

  s->state = CHAIN_RUN_DIVERGED;
  s->message = (char *) "Step 4: exp in layer 2 overflowed";
  s->trouble = 2;
  g_assert_cmpuint (found (s, CHAIN_FINDING_DIVERGED), ==, 4);
  s->trouble = -1;
  g_assert_cmpuint (found (s, CHAIN_FINDING_DIVERGED), ==, 8);
  s->broke = (ChainTrouble){ 5, CHAIN_BROKE_LARGE, CHAIN_BROKE_IN_LAYER, TRUE, -5e20, -9e6 };
  s->trouble = 1;
  {
    g_autofree char *told = chain_health_trouble_text (s);
    g_autoptr (GPtrArray) list = chain_health_findings (s);
    const ChainFinding *f = g_ptr_array_index (list, 0);

    g_assert_cmpstr (told, ==, "Step 5: the numbers in the gradient of layer 2 grew too large");
    g_assert_cmpstr (f->cause, ==, "Step 5: the numbers in the gradient of layer 2 grew too large. What it was computed from lay between −5 × 10²⁰ and −9 × 10⁶.");
    g_assert_null (strstr (f->cause, "exp"));
  }
  s->state = CHAIN_RUN_RUNNING;
  g_assert_cmpuint (found (s, CHAIN_FINDING_DIVERGED), ==, 0);
  snapshot_free (s);
}

static char *
shown_as (const ChainHealthWatch *w)
{
  GString *d = g_string_new (NULL);
  const GPtrArray *shown = chain_health_watch_shown (w);

  for (guint i = 0; i < shown->len; i++)
    {
      const ChainFinding *f = g_ptr_array_index (shown, i);

      g_string_append_printf (d, "%s%s@%d", i > 0 ? " " : "", f->badge, f->layer);
    }
  return g_string_free (d, FALSE);
}

/* Shares of batch after batch, every 50 ms; what the badge says after each. */
static void
test_no_flicker (void)
{
  static const struct { ChainRunState state; double share; const char *shown; gboolean changed; } rows[] = {
    { CHAIN_RUN_READY, 0.6, "60" PERCENT " saturated@1", TRUE },          /* at rest at once */
    { CHAIN_RUN_READY, 0.4, "", TRUE },
    { CHAIN_RUN_RUNNING, 0.7, "", FALSE }, { CHAIN_RUN_RUNNING, 0.3, "", FALSE }, { CHAIN_RUN_RUNNING, 0.7, "", FALSE },
    { CHAIN_RUN_RUNNING, 0.3, "", FALSE }, { CHAIN_RUN_RUNNING, 0.6, "", FALSE }, { CHAIN_RUN_RUNNING, 0.61, "", FALSE },
    { CHAIN_RUN_RUNNING, 0.62, "", FALSE }, { CHAIN_RUN_RUNNING, 0.63, "", FALSE }, { CHAIN_RUN_RUNNING, 0.64, "", FALSE },
    { CHAIN_RUN_RUNNING, 0.65, "", FALSE },
    { CHAIN_RUN_RUNNING, 0.66, "66" PERCENT " saturated@1", TRUE },       /* 300 ms */
    { CHAIN_RUN_RUNNING, 0.3, "66" PERCENT " saturated@1", FALSE },
    { CHAIN_RUN_PAUSED, 0.3, "", TRUE },
  };
  ChainHealthWatch *w = chain_health_watch_new ();
  ChainSnapshot *s = snapshot_new ();
  gint64 now = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = NULL;
      gboolean changed;

      s->state = rows[i].state;
      layer (s, 1)->stat.saturated = rows[i].share;
      judge (s);
      changed = chain_health_watch_take (w, s, now += 50 * 1000);
      text = shown_as (w);
      g_test_message ("take %u", i);
      g_assert_cmpstr (text, ==, rows[i].shown);
      g_assert_cmpint (changed, ==, rows[i].changed);
    }
  chain_health_watch_free (w);
  snapshot_free (s);
}

/* Every second batch over the threshold, for ten seconds: the badge comes once and stays; 1.1 s without, and it is gone. */
static void
test_lingers (void)
{
  ChainHealthWatch *w = chain_health_watch_new ();
  ChainSnapshot *s = snapshot_new ();
  guint changes = 0, lasted = 0;

  s->state = CHAIN_RUN_RUNNING;
  for (guint i = 0; i < 330; i++)
    {
      layer (s, 0)->stat.symmetric = i < 15 ? 1 : i % 2;
      judge (s);
      changes += chain_health_watch_take (w, s, (gint64) i * 30000);
      lasted += chain_health_watch_shown (w)->len;
    }
  g_assert_cmpuint (changes, ==, 1);
  g_assert_cmpuint (lasted, >, 300);
  layer (s, 0)->stat.symmetric = 0;
  judge (s);
  g_assert_true (chain_health_watch_take (w, s, 11 * G_USEC_PER_SEC));
  g_assert_cmpuint (chain_health_watch_shown (w)->len, ==, 0);
  chain_health_watch_free (w);
  snapshot_free (s);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/healthy", test_healthy);
  g_test_add_func ("/health/thresholds", test_thresholds);
  g_test_add_func ("/health/diverged", test_diverged);
  g_test_add_func ("/health/no-flicker", test_no_flicker);
  g_test_add_func ("/health/lingers", test_lingers);
  return g_test_run ();
}
