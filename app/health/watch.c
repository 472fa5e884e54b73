/* SPDX-License-Identifier: Apache-2.0 */
/* A share of 49 % and one of 51 % are two batches of the same network. While it trains, a finding has to hold for a moment before it is shown and
 * to be gone for a longer one before it goes; an edit, a pause and a restart are events of their own and are followed at once. */
#include "app/health/health.h"

#include <string.h>

typedef struct
{
  ChainFinding *finding;    /* newest; owned */
  gint64        since;      /* when it came */
  gint64        seen;       /* when it was last found */
  gint64        worded;     /* when its words were last changed */
  gboolean      shown;
} Known;

struct _ChainHealthWatch
{
  GPtrArray *known;         /* of Known */
  GPtrArray *shown;         /* of ChainFinding, borrowed from known */
  ChainSpec *spec;          /* (ref) of the last snapshot */
};

static void
known_free (gpointer data)
{
  Known *k = data;

  chain_finding_free (k->finding);
  g_free (k);
}

ChainHealthWatch *
chain_health_watch_new (void)
{
  ChainHealthWatch *w = g_new0 (ChainHealthWatch, 1);

  w->known = g_ptr_array_new_with_free_func (known_free);
  w->shown = g_ptr_array_new ();
  return w;
}

void
chain_health_watch_free (ChainHealthWatch *w)
{
  g_ptr_array_unref (w->shown);
  g_ptr_array_unref (w->known);
  g_clear_pointer (&w->spec, chain_spec_unref);
  g_free (w);
}

static Known *
find (ChainHealthWatch *w, const ChainFinding *f)
{
  for (guint i = 0; i < w->known->len; i++)
    {
      Known *k = g_ptr_array_index (w->known, i);

      if (k->finding->kind == f->kind && k->finding->layer == f->layer && g_str_equal (k->finding->id, f->id))
        return k;
    }
  return NULL;
}

/* Takes f. TRUE if something shown has other words. */
static gboolean
note (ChainHealthWatch *w, ChainFinding *f, gboolean at_once, gint64 now)
{
  Known *k = find (w, f);
  gboolean reworded;

  if (k == NULL)
    {
      k = g_new0 (Known, 1);
      k->finding = f;
      k->since = k->seen = k->worded = now;
      g_ptr_array_add (w->known, k);
      return FALSE;
    }
  k->seen = now;
  if (k->shown && !at_once && now - k->worded < CHAIN_HEALTH_LINGER_US)
    {
      chain_finding_free (f);
      return FALSE;
    }
  reworded = k->shown && (!g_str_equal (k->finding->badge, f->badge) || !g_str_equal (k->finding->cause, f->cause));
  chain_finding_free (k->finding);
  k->finding = f;
  k->worded = now;
  return reworded;
}

/* What has been away for too long goes, what has held for long enough comes. */
static gboolean
settle (ChainHealthWatch *w, gboolean at_once, gint64 now)
{
  gboolean changed = FALSE;

  for (guint i = 0; i < w->known->len; i++)
    {
      Known *k = g_ptr_array_index (w->known, i);

      if (k->seen < now && (at_once || !k->shown || now - k->seen >= CHAIN_HEALTH_LINGER_US))
        {
          changed |= k->shown;
          g_ptr_array_remove_index (w->known, i--);
          continue;
        }
      if (!k->shown && (at_once || now - k->since >= CHAIN_HEALTH_APPEAR_US))
        changed = k->shown = TRUE;
    }
  return changed;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const ChainFinding *x = *(const ChainFinding *const *) a, *y = *(const ChainFinding *const *) b;

  return x->kind != y->kind ? (int) x->kind - (int) y->kind : x->layer - y->layer;
}

gboolean
chain_health_watch_take (ChainHealthWatch *w, const ChainSnapshot *s, gint64 now_us)
{
  g_autoptr (GPtrArray) found = chain_health_findings (s);
  gboolean at_once = s->state != CHAIN_RUN_RUNNING || s->spec != w->spec, changed = FALSE;

  if (s->spec != w->spec)
    {
      g_clear_pointer (&w->spec, chain_spec_unref);
      w->spec = chain_spec_ref (s->spec);
    }
  g_ptr_array_set_free_func (found, NULL);
  for (guint i = 0; i < found->len; i++)
    changed |= note (w, g_ptr_array_index (found, i), at_once, now_us);
  changed |= settle (w, at_once, now_us);
  g_ptr_array_set_size (w->shown, 0);
  for (guint i = 0; i < w->known->len; i++)
    if (((Known *) g_ptr_array_index (w->known, i))->shown)
      g_ptr_array_add (w->shown, ((Known *) g_ptr_array_index (w->known, i))->finding);
  g_ptr_array_sort (w->shown, compare);
  return changed;
}

const GPtrArray *
chain_health_watch_shown (const ChainHealthWatch *w)
{
  return w->shown;
}
