/* SPDX-License-Identifier: Apache-2.0 */
/* Programs, their compiled plans, and runs.
 *
 * A program is remembered as outputs and states; a plan of it is made for each batch size when that is first asked for, and the
 * last eight are held. All plans of all programs point at the same leaves. When a leaf has to grow for a larger batch its
 * address changes: `layout` counts that, and a plan that was prepared for older addresses is prepared again before it runs. */
#include "engine/run/exec-private.h"

#include "engine/run/backend-registry.h"

#include <math.h>
#include <string.h>

gboolean
_chain_exec_failed (ChainExec *x, GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DEVICE, "%s", x->backend->last_error (x->device));
  return FALSE;
}

static void
add_leaves (ChainExec *x)
{
  ChainNode *const *chunks = chain_graph_chunks (x->g);
  guint n_nodes = chain_graph_size (x->g);

  x->leaves = g_array_new (FALSE, TRUE, sizeof (ChainExecLeaf));
  for (ChainId id = 1; id <= n_nodes; id++)
    if (chain_chunk_traits (chunks, id) & CHAIN_TRAIT_LEAF)
      {
        const ChainNode *n = chain_chunk_node (chunks, id);
        ChainExecLeaf leaf = { .node = id, .kind = (guint8) n->arg.i[0], .has_b = n->shape.rows < 0 || n->shape.cols < 0 };
        g_array_append_val (x->leaves, leaf);
      }
  for (guint i = 0; i < x->leaves->len; i++)
    if (g_array_index (x->leaves, ChainExecLeaf, i).kind == CHAIN_LEAF_ROWS)
      x->rows = &g_array_index (x->leaves, ChainExecLeaf, i);
}

ChainExec *
chain_exec_new_on (const ChainGraph *g, ChainDtype dtype, const ChainBackend *backend, int device, GError **error)
{
  ChainExec *x;
  ChainDevice *d;

  if (backend->open (device, &d) != 0)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_DEVICE, "The device %s %d cannot be opened; choose the CPU", backend->name, device);
      return NULL;
    }
  x = g_new0 (ChainExec, 1);
  x->g = g;
  x->dtype = dtype;
  x->backend = backend;
  x->device = d;
  x->on_host = backend == chain_backend_cpu ();
  x->shared = _chain_exec_shared_new ();
  x->programs = g_ptr_array_new ();
  x->pins = g_array_new (FALSE, FALSE, sizeof (ChainExecPin));
  x->layout = x->stamp = 1;
  add_leaves (x);
  return x;
}

ChainExec *
chain_exec_new (const ChainGraph *g, ChainDtype dtype, GError **error)
{
  chain_backend_init ();
  return chain_exec_new_on (g, dtype, chain_backend_cpu (), 0, error);
}

static void
plan_clear (ChainExec *x, ChainExecPlan *e)
{
  x->stamp++;
  if (e->prepared != NULL)
    x->backend->discard (x->device, e->prepared);
  if (e->arena != NULL)
    _chain_exec_release (x, e->arena, e->plan->arena_bytes);
  _chain_exec_together_clear (x, e);
  g_free (e->host);
  g_free (e->slots);
  chain_plan_free (e->plan);
  memset (e, 0, sizeof *e);
}

void
chain_exec_free (ChainExec *x)
{
  if (x == NULL)
    return;
  for (guint i = 0; i < x->programs->len; i++)
    {
      ChainExecProgram *p = x->programs->pdata[i];
      for (guint k = 0; k < CHAIN_EXEC_PLANS; k++)
        plan_clear (x, &p->plans[k]);
      g_free (p->outputs);
      g_free (p->states);
      g_free (p);
    }
  for (guint i = 0; i < x->leaves->len; i++)
    if (!g_array_index (x->leaves, ChainExecLeaf, i).shared)
      _chain_exec_release (x, g_array_index (x->leaves, ChainExecLeaf, i).data, g_array_index (x->leaves, ChainExecLeaf, i).bytes);
  _chain_exec_free_shared (x);
  x->backend->close (x->device);
  g_ptr_array_unref (x->programs);
  g_array_unref (x->leaves);
  g_array_unref (x->pins);
  g_free (x);
}

