/* SPDX-License-Identifier: Apache-2.0 */
/* What the program has to say: toasts for news and refusals, a dialog where a file is at stake. Two pieces of news come from the numbers:
 * training became infinite (with the remedy as a button), and the test loss has been flat for 30 epochs (DESIGN 2.2). */
#include "config.h"

#include "ui/window/window-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/health/health.h"
#include "app/picture/number-text.h"
#include "app/session/build.h"

#define FLAT_EPOCHS 30
#define FLAT_GAIN 0.99            /* less than 1 % better is not better */

static GtkWidget *
wrapped (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  return label;
}

void
_chain_window_toast (ChainWindow *w, const char *text, const char *button, const char *action)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);     /* a toast reads markup */
  AdwToast *toast = adw_toast_new (escaped);

  if (button != NULL)      /* beside a button the end of the sentence would be cut */
    adw_toast_set_custom_title (toast, wrapped (text));

  adw_toast_set_timeout (toast, button != NULL ? 8 : 4);
  if (button != NULL)
    {
      adw_toast_set_button_label (toast, button);
      adw_toast_set_detailed_action_name (toast, action);
    }
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (w->toasts), toast);
}

void
_chain_window_refuse (ChainWindow *w, const char *heading, const char *body)
{
  GtkWidget *d = adw_message_dialog_new (GTK_WINDOW (w), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (d), "close", _("Close"));
  gtk_window_present (GTK_WINDOW (d));
}

/* --- the toast of one edit --- */
static void
forget_edit_toast (ChainWindow *w, gboolean dismiss)
{
  g_autoptr (AdwToast) toast = g_steal_pointer (&w->edit_toast);

  if (toast != NULL && dismiss)
    adw_toast_dismiss (toast);
}

static void
toast_gone_cb (ChainWindow *w, AdwToast *toast)
{
  if (toast == w->edit_toast)
    forget_edit_toast (w, FALSE);
}

/* The message comes before the edit has its place in the history; what changes the document after that is another edit, and the offer is over. */
static void
document_cb (ChainWindow *w)
{
  guint serial = chain_history_serial (chain_document_entries (chain_session_document (w->session)));

  if (w->edit_toast == NULL || w->keeping)
    return;
  if (w->edit_serial == 0)
    {
      w->edit_serial = serial;
      adw_toast_set_action_target_value (w->edit_toast, g_variant_new_uint32 (serial));
    }
  else if (serial != w->edit_serial)
    forget_edit_toast (w, TRUE);
}

/* That edit and no other, should the toast still be fading out. */
void
_chain_window_undo_edit (ChainWindow *w, guint serial)
{
  if (serial == chain_history_serial (chain_document_entries (chain_session_document (w->session))))
    chain_session_undo (w->session);
}

void
_chain_window_clear_messages (ChainWindow *w)
{
  g_clear_object (&w->edit_toast);
}

/* What an edit takes away can be had back here, or kept beside it: a toast has one button of its own, the other stands with its text. */
static void
tell_discarded (ChainWindow *w, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *label = wrapped (text), *both = gtk_button_new_with_label (_("Keep Both"));
  AdwToast *toast = adw_toast_new (text);

  gtk_widget_set_tooltip_text (both, _("Opens the network as it was in a window of its own"));
  gtk_widget_set_valign (both, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (both), "win.keep-both");
  g_signal_connect_object (both, "clicked", G_CALLBACK (adw_toast_dismiss), toast, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), both);
  adw_toast_set_custom_title (toast, box);
  adw_toast_set_button_label (toast, _("Undo"));
  adw_toast_set_action_target_value (toast, g_variant_new_uint32 (0));
  adw_toast_set_action_name (toast, "win.undo-edit");
  adw_toast_set_timeout (toast, 8);
  forget_edit_toast (w, TRUE);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_gone_cb), w, G_CONNECT_SWAPPED);
  w->edit_toast = g_object_ref (toast);
  w->edit_serial = 0;
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (w->toasts), toast);
}

/* The one before the last edit goes into a window of its own; this one has the edit again. */
void
_chain_window_keep_both (ChainWindow *w)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GtkWidget *other;
  gboolean ok;

  w->keeping = TRUE;
  if (!chain_session_undo (w->session))
    {
      w->keeping = FALSE;
      return;
    }
  ok = chain_session_branch (w->session, &text, &error);
  chain_session_redo (w->session);
  w->keeping = FALSE;
  if (ok)
    {
      other = chain_window_new (gtk_window_get_application (GTK_WINDOW (w)));
      ok = chain_session_open_branch (CHAIN_WINDOW (other)->session, text, &error);
      gtk_window_present (GTK_WINDOW (other));
    }
  if (!ok)
    _chain_window_toast (w, error->message, NULL, NULL);
}

