/* SPDX-License-Identifier: Apache-2.0 */
/* Initialisers that draw every weight by itself (SPEC 6). SLIDE: Weight initialisation.
 *
 * w is fan-out x fan-in, row-major. Entry (row, column) is a pure function of (seed, object, row, column): a layer that gets one more unit
 * keeps the weights of the others, and layers do not disturb each other. */
#include "engine/nn/table/rows.h"

#include "engine/base/rng.h"

#include <math.h>

/* Standard deviation of N(0, 1) cut at ±2. */
#define TRUNCATED_DEVIATION 0.87962566103423978

static void
draw_uniform (double *w, guint rows, guint cols, double low, double high, uint64_t seed, uint32_t object)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, 0);
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < cols; c++)
      w[(gsize) r * cols + c] = low + (high - low) * chain_stream_uniform (&s, r, c);
}

static void
draw_normal (double *w, guint rows, guint cols, double mean, double stddev, uint64_t seed, uint32_t object)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, 0);
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < cols; c++)
      w[(gsize) r * cols + c] = mean + stddev * chain_stream_normal (&s, r, c);
}

typedef struct { double mean, stddev, a, b; } Truncated;

static void
draw_truncated (double *w, guint rows, guint cols, Truncated t, uint64_t seed, uint32_t object)
{
  ChainStream s;

  chain_stream_init (&s, seed, CHAIN_STREAM_INIT, object, 0);
  for (guint r = 0; r < rows; r++)
    for (guint c = 0; c < cols; c++)
      w[(gsize) r * cols + c] = _chain_truncated_normal (chain_stream_uniform (&s, r, c), t.mean, t.stddev, t.a, t.b);
}

/* Normal of the given variance; "keras_truncated" cuts at two deviations and rescales to the same variance. */
static void
draw_variance (double *w, guint rows, guint cols, double variance, gboolean truncated, uint64_t seed, uint32_t object)
{
  double s = sqrt (variance);

  if (truncated)
    draw_truncated (w, rows, cols, (Truncated){ 0, s / TRUNCATED_DEVIATION, -2, 2 }, seed, object);
  else
    draw_normal (w, rows, cols, 0, s, seed, object);
}

static gboolean
is_variant (const ChainParams *p, const char *name)
{
  return g_str_equal (chain_param_variant (p), name);
}

static void
fill_zeros (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  for (gsize i = 0; i < (gsize) fan_out * fan_in; i++)
    w[i] = 0;
}

static void
fill_constant (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double value = chain_param (p, "value");

  for (gsize i = 0; i < (gsize) fan_out * fan_in; i++)
    w[i] = value;
}

static void
fill_uniform (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  draw_uniform (w, fan_out, fan_in, chain_param (p, "low"), chain_param (p, "high"), seed, object);
}

static void
fill_normal (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  draw_normal (w, fan_out, fan_in, chain_param (p, "mean"), chain_param (p, "stddev"), seed, object);
}

static void
fill_truncated (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  Truncated t = { chain_param (p, "mean"), chain_param (p, "stddev"), chain_param (p, "a"), chain_param (p, "b") };

  draw_truncated (w, fan_out, fan_in, t, seed, object);
}

/* SLIDE: "Xavier Glorot" is U[±1/√n], the heuristic that Glorot & Bengio set out to replace (SPEC S6). */
static void
fill_slide (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double bound = 1 / sqrt (fan_in);

  draw_uniform (w, fan_out, fan_in, -bound, bound, seed, object);
}

static void
fill_glorot_uniform (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double bound = chain_param (p, "gain") * sqrt (6.0 / ((double) fan_in + fan_out));

  draw_uniform (w, fan_out, fan_in, -bound, bound, seed, object);
}

static void
fill_glorot_normal (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double gain = chain_param (p, "gain");

  draw_variance (w, fan_out, fan_in, 2 * gain * gain / ((double) fan_in + fan_out), is_variant (p, "keras_truncated"), seed, object);
}

/* g²/n with g² = 2/(1 + a²): a = 0 for ReLU, the slope for leaky ReLU, 1 for a linear layer. */
static double
he_variance (guint fan_out, guint fan_in, const ChainParams *p)
{
  double a = chain_param (p, "a");

  return 2 / (1 + a * a) / (is_variant (p, "fan_out") ? fan_out : fan_in);
}

