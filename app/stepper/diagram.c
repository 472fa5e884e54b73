/* SPDX-License-Identifier: Apache-2.0 */
/* From a fine graph and its keys to cells, wires and positions.
 *
 * Order. Cells stand in the order of the plan, but within a layer unit after unit where the wires allow it: one reads a unit's product, sum and
 * activation together. It is an order in which every cell comes after what it reads, so the numbers are those of any other. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/stepper/assemble.h"

typedef struct { guint layer, unit, first, group; } Turn;

static int
by_turn (gconstpointer a, gconstpointer b, gpointer data)
{
  const Turn *x = a, *y = b;

  if (x->layer != y->layer)
    return x->layer < y->layer ? -1 : 1;
  if (x->unit != y->unit)
    return x->unit < y->unit ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first ? 1 : 0;
}

/* What is given comes first; then layers, units, operations. */
static Turn *
turn_of (const ChainAssembly *a, guint group)
{
  const GArray *members = g_ptr_array_index (a->members, group);
  guint first = g_array_index (members, guint, members->len - 1);
  const ChainFine *v = _chain_fine (a->f->fine, first);
  Turn *t = g_new0 (Turn, 1);
  gboolean given = v->kind != CHAIN_CELL_OPERATION;

  t->layer = given ? 0 : v->layer == G_MAXUINT ? G_MAXUINT - 1 : v->layer + 1;
  t->unit = given ? (v->kind == CHAIN_CELL_INPUT ? 0 : v->kind == CHAIN_CELL_PARAM ? 1 : 2) : v->col >= 0 && v->layer != G_MAXUINT ? (guint) v->col : 0;
  t->first = given && v->kind == CHAIN_CELL_PARAM ? v->node * 65536 + (guint) MAX (v->row, 0) * 256 + (guint) MAX (v->col, 0) : first;
  t->group = group;
  return t;
}

/* TRUE if there is an order: groups that read each other have none. */
static gboolean
sort_groups (ChainAssembly *a)
{
  g_autoptr (GTree) ready = g_tree_new_full (by_turn, NULL, g_free, NULL);
  g_autofree guint *waiting = g_new0 (guint, a->members->len + 1);
  GTreeNode *next;

  for (guint i = 0; i < a->edges->len; i++)
    waiting[g_array_index (a->edges, ChainEdge, i).to]++;
  for (guint g = 0; g < a->members->len; g++)
    if (waiting[g] == 0)
      g_tree_insert (ready, turn_of (a, g), NULL);
  while ((next = g_tree_node_first (ready)) != NULL)
    {
      Turn t = *(const Turn *) g_tree_node_key (next);
      const GArray *out = g_ptr_array_index (a->readers, t.group);

      g_tree_remove (ready, &t);
      a->place[t.group] = a->order->len;
      g_array_append_val (a->order, t.group);
      for (guint i = 0; i < out->len; i++)
        {
          guint to = g_array_index (a->edges, ChainEdge, g_array_index (out, guint, i)).to;

          if (--waiting[to] == 0)
            g_tree_insert (ready, turn_of (a, to), NULL);
        }
    }
  return a->order->len == a->members->len;
}

static void
join_group (ChainAssembly *a, guint i, char *key)
{
  ChainFine *v = _chain_fine (a->f->fine, i);
  guint g = GPOINTER_TO_UINT (g_hash_table_lookup (a->groups, key));

  if (g == 0)
    {
      g_ptr_array_add (a->members, g_array_new (FALSE, FALSE, sizeof (guint)));
      g_ptr_array_add (a->readers, g_array_new (FALSE, FALSE, sizeof (guint)));
      g_ptr_array_add (a->keys, key);
      g = a->members->len;
      g_hash_table_insert (a->groups, key, GUINT_TO_POINTER (g));
      a->n_operations += v->kind == CHAIN_CELL_OPERATION;
    }
  else
    g_free (key);
  v->cell = g - 1;
  g_array_append_val (g_ptr_array_index (a->members, g - 1), i);
}

static void
group_vertices (ChainAssembly *a, ChainDetail detail, GHashTable *opened)
{
  for (guint i = 0; i < a->f->fine->len; i++)
    {
      const ChainFine *v = _chain_fine (a->f->fine, i);

      if (v->used && v->kind != CHAIN_CELL_CONSTANT)
        join_group (a, i, _chain_fold_key (a->f, i, detail, opened));
    }
}

