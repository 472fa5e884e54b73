/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products: small ones (small.h), large ones (large.h), and OpenBLAS where the processor is so old that it has no fma.
 *
 * Own products are defined to the last bit, whatever serves them. OpenBLAS is not, so which of the two it is, and how a product is cut
 * for it, are functions of the machine, shape and precision alone: neither the number of threads nor a timing can change a bit.
 * OpenBLAS has a path without packing for small products (SkylakeX: m·n·k <= 1e6, for A·Bᵀ also m·n <= 1200 and k >= 32); pieces are cut
 * to fall into it where that is possible, which is worth 15 to 30 % (TILES 4). It is opened, never linked: it reads OPENBLAS_CORETYPE when
 * it is loaded, and Debian's build would choose a core with half the speed on processors that are younger than it. */
#include "engine/run/cpu/device.h"
#include "engine/run/cpu/small.h"

#include <dlfcn.h>
#include <string.h>

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };   /* the values of cblas.h */

static struct
{
  void (*sgemm) (int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
                 float beta, float *c, int ldc);
  void (*dgemm) (int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda, const double *b, int ldb,
                 double beta, double *c, int ldc);
  const char *core;
} blas = { .core = "none" };

/* dlsym gives an object pointer; copying its bytes is the way to a function pointer that ISO C allows. */
static gboolean
find (void *library, const char *name, void *function, size_t size)
{
  void *p = dlsym (library, name);

  memcpy (function, &p, size);
  return p != NULL;
}

