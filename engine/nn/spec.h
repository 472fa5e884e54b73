/* SPDX-License-Identifier: Apache-2.0 */
/* ChainSpec: a network, its data, loss, optimiser, schedule and seed as plain immutable data (ARCHITECTURE 5e, 8).
 *
 * Made mutable by chain_spec_new() or chain_spec_copy(), changed field by field, then sealed; a sealed spec is never written again and
 * may be read by any thread. Strings are owned by the spec (use chain_set_str()). Arrays are GPtrArray of owned structs. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

/* A parameter of a chosen row: a number or (for formulas) a text. */
typedef struct { char *name; double value; char *text; } ChainParamValue;

/* A row chosen in a table. id NULL = "not set" (defaults apply). */
typedef struct
{
  char   *id;
  char   *variant;        /* NULL = the row's default variant */
  GArray *params;         /* of ChainParamValue; only those that were given; never NULL */
} ChainChoice;

typedef struct
{
  char       *id;         /* stable, unique, [A-Za-z0-9_]{1,64}, never renumbered: "d1" */
  char       *type;       /* row of the layer table: "dense", "activation", "dropout", "batch_norm", "add", "concat", … */
  GPtrArray  *inputs;     /* of char*: ids of layers or of inputs; at least one */
  guint       units;      /* outputs of a dense layer */
  GArray     *unit_ids;   /* of guint32, one a unit, stable (dense only) */
  guint32     next_unit_id;
  GArray     *off;        /* of guint32, ids of units that are switched off (dense only): what reads the layer gets 0 from them, in training too, so
                             that their own weights get no gradient. Ids of units that are gone do no harm */
  ChainChoice params;     /* of the layer row (id NULL): "bias" 0/1, "p", "eps", "momentum" … */
  ChainChoice activation; /* applied after the layer; id NULL = identity */
  double      dropout;    /* applied after the activation; 0 = none */
  ChainChoice initialiser;/* of the weights; id NULL = the spec's */
  double      rate;       /* factor on the learning rate (1) */
  double      decay;      /* weight decay of this layer; NaN = the optimiser's */
  gboolean    frozen;
  char       *weights_of; /* an earlier layer whose parameters this one uses as its own (one discriminator on real and on fake); NULL */
  char       *note;       /* the user's words; NULL */
} ChainLayer;

typedef struct
{
  ChainChoice choice;     /* row of the loss table, variant, parameters */
  char       *reduction;  /* "mean", "sum", "batchmean" */
  double      weight;
  GPtrArray  *roles;      /* of char*: role names, parallel to sources: "pred", "target", … */
  GPtrArray  *sources;    /* of char*: layer id or data name ("x", "t", a column) */
  GPtrArray  *trains;     /* of char*: layer ids; empty = all */
} ChainLossTerm;

typedef struct { char *name; guint size; } ChainInput;   /* a named block of data columns fed to the network */

typedef enum { CHAIN_SOURCE_GENERATOR, CHAIN_SOURCE_BUNDLED, CHAIN_SOURCE_FILE, CHAIN_SOURCE_EMBEDDED } ChainDataSource;

typedef struct
{
  ChainDataSource source;
  ChainChoice     choice;     /* generator or bundled set: row of the data table, parameters (n, noise, …) */
  guint64         seed;       /* of the generator */
  char           *path;       /* file: as given (a relative hint); NULL */
  char           *labels_path;/* IDX: the labels file; NULL */
  char           *format;     /* "csv", "idx"; NULL = by content */
  char           *delimiter;  /* one character or "auto" (default) */
  gboolean        header;     /* default TRUE */
  char           *sha256;     /* of the file when it was last read; NULL */
  GPtrArray      *inputs;     /* of char*: column names; empty = every column that is not a target or ignored */
  GPtrArray      *targets;    /* of char*: column names; empty = the set's own target, else the last column */
  GPtrArray      *ignore;     /* of char* */
  GPtrArray      *features;   /* of char*: formulas in x1, x2 … (the inputs as scaled, in their order), further inputs */
  char           *task;       /* "classify", "regress" or NULL = by the kind of the target */
  double          test;       /* fraction held out, 0 <= test < 1; 0 = no split */
  gboolean        stratify;
  char           *scale_inputs;  /* "standardise" (default), "minmax", "none" */
  char           *scale_targets; /* regression: "standardise" (default), "none" */
  char           *missing;       /* "mean" (default), "drop" */
  double          limit;      /* at most this many rows (0 = all), the first ones */
} ChainDataSpec;

/* balanced: over-sampling, n draws with replacement, each class as often as its frequency says; undersample: without replacement, as many
 * rows of each class as its frequency allows. A regression has no classes: then they are replacement and shuffle. */
typedef enum { CHAIN_ORDER_SHUFFLE, CHAIN_ORDER_SEQUENTIAL, CHAIN_ORDER_REPLACEMENT, CHAIN_ORDER_BALANCED, CHAIN_ORDER_UNDERSAMPLE } ChainOrder;

typedef struct
{
  double   epochs;            /* stop after; 0 = no limit */
  guint64  steps;             /* stop after; 0 = no limit */
  double   target_loss;       /* stop when the training loss at an evaluation is below; NaN = off */
  guint    eval_every;        /* at least every so many epochs (and at 1, 2, 4 …); default 10 */
  gboolean early_stopping;
  guint    patience;          /* epochs without a better test loss */
  double   min_delta;
  gboolean keep_best;         /* go back to the best weights at the end */
} ChainStopSpec;

