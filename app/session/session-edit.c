/* SPDX-License-Identifier: Apache-2.0 */
/* Edits. Each makes a new sealed spec and ends in _chain_session_enter(), the one place that checks it against the data, keeps the weights that a
 * structural change would lose, enters it into the history and tells the worker. A change of numbers only (rate, batch size) costs no more
 * than a copy of the spec. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/io/spec-io.h"
#include "app/session/session-private.h"

#include <math.h>
#include <string.h>

static void
send_spec (ChainSession *s, const ChainSpec *spec, gboolean new_data, const char *graft)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_SPEC);

  c->spec = chain_spec_ref (spec);
  c->data = new_data ? chain_dataset_ref (s->data) : NULL;
  c->graft = g_strdup (graft);
  _chain_session_send (s, c);
}

static gboolean
take_data (ChainSession *s, const ChainSpec *spec, ChainTable *table, ChainDataset *data)
{
  if (data == s->data)
    return FALSE;
  chain_table_ref (table);
  chain_dataset_ref (data);
  chain_table_unref (s->table);
  chain_dataset_unref (s->data);
  s->table = table;
  s->data = data;
  _chain_session_keep_data (s, spec, table, data);
  return TRUE;
}

/* entry: of the history, that the present run is of. */
static void
take_model (ChainSession *s, ChainModel *model, guint entry)
{
  if (!chain_model_same_graph (s->model, model->spec))
    _chain_session_put_by (s, entry);
  chain_model_free (s->model);
  s->model = model;
}

static void
tell_loss (ChainSession *s, const ChainModel *model)
{
  g_autofree char *lost = s->snapshot->step > 0 ? _chain_session_lost (s->model, model) : NULL;
  g_autofree char *text = lost != NULL ? g_strdup_printf (_("This edit drops %s"), lost) : NULL;

  if (text != NULL)
    _chain_session_message (s, text, _("Undo"), "win.undo");
}

static gboolean
refuse_if_equal (ChainSession *s, ChainSpec *next)
{
  if (!chain_spec_equal (next, chain_document_spec (s->document)))
    return FALSE;
  chain_spec_unref (next);
  return TRUE;
}

/* Numbers change, the network does not. */
static void
enter_numbers (ChainSession *s, ChainSpec *next, const char *graft, const char *label)
{
  chain_document_apply_weights (s->document, label, _chain_session_weights (s));
  chain_document_set_graft (s->document, graft);
  send_spec (s, chain_document_spec (s->document), FALSE, graft);
  chain_spec_unref (next);
}

/* Those that leave every reader its weights, where the ids alone would say that they are lost. */
static gboolean
keeps_readers (const char *graft)
{
  return graft != NULL && (g_str_has_prefix (graft, "copy ") || g_str_has_prefix (graft, "split ") || g_str_has_prefix (graft, "identity "));
}

/* graft: nullable. */
static gboolean
enter (ChainSession *s, ChainSpec *next, ChainTable *table, ChainDataset *data, const char *graft, const char *label, const char *merge_key,
       GError **error)
{
  g_autoptr (ChainSpec) held = chain_spec_ref (next), before = chain_spec_ref (chain_document_spec (s->document));
  GPtrArray *weights = NULL;
  ChainModel *model = NULL;
  gboolean structural = data != s->data || !chain_model_same_graph (s->model, next), new_data, paced;

  if (structural)
    model = chain_model_new (next, data->prep, error);
  if ((structural && model == NULL) || (!structural && !chain_spec_validate (next, data->d, error)))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  paced = data != s->data || next->batch_size != chain_document_spec (s->document)->batch_size;
  if (structural)
    {
      weights = _chain_session_weights (s);
      if (!keeps_readers (graft))
        tell_loss (s, model);
      take_model (s, model, chain_history_serial (chain_document_entries (s->document)));
    }
  new_data = take_data (s, next, table, data);
  chain_document_apply (s->document, next, label, merge_key, weights);
  if (graft != NULL)
    chain_document_set_graft (s->document, graft);
  send_spec (s, held, new_data, graft);
  if (paced)
    _chain_session_send_speed (s);
  _chain_session_draw_again (s, before);
  return TRUE;
}

