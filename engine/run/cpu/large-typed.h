/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of large products for one precision: included by large.c with T, D(), VB, SQUARE and FMA_T. A template.
 *
 * A tile is six rows by up to four vectors (two where there are sixteen registers): 24 independent sums hide the latency of fma, and the
 * loads, six of one number and four of a vector, stay below half of what the processor can load meanwhile. */

typedef T D (vec) __attribute__ ((vector_size (VB), may_alias));
typedef T D (uvec) __attribute__ ((vector_size (VB), aligned (sizeof (T)), may_alias));
#define VEC D (vec)
#define VL (VB / (int) sizeof (T))
#define PANEL (VECTORS * VL)

CHAIN_ALWAYS VEC
D (fma) (T x, VEC b, VEC c)
{
  VEC a = x - (VEC) { 0 };   /* not + 0: that would lose the sign of -0 */
#if VB == 64
  return sizeof (T) == 4 ? (VEC) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c)
                         : (VEC) _mm512_fmadd_pd ((__m512d) a, (__m512d) b, (__m512d) c);
#elif VB == 32
  return sizeof (T) == 4 ? (VEC) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c)
                         : (VEC) _mm256_fmadd_pd ((__m256d) a, (__m256d) b, (__m256d) c);
#else
  for (int i = 0; i < VL; i++)
    c[i] = FMA_T (a[i], b[i], c[i]);
  return c;
#endif
}

CHAIN_ALWAYS VEC
D (load) (const T *p, int w)
{
  union { VEC v; T t[VL]; } u = { { 0 } };

  if (w >= VL)
    return *(const D (uvec) *) p;
  for (int i = 0; i < w; i++)
    u.t[i] = p[i];
  return u.v;
}

CHAIN_ALWAYS void
D (store) (T *p, VEC v, int w)
{
  union { VEC v; T t[VL]; } u = { v };

  if (w >= VL)
    *(D (uvec) *) p = v;
  else
    for (int i = 0; i < w; i++)
      p[i] = u.t[i];
}

/* Rows i to i + R of the block; s is where they begin. */
CHAIN_ALWAYS void
D (tile) (const ChainLargeBlock *b, const T *s, int64_t i, const int R, const int V, const int BY_K)
{
  VEC acc[CHAIN_LARGE_TILE][VECTORS];
  const T *l = b->lanes, *s3 = s + 3 * b->si;
  const int64_t si = b->si, step = BY_K ? b->sk : 1, ld = b->ld;
  T *out = (T *) b->out + i * b->ldo;
  const int last = b->width - (V - 1) * VL;

#pragma GCC unroll 6
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++)
      acc[r][v] = (VEC) { 0 };
  if (b->more)
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 4
      for (int v = 0; v < V; v++)
        acc[r][v] = D (load) (out + r * b->ldo + v * VL, v < V - 1 ? VL : last);
  for (int64_t k = b->k; k > 0; k--, l += ld, s += step, s3++)
    {
      VEC x[VECTORS];
#pragma GCC unroll 4
      for (int v = 0; v < V; v++)
        x[v] = *(const D (uvec) *) (l + v * VL);
#pragma GCC unroll 6
      for (int r = 0; r < R; r++)
        {
          T one = BY_K ? s[r] : r < 3 ? s[r * si] : s3[(r - 3) * si];
#pragma GCC unroll 4
          for (int v = 0; v < V; v++)
            acc[r][v] = D (fma) (one, x[v], acc[r][v]);
        }
    }
  if (b->bias != NULL)
#pragma GCC unroll 6
    for (int r = 0; r < R; r++)
#pragma GCC unroll 4
      for (int v = 0; v < V; v++)
        {
          VEC one = ((const T *) b->bias)[b->bias_by_row ? i + r : 0] - (VEC) { 0 };
          acc[r][v] += b->bias_by_row ? one : D (load) ((const T *) b->bias + v * VL, v < V - 1 ? VL : last);
        }
#pragma GCC unroll 6
  for (int r = 0; r < R; r++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++)
      D (store) (out + r * b->ldo + v * VL, acc[r][v], v < V - 1 ? VL : last);
}

