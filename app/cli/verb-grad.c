/* SPDX-License-Identifier: Apache-2.0 */
/* grad: gradients (and Hessian-vector products) of the training loss on chosen rows, as tensors in a file. Nothing is updated. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "engine/base/number.h"

typedef struct { char *weights, *rows, *out, *hvp; CliOverrides over; } Grad;

/* "A..B": rows A to B - 1. */
static gboolean
parse_rows (const char *text, guint n, guint *first, guint *last, GError **error)
{
  g_auto (GStrv) part = g_strsplit (text, "..", 3);
  gint64 a, b;

  if (g_strv_length (part) != 2 || !chain_number_parse_int (part[0], -1, 0, G_MAXUINT32, &a)
      || !chain_number_parse_int (part[1], -1, 0, G_MAXUINT32, &b) || a >= b || b > n)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_BAD_VALUE, _ ("--rows %s: give A..B with 0 ≤ A < B ≤ %u, the number of training rows"), text, n);
      return FALSE;
    }
  *first = (guint) a;
  *last = (guint) b;
  return TRUE;
}

/* Appends sum_i <grad_i, v_i> and its gradient: out[i] = (H v)_i. v[i] are leaves to be written. */
static gboolean
add_hvp (ChainModel *m, ChainId *v, ChainId *out, GError **error)
{
  ChainGraph *g = m->graph;
  guint n = m->params->len;
  g_autofree ChainId *wrt = g_new (ChainId, n);
  ChainId dot = CHAIN_NONE;

  for (guint i = 0; i < n; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);
      g_autofree char *name = g_strdup_printf ("v.%s", p->name);
      wrt[i] = p->leaf;
      v[i] = chain_leaf (g, CHAIN_LEAF_DATA, name, chain_shape ((int32_t) p->rows, (int32_t) p->cols));
      if (p->grad == CHAIN_NONE)
        continue;
      ChainId term = chain_sum_all (g, chain_mul (g, p->grad, v[i]));
      dot = dot == CHAIN_NONE ? term : chain_add (g, dot, term);
    }
  if (dot == CHAIN_NONE)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _ ("No parameter of this network has a gradient"));
      return FALSE;
    }
  return chain_grad (g, dot, CHAIN_NONE, wrt, n, out, NULL, error);
}

static gboolean
write_vector (const ChainModel *m, ChainExec *x, const ChainId *v, const ChainDocumentFile *file, GError **error)
{
  for (guint i = 0; i < m->params->len; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);
      const ChainTensor *t = chain_document_file_find (file, p->name);
      gsize n = (gsize) p->rows * p->cols;
      if (t == NULL || chain_tensor_size (t) != n)
        {
          g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SHAPE, _ ("The vector has no tensor “%s” of %u × %u numbers"), p->name, p->rows, p->cols);
          return FALSE;
        }
      g_autoptr (ChainTensor) wide = chain_tensor_copy (t, CHAIN_F64);
      if (!chain_exec_write (x, v[i], 1, wide->data, n, error))
        return FALSE;
    }
  return TRUE;
}

static void
bind_rows (const ChainModel *m, ChainExec *x, const ChainDataset *d, guint first, guint last)
{
  guint b = last - first;

  chain_exec_write (x, m->x, b, d->x + (gsize) first * d->d, (gsize) b * d->d, NULL);
  chain_exec_write (x, m->t, b, d->t + (gsize) first * d->k, (gsize) b * d->k, NULL);
}

/* The value of a node as a tensor in the file; zeros where there is none. */
static void
add_tensor (ChainTensorFile *file, const char *prefix, const ChainTensorInfo *p, ChainExec *x, ChainProgram program, guint b, ChainId node)
{
  g_autoptr (ChainTensor) t = chain_tensor_new (chain_exec_dtype (x), p->rows, p->cols);
  g_autofree double *value = g_new0 (double, (gsize) p->rows * p->cols);
  g_autofree char *name = g_strconcat (prefix, p->name, NULL);

  if (node != CHAIN_NONE)
    chain_exec_read (x, program, b, node, value, (gsize) p->rows * p->cols);
  for (gsize i = 0; i < (gsize) p->rows * p->cols; i++)
    chain_tensor_set (t, i, value[i]);
  t->rank = p->kind == CHAIN_PARAM_WEIGHT ? 2 : 1;
  chain_tensor_file_add (file, name, t);
}

static gboolean
copy_weights (const ChainModel *m, ChainExec *x, ChainTrainer *t)
{
  const ChainModel *from = chain_trainer_model (t);
  const GArray *sets[] = { from->params, from->buffers };

  for (guint k = 0; k < 2; k++)
    for (guint i = 0; i < sets[k]->len; i++)
      {
        const ChainTensorInfo *p = &g_array_index (sets[k], ChainTensorInfo, i);
        const ChainTensorInfo *q = chain_model_tensor (m, p->name);
        gsize n = (gsize) p->rows * p->cols;
        g_autofree double *value = g_new (double, n);
        if (q == NULL || !chain_exec_read_leaf (chain_trainer_exec (t), p->leaf, value, n) || !chain_exec_write (x, q->leaf, 1, value, n, NULL))
          return FALSE;
      }
  return TRUE;
}