gboolean
_chain_session_enter (ChainSession *s, ChainSpec *next, ChainTable *table, ChainDataset *data, const char *label, const char *merge_key,
                      GError **error)
{
  return refuse_if_equal (s, next) || enter (s, next, table, data, NULL, label, merge_key, error);
}

gboolean
_chain_session_apply_graft (ChainSession *s, ChainSpec *next, const char *graft, const char *label, const char *merge_key, GError **error)
{
  if (!chain_spec_equal (next, chain_document_spec (s->document)))
    return enter (s, next, s->table, s->data, graft, label, merge_key, error);
  enter_numbers (s, next, graft, label);
  return TRUE;
}

gboolean
chain_session_apply (ChainSession *s, ChainSpec *next, const char *label, const char *merge_key, GError **error)
{
  ChainTable *table;
  ChainDataset *data;
  g_autofree char *folder = chain_document_path (s->document) != NULL ? g_path_get_dirname (chain_document_path (s->document)) : NULL;
  gboolean ok;

  if (!next->sealed)
    chain_spec_seal (next);
  if (!_chain_session_find_data (s, next, folder, &table, &data, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  ok = _chain_session_enter (s, next, table, data, label, merge_key, error);
  chain_table_unref (table);
  chain_dataset_unref (data);
  return ok;
}

static ChainSpec *
present_copy (ChainSession *s)
{
  return chain_spec_copy (chain_document_spec (s->document));
}

gboolean
chain_session_set (ChainSession *s, const char *path, const char *value, const char *label, const char *merge_key, GError **error)
{
  ChainSpec *next = present_copy (s);

  if (!chain_spec_set_path (next, path, value, error))
    {
      chain_spec_unref (next);
      return FALSE;
    }
  return chain_session_apply (s, chain_spec_seal (next), label, merge_key, error);
}

static gboolean
no_row (const char *what, const char *id, GError **error)
{
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There is no %s “%s”; the menu lists them"), what, id);
  return FALSE;
}

gboolean
chain_session_set_loss (ChainSession *s, const char *loss_id, GError **error)
{
  const ChainLossRow *row = chain_loss_row (loss_id);
  ChainSpec *next;
  guint width = 0;
  g_autofree char *label = NULL;

  if (row == NULL)
    return no_row (_("loss"), loss_id, error);
  next = present_copy (s);
  if (s->data->prep->classify && row->task == CHAIN_LOSS_BINARY)
    width = 1;
  else if (s->data->prep->classify && row->task == CHAIN_LOSS_MULTICLASS)
    width = MAX (s->data->prep->n_classes, 2);
  _chain_session_set_loss_of (next, loss_id, width);
  label = g_strdup_printf (_("loss: %s"), _(row->info.title));
  return chain_session_apply (s, chain_spec_seal (next), label, NULL, error);
}

/* Keeps the value of a parameter if the new row has one of that name and the value is in its range. */
static void
keep_param (ChainChoice *to, const ChainChoice *from, const ChainRowInfo *row, const char *name)
{
  double value;

  if (!chain_choice_param (from, name, &value))
    return;
  for (guint i = 0; i < row->n_params; i++)
    {
      const ChainParamInfo *p = &row->params[i];

      if (strcmp (p->name, name) != 0 || value < p->min || value > p->max || (p->open_min && value <= p->min)
          || (p->open_max && value >= p->max))
        continue;
      chain_choice_set_param (to, name, value);
    }
}

gboolean
chain_session_set_optimiser (ChainSession *s, const char *id, GError **error)
{
  const ChainOptimRow *row = chain_optim_row (id);
  const ChainSpec *spec = chain_document_spec (s->document);
  ChainSpec *next;
  g_autofree char *label = NULL;
  gboolean fresh;

  if (row == NULL)
    return no_row (_("optimiser"), id, error);
  next = present_copy (s);
  chain_choice_set (&next->optimiser, id, NULL);
  keep_param (&next->optimiser, &spec->optimiser, &row->info, "lr");
  keep_param (&next->optimiser, &spec->optimiser, &row->info, "weight_decay");
  fresh = s->snapshot->step > 0 && g_strcmp0 (spec->optimiser.id, id) != 0;
  label = g_strdup_printf (_("optimiser: %s"), _(row->info.title));
  if (!chain_session_apply (s, chain_spec_seal (next), label, NULL, error))
    return FALSE;
  if (fresh)
    _chain_session_message (s, _("The weights stay; what the optimiser remembers starts again"), _("Undo"), "win.undo");
  return TRUE;
}

gboolean
chain_session_add_layer (ChainSession *s, const char *after, GError **error)
{
  ChainSpec *next = chain_spec_insert_layer (chain_document_spec (s->document), after, error);

  return next != NULL && chain_session_apply (s, next, _("add layer"), NULL, error);
}

gboolean
chain_session_remove_layer (ChainSession *s, const char *id, GError **error)
{
  ChainSpec *next = chain_spec_remove_layer (chain_document_spec (s->document), id, error);
  g_autofree char *label = g_strdup_printf (_("remove layer %s"), id);

  return next != NULL && chain_session_apply (s, next, label, NULL, error);
}

gboolean
chain_session_set_units (ChainSession *s, const char *id, int units, GError **error)
{
  ChainSpec *next;
  g_autofree char *key = g_strdup_printf ("layer.%s.units", id), *label = g_strdup_printf (_("units of %s"), id);

  if (units < 1)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("A layer needs at least one unit; to take it out, remove the layer"));
      return FALSE;
    }
  next = chain_spec_set_units (chain_document_spec (s->document), id, (guint) units, error);
  return next != NULL && chain_session_apply (s, next, label, key, error);
}

