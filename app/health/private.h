/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/health/health.h"

G_BEGIN_DECLS

/* finding-text.c; all (transfer full). */
char *_chain_finding_cause (const ChainSnapshot *s, ChainFindingKind kind, int layer);
char *_chain_finding_rule  (const ChainSnapshot *s, ChainFindingKind kind, int layer);

/* TRUE for activations that are flat on one side only, as ReLU: made for He's initialiser. */
gboolean _chain_is_rectifier (const ChainLayer *l);
/* The initialiser gives every unit the same weights. */
gboolean _chain_is_constant  (const ChainChoice *initialiser);

G_END_DECLS
