/* SPDX-License-Identifier: Apache-2.0 */
/* Units off, typed inputs, earlier runs and the loss along a weight: each against numbers worked out here or against the engine asked another way. */
#include "config.h"

#include "app/session/explore.h"

#include "app/picture/layout/ghosts.h"

#include <math.h>
#include <string.h>

static void
settle (ChainSession *s)
{
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS | CHAIN_WANT_FIELD | CHAIN_WANT_METRICS));
}

static void
train (ChainSession *s, int steps)
{
  chain_session_step (s, steps);
  settle (s);
}

static void
ok (gboolean result, GError **error)
{
  g_assert_no_error (*error);
  g_assert_true (result);
}

static float
weight (ChainSession *s, const char *tensor, guint row, guint col)
{
  const ChainSnapTensor *t = chain_snapshot_tensor (chain_session_snapshot (s), tensor);

  return t->value[row * t->cols + col];
}

/* p = σ (W3 a2 + b3), a2 = m ⊙ tanh (W2 tanh (W1 x + b1) + b2) at one point of the picture's grid. */
static double
by_hand (ChainSession *s, double x, double y, guint off)
{
  double a1[6], z = weight (s, "d3.bias", 0, 0);

  for (guint j = 0; j < 6; j++)
    a1[j] = tanh (weight (s, "d1.weight", j, 0) * x + weight (s, "d1.weight", j, 1) * y + weight (s, "d1.bias", 0, j));
  for (guint k = 0; k < 6; k++)
    {
      double z2 = weight (s, "d2.bias", 0, k);

      for (guint j = 0; j < 6; j++)
        z2 += weight (s, "d2.weight", k, j) * a1[j];
      z += off >> k & 1 ? 0 : weight (s, "d3.weight", 0, k) * tanh (z2);
    }
  return 1 / (1 + exp (-z));
}

static void
assert_by_hand (ChainSession *s, guint off)
{
  const ChainSnapshot *p = chain_session_snapshot (s);

  for (guint i = 0; i < p->out_res * p->out_res; i += 97)
    {
      double x = p->x0 + (p->x1 - p->x0) * (i % p->out_res) / (p->out_res - 1), y = p->y0 + (p->y1 - p->y0) * (i / p->out_res) / (p->out_res - 1);

      g_assert_cmpfloat_with_epsilon (p->output[i], by_hand (s, x, y, off), 2e-5);
    }
}

static void
test_off (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  float kept;

  train (s, 100);
  assert_by_hand (s, 0);
  ok (chain_session_set_off (s, "d2", 2, TRUE, &error), &error);
  settle (s);
  g_assert_true (chain_session_is_off (s, "d2", 2));
  assert_by_hand (s, 1 << 2);
  kept = weight (s, "d2.weight", 2, 3);
  ok (chain_session_solo (s, "d2", 4, &error), &error);
  settle (s);
  g_assert_true (chain_session_is_solo (s, "d2", 4));
  assert_by_hand (s, 0x3f & ~(1u << 4));
  ok (chain_session_solo (s, "d2", 4, &error), &error);
  settle (s);
  assert_by_hand (s, 0);
  g_assert_cmpfloat (weight (s, "d2.weight", 2, 3), ==, kept);
  ok (chain_session_set_layer_off (s, "d2", TRUE, &error), &error);
  settle (s);
  assert_by_hand (s, 0x3f);
}

static void
test_off_undo (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  float w;

  train (s, 60);
  w = weight (s, "d2.weight", 1, 1);
  ok (chain_session_set_off (s, "d2", 1, TRUE, &error), &error);
  train (s, 60);
  g_assert_true (chain_session_undo (s));
  settle (s);
  g_assert_false (chain_session_is_off (s, "d2", 1));
  g_assert_cmpfloat (weight (s, "d2.weight", 1, 1), ==, w);
  g_assert_true (chain_session_redo (s));
  settle (s);
  g_assert_true (chain_session_is_off (s, "d2", 1));
}

static void
test_off_refused (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (chain_session_set_off (s, "d3", 0, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "what the loss compares"));
  g_clear_error (&error);
  g_assert_false (chain_session_set_off (s, "d1", 6, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "6 units"));
  g_clear_error (&error);
  g_assert_false (chain_session_solo_layer (s, "d1", &error));
  g_assert_nonnull (strstr (error->message, "everything goes through it"));
  g_clear_error (&error);
  g_assert_false (chain_session_set_layer_off (s, "d9", TRUE, &error));
  g_assert_null (chain_document_undo_label (chain_session_document (s)));
}

