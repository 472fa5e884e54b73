/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas against goldens (layout, text, LaTeX, speech), and against the rules that goldens cannot state: the bar on the axis, parts apart from
 * each other, scripts smaller by the font's percentage, lines within their width. UPDATE_GOLDENS=1 writes the goldens anew. */
#include <math.h>
#include <glib/gstdio.h>
#include <string.h>

#include "app/maths/layout/box.h"
#include "tests/app/maths/formulas.h"

static ChainMathsStyle
style_of (double size, double max)
{
  ChainMathsStyle s = { .size = size, .max_width = max };

  for (guint i = 0; i < CHAIN_MATHS_N_INKS; i++)
    s.ink[i].a = 1;
  s.ink[CHAIN_MATHS_BACKWARD].r = 1;
  return s;
}

static void
check_golden (const char *name, const char *kind, const char *now)
{
  g_autofree char *base = g_strconcat (name, ".", kind, NULL);
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "golden", "maths", base, NULL), *was = NULL;

  if (g_getenv ("UPDATE_GOLDENS") != NULL)
    g_assert_true (g_file_set_contents (file, now, -1, NULL));
  g_assert_true (g_file_get_contents (file, &was, NULL, NULL));
  g_assert_cmpstr (now, ==, was);
}

static void
test_golden (gconstpointer data)
{
  const MathsFormula *f = data;
  ChainMathsStyle style = style_of (20, 0);
  g_autoptr (ChainMaths) m = f->build ();
  g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
  g_autofree char *dump = chain_maths_box_dump (b), *text = chain_maths_to_text (m), *latex = chain_maths_to_latex (m), *speech = chain_maths_to_speech (m);
  g_autofree char *readings = g_strdup_printf ("%s\n%s\n%s\n", text, latex, speech);

  check_golden (f->name, "layout", dump);
  check_golden (f->name, "readings", readings);
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *p = strstr (text, part); p != NULL; p = strstr (p + 1, part))
    n++;
  return n;
}

/* What TeX would stop at: braces, \left without \right, environments that stay open. */
static void
test_latex (void)
{
  for (guint i = 0; i < maths_n_formulas; i++)
    {
      g_autoptr (ChainMaths) m = maths_formulas[i].build ();
      g_autofree char *latex = chain_maths_to_latex (m);
      int depth = 0;

      for (const char *p = latex; *p != '\0'; p++)
        {
          depth += (*p == '{' && (p == latex || p[-1] != '\\')) - (*p == '}' && (p == latex || p[-1] != '\\'));
          g_assert_cmpint (depth, >=, 0);
          g_assert_cmpint ((unsigned char) *p, <, 0x80);
        }
      g_assert_cmpint (depth, ==, 0);
      g_assert_cmpuint (count (latex, "\\left") - count (latex, "\\leftarrow"), ==, count (latex, "\\right") - count (latex, "\\rightarrow"));
      g_assert_cmpuint (count (latex, "\\begin{"), ==, count (latex, "\\end{"));
    }
}

/* --- rules --- */
static gboolean
apart (const MathsBox *a, const MathsBox *b)
{
  const double touch = 0.012;     /* joints of an assembly and the surd's corner meet */

  return a->x + a->w - a->italic <= b->x + touch || b->x + b->w - b->italic <= a->x + touch
         || a->y + a->desc <= b->y - b->asc + touch || b->y + b->desc <= a->y - a->asc + touch;
}

