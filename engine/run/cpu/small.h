/* SPDX-License-Identifier: Apache-2.0 */
/* Small products and chains of single numbers, decoded once, between the device and the loops that execute them (small.c, once for
 * each instruction set).
 *
 * A product is seen as `rows` sums of scalar times vector: out[i][lanes] = sum over k of s (i, k) · lanes[k][…], k in order with fma,
 * which is the definition (cpu-private.h). Lanes are the columns of the result, or its rows where those are more: then the result
 * comes out transposed and is turned. A factor that lies the wrong way is turned first, in registers. */
#pragma once

#include "engine/run/cpu/cpu-private.h"

G_BEGIN_DECLS

#define CHAIN_SMALL_MACS (1 << 17)       /* multiplications up to which a product is small */
#define CHAIN_SMALL_BYTES (1 << 14)      /* what may be turned: it stays in the first cache */

typedef struct _ChainSmall ChainSmall;
typedef void (*ChainSmallRows) (const ChainSmall *p, int64_t row, int64_t lane, int width);

struct _ChainSmall
{
  const void *lanes, *s, *bias;
  void       *out;
  int64_t     ld, si, sk, ldo, k;   /* strides, in numbers: of lanes, of s by row and by k, of out; and the length of the sums */
  int64_t     rows, width;          /* of out as computed */
  const void *from;                 /* from_rows x from_cols numbers that are turned into `lanes`; NULL */
  int64_t     from_rows, from_cols;
  void       *turned;               /* where out has to be turned to; NULL */
  int         bias_by_row;          /* one number of bias a row of out, not a vector of them */
  ChainSmallRows all;               /* computes all rows and lanes at once, or NULL: chosen by `choose` */
};

/* FALSE: the product is not small. scratch: 2 * CHAIN_SMALL_BYTES, 64-byte aligned, free for use during a run. */
gboolean _chain_small_make (ChainSmall *p, const ChainGemm *g, int dtype, char *scratch);

/* Operations whose value is one number, run one behind the other: the loss, sums of squares and what adds them up. SQUARES is SUM_MUL of
 * a tensor with itself; SQUARES_ADD is that and the next operation, which adds it to the value before it. */
enum { CHAIN_SCALAR_SUM, CHAIN_SCALAR_SUM_MUL, CHAIN_SCALAR_ADD, CHAIN_SCALAR_SUB, CHAIN_SCALAR_MUL, CHAIN_SCALAR_DIV, CHAIN_SCALAR_FMA,
       CHAIN_SCALAR_SQUARES, CHAIN_SCALAR_SQUARES_ADD };

typedef struct
{
  const void   *in[3];
  const double *host[3];     /* the same where it is a number of the host, to be rounded first */
  void         *y;
  uint32_t      n;           /* numbers of a sum, at most CHAIN_SUM_BLOCK */
  uint8_t       op, n_in;
} ChainScalarIns;

typedef struct
{
  void (*choose[2]) (ChainSmall *p);
  void (*product[2]) (const ChainSmall *p);
  void (*scalars[2]) (const ChainScalarIns *ins, int n);
  void (*columns[2]) (void *out, const void *x, int64_t rows, int64_t cols);
} ChainSmallKernels;

const ChainSmallKernels *_chain_small_kernels (void);     /* those in force */

extern const ChainSmallKernels _chain_small_plain;
#ifdef CHAIN_HAVE_X86_KERNELS
extern const ChainSmallKernels _chain_small_avx2;
extern const ChainSmallKernels _chain_small_avx512;
#endif

G_END_DECLS
