/* SPDX-License-Identifier: Apache-2.0 */
/* Muon's orthogonalisation against tests/golden/vectors: the five rounds of the paper, and the rounds that end at the polar factor. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/table/rows.h"

static void
orthogonal_case (VecCount *c, json_t *o)
{
  Vec g = vec_tensor (vec_get (o, "g")), want = vec_tensor (vec_get (o, "result")), polar = vec_tensor (vec_get (o, "polar_factor"));
  VecKit k;
  ChainId leaf, ids[2];
  double *out[2];

  vec_kit_init (&k);
  leaf = vec_kit_leaf (&k, "g", &g, FALSE);
  ids[0] = _chain_newton_schulz (k.g, leaf, (guint) vec_number (vec_get (o, "steps")), 0);
  ids[1] = _chain_newton_schulz (k.g, leaf, 14, 6);
  vec_kit_eval (&k, BY_EXEC_F64, ids, 2, out);
  vec_compare (c, "newton_schulz", out[0], want.v, want.n, 1e-10, 1e-12);
  vec_compare (c, "polar factor", out[1], polar.v, polar.n, 1e-10, 1e-12);
  c->cases++;
  g_free (out[0]);
  g_free (out[1]);
  vec_kit_clear (&k);
  vec_clear (&g);
  vec_clear (&want);
  vec_clear (&polar);
}

static void
test_newton_schulz (void)
{
  json_t *root = vec_load ("newton_schulz_f64.json"), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    orthogonal_case (&c, o);
  vec_count_report (&c, "newton_schulz_f64.json", NULL);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/optimisers/newton-schulz", test_newton_schulz);
  return vec_test_run ();
}
