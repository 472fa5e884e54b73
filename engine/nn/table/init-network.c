/* SPDX-License-Identifier: Apache-2.0 */
/* Initialisers that look at more than one block (SPEC 6): LSUV looks at the data that reach a layer, fixup at the residual branch that a
 * layer stands in.
 *
 * Both begin as an ordinary row (orthogonal, He), so a layer alone is filled like any other; what a network adds is told by `after`, and
 * done by nn/model, which knows the network. */
#include "engine/nn/table/rows.h"

#include <math.h>

static void
fill_as (const char *id, double *w, guint fan_out, guint fan_in, uint64_t seed, uint32_t object)
{
  const ChainInitRow *row = chain_init_row (id);
  ChainParams p = { &row->info, NULL };

  row->fill (w, fan_out, fan_in, &p, seed, object);
}

static void
fill_lsuv (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  fill_as ("orthogonal", w, fan_out, fan_in, seed, object);
}

static void
fill_fixup (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  fill_as ("he_normal", w, fan_out, fan_in, seed, object);
}

double
_chain_fixup_scale (guint branches, guint layers)
{
  return layers < 2 ? 1 : pow (branches, -1.0 / (2.0 * layers - 2));
}

static const ChainParamInfo lsuv_params[] = {
  { ROW_PARAM ("tol", N_ ("Tolerance of the variance"), 0.1, 0, 1), .open_min = TRUE },
  { ROW_PARAM ("rounds", N_ ("Rounds at most"), 10, 1, 1000), .integer = TRUE },
};

static const ChainInitRow rows[] = {
  { .info = { ROW_INFO ("lsuv", N_ ("LSUV"), "orthogonal, then W ← W/√Var(W h) layer by layer until |Var − 1| < tol, h what the layer reads",
              "Var z = 1 at each layer", "Mishkin & Matas 2016", NULL, "PyTorch – · Keras – · JAX –",
              N_ ("Use it with an unusual activation: it measures on one batch of the training data what other rules derive."), N_ ("Whole networks")),
              ROW_PARAMS (lsuv_params) },
    .fill = fill_lsuv, .after = CHAIN_INIT_AFTER_DATA },
  { .info = { ROW_INFO ("fixup", N_ ("Fixup"),
              "He; inner layers of a branch × L^(−1/(2m−2)), L branches of m layers; last layer of each branch and output 0",
              "at the start each branch adds 0", "Zhang et al. 2019", NULL, "PyTorch – · Keras – · JAX –",
              N_ ("Use it for residual networks without normalisation: each branch starts as nothing."), N_ ("Whole networks")) },
    .fill = fill_fixup, .after = CHAIN_INIT_AFTER_BRANCHES },
};

const void *
_chain_init_network (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
