/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers against tests/golden/vectors: 20 steps of each variant on the four analytic problems, built as graphs whose gradients the
 * engine takes itself. Each run is one executor with the states that the row made; loss and weights are compared after every step.
 * Tolerances: vectors/README.md. */
#include "tests/engine/vec-kit.h"

#include <math.h>
#include <string.h>

#define MAX_TENSORS 2

/* --- problems: each is a function of parameter nodes --- */
typedef struct { const char *name; json_t *all; Vec w0[MAX_TENSORS]; guint n; } Problem;

static ChainId
constant (ChainGraph *g, json_t *o, const char *name)
{
  Vec v = vec_tensor (vec_get (o, name));
  ChainId sum = CHAIN_NONE;

  for (guint r = 0; r < v.rows; r++)          /* the matrix as nodes: constants joined to rows, rows to the whole */
    {
      ChainId row = CHAIN_NONE;

      for (guint k = 0; k < v.cols; k++)
        {
          ChainId entry = chain_full (g, chain_shape (1, 1), v.v[r * v.cols + k]);

          row = row == CHAIN_NONE ? entry : chain_concat (g, row, entry, 1);
        }
      sum = sum == CHAIN_NONE ? row : chain_concat (g, sum, row, 0);
    }
  vec_clear (&v);
  return sum;
}

/* ½ wᵀA w − bᵀw, w a row */
static ChainId
quadratic (ChainGraph *g, json_t *o, const ChainId *w)
{
  ChainId aw = chain_matmul (g, w[0], constant (g, o, "A"), FALSE, FALSE);
  ChainId bent = chain_scale (g, chain_sum_all (g, chain_mul (g, aw, w[0])), 0.5);

  return chain_sub (g, bent, chain_sum_all (g, chain_mul (g, constant (g, o, "b"), w[0])));
}

/* (a − x)² + c (y − x²)² */
static ChainId
rosenbrock (ChainGraph *g, json_t *o, const ChainId *w)
{
  ChainId x = chain_slice (g, w[0], 1, 0, 1), y = chain_slice (g, w[0], 1, 1, 1);
  ChainId first = chain_square (g, chain_offset (g, chain_neg (g, x), vec_number (vec_get (o, "a"))));

  return chain_add (g, chain_scale (g, chain_square (g, chain_sub (g, y, chain_square (g, x))), vec_number (vec_get (o, "c"))), first);
}

/* ½/N ‖X Wᵀ + 1 bᵀ − Y‖² */
static ChainId
least_squares (ChainGraph *g, json_t *o, const ChainId *w)
{
  ChainId z = chain_matmul (g, constant (g, o, "X"), w[0], FALSE, TRUE);
  ChainShape shape = chain_graph_node (g, z)->shape;
  ChainId r = chain_sub (g, chain_add (g, z, chain_broadcast (g, w[1], shape)), constant (g, o, "Y"));

  return chain_scale (g, chain_sum_all (g, chain_square (g, r)), 0.5 / shape.rows);
}

static ChainId
objective (const Problem *p, ChainGraph *g, const ChainId *w)
{
  json_t *o = vec_get (p->all, p->name);

  if (g_str_equal (p->name, "quadratic"))
    return quadratic (g, o, w);
  if (g_str_equal (p->name, "flat_quadratic"))
    return chain_scale (g, quadratic (g, vec_get (p->all, "quadratic"), w), vec_number (vec_get (o, "scale")));
  if (g_str_equal (p->name, "rosenbrock"))
    return rosenbrock (g, o, w);
  g_assert_cmpstr (p->name, ==, "matrix_least_squares");
  return least_squares (g, o, w);
}

/* --- the context that nn/model gives in the program --- */
typedef struct { ChainId leaf; double start; } Start;
typedef struct
{
  const Problem *problem;
  GArray *states;     /* of ChainState */
  GArray *starts;     /* of Start: scalars and states */
  GArray *hyper;      /* of Start */
} Run;

static ChainId
hyper_node (ChainOptimCtx *c, const char *name)
{
  Run *r = c->data;
  Start s = { chain_scalar (c->g, name), chain_param (&c->hyper, name) };

  g_array_append_val (r->hyper, s);
  return s.leaf;
}

static ChainId
state (ChainOptimCtx *c, guint i, const char *name, double start)
{
  Run *r = c->data;
  g_autofree char *full = g_strdup_printf ("opt.%s.%u", name, i);
  Start s = { chain_leaf (c->g, CHAIN_LEAF_STATE, full, chain_graph_node (c->g, c->params[i])->shape), start };

  g_array_append_val (r->starts, s);
  return s.leaf;
}

static ChainId
scalar_state (ChainOptimCtx *c, const char *name, double start)
{
  Run *r = c->data;
  Start s = { chain_scalar (c->g, name), start };

  g_array_append_val (r->hyper, s);
  return s.leaf;
}

