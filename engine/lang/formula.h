/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas that a user types: input features, losses d(y, t), test surfaces (ARCHITECTURE 4, lang).
 *
 * One expression, as in mathematics: −x^2 is −(x^2), 2^3^2 is 2^(3^2), a/b·c is (a/b)·c; ** is ^; the signs − × · ÷ √ π ≤ ≥ ≠ ² and
 * names with subscripts (x₁ is x1) are read as well. Every logarithm without a base in its name is natural (SPEC 0.1). A comparison is
 * 1 or 0, anything but 0 is true. Kinks follow SPEC 0.2 because the functions are compositions of rows of the op table.
 *
 * A formula is immutable: any thread may read it. Nothing here depends on the locale. */
#pragma once

#include "engine/graph/graph.h"

G_BEGIN_DECLS

#define CHAIN_LIMIT_FORMULA_BYTES (256u << 10)
#define CHAIN_LIMIT_FORMULA_OPS 10000u     /* operations and calls */
#define CHAIN_LIMIT_FORMULA_DEPTH 200u     /* brackets, signs and powers inside one another, as typed and as written back */
#define CHAIN_LIMIT_FORMULA_NAME 64u       /* characters of a name */

typedef struct _ChainFormula ChainFormula;

/* Where it went wrong, for a mark in an entry: characters, the first is column 1. length may be 0 (something is missing there). */
typedef struct { guint column, length; } ChainFormulaError;

typedef enum
{
  CHAIN_FORMULA_PLAIN,      /* ASCII, canonical: what a file holds */
  CHAIN_FORMULA_UNICODE,    /* for menus and labels: "(y − t)²", "3·x₁"; reads back as the same formula */
  CHAIN_FORMULA_LATEX
} ChainFormulaStyle;

/* A function that may be called, for completion and help. */
typedef struct
{
  const char *name;         /* "clamp" */
  const char *usage;        /* "clamp(a, low, high)" */
  const char *title;        /* msgid: "Cut to a range" */
} ChainFormulaFunction;

/* (transfer full), or NULL with one sentence that begins with the column ("Column 7: …") and *where (nullable) set. allowed_names is
 * NULL-terminated and holds the names that may be used; "x#" stands for x1, x2, x3 …; NULL allows every name that is no function. An
 * allowed name hides a constant (e, pi) of the same name. */
ChainFormula      *chain_formula_parse  (const char *text, const char *const *allowed_names, ChainFormulaError *where, GError **error);
ChainFormula      *chain_formula_ref    (ChainFormula *f);              /* atomic */
void               chain_formula_unref  (ChainFormula *f);

/* Names used, in order of appearance, subscripts as plain digits. NULL-terminated, owned by the formula. */
const char *const *chain_formula_names  (const ChainFormula *f);
/* Column of the first use of a name; 0 if it is not used. */
guint              chain_formula_column (const ChainFormula *f, const char *name);
guint              chain_formula_n_ops  (const ChainFormula *f);
gboolean           chain_formula_equal  (const ChainFormula *a, const ChainFormula *b);   /* same tree; spaces and spelling do not count */
char              *chain_formula_text   (const ChainFormula *f, ChainFormulaStyle style); /* (transfer full) */

/* Builds the formula element-wise. names is NULL-terminated and holds every name used; values has one node a name, all of one shape,
 * which is the shape of the result. At least one name, used or not. Constant parts are computed here. */
ChainId            chain_formula_trace  (const ChainFormula *f, ChainGraph *g, const char *const *names, const ChainId *values);

/* One value, in f64, by the tree. names as above. */
double             chain_formula_eval   (const ChainFormula *f, const char *const *names, const double *values);
/* The same for n rows: row i has its values at values + i · stride, the result goes to out + i · out_stride. out may lie inside a row
 * of values, behind what the formula reads. */
void               chain_formula_eval_rows (const ChainFormula *f, const char *const *names, const double *values, gsize stride,
                                            gsize n, double *out, gsize out_stride);

/* Every function, in the order of the table. */
guint              chain_formula_n_functions (void);
ChainFormulaFunction chain_formula_function  (guint i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainFormula, chain_formula_unref)

G_END_DECLS
