/* SPDX-License-Identifier: Apache-2.0 */
/* Layered drawing of a directed acyclic graph (Sugiyama, Tagawa, Toda 1981; DESIGN 6.1): sizes and edges in, places and curves out. Knows nothing of
 * networks; whoever draws one says what a node is.
 *
 * Ranks run from left to right. A satellite (a parameter) is not ranked: it stands above the node that it belongs to, row after row of them where
 * there are several, and counts as part of that node's size. Deterministic: same input, same output, bit for bit. Pure; any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double w, h;            /* size of the node's symbol with what hangs below it */
  double axis;            /* distance of the line that edges meet from the node's top; <= h */
  int    rank;            /* fixed rank, or -1: longest path from the inputs */
  int    cluster;         /* nodes of one cluster are contiguous in each rank; -1: none */
  int    host;            /* index of the node that this one is a satellite of, or -1 */
  guint  order;           /* tie breaker: where it comes on the tape */
  double old_place;       /* the place along the rank in the layout before (its y), or NAN: new */
} ChainLayNode;

typedef struct { guint from, to; } ChainLayEdge;      /* indices of nodes; from comes before to; satellites have none */

typedef struct { double x, y; } ChainLayPoint;

typedef struct
{
  guint          n_nodes, n_edges, n_ranks;
  double         width, height;
  double        *x, *y;        /* top left corner of each node */
  int           *rank;
  ChainLayPoint **bend;        /* way-points of each edge between its ends (centres of the ranks it crosses); NULL: none */
  guint         *n_bends;
  guint          crossings;    /* left in the drawing, dummies counted */
} ChainLayered;

typedef struct
{
  double node_gap;      /* between nodes of a rank: 24 */
  double rank_gap;      /* between ranks, besides the widest node: 38 */
  double satellite_gap; /* between a node and its satellites, and between satellites: 22, 4 */
  const int *cancel;    /* atomic; the work ends within 50 ms of its becoming 1; NULL */
} ChainLayOptions;

/* NULL if it was cancelled, or if the edges have a cycle (an error of the caller's, told by a critical message). (transfer full). */
ChainLayered *chain_layered_new  (const ChainLayNode *nodes, guint n_nodes, const ChainLayEdge *edges, guint n_edges, const ChainLayOptions *options);
void          chain_layered_free (ChainLayered *l);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainLayered, chain_layered_free)

G_END_DECLS
