/* SPDX-License-Identifier: Apache-2.0 */
/* The training loss along one weight: every other number stays where it is, this one walks through a range. A finite job on an executor of its own,
 * which the run does not notice; any thread. */
#pragma once

#include "app/train/trainer.h"

G_BEGIN_DECLS

#define CHAIN_WEIGHT_LINE_POINTS 81u
#define CHAIN_WEIGHT_LINE_ROWS 2048u

typedef struct
{
  char   *tensor;
  guint   row, col;
  guint   n, at;         /* CHAIN_WEIGHT_LINE_POINTS even points and the present value, which is number `at` */
  guint   n_rows;        /* training rows that the loss is of: the first ones, at most CHAIN_WEIGHT_LINE_ROWS */
  guint64 step;
  double *value, *loss;  /* evaluation form of the network, penalties included; NaN or infinite where it is */
} ChainWeightLine;

/* What the job needs of the run, taken between two steps. */
typedef struct { ChainSpec *spec; ChainDataset *data; GPtrArray *tensors; guint64 step; } ChainWeightLineStart;

ChainWeightLineStart *chain_weight_line_start (ChainTrainer *t);           /* (transfer full) */
void             chain_weight_line_start_free (ChainWeightLineStart *s);
/* From low to high, widened to the present value where that lies outside; the present value is one of the points. stop (nullable): becomes 1 to give up, between two points; then
 * NULL with CHAIN_ERROR_CANCELLED. (transfer full). */
ChainWeightLine *chain_weight_line_new  (const ChainWeightLineStart *s, const char *tensor, guint row, guint col, double low, double high, const int *stop, GError **error);
void             chain_weight_line_free (ChainWeightLine *l);

G_END_DECLS
