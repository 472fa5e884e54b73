/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory may be asked for. The kernel grants more than it has and then kills; so the program asks first what
 * is there and refuses with the figure. Three ceilings count: what the machine has free, what the control group allows, what
 * the address-space limit leaves. A ceiling that cannot be read does not count. */
#include "engine/base/limits.h"

#include "engine/base/types.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* To ask takes 30 us, as long as a small plan takes as a whole: what is smaller is taken as it is. */
#define NOT_ASKED ((gsize) 1 << 20)

static gboolean
read_text (const char *path, char **text)
{
  return g_file_get_contents (path, text, NULL, NULL);
}

/* MemAvailable is in KiB. */
static gsize
available_memory (void)
{
  g_autofree char *text = NULL;
  const char *p;
  guint64 kib;

  if (!read_text ("/proc/meminfo", &text) || (p = strstr (text, "MemAvailable:")) == NULL)
    return G_MAXSIZE;
  kib = g_ascii_strtoull (p + strlen ("MemAvailable:"), NULL, 10);
  return kib > G_MAXSIZE / 1024 ? G_MAXSIZE : (gsize) kib * 1024 / 4 * 3;
}

/* One number from a file of the control group, or G_MAXUINT64 for "max" and for a file that is not there. */
static guint64
group_number (const char *group, const char *file)
{
  g_autofree char *path = g_build_filename ("/sys/fs/cgroup", group, file, NULL);
  g_autofree char *text = NULL;

  if (!read_text (path, &text) || !g_ascii_isdigit (text[0]))
    return G_MAXUINT64;
  return g_ascii_strtoull (text, NULL, 10);
}

/* Version 2 of control groups: the line "0::/path" names ours; every group above it may limit too. */
static gsize
group_memory (void)
{
  g_autofree char *text = NULL;
  g_autofree char *group = NULL;
  const char *line;
  gsize left = G_MAXSIZE;

  if (!read_text ("/proc/self/cgroup", &text) || (line = strstr (text, "0::")) == NULL)
    return left;
  group = g_strndup (line + 3, strcspn (line + 3, "\n"));
  while (TRUE)
    {
      guint64 max = group_number (group, "memory.max");
      guint64 used = group_number (group, "memory.current");
      char *slash;

      if (max != G_MAXUINT64 && used != G_MAXUINT64)
        left = MIN (left, (gsize) (max > used ? max - used : 0));
      slash = strrchr (group, '/');
      if (slash == NULL || group[1] == '\0')
        return left;
      slash[slash == group ? 1 : 0] = '\0';
    }
}

static gsize
address_space (void)
{
  g_autofree char *text = NULL;
  struct rlimit limit;
  guint64 mapped = 0;

  if (getrlimit (RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return G_MAXSIZE;
  if (read_text ("/proc/self/statm", &text))
    mapped = g_ascii_strtoull (text, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
  return limit.rlim_cur > mapped ? (gsize) (limit.rlim_cur - mapped) : 0;
}

gsize
chain_memory_budget (void)
{
  gsize budget = available_memory ();

  budget = MIN (budget, group_memory ());
  return MIN (budget, address_space ());
}

gboolean
chain_memory_check (gsize bytes, const char *what, GError **error)
{
  gsize budget;

  if (bytes < NOT_ASKED || bytes <= (budget = chain_memory_budget ()))
    return TRUE;
  g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY,
               "%s needs %" G_GSIZE_FORMAT " MiB of memory, but only %" G_GSIZE_FORMAT " MiB are free; make it smaller or close other programs",
               what, (bytes >> 20) + 1, budget >> 20);
  return FALSE;
}
