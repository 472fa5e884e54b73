/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products of moderate size for one precision: included by cpu-kernels.c behind cpu-kernels-typed.h. A template.
 *
 * Lanes run over the columns of the result, k runs in order inside each lane, so any tiling gives the same bits. The right factor
 * is read in panels of VL columns: in place where it is stored by rows and the panel is whole, else from a packed copy with zeros
 * behind the last column. The left factor is broadcast number by number, which makes its transpose free. */

#define ROWS 8      /* of the result in registers: 8 x 2 vectors and two of the right factor */

CHAIN_ALWAYS VEC
S (vfma) (VEC a, VEC b, VEC c)
{
#if VBYTES == 64
  return sizeof (T) == 4 ? (VEC) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c)
                         : (VEC) _mm512_fmadd_pd ((__m512d) a, (__m512d) b, (__m512d) c);
#elif VBYTES == 32
  return sizeof (T) == 4 ? (VEC) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c)
                         : (VEC) _mm256_fmadd_pd ((__m256d) a, (__m256d) b, (__m256d) c);
#else
  for (int i = 0; i < VL; i++)
    c[i] = FMA_T (a[i], b[i], c[i]);
  return c;
#endif
}

/* a[i * ai + k * ak]; b[k * bk + panel * bp] */
/* bias: a row that is added to the result, or NULL */
typedef struct { const T *a, *b, *bias; T *c; int64_t ai, ak, bk, bp, ldc, k; int width; } S (Tile);

CHAIN_ALWAYS void
S (tile) (const S (Tile) *t, const int rows, const int panels)
{
  VEC acc[ROWS][2] = { { { 0 } } };
  const T *a = t->a, *b = t->b;

  for (int64_t k = 0; k < t->k; k++, a += t->ak, b += t->bk)
    {
      VEC b0 = S (load) (b), b1 = panels > 1 ? S (load) (b + t->bp) : b0;
#pragma GCC unroll 8
      for (int i = 0; i < rows; i++)
        {
          VEC x = a[i * t->ai] - (VEC) { 0 };   /* not + 0: that would lose the sign of -0 */
          acc[i][0] = S (vfma) (x, b0, acc[i][0]);
          if (panels > 1)
            acc[i][1] = S (vfma) (x, b1, acc[i][1]);
        }
    }
  if (t->bias != NULL)
    {
      VEC b0 = panels > 1 || t->width == VL ? S (load) (t->bias) : S (load_part) (t->bias, t->width), b1 = b0;
      if (panels > 1)
        b1 = t->width == VL ? S (load) (t->bias + VL) : S (load_part) (t->bias + VL, t->width);
#pragma GCC unroll 8
      for (int i = 0; i < rows; i++)
        {
          acc[i][0] += b0;
          acc[i][1] += b1;
        }
    }
#pragma GCC unroll 8
  for (int i = 0; i < rows; i++)
    {
      T *c = t->c + i * t->ldc;
      if (panels > 1 || t->width == VL)
        S (store) (c, acc[i][0]);
      else
        S (store_part) (c, acc[i][0], t->width);
      if (panels > 1 && t->width == VL)
        S (store) (c + VL, acc[i][1]);
      else if (panels > 1)
        S (store_part) (c + VL, acc[i][1], t->width);
    }
}

#define TILE_ROWS(r) case r: if (panels > 1) S (tile) (t, r, 2); else S (tile) (t, r, 1); break;

static void
S (tile_any) (const S (Tile) *t, int rows, int panels)
{
  switch (rows)
    {
    TILE_ROWS (1)
    TILE_ROWS (2)
    TILE_ROWS (3)
    TILE_ROWS (4)
    TILE_ROWS (5)
    TILE_ROWS (6)
    TILE_ROWS (7)
    default:
      if (panels > 1)
        S (tile) (t, ROWS, 2);
      else
        S (tile) (t, ROWS, 1);
    }
}

/* Panel p of op (B), k x VL, zeros behind the last column. */
static void
S (pack_panel) (T *to, const ChainGemm *g, int64_t p, int w)
{
  const T *b = g->b;

  if (g->tb)
    {
      for (int64_t k = 0; k < g->k; k++)
        S (store) (to + k * VL, (VEC) { 0 });
      for (int j = 0; j < w; j++)
        for (int64_t k = 0; k < g->k; k++)
          to[k * VL + j] = b[(p * VL + j) * g->k + k];
      return;
    }
  for (int64_t k = 0; k < g->k; k++)
    S (store) (to + k * VL, S (load_part) (b + k * g->n + p * VL, w));
}

static void
S (gemm) (const ChainGemm *g)
{
  int64_t n_panels = (g->n + VL - 1) / VL, last = g->n - (n_panels - 1) * VL;
  T *packed = g->scratch;

  for (int64_t p = 0; p < n_panels; p++)
    if (g->tb || (p == n_panels - 1 && last < VL))
      S (pack_panel) (packed + p * VL * g->k, g, p, (int) (p < n_panels - 1 ? VL : last));
  for (int64_t p = 0; p < n_panels; )
    {
      int ends = !g->tb && p + 1 == n_panels - 1 && last < VL;    /* the last panel is packed, this one is not: alone */
      int panels = p + 1 < n_panels && !ends ? 2 : 1;
      int in_place = !g->tb && (p < n_panels - 1 || last == VL);
      S (Tile) t = { .ai = g->ta ? 1 : g->k, .ak = g->ta ? g->m : 1, .ldc = g->n, .k = g->k };
      t.width = p + panels == n_panels ? (int) last : VL;
      t.b = in_place ? (const T *) g->b + p * VL : packed + p * VL * g->k;
      t.bias = g->bias != NULL ? (const T *) g->bias + p * VL : NULL;
      t.bk = in_place ? g->n : VL;
      t.bp = in_place ? VL : VL * g->k;
      for (int64_t i = 0; i < g->m; i += ROWS)
        {
          t.a = (const T *) g->a + i * t.ai;
          t.c = (T *) g->c + i * g->n + p * VL;
          S (tile_any) (&t, (int) (g->m - i < ROWS ? g->m - i : ROWS), panels);
        }
      p += panels;
    }
}

#undef ROWS
#undef TILE_ROWS
#undef VEC
#undef UVEC
#undef VL
#undef N_ACC
#undef EACH
#undef EW_HEAD
#undef UNARY
#undef UNARY_EACH
#undef BINARY
#undef TERNARY
