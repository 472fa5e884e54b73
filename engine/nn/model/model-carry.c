/* SPDX-License-Identifier: Apache-2.0 */
/* Values into an executor: first ones from the initialisers, those of another model after an edit of structure, hyperparameters.
 *
 * Carrying over goes by identity, not by position (ARCHITECTURE 9.8). Each column of a layer's weight belongs to one unit of some dense
 * layer, or to one named input; its key is "<layer>/<unit id>" or "/<input name>". Activation, dropout and normalisation hand the keys of
 * their input on, a sum has those of its first input, a join those of all. A row or column that has the same key before and after keeps
 * its numbers, whatever stands around it; everything else keeps what the initialiser gave it. */
#include "engine/nn/model/model-private.h"
#include "engine/nn/table/rows.h"

#include <math.h>
#include <string.h>

/* --- first values --- */
static void
fill_with (const ChainChoice *own, const ChainChoice *common, double *w, guint fan_out, guint fan_in, uint64_t seed, const char *object)
{
  const ChainChoice *c = own->id ? own : common;
  const ChainInitRow *row = chain_init_row (c->id);
  ChainParams params = { &row->info, c };
  row->fill (w, fan_out, fan_in, &params, seed, chain_stream_object (object));
}

/* A bias is drawn as one column of a block with its layer's fan-in, so that rules that hang on the fan-in mean the same for it. */
static void
fill_bias (const ChainModel *m, const ChainTensorInfo *t, double *out, uint64_t seed)
{
  const ChainTensorInfo *w = NULL;
  for (guint i = 0; i < m->layers->len && !w; i++)
    {
      const ChainLayerInfo *info = &g_array_index (m->layers, ChainLayerInfo, i);
      w = g_str_equal (info->id, t->layer) && info->weight >= 0 ? _chain_model_param (m, (guint) info->weight) : NULL;
    }
  guint fan_in = w ? w->cols : 1;
  g_autofree double *block = g_new0 (double, (gsize) t->cols * fan_in);
  fill_with (&m->spec->bias_initialiser, &m->spec->bias_initialiser, block, t->cols, fan_in, seed, t->name);
  for (guint i = 0; i < t->cols; i++)
    out[i] = block[(gsize) i * fan_in];
}

static const ChainChoice *
initialiser_of (const ChainModel *m, const char *layer)
{
  const ChainLayer *l = chain_spec_layer (m->spec, layer);
  return l->initialiser.id ? &l->initialiser : &m->spec->initialiser;
}

/* --- fixup: residual branches --- */
static gboolean
is_sum (const ChainLayer *l)
{
  return g_str_equal (l->type, "add") && l->inputs->len >= 2;
}

static guint
readers (const ChainSpec *spec, const char *id)
{
  guint n = 0;
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      for (guint k = 0; k < l->inputs->len; k++)
        n += g_str_equal (l->inputs->pdata[k], id);
    }
  return n;
}

/* Dense layers on the way back from an input of a sum through layers that nothing else reads, to where the ways part. place: that of `layer`
 * among them, counted from the sum; -1: it is not there. */
static guint
branch_layers (const ChainSpec *spec, const char *from, const char *layer, int *place)
{
  guint m = 0;
  *place = -1;
  for (const ChainLayer *l = chain_spec_layer (spec, from); l && l->inputs->len == 1 && readers (spec, l->id) == 1;
       l = chain_spec_layer (spec, l->inputs->pdata[0]))
    if (g_str_equal (l->type, "dense"))
      {
        *place = g_str_equal (l->id, layer) ? (int) m : *place;
        m++;
      }
  return m;
}

/* The way with the fewest layers is the skip connection, the first of them at a tie; the others are branches: 0 for the last layer of a
 * branch, L^(−1/(2m−2)) for those before, 1 for what is in none. */
static double
branch_factor (const ChainSpec *spec, const ChainLayer *sum, const char *layer, guint branches)
{
  guint skip = 0, shortest = G_MAXUINT;
  int place;
  for (guint k = 0; k < sum->inputs->len; k++)
    {
      guint m = branch_layers (spec, sum->inputs->pdata[k], layer, &place);
      skip = m < shortest ? k : skip;
      shortest = MIN (shortest, m);
    }
  for (guint k = 0; k < sum->inputs->len; k++)
    {
      guint m = branch_layers (spec, sum->inputs->pdata[k], layer, &place);
      if (k != skip && place >= 0)
        return place == 0 ? 0 : _chain_fixup_scale (branches, m);
    }
  return 1;
}

