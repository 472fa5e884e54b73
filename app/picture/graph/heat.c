/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry, figures and words of the large heat map (app/picture/step-heat.h). Everything is read from the trace; the norm is the one that the cell
 * shows. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/graph/graph.h"
#include "app/picture/graph/heat.h"
#include "app/picture/number-text.h"

#define MAP_W 330.0
#define MAP_H 200.0
#define ENTRY 30.0        /* an entry is no larger */
#define SQUARE 5.0        /* entries of this size are squares; smaller ones fill the map */
#define LEAST 26.0
#define EDGE 14.0
#define TOP 34.0          /* the title */
#define CAPTION 20.0      /* norm, least, largest over a map */
#define ROWS 44.0         /* left of a map: its axis */
#define COLUMNS 34.0      /* under it */
#define BAR 66.0          /* right of it */
#define BOTTOM 22.0       /* the entry under the pointer */
#define NOTE 18.0
#define DECIMALS 4

static ChainId
node_of (const ChainStepHeat *h, gboolean adjoint)
{
  ChainId node = chain_graph_cell (h->view, h->cell)->node;

  return adjoint ? h->view->trace->adjoint[node] : node;
}

static void
measure_panel (const ChainStepHeat *h, ChainHeatPanel *p)
{
  const ChainStepView *v = h->view;

  p->norm = p->adjoint ? chain_cell_adjoint (v->trace, v->diagram, h->cell, v->position) : chain_cell_value (v->trace, chain_graph_cell (v, h->cell));
  p->least = HUGE_VAL;
  p->largest = -HUGE_VAL;
  for (gint64 r = h->row; r < h->row + h->rows; r++)
    for (gint64 c = h->col; c < h->col + h->cols; c++)
      {
        double e = p->entry[r * h->all_cols + c];

        if (!isfinite (e))
          {
            p->n_bad++;
            continue;
          }
        p->least = MIN (p->least, e);
        p->largest = MAX (p->largest, e);
        p->most = MAX (p->most, fabs (e));
      }
  if (p->least > p->largest)
    p->least = p->largest = NAN;
}

static void
add_panel (ChainStepHeat *h, gboolean adjoint)
{
  ChainId node = node_of (h, adjoint);
  const double *entry = node != CHAIN_NONE && node <= h->view->trace->n_nodes ? h->view->trace->value[node] : NULL;
  gint64 rows, cols;

  if (entry == NULL)
    return;
  chain_trace_shape (h->view->trace, node, &rows, &cols);
  if (cols != h->all_cols || rows < h->row + h->rows)
    return;
  h->panel[h->n_panels] = (ChainHeatPanel){ .adjoint = adjoint, .entry = entry };
  measure_panel (h, &h->panel[h->n_panels++]);
}

/* A tall matrix has its maps side by side. */
static void
place_panels (ChainStepHeat *h, double s)
{
  double ex = MIN (MAP_W / (double) h->cols, ENTRY), ey = MIN (MAP_H / (double) h->rows, ENTRY), w, ht, step_x = 0, step_y = 0;

  if (MIN (ex, ey) >= SQUARE)
    ex = ey = MIN (ex, ey);
  w = MAX (ex * (double) h->cols, LEAST);
  ht = MAX (ey * (double) h->rows, LEAST);
  h->nx = (guint) MIN (h->cols, (gint64) floor (w));
  h->ny = (guint) MIN (h->rows, (gint64) floor (ht));
  if (h->n_panels > 1 && w <= 0.6 * MAP_W)
    step_x = MAX (ROWS + w + BAR, 200);
  else
    step_y = CAPTION + ht + COLUMNS;
  for (guint i = 0; i < h->n_panels; i++)
    {
      double x = EDGE + ROWS + i * step_x, y = TOP + CAPTION + i * step_y;

      h->panel[i].map = (ChainHeatRect){ x * s, y * s, w * s, ht * s };
      h->panel[i].bar = (ChainHeatRect){ (x + w + 14) * s, y * s, 10 * s, MAX (ht, 40) * s };
    }
  h->width = s * (2 * EDGE + MAX (ROWS + w + BAR, 250) + (h->n_panels > 1 ? step_x : 0));
  h->height = s * (TOP + CAPTION + MAX (ht, 40) + COLUMNS + (h->n_panels > 1 ? step_y : 0) + BOTTOM + (h->note != NULL ? NOTE : 0) + EDGE / 2);
}

