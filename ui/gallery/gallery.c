/* SPDX-License-Identifier: Apache-2.0 */
/* Twelve cards in the order of a course, below them the other examples (DESIGN 2.5). A card is drawn by the view table from a snapshot of the real
 * document, which trains on a thread of its own while one looks; nothing here is a stored picture. GtkFlowBox brings the walking by arrow keys, and
 * any letter typed begins a search, as in the shell's overview. */
#include "config.h"

#include "ui/gallery/gallery.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/session/documents/gallery.h"
#include "ui/canvas/canvas.h"

#define PICTURE_WIDTH 202     /* three in a row of the smallest window */
#define PICTURE_HEIGHT 148
#define PICTURE_TEXT 0.8      /* text of a card against that of a page … */
#define NETWORK_TEXT 0.45     /* … and of a network, of which one wants to see all units */
#define HERTZ 8.0

struct _ChainGalleryWindow
{
  AdwWindow     parent_instance;
  GtkWidget    *search, *course, *others, *others_title, *nothing, *scroll;
  GPtrArray    *canvases;     /* of ChainCanvas or NULL until there is a snapshot; by the place in chain_examples() */
  GPtrArray    *frames;
  ChainGallery *gallery;
};

G_DEFINE_FINAL_TYPE (ChainGalleryWindow, chain_gallery_window, ADW_TYPE_WINDOW)

static const ChainExample *
example_of (GtkFlowBoxChild *child)
{
  return g_object_get_data (G_OBJECT (child), "example");
}

/* --- pictures --- */
static void
snapshot_cb (guint i, ChainSnapshot *snapshot, gpointer data)
{
  ChainGalleryWindow *w = data;
  const ChainExample *e = g_ptr_array_index (chain_examples (), i);
  ChainCanvas *canvas = g_ptr_array_index (w->canvases, i);

  if (canvas == NULL)
    {
      const ChainView *view = chain_view_by_id (chain_gallery_view (e, snapshot));

      canvas = CHAIN_CANVAS (chain_canvas_new (view, HERTZ, FALSE));
      chain_canvas_set_on_card (canvas, TRUE);
      chain_canvas_set_text_size (canvas, strcmp (view->id, "network") == 0 ? NETWORK_TEXT : PICTURE_TEXT);
      gtk_widget_set_focusable (GTK_WIDGET (canvas), FALSE);
      gtk_widget_set_can_target (GTK_WIDGET (canvas), FALSE);
      gtk_overlay_add_overlay (GTK_OVERLAY (g_ptr_array_index (w->frames, i)), GTK_WIDGET (canvas));
      w->canvases->pdata[i] = canvas;
    }
  chain_canvas_set_snapshot (canvas, snapshot);
}

/* --- cards --- */
static GtkWidget *
text (const char *words, const char *style, int lines)
{
  GtkWidget *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 20);     /* the picture is wider: it decides */
  gtk_label_set_lines (GTK_LABEL (label), lines);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
new_card (ChainGalleryWindow *w, const ChainExample *e)
{
  GtkWidget *child = gtk_flow_box_child_new (), *clamp = adw_clamp_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *frame = gtk_overlay_new ();

  gtk_widget_set_size_request (frame, PICTURE_WIDTH, PICTURE_HEIGHT);      /* and not what the picture would like */
  gtk_widget_add_css_class (frame, "gallery-picture");
  gtk_widget_set_overflow (frame, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (box), frame);
  gtk_box_append (GTK_BOX (box), text (e->name, "heading", 2));
  gtk_box_append (GTK_BOX (box), text (e->note, "card-note", -1));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), PICTURE_WIDTH);      /* all cards are of one width, however long the sentence */
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), PICTURE_WIDTH);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), clamp);
  gtk_widget_add_css_class (child, "gallery-card");
  gtk_widget_set_valign (child, GTK_ALIGN_START);
  gtk_widget_set_halign (child, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, e->name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, e->note, -1);
  g_object_set_data (G_OBJECT (child), "example", (gpointer) e);
  g_ptr_array_add (w->frames, frame);
  g_ptr_array_add (w->canvases, NULL);
  return child;
}

