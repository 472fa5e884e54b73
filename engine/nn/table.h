/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: a row per activation, loss, layer, initialiser, optimiser, schedule, data set, metric. Menus, `list`, tests and documents loop
 * over them. A row is a builder of graph nodes (or a host function) plus its texts: no second code path (ARCHITECTURE 4, 9.7).
 *
 * Rows live in engine/nn/table/, split by family; chain_table_…() return them in the order of the lecture, its own rows first. */
#pragma once

#include "engine/graph/graph.h"
#include "engine/nn/spec.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;          /* "beta1" */
  const char *title;         /* msgid "First-moment decay β₁" */
  double      value;         /* default; NaN: the parameter is a list of numbers given as text ("20, 50"), with no range */
  double      min, max;      /* inclusive unless open_… */
  gboolean    open_min, open_max;
  gboolean    integer;
  gboolean    log_scale;     /* a control should be logarithmic */
  guint8      per_class;     /* a list as text of K classes: 1 = K numbers (or one for all), 2 = K · K, row by row; 0 = of any length */
  const char *text;          /* default of a formula; then value, min and max are NaN */
  const char *const *formula_names;   /* names that the formula may use, NULL-terminated; NULL = not a formula */
} ChainParamInfo;

/* The common head of each row. Text columns are msgids; formulas are Unicode. */
typedef struct
{
  const char *id;
  const char *title;         /* name as the field uses it: "Cross-entropy (logits)" */
  const char *formula;       /* "L = t·sp(−z) + (1−t)·sp(z)" */
  const char *derivative;    /* "∂L/∂z = σ(z) − t" */
  const char *source;        /* "Kingma & Ba 2015" */
  const char *lecture;       /* slide title, or NULL when the lecture does not name it */
  const char *elsewhere;     /* "PyTorch Adam · Keras Adam · optax adam" */
  const char *when;          /* one plain sentence on when to use it */
  const char *group;         /* msgid for menus: "Regression" */
  const ChainParamInfo *params;
  guint       n_params;
  const char *const *variants;   /* NULL-terminated; first is the default; NULL = only "standard" */
} ChainRowInfo;

/* Parameters of a choice with defaults filled in, as a builder wants them. */
typedef struct { const ChainRowInfo *info; const ChainChoice *choice; } ChainParams;
double      chain_param         (const ChainParams *p, const char *name);    /* asserts that the row has it */
const char *chain_param_variant (const ChainParams *p);                      /* never NULL */
const char *chain_param_text    (const ChainParams *p, const char *name);    /* of a formula: as given, else its default */

/* --- activations --- */
typedef struct
{
  ChainRowInfo info;
  ChainId (*build) (ChainGraph *g, ChainId z, const ChainParams *p);          /* same shape (softmax: by rows) */
  gboolean     rowwise;      /* softmax: not element-wise */
  gboolean     straight_through;   /* its gradient is a stand-in unless the variant is "none": a gradient check is expected to fail (SPEC 9.9) */
  double       dead_below, saturated_low, saturated_high;   /* for DESIGN 4.9: NaN where the word means nothing */
} ChainActivationRow;

/* What φ makes of z ~ N(0, 1) (SPEC 6). */
typedef struct
{
  double mean, second_moment, derivative_second_moment;   /* E φ, E φ², E φ′² */
  double gain, backward_gain;                             /* what keeps E φ² and E φ′² at 1: 1/√ of them */
  double pytorch;                                         /* torch.nn.init.calculate_gain; NaN where it has none */
} ChainGain;

/* choice: parameters and variant, NULL = the defaults. FALSE for what works on whole rows (softmax). */
gboolean chain_activation_gain (const ChainActivationRow *row, const ChainChoice *choice, ChainGain *out);

/* --- losses --- */
typedef struct
{
  const char *name;          /* "pred", "target" … */
  gboolean    is_data;       /* may be played by data; else by a layer */
  gboolean    one_hot;       /* a class index is given as a row of the unit matrix */
  gboolean    column;        /* one number a sample (a weight, 1 for a similar pair), always named */
  gboolean    any_width;     /* a layer that need not be as wide as the first role's */
  const char *source;        /* what plays it unless the spec says; NULL = "t" for data */
} ChainLossRole;
typedef enum { CHAIN_LOSS_REGRESSION, CHAIN_LOSS_BINARY, CHAIN_LOSS_MULTICLASS, CHAIN_LOSS_OTHER } ChainLossTask;
typedef struct
{
  ChainRowInfo info;
  ChainLossTask task;
  const char  *output_activation;    /* the one it implies on the output: "sigmoid" where it wants probabilities, "identity" for logits */
  const char  *link;                 /* what turns its prediction into probabilities for reading: "sigmoid", "softmax", "identity" */
  ChainLossRole roles[4];
  guint        n_roles;
  const char *(*link_for) (const ChainParams *p);   /* where the link depends on the parameters; NULL = `link` */
  gboolean     per_sample;           /* `none` is m x 1 (else per element m x k) */
  gboolean     scalar;               /* a loss of the whole batch: `none` is 1 x 1 and every reduction leaves it as it is */
  ChainId    (*build) (ChainGraph *g, const ChainId *roles, const ChainParams *p);   /* the unreduced tensor */
} ChainLossRow;

