/* SPDX-License-Identifier: Apache-2.0 */
/* IDX: the bytes as they are (plain or a gzip stream), and the same bytes packed, which must give the same answer as unpacked. NumPy's
 * reader takes them too. */
#include "app/io/idx.h"
#include "app/io/npy.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
pack (const uint8_t *data, size_t size, gsize *len)
{
  z_stream z = { .next_in = (Bytef *) data, .avail_in = (uInt) size };
  gsize room;
  char *out;

  g_assert_cmpint (deflateInit2 (&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
  room = deflateBound (&z, size);
  out = g_malloc (room);
  z.next_out = (Bytef *) out;
  z.avail_out = (uInt) room;
  g_assert_cmpint (deflate (&z, Z_FINISH), ==, Z_STREAM_END);
  *len = room - z.avail_out;
  deflateEnd (&z);
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *bytes = g_memdup2 (data, MAX (size, 1)), *packed = NULL;
  g_autoptr (ChainTable) t = NULL, u = NULL, n = NULL;
  ChainFileWhere where;
  gsize len;

  n = chain_npy_read (bytes, size, &where, NULL);
  t = chain_idx_read (bytes, size, &where, NULL);
  if (size >= 2 && bytes[0] == 0x1f)
    return 0;
  packed = pack (data, size, &len);
  u = chain_idx_read (packed, len, &where, NULL);
  g_assert_true ((t != NULL) == (u != NULL));
  for (guint i = 0; t && i < t->columns->len; i++)
    {
      const ChainColumn *a = t->columns->pdata[i], *b = u->columns->pdata[i];

      g_assert_cmpmem (a->values, t->n_rows * sizeof (double), b->values, u->n_rows * sizeof (double));
    }
  return 0;
}
