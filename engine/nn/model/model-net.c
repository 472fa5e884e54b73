/* SPDX-License-Identifier: Apache-2.0 */
/* The network as nodes: one kind of layer is one row of the table below, which says what leaves it needs and how its value is built.
 *
 * _chain_net_build() takes the parameters as nodes, not as leaves. The training form, the evaluation form, the look-ahead of Nesterov and
 * the second objective of a pair are therefore the same function called with other ids (ARCHITECTURE 9.7), and interning makes the parts
 * that agree one and the same node. */
#include "engine/nn/model/model-private.h"

#include "engine/nn/model/layers.h"

#include <string.h>

typedef struct
{
  ChainBuild           *b;
  const ChainLayer     *l;
  const ChainLayerInfo *info;
  const ChainRowInfo   *row;
  const ChainId        *in;
  guint                 n_in;
  const ChainId        *params;
  gboolean              train;
  ChainNet             *net;
} Call;

typedef struct
{
  const char *type;
  gboolean    weight, gamma, beta, running;   /* leaves that it may have */
  const char *own;                            /* the tensor that is its own, in place of these: "<layer>.<own>" */
  const char *own_start;                      /* the parameter of the row that is its first value; NULL: it has none */
  double      own_value;                      /* that value unless given */
  ChainId   (*build) (const Call *c);
} Kind;

static double
number (const Call *c, const char *name, double fallback)
{
  return _chain_choice_number (&c->l->params, c->row, name, fallback);
}

static ChainId
param (const Call *c, int index)
{
  return index < 0 ? CHAIN_NONE : c->params[index];
}

static ChainId
build_dense (const Call *c)
{
  return chain_layer_dense (c->b->g, c->in[0], param (c, c->info->weight), param (c, c->info->bias));
}

static ChainId
build_identity (const Call *c)
{
  return c->in[0];
}

/* A dropout layer may have a dropout attached as well: `which` keeps their masks apart. */
static ChainId
dropped (const Call *c, ChainId a, double p, guint32 which)
{
  return c->train ? chain_layer_dropout (c->b->g, a, p, chain_stream_object (c->l->id) + which, c->b->m->seed_step) : a;
}

static ChainId
build_dropout (const Call *c)
{
  return dropped (c, c->in[0], number (c, "p", 0.5), 1);
}

static ChainId
running (const Call *c, int index)
{
  return g_array_index (c->b->m->buffers, ChainTensorInfo, index).leaf;
}

static ChainId
build_batch_norm (const Call *c)
{
  ChainGraph *g = c->b->g;
  ChainId gamma = param (c, c->info->gamma), beta = param (c, c->info->beta);
  ChainId mean = running (c, c->info->mean), var = running (c, c->info->var);
  double eps = number (c, "eps", 1e-5);
  if (!c->train || c->l->frozen)
    return chain_layer_batch_norm_eval (g, c->in[0], gamma, beta, mean, var, eps);
  gboolean biased = g_strcmp0 (c->l->params.variant, "biased") == 0 || number (c, "unbiased", 1) == 0;
  ChainBatchNorm bn = chain_layer_batch_norm_train (g, c->in[0], gamma, beta, mean, var, eps, number (c, "momentum", 0.1), !biased);
  c->net->buffer_next[c->info->mean] = bn.mean_next;
  c->net->buffer_next[c->info->var] = bn.var_next;
  return bn.y;
}

static ChainId
build_layer_norm (const Call *c)
{
  return chain_layer_layer_norm (c->b->g, c->in[0], param (c, c->info->gamma), param (c, c->info->beta), number (c, "eps", 1e-5));
}

static ChainId
build_rms_norm (const Call *c)
{
  return chain_layer_rms_norm (c->b->g, c->in[0], param (c, c->info->gamma), number (c, "eps", 1e-6));
}

static ChainId
build_add (const Call *c)
{
  return chain_layer_add (c->b->g, c->in, c->n_in);
}

static ChainId
build_multiply (const Call *c)
{
  return chain_layer_multiply (c->b->g, c->in, c->n_in);
}

static ChainId
build_concat (const Call *c)
{
  return chain_layer_concat (c->b->g, c->in, c->n_in);
}

static ChainId
build_gaussian_noise (const Call *c)
{
  if (!c->train)
    return c->in[0];
  return chain_layer_gaussian_noise (c->b->g, c->in[0], number (c, "stddev", 0.1), chain_stream_object (c->l->id), c->b->m->seed_step);
}

