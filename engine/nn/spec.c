/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a spec: made, copied, sealed, compared.
 *
 * A spec is a tree of plain structs, so undo is a stack of whole specs and a reader on another thread needs no lock: the price is that
 * copy, equal and free must each name every field. They stand next to one another here, in the order of the header, so that a field
 * forgotten in one of them is seen; tests/engine/nn/spec.c changes every field in turn and asks chain_spec_equal() about it. */
#include "engine/nn/spec.h"

#include <math.h>

void
chain_set_str (char **field, const char *value)
{
  char *copy = g_strdup (value);   /* value may point into *field */
  g_free (*field);
  *field = copy;
}

/* --- lists of names --- */
static GPtrArray *
names_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
names_copy (GPtrArray *to, const GPtrArray *from)
{
  g_ptr_array_set_size (to, 0);
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_strdup (from->pdata[i]));
}

static gboolean
names_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!g_str_equal (a->pdata[i], b->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
number_equal (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));   /* NaN means "not set" in several fields */
}

/* --- choices --- */
static void
param_clear (gpointer p)
{
  ChainParamValue *v = p;
  g_free (v->name);
  g_free (v->text);
}

static void
choice_init (ChainChoice *c)
{
  *c = (ChainChoice){ NULL, NULL, g_array_new (FALSE, TRUE, sizeof (ChainParamValue)) };
  g_array_set_clear_func (c->params, param_clear);
}

static void
choice_make (ChainChoice *c, const char *id)
{
  choice_init (c);
  c->id = g_strdup (id);
}

void
chain_choice_clear (ChainChoice *c)
{
  g_clear_pointer (&c->id, g_free);
  g_clear_pointer (&c->variant, g_free);
  g_clear_pointer (&c->params, g_array_unref);
}

ChainChoice *
chain_choice_new (const char *id)
{
  ChainChoice *c = g_new (ChainChoice, 1);
  choice_make (c, id);
  return c;
}

void
chain_choice_free (ChainChoice *c)
{
  chain_choice_clear (c);
  g_free (c);
}

void
chain_choice_set (ChainChoice *c, const char *id, const char *variant)
{
  chain_set_str (&c->id, id);
  chain_set_str (&c->variant, variant);
  g_array_set_size (c->params, 0);
}

static ChainParamValue *
choice_find (const ChainChoice *c, const char *name)
{
  for (guint i = 0; i < c->params->len; i++)
    {
      ChainParamValue *v = &g_array_index (c->params, ChainParamValue, i);
      if (g_str_equal (v->name, name))
        return v;
    }
  return NULL;
}

static ChainParamValue *
choice_need (ChainChoice *c, const char *name)
{
  ChainParamValue *v = choice_find (c, name);
  if (v)
    return v;
  g_array_append_val (c->params, ((ChainParamValue){ g_strdup (name), 0, NULL }));
  return choice_find (c, name);
}

void
chain_choice_set_param (ChainChoice *c, const char *name, double value)
{
  ChainParamValue *v = choice_need (c, name);
  v->value = value;
  g_clear_pointer (&v->text, g_free);
}

void
chain_choice_set_text (ChainChoice *c, const char *name, const char *text)
{
  ChainParamValue *v = choice_need (c, name);
  v->value = 0;
  chain_set_str (&v->text, text);
}

void
chain_choice_unset (ChainChoice *c, const char *name)
{
  for (guint i = 0; i < c->params->len; i++)
    if (g_str_equal (g_array_index (c->params, ChainParamValue, i).name, name))
      {
        g_array_remove_index (c->params, i);
        return;
      }
}

gboolean
chain_choice_param (const ChainChoice *c, const char *name, double *value)
{
  const ChainParamValue *v = choice_find (c, name);
  if (!v || v->text)
    return FALSE;
  *value = v->value;
  return TRUE;
}

