/* SPDX-License-Identifier: Apache-2.0 */
/* Gradient and optimiser of each objective: the part of the graph that turns values of this step into values of the next.
 *
 * `now` holds the node that stands for each parameter at this point of the step. It starts as the leaves; an objective replaces the
 * entries that it trains, so that the next one differentiates the network as the first has just left it, which is what "update the
 * discriminator, then the generator" means. With one objective nothing of this is seen: leaves in, next values out.
 *
 * Everything an optimiser row may ask for is a function of ChainOptimCtx; rows know nothing of layers, specs or files. */
#include "engine/nn/model/model-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  ChainBuild *b;
  gboolean   *mask;        /* loss terms of the objective */
  guint       objective;
  ChainId    *now;         /* a node for each of m->params */
  GArray     *index;       /* of guint: which params the objective trains; parallel to ctx.params */
  GHashTable *slots;       /* leaf -> where its next value is kept */
  gboolean   *done;        /* set_next was called, parallel to index */
} Update;

static ChainTensorInfo *
trained (Update *u, guint i)
{
  return _chain_model_param (u->b->m, g_array_index (u->index, guint, i));
}

/* --- what a row may ask for --- */
static ChainId
live_number (ChainBuild *b, const char *name, int regulariser)
{
  GArray *hyper = b->m->hyper;
  for (guint i = 0; i < hyper->len; i++)
    {
      const ChainHyperInfo *known = &g_array_index (hyper, ChainHyperInfo, i);
      if (known->regulariser == regulariser && g_str_equal (known->name, name))
        return known->leaf;
    }
  g_autofree char *full = regulariser < 0 ? g_strdup_printf ("opt.%s", name) : g_strdup_printf ("regulariser%d.%s", regulariser + 1, name);
  ChainHyperInfo h = { .leaf = chain_scalar (b->g, full), .regulariser = regulariser };
  g_strlcpy (h.name, name, sizeof h.name);
  g_array_append_val (hyper, h);
  return h.leaf;
}

ChainId
_chain_hyper_node (ChainBuild *b, const char *name)
{
  return live_number (b, name, -1);
}

/* --- regularisers --- */
const ChainRegularRow *
_chain_regular_at (const ChainSpec *spec, guint which)
{
  return chain_regular_row (((const ChainChoice *) spec->regularisers->pdata[which])->id);
}

static ChainId
regular_node (ChainRegularCtx *c, const char *name)
{
  ChainBuild *b = c->data;
  guint which = 0;
  while (b->spec->regularisers->pdata[which] != c->p.choice)
    which++;
  return live_number (b, name, (int) which);
}

ChainRegularCtx
_chain_regular_ctx (ChainBuild *b, guint which)
{
  ChainParams params = { &_chain_regular_at (b->spec, which)->info, b->spec->regularisers->pdata[which] };
  return (ChainRegularCtx){ .g = b->g, .p = params, .node = regular_node, .data = b };
}

gboolean
_chain_regular_acts_on (const ChainRegularCtx *c, const ChainTensorInfo *p)
{
  const ChainBuild *b = c->data;
  guint of = (guint) chain_param (&c->p, "loss");
  if (of && !_chain_loss_trains (b->spec->losses->pdata[of - 1], p->layer))
    return FALSE;
  return p->kind == CHAIN_PARAM_WEIGHT || chain_param (&c->p, "all") != 0;
}

static ChainId
ctx_hyper_node (ChainOptimCtx *c, const char *name)
{
  return _chain_hyper_node (((Update *) c->data)->b, name);
}

static char *
state_name (const Update *u, const char *name, const char *of)
{
  g_autofree char *which = u->objective ? g_strdup_printf ("opt%u", u->objective + 1) : g_strdup ("opt");
  return g_strdup_printf ("%s.%s.%s", which, name, of);
}

static ChainId
ctx_sized_state (ChainOptimCtx *c, guint i, const char *name, guint rows, guint cols, double start)
{
  Update *u = c->data;
  const ChainTensorInfo *p = trained (u, i);
  ChainTensorInfo t = { .name = state_name (u, name, p->name), .layer = g_strdup (p->layer), .kind = CHAIN_PARAM_MOMENT,
                        .rows = rows, .cols = cols, .owner = g_array_index (u->index, guint, i), .start = start };
  t.leaf = chain_leaf (c->g, CHAIN_LEAF_STATE, t.name, chain_shape ((int32_t) t.rows, (int32_t) t.cols));
  g_array_append_val (u->b->m->moments, t);
  g_hash_table_insert (u->slots, GUINT_TO_POINTER (t.leaf), GINT_TO_POINTER ((int) u->b->m->moments->len));
  return t.leaf;
}

