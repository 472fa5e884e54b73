/* SPDX-License-Identifier: Apache-2.0 */
/* How a large product is cut: which factor gives the lanes, what is packed when, and who does which part (large.h).
 *
 * By rows: the lanes are packed first, panel by panel, and a part is a block of rows times all panels. By lanes: a part is one panel,
 * which it packs itself, a piece of the sums at a time, and multiplies with all rows; so a large matrix that gives the lanes is never
 * copied as a whole. Rows that lie across memory (the transposed factor of a gradient of weights) are packed in tiles first, unless they
 * are so few that the next k is near. */
#include "engine/run/cpu/device.h"
#include "engine/run/cpu/large.h"

typedef struct
{
  const ChainLargeKernels *kernels;
  const char *s, *lanes, *bias;
  char       *out, *packed_lanes, *packed_rows;
  int64_t     rows, width, k, size;
  int64_t     si, lanes_ld, ldo;      /* si 0: s is stored by k */
  int64_t     block, panel, n_panels, piece;
  int         dtype;
  gboolean    by_lane;                /* lanes are stored by lane */
  gboolean    near;                   /* s is stored by k, and read as it is */
  gboolean    turned;                 /* out is stored by lane */
  gboolean    by_rows;                /* how it is cut */
  const ChainGemm *g;
} Large;

/* Numbers that are moved besides the multiplications, for lanes on the right (columns of the result) or on the left (its rows). */
static double
moved (double rows, double lanes, double k, int panel, gboolean by_lane, gboolean by_k, gboolean turned)
{
  double padded = (double) (((int64_t) lanes + panel / 4 - 1) / (panel / 4) * (panel / 4));

  return (padded - lanes) * rows * k / 16 + lanes * k * (by_lane ? 2 : 1) + (by_k ? 2 * rows * k : 0) + (turned ? 2 * rows * lanes : 0);
}

static Large
arrange (const ChainLargeKernels *kernels, const ChainGemm *g, int dtype)
{
  int64_t size = dtype == CHAIN_F64 ? 8 : 4;
  int panel = kernels->panel[dtype];
  gboolean left = g->after == NULL && moved ((double) g->n, (double) g->m, (double) g->k, panel, !g->ta, !g->tb, TRUE)
                  < moved ((double) g->m, (double) g->n, (double) g->k, panel, g->tb, g->ta, FALSE);
  gboolean follows = g->after != NULL;
  Large p = { .g = g, .kernels = kernels, .dtype = dtype, .size = size, .k = g->k, .out = g->c, .ldo = g->n, .bias = g->bias, .panel = panel, .turned = left };

  p.rows = left ? g->n : g->m;
  p.width = left ? g->m : g->n;
  p.s = left ? g->b : g->a;
  p.lanes = left ? g->a : g->b;
  p.si = left ? (g->tb ? g->k : 0) : g->ta ? 0 : g->k;
  p.near = p.si == 0 && p.rows * size <= CHAIN_LARGE_NEAR;
  p.by_lane = left ? !g->ta : g->tb;
  p.lanes_ld = p.by_lane ? g->k : p.width;
  p.n_panels = (p.width + panel - 1) / panel;
  p.by_rows = follows || p.turned || p.rows > p.width || (p.width * p.k * size <= 1 << 20 && p.rows > CHAIN_LARGE_ROWS);
  p.block = follows ? CHAIN_LARGE_FOLLOWED : MIN (CHAIN_LARGE_ROWS, (p.rows + 47) / 48 * 24);
  p.piece = (p.k + (p.k + CHAIN_LARGE_K - 1) / CHAIN_LARGE_K - 1) / ((p.k + CHAIN_LARGE_K - 1) / CHAIN_LARGE_K);
  return p;
}

/* --- packing --- */
static const char *
lanes_at (const Large *p, int64_t panel, int64_t k)
{
  return p->lanes + p->size * (p->by_lane ? panel * p->panel * p->lanes_ld + k : k * p->lanes_ld + panel * p->panel);
}

static int
width_of (const Large *p, int64_t panel)
{
  return (int) MIN (p->panel, p->width - panel * p->panel);
}

static void
pack_panel (void *data, int panel)
{
  const Large *p = data;

  p->kernels->lanes[p->dtype](p->packed_lanes + panel * p->k * p->panel * p->size, lanes_at (p, panel, 0), p->lanes_ld, p->by_lane, width_of (p, panel), p->k);
}