/* Reduces `none` (SPEC 0.3): "mean" divides by the number of entries, "batchmean" by the rows, through the n_rows leaf. 1 x 1. */
ChainId chain_loss_reduce (ChainGraph *g, ChainId none, const char *reduction);

typedef enum
{
  CHAIN_INIT_AFTER_NOTHING,
  CHAIN_INIT_AFTER_BRANCHES,  /* scaled by the residual branch that the layer stands in */
  CHAIN_INIT_AFTER_DATA       /* scaled by what the layer makes of a batch */
} ChainInitAfter;

/* --- initialisers: numbers for a rows(=fan-out) x cols(=fan-in) block from a stream --- */
typedef struct
{
  ChainRowInfo info;
  void (*fill) (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object);
  ChainInitAfter after;      /* what the network adds (nn/model) */
} ChainInitRow;

/* --- optimisers --- */
typedef struct _ChainOptimCtx ChainOptimCtx;
struct _ChainOptimCtx
{
  ChainGraph    *g;
  guint          n;            /* tensors */
  const ChainId *params;       /* current values (leaves) */
  const ChainId *grads;        /* after regularisers and clipping; never CHAIN_NONE */
  const ChainId *rates;        /* host: lr · layer factor, one a tensor */
  const double  *decay;        /* weight decay, one a tensor */
  ChainId        lr;           /* host: η before the layers' factors */
  ChainId        step;         /* host: t, counts from 1 within the update */
  ChainParams    hyper;        /* values; those in `live` are host leaves instead */
  /* A hyperparameter as a host node: a leaf that the trainer sets, so that a slider never re-plans. */
  ChainId      (*hyper_node) (ChainOptimCtx *c, const char *name);
  /* A state tensor of the shape of params[i], starting at `start` (NaN: at the parameter's own first value):
   * "opt.<name>.<parameter>". Returns the leaf. */
  ChainId      (*state)      (ChainOptimCtx *c, guint i, const char *name, double start);
  /* The same of rows x cols: each is that of params[i], or 1. */
  ChainId      (*sized_state) (ChainOptimCtx *c, guint i, const char *name, guint rows, guint cols, double start);
  ChainId      (*scalar_state) (ChainOptimCtx *c, const char *name, double start);   /* host */
  void         (*set_next)   (ChainOptimCtx *c, ChainId leaf, ChainId next);
  /* What stands for params[i] where the network is evaluated, a node of the values before this step; without it the parameter itself. */
  void         (*set_eval)   (ChainOptimCtx *c, guint i, ChainId value);
  /* The mean loss with the parameters replaced (look-ahead, SAM): instantiates the model again with other ids. out_grads may be NULL. */
  ChainId      (*loss_at)    (ChainOptimCtx *c, const ChainId *params, ChainId *out_grads);
  /* N(0, 1) of the shape of params[i]; NULL: drawn from the stream of the optimiser. Reference vectors give their own. */
  ChainId      (*noise)      (ChainOptimCtx *c, guint i);
  /* What a line of the pseudo-code makes, for whoever walks through an update; i: tensor, -1 = all alike; line as
   * printed, 0 = the last. NULL: nobody does. */
  void         (*tell)       (ChainOptimCtx *c, int i, guint line, const char *symbol, ChainId node);
  gpointer       data;         /* the model's */
};

typedef struct
{
  ChainRowInfo info;
  void       (*build) (ChainOptimCtx *c);       /* must call set_next for every params[i] and every state it made */
  const char *pseudo;                           /* numbered lines of pseudo-code, \n between; msgid */
} ChainOptimRow;

