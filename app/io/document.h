/* SPDX-License-Identifier: Apache-2.0 */
/* The `.chainrule` document: one safetensors file that holds everything (ARCHITECTURE 6, 8), saved by one rename. */
#pragma once

#include "app/io/safetensors.h"
#include "app/io/spec-io.h"
#include "engine/nn/dataset.h"

G_BEGIN_DECLS

typedef struct { char *name; ChainTensor *tensor; } ChainNamedTensor;

typedef struct
{
  ChainSpec  *spec;        /* sealed; NULL for plain weights */
  ChainPrep  *prep;        /* fitted preprocessing; NULL */
  GPtrArray  *tensors;     /* of ChainNamedTensor: "d1.weight", "bn1.running_mean", "opt.m.d1.weight", "scalar.step"; never NULL */
  ChainTable *data;        /* embedded; NULL */
  char       *run_json;    /* run record, events, sampler position, series: a JSON object, read and written by app/train; NULL */
  GPtrArray  *warnings;    /* of char*; never NULL */
} ChainDocumentFile;

ChainDocumentFile *chain_document_file_new  (void);
void               chain_document_file_free (ChainDocumentFile *d);
void               chain_document_file_add  (ChainDocumentFile *d, const char *name, ChainTensor *tensor);   /* takes a reference */
ChainTensor       *chain_document_file_find (const ChainDocumentFile *d, const char *name);                  /* NULL; not a reference */

/* A .chainrule document, a plain .json spec (no tensors) or a plain .safetensors file (weights only), told apart by content. The spec
 * is validated as far as it can be without the data. stamp may be NULL. (transfer full) or NULL. */
ChainDocumentFile *chain_document_file_load (const char *path, ChainFileStamp *stamp, GError **error);
ChainDocumentFile *chain_document_file_read (char *data, gsize len, ChainFileWhere *where, GError **error);   /* takes data (g_malloc) over */

gboolean           chain_document_file_save  (const ChainDocumentFile *d, const char *path, const ChainFileStamp *expected,
                                              ChainFileStamp *stamp, GError **error);
char              *chain_document_file_write (const ChainDocumentFile *d, gsize *len, GError **error);        /* (transfer full) */

/* Fitted preprocessing <-> JSON. (transfer full). */
json_t            *chain_prep_to_json   (const ChainPrep *prep);
ChainPrep         *chain_prep_from_json (const json_t *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainDocumentFile, chain_document_file_free)

G_END_DECLS