/* Factor on the He weights of a layer. */
static double
fixup_factor (const ChainSpec *spec, const char *layer)
{
  const char *last = ((const ChainLayer *) spec->layers->pdata[spec->layers->len - 1])->id;
  guint branches = 0;
  double factor = 1;
  for (guint i = 0; i < spec->layers->len; i++)
    branches += is_sum (spec->layers->pdata[i]) ? ((const ChainLayer *) spec->layers->pdata[i])->inputs->len - 1 : 0;
  for (guint i = 0; branches && i < MAX (spec->outputs->len, 1); i++)
    if (g_str_equal (spec->outputs->len ? (const char *) spec->outputs->pdata[i] : last, layer))
      return 0;
  for (guint i = 0; i < spec->layers->len; i++)
    if (is_sum (spec->layers->pdata[i]))
      factor *= branch_factor (spec, spec->layers->pdata[i], layer, branches);
  return factor;
}

static gboolean
init_tensor (const ChainModel *m, ChainExec *x, const ChainTensorInfo *t, uint64_t seed, GError **error)
{
  gsize n = (gsize) t->rows * t->cols;
  g_autofree double *v = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    v[i] = t->start;
  if (t->kind == CHAIN_PARAM_MOMENT && isnan (t->start) && !chain_exec_read_leaf (x, _chain_model_param (m, t->owner)->leaf, v, n))
    return FALSE;
  if (t->kind == CHAIN_PARAM_WEIGHT)
    fill_with (&chain_spec_layer (m->spec, t->layer)->initialiser, &m->spec->initialiser, v, t->rows, t->cols, seed, t->layer);
  else if (t->kind == CHAIN_PARAM_BIAS)
    fill_bias (m, t, v, seed);
  if (t->kind == CHAIN_PARAM_WEIGHT && chain_init_row (initialiser_of (m, t->layer)->id)->after == CHAIN_INIT_AFTER_BRANCHES)
    {
      double factor = fixup_factor (m->spec, t->layer);
      for (gsize i = 0; i < n; i++)
        v[i] *= factor;
    }
  return chain_exec_write (x, t->leaf, 1, v, n, error);
}

gboolean
chain_model_init (const ChainModel *m, ChainExec *x, uint64_t seed, GError **error)
{
  GArray *const tensors[] = { m->params, m->buffers, m->moments };
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      if (!init_tensor (m, x, &g_array_index (tensors[k], ChainTensorInfo, i), seed, error))
        return FALSE;
  for (guint i = 0; i < m->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (m->scalars, ChainScalarInfo, i);
      chain_exec_set_scalar (x, s->leaf, s->start);
    }
  chain_exec_set_seed (x, seed);
  chain_model_set_hyper (m, x, m->spec);
  return TRUE;
}

/* --- LSUV --- */
static gboolean
wants_data (const ChainModel *m, const ChainLayerInfo *info)
{
  return info->weight >= 0 && chain_init_row (initialiser_of (m, info->id)->id)->after == CHAIN_INIT_AFTER_DATA;
}

gboolean
chain_model_wants_data (const ChainModel *m)
{
  for (guint i = 0; i < m->layers->len; i++)
    if (wants_data (m, &g_array_index (m->layers, ChainLayerInfo, i)))
      return TRUE;
  return FALSE;
}