const char *
chain_choice_text (const ChainChoice *c, const char *name)
{
  const ChainParamValue *v = choice_find (c, name);
  return v ? v->text : NULL;
}

void
chain_choice_copy (ChainChoice *to, const ChainChoice *from)
{
  if (to == from)
    return;
  chain_choice_set (to, from->id, from->variant);
  for (guint i = 0; i < from->params->len; i++)
    {
      const ChainParamValue *v = &g_array_index (from->params, ChainParamValue, i);
      g_array_append_val (to->params, ((ChainParamValue){ g_strdup (v->name), v->value, g_strdup (v->text) }));
    }
}

/* The order in which parameters were given means nothing. */
gboolean
chain_choice_equal (const ChainChoice *a, const ChainChoice *b)
{
  if (g_strcmp0 (a->id, b->id) != 0 || g_strcmp0 (a->variant, b->variant) != 0 || a->params->len != b->params->len)
    return FALSE;
  for (guint i = 0; i < a->params->len; i++)
    {
      const ChainParamValue *v = &g_array_index (a->params, ChainParamValue, i);
      const ChainParamValue *w = choice_find (b, v->name);
      if (!w || !number_equal (v->value, w->value) || g_strcmp0 (v->text, w->text) != 0)
        return FALSE;
    }
  return TRUE;
}

/* --- layers --- */
ChainLayer *
chain_layer_new (const char *id, const char *type)
{
  ChainLayer *l = g_new0 (ChainLayer, 1);
  l->id = g_strdup (id);
  l->type = g_strdup (type);
  l->inputs = names_new ();
  l->unit_ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  l->off = g_array_new (FALSE, FALSE, sizeof (guint32));
  choice_init (&l->params);
  choice_init (&l->activation);
  choice_init (&l->initialiser);
  l->rate = 1;
  l->decay = NAN;
  return l;
}

ChainLayer *
chain_layer_copy (const ChainLayer *l)
{
  ChainLayer *c = chain_layer_new (l->id, l->type);
  names_copy (c->inputs, l->inputs);
  c->units = l->units;
  g_array_append_vals (c->unit_ids, l->unit_ids->data, l->unit_ids->len);
  c->next_unit_id = l->next_unit_id;
  g_array_append_vals (c->off, l->off->data, l->off->len);
  chain_choice_copy (&c->params, &l->params);
  chain_choice_copy (&c->activation, &l->activation);
  c->dropout = l->dropout;
  chain_choice_copy (&c->initialiser, &l->initialiser);
  c->rate = l->rate;
  c->decay = l->decay;
  c->frozen = l->frozen;
  c->weights_of = g_strdup (l->weights_of);
  c->note = g_strdup (l->note);
  return c;
}

void
chain_layer_free (ChainLayer *l)
{
  if (!l)
    return;
  g_free (l->id);
  g_free (l->type);
  g_ptr_array_unref (l->inputs);
  g_array_unref (l->unit_ids);
  g_array_unref (l->off);
  chain_choice_clear (&l->params);
  chain_choice_clear (&l->activation);
  chain_choice_clear (&l->initialiser);
  g_free (l->weights_of);
  g_free (l->note);
  g_free (l);
}

static gboolean
same_ids (const GArray *a, const GArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (guint32)) == 0);
}

static gboolean
layer_equal (const ChainLayer *a, const ChainLayer *b)
{
  return g_strcmp0 (a->id, b->id) == 0 && g_strcmp0 (a->type, b->type) == 0 && names_equal (a->inputs, b->inputs)
         && a->units == b->units && same_ids (a->unit_ids, b->unit_ids) && same_ids (a->off, b->off)
         && a->next_unit_id == b->next_unit_id && chain_choice_equal (&a->params, &b->params)
         && chain_choice_equal (&a->activation, &b->activation) && number_equal (a->dropout, b->dropout)
         && chain_choice_equal (&a->initialiser, &b->initialiser) && number_equal (a->rate, b->rate)
         && number_equal (a->decay, b->decay) && a->frozen == b->frozen && g_strcmp0 (a->weights_of, b->weights_of) == 0
         && g_strcmp0 (a->note, b->note) == 0;
}

