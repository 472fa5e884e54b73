/* SPDX-License-Identifier: Apache-2.0 */
/* lr-range: the learning-rate range test (Smith 2017; SPEC 8). The rate rises from step to step by the schedule `lr_range_test`; the smoothed loss
 * tells where learning begins, where it is fastest and where it breaks. The run is the trainer's own, so batches, dropout and optimiser
 * are those of training. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/io/json.h"
#include "engine/base/number.h"

#define SMOOTHING 0.98
#define TOO_MUCH 4.0      /* times the best smoothed loss */

typedef struct { double lr, loss, smoothed; } Point;
typedef struct { double steepest, best; } Suggestion;   /* rates; NaN where there is none */

static const char *const ends[] = { N_ ("the highest rate was reached"), N_ ("the loss rose to four times its best"), N_ ("the loss left the finite numbers") };
static const char *const end_names[] = { "highest", "rose", "diverged" };

static ChainSpec *
range_spec (const ChainSpec *spec, double low, double high, gint64 steps)
{
  ChainSpec *s = chain_spec_copy (spec);

  chain_choice_set_param (&s->optimiser, "lr", low);
  chain_choice_set (&s->schedule, "lr_range_test", "exponential");
  chain_choice_set_param (&s->schedule, "lr_max", high);
  chain_choice_set_param (&s->schedule, "steps", (double) steps);
  s->schedule_per_epoch = FALSE;
  s->stop = (ChainStopSpec){ .steps = (guint64) steps, .target_loss = NAN, .eval_every = G_MAXUINT, .patience = 1 };
  return chain_spec_seal (s);
}

/* Steps until an end; returns which. The average of the first losses is corrected for its start at 0. */
static guint
measure (ChainTrainer *t, gint64 steps, GArray *points)
{
  double average = 0, best = INFINITY;

  while (points->len < steps)
    {
      gboolean more = chain_trainer_iterate (t);
      Point p = { chain_trainer_lr (t), chain_trainer_loss (t), NAN };

      if (chain_trainer_state (t) == CHAIN_RUN_DIVERGED || chain_trainer_state (t) == CHAIN_RUN_FAILED)
        return 2;
      average = SMOOTHING * average + (1 - SMOOTHING) * p.loss;
      p.smoothed = average / (1 - pow (SMOOTHING, points->len + 1));
      g_array_append_val (points, p);
      if (p.smoothed > TOO_MUCH * best)
        return 1;
      best = fmin (best, p.smoothed);
      if (!more)
        break;
    }
  return 0;
}

/* Steepest descent of the smoothed loss over ln η (central differences), and a tenth of the rate of its minimum. */
static Suggestion
judge (const GArray *points)
{
  Suggestion s = { NAN, NAN };
  double steepest = 0, best = INFINITY;

  for (guint i = 0; i < points->len; i++)
    {
      const Point *p = &g_array_index (points, Point, i);

      if (p->smoothed < best)
        {
          best = p->smoothed;
          s.best = p->lr / 10;
        }
      if (i > 0 && i + 1 < points->len)
        {
          double slope = (p[1].smoothed - p[-1].smoothed) / log (p[1].lr / p[-1].lr);

          if (slope < steepest)
            {
              steepest = slope;
              s.steepest = p->lr;
            }
        }
    }
  return s;
}

static json_t *
number (double v)
{
  return isfinite (v) ? json_real (v) : json_null ();
}

static void
print_json (const GArray *points, guint end, Suggestion s)
{
  g_autoptr (ChainJson) root = json_object ();
  json_t *list = json_array ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < points->len; i++)
    {
      const Point *p = &g_array_index (points, Point, i);
      json_t *o = json_object ();

      json_object_set_new (o, "lr", number (p->lr));
      json_object_set_new (o, "loss", number (p->loss));
      json_object_set_new (o, "smoothed", number (p->smoothed));
      json_array_append_new (list, o);
    }
  json_object_set_new (root, "steps", list);
  json_object_set_new (root, "end", json_string (end_names[end]));
  json_object_set_new (root, "steepest", number (s.steepest));
  json_object_set_new (root, "tenth_of_minimum", number (s.best));
  text = chain_json_write (root, FALSE);
  fputs (text, stdout);
}

