/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of formulas: what is read and what its tree is (by the canonical text and by a value), what is refused and at which column with
 * which advice, round trips through every style that reads back, limits, and texts broken at random. */
#include "engine/base/rng.h"
#include "engine/lang/formula.h"

#include <math.h>
#include <string.h>

static const char *const names[] = { "x#", "x", "y", "t", "z", "θ", "e1", NULL };
static const char *const bound[] = { "x", "y", "t", "z", "x1", "x2", "x12", "θ", "e1", NULL };
static const double values[] = { 3, 2, 0.5, -1.5, 4, 5, 6, 0.25, 7 };

typedef struct { const char *text, *plain; double value; } Good;
static const Good good[] = {
  { "1", "1", 1 },
  { "  1.50 ", "1.5", 1.5 },
  { ".5", "0.5", 0.5 },
  { "5.", "5", 5 },
  { "1e-3", "0.001", 0.001 },
  { "2E+2", "200", 200 },
  { "pi", "pi", M_PI },
  { "2·π", "2*pi", 2 * M_PI },
  { "e", "e", M_E },
  { "e1", "e1", 7 },
  { "x", "x", 3 },
  { "x₁", "x1", 4 },
  { "x₁₂ + x12", "x12 + x12", 12 },
  { "θ/2", "θ/2", 0.125 },
  { "1 + 2*3", "1 + 2*3", 7 },
  { "(1 + 2)*3", "(1 + 2)*3", 9 },
  { "1-2-3", "1 - 2 - 3", -4 },
  { "1-(2-3)", "1 - (2 - 3)", 2 },
  { "8/4/2", "8/4/2", 1 },
  { "8/(4/2)", "8/(4/2)", 4 },
  { "8/4*2", "8/4*2", 4 },
  { "2^3^2", "2^3^2", 512 },
  { "(2^3)^2", "(2^3)^2", 64 },
  { "2**3", "2^3", 8 },
  { "-x^2", "-x^2", -9 },
  { "(-x)^2", "(-x)^2", 9 },
  { "−x^2", "-x^2", -9 },
  { "2^-1", "2^(-1)", 0.5 },
  { "2^-x^2", "2^(-x^2)", 0.001953125 },
  { "2^-(1+1)", "2^(-(1 + 1))", 0.25 },
  { "--x", "-(-x)", 3 },
  { "+x", "x", 3 },
  { "x - -y", "x - (-y)", 5 },
  { "x*-y", "x*(-y)", -6 },
  { "-x*y", "-x*y", -6 },
  { "-(x*y)", "-(x*y)", -6 },
  { "x²", "x^2", 9 },
  { "-x²", "-x^2", -9 },
  { "x⁻¹", "x^(-1)", 1.0 / 3 },
  { "2¹⁰", "2^10", 1024 },
  { "x × y ÷ 4", "x*y/4", 1.5 },
  { "√4", "sqrt(4)", 2 },
  { "√x1^2", "sqrt(x1)^2", 4 },
  { "√(x1 + 5)", "sqrt(x1 + 5)", 3 },
  { "sin(0) + cos(0)", "sin(0) + cos(0)", 1 },
  { "log(e)", "ln(e)", 1 },
  { "log2(8) + log10(100)", "log2(8) + log10(100)", 5 },
  { "pow(2, 5)", "2^5", 32 },
  { "max(1, 2, x, y)", "max(1, 2, x, y)", 3 },
  { "max(max(1, 2), max(x, y))", "max(1, 2, max(x, y))", 3 },
  { "min(1, -2)", "min(1, -2)", -2 },
  { "clamp(x, 0, 1)", "clamp(x, 0, 1)", 1 },
  { "clip(x, 0, 1)", "clamp(x, 0, 1)", 1 },
  { "where(x > 2, y, t)", "where(x > 2, y, t)", 2 },
  { "where(x ≤ 2, y, t)", "where(x <= 2, y, t)", 0.5 },
  { "x ≥ 3", "x >= 3", 1 },
  { "x ≠ 3", "x != 3", 0 },
  { "x == 3", "x == 3", 1 },
  { "(x < y) < t", "(x < y) < t", 1 },
  { "x > 2 and y > 2 or t < 1", "x > 2 and y > 2 or t < 1", 1 },
  { "x > 2 and (y > 2 or t < 1)", "x > 2 and (y > 2 or t < 1)", 1 },
  { "not x > 5", "not x > 5", 1 },
  { "not not x", "not not x", 1 },
  { "not (x and y)", "not (x and y)", 0 },
  { "1 < 2 and not 2 < 1", "1 < 2 and not 2 < 1", 1 },
  { "mod(-1, 3)", "mod(-1, 3)", 2 },
  { "abs(z) + sign(z) + floor(z) + ceil(z) + round(z)", "abs(z) + sign(z) + floor(z) + ceil(z) + round(z)", 1.5 - 1 - 2 - 1 - 2 },
  { "((((x))))", "x", 3 },
  { "(y − t)²", "(y - t)^2", 2.25 },
  { "-(t*log(1/(1 + exp(-z))))", "-(t*ln(1/(1 + exp(-z))))", 0.85070663908 },
};

