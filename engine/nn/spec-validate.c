/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a spec can be built: one sentence that names the place otherwise.
 *
 * The graph's builders assert, so everything that a user can write must be found here first (RELIABILITY 3.3, C6). The checks run in the
 * order in which a reader would meet the things: data, layers from first to last, outputs, losses, optimiser, run. Rows and the ranges of
 * their parameters come from the tables; here stands only what no single row can know. */
#include "engine/base/limits.h"
#include "engine/lang/formula.h"
#include "engine/nn/dataset.h"
#include "engine/nn/model.h"
#include "engine/nn/refuse.h"
#include "engine/nn/table/rows.h"

#include <math.h>
#include <string.h>

gboolean
_chain_refuse (GError **error, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, text);
  return FALSE;
}

static gboolean
is_one_of (const char *word, const char *const *words)
{
  return word && g_strv_contains (words, word);
}

static gboolean
row_exists (const void *row, const char *where, const char *what, const char *id, const char *table, GError **error)
{
  if (row)
    return TRUE;
  return _chain_refuse (error, "%s: there is no %s “%s”; “list %s” shows those there are.", where, what, id ? id : "", table);
}

const ChainParamInfo *
chain_optimiser_extras (guint *n)
{
  static const ChainParamInfo extras[] = {
    { .name = "decay_all", .title = N_ ("Decay biases too"), .max = 1, .integer = TRUE },
    { .name = "l1", .title = N_ ("L1 penalty λ"), .max = 1e6, .log_scale = TRUE },
    { .name = "l2", .title = N_ ("L2 penalty λ"), .max = 1e6, .log_scale = TRUE },
    { .name = "clip_value", .title = N_ ("Clip each gradient at"), .max = 1e12, .open_min = TRUE, .log_scale = TRUE },
    { .name = "clip_norm", .title = N_ ("Clip the gradient norm at"), .max = 1e12, .open_min = TRUE, .log_scale = TRUE },
  };
  *n = G_N_ELEMENTS (extras);
  return extras;
}

/* The row's own parameters by its own rule; what every optimiser understands besides (model.h) by the list above. */
static gboolean
check_optimiser_choice (const ChainChoice *c, const ChainRowInfo *info, GError **error)
{
  guint n;
  const ChainParamInfo *extras = chain_optimiser_extras (&n);
  ChainLayer *owner = chain_layer_new ("", "");   /* lends a choice that frees what it holds */
  ChainChoice *rest = &owner->params;
  gboolean ok = TRUE;
  chain_choice_copy (rest, c);
  for (guint i = 0; i < n && ok; i++)
    {
      const ChainParamInfo *p = &extras[i];
      double v = 1;
      chain_choice_param (c, p->name, &v);
      chain_choice_unset (rest, p->name);
      if (!isfinite (v) || v < p->min || v > p->max || (p->open_min && v <= p->min) || (p->integer && v != floor (v)))
        ok = _chain_refuse (error, p->integer ? "Optimiser: “%s” is 0 or 1." : "Optimiser: “%s” is a number %s 0.", p->name,
                            p->open_min ? "above" : "from");
    }
  ok = ok && chain_choice_validate (rest, info, "Optimiser", error);
  chain_layer_free (owner);
  return ok;
}

static gboolean
row_has_param (const ChainRowInfo *info, const char *name)
{
  for (guint i = 0; i < info->n_params; i++)
    if (g_str_equal (info->params[i].name, name))
      return TRUE;
  return FALSE;
}

