/* SPDX-License-Identifier: Apache-2.0 */
/* One job at a time; a job that nobody waits for any more is cancelled, and what comes of it is dropped. The range of weights stays while the popover is
 * open, so that two moments can be compared. */
#include "config.h"

#include "ui/explore/weight-plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/draw/draw.h"
#include "app/picture/layout/weight-line.h"
#include "ui/canvas/element-ref.h"
#include "ui/canvas/theme.h"

#define WIDTH 300
#define HEIGHT 170

struct _ChainWeightPlot
{
  ChainCanvas     *canvas;
  ChainSession    *session;
  GtkWidget       *popover, *note, *area;
  ChainElementRef  ref;
  double           low, high;
  ChainWeightLine *line;          /* NULL: none yet */
  GCancellable    *job;           /* the one that runs; NULL */
  gboolean         stale, failed;
};

static void start_job (ChainWeightPlot *p);

/* The job's own reference: the plot may be gone by the time that it ends. */
typedef struct { ChainWeightPlot *plot; GCancellable *job; } Wait;

static double
value_now (ChainWeightPlot *p)
{
  guint row, col;
  const ChainSnapTensor *t = chain_element_tensor (chain_session_snapshot (p->session), &p->ref, &row, &col);

  return t != NULL ? t->value[(gsize) row * t->cols + col] : NAN;
}

static ChainLayout *
make_layout (ChainWeightPlot *p, ChainTheme *theme, int w, int h)
{
  chain_theme_follow (theme, 1);
  theme->draw_background = theme->draw_header = FALSE;
  theme->canvas = theme->card;
  return chain_layout_weight_line (p->line, value_now (p), theme, w, h);
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int w, int h, gpointer data)
{
  ChainTheme theme;
  g_autoptr (ChainLayout) l = make_layout (data, &theme, w, h);

  chain_draw_lines (cr, l, NULL, &theme, NULL);
}

static void
show (ChainWeightPlot *p)
{
  ChainTheme theme;
  g_autoptr (ChainLayout) l = make_layout (p, &theme, WIDTH, HEIGHT);

  if (!p->failed)
    gtk_label_set_text (GTK_LABEL (p->note), l->note != NULL ? l->note : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (p->area), GTK_ACCESSIBLE_PROPERTY_LABEL, l->description, -1);
  gtk_widget_queue_draw (p->area);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;
  ChainWeightPlot *p = wait->plot;
  g_autoptr (GError) error = NULL;
  ChainWeightLine *line = chain_session_weight_line_finish (CHAIN_SESSION (source), result, &error);

  if (g_cancellable_is_cancelled (wait->job))
    {
      chain_weight_line_free (line);
      g_object_unref (wait->job);
      g_free (wait);
      return;
    }
  g_clear_object (&p->job);
  p->failed = line == NULL;
  if (line != NULL)
    {
      g_clear_pointer (&p->line, chain_weight_line_free);
      p->line = line;
    }
  else
    gtk_label_set_text (GTK_LABEL (p->note), error->message);
  show (p);
  if (p->stale && !p->failed)
    start_job (p);
  g_object_unref (wait->job);
  g_free (wait);
}

static void
start_job (ChainWeightPlot *p)
{
  Wait *wait = g_new (Wait, 1);

  p->stale = FALSE;
  p->job = g_cancellable_new ();
  *wait = (Wait){ p, g_object_ref (p->job) };
  chain_session_weight_line_async (p->session, p->ref.tensor, p->ref.row, p->ref.col, p->low, p->high, p->job, done_cb, wait);
}

static void
cancel (ChainWeightPlot *p)
{
  if (p->job != NULL)
    g_cancellable_cancel (p->job);
  g_clear_object (&p->job);
  g_clear_pointer (&p->line, chain_weight_line_free);
}

static void
snapshot_cb (ChainWeightPlot *p)
{
  if (!gtk_widget_get_mapped (p->popover) || p->failed)
    return;
  p->stale = TRUE;
  show (p);
  if (p->job == NULL)
    start_job (p);
}

static void
closed_cb (ChainWeightPlot *p)
{
  g_autofree char *id = g_strdup (chain_canvas_selected (p->canvas));

  cancel (p);
  if (id == NULL || !chain_canvas_focus_element (p->canvas, id))
    gtk_widget_grab_focus (GTK_WIDGET (p->canvas));
}

static void
make_popover (ChainWeightPlot *p)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *title = gtk_label_new (_("Training Loss along This Weight"));

  gtk_widget_add_css_class (title, "heading");
  p->note = gtk_label_new (NULL);
  gtk_widget_add_css_class (p->note, "caption");
  gtk_label_set_wrap (GTK_LABEL (p->note), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (p->note), 40);
  p->area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (p->area), WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (p->area), HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (p->area), draw_cb, p, NULL);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), p->area);
  gtk_box_append (GTK_BOX (box), p->note);
  p->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (p->popover), box);
  gtk_widget_set_parent (p->popover, GTK_WIDGET (p->canvas));
  g_signal_connect_swapped (p->popover, "closed", G_CALLBACK (closed_cb), p);
}

void
chain_weight_plot_open (ChainWeightPlot *p, const char *element)
{
  graphene_rect_t r;
  graphene_point_t at;
  double now;

  if (!chain_element_ref (element, &p->ref) || !p->ref.is_weight || !chain_canvas_bounds (p->canvas, element, &r))
    return;
  now = value_now (p);
  if (!isfinite (now))
    return;
  cancel (p);
  chain_canvas_select (p->canvas, element);
  p->failed = FALSE;
  p->low = now - fmax (2, fabs (now));
  p->high = now + fmax (2, fabs (now));
  graphene_rect_get_center (&r, &at);
  gtk_popover_set_pointing_to (GTK_POPOVER (p->popover), &(GdkRectangle){ (int) at.x, (int) at.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (p->popover));
  show (p);
  start_job (p);
}

GtkWidget *
chain_weight_plot_widget (ChainWeightPlot *p)
{
  return gtk_widget_get_visible (p->popover) ? p->popover : NULL;
}

ChainWeightPlot *
chain_weight_plot_new (ChainCanvas *canvas, ChainSession *session)
{
  ChainWeightPlot *p = g_new0 (ChainWeightPlot, 1);

  p->canvas = canvas;
  p->session = session;
  make_popover (p);
  g_signal_connect_swapped (session, "snapshot", G_CALLBACK (snapshot_cb), p);
  return p;
}

void
chain_weight_plot_free (ChainWeightPlot *p)
{
  g_signal_handlers_disconnect_by_data (p->session, p);
  g_signal_handlers_disconnect_by_data (p->popover, p);
  cancel (p);
  gtk_widget_unparent (p->popover);
  g_free (p);
}
