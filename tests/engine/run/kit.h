/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs for the tests of engine/run: random ones that use every op, and random networks with an optimiser. */
#pragma once

#include "engine/base/rng.h"
#include "engine/run/backend-registry.h"
#include "engine/run/exec.h"

typedef struct { ChainStream stream; guint32 n; } Dice;

void    dice_init (Dice *d, guint64 seed);
guint   dice      (Dice *d, guint n);         /* in [0, n) */
double  dice_real (Dice *d);                  /* standard normal */

typedef struct
{
  ChainGraph *g;
  ChainId     loss;
  GArray     *leaves;      /* ChainId: everything that must be written */
  GArray     *states;      /* ChainState */
  GArray     *nodes;       /* ChainId */
} Made;

/* About n nodes over every op; discontinuous ops only see leaves, so that rounding cannot flip them. Sealed. */
Made   *make_any      (guint64 seed, guint n);
/* A multi-layer perceptron with loss, gradient and one of three optimisers. Sealed. */
Made   *make_network  (guint64 seed);
void    made_free     (Made *m);

#define STATES(m) ((const ChainState *) (void *) (m)->states->data), (m)->states->len

/* An executor with every leaf written from seed. */
ChainExec *make_exec  (const Made *m, ChainDtype dtype, gint64 b, guint64 seed);
