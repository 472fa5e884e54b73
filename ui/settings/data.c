/* SPDX-License-Identifier: Apache-2.0 */
/* Data: the set with its numbers, what is held out, how it is scaled, and for a table what each column is. All of it is part of the spec, so that
 * undo brings the very same rows back. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stddef.h>
#include <string.h>

#include "ui/pages/strip-rows.h"
#include "ui/settings/section.h"

#define MOST_COLUMNS 64u         /* an image has a column a pixel: nobody picks among those */

typedef struct
{
  ChainSession        *session;
  AdwPreferencesGroup *group, *file_group, *column_group;
  ChainRowChoice      *choice;
  ChainFields         *made, *split, *file, *sampling;
  GPtrArray           *columns;     /* of Column */
} Data;

typedef struct { Data *all; GtkWidget *row, *pick; char *name; } Column;

/* --- fields --- */
static gboolean
is_generated (const ChainSpec *spec, ChainSession *session)
{
  return spec->data.source == CHAIN_SOURCE_GENERATOR;
}

static gboolean
is_read (const ChainSpec *spec, ChainSession *session)
{
  return spec->data.source != CHAIN_SOURCE_GENERATOR;
}

static gboolean
is_file (const ChainSpec *spec, ChainSession *session)
{
  return spec->data.source == CHAIN_SOURCE_FILE;
}

static gboolean
is_regression (const ChainSpec *spec, ChainSession *session)
{
  return !chain_session_data (session)->prep->classify;
}

static gboolean
is_split (const ChainSpec *spec, ChainSession *session)
{
  return spec->data.test > 0;
}

static gboolean
by_class (const ChainSpec *spec, ChainSession *session)
{
  return spec->order == CHAIN_ORDER_BALANCED || spec->order == CHAIN_ORDER_UNDERSAMPLE;
}

static const ChainPickItem input_scales[] = { { "standardise", N_("Mean 0, deviation 1") }, { "minmax", N_("From 0 to 1") }, { "none", N_("As they are") } };
static const ChainPickItem target_scales[] = { { "standardise", N_("Mean 0, deviation 1") }, { "none", N_("As they are") } };
static const ChainPickItem missing[] = { { "mean", N_("Take the mean") }, { "drop", N_("Leave the row out") } };
static const ChainPickItem tasks[] = { { "", N_("By the kind of the target") }, { "classify", N_("Classes") }, { "regress", N_("Numbers") } };
static const ChainPickItem delimiters[] = { { "auto", N_("Found out") }, { ",", N_("Comma") }, { ";", N_("Semicolon") }, { "\t", N_("Tab") }, { "|", N_("Bar |") },
                                            { " ", N_("Space") } };
static const ChainPickItem orders[] = { { "shuffle", N_("Shuffled each epoch") }, { "sequential", N_("As stored") }, { "replacement", N_("With replacement") },
                                        { "balanced", N_("Classes alike, by repeating") }, { "undersample", N_("Classes alike, by leaving out") } };

static const ChainFieldInfo made_fields[] = {
  { "data.seed", N_("Seed of the points"), N_("The same number makes the same points"), CHAIN_FIELD_BIG, offsetof (ChainSpec, data.seed), .of_data = TRUE,
    .applies = is_generated },
  { "data.task", N_("Task"), N_("What the target is read as"), CHAIN_FIELD_WORD, offsetof (ChainSpec, data.task), tasks, G_N_ELEMENTS (tasks), .of_data = TRUE,
    .applies = is_read },
  { "data.limit", N_("Rows at most"), N_("The first ones of the set"), CHAIN_FIELD_NUMBER, offsetof (ChainSpec, data.limit), .empty = N_("All"), .of_data = TRUE },
};
static const ChainFieldInfo split_fields[] = {
  { "data.test", N_("Share for the test"), N_("Rows that are never trained on, from 0 to below 1"), CHAIN_FIELD_NUMBER, offsetof (ChainSpec, data.test), .of_data = TRUE },
  { "data.stratify", N_("Each class with the same share"), NULL, CHAIN_FIELD_SWITCH, offsetof (ChainSpec, data.stratify), .of_data = TRUE, .applies = is_split },
  { "data.scale_inputs", N_("Scale of the inputs"), N_("Measured on the training rows"), CHAIN_FIELD_WORD, offsetof (ChainSpec, data.scale_inputs), input_scales, 3,
    .of_data = TRUE },
  { "data.scale_targets", N_("Scale of the targets"), NULL, CHAIN_FIELD_WORD, offsetof (ChainSpec, data.scale_targets), target_scales, 2, .of_data = TRUE,
    .applies = is_regression },
  { "data.missing", N_("Missing numbers"), NULL, CHAIN_FIELD_WORD, offsetof (ChainSpec, data.missing), missing, 2, .of_data = TRUE, .applies = is_read },
};
static const ChainFieldInfo file_fields[] = {
  { "data.delimiter", N_("Separator"), N_("Between two values of a line"), CHAIN_FIELD_WORD, offsetof (ChainSpec, data.delimiter), delimiters, G_N_ELEMENTS (delimiters),
    .of_data = TRUE },
  { "data.header", N_("First line is names"), NULL, CHAIN_FIELD_SWITCH, offsetof (ChainSpec, data.header), .of_data = TRUE },
};
static const ChainFieldInfo sampling_fields[] = {
  { "batch.size", N_("Rows in a batch"), N_("1: one sample at a time"), CHAIN_FIELD_COUNT, offsetof (ChainSpec, batch_size), .empty = N_("All") },
  { "batch.order", N_("Order"), N_("How rows are drawn into batches"), CHAIN_FIELD_ENUM, offsetof (ChainSpec, order), orders, G_N_ELEMENTS (orders), .applies = NULL },
  { "batch.frequencies", N_("Frequencies of the classes"), N_("In proportion, with commas: 1, 1, 2"), CHAIN_FIELD_TEXT, offsetof (ChainSpec, frequencies),
    .empty = N_("All alike"), .applies = by_class },
  { "batch.drop_last", N_("Leave out an incomplete batch"), N_("The last one of an epoch"), CHAIN_FIELD_SWITCH, offsetof (ChainSpec, drop_last), .applies = NULL },
};