static void
set_next (ChainOptimCtx *c, ChainId leaf, ChainId next)
{
  Run *r = c->data;
  ChainState s = { leaf, next };

  for (guint i = 0; i < r->states->len; i++)
    g_assert_cmpuint (g_array_index (r->states, ChainState, i).leaf, !=, leaf);
  g_array_append_val (r->states, s);
}

static ChainId
loss_at (ChainOptimCtx *c, const ChainId *params, ChainId *out_grads)
{
  Run *r = c->data;
  ChainId y = objective (r->problem, c->g, params);

  if (out_grads != NULL)
    g_assert_true (chain_grad (c->g, y, CHAIN_NONE, params, c->n, out_grads, NULL, NULL));
  return y;
}

/* Every parameter and every state must have got its next value. */
static void
check_states (const ChainOptimCtx *c, const Run *r)
{
  guint tensors = c->n + r->starts->len, scalars = 0;

  for (guint i = 0; i < r->states->len; i++)
    scalars += chain_graph_node (c->g, g_array_index (r->states, ChainState, i).leaf)->host;
  g_assert_cmpuint (r->states->len - scalars, ==, tensors);
}

/* --- a run --- */
typedef struct
{
  ChainExec *x;
  ChainId    params[MAX_TENSORS], loss, lr;
  ChainId    step;
  ChainProgram train, value;
} Machine;

static void
write_all (Machine *m, ChainId leaf, double value, guint n)
{
  g_autofree double *v = g_new (double, n);

  for (guint i = 0; i < n; i++)
    v[i] = value;
  g_assert_true (chain_exec_write (m->x, leaf, 1, v, n, NULL));
}

