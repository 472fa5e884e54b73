/* SPDX-License-Identifier: Apache-2.0 */
/* Cards hold results only (DESIGN 2.1). Title and note come with the picture, so that "log scale" stands there when the scale is
 * logarithmic, and nowhere else is that known. */
#include "config.h"

#include "ui/pages/card.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

/* Three cards have such a menu: each is named by what it shows now. */
static void
name_menu (ChainCard *card)
{
  g_autofree char *name = g_strdup_printf (_("Show another picture in place of “%s”"), gtk_label_get_text (GTK_LABEL (card->title)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (card->menu), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
worded_cb (ChainCard *card)
{
  const ChainLayout *l = chain_canvas_layout (card->canvas);
  const char *note;

  if (l == NULL)                /* a page that was never shown has drawn nothing; it is worded when it is */
    return;
  if (card->subject != NULL && g_str_equal (chain_canvas_view (card->canvas)->id, "boundary"))
    set_text (card->title, card->subject);
  else
    set_text (card->title, l->title != NULL ? l->title : _(chain_canvas_view (card->canvas)->title));
  name_menu (card);
  note = card->subject_note != NULL ? card->subject_note : l->note;
  set_text (card->note, note != NULL ? note : "");
  gtk_widget_set_visible (card->note, note != NULL && *note != '\0');
}

/* Its name is the first clause of what is said about it. */
void
chain_card_set_subject (ChainCard *card, const ChainElement *e, char *note)
{
  g_clear_pointer (&card->subject, g_free);
  g_free (card->subject_note);
  card->subject_note = note;
  if (e != NULL && e->label != NULL)
    card->subject = g_strndup (e->label, strcspn (e->label, ",:"));
  worded_cb (card);
}

void
chain_card_follow (ChainCard *card, const ChainSnapshot *s, const ChainView *usual)
{
  const ChainView *v = card->chosen;

  card->usual = usual;
  if (v == NULL || (v->applies != NULL && !v->applies (s)))
    v = usual;
  if (chain_canvas_view (card->canvas) != v)
    chain_canvas_set_view (card->canvas, v);
}

/* The picture needs numbers that the last snapshot may lack: the window is told to ask for them. */
static void
choose_cb (GtkWidget *button, ChainCard *card)
{
  card->chosen = chain_view_by_id (gtk_widget_get_name (button));
  if (card->chosen != NULL || card->usual != NULL)
    chain_canvas_set_view (card->canvas, card->chosen != NULL ? card->chosen : card->usual);
  gtk_popover_popdown (GTK_POPOVER (gtk_widget_get_ancestor (button, GTK_TYPE_POPOVER)));
  gtk_widget_activate_action (card->root, "win.views-changed", NULL);
}

static GtkWidget *
make_row (ChainCard *card, const char *id, const char *title, const char *about)
{
  GtkWidget *row = gtk_button_new (), *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_button_set_child (GTK_BUTTON (row), label);
  gtk_widget_add_css_class (row, "flat");
  gtk_widget_set_name (row, id);
  gtk_widget_set_tooltip_text (row, about);
  g_signal_connect (row, "clicked", G_CALLBACK (choose_cb), card);
  return row;
}

/* The page has the actions (ui/explore). */
static void
add_earlier_runs (GtkWidget *box)
{
  GtkWidget *show = gtk_check_button_new_with_label (_("Show earlier runs")), *forget = gtk_button_new (), *label = gtk_label_new (_("Forget earlier runs"));

  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (show), "explore.ghosts");
  gtk_widget_set_tooltip_text (show, _("The last runs that an edit or a reset replaced, pale behind this one"));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_button_set_child (GTK_BUTTON (forget), label);
  gtk_widget_add_css_class (forget, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (forget), "explore.forget-ghosts");
  gtk_box_append (GTK_BOX (box), show);
  gtk_box_append (GTK_BOX (box), forget);
}

/* Made when it is opened: what applies depends on the network and its data. */
static void
popup_cb (GtkMenuButton *menu, gpointer data)
{
  ChainCard *card = data;
  const ChainSnapshot *s = chain_canvas_data (card->canvas);
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  guint n;
  const ChainView *views = chain_table_views (&n);

  gtk_box_append (GTK_BOX (box), make_row (card, "automatic", _("Automatic"), _("The picture that suits this card and the data")));
  for (guint i = 0; i < n; i++)
    if (!g_str_equal (views[i].id, "network") && s != NULL && (views[i].applies == NULL || views[i].applies (s)))
      gtk_box_append (GTK_BOX (box), make_row (card, views[i].id, _(views[i].title), _(views[i].about)));
  add_earlier_runs (box);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_popover (menu, popover);
}

static GtkWidget *
make_menu (ChainCard *card)
{
  GtkWidget *menu = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu), "pan-down-symbolic");
  gtk_menu_button_set_has_frame (GTK_MENU_BUTTON (menu), FALSE);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (menu), popup_cb, card, NULL);
  gtk_widget_set_tooltip_text (menu, _("Show another picture in this card"));
  gtk_widget_set_valign (menu, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (menu, "card-menu");
  return menu;
}

static GtkWidget *
make_header (ChainCard *card)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  card->title = gtk_label_new (NULL);
  card->note = gtk_label_new (NULL);
  gtk_widget_add_css_class (card->title, "card-title");
  gtk_widget_add_css_class (card->note, "card-note");
  gtk_label_set_xalign (GTK_LABEL (card->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (card->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (card->note), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (card->note), 1);
  gtk_widget_set_hexpand (card->note, TRUE);
  gtk_box_append (GTK_BOX (box), card->title);
  card->menu = make_menu (card);
  gtk_box_append (GTK_BOX (box), card->menu);
  gtk_box_append (GTK_BOX (box), card->note);
  gtk_widget_add_css_class (box, "card-header");
  return box;
}

void
chain_card_init (ChainCard *card, const ChainView *view, double hertz)
{
  card->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (card->root, "card");
  gtk_box_append (GTK_BOX (card->root), make_header (card));
  card->canvas = g_object_ref_sink (CHAIN_CANVAS (chain_canvas_new (view, hertz, FALSE)));
  chain_canvas_set_on_card (card->canvas, TRUE);
  set_text (card->title, _(view->title));
  name_menu (card);
  g_signal_connect_swapped (card->canvas, "worded", G_CALLBACK (worded_cb), card);
  gtk_box_append (GTK_BOX (card->root), GTK_WIDGET (card->canvas));
}

void
chain_card_height (ChainCard *card, int height)
{
  gtk_widget_set_size_request (GTK_WIDGET (card->canvas), -1, height);
}
