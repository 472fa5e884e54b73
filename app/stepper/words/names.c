/* SPDX-License-Identifier: Apache-2.0 */
/* What values are called. In a network of a dozen parameters everything is numbered through as on a blackboard: w₁, b₁, z₁, h; in a larger one a
 * value has the number of its unit below and of its layer above: z₂⁽¹⁾, h₂⁽¹⁾, w₂₁⁽¹⁾. A matrix has a capital letter.
 *
 * z is what comes before an activation, h what a layer hands on, s what the last one does, L the loss. */
#include "app/stepper/private.h"

#include "engine/base/number.h"

#include <math.h>
#include <string.h>

#define TINY 12

struct _ChainNames
{
  const ChainTrace *t;
  gboolean          tiny;
  guint            *unit0;        /* of each layer: units in dense layers before it */
  guint            *weight0;      /* of each layer: weights before it */
  guint             n_hidden;
  int               last;         /* layer that the loss looks at; −1 */
  GHashTable       *tensors;      /* leaf -> ChainTensorInfo* */
  GHashTable       *others;       /* entry -> number, for values without a name of their own */
};

static const char *const letters[] = { "h", "p", "q", "u", "v", "r" };

static const ChainLayerInfo *
layer_at (const ChainNames *n, guint i)
{
  return &g_array_index (n->t->model->layers, ChainLayerInfo, i);
}

static gboolean
is_tiny (const ChainNames *n)
{
  const ChainModel *m = n->t->model;
  guint hidden = 0;

  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayer *l = g_ptr_array_index (m->spec->layers, i);

      if (strcmp (l->type, "dense") != 0 || l->weights_of != NULL)
        return FALSE;
      hidden += (int) i != n->last ? layer_at (n, i)->width : 0;
    }
  return chain_model_n_params (m) <= TINY && hidden <= G_N_ELEMENTS (letters) && n->last == (int) m->layers->len - 1;
}

static void
index_tensors (ChainNames *n)
{
  GArray *const sets[] = { n->t->model->params, n->t->model->buffers, n->t->model->moments };

  for (guint k = 0; k < G_N_ELEMENTS (sets); k++)
    for (guint i = 0; i < sets[k]->len; i++)
      {
        ChainTensorInfo *info = &g_array_index (sets[k], ChainTensorInfo, i);

        g_hash_table_insert (n->tensors, GUINT_TO_POINTER (info->leaf), info);
      }
}

ChainNames *
_chain_names_new (const ChainTrace *t, const ChainDiagram *d)
{
  ChainNames *n = g_new0 (ChainNames, 1);
  const ChainModel *m = t->model;
  guint units = 0, weights = 0;

  n->t = t;
  n->tensors = g_hash_table_new (NULL, NULL);
  n->others = g_hash_table_ref (d->p->numbered);
  n->last = m->spec->outputs->len > 0 ? chain_spec_layer_index (m->spec, g_ptr_array_index (m->spec->outputs, 0)) : (int) m->layers->len - 1;
  n->unit0 = g_new0 (guint, m->layers->len + 1);
  n->weight0 = g_new0 (guint, m->layers->len + 1);
  index_tensors (n);
  n->tiny = is_tiny (n);
  for (guint i = 0; i < m->layers->len; i++)
    {
      const ChainLayerInfo *l = layer_at (n, i);

      n->unit0[i] = units;
      n->weight0[i] = weights;
      units += l->width;
      if (l->weight >= 0)
        weights += g_array_index (m->params, ChainTensorInfo, l->weight).rows * g_array_index (m->params, ChainTensorInfo, l->weight).cols;
    }
  return n;
}

void
_chain_names_free (ChainNames *n)
{
  g_hash_table_unref (n->tensors);
  g_hash_table_unref (n->others);
  g_free (n->unit0);
  g_free (n->weight0);
  g_free (n);
}

/* --- parts --- */
static ChainMaths *
digits (gint64 v)
{
  g_autofree char *text = g_strdup_printf ("%d", (int) v);

  return chain_maths_number (text);
}

static ChainMaths *
below (const char *letter, gint64 index)
{
  return index < 0 ? chain_maths_symbol (letter) : chain_maths_script (chain_maths_symbol (letter), digits (index), NULL);
}

/* letter, index below, (layer) above. */
static ChainMaths *
of_layer (ChainMaths *letter, guint layer, gint64 row, gint64 col)
{
  ChainMaths *sub = row < 0 && col < 0 ? NULL : row < 0 ? digits (col + 1) : col < 0 ? digits (row + 1)
                    : chain_maths_row (digits (row + 1), chain_maths_symbol (row > 8 || col > 8 ? "," : "\u2009"), digits (col + 1), NULL);

  return chain_maths_script (letter, sub, chain_maths_fence ("(", digits ((gint64) layer + 1), ")"));
}

