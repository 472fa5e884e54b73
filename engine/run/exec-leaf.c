/* SPDX-License-Identifier: Apache-2.0 */
/* Values of leaves: memory, conversion, and what is saved of them.
 *
 * A host scalar lives in the executor as f64; everything else lives on the device in the executor's dtype. A leaf with a B axis
 * grows to the largest batch seen and never shrinks, so a changing batch size does not allocate. A saved state is one block with
 * every parameter, state and host scalar that some program commits to. */
#include "engine/run/exec-private.h"
#include "engine/run/plan-private.h"

#include "engine/base/limits.h"

#include <math.h>
#include <string.h>

struct _ChainExecState
{
  int      ref_count;   /* atomic */
  guint    n;
  ChainId *nodes;
  gsize   *bytes;
  gsize    total;
  guint8  *data;
};

ChainExecLeaf *
_chain_exec_leaf (const ChainExec *x, ChainId id)
{
  guint lo = 0, hi = x->leaves->len;

  while (lo < hi)
    {
      guint mid = lo + (hi - lo) / 2;
      ChainExecLeaf *leaf = &g_array_index (x->leaves, ChainExecLeaf, mid);
      if (leaf->node == id)
        return leaf;
      if (leaf->node < id)
        lo = mid + 1;
      else
        hi = mid;
    }
  return NULL;
}

static ChainExecLeaf *
leaf_of (const ChainExec *x, ChainId id)
{
  ChainExecLeaf *leaf = _chain_exec_leaf (x, id);

  g_assert (leaf != NULL);
  return leaf;
}

static gboolean
is_host (const ChainExecLeaf *leaf)
{
  return leaf->kind == CHAIN_LEAF_SCALAR || leaf->kind == CHAIN_LEAF_ROWS;
}

static gsize
number_size (const ChainExec *x)
{
  return x->dtype == CHAIN_F64 ? 8 : 4;
}

gsize
_chain_exec_leaf_size (const ChainExec *x, const ChainExecLeaf *leaf, gint64 b)
{
  ChainShape s = chain_graph_node (x->g, leaf->node)->shape;
  gsize n;

  if (!chain_mul_size ((gsize) chain_axis (s.rows, b), (gsize) chain_axis (s.cols, b), &n))
    return G_MAXSIZE / 16;
  return n;
}

gboolean
_chain_exec_alloc (ChainExec *x, gsize bytes, void **out, GError **error)
{
  if (!chain_memory_check (bytes, "A block of values", error))
    return FALSE;
  if (x->backend->alloc (x->device, bytes, out) != 0)
    return _chain_exec_failed (x, error);
  x->bytes += bytes;
  return TRUE;
}

void
_chain_exec_release (ChainExec *x, void *p, gsize bytes)
{
  if (p == NULL)
    return;
  x->backend->release (x->device, p);
  x->bytes -= bytes;
}

/* Memory for b rows; what the leaf holds survives (only leaves without a B axis hold anything worth it, and they never grow). */
gboolean
_chain_exec_reserve (ChainExec *x, ChainExecLeaf *leaf, gint64 b, GError **error)
{
  ChainShape s = chain_graph_node (x->g, leaf->node)->shape;
  guint64 bytes;
  void *data;

  if (!is_host (leaf) && !_chain_plan_slot_bytes (chain_axis (s.rows, b), chain_axis (s.cols, b), x->dtype, &bytes))
    bytes = G_MAXINT64;
  if (is_host (leaf) || bytes <= leaf->bytes)
    return TRUE;
  if (!_chain_exec_alloc (x, bytes, &data, error))
    return FALSE;
  if (leaf->data != NULL)
    _chain_exec_release (x, leaf->data, leaf->bytes);
  leaf->data = data;
  leaf->bytes = bytes;
  x->layout++;
  x->stamp++;
  return TRUE;
}

void
chain_exec_set_scalar (ChainExec *x, ChainId leaf, double value)
{
  g_assert (leaf_of (x, leaf)->kind == CHAIN_LEAF_SCALAR);
  leaf_of (x, leaf)->scalar = value;
}

double
chain_exec_get_scalar (const ChainExec *x, ChainId leaf)
{
  return leaf_of (x, leaf)->scalar;
}

static gboolean
open_leaf (ChainExec *x, ChainExecLeaf *leaf, gint64 b, gsize n, GError **error)
{
  const char *name = chain_graph_name (x->g, leaf->node);

  if (b < 1 || n != _chain_exec_leaf_size (x, leaf, b))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE,
                   "%s takes %" G_GSIZE_FORMAT " numbers at batch size %" G_GINT64_FORMAT ", not %" G_GSIZE_FORMAT,
                   name != NULL ? name : "A leaf", b < 1 ? 0 : _chain_exec_leaf_size (x, leaf, b), b, n);
      return FALSE;
    }
  leaf->b = b;
  return _chain_exec_reserve (x, leaf, b, error);
}

