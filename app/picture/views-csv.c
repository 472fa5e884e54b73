/* SPDX-License-Identifier: Apache-2.0 */
/* CSV of what a picture shows. Names of a user's columns are quoted as RFC 4180 wants it; numbers are written so that they read back exactly. */
#include "app/picture/views-csv.h"

#include <math.h>
#include <string.h>

#include "app/picture/layout/activation-curve.h"
#include "app/picture/layout/field.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/schedule-rate.h"
#include "engine/base/number.h"

static void
text (GString *s, const char *t)
{
  if (strpbrk (t, ",\"\r\n") == NULL)
    {
      g_string_append (s, t);
      return;
    }
  g_string_append_c (s, '"');
  for (; *t; t++)
    {
      if (*t == '"')
        g_string_append_c (s, '"');
      g_string_append_c (s, *t);
    }
  g_string_append_c (s, '"');
}

static void
number (GString *s, double v)
{
  char raw[CHAIN_NUMBER_SIZE];

  g_string_append_c (s, ',');
  if (!isnan (v))
    g_string_append (s, chain_number_write (raw, v));
}

static void
tensors (GString *out, const ChainSnapshot *s, gboolean all)
{
  for (guint i = 0; i < s->tensors->len; i++)
    {
      const ChainSnapTensor *t = g_ptr_array_index (s->tensors, i);

      for (gsize k = 0; t->value && k < (gsize) t->rows * t->cols; k++)
        {
          if (!all && t->kind != CHAIN_PARAM_WEIGHT)
            break;
          text (out, t->name);
          g_string_append_printf (out, ",%u,%u", (guint) (k / t->cols), (guint) (k % t->cols));
          number (out, t->value[k]);
          if (all)
            {
              number (out, t->grad ? t->grad[k] : NAN);
              number (out, t->update ? t->update[k] : NAN);
            }
          g_string_append_c (out, '\n');
        }
    }
}

char *
chain_csv_network (const ChainSnapshot *s)
{
  GString *out = g_string_new ("tensor,row,column,value,gradient,update\n");

  tensors (out, s, TRUE);
  return g_string_free (out, FALSE);
}

char *
chain_csv_weights (const ChainSnapshot *s)
{
  GString *out = g_string_new ("tensor,row,column,value\n");

  tensors (out, s, FALSE);
  return g_string_free (out, FALSE);
}

