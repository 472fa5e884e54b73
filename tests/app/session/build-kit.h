/* SPDX-License-Identifier: Apache-2.0 */
/* A trained session, its weights, and the verbs of editing by hand, for the tests of session/build.h. */
#pragma once

#include "app/session/build.h"
#include "app/session/session-private.h"

#include <math.h>
#include <string.h>

static inline const ChainSpec *
spec_of (ChainSession *s)
{
  return chain_document_spec (chain_session_document (s));
}

static inline const ChainLayer *
layer (ChainSession *s, const char *id)
{
  const ChainLayer *l = chain_spec_layer (spec_of (s), id);

  g_assert_nonnull (l);
  return l;
}

static inline void
settle (ChainSession *s)
{
  g_assert_true (chain_session_wait (s, CHAIN_WANT_PARAMS));
}

static inline void
train (ChainSession *s, int steps)
{
  chain_session_step (s, steps);
  settle (s);
}

static inline GPtrArray *
weights (ChainSession *s)
{
  settle (s);
  return _chain_session_weights (s);
}

static inline const ChainTensor *
tensor (GPtrArray *all, const char *name)
{
  for (guint i = 0; i < all->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (all, i);

      if (strcmp (n->name, name) == 0)
        return n->tensor;
    }
  return NULL;
}

static inline void
assert_same (GPtrArray *a, GPtrArray *b, const char *what)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      const ChainNamedTensor *p = g_ptr_array_index (a, i);
      const ChainTensor *q = tensor (b, p->name);

      if (g_str_has_prefix (p->name, "scalar.run."))      /* which run, and where in it: no number of the network */
        continue;
      g_assert_nonnull (q);
      g_assert_cmpuint (chain_tensor_size (p->tensor), ==, chain_tensor_size (q));
      for (gsize k = 0; k < chain_tensor_size (q); k++)
        if (chain_tensor_get (p->tensor, k) != chain_tensor_get (q, k))
          g_error ("%s: %s differs at %u", what, p->name, (guint) k);
    }
}

static inline double
value (GPtrArray *all, const char *name, guint row, guint col)
{
  const ChainTensor *t = tensor (all, name);

  g_assert_nonnull (t);
  g_assert_cmpuint (row, <, t->rows);
  g_assert_cmpuint (col, <, t->cols);
  return chain_tensor_get (t, (gsize) row * t->cols + col);
}

static inline void
ok (gboolean result, GError **error)
{
  g_assert_no_error (*error);
  g_assert_true (result);
}

static inline void
refused (gboolean result, GError **error, const char *says)
{
  g_assert_false (result);
  g_assert_nonnull (*error);
  if (strstr ((*error)->message, says) == NULL)
    g_error ("“%s” does not say “%s”", (*error)->message, says);
  g_clear_error (error);
}

/* 2-6-6-1, trained for a while. */
static inline ChainSession *
trained (void)
{
  ChainSession *s = chain_session_new ();

  train (s, 30);
  return s;
}

/* --- verbs --- */
static inline gboolean duplicate (ChainSession *s, GError **e) { return chain_session_duplicate_layer (s, "d2", e); }
static inline gboolean move (ChainSession *s, GError **e) { return chain_session_move_layer (s, "d2", NULL, e); }
static inline gboolean connect_add (ChainSession *s, GError **e) { return chain_session_connect (s, "d1", "d3", NULL, e); }
static inline gboolean connect_concat (ChainSession *s, GError **e) { return chain_session_connect (s, "x", "d3", "concat", e); }
static inline gboolean remove_unit (ChainSession *s, GError **e) { return chain_session_remove_unit (s, "d1", 2, e); }
static inline gboolean swap_units (ChainSession *s, GError **e) { return chain_session_swap_units (s, "d1", 0, 5, e); }
static inline gboolean reset_unit (ChainSession *s, GError **e) { return chain_session_reset_unit (s, "d2", 1, e); }
static inline gboolean widen (ChainSession *s, GError **e) { return chain_session_widen (s, "d1", 10, e); }
static inline gboolean deepen (ChainSession *s, GError **e) { return chain_session_deepen (s, "d1", e); }
static inline gboolean norm (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "norm", "batch_norm", e); }
static inline gboolean dropout (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "dropout", "0.25", e); }
static inline gboolean activation (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "activation", "relu", e); }
static inline gboolean init (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "init", "he_normal", e); }
static inline gboolean rate (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d2", "rate", "0.5", e); }
static inline gboolean frozen (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "frozen", "1", e); }
static inline gboolean units (ChainSession *s, GError **e) { return chain_session_set_layer (s, "d1", "units", "3", e); }
static inline gboolean remove_layer (ChainSession *s, GError **e) { return chain_session_remove_layer (s, "d2", e); }

static inline gboolean
paste (ChainSession *s, GError **e)
{
  const char *const ids[] = { "d1", "d2", NULL };
  g_autofree char *text = chain_session_copy_layers (s, ids);

  return chain_session_paste_layers (s, text, "d2", e);
}
