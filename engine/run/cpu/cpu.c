/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU back end: a device of plain memory that walks decoded items.
 *
 * A plan is prepared once, when its addresses are known (prepare.c); a run then is a loop over function pointers. */
#include "engine/run/cpu/rows.h"

#include "engine/base/tensor.h"
#include "engine/run/backend-registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
_chain_cpu_fail (ChainCpu *cpu, const char *text)
{
  cpu->error = text;
}

void *
_chain_cpu_scratch (ChainCpu *cpu, size_t bytes)
{
  if (bytes > cpu->scratch_bytes)
    {
      chain_aligned_free (cpu->scratch);
      cpu->scratch = chain_aligned_new (bytes);
      cpu->scratch_bytes = cpu->scratch != NULL ? bytes : 0;
    }
  return cpu->scratch;
}

/* --- running --- */
static void
commit_one (const ChainPrepared *p, const ChainPlanCommit *c, const void *from)
{
  const ChainPlanSlot *leaf = &p->plan->slots[c->leaf_slot];

  if (p->slots[c->leaf_slot] != from)
    memcpy (p->slots[c->leaf_slot], from, (size_t) (leaf->rows * leaf->cols) * (leaf->dtype == CHAIN_F64 ? 8 : 4));
}

static gboolean
is_copied_from_leaf (const ChainPrepared *p, const ChainPlanCommit *c)
{
  return p->plan->slots[c->next_slot].leaf != CHAIN_NONE && c->leaf_slot != c->next_slot;
}

/* Next values that are themselves leaves are read before any leaf is written. */
static void
run_commits (ChainCpu *cpu, const ChainPrepared *p)
{
  size_t bytes = 0;
  char *copy = NULL, *at;

  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      bytes += p->plan->slots[p->plan->commits[i].next_slot].bytes;
  if (bytes > 0 && (copy = _chain_cpu_scratch (cpu, bytes)) == NULL)
    {
      _chain_cpu_fail (cpu, "There is no memory left to commit the step; use a smaller network");
      return;
    }
  at = copy;
  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      {
        const ChainPlanSlot *next = &p->plan->slots[p->plan->commits[i].next_slot];
        memcpy (at, p->slots[p->plan->commits[i].next_slot], (size_t) (next->rows * next->cols) * (next->dtype == CHAIN_F64 ? 8 : 4));
        at += next->bytes;
      }
  at = copy;
  for (guint i = 0; i < p->plan->n_commits; i++)
    if (is_copied_from_leaf (p, &p->plan->commits[i]))
      {
        commit_one (p, &p->plan->commits[i], at);
        at += p->plan->slots[p->plan->commits[i].next_slot].bytes;
      }
    else
      commit_one (p, &p->plan->commits[i], p->slots[p->plan->commits[i].next_slot]);
}

/* Some of the items: groups that lie inside are run as such. */
static void
run_range (ChainCpu *cpu, ChainPrepared *p, uint32_t first, uint32_t last)
{
  if (!p->complete)
    _chain_cpu_complete (cpu, p);
  for (uint32_t i = first; i < last;)
    {
      ChainIns *ins = &p->ins[i];
      gboolean inside = i + ins->covers <= last && ins->follow == NULL;
      (inside ? ins->whole : ins->run) (cpu, ins);
      i += inside ? ins->covers : 1;
    }
}

static inline void
commit_all (ChainCpu *cpu, const ChainPrepared *p)
{
  if (G_UNLIKELY (p->swaps))
    run_commits (cpu, p);
  else
    for (guint i = 0; i < p->n_copies; i++)
      if (p->copies[i].bytes == sizeof (double))
        memcpy (p->copies[i].to, p->copies[i].from, sizeof (double));
      else
        memcpy (p->copies[i].to, p->copies[i].from, p->copies[i].bytes);
}

