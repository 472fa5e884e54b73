/* SPDX-License-Identifier: Apache-2.0 */
/* The store: nodes in chunks that never move, and the table that makes equal nodes one node.
 *
 * Interning is local (TILES.md 5): a node is looked up beside its newest input, in eight entries from 4 · newest plus a
 * few bits of the hash, and only when those are full in one global table. A gradient asks for nodes near those it has just
 * made, so probes stay in cache; a global table alone took four times as long at 1e5 nodes. The local table is indexed by id and
 * therefore grows without rehashing. An entry is a tag and an id; a probe touches a node only when the tags agree. */
#include "engine/graph/graph-private.h"

#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <string.h>

#define CHUNK_BITS 12
#define CHUNK_SIZE (1u << CHUNK_BITS)
#define LOCAL_PROBES 8

typedef struct { guint32 tag; ChainId id; } InternEntry;

struct _ChainGraph
{
  ChainNode  **chunks;
  guint        n_chunks, size;
  gboolean     sealed;
  ChainContext context;

  InternEntry *local;          /* 4 · capacity + LOCAL_PROBES + 4 entries */
  guint        local_capacity; /* ids */
  InternEntry *global;         /* power of two, or NULL */
  guint        global_size, global_used;

  GHashTable  *names;          /* id -> name */
  GHashTable  *scalars;        /* name -> id */
  GPtrArray   *scopes;         /* index -> name */
  GHashTable  *scope_by_name;  /* name (owned by scopes) -> index */
};

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

void
chain_graph_free (ChainGraph *g)
{
  if (g == NULL)
    return;
  for (guint i = 0; i < g->n_chunks; i++)
    g_free (g->chunks[i]);
  g_free (g->chunks);
  g_free (g->local);
  g_free (g->global);
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
  g_clear_pointer (&g->local, g_free);
  g_clear_pointer (&g->global, g_free);
}

guint
chain_graph_size (const ChainGraph *g)
{
  return g->size;
}

static inline ChainNode *
node_at (const ChainGraph *g, ChainId id)
{
  return &g->chunks[(id - 1) >> CHUNK_BITS][(id - 1) & (CHUNK_SIZE - 1)];
}

const ChainNode *
chain_graph_node (const ChainGraph *g, ChainId id)
{
  g_assert (id >= 1 && id <= g->size);
  return node_at (g, id);
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
}

ChainContext
_chain_graph_context (const ChainGraph *g)
{
  return g->context;
}

void
_chain_graph_set_context (ChainGraph *g, ChainContext context)
{
  g->context = context;
}

/* --- interning --- */

