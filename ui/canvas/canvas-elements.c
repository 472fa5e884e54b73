/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of the picture as widgets: a focusable child each (up to 300; of more cells of a graph those in view, of more units one a layer), and
 * real widgets that stand at an element's place. Both follow the layout that is on screen, so that what is focused is what is drawn. Names are refreshed once a second, the
 * focused one and the picture's description four times: faster than that cannot be read out. */
#include "ui/canvas/canvas-private.h"

#include <math.h>
#include <string.h>

#include "ui/canvas/canvas-node.h"

#define MAX_NODES 300
#define WORDS_US (G_USEC_PER_SEC / 4)
#define NAMES_US G_USEC_PER_SEC
#define REST_MS 200u      /* a picture that has not moved for so long rests */

typedef enum { FOCUS_ALL, FOCUS_CELLS, FOCUS_SEEN, FOCUS_LAYERS } Focusable;      /* of many elements fewer have the focus */

static gboolean
is_focusable (const ChainElement *e, Focusable which)
{
  if (which == FOCUS_LAYERS)
    return g_str_equal (e->role, "layer") && !_chain_canvas_is_cell (e);
  if (_chain_canvas_is_cell (e))
    return TRUE;
  return which == FOCUS_ALL && (g_str_equal (e->role, "unit") || g_str_equal (e->role, "bias") || _chain_canvas_is_edge (e));
}

static guint
count (const ChainLayout *l, Focusable which)
{
  guint n = 0;

  for (guint i = 0; i < l->elements->len; i++)
    n += is_focusable (g_ptr_array_index (l->elements, i), which);
  return n;
}

static Focusable
focusable (const ChainLayout *l)
{
  guint cells;

  if (l->elements->len <= MAX_NODES || count (l, FOCUS_ALL) <= MAX_NODES)
    return FOCUS_ALL;
  cells = count (l, FOCUS_CELLS);
  return cells == 0 ? FOCUS_LAYERS : cells <= MAX_NODES ? FOCUS_CELLS : FOCUS_SEEN;
}

/* Node i's element on screen; NULL: it has none any more. */
static const ChainElement *
element_of (ChainCanvas *c, guint i)
{
  const char *id = chain_canvas_node_id (g_ptr_array_index (c->nodes, i));
  guint at = g_array_index (c->places, guint, i);

  if (c->layout == NULL)
    return NULL;
  if (at < c->layout->elements->len && g_str_equal (((const ChainElement *) g_ptr_array_index (c->layout->elements, at))->id, id))
    return g_ptr_array_index (c->layout->elements, at);
  return chain_layout_find (c->layout, id);
}

static void
rect_of (ChainCanvas *c, const ChainElement *e, graphene_rect_t *out)
{
  graphene_rect_init (out, (float) (e->x * c->zoom + c->pan_x), (float) (e->y * c->zoom + c->pan_y), (float) MAX (e->w * c->zoom, 1),
                      (float) MAX (e->h * c->zoom, 1));
}

gboolean
chain_canvas_bounds (ChainCanvas *c, const char *id, graphene_rect_t *out)
{
  const ChainElement *e = c->layout != NULL && id != NULL ? chain_layout_find (c->layout, id) : NULL;

  if (e == NULL)
    return FALSE;
  rect_of (c, e, out);
  return TRUE;
}

static void
allocate_at (GtkWidget *child, int x, int y, int w, int h)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, y, w, h }, -1);
}

static void
allocate_placed (ChainCanvas *c, ChainPlaced *p)
{
  graphene_rect_t r;
  int w, h, min;

  if (!chain_canvas_bounds (c, p->id, &r))
    {
      gtk_widget_set_child_visible (p->widget, FALSE);
      return;
    }
  gtk_widget_set_child_visible (p->widget, TRUE);
  gtk_widget_measure (p->widget, GTK_ORIENTATION_HORIZONTAL, -1, &min, &w, NULL, NULL);
  gtk_widget_measure (p->widget, GTK_ORIENTATION_VERTICAL, w, &min, &h, NULL, NULL);
  allocate_at (p->widget, (int) lrint (r.origin.x + (r.size.width - w) / 2), (int) lrint (r.origin.y + (r.size.height - h) / 2), w, h);
}