void
_chain_blas_open (void)
{
  void *library = dlopen ("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  char *(*corename) (void) = NULL;
  void (*set_threads) (int) = NULL;

  if (library == NULL)
    return;
  if (!find (library, "cblas_sgemm", &blas.sgemm, sizeof blas.sgemm) || !find (library, "cblas_dgemm", &blas.dgemm, sizeof blas.dgemm)
      || !find (library, "openblas_set_num_threads", &set_threads, sizeof set_threads))
    {
      blas.sgemm = NULL;
      dlclose (library);
      return;
    }
  set_threads (1);
  blas.core = find (library, "openblas_get_corename", &corename, sizeof corename) ? corename () : "unknown";
}

const char *
_chain_blas_core (void)
{
  return blas.core;
}

/* --- small products --- */
/* Steps of eight lanes that a form takes, counting what has to be turned. */
static int64_t
small_cost (int64_t rows, int64_t lanes, int64_t k, gboolean turn_lanes, gboolean turn_out)
{
  return rows * ((lanes + 7) / 8) * k + (turn_lanes ? lanes * k / 2 : 0) + (turn_out ? rows * lanes : 0);
}

gboolean
_chain_small_make (ChainSmall *p, const ChainGemm *g, int dtype, char *scratch)
{
  int64_t m = g->m, n = g->n, k = g->k, width, size = dtype == CHAIN_F64 ? 8 : 4;
  gboolean by_rows = small_cost (n, m, k, !g->ta, n > 1 && m > 1) < small_cost (m, n, k, g->tb, FALSE);

  memset (p, 0, sizeof *p);
  if (MAX (m, n) > CHAIN_SMALL_MACS || m * n > CHAIN_SMALL_MACS || m * n * k > CHAIN_SMALL_MACS)
    return FALSE;
  width = by_rows ? m : n;
  p->lanes = by_rows ? g->a : g->b;
  p->s = by_rows ? g->b : g->a;
  p->ld = width;
  p->si = by_rows ? (g->tb ? k : 1) : g->ta ? 1 : k;
  p->sk = by_rows ? (g->tb ? 1 : n) : g->ta ? m : 1;
  p->k = k;
  p->rows = by_rows ? n : m;
  p->width = p->ldo = width;
  p->out = g->c;
  p->bias = g->bias;
  p->bias_by_row = by_rows;
  if (by_rows ? !g->ta : g->tb)
    {
      p->ld = (width + 7) & ~(int64_t) 7;
      p->from = p->lanes;
      p->from_rows = width;
      p->from_cols = k;
      p->lanes = scratch;
    }
  if (by_rows && n > 1 && m > 1)
    {
      p->turned = g->c;
      p->out = scratch + CHAIN_SMALL_BYTES;
    }
  return (p->from == NULL || p->ld * k * size <= CHAIN_SMALL_BYTES) && (p->turned == NULL || m * n * size <= CHAIN_SMALL_BYTES)
         && (p->si == 1 || p->sk == 1);
}

/* --- pieces --- */
typedef struct
{
  ChainCpu *cpu;
  ChainIns *ins;
  int64_t   m, n, k;
  gboolean  by_rows;
  int64_t   piece;        /* rows or columns of the result in a piece */
} Cut;

static int64_t
inner_size (const ChainIns *ins)
{
  return ins->arg[0] ? ins->in_rows[0] : ins->in_cols[0];
}

/* Too large for the path without packing: every piece packs the other factor again, so pieces are wide; two of them at least where
 * that costs nothing, for the second thread. Rates of one core of Zen 4 in GFLOP/s, of 115: 2048 x 2048 weights with a batch of 256
 * forward 82, back to the inputs 83 (by rows 57), to the weights 92. */
static int64_t
wide_piece (int64_t all, int64_t least)
{
  return CLAMP ((all / 2 + 15) & ~(int64_t) 15, least, 512);
}

static Cut
cut_product (ChainCpu *cpu, ChainIns *ins)
{
  Cut c = { cpu, ins, ins->rows, ins->cols, inner_size (ins), ins->arg[0] != 0, ins->cols };

  if (c.by_rows)                   /* Aᵀ·B, the gradient of weights */
    c.piece = c.n * c.k * 16 <= 1000000 ? 16 : wide_piece (c.m, 128);
  else if (ins->arg[1])            /* A·Bᵀ, a layer forward: small path if a piece of 8 can have it */
    {
      c.piece = CLAMP (1200 / MAX (c.m, 1) & ~7, 8, 1024);
      if (c.m * 8 > 1200 || c.m * c.k * c.piece > 1000000)
        c.piece = wide_piece (c.n, 256);
    }
  else                             /* A·B, the gradient of inputs */
    c.piece = c.m * c.k * 16 <= 1000000 ? 16 : wide_piece (c.n, 256);
  c.piece = MIN (c.piece, c.by_rows ? c.m : c.n);
  return c;
}

static void
multiply_piece (void *data, int part)
{
  const Cut *c = data;
  const ChainIns *ins = c->ins;
  int64_t first = (int64_t) part * c->piece, all = c->by_rows ? c->m : c->n, width = MIN (c->piece, all - first);
  int m = (int) (c->by_rows ? width : c->m), n = (int) (c->by_rows ? c->n : width), k = (int) c->k;
  int64_t a = c->by_rows ? (ins->arg[0] ? first : first * c->k) : 0;
  int64_t b = c->by_rows ? 0 : (ins->arg[1] ? first * c->k : first);
  int64_t y = c->by_rows ? first * c->n : first;
  int lda = (int) ins->in_cols[0], ldb = (int) ins->in_cols[1], ldc = (int) c->n;
  int ta = ins->arg[0] ? TRANS : NO_TRANS, tb = ins->arg[1] ? TRANS : NO_TRANS;

  if (ins->dtype == CHAIN_F64)
    blas.dgemm (ROW_MAJOR, ta, tb, m, n, k, 1, (const double *) ins->in[0] + a, lda, (const double *) ins->in[1] + b, ldb, 0,
                (double *) ins->y + y, ldc);
  else
    blas.sgemm (ROW_MAJOR, ta, tb, m, n, k, 1, (const float *) ins->in[0] + a, lda, (const float *) ins->in[1] + b, ldb, 0,
                (float *) ins->y + y, ldc);
}

gboolean
_chain_cpu_is_own_product (const ChainIns *ins)
{
  return blas.sgemm == NULL || _chain_cpu_has_fma () || (double) ins->rows * (double) ins->cols * (double) inner_size (ins) <= CHAIN_GEMM_OWN;
}

static void
multiply_own (ChainCpu *cpu, ChainIns *ins, void *y, const void *bias)
{
  ChainGemm g = { ins->in[0], ins->in[1], y, ins->rows, ins->cols, inner_size (ins), ins->arg[0], ins->arg[1], .bias = bias };

  if (!_chain_large_run (cpu, cpu->large, &g, ins->dtype))
    _chain_cpu_fail (cpu, "There is no memory left for a matrix product; use fewer rows or a smaller network");
}

void
_chain_cpu_run_matmul (ChainCpu *cpu, ChainIns *ins)
{
  Cut cut;

  _chain_cpu_round_operands (ins);
  if (_chain_cpu_is_own_product (ins))
    {
      multiply_own (cpu, ins, ins->y, NULL);
      return;
    }
  cut = cut_product (cpu, ins);
  _chain_cpu_each (cpu, multiply_piece, &cut, (int) (((cut.by_rows ? cut.m : cut.n) + cut.piece - 1) / cut.piece));
}

void
_chain_cpu_run_dense (ChainCpu *cpu, ChainIns *ins)
{
  _chain_cpu_round_operands (ins);
  multiply_own (cpu, ins, ins[1].y, ins->bias);
}
