/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of every table is walked: its texts are there, its builder works in each variant, its gradient agrees with central differences
 * (RELIABILITY 4.1), its numbers are in range. A row that none of these functions reaches cannot exist: they loop over the tables. */
#include "engine/graph/eval-ref.h"
#include "engine/graph/grad.h"
#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

#define B 5
#define COLS 3

static const char *const table_names[] = { "activations", "losses", "layers", "initialisers", "optimisers", "schedules", "regularisers", "metrics", "datasets", NULL };

/* --- texts --- */
static void
check_text (const char *id, const char *text)
{
  if (text == NULL || text[0] == '\0')
    g_error ("row “%s” lacks a text", id);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

/* Slide titles of the lecture, and the parts of a network that its outline names. */
static const char *const slides[] = {
  "Anatomy of A Layer", "Activation Functions", "Architecture", "Supervised regression loss", "Supervised classification loss",
  "Cross-entropy loss with logits", "Piecewise functions", "Structured output", "Cost sensitivity", "Unsupervised loss", "Batch gradient descent",
  "Epoch - training data sampling and batching", "Computational graph", "Weight initialisation", "Adaptive Learning Rates", NULL,
};

/* Tables whose rows are not differentiated; a regulariser that is no penalty has nothing to differentiate either. */
static gboolean
has_derivative (const char *table, const ChainRowInfo *row)
{
  static const char *const without[] = { "initialisers", "optimisers", "schedules", "metrics", "datasets", NULL };

  if (g_str_equal (table, "regularisers"))
    return chain_regular_row (row->id)->penalty != NULL;
  return !g_strv_contains (without, table);
}

/* What a menu shows below the name: one or two sentences for a student, and what the row is called elsewhere, in three places. */
static void
check_prose (const char *table, const ChainRowInfo *row)
{
  g_auto (GStrv) places = g_strsplit (row->elsewhere, " · ", -1);

  if (!g_str_has_prefix (row->when, "Use it ") || !g_str_has_suffix (row->when, ".") || g_utf8_strlen (row->when, -1) > 200)
    g_error ("%s/%s: “%s” does not say in one short sentence when to use it", table, row->id, row->when);
  if (has_derivative (table, row) && g_str_equal (row->derivative, "–"))
    g_error ("%s/%s: its derivative is missing", table, row->id);
  if (g_str_equal (row->formula, "–"))
    g_error ("%s/%s: its formula is missing", table, row->id);
  if (row->lecture != NULL && !g_strv_contains (slides, row->lecture))
    g_error ("%s/%s: there is no slide “%s”", table, row->id, row->lecture);
  if (g_strv_length (places) != 3)
    g_error ("%s/%s: “%s” is not what PyTorch, Keras and JAX call it", table, row->id, row->elsewhere);
}

static void
check_params (const ChainRowInfo *row)
{
  for (guint i = 0; i < row->n_params; i++)
    {
      const ChainParamInfo *p = &row->params[i];

      check_text (row->id, p->title);
      for (guint k = 0; k < i; k++)
        g_assert_cmpstr (p->name, !=, row->params[k].name);
      if (isnan (p->value))
        continue;                                    /* a list given as text */
      g_assert_cmpfloat (p->min, <, p->max);
      g_assert_true (p->open_min ? p->value > p->min : p->value >= p->min);
      g_assert_true (p->open_max ? p->value < p->max : p->value <= p->max);
      g_assert_true (!p->integer || p->value == floor (p->value));
    }
}

static void
test_texts (void)
{
  guint rows = 0;

  for (guint t = 0; table_names[t] != NULL; t++)
    {
      g_autoptr (GPtrArray) infos = chain_table_infos (table_names[t]);
      g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
      gboolean past_lecture = FALSE;

      g_assert_nonnull (infos);
      for (guint i = 0; i < infos->len; i++, rows++)
        {
          const ChainRowInfo *row = infos->pdata[i];
          const char *const texts[] = { row->id, row->title, row->formula, row->derivative, row->source, row->elsewhere, row->when, row->group };

          for (guint k = 0; k < G_N_ELEMENTS (texts); k++)
            check_text (row->id, texts[k]);
          check_prose (table_names[t], row);
          g_assert_true (g_hash_table_add (ids, (char *) row->id));
          g_assert_false (past_lecture && row->lecture != NULL);       /* the lecture's own rows come first */
          past_lecture = row->lecture == NULL;
          check_params (row);
        }
      g_test_message ("%s: %u rows", table_names[t], infos->len);
    }
  g_assert_null (chain_table_infos ("colours"));
  g_test_message ("%u rows in all", rows);
}

/* --- gradients by differences --- */
typedef struct { ChainGraph *g; ChainId leaf[4]; double data[4][B * COLS]; guint n, at; ChainId ids[2]; } Sheet;   /* at: the leaf that moves */

static double
value_at (Sheet *s, guint entry, double x)
{
  ChainRefBinding bind[4] = { { s->leaf[0], s->data[0] }, { s->leaf[1], s->data[1] }, { s->leaf[2], s->data[2] }, { s->leaf[3], s->data[3] } };
  double y, *out = &y, keep = s->data[s->at][entry];

  s->data[s->at][entry] = x;
  g_assert_true (chain_ref_eval (s->g, bind, s->n, B, 1, &s->ids[0], 1, &out, NULL));
  s->data[s->at][entry] = keep;
  return y;
}

/* Central, h = 6e-6 max (1, |x|): |a − n| <= 1e-9 + 1e-7 max (|a|, |n|). */
static guint
check_gradient (Sheet *s, const char *what, guint cols)
{
  ChainRefBinding bind[4] = { { s->leaf[0], s->data[0] }, { s->leaf[1], s->data[1] }, { s->leaf[2], s->data[2] }, { s->leaf[3], s->data[3] } };
  double grad[B * COLS], *out = grad;

  chain_graph_seal (s->g);
  g_assert_true (chain_ref_eval (s->g, bind, s->n, B, 1, &s->ids[1], 1, &out, NULL));
  for (guint i = 0; i < B * cols; i++)
    {
      double x = s->data[s->at][i], h = 6e-6 * fmax (1, fabs (x)), up = x + h, down = x - h;
      double n = (value_at (s, i, up) - value_at (s, i, down)) / (up - down);

      if (!(fabs (grad[i] - n) <= 1e-9 + 1e-7 * fmax (fabs (grad[i]), fabs (n))))
        g_error ("%s: derivative at %g is %.17g, differences give %.17g", what, x, grad[i], n);
    }
  return B * cols;
}

/* A stand-in for the derivative is labelled as one: the function itself does not move. */
static guint
check_stand_in (Sheet *s, const ChainActivationRow *row, guint cols)
{
  g_assert_nonnull (strstr (row->info.derivative, "straight-through, not the true derivative (which is 0)"));
  chain_graph_seal (s->g);
  for (guint i = 0; i < B * cols; i++)
    g_assert_cmpfloat (value_at (s, i, s->data[0][i] + 1e-6), ==, value_at (s, i, s->data[0][i] - 1e-6));
  return B * cols;
}

static const char *const only_standard[] = { "standard", NULL };

static const char *const *
variants_of (const ChainRowInfo *info)
{
  return info->variants != NULL ? info->variants : only_standard;
}

static ChainChoice
choice_of (const char *variant)
{
  return (ChainChoice){ .variant = (char *) variant };
}

static void
test_activations (void)
{
  /* away from every kink of the table (0, ±1, ±2.5, ±3, 6) */
  static const double z[B * COLS] = { -3.7, -2.8, -2.2, -1.4, -0.73, -0.31, -0.05, 0.04, 0.27, 0.81, 1.35, 1.9, 2.7, 3.6, 4.4 };
  guint n, checked = 0;
  const ChainActivationRow *rows = chain_table_activations (&n);

  g_assert_cmpuint (n, >=, 20);
  for (guint i = 0; i < n; i++)
    for (const char *const *v = variants_of (&rows[i].info); *v != NULL; v++)
      {
        ChainChoice choice = choice_of (*v);
        ChainParams p = { &rows[i].info, &choice };
        Sheet s = { .g = chain_graph_new (), .n = 1 };
        ChainId y, weights;

        memcpy (s.data[0], z, sizeof z);
        s.leaf[0] = chain_leaf (s.g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, COLS));
        y = rows[i].build (s.g, s.leaf[0], &p);
        g_assert_true (chain_shape_equal (chain_graph_node (s.g, y)->shape, chain_shape (CHAIN_B, COLS)));
        weights = chain_cumsum (s.g, chain_full (s.g, chain_shape (CHAIN_B, COLS), 0.5), FALSE);   /* unequal, so that softmax has a gradient */
        s.ids[0] = chain_sum_all (s.g, chain_mul (s.g, y, weights));
        g_assert_true (chain_grad (s.g, s.ids[0], CHAIN_NONE, s.leaf, 1, &s.ids[1], NULL, NULL));
        g_assert_true (s.ids[1] != CHAIN_NONE || (rows[i].straight_through && g_str_equal (*v, "none")));
        checked += rows[i].straight_through ? check_stand_in (&s, &rows[i], COLS) : check_gradient (&s, rows[i].info.id, COLS);
        chain_graph_free (s.g);
      }
  g_test_message ("%u rows, %u derivatives", n, checked);
}

