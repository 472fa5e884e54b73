/* SPDX-License-Identifier: Apache-2.0 */
/* The view table. Menus, the render subcommand, exports, the window's cards and the tests loop over it; a new picture is a row here, a layout
 * function and a draw function. Every row draws from a snapshot that was never trained. */
#include "config.h"

#include "app/picture/views.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/picture/draw/draw.h"
#include "app/picture/graph/graph.h"
#include "app/picture/layout/answers.h"
#include "app/picture/layout/bars.h"
#include "app/picture/layout/field.h"
#include "app/picture/layout/lines.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/net.h"
#include "app/picture/views-csv.h"

static gboolean
has_plane (const ChainSnapshot *s)
{
  return s->data != NULL && s->data->d > 0 && !chain_is_image (s);
}

/* An output that is compared with nothing has no boundary. */
static gboolean
has_answer (const ChainSnapshot *s)
{
  return has_plane (s) && s->predicts != CHAIN_PREDICTS_NOTHING;
}

static gboolean
has_classes (const ChainSnapshot *s)
{
  guint n = chain_classes_of (s);

  return s->predicts == CHAIN_PREDICTS_TARGET && n >= 2 && n <= CHAIN_CONFUSION_CLASSES;
}

static gboolean
has_values (const ChainSnapshot *s)
{
  return s->predicts == CHAIN_PREDICTS_TARGET && s->data != NULL && s->data->k > 0 && !chain_is_classify (s);
}

static gboolean
has_images (const ChainSnapshot *s)
{
  return s->predicts == CHAIN_PREDICTS_TARGET && chain_is_classify (s) && chain_is_image (s);
}

static gboolean
has_activation (const ChainSnapshot *s)
{
  for (guint i = 0; i < s->spec->layers->len; i++)
    if (((const ChainLayer *) g_ptr_array_index (s->spec->layers, i))->activation.id)
      return TRUE;
  return FALSE;
}

static const ChainView views[] = {
  { "network", N_("Network"), N_("Units as tiles of their response over the inputs, weights as edges, mean adjoints as bars."), 776, 630,
    CHAIN_WANT_PARAMS | CHAIN_WANT_FIELD | CHAIN_WANT_STATS, NULL, chain_layout_network, chain_draw_network, chain_layout_network_hit, chain_csv_network },
  { "boundary", N_("Decision boundary"), N_("What the network answers over two inputs, or along one, with the data on top."), 316, 285,
    CHAIN_WANT_FIELD, has_answer, chain_layout_boundary, chain_draw_boundary, NULL, chain_csv_boundary },
  { "loss", N_("Loss"), N_("Training and test loss against the epoch, with the spread over batches behind."), 316, 175,
    CHAIN_WANT_METRICS, NULL, chain_layout_loss, chain_draw_lines, NULL, chain_csv_loss },
  { "gradient-flow", N_("Gradient flow"), N_("RMS gradient of each layer, with the zones where it vanishes or explodes."), 316, 120,
    CHAIN_WANT_STATS | CHAIN_WANT_PARAMS, NULL, chain_layout_flow, chain_draw_flow, NULL, chain_csv_flow },
  { "weights", N_("Weights"), N_("Histogram of the weights of each layer over one common range."), 316, 175,
    CHAIN_WANT_PARAMS, NULL, chain_layout_hist, chain_draw_hist, NULL, chain_csv_weights },
  { "learning-rate", N_("Learning rate"), N_("The learning rate that the schedule gives over the run, and where the run is."), 316, 175,
    0, NULL, chain_layout_schedule, chain_draw_lines, NULL, chain_csv_lines },
  { "activations", N_("Activations"), N_("Each activation in use and its derivative, both as the engine computes them."), 316, 175,
    0, has_activation, chain_layout_activations, chain_draw_lines, NULL, chain_csv_lines_activations },
  { "data", N_("Data"), N_("The data over two inputs, or the target against one, by class and split."), 316, 285,
    0, has_plane, chain_layout_data, chain_draw_data, NULL, chain_csv_data },
  { "confusion", N_("Confusion matrix"), N_("How often each class is taken for each other one, on rows that were not trained on."), 316, 285,
    CHAIN_WANT_PREDICTIONS, has_classes, chain_layout_confusion, chain_draw_confusion, NULL, chain_csv_confusion },
  { "predicted", N_("Predicted against true"), N_("Each prediction against what it should be; on the diagonal both are equal."), 316, 285,
    CHAIN_WANT_PREDICTIONS, has_values, chain_layout_predicted, chain_draw_predicted, chain_layout_predicted_hit, chain_csv_predictions },
  { "mistakes", N_("Mistakes"), N_("Images that are taken for another class, with the true and the predicted one."), 316, 285,
    CHAIN_WANT_PREDICTIONS, has_images, chain_layout_mistakes, chain_draw_mistakes, NULL, chain_csv_predictions },
  { "generated", N_("Generated points"), N_("Points that a network makes out of noise, over the data that they should look like."), 316, 285,
    CHAIN_WANT_FIELD, chain_generated_applies, chain_layout_generated, chain_draw_generated, NULL, chain_csv_generated },
  { "graph", N_("Computational graph"), N_("The graph that trains, an operation a node: values forward, adjoints backward."), 776, 630,
    CHAIN_WANT_TRACE, NULL, chain_layout_graph, chain_draw_graph, chain_layout_graph_hit, chain_csv_graph },
  { "graph-units", N_("Computational graph: units"), N_("The graph that trains, a unit a node."), 776, 630,
    CHAIN_WANT_TRACE, NULL, chain_layout_graph_units, chain_draw_graph, chain_layout_graph_hit, chain_csv_graph_units },
  { "graph-layers", N_("Computational graph: layers"), N_("The graph that trains, a layer a node, with maps of its values and adjoints."), 776, 630,
    CHAIN_WANT_TRACE, NULL, chain_layout_graph_layers, chain_draw_graph, chain_layout_graph_hit, chain_csv_graph_layers },
  { "graph-nodes", N_("Computational graph: engine"), N_("Every node of the engine's graph: network, loss, gradient and optimiser."), 776, 630,
    CHAIN_WANT_TRACE, NULL, chain_layout_graph_nodes, chain_draw_graph, chain_layout_graph_hit, chain_csv_graph_nodes },
};