/* Population variance over the whole batch and all units. */
static double
variance (const double *z, gsize n)
{
  double mean = 0, sum = 0;
  for (gsize i = 0; i < n; i++)
    mean += z[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    sum += (z[i] - mean) * (z[i] - mean);
  return sum / (double) n;
}

static gboolean
divide_weight (ChainExec *x, const ChainTensorInfo *w, double by, GError **error)
{
  gsize n = (gsize) w->rows * w->cols;
  g_autofree double *v = g_new (double, n);
  if (!chain_exec_read_leaf (x, w->leaf, v, n))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    v[i] /= by;
  return chain_exec_write (x, w->leaf, 1, v, n, error);
}

/* W ← W/√Var, at least once, until |Var − 1| < tol; a layer that gives the same for all rows and units cannot be scaled and stays. */
static gboolean
unit_variance (const ChainModel *m, ChainExec *x, ChainProgram p, const ChainLayerInfo *info, gint64 n, GError **error)
{
  const ChainChoice *c = initialiser_of (m, info->id);
  const ChainRowInfo *row = &chain_init_row (c->id)->info;
  double tol = _chain_choice_number (c, row, "tol", 0.1), rounds = _chain_choice_number (c, row, "rounds", 10);
  gsize size = (gsize) n * info->width;
  g_autofree double *z = g_new (double, size);
  for (guint round = 0; round < (guint) rounds; round++)
    {
      if (!chain_exec_run (x, p, n, error))
        return FALSE;
      double var = chain_exec_read (x, p, n, info->pre, z, size) ? variance (z, size) : 0;
      if (!(var > 0 && isfinite (var)) || (round > 0 && fabs (var - 1) < tol))
        break;
      if (!divide_weight (x, _chain_model_param (m, (guint) info->weight), sqrt (var), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
chain_model_init_data (const ChainModel *m, ChainExec *x, gint64 n, GError **error)
{
  if (!chain_model_wants_data (m))
    return TRUE;
  g_autofree ChainId *pre = g_new (ChainId, m->layers->len);
  for (guint i = 0; i < m->layers->len; i++)
    pre[i] = g_array_index (m->layers, ChainLayerInfo, i).pre;
  ChainProgram p = chain_exec_program (x, pre, m->layers->len, NULL, 0, CHAIN_PLAN_DEFAULT);
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *info = &g_array_index (m->layers, ChainLayerInfo, i);
      if (wants_data (m, info) && !unit_variance (m, x, p, info, n, error))
        return FALSE;
    }
  for (guint i = 0; i < m->moments->len; i++)      /* copies of the weights start where these do now */
    if (isnan (g_array_index (m->moments, ChainTensorInfo, i).start)
        && !init_tensor (m, x, &g_array_index (m->moments, ChainTensorInfo, i), m->spec->seed, error))
      return FALSE;
  return TRUE;
}

/* --- hyperparameters --- */
void
chain_model_set_hyper (const ChainModel *m, ChainExec *x, const ChainSpec *spec)
{
  const ChainRowInfo *row = &chain_optim_row (m->spec->optimiser.id)->info;
  g_return_if_fail (g_strcmp0 (spec->optimiser.id, m->spec->optimiser.id) == 0 && spec->regularisers->len == m->spec->regularisers->len);
  chain_exec_set_scalar (x, m->lr, _chain_choice_number (&spec->optimiser, row, "lr", 0.01));
  for (guint i = 0; i < m->hyper->len; i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (h->regulariser < 0)
        chain_exec_set_scalar (x, h->leaf, _chain_choice_number (&spec->optimiser, row, h->name, 0));
      else
        chain_exec_set_scalar (x, h->leaf, _chain_choice_number (spec->regularisers->pdata[h->regulariser],
                                                                 &_chain_regular_at (m->spec, (guint) h->regulariser)->info, h->name, 0));
    }
}

void
chain_model_set_momentum (const ChainModel *m, ChainExec *x, double value)
{
  gboolean classic = g_str_equal (m->spec->optimiser.id, "momentum") || g_str_equal (m->spec->optimiser.id, "nesterov");
  for (guint i = 0; i < m->hyper->len && !isnan (value); i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (g_str_equal (h->name, "momentum") || g_str_equal (h->name, "beta1") || (classic && g_str_equal (h->name, "alpha")))
        chain_exec_set_scalar (x, h->leaf, value);
    }
}

static void
take_live_param (ChainChoice *to, const ChainChoice *from, const char *name)
{
  double value;
  chain_choice_unset (to, name);
  if (chain_choice_param (from, name, &value))
    chain_choice_set_param (to, name, value);
}

gboolean
chain_model_same_graph (const ChainModel *m, const ChainSpec *spec)
{
  g_autoptr (ChainSpec) s = chain_spec_copy (m->spec);
  if (g_strcmp0 (s->optimiser.id, spec->optimiser.id) != 0 || s->regularisers->len != spec->regularisers->len)
    return FALSE;
  take_live_param (&s->optimiser, &spec->optimiser, "lr");
  for (guint i = 0; i < m->hyper->len; i++)
    {
      const ChainHyperInfo *h = &g_array_index (m->hyper, ChainHyperInfo, i);
      if (h->regulariser < 0)
        take_live_param (&s->optimiser, &spec->optimiser, h->name);
      else
        take_live_param (s->regularisers->pdata[h->regulariser], spec->regularisers->pdata[h->regulariser], h->name);
    }
  chain_set_str (&s->name, spec->name);
  chain_set_str (&s->note, spec->note);
  chain_choice_copy (&s->schedule, &spec->schedule);
  s->schedule_per_epoch = spec->schedule_per_epoch;
  s->batch_size = spec->batch_size;
  s->order = spec->order;
  chain_set_str (&s->frequencies, spec->frequencies);
  s->drop_last = spec->drop_last;
  s->stop = spec->stop;
  return chain_spec_equal (s, spec);
}

/* --- carrying over --- */
static char *
unit_key (const char *layer, guint32 id)
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
    g_ptr_array_add (keys, unit_key (l->id, i < l->unit_ids->len ? g_array_index (l->unit_ids, guint32, i) : i));
  return keys;
}

typedef struct { GHashTable *in, *out; } Keys;   /* layer id -> GPtrArray of keys */

static Keys
keys_of (const ChainModel *m)
{
  Keys k = { g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref),
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

static void
keys_clear (Keys *k)
{
  g_hash_table_unref (k->in);
  g_hash_table_unref (k->out);
}

/* from[i] = position in `old` of the key at position i of `now`, or -1. */
static int *
match_keys (const GPtrArray *now, const GPtrArray *old)
{
  g_autoptr (GHashTable) at = g_hash_table_new (g_str_hash, g_str_equal);
  int *from = g_new (int, now->len + 1);
  for (guint i = old->len; i-- > 0;)
    g_hash_table_insert (at, old->pdata[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < now->len; i++)
    from[i] = (int) GPOINTER_TO_UINT (g_hash_table_lookup (at, now->pdata[i])) - 1;
  return from;
}

static int *
match_one (void)
{
  return g_new0 (int, 2);
}

/* Where each row and column of a tensor comes from. kind: of the parameter itself (a moment goes with its owner). */
static void
match_tensor (const ChainTensorInfo *t, ChainParamKind kind, const Keys *now, const Keys *old, int **rows, int **cols)
{
  GPtrArray *out = g_hash_table_lookup (now->out, t->layer), *old_out = g_hash_table_lookup (old->out, t->layer);
  GPtrArray *in = g_hash_table_lookup (now->in, t->layer), *old_in = g_hash_table_lookup (old->in, t->layer);
  gboolean weight = kind == CHAIN_PARAM_WEIGHT;
  *rows = weight && t->rows == out->len ? match_keys (out, old_out) : match_one ();   /* a moment may have one row or column only */
  *cols = weight && t->cols == in->len ? match_keys (in, old_in) : !weight && t->cols == out->len ? match_keys (out, old_out) : match_one ();
}

static void
copy_entries (double *to, const ChainTensorInfo *t, const double *from, const ChainTensorInfo *f, const int *rows, const int *cols)
{
  for (guint i = 0; i < t->rows; i++)
    for (guint j = 0; rows[i] >= 0 && (guint) rows[i] < f->rows && j < t->cols; j++)
      if (cols[j] >= 0 && (guint) cols[j] < f->cols)
        to[(gsize) i * t->cols + j] = from[(gsize) rows[i] * f->cols + cols[j]];
}

static void
carry_tensor (ChainExec *x_from, const ChainTensorInfo *f, ChainExec *x_to, const ChainTensorInfo *t, ChainParamKind kind,
              const Keys *now, const Keys *old)
{
  gsize n = (gsize) t->rows * t->cols, n_from = (gsize) f->rows * f->cols;
  g_autofree double *to = g_new0 (double, n), *from = g_new0 (double, n_from);
  g_autofree int *rows = NULL, *cols = NULL;
  if (!g_hash_table_contains (old->out, t->layer) || !chain_exec_read_leaf (x_to, t->leaf, to, n)
      || !chain_exec_read_leaf (x_from, f->leaf, from, n_from))
    return;
  match_tensor (t, kind, now, old, &rows, &cols);
  copy_entries (to, t, from, f, rows, cols);
  chain_exec_write (x_to, t->leaf, 1, to, n, NULL);
}

static gboolean
same_optimiser (const ChainSpec *a, const ChainSpec *b)
{
  return g_strcmp0 (a->optimiser.id, b->optimiser.id) == 0 && g_strcmp0 (a->optimiser.variant, b->optimiser.variant) == 0;
}

void
chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to)
{
  Keys now = keys_of (to), old = keys_of (from);
  gboolean moments = same_optimiser (from->spec, to->spec);
  GArray *const tensors[] = { to->params, to->buffers, to->moments };
  for (guint k = 0; k < (moments ? 3 : 2); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      {
        const ChainTensorInfo *t = &g_array_index (tensors[k], ChainTensorInfo, i);
        const ChainTensorInfo *f = chain_model_tensor (from, t->name);
        if (f && f->kind == t->kind)
          carry_tensor (x_from, f, x_to, t, k == 2 ? _chain_model_param (to, t->owner)->kind : t->kind, &now, &old);
      }
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
  keys_clear (&now);
  keys_clear (&old);
}
