/* SPDX-License-Identifier: Apache-2.0 */
/* Between the phases of the layered layout: ranks and chains of dummies (layered.c), order within ranks (order.c), coordinates (place.c).
 *
 * A vertex is a ranked node or a dummy, a point where a long edge crosses a rank. "Up" is towards smaller places within a rank. */
#pragma once

#include "app/picture/layered/layered.h"

G_BEGIN_DECLS

typedef struct
{
  int    node;            /* index, or -1: dummy */
  int    rank, cluster;
  guint  pos;             /* in its rank */
  double up, down;        /* what it takes on both sides of its axis */
  double place;           /* of its axis; found by place.c */
  double old_place;       /* NAN: new */
  guint  order;
} ChainVertex;

/* Edges between neighbouring ranks, as lists: of[first[v]] … of[first[v + 1] - 1]. */
typedef struct { guint *first, *of; } ChainNeighbours;

typedef struct
{
  ChainVertex    *v;
  guint           n, n_real, n_ranks;    /* vertices; those that are nodes */
  ChainNeighbours before, after;    /* in the rank to the left, to the right */
  guint         **rank;             /* vertices of each rank by pos */
  guint          *rank_len;
  guint           n_old;            /* vertices with an old place */
  double          gap;              /* between vertices; dummies take half of it */
  const int      *cancel;
} ChainLayers;

gboolean _chain_layers_cancelled (const ChainLayers *l);
/* Orders each rank; FALSE: cancelled. *crossings: what is left. */
gboolean _chain_layers_order (ChainLayers *l, guint *crossings);
gboolean _chain_layers_place (ChainLayers *l);
guint    _chain_layers_crossings (const ChainLayers *l, guint rank);     /* between rank and the next one */

G_END_DECLS
