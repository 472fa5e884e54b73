/* SPDX-License-Identifier: Apache-2.0 */
/* Operators and functions. The graph side uses rows of the op table only, so derivatives of every order and the rule for kinks come
 * with them; compositions are chosen to keep their digits and to have the right infinite slope at the ends of a domain, where a
 * textbook form gives 0 · ∞. The number side is libm. */
#include "engine/lang/rows.h"

#include "engine/graph/build-more.h"

#include <math.h>

#define EVAL(name, expression) static double eval_##name (const double *a) { return (expression); }
#define BUILD(name, expression) static ChainId build_##name (ChainGraph *g, const ChainId *a) { return (expression); }
/* A function that libm and graph.h have under the same name. */
#define SAME(name) EVAL (name, name (a[0])) BUILD (name, chain_##name (g, a[0]))

static ChainId
full_like (ChainGraph *g, ChainId a, double value)
{
  return chain_full (g, chain_graph_node (g, a)->shape, value);
}

static ChainId
complement (ChainGraph *g, ChainId a)
{
  return chain_sub (g, full_like (g, a, 1), a);
}

/* --- comparisons: NaN is unequal to everything, also in <= --- */
static ChainId
less_equal (ChainGraph *g, ChainId a, ChainId b)
{
  ChainId less = chain_lt (g, a, b);

  return chain_max (g, less, chain_eq (g, a, b));
}

static ChainId
is_zero (ChainGraph *g, ChainId a)
{
  return chain_eq (g, a, full_like (g, a, 0));
}

EVAL (or, a[0] != 0 || a[1] != 0)
EVAL (and, a[0] != 0 && a[1] != 0)
EVAL (not, a[0] == 0)
EVAL (lt, a[0] < a[1])
EVAL (le, a[0] <= a[1])
EVAL (gt, a[0] > a[1])
EVAL (ge, a[0] >= a[1])
EVAL (eq, a[0] == a[1])
EVAL (ne, a[0] != a[1])
BUILD (or, complement (g, chain_min (g, is_zero (g, a[0]), is_zero (g, a[1]))))
BUILD (and, complement (g, chain_max (g, is_zero (g, a[0]), is_zero (g, a[1]))))
BUILD (not, is_zero (g, a[0]))
BUILD (lt, chain_lt (g, a[0], a[1]))
BUILD (le, less_equal (g, a[0], a[1]))
BUILD (gt, chain_lt (g, a[1], a[0]))
BUILD (ge, less_equal (g, a[1], a[0]))
BUILD (eq, chain_eq (g, a[0], a[1]))
BUILD (ne, complement (g, chain_eq (g, a[0], a[1])))

/* --- arithmetic --- */
EVAL (add, a[0] + a[1])
EVAL (sub, a[0] - a[1])
EVAL (mul, a[0] * a[1])
EVAL (div, a[0] / a[1])
EVAL (neg, -a[0])
EVAL (pow, a[1] == 2 ? a[0] * a[0] : pow (a[0], a[1]))
BUILD (add, chain_add (g, a[0], a[1]))
BUILD (sub, chain_sub (g, a[0], a[1]))
BUILD (mul, chain_mul (g, a[0], a[1]))
BUILD (div, chain_div (g, a[0], a[1]))
BUILD (neg, chain_neg (g, a[0]))
BUILD (pow, chain_pow (g, a[0], a[1]))

/* --- functions --- */
SAME (exp)
SAME (expm1)
SAME (log)
SAME (log1p)
SAME (sqrt)
SAME (sin)
SAME (cos)
SAME (tan)
SAME (atan)
SAME (sinh)
SAME (cosh)
SAME (tanh)
SAME (asinh)
SAME (erf)
SAME (erfc)
SAME (floor)
EVAL (log2, log2 (a[0]))
EVAL (log10, log10 (a[0]))
BUILD (log2, chain_div (g, chain_log (g, a[0]), full_like (g, a[0], M_LN2)))
BUILD (log10, chain_div (g, chain_log (g, a[0]), full_like (g, a[0], M_LN10)))
EVAL (asin, asin (a[0]))
EVAL (acos, acos (a[0]))
EVAL (acosh, acosh (a[0]))
EVAL (atanh, atanh (a[0]))

/* √(1 − a) and √(1 + a) apart: 1 − a² would lose the digits near ±1, and their product keeps the infinite slope there. */
static ChainId
root_below (ChainGraph *g, ChainId a)
{
  return chain_sqrt (g, complement (g, a));
}