/* --- losses --- */
/* Predictions and targets that suit a row: probabilities (rows of 3 that sum to 1), logits, numbers; classes one-hot, binary 0 and 1. */
static void
fill_loss (const ChainLossRow *row, const char *variant, double *y, double *t)
{
  gboolean probabilities = g_str_equal (row->output_activation, "softmax") || g_str_equal (row->output_activation, "sigmoid")
                           || g_str_equal (variant, "probabilities") || g_str_equal (variant, "reverse") || g_str_equal (variant, "bce");

  for (guint i = 0; i < B * COLS; i++)
    {
      double u = fmod (0.37 + 0.61803398875 * i, 1);

      y[i] = probabilities ? 0.1 + 0.25 * u : 4 * u - 2.1;
      t[i] = row->task == CHAIN_LOSS_REGRESSION ? sin (2.7 * i) : row->task == CHAIN_LOSS_BINARY ? i % 2 : i % COLS == (i / COLS) % COLS;
      if (g_str_equal (row->info.id, "cosine") || g_str_equal (row->info.id, "js_divergence") || g_str_equal (row->info.id, "kl_divergence"))
        t[i] = 0.2 + 0.1 * (i % COLS);
    }
}

/* Numbers for one role: the first and the target as they suit the row; codes and spreads of layers apart from them; marks 0 and 1. */
static void
fill_role (const ChainLossRow *row, const char *variant, guint k, Sheet *s)
{
  const ChainLossRole *role = &row->roles[k];
  double other[B * COLS];

  for (guint i = 0; i < B * COLS; i++)
    s->data[k][i] = g_str_equal (role->name, "var") ? 0.4 + fmod (0.29 * i, 1) : role->column ? 0.5 + i % 2 : 1.7 * sin (1.3 * i + k);
  if (g_str_equal (role->name, "similar"))
    for (guint i = 0; i < B; i++)
      s->data[k][i] = i % 2;
  if (k == 0)
    fill_loss (row, variant, s->data[0], other);
  else if (g_str_equal (role->name, "target"))
    fill_loss (row, variant, other, s->data[k]);
  if (g_str_equal (row->info.id, "poisson_nll"))
    for (guint i = 0; i < B * COLS; i++)
      s->data[k][i] = k == 0 ? 0.3 + 0.1 * i : i % 4;
}

