/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the view table, drawn and laid out for every hand-made snapshot in both styles and three sizes (ARCHITECTURE 7: layouts first,
 * pixels second). */
#include <math.h>
#include <string.h>

#include "app/picture/layout/field.h"
#include "app/picture/layout/schedule-rate.h"
#include "app/picture/layout/net.h"
#include "engine/base/number.h"
#include "engine/nn/health.h"
#include "tests/app/picture/kit.h"

static const double sizes[][2] = { { 316, 175 }, { 776, 630 }, { 220, 120 } };

typedef void (*Visit) (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double w, double h);

static void
visit_all (Visit visit)
{
  guint n;
  const ChainView *views = chain_table_views (&n);

  for (guint c = 0; c < picture_n_cases; c++)
    {
      g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[c]);

      for (guint i = 0; i < n; i++)
        for (guint k = 0; k < G_N_ELEMENTS (sizes) && (views[i].applies == NULL || views[i].applies (s)); k++)
          for (int dark = 0; dark < 2; dark++)
            {
              ChainTheme t;

              chain_theme_init (&t, dark ? "dark" : "light");
              visit (&views[i], s, &t, sizes[k][0], sizes[k][1]);
            }
    }
}

static cairo_surface_t *
paint (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double w, double h, const ChainOverlay *o)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) w, (int) h);
  cairo_t *cr = cairo_create (surface);
  g_autoptr (ChainLayout) l = v->layout (s, t, w, h);

  v->draw (cr, l, s, t, o);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static gsize
bytes_of (cairo_surface_t *s)
{
  return (gsize) cairo_image_surface_get_stride (s) * (gsize) cairo_image_surface_get_height (s);
}

static void
check_drawn (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  cairo_surface_t *a = paint (v, s, t, w, h, NULL);
  const guint32 *pixels = (const guint32 *) cairo_image_surface_get_data (a);
  guint inks = 0;

  for (gsize i = 0; i < bytes_of (a) / 4; i++)
    inks += (pixels[i] & 0xffffff) != (pixels[0] & 0xffffff);
  g_assert_cmpuint (inks, >, 100);
  cairo_surface_destroy (a);
}

static void
test_drawn (void)
{
  visit_all (check_drawn);
}

/* The four parts one after another are the whole picture. */
static void
check_same (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  cairo_surface_t *a, *b, *c;
  cairo_t *cr;
  g_autoptr (ChainLayout) l = NULL;

  if (h != 175)
    return;
  a = paint (v, s, t, w, h, NULL);
  b = paint (v, s, t, w, h, NULL);
  c = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) w, (int) h);
  cr = cairo_create (c);
  l = v->layout (s, t, w, h);
  for (guint part = CHAIN_PART_BACK; part <= CHAIN_PART_OVERLAY; part <<= 1)
    {
      ChainOverlay o = { .parts = part };

      v->draw (cr, l, s, t, &o);
    }
  cairo_destroy (cr);
  cairo_surface_flush (c);
  g_assert_cmpmem (cairo_image_surface_get_data (a), bytes_of (a), cairo_image_surface_get_data (b), bytes_of (b));
  g_assert_cmpmem (cairo_image_surface_get_data (a), bytes_of (a), cairo_image_surface_get_data (c), bytes_of (c));
  cairo_surface_destroy (a);
  cairo_surface_destroy (b);
  cairo_surface_destroy (c);
}

static void
test_same (void)
{
  visit_all (check_same);
}

static gboolean
overlap (const ChainElement *a, const ChainElement *b)
{
  return a->x < b->x + b->w - 0.01 && b->x < a->x + a->w - 0.01 && a->y < b->y + b->h - 0.01 && b->y < a->y + a->h - 0.01;
}

