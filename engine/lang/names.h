/* SPDX-License-Identifier: Apache-2.0 */
/* What a name means, and what somebody meant who typed one that means nothing. */
#pragma once

#include "engine/lang/expr.h"
#include "engine/lang/lexer.h"

G_BEGIN_DECLS

/* TRUE if name is one of allowed ("x#" stands for x1, x2 …); every name if allowed is NULL. */
gboolean _chain_name_allowed (const char *name, const char *const *allowed);

/* The two refusals; always FALSE. */
gboolean _chain_name_unknown_function (const ChainToken *tok, const char *const *allowed, ChainFormulaError *where, GError **error);
gboolean _chain_name_unknown          (const ChainToken *tok, const char *const *allowed, ChainFormulaError *where, GError **error);

G_END_DECLS