static void
run_whole (ChainCpu *cpu, ChainPrepared *p)
{
  const ChainCpuStep *s = p->steps, *end = s + p->n_steps;

  if (cpu->pool != NULL && p->scalar == NULL)
    {
      if (p->pooled == NULL)
        _chain_cpu_rows_list (cpu, p);
      s = p->pooled;
      end = s + p->n_pooled;
    }
  for (; s < end; s++)
    s->run (cpu, s->ins);
}

static int
cpu_run (ChainDevice *d, ChainPrepared *p, uint32_t first, uint32_t last, uint32_t k_steps, int commit, uint64_t seed)
{
  ChainCpu *cpu = (ChainCpu *) d;

  cpu->seed = seed;
  cpu->error = NULL;
  for (uint32_t k = 0; k < k_steps; k++)
    {
      if (first > 0 || last < p->plan->n_items)
        run_range (cpu, p, first, last);
      else
        run_whole (cpu, p);
      if (commit && last == p->plan->n_items)
        commit_all (cpu, p);
    }
  return cpu->error != NULL;
}

/* --- the rest of the table --- */
static int
cpu_count (void)
{
  return 1;
}

static int
cpu_open (int i, ChainDevice **out)
{
  ChainCpu *cpu;

  if (i != 0)
    return 1;
  cpu = g_new0 (ChainCpu, 1);
  cpu->kernels = _chain_cpu_kernels ();
  cpu->small = _chain_small_kernels ();
  cpu->large = _chain_large_kernels ();
  cpu->n_threads = 1;
  *out = (ChainDevice *) cpu;
  return 0;
}

static void
cpu_close (ChainDevice *d)
{
  ChainCpu *cpu = (ChainCpu *) d;

  _chain_cpu_pool_free (cpu);
  chain_aligned_free (cpu->scratch);
  g_free (cpu);
}

static int
cpu_supports (ChainDevice *d, int op, int dtype)
{
  return op > CHAIN_OP_NONE && op < CHAIN_N_OPS && (dtype == CHAIN_F32 || dtype == CHAIN_F64);
}

static int
cpu_alloc (ChainDevice *d, size_t bytes, void **out)
{
  *out = chain_aligned_new (bytes);
  if (*out == NULL)
    _chain_cpu_fail ((ChainCpu *) d, "There is no memory left for the values of the network; use fewer rows or a smaller network");
  return *out == NULL;
}

static void
cpu_release (ChainDevice *d, void *p)
{
  chain_aligned_free (p);
}

static int
cpu_copy (ChainDevice *d, void *to, const void *from, size_t bytes)
{
  memcpy (to, from, bytes);
  return 0;
}

static int
cpu_idle (ChainDevice *d)
{
  return 0;
}

static int
cpu_set_threads (ChainDevice *d, int n)
{
  _chain_cpu_pool_resize ((ChainCpu *) d, CLAMP (n, 1, CHAIN_CPU_MAX_THREADS));
  return 0;
}

static const char *
cpu_last_error (ChainDevice *d)
{
  return ((ChainCpu *) d)->error != NULL ? ((ChainCpu *) d)->error : "No error";
}

static const char *
cpu_describe (ChainDevice *d)
{
  ChainCpu *cpu = (ChainCpu *) d;

  snprintf (cpu->text, sizeof cpu->text, "CPU, %s, OpenBLAS %s, %d thread%s", cpu->kernels->isa, chain_blas_core (), cpu->n_threads,
            cpu->n_threads == 1 ? "" : "s");
  return cpu->text;
}

const ChainBackend *
chain_backend_cpu (void)
{
  static const ChainBackend table = {
    .abi = CHAIN_BACKEND_ABI, .name = "CPU", .device_count = cpu_count, .open = cpu_open, .close = cpu_close, .supports = cpu_supports,
    .alloc = cpu_alloc, .release = cpu_release, .write = cpu_copy, .read = cpu_copy, .sync = cpu_idle, .set_threads = cpu_set_threads,
    .prepare = _chain_cpu_prepare, .discard = _chain_cpu_discard, .run = cpu_run, .poll = cpu_idle, .last_error = cpu_last_error,
    .describe = cpu_describe,
  };

  return &table;
}
