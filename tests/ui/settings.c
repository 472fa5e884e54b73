/* SPDX-License-Identifier: Apache-2.0 */
/* All settings from inside: every row of every table is opened, every one of its parameters is changed through its control, the document has it,
 * and undo brings the document back that was there before. Then what cannot be: refused with a sentence at the control, the document as it was. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/nn/table.h"
#include "engine/run/backend-registry.h"
#include "ui/settings/scale-map.h"
#include "ui/settings/section.h"
#include "ui/window/application.h"
#include "ui/window/window-private.h"
#include "tests/ui/gdk-flaw.h"

typedef struct { ChainWindow *win; ChainSession *session; ChainSettings *settings; } Fixture;
typedef const ChainChoice *(*ChoiceOf) (const ChainSpec *spec);

static ChainApplication *app;      /* one a process */

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = CHAIN_WINDOW (chain_window_new (GTK_APPLICATION (app)));
  f->session = chain_window_session (f->win);
  gtk_window_present (GTK_WINDOW (f->win));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->win));
  f->settings = chain_strip_settings (f->win->strip);
  g_action_group_activate_action (G_ACTION_GROUP (f->win), "all-settings", NULL);
  gtk_test_widget_wait_for_draw (chain_settings_window (f->settings));
}

/* The window of the settings must go with the one it belongs to. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak[3] = { f->win, chain_settings_window (f->settings), f->session };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (guint i = 0; i < 2000 && (weak[0] != NULL || weak[1] != NULL || weak[2] != NULL); i++)
    g_main_context_iteration (NULL, i < 1000 ? FALSE : TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_assert_null (weak[i]);
}

static const ChainSpec *
spec_of (Fixture *f)
{
  return chain_document_spec (chain_session_document (f->session));
}

static gpointer
section (Fixture *f, const char *id)
{
  return chain_settings_section (f->settings, id);
}

/* --- parameters of a row --- */
/* A number that the parameter may have and does not have now; "loss" is the number of one of the losses. */
static double
another_number (const ChainParamInfo *p, double now)
{
  const double tries[] = { g_str_equal (p->name, "loss") ? 1 : 0.5, 0.25, 2, 3, 5, 0.125, 1, 0, 10, -1 };

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    if (chain_scale_allows (p, tries[i]) && fabs (tries[i] - now) > 1e-9)
      return tries[i];
  g_assert_not_reached ();
}

/* K numbers of K classes, or K · K. */
static char *
another_list (const ChainParamInfo *p, guint classes)
{
  guint n = p->per_class == 2 ? classes * classes : p->per_class == 1 ? classes : 3;
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (s, "%s%u", i > 0 ? ", " : "", 1 + i % 3);
  return g_string_free (s, FALSE);
}

static void
change_by_entry (ChainParamControl *c, const ChainParamInfo *p, double now, guint classes)
{
  char number[CHAIN_NUMBER_SIZE];
  g_autofree char *list = isnan (p->value) && p->formula_names == NULL ? another_list (p, classes) : NULL;
  const char *text = p->formula_names != NULL ? "abs(y − t)^3 + y²" : list;

  if (text == NULL)
    text = chain_number_write (number, another_number (p, now));
  if (!chain_param_control_type (c, text))
    g_error ("%s, %s: %s", p->name, text, chain_kit_told (chain_param_control_row (c)));
}

static void
change (Fixture *f, ChainParamControl *c, const ChainChoice *before, guint classes)
{
  const ChainParamInfo *p = chain_param_control_info (c);
  GtkWidget *toggle = chain_param_control_widget (c, GTK_TYPE_SWITCH), *scale = chain_param_control_widget (c, GTK_TYPE_SCALE);
  double now = p->value;

  chain_choice_param (before, p->name, &now);
  if (scale != NULL)
    {
      GtkAdjustment *a = gtk_range_get_adjustment (GTK_RANGE (scale));

      gtk_range_set_value (GTK_RANGE (scale), gtk_adjustment_get_lower (a));
      gtk_range_set_value (GTK_RANGE (scale), (gtk_adjustment_get_lower (a) + 2 * gtk_adjustment_get_upper (a)) / 3);
    }
  if (toggle != NULL)
    gtk_switch_set_active (GTK_SWITCH (toggle), !gtk_switch_get_active (GTK_SWITCH (toggle)));
  else
    change_by_entry (c, p, now, classes);
}

static void
undo_to (Fixture *f, const ChainSpec *before)
{
  for (guint i = 0; i < 8 && !chain_spec_equal (spec_of (f), before); i++)
    g_assert_true (chain_session_undo (f->session));
  g_assert_true (chain_spec_equal (spec_of (f), before));
}

