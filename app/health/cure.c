/* SPDX-License-Identifier: Apache-2.0 */
/* What a click does about a finding: a row is a change of the spec. A cure that would leave the spec as it is, or that does not fit the network
 * (skip connections need hidden layers of equal width), is not offered. */
#include "config.h"

#include "app/health/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/number-text.h"
#include "engine/nn/table.h"

static ChainLayer *
layer_at (ChainSpec *spec, guint i)
{
  return g_ptr_array_index (spec->layers, i);
}

gboolean
_chain_is_rectifier (const ChainLayer *l)
{
  return l->activation.id != NULL && strstr (l->activation.id, "relu") != NULL;
}

static gboolean
has_rectifier (const ChainSpec *spec)
{
  for (guint i = 0; i < spec->layers->len; i++)
    if (_chain_is_rectifier (g_ptr_array_index (spec->layers, i)))
      return TRUE;
  return FALSE;
}

static gboolean
can_saturate (const ChainLayer *l)
{
  const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;

  return row != NULL && !(isnan (row->saturated_low) && isnan (row->saturated_high));
}

/* --- weights at the start --- */
static gboolean
start_with (ChainSpec *spec, const char *id)
{
  chain_choice_set (&spec->initialiser, id, NULL);
  for (guint i = 0; i < spec->layers->len; i++)
    chain_choice_set (&layer_at (spec, i)->initialiser, NULL, NULL);
  return TRUE;
}

static gboolean
change_xavier (ChainSpec *spec, int layer)
{
  return !has_rectifier (spec) && start_with (spec, "glorot_uniform");
}

static gboolean
change_he (ChainSpec *spec, int layer)
{
  return has_rectifier (spec) && start_with (spec, "he_normal");
}

/* Other random numbers are enough where the initialiser is random: a new seed. */
static gboolean
change_seed (ChainSpec *spec, int layer)
{
  const ChainLayer *l = layer_at (spec, (guint) layer);

  spec->seed++;
  return !_chain_is_constant (l->initialiser.id != NULL ? &l->initialiser : &spec->initialiser);
}

/* --- activations --- */
static gboolean
activate (ChainLayer *l, const char *id)
{
  chain_choice_set (&l->activation, id, NULL);
  return TRUE;
}

static gboolean
change_relu (ChainSpec *spec, int layer)
{
  return (guint) layer + 1 < spec->layers->len && can_saturate (layer_at (spec, (guint) layer)) && activate (layer_at (spec, (guint) layer), "relu");
}

static gboolean
change_leaky (ChainSpec *spec, int layer)
{
  return layer_at (spec, (guint) layer)->activation.id != NULL && activate (layer_at (spec, (guint) layer), "leaky_relu");
}

static gboolean
change_relu_he (ChainSpec *spec, int layer)
{
  gboolean any = FALSE;

  for (guint i = 0; i + 1 < spec->layers->len; i++)
    if (can_saturate (layer_at (spec, i)))
      any = activate (layer_at (spec, i), "relu");
  return any && start_with (spec, "he_normal");
}

/* --- structure --- */
static ChainLayer *
insert_after (ChainSpec *spec, guint at, const char *prefix, const char *type)
{
  const char *before = layer_at (spec, at)->id;
  g_autofree char *id = chain_spec_free_layer_id (spec, prefix);
  ChainLayer *l = chain_layer_new (id, type);

  for (guint i = at + 1; i < spec->layers->len; i++)
    for (guint k = 0; k < layer_at (spec, i)->inputs->len; k++)
      if (g_str_equal (g_ptr_array_index (layer_at (spec, i)->inputs, k), before))
        chain_set_str ((char **) &g_ptr_array_index (layer_at (spec, i)->inputs, k), l->id);
  g_ptr_array_set_size (l->inputs, 0);
  g_ptr_array_add (l->inputs, g_strdup (before));
  g_ptr_array_insert (spec->layers, (gint) at + 1, l);
  return l;
}

/* Between the sum and its activation (Ioffe & Szegedy 2015). */
static gboolean
change_batch_norm (ChainSpec *spec, int layer)
{
  gboolean any = FALSE;

  for (guint i = 0; i + 1 < spec->layers->len; i++)
    {
      ChainLayer *l = layer_at (spec, i), *norm;

      if (!g_str_equal (l->type, "dense") || l->activation.id == NULL || l->weights_of != NULL)
        continue;
      norm = insert_after (spec, i++, "bn", "batch_norm");
      chain_choice_copy (&norm->activation, &l->activation);
      norm->dropout = l->dropout;
      l->dropout = 0;
      chain_choice_set (&l->activation, NULL, NULL);
      any = TRUE;
    }
  return any;
}