/* --- data --- */
static gboolean
check_data_words (const ChainDataSpec *d, GError **error)
{
  static const char *const scales[] = { "standardise", "minmax", "none", NULL };
  static const char *const target_scales[] = { "standardise", "none", NULL };
  static const char *const missing[] = { "mean", "drop", NULL };
  static const char *const tasks[] = { "classify", "regress", NULL };
  static const char *const formats[] = { "csv", "idx", NULL };
  if (!is_one_of (d->scale_inputs, scales))
    return _chain_refuse (error, "Data: inputs are scaled by “standardise”, “minmax” or “none”, not “%s”.", d->scale_inputs);
  if (!is_one_of (d->scale_targets, target_scales))
    return _chain_refuse (error, "Data: targets are scaled by “standardise” or “none”, not “%s”.", d->scale_targets);
  if (!is_one_of (d->missing, missing))
    return _chain_refuse (error, "Data: missing values are treated by “mean” or “drop”, not “%s”.", d->missing);
  if (d->task && !is_one_of (d->task, tasks))
    return _chain_refuse (error, "Data: the task is “classify” or “regress”, not “%s”.", d->task);
  if (d->format && !is_one_of (d->format, formats))
    return _chain_refuse (error, "Data: the format is “csv” or “idx”, not “%s”.", d->format);
  if (!d->delimiter || (strcmp (d->delimiter, "auto") != 0 && g_utf8_strlen (d->delimiter, -1) != 1))
    return _chain_refuse (error, "Data: the delimiter is one character or “auto”.");
  return TRUE;
}

/* How many inputs there are is not known yet: chain_prep_set_features() refuses an x9 that does not exist. */
static gboolean
check_features (const ChainDataSpec *d, GError **error)
{
  static const char *const names[] = { "x#", NULL };
  if (d->features->len > CHAIN_LIMIT_FEATURES)
    return _chain_refuse (error, "Data: there are %u typed features; at most %u are computed.", d->features->len, CHAIN_LIMIT_FEATURES);
  for (guint i = 0; i < d->features->len; i++)
    {
      g_autoptr (GError) wrong = NULL;
      g_autoptr (ChainFormula) f = chain_formula_parse (d->features->pdata[i], names, NULL, &wrong);
      if (!f)
        return _chain_refuse (error, "Data, feature %u: %s.", i + 1, wrong->message);
    }
  return TRUE;
}

static gboolean
check_data (const ChainDataSpec *d, GError **error)
{
  if (!check_data_words (d, error) || !check_features (d, error))
    return FALSE;
  if (!(d->test >= 0 && d->test < 1))
    return _chain_refuse (error, "Data: the test share is at least 0 and less than 1.");
  if (!(d->limit >= 0 && d->limit <= G_MAXUINT32))
    return _chain_refuse (error, "Data: the limit of rows is a whole number from 0 (no limit).");
  if (d->source == CHAIN_SOURCE_FILE && (!d->path || !*d->path))
    return _chain_refuse (error, "Data: no file is named.");
  if (d->source != CHAIN_SOURCE_GENERATOR && d->source != CHAIN_SOURCE_BUNDLED)
    return TRUE;
  const ChainDataRow *row = d->choice.id ? chain_data_row (d->choice.id) : NULL;
  if (!row_exists (row, "Data", "data set", d->choice.id, "datasets", error))
    return FALSE;
  if (d->source == CHAIN_SOURCE_GENERATOR && !row->generated)
    return _chain_refuse (error, "Data: “%s” is a bundled set, not a generated one.", d->choice.id);
  return chain_choice_validate (&d->choice, &row->info, "Data", error);
}

/* --- names --- */
static gboolean
name_is_formed (const char *name)
{
  gsize n = name ? strlen (name) : 0;
  if (n < 1 || n > 64)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isalnum (name[i]) && name[i] != '_')
      return FALSE;
  return TRUE;
}

static gboolean
check_name (const char *name, GHashTable *taken, const char *what, GError **error)
{
  static const char *const reserved[] = { "x", "t", "loss", "optimiser", "opt", "data", NULL };
  if (!name_is_formed (name))
    return _chain_refuse (error, "%s “%s”: a name has 1 to 64 letters, digits or underscores.", what, name ? name : "");
  if (is_one_of (name, reserved) && !(strcmp (what, "Input") == 0 && strcmp (name, "x") == 0))
    return _chain_refuse (error, "%s “%s”: this name is reserved.", what, name);
  if (!g_hash_table_add (taken, (gpointer) name))
    return _chain_refuse (error, "%s “%s”: this name is used twice.", what, name);
  return TRUE;
}