static gboolean
run (const Grad *r, const CliDocument *doc, ChainTrainer *t, GError **error)
{
  g_autoptr (ChainModel) m = chain_model_new_open (doc->spec, doc->data->prep, error);
  g_autoptr (ChainDocumentFile) vector = NULL;
  g_autoptr (ChainTensorFile) file = chain_tensor_file_new ();
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (ChainId));
  guint first, last, n;
  char loss[CHAIN_NUMBER_SIZE];

  if (m == NULL || !parse_rows (r->rows, doc->data->n_train, &first, &last, error))
    return FALSE;
  n = m->params->len;
  g_autofree ChainId *v = g_new0 (ChainId, n), *hv = g_new0 (ChainId, n);
  if (r->hvp != NULL && ((vector = chain_document_file_load (r->hvp, NULL, error)) == NULL || !add_hvp (m, v, hv, error)))
    return FALSE;
  chain_graph_seal (m->graph);

  g_array_append_val (outputs, m->loss_train);
  for (guint i = 0; i < n; i++)
    {
      const ChainTensorInfo *p = &g_array_index (m->params, ChainTensorInfo, i);
      if (p->grad != CHAIN_NONE)
        g_array_append_val (outputs, p->grad);
      if (hv[i] != CHAIN_NONE)
        g_array_append_val (outputs, hv[i]);
    }
  ChainExec *x = chain_exec_new (m->graph, doc->spec->precision, error);
  gboolean good = x != NULL && chain_model_init (m, x, doc->spec->seed, error) && copy_weights (m, x, t);
  if (good && vector != NULL)
    good = write_vector (m, x, v, vector, error);
  if (good)
    {
      bind_rows (m, x, doc->data, first, last);
      ChainProgram p = chain_exec_program (x, (const ChainId *) (gpointer) outputs->data, outputs->len, NULL, 0, CHAIN_PLAN_DEFAULT);
      good = chain_exec_run (x, p, last - first, error);
      for (guint i = 0; good && i < n; i++)
        {
          const ChainTensorInfo *info = &g_array_index (m->params, ChainTensorInfo, i);
          add_tensor (file, "", info, x, p, last - first, info->grad);
          if (vector != NULL)
            add_tensor (file, "hvp.", info, x, p, last - first, hv[i]);
        }
      if (good)
        good = chain_tensor_file_save (file, r->out, NULL, NULL, error);
      if (good)
        {
          double value = chain_exec_read_one (x, p, last - first, m->loss_train);
          printf ("{\"loss\":%s}\n", isfinite (value) ? chain_number_write (loss, value) : "null");
        }
    }
  g_clear_pointer (&x, chain_exec_free);
  return good;
}

int
verb_grad (int argc, char **argv)
{
  Grad r = { 0 };
  const GOptionEntry entries[] = {
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &r.weights, N_ ("Weights (.safetensors or .chainrule)"), "W" },
    { "rows", 0, 0, G_OPTION_ARG_STRING, &r.rows, N_ ("Training rows A to B−1, in their order before shuffling"), "A..B" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &r.out, N_ ("Gradients, named as the parameters"), "G.safetensors" },
    { "hvp", 0, 0, G_OPTION_ARG_FILENAME, &r.hvp, N_ ("Also write the Hessian times this vector, as hvp.<parameter>"), "V.safetensors" },
    CLI_OVERRIDE_ENTRIES (r.over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (cli_parse ("grad", entries, argc, argv, 1, 1, &rest, &status))
    {
      if (r.rows == NULL || r.out == NULL || (r.weights == NULL && !g_str_has_suffix (rest[0], ".chainrule")))
        status = cli_usage ("grad", _ ("--weights, --rows and --out are needed"));
      else
        {
          CliDocument doc;
          GError *error = NULL;
          ChainTrainer *t = NULL;
          gboolean good = cli_load (rest[0], &r.over, &doc, &error) && (t = cli_trainer (&doc, r.weights, FALSE, &error)) != NULL
                          && run (&r, &doc, t, &error);
          g_clear_pointer (&t, chain_trainer_free);
          cli_clear (&doc);
          status = good ? CHAIN_EXIT_OK : cli_bad (error);
        }
    }
  char *texts[] = { r.weights, r.rows, r.out, r.hvp, r.over.split, r.over.precision, r.over.seed };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (r.over.set);
  g_strfreev (r.over.target);
  return status;
}
