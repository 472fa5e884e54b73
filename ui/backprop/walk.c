/* SPDX-License-Identifier: Apache-2.0 */
/* Where we are on the tape, and how we get elsewhere. Within a tape a position is only a number: the trace is immutable, so back is as exact as
 * forward. Over the end of the tape the trainer makes its step, before the beginning it goes back one by its own replay, and the tape of that step
 * takes the place of this one (ARCHITECTURE 9.4). */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

ChainSession *
_chain_backprop_session (ChainBackpropPage *p)
{
  return p->example != NULL && chain_step_fields_is_example (p->fields) ? p->example : p->session;
}

/* Larger letters take more, but no more than a quarter of the page. */
static int
narrow_card (ChainBackpropPage *p)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (p));
  double larger = pango_font_description_get_size (pango_context_get_font_description (context)) / (11. * PANGO_SCALE)
                  * pango_cairo_context_get_resolution (context) / 96;
  int room = gtk_widget_get_height (GTK_WIDGET (p)) / 4, wanted = p->now != NULL && p->now->lines != NULL ? CHAIN_CARD_NARROW * 4 / 3 : CHAIN_CARD_NARROW;

  return MAX (wanted, MIN (room, (int) (wanted * MAX (1, larger))));
}

/* As high as its formulas are at the width it has, up to its share. */
static void
fit_card (ChainBackpropPage *p)
{
  int width = gtk_widget_get_width (GTK_WIDGET (p->card)), most, height;

  if (p->width == CHAIN_WIDTH_NARROW)
    {
      gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (p->card_scroll), -1);      /* it may not be above the other */
      gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (p->card_scroll), narrow_card (p));
    }
  most = gtk_scrolled_window_get_max_content_height (GTK_SCROLLED_WINDOW (p->card_scroll));
  gtk_widget_measure (GTK_WIDGET (p->card), GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &height, NULL, NULL);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (p->card_scroll), MIN (height, most));
}

/* Once it has its place: the line of the optimiser that is worked on is in view. */
static gboolean
reveal_line_cb (GtkWidget *card, GdkFrameClock *clock, gpointer data)
{
  ChainBackpropPage *p = data;
  GtkWidget *row = chain_formula_card_present (p->card);
  graphene_rect_t at;

  if (row != NULL && gtk_widget_compute_bounds (row, card, &at))
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (p->card_scroll)), at.origin.y, at.origin.y + at.size.height + 4);
  return G_SOURCE_REMOVE;
}

/* "Step 23 of 26, backward: adjoint of h is −0.5068. Both branches meet at h". */
static char *
spoken_text (const ChainStepCard *c)
{
  return strstr (c->spoken, c->title) != NULL ? g_strdup (c->spoken) : g_strdup_printf ("%s. %s", c->spoken, c->title);
}

static void
show_card (ChainBackpropPage *p)
{
  guint n = p->diagram->events->len;
  g_autofree char *spoken = NULL;

  g_clear_pointer (&p->now, chain_step_card_free);
  p->now = chain_step_card_at (p->trace, p->diagram, p->position, p->entry_cell, p->entry_row, p->entry_col);
  chain_formula_card_show (p->card, p->now, p->position, n);
  spoken = spoken_text (p->now);
  chain_timeline_set_position (chain_step_bar_timeline (p->bar), p->position, spoken);
  fit_card (p);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (p->card_scroll)), 0);
  if (chain_formula_card_present (p->card) != NULL)
    gtk_widget_add_tick_callback (GTK_WIDGET (p->card), reveal_line_cb, p, NULL);
}

/* Playing fast asks for no differences: nobody could read them. */
static void
ask (ChainBackpropPage *p)
{
  gboolean fast = chain_step_play_is_on (p->play) && (chain_step_bar_speed (p->bar) <= 0 || chain_step_bar_speed (p->bar) > 4);

  chain_probe_queue_drop (p->probe);
  if (p->now->node == CHAIN_NONE || fast)
    {
      chain_formula_card_check (p->card, NULL, NULL);
      return;
    }
  chain_formula_card_wait (p->card);
  chain_probe_queue_ask (p->probe, p->trace, p->now->node, p->now->row, p->now->col);
}

static void
probed_cb (const ChainProbeResult *result, const char *message, gpointer data)
{
  chain_formula_card_check (CHAIN_BACKPROP_PAGE (data)->card, result, message);
}

/* While cells move to their places, with those between. */
static ChainSnapshot *
snapshot_of (ChainBackpropPage *p)
{
  g_autoptr (ChainStepView) v = chain_step_view_copy (p->view);

  _chain_lens_apply (p, v);
  return chain_step_view_snapshot (v, p->base);
}

void
_chain_backprop_redraw (ChainBackpropPage *p)
{
  ChainMarks marks = chain_step_fields_marks (p->fields);
  ChainStepView *v;
  ChainSnapshot *s;

  if (p->view == NULL)
    return;
  v = chain_step_view_copy (p->view);
  v->position = p->position;
  v->tween = p->tween;
  v->tell = p->tell;
  v->share = p->share;
  v->values = (marks & CHAIN_MARK_VALUES) != 0;
  v->adjoints = (marks & CHAIN_MARK_ADJOINTS) != 0;
  v->local = (marks & CHAIN_MARK_LOCAL) != 0;
  chain_step_view_unref (p->view);
  p->view = v;
  if (p->frozen)
    return;
  s = snapshot_of (p);
  if (p->lens.at_once)
    chain_canvas_show_now (p->canvas, s);
  else
    chain_canvas_set_snapshot (p->canvas, s);
  p->lens.at_once = FALSE;
  chain_snapshot_unref (s);
  if (p->tween >= 1)
    _chain_backprop_refresh_matrix (p);
}