static guint64
bits_of (double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static guint32
hash_node (const ChainNode *n)
{
  guint64 h = (guint64) n->op * 0x9E3779B97F4A7C15u;

#define MIX(x) (h = (h ^ (guint64) (x)) * 0xD6E8FEB86659FD93u, h ^= h >> 32)
  MIX ((guint64) n->in[0] << 32 | n->in[1]);
  MIX ((guint64) n->in[2] << 32 | n->scope);
  MIX ((guint64) (guint32) n->shape.rows << 32 | (guint32) n->shape.cols);
  MIX (bits_of (n->arg.value));
  MIX (bits_of (n->arg.value2));
  MIX ((guint64) (guint32) n->arg.i[0] << 32 | (guint32) n->arg.i[1]);
  MIX ((guint32) n->arg.i[2]);
#undef MIX
  return (guint32) h;
}

static gboolean
same_node (const ChainNode *a, const ChainNode *b)
{
  return a->op == b->op && a->in[0] == b->in[0] && a->in[1] == b->in[1] && a->in[2] == b->in[2] && a->scope == b->scope
         && chain_shape_equal (a->shape, b->shape) && bits_of (a->arg.value) == bits_of (b->arg.value)
         && bits_of (a->arg.value2) == bits_of (b->arg.value2) && a->arg.i[0] == b->arg.i[0] && a->arg.i[1] == b->arg.i[1]
         && a->arg.i[2] == b->arg.i[2];
}

static void
grow_local (ChainGraph *g, ChainId newest)
{
  guint capacity = MAX (256, g->local_capacity * 2);
  gsize before = g->local_capacity ? (gsize) 4 * g->local_capacity + LOCAL_PROBES + 4 : 0, after;

  while (capacity <= newest)
    capacity *= 2;
  after = (gsize) 4 * capacity + LOCAL_PROBES + 4;
  g->local = g_renew (InternEntry, g->local, after);
  memset (g->local + before, 0, (after - before) * sizeof (InternEntry));
  g->local_capacity = capacity;
}

static void
grow_global (ChainGraph *g)
{
  guint size = MAX (256, g->global_size * 4);
  InternEntry *table = g_new0 (InternEntry, size);

  for (guint i = 0; i < g->global_size; i++)
    if (g->global[i].id)
      {
        guint at = g->global[i].tag & (size - 1);

        while (table[at].id)
          at = (at + 1) & (size - 1);
        table[at] = g->global[i];
      }
  g_free (g->global);
  g->global = table;
  g->global_size = size;
}

/* The entry that holds a node equal to key, or the free one where it belongs. */
static InternEntry *
find_entry (ChainGraph *g, const ChainNode *key, guint32 tag)
{
  ChainId newest = MAX (MAX (key->in[0], key->in[1]), key->in[2]);

  if (newest)
    {
      if (newest >= g->local_capacity)
        grow_local (g, newest);
      for (InternEntry *e = g->local + (gsize) 4 * newest + (tag & 3), *end = e + LOCAL_PROBES; e < end; e++)
        if (e->id == CHAIN_NONE || (e->tag == tag && same_node (node_at (g, e->id), key)))
          return e;
    }
  if (g->global_used * 2 >= g->global_size)
    grow_global (g);
  for (guint at = tag & (g->global_size - 1);; at = (at + 1) & (g->global_size - 1))
    {
      InternEntry *e = &g->global[at];

      if (e->id == CHAIN_NONE)
        g->global_used++;   /* the caller fills it */
      if (e->id == CHAIN_NONE || (e->tag == tag && same_node (node_at (g, e->id), key)))
        return e;
    }
}

static ChainId
store_node (ChainGraph *g, const ChainNode *node)
{
  if (g->size == g->n_chunks << CHUNK_BITS)
    {
      g->chunks = g_renew (ChainNode *, g->chunks, g->n_chunks + 1);
      g->chunks[g->n_chunks++] = g_new (ChainNode, CHUNK_SIZE);
    }
  g->size++;
  *node_at (g, g->size) = *node;
  return g->size;
}

/* --- append --- */

gboolean
_chain_graph_is_host (const ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape shape, const ChainArg *arg)
{
  if (op == CHAIN_OP_CONST)
    return TRUE;
  if (op == CHAIN_OP_LEAF)
    return arg->i[0] == CHAIN_LEAF_SCALAR || arg->i[0] == CHAIN_LEAF_ROWS;
  if (op == CHAIN_OP_RANDOM || !chain_shape_is_scalar (shape))
    return FALSE;
  for (guint i = 0; i < n_in; i++)
    if (!node_at (g, in[i])->host)
      return FALSE;
  return TRUE;
}

static gboolean
check_inputs (const ChainGraph *g, ChainOp op, const ChainId *in, guint n_in, ChainShape *shapes, GError **error)
{
  const ChainOpRow *row;

  if (op <= CHAIN_OP_NONE || op >= CHAIN_N_OPS)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, "There is no operation number %d; use one of the table's rows", (int) op);
      return FALSE;
    }
  row = chain_op_row (op);
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
      shapes[i] = node_at (g, in[i])->shape;
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
  ChainNode node = { .op = op, .n_in = (guint8) n_in };
  InternEntry *entry = NULL;
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
  if (!chain_op_row (op)->shape (shapes, n_in, &node.arg, &node.shape, error))
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
  node.host = _chain_graph_is_host (g, op, node.in, n_in, node.shape, &node.arg);
  id = store_node (g, &node);
  if (entry)
    *entry = (InternEntry){ tag, id };
  return id;
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
  const ChainNode *n = node_at (g, id);
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
  if (n->host != _chain_graph_is_host (g, n->op, n->in, n->n_in, n->shape, &n->arg))
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
  const ChainNode *n = node_at (g, id);
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