static void
check_layout (const ChainView *v, const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  g_autoptr (ChainLayout) l = v->layout (s, t, w, h), again = v->layout (s, t, w, h);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_nonnull (l->title);
  g_assert_nonnull (l->description);
  g_assert_cmpuint (strlen (l->description), >, 8);
  g_assert_true (l->still == again->still);
  g_assert_cmpuint (l->elements->len, ==, again->elements->len);
  for (guint i = 0; i < l->elements->len; i++)
    {
      const ChainElement *e = g_ptr_array_index (l->elements, i);
      gboolean edge = strcmp (e->role, "weight") == 0, point = strcmp (e->role, "point") == 0;

      g_assert_true (g_hash_table_add (ids, e->id));
      g_assert_true (e->label && *e->label);
      g_assert_true (g_utf8_validate (e->label, -1, NULL));
      g_assert_true (isfinite (e->x) && isfinite (e->y) && e->w >= 0 && e->h >= 0);
      if (!edge && strcmp (e->role, "series") != 0)
        {
          g_assert_cmpfloat (e->x, >=, -0.5);
          g_assert_cmpfloat (e->y, >=, -0.5);
          g_assert_cmpfloat (e->x + e->w, <=, w + 0.5);
          g_assert_cmpfloat (e->y + e->h, <=, fmax (h, 150) + 0.5);
        }
      g_assert_true (chain_layout_find (l, e->id) == e);
      for (guint k = 0; k < i && !edge && !point && h > 500; k++)
        {
          const ChainElement *f = g_ptr_array_index (l->elements, k);

          if (strcmp (f->role, "weight") != 0 && strcmp (f->role, "plot") != 0 && strcmp (f->role, "series") != 0 && strcmp (e->role, "series") != 0)
            g_assert_false (overlap (e, f));
        }
      if (!edge && !point && h > 500 && strcmp (e->role, "series") != 0 && strcmp (e->role, "plot") != 0)
        g_assert_true (chain_layout_hit (v, l, e->x + e->w / 2, e->y + e->h / 2) == e);
    }
  g_assert_null (chain_layout_hit (v, l, -50, -50));
}

static void
test_layouts (void)
{
  visit_all (check_layout);
}

/* A point on a curve hits its own weight; 40 px beside all of them nothing is hit. */
static void
test_edges (void)
{
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[0]);
  const ChainView *v = chain_view_by_id ("network");
  ChainTheme t;
  g_autoptr (ChainLayout) l = NULL;
  const ChainElement *e, *hit;
  guint weights = 0;

  chain_theme_init (&t, "light");
  l = v->layout (s, &t, 776, 630);
  for (guint i = 0; i < l->elements->len; i++)
    weights += g_str_has_prefix (((ChainElement *) g_ptr_array_index (l->elements, i))->id, "weight:");
  g_assert_cmpuint (weights, ==, 12 + 36 + 6);
  e = chain_layout_find (l, "weight:d1:0:0");
  g_assert_nonnull (e);
  hit = chain_layout_hit (v, l, e->x + e->w / 2, e->y + e->h / 2);
  g_assert_nonnull (hit);
  g_assert_cmpstr (hit->id, ==, e->id);
  g_assert_null (chain_layout_hit (v, l, e->x + e->w / 2, 600));
}

/* Hover, selection and focus leave ink, and only in their part. */
static void
test_overlay (void)
{
  static const char *const ids[] = { "weight:d1:0:1", "unit:d1:2", "unit:out:0", "layer:d1", "unit:x:0" };
  const ChainView *v = chain_view_by_id ("network"), *b = chain_view_by_id ("boundary");
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[0]);
  ChainTheme t;
  cairo_surface_t *plain, *marked;

  chain_theme_init (&t, "light");
  plain = paint (v, s, &t, 776, 630, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      ChainOverlay o = { .hover = ids[i], .focus = ids[i] };

      marked = paint (v, s, &t, 776, 630, &o);
      g_assert_cmpint (memcmp (cairo_image_surface_get_data (plain), cairo_image_surface_get_data (marked), bytes_of (plain)), !=, 0);
      cairo_surface_destroy (marked);
    }
  cairo_surface_destroy (plain);
  plain = paint (b, s, &t, 316, 285, NULL);
  marked = paint (b, s, &t, 316, 285, &(ChainOverlay){ .show_unit = "unit:d1:2" });
  g_assert_cmpint (memcmp (cairo_image_surface_get_data (plain), cairo_image_surface_get_data (marked), bytes_of (plain)), !=, 0);
  cairo_surface_destroy (plain);
  cairo_surface_destroy (marked);
  plain = paint (b, s, &t, 316, 285, NULL);
  marked = paint (b, s, &t, 316, 285, &(ChainOverlay){ .show_unit = "unit:nowhere:99" });      /* unknown: the output */
  g_assert_cmpmem (cairo_image_surface_get_data (plain), bytes_of (plain), cairo_image_surface_get_data (marked), bytes_of (marked));
  cairo_surface_destroy (plain);
  cairo_surface_destroy (marked);
}

