/* SPDX-License-Identifier: Apache-2.0 */
/* A line of an optimiser's pseudo-code, "m ← β₁ m + (1 − β₁) g", read so that it can be typeset, written with numbers in the places of the symbols,
 * and computed. The language is that of the rows of the optimiser table: one-letter symbols with hats, indices and powers, products by standing
 * side by side, ⊙, ·, /, √, ‖ ‖, | |, functions, and assignments with commas between them. */
#pragma once

#include "app/maths/maths.h"

G_BEGIN_DECLS

typedef struct _ChainPseudo ChainPseudo;

/* The number of a symbol ("β₂", "m̂", "v_max") where the clause-th assignment of the line reads it; norm: its Euclidean norm. NAN: not known. */
typedef double (*ChainPseudoValue) (const char *symbol, guint clause, gboolean norm, gpointer data);

ChainPseudo *_chain_pseudo_parse   (const char *line);    /* without its number; NULL: it is not only assignments. (transfer full) */
void         _chain_pseudo_free    (ChainPseudo *p);
guint        _chain_pseudo_clauses (const ChainPseudo *p);
const char  *_chain_pseudo_left    (const ChainPseudo *p, guint clause);   /* the symbol that it gives a value */
ChainMaths  *_chain_pseudo_maths   (const ChainPseudo *p);                 /* the whole line. (transfer full) */
/* The right-hand side of a clause with numbers, and what it comes to (NAN where a number is not known); NULL where there is nothing to put in.
 * (transfer full). */
ChainMaths  *_chain_pseudo_numbers (const ChainPseudo *p, guint clause, ChainPseudoValue value, gpointer data, double *out);
/* A symbol with its hat, index and power. (transfer full). */
ChainMaths  *_chain_pseudo_symbol  (const char *symbol);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainPseudo, _chain_pseudo_free)

G_END_DECLS
