/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient check: adjoints against f64 central differences, h = 6e-6 max (1, |x|), of the same plan, and the plan's values
 * against ops-ref. One function for tests, command line and window. Bars: RELIABILITY.md 4.1. */
#pragma once

#include "engine/run/exec.h"

G_BEGIN_DECLS

typedef struct
{
  ChainId leaf;
  gint64  row, col;         /* entry with the worst error */
  double  adjoint, difference, error, bar;   /* error = |a - n| / (1e-9 + 1e-7 max (|a|, |n|)); <= 1 passes */
  guint   n_checked, n_kinks;                /* entries whose one-sided differences disagree are kinks: reported, not counted */
} ChainCheckRow;

/* x: an f64 executor of g whose leaves are bound; y: 1 x 1 node; wrt/grads: n leaves and their adjoint nodes (CHAIN_NONE = zero).
 * At most max_entries entries of each leaf (0 = all), spread evenly. rows: n rows, filled. TRUE if every error is <= 1. */
gboolean chain_check_gradient (ChainExec *x, gint64 b, ChainId y, const ChainId *wrt, const ChainId *grads, guint n, guint max_entries,
                               ChainCheckRow *rows, GError **error);

/* The same; stop (nullable) becomes 1 to give up, between two entries: then FALSE with CHAIN_ERROR_CANCELLED, and every leaf as it was. */
gboolean chain_check_gradient_until (ChainExec *x, gint64 b, ChainId y, const ChainId *wrt, const ChainId *grads, guint n, guint max_entries,
                                     ChainCheckRow *rows, const int *stop, GError **error);

/* Runs a keep-all plan, evaluates every node by ops-ref from the executor's own values of its inputs, and returns the worst
 * difference, relative to the largest number in a node or its inputs, and the node it is at. NaN and an error if it cannot run. */
double   chain_check_reference (ChainExec *x, gint64 b, ChainId y, ChainId *worst, GError **error);

G_END_DECLS
