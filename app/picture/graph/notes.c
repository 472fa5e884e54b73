/* SPDX-License-Identifier: Apache-2.0 */
/* Words in the picture: the legend, the local derivative on the wire along which something travels, and at a fan-out the contributions that add up
 * there. A note looks for the place near its subject where it covers least: cells count most, wires a little. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/graph/pen.h"
#include "app/picture/number-text.h"

#define MANY_ARRIVALS 6u
#define NOTE_MOST 500  /* px² of cells that a note may cover */

/* --- legend --- */

static double
legend_wire (ChainGraphPen *p, double x, double y, gboolean backward)
{
  static const double dash[] = { 6, 3 };
  const ChainColour *c = backward ? &p->t->backward : &p->t->forward;
  double s = p->t->scale, tip = backward ? x : x + 28 * s, away = backward ? 6 * s : -6 * s;

  chain_theme_source (p->cr, c, 1);
  cairo_set_line_width (p->cr, 1.6 * s);
  cairo_save (p->cr);
  if (backward)
    {
      cairo_set_dash (p->cr, dash, 2, 0);
      cairo_move_to (p->cr, x + 28 * s, y);
      cairo_line_to (p->cr, x + 4 * s, y);
    }
  else
    {
      cairo_move_to (p->cr, x, y);
      cairo_line_to (p->cr, x + 24 * s, y);
    }
  cairo_stroke (p->cr);
  cairo_restore (p->cr);
  cairo_move_to (p->cr, tip, y);
  cairo_line_to (p->cr, tip + away, y - 2.6 * s);
  cairo_line_to (p->cr, tip + away, y + 2.6 * s);
  cairo_close_path (p->cr);
  cairo_fill (p->cr);
  return 36 * s;
}

static double
legend_symbol (ChainGraphPen *p, double x, double y, gboolean tag)
{
  double s = p->t->scale, r = 8.5 * s;

  cairo_set_line_width (p->cr, 1.4 * s);
  chain_theme_source (p->cr, &p->t->outline, 1);
  if (!tag)
    {
      cairo_new_sub_path (p->cr);
      cairo_arc (p->cr, x + r, y, r, 0, 2 * G_PI);
      cairo_stroke (p->cr);
      return 2 * r + 8 * s;
    }
  chain_paint_round (p->cr, x, y - r, 2.1 * r, 2 * r, 3 * s);
  cairo_stroke (p->cr);
  cairo_rectangle (p->cr, x, y - r, 4 * s, 2 * r);
  cairo_fill (p->cr);
  return 2.1 * r + 8 * s;
}

void
chain_graph_paint_legend (ChainGraphPen *p, const ChainLayout *l)
{
  const char *const words[] = { _("value, stored on the way forward"), _("adjoint ∂L/∂node"), _("operation"), _("parameter") };
  double s = p->t->scale, x = 18 * s, y = 20 * s, note = l->note != NULL ? 0.42 * l->width : 0;
  g_auto (ChainText) text = { 0 };

  if (l->height <= 200 * s)
    return;
  chain_text_init (&text, p->cr, p->t);
  if (l->note != NULL)
    {
      g_autofree char *plain = g_markup_escape_text (l->note, -1);

      chain_text_draw_cut (&text, CHAIN_TEXT_SMALL, plain, l->width - 16 * s, y, 1, 0.5, note, &p->t->fg2);
    }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      double w = chain_text_measure (&text, CHAIN_TEXT_SMALL, words[i], NULL);

      if (x + 38 * s + w > l->width - note - 16 * s)
        break;
      x += i < 2 ? legend_wire (p, x, y, i == 1) : legend_symbol (p, x, y, i == 3);
      chain_text_draw (&text, CHAIN_TEXT_SMALL, words[i], x, y, 0, 0.5, &p->t->fg2);
      x += w + 18 * s;
    }
}

/* --- room --- */

static double
overlap (double x, double y, double w, double h, double x0, double y0, double x1, double y1)
{
  double dx = MIN (x + w, x1) - MAX (x, x0), dy = MIN (y + h, y1) - MAX (y, y0);

  return dx > 0 && dy > 0 ? dx * dy : 0;
}

