/* SPDX-License-Identifier: Apache-2.0 */
/* From a trace to what is on screen. Numbers of the same network take their places at once; another network, another detail or an opened cell needs a
 * diagram and a layout, which a thread makes (app/picture/step-maker.h). Until then the old picture stays, pale, and can be stepped, and a line says
 * what is under way. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>

#include "app/picture/number-text.h"

#define PALE 0.45
#define COUNT_MS 100u

static void
show_count (ChainBackpropPage *p)
{
  char n[CHAIN_NUMBER_TEXT_SIZE];
  guint cells = chain_step_maker_cells (p->maker);
  g_autofree char *text = cells > 0 ? g_strdup_printf (_("Laying out %s nodes…"), chain_number_text_count (n, cells)) : g_strdup (_("Reading the network…"));

  gtk_label_set_text (GTK_LABEL (p->waiting_text), text);
}

static gboolean
count_cb (gpointer data)
{
  show_count (data);
  return G_SOURCE_CONTINUE;
}

static void
show_waiting (ChainBackpropPage *p, gboolean waits)
{
  if (waits == (p->waiting_timer != 0))
    return;
  gtk_widget_set_visible (p->waiting, waits);
  gtk_widget_set_opacity (GTK_WIDGET (p->canvas), waits ? PALE : 1);
  g_clear_handle_id (&p->waiting_timer, g_source_remove);
  if (!waits)
    return;
  show_count (p);
  p->waiting_timer = g_timeout_add (COUNT_MS, count_cb, p);
}

static void
order (ChainBackpropPage *p)
{
  ChainStepOrder o = { .trace = p->coming != NULL ? p->coming->trace : p->trace, .detail = chain_step_fields_detail (p->fields), .chosen = p->detail_chosen,
                       .opened = p->opened, .watched = p->watched, .before = p->view, .theme = chain_canvas_theme (p->canvas),
                       .width = gtk_widget_get_width (GTK_WIDGET (p->canvas)), .height = gtk_widget_get_height (GTK_WIDGET (p->canvas)) };

  show_waiting (p, !chain_step_maker_ask (p->maker, &o));
}

void
_chain_backprop_remake (ChainBackpropPage *p)
{
  if (p->trace != NULL || p->coming != NULL)
    order (p);
}

static gboolean
same_shape (const ChainTrace *a, const ChainTrace *b)
{
  return a != NULL && a->model == b->model && a->request.of == b->request.of && (a->request.of != CHAIN_TRACE_BATCH || a->b == b->b);
}

/* After a step of the trainer: at the beginning of its tape, or at the end when we came backwards. */
static void
land (ChainBackpropPage *p)
{
  ChainLanding landing = p->landing;

  if (landing == CHAIN_LAND_STAY || p->trace->step == p->landing_from)
    {
      _chain_backprop_go (p, p->position, FALSE);
      return;
    }
  p->landing = CHAIN_LAND_STAY;
  _chain_backprop_go (p, landing == CHAIN_LAND_START ? 0 : p->diagram->events->len, FALSE);
}

static void
set_base (ChainBackpropPage *p, ChainSnapshot *s)
{
  chain_snapshot_ref (s);
  g_clear_pointer (&p->base, chain_snapshot_unref);
  p->base = s;
  g_clear_pointer (&p->trace, chain_trace_unref);
  p->trace = chain_trace_ref (s->trace);
  chain_step_fields_tell (p->fields, p->trace);
}

/* Since the order the trainer may have gone on: the newest numbers on the diagram that was made. */
static void
made_cb (ChainDiagram *diagram, ChainStepView *view, ChainDetail detail, gpointer data)
{
  ChainBackpropPage *p = data;
  gboolean first = p->diagram == NULL;

  show_waiting (p, FALSE);
  if (p->coming != NULL)
    {
      set_base (p, p->coming);
      g_clear_pointer (&p->coming, chain_snapshot_unref);
    }
  if (p->diagram != NULL && p->diagram != diagram && p->diagram->model == diagram->model)
    p->position = chain_diagram_moment (p->diagram, p->position, diagram);
  chain_diagram_ref (diagram);
  g_clear_pointer (&p->diagram, chain_diagram_unref);
  p->diagram = diagram;
  g_clear_pointer (&p->view, chain_step_view_unref);
  p->view = view->trace == p->trace ? chain_step_view_ref (view) : chain_step_view_new (p->trace, diagram, view);
  chain_step_fields_set_detail (p->fields, detail);
  p->detail = detail;
  chain_timeline_set_diagram (chain_step_bar_timeline (p->bar), diagram);
  gtk_label_set_text (GTK_LABEL (p->info_label), diagram->note != NULL ? diagram->note : "");
  gtk_widget_set_visible (p->info, diagram->note != NULL);
  p->position = first ? 0 : MIN (p->position, diagram->events->len);
  _chain_lens_made (p, first);
  land (p);
}

/* Numbers of what is on screen. */
static void
renumber (ChainBackpropPage *p, ChainSnapshot *s)
{
  ChainStepView *before = p->view;

  set_base (p, s);
  p->view = chain_step_view_new (p->trace, p->diagram, before);
  chain_step_view_unref (before);
  land (p);
}

void
_chain_backprop_take (ChainBackpropPage *p, ChainSnapshot *s)
{
  const ChainTrace *newest = p->coming != NULL ? p->coming->trace : p->trace;
  gboolean same;

  if (s->trace == NULL && s->trace_error != NULL && p->shown)
    {
      gtk_label_set_text (GTK_LABEL (p->info_label), s->trace_error);
      gtk_widget_set_visible (p->info, TRUE);
    }
  if (s->trace == NULL || s->trace == newest)
    return;
  same = same_shape (newest, s->trace);
  if (same && p->coming == NULL && p->diagram != NULL)
    {
      renumber (p, s);
      return;
    }
  g_clear_pointer (&p->coming, chain_snapshot_unref);
  p->coming = chain_snapshot_ref (s);
  if (!same || !chain_step_maker_busy (p->maker))
    order (p);
}

/* Over the picture, which says nothing while it waits. */
void
_chain_backprop_add_maker (ChainBackpropPage *p)
{
  GtkWidget *spinner = gtk_spinner_new ();

  p->maker = chain_step_maker_new (made_cb, p);
  p->waiting = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  p->waiting_text = gtk_label_new (NULL);
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_box_append (GTK_BOX (p->waiting), spinner);
  gtk_box_append (GTK_BOX (p->waiting), p->waiting_text);
  gtk_widget_set_halign (p->waiting, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (p->waiting, GTK_ALIGN_CENTER);
  gtk_widget_set_can_target (p->waiting, FALSE);
  gtk_widget_add_css_class (p->waiting, "step-caption");
  gtk_widget_set_visible (p->waiting, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (p->overlay), p->waiting);
}

void
_chain_backprop_stop_making (ChainBackpropPage *p)
{
  chain_step_maker_drop (p->maker);
  g_clear_pointer (&p->coming, chain_snapshot_unref);
  show_waiting (p, FALSE);
}

void
_chain_backprop_drop_maker (ChainBackpropPage *p)
{
  g_clear_handle_id (&p->waiting_timer, g_source_remove);
  g_clear_pointer (&p->maker, chain_step_maker_free);
  g_clear_pointer (&p->coming, chain_snapshot_unref);
}
