/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures are pure functions of immutable data, so they are drawn on a thread of their own and arrive as textures: a picture that takes
 * 30 ms costs the window no frame. One thread serves all canvases, one job a canvas at a time; what comes meanwhile makes the canvas stale
 * and is drawn next, at most `hertz` times a second (DESIGN 4.8). A new size is drawn in place, since a stretched picture looks broken. */
#include "ui/canvas/canvas-private.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

struct _ChainRenderJob
{
  ChainCanvas     *canvas;        /* owned: released on the main thread */
  const ChainView *view;
  ChainSnapshot   *snapshot;
  ChainTheme       theme;
  int              width, height, scale;
  double           zoom, pan_x, pan_y;
  char            *hover, *selected, *focus, *show_unit, *hidden;
  ChainLayout     *layout;
  cairo_surface_t *surface;
  cairo_surface_t *back, *front;  /* still parts: from the picture before where they serve, else drawn anew */
  guint64          still;
};

/* A ring is for who walks with the keyboard; a click marks by selection. */
static gboolean
focus_visible (ChainCanvas *c)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (c));

  return root != NULL && gtk_window_get_focus_visible (GTK_WINDOW (root));
}

static ChainRenderJob *
job_new (ChainCanvas *c)
{
  ChainRenderJob *j = g_new0 (ChainRenderJob, 1);

  j->canvas = g_object_ref (c);
  j->view = c->view;
  j->snapshot = chain_snapshot_ref (c->snapshot);
  j->theme = c->theme;
  j->width = MAX (gtk_widget_get_width (GTK_WIDGET (c)), 1);
  j->height = MAX (gtk_widget_get_height (GTK_WIDGET (c)), 1);
  j->scale = gtk_widget_get_scale_factor (GTK_WIDGET (c));
  j->zoom = c->zoom;
  j->pan_x = c->pan_x;
  j->pan_y = c->pan_y;
  j->hover = g_strdup (c->hover);
  j->selected = g_strdup (c->selected);
  j->focus = focus_visible (c) ? g_strdup (c->focus) : NULL;
  j->show_unit = g_strdup (c->show_unit);
  j->hidden = g_strdup (c->hidden);
  return j;
}

/* The still parts of the picture on screen, if that has the same size, place and theme. */
static void
job_inherit (ChainRenderJob *j, ChainCanvas *c)
{
  if (c->back == NULL || c->theme_changed || j->width != c->width || j->height != c->height || j->scale != c->scale ||
      fabs (j->zoom - c->shown_zoom) + fabs (j->pan_x - c->shown_x) + fabs (j->pan_y - c->shown_y) > 0)
    return;
  j->back = cairo_surface_reference (c->back);
  j->front = cairo_surface_reference (c->front);
  j->still = c->still;
}

/* A surface that only the canvas holds any more. Fresh memory of this size comes from the kernel, page by page, and goes back there. */
static void
job_reuse (ChainRenderJob *j, ChainCanvas *c)
{
  if (c->spare == NULL || cairo_surface_get_reference_count (c->spare) > 1)
    return;
  if (cairo_image_surface_get_width (c->spare) == j->width * j->scale && cairo_image_surface_get_height (c->spare) == j->height * j->scale)
    j->surface = g_steal_pointer (&c->spare);
}

static void
job_free (gpointer data)
{
  ChainRenderJob *j = data;

  g_clear_pointer (&j->layout, chain_layout_free);
  g_clear_pointer (&j->surface, cairo_surface_destroy);
  g_clear_pointer (&j->back, cairo_surface_destroy);
  g_clear_pointer (&j->front, cairo_surface_destroy);
  chain_snapshot_unref (j->snapshot);
  g_free (j->hover);
  g_free (j->selected);
  g_free (j->focus);
  g_free (j->show_unit);
  g_free (j->hidden);
  g_object_unref (j->canvas);
  g_free (j);
}

static cairo_surface_t *
draw_parts (ChainRenderJob *j, cairo_surface_t *onto, guint parts)
{
  ChainOverlay overlay = { .hover = j->hover, .selected = j->selected, .focus = j->focus, .show_unit = j->show_unit, .hidden = j->hidden, .fixed = j->scale, .parts = parts };
  cairo_surface_t *s = onto != NULL ? onto : cairo_image_surface_create (CAIRO_FORMAT_ARGB32, j->width * j->scale, j->height * j->scale);
  cairo_t *cr = cairo_create (s);

  cairo_scale (cr, j->scale, j->scale);
  cairo_translate (cr, j->pan_x, j->pan_y);
  cairo_scale (cr, j->zoom, j->zoom);
  j->view->draw (cr, j->layout, j->snapshot, &j->theme, &overlay);
  cairo_destroy (cr);
  return s;
}

