/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors and documents. The length prefix is repaired in half of the cases, or nothing else would ever be reached. What is accepted
 * can be written and is then the same content. */
#include "app/io/document.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
repair (char *bytes, gsize len)
{
  const char *end = len > 8 ? memchr (bytes + 8, '\n', len - 8) : NULL;
  guint64 n = end ? (guint64) (end - bytes - 8) : len - 8;

  n = GUINT64_TO_LE (n);
  memcpy (bytes, &n, 8);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char *bytes = g_memdup2 (data, MAX (size, 1));
  g_autofree char *first = NULL, *second = NULL, *out = NULL;
  g_autoptr (ChainTensorFile) f = NULL, back = NULL;
  g_autoptr (ChainDocumentFile) d = NULL;
  ChainFileWhere where;
  gsize len = 0;

  if (size > 8 && data[size - 1] & 1)
    repair (bytes, size);
  d = chain_document_file_read (g_memdup2 (bytes, MAX (size, 1)), size, &where, NULL);
  f = chain_tensor_file_read (bytes, size, &where, NULL);
  if (!f)
    return 0;
  for (guint i = 0; i < f->tensors->len; i++)
    {
      ChainTensor *t = chain_file_tensor_read (f->tensors->pdata[i], NULL);

      chain_tensor_unref (t);
    }
  out = chain_tensor_file_write (f, TRUE, &len, NULL);
  g_assert_nonnull (out);
  first = chain_tensor_file_digest (f, "");
  back = chain_tensor_file_read (g_steal_pointer (&out), len, &where, NULL);
  g_assert_nonnull (back);
  second = chain_tensor_file_digest (back, "");
  g_assert_cmpstr (first, ==, second);
  return 0;
}