static int
layer_of_tensor (const ChainNames *n, const ChainTensorInfo *info)
{
  return chain_spec_layer_index (n->t->model->spec, info->layer);
}

static ChainMaths *
named (const char *scalar, const char *matrix, gboolean all)
{
  return chain_maths_symbol (all ? matrix : scalar);
}

static ChainMaths *
tensor_name (const ChainNames *n, const ChainTensorInfo *info, gint64 row, gint64 col)
{
  int layer = layer_of_tensor (n, info);
  gboolean all = row < 0 || col < 0;
  const char *dot = strrchr (info->name, '.');

  switch (info->kind)
    {
    case CHAIN_PARAM_WEIGHT:
      if (n->tiny && !all)
        return below ("w", n->weight0[layer] + row * info->cols + col + 1);
      return of_layer (named ("w", "W", row < 0), (guint) layer, row, row < 0 ? -1 : col);
    case CHAIN_PARAM_BIAS:
      if (n->tiny && !all)
        return below ("b", n->unit0[layer] + col + 1);
      return of_layer (chain_maths_symbol ("b"), (guint) layer, -1, col);
    case CHAIN_PARAM_GAMMA:
      return of_layer (chain_maths_symbol ("γ"), (guint) layer, -1, col);
    case CHAIN_PARAM_BETA:
      return of_layer (chain_maths_symbol ("β"), (guint) layer, -1, col);
    case CHAIN_PARAM_SLOPE:
      return of_layer (chain_maths_symbol (strcmp (dot != NULL ? dot + 1 : "", "beta") == 0 ? "β" : strcmp (dot != NULL ? dot + 1 : "", "bias") == 0 ? "b"
                                           : strcmp (dot != NULL ? dot + 1 : "", "scale") == 0 ? "c" : "a"), (guint) layer, -1, info->cols > 1 ? col : -1);
    case CHAIN_PARAM_BUFFER:
    case CHAIN_PARAM_MOMENT:
    default:
      return of_layer (chain_maths_word (dot != NULL ? dot + 1 : info->name), (guint) MAX (layer, 0), -1, col);
    }
}

/* The layer whose value the node is, and which; −1: of none. */
static int
layer_of_value (const ChainNames *n, ChainId node, gboolean *pre, gboolean *dropped)
{
  for (guint i = 0; i < n->t->model->layers->len; i++)
    {
      const ChainLayerInfo *l = layer_at (n, i);

      *pre = node == l->pre && l->pre != l->act;
      *dropped = node == l->out && l->out != l->act;
      if (*pre || node == l->act || node == l->out)
        return (int) i;
    }
  return -1;
}

static ChainMaths *
value_name (const ChainNames *n, guint layer, gboolean pre, gboolean dropped, gint64 col)
{
  const ChainLayerInfo *l = layer_at (n, layer);
  gboolean last = (int) layer == n->last, linear = l->pre == l->act;
  const char *letter = last ? (pre || linear ? "s" : "y") : pre ? "z" : "h";
  ChainMaths *base;

  if (last)
    return below (letter, l->width > 1 && col >= 0 ? col + 1 : -1);
  if (n->tiny && col >= 0)
    return pre ? below ("z", n->unit0[layer] + col + 1) : chain_maths_symbol (letters[n->unit0[layer] + (guint) col]);
  base = col < 0 ? chain_maths_symbol (pre ? "Z" : "H") : chain_maths_symbol (letter);
  return of_layer (dropped ? chain_maths_accent (CHAIN_ACCENT_TILDE, base) : base, layer, -1, col);
}

static ChainMaths *
input_name (const ChainNames *n, const char *letter, guint width, gint64 col)
{
  return below (letter, width > 1 && col >= 0 ? col + 1 : -1);
}

static ChainMaths *
other_name (ChainNames *n, ChainId node, gint64 row, gint64 col, gint64 term)
{
  char *key = g_strdup_printf ("%u:%d:%d:%d", node, (int) row, (int) col, (int) term);
  guint i = GPOINTER_TO_UINT (g_hash_table_lookup (n->others, key));

  if (i == 0)
    {
      i = g_hash_table_size (n->others) + 1;
      g_hash_table_insert (n->others, key, GUINT_TO_POINTER (i));
    }
  else
    g_free (key);
  return below (row < 0 ? "V" : "v", i);
}

/* m₄ is the product that w₄ is in. */
static ChainMaths *
product_name (ChainNames *n, ChainId node, gint64 row, gint64 col, gint64 term)
{
  const ChainNode *v = _chain_trace_node (n->t, node);
  const ChainTensorInfo *w = g_hash_table_lookup (n->tensors, GUINT_TO_POINTER (v->in[1]));
  int layer = w != NULL && w->kind == CHAIN_PARAM_WEIGHT ? layer_of_tensor (n, w) : -1;

  if (layer < 0)
    return other_name (n, node, row, col, term);
  if (n->tiny)
    return below ("m", n->weight0[layer] + col * w->cols + term + 1);
  return of_layer (chain_maths_symbol ("m"), (guint) layer, col, term);
}

