/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of fine vertices on their way to cells. */
#pragma once

#include "app/stepper/private.h"

G_BEGIN_DECLS

typedef struct { guint from, to; GArray *inside; } ChainEdge;   /* groups; fine wires, of guint */

typedef struct
{
  ChainFineGraph *f;
  ChainDetail detail;          /* that the keys are of */
  GHashTable *opened;
  GPtrArray  *members;         /* of GArray of guint: fine vertices of each group */
  GPtrArray  *readers;         /* of GArray of guint: edges that leave it */
  GPtrArray  *keys;            /* of char* */
  GHashTable *groups;          /* key -> 1 + group */
  GArray     *edges;           /* of ChainEdge */
  GArray     *order;           /* of guint: groups */
  guint      *place;           /* of each group in the order: the index of its cell */
  guint       n_operations;
} ChainAssembly;

/* cells.c: everything of d from an assembly; takes the fine graph's arrays. */
void _chain_diagram_fill   (ChainDiagram *d, const ChainTrace *t, ChainAssembly *a, const char *watched);
/* events.c */
void _chain_diagram_events (ChainDiagram *d, const char *watched);
/* nodes.c: the raw graph. */
void _chain_diagram_nodes  (ChainDiagram *d, const ChainTrace *t);
/* A cell and a wire, lists of the private part kept in step. */
guint _chain_diagram_add_cell (ChainDiagram *d, ChainCell *c);
guint _chain_diagram_add_wire (ChainDiagram *d, ChainWire *w);

G_END_DECLS
