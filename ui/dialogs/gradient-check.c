/* SPDX-License-Identifier: Apache-2.0 */
/* A sentence and a table: a line a parameter with the entry that agrees least. The check is a task of its own; while it runs there is a bar and a way
 * out, and the window behind goes on training. Numbers here have the digits that a comparison needs, adjoint and difference one below the other. */
#include "config.h"

#include "ui/dialogs/gradient-check.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

#define MOST_LINES 400u    /* the rest is in the copied text */

struct _ChainGradientDialog
{
  AdwWindow           parent_instance;
  ChainSession       *session;
  ChainSnapshot      *moment;       /* names of layers as they were */
  GCancellable       *job;
  ChainGradientCheck *check;        /* NULL: not done */
  GtkWidget          *icon, *verdict, *about, *bar, *copy, *table, *close;
  gboolean            done;
};

G_DEFINE_FINAL_TYPE (ChainGradientDialog, chain_gradient_dialog, ADW_TYPE_WINDOW)

gboolean
chain_gradient_dialog_is_done (ChainGradientDialog *d)
{
  return d->done;
}

const char *
chain_gradient_dialog_verdict (ChainGradientDialog *d)
{
  return gtk_label_get_text (GTK_LABEL (d->verdict));
}

static GtkWidget *
cell (ChainGradientDialog *d, const char *text, int column, int row, const char *style)
{
  GtkWidget *l = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (l), column >= 2 && column <= 4 ? 1 : 0);
  gtk_widget_set_hexpand (l, column == 0);
  if (style != NULL)
    gtk_widget_add_css_class (l, style);
  gtk_grid_attach (GTK_GRID (d->table), l, column, row, 1, 1);
  return l;
}

/* --- lines --- */
static const char *
letter_of (ChainParamKind kind)
{
  static const char *const letters[] = { "w", "b", "γ", "β" };

  return (guint) kind < G_N_ELEMENTS (letters) ? letters[kind] : NULL;
}

/* "Layer 1 · w" */
static char *
line_name (ChainGradientDialog *d, const ChainCheckLine *line)
{
  int at = chain_spec_layer_index (d->moment->spec, line->layer);
  const char *letter = letter_of (line->kind), *dot = strrchr (line->tensor, '.');
  g_autofree char *layer = at >= 0 ? chain_name_layer (d->moment, (guint) at) : g_strdup (line->layer);

  return g_strdup_printf ("%s · %s", layer, letter != NULL ? letter : dot != NULL ? dot + 1 : line->tensor);
}

/* "passed", "1 at a kink" */
static char *
line_result (const ChainGradientCheck *check, const ChainCheckLine *line)
{
  const ChainCheckRow *r = &line->row;
  const char *word = r->n_checked == 0 ? _("kink") : r->error <= 1 ? _("passed") : _("differs");

  if (chain_check_line_is_lost (check, line))
    return g_strdup (_("– rounding"));
  if (r->n_kinks == 0 || r->n_checked == 0)
    return g_strdup_printf ("%s %s", r->n_checked == 0 ? "◇" : r->error <= 1 ? "✓" : "✕", word);
  return g_strdup_printf (ngettext ("%s %s, %u at a kink", "%s %s, %u at a kink", r->n_kinks), r->error <= 1 ? "✓" : "✕", word, r->n_kinks);
}

