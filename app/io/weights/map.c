/* SPDX-License-Identifier: Apache-2.0 */
/* The proposal, in three passes. A tensor that has a parameter's own name goes there. Then the tensors of each layer of the file stay together:
 * the layers of the file, in order, are laid against the layers of the network that are still free, each at the first that takes all that it
 * brings. Files are sorted by name as a rule, so "10.weight" stands before "2.weight": layers whose names differ in numbers only are counted
 * through. A weight matrix that fits only transposed is one of a library that stores inputs × outputs (Keras, Flax), and is turned; a square
 * one is turned only where it is called a kernel. */
#include "config.h"

#include "app/io/weights-map.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/io/weights/names.h"

typedef struct { char *layer; ChainTensorWord word; gboolean kernel; guint at, stem_at; } Name;   /* stem_at: where its like began */

typedef struct { const char *layer; guint stem_at; GArray *rows; } Group;   /* rows: of guint */

static void
row_free (gpointer p)
{
  ChainMapRow *r = p;

  g_free (r->note);
  g_free (r);
}

static void
target_free (gpointer p)
{
  ChainMapTarget *t = p;

  g_free (t->name);
  g_free (t->layer);
  g_free (t);
}

void
chain_weights_map_free (ChainWeightsMap *map)
{
  if (map == NULL)
    return;
  g_ptr_array_unref (map->rows);
  g_ptr_array_unref (map->targets);
  g_hash_table_unref (map->named);
  g_hash_table_unref (map->layered);
  chain_tensor_file_free (map->file);
  g_free (map);
}

static ChainMapRow *
row_at (const ChainWeightsMap *map, guint i)
{
  return g_ptr_array_index (map->rows, i);
}

static const ChainMapTarget *
target_at (const ChainWeightsMap *map, guint i)
{
  return g_ptr_array_index (map->targets, i);
}

int
chain_weights_map_source (const ChainWeightsMap *map, guint target)
{
  return target_at (map, target)->from;
}

guint
chain_weights_map_used (const ChainWeightsMap *map)
{
  guint n = 0;

  for (guint i = 0; i < map->rows->len; i++)
    n += row_at (map, i)->to >= 0;
  return n;
}

/* --- does it fit --- */
static gboolean
is_kernel (const ChainFileTensor *t)
{
  g_autofree char *layer = NULL;
  gboolean kernel;

  _chain_tensor_name_read (t->name, &layer, &kernel);
  return kernel;
}

gboolean
chain_weights_map_fits (const ChainWeightsMap *map, guint row, guint target, gboolean *transposed)
{
  const ChainFileTensor *t = row_at (map, row)->tensor;
  const ChainMapTarget *to = target_at (map, target);
  guint64 r = t->rank == 2 ? t->shape[0] : 1, c = t->rank == 2 ? t->shape[1] : t->n;
  gboolean line = to->rows == 1 || to->cols == 1, straight = r == to->rows && c == to->cols, turned = r == to->cols && c == to->rows;
  gboolean turn = t->rank == 2 && turned && !line && (!straight || is_kernel (t));

  if (transposed != NULL)
    *transposed = turn;
  if (t->rank > 2 || t->n == 0)
    return FALSE;
  /* one row or one column is the same numbers either way */
  return turn || straight || (line && turned);
}

/* A batch normalisation's gamma is PyTorch's "weight", its beta the "bias". */
static gboolean
word_suits (ChainTensorWord word, ChainParamKind kind, const char *name)
{
  switch (kind)
    {
    case CHAIN_PARAM_WEIGHT: return word == CHAIN_TENSOR_WEIGHT;
    case CHAIN_PARAM_GAMMA: return word == CHAIN_TENSOR_SCALE || word == CHAIN_TENSOR_WEIGHT;
    case CHAIN_PARAM_BIAS:
    case CHAIN_PARAM_BETA: return word == CHAIN_TENSOR_BIAS;
    case CHAIN_PARAM_SLOPE: return word == CHAIN_TENSOR_SLOPE || word == CHAIN_TENSOR_WEIGHT;
    case CHAIN_PARAM_BUFFER: return word == (g_str_has_suffix (name, "_mean") ? CHAIN_TENSOR_MEAN : CHAIN_TENSOR_VAR);
    case CHAIN_PARAM_MOMENT:
    default: return FALSE;
    }
}

