/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers are a fixed pseudo-random pattern (a linear congruence), so every run of the tests sees the same networks. */
#include "tests/app/picture/kit.h"

#include <math.h>
#include <string.h>

#include "engine/nn/health.h"

const PictureCase picture_cases[] = {
  { "two-moons", 2, { 6, 6, 1 }, 2, 0, 300, 322, 1.2, FALSE, FALSE, "tanh" },
  { "fresh", 2, { 6, 6, 1 }, 2, 0, 300, 0, 1.2, FALSE, FALSE, "tanh" },
  { "bare", 2, { 4, 1 }, 2, 0, 60, 0, 1, TRUE, FALSE, "tanh" },
  { "one-step", 2, { 4, 1 }, 2, 0, 60, 1, 0.7, FALSE, FALSE, "relu" },
  { "broken", 2, { 6, 6, 1 }, 2, 0, 300, 50, 1e9, FALSE, TRUE, "tanh" },
  { "line", 1, { 5, 1 }, 0, 0, 80, 500, 3, FALSE, FALSE, "tanh" },
  { "plane", 2, { 8, 1 }, 0, 0, 200, 500, 3, FALSE, FALSE, "relu" },
  { "three-classes", 2, { 8, 3 }, 3, 0, 240, 2000, 1.1, FALSE, FALSE, "tanh" },
  { "five-inputs", 5, { 8, 4, 3 }, 3, 0, 240, 2000, 1.1, FALSE, FALSE, "relu" },
  { "digits", 64, { 16, 10 }, 10, 8, 500, 9000, 2.3, FALSE, FALSE, "relu" },
  { "eight-inputs", 8, { 6, 1 }, 0, 0, 200, 500, 3, FALSE, FALSE, "tanh" },
  { "thirty-classes", 4, { 12, 30 }, 30, 0, 900, 300, 3, FALSE, FALSE, "tanh" },
  { "wide", 2, { 128, 128, 1 }, 2, 0, 300, 40, 0.7, FALSE, FALSE, "tanh" },
  { "long-run", 2, { 6, 1 }, 2, 0, 300, 1000000, 1e-9, FALSE, FALSE, "tanh" },
  { "generator", 2, { 6, 2 }, 0, 0, 200, 500, 3, FALSE, FALSE, "relu" },
  { "narrow", 1, { 1 }, 0, 0, 3, 2, 1e-300, FALSE, FALSE, "identity" },
};
const guint picture_n_cases = G_N_ELEMENTS (picture_cases);

static double
noise (guint64 *state)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double) (*state >> 33) / 2147483648.0 * 2 - 1;
}

static ChainSpec *
make_spec (const PictureCase *c)
{
  ChainSpec *spec = chain_spec_new ();
  const char *before = "x";

  chain_set_str (&spec->name, c->name);
  spec->seed = 1;
  spec->batch_size = 32;
  chain_choice_set (&spec->optimiser, "adam", NULL);
  chain_choice_set_param (&spec->optimiser, "lr", 0.03);
  for (guint i = 0; c->widths[i]; i++)
    {
      g_autofree char *id = g_strdup_printf (c->widths[i + 1] ? "d%u" : "out", i + 1);
      ChainLayer *l = chain_layer_new (id, "dense");

      chain_layer_set_units (l, c->widths[i]);
      g_ptr_array_set_size (l->inputs, 0);
      g_ptr_array_add (l->inputs, g_strdup (before));
      if (c->widths[i + 1] && strcmp (c->activation, "identity") != 0)
        chain_choice_set (&l->activation, c->activation, NULL);
      else if (c->classes == 2)
        chain_choice_set (&l->activation, "sigmoid", NULL);
      g_ptr_array_add (spec->layers, l);
      before = l->id;
    }
  return chain_spec_seal (spec);
}

static ChainPrepColumn *
column (const char *name, guint classes)
{
  ChainPrepColumn *p = g_new0 (ChainPrepColumn, 1);

  p->column = g_strdup (name);
  p->kind = classes ? CHAIN_COLUMN_CATEGORY : CHAIN_COLUMN_NUMBER;
  p->scale = 1;
  if (classes)
    p->labels = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < classes; i++)
    g_ptr_array_add (p->labels, g_strdup_printf ("%u", i));
  return p;
}

static void
free_column (gpointer data)
{
  ChainPrepColumn *p = data;

  g_free (p->column);
  g_clear_pointer (&p->labels, g_ptr_array_unref);
  g_free (p);
}

