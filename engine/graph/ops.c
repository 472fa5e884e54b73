/* SPDX-License-Identifier: Apache-2.0 */
/* The op table. A row is all there is to know about an op: what it is called, what is drawn in its circle, what it computes, how
 * it changes, and the four functions that say the same to the machine. Tests walk the table and fail on an empty cell. */
#include "engine/graph/ops-private.h"

#define ELEMENT CHAIN_OP_ELEMENTWISE

#define ROW(OP, id, symbol, formula, local, title, arity, flags, shape) \
  [CHAIN_OP_##OP] = { #id, symbol, formula, local, title, arity, flags, _chain_shape_##shape, _chain_ref_##id, _chain_vjp_##id, _chain_jvp_##id }
/* constant almost everywhere, or a choice: nothing flows back */
#define FLAT(OP, id, symbol, formula, local, title, arity, flags, shape) \
  [CHAIN_OP_##OP] = { #id, symbol, formula, local, title, arity, (flags) | CHAIN_OP_NO_GRADIENT, _chain_shape_##shape, _chain_ref_##id, NULL, NULL }

const ChainOpRow _chain_op_rows[CHAIN_N_OPS] = {
  [CHAIN_OP_LEAF] = { "leaf", "x", "y = given", "∂y/∂y = 1", "Leaf", 0, CHAIN_OP_SOURCE, _chain_shape_given, NULL, NULL, NULL },
  [CHAIN_OP_CONST] = { "const", "c", "y = c", "∂y/∂x = 0 for every x", "Constant", 0, CHAIN_OP_SOURCE, _chain_shape_scalar, _chain_ref_const, NULL, NULL },
  [CHAIN_OP_RANDOM] = { "random", "⚄", "y ~ U(0, 1) or N(0, 1)", "∂y/∂x = 0 for every x", "Random numbers", 1, CHAIN_OP_SOURCE, _chain_shape_random, _chain_ref_random, NULL, NULL },

  ROW (ADD, add, "+", "y = a + b", "∂y/∂a = 1, ∂y/∂b = 1", "Add", 2, ELEMENT, same),
  ROW (SUB, sub, "−", "y = a − b", "∂y/∂a = 1, ∂y/∂b = −1", "Subtract", 2, ELEMENT, same),
  ROW (MUL, mul, "×", "y = a · b", "∂y/∂a = b, ∂y/∂b = a", "Multiply", 2, ELEMENT, same),
  ROW (DIV, div, "÷", "y = a / b", "∂y/∂a = 1/b, ∂y/∂b = −y/b", "Divide", 2, ELEMENT, same),
  ROW (NEG, neg, "−a", "y = −a", "∂y/∂a = −1", "Negate", 1, ELEMENT, same),
  ROW (POW, pow, "aᵇ", "y = aᵇ", "∂y/∂a = b · aᵇ⁻¹, ∂y/∂b = y · ln a (0 at a = 0)", "Power", 2, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (EXP, exp, "exp", "y = eᵃ", "∂y/∂a = y", "Exponential", 1, ELEMENT, same),
  ROW (EXPM1, expm1, "eᵃ−1", "y = eᵃ − 1, exact near 0", "∂y/∂a = eᵃ", "Exponential minus one", 1, ELEMENT, same),
  ROW (LOG, log, "ln", "y = ln a", "∂y/∂a = 1/a", "Natural logarithm", 1, ELEMENT, same),
  ROW (LOG1P, log1p, "ln(1+a)", "y = ln(1 + a), exact near 0", "∂y/∂a = 1/(1 + a)", "Logarithm of one plus", 1, ELEMENT, same),
  ROW (SQRT, sqrt, "√", "y = √a", "∂y/∂a = 1/(2y)", "Square root", 1, ELEMENT, same),
  ROW (ABS, abs, "|a|", "y = |a|", "∂y/∂a = sign a (0 at a = 0)", "Absolute value", 1, ELEMENT | CHAIN_OP_KINKED, same),
  FLAT (SIGN, sign, "sign", "y = sign a: −1, 0 or 1", "∂y/∂a = 0", "Sign", 1, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (SIN, sin, "sin", "y = sin a", "∂y/∂a = cos a", "Sine", 1, ELEMENT, same),
  ROW (COS, cos, "cos", "y = cos a", "∂y/∂a = −sin a", "Cosine", 1, ELEMENT, same),
  ROW (ATAN, atan, "atan", "y = arctan a", "∂y/∂a = 1/(1 + a²)", "Arc tangent", 1, ELEMENT, same),
  ROW (ASINH, asinh, "asinh", "y = arsinh a = ln(a + √(a² + 1))", "∂y/∂a = 1/√(1 + a²)", "Inverse hyperbolic sine", 1, ELEMENT, same),
  ROW (ERF, erf, "erf", "y = erf a = 2/√π · ∫₀ᵃ e^(−t²) dt", "∂y/∂a = 2/√π · e^(−a²)", "Error function", 1, ELEMENT, same),
  ROW (ERFC, erfc, "erfc", "y = erfc a = 1 − erf a", "∂y/∂a = −2/√π · e^(−a²)", "Complementary error function", 1, ELEMENT, same),
  ROW (LGAMMA, lgamma, "lnΓ", "y = ln |Γ(a)|", "∂y/∂a = ψ(a)", "Logarithm of the gamma function", 1, ELEMENT, same),
  ROW (POLYGAMMA, polygamma, "ψ⁽ⁿ⁾", "y = ψ⁽ⁿ⁾(a), the derivative of order n + 1 of ln Γ", "∂y/∂a = ψ⁽ⁿ⁺¹⁾(a)", "Polygamma function", 1, ELEMENT, polygamma),
  FLAT (FLOOR, floor, "⌊a⌋", "y = ⌊a⌋", "∂y/∂a = 0", "Round down", 1, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (TANH, tanh, "tanh", "y = tanh a", "∂y/∂a = 1 − y²", "Hyperbolic tangent", 1, ELEMENT, same),
  ROW (SIGMOID, sigmoid, "σ", "y = σ(a) = 1/(1 + e⁻ᵃ)", "∂y/∂a = σ(a) · σ(−a) = y · (1 − y)", "Logistic sigmoid", 1, ELEMENT, same),
  ROW (SOFTPLUS, softplus, "sp", "y = ln(1 + eᵃ)", "∂y/∂a = σ(a)", "Softplus", 1, ELEMENT, same),
  ROW (RELU, relu, "relu", "y = max(a, 0)", "∂y/∂a = 1 if a > 0, else 0 (0 at a = 0)", "Rectifier", 1, ELEMENT | CHAIN_OP_KINKED, same),
  FLAT (STEP, step, "1[a>0]", "y = 1 if a > 0, else 0", "∂y/∂a = 0", "Unit step", 1, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (MIN, min, "min", "y = min(a, b)", "∂y/∂a = 1 if a < b, ½ if a = b, else 0; ∂y/∂b = 1 − ∂y/∂a", "Minimum", 2, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (MAX, max, "max", "y = max(a, b)", "∂y/∂a = 1 if a > b, ½ if a = b, else 0; ∂y/∂b = 1 − ∂y/∂a", "Maximum", 2, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (CLAMP, clamp, "clamp", "y = min(max(a, low), high)", "∂y/∂a = 1 if low < a < high, else 0", "Limit to an interval", 1, ELEMENT | CHAIN_OP_KINKED, clamp),
  FLAT (EQ, eq, "=", "y = 1 if a = b, else 0", "∂y/∂a = 0, ∂y/∂b = 0", "Equal", 2, ELEMENT | CHAIN_OP_KINKED, same),
  FLAT (LT, lt, "<", "y = 1 if a < b, else 0", "∂y/∂a = 0, ∂y/∂b = 0", "Less than", 2, ELEMENT | CHAIN_OP_KINKED, same),
  ROW (WHERE, where, "?", "y = a if c ≠ 0, else b", "∂y/∂a = 1 where c ≠ 0, ∂y/∂b = 1 where c = 0, else 0; ∂y/∂c = 0", "Choose", 3, ELEMENT | CHAIN_OP_KINKED, same),
  FLAT (ROUND, round, "≈", "y = a rounded to an integer, to bfloat16 or to binary16", "∂y/∂a = 0", "Round", 1, ELEMENT | CHAIN_OP_KINKED, round),
  FLAT (STOP, stop, "⊣", "y = a, taken as a constant", "∂y/∂a is set to 0 (it would be 1)", "Stop the derivative", 1, ELEMENT, same),

  ROW (MATMUL, matmul, "A×B", "Y = A · B, yᵢⱼ = Σₖ aᵢₖ bₖⱼ", "Ā = Ȳ · Bᵀ, B̄ = Aᵀ · Ȳ", "Matrix product", 2, 0, matmul),
  ROW (TRANSPOSE, transpose, "Aᵀ", "yᵢⱼ = aⱼᵢ", "Ā = Ȳᵀ", "Transpose", 1, 0, transpose),
  ROW (RESHAPE, reshape, "▭", "y = the entries of a, row by row, in another shape", "ā = ȳ in the shape of a", "Reshape", 1, 0, reshape),
  ROW (CONCAT, concat, "a|b", "y = [a, b]", "ā, b̄ = the two parts of ȳ", "Join", 2, 0, concat),
  ROW (SLICE, slice, "[:]", "y = some neighbouring rows or columns of a", "ā = ȳ in its place, 0 elsewhere", "Cut out", 1, 0, slice),
  ROW (GATHER_ROWS, gather_rows, "a[i]", "row k of y = row iₖ of a", "row i of ā = Σ of the rows k of ȳ with iₖ = i", "Look up rows", 2, CHAIN_OP_INDEX_INPUT, gather_rows),
  FLAT (ONE_HOT, one_hot, "1ᵢ", "yₖⱼ = 1 if j = iₖ, else 0", "∂y/∂i = 0", "One-hot", 1, CHAIN_OP_INDEX_INPUT, one_hot),
  ROW (BROADCAST, broadcast, "⇉", "y = a repeated along rows, columns or both", "ā = Σ of ȳ over the copies", "Repeat", 1, 0, broadcast),
  ROW (SUM, sum, "Σ", "y = Σ a over rows, columns or both", "ā = ȳ repeated: ∂y/∂aᵢⱼ = 1", "Sum", 1, 0, sum),

  ROW (ROWMAX, rowmax, "maxⱼ", "yᵢ = maxⱼ aᵢⱼ", "∂yᵢ/∂aᵢⱼ = 1 for the first largest entry, else 0", "Largest of a row", 1, CHAIN_OP_KINKED, row),
  FLAT (ARGMAX, argmax, "argmax", "yᵢ = the first j with the largest aᵢⱼ", "∂y/∂a = 0", "Position of the largest", 1, CHAIN_OP_KINKED, row),
  ROW (CUMSUM, cumsum, "Σ↗", "yᵢⱼ = aᵢ₁ + … + aᵢⱼ (or from the right)", "āᵢⱼ = ȳᵢⱼ + … + ȳᵢₙ (or from the left)", "Running sum", 1, 0, same),
  ROW (PERMUTE, permute, "⤮", "yᵢⱼ = a at (i, pᵢⱼ), or the inverse", "ā = ȳ permuted back", "Permute rows", 2, CHAIN_OP_INDEX_INPUT, permute),
  FLAT (ARGSORT, argsort, "argsort", "yᵢ = the order that sorts row i upwards", "∂y/∂a = 0", "Sorting order", 1, CHAIN_OP_KINKED, same),
  ROW (LOGSUMEXP, logsumexp, "LSE", "yᵢ = ln Σⱼ e^(aᵢⱼ)", "∂yᵢ/∂aᵢⱼ = softmax(aᵢ)ⱼ", "Logarithm of a sum of exponentials", 1, 0, row),
  ROW (SOFTMAX, softmax, "softmax", "yᵢⱼ = e^(aᵢⱼ) / Σₖ e^(aᵢₖ)", "∂yⱼ/∂aₖ = yⱼ · (δⱼₖ − yₖ); ā = y ⊙ (ȳ − Σ ȳ ⊙ y)", "Softmax", 1, 0, same),

  ROW (SOLVE, solve, "A⁻¹B", "A · Y = B (or Aᵀ · Y = B)", "B̄ = A⁻ᵀ · Ȳ, Ā = −B̄ · Yᵀ", "Solve a linear system", 2, 0, solve),
  ROW (CHOLESKY, cholesky, "chol", "A = L · Lᵀ, L lower triangular", "Ā = ½ (S + Sᵀ), S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹", "Cholesky factor", 1, 0, square),
};

const ChainOpRow *
chain_op_row (ChainOp op)
{
  g_assert (op > CHAIN_OP_NONE && op < CHAIN_N_OPS);
  return &_chain_op_rows[op];
}

ChainOp
chain_op_by_name (const char *name)
{
  for (int op = CHAIN_OP_NONE + 1; op < CHAIN_N_OPS; op++)
    if (g_str_equal (_chain_op_rows[op].name, name))
      return (ChainOp) op;
  return CHAIN_OP_NONE;
}
