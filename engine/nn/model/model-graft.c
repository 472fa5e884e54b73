/* SPDX-License-Identifier: Apache-2.0 */
/* What an edit does with numbers beyond carrying them over: the five verbs of edit.h.
 *
 * A split (Chen, Goodfellow and Shlens 2016, 3.1) gives c copies of a unit shares of its outgoing weights that add up to them exactly. Copies with
 * the same incoming weights and shares would stay the same for ever, so both differ: the shares by up to two thirds of the smallest; the incoming
 * weights, where φ(αz) = αφ(z), by powers of two that the shares are divided by: exact. Elsewhere they are multiplied by 1 + δ with Σ share · δ = 0,
 * so that the outputs change in second order of δ only: |δ| about 2⁻¹⁴ behind a smooth φ, 2⁻²¹ (a few last bits of f32) behind a kink or where more
 * stands between the units and their readers. Moments are copied as they are. */
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/nn/edit-private.h"
#include "engine/nn/model/model-carry.h"
#include "engine/nn/refuse.h"

#include <math.h>
#include <string.h>

typedef struct { const ChainModel *from; ChainExec *x_from; const ChainModel *to; ChainExec *x_to; } Graft;

/* --- tensors --- */
static gboolean
rewrite (const Graft *g, const ChainTensorInfo *t, const double *v, GError **error)
{
  return chain_exec_write (g->x_to, t->leaf, 1, v, (gsize) t->rows * t->cols, error);
}

/* A parameter and the averages that optimisers keep of it. */
static gboolean
write_all (const Graft *g, const ChainTensorInfo *t, const double *v, GError **error)
{
  if (!rewrite (g, t, v, error))
    return FALSE;
  for (guint i = 0; i < g->to->moments->len; i++)
    {
      const ChainTensorInfo *m = &g_array_index (g->to->moments, ChainTensorInfo, i);
      if (_chain_model_param (g->to, m->owner) == t && isnan (m->start) && m->rows == t->rows && m->cols == t->cols
          && !rewrite (g, m, v, error))
        return FALSE;
    }
  return TRUE;
}

static const ChainTensorInfo *
tensor_of (const ChainModel *m, const char *layer, const char *what)
{
  g_autofree char *name = g_strconcat (layer, what, NULL);
  return chain_model_tensor (m, name);
}

/* --- copy --- */
/* "opt.m.d4.weight" -> "opt.m.d1.weight" */
static char *
name_for (const char *name, const char *layer, const char *other)
{
  g_autofree char *part = g_strconcat (layer, ".", NULL);
  const char *at = g_strrstr (name, part);
  return at ? g_strdup_printf ("%.*s%s.%s", (int) (at - name), name, other, at + strlen (part)) : NULL;
}

static void
alias_units (GHashTable *alias, const ChainModel *to, const char *layer, const char *from_layer)
{
  const ChainLayer *l = chain_spec_layer (to->spec, layer);
  for (guint i = 0; l && i < l->unit_ids->len; i++)
    {
      guint32 id = g_array_index (l->unit_ids, guint32, i);
      g_hash_table_insert (alias, _chain_unit_key (layer, id), _chain_unit_key (from_layer, id));
    }
}

static GHashTable *
alias_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static gboolean
copy_tensor (const Graft *g, const ChainTensorInfo *t, const char *from, const char *to, GError **error)
{
  g_autofree char *name = name_for (t->name, to, from);
  const ChainTensorInfo *f = name ? chain_model_tensor (g->from, name) : NULL;
  if (!f || f->rows != t->rows || f->cols != t->cols)
    return TRUE;
  gsize n = (gsize) t->rows * t->cols;
  g_autofree double *v = g_new (double, n);
  return !chain_exec_read_leaf (g->x_from, f->leaf, v, n) || rewrite (g, t, v, error);
}

/* Its readers keep the weights that they had for the units of the first layer. */
static gboolean
graft_copy (const Graft *g, char **words, guint n, GError **error)
{
  g_autoptr (GHashTable) alias = alias_new ();
  ChainKeyChange change = { alias, NULL };
  if (n != 3 || !chain_spec_layer (g->from->spec, words[1]) || !chain_spec_layer (g->to->spec, words[2]))
    return _chain_refuse (error, "A copy names two layers of the network.");
  alias_units (alias, g->to, words[2], words[1]);
  _chain_model_carry (g->from, g->x_from, g->to, g->x_to, &change);
  GArray *const tensors[] = { g->to->params, g->to->buffers, g->to->moments };
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      {
        const ChainTensorInfo *t = &g_array_index (tensors[k], ChainTensorInfo, i);
        if (g_str_equal (t->layer, words[2]) && !copy_tensor (g, t, words[1], words[2], error))
          return FALSE;
      }
  return TRUE;
}

/* --- split --- */
typedef enum { DIRECT_SCALED, DIRECT_SMOOTH, CAREFUL } Likeness;