void
_chain_canvas_allocate (ChainCanvas *c)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (c)); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_POPOVER (child))
      gtk_popover_present (GTK_POPOVER (child));
  for (guint i = 0; i < c->placed->len; i++)
    allocate_placed (c, g_ptr_array_index (c->placed, i));
  if (c->cover != NULL)
    allocate_at (c->cover, 0, 0, gtk_widget_get_width (GTK_WIDGET (c)), gtk_widget_get_height (GTK_WIDGET (c)));
  for (guint i = 0; i < c->nodes->len; i++)
    {
      GtkWidget *node = g_ptr_array_index (c->nodes, i);
      const ChainElement *e = element_of (c, i);
      graphene_rect_t r = GRAPHENE_RECT_INIT (0, 0, 1, 1);

      if (e != NULL)
        rect_of (c, e, &r);
      allocate_at (node, (int) r.origin.x, (int) r.origin.y, (int) ceilf (r.size.width), (int) ceilf (r.size.height));
    }
}

static ChainCanvasNode *
find_node (ChainCanvas *c, const char *id)
{
  for (guint i = 0; i < c->nodes->len; i++)
    {
      ChainCanvasNode *node = g_ptr_array_index (c->nodes, i);

      if (g_strcmp0 (chain_canvas_node_id (node), id) == 0)
        return node;
    }
  return NULL;
}

/* Units in the order of the layout, then weights by name: the layout itself sorts weights by strength, which changes with each step. */
static int
compare_elements (gconstpointer a, gconstpointer b)
{
  const ChainElement *x = *(const ChainElement *const *) a, *y = *(const ChainElement *const *) b;
  gboolean u = _chain_canvas_is_edge (x), v = _chain_canvas_is_edge (y);

  if (u != v)
    return u ? 1 : -1;
  return u ? strcmp (x->id, y->id) : (x->x > y->x) - (x->x < y->x) + ((x->x >= y->x && x->x <= y->x) ? (x->y > y->y) - (x->y < y->y) : 0);
}

static gboolean
is_seen (ChainCanvas *c, const ChainElement *e)
{
  graphene_rect_t r;

  rect_of (c, e, &r);
  return r.origin.x < gtk_widget_get_width (GTK_WIDGET (c)) && r.origin.x + r.size.width > 0 && r.origin.y < gtk_widget_get_height (GTK_WIDGET (c))
         && r.origin.y + r.size.height > 0;
}

static int
compare_distance (gconstpointer a, gconstpointer b, gpointer data)
{
  const ChainElement *x = *(const ChainElement *const *) a, *y = *(const ChainElement *const *) b, *at = data;
  double p = hypot (x->x + x->w / 2 - at->x, x->y + x->h / 2 - at->y), q = hypot (y->x + y->w / 2 - at->x, y->y + y->h / 2 - at->y);

  return (p > q) - (p < q);
}

/* Around what has the focus or is selected, else around the middle of the view. */
static void
keep_nearest (ChainCanvas *c, GPtrArray *wanted)
{
  const char *mark = c->focus != NULL ? c->focus : c->selected;
  const ChainElement *e = mark != NULL ? chain_layout_find (c->layout, mark) : NULL;
  ChainElement at = { .x = (gtk_widget_get_width (GTK_WIDGET (c)) / 2.0 - c->pan_x) / c->zoom, .y = (gtk_widget_get_height (GTK_WIDGET (c)) / 2.0 - c->pan_y) / c->zoom };

  if (e != NULL && is_seen (c, e))
    at = (ChainElement){ .x = e->x + e->w / 2, .y = e->y + e->h / 2 };
  g_ptr_array_sort_with_data (wanted, compare_distance, &at);
  g_ptr_array_set_size (wanted, MIN ((int) wanted->len, MAX_NODES));
}

static GPtrArray *
wanted_elements (ChainCanvas *c)
{
  Focusable which = focusable (c->layout);
  GPtrArray *wanted = g_ptr_array_new ();

  for (guint i = 0; i < c->layout->elements->len; i++)
    {
      ChainElement *e = g_ptr_array_index (c->layout->elements, i);

      if (is_focusable (e, which) && (which != FOCUS_SEEN || is_seen (c, e) || g_strcmp0 (e->id, c->focus) == 0))
        g_ptr_array_add (wanted, e);
    }
  if (which == FOCUS_SEEN)
    keep_nearest (c, wanted);
  g_ptr_array_sort (wanted, compare_elements);
  return wanted;
}

static gboolean
same_elements (ChainCanvas *c, GPtrArray *wanted)
{
  if (wanted->len != c->nodes->len)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++)
    if (!g_str_equal (chain_canvas_node_id (g_ptr_array_index (c->nodes, i)), ((ChainElement *) g_ptr_array_index (wanted, i))->id))
      return FALSE;
  return TRUE;
}

static void
focus_in_cb (ChainCanvas *c, GtkEventControllerFocus *controller)
{
  ChainCanvasNode *node = CHAIN_CANVAS_NODE (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller)));

  _chain_canvas_set_mark (c, &c->focus, chain_canvas_node_id (node), "focused");
}

