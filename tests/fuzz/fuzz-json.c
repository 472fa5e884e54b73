/* SPDX-License-Identifier: Apache-2.0 */
/* JSON and specs. What is accepted can be written and is then the same value; a spec too. */
#include "app/io/spec-io.h"

#include <string.h>

#define CHAIN_FUZZ_SMALL (1 << 20)     /* escapes can make a text grow over the limits; far below it they cannot */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *out = NULL, *spec_out = NULL;   /* a copy of its own: overreads are seen */
  g_autoptr (ChainJson) j = NULL, back = NULL;
  g_autoptr (ChainSpec) s = NULL, again = NULL;
  ChainFileWhere where;

  memcpy (text, data, size);
  j = chain_json_read (text, size, NULL, &where, NULL);
  if (!j)
    {
      g_assert_null (chain_spec_from_json (text, size, &where, NULL));
      return 0;
    }
  out = chain_json_write (j, size % 2);
  back = chain_json_read (out, strlen (out), NULL, NULL, NULL);
  if (strlen (out) <= CHAIN_FUZZ_SMALL)
    g_assert_true (back && json_equal (j, back));
  s = chain_spec_from_json (text, size, &where, NULL);
  if (!s)
    return 0;
  spec_out = chain_spec_to_json (s);
  again = chain_spec_from_json (spec_out, strlen (spec_out), NULL, NULL);
  g_assert_true (again && chain_spec_equal (s, again));
  return 0;
}
