/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds the panels of a small product, for one precision: included by small.c with T, WIDE(), NARROW() and the turning of a
 * square set. A template. */

/* to[c][r] = from[r][c]; rows of `to` are ld long, a multiple of SQUARE, and filled with zeros behind the last number. */
static void
D (turn) (T *to, int64_t ld, const T *from, int64_t rows, int64_t cols)
{
  for (int64_t r = 0; r < rows; r += SQUARE)
    for (int64_t c = 0; c < cols; c += SQUARE)
      D (square) (to + c * ld + r, ld, from + r * cols + c, cols, rows - r < SQUARE ? (int) (rows - r) : SQUARE,
                  cols - c < SQUARE ? (int) (cols - c) : SQUARE);
}

enum { D (HALF) = WIDE_BYTES / 2 / (int) sizeof (T), D (FULL) = WIDE_BYTES / (int) sizeof (T), D (PART) = NARROW_BYTES / (int) sizeof (T) };

static void
D (choose) (ChainSmall *p)
{
  if (p->rows <= 10 && p->width <= D (HALF))
    p->all = NARROW (rows_of)[p->rows];
  else if (p->rows <= 10 && p->width <= D (FULL))
    p->all = WIDE (rows_of)[p->rows];
}

static void
D (panels) (const ChainSmall *p)
{
  int64_t c = 0;

  for (; p->width - c > D (HALF); c += D (FULL))
    WIDE (panel) (p, c, p->width - c < D (FULL) ? (int) (p->width - c) : D (FULL));
  for (; c < p->width; c += D (PART))
    NARROW (panel) (p, c, p->width - c < D (PART) ? (int) (p->width - c) : D (PART));
}