/* A constant that is read inside one fold only is part of it. */
static void
swallow_constants (ChainAssembly *a)
{
  g_autofree guint *reader = g_new0 (guint, a->f->fine->len + 1);

  for (guint i = 0; i < a->f->wires->len; i++)
    {
      const ChainFineWire *w = _chain_fine_wire (a->f->wires, i);
      const ChainFine *to = _chain_fine (a->f->fine, w->to);

      if (to->used && reader[w->from] == 0)
        reader[w->from] = to->cell + 1;
      else if (to->used && reader[w->from] != to->cell + 1)
        reader[w->from] = G_MAXUINT;
    }
  for (guint i = 0; i < a->f->fine->len; i++)
    {
      ChainFine *v = _chain_fine (a->f->fine, i);

      if (!v->used || v->kind != CHAIN_CELL_CONSTANT)
        continue;
      if (reader[i] != G_MAXUINT && reader[i] > 0 && ((GArray *) g_ptr_array_index (a->members, reader[i] - 1))->len > 1)
        {
          v->cell = reader[i] - 1;
          g_array_prepend_val (g_ptr_array_index (a->members, v->cell), i);
        }
      else
        join_group (a, i, _chain_fold_own (a->f, i));
    }
}

static guint
edge_between (ChainAssembly *a, GHashTable *seen, guint from, guint to)
{
  guint64 key = (guint64) from << 32 | to;
  guint e = GPOINTER_TO_UINT (g_hash_table_lookup (seen, &key));

  if (e > 0)
    return e - 1;
  g_array_append_val (a->edges, ((ChainEdge){ from, to, g_array_new (FALSE, FALSE, sizeof (guint)) }));
  e = a->edges->len;
  g_hash_table_insert (seen, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (e));
  g_array_append_val (g_ptr_array_index (a->readers, from), ((guint){ e - 1 }));
  return e - 1;
}

static void
group_wires (ChainAssembly *a)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < a->f->wires->len; i++)
    {
      const ChainFineWire *w = _chain_fine_wire (a->f->wires, i);
      const ChainFine *from = _chain_fine (a->f->fine, w->from), *to = _chain_fine (a->f->fine, w->to);
      guint edge;

      if (!to->used || from->cell == to->cell)
        continue;
      edge = edge_between (a, seen, from->cell, to->cell);
      g_array_append_val (g_array_index (a->edges, ChainEdge, edge).inside, i);
    }
}

static void
assembly_clear (ChainAssembly *a)
{
  for (guint i = 0; a->edges != NULL && i < a->edges->len; i++)
    g_clear_pointer (&g_array_index (a->edges, ChainEdge, i).inside, g_array_unref);
  g_clear_pointer (&a->edges, g_array_unref);
  g_clear_pointer (&a->members, g_ptr_array_unref);
  g_clear_pointer (&a->readers, g_ptr_array_unref);
  g_clear_pointer (&a->groups, g_hash_table_unref);
  g_clear_pointer (&a->keys, g_ptr_array_unref);
  g_clear_pointer (&a->order, g_array_unref);
  g_clear_pointer (&a->place, g_free);
  g_clear_pointer (&a->f, _chain_fine_free);
}

static void
free_list (gpointer p)
{
  g_array_unref (p);
}

/* FALSE: groups read each other at this level. */
static gboolean
assemble (ChainAssembly *a, const ChainTrace *t, ChainDetail detail, GHashTable *opened, gboolean scalars)
{
  assembly_clear (a);
  a->f = _chain_fine_new (t, scalars);
  a->members = g_ptr_array_new_with_free_func (free_list);
  a->readers = g_ptr_array_new_with_free_func (free_list);
  a->keys = g_ptr_array_new_with_free_func (g_free);
  a->groups = g_hash_table_new (g_str_hash, g_str_equal);
  a->edges = g_array_new (FALSE, FALSE, sizeof (ChainEdge));
  a->order = g_array_new (FALSE, FALSE, sizeof (guint));
  a->n_operations = 0;
  a->detail = !a->f->scalars && detail == CHAIN_DETAIL_UNITS ? CHAIN_DETAIL_LAYERS : detail;
  a->opened = opened;
  group_vertices (a, a->detail, opened);
  swallow_constants (a);
  group_wires (a);
  a->place = g_new0 (guint, a->members->len + 1);
  return sort_groups (a);
}

static GHashTable *
parse_opened (const char *opened)
{
  GHashTable *set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) part = g_strsplit (opened != NULL ? opened : "", " ", -1);

  for (guint i = 0; part[i] != NULL; i++)
    if (part[i][0] != '\0')
      g_hash_table_add (set, g_strdup (part[i]));
  return set;
}