/* Inputs μ and ln σ² (or ρ with σ = sp (ρ)); the evaluation form is μ (SPEC 3.10). The same numbers as the noise layer would draw. */
static ChainId
build_reparameterised (const Call *c)
{
  ChainGraph *g = c->b->g;
  gboolean softplus = g_strcmp0 (c->l->params.variant, "softplus_std") == 0;
  if (!c->train)
    return c->in[0];
  ChainId epsilon = chain_random (g, CHAIN_RANDOM_NORMAL, CHAIN_STREAM_NOISE, chain_stream_object (c->l->id), c->b->m->seed_step,
                                  chain_graph_node (g, c->in[0])->shape);
  return chain_layer_reparameterise (g, c->in[0], c->in[1], epsilon, softplus);
}

/* Fresh numbers for every row, in the evaluation form too: what a generator starts from. */
static ChainId
build_noise (const Call *c)
{
  ChainGraph *g = c->b->g;
  ChainShape shape = { chain_graph_node (g, c->in[0])->shape.rows, (int32_t) c->info->width };
  gboolean uniform = g_strcmp0 (c->l->params.variant, "uniform") == 0;
  return chain_random (g, uniform ? CHAIN_RANDOM_UNIFORM : CHAIN_RANDOM_NORMAL, CHAIN_STREAM_NOISE, chain_stream_object (c->l->id),
                       c->b->m->seed_step, shape);
}

static ChainId
build_l2_normalise (const Call *c)
{
  return chain_layer_l2_normalise (c->b->g, c->in[0], number (c, "eps", 1e-12));
}

static ChainId
build_glu (const Call *c)
{
  return chain_layer_glu (c->b->g, c->in[0]);
}

static ChainId
build_maxout (const Call *c)
{
  return chain_layer_maxout (c->b->g, c->in[0], (int32_t) number (c, "pieces", 2));
}

static ChainId
build_prelu (const Call *c)
{
  return chain_layer_prelu (c->b->g, c->in[0], param (c, c->info->slope));
}

static ChainId
build_swish (const Call *c)
{
  return chain_layer_swish (c->b->g, c->in[0], param (c, c->info->slope));
}

static ChainId
build_scalar_bias (const Call *c)
{
  return chain_layer_shift (c->b->g, c->in[0], param (c, c->info->slope));
}

static ChainId
build_scalar_scale (const Call *c)
{
  return chain_layer_scale (c->b->g, c->in[0], param (c, c->info->slope));
}

static ChainId
draw (const Call *c, ChainShape shape)
{
  return chain_random (c->b->g, CHAIN_RANDOM_UNIFORM, CHAIN_STREAM_NOISE, chain_stream_object (c->l->id), c->b->m->seed_step, shape);
}

/* A place between two samples, another one for each row and step; the evaluation form is the middle. */
static ChainId
build_interpolate (const Call *c)
{
  ChainGraph *g = c->b->g;
  ChainShape column = { chain_graph_node (g, c->in[0])->shape.rows, 1 };
  return chain_layer_interpolate (g, c->in[0], c->in[1], c->train ? draw (c, column) : chain_full (g, column, 0.5));
}

/* U is kept off 0 and 1, whose logarithms of logarithms are infinite. */
static ChainId
build_gumbel_softmax (const Call *c)
{
  ChainGraph *g = c->b->g;
  double t = number (c, "temperature", 1);
  if (!c->train)
    return chain_layer_gumbel_softmax (g, c->in[0], CHAIN_NONE, t);
  ChainId u = chain_clamp (g, draw (c, chain_graph_node (g, c->in[0])->shape), 0x1p-30, 1 - 0x1p-24);
  ChainId gumbel = chain_neg (g, chain_log (g, chain_neg (g, chain_log (g, u))));
  return chain_layer_gumbel_softmax (g, c->in[0], gumbel, t);
}

static const Kind kinds[] = {
  { .type = "dense", .weight = TRUE, .build = build_dense },
  { .type = "activation", .build = build_identity },   /* its activation is the attached one */
  { .type = "identity", .build = build_identity },
  { .type = "dropout", .build = build_dropout },
  { .type = "batch_norm", .gamma = TRUE, .beta = TRUE, .running = TRUE, .build = build_batch_norm },
  { .type = "layer_norm", .gamma = TRUE, .beta = TRUE, .build = build_layer_norm },
  { .type = "rms_norm", .gamma = TRUE, .build = build_rms_norm },
  { .type = "add", .build = build_add },
  { .type = "multiply", .build = build_multiply },
  { .type = "concat", .build = build_concat },
  { .type = "gaussian_noise", .build = build_gaussian_noise },
  { .type = "noise", .build = build_noise },
  { .type = "reparameterised_gaussian", .build = build_reparameterised },
  { .type = "l2_normalise", .build = build_l2_normalise },
  { .type = "glu", .build = build_glu },
  { .type = "maxout", .build = build_maxout },
  { .type = "prelu", .own = "a", .own_start = "slope", .own_value = 0.25, .build = build_prelu },
  { .type = "swish", .own = "beta", .own_start = "beta", .own_value = 1, .build = build_swish },
  { .type = "scalar_bias", .own = "bias", .build = build_scalar_bias },
  { .type = "scalar_scale", .own = "scale", .own_value = 1, .build = build_scalar_scale },
  { .type = "interpolate", .build = build_interpolate },
  { .type = "gumbel_softmax", .build = build_gumbel_softmax },
};

