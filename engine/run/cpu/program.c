/* SPDX-License-Identifier: Apache-2.0 */
/* Tile programs with their addresses.
 *
 * A program of the fuser works on one set of blocks. Where the next program of the plan does the same with the same numbers, as the
 * update of the next tensor does, both become one with two segments: the numbers of the host are rounded once, there is one dispatch,
 * and segments that follow one another in memory in every operand are one longer segment. */
#include "engine/run/cpu/program.h"

#include "engine/base/tensor.h"

#include <string.h>

struct _ChainCpuProgram
{
  ChainTile       *tile;
  guint            n_items;      /* of all segments */
  GArray          *sizes;        /* size_t, of each segment */
  GPtrArray       *streams;      /* n_streams addresses for each segment */
  ChainTileKernel *kernels;
  char            *fixed[CHAIN_TILE_MAX_BASES];   /* rows, columns, numbers */
  const double    *host[CHAIN_TILE_MAX_BASES];    /* numbers of the host: rounded into one[] before each run */
  double           one[CHAIN_TILE_MAX_BASES];
  gboolean         padded;       /* all streams of all segments, to a block: those before the last, and the last */
  gboolean         padded_before, padded_last;
  size_t           tail;         /* bytes that the last tensor may fill */
  void           (*loop) (ChainTileRun *r);
  /* For runs in one piece on one thread: addresses of a pass, those of the streams left open. */
  char            *base[CHAIN_TILE_MAX_BASES];
  char            *temps;
};

/* --- making --- */
static size_t
number_size (const ChainTile *t)
{
  return t->dtype == CHAIN_F64 ? 8 : 4;
}

ChainCpuProgram *
_chain_cpu_program_new (const ChainCpu *cpu, const ChainPlan *plan, void *const *slots, ChainTile *t)
{
  ChainCpuProgram *p = g_new0 (ChainCpuProgram, 1);
  size_t n = (size_t) (t->rows * t->cols);

  p->tile = t;
  p->n_items = t->n_items;
  p->sizes = g_array_new (FALSE, FALSE, sizeof (size_t));
  p->streams = g_ptr_array_new ();
  p->loop = cpu->kernels->tile[t->dtype];
  g_array_append_val (p->sizes, n);
  p->padded = TRUE;
  p->tail = G_MAXSIZE;
  for (guint i = 0; i < t->n_streams; i++)
    {
      g_ptr_array_add (p->streams, slots[t->bases[i].slot]);
      p->tail = MIN (p->tail, plan->slots[t->bases[i].slot].bytes);
      p->padded = p->padded && (plan->slots[t->bases[i].slot].bytes % CHAIN_TILE_BYTES == 0 || n <= 128 / number_size (t));
    }
  for (guint i = t->n_streams; i < (guint) (t->n_bases - t->n_temps); i++)
    {
      gboolean is_host = plan->slots[t->bases[i].slot].kind == CHAIN_SLOT_HOST;
      p->host[i] = is_host ? slots[t->bases[i].slot] : NULL;
      p->fixed[i] = is_host ? (char *) &p->one[i] : slots[t->bases[i].slot];
    }
  p->temps = t->n_temps > 0 ? chain_aligned_new (t->n_temps * CHAIN_TILE_BYTES) : NULL;
  for (guint i = t->n_streams; i < t->n_bases; i++)
    p->base[i] = i < (guint) (t->n_bases - t->n_temps) ? p->fixed[i] : p->temps + (i - (guint) (t->n_bases - t->n_temps)) * CHAIN_TILE_BYTES;
  p->padded_before = TRUE;
  p->padded_last = p->padded;
  p->kernels = g_new0 (ChainTileKernel, t->n_calls + 1);
  for (guint i = 0; i < t->n_calls; i++)
    p->kernels[i] = (ChainTileKernel){ cpu->kernels->ew[t->dtype][t->calls[i].op][t->calls[i].form], t->calls[i].par };
  return p;
}

