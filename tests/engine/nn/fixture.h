/* SPDX-License-Identifier: Apache-2.0 */
/* A model in f64 with ROWS rows of numbers bound, opened from a spec and closed again. */
#pragma once

#include "tests/engine/nn/make.h"

#define ROWS 6

typedef struct { ChainSpec *s; ChainPrep *prep; ChainModel *m; ChainExec *x; } Fixture;

static inline void
open_model (Fixture *f, guint d, guint k, guint classes, gint64 rows)
{
  g_autoptr (GError) error = NULL;
  f->prep = make_prep (d, k, classes);
  f->m = chain_model_new (f->s, f->prep, &error);
  g_assert_no_error (error);
  g_assert_true (chain_graph_validate (f->m->graph, &error));
  g_assert_no_error (error);
  f->x = make_exec (f->m, CHAIN_F64, 5);
  g_autofree double *xs = make_numbers ((gsize) rows * d, 0.3), *ts = make_numbers ((gsize) rows * k, 1.1);
  for (gint64 i = 0; classes && i < rows; i++)
    ts[i] = (double) (i % classes);
  write_leaf (f->x, f->m->x, rows, xs, (gsize) rows * d);
  write_leaf (f->x, f->m->t, rows, ts, (gsize) rows * k);
}

static inline void
close_model (Fixture *f)
{
  chain_exec_free (f->x);
  chain_model_free (f->m);
  free_prep (f->prep);
  chain_spec_unref (f->s);
}
