/* SPDX-License-Identifier: Apache-2.0 */
/* Resources are registered by hand, since a linker drops the constructors of a static library; so the program runs from any build folder.
 * --screenshot and --exit-after-startup wait for the first frame: what they show is what a person sees first. */
#include "config.h"

#include "ui/window/application.h"

#include <glib/gi18n-lib.h>

#include "app/session/settings.h"
#include "chain-resources.h"
#include "ui/dialogs/preferences.h"
#include "ui/pages/popovers.h"
#include "ui/window/window.h"

struct _ChainApplication
{
  AdwApplication parent_instance;
  gboolean       exit_after_startup, greeted;
  char          *screenshot;
  guint          frames;
  gint64         born;
};

G_DEFINE_FINAL_TYPE (ChainApplication, chain_application, ADW_TYPE_APPLICATION)

static const ChainAccelRow accels[] = {
  { "app.new-window", { "<Control>n" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.open", { "<Control>o" } },
  { "win.save", { "<Control>s" } },
  { "win.save-as", { "<Control><Shift>s" } },
  { "win.examples", { "<Control><Shift>o" } },
  { "win.preferences", { "<Control>comma" } },
  { "win.undo", { "<Control>z" } },
  { "win.redo", { "<Control><Shift>z", "<Control>y" } },
  { "win.export", { "<Control>e" } },
  { "win.copy-picture", { "<Control><Shift>c" } },
  { "win.copy-csv", { "<Control><Alt>c" } },
  { "win.play", { "F5" } },
  { "win.step", { "<Control>Right" } },
  { "win.step-back", { "<Control>Left" } },
  { "win.reset", { "<Control>r" } },
  { "win.new-seed", { "<Control><Shift>r" } },
  { "win.check-gradients", { "<Control>g" } },
  { "win.all-settings", { "<Alt>Return" } },
  { "win.add-layer", { "<Control>l" } },
  { "win.lay-out", { "<Control><Shift>l" } },
  { "win.zoom-in", { "<Control>plus", "<Control>equal", "<Control>KP_Add" } },
  { "win.zoom-out", { "<Control>minus", "<Control>KP_Subtract" } },
  { "win.zoom-fit", { "<Control>0", "<Control>KP_0" } },
  { "win.sidebar", { "F9" } },
  { "win.side-column", { "<Shift>F9" } },
  { "win.fullscreen", { "F11" } },
  { "win.page::network", { "<Control>2" } },
  { "win.page::backprop", { "<Control>3" } },
  { "win.next-page", { "<Control>Page_Down" } },
  { "win.previous-page", { "<Control>Page_Up" } },
  { "win.show-help-overlay", { "<Control>question" } },
};

const ChainAccelRow *
chain_table_accels (guint *n)
{
  *n = G_N_ELEMENTS (accels);
  return accels;
}

/* In the first window of this process, once it has been drawn: what a crash left, and what will not be remembered. */
static gboolean
greet_cb (gpointer data)
{
  chain_window_greet (CHAIN_WINDOW (data));
  return G_SOURCE_REMOVE;
}

static GtkWidget *
add_window (ChainApplication *self)
{
  GtkWidget *w = chain_window_new (GTK_APPLICATION (self));

  gtk_window_present (GTK_WINDOW (w));
  if (!self->greeted && !self->exit_after_startup && self->screenshot == NULL)
    g_idle_add_full (G_PRIORITY_LOW, greet_cb, g_object_ref (w), g_object_unref);
  self->greeted = TRUE;
  return w;
}

static void
new_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  add_window (data);
}

/* Each window asks for itself; the last one that goes ends the program. */
static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (data));

  for (GList *l = windows; l != NULL; l = l->next)
    if (CHAIN_IS_WINDOW (l->data))
      gtk_window_close (l->data);
  g_list_free (windows);
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (gtk_application_get_active_window (data), "application-name", "Chainrule", "application-icon", CHAIN_APP_ID,
                         "version", CHAIN_VERSION, "license-type", GTK_LICENSE_APACHE_2_0, "comments",
                         _("Build, train and understand neural networks. Every picture is drawn from the graph that trains."), NULL);
}

static void
apply_style (GSimpleAction *action, const char *style)
{
  AdwColorScheme scheme = g_str_equal (style, "dark")    ? ADW_COLOR_SCHEME_FORCE_DARK
                          : g_str_equal (style, "light") ? ADW_COLOR_SCHEME_FORCE_LIGHT
                                                         : ADW_COLOR_SCHEME_DEFAULT;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  g_simple_action_set_state (action, g_variant_new_string (style));
}

