/* SPDX-License-Identifier: Apache-2.0 */
/* Counter-based random numbers: Philox 4x32-10 (Salmon et al., SC 2011).
 *
 * A number is a pure function of (seed, purpose, object, step, row, column): nothing is stored, so
 * recomputation, replay and other devices agree, and adding a layer does not reshuffle the others. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

/* What a stream is for. Values are part of the file format: never renumber. */
typedef enum
{
  CHAIN_STREAM_INIT = 1,      /* object = layer hash, row/column = entry */
  CHAIN_STREAM_SHUFFLE = 2,   /* step = epoch, row = position */
  CHAIN_STREAM_SPLIT = 3,
  CHAIN_STREAM_DROPOUT = 4,   /* object = layer hash, step = training step */
  CHAIN_STREAM_DATA = 5,      /* generators */
  CHAIN_STREAM_NOISE = 6,
  CHAIN_STREAM_CHECK = 7,
  CHAIN_STREAM_VIEW = 8
} ChainStreamPurpose;

typedef struct { uint32_t key[2]; uint64_t step; } ChainStream;

/* One block of ten-round Philox 4x32. Any thread. */
void     chain_philox        (const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The stream of (seed, purpose, object, step). key = first two words of Philox over (purpose, object) keyed by seed. */
void     chain_stream_init   (ChainStream *s, uint64_t seed, uint32_t purpose, uint32_t object, uint64_t step);

/* Four raw words at (row, column): counter = (row, column, step low, step high). */
void     chain_stream_words  (const ChainStream *s, uint32_t row, uint32_t col, uint32_t out[4]);

/* Uniform in the open interval (0, 1), 53 bits (f64) or exactly representable in f32 (24 bits). */
double   chain_stream_uniform (const ChainStream *s, uint32_t row, uint32_t col);
float    chain_stream_uniformf (const ChainStream *s, uint32_t row, uint32_t col);

/* Standard normal by Box-Muller on the words of one counter: N(0,1). */
double   chain_stream_normal (const ChainStream *s, uint32_t row, uint32_t col);
float    chain_stream_normalf (const ChainStream *s, uint32_t row, uint32_t col);

/* Unbiased integer in [0, n), n >= 1 (Lemire's multiply and reject; a redraw takes the block at column + 2^31, a
 * further one the block whose counter is the block before). */
uint32_t chain_stream_below  (const ChainStream *s, uint32_t row, uint32_t col, uint32_t n);

/* A permutation of 0 … n-1 by Fisher-Yates, from this stream. */
void     chain_stream_permute (const ChainStream *s, uint32_t *out, uint32_t n);

/* FNV-1a of a layer id: the object number of its streams. */
uint32_t chain_stream_object (const char *id);

G_END_DECLS