static void
check_box (const MathsBox *b, const char *formula)
{
  double axis = _chain_maths_constant (HB_OT_MATH_CONSTANT_AXIS_HEIGHT);

  if (b->kind != BOX_GROUP)
    return;
  for (guint i = 0; i < b->kids->len; i++)
    {
      const MathsBox *k = g_ptr_array_index (b->kids, i);

      for (guint j = i + 1; j < b->kids->len && !g_str_equal (b->name, "assembly"); j++)
        {
          const MathsBox *other = g_ptr_array_index (b->kids, j);

          if (k->kind != BOX_ANCHOR && other->kind != BOX_ANCHOR && !apart (k, other))
            g_error ("%s: %s %u and %u overlap", formula, b->name, i, j);
        }
      if (g_str_equal (b->name, "fraction") && k->kind == BOX_RULE)
        {
          double middle = -k->y + k->asc / 2, scale = k->asc / _chain_maths_constant (HB_OT_MATH_CONSTANT_FRACTION_RULE_THICKNESS);

          g_assert_cmpfloat_with_epsilon (middle, axis * scale, 1e-9);
        }
      check_box (k, formula);
    }
}

static void
test_rules (void)
{
  for (guint i = 0; i < maths_n_formulas; i++)
    for (double max = 0; max <= 400; max += 200)
      {
        ChainMathsStyle style = style_of (20, max);
        g_autoptr (ChainMaths) m = maths_formulas[i].build ();
        g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);

        check_box (b->root, maths_formulas[i].name);
      }
}

static void
test_scripts (void)
{
  ChainMathsStyle style = style_of (20, 0);
  g_autoptr (ChainMaths) m = chain_maths_script (chain_maths_symbol ("x"), NULL, chain_maths_script (chain_maths_symbol ("x"), NULL, chain_maths_symbol ("x")));
  g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
  const MathsBox *level = b->root;
  double scale[3], percent[] = { 1, 0.74, 0.55 };

  for (guint i = 0; i < 3; i++)
    {
      const MathsBox *glyph;

      while (!g_str_equal (level->name, "script") && !(level->kids->len == 1 && ((MathsBox *) level->kids->pdata[0])->kind == BOX_GLYPH))
        level = level->kids->pdata[0];
      glyph = _chain_maths_end_glyph (i < 2 ? level->kids->pdata[0] : level, TRUE);
      g_assert_nonnull (glyph);
      scale[i] = glyph->scale;
      g_assert_cmpfloat_with_epsilon (scale[i], percent[i], 1e-9);
      if (i < 2)
        {
          level = level->kids->pdata[1];
          g_assert_cmpfloat (level->y, <, -0.1);
        }
    }
}

static ChainMaths *
long_sum (void)
{
  ChainMaths *part[40];

  part[0] = chain_maths_symbol ("L");
  part[1] = chain_maths_sign ("=");
  for (guint i = 2; i < 39; i++)
    part[i] = i % 2 == 0 ? chain_maths_script (chain_maths_symbol ("w"), chain_maths_number ("12"), NULL) : chain_maths_sign ("+");
  part[39] = chain_maths_anchor ("end", chain_maths_symbol ("z"));
  return chain_maths_row_of (part, 40);
}

static void
test_breaking (void)
{
  double before = 1e9;
  g_autoptr (ChainMaths) m = long_sum ();

  for (double max = 120; max <= 1200; max *= 1.5)
    {
      ChainMathsStyle style = style_of (20, max);
      g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
      ChainMathsRect end;
      double w, asc, desc;

      chain_maths_box_size (b, &w, &asc, &desc);
      g_assert_cmpfloat (w, <=, max + 1e-6);
      g_assert_cmpfloat (asc + desc, <=, before + 1e-6);
      g_assert_true (chain_maths_box_find (b, "end", &end));
      g_assert_cmpstr (chain_maths_box_hit (b, end.x + end.w / 2, end.y + end.h / 2), ==, "end");
      g_assert_null (chain_maths_box_hit (b, -5, 0));
      g_assert_cmpfloat (end.x + end.w, <=, w + 1e-6);
      before = asc + desc;
    }
}