typedef struct
{
  int            ref_count;   /* atomic */
  gboolean       sealed;
  char          *name;        /* "Two moons" */
  char          *note;
  ChainDataSpec  data;
  GPtrArray     *inputs;      /* of ChainInput; empty until resolved: then one block "x" of all input columns */
  GPtrArray     *layers;      /* of ChainLayer, in topological order */
  GPtrArray     *outputs;     /* of char*: layer ids; empty = the last layer */
  GPtrArray     *losses;      /* of ChainLossTerm; at least one */
  ChainChoice    initialiser; /* of all weights unless a layer says otherwise */
  ChainChoice    bias_initialiser;
  ChainChoice    optimiser;   /* params hold "lr", "weight_decay", … */
  GPtrArray     *regularisers;/* of ChainChoice: penalties, clipping (in this order), constraints; empty as a rule */
  ChainChoice    schedule;
  gboolean       schedule_per_epoch;
  guint          batch_size;  /* 0 = full batch */
  ChainOrder     order;
  char          *frequencies; /* balanced, undersample: of the classes, numbers with commas, in proportion; NULL = all alike */
  gboolean       drop_last;
  guint64        seed;
  ChainDtype     precision;
  ChainStopSpec  stop;
  char          *source_json; /* the text this was read from: unknown keys are kept through a save; NULL */
} ChainSpec;

/* --- life --- */
ChainSpec     *chain_spec_new       (void);                       /* (transfer full), mutable, defaults, no layers */
ChainSpec     *chain_spec_copy      (const ChainSpec *spec);      /* (transfer full), mutable */
ChainSpec     *chain_spec_seal      (ChainSpec *spec);            /* returns it */
ChainSpec     *chain_spec_ref       (const ChainSpec *spec);      /* sealed only; atomic */
void           chain_spec_unref     (ChainSpec *spec);
gboolean       chain_spec_equal     (const ChainSpec *a, const ChainSpec *b);   /* every field but source_json */
/* The 2-6-6-1 tanh network on two moons that the window opens with (DESIGN 2.2). (transfer full), sealed. */
ChainSpec     *chain_spec_example   (void);

/* Names unique and well formed, inputs exist and come earlier, widths agree for add and concat, rows and variants exist, parameters in
 * their ranges, counts within limits. One sentence naming the place otherwise. n_inputs: width of block "x" from the data (0 = not known
 * yet: widths that hang on it are not checked). */
gboolean       chain_spec_validate  (const ChainSpec *spec, guint n_inputs, GError **error);

/* --- parts --- */
void           chain_set_str        (char **field, const char *value);
void           chain_choice_set     (ChainChoice *c, const char *id, const char *variant);   /* clears the parameters */
void           chain_choice_set_param (ChainChoice *c, const char *name, double value);
void           chain_choice_set_text  (ChainChoice *c, const char *name, const char *text);
void           chain_choice_unset   (ChainChoice *c, const char *name);
gboolean       chain_choice_param   (const ChainChoice *c, const char *name, double *value); /* FALSE if not given */
const char    *chain_choice_text    (const ChainChoice *c, const char *name);
void           chain_choice_copy    (ChainChoice *to, const ChainChoice *from);
gboolean       chain_choice_equal   (const ChainChoice *a, const ChainChoice *b);
void           chain_choice_clear   (ChainChoice *c);
ChainChoice   *chain_choice_new     (const char *id);                             /* (transfer full) */
void           chain_choice_free    (ChainChoice *c);

gboolean       chain_layer_is_off   (const ChainLayer *l, guint unit);            /* position of the unit */
void           chain_layer_set_off  (ChainLayer *l, guint unit, gboolean off);
void           chain_layer_set_all_off (ChainLayer *l, gboolean off);
/* The units with these ids (of guint32, in any order; sorted here), and no others. FALSE: the layer has no unit *unknown. */
gboolean       chain_layer_take_off (ChainLayer *l, GArray *ids, guint32 *unknown);
ChainLayer    *chain_layer_new      (const char *id, const char *type);           /* (transfer full) */
ChainLayer    *chain_layer_copy     (const ChainLayer *l);
void           chain_layer_free     (ChainLayer *l);
void           chain_layer_set_units (ChainLayer *l, guint units);                /* keeps the first units' ids, new ids for new ones */
ChainLossTerm *chain_loss_term_new  (const char *id);
void           chain_loss_term_free (ChainLossTerm *t);
int            chain_spec_layer_index (const ChainSpec *spec, const char *id);    /* -1 if none */
ChainLayer    *chain_spec_layer     (const ChainSpec *spec, const char *id);      /* NULL if none */
char          *chain_spec_free_layer_id (const ChainSpec *spec, const char *prefix); /* (transfer full): "d4" */
/* Outputs of a layer given the width of block "x"; 0 if it cannot be known. */
guint          chain_spec_layer_width (const ChainSpec *spec, const char *id, guint n_inputs);

/* --- structural edits: each returns a new sealed spec (transfer full) or NULL with a sentence --- */
ChainSpec     *chain_spec_insert_layer (const ChainSpec *spec, const char *after, GError **error);  /* dense, as the one before; after NULL = after the input */
ChainSpec     *chain_spec_remove_layer (const ChainSpec *spec, const char *id, GError **error);     /* readers are joined to its first input */
ChainSpec     *chain_spec_set_units    (const ChainSpec *spec, const char *id, guint units, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainSpec, chain_spec_unref)

G_END_DECLS
