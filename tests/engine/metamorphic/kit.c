/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/engine/metamorphic/kit.h"

#include "tests/engine/nn/make.h"

#include <math.h>
#include <string.h>

void
dice_init (Dice *d, guint64 seed)
{
  chain_stream_init (&d->stream, seed, CHAIN_STREAM_CHECK, 11, 0);
  d->n = 0;
}

guint
dice (Dice *d, guint n)
{
  return chain_stream_below (&d->stream, d->n++, 0, n);
}

double
dice_real (Dice *d)
{
  return chain_stream_normal (&d->stream, d->n++, 1);
}

void
dice_permutation (Dice *d, guint *out, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint j = dice (d, i + 1);

      out[i] = out[j];
      out[j] = i;
    }
}

static const double bars[] = { [CHAIN_F32] = 1e-5, [CHAIN_F64] = 1e-12 };

const MetaCase *
meta_cases (guint *n)
{
  static MetaCase cases[256];
  static guint n_cases;
  static const char *const standard[] = { "standard", NULL };
  guint rows;
  const ChainLossRow *row = chain_table_losses (&rows);

  for (guint i = n_cases > 0 ? rows : 0; i < rows; i++)
    for (const char *const *v = row[i].info.variants ? row[i].info.variants : standard; *v != NULL; v++)
      {
        const char *variant = row[i].info.variants ? *v : NULL;
        MetaCase c = { &row[i], variant, 0, 2 };

        if (row[i].task == CHAIN_LOSS_BINARY)
          c = (MetaCase){ &row[i], variant, 2, 1 };
        else if (row[i].task == CHAIN_LOSS_MULTICLASS)
          c = (MetaCase){ &row[i], variant, 3, 3 };
        else if (g_str_has_prefix (row[i].info.id, "gan_"))
          c.width = 1;
        else if (g_str_equal (row[i].info.id, "reconstruction"))
          c.width = FEATURES;
        g_assert_cmpuint (n_cases + 1, <, G_N_ELEMENTS (cases));
        cases[n_cases++] = c;
      }
  *n = n_cases;
  return cases;
}

const MetaCase *
meta_case (const char *loss, const char *variant)
{
  guint n;
  const MetaCase *c = meta_cases (&n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (c[i].row->info.id, loss) && (variant == NULL || g_str_equal (c[i].variant, variant)))
      return &c[i];
  g_error ("no loss %s/%s", loss, variant);
}

/* --- model --- */
static ChainLayer *
layer (Meta *a, const char *id, const char *type, guint units, const char *activation, const char *from, const char *also)
{
  ChainLayer *l = chain_layer_new (id, type);

  chain_layer_set_units (l, units);
  if (activation)
    chain_choice_set (&l->activation, activation, NULL);
  g_ptr_array_add (l->inputs, g_strdup (from));
  if (also)
    g_ptr_array_add (l->inputs, g_strdup (also));
  g_ptr_array_add (a->spec->layers, l);
  return l;
}

static const char *
last_activation (const MetaCase *c)
{
  static const struct { const char *variant, *activation; } other[] = {
    { "log_probabilities", "log_softmax" }, { "probabilities", "softmax" }, { "reverse", "softmax" },
  };

  for (guint i = 0; c->variant && i < G_N_ELEMENTS (other); i++)
    if (g_str_equal (c->variant, other[i].variant))
      return other[i].activation;
  return g_str_equal (c->row->info.id, "reconstruction") && g_strcmp0 (c->variant, "bce") == 0 ? "sigmoid" : c->row->output_activation;
}

static void
add_layers (Meta *a, gboolean identity)
{
  const MetaCase *c = a->c;
  const char *first = identity ? "id" : "d1", *last = a->net == 0 ? first : "h";

  layer (a, "d1", "dense", HIDDEN, a->net == 1 ? "softplus" : "tanh", "f", NULL);
  if (identity)
    layer (a, "id", "dense", HIDDEN, "identity", "d1", NULL);
  if (a->net == 1)
    layer (a, "h", "dense", 3, "silu", first, NULL);
  if (a->net == 2)
    {
      layer (a, "both", "concat", 0, NULL, first, "f");
      layer (a, "h", "dense", 5, "tanh", "both", NULL);
    }
  layer (a, "out", "dense", c->width, last_activation (c), last, NULL);
  for (guint k = 1; k < c->row->n_roles; k++)
    if (!c->row->roles[k].is_data)
      {
        g_autofree char *id = g_strdup_printf ("r%u", k);
        gboolean positive = g_str_equal (c->row->roles[k].name, "var") && g_strcmp0 (c->variant, "variance") == 0;

        layer (a, id, "dense", c->width, positive ? "softplus" : last_activation (c), last, NULL);
      }
  g_ptr_array_add (a->spec->outputs, g_strdup ("out"));
}