static gboolean
send (ChainExec *x, ChainExecLeaf *leaf, const void *from, gsize n, GError **error)
{
  return x->backend->write (x->device, leaf->data, from, n * number_size (x)) == 0 || _chain_exec_failed (x, error);
}

gboolean
chain_exec_write (ChainExec *x, ChainId id, gint64 b, const double *data, gsize n, GError **error)
{
  ChainExecLeaf *leaf = leaf_of (x, id);
  g_autofree float *copy = NULL;

  if (is_host (leaf))
    {
      leaf->scalar = data[0];
      return TRUE;
    }
  if (!open_leaf (x, leaf, b, n, error))
    return FALSE;
  if (x->dtype == CHAIN_F64)
    return send (x, leaf, data, n, error);
  copy = x->on_host ? NULL : g_new (float, n);
  for (gsize i = 0; i < n; i++)
    (x->on_host ? (float *) leaf->data : copy)[i] = (float) data[i];
  return x->on_host || send (x, leaf, copy, n, error);
}

gboolean
chain_exec_write_f32 (ChainExec *x, ChainId id, gint64 b, const float *data, gsize n, GError **error)
{
  ChainExecLeaf *leaf = leaf_of (x, id);
  g_autofree double *copy = NULL;

  if (is_host (leaf))
    {
      leaf->scalar = data[0];
      return TRUE;
    }
  if (!open_leaf (x, leaf, b, n, error))
    return FALSE;
  if (x->dtype == CHAIN_F32)
    return send (x, leaf, data, n, error);
  copy = x->on_host ? NULL : g_new (double, n);
  for (gsize i = 0; i < n; i++)
    (x->on_host ? (double *) leaf->data : copy)[i] = data[i];
  return x->on_host || send (x, leaf, copy, n, error);
}