static void
make_row (const PictureCase *c, ChainDataset *d, guint i, guint64 *state)
{
  guint k = c->classes ? i % c->classes : 0;
  double *x = d->x + (gsize) i * c->d, u = noise (state), v = noise (state);

  if (c->classes == 2)
    {
      double a = G_PI * (u + 1) / 2;

      x[0] = (k ? 0.7 - cos (a) : cos (a) - 0.7) * 1.15 + 0.12 * v;
      x[1] = (k ? -sin (a) + 0.2 : sin (a) - 0.2) * 1.7 + 0.2 * noise (state);
    }
  else
    for (guint j = 0; j < c->d; j++)
      x[j] = (c->classes ? 1.2 * cos (2 * G_PI * k / c->classes + j * 1.6) : 0) + (c->classes ? 0.5 : 1.7) * noise (state);
  d->t[i] = c->classes ? k : sin (1.5 * x[0]) + 0.15 * u;
}

static ChainDataset *
make_data (const PictureCase *c)
{
  ChainDataset *d = g_new0 (ChainDataset, 1);
  guint64 state = 7;

  d->ref_count = 1;
  d->prep = g_new0 (ChainPrep, 1);
  d->prep->ref_count = 1;
  d->prep->inputs = g_ptr_array_new_with_free_func (free_column);
  d->prep->targets = g_ptr_array_new_with_free_func (free_column);
  d->prep->classify = c->classes > 0;
  d->prep->n_inputs = c->d;
  d->prep->n_targets = 1;
  d->prep->n_classes = c->classes;
  for (guint i = 0; i < c->d; i++)
    {
      g_autofree char *name = g_strdup_printf ("x%u", i + 1);

      g_ptr_array_add (d->prep->inputs, column (name, 0));
    }
  g_ptr_array_add (d->prep->targets, column (c->classes ? "class" : "y", c->classes));
  d->n = c->rows;
  d->n_train = c->rows * 3 / 4;
  d->rows = g_new0 (guint, c->rows);
  for (guint i = 0; i < c->rows; i++)
    d->rows[i] = i;
  d->d = c->d;
  d->k = 1;
  d->image_width = d->image_height = c->image;
  d->warnings = g_ptr_array_new ();
  d->x = g_new0 (double, (gsize) c->rows * c->d);
  d->t = g_new0 (double, c->rows);
  for (guint i = 0; i < c->rows; i++)
    make_row (c, d, i, &state);
  return d;
}

static ChainSnapTensor *
tensor (const PictureCase *c, const char *layer, const char *kind, guint rows, guint cols, double size, guint64 *state)
{
  ChainSnapTensor *t = g_new0 (ChainSnapTensor, 1);
  gsize n = (gsize) rows * cols;

  t->name = g_strconcat (layer, ".", kind, NULL);
  t->layer = g_strdup (layer);
  t->kind = strcmp (kind, "weight") == 0 ? CHAIN_PARAM_WEIGHT : CHAIN_PARAM_BIAS;
  t->rows = rows;
  t->cols = cols;
  t->value = g_new0 (float, n);
  for (gsize i = 0; i < n; i++)
    t->value[i] = (float) (size * noise (state) * (1 + noise (state)));
  if (c->broken)
    t->value[n / 2] = NAN;
  if (c->bare || c->steps == 0)
    return t;
  t->grad = g_new0 (float, n);
  t->update = g_new0 (float, n);
  for (gsize i = 0; i < n; i++)
    {
      t->grad[i] = (float) (0.01 * noise (state));
      t->update[i] = -t->grad[i] * 0.3f;
    }
  return t;
}

static double
activate (const char *name, double z)
{
  return strcmp (name, "tanh") == 0 ? tanh (z) : strcmp (name, "relu") == 0 ? fmax (z, 0) : z;
}

