/* SPDX-License-Identifier: Apache-2.0 */
/* What of the graph is seen, and how finely (DESIGN 3.2, 4.8). Zooming in past a threshold opens what is under the pointer, a layer into units, a unit
 * into operations, and zooming out folds it again, further out than it was opened, so that nothing flickers. The size of a symbol and the
 * place under the pointer stay as they are; cells move from their old places to the new ones.
 *
 * Scale: pixels that a unit of DESIGN 4.7 has, at text size 1, so that 1 is the size at which text was designed. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define LARGEST_NODE 4.0     /* times its natural size, at the largest zoom */
#define LEAST_MOST 4.0       /* times the fitted picture */
#define MORPH_US 200000
#define FEW 400u               /* cells that can move */
#define OPENS_WITH 0.9         /* scale, where the whole picture cannot be read */
#define LOW 280.0              /* px */
#define READABLE (7 / 10.5)
#define NEAR 220.0             /* px: what is opened when nothing lies under the pointer */

enum { LAYER, UNIT, PART, N_LEVELS };
static const double open_at[N_LEVELS] = { 1.4, 2.1, 3.0 }, fold_at[N_LEVELS] = { 1.15, 1.75, 2.5 };

static int
level_of (const char *id)
{
  return strchr (id, '/') != NULL || g_str_equal (id, "loss") ? PART : strchr (id, ':') != NULL ? UNIT : LAYER;
}

gboolean
_chain_lens_is_animated (void)
{
  gboolean on = TRUE;

  g_object_get (gtk_settings_get_default (), "gtk-enable-animations", &on, NULL);
  return on;
}

static double
ease (double t)
{
  return t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
}

/* Centres of all cells in the canvas, under its zoom; *scale. FALSE: it has no size yet. (transfer full) (nullable) */
ChainStepPoint *
_chain_lens_map_cells (ChainBackpropPage *p, double *scale)
{
  int w = gtk_widget_get_width (GTK_WIDGET (p->canvas)), h = gtk_widget_get_height (GTK_WIDGET (p->canvas));
  ChainStepPoint *at;
  double zoom, x, y;

  if (p->view == NULL || w < 1 || h < 1)
    return NULL;
  at = g_new (ChainStepPoint, p->view->diagram->cells->len + 1);
  if (!chain_step_view_map (p->view, chain_canvas_theme (p->canvas), w, h, at, scale))
    {
      g_free (at);
      return NULL;
    }
  chain_canvas_camera (p->canvas, &zoom, &x, &y);
  for (guint i = 0; i < p->view->diagram->cells->len; i++)
    at[i] = (ChainStepPoint){ at[i].x * zoom + x, at[i].y * zoom + y };
  *scale *= zoom;
  return at;
}

/* Asked for with every picture: of one layout in one canvas it is found once. */
double
_chain_lens_scale (ChainBackpropPage *p)
{
  ChainLens *l = &p->lens;
  const ChainTheme *t = chain_canvas_theme (p->canvas);
  int w = gtk_widget_get_width (GTK_WIDGET (p->canvas)), h = gtk_widget_get_height (GTK_WIDGET (p->canvas));
  double zoom, x, y;

  if (p->view == NULL || w < 1 || h < 1)
    return 0;
  if (l->of != p->view->places || l->of_w != w || l->of_h != h || fabs (l->of_text - t->scale) > 0)
    {
      l->of = NULL;
      if (!chain_step_view_map (p->view, t, w, h, NULL, &l->fit))
        return 0;
      l->of = p->view->places;
      l->of_w = w;
      l->of_h = h;
      l->of_text = t->scale;
    }
  chain_canvas_camera (p->canvas, &zoom, &x, &y);
  return l->fit * zoom / t->scale;
}

/* --- moving --- */

