/* SPDX-License-Identifier: Apache-2.0 */
/* People know activations by their shape, so each row shows its curve and under it, dashed, its derivative, both from the same graph that
 * trains (app/picture). A curve is computed when its row is first drawn. */
#include "config.h"

#include "ui/pages/activation-list.h"

#include <glib/gi18n-lib.h>

#include "app/picture/layout/activation-curve.h"
#include "app/picture/layout/net.h"
#include "engine/nn/table.h"
#include "ui/canvas/theme.h"
#include "ui/pages/row-menu.h"

typedef struct { double y[CHAIN_ACTIVATION_POINTS], d[CHAIN_ACTIVATION_POINTS]; } Curves;

/* A spec of one layer: the picture room evaluates the activations of a spec. */
static Curves *
curves_of (const char *id)
{
  ChainSpec *spec = chain_spec_new ();
  ChainLayer *layer = chain_layer_new ("a", "activation");
  g_autofree ChainActivationCurve *found = g_new0 (ChainActivationCurve, CHAIN_ACTIVATION_CURVES);
  Curves *c = g_new0 (Curves, 1);

  chain_choice_set (&layer->activation, id, NULL);
  g_ptr_array_add (spec->layers, layer);
  if (chain_activation_curves (spec, found) == 1)
    for (int i = 0; i < CHAIN_ACTIVATION_POINTS; i++)
      {
        c->y[i] = found[0].y[i];
        c->d[i] = found[0].d[i];
      }
  chain_spec_unref (spec);
  return c;
}

/* Two units a side, so that saturation and slope at 0 both show. */
static void
draw_curve (cairo_t *cr, int width, int height, const double *y)
{
  for (int i = 0; i < CHAIN_ACTIVATION_POINTS; i++)
    cairo_line_to (cr, width * (i / (CHAIN_ACTIVATION_POINTS - 1.0)), height * (0.5 - CLAMP (y[i], -4, 4) / 4.4));
  cairo_stroke (cr);
}

static void
draw_thumb (cairo_t *cr, int width, int height, const char *id, gpointer data)
{
  GHashTable *known = data;
  Curves *c = g_hash_table_lookup (known, id);
  ChainTheme t;

  if (c == NULL)
    g_hash_table_insert (known, g_strdup (id), c = curves_of (id));
  chain_theme_follow (&t, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  chain_theme_source (cr, t.high_contrast ? &t.axis : &t.grid, 1);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, 0, height / 2 + 0.5);
  cairo_line_to (cr, width, height / 2 + 0.5);
  cairo_move_to (cr, width / 2 + 0.5, 0);
  cairo_line_to (cr, width / 2 + 0.5, height);
  cairo_stroke (cr);
  chain_theme_source (cr, &t.backward, 1);
  cairo_set_line_width (cr, 1.2);
  cairo_set_dash (cr, (const double[]){ 3, 2 }, 2, 0);
  draw_curve (cr, width, height, c->d);
  chain_theme_source (cr, &t.forward, 1);
  cairo_set_line_width (cr, 2);
  cairo_set_dash (cr, NULL, 0, 0);
  draw_curve (cr, width, height, c->y);
}

/* Units of the output: an activation layer is as wide as the dense layer under it. */
static guint
output_units (const ChainSpec *spec)
{
  const ChainLayer *l = spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;

  for (guint hops = 0; l != NULL && !g_str_equal (l->type, "dense") && l->inputs->len > 0 && hops < spec->layers->len; hops++)
    l = chain_spec_layer (spec, g_ptr_array_index (l->inputs, 0));
  return l != NULL ? l->units : 0;
}

/* Softmax and its kin mix the units of a layer: of use on an output of several units only. What makes probabilities does not go under a loss
 * that makes them itself: σ(σ(z)) never leaves ½ … 0.73. */
static const char *
misfit (const ChainActivationRow *row, const ChainSpec *output_of, const char **group)
{
  static const char *const probabilities[] = { "sigmoid", "hard_sigmoid", "softmax", "softmin", "log_sigmoid", NULL };
  gboolean is_score;
  const char *link = output_of != NULL ? chain_net_link (output_of, &is_score) : "identity";

  *group = output_of != NULL ? _("Does not fit") : _("On the output only");
  if (output_of == NULL)
    return row->rowwise ? _("Mixes the units of a layer, so it belongs on the output.") : NULL;
  if (row->rowwise && output_units (output_of) == 1)
    return _("Of a single unit it is a constant, whatever comes in.");
  if (is_score || !g_strv_contains (probabilities, row->info.id))
    return NULL;
  if (g_str_equal (link, "sigmoid"))
    return _("The loss takes z and applies σ itself; this would squeeze it a second time.");
  return g_str_equal (link, "softmax") ? _("The loss takes z and applies softmax itself; this would squeeze it a second time.") : NULL;
}

static GPtrArray *
rows_for (const char *current, const ChainSpec *output_of)
{
  GPtrArray *rows = chain_menu_rows_new ();
  guint n;
  const ChainActivationRow *table = chain_table_activations (&n);

  for (guint i = 0; i < n; i++)
    {
      const char *group, *reason = g_strcmp0 (table[i].info.id, current) != 0 ? misfit (&table[i], output_of, &group) : NULL;

      chain_menu_rows_add (rows, &(ChainMenuRow){ .id = table[i].info.id, .info = &table[i].info, .group = reason != NULL ? group : NULL,
                                                  .reason = reason });
    }
  return rows;
}

typedef struct { ChainActivationFunc picked; gpointer data; GDestroyNotify destroy; } Listener;

static void
chosen_cb (ChainRowMenu *menu, const char *id, gpointer data)
{
  Listener *l = data;

  l->picked (id, l->data);
}

static void
listener_free (gpointer data, GClosure *closure)
{
  Listener *l = data;

  if (l->destroy != NULL)
    l->destroy (l->data);
  g_free (l);
}

GtkWidget *
chain_activation_popover_new (const char *current, const ChainSpec *output_of, ChainActivationFunc picked, gpointer data, GDestroyNotify destroy)
{
  GtkWidget *menu = chain_row_menu_new (_("Activation"));
  GPtrArray *rows = rows_for (current, output_of);
  Listener *l = g_new (Listener, 1);

  *l = (Listener){ picked, data, destroy };
  chain_row_menu_set_thumb (CHAIN_ROW_MENU (menu), draw_thumb, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                            (GDestroyNotify) g_hash_table_unref);
  chain_row_menu_set_current (CHAIN_ROW_MENU (menu), current);
  chain_row_menu_set_rows (CHAIN_ROW_MENU (menu), rows);
  g_ptr_array_unref (rows);
  g_signal_connect_data (menu, "chosen", G_CALLBACK (chosen_cb), l, listener_free, 0);
  return menu;
}