static void
give (ChainWeightsMap *map, guint row, guint target, ChainMapBy by)
{
  ChainMapRow *r = row_at (map, row);

  r->to = (int) target;
  r->by = by;
  ((ChainMapTarget *) g_ptr_array_index (map->targets, target))->from = (int) row;
  chain_weights_map_fits (map, row, target, &r->transposed);
}

/* --- first pass --- */
/* The parameter that one would expect by the name; -1. */
static int
namesake (const ChainWeightsMap *map, guint row)
{
  return (int) GPOINTER_TO_UINT (g_hash_table_lookup (map->named, row_at (map, row)->tensor->name)) - 1;
}

/* The first one of a layer that is free and suits; -1. A file may have 65 536 tensors, so nothing here looks through all of them. */
static int
find_in_layer (const ChainWeightsMap *map, const char *layer, guint row, const Name *name)
{
  const GArray *of = g_hash_table_lookup (map->layered, layer);

  for (guint i = 0; of != NULL && i < of->len; i++)
    {
      guint k = g_array_index (of, guint, i);

      if (word_suits (name->word, target_at (map, k)->kind, target_at (map, k)->name) && chain_weights_map_source (map, k) < 0
          && chain_weights_map_fits (map, row, k, NULL))
        return (int) k;
    }
  return -1;
}

static void
match_names (ChainWeightsMap *map, const GArray *names)
{
  for (guint i = 0; i < map->rows->len; i++)
    {
      const Name *name = &g_array_index (names, Name, i);
      int same = namesake (map, i);

      if (same < 0 || chain_weights_map_source (map, (guint) same) >= 0 || !chain_weights_map_fits (map, i, (guint) same, NULL))
        same = find_in_layer (map, name->layer, i, name);
      if (same >= 0)
        give (map, i, (guint) same, CHAIN_MAP_BY_NAME);
    }
}

/* --- second pass --- */

/* All that the group brings and that has a known word must find its place; at least one does. */
static gboolean
group_fits (const ChainWeightsMap *map, const Group *g, const char *layer, const GArray *names)
{
  guint placed = 0;

  for (guint i = 0; i < g->rows->len; i++)
    {
      guint row = g_array_index (g->rows, guint, i);
      const Name *name = &g_array_index (names, Name, row);

      if (name->word == CHAIN_TENSOR_OTHER)
        continue;
      if (row_at (map, row)->to >= 0 || find_in_layer (map, layer, row, name) < 0)
        return FALSE;
      placed++;
    }
  return placed > 0;
}

static void
place_group (ChainWeightsMap *map, const Group *g, const char *layer, const GArray *names)
{
  for (guint i = 0; i < g->rows->len; i++)
    {
      guint row = g_array_index (g->rows, guint, i);
      int target = find_in_layer (map, layer, row, &g_array_index (names, Name, row));

      if (target >= 0)
        give (map, row, (guint) target, CHAIN_MAP_BY_ORDER);
    }
}

static const char *
next_layer (const ChainWeightsMap *map, guint *at)
{
  const char *layer = target_at (map, *at)->layer;

  while (*at < map->targets->len && strcmp (target_at (map, *at)->layer, layer) == 0)
    (*at)++;
  return layer;
}