static gboolean
check_inputs (const ChainSpec *spec, GHashTable *taken, guint n_inputs, GError **error)
{
  guint64 sum = 0;
  for (guint i = 0; i < spec->inputs->len; i++)
    {
      const ChainInput *in = spec->inputs->pdata[i];
      if (!check_name (in->name, taken, "Input", error))
        return FALSE;
      if (in->size < 1 || in->size > CHAIN_LIMIT_WIDTH)
        return _chain_refuse (error, "Input “%s”: a block has 1 to %d columns.", in->name, CHAIN_LIMIT_WIDTH);
      sum += in->size;
    }
  if (n_inputs && spec->inputs->len && sum != n_inputs)
    return _chain_refuse (error, "The input blocks hold %u columns together, the data has %u.", (guint) sum, n_inputs);
  if (spec->inputs->len == 0)
    g_hash_table_add (taken, (gpointer) "x");
  return TRUE;
}

/* --- layers --- */
static gboolean
check_units (const ChainLayer *l, const char *where, GError **error)
{
  if (strcmp (l->type, "dense") != 0)
    return l->off->len == 0 || _chain_refuse (error, "%s: only units of dense layers can be switched off.", where);
  if (l->units < 1 || l->units > CHAIN_LIMIT_WIDTH)
    return _chain_refuse (error, "%s: a layer has 1 to %d units.", where, CHAIN_LIMIT_WIDTH);
  if (l->unit_ids->len != l->units)
    return _chain_refuse (error, "%s: %u units but %u unit ids.", where, l->units, l->unit_ids->len);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < l->unit_ids->len; i++)
    {
      guint32 id = g_array_index (l->unit_ids, guint32, i);
      if (!g_hash_table_add (seen, GUINT_TO_POINTER (id + 1)))
        return _chain_refuse (error, "%s: unit id %u is used twice.", where, id);
      if (id >= l->next_unit_id)
        return _chain_refuse (error, "%s: unit id %u is not below the next free one, %u.", where, id, l->next_unit_id);
    }
  return TRUE;
}

static gboolean
check_sources (const ChainSpec *spec, const ChainLayer *l, const ChainLayerRow *row, GHashTable *taken, const char *where,
               GError **error)
{
  if (l->inputs->len == 0)
    return _chain_refuse (error, "%s: it reads nothing; name a layer or an input.", where);
  if (l->inputs->len < row->min_inputs || (row->max_inputs && l->inputs->len > row->max_inputs))
    return _chain_refuse (error, "%s: “%s” reads %u to %u inputs, here are %u.", where, l->type, row->min_inputs,
                          row->max_inputs ? row->max_inputs : CHAIN_LIMIT_LAYERS, l->inputs->len);
  for (guint i = 0; i < l->inputs->len; i++)
    {
      const char *source = l->inputs->pdata[i];
      if (g_str_equal (source, l->id))
        return _chain_refuse (error, "%s: it reads itself.", where);
      if (g_hash_table_contains (taken, source))
        continue;
      if (chain_spec_layer (spec, source))
        return _chain_refuse (error, "%s: it reads “%s”, which comes later; layers stand in the order in which they are computed.", where, source);
      return _chain_refuse (error, "%s: it reads “%s”, which does not exist.", where, source);
    }
  return TRUE;
}

static gboolean
check_layer_choices (const ChainLayer *l, const ChainLayerRow *row, const char *where, GError **error)
{
  if (!chain_choice_validate (&l->params, &row->info, where, error))
    return FALSE;
  if (l->activation.id)
    {
      const ChainActivationRow *a = chain_activation_row (l->activation.id);
      if (!row_exists (a, where, "activation", l->activation.id, "activations", error)
          || !chain_choice_validate (&l->activation, &a->info, where, error))
        return FALSE;
    }
  if (l->initialiser.id)
    {
      const ChainInitRow *init = chain_init_row (l->initialiser.id);
      if (!row_exists (init, where, "initialiser", l->initialiser.id, "initialisers", error)
          || !chain_choice_validate (&l->initialiser, &init->info, where, error))
        return FALSE;
    }
  if (!(l->dropout >= 0 && l->dropout <= 1))
    return _chain_refuse (error, "%s: dropout is a share from 0 to 1.", where);
  if (!(l->rate >= 0 && isfinite (l->rate)))
    return _chain_refuse (error, "%s: the factor on the learning rate is a number from 0.", where);
  if (!isnan (l->decay) && !(l->decay >= 0 && isfinite (l->decay)))
    return _chain_refuse (error, "%s: weight decay is a number from 0.", where);
  return TRUE;
}