/* --- typed inputs --- */
static void
test_features (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  const ChainSnapshot *p;
  const char *text;
  float w[2];

  train (s, 50);
  w[0] = weight (s, "d1.weight", 3, 0);
  w[1] = weight (s, "d1.weight", 3, 1);
  g_assert_cmpstr (chain_session_usual_feature (s, 2, &text), ==, "x1*x2");
  g_assert_null (chain_session_usual_feature (s, 5, &text));
  ok (chain_session_toggle_feature (s, "sin(x1)", &error), &error);
  ok (chain_session_toggle_feature (s, "x1*x2", &error), &error);
  settle (s);
  g_assert_true (chain_session_has_feature (s, "x1 · x2"));
  g_assert_cmpfloat (weight (s, "d1.weight", 3, 0), ==, w[0]);
  g_assert_cmpfloat (weight (s, "d1.weight", 3, 1), ==, w[1]);
  w[0] = weight (s, "d1.weight", 3, 3);
  ok (chain_session_toggle_feature (s, "sin(x1)", &error), &error);
  settle (s);
  g_assert_cmpfloat (weight (s, "d1.weight", 3, 2), ==, w[0]);      /* x1*x2 moved up a column and kept its weight */
  p = chain_session_snapshot (s);
  for (guint i = 0; i < p->res * p->res; i += 31)      /* the tile shows the product of the two others */
    g_assert_cmpfloat_with_epsilon (p->inputs[2 * p->res * p->res + i], p->inputs[i] * p->inputs[p->res * p->res + i], 1e-5);
  g_assert_false (chain_session_toggle_feature (s, "x1 +", &error));
  g_assert_nonnull (error);
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_has_feature (s, "sin(x1)"));
}

/* --- earlier runs --- */
static void
test_ghosts (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  const ChainSnapshot *p;
  const ChainGhost *g;
  g_autofree char *when = NULL, *then = NULL;
  g_autofree float *field = NULL;
  double test;
  gsize n;

  train (s, 70);
  p = chain_session_snapshot (s);
  n = (gsize) p->out_res * p->out_res;
  field = g_memdup2 (p->output, n * sizeof (float));
  test = p->test.loss;
  chain_session_reset (s, FALSE);
  chain_session_reset (s, FALSE);      /* nothing was trained in between: no run of its own */
  settle (s);
  g_assert_cmpuint (chain_session_n_ghosts (s), ==, 1);
  p = chain_session_snapshot (s);
  g = g_ptr_array_index (p->ghosts, 0);
  g_assert_cmpuint (g->step, ==, 70);
  g_assert_cmpfloat (g->test.loss, ==, test);
  g_assert_cmpmem (g->output, n * sizeof (float), field, n * sizeof (float));
  g_assert_cmpfloat (chain_series_view_get (g->eval_test, chain_series_view_size (g->eval_test) - 1).last, ==, test);
  {
    const ChainView *v = chain_view_by_id ("loss");
    ChainTheme theme;
    g_autoptr (ChainLayout) l = (chain_theme_init (&theme, "light"), v->layout (p, &theme, 316, 175));
    const ChainElement *line = chain_layout_find (l, "series:ghost:0");

    g_assert_nonnull (line);
    g_assert_true (g_str_has_prefix (line->label, "1 run ago: test 0."));
  }
  when = chain_ghost_when (g, p);
  g_assert_cmpstr (when, ==, "1 run ago");
  for (guint i = 0; i < 5; i++)
    ok (chain_session_set_units (s, "d1", (int) (7 + 3 * (i % 2)), &error), &error), chain_session_play (s), chain_session_pause (s), g_usleep (510000);
  settle (s);
  p = chain_session_snapshot (s);
  then = chain_ghost_when (g_ptr_array_index (p->ghosts, p->ghosts->len - 1), p);
  g_assert_true (g_str_has_suffix (then, "edits ago"));
}

