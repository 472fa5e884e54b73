/* SPDX-License-Identifier: Apache-2.0 */
/* Which tensor of somebody else's file goes to which parameter of this network: by name, else by order and shape. A proposal that a person may
 * change line by line; nothing is read into a network here. */
#pragma once

#include "app/io/document.h"
#include "engine/nn/model.h"

G_BEGIN_DECLS

typedef enum { CHAIN_MAP_NOWHERE, CHAIN_MAP_BY_NAME, CHAIN_MAP_BY_ORDER, CHAIN_MAP_BY_HAND } ChainMapBy;

/* A parameter (or running statistic) of the network. */
typedef struct { char *name, *layer; ChainParamKind kind; guint rows, cols; int from; } ChainMapTarget;   /* from: row that fills it; -1 */

typedef struct
{
  const ChainFileTensor *tensor;
  int        to;            /* index into targets; -1: not used */
  ChainMapBy by;
  gboolean   transposed;    /* the file has it inputs × outputs */
  char      *note;          /* what to know: transposed; why it is not used. NULL */
} ChainMapRow;

typedef struct
{
  ChainTensorFile *file;
  GPtrArray       *rows;      /* of ChainMapRow, in the order of the layers of the file */
  GPtrArray       *targets;   /* of ChainMapTarget, in the order of the network */
  GHashTable      *named, *layered;   /* targets by name (index + 1); by layer (GArray of guint) */
} ChainWeightsMap;

/* Takes file. Keeps nothing of the model. */
ChainWeightsMap *chain_weights_map_new   (ChainTensorFile *file, const ChainModel *m);
void             chain_weights_map_free  (ChainWeightsMap *map);

/* Could row fill target? *transposed (nullable): only the other way round. */
gboolean         chain_weights_map_fits  (const ChainWeightsMap *map, guint row, guint target, gboolean *transposed);
/* By hand; -1: not used. What filled the target before is not used any more. FALSE, and nothing happens, where it does not fit. */
gboolean         chain_weights_map_set   (ChainWeightsMap *map, guint row, int target);
guint            chain_weights_map_used  (const ChainWeightsMap *map);     /* rows that have a target */
/* The row that fills target; -1. */
int              chain_weights_map_source (const ChainWeightsMap *map, guint target);

/* "6 × 2", "6", "scalar". (transfer full). */
char            *chain_weights_map_shape (const ChainFileTensor *t);
/* {"tensors":[{"name","shape","to","by","transposed","note"}…],"kept":[names of parameters that nothing fills]}. (transfer full). */
char            *chain_weights_map_json  (const ChainWeightsMap *map);

/* present (of ChainNamedTensor) with what the map replaces, as the network has it: the right way round. (transfer full) or NULL. */
GPtrArray       *chain_weights_map_merge (const ChainWeightsMap *map, GPtrArray *present, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainWeightsMap, chain_weights_map_free)

G_END_DECLS