ChainDtype
chain_exec_dtype (const ChainExec *x)
{
  return x->dtype;
}

const ChainGraph *
chain_exec_graph (const ChainExec *x)
{
  return x->g;
}

void
chain_exec_set_seed (ChainExec *x, uint64_t seed)
{
  x->seed = seed;
}

void
chain_exec_set_threads (ChainExec *x, int n)
{
  x->backend->set_threads (x->device, n);
}

guint64
chain_exec_bytes (const ChainExec *x)
{
  return x->bytes;
}

static gboolean
same_program (const ChainExecProgram *p, const ChainId *outputs, guint n_outputs, const ChainState *states, guint n_states,
              ChainPlanFlags flags)
{
  return p->n_outputs == n_outputs && p->n_states == n_states && p->flags == flags
         && (n_outputs == 0 || memcmp (p->outputs, outputs, n_outputs * sizeof *outputs) == 0)
         && (n_states == 0 || memcmp (p->states, states, n_states * sizeof *states) == 0);
}

ChainProgram
chain_exec_program (ChainExec *x, const ChainId *outputs, guint n_outputs, const ChainState *states, guint n_states, ChainPlanFlags flags)
{
  ChainExecProgram *p;

  for (guint i = 0; i < x->programs->len; i++)   /* asking twice costs nothing */
    if (same_program (x->programs->pdata[i], outputs, n_outputs, states, n_states, flags))
      return i;
  p = g_new0 (ChainExecProgram, 1);
  p->outputs = g_memdup2 (outputs, n_outputs * sizeof *outputs);
  p->n_outputs = n_outputs;
  p->states = g_memdup2 (states, n_states * sizeof *states);
  p->n_states = n_states;
  p->flags = flags;
  for (guint i = 0; i < n_states; i++)
    {
      ChainExecLeaf *leaf = _chain_exec_leaf (x, states[i].leaf);
      g_assert (leaf != NULL);
      leaf->is_state = 1;
    }
  g_ptr_array_add (x->programs, p);
  return x->programs->len - 1;
}

/* --- plans --- */
static gboolean
reserve_leaves (ChainExec *x, const ChainPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->n_slots; i++)
    if (plan->slots[i].kind == CHAIN_SLOT_LEAF && !_chain_exec_reserve (x, _chain_exec_leaf (x, plan->slots[i].leaf), plan->b, error))
      return FALSE;
  return TRUE;
}

static void
resolve_slots (ChainExec *x, ChainExecPlan *e)
{
  guint n_host = 0;

  for (guint i = 0; i < e->plan->n_slots; i++)
    {
      const ChainPlanSlot *s = &e->plan->slots[i];
      ChainExecLeaf *leaf = s->leaf != CHAIN_NONE ? _chain_exec_leaf (x, s->leaf) : NULL;
      if (s->kind == CHAIN_SLOT_LEAF)
        e->slots[i] = leaf->data;
      else if (s->kind == CHAIN_SLOT_HOST)
        e->slots[i] = leaf != NULL ? &leaf->scalar : &e->host[n_host++];
      else
        e->slots[i] = (char *) e->arena + s->offset;
    }
  for (guint i = 0; e->moved != NULL && i < e->moved->len; i++)
    {
      const ChainExecMoved *m = &g_array_index (e->moved, ChainExecMoved, i);
      e->slots[m->slot] = (char *) e->together + m->at;
    }
}

/* Makes e ready to run: addresses taken, decoded by the device. */
static gboolean
plan_prepare (ChainExec *x, ChainExecPlan *e, GError **error)
{
  if (!reserve_leaves (x, e->plan, error))
    return FALSE;
  if (e->prepared != NULL && e->layout == x->layout)
    return TRUE;
  if (e->prepared != NULL)
    x->backend->discard (x->device, g_steal_pointer (&e->prepared));
  resolve_slots (x, e);
  e->layout = x->layout;
  x->stamp++;
  if (x->backend->prepare (x->device, e->plan, e->slots, &e->prepared) != 0)
    return _chain_exec_failed (x, error);
  return TRUE;
}

