/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/app/maths/formulas.h"

#define S(text)    chain_maths_symbol (text)
#define N(text)    chain_maths_number (text)
#define W(text)    chain_maths_word (text)
#define G(text)    chain_maths_sign (text)
#define R(...)     chain_maths_row (__VA_ARGS__, NULL)
#define F(a, b)    chain_maths_fraction (a, b)
#define SUB(a, b)  chain_maths_script (a, b, NULL)
#define SUP(a, b)  chain_maths_script (a, NULL, b)
#define BOTH(a, b, c) chain_maths_script (a, b, c)
#define P(body)    chain_maths_fence ("(", body, ")")
#define HAT(body)  chain_maths_accent (CHAIN_ACCENT_HAT, body)
#define BAR(body)  chain_maths_accent (CHAIN_ACCENT_BAR, body)
#define BACK(...)  chain_maths_ink (CHAIN_MATHS_BACKWARD, R (__VA_ARGS__))

static ChainMaths *
fan_out (void)
{
  ChainMaths *lines[] = {
    R (F (S ("∂L"), S ("∂h")), G ("="),
       chain_maths_anchor ("edge:w3:h", R (F (S ("∂L"), SUB (S ("∂z"), N ("3"))), F (SUB (S ("∂z"), N ("3")), S ("∂h")))), G ("+"),
       chain_maths_anchor ("edge:w2:h", BACK (F (S ("∂L"), SUB (S ("∂z"), N ("2"))), F (SUB (S ("∂z"), N ("2")), S ("∂h"))))),
    R (G ("="), P (N ("0.4154")), P (N ("-0.90")), G ("+"), BACK (P (N ("-0.1208")), P (N ("1.10")))),
    R (G ("="), N ("-0.3738"), BACK (G ("−"), N ("0.1329")), G ("="), chain_maths_ink (CHAIN_MATHS_STRONG, N ("-0.5068"))) };

  return chain_maths_lines (lines, 3);
}

static ChainMaths *
adam (void)
{
  ChainMaths *lines[] = {
    R (S ("m"), G ("←"), SUB (S ("β"), N ("1")), S ("m"), G ("+"), P (R (N ("1"), G ("−"), SUB (S ("β"), N ("1")))), S ("g")),
    R (S ("v"), G ("←"), SUB (S ("β"), N ("2")), S ("v"), G ("+"), P (R (N ("1"), G ("−"), SUB (S ("β"), N ("2")))), SUP (S ("g"), N ("2"))),
    R (HAT (S ("m")), G ("←"), F (S ("m"), R (N ("1"), G ("−"), BOTH (S ("β"), N ("1"), S ("t"))))),
    R (HAT (S ("v")), G ("←"), F (S ("v"), R (N ("1"), G ("−"), BOTH (S ("β"), N ("2"), S ("t"))))),
    R (S ("w"), G ("←"), S ("w"), G ("−"), S ("η"), F (HAT (S ("m")), R (chain_maths_root (HAT (S ("v"))), G ("+"), S ("ε")))) };

  return chain_maths_lines (lines, 5);
}

static ChainMaths *
momentum (void)
{
  ChainMaths *lines[] = { R (S ("v"), G ("←"), S ("μ"), S ("v"), G ("+"), S ("g")), R (S ("w"), G ("←"), S ("w"), G ("−"), S ("η"), S ("v")) };

  return chain_maths_lines (lines, 2);
}

static ChainMaths *
rmsprop (void)
{
  ChainMaths *lines[] = { R (S ("s"), G ("←"), S ("ρ"), S ("s"), G ("+"), P (R (N ("1"), G ("−"), S ("ρ"))), S ("g"), G ("⊙"), S ("g")),
                          R (S ("w"), G ("←"), S ("w"), G ("−"), F (S ("η"), R (chain_maths_root (S ("s")), G ("+"), S ("ε"))), S ("g")) };

  return chain_maths_lines (lines, 2);
}

