/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/base/blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HEAD 64            /* before each block, so that blocks are aligned to a cache line */
#define SMALLEST 12        /* log2: what is smaller comes from the heap */
#define LARGEST 28         /* and what is larger */
#define STEPS 8            /* sizes an octave */
#define N_CLASSES ((LARGEST - SMALLEST) * STEPS)
#define HUGE_PAGE ((gsize) 2 << 20)

#if defined(__SANITIZE_ADDRESS__)
#define KEEP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEP 0
#endif
#endif
#ifndef KEEP
#define KEEP CHAIN_BLOCKS_KEPT
#endif

typedef struct _Head Head;
struct _Head { Head *next; gsize room; int size_class; };

static GMutex mutex;
static Head *lists[N_CLASSES];
static gsize kept;

/* The class of the smallest size that holds `bytes`, and that size; -1 where there is none. */
static int
size_class (gsize bytes, gsize *room)
{
  int octave = SMALLEST, part;

  *room = bytes;
  if (bytes < (gsize) 1 << SMALLEST || bytes > (gsize) 1 << LARGEST)
    return -1;
  while (bytes > (gsize) 2 << octave)
    octave++;
  for (part = 0; (*room = ((gsize) STEPS + (gsize) part + 1) << octave >> 3) < bytes;)
    part++;
  return (octave - SMALLEST) * STEPS + part;
}

static Head *
take (int c)
{
  Head *h;

  g_mutex_lock (&mutex);
  h = lists[c];
  if (h != NULL)
    {
      lists[c] = h->next;
      kept -= h->room;
    }
  g_mutex_unlock (&mutex);
  return h;
}

/* Large ones in large pages, where the system has them to give: one fault instead of 512. */
static Head *
allocate (gsize room, int c)
{
  gboolean huge = room >= 2 * HUGE_PAGE;
  void *p;

  if (room > G_MAXSIZE - 2 * HUGE_PAGE || posix_memalign (&p, huge ? HUGE_PAGE : HEAD, HEAD + room) != 0)
    g_error ("There is no memory left for %" G_GSIZE_FORMAT " bytes", room);
  if (huge)
    madvise (p, (HEAD + room) & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
  *(Head *) p = (Head){ NULL, room, c };
  return p;
}

void *
chain_block_new (gsize bytes)
{
  gsize room;
  int c = size_class (bytes, &room);
  Head *h = c >= 0 ? take (c) : NULL;

  if (h == NULL)
    h = allocate (room, c);
  return (char *) h + HEAD;
}

void *
chain_block_new0 (gsize bytes)
{
  return memset (chain_block_new (bytes), 0, bytes);
}

gsize
chain_block_room (const void *block)
{
  return ((const Head *) (const void *) ((const char *) block - HEAD))->room;
}

void
chain_block_free (void *block)
{
  Head *h = block != NULL ? (Head *) (void *) ((char *) block - HEAD) : NULL;
  gboolean keep = FALSE;

  if (h != NULL && h->size_class >= 0)
    {
      g_mutex_lock (&mutex);
      keep = h->room <= KEEP && kept <= KEEP - h->room;
      if (keep)
        {
          h->next = lists[h->size_class];
          lists[h->size_class] = h;
          kept += h->room;
        }
      g_mutex_unlock (&mutex);
    }
  if (!keep)
    free (h);
}

gsize
chain_blocks_kept (void)
{
  gsize n;

  g_mutex_lock (&mutex);
  n = kept;
  g_mutex_unlock (&mutex);
  return n;
}

static void __attribute__ ((destructor))
free_kept (void)
{
  for (int c = 0; c < N_CLASSES; c++)
    for (Head *h = take (c); h != NULL; h = take (c))
      free (h);
}