static double
covered (const ChainGraphPen *p, double x, double y, double w, double h)
{
  const ChainGraphLayout *g = p->g;
  double sum = 0;
  ChainLane l;

  for (guint i = 0; i < g->places->n; i++)
    sum += 6 * overlap (x, y, w, h, g->cell[i].x0 - 4, g->cell[i].y0 - 6, g->cell[i].x1 + 4, g->cell[i].y1);
  for (guint i = 0; i < g->places->n_wires && g->places->n_wires < 2000; i++)
    {
      chain_graph_lane (g, i, FALSE, &l);
      for (guint k = 0; k < l.n; k++)
        if (l.p[k].x > x && l.p[k].x < x + w && l.p[k].y > y && l.p[k].y < y + h)
          sum += 160;
    }
  sum += 12 * overlap (x, y, w, h, p->note.x0 - 6, p->note.y0 - 6, p->note.x1 + 6, p->note.y1 + 6);
  sum += 4 * w * h - 4 * overlap (x, y, w, h, p->seen.x0 + 4, p->roof, p->seen.x1 - 4, p->seen.y1 - 4);     /* beyond the picture nobody reads it */
  return sum;
}

typedef struct { double x, y; } Place;

/* What a straight line from (x, y) to the nearest point of a box would run over. */
static double
crossed (const ChainGraphPen *p, double x, double y, double bx, double by, double w, double h)
{
  double tx = CLAMP (x, bx, bx + w), ty = CLAMP (y, by, by + h), sum = 0;

  for (guint k = 1; k < 8; k++)
    {
      double qx = x + (tx - x) * k / 8, qy = y + (ty - y) * k / 8;

      if (qx > p->note.x0 && qx < p->note.x1 && qy > p->note.y0 && qy < p->note.y1)
        sum += 3000;

      for (guint i = 0; i < p->g->places->n; i++)
        {
          const ChainGraphCell *c = &p->g->cell[i];

          if (x > c->x0 && x < c->x1 && y > c->y0 && y < c->y1)      /* it begins there */
            continue;
          if (qx > c->x0 && qx < c->x1 && qy > c->y0 && qy < c->y1)
            sum += 700;
        }
    }
  return sum;
}

/* Top left corner of a box of that size around (x, y) at one of some distances and directions. */
static Place
find_room (const ChainGraphPen *p, double x, double y, double w, double h, const double (*direction)[2], guint n, double nearest)
{
  Place best = { x, y };
  double least = HUGE_VAL;

  for (guint ring = 0; ring < 6; ring++)
    for (guint i = 0; i < n; i++)
      {
        double away = nearest + ring * 34;
        Place at = { x + direction[i][0] * (away + w / 2) - w / 2, y + direction[i][1] * (away + h / 2) - h / 2 };
        double cost;

        if (w < p->seen.x1 - p->seen.x0 - 8)
          at.x = CLAMP (at.x, p->seen.x0 + 4, p->seen.x1 - 4 - w);
        if (h < p->seen.y1 - p->roof - 4)
          at.y = CLAMP (at.y, p->roof, p->seen.y1 - 4 - h);
        cost = covered (p, at.x, at.y, w, h) + crossed (p, x, y, at.x, at.y, w, h) + ring * 60 + i * 30;

        if (cost < least)
          {
            least = cost;
            best = at;
          }
      }
  return best;
}

/* Where every place nearby lies on cells: anywhere in the picture; a line leads there. */
static Place
find_free (const ChainGraphPen *p, double x, double y, double w, double h, const double (*direction)[2], guint n, double nearest)
{
  Place best = find_room (p, x, y, w, h, direction, n, nearest);
  double least = covered (p, best.x, best.y, w, h);

  if (least <= 6 * NOTE_MOST || w > p->seen.x1 - p->seen.x0 - 8 || h > p->seen.y1 - p->roof - 4)
    return best;
  for (guint i = 0; i < 13 * 9; i++)
    {
      Place at = { p->seen.x0 + 4 + (p->seen.x1 - p->seen.x0 - 8 - w) * (i % 13) / 12, p->roof + (p->seen.y1 - p->roof - 4 - h) * (double) (i / 13) / 8 };
      double cost = covered (p, at.x, at.y, w, h) + crossed (p, x, y, at.x, at.y, w, h) / 4 + 2 * hypot (at.x + w / 2 - x, at.y + h / 2 - y);

      if (cost < least)
        {
          least = cost;
          best = at;
        }
    }
  return best;
}

static void
paper (ChainGraphPen *p, double x, double y, double w, double h, double r)
{
  chain_paint_round (p->cr, x, y, w, h, r);
  chain_theme_source (p->cr, &p->t->canvas, 0.93);
  cairo_fill (p->cr);
  p->note = (ChainGraphRect){ x, y, x + w, y + h };
}