/* One point through the network: every layer's response goes into fields[layer] (nullable), the prediction into out. */
static void
forward (const PictureCase *c, const ChainSnapshot *s, const double *x, float **fields, gsize size, gsize at, float *out, gsize out_size)
{
  double a[256], b[256], sum = 0;
  guint n = c->d;

  memcpy (a, x, n * sizeof *a);
  for (guint l = 0; c->widths[l]; l++)
    {
      const ChainSnapTensor *w = g_ptr_array_index (s->tensors, 2 * l), *bias = g_ptr_array_index (s->tensors, 2 * l + 1);

      for (guint i = 0; i < c->widths[l]; i++)
        {
          double z = bias->value[i];

          for (guint j = 0; j < n; j++)
            z += w->value[(gsize) i * n + j] * a[j];
          b[i] = c->widths[l + 1] ? activate (c->activation, z) : c->classes == 2 && c->widths[l] == 1 ? 1 / (1 + exp (-z)) : z;
          if (fields)
            fields[l][i * size + at] = (float) b[i];
        }
      n = c->widths[l];
      memcpy (a, b, n * sizeof *a);
    }
  for (guint i = 0; i < n && c->classes > 2; i++)
    sum += exp (a[i]);
  for (guint i = 0; out && i < n; i++)
    out[i * out_size + at] = (float) (c->classes > 2 ? exp (a[i]) / sum : a[i]);
}

static void
make_fields (const PictureCase *c, ChainSnapshot *s)
{
  gboolean line = c->d == 1;
  guint layers = s->layers->len;
  gsize n, m;
  float *fields[6] = { NULL };

  s->res = line ? 128 : 48;
  s->out_res = line ? 256 : 100;
  s->out_width = c->widths[layers - 1];
  n = line ? s->res : (gsize) s->res * s->res;
  m = line ? s->out_res : (gsize) s->out_res * s->out_res;
  s->inputs = g_new0 (float, n * c->d);
  s->output = g_new0 (float, m * s->out_width);
  for (guint l = 0; l < layers; l++)
    fields[l] = ((ChainSnapLayer *) g_ptr_array_index (s->layers, l))->field = g_new0 (float, n * c->widths[l]);
  for (gsize i = 0; i < MAX (n, m); i++)
    for (int fine = 0; fine < 2; fine++)
      {
        guint res = fine ? s->out_res : s->res;
        double x[256] = { 0 };

        if (i >= (fine ? m : n))
          continue;
        x[0] = s->x0 + (s->x1 - s->x0) * (double) (i % res) / (res - 1);
        if (!line)
          x[1] = s->y0 + (s->y1 - s->y0) * (double) (i / res) / (res - 1);
        for (guint j = 0; j < 2 && j < c->d && !fine; j++)
          s->inputs[j * n + i] = (float) x[j];
        forward (c, s, x, fine ? NULL : fields, n, i, fine ? s->output : NULL, m);
      }
}

/* The answers of the network on its test rows. */
static void
make_predictions (const PictureCase *c, ChainSnapshot *s)
{
  ChainPredictions *p = s->predictions = g_new0 (ChainPredictions, 1);
  const ChainDataset *d = s->data;
  double mae;

  p->classify = c->classes > 0;
  p->test = TRUE;
  p->n = p->n_all = d->n - d->n_train;
  p->n_classes = c->classes;
  p->row = g_new0 (guint, p->n + 1);
  p->truth = g_new0 (double, p->n + 1);
  p->value = g_new0 (double, p->n + 1);
  p->sure = c->classes ? g_new0 (float, p->n + 1) : NULL;
  p->confusion = c->classes ? g_new0 (guint, (gsize) c->classes * c->classes) : NULL;
  p->accuracy = p->r2 = p->rmse = NAN;
  for (guint i = 0; i < p->n; i++)
    {
      float out[64] = { 0 };
      double x[256] = { 0 };

      p->row[i] = d->n_train + i;
      memcpy (x, d->x + (gsize) p->row[i] * d->d, d->d * sizeof *x);
      forward (c, s, x, NULL, 1, 0, out, 1);
      p->truth[i] = d->t[p->row[i]];
      p->value[i] = out[0];
      for (guint k = 0; k < c->classes; k++)
        if (out[k] >= out[(guint) p->value[i]] || k == 0)
          p->value[i] = k;
      if (!c->classes)
        continue;
      if (c->classes == 2)
        p->value[i] = out[0] >= 0.5f;
      p->sure[i] = c->classes == 2 ? (p->value[i] > 0 ? out[0] : 1 - out[0]) : out[(guint) p->value[i]];
      p->confusion[(gsize) p->truth[i] * c->classes + (gsize) p->value[i]]++;
      p->accuracy = (isnan (p->accuracy) ? 0 : p->accuracy) + (p->truth[i] == p->value[i] ? 1.0 / p->n : 0);
    }
  if (!c->classes && p->n > 0)
    chain_regression_metrics (p->value, p->truth, p->n, &p->r2, &mae, &p->rmse);
}