/* What a layer asks of the widths of its inputs, as far as they are known. */
static gboolean
check_widths (const ChainSpec *spec, const ChainLayer *l, guint n_inputs, const char *where, GError **error)
{
  gboolean same = strcmp (l->type, "add") == 0 || strcmp (l->type, "multiply") == 0
                  || strcmp (l->type, "reparameterised_gaussian") == 0 || strcmp (l->type, "interpolate") == 0;
  gboolean groups = strcmp (l->type, "glu") == 0 || strcmp (l->type, "maxout") == 0;
  guint first = 0;
  for (guint i = 0; (same || groups) && i < l->inputs->len; i++)
    {
      guint w = chain_spec_layer_width (spec, l->inputs->pdata[i], n_inputs);
      if (same && first && w && w != first)
        return _chain_refuse (error, "%s: it joins values of equal width, but “%s” has %u and “%s” has %u.", where,
                              (char *) l->inputs->pdata[0], first, (char *) l->inputs->pdata[i], w);
      first = i == 0 ? w : first;
      double pieces = 2;
      chain_choice_param (&l->params, "pieces", &pieces);
      if (w && groups && w % (guint) MAX (pieces, 1) != 0)
        return _chain_refuse (error, "%s: it splits its input into groups of %u, but “%s” has %u columns.", where, (guint) pieces,
                              (char *) l->inputs->pdata[i], w);
    }
  return TRUE;
}

/* Parameters in common: both layers are of one kind and of one shape, and the owner comes first. */
static gboolean
check_shared (const ChainSpec *spec, const ChainLayer *l, GHashTable *taken, guint n_inputs, const char *where, GError **error)
{
  const ChainLayer *of = l->weights_of ? chain_spec_layer (spec, l->weights_of) : NULL;
  guint mine, theirs;
  if (!l->weights_of)
    return TRUE;
  if (!of || !g_hash_table_contains (taken, l->weights_of))
    return _chain_refuse (error, "%s: it uses the weights of “%s”, which is no earlier layer.", where, l->weights_of);
  if (of->weights_of)
    return _chain_refuse (error, "%s: “%s” has no weights of its own; name “%s”.", where, l->weights_of, of->weights_of);
  if (strcmp (l->type, of->type) != 0 || strcmp (l->type, "batch_norm") == 0)
    return _chain_refuse (error, "%s: it cannot use the weights of “%s”: both have to be of one type, which keeps no statistics.", where, of->id);
  mine = chain_spec_layer_width (spec, l->inputs->pdata[0], n_inputs);
  theirs = chain_spec_layer_width (spec, of->inputs->pdata[0], n_inputs);
  if ((mine && theirs && mine != theirs) || l->units != of->units || !chain_choice_equal (&l->params, &of->params))
    return _chain_refuse (error, "%s: it cannot use the weights of “%s”, which is of another shape.", where, of->id);
  return TRUE;
}

static gboolean
check_layer (const ChainSpec *spec, const ChainLayer *l, GHashTable *taken, guint n_inputs, GError **error)
{
  g_autofree char *where = g_strdup_printf ("Layer “%s”", l->id ? l->id : "");
  const ChainLayerRow *row = l->type ? chain_layer_row (l->type) : NULL;
  if (!row_exists (row, where, "layer type", l->type, "layers", error) || !check_units (l, where, error)
      || !check_sources (spec, l, row, taken, where, error) || !check_layer_choices (l, row, where, error)
      || !check_widths (spec, l, n_inputs, where, error) || !check_shared (spec, l, taken, n_inputs, where, error)
      || !check_name (l->id, taken, "Layer", error))
    return FALSE;
  if (strcmp (l->type, "batch_norm") == 0 && spec->batch_size == 1)
    return _chain_refuse (error, "%s: batch normalisation needs batches of at least two rows.", where);
  return TRUE;
}