/* A judge for rows that look at its slope: Σ tanh of the leaf `at`, squared so that the slope has a slope. */
static void
play_roles (const ChainLossRow *row, Sheet *s, ChainId *roles)
{
  memcpy (roles, s->leaf, sizeof s->leaf);
  if (row->roles[1].any_width)
    roles[0] = chain_sum (s->g, chain_square (s->g, chain_tanh (s->g, s->leaf[1])), chain_shape (CHAIN_B, 1));
}

static guint
check_loss (const ChainLossRow *row, const char *variant)
{
  ChainChoice choice = choice_of (variant);
  ChainParams p = { &row->info, &choice };
  guint checked = 0;

  g_assert_cmpuint (row->n_roles, >=, 1);
  g_assert_cmpuint (row->n_roles, <=, G_N_ELEMENTS (row->roles));
  for (guint at = 0; at < row->n_roles; at++)
    if (!row->roles[at].is_data && !(at == 0 && row->roles[1].any_width))
      {
        Sheet s = { .g = chain_graph_new (), .n = row->n_roles, .at = at };
        ChainId none, roles[4];

        for (guint k = 0; k < row->n_roles; k++)
          {
            fill_role (row, variant, k, &s);
            s.leaf[k] = chain_leaf (s.g, CHAIN_LEAF_INPUT, row->roles[k].name, chain_shape (CHAIN_B, row->roles[k].column ? 1 : COLS));
          }
        play_roles (row, &s, roles);
        none = row->build (s.g, roles, &p);
        g_assert_cmpint (chain_graph_node (s.g, none)->shape.cols, ==, row->per_sample || row->scalar ? 1 : COLS);
        g_assert_cmpint (chain_graph_node (s.g, none)->shape.rows == 1, ==, row->scalar);
        s.ids[0] = chain_loss_reduce (s.g, none, "mean");
        g_assert_true (chain_grad (s.g, s.ids[0], CHAIN_NONE, s.leaf + at, 1, &s.ids[1], NULL, NULL));
        g_assert_cmpuint (s.ids[1], !=, CHAIN_NONE);
        checked += check_gradient (&s, row->info.id, COLS);
        chain_graph_free (s.g);
      }
  g_assert_cmpuint (checked, >, 0);
  return checked;
}

