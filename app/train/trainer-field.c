/* SPDX-License-Identifier: Apache-2.0 */
/* Responses over the plane of two inputs (or the line of one): every unit and the prediction, evaluated by plans of the same graph over a grid
 * of points. Other inputs rest at 0, their mean. The grid gets coarser before a picture costs more than about 2·10^8 multiply-adds or half
 * of the snapshot's 2 MiB. */
#include "app/train/trainer-private.h"

#include <math.h>

#define WORK 2e8
#define BUDGET ((gsize) 1 << 20)
#define MOST_INPUTS 32u
#define LINE 256u
#define NARROWEST 0.5      /* of an axis, scaled units: a constant input is no reason to look at its rounding errors */

static void
range_of (const ChainDataset *d, guint axis, double *low, double *high)
{
  *low = INFINITY;
  *high = -INFINITY;
  for (guint i = 0; i < d->n; i++)
    {
      *low = fmin (*low, d->x[(gsize) i * d->d + axis]);
      *high = fmax (*high, d->x[(gsize) i * d->d + axis]);
    }
  if (!(*low <= *high))
    *low = *high = 0;
  if (*high - *low < NARROWEST)
    {
      *low = (*low + *high - NARROWEST) / 2;
      *high = *low + NARROWEST;
    }
}

/* Outward to a multiple of 0.1, 1, 10 … of a range of about 4. */
static void
round_out (double *low, double *high)
{
  double unit = pow (10, floor (log10 (*high - *low)) - 1);

  *low = floor (*low / unit) * unit;
  *high = ceil (*high / unit) * unit;
}

/* 15 % around the data (not on each side: about [-2.6, 2.6] for the generated sets), a square where both axes have a like range. */
static void
extent_of (const ChainDataset *d, ChainSnapshot *s)
{
  double rx, ry, side;

  range_of (d, s->axis_x, &s->x0, &s->x1);
  range_of (d, s->axis_y, &s->y0, &s->y1);
  rx = s->x1 - s->x0;
  ry = s->y1 - s->y0;
  if (rx < 4 * ry && ry < 4 * rx)
    {
      side = fmax (rx, ry);
      s->x0 -= (side - rx) / 2;
      s->x1 += (side - rx) / 2;
      s->y0 -= (side - ry) / 2;
      s->y1 += (side - ry) / 2;
      rx = ry = side;
    }
  s->x0 -= 0.15 * rx;
  s->x1 += 0.15 * rx;
  s->y0 -= 0.15 * ry;
  s->y1 += 0.15 * ry;
  round_out (&s->x0, &s->x1);
  round_out (&s->y0, &s->y1);
}

static double
point (double low, double high, guint i, guint n)
{
  return low + (high - low) * i / (n - 1);
}

/* The rows of the grid with their typed features; in the trainer's scratch. */
static double *
grid_rows (ChainTrainer *t, const ChainSnapshot *s, guint res, guint rows)
{
  ChainRig *r = t->rig;
  gsize n = (gsize) rows * r->data->d;
  double *v = _chain_trainer_scratch (t, n);

  for (gsize i = 0; i < n; i++)
    v[i] = 0;
  for (guint i = 0; i < rows; i++)
    {
      v[(gsize) i * r->data->d + s->axis_x] = point (s->x0, s->x1, i % res, res);
      if (s->axis_y != s->axis_x)
        v[(gsize) i * r->data->d + s->axis_y] = point (s->y0, s->y1, i / res, res);
    }
  chain_prep_derive (r->data->prep, v, rows);
  return v;
}

/* Writes the grid into the input leaf; FALSE where its memory cannot be had. */
static gboolean
bind_grid (ChainTrainer *t, const ChainSnapshot *s, guint res, guint rows)
{
  ChainRig *r = t->rig;

  return chain_exec_write (r->exec, r->model->x, rows, grid_rows (t, s, res, rows), (gsize) rows * r->data->d, NULL);
}