/* The first cells of the field are at the bottom left: class 1 of the moons lies right below. */
static void
test_orientation (void)
{
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[0]);
  const ChainView *v = chain_view_by_id ("boundary");
  ChainTheme t;
  cairo_surface_t *a;
  const guint8 *p;
  g_autoptr (ChainLayout) l = NULL;
  const ChainElement *plot;

  for (guint i = 0; i < s->out_res * s->out_res; i++)
    s->output[i] = i < s->out_res * s->out_res / 2 ? 1 : 0;      /* lower half: class 1, azure */
  chain_theme_init (&t, "light");
  l = v->layout (s, &t, 316, 285);
  plot = chain_layout_find (l, "plot");
  a = paint (v, s, &t, 316, 285, NULL);
  p = cairo_image_surface_get_data (a) + (gsize) cairo_image_surface_get_stride (a) * (gsize) (plot->y + plot->h - 6) + 4 * (gsize) (plot->x + 8);
  g_assert_cmpuint (p[0], >, p[2]);      /* blue over red */
  p = cairo_image_surface_get_data (a) + (gsize) cairo_image_surface_get_stride (a) * (gsize) (plot->y + 6) + 4 * (gsize) (plot->x + plot->w - 8);
  g_assert_cmpuint (p[2], >, p[0]);
  cairo_surface_destroy (a);
}

/* What a picture leaves out is said. */
static void
test_thinning (void)
{
  ChainTheme t;

  chain_theme_init (&t, "light");
  for (guint c = 0; c < picture_n_cases; c++)
    if (strcmp (picture_cases[c].name, "wide") == 0 || strcmp (picture_cases[c].name, "digits") == 0)
      {
        g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[c]);
        g_autoptr (ChainLayout) l = chain_view_by_id ("network")->layout (s, &t, 776, 630);

        if (picture_cases[c].image)
          {
            g_assert_cmpstr (chain_layout_find (l, "stack:x")->label, ==, "64 inputs");
            continue;
          }
        g_assert_nonnull (strstr (l->note, "strongest 400 of"));
        g_assert_nonnull (strstr (chain_layout_find (l, "more:d1")->label, "more units"));
        g_assert_nonnull (chain_layout_find (l, "unit:d1:127"));
        g_assert_null (chain_layout_find (l, "unit:d1:60"));
      }
}

/* Each state that the probe gives a unit leaves its own mark on the tile. */
static void
test_unit_states (void)
{
  static const guint8 states[] = { 0, CHAIN_HEALTH_DEAD, CHAIN_HEALTH_SATURATED, CHAIN_HEALTH_SYMMETRIC };
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[0]);
  ChainSnapLayer *layer = g_ptr_array_index (s->layers, 0);
  cairo_surface_t *seen[G_N_ELEMENTS (states)];
  ChainTheme t;

  chain_theme_init (&t, "light");
  layer->unit_state = g_new0 (guint8, layer->width);
  layer->health = CHAIN_HEALTH_DEAD | CHAIN_HEALTH_SATURATED | CHAIN_HEALTH_SYMMETRIC;
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      layer->unit_state[2] = layer->unit_state[3] = states[i];
      seen[i] = paint (chain_view_by_id ("network"), s, &t, 776, 630, NULL);
      for (guint k = 0; k < i; k++)
        g_assert_cmpint (memcmp (cairo_image_surface_get_data (seen[i]), cairo_image_surface_get_data (seen[k]), bytes_of (seen[i])), !=, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    cairo_surface_destroy (seen[i]);
}

