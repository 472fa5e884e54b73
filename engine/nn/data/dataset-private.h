/* SPDX-License-Identifier: Apache-2.0 */
/* Between dataset.c (table, fitting, applying) and dataset-split.c (which rows, which columns, what was odd). */
#pragma once

#include "engine/nn/dataset.h"

ChainPrep    *_chain_prep_new      (void);
ChainDataset *_chain_dataset_alloc (guint n);
/* Sorted labels that occur in these rows. (transfer full). */
GPtrArray    *_chain_labels_of     (const ChainColumn *c, const guint *rows, guint n);
void          _chain_fit_number    (ChainPrepColumn *p, const ChainColumn *c, const guint *rows, guint n, const char *scale);
void          _chain_fit_category  (ChainPrepColumn *p, const ChainColumn *c, const guint *rows, guint n);
/* x and t of d->rows by d->prep. */
gboolean      _chain_dataset_fill  (ChainDataset *d, const ChainTable *table, gboolean need_targets, GError **error);
