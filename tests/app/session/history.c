/* SPDX-License-Identifier: Apache-2.0 */
/* The history as a table of commands with the state that must follow each: name of the spec, undo and redo label, saved or not. */
#include "app/session/history.h"

#include "engine/base/limits.h"

#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)

typedef enum { EDIT, UNDO, REDO, SAVE, BEGIN, END } Kind;

typedef struct
{
  Kind        kind;
  const char *name;       /* EDIT: of the new spec; BEGIN: label */
  const char *key;
  gint64      time;       /* milliseconds */
  const char *spec, *undo, *redo;
  gboolean    saved;
} Row;

static const Row rows[] = {
  { UNDO, NULL, NULL, 0, "start", NULL, NULL, TRUE },
  { REDO, NULL, NULL, 0, "start", NULL, NULL, TRUE },
  { EDIT, "a", NULL, 0, "a", "a", NULL, FALSE },
  { EDIT, "a", NULL, 10, "a", "a", NULL, FALSE },          /* nothing changed: no entry */
  { UNDO, NULL, NULL, 0, "start", NULL, "a", TRUE },
  { REDO, NULL, NULL, 0, "a", "a", NULL, FALSE },
  { EDIT, "b1", "k", 1000, "b1", "b1", NULL, FALSE },
  { EDIT, "b2", "k", 1400, "b2", "b1", NULL, FALSE },      /* within 500 ms of the last: one entry, first label */
  { EDIT, "b3", "k", 1900, "b3", "b1", NULL, FALSE },
  { EDIT, "b4", "k", 2401, "b4", "b4", NULL, FALSE },      /* too late */
  { EDIT, "b5", "other", 2450, "b5", "b5", NULL, FALSE },  /* another key */
  { EDIT, "b6", NULL, 2460, "b6", "b6", NULL, FALSE },
  { UNDO, NULL, NULL, 0, "b5", "b5", "b6", FALSE },
  { UNDO, NULL, NULL, 0, "b4", "b4", "b5", FALSE },
  { UNDO, NULL, NULL, 0, "b3", "b1", "b4", FALSE },
  { UNDO, NULL, NULL, 0, "a", "a", "b1", FALSE },
  { SAVE, NULL, NULL, 0, "a", "a", "b1", TRUE },
  { REDO, NULL, NULL, 0, "b3", "b1", "b4", FALSE },
  { UNDO, NULL, NULL, 0, "a", "a", "b1", TRUE },           /* back at the saved one: clean */
  { EDIT, "c", "k", 3000, "c", "c", NULL, FALSE },         /* cuts what was undone */
  { SAVE, NULL, NULL, 0, "c", "c", NULL, TRUE },
  { EDIT, "c2", "k", 3100, "c2", "c2", NULL, FALSE },      /* never into a saved entry */
  { UNDO, NULL, NULL, 0, "c", "c", "c2", TRUE },
  { EDIT, "c3", "k", 3200, "c3", "c3", NULL, FALSE },
  { BEGIN, "group", NULL, 0, "c3", "c3", NULL, FALSE },
  { EDIT, "d1", NULL, 3300, "d1", "group", NULL, FALSE },
  { EDIT, "d2", NULL, 9300, "d2", "group", NULL, FALSE },
  { BEGIN, "inner", NULL, 0, "d2", "group", NULL, FALSE },
  { EDIT, "d3", "x", 9400, "d3", "group", NULL, FALSE },
  { END, NULL, NULL, 0, "d3", "group", NULL, FALSE },
  { END, NULL, NULL, 0, "d3", "group", NULL, FALSE },
  { EDIT, "e", NULL, 9500, "e", "e", NULL, FALSE },
  { UNDO, NULL, NULL, 0, "d3", "group", "e", FALSE },
  { UNDO, NULL, NULL, 0, "c3", "c3", "group", FALSE },     /* the group is one entry */
};

static ChainSpec *
named (const char *name)
{
  g_autoptr (ChainSpec) example = chain_spec_example ();
  ChainSpec *spec = chain_spec_copy (example);

  chain_set_str (&spec->name, name);
  return chain_spec_seal (spec);
}

static void
perform (ChainHistory *h, const Row *r)
{
  GPtrArray *state = NULL;

  if (r->kind == EDIT)
    chain_history_enter (h, named (r->name), r->name, r->key, NULL, 0, r->time * 1000);
  else if (r->kind == UNDO)
    chain_history_undo (h, &state);
  else if (r->kind == REDO)
    chain_history_redo (h);
  else if (r->kind == SAVE)
    chain_history_mark_saved (h);
  else if (r->kind == BEGIN)
    chain_history_begin (h, r->name);
  else
    chain_history_end (h);
  g_assert_null (state);
}

static void
test_table (void)
{
  ChainHistory *h = chain_history_new (named ("start"));

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      perform (h, &rows[i]);
      g_test_message ("row %u", i);
      g_assert_cmpstr (chain_history_spec (h)->name, ==, rows[i].spec);
      g_assert_cmpstr (chain_history_undo_label (h), ==, rows[i].undo);
      g_assert_cmpstr (chain_history_redo_label (h), ==, rows[i].redo);
      g_assert_true (chain_history_is_saved (h) == rows[i].saved);
    }
  g_assert_cmpstr (chain_history_back (h, 1)->name, ==, "c");
  g_assert_null (chain_history_back (h, 100));
  chain_history_free (h);
}