static void
test_ghosts_bounds (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < CHAIN_GHOSTS + 2; i++)
    {
      train (s, 20 + (int) i);
      chain_session_reset (s, FALSE);
    }
  settle (s);
  g_assert_cmpuint (chain_session_n_ghosts (s), ==, CHAIN_GHOSTS);
  g_assert_cmpuint (((const ChainGhost *) g_ptr_array_index (chain_session_snapshot (s)->ghosts, 0))->step, ==, 20 + CHAIN_GHOSTS + 1);
  chain_session_show_ghosts (s, FALSE);
  settle (s);
  g_assert_null (chain_session_snapshot (s)->ghosts);
  chain_session_show_ghosts (s, TRUE);
  settle (s);
  g_assert_nonnull (chain_session_snapshot (s)->ghosts);
  ok (chain_session_set_loss (s, "hinge", &error), &error);
  settle (s);
  g_assert_false (chain_ghost_compares (g_ptr_array_index (chain_session_snapshot (s)->ghosts, 0), chain_session_snapshot (s)));
  chain_session_forget_ghosts (s);
  settle (s);
  g_assert_cmpuint (chain_session_n_ghosts (s), ==, 0);
  g_assert_null (chain_session_snapshot (s)->ghosts);
}

/* The label of ghost i, as it stands beside its curve; "" where it has none. */
static char *
when_of (ChainSession *s, guint i)
{
  const ChainSnapshot *p;

  settle (s);
  p = chain_session_snapshot (s);
  return p->ghosts != NULL && i < p->ghosts->len ? chain_ghost_when (g_ptr_array_index (p->ghosts, i), p) : g_strdup ("");
}

#define assert_when(s, i, text) G_STMT_START { g_autofree char *when_ = when_of (s, i); g_assert_cmpstr (when_, ==, text); } G_STMT_END

/* How long ago is a way through the history, not a count of clicks. */
static void
test_ghosts_distance (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;

  train (s, 30);
  ok (chain_session_set_units (s, "d1", 8, &error), &error);
  assert_when (s, 0, "1 edit ago");
  ok (chain_session_set (s, "optimiser.params.lr", "0.01", "rate", NULL, &error), &error);
  assert_when (s, 0, "2 edits ago");
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (chain_session_undo (s));
      assert_when (s, 0, "1 edit ago");
      g_assert_true (chain_session_redo (s));
      assert_when (s, 0, "2 edits ago");
    }
  g_assert_true (chain_session_undo (s));
  g_assert_true (chain_session_undo (s));
  assert_when (s, 0, "");                  /* that is the present run */
  g_assert_true (chain_session_redo (s));
  train (s, 20);
  g_assert_true (chain_session_undo (s));
  assert_when (s, 0, "1 edit undone");
  ok (chain_session_set_units (s, "d2", 3, &error), &error);
  assert_when (s, 0, "earlier");           /* no way leads there now */
}

/* Words of two runs never lie over one another, nor over the axis, wherever the present run has got to. */
static void
test_ghosts_labels (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  const ChainView *v = chain_view_by_id ("loss");
  ChainTheme theme;
  guint n = 0;

  chain_theme_init (&theme, "light");
  train (s, 300);
  chain_session_reset (s, FALSE);
  for (guint step = 0; step < 320; step += step < 40 ? 4 : 20)
    {
      g_autoptr (ChainLayout) l = NULL;
      const ChainLinesLayout *f;
      g_auto (ChainText) text;

      settle (s);
      l = v->layout (chain_session_snapshot (s), &theme, 316, 150);
      f = l->data;
      chain_text_init (&text, NULL, &theme);
      for (guint i = 0; i < f->lines->len; i++)
        {
          const ChainLine *a = g_ptr_array_index (f->lines, i);

          if (a->label == NULL)
            continue;
          g_assert_cmpfloat (a->label_y + 7, <=, f->plots[0].y + f->plots[0].h);
          for (guint k = 0; k < f->lines->len && a->ghost; k++)
            {
              const ChainLine *b = g_ptr_array_index (f->lines, k);
              double left = a->label_x - chain_text_measure (&text, CHAIN_TEXT_SMALL, a->label, NULL);

              if (b->label == NULL || b->ghost)
                continue;
              n++;
              g_assert_true (fabs (a->label_y - b->label_y) >= 13 || b->label_x >= a->label_x
                             || b->label_x + chain_text_measure (&text, CHAIN_TEXT_CHIP, b->label, NULL) <= left);
            }
        }
      train (s, step < 40 ? 4 : 20);
    }
  g_assert_cmpuint (n, >, 40);
}

