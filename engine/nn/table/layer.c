/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of layers: texts, parameters and how many inputs each takes. What they compute is in nn/layers, where nn/model finds it. */
#include "engine/nn/table/rows.h"

static const ChainParamInfo dense_params[] = { { ROW_PARAM ("bias", N_ ("Bias (0 or 1)"), 1, 0, 1), .integer = TRUE } };
static const ChainParamInfo dropout_params[] = { { ROW_PARAM ("p", N_ ("Share p of values set to zero"), 0.5, 0, 1) } };
static const ChainParamInfo batch_params[] = {
  { ROW_PARAM ("eps", N_ ("Small number ε"), 1e-5, 0, 1), .open_min = TRUE, .log_scale = TRUE },
  { ROW_PARAM ("momentum", N_ ("Share ρ of the new batch in the running statistics"), 0.1, 0, 1) },
};
static const ChainParamInfo layer_norm_params[] = {
  { ROW_PARAM ("eps", N_ ("Small number ε"), 1e-5, 0, 1), .open_min = TRUE, .log_scale = TRUE },
};
static const ChainParamInfo rms_params[] = { { ROW_PARAM ("eps", N_ ("Small number ε"), 1e-6, 0, 1), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo l2_params[] = { { ROW_PARAM ("eps", N_ ("Shortest length ε"), 1e-12, 0, 1), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo noise_params[] = { { ROW_PARAM ("stddev", N_ ("Standard deviation s"), 0.1, 0, 1e3), .log_scale = TRUE } };
static const ChainParamInfo source_params[] = { { ROW_PARAM ("size", N_ ("Numbers a sample"), 2, 1, 1e6), .integer = TRUE } };
static const ChainParamInfo prelu_params[] = { { ROW_PARAM ("slope", N_ ("First slope a"), 0.25, -1e3, 1e3) } };
static const ChainParamInfo swish_params[] = { { ROW_PARAM ("beta", N_ ("First sharpness β"), 1, -1e3, 1e3) } };
static const ChainParamInfo gumbel_params[] = { { ROW_PARAM ("temperature", N_ ("Temperature T"), 1, 0, 1e6), .open_min = TRUE, .log_scale = TRUE } };
static const ChainParamInfo maxout_params[] = { { ROW_PARAM ("pieces", N_ ("Values k in a group"), 2, 2, 1e6), .integer = TRUE } };

static const ChainLayerRow rows[] = {
  { .info = { ROW_INFO ("dense", N_ ("Dense (fully connected)"), "Y = X Wᵀ + 1 bᵀ", "X̄ = Ȳ W, W̄ = Ȳᵀ X, b̄ = Σₙ Ȳₙ", "Rosenblatt 1958",
              "Anatomy of A Layer", "PyTorch Linear · Keras Dense · Flax Dense", N_ ("Use it as the basic layer: every unit reads every input."),
              N_ ("Basic")),
              ROW_PARAMS (dense_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("activation", N_ ("Activation"), "y = φ(z), φ the chosen activation", "z̄ = ȳ φ′(z)", "–", "Activation Functions",
              "PyTorch modules · Keras Activation · functions",
              N_ ("Use it for a bend by itself, for instance after a batch normalisation or a sum."), N_ ("Basic")) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("dropout", N_ ("Dropout"), "train: y = m ⊙ x / (1 − p), m = 1 with probability 1 − p, else 0; eval: y = x",
              "x̄ = m ⊙ ȳ / (1 − p)", "Srivastava et al. 2014", "Architecture", "PyTorch Dropout(p) · Keras Dropout(rate) · Flax Dropout(rate)",
              N_ ("Use it against overfitting in wide layers."), N_ ("Regularising")), ROW_PARAMS (dropout_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("batch_norm", N_ ("Batch normalisation"),
              "x̂ = (x − μ)/√(v + ε), y = γ x̂ + β, μ and v mean and variance of the batch; run ← (1 − ρ) run + ρ new",
              "x̄ = (a − mean a − x̂ mean(a x̂))/√(v + ε), a = γ ȳ", "Ioffe & Szegedy 2015", "Epoch - training data sampling and batching",
              "PyTorch BatchNorm1d · Keras BatchNormalization (momentum 0.99, ε 1e-3) · Flax BatchNorm",
              N_ ("Use it in deep networks with batches of 16 or more. The running variance is unbiased in PyTorch, biased in Keras."),
              N_ ("Normalising")),
              ROW_PARAMS (batch_params), ROW_VARIANTS ("unbiased", "biased") },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("add", N_ ("Add (skip connection)"), "y = a + b + …", "ā = b̄ = ȳ", "He et al. 2016", "Architecture",
              "PyTorch + · Keras Add · JAX +", N_ ("Use it to join branches of equal width, as the skip connections of deep networks do."),
              N_ ("Joining")) },
    .min_inputs = 2, .max_inputs = 0 },
  { .info = { ROW_INFO ("concat", N_ ("Concatenate"), "y = [a, b, …]", "the cotangent is split", "–", "Architecture",
              "PyTorch cat · Keras Concatenate · jnp.concatenate", N_ ("Use it to join branches side by side; their widths add up."), N_ ("Joining")) },
    .min_inputs = 2, .max_inputs = 0 },
  { .info = { ROW_INFO ("multiply", N_ ("Multiply (gate)"), "y = a ⊙ b ⊙ …", "ā = ȳ ⊙ b", "Hochreiter & Schmidhuber 1997", NULL,
              "PyTorch * · Keras Multiply · JAX *", N_ ("Use it as a gate: one branch opens and closes another."), N_ ("Joining")) },
    .min_inputs = 2, .max_inputs = 0 },
  { .info = { ROW_INFO ("layer_norm", N_ ("Layer normalisation"),
              "x̂ = (x − μ)/√(v + ε), y = γ x̂ + β, μ and v mean and variance of the features of each sample",
              "x̄ = (a − mean a − x̂ mean(a x̂))/√(v + ε) along each row, a = γ ȳ", "Ba et al. 2016", NULL,
              "PyTorch LayerNorm · Keras LayerNormalization (ε 1e-3) · Flax LayerNorm (ε 1e-6)",
              N_ ("Use it where batches are small; it is the same in training and evaluation."), N_ ("Normalising")),
              ROW_PARAMS (layer_norm_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("rms_norm", N_ ("RMS normalisation"), "y = γ ⊙ x / √(mean x² + ε)",
              "x̄ = s (a − x s² mean(a x)), a = γ ȳ, s = 1/√(mean x² + ε)", "Zhang & Sennrich 2019", NULL,
              "PyTorch RMSNorm (2.4 and later) · Keras RMSNormalization · Flax RMSNorm",
              N_ ("Use it as a cheaper layer normalisation that leaves the mean alone."), N_ ("Normalising")),
              ROW_PARAMS (rms_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("l2_normalise", N_ ("L2 normalisation"), "y = x / max(‖x‖, ε)", "x̄ = (ȳ − y (ȳ·y)) / ‖x‖", "–", NULL,
              "PyTorch normalize · Keras UnitNormalization · JAX –",
              N_ ("Use it where only the direction of each sample should count and not its length."), N_ ("Normalising")),
              ROW_PARAMS (l2_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("gaussian_noise", N_ ("Gaussian noise"), "train: y = x + s ε, ε ~ N(0, 1); eval: y = x", "x̄ = ȳ", "Bishop 1995", NULL,
              "PyTorch – · Keras GaussianNoise · Flax –", N_ ("Use it against overfitting, and to see how robust a network is."), N_ ("Regularising")),
              ROW_PARAMS (noise_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("noise", N_ ("Noise source"), "y ~ N(0, 1) or U(0, 1), fresh for every sample", "nothing flows back",
              "Goodfellow et al. 2014", NULL, "PyTorch randn · Keras random.normal · jax.random.normal",
              N_ ("Use it as what a generator starts from; of its input only the number of samples counts."), N_ ("Basic")),
              ROW_PARAMS (source_params),
              ROW_VARIANTS ("normal", "uniform") },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("reparameterised_gaussian", N_ ("Sampling (reparameterised)"), "train: z = μ + e^{½ℓ} ε, ε ~ N(0, 1); eval: z = μ",
              "μ̄ = z̄, ℓ̄ = ½ z̄ e^{½ℓ} ε", "Kingma & Welling 2014", "Architecture", "PyTorch Normal.rsample · Keras – (a Lambda) · distrax",
              N_ ("Use it in the middle of a variational autoencoder: it draws a sample that gradients flow through."), N_ ("Joining")),
              ROW_VARIANTS ("logvar", "softplus_std") },
    .min_inputs = 2, .max_inputs = 2 },
  { .info = { ROW_INFO ("prelu", N_ ("Parametric ReLU"), "y = x if x > 0 else a x, a trained", "x̄ = ȳ if x > 0 else a ȳ; ā = Σ ȳ x·1[x ≤ 0]",
              "He et al. 2015", NULL, "PyTorch PReLU · Keras PReLU · Flax PReLU",
              N_ ("Use it as a leaky ReLU that learns its slope: one for all units, or one for each."), N_ ("Gates and maxima")),
              ROW_PARAMS (prelu_params), ROW_VARIANTS ("shared", "channelwise") },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("swish", N_ ("Swish with trained β"), "y = x σ(β x), β trained",
              "x̄ = ȳ (σ + β x σ (1 − σ)), β̄ = Σ ȳ x² σ (1 − σ), σ = σ(β x)", "Ramachandran et al. 2017", NULL, "PyTorch – · Keras – · JAX –",
              N_ ("Use it as a SiLU that learns how sharp its bend is: one sharpness for all units, or one for each."), N_ ("Gates and maxima")),
              ROW_PARAMS (swish_params), ROW_VARIANTS ("shared", "channelwise") },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("glu", N_ ("Gated linear unit"), "y = a ⊙ σ(b), a and b the halves of x, σ(z) = 1/(1 + e^−z)",
              "ā = ȳ σ(b), b̄ = ȳ a σ(b) σ(−b)", "Dauphin et al. 2017", NULL, "PyTorch GLU · Keras glu · jax.nn.glu",
              N_ ("Use it where one half of a layer should gate the other; it halves the width."), N_ ("Gates and maxima")) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("maxout", N_ ("Maxout"), "yⱼ = max of k consecutive values", "the first largest receives ȳ", "Goodfellow et al. 2013", NULL,
              "PyTorch – · Keras – · Flax –", N_ ("Use it to learn a convex activation out of k straight lines."), N_ ("Gates and maxima")),
              ROW_PARAMS (maxout_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("scalar_bias", N_ ("Scalar bias"), "y = x + b, one trained b, at first 0", "x̄ = ȳ, b̄ = Σ ȳ", "Zhang et al. 2019", NULL,
              "PyTorch – · Keras – · Flax –", N_ ("Use it before each layer of a residual branch that starts by fixup, in place of normalisation."),
              N_ ("Scalars")) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("scalar_scale", N_ ("Scalar multiplier"), "y = s x, one trained s, at first 1", "x̄ = s ȳ, s̄ = Σ ȳ x", "Zhang et al. 2019",
              NULL, "PyTorch – · Keras – · Flax –",
              N_ ("Use it at the end of a residual branch that starts by fixup: the branch learns how much it adds."), N_ ("Scalars")) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("gumbel_softmax", N_ ("Sampling of classes (Gumbel-softmax)"),
              "train: y = softmax((z + G)/T), G = −ln(−ln U), U ~ U(0, 1); eval: softmax(z/T)", "z̄ = y ⊙ (ȳ − ȳ·y)/T",
              "Jang et al. 2017; Maddison et al. 2017", "Architecture", "PyTorch gumbel_softmax · Keras – · JAX –",
              N_ ("Use it to draw a class in a way that gradients flow through; the lower T, the nearer to a single class."), N_ ("Joining")),
              ROW_PARAMS (gumbel_params) },
    .min_inputs = 1, .max_inputs = 1 },
  { .info = { ROW_INFO ("interpolate", N_ ("Between two samples"), "train: y = u a + (1 − u) b, u ~ U(0, 1) for each sample; eval: y = ½ (a + b)",
              "ā = u ȳ, b̄ = (1 − u) ȳ", "Gulrajani et al. 2017", NULL, "PyTorch lerp · Keras – · JAX –",
              N_ ("Use it between real and made samples, where a gradient penalty looks at the judge of an adversarial pair."), N_ ("Joining")) },
    .min_inputs = 2, .max_inputs = 2 },
  { .info = { ROW_INFO ("identity", N_ ("Identity"), "y = x", "x̄ = ȳ", "–", NULL, "PyTorch Identity · Keras Identity · –",
              N_ ("Use it as a place with a name, for instance to branch from."), N_ ("Basic")) },
    .min_inputs = 1, .max_inputs = 1 },
};

const void *
_chain_layer_rows (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}
