/* SPDX-License-Identifier: Apache-2.0 */
/* What stays of a run after an edit or a reset has replaced it: its loss curves, its answer over the plane and its last figures, all exactly as
 * the last snapshot of it had them. Immutable; any thread. It refers to no older ghost, so that the last few are all that is held. */
#pragma once

#include "app/train/snapshot.h"

G_BEGIN_DECLS

struct _ChainGhost
{
  int              ref_count;
  guint            entry, runs;       /* of the document's history, and how many runs there had been, when the run was replaced */
  guint            segment;
  guint64          step;
  double           epoch, loss;
  gboolean         has_metrics;
  ChainMetrics     train, test;
  ChainSpec       *spec;
  ChainDataset    *data;
  guint            axis_x, axis_y, out_width, out_res;
  double           x0, x1, y0, y1;
  float           *output;            /* as in ChainSnapshot; NULL where it had none */
  ChainSeriesView *train_loss, *eval_train, *eval_test;
};

ChainGhost *chain_ghost_new     (const ChainSnapshot *s, guint entry, guint runs);   /* (transfer full) */
ChainGhost *chain_ghost_ref     (ChainGhost *g);
void        chain_ghost_unref   (ChainGhost *g);
/* The curves mean the same: the same rows, and losses of the same rows of the table with the same settings. */
gboolean    chain_ghost_compares (const ChainGhost *g, const ChainSnapshot *s);
/* The answers can lie over one another: the same rows, the same plane, as many values. */
gboolean    chain_ghost_overlays (const ChainGhost *g, const ChainSnapshot *s);

G_END_DECLS