static gboolean
plan_compile (ChainExec *x, const ChainExecProgram *p, ChainExecPlan *e, gint64 b, GError **error)
{
  plan_clear (x, e);
  e->plan = chain_plan_new (x->g, p->outputs, p->n_outputs, p->states, p->n_states, b, x->dtype, p->flags, error);
  if (e->plan == NULL)
    return FALSE;
  e->b = b;
  e->host = g_new0 (double, e->plan->n_slots + 1);
  e->slots = g_new0 (void *, e->plan->n_slots + 1);
  if ((e->plan->arena_bytes == 0 || _chain_exec_alloc (x, e->plan->arena_bytes, &e->arena, error))
      && _chain_exec_together (x, e, (p->flags & (CHAIN_PLAN_COMMIT | CHAIN_PLAN_KEEP_ALL)) == CHAIN_PLAN_COMMIT, error)
      && plan_prepare (x, e, error))
    return TRUE;
  plan_clear (x, e);
  return FALSE;
}

static ChainExecPlan *
plan_for (ChainExec *x, ChainProgram program, gint64 b, GError **error)
{
  ChainExecProgram *p = x->programs->pdata[program];
  guint oldest = 0;

  if (p->plans[p->last].b != b)
    {
      for (p->last = 0; p->last < CHAIN_EXEC_PLANS && p->plans[p->last].b != b; p->last++)
        if (p->plans[p->last].used < p->plans[oldest].used)
          oldest = p->last;
      if (p->last == CHAIN_EXEC_PLANS)
        p->last = oldest;
    }
  if (p->plans[p->last].b != b && !plan_compile (x, p, &p->plans[p->last], b, error))
    return NULL;
  p->plans[p->last].used = ++x->clock;   /* after compiling, which clears the entry */
  if (p->plans[p->last].layout != x->layout && !plan_prepare (x, &p->plans[p->last], error))
    return NULL;
  return &p->plans[p->last];
}

const ChainPlan *
chain_exec_plan (ChainExec *x, ChainProgram p, gint64 b, GError **error)
{
  ChainExecPlan *e = plan_for (x, p, b, error);

  return e != NULL ? e->plan : NULL;
}

/* --- runs --- */
static void
bind_rows (ChainExec *x, gint64 b)
{
  if (x->rows != NULL)
    x->rows->scalar = (double) b;
}

static void
poke (ChainExec *x, const ChainExecPlan *e, guint32 slot, gint64 at, double value)
{
  const ChainPlanSlot *s = &e->plan->slots[slot];
  float single = (float) value;

  if (s->kind == CHAIN_SLOT_HOST)
    *(double *) e->slots[slot] = value;
  else if (s->dtype == CHAIN_F64)
    x->backend->write (x->device, (double *) e->slots[slot] + at, &value, sizeof value);
  else
    x->backend->write (x->device, (float *) e->slots[slot] + at, &single, sizeof single);
}

static double
entry_of (ChainExec *x, const ChainExecPlan *e, guint32 slot, gint64 at)
{
  const ChainPlanSlot *s = &e->plan->slots[slot];
  gsize size = s->dtype == CHAIN_F64 ? 8 : 4;
  double value = 0;

  if (s->kind == CHAIN_SLOT_HOST)
    return *(double *) e->slots[slot];
  _chain_exec_fetch (x, (char *) e->slots[slot] + (gsize) at * size, (ChainDtype) s->dtype, &value, 1);
  return value;
}

/* An add that takes in a product does not read the product's slot: where an entry of that product is pinned, the add is put right. */
static void
apply_pin_to_fma (ChainExec *x, const ChainExecPlan *e, const ChainPlanItem *it, const ChainExecPin *pin)
{
  const ChainNode *n = chain_graph_node (x->g, it->node);
  guint first = chain_graph_node (x->g, n->in[0])->op == CHAIN_OP_MUL && !chain_graph_node (x->g, n->in[0])->host ? 0 : 1;
  gint64 at = pin->row * it->detail->cols + pin->col;
  double product = x->dtype == CHAIN_F64 ? pin->value : (double) (float) pin->value;

  if (n->in[first] == pin->node && pin->row < it->detail->rows && pin->col < it->detail->cols)
    poke (x, e, it->out, at, product + entry_of (x, e, it->in[2], it->read[2] == CHAIN_READ_FULL ? at : 0));
}

