/* SPDX-License-Identifier: Apache-2.0 */
/* A small plot for each activation that the network uses: its curve and its derivative, both as the engine computes them. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/layout/activation-curve.h"
#include "app/picture/layout/lines.h"
#include "app/picture/layout/names.h"

static void
make_plot (ChainLayout *l, ChainLinesLayout *f, ChainText *text, guint i, const ChainActivationCurve *c)
{
  const ChainTheme *t = text->theme;
  guint cols = f->n_plots > 3 ? (f->n_plots + 1) / 2 : f->n_plots, rows = (f->n_plots + cols - 1) / cols;
  double bx, by, bw, bh, s = t->scale, lo, hi, a, b;
  ChainPlot *p = &f->plots[i];
  ChainLine *line;

  chain_layout_body (l, t, &bx, &by, &bw, &bh);
  p->x = floor (bx + bw / cols * (i % cols) + 24 * s);
  p->w = fmax (1, floor (bw / cols - 32 * s));
  p->y = floor (by + bh / rows * (i / cols) + 16 * s);
  p->h = fmax (1, floor (bh / rows - 34 * s));
  p->ax.min = -CHAIN_ACTIVATION_REACH;
  p->ax.max = CHAIN_ACTIVATION_REACH;
  chain_extent_d (c->y, CHAIN_ACTIVATION_POINTS, 1, &lo, &hi);
  if (chain_extent_d (c->d, CHAIN_ACTIVATION_POINTS, 1, &a, &b))
    {
      lo = fmin (lo, a);
      hi = fmax (hi, b);
    }
  p->ay.min = fmin (lo, 0);
  p->ay.max = fmax (hi, 0);
  chain_range_nice (&p->ay.min, &p->ay.max, FALSE);
  chain_axis_ticks (&p->ax, text, p->w, FALSE);
  chain_axis_ticks (&p->ay, text, p->h, TRUE);
  line = chain_lines_add (f, "series:derivative", i, &t->backward, 1.8);
  line->dashed = TRUE;
  for (int k = 0; k < CHAIN_ACTIVATION_POINTS; k++)
    chain_line_to (f, line, chain_activation_z (k), c->d[k]);
  line = chain_lines_add (f, "series:value", i, &t->forward, 2.4);
  for (int k = 0; k < CHAIN_ACTIVATION_POINTS; k++)
    chain_line_to (f, line, chain_activation_z (k), c->y[k]);
  f->titles[i] = g_markup_escape_text (_(c->row->info.title), -1);
  chain_layout_add (l, g_strdup_printf ("plot:%s:%u", c->row->info.id, i), "plot", p->x, p->y, p->w, p->h,
                    g_strdup_printf (_("%s, %s, derivative %s"), _(c->row->info.title), c->row->info.formula ? c->row->info.formula : "",
                                     c->row->info.derivative ? c->row->info.derivative : ""));
}

ChainLayout *
chain_layout_activations (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Activations"));
  g_autofree ChainActivationCurve *curves = g_new0 (ChainActivationCurve, CHAIN_ACTIVATION_CURVES);
  guint good = chain_activation_curves (s->spec, curves);
  ChainLinesLayout *f;
  g_auto (ChainText) text;
  GString *names = g_string_new (NULL);

  chain_text_init (&text, NULL, t);
  f = chain_lines_new (l, good);
  f->grid_x = TRUE;
  for (guint i = 0; i < good; i++)
    {
      make_plot (l, f, &text, i, &curves[i]);
      g_string_append_printf (names, "%s%s", i ? ", " : "", _(curves[i].row->info.title));
    }
  if (good == 0)
    f->notice = g_strdup (_("No layer has an activation"));
  l->note = g_strdup (good ? _("solid: value · dashed: derivative") : "");
  l->description = good ? g_strdup_printf (_("Value and derivative of %s from −4 to 4"), names->str) : g_strdup (f->notice);
  g_string_free (names, TRUE);
  chain_layout_hash_theme (l, t);
  for (guint i = 0; i < good; i++)
    chain_layout_hash_plot (l, &f->plots[i]);
  return l;
}