/* --- the set --- */
static gboolean
data_picked_cb (const char *id, gpointer data, GError **error)
{
  return *id == '\0' || chain_session_set_data (((Data *) data)->session, id, error);
}

static gboolean
data_changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Data *d = data;
  ChainSpec *next = chain_section_copy (d->session);

  chain_choice_copy (&next->data.choice, choice);
  return chain_session_apply_data (d->session, next, label, key, error);
}

/* Own data stands in no table: a row without parameters. */
static void
show_choice (Data *d, const ChainSpec *spec)
{
  static const ChainRowInfo mine = { .id = "" };
  g_autoptr (GPtrArray) rows = _chain_strip_data_rows (d->session);
  gboolean own = spec->data.source == CHAIN_SOURCE_FILE || spec->data.source == CHAIN_SOURCE_EMBEDDED;
  const ChainDataRow *row = own ? NULL : chain_data_row (spec->data.choice.id);

  chain_row_choice_show (d->choice, rows, row != NULL ? &row->info : &mine, &spec->data.choice);
  chain_section_describe (d->group, row != NULL && row->info.when != NULL ? _(row->info.when) : NULL);
}

/* --- columns --- */
static void
column_free (gpointer p)
{
  Column *c = p;

  g_free (c->name);
  g_free (c);
}

static void
drop_name (GPtrArray *names, const char *name)
{
  guint at;

  if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, &at))
    g_ptr_array_remove_index (names, at);
}

static const char *
role_of (Data *d, const ChainSpec *spec, const char *name)
{
  const ChainPrep *prep = chain_session_data (d->session)->prep;

  for (guint i = 0; i < prep->targets->len; i++)
    if (strcmp (((const ChainPrepColumn *) g_ptr_array_index (prep->targets, i))->column, name) == 0)
      return "target";
  for (guint i = 0; i < prep->inputs->len; i++)
    if (strcmp (((const ChainPrepColumn *) g_ptr_array_index (prep->inputs, i))->column, name) == 0)
      return "input";
  return "ignore";
}

static void
keep_names (GPtrArray *to, const GPtrArray *columns)
{
  if (to->len > 0)
    return;
  for (guint i = 0; i < columns->len; i++)
    g_ptr_array_add (to, g_strdup (((const ChainPrepColumn *) g_ptr_array_index (columns, i))->column));
}

/* What was chosen by default is written down first, so that only this column changes its part. */
static void
role_cb (const char *role, gpointer data)
{
  Column *c = data;
  Data *d = c->all;
  ChainSpec *next = chain_section_copy (d->session);
  const ChainPrep *prep = chain_session_data (d->session)->prep;
  g_autofree char *label = g_strdup_printf (_("column %s"), c->name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GtkWidget) row = g_object_ref (c->row);     /* other columns would take this line's place */

  keep_names (next->data.inputs, prep->inputs);
  keep_names (next->data.targets, prep->targets);
  drop_name (next->data.inputs, c->name);
  drop_name (next->data.targets, c->name);
  drop_name (next->data.ignore, c->name);
  g_ptr_array_add (g_str_equal (role, "input") ? next->data.inputs : g_str_equal (role, "target") ? next->data.targets : next->data.ignore, g_strdup (c->name));
  if (next->data.inputs->len == 0)
    g_set_error (&error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("One column has to be an input; make another one an input first"));
  else if (next->data.targets->len == 0)
    g_set_error (&error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("One column has to be a target; make another one a target first"));
  if (error != NULL)
    chain_spec_unref (next);
  else
    chain_session_apply_data (d->session, next, label, NULL, &error);
  chain_kit_tell (row, NULL, error != NULL ? error->message : NULL);
}