static void
message_cb (ChainWindow *w, const char *text, const char *button, const char *action)
{
  if (g_strcmp0 (action, "win.undo") == 0)
    tell_discarded (w, text);
  else
    _chain_window_toast (w, text, button, action);
}

static void
tell_fitted (ChainWindow *w, const ChainSnapshot *s, gboolean split)
{
  const ChainMetrics *m = split ? &s->test : &s->train;
  double score = s->data->prep->classify ? m->accuracy : m->r2;
  char buf[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL;

  chain_number_text_percent (buf, score);
  if (!s->data->prep->classify)
    chain_number_text_fixed (buf, score, 3);
  if (score >= 0.9)
    text = s->data->prep->classify ? g_strdup_printf (split ? _("Fitted: %s on unseen points") : _("Fitted: %s of the points"), buf)
                                   : g_strdup_printf (_("Fitted: R² %s"), buf);
  else
    text = g_strdup_printf (s->data->prep->classify ? _("The loss has been flat for %d epochs at %s") : _("The loss has been flat for %d epochs at R² %s"),
                            FLAT_EPOCHS, buf);
  _chain_window_toast (w, text, score >= 0.9 ? _("See One Step") : NULL, score >= 0.9 ? "win.page::backprop" : NULL);
  w->fitted_told = TRUE;
}

static void
watch_fit (ChainWindow *w, const ChainSnapshot *s)
{
  gboolean split = s->data->n > s->data->n_train;
  double loss = split ? s->test.loss : s->train.loss;

  if (s->epoch < w->best_epoch || s->step == 0 || s->segment != w->best_segment)
    {
      w->best_loss = INFINITY;        /* another run, other data or another loss, or back in time */
      w->best_epoch = s->segment_epoch;
      w->fitted_told = s->step > 0 && s->segment == w->best_segment && w->fitted_told;
      w->best_segment = s->segment;
    }
  if (!s->has_metrics || w->fitted_told || s->state != CHAIN_RUN_RUNNING)
    return;
  if (loss < w->best_loss * FLAT_GAIN)
    {
      w->best_loss = loss;
      w->best_epoch = s->epoch;
    }
  else if (s->epoch - w->best_epoch >= FLAT_EPOCHS)
    tell_fitted (w, s, split);
}

/* A button only for what a click can do; advice is told. */
static void
tell_broken (ChainWindow *w, const ChainSnapshot *s)
{
  g_autofree char *message = s->state == CHAIN_RUN_DIVERGED ? chain_health_trouble_text (s)
                                                            : g_strdup (s->message != NULL ? s->message : _("Training stopped: a value is not finite"));
  g_autofree char *advice = s->remedy != NULL && s->remedy_kind == CHAIN_REMEDY_ADVICE ? g_strdup_printf ("%s. %s", message, s->remedy) : NULL;

  _chain_window_toast (w, advice != NULL ? advice : message, advice != NULL ? NULL : s->remedy, "win.remedy");
}

static void
snapshot_cb (ChainWindow *w)
{
  const ChainSnapshot *s = chain_session_snapshot (w->session);
  gboolean broken = s->state == CHAIN_RUN_DIVERGED || s->state == CHAIN_RUN_FAILED;

  if (broken && !w->diverged_told)
    tell_broken (w, s);
  if (s->state != CHAIN_RUN_DONE)
    w->end_told = FALSE;
  else if (!w->end_told && s->step > 0)
    w->end_told = chain_session_tell_end (w->session);
  if (broken != w->diverged_told)
    {
      w->diverged_told = broken;
      _chain_window_update_actions (w);
    }
  watch_fit (w, s);
}

void
_chain_window_watch_messages (ChainWindow *w)
{
  w->best_loss = INFINITY;
  g_signal_connect_swapped (w->session, "message", G_CALLBACK (message_cb), w);
  g_signal_connect_swapped (w->session, "snapshot", G_CALLBACK (snapshot_cb), w);
  g_signal_connect_swapped (w->session, "document", G_CALLBACK (document_cb), w);
}
