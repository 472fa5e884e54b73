/* SPDX-License-Identifier: Apache-2.0 */
/* Building by hand from inside the window: what an edit leaves behind it. Focus, toasts, earlier runs, findings, and the check of gradients. */
#include "config.h"

#include <string.h>

#include "app/session/explore.h"
#include "engine/run/backend-registry.h"
#include "ui/dialogs/gradient-check.h"
#include "ui/window/application.h"
#include "ui/window/window-private.h"

typedef struct { ChainWindow *win; ChainSession *session; ChainNetworkPage *page; } Fixture;
typedef gboolean (*Condition) (gpointer data);

static ChainApplication *app;      /* one a process */

static gboolean
late_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_until (Condition condition, gpointer data, guint ms)
{
  gboolean late = FALSE;
  guint id = g_timeout_add (ms, late_cb, &late);

  while (!condition (data) && !late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return condition (data);
}

#define assert_soon(condition, data) \
  G_STMT_START { if (!wait_until ((condition), (data), 20000)) g_error ("timed out: %s", #condition); } G_STMT_END

static gboolean
is_laid_out (gpointer data)
{
  Fixture *f = data;

  return chain_canvas_layout (chain_network_page_canvas (f->page)) != NULL && gtk_widget_get_mapped (GTK_WIDGET (f->win));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->win = CHAIN_WINDOW (chain_window_new (GTK_APPLICATION (app)));
  f->session = chain_window_session (f->win);
  f->page = chain_window_page (f->win);
  gtk_window_present (GTK_WINDOW (f->win));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (f->win));
  assert_soon (is_laid_out, f);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gpointer weak[2] = { f->win, f->session };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);
  gtk_window_destroy (GTK_WINDOW (f->win));
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    assert_soon (is_gone, &weak[i]);
}

static void
act (Fixture *f, const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (f->win), action, NULL);
}

/* --- Check Gradients --- */
static ChainGradientDialog *
gradient_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (CHAIN_IS_GRADIENT_DIALOG (l->data))
      return l->data;
  return NULL;
}

static gboolean
is_checked (gpointer data)
{
  ChainGradientDialog *d = gradient_dialog ();

  return d != NULL && chain_gradient_dialog_is_done (d);
}

static void
test_check_gradients (Fixture *f, gconstpointer data)
{
  gpointer dialog;

  act (f, "check-gradients");
  assert_soon (is_checked, f);
  dialog = gradient_dialog ();
  g_assert_cmpstr (strstr (chain_gradient_dialog_verdict (dialog), "All 67 gradients agree"), !=, NULL);
  g_object_add_weak_pointer (dialog, &dialog);
  gtk_window_close (dialog);
  assert_soon (is_gone, &dialog);
}

/* Closed before it has begun to say anything. */
static void
test_check_given_up (Fixture *f, gconstpointer data)
{
  gpointer dialog;

  act (f, "check-gradients");
  dialog = gradient_dialog ();
  g_assert_false (chain_gradient_dialog_is_done (dialog));
  g_object_add_weak_pointer (dialog, &dialog);
  gtk_window_close (dialog);
  assert_soon (is_gone, &dialog);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;

  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("GTK_A11Y", "test", FALSE);
  chain_backend_init ();
  gtk_test_init (&argc, &argv, NULL);
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (app), NULL, &error);
  g_assert_no_error (error);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/edits/check-gradients", test_check_gradients);
  ADD ("/edits/check-given-up", test_check_given_up);
  return g_test_run ();
}