/* --- answers --- */
static ChainSnapshot *
snapshot_of (const char *name)
{
  for (guint c = 0; c < picture_n_cases; c++)
    if (strcmp (picture_cases[c].name, name) == 0)
      return picture_kit_snapshot (&picture_cases[c]);
  g_assert_not_reached ();
}

/* Every row of the data is in one cell, and a cell says its own count. */
static void
test_confusion (void)
{
  g_autoptr (ChainSnapshot) s = snapshot_of ("three-classes");
  const ChainView *v = chain_view_by_id ("confusion");
  g_autoptr (ChainLayout) l = NULL;
  g_autofree char *csv = v->csv (s);
  ChainTheme t;
  guint sum = 0;

  chain_theme_init (&t, "light");
  for (guint i = 0; i < 9; i++)
    sum += s->predictions->confusion[i];
  g_assert_cmpuint (sum, ==, 60);
  memset (s->predictions->confusion, 0, 9 * sizeof (guint));
  s->predictions->confusion[1] = 7;
  s->predictions->confusion[0] = 13;
  l = v->layout (s, &t, 316, 285);
  g_assert_cmpstr (chain_layout_find (l, "cell:0:1")->label, ==, "7 of 20 rows of class 0 are taken for 1 (35.0\xe2\x80\xaf%)");
  g_assert_cmpstr (chain_layout_find (l, "cell:0:0")->label, ==, "13 of 20 rows of class 0 are right (65.0\xe2\x80\xaf%)");
  g_assert_null (chain_layout_find (l, "cell:1:0"));
  g_assert_nonnull (strstr (l->description, "most often 0 is taken for 1, 7 times"));
  g_assert_true (g_str_has_prefix (csv, "true,0,1,2\n0,"));
}

/* Points above the diagonal are predicted too high; the one under the pointer is found, and marked in the overlay. */
static void
test_predicted (void)
{
  g_autoptr (ChainSnapshot) s = snapshot_of ("eight-inputs");
  const ChainView *v = chain_view_by_id ("predicted");
  g_autoptr (ChainLayout) l = NULL;
  const ChainElement *e;
  cairo_surface_t *plain, *marked;
  ChainTheme t;

  chain_theme_init (&t, "dark");
  s->predictions->truth[3] = 0.5;
  s->predictions->value[3] = 0.75;
  s->predictions->truth[4] = -0.25;
  s->predictions->value[4] = -0.5;
  l = v->layout (s, &t, 316, 285);
  e = chain_layout_find (l, "point:3");
  g_assert_cmpstr (e->label, ==, "Row 154: y is 0.500, predicted 0.750, too high by 0.250");
  g_assert_cmpstr (chain_layout_find (l, "point:4")->label, ==, "Row 155: y is −0.250, predicted −0.500, too low by 0.250");
  g_assert_nonnull (chain_layout_hit (v, l, e->x + 4, e->y + 4));
  g_assert_cmpstr (chain_layout_hit (v, l, e->x + 4, e->y + 4)->role, ==, "point");
  g_assert_cmpstr (chain_layout_hit (v, l, chain_layout_find (l, "plot")->x + 1, chain_layout_find (l, "plot")->y + 1)->id, ==, "plot");
  plain = paint (v, s, &t, 316, 285, NULL);
  marked = paint (v, s, &t, 316, 285, &(ChainOverlay){ .hover = "point:3" });
  g_assert_cmpint (memcmp (cairo_image_surface_get_data (plain), cairo_image_surface_get_data (marked), bytes_of (plain)), !=, 0);
  cairo_surface_destroy (plain);
  cairo_surface_destroy (marked);
}