static void
walk_params (Fixture *f, ChainRowParams *params, ChoiceOf choice_of, const char *row, guint classes)
{
  guint n = chain_row_params_n (params);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));
      ChainParamControl *c = chain_row_params_nth (params, i);
      const ChainParamInfo *p = chain_param_control_info (c);
      GtkWidget *reset;
      double v;

      change (f, c, choice_of (before), classes);
      if (chain_spec_equal (before, spec_of (f)))
        g_error ("%s: “%s” did not change", row, p->name);
      g_assert_true (chain_choice_param (choice_of (spec_of (f)), p->name, &v) || chain_choice_text (choice_of (spec_of (f)), p->name) != NULL);
      g_assert_true (chain_choice_validate (choice_of (spec_of (f)), &(ChainRowInfo){ .id = row, .params = p, .n_params = 1 }, row, NULL)
                     || choice_of (spec_of (f))->params->len > 1 || choice_of (spec_of (f))->variant != NULL);
      reset = chain_param_control_widget (c, GTK_TYPE_BUTTON);
      g_assert_true (gtk_widget_get_visible (reset));
      undo_to (f, before);
    }
}

static void
walk_variants (Fixture *f, ChainRowParams *params, ChoiceOf choice_of, const ChainRowInfo *info)
{
  GtkWidget *variant = chain_row_params_variant (params);
  g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));

  g_assert_cmpint (variant != NULL, ==, info->variants != NULL && info->variants[0] != NULL && info->variants[1] != NULL);
  for (guint i = 1; variant != NULL && info->variants[i] != NULL; i++)
    {
      g_autofree char *title = chain_variant_title (info, info->variants[i]);

      g_assert_null (strchr (title, '_'));
      gtk_drop_down_set_selected (GTK_DROP_DOWN (variant), i);
      if (!chain_spec_equal (before, spec_of (f)))       /* a form that this network cannot have is refused, and says so */
        g_assert_cmpstr (choice_of (spec_of (f))->variant, ==, info->variants[i]);
      undo_to (f, before);
    }
}

/* Every row of a table through one choice; how many could be chosen. */
static guint
walk_table (Fixture *f, ChainRowChoice *choice, const char *table, ChoiceOf choice_of, guint classes)
{
  g_autoptr (GPtrArray) infos = chain_table_infos (table);
  guint n = 0;

  for (guint i = 0; i < infos->len; i++)
    {
      const ChainRowInfo *info = g_ptr_array_index (infos, i);

      chain_row_choice_pick (choice, info->id);
      if (g_strcmp0 (choice_of (spec_of (f))->id, info->id) != 0)
        continue;
      n++;
      g_assert_cmpuint (chain_row_params_n (chain_row_choice_params (choice)), ==, info->n_params);
      walk_params (f, chain_row_choice_params (choice), choice_of, info->id, classes);
      walk_variants (f, chain_row_choice_params (choice), choice_of, info);
    }
  return n;
}

static guint
table_size (const char *table)
{
  g_autoptr (GPtrArray) infos = chain_table_infos (table);

  return infos->len;
}

static const ChainChoice *optimiser_of (const ChainSpec *s) { return &s->optimiser; }
static const ChainChoice *schedule_of (const ChainSpec *s) { return &s->schedule; }
static const ChainChoice *initialiser_of (const ChainSpec *s) { return &s->initialiser; }
static const ChainChoice *data_of (const ChainSpec *s) { return &s->data.choice; }
static const ChainChoice *loss_of (const ChainSpec *s) { return &((const ChainLossTerm *) g_ptr_array_index (s->losses, 0))->choice; }
static const ChainChoice *regular_of (const ChainSpec *s) { return g_ptr_array_index (s->regularisers, 0); }

static void
test_optimisers (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (walk_table (f, chain_section_optimiser_choice (section (f, "optimiser")), "optimisers", optimiser_of, 2), ==, table_size ("optimisers"));
}

static void
test_schedules (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (walk_table (f, chain_section_schedule_choice (section (f, "schedule")), "schedules", schedule_of, 2), ==, table_size ("schedules"));
}

static void
test_initialisers (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (walk_table (f, chain_section_start_choice (section (f, "start"), FALSE), "initialisers", initialiser_of, 2), ==,
                    table_size ("initialisers"));
}

static void
test_losses_of_two_classes (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (walk_table (f, chain_section_loss_choice (section (f, "loss"), 0), "losses", loss_of, 2), >=, 10);
}

