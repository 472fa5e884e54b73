/* SPDX-License-Identifier: Apache-2.0 */
/* What it means, the cause in this run's numbers, the rule by which it is said, and the cures as buttons. The numbers are those of the moment when
 * it was opened: they would not hold still to be read otherwise. */
#include "config.h"

#include "ui/health/popover.h"

#include <glib/gi18n-lib.h>

#include "ui/canvas/report.h"

typedef struct { ChainSession *session; const char *cure; int layer; } Click;

static void
click_free (gpointer data, GClosure *closure)
{
  Click *c = data;

  g_object_unref (c->session);
  g_free (c);
}

/* The popover goes first: its badge may go with the finding. */
static void
cure_cb (GtkWidget *button, gpointer data)
{
  Click *c = data;
  GtkWidget *popover = gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER);
  g_autoptr (ChainSession) session = g_object_ref (c->session);
  const char *cure = c->cure;
  int layer = c->layer;
  GError *error = NULL;

  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  chain_session_cure (session, cure, layer, &error);
  chain_report (session, error);
}

static GtkWidget *
words (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 46);
  gtk_label_set_width_chars (GTK_LABEL (label), 30);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
add_cure (GtkWidget *box, ChainSession *session, const ChainFinding *f, const char *id, gboolean first)
{
  const ChainCureRow *row = chain_cure_row (id);
  g_autofree char *text = chain_cure_label (row, chain_document_spec (chain_session_document (session)));
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new (text);
  Click *c = g_new (Click, 1);

  *c = (Click){ g_object_ref (session), row->id, f->layer };
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 44);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (first)
    gtk_widget_add_css_class (button, "suggested-action");
  g_signal_connect_data (button, "clicked", G_CALLBACK (cure_cb), c, click_free, 0);
  gtk_box_append (GTK_BOX (box), button);
}

static void
add_finding (GtkWidget *box, ChainSession *session, const ChainFinding *f, GHashTable *offered)
{
  const ChainFindingRow *row = chain_finding_row (f->kind);
  GtkWidget *cures = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_autoptr (GPtrArray) ids = chain_finding_cures (f);
  gboolean first = gtk_widget_get_first_child (box) == NULL;

  if (!first)
    gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), words (_(row->title), "heading"));
  gtk_box_append (GTK_BOX (box), words (f->cause, "health-cause"));
  gtk_box_append (GTK_BOX (box), words (_(row->meaning), NULL));
  gtk_box_append (GTK_BOX (box), words (f->rule, "card-note"));
  for (guint i = 0; i < ids->len; i++)
    if (g_hash_table_add (offered, g_ptr_array_index (ids, i)))      /* once, where it is most to the point */
      add_cure (cures, session, f, g_ptr_array_index (ids, i), first && i == 0);
  if (gtk_widget_get_first_child (cures) != NULL)
    gtk_box_append (GTK_BOX (box), cures);
  else
    g_object_unref (g_object_ref_sink (cures));
}

GtkWidget *
chain_health_popover_new (ChainSession *session, GPtrArray *findings)
{
  g_autoptr (GHashTable) offered = g_hash_table_new (g_str_hash, g_str_equal);
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *scrolled = gtk_scrolled_window_new ();

  gtk_widget_add_css_class (popover, "health");
  for (guint i = 0; i < findings->len; i++)
    add_finding (box, session, g_ptr_array_index (findings, i), offered);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 420);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_popover_set_child (GTK_POPOVER (popover), scrolled);
  return popover;
}
