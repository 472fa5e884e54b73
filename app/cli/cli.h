/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands share: loading what SPEC names, exit status, output that is safe on a terminal.
 *
 * Exit status: 0 good, 1 bad input (one sentence on stderr), 2 wrong usage. */
#pragma once

#include "app/io/document.h"
#include "app/train/trainer.h"

G_BEGIN_DECLS

enum { CHAIN_EXIT_OK = 0, CHAIN_EXIT_BAD_INPUT = 1, CHAIN_EXIT_USAGE = 2 };

typedef struct
{
  const char *name;
  const char *arguments;     /* after the name, as shown in --help */
  const char *summary;       /* msgid */
  const char *examples;      /* lines, shown under --help */
  int       (*run) (int argc, char **argv);
} ChainVerb;

extern const ChainVerb chain_verbs[];
extern const guint chain_n_verbs;

int verb_list    (int argc, char **argv);
int verb_train   (int argc, char **argv);
int verb_eval    (int argc, char **argv);
int verb_predict (int argc, char **argv);
int verb_grad    (int argc, char **argv);
int verb_check   (int argc, char **argv);
int verb_render  (int argc, char **argv);
int verb_inspect (int argc, char **argv);
int verb_bench   (int argc, char **argv);
int verb_lr_range (int argc, char **argv);
int verb_plan    (int argc, char **argv);
int verb_step    (int argc, char **argv);

/* Parses argv by GOption; positional arguments stay in *rest (NULL-terminated, (transfer full)), between min and max of them. FALSE: *status
 * is what to return (0 after --help). */
gboolean cli_parse (const char *verb, const GOptionEntry *entries, int argc, char **argv, guint min, guint max, char ***rest, int *status);

/* One sentence on stderr, escaped. Returns CHAIN_EXIT_BAD_INPUT, CHAIN_EXIT_USAGE. */
int      cli_bad   (GError *error);
int      cli_usage (const char *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* An option's text as a number, or FALSE after a usage message. */
gboolean cli_number (const char *verb, const char *option, const char *text, double min, double max, double *value);
gboolean cli_int    (const char *verb, const char *option, const char *text, gint64 min, gint64 max, gint64 *value);

/* Text to a stream; control characters escaped where `escape`. */
void     cli_print (const char *text);

/* --- a document and its data --- */
typedef struct
{
  ChainDocumentFile *file;       /* what SPEC held */
  ChainSpec         *spec;       /* after --set and friends; sealed */
  ChainTable        *table;
  ChainDataset      *data;
  char              *base_dir;
} CliDocument;

typedef struct { char **set; char *data; char **target; char *split; char *precision; char *seed; char *order; char *epochs; char *steps; } CliOverrides;

/* GOption rows that fill a CliOverrides: the ones that `eval`, `grad` … share with `train`. */
#define CLI_OVERRIDE_ENTRIES(o) \
  { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(o).set, N_ ("Change a value of the spec: optimiser.params.lr=0.1"), "PATH=VALUE" }, \
  { "target", 0, 0, G_OPTION_ARG_STRING_ARRAY, &(o).target, N_ ("Target column of the data (may be given more than once)"), "COLUMN" }, \
  { "split", 0, 0, G_OPTION_ARG_STRING, &(o).split, N_ ("Fraction held out for testing, or none"), "none|FRACTION" }, \
  { "precision", 0, 0, G_OPTION_ARG_STRING, &(o).precision, N_ ("Precision of training"), "f32|f64" }, \
  { "seed", 0, 0, G_OPTION_ARG_STRING, &(o).seed, N_ ("Seed of everything random"), "N" }

gboolean cli_load       (const char *path, const CliOverrides *o, CliDocument *doc, GError **error);
void     cli_clear      (CliDocument *doc);
/* A trainer with the document's weights, or fresh ones; `weights` (nullable): a .safetensors or .chainrule file to read them from. */
ChainTrainer *cli_trainer (const CliDocument *doc, const char *weights, gboolean resume, GError **error);

/* {"loss":…,"accuracy":…} or {"loss":…,"r2":…,"mae":…,"rmse":…}; null for NaN. */
void     cli_metrics_json (GString *to, const ChainMetrics *m);
gboolean cli_has_metrics  (const ChainMetrics *m);
/* Adds the figures of rows [first, last) to the object that `to` ends with, where the network predicts the target. */
gboolean cli_figures_json (GString *to, const ChainModel *m, ChainExec *x, const ChainDataset *d, guint first, guint last, GError **error);

int      cli_bench_scalar (void);   /* W8 */
/* The plan of a training step of `batch` rows, with its tile programs where `program`. */
gboolean cli_print_plan (ChainTrainer *t, guint batch, gboolean program, GError **error);

/* The machine's fused multiply-add peak of one core, in FLOP a second, measured now (about 50 ms). */
double   cli_fma_peak   (void);

G_END_DECLS