gboolean
chain_session_set_activation (ChainSession *s, const char *layer, const char *id, GError **error)
{
  const ChainActivationRow *row = chain_activation_row (id);
  ChainSpec *next;
  ChainLayer *l;
  g_autofree char *label = NULL;

  if (row == NULL)
    return no_row (_("activation"), id, error);
  next = present_copy (s);
  l = chain_spec_layer (next, layer);
  if (l == NULL)
    {
      chain_spec_unref (next);
      return no_row (_("layer"), layer, error);
    }
  chain_choice_set (&l->activation, strcmp (id, "identity") == 0 ? NULL : id, NULL);
  label = g_strdup_printf (_("activation of %s: %s"), layer, _(row->info.title));
  return chain_session_apply (s, chain_spec_seal (next), label, NULL, error);
}

static void
send_weight (ChainSession *s, const char *tensor, guint row, guint col, double value)
{
  ChainCommand *c = chain_command_new (CHAIN_COMMAND_WEIGHT);

  c->name = g_strdup (tensor);
  c->row = row;
  c->col = col;
  c->value = value;
  _chain_session_send (s, c);
}

static void
read_weight (ChainTrainer *t, gpointer data)
{
  ChainWeightEdit *edit = data;
  const ChainTensorInfo *info = chain_model_tensor (chain_trainer_model (t), edit->tensor);
  gsize n = info != NULL ? (gsize) info->rows * info->cols : 0;
  g_autofree double *v = g_new (double, n + 1);

  if (n > (gsize) edit->row * info->cols + edit->col && chain_exec_read_leaf (chain_trainer_exec (t), info->leaf, v, n))
    edit->before = v[(gsize) edit->row * info->cols + edit->col];
}

