/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers behind each view as CSV: a header line, '.' as decimal sign, digits that read back. (transfer full). */
#pragma once

#include "app/train/snapshot.h"

G_BEGIN_DECLS

char *chain_csv_network     (const ChainSnapshot *s);   /* tensor, row, column, value, gradient, update */
char *chain_csv_boundary    (const ChainSnapshot *s);   /* the plane in original units and each output */
char *chain_csv_loss        (const ChainSnapshot *s);   /* series, epoch, min, max, mean, last, count */
char *chain_csv_flow        (const ChainSnapshot *s);   /* layer statistics */
char *chain_csv_weights     (const ChainSnapshot *s);   /* tensor, row, column, value */
char *chain_csv_lines       (const ChainSnapshot *s);   /* learning rate: epoch, rate */
char *chain_csv_lines_activations (const ChainSnapshot *s);
char *chain_csv_generated   (const ChainSnapshot *s);   /* the points that are drawn, scaled as the network sees them */
char *chain_csv_data        (const ChainSnapshot *s);   /* inputs and targets, scaled as the network sees them, and the split */
char *chain_csv_confusion   (const ChainSnapshot *s);   /* class, then a column of counts for each predicted one */
char *chain_csv_predictions (const ChainSnapshot *s);   /* row of the table, truth, prediction, probability of a class */

G_END_DECLS
