/* SPDX-License-Identifier: Apache-2.0 */
/* The heat map over the picture (DESIGN 3.2): it opens beside a matrix on which the pointer rests, or by M for the matrix that has the focus, follows
 * the position, and goes when the pointer has left both. The entry that is clicked, or chosen with Enter, is the entry in view: the one number of the
 * matrix that the card speaks of. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <math.h>
#include <string.h>

#include "app/picture/step-heat.h"
#include "ui/canvas/theme.h"

#define OPEN_MS 350u       /* the pointer only passes */
#define SWITCH_MS 120u
#define CLOSE_MS 350u      /* on its way from the cell to the map */
#define GAP 10
#define MARGIN 8
#define LEAST_SCALE 0.55
#define CELL "cell:"

struct _ChainMatrixCard
{
  ChainBackpropPage *page;
  GtkWidget         *frame, *area;
  ChainStepHeat     *heat;        /* NULL: closed */
  ChainTheme         theme;       /* it was made for */
  char              *cell;        /* id */
  char              *next;        /* to be opened when the timer ends; NULL: to be closed */
  gint64             row, col;    /* pointed at; −1 */
  gboolean           inside, pinned;
  guint              timer;
};

static gboolean
is_open (const ChainMatrixCard *m)
{
  return m->heat != NULL;
}

static void
close_card (ChainMatrixCard *m)
{
  g_clear_handle_id (&m->timer, g_source_remove);
  g_clear_pointer (&m->next, g_free);
  g_clear_pointer (&m->cell, g_free);
  g_clear_pointer (&m->heat, chain_step_heat_free);
  m->inside = m->pinned = FALSE;
  m->row = m->col = -1;
  gtk_widget_set_visible (m->frame, FALSE);
}

static double
overlap (const graphene_rect_t *at, double x, double y, double w, double h)
{
  double dx = MIN (at->origin.x + at->size.width, x + w) - MAX (at->origin.x, x), dy = MIN (at->origin.y + at->size.height, y + h) - MAX (at->origin.y, y);

  return dx > 0 && dy > 0 ? dx * dy : 0;
}

/* Right of the cell, left of it, under it or over it: where it covers least of it. */
static void
place (ChainMatrixCard *m, const graphene_rect_t *at)
{
  double w = ceil (m->heat->width), h = ceil (m->heat->height), best = HUGE_VAL, best_x = 0, best_y = 0;
  double most_x = gtk_widget_get_width (m->page->overlay) - w - MARGIN, most_y = gtk_widget_get_height (m->page->overlay) - h - MARGIN;
  double middle_x = at->origin.x + (at->size.width - w) / 2, middle_y = at->origin.y + (at->size.height - h) / 2;
  const double to[][2] = { { at->origin.x + at->size.width + GAP, middle_y }, { at->origin.x - w - GAP, middle_y }, { middle_x, at->origin.y + at->size.height + GAP },
                           { middle_x, at->origin.y - h - GAP } };

  for (guint i = 0; i < G_N_ELEMENTS (to); i++)
    {
      double x = MAX (MIN (to[i][0], most_x), MARGIN), y = MAX (MIN (to[i][1], most_y), MARGIN), covers = overlap (at, x, y, w, h);

      if (covers >= best)
        continue;
      best = covers;
      best_x = x;
      best_y = y;
    }
  gtk_widget_set_margin_start (m->frame, (int) best_x);
  gtk_widget_set_margin_top (m->frame, (int) best_y);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (m->area), (int) w);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (m->area), (int) h);
}

/* As large as its numbers want, smaller in a small window. */
static ChainStepHeat *
make_heat (ChainMatrixCard *m, guint cell)
{
  ChainBackpropPage *p = m->page;
  ChainStepHeat *h;
  double room;

  chain_theme_follow (&m->theme, p->text_size > 0 ? p->text_size : 1);
  h = chain_step_heat_new (p->view, cell, &m->theme);
  if (h == NULL)
    return NULL;
  room = MIN ((gtk_widget_get_width (p->overlay) - 2 * MARGIN) / h->width, (gtk_widget_get_height (p->overlay) - 2 * MARGIN) / h->height);
  if (room >= 1)
    return h;
  m->theme.scale *= MAX (room, LEAST_SCALE);
  chain_step_heat_free (h);
  return chain_step_heat_new (p->view, cell, &m->theme);
}

static void
say (ChainMatrixCard *m)
{
  g_autofree char *text = chain_step_heat_text (m->heat), *entry = m->row >= 0 ? chain_step_heat_entry (m->heat, m->row, m->col) : g_strdup ("");

  gtk_accessible_update_property (GTK_ACCESSIBLE (m->area), GTK_ACCESSIBLE_PROPERTY_LABEL, text, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, entry, -1);
}