static void
test_limits (void)
{
  ChainHistory *h = chain_history_new (named ("start"));
  GPtrArray *state;
  guint n = 0;

  for (guint i = 0; i < CHAIN_LIMIT_UNDO + 50; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%u", i);

      chain_history_enter (h, named (name), name, NULL, g_ptr_array_new (), CHAIN_LIMIT_UNDO_BYTES / 10, SECOND * i);
      g_assert_cmpuint (chain_history_bytes (h), <=, CHAIN_LIMIT_UNDO_BYTES);
    }
  g_assert_cmpuint (chain_history_size (h), ==, CHAIN_LIMIT_UNDO);
  g_assert_false (chain_history_is_saved (h));
  while (chain_history_undo (h, &state))
    {
      g_assert_true ((state != NULL) == (n < 10));
      g_clear_pointer (&state, g_ptr_array_unref);
      n++;
    }
  g_assert_cmpuint (n, ==, CHAIN_LIMIT_UNDO);
  g_assert_cmpstr (chain_history_spec (h)->name, ==, "s49");
  chain_history_free (h);
}

/* Numbers set by hand: entries of their own, merged by key, never with edits of the spec; the address of the spec tells saved from not. */
static void
test_weights (void)
{
  ChainHistory *h = chain_history_new (named ("start"));
  GPtrArray *undone = g_ptr_array_new (), *state;

  chain_history_enter_weight (h, &(ChainWeightEdit){ "d1.weight", 1, 0, 0.5, 0.75 }, "w", "k", 0);
  chain_history_enter_weight (h, &(ChainWeightEdit){ "d1.weight", 1, 0, 0.75, 2 }, "w", "k", 100);
  g_assert_cmpuint (chain_history_size (h), ==, 1);
  g_assert_cmpfloat (chain_history_undo_weight (h)->before, ==, 0.5);
  g_assert_cmpfloat (chain_history_undo_weight (h)->after, ==, 2);
  g_assert_false (chain_history_is_saved (h));
  chain_history_enter (h, named ("a"), "a", "k", g_ptr_array_new (), 8, 200);
  g_assert_cmpuint (chain_history_size (h), ==, 2);
  g_assert_null (chain_history_undo_weight (h));
  g_assert_true (chain_history_undo_needs_state (h));
  g_assert_true (chain_history_undo (h, &state));
  g_ptr_array_unref (state);
  chain_history_keep_undone (h, undone, 16);
  g_assert_cmpuint (chain_history_bytes (h), ==, 24);
  g_assert_true (chain_history_redo_state (h, &state));
  g_assert_true (state == undone);
  g_assert_true (chain_history_undo (h, &state));
  g_assert_true (chain_history_is_saved (h));
  g_assert_cmpstr (chain_history_redo_weight (h)->tensor, ==, "d1.weight");
  chain_history_enter (h, named ("b"), "b", NULL, NULL, 0, 300);
  g_assert_cmpuint (chain_history_bytes (h), ==, 0);
  chain_history_free (h);
}

/* A drag keeps the weights from before it began. */
static void
test_first_state (void)
{
  ChainHistory *h = chain_history_new (named ("start"));
  GPtrArray *first = g_ptr_array_new (), *state = NULL;

  chain_history_enter (h, named ("a"), "a", "k", g_ptr_array_ref (first), 8, 0);
  chain_history_enter (h, named ("b"), "b", "k", g_ptr_array_new (), 8, 100);
  g_assert_cmpuint (chain_history_bytes (h), ==, 8);
  g_assert_true (chain_history_undo (h, &state));
  g_assert_true (state == first);
  g_ptr_array_unref (state);
  g_ptr_array_unref (first);
  chain_history_free (h);
}

/* Numbers in a graft are memory too; a long one goes with the weights, a short one stays for a redo. */
static void
test_grafts (void)
{
  ChainHistory *h = chain_history_new (chain_spec_example ());
  g_autofree char *large = g_strnfill (CHAIN_LIMIT_UNDO_BYTES / 2, 'x');
  const char *const grafts[] = { "draw d1 1 7", large, large, large };

  for (guint i = 0; i < G_N_ELEMENTS (grafts); i++)
    {
      chain_history_enter_weights (h, "numbers", g_ptr_array_new (), 8, 0);
      chain_history_set_graft (h, grafts[i]);
      g_assert_cmpuint (chain_history_bytes (h), <=, CHAIN_LIMIT_UNDO_BYTES);
      g_assert_cmpuint (chain_history_bytes (h), >=, strlen (grafts[i]));
      g_assert_false (chain_history_undo_is_lost (h));
    }
  for (guint i = 0; i < 3; i++)
    g_assert_true (chain_history_undo (h, NULL));
  g_assert_true (chain_history_undo_is_lost (h));
  g_assert_true (chain_history_redo_is_lost (h));
  g_assert_true (chain_history_undo (h, NULL));
  g_assert_false (chain_history_redo_is_lost (h));
  g_assert_cmpstr (chain_history_redo_graft (h), ==, "draw d1 1 7");
  chain_history_enter_weights (h, "numbers", g_ptr_array_new (), 8, 0);
  g_assert_cmpuint (chain_history_bytes (h), ==, 8);
  chain_history_free (h);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/table", test_table);
  g_test_add_func ("/history/limits", test_limits);
  g_test_add_func ("/history/weights", test_weights);
  g_test_add_func ("/history/first-state", test_first_state);
  g_test_add_func ("/history/grafts", test_grafts);
  return g_test_run ();
}