typedef struct { const char *text; guint column, length; const char *says; } Bad;
static const Bad bad[] = {
  { "", 1, 0, "empty" },
  { "   ", 4, 0, "empty" },
  { "x +", 4, 0, "ends here" },
  { "x + * y", 5, 1, "“*”" },
  { "(x", 3, 0, "column 1" },
  { "x + (y*(t - 1)", 15, 0, "column 5" },
  { "x)", 2, 1, "closes no bracket" },
  { "()", 2, 1, "before this" },
  { "2x", 2, 1, "operator is missing" },
  { "x y", 3, 1, "write * to multiply" },
  { "(x)(y)", 4, 1, "operator is missing" },
  { "(x y)", 4, 1, "operator is missing" },
  { "x(2)", 1, 1, "is a number, not a function; write x*( … )" },
  { "pi(2)", 1, 2, "is a number, not a function" },
  { "2 + sinn(x)", 5, 4, "“sinn” is not a function; did you mean “sin”?" },
  { "√(−sinn(x))", 4, 4, "did you mean “sin”?" },
  { "Sin(x)", 1, 3, "did you mean “sin”?" },
  { "arctan(x)", 1, 6, "did you mean “atan”?" },
  { "sqr(x)", 1, 3, "did you mean “sqrt”?" },
  { "sigmiod(x)", 1, 7, "did you mean “sigmoid”?" },
  { "lg(x)", 1, 2, "did you mean “log10”?" },
  { "if(x > 1, 1, 0)", 1, 2, "did you mean “where”?" },
  { "qqqqqq(x)", 1, 6, "is not a function; use for example" },
  { "sin x", 1, 3, "needs its arguments in brackets: sin(a)" },
  { "sin", 1, 3, "needs its arguments in brackets" },
  { "x + clamp", 5, 5, "clamp(a, low, high)" },
  { "sin()", 1, 3, "too few" },
  { "sin(x, y)", 1, 3, "too many" },
  { "1 + clamp(x, 0)", 5, 5, "too few arguments; write clamp(a, low, high)" },
  { "where(x, 1, 2, 3)", 1, 5, "too many" },
  { "max(x)", 1, 3, "too few" },
  { "max(x,)", 7, 1, "before this" },
  { "max(,x)", 5, 1, "“,”" },
  { "q + 1", 1, 1, "“q” is not known here; use x1, x2 …" },
  { "x + w₃", 5, 2, "“w₃” is not known here" },
  { "x0", 1, 2, "not known" },
  { "x01", 1, 3, "not known" },
  { "3,5", 2, 1, "decimal number with a point" },
  { "(3,5)", 3, 1, "decimal number with a point" },
  { "1.2.3", 1, 5, "one decimal point" },
  { "x + .", 5, 1, "needs a digit" },
  { "1e999", 1, 5, "too large" },
  { "1e", 2, 1, "operator is missing" },
  { "x = 2", 3, 1, "write ==" },
  { "!x", 1, 1, "write “not”" },
  { "x && y", 3, 2, "write “and”" },
  { "x || y", 3, 2, "write “or”" },
  { "x <> y", 3, 2, "write !=" },
  { "x =< y", 3, 2, "write <=" },
  { "|x|", 1, 1, "write abs(a)" },
  { "x % 2", 3, 1, "mod(a, b)" },
  { "[x]", 1, 1, "round brackets" },
  { "x ? 1 : 2", 3, 1, "where(condition, a, b)" },
  { "max(x; y)", 6, 1, "write a comma" },
  { "x // 2", 3, 2, "floor(a/b)" },
  { "x # 2", 3, 1, "remove it" },
  { "−x + “y”", 6, 1, "remove it" },
  { "1 < x < 2", 7, 1, "write a < b and b < c" },
  { "x == y != t", 8, 2, "not chained" },
  { "x + not y", 5, 3, "put brackets" },
  { "x not y", 3, 3, "and not" },
  { "and x", 1, 3, "“and”" },
  { "x²^3", 3, 1, "add brackets" },
  { "x² ²", 4, 1, "two raised" },
  { "x⁻", 2, 1, "raised minus" },
  { "²", 1, 1, "“²”" },
  { "x\x01", 2, 1, "remove it" },
  { "θ·\xff", 3, 1, "UTF-8" },
  { "αβγδ + 𝛼", 1, 4, "not known" },
  { "x^", 3, 0, "ends here" },
  { "√", 2, 0, "ends here" },
  { "where(x > 0, ln(x), \nq)", 22, 1, "“q”" },
};

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChainFormula) f = chain_formula_parse (good[i].text, names, NULL, &error);
      g_autofree char *text = NULL;
      double v;

      g_assert_no_error (error);
      text = chain_formula_text (f, CHAIN_FORMULA_PLAIN);
      g_assert_cmpstr (text, ==, good[i].plain);
      v = chain_formula_eval (f, bound, values);
      g_assert_cmpfloat (fabs (v - good[i].value), <=, 1e-10);
    }
  g_test_message ("%u texts", (guint) G_N_ELEMENTS (good));
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      ChainFormulaError where = { 0 };
      g_autoptr (ChainFormula) f = chain_formula_parse (bad[i].text, names, &where, &error);
      g_autofree char *head = g_strdup_printf ("Column %u: ", bad[i].column);

      g_assert_null (f);
      g_assert_nonnull (error);
      g_test_message ("%s -> %s", bad[i].text[0] == '\xff' || !g_utf8_validate (bad[i].text, -1, NULL) ? "?" : bad[i].text, error->message);
      g_assert_true (g_str_has_prefix (error->message, head));
      g_assert_nonnull (strstr (error->message, bad[i].says));
      g_assert_cmpuint (where.column, ==, bad[i].column);
      g_assert_cmpuint (where.length, ==, bad[i].length);
    }
  g_test_message ("%u texts", (guint) G_N_ELEMENTS (bad));
}