gboolean
_chain_exec_fetch (ChainExec *x, const void *from, ChainDtype dtype, double *out, gsize n)
{
  g_autofree float *copy = NULL;
  const float *single = from;

  if (dtype == CHAIN_F64)
    return x->backend->read (x->device, out, from, n * sizeof *out) == 0;
  if (!x->on_host)
    {
      copy = g_new (float, n);
      single = copy;
      if (x->backend->read (x->device, copy, from, n * sizeof *copy) != 0)
        return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    out[i] = single[i];
  return TRUE;
}

gboolean
chain_exec_read_leaf (ChainExec *x, ChainId id, double *out, gsize n)
{
  const ChainExecLeaf *leaf = leaf_of (x, id);

  if (is_host (leaf))
    {
      out[0] = leaf->scalar;
      return n == 1;
    }
  if (leaf->data == NULL)   /* never written: zeros */
    {
      memset (out, 0, n * sizeof *out);
      return leaf->has_b || n <= _chain_exec_leaf_size (x, leaf, 1);
    }
  return n * number_size (x) <= leaf->bytes && _chain_exec_fetch (x, leaf->data, x->dtype, out, n);
}

ChainTensor *
chain_exec_get_tensor (ChainExec *x, ChainId id)
{
  ChainExecLeaf *leaf = leaf_of (x, id);
  ChainShape s = chain_graph_node (x->g, id)->shape;
  ChainTensor *t;

  g_assert (!leaf->has_b);
  t = chain_tensor_new (is_host (leaf) ? CHAIN_F64 : x->dtype, (guint) s.rows, (guint) s.cols);
  if (t == NULL)
    return NULL;
  if (is_host (leaf))
    chain_tensor_set (t, 0, leaf->scalar);
  else if (leaf->data != NULL && x->backend->read (x->device, t->data, leaf->data, chain_tensor_size (t) * number_size (x)) != 0)
    g_clear_pointer (&t, chain_tensor_unref);
  return t;
}

void *
chain_exec_leaf_data (ChainExec *x, ChainId id, gint64 b)
{
  ChainExecLeaf *leaf = leaf_of (x, id);

  if (!x->on_host || b < 1 || is_host (leaf) || !_chain_exec_reserve (x, leaf, b, NULL))
    return NULL;
  leaf->b = b;
  return leaf->data;
}

/* --- saved states --- */
static gboolean
is_saved (const ChainExecLeaf *leaf)
{
  return leaf->kind == CHAIN_LEAF_PARAM || leaf->kind == CHAIN_LEAF_STATE || (leaf->is_state && leaf->kind != CHAIN_LEAF_ROWS);
}

static gsize
saved_bytes (const ChainExec *x, const ChainExecLeaf *leaf)
{
  return is_host (leaf) ? sizeof (double) : _chain_exec_leaf_size (x, leaf, MAX (leaf->b, 1)) * number_size (x);
}

static void
save_leaf (ChainExec *x, ChainExecLeaf *leaf, guint8 *to, gsize bytes)
{
  if (is_host (leaf))
    memcpy (to, &leaf->scalar, sizeof leaf->scalar);
  else if (leaf->data != NULL)
    x->backend->read (x->device, to, leaf->data, bytes);
  else
    memset (to, 0, bytes);
}

gsize
chain_exec_save_bytes (ChainExec *x)
{
  gsize sum = 0;

  for (guint i = 0; i < x->leaves->len; i++)
    {
      const ChainExecLeaf *leaf = &g_array_index (x->leaves, ChainExecLeaf, i);
      sum += is_saved (leaf) ? saved_bytes (x, leaf) : 0;
    }
  return sum;
}

/* Has every saved leaf the place in `s` that a new state would give it? */
static gboolean
fits (const ChainExec *x, const ChainExecState *s)
{
  guint n = 0;

  for (guint i = 0; i < x->leaves->len; i++)
    {
      const ChainExecLeaf *leaf = &g_array_index (x->leaves, ChainExecLeaf, i);
      if (!is_saved (leaf))
        continue;
      if (n == s->n || s->nodes[n] != leaf->node || s->bytes[n] != saved_bytes (x, leaf))
        return FALSE;
      n++;
    }
  return n == s->n;
}

static ChainExecState *
state_new (ChainExec *x)
{
  ChainExecState *s = g_new0 (ChainExecState, 1);

  s->ref_count = 1;
  s->nodes = g_new (ChainId, x->leaves->len + 1);
  s->bytes = g_new (gsize, x->leaves->len + 1);
  for (guint i = 0; i < x->leaves->len; i++)
    {
      ChainExecLeaf *leaf = &g_array_index (x->leaves, ChainExecLeaf, i);
      if (!is_saved (leaf))
        continue;
      s->nodes[s->n] = leaf->node;
      s->bytes[s->n] = saved_bytes (x, leaf);
      s->total += s->bytes[s->n++];
    }
  s->data = g_malloc (s->total + 1);
  return s;
}

ChainExecState *
chain_exec_save_over (ChainExec *x, ChainExecState *old)
{
  gboolean again = old != NULL && __atomic_load_n (&old->ref_count, __ATOMIC_ACQUIRE) == 1 && fits (x, old);
  ChainExecState *s = again ? old : state_new (x);
  gsize at = 0;

  if (!again)
    chain_exec_state_unref (old);
  for (guint i = 0; i < s->n; at += s->bytes[i++])
    save_leaf (x, leaf_of (x, s->nodes[i]), s->data + at, s->bytes[i]);
  return s;
}

ChainExecState *
chain_exec_save (ChainExec *x)
{
  return chain_exec_save_over (x, NULL);
}

void
chain_exec_restore (ChainExec *x, const ChainExecState *s)
{
  gsize at = 0;

  for (guint i = 0; i < s->n; at += s->bytes[i++])
    {
      ChainExecLeaf *leaf = leaf_of (x, s->nodes[i]);
      if (is_host (leaf))
        memcpy (&leaf->scalar, s->data + at, sizeof leaf->scalar);
      else if (_chain_exec_reserve (x, leaf, MAX (leaf->b, 1), NULL) && s->bytes[i] <= leaf->bytes)
        x->backend->write (x->device, leaf->data, s->data + at, s->bytes[i]);
    }
}

gsize
chain_exec_state_bytes (const ChainExecState *s)
{
  return s->total;
}

gboolean
chain_exec_state_equal (const ChainExecState *a, const ChainExecState *b)
{
  return a->n == b->n && a->total == b->total && memcmp (a->nodes, b->nodes, a->n * sizeof *a->nodes) == 0
         && memcmp (a->bytes, b->bytes, a->n * sizeof *a->bytes) == 0 && memcmp (a->data, b->data, a->total) == 0;
}

ChainExecState *
chain_exec_state_ref (ChainExecState *s)
{
  __atomic_add_fetch (&s->ref_count, 1, __ATOMIC_RELAXED);
  return s;
}

void
chain_exec_state_unref (ChainExecState *s)
{
  if (s == NULL || __atomic_sub_fetch (&s->ref_count, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  g_free (s->nodes);
  g_free (s->bytes);
  g_free (s->data);
  g_free (s);
}