static void
print_text (const GArray *points, guint end, Suggestion s)
{
  char a[CHAIN_NUMBER_SIZE], b[CHAIN_NUMBER_SIZE], c[CHAIN_NUMBER_SIZE];
  guint stride = MAX (points->len / 20, 1);

  printf ("%-12s %-12s %s\n", _ ("rate"), _ ("loss"), _ ("smoothed"));
  for (guint i = 0; i < points->len; i++)
    if (i % stride == 0 || i + 1 == points->len)
      {
        const Point *p = &g_array_index (points, Point, i);

        printf ("%-12s %-12s %s\n", chain_number_write_digits (a, p->lr, 3), chain_number_write_digits (b, p->loss, 4),
                chain_number_write_digits (c, p->smoothed, 4));
      }
  printf ("%s: %s\n", _ ("ended"), _ (ends[end]));
  if (isfinite (s.steepest))
    printf ("%s: %s\n", _ ("rate of the steepest descent"), chain_number_write_digits (a, s.steepest, 2));
  printf ("%s: %s\n", _ ("a tenth of the rate of the least loss"), chain_number_write_digits (a, s.best, 2));
}

static int
lr_range (const char *path, const CliOverrides *over, double low, double high, gint64 steps, gboolean json)
{
  CliDocument doc;
  GError *error = NULL;
  ChainTrainer *t = NULL;
  gboolean good = cli_load (path, over, &doc, &error);
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (Point));

  if (good)
    {
      g_autoptr (ChainSpec) spec = range_spec (doc.spec, low, high, steps);

      t = chain_trainer_new (spec, doc.data, &error);
      good = t != NULL;
    }
  if (good)
    {
      guint end = measure (t, steps, points);

      if (points->len == 0)
        {
          good = FALSE;
          g_set_error (&error, CHAIN_ERROR, CHAIN_ERROR_DIVERGED, _ ("The loss left the finite numbers in the first step; begin with a smaller --min"));
        }
      else if (json)
        print_json (points, end, judge (points));
      else
        print_text (points, end, judge (points));
    }
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  return good ? CHAIN_EXIT_OK : cli_bad (error);
}

int
verb_lr_range (int argc, char **argv)
{
  CliOverrides over = { 0 };
  g_autofree char *low_text = NULL, *high_text = NULL, *steps_text = NULL;
  double low = 1e-6, high = 10;
  gint64 steps = 200;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "min", 0, 0, G_OPTION_ARG_STRING, &low_text, N_ ("First rate (default 1e-6)"), "RATE" },
    { "max", 0, 0, G_OPTION_ARG_STRING, &high_text, N_ ("Last rate (default 10)"), "RATE" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &steps_text, N_ ("Steps from the first to the last (default 200)"), "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("As JSON"), NULL },
    CLI_OVERRIDE_ENTRIES (over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status = CHAIN_EXIT_USAGE;

  if (cli_parse ("lr-range", entries, argc, argv, 1, 1, &rest, &status))
    {
      status = CHAIN_EXIT_USAGE;
      if ((low_text == NULL || cli_number ("lr-range", "min", low_text, 1e-12, 1e3, &low))
          && (high_text == NULL || cli_number ("lr-range", "max", high_text, 1e-12, 1e3, &high))
          && (steps_text == NULL || cli_int ("lr-range", "steps", steps_text, 2, 1000000, &steps)))
        {
          if (low < high)
            status = lr_range (rest[0], &over, low, high, steps, json);
          else
            cli_usage ("lr-range", _ ("--min must be below --max"));
        }
    }
  g_strfreev (over.set);
  g_strfreev (over.target);
  g_free (over.split);
  g_free (over.precision);
  g_free (over.seed);
  return status;
}
