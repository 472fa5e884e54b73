/* SPDX-License-Identifier: Apache-2.0 */
/* Cells that are dragged, back and again (DESIGN 3.2). Where they were dragged is no part of the document: its steps back come after an edit of the
 * document has been taken back, and an edit forgets them. A table of offsets is never written to again, so a step back is another table. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define CELL "cell:"
#define MOST 100u

struct _ChainMoves
{
  GPtrArray *done, *undone;      /* of GHashTable * (ref), NULL: nothing was moved */
  guint      serial;             /* of the document's edits, at the last drag */
};

static void
table_unref (gpointer t)
{
  if (t != NULL)
    g_hash_table_unref (t);
}

static guint
serial_of (ChainBackpropPage *p)
{
  return chain_history_serial (chain_document_entries (chain_session_document (p->is_example && p->example != NULL ? p->example : p->session)));
}

static void
forget_old (ChainBackpropPage *p)
{
  guint now = serial_of (p);

  if (p->moves->serial == now)
    return;
  g_ptr_array_set_size (p->moves->done, 0);
  g_ptr_array_set_size (p->moves->undone, 0);
  p->moves->serial = now;
}

static gpointer
moved_now (ChainBackpropPage *p)
{
  return p->view->moved != NULL ? g_hash_table_ref (p->view->moved) : NULL;
}

static void
tell_window (ChainBackpropPage *p)
{
  gtk_widget_activate_action (GTK_WIDGET (p), "win.views-changed", NULL);
}

static void
remember (ChainBackpropPage *p)
{
  forget_old (p);
  g_ptr_array_add (p->moves->done, moved_now (p));
  g_ptr_array_set_size (p->moves->undone, 0);
  if (p->moves->done->len > MOST)
    g_ptr_array_remove_index (p->moves->done, 0);
  tell_window (p);
}

/* moved: (transfer full). */
static void
set_moved (ChainBackpropPage *p, GHashTable *moved)
{
  ChainStepView *v = chain_step_view_copy (p->view);

  g_clear_pointer (&v->moved, g_hash_table_unref);
  v->moved = moved;
  chain_step_view_unref (p->view);
  p->view = v;
  _chain_backprop_redraw (p);
  tell_window (p);
}

static gboolean
has_move (ChainBackpropPage *p, gboolean redo)
{
  forget_old (p);
  return (redo ? p->moves->undone : p->moves->done)->len > 0;
}

/* The example is a document of this page alone: the window knows nothing of its edits. */
const char *
_chain_backprop_undo_label (ChainBackpropPage *p, gboolean redo)
{
  ChainDocument *d = p->is_example && p->example != NULL ? chain_session_document (p->example) : NULL;

  if (p->view == NULL)
    return NULL;
  if (has_move (p, redo))
    return _("Move a node");
  return d == NULL ? NULL : redo ? chain_document_redo_label (d) : chain_document_undo_label (d);
}

gboolean
_chain_backprop_undo (ChainBackpropPage *p, gboolean redo)
{
  GPtrArray *from = redo ? p->moves->undone : p->moves->done, *to = redo ? p->moves->done : p->moves->undone;

  if (_chain_backprop_undo_label (p, redo) == NULL)
    return FALSE;
  if (!has_move (p, redo))
    {
      if (!(redo ? chain_session_redo (p->example) : chain_session_undo (p->example)))
        return FALSE;
      chain_pump_kick (p->pump);
      tell_window (p);
      return TRUE;
    }
  g_ptr_array_add (to, moved_now (p));
  set_moved (p, g_ptr_array_steal_index (from, from->len - 1));
  return TRUE;
}

void
_chain_backprop_lay_out (ChainBackpropPage *p)
{
  if (p->view == NULL || p->view->moved == NULL)
    return;
  remember (p);
  set_moved (p, NULL);
}

static const char *
cell_id (const char *element)
{
  return element != NULL && g_str_has_prefix (element, CELL) ? element + strlen (CELL) : NULL;
}

static void
drag_begin_cb (GtkGestureDrag *drag, double x, double y, ChainBackpropPage *p)
{
  gboolean pan = (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (drag)) & GDK_CONTROL_MASK) != 0;
  const char *id = pan ? NULL : cell_id (chain_canvas_pick (p->canvas, x, y));

  _chain_backprop_pressed (p);
  g_free (p->dragged);
  p->dragged = g_strdup (id);
  p->drag_x = p->drag_y = 0;
  if (id == NULL)
    gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_DENIED);
}

static void
drag_update_cb (GtkGestureDrag *drag, double dx, double dy, ChainBackpropPage *p)
{
  double zoom = _chain_lens_scale (p) * chain_canvas_theme (p->canvas)->scale;
  ChainStepView *v;

  if (p->dragged == NULL || p->view == NULL || zoom <= 0 || (hypot (dx, dy) < 6 && p->drag_x == 0 && p->drag_y == 0))
    return;
  gtk_gesture_set_state (GTK_GESTURE (drag), GTK_EVENT_SEQUENCE_CLAIMED);
  if (p->drag_x == 0 && p->drag_y == 0)      /* a whole drag is one step back */
    remember (p);
  v = chain_step_view_copy (p->view);
  chain_step_view_move (v, p->dragged, (dx - p->drag_x) / zoom, (dy - p->drag_y) / zoom);
  chain_step_view_unref (p->view);
  p->view = v;
  p->drag_x = dx;
  p->drag_y = dy;
  _chain_backprop_redraw (p);
}

static void
drag_end_cb (GtkGestureDrag *drag, double dx, double dy, ChainBackpropPage *p)
{
  g_autofree char *id = g_steal_pointer (&p->dragged);

  if (id != NULL && p->drag_x == 0 && p->drag_y == 0)
    _chain_backprop_clicked (p, id);
}

void
_chain_backprop_add_moves (ChainBackpropPage *p)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  p->moves = g_new0 (ChainMoves, 1);
  p->moves->done = g_ptr_array_new_with_free_func (table_unref);
  p->moves->undone = g_ptr_array_new_with_free_func (table_unref);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (drag), GTK_PHASE_CAPTURE);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), p);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), p);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), p);
  gtk_widget_add_controller (GTK_WIDGET (p->canvas), GTK_EVENT_CONTROLLER (drag));
}

void
_chain_backprop_drop_moves (ChainBackpropPage *p)
{
  g_ptr_array_unref (p->moves->done);
  g_ptr_array_unref (p->moves->undone);
  g_clear_pointer (&p->moves, g_free);
}
