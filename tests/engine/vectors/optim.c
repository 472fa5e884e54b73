/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers against tests/golden/vectors: 20 steps of each variant on the four analytic problems, built as graphs whose gradients the
 * engine takes itself. Each run is one executor with the states that the row made; loss and weights are compared after every step.
 * Tolerances: vectors/README.md. */
#include "tests/engine/vectors/vec-kit.h"

#include "engine/nn/table/rows.h"

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
typedef struct { ChainId leaf; double start; guint tensor; } Start;   /* start NaN: as the tensor */
typedef struct
{
  const Problem *problem;
  GArray *states;     /* of ChainState */
  GArray *starts;     /* of Start: scalars and states */
  GArray *hyper;      /* of Start */
  ChainId eval[MAX_TENSORS], noise[MAX_TENSORS];   /* CHAIN_NONE: not asked for */
} Run;

static ChainId
hyper_node (ChainOptimCtx *c, const char *name)
{
  Run *r = c->data;
  Start s = { chain_scalar (c->g, name), chain_param (&c->hyper, name), 0 };

  g_array_append_val (r->hyper, s);
  return s.leaf;
}

static ChainId
sized_state (ChainOptimCtx *c, guint i, const char *name, guint rows, guint cols, double start)
{
  Run *r = c->data;
  g_autofree char *full = g_strdup_printf ("opt.%s.%u", name, i);
  Start s = { chain_leaf (c->g, CHAIN_LEAF_STATE, full, chain_shape ((int32_t) rows, (int32_t) cols)), start, i };

  g_array_append_val (r->starts, s);
  return s.leaf;
}

static ChainId
state (ChainOptimCtx *c, guint i, const char *name, double start)
{
  ChainShape shape = chain_graph_node (c->g, c->params[i])->shape;

  return sized_state (c, i, name, (guint) shape.rows, (guint) shape.cols, start);
}

static void
set_eval (ChainOptimCtx *c, guint i, ChainId value)
{
  ((Run *) c->data)->eval[i] = value;
}

/* In place of the stream: a leaf that the test fills with the numbers of the file. */
static ChainId
noise (ChainOptimCtx *c, guint i)
{
  ChainId *leaf = &((Run *) c->data)->noise[i];

  if (*leaf == CHAIN_NONE)
    *leaf = chain_leaf (c->g, CHAIN_LEAF_DATA, "noise", chain_graph_node (c->g, c->params[i])->shape);
  return *leaf;
}

static ChainId
scalar_state (ChainOptimCtx *c, const char *name, double start)
{
  Run *r = c->data;
  Start s = { chain_scalar (c->g, name), start, 0 };

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
  ChainId    params[MAX_TENSORS], eval[MAX_TENSORS], noise[MAX_TENSORS], loss, lr;
  ChainId    step;
  ChainProgram train, value, evaluation;
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

      if (isnan (s->start))
        g_assert_true (chain_exec_write (m->x, s->leaf, 1, r->problem->w0[s->tensor].v, r->problem->w0[s->tensor].n, NULL));
      else
        write_all (m, s->leaf, s->start, (guint) chain_ref_size (g, s->leaf, 1));
    }
  for (guint i = 0; i < r->hyper->len; i++)
    chain_exec_set_scalar (m->x, g_array_index (r->hyper, Start, i).leaf, g_array_index (r->hyper, Start, i).start);
  chain_exec_set_scalar (m->x, m->lr, lr);
  m->train = chain_exec_program (m->x, NULL, 0, (const ChainState *) (gpointer) r->states->data, r->states->len, CHAIN_PLAN_COMMIT);
  m->value = chain_exec_program (m->x, &m->loss, 1, NULL, 0, CHAIN_PLAN_DEFAULT);
  memcpy (m->eval, r->eval, sizeof m->eval);
  memcpy (m->noise, r->noise, sizeof m->noise);
  if (m->eval[0] != CHAIN_NONE)
    m->evaluation = chain_exec_program (m->x, m->eval, r->problem->n, NULL, 0, CHAIN_PLAN_DEFAULT);
}

typedef struct { double rtol, atol, loss_rtol; } Bars;

/* The normals of step k, laid out as `w` is. */
static void
give_noise (Machine *m, const Problem *p, json_t *row)
{
  Vec v = vec_tensor (row);
  guint at = 0;

  for (guint i = 0; i < p->n; at += p->w0[i++].n)
    g_assert_true (chain_exec_write (m->x, m->noise[i], 1, v.v + at, p->w0[i].n, NULL));
  g_assert_cmpuint (at, ==, v.n);
  vec_clear (&v);
}

