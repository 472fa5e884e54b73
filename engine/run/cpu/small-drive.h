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
#define FOLD(v, w) __builtin_shufflevector (v, v, 0 ^ w, 1 ^ w, 2 ^ w, 3 ^ w, 4 ^ w, 5 ^ w, 6 ^ w, 7 ^ w, 8 ^ w, 9 ^ w, 10 ^ w, 11 ^ w, \
                                           12 ^ w, 13 ^ w, 14 ^ w, 15 ^ w)

CHAIN_ALWAYS D (all)
D (sixteen) (const T *p, size_t n)
{
  union { D (all) v; T t[16]; } u = { { 0 } };

#if WIDE_BYTES == 64
  if (sizeof (T) == 4)
    {
      __m512 v = _mm512_maskz_loadu_ps ((__mmask16) (n < 16 ? (1u << n) - 1 : 0xffffu), p);
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

/* Up to eight numbers: the upper half of the accumulators is +0, and adding that changes nothing that began at +0. */
typedef T D (eight) __attribute__ ((vector_size (8 * sizeof (T)), may_alias));
#define FOLD8(v, w) __builtin_shufflevector (v, v, 0 ^ w, 1 ^ w, 2 ^ w, 3 ^ w, 4 ^ w, 5 ^ w, 6 ^ w, 7 ^ w)

CHAIN_ALWAYS T
D (sum_8) (const T *x, const T *y, size_t n)
{
  union { D (eight) v; T t[8]; } a = { { 0 } }, b = { { 0 } };

  if (n == 8)
    {
      memcpy (&a, x, sizeof a);
      memcpy (&b, y != NULL ? y : x, sizeof b);
    }
  else
    for (size_t i = 0; i < n; i++)
      {
        a.t[i] = x[i];
        b.t[i] = y != NULL ? y[i] : 0;
      }
  a.v = (D (eight)) { 0 } + (y != NULL ? a.v * b.v : a.v - (D (eight)) { 0 });
  a.v += FOLD8 (a.v, 4);
  a.v += FOLD8 (a.v, 2);
  return a.v[0] + a.v[1];
}

CHAIN_ALWAYS T
D (sum) (const T *x, const T *y, size_t n)
{
  D (all) acc = { 0 };

  if (n <= 8)
    return D (sum_8) (x, y, n);
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
  acc += FOLD (acc, 8);
  acc += FOLD (acc, 4);
  acc += FOLD (acc, 2);
  return acc[0] + acc[1];
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

static void
D (scalars) (const ChainScalarIns *s, int n)
{
  for (const ChainScalarIns *end = s + n; s < end; s++)
    {
      T *y = s->y;
      switch (s->op)
        {
        case CHAIN_SCALAR_SUM:
          *y = D (sum) (s->in[0], NULL, s->n);
          break;
        case CHAIN_SCALAR_SUM_MUL:
          *y = D (sum) (s->in[0], s->in[1], s->n);
          break;
        case CHAIN_SCALAR_ADD:
          *y = D (operand) (s, 0) + D (operand) (s, 1);
          break;
        case CHAIN_SCALAR_SUB:
          *y = D (operand) (s, 0) - D (operand) (s, 1);
          break;
        case CHAIN_SCALAR_MUL:
          *y = D (operand) (s, 0) * D (operand) (s, 1);
          break;
        case CHAIN_SCALAR_DIV:
          *y = D (operand) (s, 0) / D (operand) (s, 1);
          break;
        default:
          *y = FMA_T (D (operand) (s, 0), D (operand) (s, 1), D (operand) (s, 2));
        }
    }
}

#undef FOLD
#undef FOLD8