void
_chain_backprop_go (ChainBackpropPage *p, guint position, gboolean moving)
{
  if (p->diagram == NULL)
    return;
  p->position = MIN (position, p->diagram->events->len);
  show_card (p);
  _chain_backprop_new_story (p);
  _chain_lens_follow (p, TRUE);
  if (moving)
    chain_step_play_move (p->play, p->story);
  else
    {
      chain_step_play_drop (p->play);
      _chain_backprop_move_to (p, 1);
    }
  ask (p);
}

static int
steps_of_an_epoch (ChainSession *s)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (s));
  const ChainDataset *d = chain_session_data (s);

  return spec->batch_size == 0 || spec->batch_size >= d->n_train ? 1 : (int) ((d->n_train + spec->batch_size - 1) / spec->batch_size);
}

/* Back of the first step there is nothing. */
static gboolean
train (ChainBackpropPage *p, int steps, ChainLanding landing)
{
  ChainSession *s = _chain_backprop_session (p);
  guint64 done = chain_session_snapshot (s)->step;

  if (steps < 0 && done == 0)
    return FALSE;
  if (p->landing != CHAIN_LAND_STAY)      /* one is under way */
    return TRUE;
  p->landing = landing;
  p->landing_from = p->trace->step;
  chain_session_step (s, steps < 0 && (guint64) -(gint64) steps > done ? -(int) done : steps);
  if (s == p->session)
    gtk_widget_activate_action (GTK_WIDGET (p), "win.views-changed", NULL);
  else
    chain_pump_kick (p->pump);
  return TRUE;
}

gboolean
_chain_backprop_step (ChainBackpropPage *p, ChainGrain grain, gboolean back)
{
  guint n, to;

  if (p->diagram == NULL)
    return FALSE;
  n = p->diagram->events->len;
  if (grain == CHAIN_GRAIN_BATCH || grain == CHAIN_GRAIN_EPOCH)
    {
      int steps = grain == CHAIN_GRAIN_BATCH ? 1 : steps_of_an_epoch (_chain_backprop_session (p));

      return train (p, back ? -steps : steps, p->position == n ? CHAIN_LAND_END : CHAIN_LAND_START);
    }
  if (p->landing != CHAIN_LAND_STAY)
    return TRUE;
  to = chain_diagram_move (p->diagram, p->position, grain == CHAIN_GRAIN_LAYER ? CHAIN_MOVE_LAYER : CHAIN_MOVE_OPERATION, back);
  if (to == p->position)
    return train (p, back ? -1 : 1, back ? CHAIN_LAND_END : CHAIN_LAND_START);
  _chain_backprop_go (p, to, !back);
  return TRUE;
}

static void
moved_cb (gpointer data, double tween)
{
  _chain_backprop_move_to (data, tween);
}

static gboolean
advance_cb (gpointer data)
{
  ChainBackpropPage *p = data;

  return p->shown && _chain_backprop_step (p, chain_step_bar_grain (p->bar), FALSE);
}

static void
stopped_cb (gpointer data)
{
  chain_step_bar_set_playing (CHAIN_BACKPROP_PAGE (data)->bar, FALSE);
}

void
_chain_backprop_toggle (ChainBackpropPage *p)
{
  gboolean on = !chain_step_play_is_on (p->play);

  chain_step_play_set_speed (p->play, chain_step_bar_speed (p->bar), chain_step_bar_is_slow (p->bar));
  if (on)
    chain_step_play_start (p->play);
  else
    chain_step_play_stop (p->play);
  chain_step_bar_set_playing (p->bar, on);
  if (!on && p->now != NULL)
    ask (p);
}

/* Into the cell of the present event, and out of what it is part of. */
void
_chain_backprop_into (ChainBackpropPage *p, gboolean out)
{
  const ChainEventRow *e;

  if (p->diagram == NULL || p->position == 0)
    return;
  e = &g_array_index (p->diagram->events, ChainEventRow, p->position - 1);
  _chain_backprop_open_cell (p, chain_diagram_cell (p->diagram, e->cell)->id, !out);
}

void
_chain_backprop_start (ChainBackpropPage *p)
{
  static const ChainStepPlayFuncs funcs = { moved_cb, advance_cb, stopped_cb };

  p->play = chain_step_play_new (GTK_WIDGET (p), &funcs, p);
  _chain_backprop_add_maker (p);
  _chain_backprop_add_matrix (p);
  _chain_lens_start (p);
  p->probe = chain_probe_queue_new (probed_cb, p);
}

void
_chain_backprop_end (ChainBackpropPage *p)
{
  _chain_backprop_drop_matrix (p);
  _chain_backprop_drop_moves (p);
  _chain_lens_end (p);
  _chain_backprop_drop_maker (p);
  g_clear_pointer (&p->play, chain_step_play_free);
  g_clear_pointer (&p->probe, chain_probe_queue_free);
  g_clear_pointer (&p->now, chain_step_card_free);
  g_clear_pointer (&p->story, chain_story_free);
  g_clear_pointer (&p->view, chain_step_view_unref);
  g_clear_pointer (&p->diagram, chain_diagram_unref);
  g_clear_pointer (&p->trace, chain_trace_unref);
  g_clear_pointer (&p->base, chain_snapshot_unref);
  g_clear_pointer (&p->watched, g_free);
  g_clear_pointer (&p->opened, g_free);
  g_clear_pointer (&p->entry_cell, g_free);
}
