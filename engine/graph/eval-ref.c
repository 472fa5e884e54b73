/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluates what the ids need, in the order of ids, each node into a block of its own. No fusion, no reuse, no threads: an error
 * here would have to be an error in a reference of the table. */
#include "engine/graph/eval-ref.h"

#include "engine/base/limits.h"

#include <string.h>

typedef struct
{
  const ChainGraph *g;
  gint64            b;
  guint64           seed;
  ChainId           top;
  guint8           *needed;
  double          **value;   /* by id; owned unless a bound leaf */
} Eval;

static int64_t
rows_of (const Eval *e, const ChainNode *node)
{
  return chain_axis (node->shape.rows, e->b);
}

static int64_t
cols_of (const Eval *e, const ChainNode *node)
{
  return chain_axis (node->shape.cols, e->b);
}

gsize
chain_ref_size (const ChainGraph *g, ChainId id, gint64 b)
{
  ChainShape s = chain_graph_node (g, id)->shape;

  return (gsize) chain_axis (s.rows, b) * (gsize) chain_axis (s.cols, b);
}

static void
mark_needed (Eval *e, const ChainId *ids, guint n_ids)
{
  for (guint i = 0; i < n_ids; i++)
    e->needed[ids[i]] = 1;
  for (ChainId id = e->top; id >= 1; id--)
    if (e->needed[id])
      {
        const ChainNode *node = chain_graph_node (e->g, id);

        for (guint i = 0; i < node->n_in; i++)
          e->needed[node->in[i]] = 1;
      }
}

static gboolean
check_memory (const Eval *e, GError **error)
{
  gsize total = 0;

  for (ChainId id = 1; id <= e->top; id++)
    {
      const ChainNode *node = chain_graph_node (e->g, id);
      gsize bytes;

      if (!e->needed[id])
        continue;
      if (!chain_mul_size ((gsize) rows_of (e, node), (gsize) cols_of (e, node), &bytes) || !chain_mul_size (bytes, 8, &bytes)
          || !chain_add_size (total, bytes, &total))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_OVERFLOW, "Node %u is too large to be evaluated", id);
          return FALSE;
        }
    }
  return chain_memory_check (total, "The reference evaluation", error);
}

static const double *
bound (const ChainRefBinding *leaves, guint n_leaves, ChainId id)
{
  for (guint i = 0; i < n_leaves; i++)
    if (leaves[i].leaf == id)
      return leaves[i].data;
  return NULL;
}

static void
compute (Eval *e, ChainId id, const ChainNode *node)
{
  ChainRefValue in[3] = { 0 };

  for (guint i = 0; i < node->n_in; i++)
    {
      const ChainNode *from = chain_graph_node (e->g, node->in[i]);

      in[i] = (ChainRefValue){ e->value[node->in[i]], rows_of (e, from), cols_of (e, from) };
    }
  chain_op_row (node->op)->ref (in, &node->arg, e->seed, e->value[id], rows_of (e, node), cols_of (e, node));
}

static gboolean
run (Eval *e, const ChainRefBinding *leaves, guint n_leaves, GError **error)
{
  for (ChainId id = 1; id <= e->top; id++)
    {
      const ChainNode *node = chain_graph_node (e->g, id);
      gsize n = chain_ref_size (e->g, id, e->b);
      const double *data = NULL;

      if (!e->needed[id])
        continue;
      e->value[id] = g_new (double, n);
      if (node->op != CHAIN_OP_LEAF)
        {
          compute (e, id, node);
          continue;
        }
      data = bound (leaves, n_leaves, id);
      if (data)
        memcpy (e->value[id], data, n * sizeof (double));
      else if (node->arg.i[0] == CHAIN_LEAF_ROWS)
        e->value[id][0] = (double) e->b;
      else
        {
          const char *name = chain_graph_name (e->g, id);

          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Leaf “%s” (node %u) has no value; bind it before evaluating", name ? name : "", id);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
chain_ref_eval (const ChainGraph *g, const ChainRefBinding *leaves, guint n_leaves, gint64 b, guint64 seed,
                const ChainId *ids, guint n_ids, double *const *out, GError **error)
{
  Eval e = { .g = g, .b = b, .seed = seed };
  gboolean ok;

  g_assert (b >= 1);
  for (guint i = 0; i < n_ids; i++)
    e.top = MAX (e.top, ids[i]);
  g_assert (e.top <= chain_graph_size (g));
  e.needed = g_new0 (guint8, (gsize) e.top + 1);
  e.value = g_new0 (double *, (gsize) e.top + 1);
  mark_needed (&e, ids, n_ids);
  ok = check_memory (&e, error) && run (&e, leaves, n_leaves, error);
  for (guint i = 0; ok && i < n_ids; i++)
    memcpy (out[i], e.value[ids[i]], chain_ref_size (g, ids[i], b) * sizeof (double));
  for (ChainId id = 1; id <= e.top; id++)
    g_free (e.value[id]);
  g_free (e.value);
  g_free (e.needed);
  return ok;
}
