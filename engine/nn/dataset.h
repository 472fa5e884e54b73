/* SPDX-License-Identifier: Apache-2.0 */
/* Data in memory: a table of columns as read, what to do with them (fitted on the training split), the matrices that the network
 * sees, and the order in which rows are drawn. No files here. */
#pragma once

#include "engine/base/rng.h"
#include "engine/lang/formula.h"
#include "engine/nn/spec.h"

G_BEGIN_DECLS

/* --- a table as read --- */
typedef enum { CHAIN_COLUMN_NUMBER, CHAIN_COLUMN_CATEGORY } ChainColumnKind;
typedef struct
{
  char           *name;
  ChainColumnKind kind;
  double         *values;     /* number, or the index into labels; NaN = missing */
  GPtrArray      *labels;     /* category: of char*, in order of first appearance; else NULL */
  guint           n_missing;
} ChainColumn;

typedef struct
{
  int        ref_count;       /* atomic */
  guint      n_rows;
  GPtrArray *columns;         /* of ChainColumn */
  guint      image_width, image_height;   /* the number columns are the pixels of an image, row by row; 0 = no image */
  char      *title, *sha256, *path;       /* where from; path, sha256 NULL if not a file */
  char      *default_target;  /* NULL = the last column */
  GPtrArray *warnings;        /* of char*: what was odd, with line numbers */
} ChainTable;

ChainTable  *chain_table_new    (guint n_rows);
ChainTable  *chain_table_ref    (ChainTable *t);
void         chain_table_unref  (ChainTable *t);
ChainColumn *chain_table_add    (ChainTable *t, const char *name, ChainColumnKind kind);   /* values all NaN */
int          chain_table_find   (const ChainTable *t, const char *name);                   /* -1 */
/* Made by a row of the data table (generated ones). (transfer full). */
ChainTable  *chain_table_generate (const ChainDataSpec *data, GError **error);

/* --- preprocessing, fitted on the training rows --- */
typedef struct
{
  char     *column;
  ChainColumnKind kind;
  double    shift, scale;     /* number: (v - shift) / scale; scale 1 for a constant column */
  double    fill;             /* for a missing number */
  GPtrArray *labels;          /* category: one-hot by these, in order; else NULL */
} ChainPrepColumn;

/* A typed input: computed from the scaled ones, behind them, in their order. */
typedef struct { char *text; ChainFormula *formula; } ChainPrepFeature;
#define CHAIN_LIMIT_FEATURES 256u

typedef struct
{
  int        ref_count;
  GPtrArray *inputs;          /* of ChainPrepColumn */
  GPtrArray *targets;         /* of ChainPrepColumn */
  GPtrArray *features;        /* of ChainPrepFeature; NULL = none */
  gboolean   classify;        /* one categorical target: class index */
  guint      n_inputs;        /* columns after one-hot, features included */
  guint      n_targets;       /* numbers predicted: 1 for a class index */
  guint      n_classes;       /* 0 for regression */
} ChainPrep;

ChainPrep *chain_prep_ref   (ChainPrep *p);
void       chain_prep_unref (ChainPrep *p);
/* Columns after one-hot, without features. */
guint      chain_prep_n_columns (const ChainPrep *p);
/* Sets the features and n_inputs of a prep that nobody else holds yet, once its input columns are complete. */
gboolean   chain_prep_set_features (ChainPrep *p, const GPtrArray *texts, GError **error);
/* Fills the feature columns of n rows of n_inputs numbers whose other columns are there. Any thread. */
void       chain_prep_derive (const ChainPrep *p, double *x, gsize n);
/* (transfer full): one name a network input, "island = Biscoe" for one-hot ones. NULL-terminated. */
char     **chain_prep_input_names (const ChainPrep *p);

/* --- what the network sees --- */
typedef struct
{
  int        ref_count;
  ChainPrep *prep;
  guint      n, n_train;      /* rows [0, n_train) of `rows` are the training split, in their order before shuffling; the rest is test */
  guint     *rows;            /* row of the table */
  guint      d, k;            /* inputs, target columns (class index: 1) */
  double    *x;               /* n x d, scaled; row i belongs to rows[i] */
  double    *t;               /* n x k, scaled (class index as is) */
  guint      image_width, image_height;
  GPtrArray *warnings;        /* of char*: constant column, single class, 999:1, one row … */
} ChainDataset;

/* Splits (by the seed, stream split; stratified if asked), fits prep on the training rows unless `fitted` is given, applies. A row
 * with a missing target is dropped with a warning. (transfer full). */
ChainDataset *chain_dataset_new   (const ChainSpec *spec, const ChainTable *table, ChainPrep *fitted, GError **error);
/* All rows as one block, no split, with a fitted prep (eval --data, predict); targets may be missing from the table (k columns of NaN).
 * An unseen category is one clear error with row and column. */
ChainDataset *chain_dataset_apply (ChainPrep *prep, const ChainTable *table, gboolean need_targets, GError **error);
ChainDataset *chain_dataset_ref   (ChainDataset *d);
void          chain_dataset_unref (ChainDataset *d);

/* --- sampler: which rows are in the batch of a step; a pure function of (seed, epoch, position) --- */
typedef struct
{
  guint      n, batch;        /* rows an epoch: the training rows, of undersample those it keeps; rows a batch (full: n) */
  ChainOrder order;
  gboolean   drop_last;
  uint64_t   seed;
  guint64    epoch;           /* epoch of the next batch (one less when this epoch is used up) */
  guint      pos;             /* next position in the epoch */
  uint32_t  *perm;            /* n; for replacement: drawn; made when first needed */
  guint64    drawn;           /* 1 + epoch that `perm` belongs to; 0 = none */
  GPtrArray *script;          /* of GArray of guint32 (--batches); NULL */
  guint64    step;
  guint      classes;         /* balanced, undersample: 0 until chain_sampler_set_classes() */
  uint32_t  *members;         /* rows by class */
  guint     *start;           /* of each class in members; classes + 1 */
  guint     *take;            /* undersample: rows of each class an epoch */
  double    *share;           /* balanced: running sum of the frequencies */
} ChainSampler;

void    chain_sampler_init  (ChainSampler *s, guint n, guint batch, ChainOrder order, gboolean drop_last, uint64_t seed);
/* For the orders that look at classes: t holds the class of row i at t[i k]. frequencies as in the spec; a class without rows counts as 0.
 * Other orders, and classes 0, are left as they are. */
void    chain_sampler_set_classes (ChainSampler *s, const double *t, guint k, guint classes, const char *frequencies);
void    chain_sampler_clear (ChainSampler *s);
/* Rows of the next batch; *n_rows may be less than batch at the end of an epoch. Valid until the next call. NULL when a script ends. */
const uint32_t *chain_sampler_next (ChainSampler *s, guint *n_rows);
/* Puts it where it was before step `step` of a run with constant batch size from (epoch, pos). */
void    chain_sampler_seek  (ChainSampler *s, guint64 epoch, guint pos, guint64 step);
void    chain_sampler_set_batch (ChainSampler *s, guint batch);   /* from the next batch; position kept */

/* The next batch starts a new epoch. */
static inline gboolean
chain_sampler_at_epoch_end (const ChainSampler *s)
{
  return s->pos >= s->n || (s->drop_last && s->script == NULL && s->n - s->pos < s->batch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainTable, chain_table_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainDataset, chain_dataset_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainPrep, chain_prep_unref)

G_END_DECLS
