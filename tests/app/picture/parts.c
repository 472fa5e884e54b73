/* SPDX-License-Identifier: Apache-2.0 */
/* The parts below the views: numbers as text, ticks, label spreading, contours, colour maps, exports. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "app/picture/colormap.h"
#include "app/picture/export.h"
#include "app/picture/layout/contour.h"
#include "app/picture/layout/plot.h"
#include "app/picture/number-text.h"
#include "tests/app/picture/kit.h"

#define NN "\xe2\x80\xaf"

static const struct { double v; const char *value, *loss, *setting; } numbers[] = {
  { 0, "0.000", "0", "0" },
  { -0.0, "0.000", "0", "0" },
  { 1, "1.000", "1.00", "1" },
  { -0.507, "−0.507", "−0.507", "−0.507" },
  { 0.03, "0.030", "0.0300", "0.03" },
  { 0.0024, "0.002", "0.00240", "0.0024" },
  { 2.4e-4, "2.4" NN "×" NN "10⁻⁴", "2.4" NN "×" NN "10⁻⁴", "2.4" NN "×" NN "10⁻⁴" },
  { 1e-4, "1.0" NN "×" NN "10⁻⁴", "1.0" NN "×" NN "10⁻⁴", "10⁻⁴" },
  { 5e-7, "5.0" NN "×" NN "10⁻⁷", "5.0" NN "×" NN "10⁻⁷", "5" NN "×" NN "10⁻⁷" },
  { 9.99e-5, "1.0" NN "×" NN "10⁻⁴", "1.0" NN "×" NN "10⁻⁴", "9.99" NN "×" NN "10⁻⁵" },
  { 999.4, "999.400", "999", "999.4" },
  { 12345, "1.2" NN "×" NN "10⁴", "12345", "12345" },
  { -1e12, "−1.0" NN "×" NN "10¹²", "−1.0" NN "×" NN "10¹²", "−1" NN "×" NN "10¹²" },
  { 5e-324, "4.9" NN "×" NN "10⁻³²⁴", NULL, NULL },
  { NAN, "NaN", "NaN", "NaN" },
  { INFINITY, "∞", "∞", "∞" },
  { -INFINITY, "−∞", "−∞", "−∞" },
};

static void
test_numbers (void)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_assert_cmpstr (chain_number_text (buf, numbers[i].v, 3), ==, numbers[i].value);
      if (numbers[i].loss)
        g_assert_cmpstr (chain_number_text_loss (buf, numbers[i].v, 3), ==, numbers[i].loss);
      if (numbers[i].setting)
        g_assert_cmpstr (chain_number_text_setting (buf, numbers[i].v), ==, numbers[i].setting);
    }
  g_assert_cmpstr (chain_number_text_signed (buf, 2.238, 3), ==, "+2.238");
  g_assert_cmpstr (chain_number_text_card (buf, -2.431e-3, TRUE), ==, "−2.43" NN "×" NN "10⁻³");
  g_assert_cmpstr (chain_number_text_percent (buf, 0.978), ==, "97.8" NN "%");
  g_assert_cmpstr (chain_number_text_rate (buf, 412000), ==, "412" NN "k");
  g_assert_cmpstr (chain_number_text_rate (buf, 1.23e6), ==, "1.2" NN "M");
  g_assert_cmpstr (chain_number_text_rate (buf, 999999), ==, "1.0" NN "M");
  g_assert_cmpstr (chain_number_text_rate (buf, 87), ==, "87");
  g_assert_cmpstr (chain_number_text_time (buf, 8e-4), ==, "800" NN "µs");
  g_assert_cmpstr (chain_number_text_time (buf, 0.0123), ==, "12" NN "ms");
  g_assert_cmpstr (chain_number_text_time (buf, 1.23), ==, "1.2" NN "s");
  g_assert_cmpstr (chain_number_text_time (buf, 190), ==, "3" NN "min 10" NN "s");
  g_assert_cmpstr (chain_number_text_power (buf, -12), ==, "10⁻¹²");
  g_assert_cmpstr (chain_number_text_count (buf, 16384), ==, "16" NN "384");
  g_assert_cmpstr (chain_number_text_count (buf, 1234), ==, "1234");
}

/* Every value of a wide range stays inside its buffer and is valid UTF-8. */
static void
test_number_range (void)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE];

  for (int k = -323; k <= 308; k++)
    for (double m = 1; m < 10; m += 2.3)
      {
        double v = m * pow (10, k);

        g_assert_true (g_utf8_validate (chain_number_text (buf, -v, 3), -1, NULL));
        g_assert_true (g_utf8_validate (chain_number_text_loss (buf, v, 3), -1, NULL));
        g_assert_true (g_utf8_validate (chain_number_text_setting (buf, v), -1, NULL));
        g_assert_true (g_utf8_validate (chain_number_text_fixed (buf, v, 4), -1, NULL));
        g_assert_null (strchr (buf, 'e'));
      }
}

