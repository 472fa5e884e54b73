/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue menus from inside: every row of every table that has a menu is found by its name and chosen, and the document must follow;
 * searching; what cannot be chosen, compared with what the engine refuses; names for a screen reader; and how long opening takes. */
#include "config.h"

#include <time.h>

#include "engine/nn/table.h"
#include "engine/run/backend-registry.h"
#include "ui/pages/activation-list.h"
#include "ui/pages/choice-field.h"
#include "ui/window/application.h"
#include "ui/pages/strip-rows.h"
#include "ui/window/window-private.h"
#include "tests/ui/gdk-flaw.h"

typedef struct { ChainWindow *win; ChainSession *session; } Fixture;

static ChainApplication *app;      /* one a process */

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
settle (guint ms)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (ms, late_cb, &late);

  while (!late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = CHAIN_WINDOW (chain_window_new (GTK_APPLICATION (app)));
  f->session = chain_window_session (f->win);
  gtk_window_present (GTK_WINDOW (f->win));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->win));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak = f->win;

  g_object_add_weak_pointer (weak, &weak);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (int i = 0; weak != NULL && i < 400; i++)
    settle (50);
  g_assert_null (weak);
}

static const ChainSpec *
spec_of (Fixture *f)
{
  return chain_document_spec (chain_session_document (f->session));
}

static ChainChoiceField *
field_of (Fixture *f, const char *id)
{
  return chain_choice_field_of (chain_strip_field (f->win->strip, id));
}

/* As Down and Enter do; the keys themselves are pressed from outside (gui/test_menus.py). */
static void
type (ChainRowMenu *menu, const char *text)
{
  g_assert_nonnull (chain_row_menu_search (menu));
  gtk_editable_set_text (GTK_EDITABLE (chain_row_menu_search (menu)), text);
}

static void
press_enter (ChainRowMenu *menu)
{
  g_signal_emit_by_name (chain_row_menu_search (menu), "activate");
}

static const char *
id_in_spec (Fixture *f, const char *field)
{
  const ChainSpec *spec = spec_of (f);

  if (g_str_equal (field, "data"))
    return spec->data.choice.id;
  if (g_str_equal (field, "loss"))
    return ((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice.id;
  return g_str_equal (field, "optimiser") ? spec->optimiser.id : spec->initialiser.id;
}

static void
choose_by_name (Fixture *f, const char *field, const ChainRowInfo *info)
{
  ChainRowMenu *menu = chain_choice_field_menu (field_of (f, field));

  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field_of (f, field))));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (menu)));
  type (menu, info->title);
  g_assert_cmpstr (chain_row_menu_selected (menu), ==, info->id);
  press_enter (menu);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (menu)));
}

/* --- cases --- */
static void
test_every_row (Fixture *f, gconstpointer data)
{
  static const struct { const char *field, *table; } menus[] = { { "optimiser", "optimisers" }, { "initialiser", "initialisers" }, { "data", "datasets" } };

  for (guint m = 0; m < G_N_ELEMENTS (menus); m++)
    {
      g_autoptr (GPtrArray) infos = chain_table_infos (menus[m].table);

      g_assert_cmpuint (infos->len, >=, CHAIN_MENU_SEARCH_FROM);
      for (guint i = 0; i < infos->len; i++)
        {
          const ChainRowInfo *info = g_ptr_array_index (infos, i);

          choose_by_name (f, menus[m].field, info);
          g_assert_cmpstr (id_in_spec (f, menus[m].field), ==, info->id);
        }
    }
}

/* The menu offers a loss exactly when the engine takes it, but for losses of classes on numbers, which would be arithmetic without meaning. */
static void
test_losses (Fixture *f, gconstpointer data)
{
  static const char *const sets[] = { "moons", "iris", "wave" };
  guint n;
  const ChainLossRow *table = chain_table_losses (&n);

  for (guint k = 0; k < G_N_ELEMENTS (sets); k++)
    {
      g_assert_true (chain_session_set_data (f->session, sets[k], NULL));
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (GPtrArray) rows = _chain_strip_loss_rows (f->session);
          const ChainMenuRow *row = chain_menu_rows_find (rows, table[i].info.id);
          gboolean for_classes = table[i].task == CHAIN_LOSS_BINARY || table[i].task == CHAIN_LOSS_MULTICLASS;
          g_autoptr (GError) error = NULL;

          if (row->reason == NULL)
            {
              if (g_str_equal (row->id, id_in_spec (f, "loss")))
                continue;
              choose_by_name (f, "loss", row->info);
              g_assert_cmpstr (id_in_spec (f, "loss"), ==, row->id);
              g_assert_true (chain_session_undo (f->session));
            }
          else if (!for_classes || chain_session_data (f->session)->prep->classify)
            {
              g_test_message ("%s on %s: %s", row->id, sets[k], row->reason);
              g_assert_false (chain_session_set_loss (f->session, row->id, &error));
            }
        }
    }
}