/* What a parameter is where the network is evaluated: read before the step after, as an evaluation is. */
static void
compare_evaluation (VecCount *c, const char *what, Machine *m, const Problem *p, json_t *row, double step, Bars bars)
{
  Vec want = vec_tensor (row);
  guint at = 0;

  chain_exec_set_scalar (m->x, m->step, step);
  g_assert_true (chain_exec_run (m->x, m->evaluation, 1, NULL));
  for (guint i = 0; i < p->n; at += p->w0[i++].n)
    {
      g_autofree double *got = g_new (double, p->w0[i].n);

      g_assert_true (chain_exec_read (m->x, m->evaluation, 1, m->eval[i], got, p->w0[i].n));
      vec_compare (c, what, got, want.v + at, p->w0[i].n, bars.rtol, bars.atol);
    }
  g_assert_cmpuint (at, ==, want.n);
  vec_clear (&want);
}

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
      if (json_object_get (o, "noise") != NULL)
        give_noise (m, p, json_array_get (json_object_get (o, "noise"), k));
      g_assert_true (chain_exec_run (m->x, m->train, 1, NULL));
      for (guint i = 0; i < p->n; at += p->w0[i++].n)
        g_assert_true (chain_exec_read_leaf (m->x, m->params[i], got + at, p->w0[i].n));
      g_assert_cmpuint (at, ==, want.n);
      vec_compare (c, what, got, want.v, want.n, bars.rtol, bars.atol);
      g_assert_true (chain_exec_run (m->x, m->value, 1, NULL));
      value = chain_exec_read_one (m->x, m->value, 1, m->loss);
      if (loss.v != NULL)
        vec_compare (c, what, &value, loss.v + k, 1, bars.loss_rtol, bars.atol);
      if (json_object_get (o, "w_eval") != NULL)
        compare_evaluation (c, what, m, p, json_array_get (json_object_get (o, "w_eval"), k), (double) k + 2, bars);
      vec_clear (&want);
    }
  vec_clear (&loss);
}

/* A row's update of a problem's weights, ready to run. */
typedef struct { ChainGraph *g; Machine m; GArray *states, *starts, *hyper; } Rig;

static void
rig_init (Rig *rig, const Problem *p, const ChainOptimRow *row, const ChainChoice *choice, gboolean decays, gboolean given, ChainDtype dtype)
{
  ChainParams params = { &row->info, choice };
  ChainId grads[MAX_TENSORS], rates[MAX_TENSORS];
  double decay[MAX_TENSORS];
  Machine *m = &rig->m;
  ChainGraph *g = chain_graph_new ();
  Run r = { p, g_array_new (FALSE, FALSE, sizeof (ChainState)), g_array_new (FALSE, FALSE, sizeof (Start)),
            g_array_new (FALSE, FALSE, sizeof (Start)), { 0 }, { 0 } };
  ChainOptimCtx ctx = { .g = g, .n = p->n, .params = m->params, .grads = grads, .rates = rates, .decay = decay, .hyper = params,
                        .hyper_node = hyper_node, .state = state, .scalar_state = scalar_state, .sized_state = sized_state, .set_next = set_next, .set_eval = set_eval,
                        .loss_at = loss_at, .noise = given ? noise : NULL, .data = &r };

  *rig = (Rig){ .g = g, .states = r.states, .starts = r.starts, .hyper = r.hyper };
  m->lr = ctx.lr = chain_scalar (g, "lr");
  m->step = ctx.step = chain_scalar (g, "step");
  for (guint i = 0; i < p->n; i++)
    {
      m->params[i] = chain_leaf (g, CHAIN_LEAF_PARAM, i == 0 ? "w" : "b", chain_shape ((int32_t) p->w0[i].rows, (int32_t) p->w0[i].cols));
      rates[i] = m->lr;
      decay[i] = decays ? chain_param (&params, "weight_decay") : 0;
    }
  m->loss = objective (p, g, m->params);
  g_assert_true (chain_grad (g, m->loss, CHAIN_NONE, m->params, p->n, grads, NULL, NULL));
  row->build (&ctx);
  check_states (&ctx, &r);
  start (m, &r, g, chain_param (&params, "lr"), dtype);
}