static void
test_ticks (void)
{
  static const struct { double min, max, target; const char *labels; } rows[] = {
    { -2.6, 2.6, 3, "−2 0 2" },
    { 0, 60, 3, "0 20 40 60" },
    { 0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0" },
    { 0.002, 0.011, 4, "0.002 0.004 0.006 0.008 0.010" },
    { 170, 233, 3, "180 200 220" },
    { -1, 1, 20, "−1.0 −0.5 0.0 0.5 1.0" },
  };
  ChainTick ticks[CHAIN_MAX_TICKS];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint n = chain_ticks_linear (ticks, rows[i].min, rows[i].max, rows[i].target);
      g_autoptr (GString) all = g_string_new (NULL);

      for (guint k = 0; k < n; k++)
        g_string_append_printf (all, "%s%s", k ? " " : "", ticks[k].label);
      g_assert_cmpstr (all->str, ==, rows[i].labels);
    }
}

/* For any range: 3 to 8 ticks, inside, increasing; for log ranges likewise, at most 32. */
static void
test_tick_rules (void)
{
  ChainTick ticks[CHAIN_MAX_TICKS];

  for (int i = 0; i < 2000; i++)
    {
      double min = g_test_rand_double_range (-1, 1) * pow (10, g_test_rand_int_range (-12, 12)), max = min + pow (10, g_test_rand_double_range (-3, 3)) * fmax (1e-9, fabs (min));
      guint n = chain_ticks_linear (ticks, min, max, g_test_rand_double_range (1, 12));

      g_assert_cmpuint (n, >=, 3);
      g_assert_cmpuint (n, <=, 8);
      for (guint k = 0; k < n; k++)
        {
          g_assert_cmpfloat (ticks[k].value, >=, min - (max - min) * 1e-6);
          g_assert_cmpfloat (ticks[k].value, <=, max + (max - min) * 1e-6);
          g_assert_true (k == 0 || ticks[k].value > ticks[k - 1].value);
        }
      min = pow (10, g_test_rand_double_range (-300, 200));
      max = min * pow (10, g_test_rand_double_range (1, 60));
      chain_range_nice (&min, &max, TRUE);
      n = chain_ticks_log (ticks, min, max, 4);
      g_assert_cmpuint (n, >=, 2);
      g_assert_cmpuint (n, <=, CHAIN_MAX_TICKS);
    }
}

static void
test_spread (void)
{
  double at[4] = { 50, 52, 51, 10 };

  chain_labels_spread (at, 4, 15, 0, 100);
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < i; k++)
      g_assert_cmpfloat (fabs (at[i] - at[k]), >=, 15 - 1e-9);
  g_assert_cmpfloat (at[0], <, at[2]);      /* order kept */
  g_assert_cmpfloat (at[2], <, at[1]);
  g_assert_cmpfloat (at[3], ==, 10);
}

/* A circle gives one closed line of points on it; a saddle two lines. */
static void
test_contour (void)
{
  float f[41 * 41], saddle[4] = { 1, 0, 0, 1 };
  ChainContour c;

  for (int y = 0; y < 41; y++)
    for (int x = 0; x < 41; x++)
      f[y * 41 + x] = (float) hypot (x - 20, y - 20);
  chain_contour_init (&c, f, 41, 41, 11.3);
  g_assert_cmpuint (c.ends->len, ==, 1);
  g_assert_cmpuint (c.points->len, >, 60);
  for (guint i = 0; i < c.points->len; i++)
    {
      ChainPoint p = g_array_index (c.points, ChainPoint, i);

      g_assert_cmpfloat (fabs (hypot (p.x - 20, p.y - 20) - 11.3), <, 0.05);
    }
  g_assert_cmpfloat (g_array_index (c.points, ChainPoint, 0).x, ==, g_array_index (c.points, ChainPoint, c.points->len - 1).x);
  chain_contour_clear (&c);
  chain_contour_init (&c, saddle, 2, 2, 0.5);
  g_assert_cmpuint (c.ends->len, ==, 2);
  chain_contour_clear (&c);
}