/* --- arrivals --- */

static double
arrival_row (ChainGraphPen *p, guint wire, double x, double y, gboolean now, gboolean measure)
{
  const ChainWire *w = chain_graph_wire (p->v, wire);
  char n[CHAIN_NUMBER_TEXT_SIZE];
  double gives = chain_wire_contribution (p->v->trace, p->v->diagram, wire), chip, words, name, up, down;
  const char *how = now ? _("arriving via") : _("arrived via");

  chain_number_text (n, gives, p->t->digits);
  chip = chain_graph_chip_width (p, n, TRUE);
  words = chain_text_measure (&p->text, CHAIN_TEXT_LABEL, how, NULL);
  chain_graph_maths_size (p, chain_graph_cell (p->v, w->to)->name, 15, &name, &up, &down);
  if (measure)
    return chip + 8 + words + 5 + name;
  chain_graph_paint_chip (p, x + chip / 2, y, gives, TRUE, TRUE, 1, now);
  chain_text_draw (&p->text, CHAIN_TEXT_LABEL, how, x + chip + 8, y, 0, 0.5, now ? &p->t->backward : &p->t->fg2);
  chain_graph_paint_maths (p, chain_graph_cell (p->v, w->to)->name, 15, x + chip + 8 + words + 5, y + 4.5, 0, now ? &p->t->backward : &p->t->fg2);
  return 0;
}

void
chain_graph_paint_arrivals (ChainGraphPen *p, guint cell, guint position)
{
  static const double around[][2] = { { 1, 0 }, { 1, -0.3 }, { 1, 0.3 }, { 0, 1 }, { 0, -1 }, { 1, 0.7 }, { 1, -0.7 }, { -1, 0.8 }, { -1, -0.8 }, { -1, 0 } };
  const ChainGraphPlaces *pl = p->g->places;
  const ChainGraphCell *c = &p->g->cell[cell];
  const char *moral = _("forward fan-out → backward sum");
  double w = chain_text_measure (&p->text, CHAIN_TEXT_SMALL, moral, NULL) + 12, h = 24;
  guint rows = 0;
  Place at;

  for (guint k = pl->first_out[cell]; k < pl->first_out[cell + 1] && rows < MANY_ARRIVALS; k++)
    if (chain_graph_wire (p->v, pl->out[k])->at <= position)
      {
        w = MAX (w, arrival_row (p, pl->out[k], 0, 0, FALSE, TRUE) + 12);
        h += 26;
        rows++;
      }
  if (rows == 0)
    return;
  at = find_room (p, c->x, c->y + (c->hh + 20) * 0.4, w, h, around, G_N_ELEMENTS (around), c->hw + 30);
  if (covered (p, at.x, at.y, w, h) > 6 * NOTE_MOST)      /* the card has the sum too */
    return;
  paper (p, at.x, at.y, w, h, 8);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, moral, at.x + 6, at.y + 12, 0, 0.5, &p->t->fg2);
  at.y += 24;
  for (guint k = pl->first_out[cell]; k < pl->first_out[cell + 1] && rows > 0; k++)
    if (chain_graph_wire (p->v, pl->out[k])->at <= position)
      {
        arrival_row (p, pl->out[k], at.x + 6, at.y + 12, chain_graph_wire (p->v, pl->out[k])->at == position, FALSE);
        at.y += 26;
        rows--;
      }
}

/* --- the local derivative --- */

static ChainMaths *
callout_maths (const ChainGraphPen *p, guint wire, gboolean factors)
{
  const ChainWire *w = chain_graph_wire (p->v, wire);
  double local = chain_wire_local (p->v->trace, p->v->diagram, wire), gives = chain_wire_contribution (p->v->trace, p->v->diagram, wire);
  double above = chain_cell_adjoint (p->v->trace, p->v->diagram, w->to, G_MAXUINT);
  char n[CHAIN_NUMBER_TEXT_SIZE];
  ChainMaths *m, *product;

  if (isnan (local) || chain_graph_is_matrix (chain_graph_cell (p->v, w->from)) || chain_graph_is_matrix (chain_graph_cell (p->v, w->to)))
    return chain_maths_ref (w->local);
  m = chain_maths_row (chain_maths_ref (w->local), chain_maths_sign ("="), chain_maths_number (chain_number_text (n, local, p->t->digits)), NULL);
  if (!factors || isnan (gives) || isnan (above))
    return m;
  product = chain_maths_row (chain_maths_fence ("(", chain_maths_number (chain_number_text (n, above, p->t->digits)), ")"), NULL);
  product = chain_maths_row (product, chain_maths_fence ("(", chain_maths_number (chain_number_text (n, local, p->t->digits)), ")"), NULL);
  product = chain_maths_row (product, chain_maths_sign ("="), chain_maths_number (chain_number_text (n, gives, p->t->digits)), NULL);
  return chain_maths_lines ((ChainMaths *[]){ m, product }, 2);
}

