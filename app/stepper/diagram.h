/* SPDX-License-Identifier: Apache-2.0 */
/* What of a graph is drawn and stepped through: cells and wires at a level of detail, and the positions between the first operation and the last
 * line of the optimiser (DESIGN 3.2, ARCHITECTURE 9.11: detail is a view, not a second graph).
 *
 * A diagram depends on the model and on what is opened, not on numbers: training on gives a new trace for the same diagram. Values are read
 * from the trace when they are shown; a cell says where: engine node, row and column (or all of them).
 *
 * Positions. 0 is before anything; at position k the first k events have happened. Forward events come first (the value of a cell appears), then
 * backward ones (the rule of a cell runs: adjoint × local derivative goes along each of its wires and is added at the far end), then the lines of
 * the optimiser. The order is that of the engine's plan. */
#pragma once

#include "app/maths/maths.h"
#include "app/stepper/trace.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_DETAIL_OPERATIONS,  /* one sample or row: a cell for each scalar operation; a whole batch, or more than CHAIN_DETAIL_MOST scalars: matrices */
  CHAIN_DETAIL_UNITS,       /* affine map and activation of a unit are one cell */
  CHAIN_DETAIL_LAYERS,      /* a cell for each layer, a matrix */
  CHAIN_DETAIL_NODES        /* every node of the engine's graph: forward, gradient, optimiser */
} ChainDetail;

#define CHAIN_DETAIL_MOST 300u

typedef enum
{
  CHAIN_CELL_INPUT, CHAIN_CELL_TARGET, CHAIN_CELL_CONSTANT, CHAIN_CELL_PARAM, CHAIN_CELL_STATE, CHAIN_CELL_OPERATION, CHAIN_CELL_LOSS, CHAIN_CELL_LAYER
} ChainCellKind;

typedef struct
{
  char         *id;           /* stable while the network is edited elsewhere: "d2/z:1", "d2.weight:1:0", "loss" */
  ChainCellKind kind;
  ChainRole     role;         /* NODES: what it is for; else FORWARD */
  const char   *symbol;       /* static: "×", "+", "tanh", "BCE" */
  ChainMaths   *name;         /* h, z₂, w₁; never NULL */
  ChainMaths   *making;       /* of the tape: tanh z₁; NULL for what is given */
  ChainId       node;         /* the engine's node */
  gint64        row, col;     /* entry of it; -1: all rows, all columns */
  gint64        term;         /* k of a product inside that entry of a matrix product; -1: the entry itself */
  guint         layer;        /* index into model->layers; G_MAXUINT: the loss and what is behind it */
  guint         fan_out;      /* wires that leave it */
  guint         value_at;     /* first position at which its value is known */
  guint         adjoint_at;   /* first position at which all contributions are in; G_MAXUINT: never */
  guint         n_opened;     /* > 0: can be opened into this many cells, or is open */
  gboolean      on_tape;      /* stored for the way back */
} ChainCell;

typedef struct
{
  guint    from, to;          /* indices of cells; values flow from -> to */
  guint    input;             /* which input of `to` */
  guint    at;                /* position from which the contribution has arrived; G_MAXUINT: none flows */
  ChainMaths *local;          /* ∂z₂/∂h = w₂; NULL where none flows */
} ChainWire;

typedef enum { CHAIN_PHASE_START, CHAIN_PHASE_FORWARD, CHAIN_PHASE_BACKWARD, CHAIN_PHASE_UPDATE } ChainPhase;

typedef struct
{
  ChainPhase phase;
  guint      cell;            /* whose value appears, or whose rule runs; UPDATE: the parameter cell shown */
  guint      line;            /* UPDATE: line of the pseudo-code, from 0 */
  guint      layer;           /* for Shift+arrows */
} ChainEventRow;