/* --- the loss along a weight --- */
static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
test_weight_line (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  ChainWeightLine *l;
  float w;

  train (s, 80);
  w = weight (s, "d2.weight", 1, 2);
  chain_session_weight_line_async (s, "d2.weight", 1, 2, w - 2, w + 2, NULL, done_cb, &result);
  l = chain_session_weight_line_finish (s, wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (l->n, ==, CHAIN_WEIGHT_LINE_POINTS + 1);
  g_assert_cmpfloat_with_epsilon (l->value[l->at], w, 1e-7);
  g_assert_cmpfloat_with_epsilon (l->loss[l->at], chain_session_snapshot (s)->train.loss, 1e-6);
  for (guint i = 1; i < l->n; i++)
    g_assert_cmpfloat (l->value[i], >=, l->value[i - 1]);
  /* the same loss when the weight is really set */
  ok (chain_session_set_weight (s, "d2.weight", 1, 2, l->value[10], &error), &error);
  settle (s);
  g_assert_cmpfloat_with_epsilon (l->loss[10], chain_session_snapshot (s)->train.loss, 1e-5);
  chain_weight_line_free (l);
}

static void
test_weight_line_cancelled (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL, bad = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  chain_session_weight_line_async (s, "d2.weight", 1, 2, -2, 2, cancellable, done_cb, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (chain_session_weight_line_finish (s, wait_for (&result), &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  chain_session_weight_line_async (s, "d2.weight", 99, 2, -2, 2, NULL, done_cb, &bad);
  g_assert_null (chain_session_weight_line_finish (s, wait_for (&bad), &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE);
}

/* 40 residual blocks have 2^40 ways through them; none may be walked twice. */
static void
test_solo_residual (void)
{
  g_autoptr (ChainSession) s = chain_session_new ();
  ChainSpec *next = chain_spec_copy (chain_document_spec (chain_session_document (s)));
  g_autofree char *from = g_strdup ("d1");
  GError *error = NULL;
  gint64 start;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *dense = g_strdup_printf ("r%u", i), *sum = g_strdup_printf ("s%u", i);
      ChainLayer *l = chain_layer_new (dense, "dense"), *join = chain_layer_new (sum, "add");

      chain_layer_set_units (l, chain_spec_layer (next, "d1")->units);
      g_ptr_array_add (l->inputs, g_strdup (from));
      g_ptr_array_add (join->inputs, g_strdup (from));
      g_ptr_array_add (join->inputs, g_strdup (dense));
      g_ptr_array_insert (next->layers, (int) (1 + 2 * i), l);
      g_ptr_array_insert (next->layers, (int) (2 + 2 * i), join);
      chain_set_str (&from, sum);
    }
  chain_set_str ((char **) &chain_spec_layer (next, "d2")->inputs->pdata[0], from);
  g_assert_true (chain_session_apply (s, chain_spec_seal (next), "blocks", NULL, &error));
  g_assert_no_error (error);
  start = g_get_monotonic_time ();
  g_assert_false (chain_session_solo_layer (s, "r39", &error));
  g_assert_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC);
  g_clear_error (&error);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 30 * G_USEC_PER_SEC);      /* all ways through forty blocks would take longer than the world is old */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explore/off", test_off);
  g_test_add_func ("/explore/off-undo", test_off_undo);
  g_test_add_func ("/explore/off-refused", test_off_refused);
  g_test_add_func ("/explore/features", test_features);
  g_test_add_func ("/explore/ghosts", test_ghosts);
  g_test_add_func ("/explore/ghosts-bounds", test_ghosts_bounds);
  g_test_add_func ("/explore/ghosts-distance", test_ghosts_distance);
  g_test_add_func ("/explore/ghosts-labels", test_ghosts_labels);
  g_test_add_func ("/explore/weight-line", test_weight_line);
  g_test_add_func ("/explore/weight-line-cancelled", test_weight_line_cancelled);
  g_test_add_func ("/explore/solo-residual", test_solo_residual);
  return g_test_run ();
}
