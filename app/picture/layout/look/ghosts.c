/* SPDX-License-Identifier: Apache-2.0 */
/* A ghost is drawn only where it means the same as what lies over it: curves of the same loss on the same rows, answers over the same plane. A plane
 * of values has no line of its own, so there the ghost is its curve of the loss alone. */
#include "config.h"

#include "app/picture/layout/ghosts.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/train/ghost.h"

char *
chain_ghost_when (const ChainGhost *g, const ChainSnapshot *s)
{
  guint at = 0, runs = s->runs - g->runs;
  int edits;

  if (s->ghosts == NULL || !g_ptr_array_find (s->ghosts, g, &at) || s->ghost_edits[at] == CHAIN_GHOST_LOST)
    return g_strdup (g_dgettext (GETTEXT_PACKAGE, "earlier"));
  edits = s->ghost_edits[at];
  if (edits > 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u edit ago", "%u edits ago", (gulong) edits), (guint) edits);
  if (edits < 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u edit undone", "%u edits undone", (gulong) -edits), (guint) -edits);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u run ago", "%u runs ago", MAX (runs, 1)), MAX (runs, 1));
}

const ChainSeriesView *
chain_ghost_series (const ChainGhost *g, const ChainSnapshot *s, gboolean *test)
{
  const ChainSeriesView *v = g->eval_test;

  *test = v != NULL && chain_series_view_size (v) > 0;
  if (!*test)
    v = g->eval_train != NULL && chain_series_view_size (g->eval_train) > 0 ? g->eval_train : g->train_loss;
  return v != NULL && chain_series_view_size (v) > 0 && chain_ghost_compares (g, s) ? v : NULL;
}

void
chain_ghost_line_free (gpointer data)
{
  ChainGhostLine *line = data;

  g_array_unref (line->points);
  g_free (line->label);
  g_free (line);
}

static void
add_point (ChainGhostLine *line, double x, double y)
{
  ChainPoint p = { (float) x, (float) y };

  g_array_append_val (line->points, p);
}

/* By how much class c leads, 0 on its border; two classes: the one border between them. */
static float *
margins (const ChainGhost *g, guint c)
{
  gsize n = (gsize) g->out_res * g->out_res;
  float *m = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    {
      float other = 1e-9f, own = fmaxf (g->output[(g->out_width > 1 ? c * n : 0) + i], 1e-9f);

      for (guint k = 0; k < g->out_width; k++)
        if (k != c)
          other = fmaxf (other, g->output[k * n + i]);
      if (g->out_width == 1)
        other = fmaxf (1 - own, 1e-9f);
      m[i] = logf (own) - logf (other);
    }
  return m;
}

static void
add_border (ChainGhostLine *line, const ChainPlot *p, const ChainGhost *g, guint c)
{
  g_autofree float *m = margins (g, c);
  ChainContour contour;
  guint start = 0;

  chain_contour_init (&contour, m, g->out_res, g->out_res, 0);
  for (guint k = 0; k < contour.ends->len; k++)
    {
      guint end = g_array_index (contour.ends, guint, k);

      for (guint i = start; i < end; i++)
        {
          ChainPoint q = g_array_index (contour.points, ChainPoint, i);

          add_point (line, chain_plot_x (p, g->x0 + (g->x1 - g->x0) * q.x / (g->out_res - 1)), chain_plot_y (p, g->y0 + (g->y1 - g->y0) * q.y / (g->out_res - 1)));
        }
      add_point (line, NAN, NAN);
      start = end;
    }
  chain_contour_clear (&contour);
}

static void
add_curve (ChainGhostLine *line, const ChainPlot *p, const ChainGhost *g, guint n)
{
  for (guint c = 0; c < n; c++)
    {
      for (guint i = 0; i < g->out_res; i++)
        {
          double v = g->output[(gsize) c * g->out_res + i];

          if (isfinite (v))
            add_point (line, p->x + p->w * i / (g->out_res - 1), CLAMP (chain_plot_y (p, v), -1e5, 1e5));
          else
            add_point (line, NAN, NAN);
        }
      add_point (line, NAN, NAN);
    }
}

/* Where its line is nearest to a place of its own, a quarter of the way down for each, well inside the plot. */
static void
place_label (ChainGhostLine *line, const ChainPlot *p, guint place, double half)
{
  double best = INFINITY, want = p->y + p->h * (0.14 + 0.24 * place);

  line->label_x = p->x + p->w / 2;
  line->label_y = want;
  for (guint i = 0; i < line->points->len; i++)
    {
      ChainPoint q = g_array_index (line->points, ChainPoint, i);
      double d = fabs (q.y - want) + 0.2 * fabs (q.x - p->x - p->w / 2);

      if (isnan (q.x) || q.x < p->x || q.x > p->x + p->w || q.y < p->y + 8 || q.y > p->y + p->h - 8 || d >= best)
        continue;
      best = d;
      line->label_x = CLAMP (q.x, p->x + half + 4, fmax (p->x + half + 4, p->x + p->w - half - 4));
      line->label_y = q.y;
    }
}

void
chain_ghosts_over_field (ChainFieldLayout *f, const ChainSnapshot *s, const ChainTheme *t)
{
  g_auto (ChainText) text;

  chain_text_init (&text, NULL, t);
  if (s->ghosts == NULL || (!f->line && f->classes == 0))
    return;
  f->ghosts = g_ptr_array_new_with_free_func (chain_ghost_line_free);
  for (guint i = s->ghosts->len; i-- > 0;)
    {
      const ChainGhost *g = g_ptr_array_index (s->ghosts, i);
      ChainGhostLine *line;

      if (!chain_ghost_overlays (g, s))
        continue;
      line = g_new0 (ChainGhostLine, 1);
      line->points = g_array_new (FALSE, FALSE, sizeof (ChainPoint));
      line->label = chain_ghost_when (g, s);
      if (f->line)
        add_curve (line, &f->plot, g, f->classes > 2 ? g->out_width : 1);
      else
        for (guint c = g->out_width == 2; c < MIN (g->out_width, 16); c++)
          add_border (line, &f->plot, g, c);
      place_label (line, &f->plot, i, chain_text_measure (&text, CHAIN_TEXT_SMALL, line->label, NULL) / 2);
      g_ptr_array_add (f->ghosts, line);
    }
}
