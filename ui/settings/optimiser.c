/* SPDX-License-Identifier: Apache-2.0 */
/* Optimiser: the row with its numbers, what every optimiser understands besides, and its pseudo-code; schedule: the row, and the rate that it
 * gives over the coming epochs, drawn by the picture of the side column from the engine's own function. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stddef.h>

#include "engine/nn/model.h"
#include "ui/canvas/canvas.h"
#include "ui/settings/section.h"

/* --- optimiser --- */
typedef struct
{
  ChainSession        *session;
  AdwPreferencesGroup *group;
  ChainRowChoice      *choice;
  ChainRowParams      *extras;
  ChainRowInfo         extras_info;
  GtkWidget           *steps, *pseudo;
} Optimiser;

static gboolean
optimiser_picked_cb (const char *id, gpointer data, GError **error)
{
  return chain_session_set_optimiser (((Optimiser *) data)->session, id, error);
}

static gboolean
optimiser_changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Optimiser *o = data;
  ChainSpec *next = chain_section_copy (o->session);

  chain_choice_copy (&next->optimiser, choice);
  return chain_section_apply (o->session, next, label, key, error);
}

/* The lines are those of the row; a variant says by its formula where it leaves them. */
static char *
steps_about (const ChainRowInfo *info, const ChainChoice *choice)
{
  g_autofree char *title = NULL;

  if (choice->variant == NULL || info->variants == NULL || g_strcmp0 (choice->variant, info->variants[0]) == 0)
    return g_strdup (_("What one update computes, line by line"));
  title = chain_variant_title (info, choice->variant);
  return g_strdup_printf (_("These are the lines of the standard form; “%s” differs as its formula says."), title);
}

static void
optimiser_show (gpointer self, const ChainSpec *spec)
{
  Optimiser *o = self;
  const ChainOptimRow *row = chain_optim_row (spec->optimiser.id);
  g_autofree char *about = steps_about (&row->info, &spec->optimiser);

  chain_row_choice_show_table (o->choice, "optimisers", &row->info, &spec->optimiser);
  chain_row_params_show (o->extras, &o->extras_info, &spec->optimiser);
  chain_section_describe (o->group, row->info.when != NULL ? _(row->info.when) : NULL);
  gtk_label_set_text (GTK_LABEL (o->pseudo), row->pseudo != NULL ? _(row->pseudo) : "");
  gtk_widget_set_visible (o->steps, row->pseudo != NULL);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (o->steps), about);
}

static void
optimiser_free (gpointer self)
{
  Optimiser *o = self;

  chain_row_choice_free (o->choice);
  chain_row_params_free (o->extras);
  g_free (o);
}

static GtkWidget *
expander (const char *title, const char *about)
{
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), about);
  return row;
}

static void
add_extras (Optimiser *o)
{
  GtkWidget *more = expander (_("For every optimiser"), _("Penalties and clipping by the optimiser itself"));
  GtkWidget *heading = chain_kit_row (_("Added to whatever row is chosen above"), NULL);

  adw_preferences_group_add (o->group, more);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (more), heading);
  o->extras_info.id = "extras";
  o->extras_info.params = chain_optimiser_extras (&o->extras_info.n_params);
  o->extras = chain_row_params_new (heading, "optimiser", _("optimiser"), optimiser_changed_cb, o);
  gtk_widget_set_visible (heading, FALSE);
}

static void
add_pseudo (Optimiser *o)
{
  GtkWidget *row = gtk_list_box_row_new ();

  o->steps = expander (_("Step by step"), "");
  o->pseudo = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (o->pseudo), 0);
  gtk_label_set_wrap (GTK_LABEL (o->pseudo), TRUE);
  gtk_label_set_selectable (GTK_LABEL (o->pseudo), TRUE);
  gtk_widget_add_css_class (o->pseudo, "pseudo-code");
  gtk_accessible_update_property (GTK_ACCESSIBLE (o->pseudo), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Step by step"), -1);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), o->pseudo);
  adw_preferences_group_add (o->group, o->steps);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (o->steps), row);
}

