/* SPDX-License-Identifier: Apache-2.0 */
/* Positions: what happens in which order, and how one moves among them. */
#include "app/stepper/assemble.h"

static ChainCell *
cell_at (ChainDiagram *d, guint i)
{
  return &g_array_index (d->cells, ChainCell, i);
}

static gboolean
happens (const ChainCell *c)
{
  return c->kind == CHAIN_CELL_OPERATION || c->kind == CHAIN_CELL_LOSS || c->kind == CHAIN_CELL_LAYER;
}

static void
add (ChainDiagram *d, ChainPhase phase, guint cell, guint line)
{
  ChainEventRow e = { .phase = phase, .cell = cell, .line = line, .layer = cell_at (d, cell)->layer };

  g_array_append_val (d->events, e);
}

static gboolean
passes_on (const ChainDiagram *d, guint cell)
{
  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    if (g_array_index (d->wires, ChainWire, _chain_guint (d->p->wires_in, cell, k)).at != G_MAXUINT)
      return TRUE;
  return FALSE;
}

/* The rule of a cell runs: its wires deliver, and what has got everything has its adjoint. */
static void
run_rule (ChainDiagram *d, guint cell)
{
  add (d, CHAIN_PHASE_BACKWARD, cell, 0);
  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    {
      ChainWire *w = &g_array_index (d->wires, ChainWire, _chain_guint (d->p->wires_in, cell, k));

      if (w->at == G_MAXUINT)
        continue;
      w->at = d->events->len;
      cell_at (d, w->from)->adjoint_at = d->events->len;   /* the last one stays */
    }
}

static guint
find_watched (const ChainDiagram *d, const char *watched)
{
  guint first = G_MAXUINT;

  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (d, i);

      if (c->kind != CHAIN_CELL_PARAM || c->adjoint_at == G_MAXUINT)
        continue;
      if (watched != NULL && g_str_equal (c->id, watched))
        return i;
      if (first == G_MAXUINT)
        first = i;
    }
  return first;
}

void
_chain_diagram_events (ChainDiagram *d, const char *watched)
{
  for (guint i = 0; i < d->cells->len; i++)
    if (happens (cell_at (d, i)))
      {
        add (d, CHAIN_PHASE_FORWARD, i, 0);
        cell_at (d, i)->value_at = d->events->len;
      }
  d->n_forward = d->events->len;
  for (guint i = d->cells->len; i-- > 0;)
    {
      ChainCell *c = cell_at (d, i);

      if (c->kind == CHAIN_CELL_LOSS)
        c->adjoint_at = d->n_forward;
      if (happens (c) && c->adjoint_at != G_MAXUINT && passes_on (d, i))
        run_rule (d, i);
    }
  d->n_backward = d->events->len - d->n_forward;
  d->p->watched = find_watched (d, watched);
  for (guint line = 0; d->p->watched != G_MAXUINT && line < _chain_update_lines (d->model); line++)
    add (d, CHAIN_PHASE_UPDATE, d->p->watched, line);
  d->n_update = d->events->len - d->n_forward - d->n_backward;
}

static const ChainEventRow *
event_at (const ChainDiagram *d, guint position)
{
  return position > 0 ? &g_array_index (d->events, ChainEventRow, position - 1) : NULL;
}

static gboolean
same_part (const ChainEventRow *a, const ChainEventRow *b)
{
  return a != NULL && b != NULL && a->phase == b->phase && a->layer == b->layer;
}

guint
chain_diagram_move (const ChainDiagram *d, guint position, ChainMoveGrain grain, gboolean back)
{
  guint p = MIN (position, d->events->len), n = d->events->len;

  if (back ? p == 0 : p >= n)
    return p;
  p = back ? p - 1 : p + 1;
  if (grain == CHAIN_MOVE_OPERATION)
    return p;
  /* to the end of a layer's part of the phase: forward this one's or the next one's, back the one's before */
  if (back)
    while (p > 0 && same_part (event_at (d, p), event_at (d, p + 1)))
      p--;
  else
    while (p < n && same_part (event_at (d, p), event_at (d, p + 1)))
      p++;
  return p;
}

guint
chain_diagram_seek (const ChainDiagram *d, guint cell, guint position)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return position < c->value_at || c->adjoint_at == G_MAXUINT ? c->value_at : c->adjoint_at;
}

/* The same number, or one of a matrix's. */
static gboolean
overlap (const ChainFine *a, const ChainFine *b)
{
  return a->node == b->node && (a->row < 0 || b->row < 0 || a->row == b->row) && (a->col < 0 || b->col < 0 || a->col == b->col)
         && (a->term == b->term || a->row < 0 || b->row < 0);
}

static gboolean
share (const ChainDiagram *a, guint i, const ChainDiagram *b, guint k)
{
  const GArray *x = g_ptr_array_index (a->p->members, i), *y = g_ptr_array_index (b->p->members, k);

  for (guint m = 0; m < x->len; m++)
    for (guint n = 0; n < y->len; n++)
      if (overlap (_chain_fine (a->p->fine, g_array_index (x, guint, m)), _chain_fine (b->p->fine, g_array_index (y, guint, n))))
        return TRUE;
  return FALSE;
}

static guint
phase_start (const ChainDiagram *d, ChainPhase phase)
{
  return phase == CHAIN_PHASE_FORWARD ? 0 : phase == CHAIN_PHASE_BACKWARD ? d->n_forward : d->n_forward + d->n_backward;
}

static guint
phase_length (const ChainDiagram *d, ChainPhase phase)
{
  return phase == CHAIN_PHASE_FORWARD ? d->n_forward : phase == CHAIN_PHASE_BACKWARD ? d->n_backward : d->n_update;
}

/* The last event that shares a number with this one; where cells are engine nodes, as far into the phase. */
guint
chain_diagram_moment (const ChainDiagram *from, guint position, const ChainDiagram *to)
{
  const ChainEventRow *e = event_at (from, MIN (position, from->events->len));
  guint first, n, of;

  if (e == NULL)
    return 0;
  if (position >= from->events->len)
    return to->events->len;
  first = phase_start (to, e->phase);
  n = phase_length (to, e->phase);
  for (guint p = first + n; p > first && e->phase != CHAIN_PHASE_UPDATE && from->detail != CHAIN_DETAIL_NODES && to->detail != CHAIN_DETAIL_NODES; p--)
    if (share (from, e->cell, to, event_at (to, p)->cell))
      return p;
  of = phase_length (from, e->phase);
  return first + (guint) ((guint64) (position - phase_start (from, e->phase)) * n / MAX (of, 1));
}