static void
activated_cb (ChainGalleryWindow *w, GtkFlowBoxChild *child)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (w));
  const ChainExample *e = example_of (child);

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.open-example", "s", e->path);
  gtk_window_close (GTK_WINDOW (w));
}

static gboolean
contains (const char *where, const char *what)
{
  g_autofree char *a = g_utf8_casefold (where, -1), *b = g_utf8_casefold (what, -1);

  return strstr (a, b) != NULL;
}

/* Not by the grid's own filter: what it leaves out is still there for a screen reader. */
static guint
filter (ChainGalleryWindow *w, GtkWidget *grid)
{
  const char *what = gtk_editable_get_text (GTK_EDITABLE (w->search));
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (grid); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      const ChainExample *e = example_of (GTK_FLOW_BOX_CHILD (child));
      gboolean fits = *what == '\0' || contains (e->name, what) || contains (e->note, what);

      gtk_widget_set_visible (child, fits);
      n += fits;
    }
  gtk_widget_set_visible (grid, n > 0);
  return n;
}

static void
search_cb (ChainGalleryWindow *w)
{
  guint course = filter (w, w->course), others = filter (w, w->others);

  gtk_widget_set_visible (w->others_title, others > 0);
  gtk_widget_set_visible (w->nothing, course + others == 0);
}

/* Enter in the search opens the first that is left; Down goes into the cards. */
static GtkWidget *
first_card (ChainGalleryWindow *w)
{
  GtkWidget *const boxes[] = { w->course, w->others };

  for (guint i = 0; i < G_N_ELEMENTS (boxes); i++)
    for (GtkWidget *child = gtk_widget_get_first_child (boxes[i]); child != NULL; child = gtk_widget_get_next_sibling (child))
      if (gtk_widget_get_visible (boxes[i]) && gtk_widget_get_visible (child))
        return child;
  return NULL;
}

static void
enter_cb (ChainGalleryWindow *w)
{
  GtkWidget *first = first_card (w);

  if (first != NULL)
    activated_cb (w, GTK_FLOW_BOX_CHILD (first));
}

static void
stop_search_cb (ChainGalleryWindow *w)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (w->search)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (w->search), "");
  else
    gtk_window_close (GTK_WINDOW (w));
}

/* By way of the grid: only then does it know where its arrow keys start. */
static gboolean
focus_first (ChainGalleryWindow *w)
{
  GtkWidget *first = first_card (w);

  return first != NULL && gtk_widget_child_focus (gtk_widget_get_parent (first), GTK_DIR_TAB_FORWARD);
}

/* Who comes by keyboard walks at once; who types, searches. */
static void
map_cb (ChainGalleryWindow *w)
{
  focus_first (w);
}

static gboolean
search_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  return keyval == GDK_KEY_Down && focus_first (data);
}

/* A letter typed anywhere is searched for. GtkSearchEntry can listen by itself, but then takes Enter away from the cards too. */
static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainGalleryWindow *w = data;
  gunichar c = gdk_keyval_to_unicode (keyval);

  if (keyval == GDK_KEY_Escape)
    gtk_window_close (GTK_WINDOW (w));
  else if (g_unichar_isgraph (c) && (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) == 0)
    {
      gtk_widget_grab_focus (w->search);
      return gtk_event_controller_key_forward (controller, GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (w->search))));
    }
  else
    return FALSE;
  return TRUE;
}