static ChainId
root_above (ChainGraph *g, ChainId a)
{
  return chain_sqrt (g, chain_offset (g, a, 1));
}

/* Half angle: asin a = 2 atan (a / (1 + √(1 − a²))). */
static ChainId
build_asin (ChainGraph *g, const ChainId *a)
{
  ChainId below = root_below (g, a[0]);
  ChainId cosine = chain_mul (g, below, root_above (g, a[0]));

  return chain_scale (g, chain_atan (g, chain_div (g, a[0], chain_offset (g, cosine, 1))), 2);
}

/* Quarter angle: acos a = 4 atan (√(1 − a) / (√2 + √(1 + a))). */
static ChainId
build_acos (ChainGraph *g, const ChainId *a)
{
  ChainId below = root_below (g, a[0]);
  ChainId bottom = chain_offset (g, root_above (g, a[0]), M_SQRT2);

  return chain_scale (g, chain_atan (g, chain_div (g, below, bottom)), 4);
}

/* ln (1 + (a − 1) + √(a − 1) √(a + 1)): keeps its digits near 1. */
static ChainId
build_acosh (ChainGraph *g, const ChainId *a)
{
  ChainId over = chain_offset (g, a[0], -1);
  ChainId root = chain_mul (g, chain_sqrt (g, over), root_above (g, a[0]));

  return chain_log1p (g, chain_add (g, over, root));
}

static ChainId
build_atanh (ChainGraph *g, const ChainId *a)
{
  ChainId up = chain_log1p (g, a[0]);
  ChainId down = chain_log1p (g, chain_neg (g, a[0]));

  return chain_scale (g, chain_sub (g, up, down), 0.5);
}

EVAL (abs, fabs (a[0]))
EVAL (sign, a[0] > 0 ? 1 : a[0] < 0 ? -1 : a[0])
EVAL (ceil, ceil (a[0]))
EVAL (round, rint (a[0]))
EVAL (mod, a[0] - a[1] * floor (a[0] / a[1]))
EVAL (min, a[0] < a[1] || isnan (a[0]) ? a[0] : a[1])
EVAL (max, a[0] > a[1] || isnan (a[0]) ? a[0] : a[1])
EVAL (clamp, a[0] <= a[1] ? a[1] : a[0] >= a[2] ? a[2] : a[0])
EVAL (where, a[0] != 0 ? a[1] : a[2])
BUILD (abs, chain_abs (g, a[0]))
BUILD (sign, chain_sign (g, a[0]))
BUILD (ceil, chain_neg (g, chain_floor (g, chain_neg (g, a[0]))))
BUILD (round, chain_round (g, a[0], 0))
BUILD (mod, chain_sub (g, a[0], chain_mul (g, a[1], chain_floor (g, chain_div (g, a[0], a[1])))))
BUILD (min, chain_min (g, a[0], a[1]))
BUILD (max, chain_max (g, a[0], a[1]))
BUILD (where, chain_where (g, a[0], a[1], a[2]))

/* The bounds may be formulas; at a bound the derivative by a is 0 (SPEC 0.2); NaN goes through. */
static ChainId
build_clamp (ChainGraph *g, const ChainId *a)
{
  ChainId low = less_equal (g, a[0], a[1]);
  ChainId high = less_equal (g, a[2], a[0]);

  return chain_where (g, low, a[1], chain_where (g, high, a[2], a[0]));
}

static double
eval_sigmoid (const double *a)
{
  double e = exp (-fabs (a[0]));

  return a[0] >= 0 ? 1 / (1 + e) : e / (1 + e);
}

EVAL (softplus, isnan (a[0]) ? a[0] : fmax (a[0], 0) + log1p (exp (-fabs (a[0]))))
EVAL (relu, a[0] > 0 || isnan (a[0]) ? a[0] : 0)
EVAL (step, a[0] > 0)
EVAL (silu, a[0] * eval_sigmoid (a))
EVAL (gelu, 0.5 * a[0] * erfc (-a[0] * M_SQRT1_2))
BUILD (sigmoid, chain_sigmoid (g, a[0]))
BUILD (softplus, chain_softplus (g, a[0]))
BUILD (relu, chain_relu (g, a[0]))
BUILD (step, chain_step (g, a[0]))
BUILD (silu, chain_mul (g, a[0], chain_sigmoid (g, a[0])))
BUILD (gelu, chain_mul (g, chain_scale (g, a[0], 0.5), chain_erfc (g, chain_scale (g, a[0], -M_SQRT1_2))))

