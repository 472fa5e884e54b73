/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise loops, sums and row functions for one precision: included by cpu-kernels.c with T, S() and the tables of
 * functions set. No include guard: it is a template. */

typedef T S (vec) __attribute__ ((vector_size (VBYTES), may_alias));
typedef T S (uvec) __attribute__ ((vector_size (VBYTES), aligned (sizeof (T)), may_alias));
#define VEC S (vec)
#define UVEC S (uvec)
#define VL (VBYTES / (int) sizeof (T))

/* 64 bytes at a time, by way of a block that cannot overlap the operands (y may be one of them): a compiler keeps it in
 * registers, and makes vectors without asking at run time whether it may. */
#define EACH(expression) \
  n = (n + LANES - 1) & ~(size_t) (LANES - 1); \
  y = __builtin_assume_aligned (y, 64); \
  for (size_t i = 0; i < n; i += LANES) \
    { \
      T t[LANES] __attribute__ ((aligned (64))); \
      for (size_t k = 0; k < LANES; k++) \
        { \
          const size_t j = i + k; \
          t[k] = (expression); \
        } \
      memcpy (y + i, t, sizeof t); \
    }

#define EW_HEAD(name) \
  static void \
  S (name) (void *y_, const void *a_, const void *b_, const void *c_, size_t n, const double *par) \
  { \
    T *y = y_; \
    const T *a = a_, *b = b_, *c = c_; \
    (void) a; \
    (void) b; \
    (void) c; \
    (void) par;

#define UNARY(OP, name, expression) EW_HEAD (name) EACH (({ T x = a[j]; (T) (expression); })) }
#define UNARY_EACH(OP, name, expression) \
  EW_HEAD (name) \
    for (size_t i = 0; i < n; i++) \
      { \
        T x = a[i]; \
        y[i] = (expression); \
      } \
  }
/* Numbers that are far away are done once more, one by one: the same bits in any company. */
#define UNARY_FAR(name, near, far) \
  EW_HEAD (name) \
    uint32_t away = 0; \
    for (size_t i = 0; i < n; i++) \
      away |= (f32_bits (a[i]) & 0x7fffffffu) > f32_bits (CHAIN_SIN_NEAR); \
    if (away) \
      { \
        S (name##_some) (y, a, n); \
        return; \
      } \
    EACH (near (a[j])) \
  }