void
_chain_cpu_program_free (ChainCpuProgram *p)
{
  if (p == NULL)
    return;
  _chain_tile_free (p->tile);
  g_array_unref (p->sizes);
  g_ptr_array_unref (p->streams);
  g_free (p->kernels);
  chain_aligned_free (p->temps);
  g_free (p);
}

guint
_chain_cpu_program_items (const ChainCpuProgram *p)
{
  return p->n_items;
}

/* --- segments --- */
static size_t
padded (const ChainTile *t, size_t n)
{
  return t->dtype == CHAIN_F64 ? (n + 7) & ~(size_t) 7 : (n + 15) & ~(size_t) 15;
}

/* As slots are: _chain_plan_slot_bytes(). */
static size_t
room (const ChainTile *t, size_t n)
{
  size_t bytes = padded (t, n) * number_size (t);

  return bytes <= 128 ? bytes : (bytes + CHAIN_TILE_BYTES - 1) & ~(size_t) (CHAIN_TILE_BYTES - 1);
}

static gboolean
overlaps (const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
  return a < b + b_bytes && b < a + a_bytes;
}

/* May the last segment go on with these blocks? They must follow in memory, and have nothing to do with those before. */
static gboolean
continues (const ChainCpuProgram *p, void *const *more, size_t n_more)
{
  const ChainTile *t = p->tile;
  size_t n = g_array_index (p->sizes, size_t, p->sizes->len - 1);
  size_t bytes = room (t, n), bytes_more = room (t, n_more);
  char *const *last = (char *const *) p->streams->pdata + p->streams->len - t->n_streams;

  for (guint i = 0; i < t->n_streams; i++)
    {
      if (more[i] != last[i] + bytes)
        return FALSE;
      for (guint k = 0; k < t->n_streams; k++)
        if (overlaps (last[k], bytes, more[i], bytes_more))
          return FALSE;
    }
  return TRUE;
}

gboolean
_chain_cpu_program_join (ChainCpuProgram *p, ChainCpuProgram *more)
{
  size_t n = g_array_index (more->sizes, size_t, 0), *last = &g_array_index (p->sizes, size_t, p->sizes->len - 1);

  if (more->tile->first != p->tile->first + p->n_items || !_chain_tile_same (p->tile, more->tile))
    return FALSE;
  p->n_items += more->n_items;
  if (continues (p, more->streams->pdata, n))
    {
      *last = room (p->tile, *last) / number_size (p->tile) + n;
      /* a whole block at the end must not reach beyond what the last tensor has */
      p->padded_last = room (p->tile, *last) <= (*last - n) * number_size (p->tile) + more->tail;
    }
  else
    {
      p->padded_before = p->padded_before && p->padded_last;
      p->padded_last = more->padded;
      g_array_append_val (p->sizes, n);
      for (guint i = 0; i < more->streams->len; i++)
        g_ptr_array_add (p->streams, more->streams->pdata[i]);
    }
  p->padded = p->padded_before && p->padded_last;
  return TRUE;
}

/* --- rows and columns --- */
/* Numbers [first, first + n) of an operand stored as one row of cols numbers: the row is written once, then doubled. */
void
_chain_cpu_spread_row (char *to, const char *from, size_t cols, size_t first, size_t n, size_t size)
{
  size_t head = MIN (cols - first % cols, n), done = MIN (cols, n - head), rest = n - head;

  memcpy (to, from + first % cols * size, head * size);
  to += head * size;
  memcpy (to, from, done * size);
  for (size_t k; done < rest; done += k)
    {
      k = MIN (done, rest - done);
      memcpy (to + done * size, to, k * size);
    }
}

/* The same for a column, or one number (which is a column of one row). */
void
_chain_cpu_spread_column (void *to, const void *from, size_t cols, size_t first, size_t n, gboolean f64)
{
  size_t r = first / cols, end = MIN ((r + 1) * cols - first, n);

  for (size_t i = 0; i < n; r++, end = MIN (end + cols, n))
    if (f64)
      for (double v = ((const double *) from)[r]; i < end; i++)
        ((double *) to)[i] = v;
    else
      for (float v = ((const float *) from)[r]; i < end; i++)
        ((float *) to)[i] = v;
}