static gboolean
tick_cb (GtkWidget *canvas, GdkFrameClock *clock, gpointer data)
{
  ChainBackpropPage *p = data;
  ChainLens *l = &p->lens;
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  double t = CLAMP ((double) (now - l->glide_began) / CHAIN_GLIDE_US, 0, 1), zoom, x, y;

  if (l->glides)
    {
      chain_canvas_camera (p->canvas, &zoom, &x, &y);
      chain_canvas_set_camera (p->canvas, zoom, l->from_x + (l->to_x - l->from_x) * ease (t), l->from_y + (l->to_y - l->from_y) * ease (t));
      l->glides = t < 1;
    }
  if (l->offsets != NULL)
    {
      l->share = 1 - ease (CLAMP ((double) (now - l->morph_began) / MORPH_US, 0, 1));
      if (l->share <= 0)
        g_clear_pointer (&l->offsets, g_hash_table_unref);
      _chain_backprop_redraw (p);
    }
  if (l->glides || l->offsets != NULL)
    return G_SOURCE_CONTINUE;
  l->tick = 0;
  return G_SOURCE_REMOVE;
}

gint64
_chain_lens_begin_tick (ChainBackpropPage *p)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (p->canvas));

  if (p->lens.tick == 0)
    p->lens.tick = gtk_widget_add_tick_callback (GTK_WIDGET (p->canvas), tick_cb, p, NULL);
  return clock != NULL ? gdk_frame_clock_get_frame_time (clock) : g_get_monotonic_time ();
}

/* An unpublished view gets the places between the old and the new ones. */
void
_chain_lens_apply (ChainBackpropPage *p, ChainStepView *v)
{
  ChainLens *l = &p->lens;
  GHashTable *between;
  GHashTableIter iter;
  gpointer key, value;

  if (l->offsets == NULL)
    return;
  between = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, l->offsets);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const ChainStepOffset *off = value, *own = v->moved != NULL ? g_hash_table_lookup (v->moved, key) : NULL;
      ChainStepOffset sum = { off->dx * l->share + (own != NULL ? own->dx : 0), off->dy * l->share + (own != NULL ? own->dy : 0) };

      g_hash_table_insert (between, g_strdup (key), g_memdup2 (&sum, sizeof sum));
    }
  g_clear_pointer (&v->moved, g_hash_table_unref);
  v->moved = between;
}

/* --- another diagram --- */

/* Before a cell is opened or folded: where all are now. */
void
_chain_lens_begin (ChainBackpropPage *p, const char *whole)
{
  ChainLens *l = &p->lens;
  double zoom, x, y;
  g_autofree ChainStepPoint *at = _chain_lens_map_cells (p, &l->scale);

  g_clear_pointer (&l->old, g_hash_table_unref);
  if (at == NULL)
    return;
  g_free (l->whole);
  l->whole = g_strdup (whole);
  chain_canvas_camera (p->canvas, &zoom, &x, &y);
  l->fitted = fabs (zoom - 1) < 1e-6 && fabs (x) + fabs (y) < 0.5;
  l->old = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < p->view->diagram->cells->len; i++)
    g_hash_table_insert (l->old, g_strdup (chain_diagram_cell (p->view->diagram, i)->id), g_memdup2 (&at[i], sizeof *at));
}

/* "d1:3" and "d1/z:3" are of "d1"; of a unit "d1:3" everything of its layer that ends alike is. */
static gboolean
is_of (const char *id, const char *whole)
{
  gsize n = strlen (whole);
  const char *unit = strchr (whole, ':');

  if (g_str_equal (id, whole) || (g_str_has_prefix (id, whole) && (id[n] == ':' || id[n] == '/')))
    return TRUE;
  return unit != NULL && strchr (whole, '/') == NULL && strncmp (id, whole, (gsize) (unit - whole)) == 0 && id[unit - whole] == '/'
         && (g_str_has_suffix (id, unit) || strstr (id, ":×") != NULL) && strstr (id, unit) != NULL;
}

static void
add_point (ChainStepPoint *sum, guint *n, const ChainStepPoint *at)
{
  sum->x += at->x;
  sum->y += at->y;
  *n += 1;
}

/* The parts of a unit are far apart: one of them stands where the unit stood. */
static ChainStepPoint
nearest (ChainBackpropPage *p, const ChainStepPoint *at, ChainStepPoint middle)
{
  const ChainDiagram *d = p->view->diagram;
  ChainStepPoint best = middle;
  double least = HUGE_VAL;

  for (guint i = 0; i < d->cells->len; i++)
    if (is_of (chain_diagram_cell (d, i)->id, p->lens.whole) && hypot (at[i].x - middle.x, at[i].y - middle.y) < least)
      {
        least = hypot (at[i].x - middle.x, at[i].y - middle.y);
        best = at[i];
      }
  return best;
}