/* rows x width, as the plan has it, into width planes of rows. */
static float *
planes (ChainTrainer *t, ChainProgram p, guint rows, ChainId node, guint width)
{
  gsize n = (gsize) rows * width;
  double *v = _chain_trainer_scratch (t, n);
  float *out;

  if (!chain_exec_read (t->rig->exec, p, rows, node, v, n))
    return NULL;
  out = g_new (float, n);
  for (guint j = 0; j < width; j++)
    for (guint i = 0; i < rows; i++)
      out[(gsize) j * rows + i] = (float) v[(gsize) i * width + j];
  return out;
}

static float *
input_planes (ChainTrainer *t, const ChainSnapshot *s, guint res, guint rows)
{
  guint d = t->rig->data->d;
  const double *v = grid_rows (t, s, res, rows);
  float *out = g_new (float, (gsize) d * rows);

  for (guint i = 0; i < rows; i++)
    for (guint j = 0; j < d; j++)
      out[(gsize) j * rows + i] = (float) v[(gsize) i * d + j];
  return out;
}

static guint
fitting_res (guint wanted, guint least, double params, double numbers, gboolean line)
{
  for (; wanted > least; wanted = MAX (least, wanted * 3 / 4))
    {
      double rows = line ? wanted : (double) wanted * wanted;

      if (rows * params <= WORK && rows * numbers * sizeof (float) <= (double) BUDGET)
        break;
    }
  return wanted;
}

static void
unit_fields (ChainTrainer *t, ChainSnapshot *s, double params, gboolean line)
{
  const ChainModel *m = t->rig->model;
  double numbers = t->rig->data->d;
  guint rows;

  for (guint i = 0; i < m->layers->len; i++)
    numbers += _chain_layer_at (m, i)->width;
  s->res = line ? LINE : fitting_res (48, 16, params, numbers, FALSE);
  rows = line ? s->res : s->res * s->res;
  if (rows * numbers * sizeof (float) > (double) BUDGET * 1.25 || rows * params > 2 * WORK || !bind_grid (t, s, s->res, rows)
      || !chain_exec_run (t->rig->exec, t->rig->fields, rows, NULL))
    return;
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *l = _chain_layer_at (m, i);
      ChainSnapLayer *out = g_ptr_array_index (s->layers, i);

      out->field = planes (t, t->rig->fields, rows, l->out_eval, l->width);
      s->bytes += (gsize) rows * l->width * sizeof (float);
    }
  s->inputs = input_planes (t, s, s->res, rows);
  s->bytes += (gsize) rows * t->rig->data->d * sizeof (float);
}

static void
output_field (ChainTrainer *t, ChainSnapshot *s, double params, gboolean line)
{
  ChainId id = t->rig->model->proba_eval;
  guint rows;

  s->out_width = (guint) chain_graph_node (t->rig->model->graph, id)->shape.cols;
  s->out_res = line ? LINE : fitting_res (t->idle ? 100 : 50, 16, params, s->out_width, FALSE);
  rows = line ? s->out_res : s->out_res * s->out_res;
  if (rows * params > 2 * WORK || !bind_grid (t, s, s->out_res, rows) || !chain_exec_run (t->rig->exec, t->rig->output, rows, NULL))
    return;
  s->output = planes (t, t->rig->output, rows, id, s->out_width);
  s->bytes += (gsize) rows * s->out_width * sizeof (float);
}

void
_chain_trainer_fields (ChainTrainer *t, ChainSnapshot *s)
{
  const ChainDataset *d = t->rig->data;
  double params = (double) chain_model_n_params (t->rig->model);
  gboolean line;

  line = s->axis_x == s->axis_y;
  if (d->d > MOST_INPUTS || d->d == 0)
    return;
  extent_of (d, s);
  unit_fields (t, s, params, line);
  output_field (t, s, params, line);
}
