/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of structure by hand. The engine says what the network becomes and what happens to its numbers (a graft); here each becomes one entry of the
 * history with a label, and one command to the worker. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/session/build.h"
#include "app/session/session-private.h"
#include "engine/base/number.h"
#include "engine/nn/edit.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

#define MOST_NAMED 3u

static const ChainSpec *
present (ChainSession *s)
{
  return chain_document_spec (s->document);
}

/* --- layers --- */
gboolean
chain_session_duplicate_layer (ChainSession *s, const char *id, GError **error)
{
  g_autofree char *copy = NULL, *label = g_strdup_printf (_("duplicate layer %s"), id), *graft = NULL;
  ChainSpec *next = chain_spec_duplicate_layer (present (s), id, &copy, error);

  if (next == NULL)
    return FALSE;
  graft = g_strdup_printf ("copy %s %s", id, copy);
  return _chain_session_apply_graft (s, next, graft, label, NULL, error);
}

gboolean
chain_session_move_layer (ChainSession *s, const char *id, const char *after, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("move layer %s"), id);
  ChainSpec *next = chain_spec_move_layer (present (s), id, after, error);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

/* --- links --- */
gboolean
chain_session_can_connect (ChainSession *s, const char *from, const char *to, GError **error)
{
  ChainSpec *next = chain_spec_connect (present (s), from, to, NULL, s->data->d, error);

  if (next == NULL)
    return FALSE;
  chain_spec_unref (next);
  return TRUE;
}

gboolean
chain_session_connect (ChainSession *s, const char *from, const char *to, const char *join, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("connect %s to %s"), from, to);
  ChainSpec *next = chain_spec_connect (present (s), from, to, join, s->data->d, error);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

gboolean
chain_session_disconnect (ChainSession *s, const char *from, const char *to, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("disconnect %s from %s"), from, to);
  ChainSpec *next = chain_spec_disconnect (present (s), from, to, s->data->d, error);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

/* --- units --- */
gboolean
chain_session_remove_unit (ChainSession *s, const char *layer, guint index, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("remove unit %u of %s"), index + 1, layer);
  ChainSpec *next = chain_spec_remove_unit (present (s), layer, index, error);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

gboolean
chain_session_swap_units (ChainSession *s, const char *layer, guint a, guint b, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("exchange units %u and %u of %s"), a + 1, b + 1, layer);
  ChainSpec *next = chain_spec_swap_units (present (s), layer, a, b, error);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

/* Each draw has a salt of its own, or a second one would bring back what the first one did. */
gboolean
chain_session_reset_unit (ChainSession *s, const char *layer, guint index, GError **error)
{
  const ChainLayer *l = chain_spec_layer (present (s), layer), *owner = l != NULL && l->weights_of != NULL ? chain_spec_layer (present (s), l->weights_of) : l;
  g_autofree char *label = NULL, *graft = NULL, *salt = g_strdup_printf ("%" G_GUINT64_FORMAT, chain_document_moves (s->document) + 1);

  if (l == NULL || strcmp (l->type, "dense") != 0 || index >= l->units)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("Layer “%s” has no unit %u with weights of its own; choose a unit of a dense layer"), layer,
                   index + 1);
      return FALSE;
    }
  label = g_strdup_printf (_("reset unit %u of %s"), index + 1, layer);
  graft = g_strdup_printf ("draw %s %u %s", owner->id, g_array_index (owner->unit_ids, guint32, index), salt);
  return _chain_session_apply_graft (s, chain_spec_seal (chain_spec_copy (present (s))), graft, label, NULL, error);
}

/* --- growing --- */
gboolean
chain_session_widen (ChainSession *s, const char *id, guint units, GError **error)
{
  g_autofree char *label = g_strdup_printf (_("widen %s, keeping the function"), id), *graft = g_strdup_printf ("split %s", id);
  ChainSpec *next = chain_spec_widen (present (s), id, units, error);

  return next != NULL && _chain_session_apply_graft (s, next, graft, label, NULL, error);
}

gboolean
chain_session_deepen (ChainSession *s, const char *after, GError **error)
{
  g_autofree char *added = NULL, *graft = NULL;
  ChainSpec *next = chain_spec_deepen (present (s), after, s->data->d, &added, error);

  if (next == NULL)
    return FALSE;
  graft = g_strdup_printf ("identity %s", added);
  return _chain_session_apply_graft (s, next, graft, _("deepen, keeping the function"), NULL, error);
}

/* --- one setting of a layer --- */
static gboolean
refuse_value (const char *field, const char *value, const char *what, GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("“%s” is no %s: give %s"), value, field, what);
  return FALSE;
}

static gboolean
set_row (ChainChoice *c, const char *field, const char *value, gboolean exists, const char *none, GError **error)
{
  if (!exists && strcmp (value, none) != 0)
    return refuse_value (field, value, _("a name from the list"), error);
  chain_choice_set (c, exists ? value : NULL, NULL);
  return TRUE;
}

static gboolean
set_number (double *to, const char *field, const char *value, double most, GError **error)
{
  double v;

  if (!chain_number_parse (value, -1, &v) || v < 0 || v > most)
    return refuse_value (field, value, most < 2 ? _("a number from 0 to 1") : _("a number from 0"), error);
  *to = v;
  return TRUE;
}

static gboolean
set_frozen (ChainLayer *l, const char *value, GError **error)
{
  gboolean yes = strcmp (value, "1") == 0 || strcmp (value, "true") == 0;

  if (!yes && strcmp (value, "0") != 0 && strcmp (value, "false") != 0)
    return refuse_value ("frozen", value, _("0 or 1"), error);
  l->frozen = yes;
  return TRUE;
}