static void
test_losses_of_classes (Fixture *f, gconstpointer data)
{
  g_assert_true (chain_session_set_data (f->session, "blobs", NULL));
  g_assert_cmpuint (walk_table (f, chain_section_loss_choice (section (f, "loss"), 0), "losses", loss_of, 3), >=, 8);
}

static void
test_losses_of_numbers (Fixture *f, gconstpointer data)
{
  g_assert_true (chain_session_set_data (f->session, "wave", NULL));
  g_assert_cmpuint (walk_table (f, chain_section_loss_choice (section (f, "loss"), 0), "losses", loss_of, 1), >=, 8);
  g_assert_true (chain_row_choice_pick (chain_section_loss_choice (section (f, "loss"), 0), "formula"));
}

static void
test_generated_sets (Fixture *f, gconstpointer data)
{
  ChainRowChoice *choice = chain_section_data_choice (section (f, "data"));
  guint n;
  const ChainDataRow *rows = chain_table_data (&n);

  for (guint i = 0; i < n; i++)
    if (rows[i].generated)
      {
        g_assert_true (chain_row_choice_pick (choice, rows[i].info.id));
        walk_params (f, chain_row_choice_params (choice), data_of, rows[i].info.id, 2);
      }
}

static void
test_regularisers (Fixture *f, gconstpointer data)
{
  gpointer regular = section (f, "regular");
  guint n;
  const ChainRegularRow *rows = chain_table_regulars (&n);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));

      if (!chain_section_regular_add (regular, rows[i].info.id))
        continue;
      g_assert_cmpstr (regular_of (spec_of (f))->id, ==, rows[i].info.id);
      walk_params (f, chain_section_regular_params (regular, 0), regular_of, rows[i].info.id, 2);
      walk_variants (f, chain_section_regular_params (regular, 0), regular_of, &rows[i].info);
      undo_to (f, before);
    }
}

/* --- what cannot be --- */
static ChainParamControl *
control (ChainRowParams *params, const char *name)
{
  for (guint i = 0; i < chain_row_params_n (params); i++)
    if (g_str_equal (chain_param_control_info (chain_row_params_nth (params, i))->name, name))
      return chain_row_params_nth (params, i);
  return NULL;
}

static void
assert_refused (Fixture *f, ChainParamControl *c, const char *text, const char *part)
{
  g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));
  const char *told;

  g_assert_false (chain_param_control_type (c, text));
  g_assert_true (chain_spec_equal (before, spec_of (f)));
  told = chain_kit_told (chain_param_control_row (c));
  g_assert_nonnull (strstr (told, part));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (chain_param_control_row (c))), ==, told);
}

static void
test_refusals (Fixture *f, gconstpointer data)
{
  ChainRowParams *params = chain_row_choice_params (chain_section_optimiser_choice (section (f, "optimiser")));
  ChainParamControl *c = control (params, "beta1");

  assert_refused (f, c, "1", "below 1");
  assert_refused (f, c, "-0.1", "at least 0");
  assert_refused (f, c, "much", "not a number");
  g_assert_true (chain_param_control_type (c, "0,8"));
  g_assert_null (chain_kit_told (chain_param_control_row (c)));
  assert_refused (f, c, "7", "below 1");
  g_assert_true (chain_session_undo (f->session));      /* another value than the one before: the refusal is over */
  g_assert_null (chain_kit_told (chain_param_control_row (c)));
  g_assert_true (chain_session_set_data (f->session, "wave", NULL));
  g_assert_true (chain_row_choice_pick (chain_section_loss_choice (section (f, "loss"), 0), "formula"));
  c = control (chain_row_choice_params (chain_section_loss_choice (section (f, "loss"), 0)), "expr");
  assert_refused (f, c, "(y - t", "Column");
  assert_refused (f, c, "t^2", "does not contain y");
  gtk_editable_set_text (GTK_EDITABLE (chain_param_control_widget (c, GTK_TYPE_ENTRY)), "y +* t");      /* while it is typed */
  g_assert_nonnull (strstr (chain_kit_told (chain_param_control_row (c)), "Column 4"));
}

static void
test_features (Fixture *f, gconstpointer data)
{
  gpointer features = section (f, "features");

  g_assert_true (chain_section_features_add (features, "x1^2 + x2^2"));
  g_assert_cmpuint (chain_session_data (f->session)->d, ==, 3);
  g_assert_false (chain_section_features_add (features, "x3"));
  g_assert_nonnull (strstr (chain_section_features_told (features), "x3"));
  g_assert_cmpuint (spec_of (f)->data.features->len, ==, 1);
  g_assert_false (chain_section_features_add (features, "x1² + x2²"));        /* the same in other letters */
  g_assert_true (chain_session_undo (f->session));
  g_assert_cmpuint (chain_session_data (f->session)->d, ==, 2);
}

