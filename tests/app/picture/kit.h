/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots made by hand, with no trainer: a small dense network is evaluated here, so that pictures can be tested in every odd state. */
#pragma once

#include "app/picture/views.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  guint       d;               /* inputs */
  guint       widths[6];       /* units of the layers, 0-terminated; the last is the output */
  guint       classes;         /* 0: regression */
  guint       image;           /* side of an image; 0 = none */
  guint       rows;            /* of data */
  guint64     steps;           /* 0: never trained */
  double      loss;            /* of the first step */
  gboolean    bare;            /* no fields, no gradients, no metrics, as a snapshot that nobody asked for more */
  gboolean    broken;          /* NaN weights, diverged */
  const char *activation;
} PictureCase;

extern const PictureCase picture_cases[];
extern const guint       picture_n_cases;

ChainSnapshot *picture_kit_snapshot (const PictureCase *c);    /* (transfer full) */

G_END_DECLS
