/* SPDX-License-Identifier: Apache-2.0 */
/* What things of a snapshot are called and in which units they are shown: inputs, classes, layers. Pictures show original units and the names
 * of the data's columns; scaled numbers are the engine's business. */
#pragma once

#include "app/picture/text.h"
#include "app/picture/views.h"

G_BEGIN_DECLS

char    *chain_name_input   (const ChainSnapshot *s, guint i);                      /* (transfer full): "x1", "flipper_length_mm" */
char    *chain_name_target  (const ChainSnapshot *s, guint k);                      /* (transfer full) */
char    *chain_name_class   (const ChainSnapshot *s, guint c);                      /* (transfer full): "setosa", "0" */
char    *chain_name_layer   (const ChainSnapshot *s, guint i);                      /* (transfer full): "Layer 2", "Output", "Dropout" */
const char *chain_name_activation (const ChainLayer *l);                            /* title of the row; NULL = none */
char    *chain_name_activation_short (const ChainLayer *l);                         /* (transfer full): "tanh", "ReLU"; NULL = none */

/* original = scaled * *factor + *offset; 1 and 0 for columns that are not numbers. */
void     chain_units_input  (const ChainSnapshot *s, guint i, double *offset, double *factor);
void     chain_units_target (const ChainSnapshot *s, guint k, double *offset, double *factor);

guint    chain_inputs_of    (const ChainSnapshot *s);                               /* width of block "x", 0 if there is no data */
gboolean chain_is_classify  (const ChainSnapshot *s);
guint    chain_classes_of   (const ChainSnapshot *s);                               /* 0 for regression */
gboolean chain_is_image     (const ChainSnapshot *s);
/* "unit:d1:3" -> layer index (-1: an input) and unit; FALSE if the text is something else or out of range. */
gboolean chain_parse_unit   (const ChainSnapshot *s, const char *id, int *layer, guint *unit);
/* Lowest and highest finite value; FALSE if there is none. */
gboolean chain_extent       (const float *f, gsize n, double *min, double *max);
gboolean chain_extent_d     (const double *f, gsize n, gsize stride, double *min, double *max);

G_END_DECLS