/* Classes of the data change: loss and output follow, and back. */
static void
test_data_follows (Fixture *f, gconstpointer data)
{
  ChainRowChoice *choice = chain_section_data_choice (section (f, "data"));
  const ChainLayer *out;

  g_assert_true (chain_row_choice_pick (choice, "blobs"));
  g_assert_true (chain_param_control_type (control (chain_row_choice_params (choice), "classes"), "5"));
  out = g_ptr_array_index (spec_of (f)->layers, spec_of (f)->layers->len - 1);
  g_assert_cmpuint (out->units, ==, 5);
  g_assert_true (chain_session_undo (f->session));
  out = g_ptr_array_index (spec_of (f)->layers, spec_of (f)->layers->len - 1);
  g_assert_cmpuint (out->units, ==, 3);
}

static GtkWidget *
line_of (GtkWidget *in, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (in) && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (in)), title) == 0)
    return in;
  for (GtkWidget *child = gtk_widget_get_first_child (in); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = line_of (child, title);
  return found;
}

static GtkWidget *
drop_down_of (GtkWidget *in)
{
  GtkWidget *found = GTK_IS_DROP_DOWN (in) ? in : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (in); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = drop_down_of (child);
  return found;
}

/* The file is read again for another part of a column; the lines must outlive that. */
static void
test_columns (Fixture *f, gconstpointer data)
{
  GtkWidget *line, *pick;
  guint inputs;

  g_assert_true (chain_session_set_data (f->session, "iris", NULL));
  inputs = chain_session_data (f->session)->d;
  line = line_of (chain_settings_window (f->settings), "petal_width_cm");
  g_assert_nonnull (line);
  pick = drop_down_of (line);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (pick), 2);
  g_assert_cmpuint (chain_session_data (f->session)->d, ==, inputs - 1);
  g_assert_true (line_of (chain_settings_window (f->settings), "petal_width_cm") == line);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (pick), 0);
  g_assert_cmpuint (chain_session_data (f->session)->d, ==, inputs);
  g_assert_true (chain_session_set_data (f->session, "penguins", NULL));
  g_assert_null (line_of (chain_settings_window (f->settings), "petal_width_cm"));
}

/* --- the history of an entry --- */
/* As a person types: every change is one that the entry itself could undo. */
static void
retype (GtkWidget *entry, const char *text)
{
  int at = 0;

  gtk_editable_delete_text (GTK_EDITABLE (entry), 0, -1);
  gtk_editable_insert_text (GTK_EDITABLE (entry), text, -1, &at);
}

static void
press_undo (GtkWidget *entry)
{
  GtkWidget *text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (entry)));

  if (chain_kit_text_undoes (text))
    gtk_widget_activate_action (text, "text.undo", NULL);
}

/* What was entered is the document's to undo; what is being typed is the entry's; a blank is no value. */
static void
test_undo_of_typing (Fixture *f, gconstpointer data)
{
  ChainRowParams *params = chain_row_choice_params (chain_section_optimiser_choice (section (f, "optimiser")));
  g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f)), after = NULL;
  GtkWidget *entry = chain_param_control_widget (control (params, "lr"), GTK_TYPE_ENTRY), *text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (entry)));
  g_autofree char *was = g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry)));

  retype (entry, "0.0625");
  g_assert_true (chain_kit_text_undoes (text));
  chain_kit_entry_commit (entry);
  after = chain_spec_ref (spec_of (f));
  g_assert_false (chain_spec_equal (before, after));
  g_assert_false (chain_kit_text_undoes (text));
  gtk_widget_activate_action (text, "text.undo", NULL);        /* nothing of the entry's own is left */
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "0.0625");
  retype (entry, "7");
  press_undo (entry);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), !=, "7");
  retype (entry, "");
  chain_kit_entry_commit (entry);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, "0.0625");
  g_assert_true (chain_spec_equal (after, spec_of (f)));
  g_assert_true (chain_session_undo (f->session));
  g_assert_true (chain_spec_equal (before, spec_of (f)));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (entry)), ==, was);
}

/* A drag is one entry of the history. */
static void
test_drag_is_one_undo (Fixture *f, gconstpointer data)
{
  ChainRowParams *params = chain_row_choice_params (chain_section_optimiser_choice (section (f, "optimiser")));
  g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));
  GtkWidget *scale = chain_param_control_widget (control (params, "beta2"), GTK_TYPE_SCALE);

  for (guint i = 1; i <= 20; i++)
    gtk_range_set_value (GTK_RANGE (scale), 0.2 * i);
  g_assert_false (chain_spec_equal (before, spec_of (f)));
  g_assert_true (chain_session_undo (f->session));
  g_assert_true (chain_spec_equal (before, spec_of (f)));
  g_assert_false (chain_session_undo (f->session));
}