/* --- schedules: host functions in f64; rate of step k (from 0) --- */
typedef struct
{
  ChainRowInfo info;
  double (*rate) (double lr, double k, const ChainParams *p);
  /* A schedule that listens: the rate after these metrics, one an evaluation; NULL: `rate` alone. The metric is the loss, of variants that
   * begin with "max" the score. */
  double (*replay) (double lr, const double *metric, guint n, const ChainParams *p);
  /* The momentum of step k that goes with the rate; NULL, or NaN: the optimiser's own. */
  double (*momentum) (double k, const ChainParams *p);
} ChainScheduleRow;

#define CHAIN_LIMIT_REGULARISERS 64

/* --- regularisers: penalties, clipping, constraints; each row is one of the three --- */
typedef struct _ChainRegularCtx ChainRegularCtx;
struct _ChainRegularCtx
{
  ChainGraph *g;
  ChainParams p;
  ChainId   (*node) (ChainRegularCtx *c, const char *name);   /* a parameter as a host node */
  gpointer    data;
};
typedef struct
{
  ChainRowInfo info;
  ChainId (*penalty) (ChainRegularCtx *c, ChainId w);                       /* 1 x 1, added to the loss for each weight */
  void    (*clip)    (ChainRegularCtx *c, ChainId *grads, guint n);         /* the gradients of an objective, in place */
  ChainId (*project) (ChainRegularCtx *c, ChainId w);                       /* each weight after the optimiser's step */
} ChainRegularRow;

/* --- layers --- */
typedef struct
{
  ChainRowInfo info;
  guint        min_inputs, max_inputs;   /* max 0 = any number */
} ChainLayerRow;

/* --- data sets --- */
typedef struct
{
  ChainRowInfo info;
  gboolean     generated;
  const char  *task;                     /* "classify", "regress" */
  const char  *file, *labels_file;       /* bundled: name in data/datasets */
  const char  *target;                   /* bundled: its target column */
  const char *const *ignore;             /* bundled: columns left out by default; NULL-terminated or NULL */
  const char  *licence;
  /* generated: n points into x (n x dims) and t (n: class index or value) */
  guint        dims, classes;
  void       (*generate) (double *x, double *t, guint n, const ChainParams *p, uint64_t seed);
} ChainDataRow;

/* --- metrics: figures about predictions (nn/metric) --- */
/* What is known of n predictions: probabilities and classes, or numbers; the other two are NULL. */
typedef struct
{
  guint         n;
  const double *proba;       /* n x columns; one column: the probability of class 1 */
  const guint  *truth;
  guint         columns;
  const double *y, *t;       /* predicted and true numbers */
} ChainFigureInput;
typedef struct
{
  ChainRowInfo  info;
  ChainLossTask task;        /* classes, two classes or numbers */
  double        best;        /* of a perfect prediction; NaN: it has none */
  double      (*value)  (const ChainFigureInput *in, const ChainParams *p);
  void        (*counts) (const ChainFigureInput *in, const ChainParams *p, guint *out);   /* in place of `value`: a matrix, classes x classes */
} ChainMetricRow;

const ChainActivationRow *chain_table_activations (guint *n);
const ChainLossRow       *chain_table_losses      (guint *n);
const ChainInitRow       *chain_table_inits       (guint *n);
const ChainOptimRow      *chain_table_optims      (guint *n);
const ChainRegularRow    *chain_table_regulars    (guint *n);
const ChainScheduleRow   *chain_table_schedules   (guint *n);
const ChainLayerRow      *chain_table_layers      (guint *n);
const ChainDataRow       *chain_table_data        (guint *n);
const ChainMetricRow     *chain_table_metrics     (guint *n);

/* By id; NULL if there is none. */
const ChainActivationRow *chain_activation_row (const char *id);
const ChainLossRow       *chain_loss_row       (const char *id);
const ChainInitRow       *chain_init_row       (const char *id);
const ChainOptimRow      *chain_optim_row      (const char *id);
const ChainRegularRow    *chain_regular_row    (const char *id);
const ChainScheduleRow   *chain_schedule_row   (const char *id);
const ChainLayerRow      *chain_layer_row      (const char *id);
const ChainDataRow       *chain_data_row       (const char *id);
const ChainMetricRow     *chain_metric_row     (const char *id);

/* The loss that asks the same of logits as this one of probabilities; NULL if there is none. */
const char *chain_loss_from_logits (const char *id);

/* Heads of a table by its CLI name ("activations", …, "datasets"): (transfer container) array of const ChainRowInfo*, or NULL. */
GPtrArray *chain_table_infos (const char *table);

/* Checks a choice against its row: variant exists, every parameter known and in range. */
gboolean chain_choice_validate (const ChainChoice *c, const ChainRowInfo *info, const char *where, GError **error);

G_END_DECLS
