/* SPDX-License-Identifier: Apache-2.0 */
/* The differences are of f64 whatever the run computes in: those of f32 are good to three digits only (RELIABILITY 4.1). */
#include "config.h"

#include "app/train/gradient-check.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void
line_free (gpointer p)
{
  ChainCheckLine *l = p;

  g_free (l->tensor);
  g_free (l->layer);
  g_free (l);
}

void
chain_gradient_check_free (ChainGradientCheck *c)
{
  if (c == NULL)
    return;
  g_ptr_array_unref (c->lines);
  g_ptr_array_unref (c->notes);
  g_free (c);
}

double
chain_check_line_relative (const ChainCheckLine *l)
{
  return l->row.error * 1e-7;
}

/* Rounding of the loss, 2^-53, divided by the step of 6e-6: 2e-11; a sum of many terms has some of it more. */
gboolean
chain_check_line_is_lost (const ChainGradientCheck *c, const ChainCheckLine *l)
{
  return !(l->row.error <= 1) && !(fabs (l->row.adjoint - l->row.difference) > 1e-9 * c->loss);
}

static gboolean
trains (const ChainLossTerm *t, const char *layer)
{
  for (guint i = 0; i < t->trains->len; i++)
    if (g_str_equal (t->trains->pdata[i], layer))
      return TRUE;
  return t->trains->len == 0;
}

/* Layers whose gradient is a stand-in: there a check has to fail, and says why (SPEC 9.9). */
static gboolean
is_stand_in (const ChainSpec *spec)
{
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;

      if (row != NULL && row->straight_through && g_strcmp0 (l->activation.variant, "none") != 0)
        return TRUE;
    }
  return FALSE;
}

static void
note_stand_ins (ChainGradientCheck *c, const ChainSpec *spec)
{
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;

      if (row != NULL && row->straight_through && g_strcmp0 (l->activation.variant, "none") != 0)
        g_ptr_array_add (c->notes, g_strdup_printf (_("layer “%s”: the gradient of “%s” is straight-through, not the true derivative (which is 0), so differences do not agree"),
                                                    l->id, row->info.id));
    }
}

/* What the model's objective trains: tensors, leaves, gradients. The loss may depend on others, which are another objective's. */
static guint
gather (const ChainModel *m, const ChainTensorInfo **tensors, ChainId *wrt, ChainId *grads)
{
  guint n = 0;

  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);

      if (!trains (m->spec->losses->pdata[0], p->layer) && p->grad == CHAIN_NONE)
        continue;
      tensors[n] = p;
      wrt[n] = p->leaf;
      grads[n++] = p->grad;
    }
  return n;
}

static void
add_line (ChainGradientCheck *c, const ChainTensorInfo *p, const ChainCheckRow *row, gboolean stand_in)
{
  ChainCheckLine *l = g_new0 (ChainCheckLine, 1);

  l->tensor = g_strdup (p->name);
  l->layer = g_strdup (p->layer);
  l->kind = p->kind;
  l->n_entries = p->rows * p->cols;
  l->stand_in = stand_in;
  l->row = *row;
  c->worst = fmax (c->worst, row->error);
  c->passed = c->passed && row->error <= 1;
  g_ptr_array_add (c->lines, l);
}