static void
start (Machine *m, const Run *r, ChainGraph *g, double lr, ChainDtype dtype)
{
  chain_graph_seal (g);
  m->x = chain_exec_new (g, dtype, NULL);
  for (guint i = 0; i < r->problem->n; i++)
    g_assert_true (chain_exec_write (m->x, m->params[i], 1, r->problem->w0[i].v, r->problem->w0[i].n, NULL));
  for (guint i = 0; i < r->starts->len; i++)
    {
      const Start *s = &g_array_index (r->starts, Start, i);

      write_all (m, s->leaf, s->start, (guint) chain_ref_size (g, s->leaf, 1));
    }
  for (guint i = 0; i < r->hyper->len; i++)
    chain_exec_set_scalar (m->x, g_array_index (r->hyper, Start, i).leaf, g_array_index (r->hyper, Start, i).start);
  chain_exec_set_scalar (m->x, m->lr, lr);
  m->train = chain_exec_program (m->x, NULL, 0, (const ChainState *) (gpointer) r->states->data, r->states->len, CHAIN_PLAN_COMMIT);
  m->value = chain_exec_program (m->x, &m->loss, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
}

typedef struct { double rtol, atol, loss_rtol; } Bars;

static void
follow (VecCount *c, const char *what, Machine *m, const Problem *p, json_t *o, Bars bars)
{
  json_t *w = vec_get (o, "w"), *params = vec_get (o, "params"), *later = json_object_get (params, "lr_after_10_steps");
  Vec loss = json_object_get (o, "loss") != NULL ? vec_tensor (vec_get (o, "loss")) : (Vec){ 0 };   /* the f32 file has none */

  for (gsize k = 0; k < json_array_size (w); k++)
    {
      Vec want = vec_tensor (json_array_get (w, k));
      g_autofree double *got = g_new (double, want.n);
      double value;
      guint at = 0;

      if (later != NULL && k == 10)
        chain_exec_set_scalar (m->x, m->lr, vec_number (later));
      chain_exec_set_scalar (m->x, m->step, (double) k + 1);
      g_assert_true (chain_exec_run (m->x, m->train, 1, NULL));
      for (guint i = 0; i < p->n; at += p->w0[i++].n)
        g_assert_true (chain_exec_read_leaf (m->x, m->params[i], got + at, p->w0[i].n));
      g_assert_cmpuint (at, ==, want.n);
      vec_compare (c, what, got, want.v, want.n, bars.rtol, bars.atol);
      g_assert_true (chain_exec_run (m->x, m->value, 1, NULL));
      value = chain_exec_read_one (m->x, m->value, 1, m->loss);
      if (loss.v != NULL)
        vec_compare (c, what, &value, loss.v + k, 1, bars.loss_rtol, bars.atol);
      vec_clear (&want);
    }
  vec_clear (&loss);
}

static void
run_case (VecCount *c, json_t *o, const Problem *p, const ChainOptimRow *row, const ChainChoice *choice, ChainDtype dtype)
{
  g_autofree char *what = g_strdup_printf ("%s/%s on %s", vec_text (o, "id"), vec_text (o, "variant"), p->name);
  Bars bars = dtype == CHAIN_F64 ? (Bars){ 1e-10, 1e-12, 1e-9 } : (Bars){ 1e-5, 1e-5, 1e-4 };
  g_autoptr (GArray) states = g_array_new (FALSE, FALSE, sizeof (ChainState)), starts = g_array_new (FALSE, FALSE, sizeof (Start));
  g_autoptr (GArray) hyper = g_array_new (FALSE, FALSE, sizeof (Start));
  Run r = { p, states, starts, hyper };
  ChainParams params = { &row->info, choice };
  ChainId grads[MAX_TENSORS], rates[MAX_TENSORS];
  double decay[MAX_TENSORS], lr = chain_param (&params, "lr");
  Machine m = { 0 };
  ChainGraph *g = chain_graph_new ();
  ChainOptimCtx ctx = { .g = g, .n = p->n, .params = m.params, .grads = grads, .rates = rates, .decay = decay, .hyper = params,
                        .hyper_node = hyper_node, .state = state, .scalar_state = scalar_state, .set_next = set_next, .loss_at = loss_at, .data = &r };

  m.lr = chain_scalar (g, "lr");
  m.step = ctx.step = chain_scalar (g, "step");
  for (guint i = 0; i < p->n; i++)
    {
      m.params[i] = chain_leaf (g, CHAIN_LEAF_PARAM, i == 0 ? "w" : "b", chain_shape ((int32_t) p->w0[i].rows, (int32_t) p->w0[i].cols));
      rates[i] = m.lr;
      decay[i] = json_object_get (vec_get (o, "params"), "weight_decay") ? chain_param (&params, "weight_decay") : 0;
    }
  m.loss = objective (p, g, m.params);
  g_assert_true (chain_grad (g, m.loss, CHAIN_NONE, m.params, p->n, grads, NULL, NULL));
  row->build (&ctx);
  check_states (&ctx, &r);
  start (&m, &r, g, lr, dtype);
  follow (c, what, &m, p, o, bars);
  c->cases++;
  chain_exec_free (m.x);
  chain_graph_free (g);
}

/* Parameters that repeat the variant, and the schedule of two cases. */
static const char *const ignored[] = { "eps_inside", "eps_mode", "amsgrad", "decoupled", "lr_after_10_steps", NULL };

/* Forms of one row that the files give names of their own. */
static const char *
variant_of (const ChainOptimRow *row, const char *variant, json_t *params)
{
  json_t *inside = json_object_get (params, "eps_inside");

  if (g_str_equal (row->info.id, "rmsprop"))
    return json_is_true (inside) ? "slide_goodfellow_8.5_eps_inside" : "pytorch";
  return row->info.variants != NULL && g_strv_contains (row->info.variants, variant) ? variant : NULL;
}

static void
optim_case (VecCount *c, json_t *o, json_t *problems, ChainDtype dtype)
{
  const char *id = vec_text (o, "id"), *unknown = NULL;
  const ChainOptimRow *row = chain_optim_row (id);
  Problem p = { .name = vec_text (o, "problem"), .all = problems };
  json_t *params = vec_get (o, "params"), *w0;
  ChainChoice *choice;

  if (row == NULL || json_object_get (o, "noise") != NULL)   /* given normals: the rows draw their own */
    {
      vec_count_no_row (c, id);
      return;
    }
  if (g_str_equal (id, "sign_sgd"))
    json_object_del (params, "beta");                          /* 0 there: signum is the row with β */
  choice = vec_choice (&row->info, variant_of (row, vec_text (o, "variant"), params), params, ignored, &unknown);
  if (choice == NULL)
    g_error ("%s: parameter %s", id, unknown);
  w0 = vec_get (vec_get (problems, p.name), "w0");
  p.n = (guint) json_array_size (w0);
  g_assert_cmpuint (p.n, <=, MAX_TENSORS);
  for (guint i = 0; i < p.n; i++)
    p.w0[i] = vec_tensor (json_array_get (w0, i));
  run_case (c, o, &p, row, choice, dtype);
  for (guint i = 0; i < p.n; i++)
    vec_clear (&p.w0[i]);
  vec_choice_free (choice);
}

static void
optim_file (const char *file, ChainDtype dtype, const char *const *no_row)
{
  json_t *root = vec_load (file), *o;
  VecCount c;
  gsize i;

  vec_count_init (&c);
  json_array_foreach (vec_get (root, "cases"), i, o)
    optim_case (&c, o, vec_get (root, "problems"), dtype);
  vec_count_report (&c, file, no_row);
  json_decref (root);
}

static void
test_pytorch (void)
{
  optim_file ("optimisers_pytorch_f64.json", CHAIN_F64, NULL);
}

static void
test_pytorch_f32 (void)
{
  optim_file ("optimisers_pytorch_f32.json", CHAIN_F32, NULL);
}

static void
test_papers (void)
{
  static const char *const no_row[] = { "adafactor", "asam", "gradient_noise", "langevin", "lookahead", "muon", "sam", "schedule_free_adamw",
                                        "schedule_free_sgd", "shampoo", "soap", NULL };

  optim_file ("optimisers_paper_and_slide_f64.json", CHAIN_F64, no_row);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/optimisers/pytorch-f64", test_pytorch);
  g_test_add_func ("/vectors/optimisers/pytorch-f32", test_pytorch_f32);
  g_test_add_func ("/vectors/optimisers/papers-f64", test_papers);
  return g_test_run ();
}