static double
lightness (ChainColour c)
{
  double lin[3] = { c.r, c.g, c.b }, y;

  for (int i = 0; i < 3; i++)
    lin[i] = lin[i] <= 0.04045 ? lin[i] / 12.92 : pow ((lin[i] + 0.055) / 1.055, 2.4);
  y = 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2];
  return y > 0.008856 ? 116 * cbrt (y) - 16 : 903.3 * y;
}

/* Ends as in the palette; sequential maps grow or fall in lightness all the way, diverging ones on each side of the middle. */
static void
test_colormaps (void)
{
  static const struct { ChainMap map; gboolean dark; guint32 low, high; } ends[] = {
    { CHAIN_MAP_VALUE, FALSE, 0xca6802, 0x1c89e4 },   { CHAIN_MAP_VALUE, TRUE, 0xfea667, 0x8ac3fe },  { CHAIN_MAP_ADJOINT, FALSE, 0xc454b0, 0x03a14a },
    { CHAIN_MAP_ADJOINT, TRUE, 0xfe91e8, 0x54dd7d },  { CHAIN_MAP_SLATE, FALSE, 0xf8fafd, 0x3a628a }, { CHAIN_MAP_SLATE, TRUE, 0x20252a, 0x8eb5de },
    { CHAIN_MAP_VIRIDIS, FALSE, 0x440154, 0xfde725 }, { CHAIN_MAP_CIVIDIS, TRUE, 0x00224e, 0xfee838 }, { CHAIN_MAP_MAGMA, FALSE, 0x000004, 0xfcfdbf },
    { CHAIN_MAP_INFERNO, FALSE, 0x000004, 0xfcffa4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      gboolean two = ends[i].map <= CHAIN_MAP_ADJOINT;
      double sign = lightness (chain_map_colour (ends[i].map, ends[i].dark, 1)) > lightness (chain_map_colour (ends[i].map, ends[i].dark, two ? 0.5 : 0)) ? 1 : -1;

      g_assert_cmphex (chain_colour_pixel (chain_map_colour (ends[i].map, ends[i].dark, 0)), ==, 0xff000000u | ends[i].low);
      g_assert_cmphex (chain_colour_pixel (chain_map_colour (ends[i].map, ends[i].dark, 1)), ==, 0xff000000u | ends[i].high);
      g_assert_cmphex (chain_colour_pixel (chain_map_colour (ends[i].map, ends[i].dark, -7)), ==, 0xff000000u | ends[i].low);
      for (int k = 1; k <= 64; k++)
        {
          double a = two ? 0.5 + (k - 1) / 128.0 : (k - 1) / 64.0, b = two ? 0.5 + k / 128.0 : k / 64.0;

          g_assert_cmpfloat (sign * (lightness (chain_map_colour (ends[i].map, ends[i].dark, b)) - lightness (chain_map_colour (ends[i].map, ends[i].dark, a))), >, -0.15);
        }
    }
}

static void
test_lut (void)
{
  ChainLut lut;
  double scale;

  chain_lut_init (&lut, CHAIN_MAP_VALUE, FALSE, 0, 1, -2, 2);
  scale = (CHAIN_LUT_SIZE - 1) / 4.0;
  g_assert_cmphex (chain_lut_get (&lut, scale, -2), ==, 0xffca6802u);
  g_assert_cmphex (chain_lut_get (&lut, scale, 99), ==, 0xff1c89e4u);
  g_assert_cmphex (chain_lut_get (&lut, scale, -INFINITY), ==, 0xffca6802u);
  g_assert_cmphex (chain_lut_get (&lut, scale, NAN), ==, lut.bad);
}

static void
check_xml (const char *text, gsize n)
{
  GMarkupParser none = { 0 };
  GMarkupParseContext *context = g_markup_parse_context_new (&none, 0, NULL, NULL);

  g_assert_true (g_markup_parse_context_parse (context, text, (gssize) n, NULL));
  g_assert_true (g_markup_parse_context_end_parse (context, NULL));
  g_markup_parse_context_free (context);
}

static void
check_file (const ChainView *v, const ChainSnapshot *s, const char *folder, const char *extension)
{
  static const struct { const char *extension, *magic, *needle; } kinds[] = {
    { "png", "\x89PNG\r\n\x1a\n", "Chainrule-Settings" }, { "svg", "<?xml", "<desc>" }, { "pdf", "%PDF-1.", "%%EOF" }, { "csv", NULL, "\n" },
  };
  g_autofree char *name = chain_export_name (v, s, extension), *path = g_build_filename (folder, name, NULL), *text = NULL, *again = NULL;
  gsize n, m;
  ChainTheme t;
  GError *error = NULL;

  chain_theme_init (&t, "light");
  g_assert_true (chain_export (v, s, &t, v->width, v->height, 2, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, &n, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].extension, extension) == 0)
      {
        if (kinds[i].magic)
          g_assert_cmpmem (text, strlen (kinds[i].magic), kinds[i].magic, strlen (kinds[i].magic));
        g_assert_nonnull (memmem (text, n, kinds[i].needle, strlen (kinds[i].needle)));
      }
  if (strcmp (extension, "png") == 0)
    {
      cairo_surface_t *image = cairo_image_surface_create_from_png (path);

      g_assert_cmpint (cairo_surface_status (image), ==, CAIRO_STATUS_SUCCESS);
      g_assert_cmpint (cairo_image_surface_get_width (image), ==, (int) v->width * 2);
      cairo_surface_destroy (image);
    }
  if (strcmp (extension, "svg") == 0)
    check_xml (text, n);
  if (strcmp (extension, "pdf") != 0)      /* a PDF carries its time of making */
    {
      g_assert_true (chain_export (v, s, &t, v->width, v->height, 2, path, &error));
      g_assert_true (g_file_get_contents (path, &again, &m, NULL));
      g_assert_cmpmem (text, n, again, m);
    }
  g_remove (path);
}