static void
rig_clear (Rig *rig)
{
  chain_exec_free (rig->m.x);
  chain_graph_free (rig->g);
  g_array_unref (rig->states);
  g_array_unref (rig->starts);
  g_array_unref (rig->hyper);
}

static void
run_case (VecCount *c, json_t *o, const Problem *p, const ChainOptimRow *row, const ChainChoice *choice, ChainDtype dtype)
{
  g_autofree char *what = g_strdup_printf ("%s/%s on %s", vec_text (o, "id"), vec_text (o, "variant"), p->name);
  gboolean given = json_object_get (o, "noise") != NULL;
  Bars bars = dtype == CHAIN_F64 ? (Bars){ 1e-10, 1e-12, 1e-9 } : (Bars){ 1e-5, 1e-5, 1e-4 };
  Rig rig;

  rig_init (&rig, p, row, choice, json_object_get (vec_get (o, "params"), "weight_decay") != NULL, given, dtype);
  follow (c, what, &rig.m, p, o, bars);
  c->cases++;
  rig_clear (&rig);
}

/* Parameters that repeat the variant, and the schedule of two cases. */
static const char *const ignored[] = { "eps_inside", "eps_mode", "amsgrad", "decoupled", "lr_after_10_steps", "adaptive", "adam", "base", "scale",
                                       "orthogonaliser", NULL };

/* Forms of one row that the files give names of their own. */
static const char *
variant_of (const ChainOptimRow *row, const char *variant, json_t *params)
{
  json_t *inside = json_object_get (params, "eps_inside");
  const char *base = vec_text (params, "base"), *scale = vec_text (params, "scale");

  if (g_str_equal (row->info.id, "rmsprop"))
    return json_is_true (inside) ? "slide_goodfellow_8.5_eps_inside" : "pytorch";
  if (base != NULL)
    return g_str_equal (base, "SGD") ? "sgd" : "adam";
  if (scale != NULL)
    return g_str_equal (vec_text (params, "orthogonaliser"), "svd") ? "exact_polar" : scale;
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

  if (row == NULL)
    {
      vec_count_no_row (c, id);
      return;
    }
  if (g_str_equal (id, "sign_sgd"))
    json_object_del (params, "beta");                          /* 0 there: signum is the row with β */
  if (json_object_get (params, "base_params") != NULL)         /* the base's parameters are the wrapper's */
    {
      json_object_update (params, vec_get (params, "base_params"));
      json_object_del (params, "base_params");
    }
  if (g_str_equal (id, "schedule_free_sgd"))                   /* of the form with Adam's moments */
    {
      json_object_del (params, "beta2");
      json_object_del (params, "eps");
    }
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
  static const char *const no_row[] = { "shampoo", "soap", NULL };   /* with "Methods and curvature" */

  optim_file ("optimisers_paper_and_slide_f64.json", CHAIN_F64, no_row);
}

/* --- every row, every variant, with its defaults: 20 steps stay finite and lower the loss of the least squares --- */
static double
loss_after (const Problem *p, const ChainOptimRow *row, const ChainChoice *choice, guint steps)
{
  double value;
  Rig rig;

  rig_init (&rig, p, row, choice, FALSE, FALSE, CHAIN_F64);
  for (guint k = 1; k <= steps; k++)
    {
      chain_exec_set_scalar (rig.m.x, rig.m.step, k);
      g_assert_true (chain_exec_run (rig.m.x, rig.m.train, 1, NULL));
    }
  g_assert_true (chain_exec_run (rig.m.x, rig.m.value, 1, NULL));
  value = chain_exec_read_one (rig.m.x, rig.m.value, 1, rig.m.loss);
  rig_clear (&rig);
  return value;
}

/* A noisy row without its noise is gradient descent, and with it is not. */
static void
check_noise (const Problem *p, const char *id, const char *size)
{
  ChainParamValue quiet[2] = { { (char *) size, 0, NULL }, { (char *) "lr", 0.01, NULL } };
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (ChainParamValue)), plain = g_array_new (FALSE, FALSE, sizeof (ChainParamValue));
  ChainChoice choice = { .id = (char *) id, .params = values }, sgd = { .id = (char *) "sgd", .params = plain };
  double want;

  g_array_append_vals (values, quiet, 2);
  g_array_append_vals (plain, quiet + 1, 1);
  want = loss_after (p, chain_optim_row ("sgd"), &sgd, 20);
  g_assert_cmpfloat_with_epsilon (loss_after (p, chain_optim_row (id), &choice, 20), want, 1e-13);
  g_array_index (values, ChainParamValue, 0).value = 0.5;
  g_assert_cmpfloat (fabs (loss_after (p, chain_optim_row (id), &choice, 20) - want), >, 1e-3);
}

