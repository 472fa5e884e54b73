/* SPDX-License-Identifier: Apache-2.0 */
/* The store: nodes in chunks that never move, and the table that makes equal nodes one node.
 *
 * Interning is local (TILES.md 5): a node is looked up beside its newest input, in eight entries from 4 · newest plus a
 * few bits of the hash, and only when those are full in one global table. A gradient asks for nodes near those it has just
 * made, so probes stay in cache; a global table alone took four times as long at 1e5 nodes. The local table lies in chunks like the
 * nodes and therefore grows without copying. An entry is a tag and an id; a probe touches a node only when the tags agree.
 *
 * Chunks lie in slabs, a few of them in a block that is kept between graphs (engine/base/blocks.h): a small graph touches little memory,
 * a large one lies in large pages. */
#include "engine/graph/graph-private.h"

#include "engine/base/blocks.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/graph/ops-private.h"

#include <string.h>

#define LOCAL_PROBES 8
#define LOCAL_EACH 4
#define LOCAL_BYTES ((LOCAL_EACH * CHAIN_GRAPH_CHUNK_SIZE + LOCAL_PROBES) * sizeof (ChainInternEntry))
#define CHUNK_BYTES (CHAIN_GRAPH_CHUNK_SIZE * (sizeof (ChainNode) + 1))
#define SLAB_CHUNKS 64   /* at most */

G_STATIC_ASSERT (sizeof (ChainNode) == 64);

ChainGraph *
chain_graph_new (void)
{
  ChainGraph *g = g_new0 (ChainGraph, 1);

  g->names = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g->scalars = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g->scopes = g_ptr_array_new_with_free_func (g_free);
  g->scope_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  chain_graph_scope (g, "");
  return g;
}

static void
free_tables (ChainGraph *g)
{
  for (guint i = 0; g->local_slabs != NULL && i < g->n_slabs; i++)
    chain_block_free (g->local_slabs[i]);
  g_clear_pointer (&g->local_slabs, g_free);
  g_clear_pointer (&g->local, g_free);
  g_clear_pointer (&g->global, chain_block_free);
}

void
chain_graph_free (ChainGraph *g)
{
  if (g == NULL)
    return;
  free_tables (g);
  for (guint i = 0; i < g->n_slabs; i++)
    chain_block_free (g->slabs[i]);
  g_free (g->slabs);
  g_free (g->chunks);
  g_hash_table_unref (g->names);
  g_hash_table_unref (g->scalars);
  g_hash_table_unref (g->scope_by_name);
  g_ptr_array_unref (g->scopes);
  g_free (g);
}

void
chain_graph_seal (ChainGraph *g)
{
  g->sealed = TRUE;
  g->end = g->size;
  free_tables (g);
}

guint
chain_graph_size (const ChainGraph *g)
{
  return g->size;
}

const ChainNode *
chain_graph_node (const ChainGraph *g, ChainId id)
{
  g_assert (id >= 1 && id <= g->size);
  return _chain_node_at (g, id);
}

ChainNode *const *
chain_graph_chunks (const ChainGraph *g)
{
  return g->chunks;
}

const char *
chain_graph_name (const ChainGraph *g, ChainId id)
{
  return g_hash_table_lookup (g->names, GUINT_TO_POINTER (id));
}

void
chain_graph_set_name (ChainGraph *g, ChainId id, const char *name)
{
  g_assert (!g->sealed && id >= 1 && id <= g->size);
  g_hash_table_insert (g->names, GUINT_TO_POINTER (id), g_strdup (name));
}

ChainId
_chain_graph_find_scalar (const ChainGraph *g, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (g->scalars, name));
}

void
_chain_graph_add_scalar (ChainGraph *g, const char *name, ChainId id)
{
  g_hash_table_insert (g->scalars, g_strdup (name), GUINT_TO_POINTER (id));
}

/* --- scopes and roles --- */

guint16
chain_graph_scope (ChainGraph *g, const char *name)
{
  gpointer found;
  char *copy;

  if (g_hash_table_lookup_extended (g->scope_by_name, name, NULL, &found))
    return (guint16) GPOINTER_TO_UINT (found);
  g_assert (g->scopes->len <= G_MAXUINT16);
  copy = g_strdup (name);
  g_ptr_array_add (g->scopes, copy);
  g_hash_table_insert (g->scope_by_name, copy, GUINT_TO_POINTER (g->scopes->len - 1));
  return (guint16) (g->scopes->len - 1);
}