/* The first relation of every line stands under that of the first. */
static void
test_aligned (void)
{
  ChainMathsStyle style = style_of (100, 0);
  ChainMaths *lines[] = {
    chain_maths_row (chain_maths_symbol ("wide"), chain_maths_anchor ("a", chain_maths_sign ("=")), chain_maths_number ("1"), NULL),
    chain_maths_row (chain_maths_symbol ("x"), chain_maths_anchor ("b", chain_maths_sign ("=")), chain_maths_number ("22"), NULL),
    chain_maths_row (chain_maths_anchor ("c", chain_maths_sign ("=")), chain_maths_number ("22"), NULL) };
  g_autoptr (ChainMaths) m = chain_maths_lines (lines, 3);
  g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
  ChainMathsRect a, o;

  g_assert_true (chain_maths_box_find (b, "a", &a));
  g_assert_true (chain_maths_box_find (b, "b", &o));
  g_assert_cmpfloat_with_epsilon (a.x, o.x, 1e-6);
  g_assert_cmpfloat (o.y, >, a.y);
  g_assert_true (chain_maths_box_find (b, "c", &o));
  g_assert_cmpfloat_with_epsilon (a.x, o.x, 1e-6);
  g_assert_false (chain_maths_box_find (b, "none", &o));
}

/* Fences are as high as what they hold, whatever it is. */
static void
test_growing (void)
{
  ChainMaths *m = chain_maths_symbol ("x");
  ChainMathsStyle style = style_of (20, 0);
  double before = 0;

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (ChainMathsBox) b = NULL;
      double asc, desc;
      const MathsBox *fence;
      const MathsBox *left, *body;

      m = chain_maths_fence ("(", chain_maths_fraction (m, chain_maths_number ("2")), ")");
      m = chain_maths_row (m, NULL);
      b = chain_maths_layout (m, &style);
      chain_maths_box_size (b, NULL, &asc, &desc);
      g_assert_cmpfloat (asc + desc, >, before);
      before = asc + desc;
      for (fence = b->root; !g_str_equal (fence->name, "fence"); fence = fence->kids->pdata[0])
        g_assert_cmpuint (fence->kids->len, ==, 1);
      left = fence->kids->pdata[0];
      body = fence->kids->pdata[1];
      g_assert_cmpfloat (left->asc + left->desc, >=, 0.85 * (body->asc + body->desc) - 0.5);
    }
  chain_maths_unref (m);
}

/* --- drawing --- */
static guint
hash_of_drawing (ChainMaths *m, double size)
{
  ChainMathsStyle style = style_of (size, 0);
  g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
  cairo_surface_t *s = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 400, 200);
  cairo_t *cr = cairo_create (s);
  g_autoptr (GBytes) bytes = NULL;
  guint hash;

  chain_maths_box_draw (cr, b, 10, 80);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_flush (s);
  bytes = g_bytes_new (cairo_image_surface_get_data (s), 400 * 4 * 200);
  hash = g_bytes_hash (bytes);
  cairo_destroy (cr);
  cairo_surface_destroy (s);
  return hash;
}

static gpointer
draw_all (gpointer data)
{
  guint hash = 0;

  for (guint i = 0; i < maths_n_formulas; i++)
    {
      g_autoptr (ChainMaths) m = maths_formulas[i].build ();

      hash = hash * 31 + hash_of_drawing (m, 17);
    }
  return GUINT_TO_POINTER (hash);
}

static void
test_threads (void)
{
  GThread *t[4];
  gpointer here = draw_all (NULL);
  g_autoptr (ChainMaths) nothing = chain_maths_row (NULL, NULL), x = chain_maths_symbol ("x");

  g_assert_cmpuint (hash_of_drawing (nothing, 17), !=, hash_of_drawing (x, 17));
  g_assert_cmpuint (hash_of_drawing (x, 18), !=, hash_of_drawing (x, 17));
  for (guint i = 0; i < G_N_ELEMENTS (t); i++)
    t[i] = g_thread_new ("draw", draw_all, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (t); i++)
    g_assert_true (g_thread_join (t[i]) == here);
}

