/* SPDX-License-Identifier: Apache-2.0 */
/* One line a tensor: its name, what it is, and a list of the parameters that could take it, which are those that have its shape. What is proposed
 * stands there; what finds no place says why. On top of it all one sentence tells how many find a place and which parameters keep their values. */
#include "config.h"

#include "ui/dialogs/weights.h"

#include <glib/gi18n-lib.h>

#define MOST_LINES 400u       /* a network of this program has fewer; of a file of thousands of tensors the rest is counted */
#define NAMED 3u              /* parameters that are called by name */

typedef struct { GtkWidget *note, *choice; GArray *fits; } Line;   /* fits: of guint, targets in the order of the list */

struct _ChainWeightsDialog
{
  AdwWindow        parent_instance;
  ChainSession    *session;
  ChainWeightsMap *map;
  char            *name;
  GPtrArray       *lines;     /* of Line, by row of the map */
  GtkWidget       *summary, *refusal, *apply, *list;
  gboolean         filling;   /* the choices are being set to what the map says */
};

G_DEFINE_FINAL_TYPE (ChainWeightsDialog, chain_weights_dialog, ADW_TYPE_WINDOW)

static guint applied_signal;

static void
line_free (gpointer p)
{
  Line *l = p;

  g_array_unref (l->fits);
  g_free (l);
}

static const ChainMapRow *
row_at (ChainWeightsDialog *d, guint i)
{
  return g_ptr_array_index (d->map->rows, i);
}

/* --- what it says --- */
static char *
kept_text (ChainWeightsDialog *d)
{
  GString *names = g_string_new (NULL);
  guint n = 0;

  for (guint k = 0; k < d->map->targets->len; k++)
    {
      if (chain_weights_map_source (d->map, k) >= 0)
        continue;
      if (n++ < NAMED)
        g_string_append_printf (names, "%s%s", n > 1 ? ", " : "", ((const ChainMapTarget *) g_ptr_array_index (d->map->targets, k))->name);
    }
  if (n > NAMED)
    g_string_append_printf (names, ngettext (" and %u more", " and %u more", n - NAMED), n - NAMED);
  if (n == 0)
    g_string_assign (names, _("Every parameter of the network is filled."));
  else
    {
      g_string_prepend (names, n == 1 ? _("Keeps its value: ") : _("Keep their values: "));
      g_string_append_c (names, '.');
    }
  return g_string_free (names, FALSE);
}

static void
update (ChainWeightsDialog *d)
{
  guint used = chain_weights_map_used (d->map);
  g_autofree char *kept = kept_text (d), *text = NULL;

  text = g_strdup_printf (ngettext ("%u of %u tensor finds its place. %s", "%u of %u tensors find their place. %s", d->map->rows->len), used, d->map->rows->len, kept);
  gtk_label_set_text (GTK_LABEL (d->summary), text);
  gtk_widget_set_sensitive (d->apply, used > 0);
  d->filling = TRUE;
  for (guint i = 0; i < d->lines->len; i++)
    {
      const Line *l = g_ptr_array_index (d->lines, i);
      guint at = 0;

      for (guint k = 0; k < l->fits->len; k++)
        if ((int) g_array_index (l->fits, guint, k) == row_at (d, i)->to)
          at = k + 1;
      gtk_drop_down_set_selected (GTK_DROP_DOWN (l->choice), at);
      gtk_label_set_text (GTK_LABEL (l->note), row_at (d, i)->note != NULL ? row_at (d, i)->note : "");
      gtk_widget_set_visible (l->note, row_at (d, i)->note != NULL);
    }
  d->filling = FALSE;
}

static void
chosen_cb (ChainWeightsDialog *d, GParamSpec *pspec, GtkWidget *choice)
{
  guint at = gtk_drop_down_get_selected (GTK_DROP_DOWN (choice));

  if (d->filling || at == GTK_INVALID_LIST_POSITION)
    return;
  for (guint i = 0; i < d->lines->len; i++)
    {
      const Line *l = g_ptr_array_index (d->lines, i);

      if (l->choice == choice)
        chain_weights_map_set (d->map, i, at == 0 ? -1 : (int) g_array_index (l->fits, guint, at - 1));
    }
  update (d);
}

/* --- lines --- */
static GtkWidget *
label (const char *text, const char *style)
{
  GtkWidget *l = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (l), 0);
  gtk_label_set_wrap (GTK_LABEL (l), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (l), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (l, style);
  return l;
}

static GtkWidget *
new_choice (ChainWeightsDialog *d, guint row, Line *line)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  g_autofree char *title = g_strdup_printf (_("Parameter that takes %s"), row_at (d, row)->tensor->name);
  GtkWidget *choice;

  gtk_string_list_append (names, _("Not used"));
  for (guint k = 0; k < d->map->targets->len; k++)
    {
      if (!chain_weights_map_fits (d->map, row, k, NULL))
        continue;
      gtk_string_list_append (names, ((const ChainMapTarget *) g_ptr_array_index (d->map->targets, k))->name);
      g_array_append_val (line->fits, k);
    }
  choice = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&names)), NULL);
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (choice, 168, -1);
  gtk_widget_set_sensitive (choice, line->fits->len > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_swapped (choice, "notify::selected", G_CALLBACK (chosen_cb), d);
  return choice;
}

