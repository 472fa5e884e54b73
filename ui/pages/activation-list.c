/* SPDX-License-Identifier: Apache-2.0 */
/* People know activations by their shape, so each row shows its curve, drawn from the same graph that trains (app/picture). Typing filters. */
#include "config.h"

#include "ui/pages/activation-list.h"

#include <glib/gi18n-lib.h>

#include "app/picture/layout/activation-curve.h"
#include "engine/nn/table.h"
#include "ui/canvas/theme.h"

typedef struct
{
  GtkWidget          *popover, *list, *search;
  ChainActivationFunc picked;
  gpointer            data;
  GDestroyNotify      destroy;
} List;

/* A spec of one layer: the picture room evaluates the activations of a spec. */
static double *
curve_of (const char *id)
{
  ChainSpec *spec = chain_spec_new ();
  ChainLayer *layer = chain_layer_new ("a", "activation");
  g_autofree ChainActivationCurve *curves = g_new0 (ChainActivationCurve, CHAIN_ACTIVATION_CURVES);
  double *y = NULL;

  chain_choice_set (&layer->activation, id, NULL);
  g_ptr_array_add (spec->layers, layer);
  if (chain_activation_curves (spec, curves) == 1)
    y = g_memdup2 (curves[0].y, sizeof curves[0].y);
  chain_spec_unref (spec);
  return y;
}

/* Two units a side, so that saturation and slope at 0 both show. */
static void
draw_thumb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const double *y = data;
  ChainTheme t;

  chain_theme_follow (&t, 1);
  chain_theme_source (cr, &t.grid, 1);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, height / 2 + 0.5);
  cairo_line_to (cr, width, height / 2 + 0.5);
  cairo_move_to (cr, width / 2 + 0.5, 0);
  cairo_line_to (cr, width / 2 + 0.5, height);
  cairo_stroke (cr);
  for (int i = 0; i < CHAIN_ACTIVATION_POINTS; i++)
    cairo_line_to (cr, width * (i / (CHAIN_ACTIVATION_POINTS - 1.0)), height * (0.5 - CLAMP (y[i], -4, 4) / 4.4));
  chain_theme_source (cr, &t.forward, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

static GtkWidget *
make_row (const ChainActivationRow *row, gboolean current)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *thumb = gtk_drawing_area_new (), *r = gtk_list_box_row_new ();
  GtkWidget *title = gtk_label_new (_(row->info.title)), *formula = gtk_label_new (row->info.formula);
  double *curve = curve_of (row->info.id);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (thumb), 52);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (thumb), 32);
  if (curve != NULL)
    gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (thumb), draw_thumb, curve, g_free);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (formula), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (formula), 26);
  gtk_widget_add_css_class (formula, "dim-label");
  gtk_widget_add_css_class (formula, "caption");
  gtk_box_append (GTK_BOX (box), thumb);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), formula);
  if (current)
    {
      GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");

      gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, _("in use"), -1);
      gtk_box_append (GTK_BOX (box), check);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (r), box);
  gtk_widget_set_tooltip_text (r, row->info.when != NULL ? _(row->info.when) : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (r), GTK_ACCESSIBLE_PROPERTY_LABEL, _(row->info.title), -1);
  g_object_set_data (G_OBJECT (r), "row", (gpointer) row);
  return r;
}

static gboolean
matches (GtkListBoxRow *r, gpointer data)
{
  List *l = data;
  const ChainActivationRow *row = g_object_get_data (G_OBJECT (r), "row");
  const char *text = gtk_editable_get_text (GTK_EDITABLE (l->search));

  return *text == '\0' || g_str_match_string (text, _(row->info.title), TRUE) || g_str_match_string (text, row->info.id, TRUE);
}

static void
activated_cb (List *l, GtkListBoxRow *r)
{
  const ChainActivationRow *row = g_object_get_data (G_OBJECT (r), "row");

  l->picked (row->info.id, l->data);
  gtk_popover_popdown (GTK_POPOVER (l->popover));
}

/* Enter in the search field takes the first row that is left. */
static void
search_activate_cb (List *l)
{
  for (int i = 0;; i++)
    {
      GtkListBoxRow *r = gtk_list_box_get_row_at_index (GTK_LIST_BOX (l->list), i);

      if (r == NULL)
        return;
      if (gtk_widget_get_child_visible (GTK_WIDGET (r)))
        {
          activated_cb (l, r);
          return;
        }
    }
}

static void
list_free (gpointer data)
{
  List *l = data;

  if (l->destroy != NULL)
    l->destroy (l->data);
  g_free (l);
}

static void
fill (List *l, const char *current, gboolean is_output)
{
  guint n;
  const ChainActivationRow *rows = chain_table_activations (&n);

  for (guint i = 0; i < n; i++)
    {
      gboolean is_current = g_strcmp0 (rows[i].info.id, current) == 0;
      GtkWidget *r;

      if (rows[i].rowwise && !is_output && !is_current)
        continue;           /* softmax mixes the units of a layer: of use on the output only */
      r = make_row (&rows[i], is_current);
      gtk_list_box_append (GTK_LIST_BOX (l->list), r);
      if (is_current)
        gtk_list_box_select_row (GTK_LIST_BOX (l->list), GTK_LIST_BOX_ROW (r));
    }
}

GtkWidget *
chain_activation_popover_new (const char *current, gboolean is_output, ChainActivationFunc picked, gpointer data, GDestroyNotify destroy)
{
  List *l = g_new0 (List, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *scroll = gtk_scrolled_window_new ();

  l->picked = picked;
  l->data = data;
  l->destroy = destroy;
  l->popover = gtk_popover_new ();
  l->search = gtk_search_entry_new ();
  l->list = gtk_list_box_new ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (l->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Search activations"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (l->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Activations"), -1);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (l->list), matches, l, NULL);
  fill (l, current, is_output);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 340);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), l->list);
  gtk_widget_set_size_request (scroll, 360, -1);
  gtk_box_append (GTK_BOX (box), l->search);
  gtk_box_append (GTK_BOX (box), scroll);
  gtk_popover_set_child (GTK_POPOVER (l->popover), box);
  gtk_widget_add_css_class (l->popover, "activation-list");
  g_signal_connect_swapped (l->search, "search-changed", G_CALLBACK (gtk_list_box_invalidate_filter), l->list);
  g_signal_connect_swapped (l->search, "activate", G_CALLBACK (search_activate_cb), l);
  g_signal_connect_swapped (l->list, "row-activated", G_CALLBACK (activated_cb), l);
  g_object_set_data_full (G_OBJECT (l->popover), "list", l, list_free);
  return l->popover;
}