static void
fill_he_uniform (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double bound = sqrt (3 * he_variance (fan_out, fan_in, p));

  draw_uniform (w, fan_out, fan_in, -bound, bound, seed, object);
}

static void
fill_he_normal (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  draw_variance (w, fan_out, fan_in, he_variance (fan_out, fan_in, p), is_variant (p, "keras_truncated"), seed, object);
}

static void
fill_lecun_uniform (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  double bound = sqrt (3.0 / fan_in);

  draw_uniform (w, fan_out, fan_in, -bound, bound, seed, object);
}

static void
fill_lecun_normal (double *w, guint fan_out, guint fan_in, const ChainParams *p, uint64_t seed, uint32_t object)
{
  draw_variance (w, fan_out, fan_in, 1.0 / fan_in, is_variant (p, "keras_truncated"), seed, object);
}

static const ChainParamInfo constant_params[] = { { ROW_PARAM ("value", N_ ("Value c"), 0.05, -1e6, 1e6) } };
static const ChainParamInfo uniform_params[] = {
  { ROW_PARAM ("low", N_ ("Lower bound a"), -0.05, -1e6, 1e6) },
  { ROW_PARAM ("high", N_ ("Upper bound b"), 0.05, -1e6, 1e6) },
};
static const ChainParamInfo normal_params[] = {
  { ROW_PARAM ("mean", N_ ("Mean m"), 0, -1e6, 1e6) },
  { ROW_PARAM ("stddev", N_ ("Standard deviation s"), 0.05, 0, 1e6), .log_scale = TRUE },
};
static const ChainParamInfo truncated_params[] = {
  { ROW_PARAM ("mean", N_ ("Mean m"), 0, -1e6, 1e6) },
  { ROW_PARAM ("stddev", N_ ("Standard deviation s before cutting"), 0.05, 0, 1e6), .log_scale = TRUE },
  { ROW_PARAM ("a", N_ ("Lower bound in units of s"), -2, -8, 8) },
  { ROW_PARAM ("b", N_ ("Upper bound in units of s"), 2, -8, 8) },
};
static const ChainParamInfo gain_params[] = { { ROW_PARAM ("gain", N_ ("Gain g"), 1, 0, 1e3), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo he_params[] = { { ROW_PARAM ("a", N_ ("Slope for z ≤ 0 (0 ReLU, 1 linear)"), 0, 0, 1e3) } };

static const ChainInitRow rows[] = {
  { .info = { ROW_INFO ("constant", N_ ("Constant"), "w = c", "Var w = 0", "–", "Weight initialisation",
              "PyTorch constant_ · Keras Constant · JAX constant",
              N_ ("Use it to see the symmetry problem: all units of a layer stay identical for ever. For biases it is fine."), N_ ("Fixed")),
              ROW_PARAMS (constant_params) },
    .fill = fill_constant },
  { .info = { ROW_INFO ("uniform", N_ ("Uniform"), "w ~ U[a, b]", "Var w = (b − a)²/12", "–", "Weight initialisation",
              "PyTorch uniform_ · Keras RandomUniform (±0.05) · JAX uniform ([0, 0.01))",
              N_ ("Use it for plain random weights with bounds of your choice."), N_ ("Random")), ROW_PARAMS (uniform_params) },
    .fill = fill_uniform },
  { .info = { ROW_INFO ("normal", N_ ("Gaussian"), "w ~ N(m, s²)", "Var w = s²", "–", "Weight initialisation",
              "PyTorch normal_ · Keras RandomNormal (0.05) · JAX normal (0.01)", N_ ("Use it for plain random weights with a spread of your choice."),
              N_ ("Random")), ROW_PARAMS (normal_params) },
    .fill = fill_normal },
  { .info = { ROW_INFO ("slide_heuristic_uniform", N_ ("Heuristic 1/√n (the slide's Xavier Glorot)"), "w ~ U[−1/√n, 1/√n], n inputs of a unit",
              "Var w = 1/(3 n)", "LeCun et al. 1998; Glorot & Bengio 2010, eq. 1", "Weight initialisation",
              "PyTorch Linear (default) · Keras – · JAX –",
              N_ ("Use it for the slide form. It is the rule that Glorot & Bengio set out to replace, and still PyTorch's default for Linear."),
              N_ ("Scaled by size")) },
    .fill = fill_slide },
  { .info = { ROW_INFO ("glorot_uniform", N_ ("Xavier (Glorot) uniform"), "w ~ U[±g √(6/(nᵢₙ + nₒᵤₜ))], n inputs and outputs of the layer",
              "Var w = 2 g²/(nᵢₙ + nₒᵤₜ)", "Glorot & Bengio 2010, eq. 16", "Weight initialisation",
              "PyTorch xavier_uniform_ · Keras GlorotUniform (default) · JAX glorot_uniform",
              N_ ("Use it for tanh and sigmoid layers: it keeps activations and gradients at one size."), N_ ("Scaled by size")),
              ROW_PARAMS (gain_params) },
    .fill = fill_glorot_uniform },
  { .info = { ROW_INFO ("zeros", N_ ("Zeros"), "w = 0", "Var w = 0", "–", NULL, "PyTorch zeros_ · Keras Zeros · JAX zeros",
              N_ ("Use it for biases; for weights it is constant initialisation."), N_ ("Fixed")) },
    .fill = fill_zeros },
  { .info = { ROW_INFO ("glorot_normal", N_ ("Xavier (Glorot) normal"), "w ~ N(0, 2 g²/(nᵢₙ + nₒᵤₜ)), n inputs and outputs of the layer",
              "Var w = 2 g²/(nᵢₙ + nₒᵤₜ)", "Glorot & Bengio 2010", NULL,
              "PyTorch xavier_normal_ · Keras GlorotNormal (truncated) · JAX glorot_normal (truncated)",
              N_ ("Use it as Xavier uniform when weights should be Gaussian."), N_ ("Scaled by size")),
              ROW_PARAMS (gain_params), ROW_VARIANTS ("pytorch", "keras_truncated") },
    .fill = fill_glorot_normal },
  { .info = { ROW_INFO ("he_uniform", N_ ("He (Kaiming) uniform"), "w ~ U[±g √(3/n)], g² = 2/(1 + a²), n inputs (or outputs) of the layer",
              "Var w = g²/n", "He et al. 2015", NULL, "PyTorch kaiming_uniform_ · Keras HeUniform · JAX he_uniform",
              N_ ("Use it for layers with ReLU or one of its relatives."), N_ ("Scaled by size")),
              ROW_PARAMS (he_params), ROW_VARIANTS ("fan_in", "fan_out") },
    .fill = fill_he_uniform },
  { .info = { ROW_INFO ("he_normal", N_ ("He (Kaiming) normal"), "w ~ N(0, g²/n), g² = 2/(1 + a²), n inputs (or outputs) of the layer",
              "Var w = g²/n", "He et al. 2015", NULL, "PyTorch kaiming_normal_ · Keras HeNormal (truncated) · JAX he_normal (truncated)",
              N_ ("Use it for layers with ReLU or one of its relatives when weights should be Gaussian."), N_ ("Scaled by size")),
              ROW_PARAMS (he_params),
              ROW_VARIANTS ("fan_in", "fan_out", "keras_truncated") },
    .fill = fill_he_normal },
  { .info = { ROW_INFO ("lecun_uniform", N_ ("LeCun uniform"), "w ~ U[±√(3/n)], n inputs of a unit", "Var w = 1/n", "LeCun et al. 1998", NULL,
              "PyTorch – · Keras LecunUniform · JAX lecun_uniform", N_ ("Use it with SELU, or with tanh of inputs of variance 1."),
              N_ ("Scaled by size")) },
    .fill = fill_lecun_uniform },
  { .info = { ROW_INFO ("lecun_normal", N_ ("LeCun normal"), "w ~ N(0, 1/n), n inputs of a unit", "Var w = 1/n", "LeCun et al. 1998", NULL,
              "PyTorch – · Keras LecunNormal (truncated) · JAX lecun_normal (truncated)", N_ ("Use it with SELU, which was made for this start."),
              N_ ("Scaled by size")),
              ROW_VARIANTS ("standard", "keras_truncated") },
    .fill = fill_lecun_normal },
  { .info = { ROW_INFO ("truncated_normal", N_ ("Truncated normal"), "w ~ N(m, s²) cut to [m + a s, m + b s]", "Var w = 0.774 s² for ±2", "–", NULL,
              "PyTorch trunc_normal_ · Keras TruncatedNormal · JAX truncated_normal", N_ ("Use it for Gaussian weights without the rare large ones."),
              N_ ("Random")), ROW_PARAMS (truncated_params) },
    .fill = fill_truncated },
};

const void *
_chain_init_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
