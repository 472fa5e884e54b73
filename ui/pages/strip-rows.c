/* SPDX-License-Identifier: Apache-2.0 */
/* A loss that does not suit the data is listed all the same, with what it lacks: who looks for it should learn why it is not to be had. The
 * reasons follow from the row's roles and task alone, as the engine's refusals do; a test compares the two for every loss. Losses for numbers
 * serve classes too: the class is then a number, or a row of the unit matrix, which is worth comparing with cross-entropy. */
#include "config.h"

#include "ui/pages/strip-rows.h"

#include <glib/gi18n-lib.h>

static char *
size_of (const ChainDataRow *row)
{
  if (!row->generated)
    return g_strdup (_(row->info.formula));
  if (row->classes > 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u input → %u classes", "%u inputs → %u classes", row->dims), row->dims, row->classes);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u input → a number", "%u inputs → a number", row->dims), row->dims);
}

GPtrArray *
_chain_strip_data_rows (ChainSession *session)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (session));
  gboolean own = spec->data.source == CHAIN_SOURCE_FILE || spec->data.source == CHAIN_SOURCE_EMBEDDED;
  g_autofree char *name = own ? (spec->data.path != NULL ? g_path_get_basename (spec->data.path) : g_strdup (spec->name)) : NULL;
  GPtrArray *rows = chain_menu_rows_new ();
  guint n;
  const ChainDataRow *table = chain_table_data (&n);

  if (own)
    chain_menu_rows_add (rows, &(ChainMenuRow){ .id = "", .title = name != NULL ? name : _("Own data"), .group = _("File") });
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *size = size_of (&table[i]);

      chain_menu_rows_add (rows, &(ChainMenuRow){ .id = table[i].info.id, .info = &table[i].info, .note = size });
    }
  return rows;
}

/* Roles that a layer besides the output must play, or a column that nobody has named. */
static char *
lacking_role (const ChainLossRow *row, const char **group)
{
  for (guint k = 1; k < row->n_roles; k++)
    {
      *group = row->roles[k].is_data ? _("Needs other data") : _("Needs other layers");
      if (!row->roles[k].is_data)
        return g_strdup_printf (_("Needs a second layer of the network to play “%s”."), row->roles[k].name);
      if (row->roles[k].column)
        return g_strdup_printf (_("Needs a column of the data to play “%s”."), row->roles[k].name);
    }
  return NULL;
}

static char *
refusal (const ChainLossRow *row, const ChainSpec *spec, const ChainDataset *d, const char **group)
{
  const ChainLayer *out = spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;
  char *lack = lacking_role (row, group);

  if (lack != NULL)
    return lack;
  *group = _("Needs other data");
  if (!d->prep->classify && (row->task == CHAIN_LOSS_BINARY || row->task == CHAIN_LOSS_MULTICLASS))
    return g_strdup (_("Needs classes as targets; this data gives numbers."));
  if (row->task == CHAIN_LOSS_BINARY && d->prep->n_classes > 2)
    return g_strdup_printf (_("Needs two classes; this data has %u."), d->prep->n_classes);
  if (row->n_roles > 1 && g_strcmp0 (row->roles[1].source, "x") == 0 && out != NULL && out->units != d->d)
    {
      *group = _("Needs other layers");
      return g_strdup_printf (_("Needs an output for each input: %u."), d->d);
    }
  return NULL;
}

GPtrArray *
_chain_strip_loss_rows (ChainSession *session)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (session));
  const ChainDataset *d = chain_session_data (session);
  const char *present = spec->losses->len > 0 ? ((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice.id : NULL;
  GPtrArray *rows = chain_menu_rows_new ();
  guint n;
  const ChainLossRow *table = chain_table_losses (&n);

  for (guint i = 0; i < n; i++)
    {
      const char *group = NULL;
      g_autofree char *reason = g_strcmp0 (table[i].info.id, present) != 0 ? refusal (&table[i], spec, d, &group) : NULL;

      chain_menu_rows_add (rows, &(ChainMenuRow){ .id = table[i].info.id, .info = &table[i].info, .group = reason != NULL ? group : NULL, .reason = reason });
    }
  return rows;
}