static gboolean
read_loss (ChainGradientCheck *c, const ChainModel *m, ChainExec *x, GError **error)
{
  ChainProgram p = chain_exec_program (x, &m->loss_train, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  double loss;

  if (!chain_exec_run (x, p, c->n_rows, error))
    return FALSE;
  loss = fabs (chain_exec_read_one (x, p, c->n_rows, m->loss_train));
  c->loss = isfinite (loss) ? fmax (c->loss, loss) : INFINITY;
  return TRUE;
}

/* FALSE only for what could not be run, or was given up; disagreement is in the lines. */
static gboolean
check_model (ChainGradientCheck *c, const ChainModel *m, ChainExec *x, const ChainDataset *data, guint max_entries, const int *stop, GError **error)
{
  g_autofree ChainId *wrt = g_new (ChainId, m->params->len + 1), *grads = g_new (ChainId, m->params->len + 1);
  g_autofree ChainCheckRow *rows = g_new0 (ChainCheckRow, m->params->len + 1);
  g_autofree const ChainTensorInfo **tensors = g_new (const ChainTensorInfo *, m->params->len + 1);
  guint n = gather (m, tensors, wrt, grads);
  g_autoptr (GError) failed = NULL;
  ChainId at = CHAIN_NONE;
  double reference;

  if (!chain_exec_write (x, m->x, c->n_rows, data->x, (gsize) c->n_rows * data->d, error)
      || !chain_exec_write (x, m->t, c->n_rows, data->t, (gsize) c->n_rows * data->k, error))
    return FALSE;
  if (!chain_check_gradient_until (x, c->n_rows, m->loss_train, wrt, grads, n, max_entries, rows, stop, &failed) && failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    add_line (c, tensors[i], &rows[i], is_stand_in (m->spec));
  reference = chain_check_reference (x, c->n_rows, m->loss_train, &at, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  c->reference = fmax (c->reference, reference);
  return read_loss (c, m, x, error);
}

static gboolean
same_objective (const ChainLossTerm *a, const ChainLossTerm *b)
{
  if (a->trains->len != b->trains->len)
    return FALSE;
  for (guint i = 0; i < a->trains->len; i++)
    if (!g_str_equal (a->trains->pdata[i], b->trains->pdata[i]))
      return FALSE;
  return TRUE;
}

/* A model of the terms that are one objective with term k. */
static gboolean
check_objective (ChainGradientCheck *c, ChainTrainer *t, guint k, guint max_entries, const int *stop, GError **error)
{
  const ChainModel *all = chain_trainer_model (t);
  const ChainDataset *data = chain_trainer_data (t);
  ChainSpec *spec = chain_spec_copy (all->spec);
  ChainModel *m;
  ChainExec *x = NULL;
  gboolean good;

  for (guint i = all->spec->losses->len; i-- > 0;)
    if (!same_objective (all->spec->losses->pdata[i], all->spec->losses->pdata[k]))
      g_ptr_array_remove_index (spec->losses, i);
  chain_spec_seal (spec);
  m = chain_model_new (spec, data->prep, error);
  good = m != NULL && (x = chain_exec_new (m->graph, CHAIN_F64, error)) != NULL && chain_model_init (m, x, spec->seed, error);
  if (good)
    {
      chain_model_carry (all, chain_trainer_exec (t), m, x);
      good = check_model (c, m, x, data, max_entries, stop, error);
    }
  g_clear_pointer (&x, chain_exec_free);
  g_clear_pointer (&m, chain_model_free);
  chain_spec_unref (spec);
  return good;
}

static gboolean
check_all (ChainGradientCheck *c, ChainTrainer *t, guint max_entries, const int *stop, GError **error)
{
  const ChainModel *m = chain_trainer_model (t);
  GPtrArray *terms = m->spec->losses;
  gboolean one = TRUE, good = TRUE;

  for (guint i = 1; i < terms->len; i++)
    one = one && same_objective (terms->pdata[0], terms->pdata[i]);
  if (one)
    return check_model (c, m, chain_trainer_exec (t), chain_trainer_data (t), max_entries, stop, error);
  for (guint i = 0; i < terms->len && good; i++)
    {
      gboolean seen = FALSE;

      for (guint k = 0; k < i; k++)
        seen = seen || same_objective (terms->pdata[k], terms->pdata[i]);
      good = seen || check_objective (c, t, i, max_entries, stop, error);
    }
  return good;
}

ChainGradientCheck *
chain_gradient_check_run (ChainTrainer *t, guint max_entries, const int *stop, GError **error)
{
  ChainGradientCheck *c = g_new0 (ChainGradientCheck, 1);

  c->lines = g_ptr_array_new_with_free_func (line_free);
  c->notes = g_ptr_array_new_with_free_func (g_free);
  c->n_rows = MIN (chain_trainer_data (t)->n_train, CHAIN_CHECK_ROWS);
  c->passed = TRUE;
  note_stand_ins (c, chain_trainer_model (t)->spec);
  if (!check_all (c, t, max_entries, stop, error))
    g_clear_pointer (&c, chain_gradient_check_free);
  else
    c->passed = c->passed && c->reference <= CHAIN_CHECK_REFERENCE;
  return c;
}

ChainGradientCheck *
chain_gradient_check_new (const ChainWeightLineStart *s, guint max_entries, const int *stop, GError **error)
{
  ChainSpec *spec = chain_spec_copy (s->spec);
  ChainTrainer *t;
  ChainGradientCheck *c = NULL;

  spec->precision = CHAIN_F64;
  chain_spec_seal (spec);
  t = chain_trainer_new (spec, s->data, error);
  if (t != NULL && chain_trainer_load_tensors (t, s->tensors, FALSE, NULL, error))
    c = chain_gradient_check_run (t, max_entries, stop, error);
  chain_trainer_free (t);
  chain_spec_unref (spec);
  return c;
}