static ChainMaths *
softmax (void)
{
  return R (SUB (HAT (S ("y")), S ("k")), G ("="),
            F (SUP (S ("e"), SUB (S ("z"), S ("k"))), chain_maths_big ("∑", R (S ("j"), G ("="), N ("1")), S ("K"), SUP (S ("e"), SUB (S ("z"), S ("j"))))));
}

static ChainMaths *
cross_entropy (void)
{
  return R (S ("L"), G ("="), G ("−"), chain_maths_big ("∑", R (S ("k"), G ("="), N ("1")), S ("K"),
                                                         R (SUB (S ("y"), S ("k")), W ("log"), SUB (HAT (S ("y")), S ("k")))));
}

static ChainMaths *
bce (void)
{
  return R (W ("BCE"), P (R (S ("s"), G (","), S ("t"))), G ("="), W ("max"), P (R (S ("s"), G (","), N ("0"))), G ("−"), S ("s"), S ("t"), G ("+"), W ("log"),
            P (R (N ("1"), G ("+"), SUP (S ("e"), R (G ("−"), chain_maths_fence ("|", S ("s"), "|"))))));
}

static ChainMaths *
mse (void)
{
  return R (S ("L"), G ("="), F (N ("1"), R (N ("2"), S ("n"))), chain_maths_big ("∑", R (S ("i"), G ("="), N ("1")), S ("n"),
            SUP (chain_maths_fence ("‖", R (SUB (HAT (S ("y")), S ("i")), G ("−"), SUB (S ("y"), S ("i"))), "‖"), N ("2"))));
}

static ChainMaths *
huber (void)
{
  ChainMaths *values[] = { R (F (N ("1"), N ("2")), SUP (S ("r"), N ("2"))),
                           R (S ("δ"), P (R (chain_maths_fence ("|", S ("r"), "|"), G ("−"), F (N ("1"), N ("2")), S ("δ")))) };
  ChainMaths *when[] = { R (W ("if"), chain_maths_fence ("|", S ("r"), "|"), G ("≤"), S ("δ")), W ("otherwise") };

  return R (SUB (W ("H"), S ("δ")), P (S ("r")), G ("="), chain_maths_cases (values, when, 2));
}

static ChainMaths *
layer_norm (void)
{
  return R (S ("y"), G ("="), S ("γ"), G ("⊙"), F (R (S ("x"), G ("−"), BAR (S ("x"))), chain_maths_root (R (SUP (S ("σ"), N ("2")), G ("+"), S ("ε")))), G ("+"), S ("β"));
}

static ChainMaths *
xavier (void)
{
  return R (SUB (S ("W"), S ("ij")), G ("∼"), W ("U"),
            P (R (G ("−"), chain_maths_root (F (N ("6"), R (SUB (S ("n"), W ("in")), G ("+"), SUB (S ("n"), W ("out"))))), G (","),
                  chain_maths_root (F (N ("6"), R (SUB (S ("n"), W ("in")), G ("+"), SUB (S ("n"), W ("out"))))))));
}

static ChainMaths *
logsumexp (void)
{
  return R (W ("LSE"), P (S ("z")), G ("="), S ("m"), G ("+"), W ("log"), chain_maths_big ("∑", S ("k"), NULL, SUP (S ("e"), R (SUB (S ("z"), S ("k")), G ("−"), S ("m")))), G (","), S ("m"), G ("="),
            chain_maths_big ("max", S ("k"), NULL, SUB (S ("z"), S ("k"))));
}

static ChainMaths *
matrices (void)
{
  ChainMaths *a[] = { SUB (S ("w"), N ("11")), SUB (S ("w"), N ("12")), SUB (S ("w"), N ("21")), SUB (S ("w"), N ("22")) };
  ChainMaths *x[] = { SUB (S ("x"), N ("1")), SUB (S ("x"), N ("2")) }, *z[] = { SUB (S ("z"), N ("1")), SUB (S ("z"), N ("2")) };

  return R (chain_maths_matrix (a, 2, 2), chain_maths_matrix (x, 2, 1), G ("="), chain_maths_matrix (z, 2, 1));
}