/* --- loss terms --- */
ChainLossTerm *
chain_loss_term_new (const char *id)
{
  ChainLossTerm *t = g_new0 (ChainLossTerm, 1);
  choice_make (&t->choice, id);
  t->reduction = g_strdup ("mean");
  t->weight = 1;
  t->roles = names_new ();
  t->sources = names_new ();
  t->trains = names_new ();
  return t;
}

static ChainLossTerm *
loss_term_copy (const ChainLossTerm *t)
{
  ChainLossTerm *c = chain_loss_term_new (NULL);
  chain_choice_copy (&c->choice, &t->choice);
  chain_set_str (&c->reduction, t->reduction);
  c->weight = t->weight;
  names_copy (c->roles, t->roles);
  names_copy (c->sources, t->sources);
  names_copy (c->trains, t->trains);
  return c;
}

void
chain_loss_term_free (ChainLossTerm *t)
{
  if (!t)
    return;
  chain_choice_clear (&t->choice);
  g_free (t->reduction);
  g_ptr_array_unref (t->roles);
  g_ptr_array_unref (t->sources);
  g_ptr_array_unref (t->trains);
  g_free (t);
}

static gboolean
loss_term_equal (const ChainLossTerm *a, const ChainLossTerm *b)
{
  return chain_choice_equal (&a->choice, &b->choice) && g_strcmp0 (a->reduction, b->reduction) == 0
         && number_equal (a->weight, b->weight) && names_equal (a->roles, b->roles) && names_equal (a->sources, b->sources)
         && names_equal (a->trains, b->trains);
}

/* --- inputs --- */
static void
input_free (gpointer p)
{
  ChainInput *in = p;
  g_free (in->name);
  g_free (in);
}

static gboolean
inputs_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const ChainInput *p = a->pdata[i], *q = b->pdata[i];
      if (g_strcmp0 (p->name, q->name) != 0 || p->size != q->size)
        return FALSE;
    }
  return TRUE;
}

/* --- data --- */
static void
data_init (ChainDataSpec *d)
{
  *d = (ChainDataSpec){ .source = CHAIN_SOURCE_GENERATOR, .header = TRUE, .test = 0.3, .stratify = TRUE };
  choice_make (&d->choice, "moons");
  d->delimiter = g_strdup ("auto");
  d->inputs = names_new ();
  d->targets = names_new ();
  d->ignore = names_new ();
  d->features = names_new ();
  d->scale_inputs = g_strdup ("standardise");
  d->scale_targets = g_strdup ("standardise");
  d->missing = g_strdup ("mean");
}

static void
data_copy (ChainDataSpec *to, const ChainDataSpec *from)
{
  to->source = from->source;
  chain_choice_copy (&to->choice, &from->choice);
  to->seed = from->seed;
  chain_set_str (&to->path, from->path);
  chain_set_str (&to->labels_path, from->labels_path);
  chain_set_str (&to->format, from->format);
  chain_set_str (&to->delimiter, from->delimiter);
  to->header = from->header;
  chain_set_str (&to->sha256, from->sha256);
  names_copy (to->inputs, from->inputs);
  names_copy (to->targets, from->targets);
  names_copy (to->ignore, from->ignore);
  names_copy (to->features, from->features);
  chain_set_str (&to->task, from->task);
  to->test = from->test;
  to->stratify = from->stratify;
  chain_set_str (&to->scale_inputs, from->scale_inputs);
  chain_set_str (&to->scale_targets, from->scale_targets);
  chain_set_str (&to->missing, from->missing);
  to->limit = from->limit;
}