/* Six digits: enough to see in which one they part. */
static void
add_line (ChainGradientDialog *d, int at, const ChainCheckLine *line)
{
  const ChainCheckRow *r = &line->row;
  char adjoint[CHAIN_NUMBER_TEXT_SIZE], difference[CHAIN_NUMBER_TEXT_SIZE], error[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *name = line_name (d, line), *result = line_result (d->check, line), *checked = NULL, *entry = NULL;
  GtkWidget *l;

  entry = line->kind == CHAIN_PARAM_WEIGHT ? g_strdup_printf ("%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT, r->row + 1, r->col + 1) : g_strdup_printf ("%" G_GINT64_FORMAT, r->row + r->col + 1);
  checked = g_strdup_printf (ngettext ("%u of %u entry checked", "%u of %u entries checked", line->n_entries), r->n_checked + r->n_kinks, line->n_entries);
  l = cell (d, name, 0, at, NULL);
  gtk_widget_set_tooltip_text (l, checked);
  cell (d, r->n_checked > 0 ? entry : "–", 1, at, "numeric");
  cell (d, r->n_checked > 0 ? chain_number_text_loss (adjoint, r->adjoint, 6) : "–", 2, at, "numeric");
  cell (d, r->n_checked > 0 ? chain_number_text_loss (difference, r->difference, 6) : "–", 3, at, "numeric");
  cell (d, r->n_checked > 0 ? chain_number_text_short (error, chain_check_line_relative (line)) : "–", 4, at, "numeric");
  l = cell (d, result, 5, at, r->n_checked == 0 ? "dim-label" : r->error <= 1 ? "success" : "error");
  gtk_widget_set_tooltip_text (l, checked);
}

static void
add_lines (ChainGradientDialog *d)
{
  static const char *const heads[] = { N_("Tensor"), N_("Worst entry"), N_("Adjoint"), N_("Central difference"), N_("Relative error"), N_("Result") };
  guint n = MIN (d->check->lines->len, MOST_LINES);

  for (guint i = 0; i < G_N_ELEMENTS (heads) && n > 0; i++)
    cell (d, _(heads[i]), (int) i, 0, "gradient-check-head");
  for (guint i = 0; i < n; i++)
    add_line (d, (int) i + 1, d->check->lines->pdata[i]);
  if (n < d->check->lines->len)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u more tensor is in the copied text", "%u more tensors are in the copied text", d->check->lines->len - n), d->check->lines->len - n);

      cell (d, text, 0, (int) n + 1, "dim-label");
    }
  gtk_widget_set_visible (d->table, n > 0);
}

/* --- what it says --- */
static void
show_verdict (ChainGradientDialog *d)
{
  g_autofree char *verdict = chain_gradient_check_verdict (d->check), *about = NULL;
  GString *notes = g_string_new (NULL);

  for (guint i = 0; i < d->check->notes->len; i++)
    g_string_append_printf (notes, "%s.\n", (const char *) d->check->notes->pdata[i]);
  about = g_strdup_printf (ngettext ("At the weights of step %" G_GUINT64_FORMAT ", %u training row, in double precision. Passed means |a − n| ≤ 10⁻⁷ (max (|a|, |n|) + 0.01).",
                                     "At the weights of step %" G_GUINT64_FORMAT ", %u training rows, in double precision. Passed means |a − n| ≤ 10⁻⁷ (max (|a|, |n|) + 0.01).",
                                     d->check->n_rows), d->moment->step, d->check->n_rows);
  g_string_append (notes, about);
  gtk_label_set_text (GTK_LABEL (d->verdict), verdict);
  gtk_label_set_text (GTK_LABEL (d->about), notes->str);
  gtk_image_set_from_icon_name (GTK_IMAGE (d->icon), d->check->passed ? "emblem-ok-symbolic" : "dialog-warning-symbolic");
  gtk_widget_add_css_class (d->icon, d->check->passed ? "success" : "error");
  gtk_widget_set_visible (d->icon, TRUE);
  g_string_free (notes, TRUE);
}

/* The dialog is kept by the task until here, closed or not. */
static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ChainGradientDialog) d = data;
  g_autoptr (GError) error = NULL;
  ChainGradientCheck *check = chain_session_check_gradients_finish (CHAIN_SESSION (source), result, &error);

  if (g_cancellable_is_cancelled (d->job))
    {
      chain_gradient_check_free (check);
      return;
    }
  d->done = TRUE;
  d->check = check;
  gtk_widget_set_visible (d->bar, FALSE);
  gtk_button_set_label (GTK_BUTTON (d->close), _("_Close"));
  if (check == NULL)
    {
      gtk_label_set_text (GTK_LABEL (d->verdict), error->message);
      gtk_widget_add_css_class (d->verdict, "error");
      return;
    }
  gtk_widget_set_sensitive (d->copy, TRUE);
  show_verdict (d);
  add_lines (d);
}

static gboolean
pulse_cb (GtkWidget *bar, GdkFrameClock *clock, gpointer data)
{
  gtk_progress_bar_pulse (GTK_PROGRESS_BAR (bar));
  return G_SOURCE_CONTINUE;
}

static void
copy (ChainGradientDialog *d)
{
  g_autofree char *text = chain_gradient_check_text (d->check);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (d)), text);
  gtk_button_set_label (GTK_BUTTON (d->copy), _("Copied"));
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
static gboolean
chain_gradient_dialog_close_request (GtkWindow *window)
{
  g_cancellable_cancel (CHAIN_GRADIENT_DIALOG (window)->job);
  return GTK_WINDOW_CLASS (chain_gradient_dialog_parent_class)->close_request (window);
}