static char *
why_matrices (const ChainTrace *t, const ChainAssembly *a, guint n)
{
  if (t->row < 0)
    return g_strdup (_("A whole mini-batch: matrices are shown"));
  if (n == 0)
    return g_strdup (_("Very many operations: matrices are shown"));
  return g_strdup_printf (ngettext ("%u operation: matrices are shown", "%u operations: matrices are shown", n), n);
}

static void
cell_clear (gpointer p)
{
  ChainCell *c = p;

  g_free (c->id);
  g_clear_pointer (&c->name, chain_maths_unref);
  g_clear_pointer (&c->making, chain_maths_unref);
}

static void
wire_clear (gpointer p)
{
  g_clear_pointer (&((ChainWire *) p)->local, chain_maths_unref);
}

static ChainDiagram *
diagram_alloc (const ChainTrace *t, ChainDetail detail)
{
  ChainDiagram *d = g_new0 (ChainDiagram, 1);

  d->ref_count = 1;
  d->model = chain_model_ref (t->model);
  d->detail = detail;
  d->cells = g_array_new (FALSE, TRUE, sizeof (ChainCell));
  d->wires = g_array_new (FALSE, TRUE, sizeof (ChainWire));
  d->events = g_array_new (FALSE, TRUE, sizeof (ChainEventRow));
  d->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_array_set_clear_func (d->cells, cell_clear);
  g_array_set_clear_func (d->wires, wire_clear);
  d->p = g_new0 (struct _ChainDiagramPrivate, 1);
  d->p->members = g_ptr_array_new_with_free_func (free_list);
  d->p->inside = g_ptr_array_new_with_free_func (free_list);
  d->p->wires_in = g_ptr_array_new_with_free_func (free_list);
  d->p->wires_out = g_ptr_array_new_with_free_func (free_list);
  d->p->numbered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  d->p->watched = G_MAXUINT;
  return d;
}

ChainDiagram *
chain_diagram_new (const ChainTrace *t, ChainDetail detail, const char *opened, const char *watched)
{
  g_autoptr (GHashTable) set = parse_opened (opened);
  ChainDiagram *d = diagram_alloc (t, detail);
  ChainAssembly a = { 0 };
  gboolean scalars = t->row >= 0;
  guint n;

  if (detail == CHAIN_DETAIL_NODES)
    {
      _chain_diagram_nodes (d, t);
      return d;
    }
  if (!assemble (&a, t, detail, set, scalars))
    assemble (&a, t, CHAIN_DETAIL_OPERATIONS, set, scalars);
  n = a.f->scalars ? a.n_operations : 0;
  if (a.f->scalars && n > CHAIN_DETAIL_MOST)
    {
      if (!assemble (&a, t, detail, set, FALSE))
        assemble (&a, t, CHAIN_DETAIL_OPERATIONS, set, FALSE);
    }
  d->scalars = a.f->scalars;
  if (!d->scalars && detail != CHAIN_DETAIL_LAYERS)
    d->note = why_matrices (t, &a, n);
  _chain_diagram_fill (d, t, &a, watched);
  assembly_clear (&a);
  return d;
}

ChainDiagram *
chain_diagram_ref (ChainDiagram *d)
{
  g_atomic_int_inc (&d->ref_count);
  return d;
}

void
chain_diagram_unref (ChainDiagram *d)
{
  if (d == NULL || !g_atomic_int_dec_and_test (&d->ref_count))
    return;
  g_array_unref (d->cells);
  g_array_unref (d->wires);
  g_array_unref (d->events);
  g_hash_table_unref (d->by_id);
  g_clear_pointer (&d->p->fine, g_array_unref);
  g_clear_pointer (&d->p->fine_wires, g_array_unref);
  g_ptr_array_unref (d->p->members);
  g_ptr_array_unref (d->p->inside);
  g_ptr_array_unref (d->p->wires_in);
  g_ptr_array_unref (d->p->wires_out);
  g_hash_table_unref (d->p->numbered);
  g_free (d->p);
  g_free (d->note);
  chain_model_free (d->model);
  g_free (d);
}

const ChainCell *
chain_diagram_cell (const ChainDiagram *d, guint i)
{
  g_assert (i < d->cells->len);
  return &g_array_index (d->cells, ChainCell, i);
}

const ChainCell *
chain_diagram_find (const ChainDiagram *d, const char *id)
{
  guint i = GPOINTER_TO_UINT (g_hash_table_lookup (d->by_id, id));

  return i > 0 ? chain_diagram_cell (d, i - 1) : NULL;
}