static Likeness
likeness_of (const ChainSpec *spec, const ChainLayer *l)
{
  static const char *const harmless[] = { "concat", "identity", "dropout", "gaussian_noise" };
  g_autoptr (GPtrArray) carriers = _chain_spec_carriers (spec, l->id, NULL);
  for (guint i = 1; carriers && i < carriers->len; i++)
    {
      const ChainLayer *c = carriers->pdata[i];
      gboolean ok = c->activation.id == NULL;
      for (guint k = 0, found = 0; ok && k < G_N_ELEMENTS (harmless); k++)
        {
          found += g_str_equal (harmless[k], c->type);
          ok = found || k + 1 < G_N_ELEMENTS (harmless);
        }
      if (!ok)
        return CAREFUL;
    }
  ChainActivationNature nature = chain_activation_nature (&l->activation);
  return !carriers ? CAREFUL : nature.homogeneous ? DIRECT_SCALED : nature.smooth ? DIRECT_SMOOTH : CAREFUL;
}

/* 1, 2, ½, 4, ¼, 1 …: exact in any precision. */
static double
power_for (guint j)
{
  static const double powers[] = { 1, 2, 0.5, 4, 0.25 };
  return powers[j % G_N_ELEMENTS (powers)];
}

/* Unit `first` and its copies first + n_old, first + 2 n_old … */
static void
share (const ChainLayer *l, guint first, guint n_old, Likeness how, ChainKeyChange *c)
{
  guint n = (l->units - first - 1) / n_old + 1;
  double mean = 0, delta = ldexp (1, how == DIRECT_SMOOTH ? -14 : -21);
  for (guint j = 0; j < n && n > 1; j++)
    {
      double place = 2.0 * j / (n - 1) - 1;
      mean += (1 + place / 4) / n * place;
    }
  for (guint j = 0; j < n && n > 1; j++)
    {
      guint32 id = g_array_index (l->unit_ids, guint32, first + j * n_old);
      double place = 2.0 * j / (n - 1) - 1;
      ChainShare *s = g_new (ChainShare, 1);
      *s = (ChainShare){ j, n, how == DIRECT_SCALED ? power_for (j) : 1 + delta * (place - mean) };
      g_hash_table_insert (c->shares, _chain_unit_key (l->id, id), s);
      if (j)
        g_hash_table_insert (c->alias, _chain_unit_key (l->id, id), _chain_unit_key (l->id, g_array_index (l->unit_ids, guint32, first)));
    }
}

static gboolean
graft_split (const Graft *g, char **words, guint n, GError **error)
{
  const ChainLayer *l = n == 2 ? chain_spec_layer (g->to->spec, words[1]) : NULL, *old = l ? chain_spec_layer (g->from->spec, words[1]) : NULL;
  if (!old || old->units < 1 || l->unit_ids->len != l->units || old->units > l->units)
    return _chain_refuse (error, "A split names a dense layer that has become wider.");
  g_autoptr (GHashTable) alias = alias_new ();
  g_autoptr (GHashTable) shares = alias_new ();
  ChainKeyChange change = { alias, shares };
  Likeness how = likeness_of (g->to->spec, l);
  for (guint i = 0; i < old->units; i++)
    share (l, i, old->units, how, &change);
  _chain_model_carry (g->from, g->x_from, g->to, g->x_to, &change);
  return TRUE;
}

/* --- identity --- */
/* The unit i of the layer takes the place of what it reads at i. */
static void
alias_inputs (GHashTable *alias, const ChainModel *to, const ChainLayer *l)
{
  ChainKeys keys = _chain_keys_of (to);
  GPtrArray *in = g_hash_table_lookup (keys.in, l->id);
  for (guint i = 0; i < in->len && i < l->unit_ids->len; i++)
    g_hash_table_insert (alias, _chain_unit_key (l->id, g_array_index (l->unit_ids, guint32, i)), g_strdup (in->pdata[i]));
  _chain_keys_clear (&keys);
}

static gboolean
graft_identity (const Graft *g, char **words, guint n, GError **error)
{
  const ChainLayer *l = n == 2 ? chain_spec_layer (g->to->spec, words[1]) : NULL;
  const ChainTensorInfo *w = l ? tensor_of (g->to, l->id, ".weight") : NULL, *b = l ? tensor_of (g->to, l->id, ".bias") : NULL;
  if (!w || w->rows != w->cols)
    return _chain_refuse (error, "An identity layer is dense and as wide as what it reads.");
  g_autoptr (GHashTable) alias = alias_new ();
  ChainKeyChange change = { alias, NULL };
  alias_inputs (alias, g->to, l);
  _chain_model_carry (g->from, g->x_from, g->to, g->x_to, &change);
  g_autofree double *v = g_new0 (double, (gsize) w->rows * w->cols);
  if (b && !write_all (g, b, v, error))
    return FALSE;
  for (guint i = 0; i < w->rows; i++)
    v[(gsize) i * w->cols + i] = 1;
  return write_all (g, w, v, error);
}

