/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of the pictures of what the network answers on rows that it was not trained on: confusion matrix, predicted against true, mistakes. */
#pragma once

#include "app/picture/layout/plot.h"

G_BEGIN_DECLS

#define CHAIN_MISTAKES 24u

/* --- confusion matrix --- */
typedef struct
{
  double   x, y, cw, ch;       /* of the cells */
  guint    n;                  /* classes; 0: nothing to show */
  double   names;              /* width of the row names */
  guint    every, every_row;   /* every so many columns and rows have a name */
  gboolean counts, shares;     /* numbers in the cells; share of each row at its end */
  gboolean caption;            /* there is room to say what rows and columns are */
  gboolean dots;               /* more classes than cells could be read */
  char   **name;               /* n, escaped */
} ChainConfusionLayout;

/* --- predicted against true --- */
typedef struct
{
  ChainPlot   plot;
  guint       n;
  float      *x, *y, *foot;    /* n: picture coordinates; foot: y on the diagonal */
  gboolean    empty;
} ChainScatterLayout;

/* --- mistakes --- */
typedef struct { double x, y; guint at;  /* index into the predictions */ char *text; /* escaped: "4 → 9" */ } ChainMistake;

typedef struct
{
  ChainMistake mistakes[CHAIN_MISTAKES];
  guint        n, n_wrong;     /* shown; all */
  double       w, h;           /* of an image */
  double       lo, hi;         /* of the pixels of all of them, original units */
} ChainMistakesLayout;

ChainLayout *chain_layout_confusion (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_predicted (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
ChainLayout *chain_layout_mistakes  (const ChainSnapshot *s, const ChainTheme *t, double w, double h);

const ChainElement *chain_layout_predicted_hit (const ChainLayout *l, double x, double y);

/* Row of the data set as an image in original units; width * height floats, (transfer full). */
float *chain_image_of (const ChainSnapshot *s, guint row);

/* "360 test rows", "2 000 of 10 000 test rows". (transfer full) */
char  *chain_answers_rows (const ChainPredictions *p);

G_END_DECLS
