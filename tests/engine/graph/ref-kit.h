/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the graph share: leaves with numbers, evaluation by reference, a permuted grid of test points, and one case an op. */
#pragma once

#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/graph/graph.h"

#define KIT_B 3   /* batch size of all tests */

typedef struct
{
  ChainGraph *g;
  GArray     *leaves;    /* ChainRefBinding; data owned here */
  guint64     seed;
} Kit;

void    kit_init  (Kit *k);
void    kit_clear (Kit *k);

/* A leaf of n numbers of its own; its data may be changed between evaluations. */
ChainId kit_leaf  (Kit *k, const char *name, ChainShape shape, const double *data);
double *kit_data  (Kit *k, ChainId leaf);

/* Entries of a node at KIT_B. */
gsize   kit_size  (Kit *k, ChainId id);

/* A leaf of numbers in [low, high], distinct over the whole kit when slots are, never near 0 or an end: entry i is the centre of
 * cell perm[i] of n_cells. */
ChainId kit_grid_leaf (Kit *k, const char *name, ChainShape shape, double low, double high, guint salt);

/* All entries of a node; (transfer full). */
double *kit_eval  (Kit *k, ChainId id);
/* 1 x 1 nodes, all at once. */
void    kit_eval_scalars (Kit *k, const ChainId *ids, guint n, double *out);

/* One way to use an op. */
typedef struct
{
  ChainOp    op;
  ChainShape in[3];
  double     low[3], high[3];
  ChainArg   arg;
  ChainShape out;          /* of ops whose shape is given */
  const double *index;     /* numbers of the last input where it is an index; NULL otherwise */
  gboolean   spd;          /* make input 0 a well-conditioned (or positive definite) matrix */
} OpCase;

const OpCase *op_cases  (guint *n);

/* Builds case c: inputs into in[], the result returned. */
ChainId       op_case_build (Kit *k, const OpCase *c, ChainId *in);
