/* SPDX-License-Identifier: Apache-2.0 */
/* The large heat map of a matrix: every number is the trace's, what is drawn at a point is what is hit there, and a map with fewer points than entries
 * says so and shows the largest of those that a point stands for. */
#include <math.h>
#include <string.h>

#include "app/picture/graph/graph.h"
#include "app/picture/step-heat.h"
#include "tests/app/stepper/step-kit.h"

typedef struct { ChainTrainer *trainer; ChainTrace *trace; ChainDiagram *d; ChainStepView *v; ChainTheme t; } Layers;

static Layers
layers_new (guint units)
{
  ChainSpec *spec = step_kit_spec ("plain");
  Layers l = { 0 };

  chain_layer_set_units (g_ptr_array_index (spec->layers, 0), units);
  l.trainer = step_kit_trainer (spec);
  l.trace = step_kit_trace (l.trainer, CHAIN_TRACE_BATCH, 0);
  l.d = chain_diagram_new (l.trace, CHAIN_DETAIL_LAYERS, NULL, NULL);
  l.v = chain_step_view_new (l.trace, l.d, NULL);
  chain_theme_init (&l.t, "light");
  return l;
}

static void
layers_clear (Layers *l)
{
  chain_step_view_unref (l->v);
  chain_diagram_unref (l->d);
  chain_trace_unref (l->trace);
  chain_trainer_free (l->trainer);
}

static void
check_panel (const Layers *l, const ChainStepHeat *h, const ChainHeatPanel *p, const ChainCell *c)
{
  ChainId node = p->adjoint ? l->trace->adjoint[c->node] : c->node;
  double squares = 0, least = HUGE_VAL, largest = -HUGE_VAL;
  gint64 row, col;

  for (gint64 r = h->row; r < h->row + h->rows; r++)
    for (gint64 k = h->col; k < h->col + h->cols; k++)
      {
        double e = chain_trace_at (l->trace, node, r, k);

        squares += e * e;
        least = MIN (least, e);
        largest = MAX (largest, e);
      }
  g_assert_cmpfloat_with_epsilon (p->norm, sqrt (squares), 1e-12 * (1 + sqrt (squares)));
  g_assert_cmpfloat (p->least, ==, least);
  g_assert_cmpfloat (p->largest, ==, largest);
  g_assert_cmpuint (p->n_bad, ==, 0);
  g_assert_true (p->map.x > 0 && p->map.x + p->map.w < p->bar.x && p->bar.x + p->bar.w < h->width && p->map.y + p->map.h < h->height);
  g_assert_true (chain_step_heat_hit (h, p->map.x + 1, p->map.y + 1, &row, &col));
  g_assert_true (row == h->row && col == h->col);
  g_assert_true (chain_step_heat_hit (h, p->map.x + p->map.w - 1, p->map.y + p->map.h - 1, &row, &col));
  g_assert_true (row == h->row + h->rows - 1 && col == h->col + h->cols - 1);
  g_assert_false (chain_step_heat_hit (h, p->map.x - 2, p->map.y + 1, &row, &col));
}

/* At every position each matrix has the maps that are known there. */
static void
test_numbers (void)
{
  Layers l = layers_new (5);
  guint n = 0, full = 0;

  for (guint position = 0; position <= l.d->events->len; position++)
    for (guint i = 0; i < l.d->cells->len; i++)
      {
        const ChainCell *c = chain_diagram_cell (l.d, i);
        g_autoptr (ChainStepView) v = chain_step_view_copy (l.v);
        g_autoptr (ChainStepHeat) h = NULL;
        g_autofree char *text = NULL;

        v->position = position;
        h = chain_step_heat_new (v, i, &l.t);
        g_assert_cmpint (h != NULL, ==, c->row < 0 || c->col < 0);
        if (h == NULL)
          continue;
        g_assert_cmpint (h->n_panels > 0, ==, position >= c->value_at);
        g_assert_cmpint (h->n_panels > 1, ==, position >= c->value_at && c->adjoint_at != G_MAXUINT && position >= c->adjoint_at);
        g_assert_cmpint (h->note != NULL, ==, h->n_panels == 0);
        for (guint k = 0; k < h->n_panels; k++)
          check_panel (&l, h, &h->panel[k], c);
        text = chain_step_heat_text (h);
        g_assert_true (g_str_has_prefix (text, h->title) && g_utf8_validate (text, -1, NULL));
        n++;
        full += h->n_panels > 1;
      }
  g_assert_cmpuint (n, >, 20);
  g_assert_cmpuint (full, >, 5);
  layers_clear (&l);
}

static guint
cell_of (const Layers *l, const char *id)
{
  guint i = GPOINTER_TO_UINT (g_hash_table_lookup (l->d->by_id, id));

  g_assert_cmpuint (i, >, 0);
  return i - 1;
}

/* Pixels of the upper left corner of the value's map. */
static guint32
pixel (const ChainStepHeat *h, const ChainTheme *t, double x, double y)
{
  cairo_surface_t *f = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) ceil (h->width), (int) ceil (h->height));
  cairo_t *cr = cairo_create (f);
  guint32 found;

  chain_step_heat_draw (cr, h, t, -1, -1, -1, -1);
  cairo_destroy (cr);
  cairo_surface_flush (f);
  found = ((const guint32 *) (gconstpointer) (cairo_image_surface_get_data (f) + (int) y * cairo_image_surface_get_stride (f)))[(int) x];
  cairo_surface_destroy (f);
  return found;
}

/* A vector of 3 000 entries has fewer points; the largest weight, wherever it is, is the one that its point shows and hits. */
static void
test_thinned (void)
{
  Layers l = layers_new (3000);
  g_autoptr (ChainStepHeat) h = NULL;
  const ChainHeatPanel *p;
  gint64 row = 0, col = 0, at_row = -1, at_col = -1;
  double x, y;

  h = chain_step_heat_new (l.v, cell_of (&l, "d1.weight"), &l.t);
  g_assert_nonnull (h);
  p = &h->panel[0];
  g_assert_true (h->nx < h->cols || h->ny < h->rows);
  g_assert_nonnull (strstr (h->note, "Thinned"));
  for (gint64 r = 0; r < h->rows; r++)
    for (gint64 c = 0; c < h->cols; c++)
      if (fabs (p->entry[r * h->all_cols + c]) >= p->most)
        {
          row = r;
          col = c;
        }
  x = p->map.x + p->map.w * ((double) (col * h->nx / h->cols) + 0.5) / h->nx;
  y = p->map.y + p->map.h * ((double) (row * h->ny / h->rows) + 0.5) / h->ny;
  g_assert_true (chain_step_heat_hit (h, x, y, &at_row, &at_col));
  g_assert_true (at_row == row && at_col == col);
  g_assert_cmpuint (pixel (h, &l.t, x, y), !=, pixel (h, &l.t, 2, 2));
  layers_clear (&l);
}

static void
test_words (void)
{
  Layers l = layers_new (5);
  g_autoptr (ChainStepHeat) h = chain_step_heat_new (l.v, cell_of (&l, "d1.weight"), &l.t);
  g_autofree char *entry = chain_step_heat_entry (h, 1, 0);

  g_assert_true (g_str_has_prefix (entry, "Row 2, column 1: value "));
  g_assert_nonnull (strstr (entry, ", adjoint "));
  layers_clear (&l);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/heat/numbers", test_numbers);
  g_test_add_func ("/heat/thinned", test_thinned);
  g_test_add_func ("/heat/words", test_words);
  return g_test_run ();
}
