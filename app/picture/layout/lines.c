/* SPDX-License-Identifier: Apache-2.0 */
/* What loss, learning rate and activations share: plots and lines in picture coordinates. */
#include "app/picture/layout/lines.h"

#include <math.h>

static void
line_free (gpointer data)
{
  ChainLine *line = data;

  g_free (line->id);
  g_free (line->label);
  g_array_unref (line->points);
  g_free (line);
}

static void
lines_free (gpointer data)
{
  ChainLinesLayout *f = data;

  for (guint i = 0; i < f->n_plots; i++)
    {
      chain_plot_clear (&f->plots[i]);
      g_free (f->titles[i]);
    }
  g_free (f->plots);
  g_free (f->titles);
  g_free (f->notice);
  g_ptr_array_unref (f->lines);
  g_free (f);
}

ChainLinesLayout *
chain_lines_new (ChainLayout *l, guint n_plots)
{
  ChainLinesLayout *f = g_new0 (ChainLinesLayout, 1);

  f->n_plots = n_plots;
  f->plots = g_new0 (ChainPlot, MAX (n_plots, 1));
  f->titles = g_new0 (char *, MAX (n_plots, 1));
  f->lines = g_ptr_array_new_with_free_func (line_free);
  l->data = f;
  l->free_data = lines_free;
  return f;
}

ChainLine *
chain_lines_add (ChainLinesLayout *f, const char *id, guint plot, const ChainColour *c, double width)
{
  ChainLine *line = g_new0 (ChainLine, 1);

  line->id = g_strdup (id);
  line->plot = plot;
  line->colour = *c;
  line->width = width;
  line->marker = -1;
  line->points = g_array_new (FALSE, FALSE, sizeof (ChainVertex));
  g_ptr_array_add (f->lines, line);
  return line;
}

void
chain_line_to (ChainLinesLayout *f, ChainLine *line, double x, double y)
{
  const ChainPlot *p = &f->plots[line->plot];
  ChainVertex v = { NAN, NAN };

  if (isfinite (y) && !(p->ay.log && y <= 0) && !(p->ax.log && x <= 0))
    {
      v.x = (float) chain_plot_x (p, x);
      v.y = (float) CLAMP (chain_plot_y (p, y), p->y - 1e4, p->y + 1e4);
      line->end_x = v.x;
      line->end_y = v.y;
    }
  g_array_append_val (line->points, v);
}
