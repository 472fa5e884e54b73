/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/stepper/private.h"

G_BEGIN_DECLS

/* Lines without their numbers, as they apply to this parameter (index into model->params, −1: none) in this step. NULL-terminated, (transfer full). */
char **_chain_update_texts     (const ChainTrace *t, int param);
/* A hyperparameter as it was in this step, by its id or by its symbol ("β₁"); NAN: the optimiser has none. */
double _chain_hyper            (const ChainTrace *t, const char *name);
double _chain_hyper_by_symbol  (const ChainTrace *t, const char *symbol);

G_END_DECLS