static ChainId
ctx_state (ChainOptimCtx *c, guint i, const char *name, double start)
{
  const ChainTensorInfo *p = trained (c->data, i);
  return ctx_sized_state (c, i, name, p->rows, p->cols, start);
}

static void
ctx_set_eval (ChainOptimCtx *c, guint i, ChainId value)
{
  trained (c->data, i)->eval = value;
}

/* Scalars are kept under negative numbers in `slots`, moments under positive ones. */
static ChainId
add_scalar (ChainModel *m, ChainGraph *g, const char *name, double start)
{
  ChainScalarInfo s = { .start = start, .leaf = chain_scalar (g, name) };
  g_assert (strlen (name) < sizeof s.name);
  g_strlcpy (s.name, name, sizeof s.name);
  g_array_append_val (m->scalars, s);
  return s.leaf;
}

static ChainId
ctx_scalar_state (ChainOptimCtx *c, const char *name, double start)
{
  Update *u = c->data;
  g_autofree char *full = state_name (u, "scalar", name);
  ChainId leaf = add_scalar (u->b->m, c->g, full, start);
  g_hash_table_insert (u->slots, GUINT_TO_POINTER (leaf), GINT_TO_POINTER (-(int) u->b->m->scalars->len));
  return leaf;
}

static void
ctx_set_next (ChainOptimCtx *c, ChainId leaf, ChainId next)
{
  Update *u = c->data;
  int slot = GPOINTER_TO_INT (g_hash_table_lookup (u->slots, GUINT_TO_POINTER (leaf)));
  if (slot > 0)
    g_array_index (u->b->m->moments, ChainTensorInfo, slot - 1).next = next;
  else if (slot < 0)
    g_array_index (u->b->m->scalars, ChainScalarInfo, -slot - 1).next = next;
  for (guint i = 0; slot == 0 && i < c->n; i++)
    if (c->params[i] == leaf)
      {
        u->now[g_array_index (u->index, guint, i)] = next;
        u->done[i] = TRUE;
        return;
      }
  g_assert (slot != 0);   /* neither a parameter of this objective nor a state that it made */
}

static ChainId
objective_loss (Update *u, const ChainId *params)
{
  ChainNet net;
  _chain_net_build (u->b, params, TRUE, &net);
  ChainId loss = _chain_loss_build (u->b, &net, u->mask, NULL, NULL);
  _chain_net_clear (&net);
  return _chain_loss_penalise (u->b, params, u->mask, loss);
}

static void
enter_update (ChainBuild *b)
{
  chain_graph_set_scope (b->g, b->update_scope);
  chain_graph_set_role (b->g, CHAIN_ROLE_OPTIMISER, 0, CHAIN_NONE);
}

/* Σ of the squares of all entries; CHAIN_NONE for none. */
static ChainId
sum_of_squares (ChainGraph *g, const ChainId *grads, guint n)
{
  ChainId sum = CHAIN_NONE;
  for (guint i = 0; i < n; i++)
    {
      ChainId sq = chain_sum_all (g, chain_square (g, grads[i]));
      sum = sum ? chain_add (g, sum, sq) : sq;
    }
  return sum;
}