typedef void (*D (TileRun)) (const ChainLargeBlock *b, const T *s, int64_t i);
#define TILE(r, v) \
  static void D (tile_##r##_##v) (const ChainLargeBlock *b, const T *s, int64_t i) { D (tile) (b, s, i, r, v, 0); } \
  static void D (by_k_##r##_##v) (const ChainLargeBlock *b, const T *s, int64_t i) { D (tile) (b, s, i, r, v, 1); }
#define TILES(v) TILE (1, v) TILE (2, v) TILE (3, v) TILE (4, v) TILE (5, v) TILE (6, v)
#define ROWS(name, v) { NULL, D (name##_1_##v), D (name##_2_##v), D (name##_3_##v), D (name##_4_##v), D (name##_5_##v), D (name##_6_##v) }
TILES (1)
TILES (2)
#if VECTORS == 4
TILES (3)
TILES (4)
#define FORMS(name) { { NULL }, ROWS (name, 1), ROWS (name, 2), ROWS (name, 3), ROWS (name, 4) }
#else
#define FORMS(name) { { NULL }, ROWS (name, 1), ROWS (name, 2) }
#endif

static const D (TileRun) D (forms)[2][VECTORS + 1][CHAIN_LARGE_TILE + 1] = { FORMS (tile), FORMS (by_k) };

static void
D (block) (const ChainLargeBlock *b)
{
  const D (TileRun) *form = D (forms)[b->si == 0][(b->width + VL - 1) / VL];
  const T *s = b->s;

  for (int64_t i = 0; i < b->rows; i += CHAIN_LARGE_TILE, s += b->s_tile)
    form[b->rows - i < CHAIN_LARGE_TILE ? b->rows - i : CHAIN_LARGE_TILE](b, s, i);
}

static void
D (lanes) (void *to_, const void *from_, int64_t ld, gboolean by_lane, int width, int64_t n)
{
  const T *from = from_;
  T *to = to_;
  int whole = (width + VL - 1) / VL * VL;

  if (!by_lane)
    for (int64_t k = 0; k < n; k++, to += PANEL, from += ld)
      for (int c = 0; c < width; c += VL)
        *(D (uvec) *) (to + c) = D (load) (from + c, width - c);
  else
    for (int c = 0; c < whole; c += SQUARE)
      for (int64_t k = 0; k < n; k += SQUARE)
        D (square) (to + k * PANEL + c, PANEL, from + (c < width ? c * ld : 0) + k, ld, width - c < SQUARE ? (width > c ? width - c : 0) : SQUARE,
                    n - k < SQUARE ? (int) (n - k) : SQUARE);
}

static void
D (tiles) (void *to_, const void *from_, int64_t ld, int64_t rows, int64_t n)
{
  const T *from = from_;

  for (int64_t k = 0; k < n; k++, from += ld)
    {
      T *to = (T *) to_ + k * CHAIN_LARGE_TILE;
      int64_t i = 0;
      for (; i + CHAIN_LARGE_TILE <= rows; i += CHAIN_LARGE_TILE, to += n * CHAIN_LARGE_TILE)
        memcpy (to, from + i, CHAIN_LARGE_TILE * sizeof (T));
      for (int r = 0; i + r < rows; r++)
        to[r] = from[i + r];
    }
}

static void
D (turn) (void *to_, int64_t ld, const void *from_, int64_t rows, int width)
{
  const T *from = from_;
  T *to = to_;
  int64_t whole = rows / SQUARE * SQUARE;

  for (int c = 0; c < width; c += SQUARE)
    for (int64_t r = 0; r < whole; r += SQUARE)
      D (square) (to + c * ld + r, ld, from + r * PANEL + c, PANEL, SQUARE, width - c < SQUARE ? width - c : SQUARE);
  for (int64_t r = whole; r < rows; r++)
    for (int c = 0; c < width; c++)
      to[c * ld + r] = from[r * PANEL + c];
}

#undef VEC
#undef VL
#undef PANEL
#undef TILE
#undef TILES
#undef ROWS
#undef FORMS
