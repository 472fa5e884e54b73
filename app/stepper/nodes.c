/* SPDX-License-Identifier: Apache-2.0 */
/* The raw graph as a diagram: every node of the plan, one cell each; forward, gradient and optimiser. The way back is nodes here, so nothing flows
 * along wires: an adjoint is a value that appears in its turn. */
#include "app/stepper/assemble.h"

static ChainPhase
phase_of (const ChainNode *n)
{
  return n->role == CHAIN_ROLE_OPTIMISER ? CHAIN_PHASE_UPDATE : n->role == CHAIN_ROLE_ADJOINT ? CHAIN_PHASE_BACKWARD : CHAIN_PHASE_FORWARD;
}

static ChainCellKind
kind_of (const ChainTrace *t, ChainId id)
{
  const ChainNode *n = _chain_trace_node (t, id);

  if (id == t->loss)
    return CHAIN_CELL_LOSS;
  if (n->op == CHAIN_OP_CONST || n->op == CHAIN_OP_RANDOM)
    return CHAIN_CELL_CONSTANT;
  if (n->op != CHAIN_OP_LEAF)
    return CHAIN_CELL_OPERATION;
  if (id == t->model->t)
    return CHAIN_CELL_TARGET;
  return n->arg.i[0] == CHAIN_LEAF_INPUT ? CHAIN_CELL_INPUT : n->arg.i[0] == CHAIN_LEAF_PARAM ? CHAIN_CELL_PARAM
         : n->arg.i[0] == CHAIN_LEAF_STATE ? CHAIN_CELL_STATE : CHAIN_CELL_CONSTANT;
}

static ChainMaths *
name_of (const ChainTrace *t, ChainId id)
{
  const char *name = chain_graph_name (t->model->graph, id);
  g_autofree char *number = g_strdup_printf ("%u", id);

  if (_chain_trace_node (t, id)->op == CHAIN_OP_CONST)
    return _chain_number (_chain_trace_node (t, id)->arg.value);
  return name != NULL ? chain_maths_word (name) : chain_maths_script (chain_maths_symbol ("n"), chain_maths_number (number), NULL);
}

static ChainMaths *
making_of (const ChainTrace *t, ChainId id)
{
  const ChainNode *n = _chain_trace_node (t, id);
  ChainMaths *in[5];
  guint k = 0;

  if (n->n_in == 0)
    return NULL;
  for (guint i = 0; i < n->n_in; i++)
    {
      if (i > 0)
        in[k++] = chain_maths_sign (",");
      in[k++] = name_of (t, n->in[i]);
    }
  return chain_maths_row (chain_maths_word (chain_op_row ((ChainOp) n->op)->name), chain_maths_fence ("(", chain_maths_row_of (in, k), ")"), NULL);
}

/* A node comes no earlier than what it reads, also where the optimiser runs the network again. */
static guint8 *
phases (const ChainTrace *t)
{
  guint8 *phase = g_new0 (guint8, t->n_nodes + 1);

  for (ChainId id = 1; id <= t->n_nodes; id++)
    {
      const ChainNode *n = _chain_trace_node (t, id);

      phase[id] = n->op == CHAIN_OP_LEAF ? CHAIN_PHASE_FORWARD : (guint8) phase_of (n);
      for (guint i = 0; i < n->n_in; i++)
        phase[id] = MAX (phase[id], phase[n->in[i]]);
    }
  return phase;
}

static void
add_node (ChainDiagram *d, const ChainTrace *t, ChainId id, guint *cell_of)
{
  const ChainNode *n = _chain_trace_node (t, id);
  const char *scope = chain_graph_scope_name (t->model->graph, n->scope);
  int layer = scope != NULL ? chain_spec_layer_index (t->model->spec, scope) : -1;
  ChainCell c = { .id = g_strdup_printf ("n%u", id), .kind = kind_of (t, id), .role = (ChainRole) n->role, .node = id, .row = -1, .col = -1, .term = -1,
                  .symbol = n->op == CHAIN_OP_LEAF ? "" : chain_op_row ((ChainOp) n->op)->symbol, .layer = layer < 0 ? G_MAXUINT : (guint) layer,
                  .adjoint_at = G_MAXUINT, .name = name_of (t, id), .making = making_of (t, id), .on_tape = n->n_in > 0 };

  cell_of[id] = _chain_diagram_add_cell (d, &c);
  g_ptr_array_add (d->p->members, g_array_new (FALSE, FALSE, sizeof (guint)));
  for (guint i = 0; i < n->n_in; i++)
    {
      ChainWire w = { .to = cell_of[id], .input = i, .at = G_MAXUINT };

      if (t->value[n->in[i]] == NULL)
        continue;
      w.from = cell_of[n->in[i]];
      _chain_diagram_add_wire (d, &w);
    }
}

static void
add_events (ChainDiagram *d, const guint8 *phase, ChainPhase which)
{
  for (guint i = 0; i < d->cells->len; i++)
    {
      ChainCell *c = &g_array_index (d->cells, ChainCell, i);
      ChainEventRow e = { which, i, 0, c->layer };

      if (phase[c->node] != which || (c->kind != CHAIN_CELL_OPERATION && c->kind != CHAIN_CELL_LOSS))
        continue;
      g_array_append_val (d->events, e);
      c->value_at = d->events->len;
    }
}

void
_chain_diagram_nodes (ChainDiagram *d, const ChainTrace *t)
{
  g_autofree guint *cell_of = g_new0 (guint, t->n_nodes + 1);
  g_autofree guint8 *phase = phases (t);

  for (ChainPhase p = CHAIN_PHASE_FORWARD; p <= CHAIN_PHASE_UPDATE; p++)
    for (ChainId id = 1; id <= t->n_nodes; id++)
      if (phase[id] == p && t->value[id] != NULL)
        add_node (d, t, id, cell_of);
  add_events (d, phase, CHAIN_PHASE_FORWARD);
  d->n_forward = d->events->len;
  add_events (d, phase, CHAIN_PHASE_BACKWARD);
  d->n_backward = d->events->len - d->n_forward;
  add_events (d, phase, CHAIN_PHASE_UPDATE);
  d->n_update = d->events->len - d->n_forward - d->n_backward;
  for (guint i = 0; i < d->cells->len; i++)
    {
      ChainCell *c = &g_array_index (d->cells, ChainCell, i);
      ChainId sum = t->adjoint[c->node];

      if (sum != CHAIN_NONE && t->value[sum] != NULL)
        c->adjoint_at = MAX (d->n_forward, g_array_index (d->cells, ChainCell, cell_of[sum]).value_at);
    }
}
