/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of variants are made for files and the command line ("slide_goodfellow_8.5_eps_inside"). These are the same in plain words; an id that a
 * new row brings along shows itself with spaces until it has a line here. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ui/settings/row-params.h"

/* row NULL: of any row */
static const struct { const char *row, *variant, *title; } names[] = {
  { "weighted_bce", "slide", N_("As on the slide: α and 1 − α") },
  { "cosine", "slide_negative_similarity", N_("Slide: minus the similarity") },
  { "l2", "half", N_("With ½: ½ λ Σw²") },
  { "l2", "keras_no_half", N_("Keras: λ Σw²") },
  { "emd_1d", "samples", N_("Samples, sorted") },
  { "emd_1d", "histogram", N_("Histograms") },
  { "kl_divergence", "reverse", N_("Reverse: Σ y (ln y − ln t)") },
  { "reconstruction", "bce", N_("Cross-entropy of the input") },
  { "one_cycle", "linear", N_("Straight lines") },
  { "mmd", "linear", N_("Linear kernel") },
  { "lr_range_test", "linear", N_("Rising by equal amounts") },
  { "lr_range_test", "exponential", N_("Rising by equal factors") },
  { "adagrad", "pytorch", N_("PyTorch: ε outside the root") },
  { "rmsprop", "pytorch", N_("PyTorch: δ outside the root") },
  { "glorot_normal", "pytorch", N_("PyTorch: plain normal") },
  { "triplet", "pytorch", N_("PyTorch: plain distances") },
  { "polynomial", "pytorch", N_("PyTorch: down to 0") },
  { "gan_discriminator", "hinge", N_("Hinge") },
  { "step", "identity", N_("Gradient 1 everywhere") },
  { "sign", "identity", N_("Gradient 1 everywhere") },
  { NULL, "standard", N_("Standard") },
  { NULL, "pytorch", N_("As PyTorch") },
  { NULL, "slide", N_("As on the slide") },
  { NULL, "slide_hinge", N_("Slide: without −β/2") },
  { NULL, "slide_clamp", N_("Slide: targets cut to [k, 1 − k]") },
  { NULL, "slide_no_factor_2", N_("Slide: without the factor 2") },
  { NULL, "slide_divide_by_n", N_("Slide: divided by N") },
  { NULL, "divide_by_total_weight", N_("Divided by the sum of weights") },
  { NULL, "slide_goodfellow_8.2", N_("Slide: Goodfellow 8.2") },
  { NULL, "goodfellow_8.3", N_("Goodfellow 8.3") },
  { NULL, "goodfellow_8.4", N_("Goodfellow 8.4: δ outside the root") },
  { NULL, "slide_goodfellow_8.5_eps_inside", N_("Slide: δ inside the root") },
  { NULL, "slide_eps_inside_root", N_("Slide: ε inside the root") },
  { NULL, "keras_epsilon_hat", N_("Keras: ε̂, corrected rate") },
  { NULL, "keras_optax_eps_inside", N_("Keras, optax: ε inside the root") },
  { NULL, "keras_truncated", N_("Keras: cut at two deviations") },
  { NULL, "keras_l1_l2", N_("Keras: own L1 and L2 strengths") },
  { NULL, "keras_clip_with_epsilon", N_("Keras: with ε") },
  { NULL, "zou_hastie_ratio", N_("Strength and share of L1") },
  { NULL, "per_unit_row_projection", N_("Each unit's weights") },
  { NULL, "pytorch_1e-6", N_("PyTorch: ‖g‖ + 10⁻⁶") },
  { NULL, "pytorch_periodic", N_("PyTorch: rising again") },
  { NULL, "held_after_t_max", N_("Held at the minimum") },
  { NULL, "with_end_value", N_("Down to a last rate") },
  { NULL, "noam_vaswani_2017", N_("Noam (Vaswani 2017)") },
  { NULL, "pos_weight", N_("Weighted positive class") },
  { NULL, "squared_denominator", N_("Squares below the line") },
  { NULL, "one_minus_similarity", N_("1 − similarity") },
  { NULL, "logits", N_("Output is logits") },
  { NULL, "log_probabilities", N_("Output is log-probabilities") },
  { NULL, "probabilities", N_("Output is probabilities") },
  { NULL, "mse_slide", N_("Slide: squared error") },
  { NULL, "minimax", N_("Minimax") },
  { NULL, "minimax_saturating", N_("Minimax (saturating)") },
  { NULL, "non_saturating", N_("Non-saturating") },
  { NULL, "wgan", N_("Wasserstein") },
  { NULL, "lsgan", N_("Least squares") },
  { NULL, "hinge", N_("Hinge") },
  { NULL, "biased", N_("Biased estimate") },
  { NULL, "unbiased", N_("Unbiased estimate") },
  { NULL, "weston_watkins_pytorch", N_("Weston & Watkins (PyTorch)") },
  { NULL, "crammer_singer", N_("Crammer & Singer") },
  { NULL, "log_variance", N_("Output is the log-variance") },
  { NULL, "variance", N_("Output is the variance") },
  { NULL, "squared_facenet", N_("FaceNet: squared distances") },
  { NULL, "entropic_dual", N_("Entropic cost") },
  { NULL, "debiased_divergence", N_("Debiased divergence") },
  { NULL, "fan_in", N_("By inputs (forward)") },
  { NULL, "fan_out", N_("By outputs (backward)") },
  { NULL, "cos", N_("Cosine") },
  { NULL, "cos_with_momentum", N_("Cosine, momentum against it") },
  { NULL, "triangular", N_("Same height each cycle") },
  { NULL, "triangular2", N_("Half the height each cycle") },
  { NULL, "exp_range", N_("Height falls by γ each step") },
  { NULL, "min_relative", N_("Loss, relative improvement") },
  { NULL, "min_absolute", N_("Loss, absolute improvement") },
  { NULL, "max_relative", N_("Score, relative improvement") },
  { NULL, "max_absolute", N_("Score, absolute improvement") },
  { NULL, "adam", N_("Adam inside") },
  { NULL, "adamw", N_("AdamW inside") },
  { NULL, "sgd", N_("SGD inside") },
  { NULL, "paper_no_bias_correction", N_("Paper: without correction") },
  { NULL, "optax_max_of_corrected", N_("optax: maximum of the corrected") },
  { NULL, "optax_constant_momentum", N_("optax: constant momentum") },
  { NULL, "dozat_pytorch", N_("Dozat (PyTorch)") },
  { NULL, "exact_polar", N_("Exact polar factor") },
  { NULL, "rows_over_cols", N_("Scaled by √(rows/columns)") },
  { NULL, "match_rms", N_("Scaled to Adam's step") },
  { NULL, "legacy", N_("Older Keras: slope 0.2") },
  { NULL, "identity", N_("Identity") },
  { NULL, "clipped", N_("Gradient 1 inside [−1, 1]") },
  { NULL, "sigmoid", N_("Gradient of a sigmoid") },
  { NULL, "none", N_("None") },
  { NULL, "logvar", N_("Log-variance") },
  { NULL, "softplus_std", N_("Softplus of the deviation") },
  { NULL, "normal", N_("Normal") },
  { NULL, "uniform", N_("Uniform") },
};

char *
chain_variant_title (const ChainRowInfo *info, const char *variant)
{
  char *words;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].variant, variant) && (names[i].row == NULL || g_str_equal (names[i].row, info->id)))
      return g_strdup (_(names[i].title));
  words = g_strdelimit (g_strdup (variant), "_", ' ');
  *words = g_ascii_toupper (*words);
  return words;
}