/* Middles of the cells of what was opened or folded, now and then. */
static gboolean
find_anchor (ChainBackpropPage *p, const ChainStepPoint *at, ChainStepPoint *come, ChainStepPoint *gone)
{
  const ChainDiagram *d = p->view->diagram;
  guint n = 0, m = 0;
  GHashTableIter iter;
  gpointer key, value;

  *come = *gone = (ChainStepPoint){ 0, 0 };
  for (guint i = 0; i < d->cells->len; i++)
    if (is_of (chain_diagram_cell (d, i)->id, p->lens.whole))
      add_point (come, &n, &at[i]);
  g_hash_table_iter_init (&iter, p->lens.old);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (is_of (key, p->lens.whole))
      add_point (gone, &m, value);
  if (n == 0 || m == 0)
    return FALSE;
  *come = (ChainStepPoint){ come->x / n, come->y / n };
  if (level_of (p->lens.whole) != LAYER)
    *come = nearest (p, at, *come);
  *gone = (ChainStepPoint){ gone->x / m, gone->y / m };
  return TRUE;
}

/* Of a cell or of what it was part of. */
static const ChainStepPoint *
old_place (const ChainLens *l, const char *id)
{
  g_autofree char *part = g_strdup (id);

  for (;;)
    {
      const ChainStepPoint *at = g_hash_table_lookup (l->old, part);
      char *cut = part + strlen (part);

      if (at != NULL)
        return at;
      while (cut > part && *cut != ':' && *cut != '/')
        cut--;
      if (cut == part)
        return NULL;
      *cut = '\0';
    }
}

/* at: on the canvas, under the camera that is set now. */
static void
begin_morph (ChainBackpropPage *p, const ChainStepPoint *at, ChainStepPoint gone, double scale)
{
  ChainLens *l = &p->lens;
  const ChainDiagram *d = p->view->diagram;

  g_clear_pointer (&l->offsets, g_hash_table_unref);
  if (!_chain_lens_is_animated () || d->cells->len > FEW)
    return;
  l->offsets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainStepPoint *o = old_place (l, chain_diagram_cell (d, i)->id);
      ChainStepOffset off = { ((o != NULL ? o->x : gone.x) - at[i].x) / scale, ((o != NULL ? o->y : gone.y) - at[i].y) / scale };

      g_hash_table_insert (l->offsets, g_strdup (chain_diagram_cell (d, i)->id), g_memdup2 (&off, sizeof off));
    }
  l->share = 1;
  l->morph_began = _chain_lens_begin_tick (p);
}

/* Same scale, and what has been opened stands where it stood folded. */
static void
keep_place (ChainBackpropPage *p)
{
  ChainLens *l = &p->lens;
  double scale, zoom, x, y;
  g_autofree ChainStepPoint *at = _chain_lens_map_cells (p, &scale), *then = NULL;
  ChainStepPoint come, gone;

  if (at == NULL || !find_anchor (p, at, &come, &gone))
    return;
  if (!l->fitted)
    {
      chain_canvas_camera (p->canvas, &zoom, &x, &y);
      come = (ChainStepPoint){ (come.x - x) / zoom, (come.y - y) / zoom };
      zoom *= l->scale / scale;
      chain_canvas_set_camera (p->canvas, zoom, gone.x - come.x * zoom, gone.y - come.y * zoom);
    }
  l->glides = FALSE;
  l->holds = TRUE;
  then = _chain_lens_map_cells (p, &scale);
  begin_morph (p, then, gone, scale);
  l->at_once = TRUE;
}

