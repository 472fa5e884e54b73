/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise rules. The Jacobian of an element-wise op is diagonal, so forward and reverse mode are the same product
 * "t · local derivative"; it is written once and serves both columns. Points without a derivative follow SPEC 0.2.
 *
 * Two arguments that both build nodes are built in separate statements: C does not say which comes first, and ids must not
 * depend on the compiler. */
#include "engine/graph/ops-private.h"

#include <math.h>

/* t · (local derivative of y = f (a)). */
#define UNARY(name, expression) \
  static ChainId apply_##name (ChainGraph *g, ChainId a, ChainId y, ChainId t) { return (expression); } \
  CHAIN_VJP (name) { if (need[0]) out[0] = apply_##name (g, _chain_input (g, node, 0), node, dy); } \
  CHAIN_JVP (name) { return dx[0] ? apply_##name (g, _chain_input (g, node, 0), node, dx[0]) : CHAIN_NONE; }

static ChainId
add_parts (ChainGraph *g, ChainId a, ChainId b)
{
  if (a == CHAIN_NONE || b == CHAIN_NONE)
    return a ? a : b;
  return chain_add (g, a, b);
}

#define BINARY(name, by_a, by_b) \
  static ChainId apply_##name##_a (ChainGraph *g, ChainId a, ChainId b, ChainId y, ChainId t) { return (by_a); } \
  static ChainId apply_##name##_b (ChainGraph *g, ChainId a, ChainId b, ChainId y, ChainId t) { return (by_b); } \
  CHAIN_VJP (name) \
  { \
    ChainId a = _chain_input (g, node, 0), b = _chain_input (g, node, 1); \
    if (need[0]) out[0] = apply_##name##_a (g, a, b, node, dy); \
    if (need[1]) out[1] = apply_##name##_b (g, a, b, node, dy); \
  } \
  CHAIN_JVP (name) \
  { \
    ChainId a = _chain_input (g, node, 0), b = _chain_input (g, node, 1); \
    ChainId ta = dx[0] ? apply_##name##_a (g, a, b, node, dx[0]) : CHAIN_NONE; \
    ChainId tb = dx[1] ? apply_##name##_b (g, a, b, node, dx[1]) : CHAIN_NONE; \
    return add_parts (g, ta, tb); \
  }

/* --- powers --- */

/* b · a^(b-1). A constant exponent needs no guard. Otherwise, where a = 0 and b = 0 the product would be 0 · ∞ although
 * a^0 = 1 does not depend on a; there, and only there, the base is replaced by 1, which also leaves higher derivatives right. */
static ChainId
pow_by_a (ChainGraph *g, ChainId a, ChainId b, ChainId t)
{
  ChainShape shape = _chain_shape_of (g, a);
  ChainId zero_a, zero_b, both, base, power;
  double c;

  if (_chain_graph_constant (g, b, &c))
    {
      if (c == 0)
        return CHAIN_NONE;
      if (c == 1)
        return t;
      power = c == 2 ? a : chain_pow (g, a, chain_full (g, shape, c - 1));
      return chain_mul (g, t, chain_scale (g, power, c));
    }
  zero_a = chain_eq (g, a, chain_full (g, shape, 0));
  zero_b = chain_eq (g, b, chain_full (g, shape, 0));
  both = chain_mul (g, zero_a, zero_b);
  base = chain_where (g, both, chain_full (g, shape, 1), a);
  power = chain_pow (g, base, chain_offset (g, b, -1));
  return chain_mul (g, t, chain_mul (g, b, power));
}

/* a^b ln a, with 0 at a = 0 (SPEC 9.1): there the logarithm is taken of 1. */
static ChainId
pow_by_b (ChainGraph *g, ChainId a, ChainId y, ChainId t)
{
  ChainId base = chain_where (g, a, a, chain_ones_like (g, a));

  return chain_mul (g, t, chain_mul (g, y, chain_log (g, base)));
}

/* --- kinks --- */

/* 1 where first < second, 1/2 where equal, 0 otherwise: the share of the winner (SPEC 0.2, rule 3). */
static ChainId
share (ChainGraph *g, ChainId first, ChainId second)
{
  ChainId less = chain_lt (g, first, second);

  return chain_add (g, less, chain_scale (g, chain_eq (g, first, second), 0.5));
}

static ChainId
inside (ChainGraph *g, ChainId a, ChainId y)
{
  const ChainArg arg = chain_graph_node (g, y)->arg;
  ChainShape shape = _chain_shape_of (g, a);
  ChainId above = chain_lt (g, chain_full (g, shape, arg.value), a);

  return chain_mul (g, above, chain_lt (g, a, chain_full (g, shape, arg.value2)));
}

/* --- helpers that read as formulas --- */

static ChainId
one_minus (ChainGraph *g, ChainId a)
{
  ChainId one = chain_ones_like (g, a);

  return chain_sub (g, one, a);
}

/* 2/√π · exp (-a²) */
static ChainId
erf_slope (ChainGraph *g, ChainId a)
{
  return chain_scale (g, chain_exp (g, chain_neg (g, chain_square (g, a))), M_2_SQRTPI);
}

/* σ(a) · σ(-a), not y (1 - y), which is 0 for a > 37 (SPEC 2.2) */
static ChainId
sigmoid_slope (ChainGraph *g, ChainId a, ChainId y)
{
  return chain_mul (g, y, chain_sigmoid (g, chain_neg (g, a)));
}

static ChainId
next_polygamma (ChainGraph *g, ChainId a, ChainId y)
{
  return chain_polygamma (g, (guint) chain_graph_node (g, y)->arg.i[0] + 1, a);
}

BINARY (add, t, t)
BINARY (sub, t, chain_neg (g, t))
BINARY (mul, chain_mul (g, t, b), chain_mul (g, t, a))
BINARY (div, chain_div (g, t, b), chain_neg (g, chain_mul (g, chain_div (g, t, b), y)))
BINARY (pow, pow_by_a (g, a, b, t), pow_by_b (g, a, y, t))
BINARY (min, chain_mul (g, t, share (g, a, b)), chain_mul (g, t, share (g, b, a)))
BINARY (max, chain_mul (g, t, share (g, b, a)), chain_mul (g, t, share (g, a, b)))

UNARY (neg, chain_neg (g, t))
UNARY (exp, chain_mul (g, t, y))
UNARY (expm1, chain_mul (g, t, chain_exp (g, a)))
UNARY (log, chain_div (g, t, a))
UNARY (log1p, chain_div (g, t, chain_offset (g, a, 1)))
UNARY (sqrt, chain_div (g, t, chain_scale (g, y, 2)))
UNARY (abs, chain_mul (g, t, chain_sign (g, a)))
UNARY (sin, chain_mul (g, t, chain_cos (g, a)))
UNARY (cos, chain_mul (g, t, chain_neg (g, chain_sin (g, a))))
UNARY (atan, chain_div (g, t, chain_offset (g, chain_square (g, a), 1)))
UNARY (asinh, chain_div (g, t, chain_sqrt (g, chain_offset (g, chain_square (g, a), 1))))
UNARY (erf, chain_mul (g, t, erf_slope (g, a)))
UNARY (erfc, chain_mul (g, t, chain_neg (g, erf_slope (g, a))))
UNARY (lgamma, chain_mul (g, t, chain_polygamma (g, 0, a)))
UNARY (polygamma, chain_mul (g, t, next_polygamma (g, a, y)))
UNARY (tanh, chain_mul (g, t, one_minus (g, chain_square (g, y))))
UNARY (sigmoid, chain_mul (g, t, sigmoid_slope (g, a, y)))
UNARY (softplus, chain_mul (g, t, chain_sigmoid (g, a)))
UNARY (relu, chain_mul (g, t, chain_step (g, a)))
UNARY (clamp, chain_mul (g, t, inside (g, a, y)))

/* Only the branch that was taken receives; the other gets an exact zero (SPEC 9.1; see also grad.c on masks). */
CHAIN_VJP (where)
{
  ChainId cond = _chain_input (g, node, 0);
  ChainId zero = chain_zeros_like (g, dy);

  if (need[1])
    out[1] = chain_where (g, cond, dy, zero);
  if (need[2])
    out[2] = chain_where (g, cond, zero, dy);
}

CHAIN_JVP (where)
{
  ChainId cond = _chain_input (g, node, 0), zero;

  if (dx[1] == CHAIN_NONE && dx[2] == CHAIN_NONE)
    return CHAIN_NONE;
  if (dx[1] && dx[2])
    return chain_where (g, cond, dx[1], dx[2]);
  zero = chain_zeros_like (g, node);
  return chain_where (g, cond, dx[1] ? dx[1] : zero, dx[2] ? dx[2] : zero);
}