static void
apply_pins (ChainExec *x, const ChainExecPlan *e, const ChainPlanItem *it)
{
  for (guint i = 0; i < x->pins->len; i++)
    {
      const ChainExecPin *pin = &g_array_index (x->pins, ChainExecPin, i);
      if (it->flags & CHAIN_ITEM_FMA)
        apply_pin_to_fma (x, e, it, pin);
    }
  for (guint i = 0; i < x->pins->len; i++)
    {
      const ChainExecPin *pin = &g_array_index (x->pins, ChainExecPin, i);
      if (pin->node == it->node && pin->row < it->detail->rows && pin->col < it->detail->cols)
        poke (x, e, it->out, pin->row * it->detail->cols + pin->col, pin->value);
    }
}

static gboolean
run_pinned (ChainExec *x, const ChainExecPlan *e, guint first, guint last, gboolean commit, GError **error)
{
  for (guint i = first; i < last; i++)
    {
      if (x->backend->run (x->device, e->prepared, i, i + 1, 1, FALSE, x->seed) != 0)
        return _chain_exec_failed (x, error);
      apply_pins (x, e, &e->plan->items[i]);
    }
  if (commit && last == e->plan->n_items && x->backend->run (x->device, e->prepared, last, last, 1, TRUE, x->seed) != 0)
    return _chain_exec_failed (x, error);
  return TRUE;
}

gboolean
chain_exec_run_range (ChainExec *x, ChainProgram p, gint64 b, guint first, guint last, GError **error)
{
  ChainExecPlan *e = plan_for (x, p, b, error);
  ChainPlanFlags flags = ((ChainExecProgram *) x->programs->pdata[p])->flags;

  if (e == NULL)
    return FALSE;
  last = MIN (last, e->plan->n_items);
  first = MIN (first, last);
  bind_rows (x, b);
  if (x->pins->len > 0 && (flags & CHAIN_PLAN_KEEP_ALL))
    return run_pinned (x, e, first, last, (flags & CHAIN_PLAN_COMMIT) != 0, error);
  if (x->backend->run (x->device, e->prepared, first, last, 1, (flags & CHAIN_PLAN_COMMIT) != 0, x->seed) != 0)
    return _chain_exec_failed (x, error);
  return TRUE;
}

gboolean
chain_exec_run (ChainExec *x, ChainProgram p, gint64 b, GError **error)
{
  return chain_exec_run_range (x, p, b, 0, G_MAXUINT, error);
}

void
chain_exec_commit (ChainExec *x, ChainProgram p, gint64 b)
{
  ChainExecPlan *e = plan_for (x, p, b, NULL);

  if (e != NULL)
    x->backend->run (x->device, e->prepared, e->plan->n_items, e->plan->n_items, 1, TRUE, x->seed);
}

gboolean
chain_exec_loop_bind (ChainExec *x, ChainExecLoop *l, gint64 b, GError **error)
{
  if (G_LIKELY (l->b == b && l->stamp == x->stamp))
    return TRUE;
  for (guint k = 0; k < G_N_ELEMENTS (l->leaves); k++)
    l->to[k] = l->leaves[k] != CHAIN_NONE ? chain_exec_leaf_data (x, l->leaves[k], b) : NULL;
  l->entry = plan_for (x, l->program, b, error);
  if (l->entry == NULL)
    return FALSE;
  for (guint k = 0; k < G_N_ELEMENTS (l->outputs); k++)
    l->from[k] = l->outputs[k] != CHAIN_NONE ? chain_exec_peek (x, l->program, b, l->outputs[k]) : NULL;
  l->b = b;
  l->flags = ((ChainExecProgram *) x->programs->pdata[l->program])->flags;
  l->stamp = x->stamp;
  return TRUE;
}

