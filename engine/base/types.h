/* SPDX-License-Identifier: Apache-2.0 */
/* The words that every room shares: ids, shapes, dtypes, roles, and the one error domain.
 *
 * A value has at most two axes, rows x columns; a batch is rows. An axis is a positive number or a
 * multiple of B, the batch size, written negatively: CHAIN_B (-1) is B, -2 is 2·B. B becomes a number
 * when a plan is compiled (ARCHITECTURE 8). */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Marks a text for translation, where it is a row of a table; whoever shows it calls gettext. As <glib/gi18n-lib.h> has it. */
#define N_(String) (String)
#define CHAIN_TEXT_DOMAIN "chainrule"      /* GETTEXT_PACKAGE, for the few sentences that are put together here: g_dgettext () */

typedef uint32_t ChainId;              /* a node of one graph; 0 is "no node" */
#define CHAIN_NONE ((ChainId) 0)
#define CHAIN_B (-1)

typedef enum { CHAIN_F32, CHAIN_F64 } ChainDtype;

typedef struct { int32_t rows, cols; } ChainShape;

static inline ChainShape
chain_shape (int32_t rows, int32_t cols)
{
  return (ChainShape){ rows, cols };
}

/* Both axes as one word: graphs of millions of nodes compare them all the time. */
static inline uint64_t
chain_shape_bits (ChainShape s)
{
  return (uint64_t) (uint32_t) s.cols << 32 | (uint32_t) s.rows;
}

static inline gboolean
chain_shape_equal (ChainShape a, ChainShape b)
{
  return chain_shape_bits (a) == chain_shape_bits (b);
}

static inline gboolean
chain_shape_is_scalar (ChainShape s)
{
  return chain_shape_bits (s) == (UINT64_C (1) << 32 | 1);
}

/* The number that an axis stands for once B is known. */
static inline int64_t
chain_axis (int32_t axis, int64_t b)
{
  return axis > 0 ? axis : -(int64_t) axis * b;
}

/* What a node is there for; adjoints of order k have order k in ChainNode.order. */
typedef enum { CHAIN_ROLE_FORWARD, CHAIN_ROLE_ADJOINT, CHAIN_ROLE_TANGENT, CHAIN_ROLE_OPTIMISER } ChainRole;

/* One error domain for the whole program. The first block is what can be wrong with a file; the names that
 * `inspect` prints come from chain_error_name(). */
#define CHAIN_ERROR (chain_error_quark ())
typedef enum
{
  CHAIN_ERROR_EMPTY,
  CHAIN_ERROR_TRUNCATED,
  CHAIN_ERROR_BAD_MAGIC,
  CHAIN_ERROR_BAD_HEADER,
  CHAIN_ERROR_UNSUPPORTED,
  CHAIN_ERROR_TOO_LARGE,
  CHAIN_ERROR_OVERFLOW,
  CHAIN_ERROR_INCONSISTENT,
  CHAIN_ERROR_BAD_ENCODING,
  CHAIN_ERROR_BAD_VALUE,
  CHAIN_ERROR_RAGGED,
  CHAIN_ERROR_DUPLICATE,
  CHAIN_ERROR_TOO_DEEP,
  CHAIN_ERROR_SYNTAX,
  CHAIN_ERROR_DECOMPRESS,

  CHAIN_ERROR_IO,          /* the system refused: open, read, write, sync */
  CHAIN_ERROR_SHAPE,       /* two values do not fit together */
  CHAIN_ERROR_SPEC,        /* a document says something that cannot be built */
  CHAIN_ERROR_MEMORY,      /* over the budget, or an allocation failed */
  CHAIN_ERROR_DEVICE,      /* a back end failed or is not there */
  CHAIN_ERROR_DIVERGED,    /* a value left the finite numbers */
  CHAIN_ERROR_CANCELLED
} ChainErrorCode;

GQuark      chain_error_quark (void);

/* "bad-value", "ragged", …; static. */
const char *chain_error_name  (ChainErrorCode code);

G_END_DECLS