const ChainView *
chain_table_views (guint *n)
{
  *n = G_N_ELEMENTS (views);
  return views;
}

const ChainView *
chain_view_by_id (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_strcmp0 (views[i].id, id) == 0)
      return &views[i];
  return NULL;
}

#define FEW_INPUTS 2u
#define MANY_INPUTS 12u

const char *
chain_view_for_result (const ChainSnapshot *s)
{
  guint d = chain_inputs_of (s);

  if (has_classes (s) && (chain_is_image (s) || d > MANY_INPUTS))
    return "confusion";
  if (has_values (s) && d > FEW_INPUTS)
    return "predicted";
  if (chain_generated_applies (s))
    return "generated";
  return has_answer (s) ? "boundary" : "weights";
}

/* Later elements lie on top of earlier ones: a series on its plot. */
const ChainElement *
chain_layout_hit (const ChainView *v, const ChainLayout *l, double x, double y)
{
  if (v->hit)
    return v->hit (l, x, y);
  for (guint i = l->elements->len; i-- > 0;)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);

      if (x >= e->x && x <= e->x + e->w && y >= e->y && y <= e->y + e->h)
        return e;
    }
  return NULL;
}

const ChainElement *
chain_layout_find (const ChainLayout *l, const char *id)
{
  for (guint i = 0; i < l->elements->len; i++)
    if (strcmp (((const ChainElement *) g_ptr_array_index (l->elements, i))->id, id) == 0)
      return g_ptr_array_index (l->elements, i);
  return NULL;
}

char *
chain_layout_label (const ChainLayout *l, const ChainElement *e)
{
  return l->label != NULL ? l->label (l->data, e) : g_strdup (e->label);
}

void
chain_layout_free (ChainLayout *l)
{
  if (l == NULL)
    return;
  for (guint i = 0; i < l->elements->len; i++)
    {
      ChainElement *e = g_ptr_array_index (l->elements, i);

      g_free (e->id);
      g_free (e->role);
      g_free (e->label);
      g_free (e);
    }
  g_ptr_array_unref (l->elements);
  if (l->free_data)
    l->free_data (l->data);
  g_free (l->description);
  g_free (l->title);
  g_free (l->note);
  g_free (l);
}