/* A column's part is read with the file, so that choosing one makes a new table of the same columns. */
static gboolean
has_columns (Data *d, ChainTable *table)
{
  gboolean same = table->columns->len == d->columns->len;

  for (guint i = 0; same && i < d->columns->len; i++)
    same = g_str_equal (((Column *) g_ptr_array_index (d->columns, i))->name, ((ChainColumn *) g_ptr_array_index (table->columns, i))->name);
  return same;
}

static void
make_columns (Data *d, ChainTable *table)
{
  for (guint i = 0; i < d->columns->len; i++)
    adw_preferences_group_remove (d->column_group, ((Column *) g_ptr_array_index (d->columns, i))->row);
  g_ptr_array_set_size (d->columns, 0);
  for (guint i = 0; table->columns->len <= MOST_COLUMNS && i < table->columns->len; i++)
    {
      const ChainColumn *column = g_ptr_array_index (table->columns, i);
      Column *c = g_new0 (Column, 1);
      g_autofree char *gaps = column->n_missing > 0 ? g_strdup_printf (_("%u missing"), column->n_missing) : NULL;

      *c = (Column){ d, chain_kit_row (column->name, gaps), NULL, g_strdup (column->name) };
      c->pick = chain_pick_new (column->name, role_cb, c);
      chain_kit_suffix (c->row, c->pick, NULL);
      g_ptr_array_add (d->columns, c);
      adw_preferences_group_add (d->column_group, c->row);
    }
}

static void
show_columns (Data *d, const ChainSpec *spec)
{
  const ChainPickItem roles[] = { { "input", _("Input") }, { "target", _("Target") }, { "ignore", _("Not used") } };
  ChainTable *table = chain_session_table (d->session);
  gboolean some = spec->data.source != CHAIN_SOURCE_GENERATOR && table->columns->len <= MOST_COLUMNS;

  gtk_widget_set_visible (GTK_WIDGET (d->column_group), some);
  if (!some)
    return;
  if (!has_columns (d, table))
    make_columns (d, table);
  for (guint i = 0; i < d->columns->len; i++)
    {
      Column *c = g_ptr_array_index (d->columns, i);

      chain_pick_show (c->pick, roles, G_N_ELEMENTS (roles), role_of (d, spec, c->name));
    }
}

/* --- section --- */
static void
data_show (gpointer self, const ChainSpec *spec)
{
  Data *d = self;

  show_choice (d, spec);
  chain_fields_show (d->made, spec);
  chain_fields_show (d->split, spec);
  gtk_widget_set_visible (GTK_WIDGET (d->file_group), is_file (spec, d->session) && g_strcmp0 (spec->data.format, "idx") != 0);
  chain_fields_show (d->file, spec);
  show_columns (d, spec);
}

static void
data_free (gpointer self)
{
  Data *d = self;

  chain_row_choice_free (d->choice);
  chain_fields_free (d->made);
  chain_fields_free (d->split);
  chain_fields_free (d->file);
  g_ptr_array_unref (d->columns);
  g_free (d);
}

ChainSection
chain_section_data (ChainSession *session, AdwPreferencesPage *page)
{
  Data *d = g_new0 (Data, 1);

  d->session = session;
  d->columns = g_ptr_array_new_with_free_func (column_free);
  d->group = chain_section_group (page, _("Data"), NULL);
  d->choice = chain_row_choice_new (_("Data set"), "data", _("data"), data_picked_cb, data_changed_cb, d);
  adw_preferences_group_add (d->group, chain_row_choice_row (d->choice));
  d->made = chain_fields_new (d->group, session, made_fields, G_N_ELEMENTS (made_fields));
  d->file_group = chain_section_group (page, _("File"), NULL);
  d->file = chain_fields_new (d->file_group, session, file_fields, G_N_ELEMENTS (file_fields));
  d->column_group = chain_section_group (page, _("Columns"), _("What the network is given, and what it has to answer"));
  d->split = chain_fields_new (chain_section_group (page, _("Split and Scale"), NULL), session, split_fields, G_N_ELEMENTS (split_fields));
  return (ChainSection){ d, data_show, data_free };
}

ChainRowChoice *
chain_section_data_choice (gpointer self)
{
  return ((Data *) self)->choice;
}

/* --- sampling --- */
static void
sampling_show (gpointer self, const ChainSpec *spec)
{
  chain_fields_show (self, spec);
}

static void
sampling_free (gpointer self)
{
  chain_fields_free (self);
}

ChainSection
chain_section_sampling (ChainSession *session, AdwPreferencesPage *page)
{
  AdwPreferencesGroup *group = chain_section_group (page, _("Sampling"), _("Which rows make a step"));

  return (ChainSection){ chain_fields_new (group, session, sampling_fields, G_N_ELEMENTS (sampling_fields)), sampling_show, sampling_free };
}