static void
focus_out_cb (ChainCanvas *c)
{
  _chain_canvas_set_mark (c, &c->focus, NULL, "focused");
}

static void
name_node (ChainCanvas *c, ChainCanvasNode *node, const ChainElement *e)
{
  g_autofree char *label = chain_layout_label (c->layout, e);

  chain_canvas_node_set_label (node, label);
}

static void
add_node (ChainCanvas *c, const ChainElement *e)
{
  guint at = G_MAXUINT;
  GtkWidget *node = chain_canvas_node_new (e->id, e->role);
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_ptr_array_find (c->layout->elements, e, &at);
  g_signal_connect_swapped (focus, "enter", G_CALLBACK (focus_in_cb), c);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_out_cb), c);
  gtk_widget_add_controller (node, focus);
  name_node (c, CHAIN_CANVAS_NODE (node), e);
  gtk_widget_set_parent (node, GTK_WIDGET (c));
  g_ptr_array_add (c->nodes, node);
  g_array_append_val (c->places, at);
}

static void
drop_nodes (ChainCanvas *c)
{
  for (guint i = 0; i < c->nodes->len; i++)
    gtk_widget_unparent (g_ptr_array_index (c->nodes, i));
  g_ptr_array_set_size (c->nodes, 0);
  g_array_set_size (c->places, 0);
}

static void
sync_nodes (ChainCanvas *c)
{
  g_autoptr (GPtrArray) wanted = NULL;
  g_autofree char *focus = NULL;

  if (!c->explorable)
    return;
  wanted = wanted_elements (c);
  if (same_elements (c, wanted))
    return;
  focus = g_strdup (c->focus);
  drop_nodes (c);
  for (guint i = 0; i < wanted->len; i++)
    add_node (c, g_ptr_array_index (wanted, i));
  if (focus != NULL && !chain_canvas_focus_element (c, focus))
    gtk_widget_grab_focus (GTK_WIDGET (c));
}

static gboolean
nodes_cb (gpointer data)
{
  ChainCanvas *c = data;

  c->nodes_timer = 0;
  sync_nodes (c);
  gtk_widget_queue_allocate (GTK_WIDGET (c));
  return G_SOURCE_REMOVE;
}

/* Of very many elements other ones come into view with each frame of a pan. */
static void
sync_nodes_soon (ChainCanvas *c)
{
  g_clear_handle_id (&c->nodes_timer, g_source_remove);
  if (c->explorable && focusable (c->layout) == FOCUS_SEEN)
    c->nodes_timer = g_timeout_add (REST_MS, nodes_cb, c);
  else
    sync_nodes (c);
}

static void
sync_words (ChainCanvas *c)
{
  gboolean all;

  c->last_words = g_get_monotonic_time ();
  all = c->last_words - c->last_names >= NAMES_US;
  if (all)
    c->last_names = c->last_words;
  if (g_strcmp0 (c->description, c->layout->description) != 0)
    {
      g_free (c->description);
      c->description = g_strdup (c->layout->description);
      gtk_accessible_update_property (GTK_ACCESSIBLE (c), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, c->description, -1);
    }
  for (guint i = 0; i < c->nodes->len; i++)
    {
      ChainCanvasNode *node = g_ptr_array_index (c->nodes, i);
      const ChainElement *e;

      if (!all && g_strcmp0 (chain_canvas_node_id (node), c->focus) != 0)
        continue;
      e = element_of (c, i);
      if (e != NULL)
        name_node (c, node, e);
    }
}

static gboolean
words_cb (gpointer data)
{
  ChainCanvas *c = data;

  c->words_timer = 0;
  sync_words (c);
  if (c->last_names != c->last_words && c->nodes->len > 0)      /* the names that are behind must follow, also when nothing moves any more */
    c->words_timer = g_timeout_add ((guint) (MAX (c->last_names + NAMES_US - c->last_words, 0) / 1000) + 1, words_cb, c);
  g_signal_emit_by_name (c, "worded");
  return G_SOURCE_REMOVE;
}

static gboolean
elements_cb (gpointer data)
{
  ChainCanvas *c = data;

  c->elements_idle = 0;
  if (c->geometry_changed)
    {
      c->geometry_changed = FALSE;
      sync_nodes_soon (c);
      _chain_canvas_rehover (c);
      gtk_widget_queue_allocate (GTK_WIDGET (c));
      g_signal_emit_by_name (c, "laid-out");
    }
  if (c->words_timer == 0 || c->last_names != c->last_words)
    {
      gint64 wait = c->last_words + WORDS_US - g_get_monotonic_time ();

      g_clear_handle_id (&c->words_timer, g_source_remove);
      c->words_timer = g_timeout_add (wait > 0 ? (guint) (wait / 1000) : 0, words_cb, c);
    }
  return G_SOURCE_REMOVE;
}