#define ROW_BYTES (2 * CHAIN_TILE_BYTES + 64)   /* a row shorter than a block, repeated until any block of it is in one piece */

typedef struct
{
  ChainTileRun           run;
  const ChainCpuProgram *p;
  char *const           *fixed;
  size_t                 first;
  size_t                 row, at;       /* of the next block, where no block crosses the end of a row */
  char                  *base[CHAIN_TILE_MAX_BASES];
  char                   temps[CHAIN_TILE_MAX_TEMPS][CHAIN_TILE_BYTES] __attribute__ ((aligned (64)));
  char                   spread[CHAIN_TILE_MAX_SPREAD][ROW_BYTES] __attribute__ ((aligned (64)));
} Pass;

static gboolean
row_is_short (const ChainTile *t)
{
  return (size_t) t->cols * number_size (t) < CHAIN_TILE_BYTES;
}

static void
start_rows (Pass *pass)
{
  const ChainTile *t = pass->p->tile;
  size_t size = number_size (t), cols = (size_t) t->cols;
  size_t n = MIN (cols + CHAIN_TILE_BYTES / size, pass->first % cols + padded (t, pass->run.left));

  for (guint i = 0; i < t->n_rows && row_is_short (t); i++)
    _chain_cpu_spread_row (pass->spread[i], pass->fixed[t->n_streams + i], cols, 0, n, size);
}

/* Where no block crosses the end of a row nothing is spread. */
static void
move_on (ChainTileRun *r, size_t n)
{
  Pass *pass = (Pass *) r;
  const ChainTile *t = pass->p->tile;
  size_t size = number_size (t);
  guint i = t->n_streams;

  if (pass->at == (size_t) t->cols)
    {
      pass->at = 0;
      pass->row++;
    }
  for (guint k = 0; k < t->n_rows; k++, i++)
    pass->base[i] = pass->fixed[i] + pass->at * size;
  for (guint k = 0; k < t->n_cols; k++, i++)
    pass->base[i] = pass->fixed[i] + pass->row * size;
  pass->at += n;
}

static void
spread_block (ChainTileRun *r, size_t n)
{
  Pass *pass = (Pass *) r;
  const ChainTile *t = pass->p->tile;
  size_t first = pass->first + r->done, cols = (size_t) t->cols, at = first % cols, size = number_size (t);
  guint i = t->n_streams;

  for (guint k = 0; k < t->n_rows; k++, i++)
    if (row_is_short (t))
      pass->base[i] = pass->spread[k] + at * size;
    else if (at + CHAIN_TILE_BYTES / size <= cols)
      pass->base[i] = pass->fixed[i] + at * size;
    else
      {
        pass->base[i] = pass->spread[k];
        _chain_cpu_spread_row (pass->base[i], pass->fixed[i], cols, first, n, size);
      }
  for (guint k = 0; k < t->n_cols; k++, i++)
    {
      pass->base[i] = pass->spread[t->n_rows + k];
      _chain_cpu_spread_column (pass->base[i], pass->fixed[i], cols, first, n, t->dtype == CHAIN_F64);
    }
}

/* --- running --- */
/* Numbers [first, first + n) of a segment; fixed: addresses of rows, columns and numbers, at their places behind the streams. */
static void
run_at (const ChainCpuProgram *p, char *const *streams, char *const *fixed, size_t first, size_t n, gboolean whole_blocks)
{
  const ChainTile *t = p->tile;
  guint n_fixed = (guint) (t->n_bases - t->n_temps);
  size_t bytes = first * number_size (t);
  Pass pass;

  pass.run = (ChainTileRun){ t->ins, p->kernels, pass.base, t->n_streams, whole_blocks, n, 0, NULL };
  for (guint i = 0; i < t->n_streams; i++)
    pass.base[i] = streams[i] + bytes;
  for (guint i = t->n_streams; i < n_fixed; i++)
    pass.base[i] = fixed[i];
  for (guint i = 0; i < t->n_temps; i++)
    pass.base[n_fixed + i] = pass.temps[i];
  if (t->n_rows + t->n_cols > 0)
    {
      pass.p = p;
      pass.fixed = fixed;
      pass.first = first;
      pass.row = first / (size_t) t->cols;
      pass.at = first % (size_t) t->cols;
      pass.run.spread = t->by_rows ? move_on : spread_block;
      if (!t->by_rows)
        start_rows (&pass);
    }
  p->loop (&pass.run);
}