/* Every view in every format, twice with the same bytes; every line of a CSV has as many fields as its head. */
static void
test_export (void)
{
  static const char *const extensions[] = { "png", "svg", "pdf", "csv" };
  g_autofree char *folder = g_dir_make_tmp ("chain-picture-XXXXXX", NULL);
  guint n;
  const ChainView *views = chain_table_views (&n);

  for (guint c = 0; c < 8; c += 7)
    {
      g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[c]);

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *csv = views[i].csv (s);
          g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
          guint fields = 0;

          for (guint k = 0; lines[k] && *lines[k]; k++)
            {
              g_auto (GStrv) parts = g_strsplit (lines[k], ",", -1);

              fields = k == 0 ? g_strv_length (parts) : fields;
              g_assert_cmpuint (g_strv_length (parts), ==, fields);
            }
          for (guint k = 0; k < G_N_ELEMENTS (extensions); k++)
            check_file (&views[i], s, folder, extensions[k]);
        }
    }
  g_rmdir (folder);
}

static void
test_export_errors (void)
{
  g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[0]);
  const ChainView *v = chain_view_by_id ("loss");
  g_autofree char *name = chain_export_name (v, s, ".svg");
  g_autoptr (GError) error = NULL;
  ChainTheme t;

  chain_theme_init (&t, "light");
  g_assert_cmpstr (name, ==, "two-moons_epoch-46_loss.svg");
  g_assert_null (chain_view_by_id ("nothing"));
  g_assert_false (chain_export (v, s, &t, 316, 175, 1, "/tmp/picture.gif", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (chain_export (v, s, &t, 1e6, 175, 1, "/tmp/picture.png", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_false (chain_export (v, s, &t, 316, 175, 1, "/nonexistent-folder/picture.png", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/picture/number-text", test_numbers);
  g_test_add_func ("/picture/number-text/range", test_number_range);
  g_test_add_func ("/picture/ticks", test_ticks);
  g_test_add_func ("/picture/ticks/rules", test_tick_rules);
  g_test_add_func ("/picture/labels", test_spread);
  g_test_add_func ("/picture/contour", test_contour);
  g_test_add_func ("/picture/colormaps", test_colormaps);
  g_test_add_func ("/picture/lut", test_lut);
  g_test_add_func ("/picture/export", test_export);
  g_test_add_func ("/picture/export/errors", test_export_errors);
  return g_test_run ();
}