/* The number before is asked for once a drag: the first edit of it has it. */
gboolean
chain_session_set_weight (ChainSession *s, const char *tensor, guint row, guint col, double value, GError **error)
{
  const ChainTensorInfo *info = chain_model_tensor (s->model, tensor);
  ChainWeightEdit edit = { tensor, row, col, value, value };
  g_autofree char *key = g_strdup_printf ("weight:%s:%u:%u", tensor, row, col), *label = g_strdup_printf (_("value in %s"), tensor);

  if (info == NULL || row >= info->rows || col >= info->cols || !isfinite (value))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _("%s has no entry in row %u, column %u that could take this value"), tensor, row,
                   col);
      return FALSE;
    }
  if (!chain_document_merges (s->document, key))
    chain_worker_call (s->worker, read_weight, &edit);
  send_weight (s, tensor, row, col, value);
  chain_document_apply_weight (s->document, &edit, label, key);
  s->own_numbers = TRUE;
  return TRUE;
}

/* --- undo --- */
static void
load_weights (ChainTrainer *t, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!chain_trainer_load_state (t, data, &error))
    g_debug ("weights of an undone edit: %s", error->message);
}

/* The worker follows the document after its cursor moved away from entry `from`. graft: where no weights are kept. */
static void
follow (ChainSession *s, GPtrArray *weights, const char *graft, guint from)
{
  const ChainSpec *spec = chain_document_spec (s->document);
  g_autofree char *folder = chain_document_path (s->document) != NULL ? g_path_get_dirname (chain_document_path (s->document)) : NULL;
  g_autoptr (GError) error = NULL;
  ChainTable *table;
  ChainDataset *data;
  ChainModel *model;
  gboolean new_data;

  if (!_chain_session_find_data (s, spec, folder, &table, &data, &error))
    {
      _chain_session_message (s, error->message, NULL, NULL);
      return;
    }
  model = chain_model_new (spec, data->prep, &error);
  if (model != NULL)
    {
      take_model (s, model, from);
      new_data = take_data (s, spec, table, data);
      send_spec (s, spec, new_data, weights == NULL ? graft : NULL);
      _chain_session_send_speed (s);
      if (weights != NULL)
        chain_worker_call (s->worker, load_weights, weights);
    }
  else
    _chain_session_message (s, error->message, NULL, NULL);
  chain_table_unref (table);
  chain_dataset_unref (data);
}

/* One number set by hand goes back to what it was, without touching anything else. Otherwise the worker follows the spec, and where weights come
 * back those of the present are kept for the way back. */
static gboolean
move (ChainSession *s, gboolean redo)
{
  g_autoptr (GPtrArray) weights = NULL;
  const ChainWeightEdit *edit = chain_document_next_weight (s->document, redo);
  GPtrArray *now = chain_document_next_has_state (s->document, redo) ? _chain_session_weights (s) : NULL;
  g_autofree char *graft = redo ? g_strdup (chain_document_redo_graft (s->document)) : NULL;
  guint from = chain_history_serial (chain_document_entries (s->document));
  gboolean moved, lost = chain_document_next_is_lost (s->document, redo);

  if (edit != NULL)
    send_weight (s, edit->tensor, edit->row, edit->col, redo ? edit->after : edit->before);
  moved = redo ? chain_document_redo (s->document, &weights) : chain_document_undo (s->document, &weights);
  if (now != NULL && moved)
    chain_document_keep (s->document, redo, now);
  if (moved && edit == NULL)
    follow (s, weights, graft, from);
  if (moved && lost)
    _chain_session_message (s, redo ? _("The weights from after this step are no longer kept") : _("The weights from before this step are no longer kept"),
                            NULL, NULL);
  return moved;
}

gboolean
chain_session_undo (ChainSession *s)
{
  return move (s, FALSE);
}

gboolean
chain_session_redo (ChainSession *s)
{
  return move (s, TRUE);
}
