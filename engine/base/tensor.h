/* SPDX-License-Identifier: Apache-2.0 */
/* A host tensor: numbers, at most two axes, reference-counted. Row-major. Immutable once shared. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

typedef struct
{
  int       ref_count;    /* atomic */
  ChainDtype dtype;
  int       rank;         /* 0, 1 or 2: how it is written to a file; a rank 1 tensor is 1 x n here */
  guint     rows, cols;
  void     *data;         /* rows * cols numbers, 64-byte aligned; owned */
} ChainTensor;

/* (transfer full); zeros. NULL only if the memory cannot be had. */
ChainTensor *chain_tensor_new   (ChainDtype dtype, guint rows, guint cols);
ChainTensor *chain_tensor_ref   (ChainTensor *t);
void         chain_tensor_unref (ChainTensor *t);
ChainTensor *chain_tensor_copy  (const ChainTensor *t, ChainDtype dtype);

static inline gsize
chain_tensor_size (const ChainTensor *t)
{
  return (gsize) t->rows * t->cols;
}

double       chain_tensor_get   (const ChainTensor *t, gsize i);
void         chain_tensor_set   (ChainTensor *t, gsize i, double value);

/* A 64-byte aligned block, zeroed; NULL if it cannot be had. Free with chain_aligned_free(). */
void        *chain_aligned_new  (gsize bytes);
void         chain_aligned_free (void *p);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainTensor, chain_tensor_unref)

G_END_DECLS
