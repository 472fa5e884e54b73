/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that execute tile programs, for one precision: included by cpu-tile.c with T, FMA_T and S() set. A template.
 *
 * Two loops from one table: a block of 4 or 8 vectors in a and as many in x, which hides the cost of dispatch (1 to 2 ns), and
 * 64 bytes at a time for what is left. */

typedef T S (vec) __attribute__ ((vector_size (VBYTES), may_alias));
typedef T S (uvec) __attribute__ ((vector_size (VBYTES), aligned (sizeof (T)), may_alias));
#define VEC S (vec)
#define INT __typeof__ ((VEC) { 0 } > (VEC) { 0 })
#define VL (VBYTES / (int) sizeof (T))

CHAIN_ALWAYS VEC
S (fused) (VEC a, VEC b, VEC c)
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

CHAIN_ALWAYS VEC
S (root) (VEC a)
{
#if VBYTES == 64
  return sizeof (T) == 4 ? (VEC) _mm512_sqrt_ps ((__m512) a) : (VEC) _mm512_sqrt_pd ((__m512d) a);
#elif VBYTES == 32
  return sizeof (T) == 4 ? (VEC) _mm256_sqrt_ps ((__m256) a) : (VEC) _mm256_sqrt_pd ((__m256d) a);
#else
  for (int i = 0; i < VL; i++)
    a[i] = SQRT_T (a[i]);
  return a;
#endif
}

CHAIN_ALWAYS VEC
S (all) (T v)
{
  return v - (VEC) { 0 };   /* not + 0: that would lose the sign of -0 */
}

CHAIN_ALWAYS VEC
S (whole) (VEC a)
{
#if VBYTES == 64
  return sizeof (T) == 4 ? (VEC) _mm512_floor_ps ((__m512) a) : (VEC) _mm512_floor_pd ((__m512d) a);
#elif VBYTES == 32
  return sizeof (T) == 4 ? (VEC) _mm256_floor_ps ((__m256) a) : (VEC) _mm256_floor_pd ((__m256d) a);
#else
  for (int i = 0; i < VL; i++)
    a[i] = FLOOR_T (a[i]);
  return a;
#endif
}

/* Where p OP q, u; else v. HOW is OP as an instruction has it: the vectors of a compiler would make a mask of it first. */
#if VBYTES == 64
#define CHOOSE(p, OP, HOW, q, u, v) \
  return sizeof (T) == 4 ? (VEC) _mm512_mask_blend_ps (_mm512_cmp_ps_mask ((__m512) p, (__m512) q, HOW), (__m512) v, (__m512) u) \
                         : (VEC) _mm512_mask_blend_pd (_mm512_cmp_pd_mask ((__m512d) p, (__m512d) q, HOW), (__m512d) v, (__m512d) u)
#elif VBYTES == 32
#define CHOOSE(p, OP, HOW, q, u, v) \
  return sizeof (T) == 4 ? (VEC) _mm256_blendv_ps ((__m256) v, (__m256) u, _mm256_cmp_ps ((__m256) p, (__m256) q, HOW)) \
                         : (VEC) _mm256_blendv_pd ((__m256d) v, (__m256d) u, _mm256_cmp_pd ((__m256d) p, (__m256d) q, HOW))
#else
#define CHOOSE(p, OP, HOW, q, u, v) \
  for (int i = 0; i < VL; i++) \
    v[i] = p[i] OP q[i] ? u[i] : v[i]; \
  return v
#endif
#define CHOICE(name, OP, HOW) CHAIN_ALWAYS VEC S (name) (VEC p, VEC q, VEC u, VEC v) { CHOOSE (p, OP, HOW, q, u, v); }
CHOICE (if_lt, <, _CMP_LT_OQ)
CHOICE (if_gt, >, _CMP_GT_OQ)
CHOICE (if_eq, ==, _CMP_EQ_OQ)
CHOICE (if_ne, !=, _CMP_NEQ_UQ)
#undef CHOOSE
#undef CHOICE

#define ONES (S (all) (1))
#define NOTHING ((VEC) { 0 })

#undef ABS
#undef MIN
#undef MAX
#define SIGN(v) S (if_gt) (v, NOTHING, ONES, S (if_lt) (v, NOTHING, -ONES, v))
#define FLOOR(v) S (whole) (v)
#define MIN(p, q) S (if_ne) (p, p, p, S (if_lt) (p, q, p, q))
#define MAX(p, q) S (if_ne) (p, p, p, S (if_gt) (p, q, p, q))
#define LT(p, q) S (if_lt) (p, q, ONES, NOTHING)
#define EQ(p, q) S (if_eq) (p, q, ONES, NOTHING)
#define WHERE(p, q, r) S (if_ne) (p, NOTHING, q, r)
#define LOAD(p, k) ((VEC) *(const S (uvec) *) ((p) + (k) * VBYTES))
#define FMA(p, q, r) S (fused) (p, q, r)
#define SQRT(v) S (root) (v)
#define ABS(v) ((VEC) (~(INT) S (all) ((T) -0.0) & (INT) (v)))
#define RELU(v) ((VEC) ((INT) (v) & ~((v) <= (VEC) { 0 })))
#define STEP(v) ((VEC) ((INT) S (all) (1) & ((v) > (VEC) { 0 })))

/* One line of the table, once for each vector. What a line does not mention is not loaded. */
#define M LOAD (pm, K)
#define N LOAD (pn, K)
#define STORE (*(S (uvec) *) (pd + K * VBYTES) = a)
#define ONE(k, what) \
  { \
    enum { K = k }; \
    VEC a = a##k, x = x##k; \
    what; \
    a##k = a; \
    x##k = x; \
  }