gboolean
chain_exec_loop_run (ChainExec *x, const ChainExecLoop *l, GError **error)
{
  const ChainExecPlan *e = l->entry;

  if (l->flags & CHAIN_PLAN_KEEP_ALL)    /* pins */
    return chain_exec_run (x, l->program, l->b, error);
  bind_rows (x, l->b);
  if (G_LIKELY (x->backend->run (x->device, e->prepared, 0, e->plan->n_items, 1, (l->flags & CHAIN_PLAN_COMMIT) != 0, x->seed) == 0))
    return TRUE;
  return _chain_exec_failed (x, error);
}

/* --- values --- */
/* The plan and slot that hold the value of node, without compiling anything. */
static ChainExecPlan *
held_slot (ChainExec *x, ChainProgram program, gint64 b, ChainId node, guint32 *slot)
{
  ChainExecProgram *p = x->programs->pdata[program];

  for (guint k = 0; k < CHAIN_EXEC_PLANS; k++)
    if (p->plans[k].b == b && p->plans[k].plan != NULL)
      {
        int i = chain_plan_find (p->plans[k].plan, node);
        if (i < 0)
          return NULL;
        *slot = p->plans[k].plan->items[i].out;
        return p->plans[k].plan->slots[*slot].keep || p->plans[k].plan->slots[*slot].kind != CHAIN_SLOT_TEMP ? &p->plans[k] : NULL;
      }
  return NULL;
}

gboolean
chain_exec_read (ChainExec *x, ChainProgram p, gint64 b, ChainId node, double *out, gsize n)
{
  guint32 slot;
  ChainExecPlan *e;

  if (_chain_exec_leaf (x, node) != NULL)
    return chain_exec_read_leaf (x, node, out, n);
  e = held_slot (x, p, b, node, &slot);
  if (e == NULL || n > (gsize) (e->plan->slots[slot].rows * e->plan->slots[slot].cols))
    return FALSE;
  if (e->plan->slots[slot].kind == CHAIN_SLOT_HOST)
    {
      out[0] = *(double *) e->slots[slot];
      return TRUE;
    }
  return _chain_exec_fetch (x, e->slots[slot], (ChainDtype) e->plan->slots[slot].dtype, out, n);
}

double
chain_exec_read_one (ChainExec *x, ChainProgram p, gint64 b, ChainId node)
{
  double value;

  return chain_exec_read (x, p, b, node, &value, 1) ? value : NAN;
}

const void *
chain_exec_peek (ChainExec *x, ChainProgram p, gint64 b, ChainId node)
{
  const ChainExecLeaf *leaf = _chain_exec_leaf (x, node);
  guint32 slot;
  ChainExecPlan *e;

  if (!x->on_host)
    return NULL;
  if (leaf != NULL)
    return leaf->data;
  e = held_slot (x, p, b, node, &slot);
  return e != NULL && e->plan->slots[slot].kind != CHAIN_SLOT_HOST ? e->slots[slot] : NULL;
}

void
chain_exec_pin (ChainExec *x, ChainId node, gint64 row, gint64 col, double value)
{
  ChainExecPin pin = { node, row, col, value };

  g_assert (row >= 0 && col >= 0);
  for (guint i = 0; i < x->pins->len; i++)
    {
      ChainExecPin *old = &g_array_index (x->pins, ChainExecPin, i);
      if (old->node == node && old->row == row && old->col == col)
        {
          old->value = value;
          return;
        }
    }
  g_array_append_val (x->pins, pin);
}

void
chain_exec_unpin_all (ChainExec *x)
{
  g_array_set_size (x->pins, 0);
}

int
chain_exec_first_bad (ChainExec *x, ChainProgram p, gint64 b, gint64 *row, gint64 *col)
{
  const ChainPlan *plan = chain_exec_plan (x, p, b, NULL);

  for (guint i = 0; plan != NULL && i < plan->n_items; i++)
    {
      const ChainPlanItem *it = &plan->items[i];
      gsize n = (gsize) (it->detail->rows * it->detail->cols);
      g_autofree double *v = g_new (double, n);
      if (!chain_exec_read (x, p, b, it->node, v, n))
        continue;
      for (gsize k = 0; k < n; k++)
        if (!isfinite (v[k]))
          {
            *row = (gint64) k / it->detail->cols;
            *col = (gint64) k % it->detail->cols;
            return (int) i;
          }
    }
  return -1;
}