/* a + f(a) around each hidden layer that is as wide as what it reads (He et al. 2016). */
static gboolean
change_skip (ChainSpec *spec, int layer)
{
  gboolean any = FALSE;

  for (guint i = 1; i + 1 < spec->layers->len; i++)
    {
      ChainLayer *l = layer_at (spec, i), *sum;
      const char *from = l->inputs->len == 1 ? g_ptr_array_index (l->inputs, 0) : NULL;
      int source = from != NULL ? chain_spec_layer_index (spec, from) : -1;

      if (!g_str_equal (l->type, "dense") || source < 0 || chain_spec_layer_width (spec, from, 0) != l->units)
        continue;
      sum = insert_after (spec, i++, "add", "add");
      g_ptr_array_add (sum->inputs, g_strdup (from));
      any = TRUE;
    }
  return any;
}

/* --- steps --- */
static double
rate_of (const ChainSpec *spec)
{
  const ChainOptimRow *row = chain_optim_row (spec->optimiser.id);
  ChainParams p = { row != NULL ? &row->info : NULL, &spec->optimiser };

  for (guint i = 0; row != NULL && i < row->info.n_params; i++)
    if (g_str_equal (row->info.params[i].name, "lr"))
      return chain_param (&p, "lr");
  return NAN;
}

static gboolean
scale_rate (ChainSpec *spec, double factor)
{
  double rate = rate_of (spec);

  if (isnan (rate))
    return FALSE;
  chain_choice_set_param (&spec->optimiser, "lr", rate * factor);
  return TRUE;
}

static gboolean
change_halve_rate (ChainSpec *spec, int layer)
{
  return scale_rate (spec, 0.5);
}

static gboolean
change_lower_rate (ChainSpec *spec, int layer)
{
  return scale_rate (spec, 0.1);
}

static gboolean
change_clip (ChainSpec *spec, int layer)
{
  double now;

  if (chain_choice_param (&spec->optimiser, "clip_norm", &now) && now <= 1)
    return FALSE;
  chain_choice_set_param (&spec->optimiser, "clip_norm", 1);
  return TRUE;
}

/* --- the loss --- */
static gboolean
change_logits (ChainSpec *spec, int layer)
{
  ChainLossTerm *term = spec->losses->len > 0 ? g_ptr_array_index (spec->losses, 0) : NULL;
  const char *id = term != NULL ? chain_loss_from_logits (term->choice.id) : NULL;

  if (id == NULL)
    return FALSE;
  chain_choice_set (&term->choice, id, NULL);
  chain_choice_set (&layer_at (spec, spec->layers->len - 1)->activation, NULL, NULL);
  return TRUE;
}

/* --- the table --- */
static const ChainCureRow rows[] = {
  { "xavier", N_ ("Start with Xavier’s initialiser"), TRUE, change_xavier },
  { "he", N_ ("Start with He’s initialiser"), TRUE, change_he },
  { "redraw", N_ ("Draw new weights and restart"), TRUE, change_seed },
  { "relu", N_ ("Make the activation of this layer ReLU"), FALSE, change_relu },
  { "leaky", N_ ("Make the activation of this layer leaky ReLU"), FALSE, change_leaky },
  { "relu_he", N_ ("Use ReLU and start with He’s initialiser"), TRUE, change_relu_he },
  { "batch_norm", N_ ("Normalise batches before each activation, restart"), TRUE, change_batch_norm },
  { "skip", N_ ("Add skip connections and restart"), TRUE, change_skip },
  { "halve_rate", N_ ("Halve the learning rate to %s and restart"), TRUE, change_halve_rate },
  { "lower_rate", N_ ("Lower the learning rate to %s and restart"), TRUE, change_lower_rate },
  { "logits", N_ ("Choose the loss that works from logits and restart"), TRUE, change_logits },
  { "clip", N_ ("Clip the gradient to a norm of 1 and restart"), TRUE, change_clip },
};

const ChainCureRow *
chain_table_cures (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}

const ChainCureRow *
chain_cure_row (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (rows[i].id, id) == 0)
      return &rows[i];
  return NULL;
}

ChainSpec *
chain_cure_spec (const ChainCureRow *row, const ChainSpec *spec, int layer)
{
  ChainSpec *next = chain_spec_copy (spec);

  if (row->change (next, layer) && !chain_spec_equal (next, spec))
    return chain_spec_seal (next);
  chain_spec_unref (next);
  return NULL;
}

char *
chain_cure_label (const ChainCureRow *row, const ChainSpec *spec)
{
  double factor = row->change == change_halve_rate ? 0.5 : row->change == change_lower_rate ? 0.1 : 0;
  char rate[CHAIN_NUMBER_TEXT_SIZE];

  return factor > 0 ? g_strdup_printf (_(row->title), chain_number_text_setting (rate, rate_of (spec) * factor)) : g_strdup (_(row->title));
}