static void
test_mistakes (void)
{
  g_autoptr (ChainSnapshot) s = snapshot_of ("digits");
  const ChainView *v = chain_view_by_id ("mistakes");
  g_autoptr (ChainLayout) some = NULL, none = NULL;
  ChainTheme t;
  guint wrong = 0;

  chain_theme_init (&t, "light");
  for (guint i = 0; i < s->predictions->n; i++)
    wrong += s->predictions->truth[i] != s->predictions->value[i];
  g_assert_cmpuint (wrong, >, 24);
  some = v->layout (s, &t, 776, 630);
  g_assert_cmpuint (some->elements->len, ==, 24);
  g_assert_nonnull (strstr (some->note, "24 of "));
  memcpy (s->predictions->value, s->predictions->truth, s->predictions->n * sizeof (double));
  none = v->layout (s, &t, 316, 285);
  g_assert_cmpuint (none->elements->len, ==, 0);
  g_assert_cmpstr (none->description, ==, "Every one of 125 test rows is right.");
}

/* As many lines of numbers as crosses, each a point of the output; a network that is judged by its answers makes none. */
static void
test_generated (void)
{
  g_autoptr (ChainSnapshot) s = snapshot_of ("generator"), other = snapshot_of ("plane");
  const ChainView *v = chain_view_by_id ("generated");
  g_autofree char *csv = v->csv (s);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (csv), "\n", -1);
  g_autofree char *first = NULL;
  char x[CHAIN_NUMBER_SIZE], y[CHAIN_NUMBER_SIZE];
  gsize stride;

  g_assert_true (v->applies (s));
  g_assert_false (v->applies (other));
  g_assert_false (chain_view_by_id ("boundary")->applies (s));
  g_assert_cmpuint (chain_generated_points (s, &stride), >, 100);
  g_assert_cmpuint (g_strv_length (lines), ==, chain_generated_points (s, &stride) + 1);
  first = g_strdup_printf ("%s,%s", chain_number_write (x, s->output[stride]),
                           chain_number_write (y, s->output[(gsize) s->out_res * s->out_res + stride]));
  g_assert_cmpstr (lines[2], ==, first);
}

/* Without a planned end the picture reaches past the last change of the schedule: a cosine's minimum is on it, at T steps. */
static void
test_schedule_reaches (void)
{
  static const struct { const char *id; double least; } rows[] = { { "constant", 50 }, { "cosine", 1000 / 8.0 }, { "exponential", 50 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ChainSnapshot) s = snapshot_of ("fresh");
      ChainSpec *next = chain_spec_copy (s->spec);
      double rate[CHAIN_RATE_SAMPLES], end;

      chain_choice_set (&next->schedule, rows[i].id, NULL);
      chain_spec_unref (s->spec);
      s->spec = chain_spec_seal (next);
      end = chain_schedule_sample (s, rate);
      g_assert_cmpfloat (end, >=, rows[i].least);
      g_assert_cmpfloat (end, <=, 4 * rows[i].least);
      g_assert_true (g_str_equal (rows[i].id, "constant") == (rate[0] == rate[CHAIN_RATE_SAMPLES - 1]));
    }
}