/* --- draw --- */
/* Entries of row `unit` of a tensor, or the one entry of a vector, take those of `fresh`. */
static gboolean
renew (const Graft *g, const ChainTensorInfo *t, gboolean row, guint unit, const double *fresh, GError **error)
{
  gsize n = (gsize) t->rows * t->cols, count = row ? t->cols : 1, at = unit * count;
  g_autofree double *v = g_new (double, n);
  if (!chain_exec_read_leaf (g->x_to, t->leaf, v, n))
    return TRUE;
  for (gsize i = at; i < at + count && i < n; i++)
    v[i] = fresh[i];
  return rewrite (g, t, v, error);
}

/* A moment that has the parameter's rows starts again in this row; where it is a number of the average kind, at the parameter. */
static gboolean
renew_moments (const Graft *g, const ChainTensorInfo *t, guint unit, GError **error)
{
  gboolean row = t->kind == CHAIN_PARAM_WEIGHT;
  for (guint i = 0; i < g->to->moments->len; i++)
    {
      const ChainTensorInfo *m = &g_array_index (g->to->moments, ChainTensorInfo, i);
      if (_chain_model_param (g->to, m->owner) != t || m->rows != t->rows || (!row && m->cols != t->cols))
        continue;
      g_autofree double *fresh = g_new (double, (gsize) m->rows * m->cols);
      if (!_chain_model_draw (g->to, g->x_to, m, 0, m->name, fresh) || !renew (g, m, row, unit, fresh, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
renew_param (const Graft *g, const ChainTensorInfo *t, guint unit, const char *salt, GError **error)
{
  g_autofree double *fresh = g_new (double, (gsize) t->rows * t->cols);
  g_autofree char *object = g_strdup_printf ("%s#%s", t->name, salt);
  return _chain_model_draw (g->to, g->x_to, t, g->to->spec->seed, object, fresh) && renew (g, t, t->kind == CHAIN_PARAM_WEIGHT, unit, fresh, error)
         && renew_moments (g, t, unit, error);
}

static gboolean
graft_draw (const Graft *g, char **words, guint n, GError **error)
{
  const ChainLayer *l = n == 4 ? chain_spec_layer (g->to->spec, words[1]) : NULL;
  const ChainTensorInfo *w = l ? tensor_of (g->to, l->id, ".weight") : NULL, *b = l ? tensor_of (g->to, l->id, ".bias") : NULL;
  gint64 id;
  if (!w || !chain_number_parse_int (words[2], -1, 0, G_MAXUINT32, &id))
    return _chain_refuse (error, "A draw names a dense layer, a unit and a number.");
  for (guint i = 0; i < l->unit_ids->len; i++)
    if (g_array_index (l->unit_ids, guint32, i) == id)
      return renew_param (g, w, i, words[3], error) && (!b || renew_param (g, b, i, words[3], error));
  return _chain_refuse (error, "Layer “%s” has no unit with the number %u.", l->id, (guint) id);
}

/* --- set --- */
static gboolean
graft_set (const Graft *g, char **words, guint n, GError **error)
{
  const ChainTensorInfo *t = n >= 4 ? chain_model_tensor (g->to, words[1]) : NULL;
  gint64 rows, cols;
  gsize size;
  if (n < 4 || !chain_number_parse_int (words[2], -1, 1, CHAIN_LIMIT_WIDTH, &rows) || !chain_number_parse_int (words[3], -1, 1, CHAIN_LIMIT_WIDTH, &cols)
      || !chain_mul_size ((gsize) rows, (gsize) cols, &size) || size != n - 4)
    return _chain_refuse (error, "Weights are given as a name, rows, columns and that many numbers.");
  if (!t || t->kind == CHAIN_PARAM_MOMENT || t->rows != rows || t->cols != cols)
    return TRUE;
  g_autofree double *v = g_new (double, size);
  for (gsize i = 0; i < size; i++)
    if (!chain_number_parse (words[4 + i], -1, &v[i]))
      return _chain_refuse (error, "“%.40s” in %s is not a number.", words[4 + i], words[1]);
  return write_all (g, t, v, error);
}

gboolean
chain_model_graft (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to, const char *graft, GError **error)
{
  static const struct { const char *word; gboolean (*run) (const Graft *g, char **words, guint n, GError **error); } verbs[] = {
    { "copy", graft_copy }, { "split", graft_split }, { "identity", graft_identity }, { "draw", graft_draw }, { "set", graft_set },
  };
  const Graft g = { from, x_from, to, x_to };
  g_auto (GStrv) lines = g_strsplit (graft, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      gboolean known = lines[i][0] == '\0';
      for (guint k = 0; k < G_N_ELEMENTS (verbs) && !known; k++)
        if (g_strcmp0 (words[0], verbs[k].word) == 0)
          {
            known = TRUE;
            if (!verbs[k].run (&g, words, g_strv_length (words), error))
              return FALSE;
          }
      if (!known)
        return _chain_refuse (error, "“%.40s” is nothing that an edit does with weights.", lines[i]);
    }
  return TRUE;
}