static ChainMaths *
jacobian (void)
{
  ChainMaths *cell[9];
  static const char *const index[] = { "1", "2", "3" };

  for (guint i = 0; i < 9; i++)
    cell[i] = F (SUB (S ("∂y"), N (index[i / 3])), SUB (S ("∂x"), N (index[i % 3])));
  return R (S ("J"), G ("="), chain_maths_matrix (cell, 3, 3));
}

static ChainMaths *
central_difference (void)
{
  return R (F (S ("∂L"), S ("∂w")), G ("≈"), F (R (S ("L"), P (R (S ("w"), G ("+"), S ("h"))), G ("−"), S ("L"), P (R (S ("w"), G ("−"), S ("h")))), R (N ("2"), S ("h"))));
}

static ChainMaths *
root_of_fraction (void)
{
  return R (S ("σ"), G ("="), chain_maths_root (F (R (F (S ("a"), S ("b")), G ("+"), N ("1")), R (S ("n"), G ("−"), N ("1")))), G ("+"), chain_maths_root (S ("x")));
}

static ChainMaths *
hats_and_bars (void)
{
  return R (HAT (S ("y")), G (","), BAR (S ("x")), G (","), chain_maths_accent (CHAIN_ACCENT_TILDE, S ("w")), G (","), chain_maths_accent (CHAIN_ACCENT_DOT, S ("L")), G (","),
            BAR (R (S ("x"), G ("+"), S ("f"))), G (","), HAT (S ("h")));
}

static ChainMaths *
nested_scripts (void)
{
  return R (SUP (S ("x"), SUP (S ("y"), SUP (S ("z"), N ("2")))), G ("+"), BOTH (S ("a"), SUB (S ("i"), S ("j")), N ("2")), G ("+"), BOTH (S ("f"), N ("1"), S ("′")), G ("+"),
            SUP (P (F (N ("1"), S ("x"))), N ("2")));
}

static ChainMaths *
affine (void)
{
  return R (SUB (S ("z"), S ("i")), G ("="), chain_maths_big ("∑", R (S ("j"), G ("="), N ("1")), SUB (S ("n"), W ("in")), R (SUB (S ("w"), S ("ij")), SUB (S ("x"), S ("j")))), G ("+"),
            SUB (S ("b"), S ("i")), G (","), SUB (S ("a"), S ("i")), G ("="), W ("tanh"), SUB (S ("z"), S ("i")));
}

static ChainMaths *
product (void)
{
  return R (F (S ("∂L"), SUB (S ("∂h"), N ("0"))), G ("="), F (S ("∂L"), SUB (S ("∂h"), S ("T"))),
            chain_maths_big ("∏", R (S ("t"), G ("="), N ("1")), S ("T"), F (SUB (S ("∂h"), S ("t")), SUB (S ("∂h"), R (S ("t"), G ("−"), N ("1"))))));
}

const MathsFormula maths_formulas[] = {
  { "fan-out", fan_out }, { "adam", adam }, { "momentum", momentum }, { "rmsprop", rmsprop }, { "softmax", softmax }, { "cross-entropy", cross_entropy },
  { "bce", bce }, { "mse", mse }, { "huber", huber }, { "layer-norm", layer_norm }, { "xavier", xavier }, { "logsumexp", logsumexp }, { "matrices", matrices },
  { "jacobian", jacobian }, { "central-difference", central_difference }, { "root-of-fraction", root_of_fraction }, { "hats-and-bars", hats_and_bars },
  { "nested-scripts", nested_scripts }, { "affine", affine }, { "product", product },
};
const guint maths_n_formulas = G_N_ELEMENTS (maths_formulas);
