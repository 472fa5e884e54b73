/* SPDX-License-Identifier: Apache-2.0 */
/* Curve and derivative come from the row's own builder on a column of arguments and from the gradient that the engine derives itself: what is
 * drawn is what trains. Softmax reads rows, so it is evaluated for the pair (z, 0). */
#include "app/picture/layout/activation-curve.h"

#include <string.h>

#include "engine/graph/grad.h"
#include "engine/run/exec.h"

double
chain_activation_z (int k)
{
  return CHAIN_ACTIVATION_REACH * (2.0 * k / (CHAIN_ACTIVATION_POINTS - 1) - 1);
}

static gboolean
evaluate (ChainActivationCurve *c)
{
  ChainGraph *g = chain_graph_new ();
  ChainParams p = { &c->row->info, c->choice };
  ChainId z = chain_leaf (g, CHAIN_LEAF_INPUT, "z", chain_shape (CHAIN_B, 1)), y, dz = CHAIN_NONE, outs[2];
  double grid[CHAIN_ACTIVATION_POINTS];
  ChainExec *x = NULL;
  gboolean ok;

  if (c->row->rowwise)
    y = chain_slice (g, c->row->build (g, chain_concat (g, z, chain_zeros_like (g, z), 1), &p), 1, 0, 1);
  else
    y = c->row->build (g, z, &p);
  ok = chain_grad (g, y, chain_ones_like (g, y), &z, 1, &dz, NULL, NULL);
  chain_graph_seal (g);
  for (int i = 0; i < CHAIN_ACTIVATION_POINTS; i++)
    grid[i] = chain_activation_z (i);
  outs[0] = y;
  outs[1] = dz;
  if (ok && (x = chain_exec_new (g, CHAIN_F64, NULL)) != NULL)
    {
      ChainProgram prog = chain_exec_program (x, outs, dz != CHAIN_NONE ? 2 : 1, NULL, 0, CHAIN_PLAN_DEFAULT);

      ok = chain_exec_write (x, z, CHAIN_ACTIVATION_POINTS, grid, CHAIN_ACTIVATION_POINTS, NULL) && chain_exec_run (x, prog, CHAIN_ACTIVATION_POINTS, NULL)
           && chain_exec_read (x, prog, CHAIN_ACTIVATION_POINTS, y, c->y, CHAIN_ACTIVATION_POINTS);
      memset (c->d, 0, sizeof c->d);
      if (ok && dz != CHAIN_NONE)
        ok = chain_exec_read (x, prog, CHAIN_ACTIVATION_POINTS, dz, c->d, CHAIN_ACTIVATION_POINTS);
      chain_exec_free (x);
    }
  else
    ok = FALSE;
  chain_graph_free (g);
  return ok;
}

guint
chain_activation_curves (const ChainSpec *spec, ChainActivationCurve *curves)
{
  guint n = 0;

  for (guint i = 0; i < spec->layers->len && n < CHAIN_ACTIVATION_CURVES; i++)
    {
      const ChainLayer *layer = g_ptr_array_index (spec->layers, i);
      const ChainActivationRow *row = layer->activation.id ? chain_activation_row (layer->activation.id) : NULL;
      gboolean seen = row == NULL;

      for (guint k = 0; k < n; k++)
        seen |= curves[k].row == row && chain_choice_equal (curves[k].choice, &layer->activation);
      if (seen)
        continue;
      curves[n].row = row;
      curves[n].choice = &layer->activation;
      n += evaluate (&curves[n]);
    }
  return n;
}