static void
set_params (ChainChoice *choice, const MetaParam *p)
{
  for (; p != NULL && p->name != NULL; p++)
    chain_choice_set_param (choice, p->name, p->value);
}

static void
add_loss (Meta *a, const MetaOptions *o)
{
  const ChainLossRow *row = a->c->row;
  ChainLossTerm *t = chain_loss_term_new (row->info.id);

  chain_choice_set (&t->choice, row->info.id, a->c->variant);
  if (g_str_equal (row->info.id, "sinkhorn"))
    chain_choice_set_param (&t->choice, "iterations", 6);
  set_params (&t->choice, o->loss_params);
  if (o->loss_text[0])
    chain_choice_set_text (&t->choice, o->loss_text[0], o->loss_text[1]);
  if (o->reduction)
    chain_set_str (&t->reduction, o->reduction);
  if (o->weight != 0)
    t->weight = o->weight;
  for (guint k = 0; k < row->n_roles; k++)
    {
      g_autofree char *head = g_strdup_printf ("r%u", k);
      const char *source = row->roles[k].column ? "w" : !row->roles[k].is_data ? (k ? head : "out") : row->roles[k].source ? "f" : "t";

      g_ptr_array_add (t->roles, g_strdup (row->roles[k].name));
      g_ptr_array_add (t->sources, g_strdup (source));
    }
  g_ptr_array_add (a->spec->losses, t);
}

static void
add_programs (Meta *a)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (ChainId));

  g_array_append_val (ids, a->m->loss_train);
  g_array_append_val (ids, a->m->output_train);
  for (guint i = 0; i < a->m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (a->m->params, ChainTensorInfo, i);

      a->n += (gsize) p->rows * p->cols;
      if (p->grad != CHAIN_NONE)
        g_array_append_val (ids, p->grad);
    }
  for (int t = 0; t < 2; t++)
    {
      g_autoptr (GError) error = NULL;

      a->x[t] = chain_exec_new (a->m->graph, (ChainDtype) t, &error);
      g_assert_no_error (error);
      a->run[t] = chain_exec_program (a->x[t], (const ChainId *) (gconstpointer) ids->data, ids->len, NULL, 0, CHAIN_PLAN_DEFAULT);
      a->train[t] = chain_exec_program (a->x[t], &a->m->loss_train, 1, (const ChainState *) (gconstpointer) a->m->states->data, a->m->states->len,
                                        CHAIN_PLAN_COMMIT);
    }
}

void
meta_open (Meta *a, const MetaCase *c, guint net, const MetaOptions *o)
{
  static const MetaOptions plain;
  g_autoptr (GError) error = NULL;
  const char *names[] = { "f", "w" };

  o = o ? o : &plain;
  *a = (Meta){ .c = c, .net = net, .spec = make_spec () };
  for (guint i = 0; i < 2; i++)
    {
      ChainInput *in = g_new (ChainInput, 1);
      *in = (ChainInput){ g_strdup (names[i]), i ? 1 : FEATURES };
      g_ptr_array_add (a->spec->inputs, in);
    }
  add_layers (a, o->identity);
  add_loss (a, o);
  chain_choice_set (&a->spec->optimiser, o->optimiser ? o->optimiser : "sgd", o->optimiser_variant);
  set_params (&a->spec->optimiser, o->optimiser_params);
  a->prep = make_prep (FEATURES + 1, meta_targets (a), c->classes);
  a->m = chain_model_new (a->spec, a->prep, &error);
  g_assert_no_error (error);
  add_programs (a);
}

void
meta_close (Meta *a)
{
  for (int t = 0; t < 2; t++)
    chain_exec_free (a->x[t]);
  chain_model_free (a->m);
  free_prep (a->prep);
  chain_spec_unref (a->spec);
}