const char *
chain_graph_scope_name (const ChainGraph *g, guint16 scope)
{
  g_assert (scope < g->scopes->len);
  return g_ptr_array_index (g->scopes, scope);
}

guint
chain_graph_n_scopes (const ChainGraph *g)
{
  return g->scopes->len;
}

guint16
chain_graph_set_scope (ChainGraph *g, guint16 scope)
{
  guint16 before = g->context.scope;

  g_assert (scope < g->scopes->len);
  g->context.scope = scope;
  return before;
}

void
chain_graph_set_role (ChainGraph *g, ChainRole role, guint8 order, ChainId origin)
{
  g->context.role = (guint8) role;
  g->context.order = order;
  g->context.origin = origin;
  g->order = MAX (g->order, order);
}

/* --- interning --- */

static inline guint64
bits_of (double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

/* Seven products side by side, each by an odd number of its own, and one to mix their sum: three for a node without a third input and
 * without arguments, */
static inline guint64
hash_simple (ChainId a, ChainId b, guint scope, guint op, ChainShape shape)
{
  guint64 h = ((guint64) a << 32 | b) * 0x9E3779B97F4A7C15u;

  h += ((guint64) scope << 16 | op) * 0xD6E8FEB86659FD93u;
  return h + chain_shape_bits (shape) * 0xC2B2AE3D27D4EB4Fu;
}

static inline guint32
mix (guint64 h)
{
  return (guint32) (((h ^ h >> 32) * 0x9E3779B97F4A7C15u) >> 32);
}

/* four more for any. */
static inline guint32
hash_node (const ChainNode *n)
{
  guint64 h = hash_simple (n->in[0], n->in[1], n->scope, n->op, n->shape);

  h += ((guint64) n->in[2] << 32) * 0xD6E8FEB86659FD93u;
  h += (bits_of (n->arg.value) ^ bits_of (n->arg.value) >> 32) * 0xA0761D6478BD642Fu;
  h += (bits_of (n->arg.value2) ^ bits_of (n->arg.value2) >> 32) * 0xE7037ED1A0B428DBu;
  h += ((guint64) (guint32) n->arg.i[0] << 32 | (guint32) n->arg.i[1]) * 0x8EBC6AF09C88C6E3u;
  h += (guint64) (guint32) n->arg.i[2] * 0x589965CC75374CC3u;
  return mix (h);
}

static inline gboolean
same_node (const ChainNode *a, const ChainNode *b)
{
  return a->op == b->op && a->in[0] == b->in[0] && a->in[1] == b->in[1] && a->in[2] == b->in[2] && a->scope == b->scope
         && chain_shape_equal (a->shape, b->shape) && bits_of (a->arg.value) == bits_of (b->arg.value)
         && bits_of (a->arg.value2) == bits_of (b->arg.value2) && a->arg.i[0] == b->arg.i[0] && a->arg.i[1] == b->arg.i[1]
         && a->arg.i[2] == b->arg.i[2];
}

static void
grow_global (ChainGraph *g)
{
  guint size = MAX (256, g->global_size * 4);
  ChainInternEntry *table = chain_block_new0 (size * sizeof *table);

  for (guint i = 0; i < g->global_size; i++)
    if (g->global[i].id)
      {
        guint at = g->global[i].tag & (size - 1);

        while (table[at].id)
          at = (at + 1) & (size - 1);
        table[at] = g->global[i];
      }
  chain_block_free (g->global);
  g->global = table;
  g->global_size = size;
}

/* Where the entries for nodes with this newest input begin. */
static inline ChainInternEntry *
local_entry (const ChainGraph *g, ChainId newest, guint32 tag)
{
  return g->local[(newest - 1) >> CHAIN_GRAPH_CHUNK_BITS] + LOCAL_EACH * ((newest - 1) & (CHAIN_GRAPH_CHUNK_SIZE - 1)) + (tag & (LOCAL_EACH - 1));
}

/* The entry that holds a node equal to key, or the free one where it belongs. */
static ChainInternEntry *
find_entry (ChainGraph *g, const ChainNode *key, guint32 tag)
{
  ChainId newest = MAX (MAX (key->in[0], key->in[1]), key->in[2]);

  if (newest)
    {
      ChainInternEntry *e = local_entry (g, newest, tag);
      for (const ChainInternEntry *end = e + LOCAL_PROBES; e < end; e++)
        if (e->id == CHAIN_NONE || (e->tag == tag && same_node (_chain_node_at (g, e->id), key)))
          return e;
    }
  if (g->global_used * 2 >= g->global_size)
    grow_global (g);
  for (guint at = tag & (g->global_size - 1);; at = (at + 1) & (g->global_size - 1))
    {
      ChainInternEntry *e = &g->global[at];

      if (e->id == CHAIN_NONE)
        g->global_used++;   /* the caller fills it */
      if (e->id == CHAIN_NONE || (e->tag == tag && same_node (_chain_node_at (g, e->id), key)))
        return e;
    }
}

static guint8
traits_of (const ChainNode *n)
{
  gboolean number = _chain_op_rows[n->op].shape == _chain_shape_same && (_chain_op_rows[n->op].flags & CHAIN_OP_ELEMENTWISE)
                    && chain_shape_is_scalar (n->shape);

  if (n->host)
    return CHAIN_TRAIT_HOST | (n->op == CHAIN_OP_LEAF ? CHAIN_TRAIT_LEAF : 0);
  return (guint8) ((n->op == CHAIN_OP_MUL ? CHAIN_TRAIT_MUL : 0) | (n->op == CHAIN_OP_BROADCAST ? CHAIN_TRAIT_BROADCAST : 0)
                   | (n->op == CHAIN_OP_LEAF ? CHAIN_TRAIT_LEAF : 0) | (number ? CHAIN_TRAIT_NUMBER : 0));
}

/* Slabs of 1, 1, 2, 4, … chunks. */
static void
add_slab (ChainGraph *g)
{
  guint n = CLAMP (g->n_chunks, 1, SLAB_CHUNKS), all = g->n_chunks + n;
  char *nodes = chain_block_new (n * CHUNK_BYTES), *local = chain_block_new (n * LOCAL_BYTES);

  g->slabs = g_renew (void *, g->slabs, g->n_slabs + 1);
  g->local_slabs = g_renew (void *, g->local_slabs, g->n_slabs + 1);
  g->slabs[g->n_slabs] = nodes;
  g->local_slabs[g->n_slabs++] = local;
  g->chunks = g_renew (ChainNode *, g->chunks, all);
  g->local = g_renew (ChainInternEntry *, g->local, all);
  for (guint i = 0; i < n; i++)
    {
      g->chunks[g->n_chunks + i] = (ChainNode *) (void *) (nodes + i * CHUNK_BYTES);
      g->local[g->n_chunks + i] = (ChainInternEntry *) (void *) (local + i * LOCAL_BYTES);
    }
  g->n_chunks = all;
}

/* The table of a chunk is cleared when its first node comes. */
static void
begin_chunk (ChainGraph *g)
{
  guint at = g->size >> CHAIN_GRAPH_CHUNK_BITS;

  if (at == g->n_chunks)
    add_slab (g);
  memset (g->local[at], 0, LOCAL_BYTES);
  g->chunk = g->chunks[at];
  g->end = g->size + CHAIN_GRAPH_CHUNK_SIZE;
}

static inline guint8 *
traits_in (ChainNode *chunk)
{
  return (guint8 *) (void *) (chunk + CHAIN_GRAPH_CHUNK_SIZE);
}

static ChainId
store_node (ChainGraph *g, const ChainNode *node)
{
  guint at = g->size & (CHAIN_GRAPH_CHUNK_SIZE - 1);

  if (g->size == g->end)
    begin_chunk (g);
  g->chunk[at] = *node;
  traits_in (g->chunk)[at] = traits_of (node);
  return ++g->size;
}

/* --- append --- */

/* The host flag that a node of this op, inputs and shape must carry. */
static inline gboolean
is_host (const ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg)
{
  if (op == CHAIN_OP_CONST)
    return TRUE;
  if (op == CHAIN_OP_LEAF)
    return arg->i[0] == CHAIN_LEAF_SCALAR || arg->i[0] == CHAIN_LEAF_ROWS;
  if (op == CHAIN_OP_RANDOM || !chain_shape_is_scalar (shape))
    return FALSE;
  for (guint i = 0; i < n_in; i++)
    if (!_chain_node_at (g, in[i])->host)
      return FALSE;
  return TRUE;
}

static inline gboolean
check_inputs (const ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape *shapes, GError **error)
{
  const ChainOpRow *row;

  if (op <= CHAIN_OP_NONE || op >= CHAIN_N_OPS)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "There is no operation number %d; use one of the table's rows", (int) op);
      return FALSE;
    }
  row = &_chain_op_rows[op];
  if (n_in != row->arity)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "“%s” takes %u inputs, not %u", row->name, row->arity, n_in);
      return FALSE;
    }
  for (guint i = 0; i < n_in; i++)
    {
      if (in[i] < 1 || in[i] > g->size)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "Input %u of “%s” is node %u, which is not in the graph of %u nodes",
                       i + 1, row->name, in[i], g->size);
          return FALSE;
        }
      shapes[i] = _chain_node_at (g, in[i])->shape;
    }
  return TRUE;
}

