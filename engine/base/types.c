/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the error codes are part of what `inspect` prints, so they are written down once, beside their codes, and a code
 * without a name cannot be compiled in silently: the table is as long as the enumeration. */
#include "engine/base/types.h"

G_DEFINE_QUARK (chain-error-quark, chain_error)

static const char *const error_names[] = {
  [CHAIN_ERROR_EMPTY] = "empty",
  [CHAIN_ERROR_TRUNCATED] = "truncated",
  [CHAIN_ERROR_BAD_MAGIC] = "bad-magic",
  [CHAIN_ERROR_BAD_HEADER] = "bad-header",
  [CHAIN_ERROR_UNSUPPORTED] = "unsupported",
  [CHAIN_ERROR_TOO_LARGE] = "too-large",
  [CHAIN_ERROR_OVERFLOW] = "overflow",
  [CHAIN_ERROR_INCONSISTENT] = "inconsistent",
  [CHAIN_ERROR_BAD_ENCODING] = "bad-encoding",
  [CHAIN_ERROR_BAD_VALUE] = "bad-value",
  [CHAIN_ERROR_RAGGED] = "ragged",
  [CHAIN_ERROR_DUPLICATE] = "duplicate",
  [CHAIN_ERROR_TOO_DEEP] = "too-deep",
  [CHAIN_ERROR_SYNTAX] = "syntax",
  [CHAIN_ERROR_DECOMPRESS] = "decompress",
  [CHAIN_ERROR_IO] = "io",
  [CHAIN_ERROR_SHAPE] = "shape",
  [CHAIN_ERROR_SPEC] = "spec",
  [CHAIN_ERROR_MEMORY] = "memory",
  [CHAIN_ERROR_DEVICE] = "device",
  [CHAIN_ERROR_DIVERGED] = "diverged",
  [CHAIN_ERROR_CANCELLED] = "cancelled",
};
G_STATIC_ASSERT (G_N_ELEMENTS (error_names) == CHAIN_ERROR_CANCELLED + 1);

const char *
chain_error_name (ChainErrorCode code)
{
  if ((guint) code >= G_N_ELEMENTS (error_names))
    return "unknown";
  return error_names[code];
}