static void
pack_rows (void *data, int block)
{
  const Large *p = data;
  int64_t first = (int64_t) block * CHAIN_LARGE_ROWS;

  p->kernels->tiles[p->dtype](p->packed_rows + first * p->k * p->size, p->s + first * p->size, p->rows, MIN (CHAIN_LARGE_ROWS, p->rows - first), p->k);
}

/* --- multiplying --- */
/* Rows [first, first + rows), one panel, numbers [k, k + n) of the sums; lanes of those k. */
static void
multiply (const Large *p, int64_t first, int64_t rows, int64_t panel, int64_t k, int64_t n, const char *lanes, char *out, int64_t ldo)
{
  ChainLargeBlock b = { .si = p->si, .lanes = lanes, .ld = p->panel, .out = out, .ldo = ldo, .k = n, .rows = rows, .width = width_of (p, panel),
                        .more = k > 0, .bias_by_row = p->turned };

  b.sk = p->near ? p->rows : CHAIN_LARGE_TILE;
  b.s_tile = CHAIN_LARGE_TILE * (p->near ? 1 : p->si == 0 ? p->k : p->si);
  b.s = p->near ? p->s + (first + k * p->rows) * p->size
        : p->si == 0 ? p->packed_rows + (first * p->k + k * CHAIN_LARGE_TILE) * p->size : p->s + (first * p->si + k) * p->size;
  if (p->bias != NULL && k + n == p->k)
    b.bias = p->bias + (p->turned ? first : panel * p->panel) * p->size;
  p->kernels->block[p->dtype](&b);
}

static void
multiply_rows (void *data, int part)
{
  const Large *p = data;
  double own[CHAIN_LARGE_ROWS * CHAIN_LARGE_PANEL] __attribute__ ((aligned (64)));
  int64_t first = part * p->block, rows = MIN (p->block, p->rows - first);

  for (int64_t panel = 0; panel < p->n_panels; panel++)
    {
      const char *lanes = p->packed_lanes + panel * p->k * p->panel * p->size;
      char *out = p->turned ? (char *) own : p->out + (first * p->ldo + panel * p->panel) * p->size;
      for (int64_t k = 0; k < p->k; k += p->piece)
        multiply (p, first, rows, panel, k, MIN (p->piece, p->k - k), lanes + k * p->panel * p->size, out, p->turned ? p->panel : p->ldo);
      if (p->turned)
        p->kernels->turn[p->dtype](p->out + (panel * p->panel * p->ldo + first) * p->size, p->ldo, own, rows, width_of (p, panel));
    }
  if (p->g->after != NULL)
    p->g->after (p->g->data, first, rows);
}

static void
multiply_panel (void *data, int panel)
{
  const Large *p = data;
  double lanes[CHAIN_LARGE_K * CHAIN_LARGE_PANEL / 2] __attribute__ ((aligned (64)));

  for (int64_t k = 0; k < p->k; k += p->piece)
    {
      int64_t n = MIN (p->piece, p->k - k);
      p->kernels->lanes[p->dtype](lanes, lanes_at (p, panel, k), p->lanes_ld, p->by_lane, width_of (p, panel), n);
      multiply (p, 0, p->rows, panel, k, n, (const char *) lanes, p->out + panel * p->panel * p->size, p->ldo);
    }
}

gboolean
_chain_large_run (ChainCpu *cpu, const ChainLargeKernels *kernels, const ChainGemm *g, int dtype)
{
  Large p = arrange (kernels, g, dtype);
  size_t lanes = p.by_rows ? (size_t) (p.n_panels * p.panel * p.k * p.size) : 0;
  size_t rows = p.si == 0 && !p.near ? (size_t) ((p.rows + CHAIN_LARGE_TILE) * p.k * p.size) : 0;

  p.packed_lanes = lanes + rows > 0 ? _chain_cpu_scratch (cpu, lanes + rows) : NULL;
  if (lanes + rows > 0 && p.packed_lanes == NULL)
    return FALSE;
  p.packed_rows = p.packed_lanes + lanes;
  if (p.by_rows)
    _chain_cpu_each (cpu, pack_panel, &p, (int) p.n_panels);
  if (rows > 0)
    _chain_cpu_each (cpu, pack_rows, &p, (int) ((p.rows + CHAIN_LARGE_ROWS - 1) / CHAIN_LARGE_ROWS));
  if (p.by_rows)
    _chain_cpu_each (cpu, multiply_rows, &p, (int) ((p.rows + p.block - 1) / p.block));
  else
    _chain_cpu_each (cpu, multiply_panel, &p, (int) p.n_panels);
  return TRUE;
}