ChainSection
chain_section_optimiser (ChainSession *session, AdwPreferencesPage *page)
{
  Optimiser *o = g_new0 (Optimiser, 1);

  o->session = session;
  o->group = chain_section_group (page, _("Optimiser"), NULL);
  o->choice = chain_row_choice_new (_("Optimiser"), "optimiser", _("optimiser"), optimiser_picked_cb, optimiser_changed_cb, o);
  adw_preferences_group_add (o->group, chain_row_choice_row (o->choice));
  add_extras (o);
  add_pseudo (o);
  return (ChainSection){ o, optimiser_show, optimiser_free };
}

ChainRowChoice *
chain_section_optimiser_choice (gpointer self)
{
  return ((Optimiser *) self)->choice;
}

/* --- schedule --- */
typedef struct
{
  ChainSession        *session;
  AdwPreferencesGroup *group;
  ChainRowChoice      *choice;
  ChainFields         *fields;
  ChainCanvas         *picture;
} Schedule;

static gboolean
schedule_is_moving (const ChainSpec *spec, ChainSession *session)
{
  return g_strcmp0 (spec->schedule.id, "constant") != 0;
}

static const ChainFieldInfo schedule_fields[] = {
  { "schedule.per_epoch", N_("Count epochs instead of steps"), N_("The numbers of the schedule are then epochs"), CHAIN_FIELD_SWITCH,
    offsetof (ChainSpec, schedule_per_epoch), .applies = schedule_is_moving },
};

static gboolean
schedule_picked_cb (const char *id, gpointer data, GError **error)
{
  Schedule *c = data;
  ChainSpec *next = chain_section_copy (c->session);

  chain_choice_set (&next->schedule, id, NULL);
  return chain_section_apply (c->session, next, _("change the schedule"), NULL, error);
}

static gboolean
schedule_changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Schedule *c = data;
  ChainSpec *next = chain_section_copy (c->session);

  chain_choice_copy (&next->schedule, choice);
  return chain_section_apply (c->session, next, label, key, error);
}

static void
schedule_show (gpointer self, const ChainSpec *spec)
{
  Schedule *c = self;
  const ChainScheduleRow *row = chain_schedule_row (spec->schedule.id);

  chain_row_choice_show_table (c->choice, "schedules", &row->info, &spec->schedule);
  chain_section_describe (c->group, row->info.when != NULL ? _(row->info.when) : NULL);
  chain_fields_show (c->fields, spec);
}

static void
schedule_free (gpointer self)
{
  Schedule *c = self;

  g_signal_handlers_disconnect_by_data (c->session, c);
  chain_row_choice_free (c->choice);
  chain_fields_free (c->fields);
  g_free (c);
}

/* The picture shows the document, training or not: each edit asks for a new snapshot. */
static void
snapshot_cb (Schedule *c)
{
  chain_canvas_set_snapshot (c->picture, chain_session_snapshot (c->session));
}

static void
add_picture (Schedule *c)
{
  GtkWidget *row = adw_preferences_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Learning rate over the epochs"));
  c->picture = CHAIN_CANVAS (chain_canvas_new (chain_view_by_id ("learning-rate"), 10, FALSE));
  chain_canvas_set_on_card (c->picture, TRUE);
  gtk_widget_set_size_request (GTK_WIDGET (c->picture), -1, 150);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), GTK_WIDGET (c->picture));
  adw_preferences_group_add (c->group, row);
  g_signal_connect_swapped (c->session, "snapshot", G_CALLBACK (snapshot_cb), c);
  snapshot_cb (c);
}

ChainSection
chain_section_schedule (ChainSession *session, AdwPreferencesPage *page)
{
  Schedule *c = g_new0 (Schedule, 1);

  c->session = session;
  c->group = chain_section_group (page, _("Schedule"), NULL);
  c->choice = chain_row_choice_new (_("Schedule"), "schedule", _("schedule"), schedule_picked_cb, schedule_changed_cb, c);
  adw_preferences_group_add (c->group, chain_row_choice_row (c->choice));
  c->fields = chain_fields_new (c->group, session, schedule_fields, G_N_ELEMENTS (schedule_fields));
  add_picture (c);
  return (ChainSection){ c, schedule_show, schedule_free };
}

ChainRowChoice *
chain_section_schedule_choice (gpointer self)
{
  return ((Schedule *) self)->choice;
}
