/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of a device: they take parts of one item until none is left.
 *
 * What a part is was decided by shape alone, so it does not matter who does it. Workers spin for at most 50 µs after a job, then
 * sleep: a window with a paused trainer costs nothing, and between the items of one step nobody pays for waking. */
#include "engine/run/cpu/device.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#define SPIN_NS 50000

struct _ChainCpuPool
{
  pthread_mutex_t mutex;
  pthread_cond_t  wake;
  pthread_t       threads[CHAIN_CPU_MAX_THREADS];
  int             n_workers;
  void          (*job) (void *data, int i);
  void           *data;
  int             n;
  atomic_int      next;        /* part to take */
  atomic_int      busy;        /* workers that have not finished this round */
  atomic_uint     round;       /* counts jobs; workers wait for it to change */
  atomic_int      quit;
  int             sleepers;    /* under the mutex */
};

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (gint64) t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
relax (void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause ();
#endif
}

static void
take_parts (ChainCpuPool *pool)
{
  int i;

  while ((i = atomic_fetch_add_explicit (&pool->next, 1, memory_order_relaxed)) < pool->n)
    pool->job (pool->data, i);
}

static void
wait_for_round (ChainCpuPool *pool, unsigned seen)
{
  gint64 until = now_ns () + SPIN_NS;

  while (now_ns () < until)
    for (int i = 0; i < 64; i++)
      {
        if (atomic_load_explicit (&pool->round, memory_order_acquire) != seen)
          return;
        relax ();
      }
  pthread_mutex_lock (&pool->mutex);
  pool->sleepers++;
  while (atomic_load_explicit (&pool->round, memory_order_acquire) == seen)
    pthread_cond_wait (&pool->wake, &pool->mutex);
  pool->sleepers--;
  pthread_mutex_unlock (&pool->mutex);
}

static void *
worker_thread (void *data)
{
  ChainCpuPool *pool = data;
  unsigned seen = 0;

  for (;;)
    {
      wait_for_round (pool, seen);
      seen++;
      if (atomic_load (&pool->quit))
        return NULL;
      take_parts (pool);
      atomic_fetch_sub_explicit (&pool->busy, 1, memory_order_release);
    }
}

static void
start_round (ChainCpuPool *pool)
{
  atomic_store_explicit (&pool->busy, pool->n_workers, memory_order_relaxed);
  pthread_mutex_lock (&pool->mutex);
  atomic_fetch_add_explicit (&pool->round, 1, memory_order_release);
  if (pool->sleepers > 0)
    pthread_cond_broadcast (&pool->wake);
  pthread_mutex_unlock (&pool->mutex);
}

void
_chain_cpu_each (ChainCpu *cpu, void (*job) (void *data, int i), void *data, int n)
{
  ChainCpuPool *pool = cpu->pool;

  if (pool == NULL || n < 2)
    {
      for (int i = 0; i < n; i++)
        job (data, i);
      return;
    }
  pool->job = job;
  pool->data = data;
  pool->n = n;
  atomic_store_explicit (&pool->next, 0, memory_order_relaxed);
  start_round (pool);
  take_parts (pool);
  for (int i = 0; atomic_load_explicit (&pool->busy, memory_order_acquire) > 0; i++)
    if (i < 4096)
      relax ();
    else              /* a worker has lost its core to somebody else */
      sched_yield ();
}

void
_chain_cpu_pool_free (ChainCpu *cpu)
{
  ChainCpuPool *pool = g_steal_pointer (&cpu->pool);

  if (pool == NULL)
    return;
  atomic_store (&pool->quit, 1);
  start_round (pool);
  for (int i = 0; i < pool->n_workers; i++)
    pthread_join (pool->threads[i], NULL);
  pthread_mutex_destroy (&pool->mutex);
  pthread_cond_destroy (&pool->wake);
  g_free (pool);
}

/* n_threads counts the caller. Fewer where the system gives no more. */
void
_chain_cpu_pool_resize (ChainCpu *cpu, int n_threads)
{
  if (n_threads == cpu->n_threads)
    return;
  _chain_cpu_pool_free (cpu);
  cpu->n_threads = 1;
  if (n_threads == 1)
    return;
  cpu->pool = g_new0 (ChainCpuPool, 1);
  pthread_mutex_init (&cpu->pool->mutex, NULL);
  pthread_cond_init (&cpu->pool->wake, NULL);
  while (cpu->n_threads < n_threads
         && pthread_create (&cpu->pool->threads[cpu->pool->n_workers], NULL, worker_thread, cpu->pool) == 0)
    {
      cpu->pool->n_workers++;
      cpu->n_threads++;
    }
  if (cpu->n_threads == 1)
    _chain_cpu_pool_free (cpu);
}
