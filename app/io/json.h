/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON in, deterministic JSON out, on Jansson. */
#pragma once

#include "app/io/file-replace.h"

#include <jansson.h>

G_BEGIN_DECLS

typedef struct { gsize bytes; guint depth; gsize string; gsize number; guint keys; } ChainJsonLimits;

/* RFC 8259 and no more: no comments, NaN, BOM, NUL (raw or escaped), duplicate keys, numbers that overflow; within `limits` (NULL = those
 * of a document, limits.h). where may be NULL. Returns (transfer full) or NULL with one sentence that holds line and column. */
json_t  *chain_json_read    (const char *text, gsize len, const ChainJsonLimits *limits, ChainFileWhere *where, GError **error);

/* Text with keys in their order, two spaces of indent, short arrays of scalars on one line, numbers as chain_number_write() (a whole
 * real keeps ".0"), a final line end unless compact. A non-finite real becomes null. (transfer full). */
char    *chain_json_write   (json_t *value, gboolean compact);

/* Appends text as a JSON string with its quotes; broken UTF-8 becomes U+FFFD. */
void     chain_json_append_string (GString *to, const char *text);

/* Appends a finite number, or null. */
void     chain_json_append_number (GString *to, double value);

/* Where the value at `path` ("network.layers[2].units") begins in a text that chain_json_read() accepted. FALSE if it is not there. */
gboolean chain_json_locate  (const char *text, gsize len, const char *path, ChainFileWhere *where);

static inline void
chain_json_free (json_t *j)
{
  json_decref (j);
}
typedef json_t ChainJson;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainJson, chain_json_free)

G_END_DECLS
