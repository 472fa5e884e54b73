/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors: named tensors behind a JSON header; no code, no holes, no overlap. */
#pragma once

#include "app/io/file-replace.h"
#include "engine/base/limits.h"
#include "engine/base/tensor.h"

G_BEGIN_DECLS

typedef struct
{
  char       *name;
  const char *dtype;                       /* static: "F32", "BF16", … */
  guint       rank;
  guint64     shape[CHAIN_LIMIT_RANK];
  gsize       n;                           /* elements */
  gsize       bytes;
  const void *data;                        /* little endian, any alignment; into the file's buffer, or the caller's when writing */
} ChainFileTensor;

typedef struct
{
  GPtrArray  *tensors;                     /* of ChainFileTensor, in the order of the data */
  GHashTable *metadata;                    /* char* -> char*; never NULL */
  GPtrArray  *warnings;                    /* of char*: tensors with NaN or infinity */
  GHashTable *by_name;                     /* char* -> ChainFileTensor* */
  char       *buffer;                      /* the whole file; owned */
} ChainTensorFile;

/* Reads a whole file in memory; takes `data` (g_malloc) over in every case. where may be NULL. (transfer full) or NULL. */
ChainTensorFile *chain_tensor_file_read (char *data, gsize len, ChainFileWhere *where, GError **error);
ChainTensorFile *chain_tensor_file_load (const char *path, ChainFileStamp *stamp, GError **error);
void             chain_tensor_file_free (ChainTensorFile *f);
const ChainFileTensor *chain_tensor_file_find (const ChainTensorFile *f, const char *name);   /* NULL */

/* As f32 or f64: f64 and integers of 32 bits and more become f64, the rest f32. Rank 0, 1, 2 only (higher: the last axes are joined).
 * NULL with CHAIN_ERROR_SHAPE for an empty tensor. (transfer full). */
ChainTensor     *chain_file_tensor_read (const ChainFileTensor *t, GError **error);

/* Tensors to be written: an empty file, then one call a tensor. */
ChainTensorFile *chain_tensor_file_new  (void);
void             chain_tensor_file_add  (ChainTensorFile *f, const char *name, const ChainTensor *t);   /* copies; keeps rank */
void             chain_tensor_file_add_raw (ChainTensorFile *f, const char *name, const char *dtype, guint rank, const guint64 *shape,
                                            const void *data);                                          /* copies */
/* The bytes of the file; tensors by name if sorted, else in their order. (transfer full), NULL when over a limit. */
char            *chain_tensor_file_write (const ChainTensorFile *f, gboolean sorted, gsize *len, GError **error);
/* chain_tensor_file_write() and chain_file_replace(). */
gboolean         chain_tensor_file_save (const ChainTensorFile *f, const char *path, const ChainFileStamp *expected,
                                         ChainFileStamp *stamp, GError **error);

/* SHA-256 over names, dtypes, shapes, data (by name) and every metadata entry but `except`. (transfer full). */
char            *chain_tensor_file_digest (const ChainTensorFile *f, const char *except);

guint            chain_dtype_size (const char *dtype);   /* bytes; 0 = not known */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainTensorFile, chain_tensor_file_free)

G_END_DECLS