static void
picked_cb (const char *id, gpointer data)
{
  g_free (*(char **) data);
  *(char **) data = g_strdup (id);
}

/* Whether an activation can be chosen: over a row not on a hidden layer nor on a single unit, what makes probabilities not under a loss from logits. */
static gboolean
fits (const ChainActivationRow *row, const char *loss)
{
  static const char *const twice[] = { "sigmoid", "hard_sigmoid", "softmax", "softmin", "log_sigmoid", NULL };

  return !row->rowwise && (loss == NULL || !g_strv_contains (twice, row->info.id));
}

/* The list of a layer's chip, for a hidden layer and for an output whose loss applies σ itself. */
static void
test_activations (Fixture *f, gconstpointer data)
{
  static const struct { const char *loss; guint units; } cases[] = { { NULL, 4 }, { "bce_with_logits", 1 } };
  guint n;
  const ChainActivationRow *table = chain_table_activations (&n);

  for (guint k = 0; k < G_N_ELEMENTS (cases); k++)
    {
      char *picked = NULL;
      ChainSpec *spec = chain_spec_copy (spec_of (f));
      ChainRowMenu *menu;

      if (cases[k].loss != NULL)
        chain_choice_set (&((ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice, cases[k].loss, NULL);
      chain_layer_set_units (g_ptr_array_index (spec->layers, spec->layers->len - 1), cases[k].units);
      menu = CHAIN_ROW_MENU (chain_activation_popover_new ("tanh", cases[k].loss != NULL ? spec : NULL, picked_cb, &picked, NULL));
      gtk_widget_set_parent (GTK_WIDGET (menu), chain_transport_play_button (f->win->transport));
      for (guint i = 0; i < n; i++)
        {
          gboolean can = fits (&table[i], cases[k].loss);

          gtk_popover_popup (GTK_POPOVER (menu));
          type (menu, table[i].info.title);
          g_assert_cmpstr (chain_row_menu_selected (menu), ==, table[i].info.id);
          press_enter (menu);
          g_assert_cmpint (g_strcmp0 (picked, table[i].info.id) == 0, ==, can);
          g_assert_cmpint (gtk_widget_get_sensitive (chain_row_menu_row (menu, table[i].info.id)), ==, can);
          if (!can)
            gtk_popover_popdown (GTK_POPOVER (menu));
        }
      gtk_widget_unparent (GTK_WIDGET (menu));
      chain_spec_unref (spec);
      g_free (picked);
    }
}

static void
test_search (Fixture *f, gconstpointer data)
{
  static const struct { const char *typed, *first; guint least, most; } rows[] = {
    { "CrossEntropyLoss", "ce_with_logits", 1, 12 },      /* what PyTorch calls it, among other places */
    { "crossentropy", "cross_entropy", 4, 25 },           /* without the hyphen */
    { "HUBER", "huber", 1, 3 },
    { "cost sensitivity", NULL, 5, 20 },                  /* a slide's title */
    { "|y − t|", "l1", 1, 3 },                            /* a formula */
    { "xyzzy", NULL, 0, 0 },
    { "  mse  ", "mse", 1, 6 },
  };
  ChainChoiceField *field = field_of (f, "loss");
  ChainRowMenu *menu = chain_choice_field_menu (field);

  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field)));
  g_assert_cmpstr (chain_row_menu_selected (menu), ==, "bce_with_logits");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      type (menu, rows[i].typed);
      g_test_message ("%s: %u rows, first %s", rows[i].typed, chain_row_menu_n_visible (menu), chain_row_menu_selected (menu));
      g_assert_cmpuint (chain_row_menu_n_visible (menu), >=, rows[i].least);
      g_assert_cmpuint (chain_row_menu_n_visible (menu), <=, rows[i].most);
      if (rows[i].first != NULL)
        g_assert_cmpstr (chain_row_menu_selected (menu), ==, rows[i].first);
    }
  type (menu, "xyzzy");
  press_enter (menu);                                      /* nothing to take */
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (menu)));
  g_signal_emit_by_name (chain_row_menu_search (menu), "stop-search");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (menu)));
  g_assert_cmpstr (id_in_spec (f, "loss"), ==, "bce_with_logits");
  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field)));
  g_assert_cmpuint (chain_row_menu_n_visible (menu), >, 40);      /* opened again it shows all */
}