/* g ← clip (g, −c, c), then g ← g c / max (‖g‖, c) over all tensors of the objective (SPEC 5); in place. */
static void
clip (Update *u, ChainId *grads, guint n)
{
  ChainBuild *b = u->b;
  ChainGraph *g = b->g;
  double value;
  for (guint i = 0; chain_choice_param (&b->spec->optimiser, "clip_value", &value) && i < n; i++)
    {
      ChainId limit = chain_broadcast (g, _chain_hyper_node (b, "clip_value"), chain_graph_node (g, grads[i])->shape);
      grads[i] = chain_max (g, chain_min (g, grads[i], limit), chain_neg (g, limit));
    }
  if (n && chain_choice_param (&b->spec->optimiser, "clip_norm", &value))
    {
      ChainId c = _chain_hyper_node (b, "clip_norm");
      ChainId norm = chain_sqrt (g, sum_of_squares (g, grads, n));
      ChainId factor = chain_div (g, c, chain_max (g, norm, c));
      for (guint i = 0; i < n; i++)
        grads[i] = chain_mul_s (g, grads[i], factor);
    }
  for (guint i = 0; i < b->spec->regularisers->len; i++)
    if (_chain_regular_at (b->spec, i)->clip)
      {
        ChainRegularCtx c = _chain_regular_ctx (b, i);
        guint of = (guint) chain_param (&c.p, "loss");
        if (of == 0 || u->mask[of - 1])
          _chain_regular_at (b->spec, i)->clip (&c, grads, n);
      }
}

/* Constraints, on what the optimiser has just made. */
static void
project (Update *u)
{
  ChainBuild *b = u->b;
  for (guint i = 0; i < b->spec->regularisers->len; i++)
    {
      const ChainRegularRow *row = _chain_regular_at (b->spec, i);
      ChainRegularCtx c = _chain_regular_ctx (b, i);
      for (guint k = 0; row->project && k < u->index->len; k++)
        if (_chain_regular_acts_on (&c, trained (u, k)))
          u->now[g_array_index (u->index, guint, k)] = row->project (&c, u->now[g_array_index (u->index, guint, k)]);
    }
}

static ChainId
ctx_loss_at (ChainOptimCtx *c, const ChainId *params, ChainId *out_grads)
{
  Update *u = c->data;
  guint n = u->b->m->params->len;
  g_autofree ChainId *all = g_memdup2 (u->now, n * sizeof (ChainId));
  for (guint i = 0; i < c->n; i++)
    all[g_array_index (u->index, guint, i)] = params[i];
  ChainId loss = objective_loss (u, all);
  g_autoptr (GError) error = NULL;
  if (out_grads && !chain_grad (c->g, loss, CHAIN_NONE, params, c->n, out_grads, NULL, &error))
    g_error ("%s", error->message);   /* the same loss was differentiated at the leaves before */
  enter_update (u->b);
  for (guint i = 0; out_grads && i < c->n; i++)
    if (!out_grads[i])
      out_grads[i] = chain_zeros_like (c->g, params[i]);
  if (out_grads)
    clip (u, out_grads, c->n);
  return loss;
}

static void
ctx_tell (ChainOptimCtx *c, int i, guint line, const char *symbol, ChainId node)
{
  Update *u = c->data;
  ChainLineInfo l = { i < 0 ? -1 : (int) g_array_index (u->index, guint, i), line, symbol, node };

  if (u->objective == 0)
    g_array_append_val (u->b->m->lines, l);
}

/* --- one objective --- */
static double
decay_of (ChainBuild *b, const ChainTensorInfo *p)
{
  const ChainLayer *l = chain_spec_layer (b->spec, p->layer);
  const ChainRowInfo *row = &chain_optim_row (b->spec->optimiser.id)->info;
  double all = 0;
  chain_choice_param (&b->spec->optimiser, "decay_all", &all);
  if (p->kind != CHAIN_PARAM_WEIGHT && all == 0)
    return 0;
  return isnan (l->decay) ? _chain_choice_number (&b->spec->optimiser, row, "weight_decay", 0) : l->decay;
}

static ChainId
rate_of (ChainBuild *b, const ChainTensorInfo *p)
{
  double factor = chain_spec_layer (b->spec, p->layer)->rate;
  return factor == 1 ? b->m->lr : chain_mul (b->g, b->m->lr, chain_const (b->g, factor));
}

/* Adjoint of each layer's value: the last running sum that the step table has for it. */
static void
find_adjoints (ChainBuild *b)
{
  g_autoptr (GHashTable) sum = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < b->m->steps->len; i++)
    {
      const ChainStep *s = &g_array_index (b->m->steps, ChainStep, i);
      g_hash_table_insert (sum, GUINT_TO_POINTER (s->target), GUINT_TO_POINTER (s->sum));
    }
  for (guint i = 0; i < b->m->layers->len; i++)
    {
      ChainLayerInfo *info = &g_array_index (b->m->layers, ChainLayerInfo, i);
      info->adjoint = GPOINTER_TO_UINT (g_hash_table_lookup (sum, GUINT_TO_POINTER (info->out)));
    }
}

