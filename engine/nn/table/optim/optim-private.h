/* SPDX-License-Identifier: Apache-2.0 */
/* What the optimiser rows share. Names: g gradient, w parameter, η rate of the tensor (host), t step counting from 1 (host). */
#pragma once

#include "engine/nn/table/rows.h"

G_BEGIN_DECLS

/* Parameters of the common form. */
#define PARAM_LR(start) { ROW_PARAM ("lr", N_ ("Learning rate η"), start, 0, 1e3), .log_scale = TRUE }
#define PARAM_DECAY(start) { ROW_PARAM ("weight_decay", N_ ("Weight decay λ"), start, 0, 1e3), .log_scale = TRUE }
#define PARAM_SHARE(id, label, start) { ROW_PARAM (id, label, start, 0, 1), .open_max = TRUE }
#define PARAM_EPS(id, label, start) { ROW_PARAM (id, label, start, 0, 1), .log_scale = TRUE }
#define PARAM_SWITCH(id, label, start) { ROW_PARAM (id, label, start, 0, 1), .integer = TRUE }

gboolean _chain_optim_is      (const ChainOptimCtx *c, const char *variant);
/* g + λ w: weight decay coupled to the gradient. */
ChainId  _chain_optim_coupled (ChainOptimCtx *c, guint i);
/* (1 − η λ) w: weight decay apart from the gradient. */
ChainId  _chain_optim_decayed (ChainOptimCtx *c, guint i);
/* w ← from − η d; rate: η, or a host node made from it. */
void     _chain_optim_descend (ChainOptimCtx *c, guint i, ChainId from, ChainId rate, ChainId d);
/* 1 − βᵗ, host. */
ChainId  _chain_optim_correction (ChainOptimCtx *c, ChainId beta);
/* The state "name" of tensor i: b old + (1 − b) x; sets its next value and returns that. */
ChainId  _chain_optim_average (ChainOptimCtx *c, guint i, const char *name, double start, ChainId b, ChainId x);
/* A state "name" of tensor i that starts where the parameter does: its value now. leaf: what to set. At the first step the parameter
 * itself is read, whatever the leaf holds, so weights from outside (a file, another optimiser before) are a start as well. */
ChainId  _chain_optim_from_parameter (ChainOptimCtx *c, guint i, const char *name, ChainId *leaf);

/* What line of the pseudo-code makes for tensor i (-1: for all alike); does nothing where nobody walks through updates. */
void     _chain_optim_tell    (ChainOptimCtx *c, int i, guint line, const char *symbol, ChainId node);
/* Numbers that the lines name and the update folds into others: m / c1 and v / c2, of lines m_line and v_line. */
void     _chain_optim_tell_corrected (ChainOptimCtx *c, guint i, guint m_line, guint v_line, ChainId m, ChainId c1, ChainId v, ChainId c2);

G_END_DECLS