static void
test_result_view (void)
{
  static const char *const rows[][2] = { { "two-moons", "boundary" }, { "line", "boundary" }, { "five-inputs", "boundary" }, { "digits", "confusion" },
                                         { "eight-inputs", "predicted" }, { "plane", "boundary" }, { "bare", "boundary" }, { "generator", "generated" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (ChainSnapshot) s = snapshot_of (rows[i][0]);
      const ChainView *v = chain_view_by_id (chain_view_for_result (s));

      g_assert_cmpstr (v->id, ==, rows[i][1]);
      g_assert_true (v->applies == NULL || v->applies (s));
    }
}

/* The word under the output is true for every loss, and it is drawn anew when only the loss has changed. */
static void
test_output (void)
{
  static const struct { const char *loss, *variant, *activation, *text; } rows[] = {
    { "mse", NULL, NULL, "𝑦 = 𝑧" },
    { "mse", NULL, "sigmoid", "𝑦 = 𝜎(𝑧)" },
    { "mse", NULL, "tanh", "𝑦 = tanh(𝑧)" },
    { "bce", NULL, "sigmoid", "𝑦 = 𝜎(𝑧)" },
    { "bce_with_logits", NULL, NULL, "𝑧, 𝑝 = 𝜎(𝑧)" },
    { "bce_with_logits", NULL, "sigmoid", "𝑦 = 𝜎(𝑧), 𝑝 = 𝜎(𝑦)" },
    { "ce_with_logits", NULL, NULL, "𝑧, 𝑝 = softmax(𝑧)" },
    { "cross_entropy", NULL, "softmax", "𝑦 = softmax(𝑧)" },
    { "hinge", NULL, NULL, "𝑦 = 𝑧" },
    { "multi_class_hinge", NULL, NULL, "𝑦 = 𝑧" },
    { "formula", NULL, NULL, "𝑦 = 𝑧" },
    { "poisson_nll", NULL, NULL, "𝑧, 𝜆 = exp(𝑧)" },
    { "gan_discriminator", NULL, NULL, "𝑧, 𝑝 = 𝜎(𝑧)" },
    { "gan_discriminator", "wgan", NULL, "𝑦 = 𝑧" },
  };
  g_autoptr (ChainSnapshot) s = snapshot_of ("two-moons");
  g_autoptr (GHashTable) stills = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  ChainTheme t;

  chain_theme_init (&t, "light");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ChainSpec *spec = chain_spec_copy (s->spec);
      ChainLossTerm *term = chain_loss_term_new (rows[i].loss);
      ChainLayer *out = g_ptr_array_index (spec->layers, spec->layers->len - 1);
      g_autoptr (ChainLayout) l = NULL;
      g_autofree char *text = NULL;

      chain_choice_set (&term->choice, rows[i].loss, rows[i].variant);
      g_ptr_array_set_size (spec->losses, 0);
      g_ptr_array_add (spec->losses, term);
      chain_choice_set (&out->activation, rows[i].activation, NULL);
      chain_spec_unref (s->spec);
      s->spec = chain_spec_seal (spec);
      text = chain_net_output (s);
      g_assert_cmpstr (text, ==, rows[i].text);
      l = chain_view_by_id ("network")->layout (s, &t, 776, 630);
      for (guint k = 0; k < i; k++)
        {
          guint64 *other = g_hash_table_lookup (stills, rows[k].text);

          g_assert_true (g_str_equal (rows[k].text, rows[i].text) || *other != l->still);
        }
      if (!g_hash_table_contains (stills, rows[i].text))
        g_hash_table_insert (stills, (char *) rows[i].text, g_memdup2 (&l->still, sizeof l->still));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/drawn", test_drawn);
  g_test_add_func ("/picture/same-bytes", test_same);
  g_test_add_func ("/picture/layouts", test_layouts);
  g_test_add_func ("/picture/edges", test_edges);
  g_test_add_func ("/picture/overlay", test_overlay);
  g_test_add_func ("/picture/orientation", test_orientation);
  g_test_add_func ("/picture/thinning", test_thinning);
  g_test_add_func ("/picture/unit-states", test_unit_states);
  g_test_add_func ("/picture/confusion", test_confusion);
  g_test_add_func ("/picture/predicted", test_predicted);
  g_test_add_func ("/picture/mistakes", test_mistakes);
  g_test_add_func ("/picture/result-view", test_result_view);
  g_test_add_func ("/picture/schedule-reaches", test_schedule_reaches);
  g_test_add_func ("/picture/generated", test_generated);
  g_test_add_func ("/picture/output", test_output);
  return g_test_run ();
}
