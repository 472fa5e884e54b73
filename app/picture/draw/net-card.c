/* SPDX-License-Identifier: Apache-2.0 */
/* The card beside the hovered weight or unit (DESIGN 3.1). It shows values of the snapshot to three digits; the exact ones are in the
 * inspector and in the CSV. It never covers what it is about: of four places the first that hides no end of it is taken. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/draw/paint.h"
#include "app/picture/layout/names.h"
#include "app/picture/layout/net.h"
#include "app/picture/number-text.h"
#include "engine/nn/table.h"

#define MAX_ROWS 6

typedef struct { char *name; char value[CHAIN_NUMBER_TEXT_SIZE]; const ChainColour *ink; } Row;
typedef struct { char *title, *right; Row rows[MAX_ROWS]; guint n; double avoid[2][4]; guint n_avoid; } Card;

static void
add_row (Card *c, const char *name, const ChainColour *ink, double v, gboolean sign)
{
  Row *r = &c->rows[c->n++];

  r->name = g_strdup (name);
  r->ink = ink;
  chain_number_text_card (r->value, v, sign);
}

static void
avoid (Card *c, const ChainTile *tile)
{
  double *a = c->avoid[c->n_avoid++];

  a[0] = tile->x;
  a[1] = tile->y;
  a[2] = a[3] = tile->size;
}

static const char *
optimiser_name (const ChainSnapshot *s)
{
  const ChainOptimRow *row = s->spec->optimiser.id ? chain_optim_row (s->spec->optimiser.id) : NULL;

  return row ? _(row->info.title) : "";
}

static void
fill_weight (Card *c, const ChainNetLayout *n, const ChainSnapshot *s, const ChainTheme *t, const ChainElement *e)
{
  const ChainEdge *edge = &g_array_index (n->edges, ChainEdge, e->index);
  const ChainSnapTensor *w = chain_net_weight (s, edge->layer);
  gsize at = (gsize) edge->row * w->cols + edge->col;
  g_autofree char *symbol = chain_text_indexed ("w", (int) edge->row + 1, (int) edge->col + 1), *step = NULL;

  c->title = g_strdup_printf ("%s <span font_family=\"%s\">%s</span>", _("Weight"), t->maths_font, symbol);
  c->right = chain_name_layer (s, (guint) edge->layer);
  add_row (c, _("Value"), &t->fg, edge->w, TRUE);
  if (w->grad)
    add_row (c, _("Gradient ∂L/∂w"), &t->backward, w->grad[at], TRUE);
  if (w->update)
    {
      step = g_strdup_printf (_("Next %s step"), optimiser_name (s));
      add_row (c, step, &t->update, w->update[at], TRUE);
    }
  avoid (c, &g_array_index (n->tiles, ChainTile, edge->from));
  avoid (c, &g_array_index (n->tiles, ChainTile, edge->to));
}

static void
fill_unit (Card *c, const ChainNetLayout *n, const ChainSnapshot *s, const ChainTheme *t, int layer, guint unit)
{
  int tile = chain_net_tile (n, layer, unit);
  const ChainSnapLayer *l;
  const ChainSnapTensor *b;
  g_autofree char *bias = NULL, *act = NULL;

  if (layer < 0 || tile < 0 || (guint) layer >= s->layers->len)
    return;
  l = g_ptr_array_index (s->layers, layer);
  act = chain_name_activation_short (g_ptr_array_index (s->spec->layers, layer));
  c->title = g_strdup_printf (_("Unit %u"), unit + 1);
  c->right = g_strdup (act ? act : _("linear"));
  bias = g_strconcat (l->id, ".bias", NULL);
  b = chain_snapshot_tensor (s, bias);
  if (b && b->value && unit < b->rows * b->cols)
    {
      add_row (c, _("Bias"), &t->fg, b->value[unit], TRUE);
      if (b->grad)
        add_row (c, _("Gradient ∂L/∂b"), &t->backward, b->grad[unit], TRUE);
    }
  if (l->adjoint)
    add_row (c, _("Mean |∂L/∂a|"), &t->backward, l->adjoint[unit], FALSE);
  avoid (c, &g_array_index (n->tiles, ChainTile, tile));
}

static gboolean
covers (const Card *c, double x, double y, double w, double h)
{
  for (guint i = 0; i < c->n_avoid; i++)
    {
      const double *a = c->avoid[i];

      if (x < a[0] + a[2] && a[0] < x + w && y < a[1] + a[3] && a[1] < y + h)
        return TRUE;
    }
  return FALSE;
}

static void
place (const Card *c, const ChainLayout *l, double w, double h, double s, double *x, double *y)
{
  const double *a = c->avoid[0], *b = c->avoid[c->n_avoid - 1];
  double middle = (a[0] + a[2] + b[0]) / 2, top = fmin (a[1], b[1]), bottom = fmax (a[1] + a[3], b[1] + b[3]), room = 12 * s;
  double tries[4][2] = { { a[0] + a[2] / 2 - w / 2, top - h - room }, { middle - w / 2, top - h - room }, { middle - w / 2, bottom + room },
                         { b[0] + b[2] + room, b[1] } };

  for (int i = 0; i < 4; i++)
    {
      *x = CLAMP (tries[i][0], 8 * s, fmax (8 * s, l->width - w - 8 * s));
      *y = CLAMP (tries[i][1], 54 * s, fmax (54 * s, l->height - h - 30 * s));
      if (!covers (c, *x, *y, w, h))
        return;
    }
}

static void
paint (cairo_t *cr, ChainText *text, const Card *c, double x, double y, double w, double h)
{
  const ChainTheme *t = text->theme;
  double s = t->scale;

  for (int i = 3; i > 0; i--)
    {
      chain_paint_round (cr, x - i * s, y - i * s + 1.5 * s, w + 2 * i * s, h + 2 * i * s, 12 * s + i * s);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.05);
      cairo_fill (cr);
    }
  chain_paint_round (cr, x, y, w, h, 12 * s);
  chain_theme_source (cr, &t->card, 1);
  cairo_fill_preserve (cr);
  chain_theme_source (cr, &t->axis, 0.8);
  cairo_set_line_width (cr, s);
  cairo_stroke (cr);
  chain_text_draw (text, CHAIN_TEXT_LABEL_BOLD, c->title, x + 12 * s, y + 18 * s, 0, 0.5, &t->fg);
  chain_text_draw (text, CHAIN_TEXT_SMALL, c->right, x + w - 12 * s, y + 18 * s, 1, 0.5, &t->fg2);
  for (guint i = 0; i < c->n; i++)
    {
      double at = y + (42 + 19 * i) * s;

      chain_text_draw (text, CHAIN_TEXT_SMALL, c->rows[i].name, x + 12 * s, at, 0, 0.5, &t->fg2);
      chain_text_draw (text, CHAIN_TEXT_CHIP, c->rows[i].value, x + w - 12 * s, at, 1, 0.5, c->rows[i].ink);
    }
}

void
chain_draw_net_card (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const char *id)
{
  const ChainElement *e = id ? chain_layout_find (l, id) : NULL;
  Card c = { 0 };
  g_auto (ChainText) text;
  double x, y, w, h, sc = t->scale;
  int layer;
  guint unit;

  chain_text_init (&text, cr, t);
  if (e && strcmp (e->role, "weight") == 0)
    fill_weight (&c, l->data, s, t, e);
  else if (e && chain_parse_unit (s, id, &layer, &unit))
    fill_unit (&c, l->data, s, t, layer, unit);
  if (c.title && c.n > 0)
    {
      w = chain_text_measure (&text, CHAIN_TEXT_LABEL_BOLD, c.title, NULL) + chain_text_measure (&text, CHAIN_TEXT_SMALL, c.right, NULL) + 14 * sc;
      for (guint i = 0; i < c.n; i++)
        w = fmax (w, chain_text_measure (&text, CHAIN_TEXT_SMALL, c.rows[i].name, NULL) + chain_text_measure (&text, CHAIN_TEXT_CHIP, c.rows[i].value, NULL) + 18 * sc);
      w = ceil (fmax (w + 24 * sc, 150 * sc));
      h = (38 + 19 * c.n + 3) * sc;
      place (&c, l, w, h, sc, &x, &y);
      paint (cr, &text, &c, round (x), round (y), w, h);
    }
  for (guint i = 0; i < c.n; i++)
    g_free (c.rows[i].name);
  g_free (c.title);
  g_free (c.right);
}