static const Kind *
find_kind (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].type, type))
      return &kinds[i];
  return NULL;
}

/* --- leaves --- */
static int
add_tensor (ChainBuild *b, const char *layer, const char *part, ChainParamKind kind, guint rows, guint cols, double start)
{
  gboolean buffer = kind == CHAIN_PARAM_BUFFER;
  GArray *to = buffer ? b->m->buffers : b->m->params;
  ChainTensorInfo t = { .name = g_strdup_printf ("%s.%s", layer, part), .layer = g_strdup (layer), .kind = kind, .rows = rows,
                        .cols = cols, .start = start };
  t.leaf = chain_leaf (b->g, buffer ? CHAIN_LEAF_STATE : CHAIN_LEAF_PARAM, t.name, chain_shape ((int32_t) rows, (int32_t) cols));
  t.next = t.eval = t.leaf;
  g_array_append_val (to, t);
  return (int) to->len - 1;
}

gboolean
_chain_net_declare (ChainBuild *b, guint layer, GError **error)
{
  const ChainLayer *l = b->spec->layers->pdata[layer];
  const Kind *kind = find_kind (l->type);
  ChainLayerInfo *info = &g_array_index (b->m->layers, ChainLayerInfo, layer);
  const ChainRowInfo *row = &chain_layer_row (l->type)->info;
  if (!kind)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "Layer “%s”: layers of type “%s” cannot be trained here.", l->id, l->type);
      return FALSE;
    }
  if (l->weights_of)
    {
      const ChainLayerInfo *of = &g_array_index (b->m->layers, ChainLayerInfo, chain_spec_layer_index (b->spec, l->weights_of));
      info->weight = of->weight;
      info->bias = of->bias;
      info->gamma = of->gamma;
      info->beta = of->beta;
      info->slope = of->slope;
      return TRUE;
    }
  guint16 before = chain_graph_set_scope (b->g, chain_graph_scope (b->g, l->id));
  guint fan_in = chain_spec_layer_width (b->spec, l->inputs->pdata[0], b->m->d), width = info->width;
  if (kind->weight)
    info->weight = add_tensor (b, l->id, "weight", CHAIN_PARAM_WEIGHT, width, fan_in, 0);
  if (kind->weight && _chain_choice_number (&l->params, row, "bias", 1) != 0)
    info->bias = add_tensor (b, l->id, "bias", CHAIN_PARAM_BIAS, 1, width, 0);
  gboolean affine = _chain_choice_number (&l->params, row, "affine", 1) != 0;
  if (kind->gamma && affine)
    info->gamma = add_tensor (b, l->id, "gamma", CHAIN_PARAM_GAMMA, 1, width, 1);
  if (kind->beta && affine)
    info->beta = add_tensor (b, l->id, "beta", CHAIN_PARAM_BETA, 1, width, 0);
  if (kind->own)
    info->slope = add_tensor (b, l->id, kind->own, CHAIN_PARAM_SLOPE, 1, g_strcmp0 (l->params.variant, "channelwise") == 0 ? width : 1,
                              kind->own_start ? _chain_choice_number (&l->params, row, kind->own_start, kind->own_value) : kind->own_value);
  if (kind->running)
    {
      info->mean = add_tensor (b, l->id, "running_mean", CHAIN_PARAM_BUFFER, 1, width, 0);
      info->var = add_tensor (b, l->id, "running_var", CHAIN_PARAM_BUFFER, 1, width, 1);
    }
  chain_graph_set_scope (b->g, before);
  return TRUE;
}

