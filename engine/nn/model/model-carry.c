/* SPDX-License-Identifier: Apache-2.0 */
/* Values of another model into an executor, after an edit of structure.
 *
 * Carrying over goes by identity, not by position (ARCHITECTURE 9.8). Each column of a layer's weight belongs to one unit of some dense
 * layer, or to one named input; its key is "<layer>/<unit id>" or "/<input name>". Activation, dropout and normalisation hand the keys of
 * their input on, a sum has those of its first input, a join those of all. A row or column that has the same key before and after keeps
 * its numbers, whatever stands around it; everything else keeps what the initialiser gave it. */
#include "engine/nn/model/model-carry.h"

#include "engine/nn/edit.h"

#include <math.h>

char *
_chain_unit_key (const char *layer, guint32 id)
{
  return g_strdup_printf ("%s/%u", layer, id);
}

static void
append_copies (GPtrArray *to, const GPtrArray *from)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_strdup (from->pdata[i]));
}

/* Keys of what a source gives; known: those of the layers before, by id. */
static GPtrArray *
source_keys (const ChainModel *m, GHashTable *known, const char *source)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *of_layer = g_hash_table_lookup (known, source);
  guint at = 0, end = m->d;
  if (of_layer)
    {
      append_copies (keys, of_layer);
      return keys;
    }
  for (guint i = 0, sum = 0; i < m->spec->inputs->len; i++)
    {
      const ChainInput *in = m->spec->inputs->pdata[i];
      if (g_str_equal (in->name, source))
        {
          at = sum;
          end = sum + in->size;
        }
      sum += in->size;
    }
  for (guint i = at; i < end; i++)
    g_ptr_array_add (keys, g_strdup_printf ("/%s", m->input_names[i]));
  return keys;
}

static GPtrArray *
layer_input_keys (const ChainModel *m, GHashTable *known, const ChainLayer *l)
{
  gboolean join = g_str_equal (l->type, "concat");
  GPtrArray *keys = source_keys (m, known, l->inputs->pdata[0]);
  for (guint i = 1; join && i < l->inputs->len; i++)
    {
      g_autoptr (GPtrArray) more = source_keys (m, known, l->inputs->pdata[i]);
      append_copies (keys, more);
    }
  return keys;
}

/* What a layer gives: its own units if it is dense, else what it reads; where the number changes on the way (pieces of a maxout), keys
 * of its own. */
static GPtrArray *
layer_output_keys (const ChainLayer *l, const ChainLayerInfo *info, GPtrArray *in)
{
  if (!g_str_equal (l->type, "dense") && in->len == info->width)
    return g_ptr_array_ref (in);
  GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < info->width; i++)
    g_ptr_array_add (keys, _chain_unit_key (l->id, i < l->unit_ids->len ? g_array_index (l->unit_ids, guint32, i) : i));
  return keys;
}

ChainKeys
_chain_keys_of (const ChainModel *m)
{
  ChainKeys k = { g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref),
                  g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref) };
  for (guint i = 0; i < m->spec->layers->len; i++)
    {
      const ChainLayer *l = m->spec->layers->pdata[i];
      GPtrArray *in = layer_input_keys (m, k.out, l);
      g_hash_table_insert (k.in, l->id, in);
      g_hash_table_insert (k.out, l->id, layer_output_keys (l, &g_array_index (m->layers, ChainLayerInfo, i), in));
    }
  return k;
}

void
_chain_keys_clear (ChainKeys *k)
{
  g_hash_table_unref (k->in);
  g_hash_table_unref (k->out);
}

static const char *
aliased (const ChainKeyChange *change, const char *key)
{
  const char *from = change ? g_hash_table_lookup (change->alias, key) : NULL;
  return from ? from : key;
}