static void
paint (cairo_surface_t *s, cairo_surface_t *part, cairo_operator_t how)
{
  cairo_t *cr = cairo_create (s);

  cairo_set_operator (cr, how);
  cairo_set_source_surface (cr, part, 0, 0);
  cairo_paint (cr);
  cairo_destroy (cr);
}

/* Any thread. */
static void
job_draw (ChainRenderJob *j)
{
  j->layout = j->view->layout (j->snapshot, &j->theme, j->width, j->height);
  if (j->back == NULL || j->still != j->layout->still)
    {
      g_clear_pointer (&j->back, cairo_surface_destroy);
      g_clear_pointer (&j->front, cairo_surface_destroy);
      j->back = draw_parts (j, NULL, CHAIN_PART_BACK);
      j->front = draw_parts (j, NULL, CHAIN_PART_FRONT);
      j->still = j->layout->still;
    }
  if (j->surface == NULL)
    j->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, j->width * j->scale, j->height * j->scale);
  paint (j->surface, j->back, CAIRO_OPERATOR_SOURCE);
  draw_parts (j, j->surface, CHAIN_PART_LIVE);
  paint (j->surface, j->front, CAIRO_OPERATOR_OVER);
  draw_parts (j, j->surface, CHAIN_PART_OVERLAY);
  cairo_surface_flush (j->surface);
}

static void
surface_unref (gpointer data)
{
  cairo_surface_destroy (data);
}

/* No copy: the texture keeps the surface. */
static GdkTexture *
texture_from_surface (cairo_surface_t *s)
{
  gsize stride = (gsize) cairo_image_surface_get_stride (s);
  int height = cairo_image_surface_get_height (s);
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (cairo_image_surface_get_data (s), stride * (gsize) height, surface_unref,
                                                         cairo_surface_reference (s));

  return gdk_memory_texture_new (cairo_image_surface_get_width (s), height, GDK_MEMORY_DEFAULT, bytes, stride);
}

static cairo_surface_t *
acquire_cb (cairo_pattern_t *pattern, void *surface, cairo_surface_t *target, const cairo_rectangle_int_t *extents)
{
  return cairo_surface_reference (surface);
}

static void
release_cb (cairo_pattern_t *pattern, void *surface, cairo_surface_t *acquired)
{
  cairo_surface_destroy (acquired);
}

/* A surface as source would be copied when it goes, since cairo's recordings see what a surface was, even where nobody looks at the recording any
 * more: 2 MB a picture. A picture is never drawn on while a node shows it, so the node holds the surface and nothing is copied. */
static void
paint_picture (GskRenderNode *node, cairo_surface_t *picture, int scale, cairo_filter_t filter)
{
  static const cairo_user_data_key_t key;
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  cairo_pattern_t *source = cairo_pattern_create_raster_source (picture, CAIRO_CONTENT_COLOR_ALPHA, cairo_image_surface_get_width (picture),
                                                                cairo_image_surface_get_height (picture));

  cairo_raster_source_pattern_set_acquire (source, acquire_cb, release_cb);
  cairo_pattern_set_filter (source, filter);
  cairo_scale (cr, 1.0 / scale, 1.0 / scale);
  cairo_set_source (cr, source);
  cairo_paint (cr);
  cairo_pattern_destroy (source);
  cairo_destroy (cr);
  cairo_surface_set_user_data (gsk_cairo_node_get_surface (node), &key, cairo_surface_reference (picture), surface_unref);
}

/* GTK 4.8 draws a texture in software by turning each pixel into four floats and back, half a core at 60 frames a second: there the surface is
 * painted as it is. The GPU wants a texture. */
void
_chain_canvas_append_picture (ChainCanvas *c, GtkSnapshot *snapshot, double stretch)
{
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float) c->width, (float) c->height);
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (c)));
  GskRenderNode *node;

  if (!GSK_IS_CAIRO_RENDERER (renderer))
    {
      if (c->texture == NULL)
        c->texture = texture_from_surface (c->picture);
      gtk_snapshot_append_texture (snapshot, c->texture, &bounds);
      return;
    }
  node = gsk_cairo_node_new (&bounds);
  paint_picture (node, c->picture, c->scale, stretch < 1 || stretch > 1 ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST);
  gtk_snapshot_append_node (snapshot, node);
  gsk_render_node_unref (node);
}

/* The order of elements does not count. */
static guint
geometry_hash (const ChainLayout *l)
{
  guint sum = l->elements->len;

  for (guint i = 0; i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);
      guint h = g_str_hash (e->id);

      h = h * 33 + (guint) (int) lrint (e->x * 4);
      h = h * 33 + (guint) (int) lrint (e->y * 4);
      h = h * 33 + (guint) (int) lrint (e->w * 4) * 7 + (guint) (int) lrint (e->h * 4);
      sum += h;
    }
  return sum;
}

