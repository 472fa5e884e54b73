/* SPDX-License-Identifier: Apache-2.0 */
/* The present weights are taken, those that the map fills are replaced, and all go back in one call between two steps, so that no picture shows
 * half of it. The optimiser's moments stay: they belong to the run, which goes on from other weights as after an edit by hand. */
#include "config.h"

#include "app/session/documents/weights.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/session/session-private.h"

ChainWeightsMap *
chain_session_map_weights (ChainSession *s, const char *path, GError **error)
{
  ChainTensorFile *file = chain_tensor_file_load (path, NULL, error);

  return file != NULL ? chain_weights_map_new (file, s->model) : NULL;
}

static gboolean
is_present (ChainSession *s, const ChainWeightsMap *map, GError **error)
{
  for (guint i = 0; i < map->targets->len; i++)
    {
      const ChainMapTarget *t = g_ptr_array_index (map->targets, i);
      const ChainTensorInfo *info = chain_model_tensor (s->model, t->name);

      if (info == NULL || info->rows != t->rows || info->cols != t->cols)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_INCONSISTENT, _("The network has changed meanwhile: %s is another; open the file again"), t->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
is_finite (GPtrArray *tensors, GError **error)
{
  for (guint i = 0; i < tensors->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (tensors, i);

      for (gsize k = 0; k < chain_tensor_size (n->tensor); k++)
        if (!isfinite (chain_tensor_get (n->tensor, k)))
          {
            g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("What would go to %s holds NaN or infinity; leave it out"), n->name);
            return FALSE;
          }
    }
  return TRUE;
}

typedef struct { const ChainWeightsMap *map; GPtrArray *before; GError *error; gboolean ok; } Swap;

static void
swap (ChainTrainer *t, gpointer data)
{
  Swap *w = data;
  g_autoptr (GPtrArray) plain = chain_trainer_save_tensors (t, FALSE), merged = chain_weights_map_merge (w->map, plain, &w->error);

  if (merged == NULL || !is_finite (merged, &w->error))
    return;
  w->before = chain_trainer_save_state (t);
  w->ok = chain_trainer_load_tensors (t, merged, FALSE, NULL, &w->error);
}

gboolean
chain_session_apply_weights (ChainSession *s, const ChainWeightsMap *map, const char *name, GError **error)
{
  Swap w = { .map = map };
  g_autofree char *label = g_strdup_printf (_("weights of %s"), name);

  if (!is_present (s, map, error))
    return FALSE;
  chain_worker_call (s->worker, swap, &w);
  if (!w.ok)
    {
      g_clear_pointer (&w.before, g_ptr_array_unref);
      g_propagate_error (error, w.error);
      return FALSE;
    }
  chain_document_apply_weights (s->document, label, w.before);
  s->own_numbers = TRUE;
  s->stale = TRUE;
  return TRUE;
}