static void
test_losses (void)
{
  guint n, checked = 0;
  const ChainLossRow *rows = chain_table_losses (&n);

  g_assert_cmpuint (n, >=, 35);
  for (guint i = 0; i < n; i++)
    {
      g_assert_nonnull (chain_activation_row (rows[i].output_activation));
      g_assert_nonnull (chain_activation_row (rows[i].link));
      for (const char *const *v = variants_of (&rows[i].info); *v != NULL; v++)
        checked += check_loss (&rows[i], *v);
    }
  g_test_message ("%u rows, %u derivatives", n, checked);
}

/* --- the documented choices at kinks (SPEC 0.2) --- */
static void
test_kinks (void)
{
  static const struct { const char *id; double z, want; } at[] = {
    { "relu", 0, 0 }, { "abs", 0, 0 }, { "leaky_relu", 0, 0.01 }, { "elu", 0, 1 }, { "selu", 0, 1.7580993408473766 }, { "celu", 0, 1 },
    { "relu6", 0, 0 }, { "relu6", 6, 0 }, { "hardtanh", -1, 0 }, { "hardtanh", 1, 0 }, { "hard_sigmoid", -3, 0 }, { "hard_sigmoid", 3, 0 },
    { "hard_swish", -3, 0 }, { "hard_swish", 3, 1 }, { "softplus", 0, 0.5 }, { "softsign", 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (at); i++)
    {
      const ChainActivationRow *row = chain_activation_row (at[i].id);
      ChainGraph *g = chain_graph_new ();
      ChainParams p = { &row->info, NULL };
      ChainId z = chain_leaf (g, CHAIN_LEAF_PARAM, "z", chain_shape (1, 1)), d = CHAIN_NONE;
      ChainRefBinding bind = { z, &at[i].z };
      double got, *out = &got;

      g_assert_true (chain_grad (g, row->build (g, z, &p), CHAIN_NONE, &z, 1, &d, NULL, NULL));
      g_assert_true (chain_ref_eval (g, &bind, 1, 1, 1, &d, 1, &out, NULL));
      if (fabs (got - at[i].want) > 1e-15)
        g_error ("%s′(%g) is %.17g, not %.17g", at[i].id, at[i].z, got, at[i].want);
      chain_graph_free (g);
    }
}

/* --- initialisers, schedules, data sets --- */
static void
test_inits (void)
{
  guint n;
  const ChainInitRow *rows = chain_table_inits (&n);

  g_assert_cmpuint (n, >=, 15);
  for (guint i = 0; i < n; i++)
    for (const char *const *v = variants_of (&rows[i].info); *v != NULL; v++)
      {
        ChainChoice choice = choice_of (*v);
        ChainParams p = { &rows[i].info, &choice };
        double a[7 * 4], b[7 * 4], c[1] = { NAN };

        rows[i].fill (a, 7, 4, &p, 3, 11);
        rows[i].fill (b, 7, 4, &p, 3, 11);
        rows[i].fill (c, 1, 1, &p, 3, 11);
        g_assert_cmpmem (a, sizeof a, b, sizeof b);                    /* same seed, same bits */
        for (guint k = 0; k < 28; k++)
          g_assert_true (isfinite (a[k]));
        g_assert_true (isfinite (c[0]));
      }
}

static void
test_schedules (void)
{
  guint n;
  const ChainScheduleRow *rows = chain_table_schedules (&n);

  g_assert_cmpuint (n, >=, 12);
  for (guint i = 0; i < n; i++)
    for (const char *const *v = variants_of (&rows[i].info); *v != NULL; v++)
      {
        ChainChoice choice = choice_of (*v);
        ChainParams p = { &rows[i].info, &choice };

        for (double k = 0; k < 1e7; k = 3 * k + 1)
          {
            double rate = rows[i].rate (0.1, k, &p);

            if (!(isfinite (rate) && rate >= 0 && rate <= 10))
              g_error ("%s/%s: rate of step %g is %g", rows[i].info.id, *v, k, rate);
          }
      }
}

static void
check_generated (const ChainDataRow *row)
{
  ChainParams p = { &row->info, NULL };
  guint n = (guint) chain_param (&p, "n"), seen = 0;
  g_autofree double *x = g_new (double, n * row->dims);
  g_autofree double *t = g_new (double, n);
  g_autofree double *again = g_new (double, n * row->dims);
  double largest = 0;

  row->generate (x, t, n, &p, 5);
  for (guint i = 0; i < n * row->dims; i++)
    largest = fmax (largest, fabs (x[i]));
  g_assert_cmpfloat (largest, >, 1.2);
  g_assert_cmpfloat (largest, <, 3.2);
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (isfinite (t[i]));
      if (row->classes > 0)
        {
          g_assert_true (t[i] >= 0 && t[i] < row->classes && t[i] == floor (t[i]));
          seen |= 1u << (guint) t[i];
        }
    }
  g_assert_cmpuint (seen, ==, row->classes > 0 ? (1u << row->classes) - 1 : 0);
  row->generate (again, t, n, &p, 5);
  g_assert_cmpmem (x, n * row->dims * sizeof (double), again, n * row->dims * sizeof (double));
  row->generate (again, t, n, &p, 6);
  g_assert_true (memcmp (x, again, n * row->dims * sizeof (double)) != 0);
}

