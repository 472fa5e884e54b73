/* SPDX-License-Identifier: Apache-2.0 */
/* One weight by hand: the wheel over a selected one, + − and ↑ ↓, and Alt with a vertical drag (drag.c). A step is 0.05, with Shift 0.005; what
 * comes within half a second is one entry of the history. Numbers on screen lag behind keys by a frame or two, so steps add up from here. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "ui/canvas/report.h"

#define STEP 0.05
#define FINE 0.005
#define FRESH_US (G_USEC_PER_SEC / 2)

static gboolean
same_entry (const ChainElementRef *a, const ChainElementRef *b)
{
  return g_str_equal (a->tensor, b->tensor) && a->row == b->row && a->col == b->col;
}

gboolean
_chain_build_weight_value (ChainBuild *b, const ChainElementRef *ref, double *value)
{
  const ChainSnapTensor *t;
  guint row, col;

  if (same_entry (ref, &b->nudged) && g_get_monotonic_time () - b->nudged_at < FRESH_US && !chain_session_is_playing (b->session))
    {
      *value = b->nudged_to;
      return TRUE;
    }
  t = chain_element_tensor (chain_session_snapshot (b->session), ref, &row, &col);
  if (t == NULL)
    return FALSE;
  *value = (double) t->value[(gsize) row * t->cols + col];
  return TRUE;
}

void
_chain_build_set_weight (ChainBuild *b, const ChainElementRef *ref, double value)
{
  GError *error = NULL;

  if (chain_session_set_weight (b->session, ref->tensor, ref->is_weight ? ref->row : 0, ref->is_weight ? ref->col : ref->row, value, &error))
    {
      b->nudged = *ref;
      b->nudged_to = value;
      b->nudged_at = g_get_monotonic_time ();
    }
  chain_report (b->session, error);
}

/* To a whole number of steps, as a spin button does: 0.237 goes to 0.25, then 0.3. */
gboolean
_chain_build_nudge (ChainBuild *b, const ChainSubject *s, int steps, gboolean fine)
{
  double step = fine ? FINE : STEP, value;

  if (s->kind != CHAIN_SUBJECT_WEIGHT || !_chain_build_weight_value (b, &s->ref, &value) || !isfinite (value))
    return FALSE;
  value = steps > 0 ? floor (value / step + 1e-6) + steps : ceil (value / step - 1e-6) + steps;
  value *= step;
  _chain_build_set_weight (b, &s->ref, fabs (value) < step / 100 ? 0 : value);
  return TRUE;
}

/* Over anything else the wheel zooms. */
static gboolean
scroll_cb (GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
  ChainBuild *b = data;
  const char *selected = chain_canvas_selected (b->canvas), *hovered = chain_canvas_hovered (b->canvas);
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (scroll));
  double by = fabs (dy) > fabs (dx) ? dy : dx;         /* Shift turns the wheel sideways */
  ChainSubject s;

  if (selected == NULL || g_strcmp0 (selected, hovered) != 0 || !_chain_build_subject (b, selected, &s) || s.kind != CHAIN_SUBJECT_WEIGHT)
    return FALSE;
  if (fabs (by) < 1e-9)
    return FALSE;
  return _chain_build_nudge (b, &s, by < 0 ? 1 : -1, (state & GDK_SHIFT_MASK) != 0);
}

void
_chain_build_add_weight (ChainBuild *b)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);

  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), b);
  gtk_widget_add_controller (GTK_WIDGET (b->canvas), scroll);
}