/* from[i] = position in `old` of the key at position i of `now`, or -1. */
static int *
match_keys (const GPtrArray *now, const GPtrArray *old, const ChainKeyChange *change)
{
  g_autoptr (GHashTable) at = g_hash_table_new (g_str_hash, g_str_equal);
  int *from = g_new (int, now->len + 1);
  for (guint i = old->len; i-- > 0;)
    g_hash_table_insert (at, old->pdata[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < now->len; i++)
    from[i] = (int) GPOINTER_TO_UINT (g_hash_table_lookup (at, aliased (change, now->pdata[i]))) - 1;
  return from;
}

/* Where each row and column of a tensor comes from, and which units they are copies of (NULL: none). */
typedef struct { int *rows, *cols; const ChainShare **made, **read; } Places;

static void
places_clear (Places *p)
{
  g_free (p->rows);
  g_free (p->cols);
  g_free (p->made);
  g_free (p->read);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Places, places_clear)

/* kind: of the parameter itself (a moment goes with its owner); it may have one row or column only. */
static Places
match_tensor (const ChainTensorInfo *t, ChainParamKind kind, const ChainKeys *now, const ChainKeys *old, const ChainKeyChange *change)
{
  GPtrArray *out = g_hash_table_lookup (now->out, t->layer), *old_out = g_hash_table_lookup (old->out, t->layer);
  GPtrArray *in = g_hash_table_lookup (now->in, t->layer), *old_in = g_hash_table_lookup (old->in, t->layer);
  gboolean weight = kind == CHAIN_PARAM_WEIGHT;
  Places p = { NULL, NULL, NULL, NULL };
  p.rows = weight && t->rows == out->len ? match_keys (out, old_out, change) : g_new0 (int, 1 + t->rows);
  p.cols = weight && t->cols == in->len     ? match_keys (in, old_in, change)
           : !weight && t->cols == out->len ? match_keys (out, old_out, change)
                                            : g_new0 (int, 1 + t->cols);
  return p;
}

static const ChainShare **
shares_of (GHashTable *shares, const GPtrArray *keys)
{
  const ChainShare **f = g_new (const ChainShare *, keys->len + 1);
  for (guint i = 0; i < keys->len; i++)
    f[i] = g_hash_table_lookup (shares, keys->pdata[i]);
  return f;
}

/* Only numbers that stand for the parameter itself are shared out: it, and the averages that optimisers keep of it. made: of the rows of a weight,
 * or the entries of a bias; read: of the columns. */
static void
add_shares (Places *p, const ChainTensorInfo *t, ChainParamKind kind, const ChainKeys *now, const ChainKeyChange *change)
{
  const GPtrArray *out = g_hash_table_lookup (now->out, t->layer), *in = g_hash_table_lookup (now->in, t->layer);
  if (!change || !change->shares || (t->kind == CHAIN_PARAM_MOMENT && !isnan (t->start)))
    return;
  if (kind == CHAIN_PARAM_WEIGHT && t->rows == out->len && t->cols == in->len)
    {
      p->made = shares_of (change->shares, out);
      p->read = shares_of (change->shares, in);
    }
  else if (kind == CHAIN_PARAM_BIAS && t->cols == out->len)
    p->made = shares_of (change->shares, out);
}

/* Shares are multiples of 2⁻²³ of the weight's power of two, so that their sum is exact in f32 too. */
double
_chain_share_of (const ChainShare *s, double weight)
{
  int exponent;
  double grain, rest = weight;
  frexp (weight, &exponent);
  grain = ldexp (1, exponent - 24);
  for (guint i = 0; i < s->n; i++)
    {
      double place = 2.0 * i / MAX (s->n - 1, 1) - 1, part = i + 1 < s->n ? rint (weight * (1 + place / 4) / s->n / grain) * grain : rest;
      if (i == s->index)
        return part / s->in;
      rest -= part;
    }
  return weight;
}

static double
shared (const Places *p, gboolean vector, guint i, guint j, double value)
{
  const ChainShare *made = p->made ? p->made[vector ? j : i] : NULL, *read = p->read ? p->read[j] : NULL;
  double v = made ? value * made->in : value;
  return read ? _chain_share_of (read, v) : v;
}

static void
copy_entries (double *to, const ChainTensorInfo *t, const double *from, const ChainTensorInfo *f, const Places *p)
{
  gboolean vector = p->read == NULL;
  for (guint i = 0; i < t->rows; i++)
    for (guint j = 0; p->rows[i] >= 0 && (guint) p->rows[i] < f->rows && j < t->cols; j++)
      if (p->cols[j] >= 0 && (guint) p->cols[j] < f->cols)
        to[(gsize) i * t->cols + j] = shared (p, vector, i, j, from[(gsize) p->rows[i] * f->cols + p->cols[j]]);
}

static void
carry_tensor (ChainExec *x_from, const ChainTensorInfo *f, ChainExec *x_to, const ChainTensorInfo *t, ChainParamKind kind,
              const ChainKeys *now, const ChainKeys *old, const ChainKeyChange *change)
{
  gsize n = (gsize) t->rows * t->cols, n_from = (gsize) f->rows * f->cols;
  g_autofree double *to = g_new0 (double, n), *from = g_new0 (double, n_from);
  if (!g_hash_table_contains (old->out, t->layer) || !chain_exec_read_leaf (x_to, t->leaf, to, n)
      || !chain_exec_read_leaf (x_from, f->leaf, from, n_from))
    return;
  g_auto (Places) p = match_tensor (t, kind, now, old, change);
  add_shares (&p, t, kind, now, change);
  copy_entries (to, t, from, f, &p);
  chain_exec_write (x_to, t->leaf, 1, to, n, NULL);
}

static gboolean
same_optimiser (const ChainSpec *a, const ChainSpec *b)
{
  return g_strcmp0 (a->optimiser.id, b->optimiser.id) == 0 && g_strcmp0 (a->optimiser.variant, b->optimiser.variant) == 0;
}

static void
carry_scalars (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to, gboolean moments)
{
  for (guint i = 0; i < to->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (to->scalars, ChainScalarInfo, i);
      for (guint j = 0; j < from->scalars->len; j++)
        {
          const ChainScalarInfo *f = &g_array_index (from->scalars, ChainScalarInfo, j);
          if (g_str_equal (s->name, f->name) && (moments || s->leaf == to->seed_step))
            chain_exec_set_scalar (x_to, s->leaf, chain_exec_get_scalar (x_from, f->leaf));
        }
    }
}

void
_chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to, const ChainKeyChange *change)
{
  ChainKeys now = _chain_keys_of (to), old = _chain_keys_of (from);
  gboolean moments = same_optimiser (from->spec, to->spec);
  GArray *const tensors[] = { to->params, to->buffers, to->moments };
  for (guint k = 0; k < (moments ? 3 : 2); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      {
        const ChainTensorInfo *t = &g_array_index (tensors[k], ChainTensorInfo, i);
        const ChainTensorInfo *f = chain_model_tensor (from, t->name);
        if (f && f->kind == t->kind)
          carry_tensor (x_from, f, x_to, t, k == 2 ? _chain_model_param (to, t->owner)->kind : t->kind, &now, &old, change);
      }
  carry_scalars (from, x_from, to, x_to, moments);
  _chain_keys_clear (&now);
  _chain_keys_clear (&old);
}

void
chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to)
{
  _chain_model_carry (from, x_from, to, x_to, NULL);
}

