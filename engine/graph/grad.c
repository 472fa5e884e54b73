/* SPDX-License-Identifier: Apache-2.0 */
/* Reverse accumulation and forward mode, graph to graph (the lecture's two steps: mark what depends, then walk back and add
 * up). Both are loops over ids: inputs come before their readers, so descending ids are a reverse topological order and
 * no recursion can run out of stack.
 *
 * Masks. where (c, ln a, b) must have derivative 0 in a where c is 0, also at a = 0, where the rule of ln computes 0/0 (SPEC 9.1).
 * Testing the adjoint for 0 would be wrong one order further (at a minimum an adjoint is 0 without being masked). Instead the
 * walk remembers which `where` an adjoint came through; as long as that is one and the same choice, each contribution of a rule
 * that can be singular passes it again: where (c, contribution, 0). Graphs without `where` do not change. */
#include "engine/graph/grad.h"

#include "engine/base/blocks.h"
#include "engine/graph/graph-private.h"

#include <math.h>

/* A mask is a path of choices: entry (cond, taken) under the mask `parent`. 0 is "no mask". */
typedef struct { guint parent; ChainId cond; gboolean taken; ChainId node; } Mask;

typedef struct
{
  ChainGraph *g;
  ChainId     top;       /* ids above are not visited */
  guint8     *active;    /* depends on wrt, and y depends on it */
  ChainId    *value;     /* adjoint or tangent so far */
  guint      *mask;      /* mask of the adjoint, meaningful where value is set; NULL until there is one */
  GArray     *masks;     /* Mask; entry 0 unused */
  GArray     *steps;
} Walk;

static void
walk_clear (Walk *w)
{
  chain_block_free (w->active);
  chain_block_free (w->value);
  chain_block_free (w->mask);
  g_array_unref (w->masks);
}

static void
walk_init (Walk *w, ChainGraph *g, ChainId top)
{
  w->g = g;
  w->top = top;
  w->active = chain_block_new0 (((gsize) top + 1) * sizeof *w->active);
  w->value = chain_block_new0 (((gsize) top + 1) * sizeof *w->value);
  w->mask = NULL;
  w->masks = g_array_new (FALSE, TRUE, sizeof (Mask));
  g_array_set_size (w->masks, 1);
  w->steps = NULL;
}

#define DEPENDS 1   /* on some wrt */
#define REACHED 2   /* from some y */

/* active[id] = DEPENDS for what stands on some wrt. */
static void
mark_dependent (Walk *w, const ChainId *wrt, guint n)
{
  guint8 *active = w->active;

  for (guint i = 0; i < n; i++)
    if (wrt[i] <= w->top)
      active[wrt[i]] = DEPENDS;
  for (ChainId id = 1; id <= w->top; id++)
    {
      const ChainNode *node = _chain_node_at (w->g, id);

      if (!(active[node->in[0]] | active[node->in[1]] | active[node->in[2]]))   /* active[CHAIN_NONE] is 0 */
        continue;
      for (guint i = 0; i < node->n_in && !active[id]; i++)
        if (active[node->in[i]] && _chain_op_input_differentiable (node, i))
          active[id] = DEPENDS;
    }
}

/* Adds REACHED to the nodes on a path from wrt to y. Returns the order for new nodes. */
static guint8
mark_reached (Walk *w, const ChainId *y, guint n_y)
{
  guint8 order = 0;

  for (guint i = 0; i < n_y; i++)
    w->active[y[i]] |= REACHED;
  for (ChainId id = w->top; id >= 1; id--)
    {
      const ChainNode *node = _chain_node_at (w->g, id);

      if (w->active[id] != (DEPENDS | REACHED))
        continue;
      if (node->order >= order)
        order = (guint8) MIN (node->order + 1, G_MAXUINT8);
      for (guint i = 0; i < node->n_in; i++)
        if (_chain_op_input_differentiable (node, i))
          w->active[node->in[i]] |= REACHED;
    }
  return MAX (order, 1);
}

static inline gboolean
is_active (const Walk *w, ChainId id)
{
  return w->active[id] == (DEPENDS | REACHED);
}

static gboolean
check_ids (const ChainGraph *g, const ChainId *ids, guint n, const char *what, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (ids[i] < 1 || ids[i] > chain_graph_size (g))
      {
        g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "The %s to differentiate, node %u, is not in the graph of %u nodes",
                     what, ids[i], chain_graph_size (g));
        return FALSE;
      }
  return TRUE;
}

/* --- masks --- */

/* Two choices by one condition are one mask; only recent ones are searched, for graphs with very many. */
static guint
mask_new (Walk *w, guint parent, ChainId cond, gboolean taken)
{
  Mask m = { parent, cond, taken, CHAIN_NONE };

  for (guint i = w->masks->len - 1; i >= 1 && i + 64 > w->masks->len; i--)
    {
      const Mask *old = &g_array_index (w->masks, Mask, i);

      if (old->parent == parent && old->cond == cond && old->taken == taken)
        return i;
    }
  g_array_append_val (w->masks, m);
  return w->masks->len - 1;
}

