/* SPDX-License-Identifier: Apache-2.0 */
/* The device and a prepared plan, shared by the files of the CPU back end. */
#pragma once

#include "engine/run/cpu/large.h"
#include "engine/run/cpu/small.h"

#include <string.h>

G_BEGIN_DECLS

#define CHAIN_CPU_PART (1 << 15)    /* numbers of an element-wise item that one thread does at a time */
#define CHAIN_CPU_MAX_THREADS 64

typedef struct _ChainCpuPool ChainCpuPool;
typedef struct _ChainCpuProgram ChainCpuProgram;
typedef struct _ChainCpuRows ChainCpuRows;

struct _ChainCpu
{
  const ChainCpuKernels *kernels;
  const ChainSmallKernels *small;
  const ChainLargeKernels *large;
  uint64_t      seed;
  const char   *error;         /* static text of the run that failed, else NULL */
  void         *scratch;
  size_t        scratch_bytes;
  int           n_threads;
  ChainCpuPool *pool;          /* NULL while n_threads is 1 */
  char          text[120];
};

typedef struct { ChainInsRun run; ChainIns *ins; } ChainCpuStep;
typedef struct { void *to; const void *from; size_t bytes; } ChainCpuCopy;

struct ChainPrepared
{
  const ChainPlan *plan;
  void           **slots;
  ChainIns        *ins;
  ChainCpuStep    *steps;      /* of a whole run */
  guint            n_steps;
  ChainCpuStep    *pooled;     /* the same on several threads, with row programs; NULL until asked for */
  guint            n_pooled;
  ChainCpuRows   **rows;
  guint            n_rows;
  ChainCpuProgram **programs;
  guint            n_programs;
  GPtrArray       *lowered;    /* what ins[].lowered point at */
  char            *scratch;    /* of small products, or NULL */
  ChainCpuCopy    *copies;     /* the commits that copy something */
  guint            n_copies;
  struct _ChainScalar *scalar; /* a plan of single numbers: its own loop; ins then holds the host's items, and the rest on demand */
  gboolean         complete;   /* ins holds every item */
  gboolean         swaps;      /* some of them from one leaf to another: run_commits() looks at the order */
};

void     _chain_cpu_complete (ChainCpu *cpu, ChainPrepared *p);   /* what runs of some of the items need */
gboolean _chain_cpu_decode (ChainCpu *cpu, const ChainPlan *plan, const ChainPlanItem *it, void *const *slots, ChainIns *ins);

/* Host scalars among the operands, in the precision of the item. */
static inline void
_chain_cpu_round_operands (ChainIns *ins)
{
  for (int k = 0; k < ins->n_in && ins->n_host > 0; k++)
    if (ins->host[k] == NULL)
      continue;
    else if (ins->dtype == CHAIN_F64)
      ins->one[k] = *ins->host[k];
    else
      {
        float single = (float) *ins->host[k];
        memcpy (&ins->one[k], &single, sizeof single);
      }
}

int  _chain_cpu_prepare     (ChainDevice *d, const ChainPlan *plan, void *const *slots, ChainPrepared **out);
void _chain_cpu_discard     (ChainDevice *d, ChainPrepared *p);
void _chain_cpu_pool_resize (ChainCpu *cpu, int n_threads);
void _chain_cpu_pool_free   (ChainCpu *cpu);

G_END_DECLS