static void
check_bundled (const ChainDataRow *row)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "datasets", row->file, NULL);

  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  if (g_str_has_suffix (row->file, ".csv"))
    {
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL, names = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      lines = g_strsplit (text, "\n", 2);
      names = g_strsplit (lines[0], ",", -1);
      g_assert_true (g_strv_contains ((const char *const *) names, row->target));
      for (guint i = 0; row->ignore != NULL && row->ignore[i] != NULL; i++)
        g_assert_true (g_strv_contains ((const char *const *) names, row->ignore[i]));
      g_assert_cmpuint (g_strv_length (names), ==, row->dims + 1 + (row->ignore != NULL ? g_strv_length ((char **) row->ignore) : 0));
    }
  else
    {
      g_autofree char *labels = g_test_build_filename (G_TEST_DIST, "..", "data", "datasets", row->labels_file, NULL);

      g_assert_true (g_file_test (labels, G_FILE_TEST_IS_REGULAR));
    }
}

static void
test_data (void)
{
  guint n;
  const ChainDataRow *rows = chain_table_data (&n);

  for (guint i = 0; i < n; i++)
    {
      check_text (rows[i].info.id, rows[i].licence);
      g_assert_true (g_str_equal (rows[i].task, "classify") || g_str_equal (rows[i].task, "regress"));
      if (rows[i].generated)
        check_generated (&rows[i]);
      else
        check_bundled (&rows[i]);
    }
}