/* The fields that a narrow strip has no room for stand in the window, and come back. */
static void
test_overflow (Fixture *f, gconstpointer data)
{
  GtkWidget *decay = chain_strip_field (f->win->strip, "decay");

  chain_strip_set_class (f->win->strip, CHAIN_WIDTH_NARROW, 500);
  g_assert_true (gtk_widget_is_ancestor (decay, chain_settings_window (f->settings)));
  g_assert_true (gtk_widget_get_visible (chain_settings_overflow (f->settings)));
  chain_strip_set_class (f->win->strip, CHAIN_WIDTH_WIDE, 2000);
  g_assert_true (gtk_widget_is_ancestor (decay, GTK_WIDGET (f->win->strip)));
  g_assert_false (gtk_widget_get_visible (chain_settings_overflow (f->settings)));
}

/* The wheel scrolls the page past a field; the field with the keyboard focus takes it. */
static void
test_wheel (Fixture *f, gconstpointer data)
{
  GtkWidget *button = gtk_widget_get_last_child (chain_strip_field (f->win->strip, "rate"));
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (button);
  g_autoptr (ChainSpec) before = chain_spec_ref (spec_of (f));
  GtkEventController *wheel = NULL;
  gboolean taken = TRUE;

  g_assert_true (GTK_IS_MENU_BUTTON (button));
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) c = g_list_model_get_item (all, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (c))
        wheel = c;
    }
  g_assert_nonnull (wheel);
  gtk_root_set_focus (GTK_ROOT (f->win), NULL);
  g_signal_emit_by_name (wheel, "scroll", 0.0, 1.0, &taken);
  g_assert_false (taken);
  g_assert_true (chain_spec_equal (before, spec_of (f)));
  g_assert_true (gtk_widget_grab_focus (button));
  g_signal_emit_by_name (wheel, "scroll", 0.0, 1.0, &taken);
  g_assert_true (taken);
  g_assert_false (chain_spec_equal (before, spec_of (f)));
}

/* --- without a window --- */
/* What a slider lands on is always allowed, and the slider is where it was put. */
static void
test_scales (void)
{
  static const char *const tables[] = { "optimisers", "losses", "initialisers", "schedules", "regularisers", "datasets", "activations", "layers" };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      g_autoptr (GPtrArray) infos = chain_table_infos (tables[t]);

      for (guint i = 0; i < infos->len; i++)
        for (guint k = 0; k < ((const ChainRowInfo *) g_ptr_array_index (infos, i))->n_params; k++)
          {
            const ChainRowInfo *info = g_ptr_array_index (infos, i);
            const ChainParamInfo *p = &info->params[k];
            ChainScaleMap m;

            if (isnan (p->value) || !chain_scale_allows (p, p->value))
              continue;
            m = chain_scale_map (p);
            g_assert_cmpfloat (m.from, <, m.to);
            for (int at = 0; at <= 50; at++)
              {
                double v = chain_scale_value (&m, m.from + (m.to - m.from) * at / 50);

                if (!chain_scale_allows (p, v))
                  g_error ("%s, %s: the slider gives %g", info->id, p->name, v);
              }
          }
    }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);
  chain_backend_init ();
  gtk_test_init (&argc, &argv, NULL);
  gdk_flaw_ignore ();
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (app), NULL, &error);
  g_assert_no_error (error);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/settings/optimisers", test_optimisers);
  ADD ("/settings/schedules", test_schedules);
  ADD ("/settings/initialisers", test_initialisers);
  ADD ("/settings/losses-of-two-classes", test_losses_of_two_classes);
  ADD ("/settings/losses-of-classes", test_losses_of_classes);
  ADD ("/settings/losses-of-numbers", test_losses_of_numbers);
  ADD ("/settings/generated-sets", test_generated_sets);
  ADD ("/settings/regularisers", test_regularisers);
  ADD ("/settings/refusals", test_refusals);
  ADD ("/settings/features", test_features);
  ADD ("/settings/data-follows", test_data_follows);
  ADD ("/settings/columns", test_columns);
  ADD ("/settings/undo-of-typing", test_undo_of_typing);
  ADD ("/settings/drag-is-one-undo", test_drag_is_one_undo);
  ADD ("/settings/overflow", test_overflow);
  ADD ("/settings/wheel", test_wheel);
  g_test_add_func ("/settings/scales", test_scales);
  return g_test_run ();
}