#define FAR_SOME(name, near, far) \
  static void \
  S (name##_some) (T *y, const T *a, size_t n) \
  { \
    for (size_t i = 0; i < n; i++) \
      y[i] = f32_is_far (a[i]) ? far (a[i]) : near (a[i]); \
  }
#define BINARY_EACH(name, expression) \
  EW_HEAD (name) for (size_t j = 0; j < n; j++) { T p = a[j], q = b[j]; y[j] = (expression); } } \
  EW_HEAD (name##_a) T p = a[0]; for (size_t j = 0; j < n; j++) { T q = b[j]; y[j] = (expression); } } \
  EW_HEAD (name##_b) T q = b[0]; for (size_t j = 0; j < n; j++) { T p = a[j]; y[j] = (expression); } }
/* One number as a block of itself: a compiler that knows it to be one tests it once, and makes loops with branches of the rest. */
#define BLOCK_OF(q, value) T q[LANES] __attribute__ ((aligned (64))); for (size_t i = 0; i < LANES; i++) q[i] = value; __asm__ ("" : "+m" (q));
#define BINARY_BLOCKS(name, expression) \
  EW_HEAD (name) EACH (({ T p = a[j], q = b[j]; (T) (expression); })) } \
  EW_HEAD (name##_a) BLOCK_OF (one, a[0]) EACH (({ T p = one[k], q = b[j]; (T) (expression); })) } \
  EW_HEAD (name##_b) BLOCK_OF (one, b[0]) EACH (({ T p = a[j], q = one[k]; (T) (expression); })) }
#define BINARY(name, expression) \
  EW_HEAD (name) EACH (({ T p = a[j], q = b[j]; (T) (expression); })) } \
  EW_HEAD (name##_a) T p = a[0]; EACH (({ T q = b[j]; (T) (expression); })) } \
  EW_HEAD (name##_b) T q = b[0]; EACH (({ T p = a[j]; (T) (expression); })) }
#define TERNARY(name, expression) \
  EW_HEAD (name) EACH (({ T p = a[j], q = b[j], r = c[j]; (T) (expression); })) } \
  EW_HEAD (name##_a) T p = a[0]; EACH (({ T q = b[j], r = c[j]; (T) (expression); })) } \
  EW_HEAD (name##_b) T q = b[0]; EACH (({ T p = a[j], r = c[j]; (T) (expression); })) } \
  EW_HEAD (name##_c) T r = c[0]; EACH (({ T p = a[j], q = b[j]; (T) (expression); })) }

VECTOR_MATHS (UNARY)
SCALAR_MATHS (UNARY_EACH)
FAR_MATHS (FAR_SOME)
FAR_MATHS (UNARY_FAR)
UNARY (NEG, neg, -x)
UNARY (STOP, stop, x)
UNARY (SIGN, sign, x > 0 ? (T) 1 : x < 0 ? (T) -1 : x)
UNARY (RELU, relu, x <= 0 ? (T) 0 : x)
UNARY (STEP, step, x > 0 ? (T) 1 : (T) 0)
EW_HEAD (clamp)
  T lo = (T) par[0], hi = (T) par[1];
  EACH (({ T x = a[j]; x = x < lo ? lo : x; x > hi ? hi : x; }))
}
BINARY (add, p + q)
BINARY (sub, p - q)
BINARY (mul, p * q)
BINARY (div, p / q)
BINARY (min, ((p < q) | (p != p)) ? p : q)
BINARY (max, ((p > q) | (p != p)) ? p : q)
BINARY (eq, p == q ? (T) 1 : (T) 0)
BINARY (lt, p < q ? (T) 1 : (T) 0)
TERNARY (where, p != 0 ? q : r)
TERNARY (fma, FMA_T (p, q, r))

POW_KERNEL

/* --- vectors with an end --- */
CHAIN_ALWAYS VEC
S (load) (const T *p)
{
  return *(const UVEC *) p;
}

CHAIN_ALWAYS void
S (store) (T *p, VEC v)
{
  *(UVEC *) p = v;
}

/* The first w < VL numbers at p, zeros behind them. */
CHAIN_ALWAYS VEC
S (load_part) (const T *p, int w)
{
#if VBYTES == 64
  return sizeof (T) == 4 ? (VEC) _mm512_maskz_loadu_ps ((__mmask16) ((1u << w) - 1), p)
                         : (VEC) _mm512_maskz_loadu_pd ((__mmask8) ((1u << w) - 1), p);
#else
  union { VEC v; T t[VL]; } u = { 0 };
  for (int i = 0; i < w; i++)
    u.t[i] = p[i];
  return u.v;
#endif
}

CHAIN_ALWAYS void
S (store_part) (T *p, VEC v, int w)
{
#if VBYTES == 64
  if (sizeof (T) == 4)
    _mm512_mask_storeu_ps (p, (__mmask16) ((1u << w) - 1), (__m512) v);
  else
    _mm512_mask_storeu_pd (p, (__mmask8) ((1u << w) - 1), (__m512d) v);
#else
  union { VEC v; T t[VL]; } u = { v };
  for (int i = 0; i < w; i++)
    p[i] = u.t[i];
#endif
}

/* x, or the product x·y, rounded */
CHAIN_ALWAYS VEC
S (term) (const T *x, const T *y)
{
  VEC v = S (load) (x);

  if (y != NULL)
    v *= S (load) (y);
  return v;
}

CHAIN_ALWAYS VEC
S (term_part) (const T *x, const T *y, int w)
{
  VEC v = S (load_part) (x, w);

  if (y != NULL)
    v *= S (load_part) (y, w);
  return v;
}

/* --- sums: see cpu-private.h for their order --- */
#define N_ACC (16 / VL)

CHAIN_ALWAYS T
S (tree) (T *acc)
{
  for (int w = 8; w >= 1; w /= 2)
    for (int j = 0; j < w; j++)
      acc[j] += acc[j + w];
  return acc[0];
}

CHAIN_ALWAYS T
S (sum_block) (const T *x, const T *y, size_t n)
{
  VEC acc[N_ACC] = { 0 };
  T lane[16] __attribute__ ((aligned (64)));
  size_t i = 0;

  for (; i + 16 <= n; i += 16)
    for (int k = 0; k < N_ACC; k++)
      acc[k] += S (term) (x + i + k * VL, y != NULL ? y + i + k * VL : NULL);
  for (int k = 0; k < N_ACC; k++)
    S (store) (lane + k * VL, acc[k]);
  for (size_t j = 0; i + j < n; j++)
    lane[j] += y != NULL ? x[i + j] * y[i + j] : x[i + j];
  return S (tree) (lane);
}

CHAIN_ALWAYS T
S (sum_row) (const T *x, const T *y, size_t n)
{
  T total = 0;

  if (n <= CHAIN_SUM_BLOCK)
    return S (sum_block) (x, y, n);
  for (size_t i = 0; i < n; i += CHAIN_SUM_BLOCK)
    total += S (sum_block) (x + i, y != NULL ? y + i : NULL, n - i < CHAIN_SUM_BLOCK ? n - i : CHAIN_SUM_BLOCK);
  return total;
}

static double
S (sum) (const void *x, const void *y, size_t n)
{
  return y != NULL ? S (sum_row) (x, y, n) : S (sum_row) (x, NULL, n);
}

/* --- rows of at most 16 numbers, as one vector; four rows at a time, so that one does not wait for the other --- */
typedef T S (row) __attribute__ ((vector_size (16 * sizeof (T)), may_alias));
typedef union { S (row) v; T t[16]; } S (Row);
#define ROWS 4
#define FOLD(v, w) __builtin_shufflevector (v, v, 0 ^ w, 1 ^ w, 2 ^ w, 3 ^ w, 4 ^ w, 5 ^ w, 6 ^ w, 7 ^ w, 8 ^ w, 9 ^ w, 10 ^ w, 11 ^ w, \
                                           12 ^ w, 13 ^ w, 14 ^ w, 15 ^ w)
#define LARGER_LANES(p, q) ({ S (row) p_ = p, q_ = q; __typeof__ (p_ > q_) keep_ = (p_ > q_) | (p_ != p_); \
                              (S (row)) (((__typeof__ (keep_)) p_ & keep_) | ((__typeof__ (keep_)) q_ & ~keep_)); })

/* The first n numbers at x, `rest` behind them. */
CHAIN_ALWAYS S (row)
S (row_load) (const T *x, int n, T rest)
{
  S (Row) m;

#if VBYTES == 64
  if (sizeof (T) == 4)
    {
      __m512 whole = _mm512_mask_loadu_ps (_mm512_set1_ps ((float) rest), (__mmask16) ((1u << n) - 1), x);
      memcpy (&m, &whole, sizeof whole);
      return m.v;
    }
#endif
  for (int j = 0; j < 16; j++)
    m.t[j] = j < n ? x[j] : rest;
  return m.v;
}

CHAIN_ALWAYS void
S (row_store) (T *y, S (row) v, int n)
{
  S (Row) e = { v };

#if VBYTES == 64
  if (sizeof (T) == 4)
    {
      __m512 whole;
      memcpy (&whole, &e, sizeof whole);
      _mm512_mask_storeu_ps (y, (__mmask16) ((1u << n) - 1), whole);
      return;
    }
#endif
  for (int j = 0; j < n; j++)
    y[j] = e.t[j];
}

/* The order of tree() */
CHAIN_ALWAYS T
S (row_sum) (S (row) v)
{
  v = v + FOLD (v, 8);
  v = v + FOLD (v, 4);
  v = v + FOLD (v, 2);
  return v[0] + v[1];
}

CHAIN_ALWAYS T
S (row_max) (S (row) v)
{
  v = LARGER_LANES (FOLD (v, 8), v);
  v = LARGER_LANES (FOLD (v, 4), v);
  v = LARGER_LANES (FOLD (v, 2), v);
  return ((v[1] > v[0]) | (v[1] != v[1])) ? v[1] : v[0];
}

static void
S (sum_rows_short) (T *out, const T *x, const T *y, int64_t m, int n)
{
  for (int64_t i = 0; i < m; i++)
    {
      S (row) v = S (row_load) (x + i * n, n, 0);
      if (y != NULL)
        v = v * S (row_load) (y + i * n, n, 0);
      out[i] = S (row_sum) (v + (S (row)) { 0 });
    }
}

static void
S (sum_rows) (void *out, const void *x, const void *y, int64_t m, int64_t n)
{
  if (n <= 16)
    {
      S (sum_rows_short) (out, x, y, m, (int) n);
      return;
    }
  for (int64_t i = 0; i < m; i++)
    ((T *) out)[i] = y != NULL ? S (sum_row) ((const T *) x + i * n, (const T *) y + i * n, (size_t) n)
                               : S (sum_row) ((const T *) x + i * n, NULL, (size_t) n);
}

/* Columns [first, last), a vector of them at a time. */
static void
S (sum_cols) (void *out, const void *x_, const void *y_, int64_t m, int64_t n, int64_t first, int64_t last)
{
  const T *x = x_, *y = y_;
  int64_t c = first;

  for (; c + 2 * VL <= last; c += 2 * VL)
    {
      VEC a = { 0 }, b = { 0 };
      for (int64_t r = 0; r < m; r++)
        {
          const T *p = x + r * n + c, *q = y != NULL ? y + r * n + c : NULL;
          a += S (term) (p, q);
          b += S (term) (p + VL, y != NULL ? q + VL : NULL);
        }
      S (store) ((T *) out + c, a);
      S (store) ((T *) out + c + VL, b);
    }
  for (; c < last; c += VL)
    {
      int w = (int) (last - c < VL ? last - c : VL);
      VEC a = { 0 };
      for (int64_t r = 0; r < m; r++)
        {
          const T *p = x + r * n + c, *q = y != NULL ? y + r * n + c : NULL;
          if (w == VL)
            a += S (term) (p, q);
          else
            a += S (term_part) (p, q, w);
        }
      if (w == VL)
        S (store) ((T *) out + c, a);
      else
        S (store_part) ((T *) out + c, a, w);
    }
}

/* --- functions of rows; a NaN anywhere in a row is its maximum --- */
CHAIN_ALWAYS T
S (max_of) (const T *x, int64_t n)
{
  S (row) best = S (row_load) (x, n < 16 ? (int) n : 16, -(T) INFINITY);
  int64_t i;

  for (i = 16; i + 16 <= n; i += 16)
    best = LARGER_LANES (S (row_load) (x + i, 16, 0), best);
  if (i < n)
    best = LARGER_LANES (S (row_load) (x + i, (int) (n - i), -(T) INFINITY), best);
  return S (row_max) (best);
}

static void
S (rowmax) (void *out, const void *x, int64_t m, int64_t n)
{
  for (int64_t r = 0; r < m; r++)
    ((T *) out)[r] = S (max_of) ((const T *) x + r * n, n);
}

/* y = exp (x - best); the end of a row by way of a whole block, so that it is not done number by number */
CHAIN_ALWAYS void
S (exp_shifted) (T *y, const T *x, T best, int64_t n)
{
  T t[LANES] __attribute__ ((aligned (64))) = { 0 };
  int64_t whole = sizeof (T) == 8 ? n : n & ~(int64_t) (LANES - 1);

  for (int64_t i = 0; i < whole; i++)
    y[i] = FN_EXP (x[i] - best);
  if (whole == n)
    return;
  memcpy (t, x + whole, (size_t) (n - whole) * sizeof (T));
  for (int j = 0; j < LANES; j++)
    t[j] = FN_EXP (t[j] - best);
  memcpy (y + whole, t, (size_t) (n - whole) * sizeof (T));
}

/* e = exp (x - best) of up to ROWS rows, zeros behind their ends; the sums of e */
CHAIN_ALWAYS void
S (exp_rows) (S (Row) *e, const T *x, int rows, int n, T *best, T *total)
{
  for (int k = 0; k < ROWS; k++)
    e[k].v = S (row_load) (x + (k < rows ? k : 0) * n, n, -(T) INFINITY);
  for (int k = 0; k < ROWS; k++)
    best[k] = S (row_max) (e[k].v);
  for (int k = 0; k < ROWS; k++)
    for (int j = 0; j < (sizeof (T) == 8 ? n : 16); j++)
      e[k].t[j] = FN_EXP (e[k].t[j] - best[k]);
  if (sizeof (T) == 8)
    for (int k = 0; k < ROWS; k++)
      for (int j = n; j < 16; j++)
        e[k].t[j] = 0;
  for (int k = 0; k < ROWS; k++)
    total[k] = S (row_sum) (e[k].v + (S (row)) { 0 });
}

static void
S (softmax_short) (T *y, const T *x, int64_t m, int n)
{
  for (int64_t r = 0; r < m; r += ROWS)
    {
      int rows = m - r < ROWS ? (int) (m - r) : ROWS;
      S (Row) e[ROWS];
      T best[ROWS], total[ROWS];
      S (exp_rows) (e, x + r * n, rows, n, best, total);
      for (int k = 0; k < ROWS; k++)
        e[k].v = e[k].v / (total[k] - (S (row)) { 0 });
      for (int k = 0; k < rows; k++)
        S (row_store) (y + (r + k) * n, e[k].v, n);
    }
}

static void
S (logsumexp_short) (T *y, const T *x, int64_t m, int n)
{
  T total[16], best[16];

  for (int64_t r = 0; r < m; r += 16)
    {
      int64_t rows = m - r < 16 ? m - r : 16;
      for (int j = 0; j < 16; j++)
        best[j] = total[j] = 1;
      for (int64_t j = 0; j < rows; j += ROWS)
        {
          S (Row) e[ROWS];
          S (exp_rows) (e, x + (r + j) * n, rows - j < ROWS ? (int) (rows - j) : ROWS, n, best + j, total + j);
        }
      if (sizeof (T) == 4)
        for (int j = 0; j < 16; j++)
          total[j] = best[j] + FN_LOG (total[j]);
      for (int64_t j = 0; j < rows; j++)
        y[r + j] = !isfinite (best[j]) ? best[j] : sizeof (T) == 4 ? total[j] : best[j] + FN_LOG (total[j]);
    }
}

static void
S (softmax) (void *out, const void *x_, int64_t m, int64_t n)
{
  if (n <= 16)
    {
      S (softmax_short) (out, x_, m, (int) n);
      return;
    }
  for (int64_t r = 0; r < m; r++)
    {
      const T *x = (const T *) x_ + r * n;
      T *y = (T *) out + r * n, total;
      S (exp_shifted) (y, x, S (max_of) (x, n), n);
      total = S (sum_row) (y, NULL, (size_t) n);
      for (int64_t i = 0; i < n; i++)
        y[i] = y[i] / total;
    }
}

static void
S (logsumexp) (void *out, const void *x_, int64_t m, int64_t n)
{
  if (n <= 16)
    {
      S (logsumexp_short) (out, x_, m, (int) n);
      return;
    }
  for (int64_t r = 0; r < m; r++)
    {
      const T *x = (const T *) x_ + r * n;
      T e[CHAIN_SUM_BLOCK] __attribute__ ((aligned (64)));
      T best = S (max_of) (x, n), total = 0;
      if (!isfinite (best))
        {
          ((T *) out)[r] = best;
          continue;
        }
      for (int64_t i = 0; i < n; i += CHAIN_SUM_BLOCK)
        {
          int64_t w = n - i < CHAIN_SUM_BLOCK ? n - i : CHAIN_SUM_BLOCK;
          S (exp_shifted) (e, x + i, best, w);
          total += S (sum_block) (e, NULL, (size_t) w);
        }
      ((T *) out)[r] = best + FN_LOG (total);
    }
}

#undef FOLD
#undef ROWS
#undef LARGER_LANES

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