void
chain_graph_paint_callout (ChainGraphPen *p, guint wire, gboolean factors)
{
  static const double around[][2] = { { -1, 0 }, { -1, -0.6 }, { -1, 0.6 }, { -0.9, -1 }, { -0.9, 1 }, { 1, 0 }, { 0, 1 }, { 0, -1 }, { 0.8, 1 }, { 0.8, -1 } };
  static const double over[][2] = { { 0, -1 }, { -0.5, -1 }, { 0.5, -1 }, { -1, 0 }, { 1, 0 } };
  static const double beside[][2] = { { 0, 1 }, { 0, -1 }, { 0.6, 1 }, { -0.6, 1 }, { 0.6, -1 }, { -0.6, -1 } };
  const ChainWire *wi = chain_graph_wire (p->v, wire);
  g_autoptr (ChainMaths) m = NULL;
  const char *caption = _("local derivative");
  double w, h, up, down, name;
  ChainLane l;
  ChainLayPoint dot;
  gboolean steep;
  Place at;

  if (wi->local == NULL || wi->at == G_MAXUINT || (chain_graph_wire_is_drop (p->g, wire) && chain_graph_is_matrix (chain_graph_cell (p->v, wi->from))))
    return;
  m = callout_maths (p, wire, factors);
  chain_graph_maths_size (p, m, 14, &w, &up, &down);
  w += 18;
  h = up + down + 12;
  name = chain_text_measure (&p->text, CHAIN_TEXT_SMALL, caption, NULL);
  chain_graph_lane (p->g, wire, TRUE, &l);
  steep = fabs (l.p[0].y - l.p[l.n - 1].y) > 40;
  dot = chain_graph_lane_at (&l, steep ? 0.6 : 0.5, NULL);
  if (chain_graph_wire_is_drop (p->g, wire))
    {
      const ChainGraphCell *tag = &p->g->cell[wi->from];

      dot = (ChainLayPoint){ tag->x, tag->y - tag->hh };
      at = find_free (p, dot.x, dot.y, MAX (w, name), h + 17, over, G_N_ELEMENTS (over), 20);
    }
  else if (steep)
    at = find_free (p, dot.x, dot.y - 8, MAX (w, name), h + 17, around, G_N_ELEMENTS (around), 26);
  else
    at = find_free (p, dot.x, dot.y, MAX (w, name), h + 17, beside, G_N_ELEMENTS (beside), 40);
  cairo_set_line_width (p->cr, 1.2);
  chain_theme_source (p->cr, &p->t->backward, 1);
  cairo_move_to (p->cr, dot.x, dot.y);
  cairo_line_to (p->cr, CLAMP (dot.x, at.x + MIN (8, w / 2), at.x + w - MIN (8, w / 2)), CLAMP (dot.y, at.y + 17 + 5, at.y + 17 + h - 5));
  cairo_stroke (p->cr);
  cairo_arc (p->cr, dot.x, dot.y, 3, 0, 2 * G_PI);
  cairo_fill (p->cr);
  paper (p, at.x, at.y, MAX (w, name), h + 17, 7);
  chain_text_draw (&p->text, CHAIN_TEXT_SMALL, caption, name > w ? at.x + 2 : at.x + w - 1, at.y + 7, name > w ? 0 : 1, 0.5, &p->t->fg2);
  chain_paint_round (p->cr, at.x, at.y + 17, w, h, 7);
  chain_theme_source (p->cr, &p->t->card, 1);
  cairo_fill_preserve (p->cr);
  cairo_set_line_width (p->cr, 1.4);
  chain_theme_source (p->cr, &p->t->backward, 1);
  cairo_stroke (p->cr);
  chain_graph_paint_maths (p, m, 14, at.x + 9, at.y + 17 + 6 + up, 0, &p->t->fg);
}