static void
data_clear (ChainDataSpec *d)
{
  chain_choice_clear (&d->choice);
  g_free (d->path);
  g_free (d->labels_path);
  g_free (d->format);
  g_free (d->delimiter);
  g_free (d->sha256);
  g_ptr_array_unref (d->inputs);
  g_ptr_array_unref (d->targets);
  g_ptr_array_unref (d->ignore);
  g_ptr_array_unref (d->features);
  g_free (d->task);
  g_free (d->scale_inputs);
  g_free (d->scale_targets);
  g_free (d->missing);
}

static gboolean
data_equal (const ChainDataSpec *a, const ChainDataSpec *b)
{
  return a->source == b->source && chain_choice_equal (&a->choice, &b->choice) && a->seed == b->seed
         && g_strcmp0 (a->path, b->path) == 0 && g_strcmp0 (a->labels_path, b->labels_path) == 0
         && g_strcmp0 (a->format, b->format) == 0 && g_strcmp0 (a->delimiter, b->delimiter) == 0 && a->header == b->header
         && g_strcmp0 (a->sha256, b->sha256) == 0 && names_equal (a->inputs, b->inputs) && names_equal (a->targets, b->targets)
         && names_equal (a->ignore, b->ignore) && names_equal (a->features, b->features) && g_strcmp0 (a->task, b->task) == 0 && number_equal (a->test, b->test)
         && a->stratify == b->stratify && g_strcmp0 (a->scale_inputs, b->scale_inputs) == 0
         && g_strcmp0 (a->scale_targets, b->scale_targets) == 0 && g_strcmp0 (a->missing, b->missing) == 0
         && number_equal (a->limit, b->limit);
}

static gboolean
stop_equal (const ChainStopSpec *a, const ChainStopSpec *b)
{
  return number_equal (a->epochs, b->epochs) && a->steps == b->steps && number_equal (a->target_loss, b->target_loss)
         && a->eval_every == b->eval_every && a->early_stopping == b->early_stopping && a->patience == b->patience
         && number_equal (a->min_delta, b->min_delta) && a->keep_best == b->keep_best;
}

/* --- the whole --- */
ChainSpec *
chain_spec_new (void)
{
  ChainSpec *s = g_new0 (ChainSpec, 1);
  s->ref_count = 1;
  s->name = g_strdup ("");
  data_init (&s->data);
  s->inputs = g_ptr_array_new_with_free_func (input_free);
  s->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_layer_free);
  s->outputs = names_new ();
  s->losses = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_loss_term_free);
  choice_make (&s->initialiser, "glorot_uniform");
  choice_make (&s->bias_initialiser, "zeros");
  choice_make (&s->optimiser, "adam");
  s->regularisers = g_ptr_array_new_with_free_func ((GDestroyNotify) chain_choice_free);
  choice_make (&s->schedule, "constant");
  s->batch_size = 32;
  s->precision = CHAIN_F32;
  s->stop = (ChainStopSpec){ .target_loss = NAN, .eval_every = 10, .patience = 20 };
  return s;
}