char *
chain_csv_boundary (const ChainSnapshot *s)
{
  gboolean line = s->axis_x == s->axis_y;
  gsize n = s->output ? (line ? s->out_res : (gsize) s->out_res * s->out_res) : 0;
  GString *out = g_string_new (NULL);
  g_autofree char *x = chain_name_input (s, s->axis_x), *y = chain_name_input (s, s->axis_y);
  double ox, fx, oy, fy, ot, ft;

  chain_units_input (s, s->axis_x, &ox, &fx);
  chain_units_input (s, s->axis_y, &oy, &fy);
  chain_units_target (s, 0, &ot, &ft);
  text (out, x);
  if (!line)
    {
      g_string_append_c (out, ',');
      text (out, y);
    }
  for (guint k = 0; k < MAX (s->out_width, 1); k++)
    g_string_append_printf (out, ",output%u", k + 1);
  g_string_append_c (out, '\n');
  for (gsize i = 0; i < n; i++)
    {
      gsize start;

      number (out, (s->x0 + (s->x1 - s->x0) * (double) (i % s->out_res) / (s->out_res - 1)) * fx + ox);
      if (!line)
        number (out, (s->y0 + (s->y1 - s->y0) * (double) (i / s->out_res) / (s->out_res - 1)) * fy + oy);
      for (guint k = 0; k < s->out_width; k++)
        number (out, s->output[k * n + i] * ft + ot);
      start = out->len;      /* number() leads with a comma: the first one of the line goes */
      while (start > 0 && out->str[start - 1] != '\n')
        start--;
      g_string_erase (out, (gssize) start, 1);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static void
series (GString *out, const char *name, const ChainSeriesView *v)
{
  guint n = v ? chain_series_view_size (v) : 0;

  for (guint i = 0; i < n; i++)
    {
      ChainBucket b = chain_series_view_get (v, i);

      g_string_append (out, name);
      number (out, b.x);
      number (out, b.min);
      number (out, b.max);
      number (out, b.mean);
      number (out, b.last);
      g_string_append_printf (out, ",%" G_GUINT64_FORMAT "\n", b.n);
    }
}

char *
chain_csv_loss (const ChainSnapshot *s)
{
  GString *out = g_string_new ("series,epoch,min,max,mean,last,count\n");

  series (out, "batch", s->train_loss);
  series (out, "train", s->eval_train);
  series (out, "test", s->eval_test);
  return g_string_free (out, FALSE);
}

char *
chain_csv_flow (const ChainSnapshot *s)
{
  GString *out = g_string_new ("layer,grad_rms,weight_rms,update_ratio,act_mean,act_rms,dead,saturated\n");

  for (guint i = 0; i < s->layers->len; i++)
    {
      const ChainSnapLayer *l = g_ptr_array_index (s->layers, i);

      text (out, l->id);
      number (out, l->stat.grad_rms);
      number (out, l->stat.weight_rms);
      number (out, l->stat.update_ratio);
      number (out, l->stat.act_mean);
      number (out, l->stat.act_rms);
      number (out, l->stat.dead);
      number (out, l->stat.saturated);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

char *
chain_csv_lines (const ChainSnapshot *s)
{
  GString *out = g_string_new ("epoch,rate\n");
  double rate[CHAIN_RATE_SAMPLES], end = chain_schedule_sample (s, rate);
  char raw[CHAIN_NUMBER_SIZE];

  for (int i = 0; i < CHAIN_RATE_SAMPLES; i++)
    {
      g_string_append (out, chain_number_write (raw, end * i / (CHAIN_RATE_SAMPLES - 1)));
      number (out, rate[i]);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

char *
chain_csv_lines_activations (const ChainSnapshot *s)
{
  GString *out = g_string_new ("activation,z,value,derivative\n");
  g_autofree ChainActivationCurve *curves = g_new0 (ChainActivationCurve, CHAIN_ACTIVATION_CURVES);
  guint n = chain_activation_curves (s->spec, curves);

  for (guint i = 0; i < n; i++)
    for (int k = 0; k < CHAIN_ACTIVATION_POINTS; k++)
      {
        text (out, curves[i].row->info.id);
        number (out, chain_activation_z (k));
        number (out, curves[i].y[k]);
        number (out, curves[i].d[k]);
        g_string_append_c (out, '\n');
      }
  return g_string_free (out, FALSE);
}

static void
target (GString *out, const ChainSnapshot *s, guint row, guint i)
{
  double offset, factor, t = s->data->t[(gsize) row * s->data->k + i];

  chain_units_target (s, i, &offset, &factor);
  if (chain_is_classify (s))
    {
      g_autofree char *name = chain_name_class (s, (guint) t);

      g_string_append_c (out, ',');
      text (out, name);
    }
  else
    number (out, t * factor + offset);
}

char *
chain_csv_generated (const ChainSnapshot *s)
{
  g_autofree char *x = chain_name_input (s, 0), *y = chain_name_input (s, 1);
  GString *out = g_string_new (NULL);
  gsize stride;
  guint n = chain_generated_points (s, &stride);

  text (out, x);
  g_string_append_c (out, ',');
  text (out, y);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < n; i++)
    {
      char a[CHAIN_NUMBER_SIZE], b[CHAIN_NUMBER_SIZE];

      g_string_append_printf (out, "%s,%s\n", chain_number_write (a, s->output[i * stride]),
                              chain_number_write (b, s->output[(gsize) s->out_res * s->out_res + i * stride]));
    }
  return g_string_free (out, FALSE);
}

char *
chain_csv_data (const ChainSnapshot *s)
{
  GString *out = g_string_new ("split");
  guint d = chain_inputs_of (s), k = s->data ? s->data->k : 0;

  for (guint i = 0; i < d; i++)
    {
      g_autofree char *name = chain_name_input (s, i);

      g_string_append_c (out, ',');
      text (out, name);
    }
  for (guint i = 0; i < k; i++)
    {
      g_autofree char *name = chain_name_target (s, i);

      g_string_append_c (out, ',');
      text (out, name);
    }
  g_string_append_c (out, '\n');
  for (guint r = 0; s->data && r < s->data->n; r++)
    {
      g_string_append (out, r < s->data->n_train ? "train" : "test");
      for (guint i = 0; i < d; i++)
        {
          double offset, factor;

          chain_units_input (s, i, &offset, &factor);
          number (out, s->data->x[(gsize) r * d + i] * factor + offset);
        }
      for (guint i = 0; i < k; i++)
        target (out, s, r, i);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

char *
chain_csv_confusion (const ChainSnapshot *s)
{
  const ChainPredictions *p = s->predictions;
  guint n = p && p->confusion ? p->n_classes : 0;
  GString *out = g_string_new ("true");

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = chain_name_class (s, i);

      g_string_append_c (out, ',');
      text (out, name);
    }
  g_string_append_c (out, '\n');
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = chain_name_class (s, i);

      text (out, name);
      for (guint j = 0; j < n; j++)
        g_string_append_printf (out, ",%u", p->confusion[i * n + j]);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

/* Rows count from 1, as a table program shows them. */
char *
chain_csv_predictions (const ChainSnapshot *s)
{
  const ChainPredictions *p = s->predictions;
  GString *out = g_string_new (p && p->classify ? "row,true,predicted,probability\n" : "row,true,predicted\n");

  for (guint i = 0; p && i < p->n; i++)
    {
      g_string_append_printf (out, "%u", s->data->rows[p->row[i]] + 1);
      if (p->classify)
        {
          g_autofree char *truth = chain_name_class (s, (guint) p->truth[i]), *value = chain_name_class (s, (guint) p->value[i]);

          g_string_append_c (out, ',');
          text (out, truth);
          g_string_append_c (out, ',');
          text (out, value);
          number (out, p->sure[i]);
        }
      else
        {
          number (out, p->truth[i]);
          number (out, p->value[i]);
        }
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}