/* Children cannot come and go inside an allocation, where a new size is drawn: so from an idle, before the next frame. */
void
_chain_canvas_laid_out (ChainCanvas *c, gboolean geometry_changed)
{
  c->geometry_changed |= geometry_changed;
  if (c->elements_idle == 0)
    c->elements_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, elements_cb, c, NULL);
}

void
_chain_canvas_elements_free (ChainCanvas *c)
{
  g_clear_handle_id (&c->elements_idle, g_source_remove);
  g_clear_handle_id (&c->words_timer, g_source_remove);
  g_clear_handle_id (&c->nodes_timer, g_source_remove);
  drop_nodes (c);
  for (guint i = 0; i < c->placed->len; i++)
    gtk_widget_unparent (((ChainPlaced *) g_ptr_array_index (c->placed, i))->widget);
  g_ptr_array_set_size (c->placed, 0);
}

void
chain_canvas_place (ChainCanvas *c, GtkWidget *child, const char *id)
{
  ChainPlaced *p = g_new0 (ChainPlaced, 1);

  p->widget = child;
  p->id = g_strdup (id);
  g_ptr_array_add (c->placed, p);
  gtk_widget_set_parent (child, GTK_WIDGET (c));
}

void
chain_canvas_set_cover (ChainCanvas *c, GtkWidget *cover)
{
  c->cover = cover;
  gtk_widget_set_can_target (cover, FALSE);
  gtk_widget_set_parent (cover, GTK_WIDGET (c));
}

void
chain_canvas_unplace (ChainCanvas *c, GtkWidget *child)
{
  for (guint i = 0; i < c->placed->len; i++)
    if (((ChainPlaced *) g_ptr_array_index (c->placed, i))->widget == child)
      {
        g_ptr_array_remove_index (c->placed, i);
        gtk_widget_unparent (child);
        return;
      }
}

gboolean
chain_canvas_focus_element (ChainCanvas *c, const char *id)
{
  ChainCanvasNode *node = find_node (c, id);
  const ChainElement *e = node == NULL && c->explorable && c->layout != NULL && id != NULL ? chain_layout_find (c->layout, id) : NULL;

  if (e != NULL && _chain_canvas_is_cell (e))      /* one of very many: it becomes a node now */
    {
      add_node (c, e);
      node = find_node (c, id);
      gtk_widget_queue_allocate (GTK_WIDGET (c));
    }
  return node != NULL && gtk_widget_grab_focus (GTK_WIDGET (node));
}

/* How far `to` lies from `from` in a direction; negative: not in that direction. Sideways distance counts double. */
static double
reach (const ChainElement *from, const ChainElement *to, GtkDirectionType direction)
{
  double dx = to->x + to->w / 2 - from->x - from->w / 2, dy = to->y + to->h / 2 - from->y - from->h / 2;
  double along, across;

  switch (direction)
    {
    case GTK_DIR_LEFT: along = -dx; across = dy; break;
    case GTK_DIR_RIGHT: along = dx; across = dy; break;
    case GTK_DIR_UP: along = -dy; across = dx; break;
    default: along = dy; across = dx; break;
    }
  return along < 4 || fabs (across) > 4 * along + from->h ? -1 : along + 2 * fabs (across);
}

static gboolean
same_kind (const ChainElement *a, const ChainElement *b)
{
  return g_str_equal (a->role, b->role) || (_chain_canvas_is_cell (a) && _chain_canvas_is_cell (b));
}

/* The nearest element of the same kind in a direction; NULL if there is none. */
ChainElement *
_chain_canvas_neighbour (ChainCanvas *c, const char *from, GtkDirectionType direction)
{
  const ChainElement *start = c->layout != NULL && from != NULL ? chain_layout_find (c->layout, from) : NULL;
  ChainElement *best = NULL;
  double best_reach = 0;

  if (start == NULL)
    return NULL;
  for (guint i = 0; i < c->layout->elements->len; i++)
    {
      ChainElement *e = g_ptr_array_index (c->layout->elements, i);
      double r;

      if (e == start || !same_kind (e, start))
        continue;
      r = reach (start, e, direction);
      if (r >= 0 && (best == NULL || r < best_reach))
        {
          best = e;
          best_reach = r;
        }
    }
  return best;
}