ChainSpec *
chain_spec_copy (const ChainSpec *spec)
{
  ChainSpec *s = chain_spec_new ();
  chain_set_str (&s->name, spec->name);
  chain_set_str (&s->note, spec->note);
  data_copy (&s->data, &spec->data);
  for (guint i = 0; i < spec->inputs->len; i++)
    {
      const ChainInput *in = spec->inputs->pdata[i];
      ChainInput *copy = g_new (ChainInput, 1);
      *copy = (ChainInput){ g_strdup (in->name), in->size };
      g_ptr_array_add (s->inputs, copy);
    }
  for (guint i = 0; i < spec->layers->len; i++)
    g_ptr_array_add (s->layers, chain_layer_copy (spec->layers->pdata[i]));
  names_copy (s->outputs, spec->outputs);
  for (guint i = 0; i < spec->losses->len; i++)
    g_ptr_array_add (s->losses, loss_term_copy (spec->losses->pdata[i]));
  chain_choice_copy (&s->initialiser, &spec->initialiser);
  chain_choice_copy (&s->bias_initialiser, &spec->bias_initialiser);
  chain_choice_copy (&s->optimiser, &spec->optimiser);
  for (guint i = 0; i < spec->regularisers->len; i++)
    {
      g_ptr_array_add (s->regularisers, chain_choice_new (NULL));
      chain_choice_copy (s->regularisers->pdata[i], spec->regularisers->pdata[i]);
    }
  chain_choice_copy (&s->schedule, &spec->schedule);
  s->schedule_per_epoch = spec->schedule_per_epoch;
  s->batch_size = spec->batch_size;
  s->order = spec->order;
  chain_set_str (&s->frequencies, spec->frequencies);
  s->drop_last = spec->drop_last;
  s->seed = spec->seed;
  s->precision = spec->precision;
  s->stop = spec->stop;
  chain_set_str (&s->source_json, spec->source_json);
  return s;
}

ChainSpec *
chain_spec_seal (ChainSpec *spec)
{
  spec->sealed = TRUE;
  return spec;
}

ChainSpec *
chain_spec_ref (const ChainSpec *spec)
{
  ChainSpec *s = (ChainSpec *) spec;   /* the count is the one field that a sealed spec still changes */
  g_assert (s->sealed);
  g_atomic_int_inc (&s->ref_count);
  return s;
}

void
chain_spec_unref (ChainSpec *s)
{
  if (!s || !g_atomic_int_dec_and_test (&s->ref_count))
    return;
  g_free (s->name);
  g_free (s->note);
  data_clear (&s->data);
  g_ptr_array_unref (s->inputs);
  g_ptr_array_unref (s->layers);
  g_ptr_array_unref (s->outputs);
  g_ptr_array_unref (s->losses);
  chain_choice_clear (&s->initialiser);
  chain_choice_clear (&s->bias_initialiser);
  chain_choice_clear (&s->optimiser);
  g_ptr_array_unref (s->regularisers);
  chain_choice_clear (&s->schedule);
  g_free (s->source_json);
  g_free (s->frequencies);
  g_free (s);
}

gboolean
chain_spec_equal (const ChainSpec *a, const ChainSpec *b)
{
  if (a == b)
    return TRUE;
  if (g_strcmp0 (a->name, b->name) != 0 || g_strcmp0 (a->note, b->note) != 0 || !data_equal (&a->data, &b->data)
      || !inputs_equal (a->inputs, b->inputs) || a->layers->len != b->layers->len || !names_equal (a->outputs, b->outputs)
      || a->losses->len != b->losses->len || a->regularisers->len != b->regularisers->len)
    return FALSE;
  for (guint i = 0; i < a->layers->len; i++)
    if (!layer_equal (a->layers->pdata[i], b->layers->pdata[i]))
      return FALSE;
  for (guint i = 0; i < a->losses->len; i++)
    if (!loss_term_equal (a->losses->pdata[i], b->losses->pdata[i]))
      return FALSE;
  for (guint i = 0; i < a->regularisers->len; i++)
    if (!chain_choice_equal (a->regularisers->pdata[i], b->regularisers->pdata[i]))
      return FALSE;
  return chain_choice_equal (&a->initialiser, &b->initialiser) && chain_choice_equal (&a->bias_initialiser, &b->bias_initialiser)
         && chain_choice_equal (&a->optimiser, &b->optimiser) && chain_choice_equal (&a->schedule, &b->schedule)
         && a->schedule_per_epoch == b->schedule_per_epoch && a->batch_size == b->batch_size && a->order == b->order
         && g_strcmp0 (a->frequencies, b->frequencies) == 0 && a->drop_last == b->drop_last && a->seed == b->seed && a->precision == b->precision && stop_equal (&a->stop, &b->stop);
}