/* Adam's switch, by hand at the first step: m = (1 − β₁) g, v = (1 − β₂) g², so without correction w moves by η·0.1·g/(√0.001 |g| + ε), and
 * with it by η g/(|g| + ε). g is what gradient descent at η = 1 moves by. */
static void
test_bias_correction (void)
{
  json_t *root = vec_load ("optimisers_pytorch_f64.json");
  Problem p = { .name = "rosenbrock", .all = vec_get (root, "problems"), .n = 1 };
  ChainParamValue values[3] = { { (char *) "lr", 1, NULL }, { (char *) "lr", 0.01, NULL }, { (char *) "bias_correction", 0, NULL } };
  double moved[3][2];

  p.w0[0] = vec_tensor (json_array_get (vec_get (vec_get (p.all, p.name), "w0"), 0));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GArray) params = g_array_new (FALSE, FALSE, sizeof (ChainParamValue));
      ChainChoice choice = { .params = params };
      Rig rig;

      g_array_append_vals (params, i == 0 ? values : values + 1, i == 2 ? 2 : 1);
      rig_init (&rig, &p, chain_optim_row (i == 0 ? "sgd" : "adam"), &choice, FALSE, FALSE, CHAIN_F64);
      chain_exec_set_scalar (rig.m.x, rig.m.step, 1);
      g_assert_true (chain_exec_run (rig.m.x, rig.m.train, 1, NULL));
      g_assert_true (chain_exec_read_leaf (rig.m.x, rig.m.params[0], moved[i], 2));
      for (guint k = 0; k < 2; k++)
        moved[i][k] = p.w0[0].v[k] - moved[i][k];
      rig_clear (&rig);
    }
  for (guint k = 0; k < 2; k++)
    {
      double g = moved[0][k];

      g_assert_cmpfloat_with_epsilon (moved[1][k], 0.01 * g / (fabs (g) + 1e-8), 1e-14);
      g_assert_cmpfloat_with_epsilon (moved[2][k], 0.01 * 0.1 * g / (sqrt (0.001) * fabs (g) + 1e-8), 1e-13);
    }
  vec_clear (&p.w0[0]);
  json_decref (root);
}

static void
test_rows (void)
{
  static const char *const only[] = { NULL };
  json_t *root = vec_load ("optimisers_pytorch_f64.json");
  Problem p = { .name = "matrix_least_squares", .all = vec_get (root, "problems"), .n = 2 };
  guint n, built = 0;
  const ChainOptimRow *rows = chain_table_optims (&n);

  g_assert_cmpuint (n, >=, 25);
  for (guint i = 0; i < p.n; i++)
    p.w0[i] = vec_tensor (json_array_get (vec_get (vec_get (p.all, p.name), "w0"), i));
  for (guint i = 0; i < n; i++)
    {
      const char *const *v = rows[i].info.variants != NULL ? rows[i].info.variants : only;

      g_assert_true (rows[i].pseudo != NULL && g_str_has_prefix (rows[i].pseudo, "1  "));
      do
        {
          ChainChoice choice = { .variant = (char *) *v };
          double before = loss_after (&p, &rows[i], &choice, 0), after = loss_after (&p, &rows[i], &choice, 20);

          if (!(isfinite (after) && after < before))
            g_error ("%s/%s: loss goes from %g to %g", rows[i].info.id, *v ? *v : "standard", before, after);
          built++;
        }
      while (*v != NULL && *++v != NULL);
    }
  check_noise (&p, "langevin", "temperature");
  check_noise (&p, "gradient_noise", "eta");
  g_test_message ("%u rows, %u variants", n, built);
  vec_clear (&p.w0[0]);
  vec_clear (&p.w0[1]);
  json_decref (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vectors/optimisers/pytorch-f64", test_pytorch);
  g_test_add_func ("/vectors/optimisers/pytorch-f32", test_pytorch_f32);
  g_test_add_func ("/vectors/optimisers/papers-f64", test_papers);
  g_test_add_func ("/vectors/optimisers/rows", test_rows);
  g_test_add_func ("/vectors/optimisers/bias-correction", test_bias_correction);
  return vec_test_run ();
}
