/* SPDX-License-Identifier: Apache-2.0 */
/* Items that only move, count or order numbers, for one precision: included by cpu-shape.c with T and S() set. A template. */

static void
S (constant) (ChainCpu *cpu, ChainIns *ins)
{
  *(T *) ins->y = (T) ins->par[0];
}

static void
S (random) (ChainCpu *cpu, ChainIns *ins)
{
  T *y = ins->y;
  ChainStream s;
  double step = ins->host[0] != NULL ? *ins->host[0] : (double) *(const T *) ins->in[0];

  chain_stream_init (&s, cpu->seed, (uint32_t) ins->arg[1], (uint32_t) ins->arg[2], (uint64_t) step);
  for (int64_t r = 0; r < ins->rows; r++)
    for (int64_t c = 0; c < ins->cols; c++)
      *y++ = ins->arg[0] == CHAIN_RANDOM_NORMAL ? NORMAL (&s, (uint32_t) r, (uint32_t) c) : UNIFORM (&s, (uint32_t) r, (uint32_t) c);
}

/* Squares of 16, so that both sides use whole cache lines. */
static void
S (transpose) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  for (int64_t r0 = 0; r0 < ins->rows; r0 += 16)
    for (int64_t c0 = 0; c0 < ins->cols; c0 += 16)
      for (int64_t r = r0; r < MIN (r0 + 16, ins->rows); r++)
        for (int64_t c = c0; c < MIN (c0 + 16, ins->cols); c++)
          y[r * ins->cols + c] = a[c * ins->rows + r];
}

static void
S (reshape) (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  memcpy (ins->y, ins->in[0], ins->n * sizeof (T));
}

static void
S (concat) (ChainCpu *cpu, ChainIns *ins)
{
  size_t a = (size_t) ins->in_cols[0], b = (size_t) ins->in_cols[1];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  if (ins->arg[0] == 0)
    {
      a *= (size_t) ins->in_rows[0];
      memcpy (y, ins->in[0], a * sizeof (T));
      memcpy (y + a, ins->in[1], (ins->n - a) * sizeof (T));
      return;
    }
  for (int64_t r = 0; r < ins->rows; r++, y += a + b)
    {
      memcpy (y, (const T *) ins->in[0] + (size_t) r * a, a * sizeof (T));
      memcpy (y + a, (const T *) ins->in[1] + (size_t) r * b, b * sizeof (T));
    }
}

static void
S (slice) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  int64_t from = ins->arg[1];

  _chain_cpu_round_operands (ins);
  if (ins->arg[0] == 0)
    memcpy (ins->y, a + from * ins->cols, ins->n * sizeof (T));
  else
    for (int64_t r = 0; r < ins->rows; r++)
      memcpy ((T *) ins->y + r * ins->cols, a + r * ins->in_cols[0] + from, (size_t) ins->cols * sizeof (T));
}

/* The whole number in [0, n), or -1. */
static int64_t
S (index) (T x, int64_t n)
{
  return x >= 0 && x < (T) n ? (int64_t) x : -1;
}

/* A row that is not in the table is a row of NaN: visible, not a crash. */
static void
S (gather) (ChainCpu *cpu, ChainIns *ins)
{
  const T *table = ins->in[0], *index = ins->in[1];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  for (int64_t r = 0; r < ins->rows; r++, y += ins->cols)
    {
      int64_t i = S (index) (index[r], ins->in_rows[0]);
      if (i >= 0)
        memcpy (y, table + i * ins->cols, (size_t) ins->cols * sizeof (T));
      else
        for (int64_t c = 0; c < ins->cols; c++)
          y[c] = (T) NAN;
    }
}

static void
S (one_hot) (ChainCpu *cpu, ChainIns *ins)
{
  const T *index = ins->in[0];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  memset (y, 0, ins->n * sizeof (T));
  for (int64_t r = 0; r < ins->rows; r++, y += ins->cols)
    if (S (index) (index[r], ins->cols) >= 0)
      y[S (index) (index[r], ins->cols)] = 1;
}

static void
S (broadcast) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  for (int64_t r = 0; r < ins->rows; r++, y += ins->cols)
    if (ins->in_cols[0] == ins->cols)
      memcpy (y, ins->in_rows[0] == 1 ? a : a + r * ins->cols, (size_t) ins->cols * sizeof (T));
    else
      for (int64_t c = 0; c < ins->cols; c++)
        y[c] = a[ins->in_rows[0] == 1 ? 0 : r];
}

/* The first of the largest; a NaN counts as largest, as in rowmax. */
static void
S (argmax) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  for (int64_t r = 0; r < ins->rows; r++, a += ins->in_cols[0])
    {
      int64_t best = 0;
      for (int64_t c = 1; c < ins->in_cols[0] && a[best] == a[best]; c++)
        if (a[c] > a[best] || a[c] != a[c])
          best = c;
      y[r] = (T) best;
    }
}

static void
S (cumsum) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  for (int64_t r = 0; r < ins->rows; r++, a += ins->cols, y += ins->cols)
    {
      T total = 0;
      for (int64_t k = 0; k < ins->cols; k++)
        {
          int64_t c = ins->arg[0] ? ins->cols - 1 - k : k;
          total += a[c];
          y[c] = total;
        }
    }
}

static void
S (permute) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0], *index = ins->in[1];
  T *y = ins->y;

  _chain_cpu_round_operands (ins);
  if (ins->arg[0])
    memset (y, 0, ins->n * sizeof (T));
  for (int64_t r = 0; r < ins->rows; r++, a += ins->cols, y += ins->cols, index += ins->cols)
    for (int64_t c = 0; c < ins->cols; c++)
      {
        int64_t i = S (index) (index[c], ins->cols);
        if (ins->arg[0] && i >= 0)
          y[i] = a[c];
        else if (!ins->arg[0])
          y[c] = i >= 0 ? a[i] : (T) NAN;
      }
}

typedef struct { T x; int64_t i; } S (Ranked);

/* Ascending, ties by place, NaN last. */
static int
S (compare) (const void *pa, const void *pb)
{
  const S (Ranked) *a = pa, *b = pb;
  int nan_a = a->x != a->x, nan_b = b->x != b->x;

  if (nan_a != nan_b)
    return nan_a - nan_b;
  if (a->x < b->x || a->x > b->x)
    return a->x < b->x ? -1 : 1;
  return a->i < b->i ? -1 : a->i > b->i;
}

static void
S (argsort) (ChainCpu *cpu, ChainIns *ins)
{
  const T *a = ins->in[0];
  T *y = ins->y;
  S (Ranked) *rank = _chain_cpu_scratch (cpu, (size_t) ins->cols * sizeof *rank);

  if (rank == NULL)
    {
      _chain_cpu_fail (cpu, "There is no memory left for sorting; use fewer columns");
      return;
    }
  _chain_cpu_round_operands (ins);
  for (int64_t r = 0; r < ins->rows; r++, a += ins->cols, y += ins->cols)
    {
      for (int64_t c = 0; c < ins->cols; c++)
        rank[c] = (S (Ranked)){ a[c], c };
      qsort (rank, (size_t) ins->cols, sizeof *rank, S (compare));
      for (int64_t c = 0; c < ins->cols; c++)
        y[c] = (T) rank[c].i;
    }
}