static gboolean
set_field (ChainLayer *l, const char *field, const char *value, GError **error)
{
  if (strcmp (field, "activation") == 0)
    return set_row (&l->activation, field, value, chain_activation_row (value) != NULL && strcmp (value, "identity") != 0,
                    strcmp (value, "identity") == 0 ? "identity" : "none", error);
  if (strcmp (field, "init") == 0)
    return set_row (&l->initialiser, field, value, chain_init_row (value) != NULL, "default", error);
  if (strcmp (field, "dropout") == 0)
    return set_number (&l->dropout, field, value, 1, error);
  if (strcmp (field, "rate") == 0)
    return set_number (&l->rate, field, value, G_MAXDOUBLE, error);
  if (strcmp (field, "decay") == 0 && strcmp (value, "default") == 0)
    {
      l->decay = NAN;
      return TRUE;
    }
  if (strcmp (field, "decay") == 0)
    return set_number (&l->decay, field, value, G_MAXDOUBLE, error);
  if (strcmp (field, "frozen") == 0)
    return set_frozen (l, value, error);
  if (strcmp (field, "note") == 0)
    {
      chain_set_str (&l->note, *value != '\0' ? value : NULL);
      return TRUE;
    }
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("A layer has no setting “%s”"), field);
  return FALSE;
}

static gboolean
set_units (ChainSession *s, const char *id, const char *value, GError **error)
{
  gint64 n;

  if (!chain_number_parse_int (value, -1, 1, 1000000, &n))
    return refuse_value ("units", value, _("a whole number from 1"), error);
  return chain_session_set_units (s, id, (int) n, error);
}

static const char *
name_of_field (const char *field)
{
  static const struct { const char *field, *name; } names[] = {
    { "activation", N_ ("activation of %s") }, { "init", N_ ("initialiser of %s") }, { "dropout", N_ ("dropout of %s") },
    { "rate", N_ ("rate factor of %s") }, { "decay", N_ ("decay of %s") }, { "frozen", N_ ("freeze %s") }, { "note", N_ ("note of %s") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].field, field) == 0)
      return _(names[i].name);
  return _("settings of %s");
}

gboolean
chain_session_set_layer (ChainSession *s, const char *id, const char *field, const char *value, GError **error)
{
  ChainSpec *next;
  g_autofree char *label = NULL, *key = g_strdup_printf ("layer.%s.%s", id, field);

  if (chain_spec_layer (present (s), id) == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There is no layer “%s” in this network"), id);
      return FALSE;
    }
  if (strcmp (field, "units") == 0)
    return set_units (s, id, value, error);
  if (strcmp (field, "norm") == 0)
    {
      label = g_strdup_printf (_("normalisation of %s"), id);
      next = chain_spec_set_norm (present (s), id, value, error);
      return next != NULL && chain_session_apply (s, next, label, NULL, error);
    }
  next = chain_spec_copy (present (s));
  if (!set_field (chain_spec_layer (next, id), field, value, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  label = g_strdup_printf (name_of_field (field), id);
  return chain_session_apply (s, chain_spec_seal (next), label, key, error);
}

/* --- what an edit costs --- */
/* As the picture of the network calls it. */
static char *
layer_words (const ChainSpec *spec, const char *id)
{
  int at = chain_spec_layer_index (spec, id);
  guint number = 0;

  if (at + 1 == (int) spec->layers->len)
    return g_strdup (_("the output"));
  if (strcmp (chain_spec_layer (spec, id)->type, "dense") != 0)
    return g_strdup (id);
  for (int i = 0; i <= at; i++)
    number += strcmp (((const ChainLayer *) g_ptr_array_index (spec->layers, (guint) i))->type, "dense") == 0;
  return g_strdup_printf (_("layer %u"), number);
}

/* "36 weights of layer 2", "1 bias of the output", "4 numbers (gamma) of norm1" */
static char *
lost_text (const ChainModel *m, const ChainLost *lost)
{
  g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, lost->count), *where = layer_words (m->spec, lost->layer);
  gulong n = (gulong) lost->count;

  if (lost->kind == CHAIN_PARAM_WEIGHT)
    return g_strdup_printf (ngettext ("%s weight of %s", "%s weights of %s", n), count, where);
  if (lost->kind == CHAIN_PARAM_BIAS)
    return g_strdup_printf (ngettext ("%s bias of %s", "%s biases of %s", n), count, where);
  return g_strdup_printf (ngettext ("%s number (%s) of %s", "%s numbers (%s) of %s", n), count, strrchr (lost->name, '.') + 1, where);
}

char *
_chain_session_lost (const ChainModel *from, const ChainModel *to)
{
  g_autoptr (GArray) lost = chain_model_lost (from, to);
  GString *text;
  guint64 rest = 0;

  if (lost->len == 0)
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < lost->len; i++)
    {
      const ChainLost *one = &g_array_index (lost, ChainLost, i);
      g_autofree char *part = i < MOST_NAMED ? lost_text (from, one) : NULL;

      rest += part != NULL ? 0 : one->count;
      if (part != NULL)
        g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", part);
    }
  if (rest > 0)
    {
      g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, rest);

      g_string_append_printf (text, ngettext (", and %s more number", ", and %s more numbers", (gulong) rest), count);
    }
  return g_string_free (text, FALSE);
}

/* Rows of data do not matter here, only what they look like: a change of the data set itself is not looked at. */
char *
chain_session_discards (ChainSession *s, const ChainSpec *next)
{
  g_autoptr (ChainSpec) held = next->sealed ? chain_spec_ref (next) : chain_spec_seal (chain_spec_copy (next));
  g_autoptr (ChainModel) model = chain_model_new (held, s->data->prep, NULL);

  return model != NULL ? _chain_session_lost (s->model, model) : NULL;
}