static gboolean
check_room (const ChainGraph *g, GError **error)
{
  if (g->size < CHAIN_LIMIT_GRAPH_NODES)
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE, "The graph already has %u nodes, the most it may have; use a smaller model", g->size);
  return FALSE;
}

ChainId
chain_graph_append (ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg, GError **error)
{
  ChainShape shapes[3];
  ChainNode node = { .op = (guint16) op, .n_in = (guint8) n_in };
  ChainInternEntry *entry = NULL;
  guint32 tag = 0;
  ChainId id;

  g_assert (!g->sealed);
  if (!check_inputs (g, op, in, n_in, shapes, error))
    return CHAIN_NONE;
  for (guint i = 0; i < n_in; i++)
    node.in[i] = in[i];
  if (arg)
    node.arg = *arg;
  node.shape = shape;
  if (_chain_op_rows[op].shape == _chain_shape_same && chain_shape_equal (shapes[0], shapes[n_in - 1]) && n_in < 3)
    node.shape = shapes[0];
  else if (!_chain_op_rows[op].shape (shapes, n_in, &node.arg, &node.shape, error))
    return CHAIN_NONE;
  node.scope = g->context.scope;
  if (op != CHAIN_OP_LEAF)
    {
      tag = hash_node (&node);
      entry = find_entry (g, &node, tag);
      if (entry->id)
        return entry->id;
    }
  if (!check_room (g, error))
    return CHAIN_NONE;
  node.role = g->context.role;
  node.order = g->context.order;
  node.origin = g->context.origin;
  node.host = is_host (g, op, node.in, n_in, node.shape, &node.arg);
  id = store_node (g, &node);
  if (entry)
    *entry = (ChainInternEntry){ tag, id };
  return id;
}

