/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as text, with their weights: what goes through the clipboard to another place, window or program.
 *
 * { "format": "chainrule-layers/1", "spec": a spec that holds just these layers, "weights": { "d1.weight": [rows, columns, [numbers]] } }
 *
 * A layer that uses another one's weights takes them along as its own unless that one is copied too. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/io/spec-io.h"
#include "app/session/build.h"
#include "app/session/session-private.h"
#include "engine/base/number.h"
#include "engine/base/limits.h"
#include "engine/nn/edit.h"

#include <math.h>
#include <string.h>

#define FORMAT "chainrule-layers/1"
#define MOST_NUMBERS ((guint64) 4000000)

static gboolean
is_wanted (const char *const *ids, const char *id)
{
  for (; *ids != NULL; ids++)
    if (strcmp (*ids, id) == 0)
      return TRUE;
  return FALSE;
}

static const ChainTensor *
find (const GPtrArray *tensors, const char *name)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);

      if (strcmp (n->name, name) == 0)
        return n->tensor;
    }
  return NULL;
}

static json_t *
tensor_json (const ChainTensor *t)
{
  json_t *j = json_array (), *values = json_array ();
  gsize n = chain_tensor_size (t);

  for (gsize i = 0; i < n; i++)
    json_array_append_new (values, json_real (chain_tensor_get (t, i)));
  json_array_append_new (j, json_integer ((json_int_t) t->rows));
  json_array_append_new (j, json_integer ((json_int_t) t->cols));
  json_array_append_new (j, values);
  return j;
}

static gboolean
is_finite (const ChainTensor *t)
{
  gsize n = chain_tensor_size (t);

  for (gsize i = 0; i < n; i++)
    if (!isfinite (chain_tensor_get (t, i)))
      return FALSE;
  return TRUE;
}

/* Parameters and running statistics of a layer, under the name of `as`. FALSE: some are no numbers, and left out. */
static gboolean
add_weights (json_t *to, const ChainModel *m, const GPtrArray *tensors, const char *layer, const char *as)
{
  gboolean all = TRUE;
  const GArray *const lists[] = { m->params, m->buffers };

  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; i < lists[k]->len; i++)
      {
        const ChainTensorInfo *info = &g_array_index (lists[k], ChainTensorInfo, i);
        const ChainTensor *t = strcmp (info->layer, layer) == 0 ? find (tensors, info->name) : NULL;
        g_autofree char *name = t != NULL ? g_strconcat (as, strrchr (info->name, '.'), NULL) : NULL;

        if (t != NULL && is_finite (t))
          json_object_set_new (to, name, tensor_json (t));
        else if (t != NULL)
          all = FALSE;
      }
  return all;
}

static guint64
count_numbers (const ChainModel *m, const char *const *ids)
{
  const GArray *const lists[] = { m->params, m->buffers };
  guint64 n = 0;

  for (; *ids != NULL; ids++)
    {
      const ChainLayer *l = chain_spec_layer (m->spec, *ids);

      for (guint k = 0; l != NULL && k < G_N_ELEMENTS (lists); k++)
        for (guint i = 0; i < lists[k]->len; i++)
          {
            const ChainTensorInfo *t = &g_array_index (lists[k], ChainTensorInfo, i);

            if (strcmp (t->layer, l->weights_of != NULL ? l->weights_of : l->id) == 0)
              n += (guint64) t->rows * t->cols;
          }
    }
  return n;
}

static char *
too_large (ChainSession *s)
{
  _chain_session_message (s, _("These layers have more numbers than can be copied; copy fewer layers, or save the document and open it there"), NULL, NULL);
  return NULL;
}

char *
chain_session_copy_layers (ChainSession *s, const char *const *ids)
{
  g_autoptr (ChainSpec) part = NULL;
  g_autoptr (GPtrArray) tensors = NULL;
  g_autoptr (ChainJson) root = NULL;
  g_autofree char *text = NULL;
  json_t *weights;
  gboolean all = TRUE;

  if (count_numbers (s->model, ids) > MOST_NUMBERS)
    return too_large (s);
  part = chain_spec_copy (chain_document_spec (s->document));
  tensors = _chain_session_weights (s);
  root = json_object ();
  weights = json_object ();

  for (guint i = part->layers->len; i-- > 0;)
    if (!is_wanted (ids, ((const ChainLayer *) g_ptr_array_index (part->layers, i))->id))
      g_ptr_array_remove_index (part->layers, i);
  for (guint i = 0; i < part->layers->len; i++)
    {
      ChainLayer *l = g_ptr_array_index (part->layers, i);

      all &= add_weights (weights, s->model, tensors, l->weights_of != NULL ? l->weights_of : l->id, l->id);
      if (l->weights_of != NULL && chain_spec_layer (part, l->weights_of) == NULL)
        chain_set_str (&l->weights_of, NULL);
    }
  json_object_set_new (root, "format", json_string (FORMAT));
  json_object_set_new (root, "spec", _chain_spec_to_tree (part, TRUE));
  json_object_set_new (root, "weights", weights);
  if (part->layers->len == 0)
    return NULL;
  text = chain_json_write (root, FALSE);
  if (text != NULL && strlen (text) > CHAIN_LIMIT_JSON_BYTES)
    return too_large (s);
  if (!all)
    _chain_session_message (s, _("Weights that are no numbers are not copied; where the layer is pasted they are drawn anew"), NULL, NULL);
  return g_steal_pointer (&text);
}