#define ROW(OP, P, Q, R, what) \
  do_##OP##_##P##Q##R: \
  { \
    const char *pm = base[ip->m], *pn = base[ip->n]; \
    char *pd = base[ip->d]; \
    VEC s = S (all) (*(const T *) base[ip->s]), z = S (all) (*(const T *) base[ip->z]); \
    (void) pm, (void) pn, (void) pd, (void) s, (void) z; \
    EACH (what) \
    ip++; \
    goto *labels[ip->op]; \
  }
#define ROW_ST(OP, P, Q, R, what) ROW (OP, P, Q, R, what) ROW (OP, P, Q, R##_st, what; STORE)
#define LABEL(OP, P, Q, R, what) [CHAIN_TILE_##OP##_##P##Q##R] = &&do_##OP##_##P##Q##R,
#define LABEL_ST(OP, P, Q, R, what) LABEL (OP, P, Q, R, what) LABEL (OP, P, Q, R##_st, what)

#define HAS_BLOCK(r, block) ((r)->left >= (block) || ((r)->padded && (r)->left > 128 / sizeof (T)))

/* Blocks of `bytes` until fewer than that are left of r->left numbers. */
#define TILE_LOOP(name, bytes, DECLARE) \
  static void \
  S (name) (ChainTileRun *r) \
  { \
    static const void *const labels[] = { CHAIN_TILE_OPS (LABEL, LABEL_ST) [CHAIN_TILE_call] = &&do_call, [CHAIN_TILE_end] = &&do_end }; \
    const size_t block = (bytes) / sizeof (T); \
    char **base = r->base; \
    DECLARE \
    do \
      { \
        const ChainTileIns *ip = r->ins; \
        size_t n = block < r->left ? block : r->left; \
        if (r->spread != NULL) \
          r->spread (r, n); \
        goto *labels[ip->op]; \
        CHAIN_TILE_OPS (ROW, ROW_ST) \
      do_call: \
        { \
          const ChainTileKernel *c = &r->kernels[ip->z]; \
          c->run (base[ip->d], base[ip->m], base[ip->n], base[ip->s], n, c->par); \
          ip++; \
          goto *labels[ip->op]; \
        } \
      do_end: \
        for (int i = 0; i < r->n_streams; i++) \
          base[i] += (bytes); \
        r->left -= n; \
        r->done += n; \
      } \
    while (block > 64 / sizeof (T) ? HAS_BLOCK (r, block) : r->left > 0); \
  }

#define ZERO (VEC) { 0 }
#if VBYTES == 64
#define EACH(what) ONE (0, what)
TILE_LOOP (narrow, 64, VEC a0 = ZERO; VEC x0 = ZERO;)
#undef EACH
#define EACH(what) ONE (0, what) ONE (1, what) ONE (2, what) ONE (3, what) ONE (4, what) ONE (5, what) ONE (6, what) ONE (7, what)
TILE_LOOP (wide, 512, VEC a0 = ZERO; VEC a1 = ZERO; VEC a2 = ZERO; VEC a3 = ZERO; VEC a4 = ZERO; VEC a5 = ZERO; VEC a6 = ZERO;
           VEC a7 = ZERO; VEC x0 = ZERO; VEC x1 = ZERO; VEC x2 = ZERO; VEC x3 = ZERO; VEC x4 = ZERO; VEC x5 = ZERO; VEC x6 = ZERO;
           VEC x7 = ZERO;)
#elif VBYTES == 32
#define EACH(what) ONE (0, what) ONE (1, what)
TILE_LOOP (narrow, 64, VEC a0 = ZERO; VEC a1 = ZERO; VEC x0 = ZERO; VEC x1 = ZERO;)
#undef EACH
#define EACH(what) ONE (0, what) ONE (1, what) ONE (2, what) ONE (3, what)
TILE_LOOP (wide, 128, VEC a0 = ZERO; VEC a1 = ZERO; VEC a2 = ZERO; VEC a3 = ZERO; VEC x0 = ZERO; VEC x1 = ZERO; VEC x2 = ZERO; VEC x3 = ZERO;)
#else
#define EACH(what) ONE (0, what) ONE (1, what) ONE (2, what) ONE (3, what)
TILE_LOOP (narrow, 64, VEC a0 = ZERO; VEC a1 = ZERO; VEC a2 = ZERO; VEC a3 = ZERO; VEC x0 = ZERO; VEC x1 = ZERO; VEC x2 = ZERO; VEC x3 = ZERO;)
#endif

static void
S (tile) (ChainTileRun *r)
{
#if VBYTES > 16
  if (HAS_BLOCK (r, BLOCK_BYTES / sizeof (T)))
    S (wide) (r);
#endif
  if (r->left > 0)
    S (narrow) (r);
}

#undef VEC
#undef INT
#undef VL
#undef LOAD
#undef FMA
#undef SQRT
#undef ABS
#undef RELU
#undef STEP
#undef ONES
#undef NOTHING
#undef SIGN
#undef FLOOR
#undef MIN
#undef MAX
#undef LT
#undef EQ
#undef WHERE
#undef M
#undef N
#undef STORE
#undef ONE
#undef ROW
#undef ROW_ST
#undef LABEL
#undef LABEL_ST
#undef TILE_LOOP
#undef HAS_BLOCK
#undef ZERO
#undef EACH
