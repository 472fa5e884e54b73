/* SPDX-License-Identifier: Apache-2.0 */
/* Products too large for one look: panels of lanes, blocks of rows, packed so that every load is the next one in memory.
 *
 * As a small product (small.h) it is rows of sums of scalar times vector: out[i][lane] = sum over k of s (i, k) · lanes[k][lane], k in order
 * with fma from +0. A sum that is too long for the caches is cut, and goes on from what it had: the rounding of each fma is the same, so
 * large and small products, any cutting, any number of threads and any instruction set give the same bits (cpu-private.h).
 *
 * Why not OpenBLAS: it packs the larger factor for each product again, which a batch of 64 rows does not pay for, and its path without
 * packing gives up when a row of weights is longer than 512 numbers or so. Here lanes run over the smaller factor where the larger one is
 * stored the wrong way: in a layer forward over the rows of the batch, and the weights are read once, as they lie. */
#pragma once

#include "engine/run/cpu/cpu-private.h"

G_BEGIN_DECLS

#define CHAIN_LARGE_TILE 6           /* rows whose sums are in registers */
#define CHAIN_LARGE_ROWS 96          /* of a block: a multiple of tiles and of squares */
#define CHAIN_LARGE_FOLLOWED 48      /* the same where each block is worked on once more: they begin at multiples of 16 numbers */
#define CHAIN_LARGE_K 512            /* of a sum before it is put down */
#define CHAIN_LARGE_NEAR 1024        /* bytes from k to k up to which rows that lie across memory are read as they are */
#define CHAIN_LARGE_PANEL 64         /* lanes of a panel at most */

/* A block of rows times one panel. Strides in numbers. */
typedef struct
{
  const void *s;
  int64_t     si, sk;        /* from row to row of s, where a row is one piece (sk not used); or 0, and from k to k, where a tile's rows are */
  int64_t     s_tile;        /* from tile to tile */
  const void *lanes;         /* [k][ld] */
  int64_t     ld;
  void       *out;
  int64_t     ldo, k, rows;
  int         width;         /* lanes */
  gboolean    more;          /* out already has a part of the sums */
  const void *bias;          /* added when the sums are complete; NULL */
  gboolean    bias_by_row;   /* one number a row, not one a lane */
} ChainLargeBlock;

typedef struct
{
  int    panel[2];           /* lanes of a panel, by precision */
  void (*block[2]) (const ChainLargeBlock *b);
  /* Lanes of a panel, [k][panel], filled with zeros to whole vectors: from[k][lane], or by lane: from[lane][k]. */
  void (*lanes[2]) (void *to, const void *from, int64_t from_ld, gboolean by_lane, int width, int64_t k);
  /* Rows of s in tiles: from[k][row]. */
  void (*tiles[2]) (void *to, const void *from, int64_t from_ld, int64_t rows, int64_t k);
  /* to[lane][row] = from[row][lane]; from has `panel` numbers a row. */
  void (*turn[2]) (void *to, int64_t to_ld, const void *from, int64_t rows, int width);
} ChainLargeKernels;

const ChainLargeKernels *_chain_large_kernels (void);     /* those in force */

extern const ChainLargeKernels _chain_large_plain;
#ifdef CHAIN_HAVE_X86_KERNELS
extern const ChainLargeKernels _chain_large_avx2;
extern const ChainLargeKernels _chain_large_avx512;
#endif

/* y = op (a) · op (b), plus a row. FALSE if there is no memory for the packed factors. */
gboolean _chain_large_run (ChainCpu *cpu, const ChainLargeKernels *kernels, const ChainGemm *g, int dtype);

G_END_DECLS
