/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the stepper share. A diagram is made in two steps: the *fine graph*, one vertex for each scalar operation (or, where the rows are a
 * whole batch or the numbers too many, for each matrix), and a *fold* of it, in which vertices with the same key are one cell. Every number of a
 * cell or wire is a sum over the fine wires inside it, so each level of detail shows the same contributions. */
#pragma once

#include "app/stepper/diagram.h"

G_BEGIN_DECLS

/* How much goes along a fine wire. */
typedef enum
{
  CHAIN_FLOW_NONE,
  CHAIN_FLOW_TABLE,      /* an entry of a contribution of the step table */
  CHAIN_FLOW_FACTOR,     /* adjoint of an entry of a product × the other factor, as the engine multiplies */
  CHAIN_FLOW_PART,       /* the adjoint itself: a product into its sum */
  CHAIN_FLOW_LOCAL       /* adjoint × a derivative of an operation on rows */
} ChainFlow;

typedef struct
{
  ChainId node;
  gint64  row, col;          /* −1: all of it */
  gint64  term;              /* k of a product inside an entry of a matmul; −1 */
  guint   layer;             /* index into model->layers; G_MAXUINT */
  guint   cell;              /* of the diagram; G_MAXUINT: not drawn */
  guint8  kind;              /* ChainCellKind */
  guint8  used;              /* the loss depends on it */
  guint   n_flows;           /* wires that bring it something on the way back */
} ChainFine;

typedef struct
{
  guint     from, to;        /* indices of fine vertices */
  guint     input;           /* of the operation: order in which it is written */
  ChainFlow flow;
  ChainId   contribution;    /* TABLE: node, */
  ChainId   via;             /*   the operation's own input (a broadcast of `from`, perhaps) */
  gint64    row, col;        /*   and its entry */
  guint     other;           /* FACTOR: fine vertex of the other factor */
  guint     wire;            /* of the diagram; G_MAXUINT: inside a cell */
} ChainFineWire;

typedef struct
{
  const ChainTrace *t;       /* only while it is made */
  gboolean    scalars;
  GArray     *fine;          /* of ChainFine, inputs before their readers */
  GArray     *wires;         /* of ChainFineWire, by `to` */
  GHashTable *steps;         /* node × 4 + input -> contribution */
  guint8     *constant;      /* [1 … n_nodes]: made of constants alone */
  guint      *layer;         /* [1 … n_nodes] */
  guint8     *part;          /* [1 … n_nodes]: ChainPart */
  guint      *ordinal;       /* [1 … n_nodes]: place among those of the same operation and role in its scope */
  guint       root;          /* fine vertex of the loss */
  GHashTable *places;        /* entry of a node -> 1 + fine vertex */
  guint      *next_reader, *n_readers;   /* of each fine vertex: the last one, and how many */
  guint8     *is_product;    /* it is one factor times another */
  guint8     *mixed;         /* of each layer: its units read each other */
} ChainFineGraph;

/* What a node is of its layer. */
typedef enum { CHAIN_PART_BODY, CHAIN_PART_ACT, CHAIN_PART_DROPOUT, CHAIN_PART_LOSS } ChainPart;

struct _ChainDiagramPrivate
{
  GArray     *fine, *fine_wires;   /* the fine graph */
  GPtrArray  *members;             /* of GArray of guint: fine vertices of each cell */
  GPtrArray  *inside;              /* of GArray of guint: fine wires of each wire */
  GPtrArray  *wires_in, *wires_out;/* of GArray of guint: wires of each cell */
  GHashTable *numbered;            /* entry -> number, for values without a name of their own */
  guint       watched;             /* parameter cell of the update; G_MAXUINT */
};

static inline ChainFine *
_chain_fine (const GArray *a, guint i)
{
  return &g_array_index (a, ChainFine, i);
}

static inline ChainFineWire *
_chain_fine_wire (const GArray *a, guint i)
{
  return &g_array_index (a, ChainFineWire, i);
}

static inline const ChainNode *
_chain_trace_node (const ChainTrace *t, ChainId id)
{
  return chain_graph_node (t->model->graph, id);
}

static inline guint
_chain_guint (const GPtrArray *lists, guint i, guint k)
{
  return g_array_index ((const GArray *) g_ptr_array_index (lists, i), guint, k);
}

static inline guint
_chain_guints (const GPtrArray *lists, guint i)
{
  return ((const GArray *) g_ptr_array_index (lists, i))->len;
}

/* --- fine.c, fine-wires.c --- */
ChainFineGraph *_chain_fine_new   (const ChainTrace *t, gboolean scalars);
void            _chain_fine_free  (ChainFineGraph *f);
guint           _chain_fine_entry (ChainFineGraph *f, ChainId node, gint64 row, gint64 col);   /* vertices and wires of one entry of an operation */
guint           _chain_fine_find  (ChainFineGraph *f, ChainId node, gint64 row, gint64 col);   /* makes leaves and constants; G_MAXUINT: not shown */
guint           _chain_fine_add   (ChainFineGraph *f, ChainId node, gint64 row, gint64 col, gint64 term, ChainCellKind kind);
gboolean        _chain_is_passage (const ChainNode *n);                  /* moves numbers and makes none */

/* --- fold.c --- */
void            _chain_fold_prepare (ChainFineGraph *f);
/* Key of a fine vertex at a level, the opened ones taken apart: vertices of one key are one cell. (transfer full). */
char           *_chain_fold_key   (const ChainFineGraph *f, guint i, ChainDetail detail, GHashTable *opened);
char           *_chain_fold_own   (const ChainFineGraph *f, guint i);

/* --- cells.c --- */
const char     *_chain_activation_symbol (const ChainSpec *spec, guint layer);   /* static: "tanh", "σ"; "Σ" where there is none */

/* --- words/names.c --- */
typedef struct _ChainNames ChainNames;
/* d: what has no name of its own is numbered as in the rest of it. One thread at a time. */
ChainNames     *_chain_names_new  (const ChainTrace *t, const ChainDiagram *d);
void            _chain_names_free (ChainNames *n);
ChainMaths     *_chain_name       (ChainNames *n, ChainId node, gint64 row, gint64 col, gint64 term);   /* (transfer full) */
const char     *_chain_loss_symbol (const ChainTrace *t);
ChainMaths     *_chain_entry_name (const ChainTrace *t, const ChainDiagram *d, ChainId node, gint64 row, gint64 col);   /* (transfer full) */
ChainMaths     *_chain_number     (double v);                            /* four decimals, or two digits and a power of ten */

/* --- words/formula.c --- */
/* How the value of a cell is made. NULL: it is given, or (numbers) what it is made of are not numbers. */
ChainMaths     *_chain_making     (const ChainTrace *t, const ChainDiagram *d, guint cell, gboolean numbers);
ChainMaths     *_chain_brief      (const ChainTrace *t, const ChainDiagram *d, guint cell, ChainNames *names);   /* short enough for a row of the tape */
ChainMaths     *_chain_local      (const ChainDiagram *d, guint wire, ChainNames *names);
/* A single factor takes the name of the sum that it goes into. */
guint           _chain_named_cell (const ChainDiagram *d, guint cell);

/* --- flow.c --- */
double          _chain_flow_round (const ChainTrace *t, double v);
double          _chain_wire_sum   (const ChainTrace *t, const ChainDiagram *d, guint cell, guint position);

/* --- words/update.c --- */
guint           _chain_update_lines (const ChainModel *m);
/* row, col: the entry of the parameter whose numbers are shown. */
void            _chain_update_card  (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, gint64 row, gint64 col, ChainStepCard *c);

G_END_DECLS
