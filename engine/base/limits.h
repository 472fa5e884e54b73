/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit by name (RELIABILITY.md 2.3), and checked size arithmetic. Order is always: parse, check numbers, check against
 * the file's size, check against the memory budget, then allocate. */
#pragma once

#include <glib.h>
#include <stddef.h>

G_BEGIN_DECLS

#define CHAIN_LIMIT_JSON_BYTES ((gsize) 32 << 20)
#define CHAIN_LIMIT_JSON_DEPTH 64
#define CHAIN_LIMIT_JSON_STRING ((gsize) 64 << 10)
#define CHAIN_LIMIT_JSON_NUMBER 4096
#define CHAIN_LIMIT_JSON_KEYS 65536
#define CHAIN_LIMIT_LAYERS 10000
#define CHAIN_LIMIT_WIDTH 1000000
#define CHAIN_LIMIT_GRAPH_NODES (1u << 24)
#define CHAIN_LIMIT_ST_HEADER ((gsize) 16 << 20)
#define CHAIN_LIMIT_ST_TENSORS 65536
#define CHAIN_LIMIT_ST_NAME 4096
#define CHAIN_LIMIT_RANK 8
#define CHAIN_LIMIT_NPY_HEADER ((gsize) 64 << 10)
#define CHAIN_LIMIT_GZIP ((gsize) 2 << 30)
#define CHAIN_LIMIT_CSV_COLUMNS 65536
#define CHAIN_LIMIT_CSV_FIELD ((gsize) 1 << 20)
#define CHAIN_LIMIT_CSV_LINE ((gsize) 64 << 20)
#define CHAIN_LIMIT_UNDO 1000
#define CHAIN_LIMIT_UNDO_BYTES ((gsize) 64 << 20)
#define CHAIN_LIMIT_RING_BYTES ((gsize) 64 << 20)
#define CHAIN_LIMIT_EMBED_BYTES ((gsize) 64 << 20)
#define CHAIN_LIMIT_ERROR_TEXT ((gsize) 4 << 10)

/* FALSE on overflow; *out is untouched then. */
static inline gboolean
chain_mul_size (gsize a, gsize b, gsize *out)
{
  gsize r;
  if (__builtin_mul_overflow (a, b, &r))
    return FALSE;
  *out = r;
  return TRUE;
}

static inline gboolean
chain_add_size (gsize a, gsize b, gsize *out)
{
  gsize r;
  if (__builtin_add_overflow (a, b, &r))
    return FALSE;
  *out = r;
  return TRUE;
}

/* Bytes that a large block may take now: the smallest of 75 % of MemAvailable, the cgroup's memory.max less its use, RLIMIT_AS
 * less what is mapped. Reads /proc; any thread. */
gsize    chain_memory_budget (void);

/* FALSE with CHAIN_ERROR_MEMORY and a sentence holding both figures when bytes is over the budget. Less than a MiB always may. */
gboolean chain_memory_check  (gsize bytes, const char *what, GError **error);

G_END_DECLS