/* --- structure --- */
static GtkWidget *
new_grid (ChainGalleryWindow *w)
{
  GtkWidget *grid = gtk_flow_box_new ();

  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (grid), TRUE);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (grid), GTK_SELECTION_NONE);
  gtk_flow_box_set_activate_on_single_click (GTK_FLOW_BOX (grid), TRUE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (grid), 2);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (grid), 4);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (grid), 6);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (grid), 6);
  gtk_widget_set_valign (grid, GTK_ALIGN_START);
  g_signal_connect_swapped (grid, "child-activated", G_CALLBACK (activated_cb), w);
  return grid;
}

static void
chain_gallery_window_dispose (GObject *object)
{
  ChainGalleryWindow *w = CHAIN_GALLERY_WINDOW (object);

  g_clear_pointer (&w->gallery, chain_gallery_stop);
  g_clear_pointer (&w->canvases, g_ptr_array_unref);
  g_clear_pointer (&w->frames, g_ptr_array_unref);
  G_OBJECT_CLASS (chain_gallery_window_parent_class)->dispose (object);
}

static void
chain_gallery_window_class_init (ChainGalleryWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_gallery_window_dispose;
}

static GtkWidget *
new_header (ChainGalleryWindow *w)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkEventController *key = gtk_event_controller_key_new ();

  w->search = gtk_search_entry_new ();
  gtk_widget_set_size_request (w->search, 260, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (w->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Search the examples"), -1);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), w->search);
  g_signal_connect_swapped (w->search, "search-changed", G_CALLBACK (search_cb), w);
  g_signal_connect_swapped (w->search, "activate", G_CALLBACK (enter_cb), w);
  g_signal_connect_swapped (w->search, "stop-search", G_CALLBACK (stop_search_cb), w);
  g_signal_connect (key, "key-pressed", G_CALLBACK (search_key_cb), w);
  gtk_widget_add_controller (w->search, key);
  return header;
}

static GtkWidget *
new_body (ChainGalleryWindow *w)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  w->course = new_grid (w);
  w->others = new_grid (w);
  w->others_title = text (_("More examples"), "title-4", 1);
  w->nothing = text (_("No example has this in its name or its sentence."), "dim-label", -1);
  gtk_widget_set_visible (w->nothing, FALSE);
  gtk_box_append (GTK_BOX (box), w->course);
  gtk_box_append (GTK_BOX (box), w->others_title);
  gtk_box_append (GTK_BOX (box), w->others);
  gtk_box_append (GTK_BOX (box), w->nothing);
  gtk_widget_add_css_class (box, "gallery");
  w->scroll = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (w->scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (w->scroll), box);
  gtk_widget_set_vexpand (w->scroll, TRUE);
  return w->scroll;
}

static void
chain_gallery_window_init (ChainGalleryWindow *w)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *key = gtk_event_controller_key_new ();

  w->canvases = g_ptr_array_new ();
  w->frames = g_ptr_array_new ();
  gtk_box_append (GTK_BOX (box), new_header (w));
  gtk_box_append (GTK_BOX (box), new_body (w));
  for (guint i = 0; i < chain_examples ()->len; i++)
    {
      const ChainExample *e = g_ptr_array_index (chain_examples (), i);

      gtk_flow_box_append (GTK_FLOW_BOX (e->row != NULL ? w->course : w->others), new_card (w, e));
    }
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), w);
  gtk_widget_add_controller (GTK_WIDGET (w), key);
  adw_window_set_content (ADW_WINDOW (w), box);
  gtk_window_set_title (GTK_WINDOW (w), _("Examples"));
  gtk_window_set_default_size (GTK_WINDOW (w), 1010, 720);
  gtk_widget_set_size_request (GTK_WIDGET (w), 560, 400);
  w->gallery = chain_gallery_start (snapshot_cb, w);
  g_signal_connect (w, "map", G_CALLBACK (map_cb), NULL);
}

GtkWidget *
chain_gallery_window_new (GtkWindow *parent)
{
  return g_object_new (CHAIN_TYPE_GALLERY, "transient-for", parent, "modal", TRUE, "destroy-with-parent", TRUE, NULL);
}