static ChainMaths *
constant_name (const ChainNames *n, ChainId node, gint64 row, gint64 col)
{
  double v = chain_trace_at (n->t, node, MAX (row, 0), MAX (col, 0));

  return _chain_number (v);
}

ChainMaths *
_chain_name (ChainNames *n, ChainId node, gint64 row, gint64 col, gint64 term)
{
  const ChainTrace *t = n->t;
  const ChainNode *v = _chain_trace_node (t, node);
  const ChainTensorInfo *info = g_hash_table_lookup (n->tensors, GUINT_TO_POINTER (node));
  gboolean pre, dropped;
  int layer;

  if (node == t->loss)
    return chain_maths_symbol ("L");
  if (info != NULL)
    return tensor_name (n, info, row, col);
  if (node == t->model->x || node == t->model->t)
    return input_name (n, node == t->model->x ? "x" : "t", node == t->model->x ? t->model->d : t->model->k, col);
  if (v->op == CHAIN_OP_LEAF && v->arg.i[0] == CHAIN_LEAF_ROWS)
    return chain_maths_symbol ("B");
  if (v->op == CHAIN_OP_CONST || (v->host && t->value[node] != NULL))
    return constant_name (n, node, row, col);
  layer = term >= 0 ? -1 : layer_of_value (n, node, &pre, &dropped);
  if (layer < 0 && v->op == CHAIN_OP_MATMUL && row >= 0)
    return product_name (n, node, row, col, MAX (term, 0));
  return layer >= 0 ? value_name (n, (guint) layer, pre, dropped, col) : other_name (n, node, row, col, term);
}

ChainMaths *
_chain_entry_name (const ChainTrace *t, const ChainDiagram *d, ChainId node, gint64 row, gint64 col)
{
  ChainNames *names = _chain_names_new (t, d);
  ChainMaths *m = _chain_name (names, node, row, col, -1);

  _chain_names_free (names);
  return m;
}

/* --- the loss --- */
const char *
_chain_loss_symbol (const ChainTrace *t)
{
  static const struct { const char *part, *symbol; } known[] = {
    { "smooth_l1", "SL1" }, { "bce", "BCE" }, { "sample_weighted", "MSE" }, { "ce", "CE" }, { "cross_entropy", "CE" }, { "mse", "MSE" }, { "l1", "L1" },
    { "huber", "Huber" }, { "focal", "FL" }, { "hinge", "hinge" }, { "nll", "NLL" }, { "kl", "KL" }, { "dice", "Dice" }, { "cosine", "cos" },
    { "quantile", "QL" }, { "log_cosh", "lncosh" },
  };
  const ChainSpec *spec = t->model->spec;
  const char *id = spec->losses->len == 1 ? ((const ChainLossTerm *) g_ptr_array_index (spec->losses, 0))->choice.id : NULL;

  for (guint i = 0; id != NULL && i < G_N_ELEMENTS (known); i++)
    {
      const char *at = strstr (id, known[i].part);
      gsize n = strlen (known[i].part);

      if (at != NULL && (at == id || at[-1] == '_') && (at[n] == '\0' || at[n] == '_'))
        return known[i].symbol;
    }
  return "ℓ";
}

/* --- numbers --- */
static ChainMaths *
signed_number (char *text)
{
  g_autofree char *out = text[0] == '-' ? g_strconcat ("−", text + 1, NULL) : g_strdup (text);

  return chain_maths_number (out);
}

ChainMaths *
_chain_number (double v)
{
  char buf[CHAIN_NUMBER_SIZE], *e;
  gsize n;

  if (isnan (v))
    return chain_maths_word ("NaN");
  if (isinf (v))
    return chain_maths_number (v < 0 ? "−∞" : "∞");
  if (v == 0)
    return chain_maths_number ("0");
  if (v == floor (v) && fabs (v) < 1e6)
    {
      chain_number_write_fixed (buf, v, 0);
      return signed_number (buf);
    }
  if (fabs (v) >= 0.001 && fabs (v) < 100000)
    {
      chain_number_write_fixed (buf, v, 4);
      for (n = strlen (buf); buf[n - 1] == '0' && buf[n - 3] != '.'; n--)
        buf[n - 1] = '\0';
      return signed_number (buf);
    }
  chain_number_write_digits (buf, v, 3);
  e = strchr (buf, 'e');
  if (e == NULL)
    return signed_number (buf);
  *e = '\0';
  {
    gint64 power = g_ascii_strtoll (e + 1, NULL, 10);
    g_autofree char *text = g_strdup_printf ("%s%d", power < 0 ? "−" : "", (int) ABS (power));

    return chain_maths_row (signed_number (buf), chain_maths_sign ("×"), chain_maths_script (chain_maths_number ("10"), NULL, chain_maths_number (text)), NULL);
  }
}