/* --- pasting --- */
static json_t *
read_text (const char *text, ChainSpec **part, GError **error)
{
  json_t *root = chain_json_read (text, strlen (text), NULL, NULL, NULL);

  *part = NULL;
  if (root != NULL && g_strcmp0 (json_string_value (json_object_get (root, "format")), FORMAT) == 0)
    *part = _chain_spec_from_tree (json_object_get (root, "spec"), NULL, NULL);
  if (*part != NULL)
    return root;
  if (root != NULL)
    json_decref (root);
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SYNTAX, _("The clipboard holds no layers of a network; copy a layer first"));
  return NULL;
}

/* [rows, columns, [numbers]], as many as that and all finite. */
static gboolean
is_tensor (const json_t *t)
{
  json_int_t rows = json_integer_value (json_array_get (t, 0)), cols = json_integer_value (json_array_get (t, 1));
  const json_t *values = json_array_get (t, 2), *v;
  gsize size, i;

  if (rows < 1 || cols < 1 || rows > CHAIN_LIMIT_WIDTH || cols > CHAIN_LIMIT_WIDTH || !chain_mul_size ((gsize) rows, (gsize) cols, &size)
      || size != json_array_size (values))
    return FALSE;
  json_array_foreach ((json_t *) values, i, v)
    if (!json_is_number (v) || !isfinite (json_number_value (v)))
      return FALSE;
  return TRUE;
}

static void
append_set (GString *graft, const char *name, const json_t *t)
{
  const json_t *v;
  size_t i;

  g_string_append_printf (graft, "set %s %d %d", name, (int) json_integer_value (json_array_get (t, 0)),
                          (int) json_integer_value (json_array_get (t, 1)));
  json_array_foreach (json_array_get (t, 2), i, v)
    {
      char number[CHAIN_NUMBER_SIZE];

      g_string_append_printf (graft, " %s", chain_number_write (number, json_number_value (v)));
    }
  g_string_append_c (graft, '\n');
}

/* "set d4.weight 6 2 0.1 …" for each tensor of a pasted layer that m has by that name. */
static gboolean
append_sets (GString *graft, const ChainModel *m, const json_t *weights, const char *from, const char *to, GError **error)
{
  g_autofree char *prefix = g_strconcat (from, ".", NULL);
  const char *name;
  json_t *t;

  json_object_foreach ((json_t *) weights, name, t)
    {
      g_autofree char *own = g_str_has_prefix (name, prefix) ? g_strconcat (to, ".", name + strlen (prefix), NULL) : NULL;
      const ChainTensorInfo *info = own != NULL ? chain_model_tensor (m, own) : NULL;

      if (info == NULL || info->kind == CHAIN_PARAM_MOMENT)
        continue;
      if (!is_tensor (t))
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SYNTAX, _("The clipboard's weights of layer “%s” are damaged; copy the layer again"), from);
          return FALSE;
        }
      append_set (graft, own, t);
    }
  return TRUE;
}

/* Everything is checked here: what the trainer refuses later is an edit that the document has already. */
static gboolean
make_graft (ChainSession *s, GString *graft, const json_t *weights, const ChainSpec *next, const GPtrArray *layers, const GPtrArray *ids, GError **error)
{
  ChainModel *m = chain_model_new (next, s->data->prep, error);
  gboolean good = m != NULL;

  for (guint i = 0; good && i < layers->len; i++)
    good = append_sets (graft, m, weights, ((const ChainLayer *) g_ptr_array_index (layers, i))->id, g_ptr_array_index (ids, i), error);
  g_clear_pointer (&m, chain_model_free);
  return good;
}

gboolean
chain_session_paste_layers (ChainSession *s, const char *text, const char *after, GError **error)
{
  g_autoptr (ChainSpec) part = NULL;
  g_autoptr (ChainJson) root = read_text (text, &part, error);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GString) graft = g_string_new (NULL);
  g_autofree char *label = NULL;
  ChainSpec *next = root == NULL ? NULL : chain_spec_paste_layers (chain_document_spec (s->document), part->layers, after, &ids, error);

  if (next == NULL)
    return FALSE;
  if (!make_graft (s, graft, json_object_get (root, "weights"), next, part->layers, ids, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  label = g_strdup_printf (ngettext ("paste %u layer", "paste %u layers", ids->len), ids->len);
  if (!_chain_session_apply_graft (s, next, graft->str, label, NULL, error))
    return FALSE;
  s->own_numbers |= graft->len > 0;
  return TRUE;
}
