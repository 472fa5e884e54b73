/* SPDX-License-Identifier: Apache-2.0 */
/* The loss that the user types: d(y, t), element by element, read by engine/lang and traced to the same ops as every other row, so that its
 * gradient is the engine's own. The text was checked with the spec. */
#include "engine/nn/table/rows.h"

#include "engine/lang/formula.h"

#include <math.h>

static ChainId
build_formula (ChainGraph *g, const ChainId *roles, const ChainParams *p)
{
  static const char *const names[] = { "y", "t", NULL };
  g_autoptr (ChainFormula) f = chain_formula_parse (chain_param_text (p, "expr"), names, NULL, NULL);

  g_assert (f != NULL);
  return chain_formula_trace (f, g, names, roles);
}

static const ChainParamInfo formula_params[] = {
  { ROW_FORMULA_PARAM ("expr", N_ ("Formula d(y, t)"), "(y - t)^2", "y", "t") },
};

static const ChainLossRow rows[] = {
  { .info = { ROW_INFO ("formula", N_ ("Typed formula"), "L = d(y, t), as typed", "∂L/∂y by the chain rule", "–", NULL,
              "PyTorch – · Keras – · optax –",
              N_ ("Use it to type your own: y is the prediction and t the target, for example where(abs(y - t) < 1, (y - t)^2/2, abs(y - t) - 0.5)."),
              N_ ("Regression")),
              ROW_PARAMS (formula_params) },
    .task = CHAIN_LOSS_REGRESSION, .output_activation = "identity", .link = "identity",
    .roles = { { .name = "pred" }, { .name = "target", .is_data = TRUE } }, .n_roles = 2, .build = build_formula },
};

const void *
_chain_loss_typed (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