static gboolean
open_card (ChainMatrixCard *m, const char *cell)
{
  ChainBackpropPage *p = m->page;
  g_autofree char *id = g_strdup (cell), *element = g_strconcat (CELL, cell, NULL);
  guint i = p->diagram != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (p->diagram->by_id, id)) : 0;
  ChainStepHeat *heat = i > 0 && p->view != NULL ? make_heat (m, i - 1) : NULL;
  graphene_rect_t at;

  if (heat == NULL || !chain_canvas_bounds (p->canvas, element, &at))
    {
      g_clear_pointer (&heat, chain_step_heat_free);
      return FALSE;
    }
  close_card (m);
  m->heat = heat;
  m->cell = g_steal_pointer (&id);
  place (m, &at);
  say (m);
  gtk_widget_set_visible (m->frame, TRUE);
  gtk_widget_queue_draw (m->area);
  return TRUE;
}

static gboolean
timer_cb (gpointer data)
{
  ChainMatrixCard *m = data;
  g_autofree char *next = g_steal_pointer (&m->next);

  m->timer = 0;
  if (next == NULL || !open_card (m, next))
    close_card (m);
  return G_SOURCE_REMOVE;
}

/* next: cell; NULL: close. */
static void
schedule (ChainMatrixCard *m, const char *next)
{
  g_clear_handle_id (&m->timer, g_source_remove);
  g_free (m->next);
  m->next = g_strdup (next);
  m->timer = g_timeout_add (next == NULL ? CLOSE_MS : is_open (m) ? SWITCH_MS : OPEN_MS, timer_cb, m);
}

static const char *
matrix_of (ChainBackpropPage *p, const char *element)
{
  const ChainCell *c = element != NULL && g_str_has_prefix (element, CELL) && p->diagram != NULL ? chain_diagram_find (p->diagram, element + strlen (CELL)) : NULL;

  return c != NULL && (c->row < 0 || c->col < 0) ? c->id : NULL;
}

static void
hovered_cb (ChainMatrixCard *m, const char *element)
{
  const char *cell = matrix_of (m->page, element);

  if (m->pinned || m->inside || m->page->dragged != NULL)
    return;
  if (cell != NULL && g_strcmp0 (cell, m->cell) == 0)
    g_clear_handle_id (&m->timer, g_source_remove);
  else if (cell != NULL || is_open (m) || m->timer != 0)
    schedule (m, cell);
}

/* --- on the map --- */

static void
point_at (ChainMatrixCard *m, gint64 row, gint64 col)
{
  if (m->row == row && m->col == col)
    return;
  m->row = row;
  m->col = col;
  gtk_widget_queue_draw (m->area);
  say (m);
}

static void
motion_cb (ChainMatrixCard *m, double x, double y)
{
  gint64 row = -1, col = -1;

  m->inside = TRUE;
  g_clear_handle_id (&m->timer, g_source_remove);
  if (m->heat != NULL)
    chain_step_heat_hit (m->heat, x, y, &row, &col);
  point_at (m, row, col);
}

static void
leave_cb (ChainMatrixCard *m)
{
  m->inside = FALSE;
  if (is_open (m) && !m->pinned)
    schedule (m, NULL);
}

static void
choose (ChainMatrixCard *m)
{
  if (m->heat != NULL && m->row >= 0)
    _chain_backprop_choose_entry (m->page, m->cell, m->row, m->col);
}

static void
click_cb (ChainMatrixCard *m, int n, double x, double y)
{
  motion_cb (m, x, y);
  choose (m);
}

static gboolean
move (ChainMatrixCard *m, int down, int right)
{
  const ChainStepHeat *h = m->heat;

  if (m->row < 0)
    point_at (m, h->row, h->col);
  else
    point_at (m, CLAMP (m->row + down, h->row, h->row + h->rows - 1), CLAMP (m->col + right, h->col, h->col + h->cols - 1));
  return TRUE;
}

static gboolean
key_cb (GtkEventControllerKey *key, guint keyval, guint keycode, GdkModifierType state, ChainMatrixCard *m)
{
  if (!is_open (m) || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Left: return move (m, 0, -1);
    case GDK_KEY_Right: return move (m, 0, 1);
    case GDK_KEY_Up: return move (m, -1, 0);
    case GDK_KEY_Down: return move (m, 1, 0);
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_space:
      choose (m);
      return TRUE;
    case GDK_KEY_Escape:
      {
        g_autofree char *element = g_strconcat (CELL, m->cell, NULL);

        close_card (m);
        if (!chain_canvas_focus_element (m->page->canvas, element))
          gtk_widget_grab_focus (GTK_WIDGET (m->page->canvas));
        return TRUE;
      }
    default: return FALSE;
    }
}