/* As it is done for any node; a mistake in the program ends it with the sentence of the shape rule. */
static ChainId __attribute__ ((noinline))
append_any (ChainGraph *g, ChainOp op, ChainId a, ChainId b)
{
  g_autoptr (GError) error = NULL;
  ChainId id = chain_graph_append (g, op, (ChainId[]){ a, b }, _chain_op_rows[op].arity, chain_shape (1, 1), NULL, &error);

  if (id == CHAIN_NONE)
    g_error ("%s", error->message);
  return id;
}

/* What nearly all graphs are made of: an element-wise operation without arguments on inputs of one shape, one that is not there yet, in a
 * chunk that has room. Whatever else it is goes the long way. */
static inline __attribute__ ((always_inline)) ChainId
append_simple (ChainGraph *g, ChainOp op, ChainId a, ChainId b, gboolean two)
{
  guint size = g->size, at = size & (CHAIN_GRAPH_CHUNK_SIZE - 1);
  const ChainNode *first, *second;
  ChainInternEntry *entry;
  guint32 tag;

  if (G_UNLIKELY (size == g->end || a - 1 >= size || (two && b - 1 >= size)))
    return append_any (g, op, a, b);
  first = _chain_node_at (g, a);
  second = two ? _chain_node_at (g, b) : first;
  tag = mix (hash_simple (a, b, g->context.scope, op, first->shape));
  entry = local_entry (g, MAX (a, b), tag);
  for (guint i = 1; i < LOCAL_PROBES && entry->id != CHAIN_NONE && entry->tag != tag; i++)
    entry++;
  if (G_UNLIKELY (entry->id != CHAIN_NONE || !chain_shape_equal (first->shape, second->shape) || (first->host & second->host)))
    return append_any (g, op, a, b);
  g->chunk[at] = (ChainNode){ .scope = g->context.scope, .role = g->context.role, .order = g->context.order, .origin = g->context.origin,
                              .op = (guint16) op, .n_in = two ? 2 : 1, .in = { a, b, CHAIN_NONE }, .shape = first->shape };
  traits_in (g->chunk)[at] = (guint8) ((op == CHAIN_OP_MUL ? CHAIN_TRAIT_MUL : 0) | (chain_shape_is_scalar (first->shape) ? CHAIN_TRAIT_NUMBER : 0));
  *entry = (ChainInternEntry){ tag, size + 1 };
  return g->size = size + 1;
}