static void
test_order (void)
{
  static const char *const tables[] = { "losses", "optimisers", "activations", "initialisers", "schedules", "regularisers", "layers", "datasets" };

  for (guint k = 0; k < G_N_ELEMENTS (tables); k++)
    {
      g_autoptr (GPtrArray) rows = chain_menu_rows_new (), sorted = NULL;
      g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

      chain_menu_rows_add_table (rows, tables[k]);
      chain_menu_rows_add (rows, &(ChainMenuRow){ .id = "late", .title = "Late", .group = "", .reason = "No." });
      sorted = chain_menu_rows_sorted (rows);
      g_assert_cmpuint (sorted->len, ==, rows->len);
      for (guint i = 0; i + 1 < sorted->len; i++)
        {
          const ChainMenuRow *row = g_ptr_array_index (sorted, i), *before = i > 0 ? g_ptr_array_index (sorted, i - 1) : NULL;
          gboolean same = before != NULL && g_str_equal (before->group, row->group);

          if (!same)
            g_assert_true (g_hash_table_add (seen, (char *) row->group));          /* a group stands together */
          else
            g_assert_false (before->info->lecture == NULL && row->info->lecture != NULL);
          g_assert_cmpstr (row->info->when, !=, NULL);
        }
      g_assert_cmpstr (((const ChainMenuRow *) g_ptr_array_index (sorted, sorted->len - 1))->id, ==, "late");
    }
}

static void
test_names (Fixture *f, gconstpointer data)
{
  ChainChoiceField *field = field_of (f, "loss");
  ChainRowMenu *menu = chain_choice_field_menu (field);
  GtkAccessible *row = GTK_ACCESSIBLE (chain_row_menu_row (menu, "huber"));

  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (chain_choice_field_button (field)), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Loss: Binary cross-entropy (logits)");
  gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_LABEL, "Huber");
  g_assert_true (chain_session_set_loss (f->session, "huber", NULL));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (chain_choice_field_button (field)), GTK_ACCESSIBLE_PROPERTY_LABEL, "Loss: Huber");
  g_assert_true (chain_session_set_data (f->session, "wave", NULL));
  row = GTK_ACCESSIBLE (chain_row_menu_row (menu, "bce"));
  gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Needs classes as targets; this data gives numbers. Lecture, slide “Supervised classification loss”.");
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (row)));
}

/* A window of 720 x 540: the menu ends above the window's lower edge, and is never wider than 420. */
static void
test_fits (Fixture *f, gconstpointer data)
{
  ChainChoiceField *field = field_of (f, "loss");
  ChainRowMenu *menu = chain_choice_field_menu (field);
  graphene_rect_t at;
  int height, width;

  gtk_window_set_default_size (GTK_WINDOW (f->win), 720, 540);
  settle (400);
  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field)));
  settle (300);
  g_assert_true (gtk_widget_compute_bounds (chain_choice_field_button (field), GTK_WIDGET (f->win), &at));
  height = gtk_widget_get_height (gtk_popover_get_child (GTK_POPOVER (menu))) + 20;      /* arrow and edge; not the shadow */
  width = gtk_widget_get_width (gtk_popover_get_child (GTK_POPOVER (menu)));
  g_assert_cmpint (height, >, 200);
  g_assert_cmpint ((int) (at.origin.y + at.size.height) + height, <=, gtk_widget_get_height (GTK_WIDGET (f->win)));
  g_assert_cmpint (width, <=, 420);
}

static double
own_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e3 + (double) t.tv_nsec * 1e-6;
}

static void
painted_cb (GdkFrameClock *clock, gpointer data)
{
  *(double *) data = own_ms ();
}

static void
test_opens_soon (Fixture *f, gconstpointer data)
{
  ChainChoiceField *field = field_of (f, "loss");
  double start, painted = 0, made, shown;
  GdkFrameClock *clock;

  settle (500);
  start = own_ms ();
  chain_choice_field_menu (field);
  made = own_ms ();
  gtk_menu_button_popup (GTK_MENU_BUTTON (chain_choice_field_button (field)));
  shown = own_ms ();
  clock = gdk_surface_get_frame_clock (gtk_native_get_surface (GTK_NATIVE (chain_choice_field_menu (field))));
  g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &painted);
  while (painted <= 0)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (clock, &painted);
  g_test_message ("46 losses: made %.1f ms, shown %.1f ms, painted %.1f ms", made - start, shown - made, painted - shown);
  g_assert_cmpfloat (painted - start, <, 1000);
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
  g_test_add_func ("/menus/order", test_order);
  ADD ("/menus/opens-soon", test_opens_soon);
  ADD ("/menus/search", test_search);
  ADD ("/menus/names", test_names);
  ADD ("/menus/fits", test_fits);
  ADD ("/menus/every-row", test_every_row);
  ADD ("/menus/losses", test_losses);
  ADD ("/menus/activations", test_activations);
  return g_test_run ();
}