/* --- forward --- */
static ChainId
column_source (ChainBuild *b, const char *name)
{
  guint at = 0;
  for (guint j = 0; j < b->prep->targets->len; j++)
    if (g_str_equal (((const ChainPrepColumn *) b->prep->targets->pdata[j])->column, name))
      return b->m->k == 1 ? b->m->t : chain_slice (b->g, b->m->t, 1, (int32_t) j, 1);
  for (guint j = 0; j < b->prep->inputs->len; j++)
    {
      const ChainPrepColumn *c = b->prep->inputs->pdata[j];
      guint width = c->labels ? c->labels->len : 1;
      if (g_str_equal (c->column, name))
        return chain_slice (b->g, b->m->x, 1, (int32_t) at, (int32_t) width);
      at += width;
    }
  return CHAIN_NONE;
}

ChainId
_chain_net_source (ChainBuild *b, const ChainNet *net, const char *name)
{
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (b->layer_at, name));
  if (at)
    return net->out[at - 1];
  for (guint i = 0; i < b->spec->inputs->len; i++)
    if (g_str_equal (((const ChainInput *) b->spec->inputs->pdata[i])->name, name))
      return b->blocks[i];
  if (g_str_equal (name, "x"))
    return b->m->x;
  return g_str_equal (name, "t") ? b->m->t : column_source (b, name);
}

static ChainId
activated (const Call *c, ChainId z)
{
  if (!c->l->activation.id)
    return z;
  const ChainActivationRow *row = chain_activation_row (c->l->activation.id);
  ChainParams params = { &row->info, &c->l->activation };
  return row->build (c->b->g, z, &params);
}

/* 1 x n in as many pieces as neighbours differ. */
static ChainId
on_row (ChainGraph *g, const ChainLayer *l, guint width)
{
  ChainId row = CHAIN_NONE;
  for (guint i = 0, end; i < width; i = end)
    {
      gboolean off = chain_layer_is_off (l, i);
      for (end = i + 1; end < width && chain_layer_is_off (l, end) == off;)
        end++;
      ChainId piece = chain_full (g, chain_shape (1, (int32_t) (end - i)), off ? 0 : 1);
      row = row == CHAIN_NONE ? piece : chain_concat (g, row, piece, 1);
    }
  return row;
}

/* A unit that is off passes an exact 0 on, also where its own value is not finite, and its cotangent is 0 as well: a choice, not a product. */
static ChainId
switched (const Call *c, ChainId a)
{
  ChainGraph *g = c->b->g;
  guint n_off = 0;
  for (guint i = 0; i < c->l->unit_ids->len; i++)
    n_off += chain_layer_is_off (c->l, i);
  if (n_off == 0)
    return a;
  ChainShape shape = chain_graph_node (g, a)->shape;
  if (n_off == c->l->unit_ids->len)
    return chain_zeros_like (g, a);
  return chain_where (g, chain_broadcast (g, on_row (g, c->l, c->info->width), shape), a, chain_zeros_like (g, a));
}

static void
build_layer (ChainBuild *b, guint i, const ChainId *params, gboolean train, ChainNet *net)
{
  const ChainLayer *l = b->spec->layers->pdata[i];
  g_autofree ChainId *in = g_new (ChainId, l->inputs->len);
  for (guint k = 0; k < l->inputs->len; k++)
    in[k] = _chain_net_source (b, net, l->inputs->pdata[k]);
  chain_graph_set_scope (b->g, chain_graph_scope (b->g, l->id));
  chain_graph_set_role (b->g, CHAIN_ROLE_FORWARD, 0, CHAIN_NONE);
  Call c = { b, l, &g_array_index (b->m->layers, ChainLayerInfo, i), &chain_layer_row (l->type)->info, in, l->inputs->len, params,
             train, net };
  net->pre[i] = find_kind (l->type)->build (&c);
  net->act[i] = activated (&c, net->pre[i]);
  net->out[i] = switched (&c, dropped (&c, net->act[i], l->dropout, 0));
}

void
_chain_net_build (ChainBuild *b, const ChainId *params, gboolean train, ChainNet *net)
{
  guint n = b->spec->layers->len;
  guint16 before = chain_graph_set_scope (b->g, 0);
  *net = (ChainNet){ g_new0 (ChainId, n), g_new0 (ChainId, n), g_new0 (ChainId, n), g_new0 (ChainId, b->m->buffers->len + 1) };
  for (guint i = 0; i < n; i++)
    build_layer (b, i, params, train, net);
  chain_graph_set_scope (b->g, before);
}

void
_chain_net_clear (ChainNet *net)
{
  g_clear_pointer (&net->pre, g_free);
  g_clear_pointer (&net->act, g_free);
  g_clear_pointer (&net->out, g_free);
  g_clear_pointer (&net->buffer_next, g_free);
}