static GtkWidget *
new_line (ChainWeightsDialog *d, guint row)
{
  const ChainFileTensor *t = row_at (d, row)->tensor;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *item = gtk_list_box_row_new ();
  Line *line = g_new0 (Line, 1);
  g_autofree char *shape = chain_weights_map_shape (t), *what = g_strdup_printf ("%s · %s", shape, t->dtype);

  line->fits = g_array_new (FALSE, FALSE, sizeof (guint));
  line->note = label ("", "card-note");
  line->choice = new_choice (d, row, line);
  g_ptr_array_add (d->lines, line);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (words), label (t->name, "open-title"));
  gtk_box_append (GTK_BOX (words), label (what, "card-note"));
  gtk_box_append (GTK_BOX (words), line->note);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), line->choice);
  gtk_widget_add_css_class (box, "weights-line");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (item), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (item), FALSE);
  gtk_widget_set_focusable (item, FALSE);
  return item;
}

static void
add_lines (ChainWeightsDialog *d)
{
  guint n = MIN (d->map->rows->len, MOST_LINES);

  for (guint i = 0; i < n; i++)
    gtk_list_box_append (GTK_LIST_BOX (d->list), new_line (d, i));
  if (n < d->map->rows->len)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u more tensor is not shown", "%u more tensors are not shown", d->map->rows->len - n), d->map->rows->len - n);

      gtk_list_box_append (GTK_LIST_BOX (d->list), label (text, "weights-line"));
    }
}

/* --- what it does --- */
static void
apply (ChainWeightsDialog *d)
{
  g_autoptr (GError) error = NULL;

  if (chain_session_apply_weights (d->session, d->map, d->name, &error))
    {
      g_signal_emit (d, applied_signal, 0);
      gtk_window_close (GTK_WINDOW (d));
      return;
    }
  gtk_label_set_text (GTK_LABEL (d->refusal), error->message);
  gtk_widget_set_visible (d->refusal, TRUE);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  if (keyval != GDK_KEY_Escape)
    return FALSE;
  gtk_window_close (GTK_WINDOW (data));
  return TRUE;
}

/* --- structure --- */
static void
chain_weights_dialog_dispose (GObject *object)
{
  ChainWeightsDialog *d = CHAIN_WEIGHTS_DIALOG (object);

  g_clear_object (&d->session);
  g_clear_pointer (&d->lines, g_ptr_array_unref);
  g_clear_pointer (&d->map, chain_weights_map_free);
  g_clear_pointer (&d->name, g_free);
  G_OBJECT_CLASS (chain_weights_dialog_parent_class)->dispose (object);
}

static void
chain_weights_dialog_class_init (ChainWeightsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_weights_dialog_dispose;
  applied_signal = g_signal_new ("applied", CHAIN_TYPE_WEIGHTS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
new_header (ChainWeightsDialog *d)
{
  GtkWidget *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  d->apply = gtk_button_new_with_mnemonic (_("_Apply"));
  gtk_widget_add_css_class (d->apply, "suggested-action");
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_close), d);
  g_signal_connect_swapped (d->apply, "clicked", G_CALLBACK (apply), d);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), d->apply);
  return header;
}

static void
chain_weights_dialog_init (ChainWeightsDialog *d)
{
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10), *scroll = gtk_scrolled_window_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  d->lines = g_ptr_array_new_with_free_func (line_free);
  d->summary = label ("", "weights-summary");
  d->refusal = label ("", "error");
  d->list = gtk_list_box_new ();
  gtk_widget_set_visible (d->refusal, FALSE);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (d->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (d->list, "boxed-list");
  gtk_box_append (GTK_BOX (box), d->summary);
  gtk_box_append (GTK_BOX (box), d->refusal);
  gtk_box_append (GTK_BOX (box), d->list);
  gtk_widget_add_css_class (box, "weights-page");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  gtk_widget_set_vexpand (scroll, TRUE);
  gtk_box_append (GTK_BOX (all), new_header (d));
  gtk_box_append (GTK_BOX (all), scroll);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), d);
  gtk_widget_add_controller (GTK_WIDGET (d), key);
  adw_window_set_content (ADW_WINDOW (d), all);
  gtk_window_set_default_size (GTK_WINDOW (d), 560, 520);
  gtk_window_set_default_widget (GTK_WINDOW (d), d->apply);
}

GtkWidget *
chain_weights_dialog_new (GtkWindow *parent, ChainSession *session, ChainWeightsMap *map, const char *name)
{
  ChainWeightsDialog *d = g_object_new (CHAIN_TYPE_WEIGHTS_DIALOG, "transient-for", parent, "modal", TRUE, "destroy-with-parent", TRUE, NULL);
  g_autofree char *title = g_strdup_printf (_("Weights of “%s”"), name);

  d->session = g_object_ref (session);
  d->map = map;
  d->name = g_strdup (name);
  gtk_window_set_title (GTK_WINDOW (d), title);
  add_lines (d);
  update (d);
  gtk_widget_grab_focus (d->apply);
  return GTK_WIDGET (d);
}