static void
show_partly (ChainBackpropPage *p)
{
  g_auto (GStrv) ids = g_strsplit (p->opened != NULL ? p->opened : "", " ", -1);
  int finest = -1;

  for (guint i = 0; ids[i] != NULL; i++)
    if (*ids[i] != '\0')
      finest = level_of (ids[i]) == LAYER && finest < 0 ? CHAIN_DETAIL_UNITS : level_of (ids[i]) == LAYER ? finest : CHAIN_DETAIL_OPERATIONS;
  chain_step_fields_set_partly (p->fields, finest);
}

/* A network that cannot be read as a whole opens where it begins. */
static void
open_readable (ChainBackpropPage *p)
{
  double scale = _chain_lens_scale (p);

  if (scale <= 0)
    return;
  p->lens.fresh = FALSE;
  if (scale < READABLE && p->diagram->detail != CHAIN_DETAIL_NODES)      /* the whole graph is an overview */
    {
      chain_canvas_set_camera (p->canvas, OPENS_WITH / scale, 0, 0);
      _chain_lens_follow (p, FALSE);
    }
}

/* The view on screen is of another diagram now. */
void
_chain_lens_made (ChainBackpropPage *p, gboolean first)
{
  ChainLens *l = &p->lens;

  l->of = NULL;      /* its memory may be another's now */
  if (first || l->fresh)
    {
      chain_canvas_set_camera (p->canvas, 1, 0, 0);
      l->fresh = TRUE;
    }
  else if (l->old != NULL)
    keep_place (p);
  g_clear_pointer (&l->old, g_hash_table_unref);
  if (l->fresh)
    open_readable (p);
  show_partly (p);
}

/* --- detail by zoom --- */

static gboolean
is_listed (const char *list, const char *id)
{
  g_autofree char *padded = g_strconcat (" ", list != NULL ? list : "", NULL), *wanted = g_strdup_printf (" %s ", id);

  return strstr (padded, wanted) != NULL;
}

/* Under the pointer, or the nearest one that can be opened. */
static const ChainCell *
cell_near (ChainBackpropPage *p, double x, double y)
{
  double scale, best = NEAR;
  g_autofree ChainStepPoint *at = _chain_lens_map_cells (p, &scale);
  const ChainCell *found = NULL;

  for (guint i = 0; at != NULL && i < p->diagram->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (p->diagram, i);
      double away = hypot (at[i].x - x, at[i].y - y);

      if (c->n_opened > 0 && away < best && !is_listed (p->opened, c->id))
        {
          best = away;
          found = c;
        }
    }
  return found;
}

static gboolean
open_near (ChainBackpropPage *p, double x, double y, double scale)
{
  const ChainCell *c = cell_near (p, x, y);
  g_autofree char *id = NULL, *was = NULL;

  if (c == NULL || scale < open_at[level_of (c->id)])
    return FALSE;
  id = g_strdup (c->id);
  was = g_steal_pointer (&p->lens.by_zoom);
  p->lens.by_zoom = g_strdup_printf ("%s%s ", was != NULL ? was : "", id);
  return _chain_backprop_open_cell (p, id, TRUE);
}

/* What was opened by zooming; what a person has opened stays. */
static gboolean
fold_far (ChainBackpropPage *p, double scale)
{
  g_auto (GStrv) ids = g_strsplit (p->opened != NULL ? p->opened : "", " ", -1);
  GString *stay = g_string_new (NULL);
  const char *folds = NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    if (*ids[i] != '\0' && is_listed (p->lens.by_zoom, ids[i]) && scale < fold_at[level_of (ids[i])])
      folds = folds == NULL || strlen (ids[i]) < strlen (folds) ? ids[i] : folds;
    else if (*ids[i] != '\0')
      g_string_append_printf (stay, "%s ", ids[i]);
  if (folds != NULL)
    {
      _chain_lens_begin (p, folds);
      p->lens.fitted = FALSE;
      g_free (p->opened);
      p->opened = g_strdup (stay->str);
      _chain_backprop_remake (p);
    }
  g_string_free (stay, TRUE);
  return folds != NULL;
}

