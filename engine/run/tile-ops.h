/* SPDX-License-Identifier: Apache-2.0 */
/* The micro-operations of tile programs, one line each: what the compiler may emit (fuse.c), what the CPU back end executes
 * (cpu-tile-typed.h) and what a dump prints come from this table.
 *
 * A tile program works on a block of numbers that fits into registers. It has an accumulator a and a side value x, both a block
 * long; M and N are blocks in memory (operands, results, temporaries), s and z single numbers. A line is: operation, where its
 * operands are, and what happens. The letters of the operands choose the line: TILE_ROW (fma, m, s, a, …) is y = M s + a. After
 * each line of the second kind a twin is made that also stores a: nearly every second value of an optimiser is a state. */
#pragma once

#include <stdint.h>

#define CHAIN_TILE_BYTES 512    /* the largest block; slots of more than two cache lines are padded to it */

/* Operations of two whose operands must not change places. */
#define CHAIN_TILE_PAIR(ROW_ST, op, OP) \
  ROW_ST (op, a, m, _, a = OP (a, M)) ROW_ST (op, a, s, _, a = OP (a, s)) ROW_ST (op, m, a, _, a = OP (M, a)) \
  ROW_ST (op, s, a, _, a = OP (s, a)) ROW_ST (op, m, n, _, a = OP (M, N))

#define CHAIN_TILE_OPS(ROW, ROW_ST) \
  ROW (ld, m, _, _, a = M) ROW (ld, s, _, _, a = s) ROW (ld, x, _, _, a = x) ROW (mvx, a, _, _, x = a) ROW (st, a, _, _, STORE) \
  ROW_ST (add, a, m, _, a = a + M) ROW_ST (add, a, s, _, a = a + s) ROW_ST (add, a, x, _, a = a + x) \
  ROW_ST (add, m, n, _, a = M + N) ROW_ST (add, m, s, _, a = M + s) \
  ROW_ST (sub, a, m, _, a = a - M) ROW_ST (sub, a, s, _, a = a - s) ROW_ST (sub, a, x, _, a = a - x) ROW_ST (sub, m, a, _, a = M - a) \
  ROW_ST (sub, s, a, _, a = s - a) ROW_ST (sub, x, a, _, a = x - a) ROW_ST (sub, m, n, _, a = M - N) \
  ROW_ST (mul, a, m, _, a = a * M) ROW_ST (mul, a, s, _, a = a * s) ROW_ST (mul, a, x, _, a = a * x) ROW_ST (mul, a, a, _, a = a * a) \
  ROW_ST (mul, m, n, _, a = M * N) ROW_ST (mul, m, s, _, a = M * s) \
  ROW_ST (div, a, m, _, a = a / M) ROW_ST (div, a, s, _, a = a / s) ROW_ST (div, a, x, _, a = a / x) ROW_ST (div, m, a, _, a = M / a) \
  ROW_ST (div, s, a, _, a = s / a) ROW_ST (div, x, a, _, a = x / a) \
  ROW_ST (fma, a, m, n, a = FMA (a, M, N)) ROW_ST (fma, a, m, s, a = FMA (a, M, s)) ROW_ST (fma, a, s, m, a = FMA (a, s, M)) \
  ROW_ST (fma, a, s, z, a = FMA (a, s, z)) ROW_ST (fma, a, x, m, a = FMA (a, x, M)) ROW_ST (fma, a, m, x, a = FMA (a, M, x)) \
  ROW_ST (fma, a, x, s, a = FMA (a, x, s)) ROW_ST (fma, a, s, x, a = FMA (a, s, x)) ROW_ST (fma, m, n, a, a = FMA (M, N, a)) \
  ROW_ST (fma, m, s, a, a = FMA (M, s, a)) ROW_ST (fma, s, z, a, a = FMA (s, z, a)) ROW_ST (fma, x, m, a, a = FMA (x, M, a)) \
  ROW_ST (fma, x, s, a, a = FMA (x, s, a)) ROW_ST (fma, m, s, n, a = FMA (M, s, N)) \
  ROW_ST (neg, a, _, _, a = -a) ROW_ST (relu, a, _, _, a = RELU (a)) ROW_ST (step, a, _, _, a = STEP (a)) \
  ROW_ST (sign, a, _, _, a = SIGN (a)) ROW_ST (floor, a, _, _, a = FLOOR (a)) ROW_ST (stop, a, _, _, a = a) \
  CHAIN_TILE_PAIR (ROW_ST, min, MIN) CHAIN_TILE_PAIR (ROW_ST, max, MAX) CHAIN_TILE_PAIR (ROW_ST, lt, LT) CHAIN_TILE_PAIR (ROW_ST, eq, EQ) \
  ROW_ST (where, a, m, n, a = WHERE (a, M, N)) ROW_ST (where, a, m, s, a = WHERE (a, M, s)) ROW_ST (where, a, s, m, a = WHERE (a, s, M)) \
  ROW_ST (where, a, s, z, a = WHERE (a, s, z)) ROW_ST (where, m, a, n, a = WHERE (M, a, N)) ROW_ST (where, m, a, s, a = WHERE (M, a, s)) \
  ROW_ST (where, s, a, m, a = WHERE (s, a, M)) ROW_ST (where, s, a, z, a = WHERE (s, a, z)) ROW_ST (where, m, n, a, a = WHERE (M, N, a)) \
  ROW_ST (where, m, s, a, a = WHERE (M, s, a)) ROW_ST (where, s, m, a, a = WHERE (s, M, a)) ROW_ST (where, s, z, a, a = WHERE (s, z, a)) \
  ROW (abs, a, _, _, a = ABS (a)) ROW (sqrt, a, _, _, a = SQRT (a)) \
  ROW (sqrt_add_x, a, s, _, x = SQRT (a) + s) ROW (add_x, a, s, _, x = a + s) ROW (mul_mul, m, n, s, a = M * N * s)

typedef enum
{
#define TILE_ROW(op, p, q, r, what) CHAIN_TILE_##op##_##p##q##r,
#define TILE_ROW_ST(op, p, q, r, what) CHAIN_TILE_##op##_##p##q##r, CHAIN_TILE_##op##_##p##q##r##_st,
  CHAIN_TILE_OPS (TILE_ROW, TILE_ROW_ST)
#undef TILE_ROW
#undef TILE_ROW_ST
  CHAIN_TILE_call,      /* a whole kernel on the block, from memory to memory; leaves nothing in a and x */
  CHAIN_TILE_end,
  CHAIN_N_TILE_OPS
} ChainTileOp;

/* m, n, s, z, d: indices into the bases of the program. A call: m, n, s are its operands, d its result, z its number. */
typedef struct { uint8_t op, m, n, s, z, d; } ChainTileIns;
