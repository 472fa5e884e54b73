/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests against tests/golden/vectors share: reading them, binding their numbers to leaves, evaluating by the reference
 * interpreter or by an executor in f64 or f32, comparing with their tolerances, and counting what was compared. */
#pragma once

#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/nn/table.h"
#include "engine/run/exec.h"

#include <jansson.h>

typedef enum { BY_REFERENCE, BY_EXEC_F64, BY_EXEC_F32 } VecEngine;

/* A tensor of a file; a list of numbers is one row. NaN where the file has null. */
typedef struct { double *v; guint rows, cols, n; int rank; } Vec;

json_t     *vec_load    (const char *name);                /* root object of tests/golden/vectors/<name>; a missing file fails */
json_t     *vec_get     (json_t *o, const char *name);     /* asserts that it is there */
const char *vec_text    (json_t *o, const char *name);     /* NULL if it is not there */
double      vec_number  (json_t *v);
Vec         vec_tensor  (json_t *v);                       /* {shape, data}, a list, or a number */
void        vec_clear   (Vec *v);

typedef struct
{
  ChainGraph *g;
  GArray     *leaves;    /* of { ChainId, Vec }; numbers not owned */
  gint64      b;
} VecKit;

void     vec_kit_init   (VecKit *k);
void     vec_kit_clear  (VecKit *k);
/* A leaf holding v. batch: its rows are B. */
ChainId  vec_kit_leaf   (VecKit *k, const char *name, const Vec *v, gboolean batch);
ChainId  vec_kit_column (VecKit *k, const char *name, const Vec *v);     /* a list as B x 1 */
/* All entries of ids, each (transfer full). Seals the graph. */
void     vec_kit_eval   (VecKit *k, VecEngine e, const ChainId *ids, guint n, double **out);

/* A choice with the parameters that the row has. Others must be in `ignore` (a NULL-terminated list), else NULL and *unknown says which. */
ChainChoice *vec_choice (const ChainRowInfo *info, const char *variant, json_t *params, const char *const *ignore, const char **unknown);
void         vec_choice_free (ChainChoice *c);

/* --- counting and comparing --- */
typedef struct { guint64 numbers; guint cases; GHashTable *without_row; guint failures; } VecCount;
void vec_count_init   (VecCount *c);
void vec_count_no_row (VecCount *c, const char *id);
/* Prints the summary; fails unless the ids without a row are exactly `expected` (NULL-terminated): an unknown id is never passed. */
void vec_count_report (VecCount *c, const char *file, const char *const *expected);
/* g_test_run(), and one line with the sum of all reports of the program. */
int  vec_test_run     (void);

/* |a − b| <= atol + rtol |b|; equal infinities, NaN with NaN. Prints `what` on failure and counts it. */
void vec_compare      (VecCount *c, const char *what, const double *a, const double *b, gsize n, double rtol, double atol);