static void
match_order (ChainWeightsMap *map, const GArray *groups, const GArray *names)
{
  guint from = 0;

  for (guint i = 0; i < groups->len; i++)
    {
      const Group *g = &g_array_index (groups, Group, i);

      if (i > 0 && g->stem_at != g_array_index (groups, Group, i - 1).stem_at)
        from = 0;
      for (guint at = from; at < map->targets->len; )
        {
          const char *layer = next_layer (map, &at);

          if (!group_fits (map, g, layer, names))
            continue;
          place_group (map, g, layer, names);
          from = at;
          break;
        }
    }
}

/* --- notes --- */
static char *
shape_text (guint rows, guint cols, gboolean vector)
{
  return vector ? g_strdup_printf ("%u", cols) : g_strdup_printf ("%u × %u", rows, cols);
}

char *
chain_weights_map_shape (const ChainFileTensor *t)
{
  GString *text = g_string_new (t->rank == 0 ? _("one number") : NULL);

  for (guint i = 0; i < t->rank; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? " × " : "", t->shape[i]);
  return g_string_free (text, FALSE);
}

static gboolean
fits_anywhere (const ChainWeightsMap *map, guint row)
{
  for (guint k = 0; k < map->targets->len; k++)
    if (chain_weights_map_fits (map, row, k, NULL))
      return TRUE;
  return FALSE;
}

static char *
why_unused (const ChainWeightsMap *map, guint row)
{
  const ChainMapRow *r = row_at (map, row);
  int same = namesake (map, row);

  if (r->tensor->n == 0)
    return g_strdup (_("has no numbers"));
  if (r->tensor->rank > 2)
    return g_strdup_printf (_("has %u axes; parameters here have two at most"), r->tensor->rank);
  if (same >= 0 && !chain_weights_map_fits (map, row, (guint) same, NULL))
    {
      const ChainMapTarget *t = target_at (map, (guint) same);
      g_autofree char *shape = shape_text (t->rows, t->cols, t->kind != CHAIN_PARAM_WEIGHT);

      return g_strdup_printf (_("%s is %s in this network"), t->name, shape);
    }
  return g_strdup (fits_anywhere (map, row) ? _("the layer it belongs to does not fit as a whole, or is filled already; choose a parameter if you know better")
                                            : _("no parameter of this network has this shape"));
}

static void
explain (ChainWeightsMap *map)
{
  for (guint i = 0; i < map->rows->len; i++)
    {
      ChainMapRow *r = row_at (map, i);

      g_clear_pointer (&r->note, g_free);
      if (r->to < 0)
        r->note = r->by == CHAIN_MAP_BY_HAND ? NULL : why_unused (map, i);
      else if (r->transposed)
        r->note = g_strdup (_("transposed: the file has inputs × outputs"));
    }
}

/* --- making --- */
static void
add_targets (GPtrArray *targets, const GArray *infos)
{
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainTensorInfo *info = &g_array_index (infos, ChainTensorInfo, i);
      ChainMapTarget *t = g_new (ChainMapTarget, 1);

      *t = (ChainMapTarget){ g_strdup (info->name), g_strdup (info->layer), info->kind, info->rows, info->cols, -1 };
      g_ptr_array_add (targets, t);
    }
}

static void
name_clear (gpointer p)
{
  g_free (((Name *) p)->layer);
}

static void
group_clear (gpointer p)
{
  g_array_unref (((Group *) p)->rows);
}