/* --- what an edit costs --- */
static guint64
count_kept (const ChainTensorInfo *f, const ChainTensorInfo *t, const ChainKeys *old, const ChainKeys *now)
{
  guint64 rows = 0, cols = 0;
  if (!t || t->kind != f->kind || !g_hash_table_contains (now->out, f->layer))
    return 0;
  g_auto (Places) p = match_tensor (f, f->kind, old, now, NULL);
  for (guint i = 0; i < f->rows; i++)
    rows += p.rows[i] >= 0 && (guint) p.rows[i] < t->rows;
  for (guint j = 0; j < f->cols; j++)
    cols += p.cols[j] >= 0 && (guint) p.cols[j] < t->cols;
  return rows * cols;
}

GArray *
chain_model_lost (const ChainModel *from, const ChainModel *to)
{
  GArray *lost = g_array_new (FALSE, FALSE, sizeof (ChainLost));
  ChainKeys now = _chain_keys_of (to), old = _chain_keys_of (from);
  for (guint i = 0; i < from->params->len; i++)
    {
      const ChainTensorInfo *f = &g_array_index (from->params, ChainTensorInfo, i);
      guint64 n = (guint64) f->rows * f->cols - count_kept (f, chain_model_tensor (to, f->name), &old, &now);
      if (n)
        g_array_append_val (lost, ((ChainLost){ f->name, f->layer, f->kind, n }));
    }
  _chain_keys_clear (&now);
  _chain_keys_clear (&old);
  return lost;
}