ChainId
_chain_graph_append_one (ChainGraph *g, ChainOp op, ChainId a)
{
  return append_simple (g, op, a, CHAIN_NONE, FALSE);
}

ChainId
_chain_graph_append_two (ChainGraph *g, ChainOp op, ChainId a, ChainId b)
{
  return append_simple (g, op, a, b, TRUE);
}

/* --- checks and text --- */

static gboolean
node_invalid (ChainId id, const char *what, GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "Node %u of the graph is damaged: %s", id, what);
  return FALSE;
}

static gboolean
validate_node (const ChainGraph *g, ChainId id, GError **error)
{
  const ChainNode *n = _chain_node_at (g, id);
  ChainShape shapes[3], shape = n->shape;

  if (!check_inputs (g, n->op, n->in, n->n_in, shapes, error))
    {
      g_prefix_error (error, "Node %u of the graph is damaged: ", id);
      return FALSE;
    }
  for (guint i = 0; i < 3; i++)
    if (i < n->n_in ? n->in[i] >= id : n->in[i] != CHAIN_NONE)
      return node_invalid (id, "an input does not come before it", error);
  if (!chain_op_row (n->op)->shape (shapes, n->n_in, &n->arg, &shape, error))
    {
      g_prefix_error (error, "Node %u of the graph is damaged: ", id);
      return FALSE;
    }
  if (!chain_shape_equal (shape, n->shape))
    return node_invalid (id, "its shape is not that of its operation", error);
  if (n->host != is_host (g, n->op, n->in, n->n_in, n->shape, &n->arg))
    return node_invalid (id, "its host flag is wrong", error);
  if (n->scope >= g->scopes->len || n->role > CHAIN_ROLE_OPTIMISER || n->origin > g->size)
    return node_invalid (id, "its scope, role or origin does not exist", error);
  return TRUE;
}

gboolean
chain_graph_validate (const ChainGraph *g, GError **error)
{
  for (ChainId id = 1; id <= g->size; id++)
    if (!validate_node (g, id, error))
      return FALSE;
  return TRUE;
}

static void
dump_axis (GString *s, int32_t axis)
{
  if (axis == CHAIN_B)
    g_string_append (s, "B");
  else if (axis < 0)
    g_string_append_printf (s, "%lldB", -(long long) axis);
  else
    g_string_append_printf (s, "%d", axis);
}

static void
dump_node (const ChainGraph *g, ChainId id, GString *s)
{
  static const char *const roles[] = { "forward", "adjoint", "tangent", "optimiser" };
  const ChainNode *n = _chain_node_at (g, id);
  const char *name = chain_graph_name (g, id);
  char buf[CHAIN_NUMBER_SIZE];

  g_string_append_printf (s, "%u = %s (", id, chain_op_row (n->op)->name);
  for (guint i = 0; i < n->n_in; i++)
    g_string_append_printf (s, i ? ", %u" : "%u", n->in[i]);
  g_string_append (s, ") ");
  dump_axis (s, n->shape.rows);
  g_string_append (s, "×");
  dump_axis (s, n->shape.cols);
  if (n->arg.value != 0 || n->arg.value2 != 0 || n->op == CHAIN_OP_CONST)
    g_string_append_printf (s, " value %s", chain_number_write (buf, n->arg.value));
  if (n->arg.value2 != 0)
    g_string_append_printf (s, " to %s", chain_number_write (buf, n->arg.value2));
  if (n->arg.i[0] || n->arg.i[1] || n->arg.i[2])
    g_string_append_printf (s, " arg %d %d %d", n->arg.i[0], n->arg.i[1], n->arg.i[2]);
  g_string_append_printf (s, " %s", roles[n->role & 3]);
  if (n->order)
    g_string_append_printf (s, " order %u", n->order);
  if (n->origin)
    g_string_append_printf (s, " of %u", n->origin);
  if (n->host)
    g_string_append (s, " host");
  if (n->scope)
    g_string_append_printf (s, " in %s", chain_graph_scope_name (g, n->scope));
  if (name)
    g_string_append_printf (s, " “%s”", name);
  g_string_append_c (s, '\n');
}

char *
chain_graph_dump (const ChainGraph *g)
{
  GString *s = g_string_new (NULL);

  for (ChainId id = 1; id <= g->size; id++)
    dump_node (g, id, s);
  return g_string_free (s, FALSE);
}