typedef struct
{
  int         ref_count;
  ChainModel *model;          /* (ref) */
  ChainDetail detail;
  gboolean    scalars;        /* cells are entries */
  char       *note;           /* why it is not as detailed as was asked: "5 120 operations: matrices are shown"; NULL */
  GArray     *cells;          /* of ChainCell, in the order of the tape */
  GArray     *wires;          /* of ChainWire */
  GArray     *events;         /* of ChainEventRow; position k follows event k − 1 */
  guint       n_forward, n_backward, n_update;
  GHashTable *by_id;          /* id -> 1 + index */
  struct _ChainDiagramPrivate *p;
} ChainDiagram;

/* opened: ids of cells that are open in place, a space after each; NULL. watched: id of the parameter whose update is followed line by line;
 * NULL: the first. Cheap enough for the main thread up to some thousand cells; pure, so a task may do it. (transfer full). */
ChainDiagram *chain_diagram_new   (const ChainTrace *t, ChainDetail detail, const char *opened, const char *watched);
ChainDiagram *chain_diagram_ref   (ChainDiagram *d);
void          chain_diagram_unref (ChainDiagram *d);
const ChainCell *chain_diagram_cell (const ChainDiagram *d, guint i);
const ChainCell *chain_diagram_find (const ChainDiagram *d, const char *id);

/* --- numbers; NAN where nothing is known --- */
double        chain_cell_value    (const ChainTrace *t, const ChainCell *c);                    /* a scalar, or the norm of a matrix */
double        chain_cell_adjoint  (const ChainTrace *t, const ChainDiagram *d, guint cell, guint position);   /* the running sum at that position */
double        chain_wire_local    (const ChainTrace *t, const ChainDiagram *d, guint wire);     /* local derivative of a scalar wire */
double        chain_wire_contribution (const ChainTrace *t, const ChainDiagram *d, guint wire); /* what travels: from the step table */

/* --- what happens at a position, in words and formulas --- */
typedef struct
{
  char       *title;          /* one sentence: "Both branches meet at h" */
  ChainMaths *symbols, *numbers, *result;   /* lines of the card; NULL where there is nothing to say */
  char      **lines;          /* UPDATE: numbered pseudo-code as text (for readers) … */
  ChainMaths **line_maths;    /* … as maths, … */
  ChainMaths **line_numbers;  /* … with this weight's numbers in the places of the symbols, where they come to what the engine has, … */
  ChainMaths **line_results;  /* … and what it comes to alone; NULL-terminated, all of them */
  guint       line;           /* the present one */
  char       *hint;           /* at the start: what will follow; NULL elsewhere */
  char       *spoken;         /* for a screen reader: "Step 23 of 26, backward: adjoint of h is −0.507" */
  ChainId     node;           /* what a finite difference may check, with its entry; CHAIN_NONE: nothing */
  gint64      row, col;
  char       *entry;          /* of a matrix: the name of that entry, as text; NULL where the card speaks of one number */
} ChainStepCard;

/* Of a matrix the card has the entry of the largest adjoint. */
ChainStepCard *chain_step_card      (const ChainTrace *t, const ChainDiagram *d, guint position);
/* The same with the entry (row, col) of the node of the cell `chosen`, where the card is about that cell. */
ChainStepCard *chain_step_card_at   (const ChainTrace *t, const ChainDiagram *d, guint position, const char *chosen, gint64 row, gint64 col);
char          *chain_step_card_speech (const ChainStepCard *c);   /* all of it, for the ear; (transfer full) */
void           chain_step_card_free (ChainStepCard *c);

/* --- moving --- */
typedef enum { CHAIN_MOVE_OPERATION, CHAIN_MOVE_LAYER } ChainMoveGrain;
/* The position after one move; may be 0 … events->len, unchanged at an end. Steps of batches and epochs are the trainer's. */
guint         chain_diagram_move  (const ChainDiagram *d, guint position, ChainMoveGrain grain, gboolean back);
/* The position in `to` at which the same has happened as at a position of `from`: another detail of the same step. */
guint         chain_diagram_moment (const ChainDiagram *from, guint position, const ChainDiagram *to);
/* The position at which a cell's value (or, if it is known already, its adjoint) appears. */
guint         chain_diagram_seek  (const ChainDiagram *d, guint cell, guint position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainDiagram, chain_diagram_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainStepCard, chain_step_card_free)

G_END_DECLS