static void
set_style (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  apply_style (action, g_variant_get_string (parameter, NULL));
  chain_setting_set_string ("window", "style", g_variant_get_string (parameter, NULL));
}

static void
recall_style (GActionMap *map)
{
  g_autofree char *style = chain_setting_string ("window", "style", "system");

  if (g_str_equal (style, "dark") || g_str_equal (style, "light"))
    apply_style (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "style")), style);
}

static const GActionEntry actions[] = {
  { "new-window", new_window, NULL, NULL, NULL, { 0 } },
  { "quit", quit, NULL, NULL, NULL, { 0 } },
  { "about", about, NULL, NULL, NULL, { 0 } },
  { "style", set_style, "s", "'system'", NULL, { 0 } },
};

static void
chain_application_startup (GApplication *application)
{
  g_resources_register (chain_get_resource ());
  G_APPLICATION_CLASS (chain_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions), application);
  chain_popovers_mend ();
  recall_style (G_ACTION_MAP (application));
  chain_preferences_apply_motion ();
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, (const char *const *) accels[i].keys);
  gtk_window_set_default_icon_name (CHAIN_APP_ID);
}

static gboolean
settle_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  ChainApplication *self = data;
  g_autoptr (GError) error = NULL;

  if (++self->frames == 1)
    g_debug ("first frame after %d ms", (int) ((g_get_monotonic_time () - self->born) / 1000));
  if (self->frames < 8)
    return G_SOURCE_CONTINUE;
  if (self->screenshot != NULL && !chain_window_save_png (CHAIN_WINDOW (widget), self->screenshot, &error))
    g_printerr ("chainrule: %s\n", error->message);
  if (self->exit_after_startup)
    gtk_window_close (GTK_WINDOW (widget));
  return G_SOURCE_REMOVE;
}

static void
watch_first_frame (ChainApplication *self, GtkWidget *window)
{
  if (self->frames == 0 && (self->exit_after_startup || self->screenshot != NULL))
    gtk_widget_add_tick_callback (window, settle_cb, self, NULL);
}

static void
chain_application_activate (GApplication *application)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (active != NULL)
    gtk_window_present (active);
  else
    watch_first_frame (CHAIN_APPLICATION (application), add_window (CHAIN_APPLICATION (application)));
}

static void
chain_application_open (GApplication *application, GFile **files, int n, const char *hint)
{
  for (int i = 0; i < n; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);
      ChainWindow *has = path != NULL ? chain_window_find (GTK_APPLICATION (application), path) : NULL;
      GtkWidget *w;

      if (has != NULL)
        {
          gtk_window_present (GTK_WINDOW (has));
          continue;
        }
      w = add_window (CHAIN_APPLICATION (application));
      if (path != NULL)
        chain_window_open (CHAIN_WINDOW (w), path);
      if (i == 0)
        watch_first_frame (CHAIN_APPLICATION (application), w);
    }
}

/* Runs before anything needs a display, so that --version and --help work everywhere. */
static int
chain_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  ChainApplication *self = CHAIN_APPLICATION (application);

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Chainrule %s\n", CHAIN_VERSION);
      return 0;
    }
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _("chainrule: no display was found; start it in a graphical session, or use chainrule-cli."));
      return 1;
    }
  self->exit_after_startup = g_variant_dict_contains (options, "exit-after-startup");
  g_variant_dict_lookup (options, "screenshot", "^ay", &self->screenshot);
  if (self->exit_after_startup || self->screenshot != NULL)
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
chain_application_finalize (GObject *object)
{
  g_free (CHAIN_APPLICATION (object)->screenshot);
  G_OBJECT_CLASS (chain_application_parent_class)->finalize (object);
}

static void
chain_application_class_init (ChainApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = chain_application_finalize;
  application_class->startup = chain_application_startup;
  application_class->activate = chain_application_activate;
  application_class->open = chain_application_open;
  application_class->handle_local_options = chain_application_handle_local_options;
}

static void
chain_application_init (ChainApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and exit"), NULL },
    { "exit-after-startup", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Exit once the first window has been drawn"), NULL },
    { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Save the first window as a PNG picture"), N_("FILE") },
    { NULL, 0, 0, 0, NULL, NULL, NULL }
  };

  self->born = g_get_monotonic_time ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _("[FILE…]"));
}

ChainApplication *
chain_application_new (GApplicationFlags flags)
{
  return g_object_new (CHAIN_TYPE_APPLICATION, "application-id", CHAIN_APP_ID, "flags", G_APPLICATION_HANDLES_OPEN | flags, "resource-base-path",
                       "/org/chainrule/Chainrule", NULL);
}
