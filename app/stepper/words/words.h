/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas of cells that stand for more than one operation or number. */
#pragma once

#include "app/stepper/private.h"

G_BEGIN_DECLS

/* unfold.c: a unit, from what is folded into it. names: NULL: numbers. NULL where it is too long for a line. (transfer full). */
ChainMaths *_chain_unfolded       (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names);
ChainMaths *_chain_unfolded_brief (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names);

/* whole.c: a layer, or an operation on matrices: tanh (X Wᵀ + b). (transfer full). */
ChainMaths *_chain_whole          (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names);
/* The first numbers of a vector or matrix, [0.85 0.51 −0.77 ⋯]; adjoint: of what arrives at it. NULL: nothing is known. (transfer full). */
ChainMaths *_chain_entries        (const ChainTrace *t, const ChainCell *c, gboolean adjoint);

G_END_DECLS