static void
run_part (const ChainCpuProgram *p, char *const *streams, size_t first, size_t n, gboolean whole_blocks)
{
  run_at (p, streams, p->fixed, first, n, whole_blocks);
}

typedef struct { const ChainCpuProgram *p; char *const *streams; size_t n; } Job;

static void
run_job (void *data, int part)
{
  const Job *j = data;
  size_t first = (size_t) part * CHAIN_CPU_PART;

  run_part (j->p, j->streams, first, MIN (j->n - first, CHAIN_CPU_PART), j->p->padded);
}

static void
round_numbers (ChainCpuProgram *p)
{
  const ChainTile *t = p->tile;

  for (guint i = (guint) (t->n_bases - t->n_temps - t->n_ones); i < (guint) (t->n_bases - t->n_temps); i++)
    if (p->host[i] != NULL && t->dtype == CHAIN_F64)
      p->one[i] = *p->host[i];
    else if (p->host[i] != NULL)
      {
        float single = (float) *p->host[i];
        memcpy (&p->one[i], &single, sizeof single);
      }
}

/* Nothing is spread and nobody helps: the addresses of the pass are those that were prepared. */
static inline void
run_alone (ChainCpuProgram *p, char *const *streams, size_t n)
{
  const ChainTile *t = p->tile;
  ChainTileRun run = { t->ins, p->kernels, p->base, t->n_streams, p->padded, n, 0, NULL };

  for (guint i = 0; i < t->n_streams; i++)
    p->base[i] = streams[i];
  p->loop (&run);
}

void
_chain_cpu_program_run (ChainCpu *cpu, ChainCpuProgram *p)
{
  char *const *streams = (char *const *) p->streams->pdata;
  const size_t *sizes = (const size_t *) (gconstpointer) p->sizes->data;
  gboolean plain = p->tile->n_rows + p->tile->n_cols == 0 && (p->tile->n_temps == 0 || p->temps != NULL);

  round_numbers (p);
  for (guint s = 0; s < p->sizes->len; s++, streams += p->tile->n_streams)
    {
      Job j = { p, streams, sizes[s] };
      if (cpu->pool != NULL && j.n > CHAIN_CPU_PART)
        _chain_cpu_each (cpu, run_job, &j, (int) ((j.n + CHAIN_CPU_PART - 1) / CHAIN_CPU_PART));
      else if (plain)
        run_alone (p, streams, j.n);
      else
        run_part (p, streams, 0, j.n, p->padded);
    }
}

void
_chain_cpu_program_begin (ChainCpuProgram *p)
{
  round_numbers (p);
}

void
_chain_cpu_program_part (const ChainCpuProgram *p, size_t first, size_t n)
{
  /* only a piece that begins with a block of the tensor may end with a whole one */
  gboolean whole_blocks = first * number_size (p->tile) % CHAIN_TILE_BYTES == 0 && first + n == g_array_index (p->sizes, size_t, 0);

  run_part (p, (char *const *) p->streams->pdata, first, n, whole_blocks && p->padded);
}

void
_chain_cpu_program_block (const ChainCpuProgram *p, char *const *at, size_t n, gboolean fill_up)
{
  const ChainTile *t = p->tile;
  guint n_places = (guint) (t->n_bases - t->n_temps - t->n_ones);
  char *fixed[CHAIN_TILE_MAX_BASES];

  for (guint i = t->n_streams; i < (guint) (t->n_bases - t->n_temps); i++)
    fixed[i] = i < n_places ? at[i] : p->fixed[i];
  run_at (p, at, fixed, 0, n, fill_up && p->padded);
}

const ChainTile *
_chain_cpu_program_tile (const ChainCpuProgram *p)
{
  return p->tile;
}