gboolean
meta_is (const Meta *a, const char *loss)
{
  return g_str_equal (a->c->row->info.id, loss);
}

guint
meta_targets (const Meta *a)
{
  return a->c->classes ? 1 : g_str_equal (a->c->row->info.id, "reconstruction") ? 1 : a->c->width;
}

/* --- numbers --- */
static const ChainTensorInfo *
param (const Meta *a, guint i)
{
  return &g_array_index (a->m->params, ChainTensorInfo, i);
}

double *
meta_theta (const Meta *a, Dice *d)
{
  double *theta = g_new (double, a->n);

  for (gsize i = 0; i < a->n; i++)
    theta[i] = 0.7 * dice_real (d);
  return theta;
}

gsize
meta_at (const Meta *a, const char *name, guint *rows, guint *cols)
{
  gsize at = 0;

  for (guint i = 0; i < a->m->params->len; i++)
    {
      const ChainTensorInfo *p = param (a, i);

      if (g_str_equal (p->name, name))
        {
          if (rows)
            *rows = p->rows;
          if (cols)
            *cols = p->cols;
          return at;
        }
      at += (gsize) p->rows * p->cols;
    }
  g_error ("no parameter %s", name);
}

void
meta_carry (const Meta *from, const double *theta, const Meta *to, double *theta_to)
{
  gsize at = 0;

  for (guint i = 0; i < from->m->params->len; i++)
    {
      const ChainTensorInfo *p = param (from, i);
      gsize n = (gsize) p->rows * p->cols;

      if (chain_model_tensor (to->m, p->name))
        memcpy (theta_to + meta_at (to, p->name, NULL, NULL), theta + at, n * sizeof (double));
      at += n;
    }
}

MetaData
meta_data (const Meta *a, Dice *d, gint64 b)
{
  guint k = meta_targets (a), width = FEATURES + 1;
  MetaData r = { b, g_new (double, b * width), g_new (double, b * k) };

  for (gint64 i = 0; i < b; i++)
    {
      for (guint c = 0; c < FEATURES; c++)
        r.x[i * width + c] = dice_real (d);
      r.x[i * width + FEATURES] = meta_is (a, "contrastive") ? dice (d, 2) : 0.5 + dice (d, 1000) / 700.0;
      for (guint c = 0; c < k; c++)
        r.t[i * k + c] = a->c->classes ? dice (d, a->c->classes) : dice_real (d);
    }
  return r;
}

MetaData
meta_data_rows (const Meta *a, const MetaData *of, const guint *rows, gint64 b)
{
  guint k = meta_targets (a), width = FEATURES + 1;
  MetaData r = { b, g_new (double, b * width), g_new (double, b * k) };

  for (gint64 i = 0; i < b; i++)
    {
      memcpy (r.x + i * width, of->x + rows[i] * width, width * sizeof (double));
      memcpy (r.t + i * k, of->t + rows[i] * k, k * sizeof (double));
    }
  return r;
}

void
meta_data_clear (MetaData *d)
{
  g_free (d->x);
  g_free (d->t);
}

static void
bind (Meta *a, ChainDtype dtype, const double *theta, const MetaData *d)
{
  for (guint i = 0; theta != NULL && i < a->m->params->len; i++)
    {
      const ChainTensorInfo *p = param (a, i);
      gsize n = (gsize) p->rows * p->cols;

      g_assert_true (chain_exec_write (a->x[dtype], p->leaf, 1, theta, n, NULL));
      theta += n;
    }
  g_assert_true (chain_exec_write (a->x[dtype], a->m->x, d->b, d->x, (gsize) d->b * (FEATURES + 1), NULL));
  g_assert_true (chain_exec_write (a->x[dtype], a->m->t, d->b, d->t, (gsize) d->b * meta_targets (a), NULL));
}