static void
focus_out_cb (ChainMatrixCard *m)
{
  m->pinned = FALSE;
  if (is_open (m) && !m->inside)
    schedule (m, NULL);
}

static void
draw_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  ChainMatrixCard *m = data;
  ChainBackpropPage *p = m->page;
  gboolean chosen = g_strcmp0 (p->entry_cell, m->cell) == 0;

  if (m->heat != NULL)
    chain_step_heat_draw (cr, m->heat, &m->theme, m->row, m->col, chosen ? p->entry_row : -1, chosen ? p->entry_col : -1);
}

/* --- what the page calls --- */

void
_chain_backprop_add_matrix (ChainBackpropPage *p)
{
  ChainMatrixCard *m = p->matrix = g_new0 (ChainMatrixCard, 1);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new (), *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  m->page = p;
  m->row = m->col = -1;
  m->frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  m->area = gtk_drawing_area_new ();
  gtk_widget_set_focusable (m->area, TRUE);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (m->area), draw_cb, m, NULL);
  gtk_box_append (GTK_BOX (m->frame), m->area);
  gtk_widget_set_halign (m->frame, GTK_ALIGN_START);
  gtk_widget_set_valign (m->frame, GTK_ALIGN_START);
  gtk_widget_add_css_class (m->frame, "matrix-card");
  gtk_widget_set_visible (m->frame, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (p->overlay), m->frame);
  g_signal_connect_swapped (motion, "enter", G_CALLBACK (motion_cb), m);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), m);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), m);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (click_cb), m);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_cb), m);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (focus_out_cb), m);
  gtk_widget_add_controller (m->area, motion);
  gtk_widget_add_controller (m->area, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (m->area, key);
  gtk_widget_add_controller (m->area, focus);
  g_signal_connect_swapped (p->canvas, "hovered", G_CALLBACK (hovered_cb), m);
}

void
_chain_backprop_drop_matrix (ChainBackpropPage *p)
{
  ChainMatrixCard *m = g_steal_pointer (&p->matrix);

  g_signal_handlers_disconnect_by_data (p->canvas, m);
  close_card (m);
  gtk_overlay_remove_overlay (GTK_OVERLAY (p->overlay), m->frame);
  g_free (m);
}

/* Another position, or other numbers. */
void
_chain_backprop_refresh_matrix (ChainBackpropPage *p)
{
  ChainMatrixCard *m = p->matrix;
  g_autofree char *cell = NULL;
  gboolean pinned, inside;
  gint64 row, col;

  if (m == NULL || !is_open (m) || (m->heat->view->position == p->view->position && m->heat->view->trace == p->view->trace))
    {
      if (m != NULL && is_open (m))
        gtk_widget_queue_draw (m->area);
      return;
    }
  if (!m->pinned && !m->inside)      /* who steps looks at the graph; the pointer brings it back */
    {
      close_card (m);
      return;
    }
  cell = g_strdup (m->cell);
  pinned = m->pinned;
  inside = m->inside;
  row = m->row;
  col = m->col;
  if (!open_card (m, cell))
    {
      close_card (m);
      return;
    }
  m->pinned = pinned;
  m->inside = inside;
  point_at (m, row, col);
}

/* The cell with the focus, else the one that the present step is about. */
gboolean
_chain_backprop_show_matrix (ChainBackpropPage *p)
{
  const char *cell = matrix_of (p, chain_canvas_focused (p->canvas));
  ChainMatrixCard *m = p->matrix;

  if (cell == NULL && p->diagram != NULL && p->position > 0)
    {
      const ChainCell *c = chain_diagram_cell (p->diagram, g_array_index (p->diagram->events, ChainEventRow, p->position - 1).cell);

      cell = c->row < 0 || c->col < 0 ? c->id : NULL;
    }
  if (cell == NULL || !open_card (m, cell))
    return FALSE;
  m->pinned = TRUE;
  if (g_strcmp0 (p->entry_cell, m->cell) == 0)
    point_at (m, p->entry_row, p->entry_col);
  gtk_widget_grab_focus (m->area);
  return TRUE;
}

ChainStepHeat *
chain_backprop_page_matrix (ChainBackpropPage *p)
{
  return p->matrix != NULL ? p->matrix->heat : NULL;
}

void
_chain_backprop_choose_entry (ChainBackpropPage *p, const char *cell, gint64 row, gint64 col)
{
  if (g_strcmp0 (p->entry_cell, cell) == 0 && p->entry_row == row && p->entry_col == col)
    return;
  g_free (p->entry_cell);
  p->entry_cell = g_strdup (cell);
  p->entry_row = row;
  p->entry_col = col;
  if (p->diagram != NULL)
    _chain_backprop_go (p, p->position, FALSE);
}
