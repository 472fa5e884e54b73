/* SPDX-License-Identifier: Apache-2.0 */
/* Host tensors are what files, data sets and pictures exchange. Their memory may be large and its size may come from a file, so
 * allocation reports failure instead of aborting. */
#include "engine/base/tensor.h"

#include "engine/base/limits.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64

void *
chain_aligned_new (gsize bytes)
{
  gsize padded;
  void *p = NULL;

  if (!chain_add_size (MAX (bytes, 1), ALIGNMENT - 1, &padded))
    return NULL;
  padded &= ~(gsize) (ALIGNMENT - 1);
  if (padded > G_MAXSSIZE || posix_memalign (&p, ALIGNMENT, padded) != 0)
    return NULL;
  memset (p, 0, padded);
  return p;
}

void
chain_aligned_free (void *p)
{
  free (p);
}

ChainTensor *
chain_tensor_new (ChainDtype dtype, guint rows, guint cols)
{
  ChainTensor *t;
  gsize bytes;
  void *data;

  if (!chain_mul_size (rows, cols, &bytes) || !chain_mul_size (bytes, dtype == CHAIN_F64 ? 8 : 4, &bytes))
    return NULL;
  data = chain_aligned_new (bytes);
  if (data == NULL)
    return NULL;
  t = g_new0 (ChainTensor, 1);
  t->ref_count = 1;
  t->dtype = dtype;
  t->rank = 2;
  t->rows = rows;
  t->cols = cols;
  t->data = data;
  return t;
}

ChainTensor *
chain_tensor_ref (ChainTensor *t)
{
  g_atomic_int_inc (&t->ref_count);
  return t;
}

void
chain_tensor_unref (ChainTensor *t)
{
  if (!g_atomic_int_dec_and_test (&t->ref_count))
    return;
  chain_aligned_free (t->data);
  g_free (t);
}

ChainTensor *
chain_tensor_copy (const ChainTensor *t, ChainDtype dtype)
{
  ChainTensor *copy = chain_tensor_new (dtype, t->rows, t->cols);

  if (copy == NULL)
    return NULL;
  copy->rank = t->rank;
  if (dtype == t->dtype)
    memcpy (copy->data, t->data, chain_tensor_size (t) * (dtype == CHAIN_F64 ? 8 : 4));
  else
    for (gsize i = 0, n = chain_tensor_size (t); i < n; i++)
      chain_tensor_set (copy, i, chain_tensor_get (t, i));
  return copy;
}

double
chain_tensor_get (const ChainTensor *t, gsize i)
{
  g_assert (i < chain_tensor_size (t));
  return t->dtype == CHAIN_F64 ? ((const double *) t->data)[i] : (double) ((const float *) t->data)[i];
}

void
chain_tensor_set (ChainTensor *t, gsize i, double value)
{
  g_assert (i < chain_tensor_size (t));
  if (t->dtype == CHAIN_F64)
    ((double *) t->data)[i] = value;
  else
    ((float *) t->data)[i] = (float) value;
}