/* Is this parameter changed by the objective, as far as the spec says? */
static gboolean
may_train (Update *u, const ChainTensorInfo *p)
{
  const ChainSpec *spec = u->b->spec;
  for (guint i = 0; i < spec->losses->len; i++)
    if (u->mask[i])
      return _chain_loss_trains (spec->losses->pdata[i], p->layer) && !chain_spec_layer (spec, p->layer)->frozen;
  return FALSE;
}

/* Gradients of the parameters that the objective may train; those that its loss does not depend on are left out. */
static gboolean
differentiate (Update *u, ChainId loss, GArray *grads, GError **error)
{
  ChainModel *m = u->b->m;
  g_autoptr (GArray) wrt = g_array_new (FALSE, FALSE, sizeof (ChainId));
  g_autoptr (GArray) which = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < m->params->len; i++)
    {
      if (!may_train (u, _chain_model_param (m, i)))
        continue;
      g_array_append_val (wrt, u->now[i]);
      g_array_append_val (which, i);
    }
  g_autofree ChainId *out = g_new0 (ChainId, wrt->len + 1);
  if (!chain_grad (u->b->g, loss, CHAIN_NONE, (const ChainId *) (gconstpointer) wrt->data, wrt->len, out,
                   u->objective ? NULL : m->steps, error))
    return FALSE;
  for (guint i = 0; i < wrt->len; i++)
    if (out[i])
      {
        g_array_append_val (grads, out[i]);
        g_array_append_val (u->index, g_array_index (which, guint, i));
        _chain_model_param (m, g_array_index (which, guint, i))->grad = out[i];
      }
  return TRUE;
}

static void
run_optimiser (Update *u, const GArray *grads)
{
  ChainBuild *b = u->b;
  const ChainOptimRow *row = chain_optim_row (b->spec->optimiser.id);
  guint n = u->index->len;
  g_autofree ChainId *params = g_new (ChainId, n + 1), *rates = g_new (ChainId, n + 1);
  g_autofree double *decay = g_new (double, n + 1);
  u->done = g_new0 (gboolean, n + 1);
  enter_update (b);
  ChainId one = chain_const (b->g, 1);
  for (guint i = 0; i < n; i++)
    {
      params[i] = u->now[g_array_index (u->index, guint, i)];
      rates[i] = rate_of (b, trained (u, i));
      decay[i] = decay_of (b, trained (u, i));
    }
  ChainOptimCtx c = { .g = b->g, .n = n, .params = params, .grads = (const ChainId *) (gconstpointer) grads->data, .rates = rates,
                      .decay = decay, .lr = b->m->lr, .step = chain_add (b->g, b->m->step, one), .hyper = { &row->info, &b->spec->optimiser },
                      .hyper_node = ctx_hyper_node, .state = ctx_state, .sized_state = ctx_sized_state,
                      .set_eval = ctx_set_eval, .scalar_state = ctx_scalar_state, .set_next = ctx_set_next,
                      .loss_at = ctx_loss_at, .tell = ctx_tell, .data = u };
  if (n)
    row->build (&c);
  for (guint i = 0; i < n; i++)
    g_assert (u->done[i]);
  g_clear_pointer (&u->done, g_free);
}

static void
detach (Update *u)
{
  enter_update (u->b);
  for (guint i = 0; i < u->b->m->params->len; i++)
    if (may_train (u, _chain_model_param (u->b->m, i)))
      u->now[i] = chain_scale (u->b->g, u->now[i], 1);
}

static gboolean
build_objective (Update *u, ChainId loss, GError **error)
{
  g_autoptr (GArray) grads = g_array_new (FALSE, FALSE, sizeof (ChainId));
  g_autoptr (GArray) index = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) slots = g_hash_table_new (NULL, NULL);
  u->index = index;
  u->slots = slots;
  if (!differentiate (u, loss, grads, error))
    return FALSE;
  ChainModel *m = u->b->m;
  ChainId *ids = (ChainId *) (gpointer) grads->data;
  enter_update (u->b);
  if (grads->len)
    {
      /* in a scope of its own: the guard's squares are then not the update's nodes, and a plan sums them without storing them */
      guint16 before = chain_graph_set_scope (u->b->g, chain_graph_scope (u->b->g, "guard"));
      ChainId sq = sum_of_squares (u->b->g, ids, grads->len);
      m->grad_sq = m->grad_sq ? chain_add (u->b->g, m->grad_sq, sq) : sq;
      chain_graph_set_scope (u->b->g, before);
    }
  clip (u, ids, grads->len);
  run_optimiser (u, grads);
  project (u);
  return TRUE;
}