static gboolean
check_layers (const ChainSpec *spec, guint n_inputs, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  if (spec->layers->len == 0)
    return _chain_refuse (error, "The network has no layers; add at least one.");
  if (spec->layers->len > CHAIN_LIMIT_LAYERS)
    return _chain_refuse (error, "A network has at most %d layers.", CHAIN_LIMIT_LAYERS);
  if (!check_inputs (spec, taken, n_inputs, error))
    return FALSE;
  for (guint i = 0; i < spec->layers->len; i++)
    if (!check_layer (spec, spec->layers->pdata[i], taken, n_inputs, error))
      return FALSE;
  for (guint i = 0; i < spec->outputs->len; i++)
    if (!chain_spec_layer (spec, spec->outputs->pdata[i]))
      return _chain_refuse (error, "The output “%s” is not a layer of this network.", (char *) spec->outputs->pdata[i]);
  return TRUE;
}

/* --- losses --- */
static gboolean
check_roles (const ChainSpec *spec, const ChainLossTerm *t, const ChainLossRow *row, const char *where, GError **error)
{
  if (t->roles->len != t->sources->len)
    return _chain_refuse (error, "%s: each role needs one source.", where);
  for (guint i = 0; i < t->roles->len; i++)
    {
      const char *role = t->roles->pdata[i], *source = t->sources->pdata[i];
      const ChainLossRole *found = NULL;
      for (guint k = 0; k < row->n_roles; k++)
        if (g_str_equal (row->roles[k].name, role))
          found = &row->roles[k];
      if (!found)
        return _chain_refuse (error, "%s: “%s” has no role “%s”.", where, row->info.id, role);
      for (guint k = 0; k < i; k++)
        if (g_str_equal (t->roles->pdata[k], role))
          return _chain_refuse (error, "%s: the role “%s” is given twice.", where, role);
      if (!found->is_data && !chain_spec_layer (spec, source))
        return _chain_refuse (error, "%s: the role “%s” is played by a layer, and there is no layer “%s”.", where, role, source);
    }
  return TRUE;
}

static gboolean
check_term (const ChainSpec *spec, const ChainLossTerm *t, guint number, GError **error)
{
  static const char *const reductions[] = { "mean", "sum", "batchmean", NULL };
  g_autofree char *where = spec->losses->len > 1 ? g_strdup_printf ("Loss %u", number) : g_strdup ("Loss");
  const ChainLossRow *row = t->choice.id ? chain_loss_row (t->choice.id) : NULL;
  if (!row_exists (row, where, "loss", t->choice.id, "losses", error)
      || !chain_choice_validate (&t->choice, &row->info, where, error))
    return FALSE;
  if (!is_one_of (t->reduction, reductions))
    return _chain_refuse (error, "%s: the reduction is “mean”, “sum” or “batchmean”, not “%s”.", where, t->reduction ? t->reduction : "");
  if (!isfinite (t->weight))
    return _chain_refuse (error, "%s: the weight is not a finite number.", where);
  if (!check_roles (spec, t, row, where, error))
    return FALSE;
  for (guint i = 0; i < t->trains->len; i++)
    if (!chain_spec_layer (spec, t->trains->pdata[i]))
      return _chain_refuse (error, "%s: it trains “%s”, which is not a layer of this network.", where, (char *) t->trains->pdata[i]);
  return TRUE;
}

/* --- optimiser and run --- */
static gboolean
check_optimiser (const ChainSpec *spec, GError **error)
{
  const ChainOptimRow *o = spec->optimiser.id ? chain_optim_row (spec->optimiser.id) : NULL;
  const ChainScheduleRow *s = spec->schedule.id ? chain_schedule_row (spec->schedule.id) : NULL;
  const ChainInitRow *w = spec->initialiser.id ? chain_init_row (spec->initialiser.id) : NULL;
  const ChainInitRow *b = spec->bias_initialiser.id ? chain_init_row (spec->bias_initialiser.id) : NULL;
  double lr = 1;
  if (!row_exists (w, "Initialiser", "initialiser", spec->initialiser.id, "initialisers", error)
      || !chain_choice_validate (&spec->initialiser, &w->info, "Initialiser", error)
      || !row_exists (b, "Initialiser of the biases", "initialiser", spec->bias_initialiser.id, "initialisers", error)
      || !chain_choice_validate (&spec->bias_initialiser, &b->info, "Initialiser of the biases", error)
      || !row_exists (o, "Optimiser", "optimiser", spec->optimiser.id, "optimisers", error))
    return FALSE;
  chain_choice_param (&spec->optimiser, "lr", &lr);
  if (!(lr > 0 && isfinite (lr)))
    return _chain_refuse (error, "Optimiser: the learning rate is a number above 0.");
  for (guint i = 0; i < spec->layers->len; i++)
    {
      const ChainLayer *l = spec->layers->pdata[i];
      if (l->decay > 0 && !row_has_param (&o->info, "weight_decay"))
        return _chain_refuse (error, "Layer “%s”: its weight decay has no effect with the optimiser “%s”; use “adamw”, “sgd” or an L2 penalty.",
                              l->id, o->info.id);
    }
  return check_optimiser_choice (&spec->optimiser, &o->info, error)
         && row_exists (s, "Schedule", "schedule", spec->schedule.id, "schedules", error)
         && chain_choice_validate (&spec->schedule, &s->info, "Schedule", error);
}