static double
eval_lgamma (const double *a)
{
  int sign;

  return lgamma_r (a[0], &sign);
}

BUILD (lgamma, chain_lgamma (g, a[0]))

#define OP(fn, level, count) .prec = level, .min_args = count, .max_args = count, .eval = eval_##fn, .build = build_##fn
#define COMPARE(fn, p, u, l) { OP (fn, CHAIN_PREC_COMPARE, 2), .plain = "%R0 " p " %R1", .unicode = "%R0 " u " %R1", \
                               .latex = "%R0 " l " %R1" }
#define FN(id, fn, least, most, use, label, ...) \
  { .name = id, .usage = use, .title = label, .prec = CHAIN_PREC_CALL, .min_args = least, .max_args = most, .eval = eval_##fn, \
    .build = build_##fn, __VA_ARGS__ }
#define FN1(id, label, ...) FN (#id, id, 1, 1, #id "(a)", label, __VA_ARGS__)
#define CALL(command) .latex = command "\\left(%N0\\right)"
#define NAMED(id) .latex = "\\operatorname{" #id "}\\left(%N0\\right)"

static const ChainLangRow rows[] = {
  [CHAIN_LANG_OR] = { OP (or, CHAIN_PREC_OR, 2), .plain = "%L0 or %R1", .latex = "%L0 \\lor %R1" },
  [CHAIN_LANG_AND] = { OP (and, CHAIN_PREC_AND, 2), .plain = "%L0 and %R1", .latex = "%L0 \\land %R1" },
  [CHAIN_LANG_NOT] = { OP (not, CHAIN_PREC_NOT, 1), .plain = "not %L0", .latex = "\\lnot %R0" },
  [CHAIN_LANG_LT] = COMPARE (lt, "<", "<", "<"),
  [CHAIN_LANG_LE] = COMPARE (le, "<=", "≤", "\\le"),
  [CHAIN_LANG_GT] = COMPARE (gt, ">", ">", ">"),
  [CHAIN_LANG_GE] = COMPARE (ge, ">=", "≥", "\\ge"),
  [CHAIN_LANG_EQ] = COMPARE (eq, "==", "==", "="),
  [CHAIN_LANG_NE] = COMPARE (ne, "!=", "≠", "\\ne"),
  [CHAIN_LANG_ADD] = { OP (add, CHAIN_PREC_SUM, 2), .plain = "%L0 + %R1" },
  [CHAIN_LANG_SUB] = { OP (sub, CHAIN_PREC_SUM, 2), .plain = "%L0 - %R1", .unicode = "%L0 − %R1", .latex = "%L0 - %R1" },
  [CHAIN_LANG_MUL] = { OP (mul, CHAIN_PREC_PRODUCT, 2), .plain = "%L0*%R1", .unicode = "%L0·%R1", .latex = "%L0 \\cdot %R1" },
  [CHAIN_LANG_DIV] = { OP (div, CHAIN_PREC_PRODUCT, 2), .plain = "%L0/%R1", .latex = "\\frac{%N0}{%N1}", .latex_prec = CHAIN_PREC_SIGN },
  [CHAIN_LANG_NEG] = { OP (neg, CHAIN_PREC_SIGN, 1), .plain = "-%X0", .unicode = "−%X0", .latex = "-%X0" },
  [CHAIN_LANG_POW] = { OP (pow, CHAIN_PREC_POWER, 2), .name = "pow", .usage = "pow(a, b)", .title = "Power", .plain = "%P0^%X1", .latex = "{%P0}^{%N1}" },

  FN1 (exp, "Exponential", .latex = "e^{%N0}", .latex_prec = CHAIN_PREC_POWER),
  FN1 (expm1, "Exponential less 1, exact near 0", NAMED (expm1)),
  FN ("ln", log, 1, 1, "ln(a)", "Natural logarithm", .alias = "log", CALL ("\\ln")),
  FN1 (log1p, "Natural logarithm of 1 + a, exact near 0", NAMED (log1p)),
  FN1 (log2, "Logarithm to base 2", CALL ("\\log_{2}")),
  FN1 (log10, "Logarithm to base 10", CALL ("\\log_{10}")),
  FN1 (sqrt, "Square root", .unicode = "√(%N0)", .latex = "\\sqrt{%N0}"),
  FN1 (sin, "Sine", CALL ("\\sin")),
  FN1 (cos, "Cosine", CALL ("\\cos")),
  FN1 (tan, "Tangent", CALL ("\\tan")),
  FN1 (asin, "Arc sine", CALL ("\\arcsin")),
  FN1 (acos, "Arc cosine", CALL ("\\arccos")),
  FN1 (atan, "Arc tangent", CALL ("\\arctan")),
  FN1 (sinh, "Hyperbolic sine", CALL ("\\sinh")),
  FN1 (cosh, "Hyperbolic cosine", CALL ("\\cosh")),
  FN1 (tanh, "Hyperbolic tangent", CALL ("\\tanh")),
  FN1 (asinh, "Inverse hyperbolic sine", NAMED (arsinh)),
  FN1 (acosh, "Inverse hyperbolic cosine", NAMED (arcosh)),
  FN1 (atanh, "Inverse hyperbolic tangent", NAMED (artanh)),
  FN1 (abs, "Absolute value", .latex = "\\left|%N0\\right|"),
  FN1 (sign, "Sign: −1, 0 or 1", NAMED (sign)),
  FN1 (floor, "Round down", .latex = "\\left\\lfloor %N0\\right\\rfloor "),
  FN1 (ceil, "Round up", .latex = "\\left\\lceil %N0\\right\\rceil "),
  FN1 (round, "Round to the nearest whole number, halves to even", NAMED (round)),
  FN ("mod", mod, 2, 2, "mod(a, b)", "Rest of a division, with the sign of b", .latex = "%P0 \\bmod %P1", .latex_prec = CHAIN_PREC_PRODUCT),
  FN ("min", min, 2, CHAIN_LANG_MANY, "min(a, b, …)", "Smallest", .latex = "\\min\\left(%N0, %N1\\right)"),
  FN ("max", max, 2, CHAIN_LANG_MANY, "max(a, b, …)", "Largest", .latex = "\\max\\left(%N0, %N1\\right)"),
  FN ("clamp", clamp, 3, 3, "clamp(a, low, high)", "Cut to a range", .alias = "clip", .latex = "\\operatorname{clamp}\\left(%N0, %N1, %N2\\right)"),
  FN ("where", where, 3, 3, "where(condition, a, b)", "a where the condition holds, else b",
      .latex = "\\begin{cases}%N1 & \\text{if } %N0\\\\%N2 & \\text{otherwise}\\end{cases}"),
  FN1 (erf, "Error function", NAMED (erf)),
  FN1 (erfc, "Complementary error function", NAMED (erfc)),
  FN1 (lgamma, "Logarithm of the gamma function", .latex = "\\ln\\left|\\Gamma\\left(%N0\\right)\\right|"),
  FN1 (sigmoid, "Logistic sigmoid 1/(1 + exp(-a))", CALL ("\\sigma")),
  FN1 (softplus, "Softplus ln(1 + exp(a))", NAMED (softplus)),
  FN1 (relu, "Rectifier max(a, 0)", NAMED (relu)),
  FN1 (step, "1 where a > 0, else 0", NAMED (step)),
  FN1 (silu, "a times its sigmoid", NAMED (silu)),
  FN1 (gelu, "a times the normal distribution function of a", NAMED (gelu)),
};

static const ChainLangConstant constants[] = {
  { "pi", "π", "\\pi ", M_PI },
  { "e", NULL, "e", M_E },
};

const ChainLangRow *
_chain_lang_row (guint i)
{
  g_assert (i < G_N_ELEMENTS (rows));
  return &rows[i];
}

guint
_chain_lang_n_rows (void)
{
  return G_N_ELEMENTS (rows);
}

const ChainLangRow *
_chain_lang_function (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_strcmp0 (rows[i].name, name) == 0 || g_strcmp0 (rows[i].alias, name) == 0)
      return &rows[i];
  return NULL;
}

const ChainLangConstant *
_chain_lang_constant (guint i)
{
  return i < G_N_ELEMENTS (constants) ? &constants[i] : NULL;
}

int
_chain_lang_find_constant (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (constants); i++)
    if (g_strcmp0 (constants[i].name, name) == 0 || g_strcmp0 (constants[i].alias, name) == 0)
      return (int) i;
  return -1;
}
