/* SPDX-License-Identifier: Apache-2.0 */
/* What the name of a tensor says, in the habits of PyTorch, Keras, Flax and of people. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { CHAIN_TENSOR_WEIGHT, CHAIN_TENSOR_BIAS, CHAIN_TENSOR_SCALE, CHAIN_TENSOR_MEAN, CHAIN_TENSOR_VAR, CHAIN_TENSOR_SLOPE, CHAIN_TENSOR_OTHER } ChainTensorWord;

/* "layers.1.weight" -> "layers.1", weight; "dense_1/kernel:0" -> "dense_1", weight; "W2" -> "2", weight. *layer: (transfer full). kernel: the name says
 * that inputs come first, as Keras and Flax store it. */
ChainTensorWord _chain_tensor_name_read (const char *name, char **layer, gboolean *kernel);

/* "2" before "10", "dense" before "dense_1". */
int             _chain_tensor_name_compare (const char *a, const char *b);
/* Numbers and separators taken away: names that are the same then are counted through. (transfer full). */
char           *_chain_tensor_name_stem (const char *name);

G_END_DECLS