static void
note_thinned (ChainStepHeat *h, double s)
{
  gint64 across = (h->cols + h->nx - 1) / h->nx, down = (h->rows + h->ny - 1) / h->ny;

  if (h->nx >= h->cols && h->ny >= h->rows)
    return;
  h->note = g_strdup_printf (_("Thinned: a point is the entry of largest size among %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT), down, across);
  h->height += NOTE * s;
}

ChainStepHeat *
chain_step_heat_new (const ChainStepView *v, guint cell, const ChainTheme *t)
{
  const ChainCell *c = cell < v->diagram->cells->len ? chain_graph_cell (v, cell) : NULL;
  g_autofree char *name = NULL, *shape = NULL;
  ChainStepHeat *h;
  gint64 rows, cols;

  if (c == NULL || !chain_graph_is_matrix (c) || c->node == CHAIN_NONE)
    return NULL;
  chain_trace_shape (v->trace, c->node, &rows, &cols);
  h = g_new0 (ChainStepHeat, 1);
  h->view = chain_step_view_ref ((ChainStepView *) v);
  h->cell = cell;
  h->row = MAX (c->row, 0);
  h->col = MAX (c->col, 0);
  h->rows = MAX (c->row >= 0 ? 1 : rows, 1);
  h->cols = MAX (c->col >= 0 ? 1 : cols, 1);
  h->all_cols = cols;
  name = chain_maths_to_text (c->name);
  shape = chain_graph_shape_text (v, c);
  h->title = g_strdup_printf ("%s, %s", name, shape);
  if (v->position >= c->value_at)
    add_panel (h, FALSE);
  if (h->n_panels > 0 && c->adjoint_at != G_MAXUINT && v->position >= c->adjoint_at)
    add_panel (h, TRUE);
  if (h->n_panels == 0)
    h->note = g_strdup (v->position < c->value_at ? _("Not computed yet: step forward to see its entries") : _("Its entries are not kept"));
  place_panels (h, t->scale);
  if (h->n_panels > 0)
    note_thinned (h, t->scale);
  else
    h->height = t->scale * (TOP + NOTE + EDGE);
  return h;
}

void
chain_step_heat_free (ChainStepHeat *h)
{
  chain_step_view_unref (h->view);
  g_free (h->title);
  g_free (h->note);
  g_free (h);
}

/* --- points and entries --- */

void
chain_heat_point (const ChainStepHeat *h, const ChainHeatPanel *p, guint i, guint j, gint64 *row, gint64 *col)
{
  gint64 r0 = h->row + (gint64) j * h->rows / h->ny, r1 = h->row + (gint64) (j + 1) * h->rows / h->ny;
  gint64 c0 = h->col + (gint64) i * h->cols / h->nx, c1 = h->col + (gint64) (i + 1) * h->cols / h->nx;
  double best = -1;

  *row = r0;
  *col = c0;
  for (gint64 r = r0; r < r1; r++)
    for (gint64 c = c0; c < c1; c++)
      {
        double e = p->entry[r * h->all_cols + c], size = isfinite (e) ? fabs (e) : HUGE_VAL;

        if (size > best)
          {
            best = size;
            *row = r;
            *col = c;
          }
      }
}

gboolean
chain_step_heat_hit (const ChainStepHeat *h, double x, double y, gint64 *row, gint64 *col)
{
  for (guint k = 0; k < h->n_panels; k++)
    {
      const ChainHeatRect *m = &h->panel[k].map;

      if (x < m->x || y < m->y || x >= m->x + m->w || y >= m->y + m->h)
        continue;
      chain_heat_point (h, &h->panel[k], (guint) ((x - m->x) / m->w * h->nx), (guint) ((y - m->y) / m->h * h->ny), row, col);
      return TRUE;
    }
  return FALSE;
}

/* --- words --- */

char *
chain_step_heat_entry (const ChainStepHeat *h, gint64 row, gint64 col)
{
  GString *s = g_string_new (NULL);
  char n[CHAIN_NUMBER_TEXT_SIZE];

  g_string_append_printf (s, _("Row %" G_GINT64_FORMAT ", column %" G_GINT64_FORMAT ":"), row + 1, col + 1);
  for (guint k = 0; k < h->n_panels; k++)
    {
      const char *number = chain_number_text (n, h->panel[k].entry[row * h->all_cols + col], DECIMALS);

      g_string_append_printf (s, h->panel[k].adjoint ? _(", adjoint %s") : _(" value %s"), number);
    }
  if (h->n_panels == 1 && chain_graph_cell (h->view, h->cell)->adjoint_at != G_MAXUINT)
    g_string_append_printf (s, ", %s", _("adjoint not known yet"));
  return g_string_free (s, FALSE);
}

char *
chain_heat_caption (const ChainHeatPanel *p)
{
  char norm[CHAIN_NUMBER_TEXT_SIZE], least[CHAIN_NUMBER_TEXT_SIZE], largest[CHAIN_NUMBER_TEXT_SIZE];
  GString *s = g_string_new (NULL);

  g_string_append_printf (s, p->adjoint ? _("adjoint: norm %s, from %s to %s") : _("value: norm %s, from %s to %s"), chain_number_text (norm, p->norm, DECIMALS),
                          chain_number_text (least, p->least, DECIMALS), chain_number_text (largest, p->largest, DECIMALS));
  if (p->n_bad > 0)
    g_string_append_printf (s, ngettext (", %s entry not finite", ", %s entries not finite", (gulong) p->n_bad), chain_number_text_count (norm, p->n_bad));
  return g_string_free (s, FALSE);
}

char *
chain_step_heat_text (const ChainStepHeat *h)
{
  GString *s = g_string_new (h->title);

  for (guint k = 0; k < h->n_panels; k++)
    {
      g_autofree char *caption = chain_heat_caption (&h->panel[k]);

      g_string_append_printf (s, "; %s", caption);
    }
  if (h->note != NULL)
    g_string_append_printf (s, ". %s", h->note);
  return g_string_free (s, FALSE);
}