static ChainId
build_mask (Walk *w, const Mask *m)
{
  ChainId open, closed;

  if (m->parent == 0 && m->taken)
    return m->cond;
  open = m->parent ? g_array_index (w->masks, Mask, m->parent).node : chain_ones_like (w->g, m->cond);
  closed = chain_zeros_like (w->g, m->cond);
  return m->taken ? chain_where (w->g, m->cond, open, closed) : chain_where (w->g, m->cond, closed, open);
}

/* The node that is not 0 exactly where all choices of the path were made; built from the outermost choice that has none yet. */
static ChainId
mask_node (Walk *w, guint index)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = index; i != 0 && g_array_index (w->masks, Mask, i).node == CHAIN_NONE; i = g_array_index (w->masks, Mask, i).parent)
    g_array_append_val (path, i);
  for (guint i = path->len; i-- > 0;)
    {
      Mask *m = &g_array_index (w->masks, Mask, g_array_index (path, guint, i));

      m->node = build_mask (w, m);
    }
  return g_array_index (w->masks, Mask, index).node;
}

/* Can the local derivative in input i be infinite at finite adjoints? A factor or divisor known to be a finite number cannot. */
static gboolean
can_be_singular (const ChainGraph *g, const ChainNode *node, guint i)
{
  double other;

  switch ((int) node->op)
    {
    case CHAIN_OP_MUL:
      return !_chain_graph_constant (g, node->in[1 - i], &other) || !isfinite (other);
    case CHAIN_OP_DIV:
      return i == 1 || !_chain_graph_constant (g, node->in[1], &other) || other == 0;
    case CHAIN_OP_POW:
    case CHAIN_OP_LOG:
    case CHAIN_OP_LOG1P:
    case CHAIN_OP_SQRT:
    case CHAIN_OP_LGAMMA:
    case CHAIN_OP_POLYGAMMA:
    case CHAIN_OP_EXP:
    case CHAIN_OP_EXPM1:
      return TRUE;
    default:
      return FALSE;
    }
}

/* The mask of what node hands to its input i; *contribution passes it where it must. */
static guint
mask_contribution (Walk *w, ChainId id, guint i, ChainId *contribution)
{
  const ChainNode *node = _chain_node_at (w->g, id);
  guint mask;

  if (node->op == CHAIN_OP_WHERE && w->mask == NULL)
    w->mask = chain_block_new0 (((gsize) w->top + 1) * sizeof *w->mask);
  mask = w->mask != NULL ? w->mask[id] : 0;
  if (node->op == CHAIN_OP_WHERE)
    return mask_new (w, mask, node->in[0], i == 1);
  if (!(_chain_op_rows[node->op].flags & CHAIN_OP_ELEMENTWISE))
    return 0;
  if (mask && can_be_singular (w->g, node, i))
    {
      ChainId zero = chain_zeros_like (w->g, *contribution);
      ChainId open = mask_node (w, mask);

      *contribution = chain_where (w->g, open, *contribution, zero);
    }
  return mask;
}

/* --- reverse mode --- */

static inline void
contribute (Walk *w, ChainId id, const ChainNode *node, guint i, ChainId contribution, ChainContext rule)
{
  ChainId target = node->in[i], sum = w->value[target];
  gboolean masks = w->mask != NULL || node->op == CHAIN_OP_WHERE;
  guint mask = masks ? mask_contribution (w, id, i, &contribution) : 0;
  const ChainNode *to = _chain_node_at (w->g, target);

  g_assert (chain_shape_equal (_chain_shape_of (w->g, contribution), to->shape));
  if (masks)
    w->mask[target] = sum == CHAIN_NONE || w->mask[target] == mask ? mask : 0;
  if (sum == CHAIN_NONE)
    w->value[target] = contribution;
  else
    {
      if (to->scope != rule.scope)
        w->g->context.scope = to->scope;
      w->value[target] = chain_add (w->g, sum, contribution);
      w->g->context.scope = rule.scope;
    }
  if (w->steps)
    g_array_append_val (w->steps, ((ChainStep){ id, i, target, contribution, w->value[target] }));
}

/* What this node hands on to its inputs. Whatever stands on wrt and is read by a node that is visited lies on a path. */
static void
visit_reverse (Walk *w, ChainId id, guint8 order)
{
  const ChainNode *node = _chain_node_at (w->g, id);
  const ChainContext rule = { .scope = node->scope, .role = CHAIN_ROLE_ADJOINT, .order = order, .origin = id };
  gboolean all = (_chain_op_rows[node->op].flags & (CHAIN_OP_ELEMENTWISE | CHAIN_OP_NO_GRADIENT)) == CHAIN_OP_ELEMENTWISE && node->n_in < 3;
  gboolean need[3];
  ChainId parts[3] = { CHAIN_NONE, CHAIN_NONE, CHAIN_NONE };

  for (guint i = 0; i < 3; i++)   /* nobody stands on CHAIN_NONE */
    need[i] = w->active[node->in[i]] && (all || _chain_op_input_differentiable (node, i));
  if (!(need[0] | need[1] | need[2]))
    return;
  _chain_graph_set_context (w->g, rule);
  _chain_op_rows[node->op].vjp (w->g, id, w->value[id], need, parts);
  for (guint i = 0; i < 3; i++)
    if (parts[i] && need[i])
      contribute (w, id, node, i, parts[i], rule);
}