MetaValue
meta_run (Meta *a, ChainDtype dtype, const double *theta, const MetaData *d)
{
  g_autoptr (GError) error = NULL;
  ChainExec *x = a->x[dtype];
  ChainProgram p = a->run[dtype];
  MetaValue v = { .n_out = (gsize) d->b * a->c->width };
  double *at;

  bind (a, dtype, theta, d);
  chain_exec_run (x, p, d->b, &error);
  g_assert_no_error (error);
  v.loss = chain_exec_read_one (x, p, d->b, a->m->loss_train);
  v.out = g_new0 (double, v.n_out);
  g_assert_true (chain_exec_read (x, p, d->b, a->m->output_train, v.out, v.n_out));
  at = v.grad = g_new0 (double, a->n);
  for (guint i = 0; i < a->m->params->len; i++)
    {
      gsize n = (gsize) param (a, i)->rows * param (a, i)->cols;

      if (param (a, i)->grad != CHAIN_NONE)
        g_assert_true (chain_exec_read (x, p, d->b, param (a, i)->grad, at, n));
      at += n;
    }
  return v;
}

void
meta_value_clear (MetaValue *v)
{
  g_free (v->out);
  g_free (v->grad);
}

void
meta_step (Meta *a, ChainDtype dtype, const double *theta, const MetaData *d, double *after)
{
  g_autoptr (GError) error = NULL;

  if (theta != NULL)
    g_assert_true (chain_model_init (a->m, a->x[dtype], 1, NULL));
  bind (a, dtype, theta, d);
  chain_exec_run (a->x[dtype], a->train[dtype], d->b, &error);
  g_assert_no_error (error);
  for (guint i = 0; after != NULL && i < a->m->params->len; i++)
    {
      gsize n = (gsize) param (a, i)->rows * param (a, i)->cols;

      g_assert_true (chain_exec_read_leaf (a->x[dtype], param (a, i)->leaf, after, n));
      after += n;
    }
}

/* --- checks --- */
void
meta_expect (MetaCheck *k, const Meta *a, const char *what, double got, double want, double size)
{
  double bar = bars[k->dtype] * (k->scale > 0 ? k->scale : 1) * (1 + size), error = fabs (got - want);

  if (got == want || (isnan (got) && isnan (want)))   /* both infinite, or both paths have left the numbers */
    return;
  if (!(error <= bar))
    g_error ("property %u, %s/%s (%s), network %u, %s, seed %" G_GUINT64_FORMAT ": %s %.17g, not %.17g: %.2g of the bar", k->test,
             a->c->row->info.id, a->c->variant ? a->c->variant : "standard", a->spec->optimiser.id, a->net,
             k->dtype == CHAIN_F32 ? "f32" : "f64", k->seed, what, got, want, error / bar);
  k->worst = fmax (k->worst, error / bar);
}

void
meta_expect_all (MetaCheck *k, const Meta *a, const char *what, const double *got, const double *want, gsize n)
{
  double size = 0;

  for (gsize i = 0; i < n; i++)
    size += want[i] * want[i];
  for (gsize i = 0; i < n; i++)
    meta_expect (k, a, what, got[i], want[i], sqrt (size));
}

void
meta_expect_same (MetaCheck *k, const Meta *a, const MetaValue *got, const MetaValue *want)
{
  meta_expect (k, a, "loss", got->loss, want->loss, fabs (want->loss));
  meta_expect_all (k, a, "gradient", got->grad, want->grad, a->n);
}

void
meta_each (guint test, const char *what, gboolean (*meaningful) (const MetaCase *c), const MetaOptions *o, MetaFunc check)
{
  guint n, some = 0, per_case;
  const MetaCase *cases = meta_cases (&n);
  MetaCheck k = { .test = test };

  for (guint i = 0; i < n; i++)
    some += meaningful == NULL || meaningful (&cases[i]);
  g_assert_cmpuint (some, >, 0);
  per_case = draws_count (1 + 1000 / (some * META_NETS));
  for (guint i = 0; i < n; i++)
    for (guint net = 0; net < META_NETS && (meaningful == NULL || meaningful (&cases[i])); net++)
      {
        Meta a;

        meta_open (&a, &cases[i], net, o);
        for (guint j = 0; j < per_case; j++)
          for (int dtype = 0; dtype < 2; dtype++)
            {
              Dice d;

              k.seed = draws_seed_of (test, k.draws / 2);
              k.dtype = (ChainDtype) dtype;
              k.draws++;
              dice_init (&d, k.seed);
              check (&k, &a, &d);
            }
        meta_close (&a);
      }
  g_assert_cmpuint (k.draws / 2, >=, 1000);
  g_test_message ("%u cases of losses, %u networks", some, META_NETS);
  draws_tell (what, k.draws / 2, k.worst);
}
