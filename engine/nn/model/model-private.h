/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the model: model.c (leaves, assembly), model-net.c (forward), model-loss.c (losses), model-update.c (gradient,
 * optimiser). */
#pragma once

#include "engine/nn/model.h"

/* A model while it is built. */
typedef struct
{
  ChainModel      *m;
  ChainGraph      *g;
  const ChainSpec *spec;
  const ChainPrep *prep;
  GHashTable      *layer_at;   /* id -> 1 + index */
  ChainId         *blocks;     /* node of each of spec->inputs */
  guint16          loss_scope, update_scope;
} ChainBuild;

/* The network once: values of each layer for one set of parameter nodes. */
typedef struct { ChainId *pre, *act, *out; ChainId *buffer_next; } ChainNet;

void     _chain_net_clear      (ChainNet *net);
/* Adds the leaves of a layer's parameters and buffers to b->m. */
gboolean _chain_net_declare    (ChainBuild *b, guint layer, GError **error);
/* params: a node for each of m->params. */
void     _chain_net_build      (ChainBuild *b, const ChainId *params, gboolean train, ChainNet *net);
/* The node that a source's name means, within net; CHAIN_NONE if it means nothing. */
ChainId  _chain_net_source     (ChainBuild *b, const ChainNet *net, const char *name);

/* The terms that mask names (NULL: all), weighted and summed; 1 x 1. terms (nullable) receives a node for each term, CHAIN_NONE for those
 * left out. CHAIN_NONE and a sentence where prediction and target do not fit together. */
ChainId  _chain_loss_build     (ChainBuild *b, const ChainNet *net, const gboolean *mask, ChainId *terms, GError **error);
/* loss + the penalties on the weights of the layers that the terms of mask train (NULL: of all terms); loss itself if there are none. */
ChainId  _chain_loss_penalise  (ChainBuild *b, const ChainId *params, const gboolean *mask, ChainId loss);
gboolean _chain_loss_trains    (const ChainLossTerm *t, const char *layer);
/* The host leaf of a hyperparameter of the optimiser; the same one each time. */
ChainId  _chain_hyper_node     (ChainBuild *b, const char *name);
/* Calls what a regulariser row does, with parameters as live host leaves. which: index into the spec's regularisers. */
ChainRegularCtx _chain_regular_ctx (ChainBuild *b, guint which);
/* The row of the spec's regulariser. */
const ChainRegularRow *_chain_regular_at (const ChainSpec *spec, guint which);
/* Does it act on this parameter? */
gboolean _chain_regular_acts_on (const ChainRegularCtx *c, const ChainTensorInfo *p);
/* The loss term that the first output is the prediction of, or NULL. */
const ChainLossTerm *_chain_loss_of_output (const ChainSpec *spec);
/* The name that plays a role of a term: the one given, else the first output for the prediction and "t" for data; else NULL. */
const char *_chain_loss_source (const ChainSpec *spec, const ChainLossTerm *t, const ChainLossRole *role, gboolean first);
/* The first output as a reader wants it: through the link of the loss that it is the prediction of. */
ChainId  _chain_loss_link      (ChainBuild *b, ChainId output);

/* Gradient, optimiser, states for every objective. */
gboolean _chain_update_build   (ChainBuild *b, const ChainNet *net, GError **error);

ChainTensorInfo *_chain_model_param (const ChainModel *m, guint i);
/* NULL-safe: the choice's parameter, else the row's default, else fallback. */
double   _chain_choice_number  (const ChainChoice *c, const ChainRowInfo *info, const char *name, double fallback);
