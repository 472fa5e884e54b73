/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot is up to 2 MiB, most of it weights and fields of units; a ghost keeps the views of the series, which share their blocks with the
 * trainer, and one field. */
#include "app/train/ghost.h"

#include <string.h>

ChainGhost *
chain_ghost_new (const ChainSnapshot *s, guint entry, guint runs)
{
  ChainGhost *g = g_new0 (ChainGhost, 1);
  gsize points = s->axis_x == s->axis_y ? s->out_res : (gsize) s->out_res * s->out_res;

  *g = (ChainGhost){ .ref_count = 1, .entry = entry, .runs = runs, .segment = s->segment, .step = s->step, .epoch = s->epoch, .loss = s->loss, .has_metrics = s->has_metrics,
                     .train = s->train, .test = s->test, .axis_x = s->axis_x, .axis_y = s->axis_y, .out_width = s->out_width, .out_res = s->out_res,
                     .x0 = s->x0, .x1 = s->x1, .y0 = s->y0, .y1 = s->y1 };
  g->spec = chain_spec_ref (s->spec);
  g->data = s->data != NULL ? chain_dataset_ref (s->data) : NULL;
  g->output = s->output != NULL ? g_memdup2 (s->output, points * s->out_width * sizeof (float)) : NULL;
  g->train_loss = s->train_loss != NULL ? chain_series_view_ref (s->train_loss) : NULL;
  g->eval_train = s->eval_train != NULL ? chain_series_view_ref (s->eval_train) : NULL;
  g->eval_test = s->eval_test != NULL ? chain_series_view_ref (s->eval_test) : NULL;
  return g;
}

ChainGhost *
chain_ghost_ref (ChainGhost *g)
{
  g_atomic_int_inc (&g->ref_count);
  return g;
}

void
chain_ghost_unref (ChainGhost *g)
{
  if (g == NULL || !g_atomic_int_dec_and_test (&g->ref_count))
    return;
  chain_spec_unref (g->spec);
  g_clear_pointer (&g->data, chain_dataset_unref);
  g_free (g->output);
  chain_series_view_unref (g->train_loss);
  chain_series_view_unref (g->eval_train);
  chain_series_view_unref (g->eval_test);
  g_free (g);
}

/* Typed inputs make another data set of the same rows: curves and planes are those of one task all the same. A few rows tell. */
static gboolean
same_rows (const ChainDataset *a, const ChainDataset *b)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL || a->n != b->n || a->n_train != b->n_train || a->k != b->k || chain_prep_n_columns (a->prep) != chain_prep_n_columns (b->prep))
    return FALSE;
  for (guint i = 0; i < a->n; i += MAX (a->n / 64, 1))
    for (guint j = 0; j < chain_prep_n_columns (a->prep); j++)
      if (memcmp (a->x + (gsize) i * a->d + j, b->x + (gsize) i * b->d + j, sizeof *a->x) != 0)
        return FALSE;
  return TRUE;
}

gboolean
chain_ghost_compares (const ChainGhost *g, const ChainSnapshot *s)
{
  if (!same_rows (g->data, s->data) || g->spec->losses->len != s->spec->losses->len)
    return FALSE;
  for (guint i = 0; i < g->spec->losses->len; i++)
    {
      const ChainLossTerm *a = g->spec->losses->pdata[i], *b = s->spec->losses->pdata[i];

      if (!chain_choice_equal (&a->choice, &b->choice) || g_strcmp0 (a->reduction, b->reduction) != 0 || a->weight < b->weight || a->weight > b->weight)
        return FALSE;
    }
  return TRUE;
}

gboolean
chain_ghost_overlays (const ChainGhost *g, const ChainSnapshot *s)
{
  return g->output != NULL && s->output != NULL && g->out_width == s->out_width && g->axis_x == s->axis_x && g->axis_y == s->axis_y
         && same_rows (g->data, s->data);
}