static void
job_show (ChainRenderJob *j)
{
  ChainCanvas *c = j->canvas;
  guint geometry = geometry_hash (j->layout);
  gboolean changed = geometry != c->geometry || c->layout == NULL || j->zoom != c->shown_zoom || j->pan_x != c->shown_x || j->pan_y != c->shown_y;

  g_clear_object (&c->texture);
  g_clear_pointer (&c->spare, cairo_surface_destroy);
  c->spare = c->picture;
  c->picture = g_steal_pointer (&j->surface);
  g_clear_pointer (&c->back, cairo_surface_destroy);
  g_clear_pointer (&c->front, cairo_surface_destroy);
  c->back = g_steal_pointer (&j->back);
  c->front = g_steal_pointer (&j->front);
  c->still = j->still;
  g_clear_pointer (&c->layout, chain_layout_free);
  c->layout = g_steal_pointer (&j->layout);
  c->geometry = geometry;
  c->width = j->width;
  c->height = j->height;
  c->scale = j->scale;
  c->shown_zoom = j->zoom;
  c->shown_x = j->pan_x;
  c->shown_y = j->pan_y;
  c->pictures++;
  _chain_canvas_laid_out (c, changed);
}

static gboolean
done_cb (gpointer data)
{
  ChainRenderJob *j = data;
  ChainCanvas *c = j->canvas;

  if (c->job != j)        /* stopped, or overtaken by a new size */
    return G_SOURCE_REMOVE;
  c->job = NULL;
  if (j->view == c->view)
    {
      job_show (j);
      gtk_widget_queue_draw (GTK_WIDGET (c));
    }
  if (c->stale)
    _chain_canvas_invalidate (c, FALSE);
  return G_SOURCE_REMOVE;
}

/* Behind the trainer, which is at 10: where both want one core, the trainer has it, and the scheduler finds the other core for the picture. With
 * equal or better priority each picture pushed the trainer off its core for a moment: of its steps a second 87 % were left, now 95. */
#define DRAWING_NICE 12

static void
render_worker (gpointer data, gpointer unused)
{
  static gboolean nice;      /* of the pool's only thread */

  if (!nice)
    setpriority (PRIO_PROCESS, (id_t) gettid (), DRAWING_NICE);
  nice = TRUE;
  job_draw (data);
  g_idle_add_full (G_PRIORITY_DEFAULT, done_cb, data, job_free);
}

static GThreadPool *
render_pool (void)
{
  static GThreadPool *pool;      /* main thread only; lives as long as the program */

  if (pool == NULL)
    pool = g_thread_pool_new (render_worker, NULL, 1, TRUE, NULL);      /* a thread of its own: other pools must not inherit its priority */
  return pool;
}

static gboolean
can_draw (ChainCanvas *c)
{
  return c->view != NULL && c->snapshot != NULL && gtk_widget_get_width (GTK_WIDGET (c)) > 0;
}

static void
start (ChainCanvas *c)
{
  c->stale = FALSE;
  c->last_start = g_get_monotonic_time ();
  c->job = job_new (c);
  job_inherit (c->job, c);
  job_reuse (c->job, c);
  c->theme_changed = FALSE;
  g_thread_pool_push (render_pool (), c->job, NULL);
}

static gboolean
timer_cb (gpointer data)
{
  ChainCanvas *c = data;

  c->timer = 0;
  _chain_canvas_invalidate (c, TRUE);
  return G_SOURCE_REMOVE;
}

/* Something the picture depends on changed. at_once: it was the user, so the cap does not hold him up. */
void
_chain_canvas_invalidate (ChainCanvas *c, gboolean at_once)
{
  gint64 wait;

  c->stale = TRUE;
  if (!can_draw (c) || !gtk_widget_get_mapped (GTK_WIDGET (c)) || c->job != NULL)
    return;
  wait = at_once ? 0 : c->last_start + (gint64) ((double) G_USEC_PER_SEC / c->hertz) - g_get_monotonic_time ();
  if (wait > 4000)
    {
      if (c->timer == 0)
        c->timer = g_timeout_add ((guint) (wait / 1000), timer_cb, c);
      return;
    }
  g_clear_handle_id (&c->timer, g_source_remove);
  start (c);
}

void
_chain_canvas_render_now (ChainCanvas *c)
{
  ChainRenderJob *j;

  if (!can_draw (c))
    return;
  c->job = NULL;            /* whatever is under way is of another size */
  c->stale = FALSE;
  c->last_start = g_get_monotonic_time ();
  j = job_new (c);
  job_draw (j);
  job_show (j);
  job_free (j);
}

void
_chain_canvas_stop (ChainCanvas *c)
{
  c->job = NULL;
  g_clear_handle_id (&c->timer, g_source_remove);
}