static void
tell_scale (ChainBackpropPage *p)
{
  g_autofree char *text = g_strdup_printf ("%d %%", (int) lrint (100 * _chain_lens_scale (p)));
  double zoom, x, y;

  chain_canvas_camera (p->canvas, &zoom, &x, &y);      /* a low canvas has no corner to spare while everything is seen */
  gtk_widget_set_visible (gtk_widget_get_parent (p->lens.percent),
                          gtk_widget_get_height (GTK_WIDGET (p->canvas)) >= LOW * chain_canvas_theme (p->canvas)->scale || fabs (zoom - 1) + fabs (x) + fabs (y) > 1e-6);
  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (p->lens.percent)), text) == 0)
    return;
  gtk_button_set_label (GTK_BUTTON (p->lens.percent), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (p->lens.percent), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Zoom to full size"), -1);
}

static void
zoomed_cb (ChainBackpropPage *p, double x, double y)
{
  double scale = _chain_lens_scale (p);

  p->lens.glides = FALSE;
  if (p->diagram == NULL || scale <= 0 || chain_step_maker_busy (p->maker))
    return;
  if (scale > p->lens.last)
    open_near (p, x, y, scale);
  else
    fold_far (p, scale);
  p->lens.last = scale;
  tell_scale (p);
}

static void
panned_cb (ChainBackpropPage *p)
{
  p->lens.glides = FALSE;
}

static void
laid_out_cb (ChainBackpropPage *p)
{
  if (p->lens.fresh && p->view != NULL)
    open_readable (p);
  p->lens.last = _chain_lens_scale (p);
  if (p->lens.last > 0)      /* of the largest graph, too, a node can be read */
    chain_canvas_set_max_zoom (p->canvas, MAX (LEAST_MOST, LARGEST_NODE * chain_canvas_zoom_level (p->canvas) / p->lens.last));
  tell_scale (p);
}

/* --- controls --- */

static void
natural_cb (ChainBackpropPage *p)
{
  double scale = _chain_lens_scale (p);

  if (scale > 0)
    chain_canvas_zoom_centre (p->canvas, 1 / scale);
}

static void
zoom_cb (GtkWidget *button, gpointer data)
{
  gtk_widget_activate_action (button, data, NULL);
}

static GtkWidget *
add_button (GtkWidget *box, const char *text, const char *name, const char *action)
{
  GtkWidget *b = gtk_button_new_with_label (text);

  gtk_widget_set_tooltip_text (b, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (b), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (b, "flat");
  gtk_widget_set_focus_on_click (b, FALSE);
  if (action != NULL)
    g_signal_connect (b, "clicked", G_CALLBACK (zoom_cb), (gpointer) action);
  gtk_box_append (GTK_BOX (box), b);
  return b;
}

void
_chain_lens_start (ChainBackpropPage *p)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  add_button (box, "−", _("Zoom out"), "win.zoom-out");
  p->lens.percent = add_button (box, "100 %", _("Zoom to full size"), NULL);
  add_button (box, "+", _("Zoom in"), "win.zoom-in");
  add_button (box, _("Fit"), _("Fit the graph into the window"), "win.zoom-fit");
  g_signal_connect_swapped (p->lens.percent, "clicked", G_CALLBACK (natural_cb), p);
  gtk_widget_add_css_class (box, "zoom-bar");
  gtk_widget_set_halign (box, GTK_ALIGN_END);
  gtk_widget_set_valign (box, GTK_ALIGN_END);
  gtk_overlay_add_overlay (GTK_OVERLAY (p->overlay), box);
  g_signal_connect_swapped (p->canvas, "zoomed", G_CALLBACK (zoomed_cb), p);
  g_signal_connect_swapped (p->canvas, "panned", G_CALLBACK (panned_cb), p);
  g_signal_connect_swapped (p->canvas, "laid-out", G_CALLBACK (laid_out_cb), p);
}

void
_chain_lens_end (ChainBackpropPage *p)
{
  if (p->lens.tick != 0 && p->canvas != NULL)
    gtk_widget_remove_tick_callback (GTK_WIDGET (p->canvas), p->lens.tick);
  p->lens.tick = 0;
  g_clear_pointer (&p->lens.old, g_hash_table_unref);
  g_clear_pointer (&p->lens.offsets, g_hash_table_unref);
  g_clear_pointer (&p->lens.by_zoom, g_free);
  g_clear_pointer (&p->lens.whole, g_free);
}