static gboolean
check_seed (ChainGraph *g, ChainId y, ChainId seed, GError **error)
{
  if (!check_ids (g, &y, 1, "result", error))
    return FALSE;
  if (seed == CHAIN_NONE && !chain_shape_is_scalar (_chain_shape_of (g, y)))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "Node %u is not 1 × 1: only one number has a gradient; sum it, or give its adjoint", y);
      return FALSE;
    }
  if (seed != CHAIN_NONE && !check_ids (g, &seed, 1, "adjoint", error))
    return FALSE;
  if (seed == CHAIN_NONE || chain_shape_equal (_chain_shape_of (g, seed), _chain_shape_of (g, y)))
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "The adjoint of node %u must have its shape", y);
  return FALSE;
}

gboolean
chain_grad (ChainGraph *g, ChainId y, ChainId seed, const ChainId *wrt, guint n, ChainId *out, GArray *steps, GError **error)
{
  ChainContext before = _chain_graph_context (g);
  guint8 order;
  Walk w;

  if (!check_seed (g, y, seed, error) || !check_ids (g, wrt, n, "variable", error))
    return FALSE;
  walk_init (&w, g, y);
  w.steps = steps;
  mark_dependent (&w, wrt, n);
  order = g->order > 0 ? mark_reached (&w, &y, 1) : 1;
  if (w.active[y])
    {
      chain_graph_set_scope (g, _chain_node_at (g, y)->scope);
      chain_graph_set_role (g, CHAIN_ROLE_ADJOINT, order, y);
      w.value[y] = seed ? seed : chain_const (g, 1);
    }
  for (ChainId id = y; id >= 1; id--)   /* values only where a path leads */
    if (w.value[id])
      visit_reverse (&w, id, order);
  for (guint i = 0; i < n; i++)
    out[i] = wrt[i] <= y ? w.value[wrt[i]] : CHAIN_NONE;
  _chain_graph_set_context (g, before);
  walk_clear (&w);
  return TRUE;
}

/* --- forward mode --- */

static void
visit_forward (Walk *w, ChainId id, guint8 order)
{
  const ChainNode *node = _chain_node_at (w->g, id);
  ChainId dx[3] = { CHAIN_NONE, CHAIN_NONE, CHAIN_NONE };
  gboolean any = FALSE;

  for (guint i = 0; i < node->n_in; i++)
    if (_chain_op_input_differentiable (node, i))
      {
        dx[i] = w->value[node->in[i]];
        any |= dx[i] != CHAIN_NONE;
      }
  if (!any)
    return;
  chain_graph_set_scope (w->g, node->scope);
  chain_graph_set_role (w->g, CHAIN_ROLE_TANGENT, order, id);
  w->value[id] = _chain_op_rows[node->op].jvp (w->g, id, dx);
}

static gboolean
check_tangents (const ChainGraph *g, const ChainId *wrt, const ChainId *tangent, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      if (tangent[i] == CHAIN_NONE)
        continue;
      if (!check_ids (g, &tangent[i], 1, "tangent", error))
        return FALSE;
      if (!chain_shape_equal (_chain_shape_of (g, tangent[i]), _chain_shape_of (g, wrt[i])))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "The tangent of node %u must have its shape", wrt[i]);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
chain_jvp (ChainGraph *g, const ChainId *y, guint n_y, const ChainId *wrt, const ChainId *tangent, guint n, ChainId *out, GError **error)
{
  ChainContext before = _chain_graph_context (g);
  ChainId top = CHAIN_NONE;
  guint8 order;
  Walk w;

  if (!check_ids (g, y, n_y, "result", error) || !check_ids (g, wrt, n, "variable", error)
      || !check_tangents (g, wrt, tangent, n, error))
    return FALSE;
  for (guint i = 0; i < n_y; i++)
    top = MAX (top, y[i]);
  walk_init (&w, g, top);
  w.mask = chain_block_new0 (((gsize) top + 1) * sizeof *w.mask);
  mark_dependent (&w, wrt, n);
  order = mark_reached (&w, y, n_y);
  for (guint i = 0; i < n; i++)
    if (wrt[i] <= top)
      {
        w.value[wrt[i]] = tangent[i];
        w.mask[wrt[i]] = 1;   /* given, not computed */
      }
  for (ChainId id = 1; id <= top; id++)
    if (is_active (&w, id) && !w.mask[id])
      visit_forward (&w, id, order);
  for (guint i = 0; i < n_y; i++)
    out[i] = w.value[y[i]];
  _chain_graph_set_context (g, before);
  walk_clear (&w);
  return TRUE;
}
