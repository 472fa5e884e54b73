/* SPDX-License-Identifier: Apache-2.0 */
/* For the metamorphic properties (RELIABILITY 4.3, 11 to 25): every loss row in each variant, on small networks, with random weights and data.
 *
 * The data have FEATURES columns "f" that the network reads and one more, "w", the weight or mark of a sample. All networks begin with the
 * dense layer "d1" of HIDDEN units on f and end in the dense layer "out"; further roles of a loss are played by heads "r1", "r2". */
#pragma once

#include "engine/base/rng.h"
#include "engine/nn/model.h"
#include "tests/engine/draws.h"

#define FEATURES 3
#define HIDDEN 4
#define META_NETS 3

typedef struct { ChainStream stream; guint32 n; } Dice;

void       dice_init        (Dice *d, guint64 seed);
guint      dice             (Dice *d, guint n);   /* in [0, n) */
double     dice_real        (Dice *d);            /* standard normal */
void       dice_permutation (Dice *d, guint *out, guint n);

typedef struct { const ChainLossRow *row; const char *variant; guint classes, width; } MetaCase;

typedef struct { const char *name; double value; } MetaParam;   /* a list of them ends with a NULL name */

/* What is different from the plain model of a case; zero: nothing. */
typedef struct
{
  const char      *reduction;     /* NULL: "mean" */
  double           weight;        /* of the loss term; 0: 1 */
  const MetaParam *loss_params;
  const char      *loss_text[2];  /* a parameter given as text: name, value */
  const char      *optimiser, *optimiser_variant;   /* NULL: "sgd" */
  const MetaParam *optimiser_params;
  gboolean         identity;      /* a layer "id" after d1 */
} MetaOptions;

typedef struct
{
  const MetaCase *c;
  guint        net;
  ChainPrep   *prep;
  ChainSpec   *spec;
  ChainModel  *m;
  ChainExec   *x[2];
  ChainProgram run[2], train[2];
  gsize        n;                 /* numbers in all parameters */
} Meta;

typedef struct { gint64 b; double *x, *t; } MetaData;   /* b rows of FEATURES + 1, of targets */
typedef struct { double loss, *out, *grad; gsize n_out; } MetaValue;

const MetaCase *meta_cases  (guint *n);
const MetaCase *meta_case   (const char *loss, const char *variant);

void       meta_open        (Meta *a, const MetaCase *c, guint net, const MetaOptions *o);
void       meta_close       (Meta *a);
gboolean   meta_is          (const Meta *a, const char *loss);

/* Random parameters, one after another as in the model. */
double    *meta_theta       (const Meta *a, Dice *d);
/* Where the parameter begins in them; its shape into rows and cols (nullable). Asserts that there is one. */
gsize      meta_at          (const Meta *a, const char *name, guint *rows, guint *cols);
/* What both models have by name; the rest of `to` stays. */
void       meta_carry       (const Meta *from, const double *theta, const Meta *to, double *theta_to);

MetaData   meta_data        (const Meta *a, Dice *d, gint64 b);
MetaData   meta_data_rows   (const Meta *a, const MetaData *of, const guint *rows, gint64 b);   /* those rows, in that order */
void       meta_data_clear  (MetaData *d);
guint      meta_targets     (const Meta *a);      /* columns of t */

/* Loss, first output and gradient of all parameters. */
MetaValue  meta_run         (Meta *a, ChainDtype dtype, const double *theta, const MetaData *d);
void       meta_value_clear (MetaValue *v);
/* Starts from theta with fresh moments; or (theta NULL) goes on. One step on d; the parameters afterwards into `after` (nullable). */
void       meta_step        (Meta *a, ChainDtype dtype, const double *theta, const MetaData *d, double *after);

/* Fails the test with the names of case and network and the seed where |a − b| > bar · (1 + size); worst is the largest share of a bar. */
typedef struct { guint test; guint64 seed; double worst; guint draws; ChainDtype dtype; double scale; } MetaCheck;
void       meta_expect      (MetaCheck *k, const Meta *a, const char *what, double got, double want, double size);
void       meta_expect_all  (MetaCheck *k, const Meta *a, const char *what, const double *got, const double *want, gsize n);
void       meta_expect_same (MetaCheck *k, const Meta *a, const MetaValue *got, const MetaValue *want);

/* Calls check for each case, network, draw and precision: 1,000 draws or more. */
typedef void (*MetaFunc) (MetaCheck *k, Meta *a, Dice *d);
void       meta_each        (guint test, const char *what, gboolean (*meaningful) (const MetaCase *c), const MetaOptions *o, MetaFunc check);