static void
chain_gradient_dialog_dispose (GObject *object)
{
  ChainGradientDialog *d = CHAIN_GRADIENT_DIALOG (object);

  g_cancellable_cancel (d->job);
  g_clear_object (&d->session);
  g_clear_pointer (&d->moment, chain_snapshot_unref);
  g_clear_pointer (&d->check, chain_gradient_check_free);
  G_OBJECT_CLASS (chain_gradient_dialog_parent_class)->dispose (object);
}

static void
chain_gradient_dialog_finalize (GObject *object)
{
  g_object_unref (CHAIN_GRADIENT_DIALOG (object)->job);
  G_OBJECT_CLASS (chain_gradient_dialog_parent_class)->finalize (object);
}

static void
chain_gradient_dialog_class_init (ChainGradientDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_gradient_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = chain_gradient_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = chain_gradient_dialog_close_request;
}

static GtkWidget *
new_header (ChainGradientDialog *d)
{
  GtkWidget *header = adw_header_bar_new ();

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  d->close = gtk_button_new_with_mnemonic (_("_Cancel"));
  d->copy = gtk_button_new_with_mnemonic (_("Copy as _Text"));
  gtk_widget_set_sensitive (d->copy, FALSE);
  g_signal_connect_swapped (d->close, "clicked", G_CALLBACK (gtk_window_close), d);
  g_signal_connect_swapped (d->copy, "clicked", G_CALLBACK (copy), d);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), d->close);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), d->copy);
  return header;
}

static GtkWidget *
paragraph (const char *style)
{
  GtkWidget *l = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (l), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (l), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (l), 0);
  gtk_widget_set_hexpand (l, TRUE);
  gtk_widget_add_css_class (l, style);
  return l;
}

static GtkWidget *
new_top (ChainGradientDialog *d)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  d->icon = gtk_image_new ();
  d->verdict = paragraph ("heading");
  d->about = paragraph ("card-note");
  d->bar = gtk_progress_bar_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (d->icon), 24);
  gtk_widget_set_valign (d->icon, GTK_ALIGN_START);
  gtk_widget_set_visible (d->icon, FALSE);
  gtk_progress_bar_set_pulse_step (GTK_PROGRESS_BAR (d->bar), 0.02);
  gtk_widget_add_tick_callback (d->bar, pulse_cb, NULL, NULL);
  gtk_label_set_text (GTK_LABEL (d->verdict), _("Comparing every gradient with central differences…"));
  gtk_box_append (GTK_BOX (words), d->verdict);
  gtk_box_append (GTK_BOX (words), d->bar);
  gtk_box_append (GTK_BOX (words), d->about);
  gtk_box_append (GTK_BOX (top), d->icon);
  gtk_box_append (GTK_BOX (top), words);
  return top;
}

static void
chain_gradient_dialog_init (ChainGradientDialog *d)
{
  GtkWidget *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *scroll = gtk_scrolled_window_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  d->job = g_cancellable_new ();
  d->table = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (d->table), 18);
  gtk_grid_set_row_spacing (GTK_GRID (d->table), 6);
  gtk_widget_add_css_class (d->table, "card");
  gtk_widget_add_css_class (d->table, "gradient-check");
  gtk_widget_set_visible (d->table, FALSE);
  gtk_box_append (GTK_BOX (box), new_top (d));
  gtk_box_append (GTK_BOX (box), d->table);
  gtk_widget_add_css_class (box, "weights-page");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  gtk_widget_set_vexpand (scroll, TRUE);
  gtk_box_append (GTK_BOX (all), new_header (d));
  gtk_box_append (GTK_BOX (all), scroll);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), d);
  gtk_widget_add_controller (GTK_WIDGET (d), key);
  adw_window_set_content (ADW_WINDOW (d), all);
  gtk_window_set_default_size (GTK_WINDOW (d), 700, 480);
}

GtkWidget *
chain_gradient_dialog_new (GtkWindow *parent, ChainSession *session)
{
  ChainGradientDialog *d = g_object_new (CHAIN_TYPE_GRADIENT_DIALOG, "transient-for", parent, "modal", TRUE, "destroy-with-parent", TRUE, NULL);

  d->session = g_object_ref (session);
  d->moment = chain_snapshot_ref (chain_session_snapshot (session));
  gtk_window_set_title (GTK_WINDOW (d), _("Check Gradients"));
  gtk_widget_grab_focus (d->close);
  chain_session_check_gradients_async (session, d->job, done_cb, g_object_ref (d));
  return GTK_WIDGET (d);
}