/* --- look-ups and choices --- */
static void
expect (const char *variant, const char *param, double value, const char *text, const char *message)
{
  ChainParamValue v = { (char *) param, value, (char *) text };
  g_autoptr (GArray) params = g_array_new (FALSE, FALSE, sizeof v);
  ChainChoice c = { .id = (char *) "adam", .variant = (char *) variant, .params = params };
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (param != NULL)
    g_array_append_val (params, v);
  ok = chain_choice_validate (&c, &chain_optim_row ("adam")->info, "Optimiser", &error);
  g_assert_cmpint (ok, ==, message == NULL);
  if (message != NULL)
    {
      g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
      if (strstr (error->message, message) == NULL)
        g_error ("“%s” does not say “%s”", error->message, message);
    }
  else
    g_assert_no_error (error);
}

static void
test_choices (void)
{
  expect (NULL, NULL, 0, NULL, NULL);
  expect ("slide_eps_inside_root", "beta1", 0, NULL, NULL);
  expect ("inside", NULL, 0, NULL, "no variant “inside”; choose from standard, slide_eps_inside_root, keras_epsilon_hat");
  expect (NULL, "beta3", 0.5, NULL, "no parameter “beta3”; it has lr, beta1, beta2, eps, bias_correction, weight_decay");
  expect (NULL, "beta1", 1, NULL, "is 1; it must be a number at least 0 and below 1");
  expect (NULL, "beta1", 0.999999, NULL, NULL);
  expect (NULL, "beta1", NAN, NULL, "must be a number");
  expect (NULL, "lr", 0, "fast", "is a number, not a text");
  g_assert_null (chain_loss_row ("mean"));
  g_assert_null (chain_loss_row (NULL));
  g_assert_cmpstr (chain_layer_row ("concat")->info.id, ==, "concat");
  g_assert_cmpuint (chain_layer_row ("add")->min_inputs, ==, 2);
}

static void
test_lists (void)
{
  ChainParamValue v = { (char *) "milestones", NAN, (char *) "20, 50,51" };
  g_autoptr (GArray) params = g_array_new (FALSE, FALSE, sizeof v);
  const ChainScheduleRow *row = chain_schedule_row ("multi_step");
  ChainChoice c = { .id = (char *) "multi_step", .params = params };
  ChainParams p = { &row->info, &c };

  g_array_append_val (params, v);
  g_assert_true (chain_choice_validate (&c, &row->info, "Schedule", NULL));
  g_assert_cmpfloat (row->rate (1, 19, &p), ==, 1);
  g_assert_cmpfloat_with_epsilon (row->rate (1, 51, &p), 1e-3, 1e-18);
  g_array_index (params, ChainParamValue, 0).text = (char *) "20, x";
  g_assert_false (chain_choice_validate (&c, &row->info, "Schedule", NULL));
  g_array_index (params, ChainParamValue, 0).text = NULL;
  g_array_index (params, ChainParamValue, 0).value = 20;
  g_assert_false (chain_choice_validate (&c, &row->info, "Schedule", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tables/texts", test_texts);
  g_test_add_func ("/tables/activations", test_activations);
  g_test_add_func ("/tables/losses", test_losses);
  g_test_add_func ("/tables/kinks", test_kinks);
  g_test_add_func ("/tables/initialisers", test_inits);
  g_test_add_func ("/tables/schedules", test_schedules);
  g_test_add_func ("/tables/data", test_data);
  g_test_add_func ("/tables/choices", test_choices);
  g_test_add_func ("/tables/lists", test_lists);
  return g_test_run ();
}
