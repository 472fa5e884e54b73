/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the real window while a person pans, zooms, points at, steps through and drags in computational graphs of about 300, 1 000 and 5 000 cells:
 * gaps between frames by the frame clock, the work that the main thread does for one, and how often a new picture arrives. Also how long the window
 * stands still while such a graph is laid out. What hands do is done to the canvas as its gestures do it, once a frame.
 *
 * With a document: how long the window stands still while its page opens and while each detail of its network is chosen.
 *
 *   tests/ui/gui/session BUILD/tests/bench/bench-graph-frames [SECONDS [DOCUMENT]] */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "engine/base/number.h"
#include "engine/run/backend-registry.h"
#include "ui/backprop/page-private.h"
#include "ui/canvas/canvas-private.h"
#include "ui/window/application.h"
#include "ui/window/window.h"

typedef struct { GtkWidget *win; ChainBackpropPage *page; ChainCanvas *canvas; guint seconds; } Bench;
typedef void (*Hand) (Bench *b, guint frame);
typedef struct { Bench *b; Hand hand; GArray *gaps, *work; gint64 last, busy; guint frame; } Count;

static gint64
thread_us (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (gint64) t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Count *c = data;
  gint64 now = g_get_monotonic_time (), busy = thread_us ();

  if (c->last != 0)
    {
      double gap = (double) (now - c->last) / 1e3, work = (double) (busy - c->busy) / 1e3;

      g_array_append_val (c->gaps, gap);
      g_array_append_val (c->work, work);
    }
  c->last = now;
  c->busy = busy;
  if (c->hand != NULL)
    c->hand (c->b, c->frame++);
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
part (GArray *a, guint percent)
{
  g_array_sort (a, compare);
  return a->len > 0 ? g_array_index (a, double, MIN (a->len * percent / 100, a->len - 1)) : NAN;
}

static gboolean
alarm_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
wait (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, alarm_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

/* --- hands --- */

static void
moved (ChainCanvas *c)
{
  _chain_canvas_invalidate (c, TRUE);
  gtk_widget_queue_allocate (GTK_WIDGET (c));
  gtk_widget_queue_draw (GTK_WIDGET (c));
}

static void
pan (Bench *b, guint frame)
{
  b->canvas->pan_x += frame / 60 % 2 == 0 ? 7 : -7;
  b->canvas->pan_y += frame / 30 % 2 == 0 ? 3 : -3;
  moved (b->canvas);
}

static void
zoom (Bench *b, guint frame)
{
  chain_canvas_zoom_centre (b->canvas, frame / 40 % 2 == 0 ? 1.035 : 1 / 1.035);
}

static void
point (Bench *b, guint frame)
{
  ChainCanvas *c = b->canvas;

  c->pointer_inside = TRUE;
  c->pointer_x = gtk_widget_get_width (GTK_WIDGET (c)) * (0.5 + 0.4 * sin (frame * 0.05));
  c->pointer_y = gtk_widget_get_height (GTK_WIDGET (c)) * (0.5 + 0.08 * sin (frame * 0.31));
  _chain_canvas_rehover (c);
}

static void
step (Bench *b, guint frame)
{
  guint n = b->page->diagram->events->len;

  _chain_backprop_go (b->page, frame % n, TRUE);
}

static void
drag (Bench *b, guint frame)
{
  ChainBackpropPage *p = b->page;
  ChainStepView *v = chain_step_view_copy (p->view);

  chain_step_view_move (v, chain_diagram_cell (p->diagram, p->diagram->cells->len / 2)->id, frame / 60 % 2 == 0 ? 3 : -3, 1);
  chain_step_view_unref (p->view);
  p->view = v;
  _chain_backprop_redraw (p);
}

/* --- what is measured --- */

static void
row (Bench *b, const char *what, Hand hand)
{
  Count c = { .b = b, .hand = hand, .gaps = g_array_new (FALSE, FALSE, sizeof (double)), .work = g_array_new (FALSE, FALSE, sizeof (double)) };
  guint pictures = chain_canvas_pictures (b->canvas), id = gtk_widget_add_tick_callback (b->win, tick_cb, &c, NULL);

  wait (b->seconds * 1000);
  gtk_widget_remove_tick_callback (b->win, id);
  pictures = chain_canvas_pictures (b->canvas) - pictures;
  g_print ("| %u | %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.0f |\n", b->page->diagram->cells->len, what, part (c.gaps, 50), part (c.gaps, 95), part (c.gaps, 100),
           part (c.work, 50), part (c.work, 95), (double) pictures / b->seconds);
  g_array_unref (c.gaps);
  g_array_unref (c.work);
  b->canvas->pointer_inside = FALSE;
  _chain_canvas_rehover (b->canvas);
  chain_canvas_fit (b->canvas);
  wait (300);
}

static void
deepen (ChainSession *s, guint layers)
{
  g_autoptr (ChainSpec) next = chain_spec_copy (chain_document_spec (chain_session_document (s)));
  g_autoptr (GError) error = NULL;
  ChainLayer *last = g_ptr_array_index (next->layers, next->layers->len - 1);

  for (guint i = 0; i < layers; i++)
    {
      g_autofree char *id = g_strdup_printf ("bench%u", next->layers->len);
      ChainLayer *l = chain_layer_new (id, "dense");

      g_ptr_array_add (l->inputs, g_strdup (g_ptr_array_index (last->inputs, 0)));
      chain_layer_set_units (l, 3);
      chain_choice_set (&l->activation, "tanh", NULL);
      g_ptr_array_insert (next->layers, (int) next->layers->len - 1, l);
      g_ptr_array_set_size (last->inputs, 0);
      g_ptr_array_add (last->inputs, g_strdup (id));
    }
  if (!chain_session_apply (s, g_steal_pointer (&next), "Deeper", NULL, &error))
    g_error ("%s", error->message);
}

/* How long the window's frames stood while the graph was made. */
static void
make (Bench *b, guint layers)
{
  Count c = { .b = b, .gaps = g_array_new (FALSE, FALSE, sizeof (double)), .work = g_array_new (FALSE, FALSE, sizeof (double)) };
  guint id, pictures = chain_canvas_pictures (b->canvas);
  gint64 began;

  deepen (chain_window_session (CHAIN_WINDOW (b->win)), layers);
  wait (1500);      /* the trainer has compiled it, the page shows its layers */
  id = gtk_widget_add_tick_callback (b->win, tick_cb, &c, NULL);
  wait (300);
  began = g_get_monotonic_time ();
  chain_step_fields_set_detail (b->page->fields, CHAIN_DETAIL_NODES);
  g_signal_emit_by_name (b->page->fields, "changed");
  while (b->page->diagram == NULL || b->page->diagram->detail != CHAIN_DETAIL_NODES || chain_step_maker_busy (b->page->maker) || chain_canvas_pictures (b->canvas) == pictures)
    g_main_context_iteration (NULL, TRUE);
  g_print ("| %u | made in %.0f ms | %.1f | %.1f | %.1f | %.1f | %.1f | |\n", b->page->diagram->cells->len, (double) (g_get_monotonic_time () - began) / 1e3,
           part (c.gaps, 50), part (c.gaps, 95), part (c.gaps, 100), part (c.work, 50), part (c.work, 100));
  wait (300);
  gtk_widget_remove_tick_callback (b->win, id);
  g_array_unref (c.gaps);
  g_array_unref (c.work);
}

static void
near (Bench *b)
{
  chain_canvas_zoom_centre (b->canvas, 4);
  wait (300);
}

static void
measure (Bench *b, guint layers)
{
  make (b, layers);
  row (b, "pan, fitted", pan);
  near (b);
  row (b, "pan, zoomed 4", pan);
  row (b, "zoom 1 to 4", zoom);
  row (b, "point, fitted", point);
  near (b);
  row (b, "point, zoomed 4", point);
  near (b);
  row (b, "step, zoomed 4", step);
  row (b, "drag a cell", drag);
  chain_step_fields_set_detail (b->page->fields, CHAIN_DETAIL_LAYERS);
  g_signal_emit_by_name (b->page->fields, "changed");
  wait (500);
}

/* Frames while something is done and until a second after it is there. */
static void
stall (Bench *b, const char *what, int detail)
{
  Count c = { .b = b, .gaps = g_array_new (FALSE, FALSE, sizeof (double)), .work = g_array_new (FALSE, FALSE, sizeof (double)) };
  guint id = gtk_widget_add_tick_callback (b->win, tick_cb, &c, NULL);
  gint64 began, there;

  wait (200);
  began = g_get_monotonic_time ();
  if (detail < 0)
    g_action_group_activate_action (G_ACTION_GROUP (b->win), "page", g_variant_new_string ("backprop"));
  else
    {
      chain_step_fields_set_detail (b->page->fields, (ChainDetail) detail);
      g_signal_emit_by_name (b->page->fields, "changed");
    }
  while (b->page->diagram == NULL || chain_step_maker_busy (b->page->maker))
    g_main_context_iteration (NULL, TRUE);
  there = g_get_monotonic_time ();
  wait (1000);
  gtk_widget_remove_tick_callback (b->win, id);
  g_print ("| %s | %u | %.0f | %.1f | %.1f | %s |\n", what, b->page->diagram->cells->len, (double) (there - began) / 1e3, part (c.gaps, 100), part (c.work, 100),
           b->page->diagram->note != NULL ? b->page->diagram->note : "");
  g_array_unref (c.gaps);
  g_array_unref (c.work);
}

static void
open_document (Bench *b, const char *path)
{
  static const char *const details[] = { "Operations", "Units", "Layers", "Graph" };

  if (!chain_window_open (CHAIN_WINDOW (b->win), path))
    g_error ("%s cannot be opened", path);
  wait (1500);
  g_print ("| what | cells | there after ms | longest gap ms | most work ms | note |\n|---|---|---|---|---|---|\n");
  stall (b, "page", -1);
  for (int d = 0; d < 4; d++)
    stall (b, details[d], d);
}

static ChainBackpropPage *
find_page (GtkWidget *root)
{
  if (CHAIN_IS_BACKPROP_PAGE (root))
    return CHAIN_BACKPROP_PAGE (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      ChainBackpropPage *found = find_page (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  static const guint layers[] = { 2, 14, 70 };      /* in all: 2, 16, 86 */
  g_autoptr (ChainApplication) app = NULL;
  g_autoptr (GError) error = NULL;
  Bench b = { .seconds = argc > 1 ? (guint) atoi (argv[1]) : 4 };

  chain_backend_init ();
  g_set_application_name ("Chainrule");
  app = chain_application_new (G_APPLICATION_NON_UNIQUE);
  if (!g_application_register (G_APPLICATION (app), NULL, &error))
    g_error ("%s", error->message);
  b.win = chain_window_new (GTK_APPLICATION (app));
  gtk_window_present (GTK_WINDOW (b.win));
  b.page = find_page (b.win);
  b.canvas = b.page->canvas;
  if (argc > 2)
    {
      open_document (&b, argv[2]);
      gtk_window_destroy (GTK_WINDOW (b.win));
      wait (200);
      return 0;
    }
  g_action_group_activate_action (G_ACTION_GROUP (b.win), "page", g_variant_new_string ("backprop"));
  wait (1500);
  g_print ("| cells | what | gap median ms | gap p95 | gap worst | work median ms | work p95 | pictures/s |\n|---|---|---|---|---|---|---|---|\n");
  for (guint i = 0; i < G_N_ELEMENTS (layers); i++)
    measure (&b, layers[i]);
  gtk_window_destroy (GTK_WINDOW (b.win));
  wait (200);
  return 0;
}
