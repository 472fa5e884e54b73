/* SPDX-License-Identifier: Apache-2.0 */
/* Composite rows: well-known functions that are drawn as one box and can be opened. They have no rules: the derivative is that of
 * what is inside, which is what opening the box shows. */
#include "engine/graph/build-more.h"
#include "engine/graph/graph-private.h"

#include <math.h>

#define ONE(name) static ChainId build_##name (ChainGraph *g, const ChainId *in) { return chain_##name (g, in[0]); }

ONE (square)
ONE (reciprocal)
ONE (rsqrt)
ONE (tan)
ONE (sinh)
ONE (cosh)
ONE (log_sigmoid)
ONE (log_softmax)
ONE (mean_all)
ONE (norm2)

static ChainId
build_variance (ChainGraph *g, const ChainId *in)
{
  return chain_variance_rows (g, in[0]);
}

static ChainId
build_affine (ChainGraph *g, const ChainId *in)
{
  return chain_affine (g, in[0], in[1], in[2]);
}

static ChainId
build_dot (ChainGraph *g, const ChainId *in)
{
  return chain_dot (g, in[0], in[1]);
}

static ChainId
build_silu (ChainGraph *g, const ChainId *in)
{
  return chain_mul (g, in[0], chain_sigmoid (g, in[0]));
}

/* ½ a erfc (−a/√2), not 1 + erf, which cancels for a < 0 (SPEC 2.11). */
static ChainId
build_gelu (ChainGraph *g, const ChainId *in)
{
  ChainId tail = chain_erfc (g, chain_scale (g, in[0], -M_SQRT1_2));

  return chain_mul (g, chain_scale (g, in[0], 0.5), tail);
}

static const ChainCompositeRow rows[] = {
  { "square", "a²", "y = a · a", "∂y/∂a = 2a", "Square", 1, build_square },
  { "reciprocal", "1/a", "y = 1/a", "∂y/∂a = −y²", "Reciprocal", 1, build_reciprocal },
  { "rsqrt", "1/√a", "y = 1/√a", "∂y/∂a = −y³/2", "Reciprocal square root", 1, build_rsqrt },
  { "tan", "tan", "y = sin a / cos a", "∂y/∂a = 1 + y²", "Tangent", 1, build_tan },
  { "sinh", "sinh", "y = ½ (eᵃ − e⁻ᵃ)", "∂y/∂a = cosh a", "Hyperbolic sine", 1, build_sinh },
  { "cosh", "cosh", "y = ½ (eᵃ + e⁻ᵃ)", "∂y/∂a = sinh a", "Hyperbolic cosine", 1, build_cosh },
  { "log_sigmoid", "ln σ", "y = −ln(1 + e⁻ᵃ)", "∂y/∂a = σ(−a)", "Logarithm of the sigmoid", 1, build_log_sigmoid },
  { "silu", "silu", "y = a · σ(a)", "∂y/∂a = σ(a) · (1 + a · σ(−a))", "Sigmoid linear unit", 1, build_silu },
  { "gelu", "gelu", "y = a · Φ(a) = ½ a · erfc(−a/√2)", "∂y/∂a = Φ(a) + a · φ(a)", "Gaussian error linear unit", 1, build_gelu },
  { "log_softmax", "ln softmax", "yᵢⱼ = aᵢⱼ − ln Σₖ e^(aᵢₖ)", "∂yⱼ/∂aₖ = δⱼₖ − softmax(a)ₖ", "Logarithm of softmax", 1, build_log_softmax },
  { "mean", "mean", "y = Σ a / n", "∂y/∂aᵢⱼ = 1/n", "Mean", 1, build_mean_all },
  { "variance", "var", "y = Σᵢ (aᵢ − mean a)² / m, by column", "∂y/∂aᵢ = 2 (aᵢ − mean a) / m", "Variance", 1, build_variance },
  { "norm", "‖a‖", "y = √Σ a²", "∂y/∂aᵢ = aᵢ / y (0 at a = 0)", "Euclidean norm", 1, build_norm2 },
  { "dot", "a·b", "y = Σ aᵢ bᵢ", "∂y/∂aᵢ = bᵢ, ∂y/∂bᵢ = aᵢ", "Scalar product", 2, build_dot },
  { "affine", "xWᵀ+b", "Y = X · Wᵀ + b", "X̄ = Ȳ · W, W̄ = Ȳᵀ · X, b̄ = Σ of the rows of Ȳ", "Affine map", 3, build_affine },
};

const ChainCompositeRow *
chain_composite_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