/* Two rows of eight as eight rows of two, in one store. */
static void
D (interleave) (T *to, const T *from)
{
  typedef T Rows __attribute__ ((vector_size (16 * sizeof (T)), may_alias, aligned (sizeof (T))));
  Rows v = *(const Rows *) from;

  *(Rows *) to = __builtin_shufflevector (v, v, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

static void
D (product) (const ChainSmall *p)
{

  if (p->from != NULL)
    D (turn) ((T *) p->lanes, p->ld, p->from, p->from_rows, p->from_cols);
  if (p->all != NULL)
    p->all (p, 0, 0, (int) p->width);
  else
    D (panels) (p);
  if (p->turned != NULL && p->rows == 2 && p->width == 8)
    D (interleave) (p->turned, p->out);
  else if (p->turned != NULL)
    for (int64_t r = 0; r < p->rows; r++)
      for (int64_t k = 0; k < p->width; k++)
        ((T *) p->turned)[k * p->rows + r] = ((const T *) p->out)[r * p->ldo + k];
}

/* A block of a sum: 16 accumulators, then a tree (cpu-private.h). Behind the end +0 is added to what began at +0: no change. */
typedef T D (all) __attribute__ ((vector_size (16 * sizeof (T)), may_alias));
typedef T D (eight) __attribute__ ((vector_size (8 * sizeof (T)), may_alias));

CHAIN_ALWAYS D (all)
D (sixteen) (const T *p, size_t n)
{
  union { D (all) v; T t[16]; } u = { { 0 } };

#if WIDE_BYTES == 64
  if (sizeof (T) == 4)
    {
      __m512 v = _mm512_maskz_loadu_ps ((__mmask16) ((1u << n) - 1), p);
      memcpy (&u, &v, sizeof v);
      return u.v;
    }
#endif
  if (n >= 16)
    memcpy (&u, p, sizeof u);
  else
    for (size_t i = 0; i < n; i++)
      u.t[i] = p[i];
  return u.v;
}

CHAIN_ALWAYS D (eight)
D (load_8) (const T *p, size_t n)
{
  union { D (eight) v; T t[8]; } u = { { 0 } };

#if WIDE_BYTES == 64
  if (sizeof (T) == 4)
    {
      __m256 v = _mm256_maskz_loadu_ps ((__mmask8) ((1u << n) - 1), (const float *) p);
      memcpy (&u, &v, sizeof v);
      return u.v;
    }
#endif
  if (n == 8)
    memcpy (&u, p, sizeof u);
  else
    for (size_t i = 0; i < n; i++)
      u.t[i] = p[i];
  return u.v;
}

/* The tree, in vectors that are as wide as what is left. */
CHAIN_ALWAYS T
D (tree_8) (D (eight) v)
{
  typedef T Four __attribute__ ((vector_size (4 * sizeof (T))));
  Four f = __builtin_shufflevector (v, v, 0, 1, 2, 3) + __builtin_shufflevector (v, v, 4, 5, 6, 7);

  f += __builtin_shufflevector (f, f, 2, 3, 2, 3);
  return f[0] + f[1];
}

CHAIN_ALWAYS T
D (tree) (D (all) v)
{
  return D (tree_8) (__builtin_shufflevector (v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector (v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* Of up to eight numbers the upper half of the accumulators is +0, and adding that changes nothing that began at +0. */
CHAIN_ALWAYS T
D (sum) (const T *x, const T *y, size_t n)
{
  D (all) acc = { 0 };

  if (n <= 8)
    {
      D (eight) v = D (load_8) (x, n);
      return D (tree_8) ((D (eight)) { 0 } + (y != NULL ? v * D (load_8) (y, n) : v - (D (eight)) { 0 }));
    }
  for (; n > 16; n -= 16, x += 16)
    {
      D (all) v = D (sixteen) (x, 16);
      if (y != NULL)
        {
          v *= D (sixteen) (y, 16);
          y += 16;
        }
      acc += v;
    }
  acc += y != NULL ? D (sixteen) (x, n) * D (sixteen) (y, n) : D (sixteen) (x, n) - (D (all)) { 0 };
  return D (tree) (acc);
}

/* The same of squares: those are not -0, so nothing has to begin at +0. */
CHAIN_ALWAYS T
D (squares) (const T *x, size_t n)
{
  D (all) acc, v;

  if (n <= 8)
    {
      D (eight) few = D (load_8) (x, n);
      return D (tree_8) (few * few);
    }
  acc = D (sixteen) (x, MIN (n, 16));
  acc *= acc;
  for (; n > 32; n -= 16)
    {
      x += 16;
      v = D (sixteen) (x, 16);
      acc += v * v;
    }
  if (n > 16)
    {
      v = D (sixteen) (x + 16, n - 16);
      acc += v * v;
    }
  return D (tree) (acc);
}

/* Sums of at most eight columns: rows in order, from +0. The block of `out` is filled with zeros. */
static void
D (columns) (void *out, const void *x_, int64_t rows, int64_t cols)
{
  const T *x = x_;
  union { D (eight) v[2]; T t[16]; } sum = { { { 0 } } };

  if (cols == 8)
    for (; rows > 0; rows--, x += 8)
      {
        D (eight) row;
        memcpy (&row, x, sizeof row);
        sum.v[0] += row;
      }
  else
    for (; rows > 0; rows--, x += cols)
      for (int64_t c = 0; c < cols; c++)
        sum.t[c] += x[c];
  memcpy (out, &sum, 64);
}

CHAIN_ALWAYS T
D (operand) (const ChainScalarIns *s, int k)
{
  return s->host[k] != NULL ? (T) *s->host[k] : *(const T *) s->in[k];
}

CHAIN_ALWAYS T
D (one) (const ChainScalarIns *s)
{
  switch (s->op)
    {
    case CHAIN_SCALAR_SUM:
      return D (sum) (s->in[0], NULL, s->n);
    case CHAIN_SCALAR_SUM_MUL:
      return D (sum) (s->in[0], s->in[1], s->n);
    case CHAIN_SCALAR_ADD:
      return D (operand) (s, 0) + D (operand) (s, 1);
    case CHAIN_SCALAR_SUB:
      return D (operand) (s, 0) - D (operand) (s, 1);
    case CHAIN_SCALAR_MUL:
      return D (operand) (s, 0) * D (operand) (s, 1);
    case CHAIN_SCALAR_DIV:
      return D (operand) (s, 0) / D (operand) (s, 1);
    default:
      return FMA_T (D (operand) (s, 0), D (operand) (s, 1), D (operand) (s, 2));
    }
}

/* The squares of one tensor after another are added up in a register: what is stored is read by nobody in a hurry. */
static void
D (scalars) (const ChainScalarIns *s, int n)
{
  T last = 0;

  for (const ChainScalarIns *end = s + n; s < end; s++)
    if (s->op >= CHAIN_SCALAR_SQUARES)
      {
        T v = D (squares) (s->in[0], s->n);
        *(T *) s->y = v;
        if (s->op == CHAIN_SCALAR_SQUARES_ADD)
          {
            v = last + v;
            *(T *) (++s)->y = v;
          }
        last = v;
      }
    else
      *(T *) s->y = last = D (one) (s);
}