/* Numbers from 0, not all 0; how many there have to be is known with the data. */
static gboolean
check_frequencies (const char *text, GError **error)
{
  double list[CHAIN_PARAM_LIST_MAX], total = 0;
  int n = text ? _chain_parse_list (text, list, G_N_ELEMENTS (list)) : 0;
  for (int i = 0; i < n; i++)
    {
      if (!(list[i] >= 0 && isfinite (list[i])))
        return _chain_refuse (error, "Batches: the frequencies of the classes are numbers from 0.");
      total += list[i];
    }
  if (text && !(total > 0))
    return _chain_refuse (error, "Batches: “%s” is no list of the frequencies of the classes; give a number for each, with commas.", text);
  return TRUE;
}

static gboolean
check_regularisers (const ChainSpec *spec, GError **error)
{
  if (spec->regularisers->len > CHAIN_LIMIT_REGULARISERS)
    return _chain_refuse (error, "Regularisers: at most %d are allowed.", CHAIN_LIMIT_REGULARISERS);
  for (guint i = 0; i < spec->regularisers->len; i++)
    {
      const ChainChoice *c = spec->regularisers->pdata[i];
      const ChainRegularRow *row = c->id ? chain_regular_row (c->id) : NULL;
      g_autofree char *where = g_strdup_printf ("Regulariser %u", i + 1);
      double of = 0;
      if (!row_exists (row, where, "regulariser", c->id, "regularisers", error) || !chain_choice_validate (c, &row->info, where, error))
        return FALSE;
      chain_choice_param (c, "loss", &of);
      if (of > spec->losses->len)
        return _chain_refuse (error, "%s: “loss” is %u, and there are %u losses; give the number of one of them, or 0 for all layers.", where, (guint) of,
                              spec->losses->len);
    }
  return TRUE;
}

static gboolean
check_stop (const ChainStopSpec *s, GError **error)
{
  if (!(s->epochs >= 0 && isfinite (s->epochs)))
    return _chain_refuse (error, "Stop: the number of epochs is a number from 0 (no limit).");
  if (isinf (s->target_loss))
    return _chain_refuse (error, "Stop: the target loss is not a finite number.");
  if (s->eval_every < 1)
    return _chain_refuse (error, "Stop: an evaluation is due every 1 or more epochs.");
  if (s->early_stopping && s->patience < 1)
    return _chain_refuse (error, "Stop: patience is at least 1 epoch.");
  if (!(s->min_delta >= 0 && isfinite (s->min_delta)))
    return _chain_refuse (error, "Stop: the least improvement is a number from 0.");
  return TRUE;
}

gboolean
chain_spec_validate (const ChainSpec *spec, guint n_inputs, GError **error)
{
  if (!check_data (&spec->data, error) || !check_layers (spec, n_inputs, error))
    return FALSE;
  if (spec->losses->len == 0)
    return _chain_refuse (error, "There is no loss; a network needs at least one to be trained.");
  for (guint i = 0; i < spec->losses->len; i++)
    if (!check_term (spec, spec->losses->pdata[i], i + 1, error))
      return FALSE;
  return check_optimiser (spec, error) && check_regularisers (spec, error) && check_frequencies (spec->frequencies, error)
         && check_stop (&spec->stop, error);
}
