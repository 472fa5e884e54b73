/* SPDX-License-Identifier: Apache-2.0 */
/* Small makers that the tests of engine/nn share: layers, preprocessing that does nothing, an executor with values. */
#pragma once

#include "engine/nn/metrics.h"

#include <math.h>

static inline ChainLayer *
make_layer (ChainSpec *s, const char *id, const char *type, guint units, const char *activation, const char *a, const char *b)
{
  ChainLayer *l = chain_layer_new (id, type);
  chain_layer_set_units (l, units);
  if (activation)
    chain_choice_set (&l->activation, activation, NULL);
  g_ptr_array_add (l->inputs, g_strdup (a));
  if (b)
    g_ptr_array_add (l->inputs, g_strdup (b));
  g_ptr_array_add (s->layers, l);
  return l;
}

static inline ChainLossTerm *
make_loss (ChainSpec *s, const char *id)
{
  ChainLossTerm *t = chain_loss_term_new (id);
  g_ptr_array_add (s->losses, t);
  return t;
}

static inline void
make_role (ChainLossTerm *t, const char *role, const char *source)
{
  g_ptr_array_add (t->roles, g_strdup (role));
  g_ptr_array_add (t->sources, g_strdup (source));
}

/* A mutable spec without layers whose data nobody will read. */
static inline ChainSpec *
make_spec (void)
{
  ChainSpec *s = chain_spec_new ();
  s->data.source = CHAIN_SOURCE_EMBEDDED;
  s->precision = CHAIN_F64;
  return s;
}

/* d inputs x0 …, k targets t0 … as they are; classes > 0: one target, the index of a class. */
static inline ChainPrep *
make_prep (guint d, guint k, guint classes)
{
  ChainPrep *p = g_new0 (ChainPrep, 1);
  p->ref_count = 1;
  p->inputs = g_ptr_array_new ();
  p->targets = g_ptr_array_new ();
  for (guint i = 0; i < d + k; i++)
    {
      ChainPrepColumn *c = g_new0 (ChainPrepColumn, 1);
      c->column = g_strdup_printf ("%c%u", i < d ? 'u' : 'v', i < d ? i : i - d);
      c->scale = 1;
      g_ptr_array_add (i < d ? p->inputs : p->targets, c);
    }
  p->n_inputs = d;
  p->n_targets = k;
  p->n_classes = classes;
  p->classify = classes > 0;
  return p;
}

static inline void
free_prep (ChainPrep *p)
{
  for (guint i = 0; i < p->inputs->len + p->targets->len; i++)
    {
      ChainPrepColumn *c = i < p->inputs->len ? p->inputs->pdata[i] : p->targets->pdata[i - p->inputs->len];
      g_free (c->column);
      g_free (c);
    }
  chain_prep_unref (p);
}

/* rows x cols numbers in about [-1.3, 1.3], different for each salt. */
static inline double *
make_numbers (gsize n, double salt)
{
  double *v = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    v[i] = 1.3 * sin (1.7 * (double) i + salt) + 0.05 * cos (0.3 * (double) (i * i) + salt);
  return v;
}

static inline ChainExec *
make_exec (const ChainModel *m, ChainDtype dtype, uint64_t seed)
{
  g_autoptr (GError) error = NULL;
  ChainExec *x = chain_exec_new (m->graph, dtype, &error);
  g_assert_no_error (error);
  g_assert_true (chain_model_init (m, x, seed, &error));
  g_assert_no_error (error);
  return x;
}

static inline void
write_leaf (ChainExec *x, ChainId leaf, gint64 b, const double *v, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (chain_exec_write (x, leaf, b, v, n, &error));
  g_assert_no_error (error);
}

/* One step: loss before the update; commits every state. */
static inline ChainProgram
make_train_program (const ChainModel *m, ChainExec *x, ChainPlanFlags flags)
{
  const ChainId outputs[] = { m->loss_train, m->grad_sq };
  return chain_exec_program (x, outputs, 2, (const ChainState *) (gconstpointer) m->states->data, m->states->len, flags);
}