static void
make_series (const PictureCase *c, ChainSnapshot *s)
{
  ChainSeries *series[4];
  ChainSeriesView **views[4] = { &s->train_loss, &s->eval_train, &s->eval_test, &s->eval_score };
  guint64 state = 3, per_epoch = 7, every = MAX (per_epoch, c->steps / 60);

  for (int i = 0; i < 4; i++)
    series[i] = chain_series_new ();
  for (guint64 k = 0; k < c->steps && !c->bare; k++)
    {
      double epoch = (double) k / per_epoch, share = (double) k / (double) c->steps, loss = c->loss * (0.006 + exp (-6 * share));

      if (c->broken && k + 5 > c->steps)
        loss = INFINITY;
      chain_series_append (series[0], epoch, loss * (1 + 0.35 * noise (&state)));
      if (k % every != 0 && k + 1 != c->steps)
        continue;
      chain_series_append (series[1], epoch, loss);
      chain_series_append (series[2], epoch, loss * 1.1 + c->loss * 0.05 * (1 + 0.2 * noise (&state)));
    }
  for (int i = 0; i < 4; i++)
    {
      *views[i] = chain_series_view (series[i]);
      chain_series_free (series[i]);
    }
}

static void
make_layers (const PictureCase *c, ChainSnapshot *s)
{
  guint64 state = 11;
  guint n = c->d;

  for (guint l = 0; c->widths[l]; l++)
    {
      const ChainLayer *spec = g_ptr_array_index (s->spec->layers, l);
      ChainSnapLayer *layer = g_new0 (ChainSnapLayer, 1);
      double size = (c->steps ? 1.6 : 0.8) * sqrt (6.0 / (n + c->widths[l]));

      layer->id = g_strdup (spec->id);
      layer->width = c->widths[l];
      layer->stat.grad_rms = c->broken ? NAN : 2.4e-3 / (l + 1);
      layer->stat.update_ratio = 1e-3;
      if (c->broken)
        layer->health = CHAIN_HEALTH_NON_FINITE;
      else if (l == 0 && strcmp (c->activation, "relu") == 0 && c->steps)
        {
          layer->health = CHAIN_HEALTH_DEAD;
          layer->stat.dead = 1.0 / layer->width;
          layer->unit_state = g_new0 (guint8, layer->width);
          layer->unit_state[0] = CHAIN_HEALTH_DEAD;
        }
      g_ptr_array_add (s->layers, layer);
      g_ptr_array_add (s->tensors, tensor (c, spec->id, "weight", layer->width, n, size, &state));
      g_ptr_array_add (s->tensors, tensor (c, spec->id, "bias", 1, layer->width, 0.5, &state));
      n = layer->width;
      if (c->bare || c->steps == 0)
        continue;
      layer->adjoint = g_new0 (float, n);
      for (guint i = 0; i < n; i++)
        layer->adjoint[i] = (float) fabs (0.02 * noise (&state));
    }
}

static void
free_tensor (gpointer data)
{
  ChainSnapTensor *t = data;

  g_free (t->name);
  g_free (t->layer);
  g_free (t->value);
  g_free (t->grad);
  g_free (t->update);
  g_free (t);
}

static void
free_layer (gpointer data)
{
  ChainSnapLayer *l = data;

  g_free (l->id);
  g_free (l->adjoint);
  g_free (l->unit_state);
  g_free (l->field);
  g_free (l);
}

ChainSnapshot *
picture_kit_snapshot (const PictureCase *c)
{
  ChainSnapshot *s = g_new0 (ChainSnapshot, 1);

  s->ref_count = 1;
  s->step = c->steps;
  s->epoch = (double) c->steps / 7;
  s->state = c->broken ? CHAIN_RUN_DIVERGED : CHAIN_RUN_PAUSED;
  s->loss = c->loss;
  s->lr = 0.03;
  s->spec = make_spec (c);
  s->data = make_data (c);
  s->tensors = g_ptr_array_new_with_free_func (free_tensor);
  s->layers = g_ptr_array_new_with_free_func (free_layer);
  s->axis_y = c->d > 1;
  s->x0 = s->y0 = -2.6;
  s->x1 = s->y1 = 2.6;
  make_layers (c, s);
  make_series (c, s);
  s->predicts = strcmp (c->name, "generator") == 0 ? CHAIN_PREDICTS_NOTHING : CHAIN_PREDICTS_TARGET;
  if (!c->bare)
    make_predictions (c, s);
  if (!c->bare && !c->image)
    make_fields (c, s);
  return s;
}