/* Layers whose names differ in numbers only are counted through; else as they come. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  const Name *x = a, *y = b;
  int c = x->stem_at != y->stem_at ? (x->stem_at < y->stem_at ? -1 : 1) : _chain_tensor_name_compare (x->layer, y->layer);

  if (c == 0)
    c = (int) x->word - (int) y->word;
  return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

static GArray *
read_names (const ChainTensorFile *file)
{
  GArray *names = g_array_new (FALSE, FALSE, sizeof (Name));
  g_autoptr (GHashTable) stems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_array_set_clear_func (names, name_clear);
  for (guint i = 0; i < file->tensors->len; i++)
    {
      Name n = { .at = i };
      char *stem;

      n.word = _chain_tensor_name_read (((const ChainFileTensor *) g_ptr_array_index (file->tensors, i))->name, &n.layer, &n.kernel);
      stem = _chain_tensor_name_stem (n.layer);
      if (!g_hash_table_contains (stems, stem))
        g_hash_table_insert (stems, g_strdup (stem), GUINT_TO_POINTER (i));
      n.stem_at = GPOINTER_TO_UINT (g_hash_table_lookup (stems, stem));
      g_free (stem);
      g_array_append_val (names, n);
    }
  g_array_sort (names, compare_names);
  return names;
}

static GArray *
read_groups (const GArray *names)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (Group));

  g_array_set_clear_func (groups, group_clear);
  for (guint i = 0; i < names->len; i++)
    {
      const char *layer = g_array_index (names, Name, i).layer;
      guint at = GPOINTER_TO_UINT (g_hash_table_lookup (known, layer));

      if (at == 0)
        {
          Group g = { layer, g_array_index (names, Name, i).stem_at, g_array_new (FALSE, FALSE, sizeof (guint)) };

          g_array_append_val (groups, g);
          at = groups->len;
          g_hash_table_insert (known, (gpointer) layer, GUINT_TO_POINTER (at));
        }
      g_array_append_val (g_array_index (groups, Group, at - 1).rows, i);
    }
  return groups;
}

static void
index_targets (ChainWeightsMap *map)
{
  map->named = g_hash_table_new (g_str_hash, g_str_equal);
  map->layered = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  for (guint k = 0; k < map->targets->len; k++)
    {
      const ChainMapTarget *t = target_at (map, k);
      GArray *of = g_hash_table_lookup (map->layered, t->layer);

      if (of == NULL)
        g_hash_table_insert (map->layered, t->layer, of = g_array_new (FALSE, FALSE, sizeof (guint)));
      g_array_append_val (of, k);
      g_hash_table_insert (map->named, t->name, GUINT_TO_POINTER (k + 1));
    }
}

ChainWeightsMap *
chain_weights_map_new (ChainTensorFile *file, const ChainModel *m)
{
  ChainWeightsMap *map = g_new0 (ChainWeightsMap, 1);
  g_autoptr (GArray) names = read_names (file), groups = read_groups (names);

  map->file = file;
  map->rows = g_ptr_array_new_with_free_func (row_free);
  map->targets = g_ptr_array_new_with_free_func (target_free);
  for (guint i = 0; i < names->len; i++)
    {
      ChainMapRow *r = g_new0 (ChainMapRow, 1);

      r->tensor = g_ptr_array_index (file->tensors, g_array_index (names, Name, i).at);
      r->to = -1;
      g_ptr_array_add (map->rows, r);
    }
  add_targets (map->targets, m->params);
  add_targets (map->targets, m->buffers);
  index_targets (map);
  match_names (map, names);
  match_order (map, groups, names);
  explain (map);
  return map;
}

gboolean
chain_weights_map_set (ChainWeightsMap *map, guint row, int target)
{
  ChainMapRow *r = row_at (map, row);
  int before;

  if (target >= 0 && !chain_weights_map_fits (map, row, (guint) target, NULL))
    return FALSE;
  before = target >= 0 ? chain_weights_map_source (map, (guint) target) : -1;
  if (before >= 0)
    *row_at (map, (guint) before) = (ChainMapRow){ row_at (map, (guint) before)->tensor, -1, CHAIN_MAP_BY_HAND, FALSE, row_at (map, (guint) before)->note };
  if (r->to >= 0)
    ((ChainMapTarget *) g_ptr_array_index (map->targets, (guint) r->to))->from = -1;
  r->to = -1;
  r->transposed = FALSE;
  r->by = CHAIN_MAP_BY_HAND;
  if (target >= 0)
    give (map, row, (guint) target, CHAIN_MAP_BY_HAND);
  explain (map);
  return TRUE;
}