/* --- all of them --- */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
trains_key (const ChainLossTerm *t)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  for (guint i = 0; i < t->trains->len; i++)
    g_ptr_array_add (sorted, t->trains->pdata[i]);
  g_ptr_array_sort (sorted, compare_names);
  g_ptr_array_add (sorted, NULL);
  return g_strjoinv (",", (char **) sorted->pdata);
}

/* objective[i] of each term; returns how many there are. */
static guint
group_terms (const ChainSpec *spec, guint *objective)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < spec->losses->len; i++)
    {
      char *key = trains_key (spec->losses->pdata[i]);
      guint known = GPOINTER_TO_UINT (g_hash_table_lookup (seen, key));
      objective[i] = known ? known - 1 : g_hash_table_size (seen);
      if (!known)
        g_hash_table_insert (seen, key, GUINT_TO_POINTER (objective[i] + 1));
      else
        g_free (key);
    }
  return g_hash_table_size (seen);
}

static void
add_states (ChainModel *m)
{
  GArray *const tensors[] = { m->params, m->buffers, m->moments };
  for (guint k = 0; k < G_N_ELEMENTS (tensors); k++)
    for (guint i = 0; i < tensors[k]->len; i++)
      {
        const ChainTensorInfo *t = &g_array_index (tensors[k], ChainTensorInfo, i);
        if (t->next != t->leaf && t->next != CHAIN_NONE)
          g_array_append_val (m->states, ((ChainState){ t->leaf, t->next }));
      }
  for (guint i = 0; i < m->scalars->len; i++)
    {
      const ChainScalarInfo *s = &g_array_index (m->scalars, ChainScalarInfo, i);
      if (s->next != s->leaf && s->next != CHAIN_NONE)
        g_array_append_val (m->states, ((ChainState){ s->leaf, s->next }));
    }
}

static void
count_steps (ChainBuild *b)
{
  enter_update (b);
  for (guint i = 0; i < b->m->scalars->len; i++)
    {
      ChainScalarInfo *s = &g_array_index (b->m->scalars, ChainScalarInfo, i);
      if (s->leaf == b->m->step || s->leaf == b->m->seed_step)
        s->next = chain_add (b->g, s->leaf, chain_const (b->g, 1));
    }
}

gboolean
_chain_update_build (ChainBuild *b, const ChainNet *net, GError **error)
{
  ChainModel *m = b->m;
  guint n_terms = b->spec->losses->len, n = m->params->len;
  g_autofree guint *objective = g_new0 (guint, n_terms);
  g_autofree gboolean *mask = g_new0 (gboolean, n_terms);
  g_autofree ChainId *now = g_new0 (ChainId, n + 1);
  guint n_objectives = group_terms (b->spec, objective);
  for (guint i = 0; i < n; i++)
    now[i] = _chain_model_param (m, i)->leaf;
  for (guint j = 0; j < n_objectives; j++)
    {
      Update u = { .b = b, .mask = mask, .objective = j, .now = now };
      for (guint i = 0; i < n_terms; i++)
        mask[i] = objective[i] == j;
      /* The first objective sees the leaves: its network is that of `net` again, node for node, by interning. A later one must not be
       * differentiated through the updates before it, so it gets copies of what it trains that those updates do not read. */
      if (j > 0)
        detach (&u);
      if (!build_objective (&u, objective_loss (&u, now), error))
        return FALSE;
      if (j == 0)
        find_adjoints (b);
    }
  for (guint i = 0; i < n; i++)
    _chain_model_param (m, i)->next = now[i];
  for (guint i = 0; i < m->buffers->len; i++)
    if (net->buffer_next[i])
      g_array_index (m->buffers, ChainTensorInfo, i).next = net->buffer_next[i];
  if (!m->grad_sq)
    m->grad_sq = chain_const (b->g, 0);
  count_steps (b);
  add_states (m);
  return TRUE;
}