/* Every style that reads back gives the same tree, and the canonical text is its own canonical text. */
static void
round_trip (const ChainFormula *f)
{
  for (int style = CHAIN_FORMULA_PLAIN; style <= CHAIN_FORMULA_UNICODE; style++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = chain_formula_text (f, style), *again = NULL;
      g_autoptr (ChainFormula) h = chain_formula_parse (text, names, NULL, &error);

      g_assert_no_error (error);
      if (!chain_formula_equal (f, h))
        g_error ("“%s” does not read back", text);
      again = chain_formula_text (h, style);
      g_assert_cmpstr (text, ==, again);
    }
}

static void
test_round_trips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (ChainFormula) f = chain_formula_parse (good[i].text, names, NULL, NULL);

      round_trip (f);
    }
}

static void
test_styles (void)
{
  static const struct { const char *text, *unicode, *latex; } cases[] = {
    { "(y - t)^2", "(y − t)²", "{\\left(y - t\\right)}^{2}" },
    { "3*x1/pi", "3·x₁/π", "\\frac{3 \\cdot x_{1}}{\\pi }" },
    { "sqrt(x) + x^-1.5", "√(x) + x^(−1.5)", "\\sqrt{x} + {x}^{-1.5}" },
    { "2*(x/y)", "2·(x/y)", "2 \\cdot \\frac{x}{y}" },
    { "exp(x)^2", "exp(x)²", "{\\left(e^{x}\\right)}^{2}" },
    { "where(x <= 1, abs(x), 0)", "where(x ≤ 1, abs(x), 0)",
      "\\begin{cases}\\left|x\\right| & \\text{if } x \\le 1\\\\0 & \\text{otherwise}\\end{cases}" },
    { "1e-7*t^12", "1e-07·t¹²", "\\left(1 \\cdot 10^{-7}\\right) \\cdot {t}^{12}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChainFormula) f = chain_formula_parse (cases[i].text, names, NULL, NULL);
      g_autofree char *unicode = chain_formula_text (f, CHAIN_FORMULA_UNICODE), *latex = chain_formula_text (f, CHAIN_FORMULA_LATEX);

      g_assert_cmpstr (unicode, ==, cases[i].unicode);
      g_assert_cmpstr (latex, ==, cases[i].latex);
    }
}

static void
test_names (void)
{
  static const char *const hides[] = { "e", NULL };
  g_autoptr (ChainFormula) f = chain_formula_parse ("y + x₂*sin(y) − pi", NULL, NULL, NULL);
  g_autoptr (ChainFormula) h = chain_formula_parse ("e^2", hides, NULL, NULL);
  double three = 3;

  g_assert_cmpuint (g_strv_length ((char **) chain_formula_names (f)), ==, 2);
  g_assert_cmpstr (chain_formula_names (f)[0], ==, "y");
  g_assert_cmpstr (chain_formula_names (f)[1], ==, "x2");
  g_assert_cmpuint (chain_formula_column (f, "x2"), ==, 5);
  g_assert_cmpuint (chain_formula_column (f, "pi"), ==, 0);
  g_assert_cmpuint (chain_formula_n_ops (f), ==, 4);
  g_assert_cmpfloat (chain_formula_eval (h, hides, &three), ==, 9);
}

static char *
repeated (const char *before, guint n, const char *middle, const char *after)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (s, before);
  g_string_append (s, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (s, after);
  return g_string_free (s, FALSE);
}

/* At the limit it is read, one more is refused; far beyond nothing overflows. */
static void
check_limit (const char *before, const char *after, guint most, const char *says)
{
  g_autofree char *fits = repeated (before, most, "x", after), *over = repeated (before, most + 1, "x", after);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChainFormula) f = chain_formula_parse (fits, names, NULL, &error);
  g_autoptr (ChainFormula) none = NULL;

  g_assert_no_error (error);
  round_trip (f);
  none = chain_formula_parse (over, names, NULL, &error);
  g_assert_null (none);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_limits (void)
{
  static const char *const deep[] = { "(", "-", "not ", "x^", "sin(", "√", "max(1,", "x^-" };
  g_autoptr (GError) error = NULL;
  g_autofree char *huge = repeated ("1 + ", 300000, "1", ""), *long_name = repeated ("a", CHAIN_LIMIT_FORMULA_NAME, "", "");
  g_autofree char *longer = g_strconcat (long_name, "a", NULL);
  g_autoptr (ChainFormula) f = NULL;

  check_limit ("(", ")", CHAIN_LIMIT_FORMULA_DEPTH, "Column 201: brackets, signs and powers are nested more than 200 deep");
  check_limit ("sin(", ")", CHAIN_LIMIT_FORMULA_DEPTH, "Column 804: brackets, signs");
  check_limit ("√(", ")", CHAIN_LIMIT_FORMULA_DEPTH, "nested more than 200");
  check_limit ("pow(2,", ")", CHAIN_LIMIT_FORMULA_DEPTH, "nested more than 200");
  check_limit ("pow(2,1+", ")", CHAIN_LIMIT_FORMULA_DEPTH / 2, "nested more than 200");
  check_limit ("-", "", (CHAIN_LIMIT_FORMULA_DEPTH + 1) / 2, "Column 1: brackets, signs");
  check_limit ("x^-", "", CHAIN_LIMIT_FORMULA_DEPTH / 3, "nested more than 200");
  check_limit ("x+", "", CHAIN_LIMIT_FORMULA_OPS, "more than 10000 operations");
  for (guint i = 0; i < G_N_ELEMENTS (deep); i++)
    {
      g_autofree char *text = repeated (deep[i], 100000 / (guint) strlen (deep[i]), "x", "");
      g_autoptr (GError) refused = NULL;

      g_assert_null (chain_formula_parse (text, names, NULL, &refused));
      g_assert_nonnull (strstr (refused->message, "nested more than"));
      g_assert_cmpint (refused->code, ==, CHAIN_ERROR_TOO_DEEP);
    }
  g_assert_null (chain_formula_parse (huge, names, NULL, &error));
  g_assert_cmpint (error->code, ==, CHAIN_ERROR_TOO_LARGE);
  g_clear_error (&error);
  f = chain_formula_parse (long_name, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (chain_formula_parse (longer, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "at most 64"));
}

/* Good texts with characters dropped, doubled, swapped, replaced by pieces of others: refused with a column inside the text, or read
 * back from every style. */
static void
test_mutations (void)
{
  static const char *const pieces[] = { "(", ")", "^", "-", "−", "√", "²", "⁻", ",", "x", "x₁", "1", ".", "e", " ", "not ", " and ", "max(", "<", "=",
                                        "\xc3", "\xe2\x82", "sin", "π", "where(", "1e308", "\n" };
  ChainStream s;
  guint read = 0;

  chain_stream_init (&s, 1, 0, 0, 0);
  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (good[i % G_N_ELEMENTS (good)].text);
      g_autoptr (ChainFormula) f = NULL;
      g_autoptr (GError) error = NULL;
      ChainFormulaError where = { 0 };

      for (guint k = 0; k < 1 + i % 4; k++)
        {
          gsize at = (gsize) (chain_stream_uniform (&s, i, 2 * k) * (double) (text->len + 1));
          double what = chain_stream_uniform (&s, i, 2 * k + 1);

          if (what < 0.3 && at < text->len)
            g_string_erase (text, (gssize) at, 1);
          else
            g_string_insert (text, (gssize) at, pieces[(guint) (what * 1e6) % G_N_ELEMENTS (pieces)]);
        }
      f = chain_formula_parse (text->str, names, &where, &error);
      if (f != NULL)
        {
          round_trip (f);
          read++;
          continue;
        }
      g_assert_cmpuint (where.column, >=, 1);
      g_assert_cmpuint (where.column + where.length, <=, text->len + 1);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
  g_test_message ("20000 texts, %u of them formulas", read);
  g_assert_cmpuint (read, >, 1000);
  g_assert_cmpuint (read, <, 19000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lang/good", test_good);
  g_test_add_func ("/lang/bad", test_bad);
  g_test_add_func ("/lang/round-trips", test_round_trips);
  g_test_add_func ("/lang/styles", test_styles);
  g_test_add_func ("/lang/names", test_names);
  g_test_add_func ("/lang/limits", test_limits);
  g_test_add_func ("/lang/mutations", test_mutations);
  return g_test_run ();
}
