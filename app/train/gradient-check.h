/* SPDX-License-Identifier: Apache-2.0 */
/* Every gradient of a network against f64 central differences (engine/run/check.h), and the plan's values against the naive reference: one function
 * for the command line and the window. A finite job on an executor of its own, which the run does not notice; any thread.
 *
 * Loss terms that train different layers are objectives of their own, trained in turn: each is checked by itself, on a network that has its terms
 * alone. A layer whose gradient is a stand-in (straight-through) has to fail, and `notes` says why. */
#pragma once

#include "app/train/weight-line.h"
#include "engine/run/check.h"

G_BEGIN_DECLS

#define CHAIN_CHECK_ROWS 24u         /* training rows: enough to reach every class and branch, few enough to take a moment */
#define CHAIN_CHECK_REFERENCE 1e-9   /* most that a value may differ from the reference, relative */

typedef struct { char *tensor, *layer; ChainParamKind kind; guint n_entries; gboolean stand_in; ChainCheckRow row; } ChainCheckLine;

typedef struct
{
  GPtrArray *lines;              /* of ChainCheckLine: trained parameters, in the network's order */
  GPtrArray *notes;              /* of char *: sentences about layers whose gradient is a stand-in */
  guint      n_rows;
  double     worst, reference;   /* largest row.error (<= 1 passes); worst difference of a value from the reference */
  double     loss;               /* largest loss of an objective, without sign */
  gboolean   passed;
} ChainGradientCheck;

/* t: an f64 trainer that nobody else uses. max_entries: of each parameter, 0 = all. stop (nullable): becomes 1 to give up; then NULL with
 * CHAIN_ERROR_CANCELLED. (transfer full). */
ChainGradientCheck *chain_gradient_check_run  (ChainTrainer *t, guint max_entries, const int *stop, GError **error);
/* The same at the weights that were taken from a run (chain_weight_line_start()), whatever precision it computes in. */
ChainGradientCheck *chain_gradient_check_new  (const ChainWeightLineStart *s, guint max_entries, const int *stop, GError **error);
void                chain_gradient_check_free (ChainGradientCheck *c);
/* It disagrees by no more than a difference of two numbers as large as the loss can be wrong: nothing follows from that. */
gboolean            chain_check_line_is_lost (const ChainGradientCheck *c, const ChainCheckLine *l);
/* |a - n| / (max (|a|, |n|) + 0.01): what row.error is in units of 1e-7. */
double              chain_check_line_relative (const ChainCheckLine *l);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainGradientCheck, chain_gradient_check_free)

G_END_DECLS