/* Letters that the font lacks, controls and nothing at all. */
static void
test_odd_texts (void)
{
  static const char *const texts[] = { "", "損失", "한", "\t", "_x^{y}", "a\\b#%&", "🙂" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (ChainMaths) m = chain_maths_script (chain_maths_symbol (texts[i]), chain_maths_word (texts[i]), chain_maths_root (chain_maths_number (texts[i])));
      g_autoptr (ChainMaths) all = chain_maths_big (texts[i], chain_maths_ref (m), NULL, chain_maths_fence (texts[i], chain_maths_accent (CHAIN_ACCENT_HAT, chain_maths_ref (m)), texts[i]));
      g_autofree char *text = chain_maths_to_text (all), *latex = chain_maths_to_latex (all), *speech = chain_maths_to_speech (all);

      hash_of_drawing (all, 20);
      g_assert_true (g_utf8_validate (text, -1, NULL) && g_utf8_validate (latex, -1, NULL) && g_utf8_validate (speech, -1, NULL));
    }
}

/* Runs the case itself again on a machine with the fonts of that folder only. */
static void
again_with_fonts (const char *folder)
{
  g_autofree char *dir = g_dir_make_tmp ("chain-fonts-XXXXXX", NULL), *file = g_build_filename (dir, "fonts.conf", NULL), *old = g_strdup (g_getenv ("FONTCONFIG_FILE"));
  g_autofree char *text = g_strdup_printf ("<?xml version=\"1.0\"?><fontconfig>%s%s%s</fontconfig>", folder != NULL ? "<dir>" : "", folder != NULL ? folder : "", folder != NULL ? "</dir>" : "");

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  g_setenv ("FONTCONFIG_FILE", file, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  if (old != NULL)
    g_setenv ("FONTCONFIG_FILE", old, TRUE);
  else
    g_unsetenv ("FONTCONFIG_FILE");
  g_remove (file);
  g_rmdir (dir);
  g_test_trap_assert_passed ();
}

/* No font at all: sizes, readings, no crash. */
static void
test_no_font (void)
{
  if (!g_test_subprocess ())
    {
      again_with_fonts (NULL);
      return;
    }
  g_assert_null (_chain_maths_font ());
  draw_all (NULL);
}

/* Without the maths font: the constants stand in for the table, letters are upright or from another font, and the rules hold. */
static void
test_plain_font (void)
{
  g_autofree char *dir = NULL, *copy = NULL, *bytes = NULL;
  gsize n;

  if (g_test_subprocess ())
    {
      g_assert_nonnull (_chain_maths_font ());
      g_assert_false (hb_ot_math_has_data (hb_font_get_face (_chain_maths_font ()->hb)));
      g_assert_cmpuint (GPOINTER_TO_UINT (draw_all (NULL)), !=, 0);
      test_rules ();
      return;
    }
  dir = g_dir_make_tmp ("chain-font-XXXXXX", NULL);
  copy = g_build_filename (dir, "plain.ttf", NULL);
  g_assert_true (g_file_get_contents ("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, (gssize) n, NULL));
  again_with_fonts (dir);
  g_remove (copy);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < maths_n_formulas; i++)
    {
      g_autofree char *path = g_strconcat ("/maths/golden/", maths_formulas[i].name, NULL);

      g_test_add_data_func (path, &maths_formulas[i], test_golden);
    }
  g_test_add_func ("/maths/no-font", test_no_font);     /* both before there are threads */
  g_test_add_func ("/maths/plain-font", test_plain_font);
  g_test_add_func ("/maths/latex", test_latex);
  g_test_add_func ("/maths/rules", test_rules);
  g_test_add_func ("/maths/scripts", test_scripts);
  g_test_add_func ("/maths/breaking", test_breaking);
  g_test_add_func ("/maths/aligned", test_aligned);
  g_test_add_func ("/maths/growing", test_growing);
  g_test_add_func ("/maths/threads", test_threads);
  g_test_add_func ("/maths/odd-texts", test_odd_texts);
  return g_test_run ();
}
