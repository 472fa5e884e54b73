/* SPDX-License-Identifier: Apache-2.0 */
/* The bits of a snapshot as findings. Nothing is measured here: what the trainer found at the thresholds of engine/nn/health.h is put into an
 * order and into words, so that a badge, a bar of gradient flow and a mark on a tile never disagree. */
#include "config.h"

#include "app/health/private.h"

#include <glib/gi18n-lib.h>

#include "app/picture/layout/net.h"

static const ChainFindingRow rows[CHAIN_N_FINDINGS] = {
  [CHAIN_FINDING_DIVERGED] = { 0, N_ ("The run diverged"),
    N_ ("A value left the finite numbers, so training stopped at the last weights that were good. As a rule the steps are too large."),
    { "logits", "halve_rate", "clip", "xavier", "he" } },
  [CHAIN_FINDING_NOT_FINITE] = { CHAIN_HEALTH_NON_FINITE, N_ ("Values that are not finite"),
    N_ ("Some answers of this layer are infinite or not a number; nothing that is computed from them means anything."),
    { "halve_rate", "clip", "xavier", "he" } },
  [CHAIN_FINDING_EXPLODING] = { CHAIN_HEALTH_EXPLODING, N_ ("Exploding gradient"),
    N_ ("The gradient is so large that a step throws the weights far away. Each layer multiplies it on its way back."),
    { "clip", "xavier", "he", "halve_rate" } },
  [CHAIN_FINDING_SYMMETRIC] = { CHAIN_HEALTH_SYMMETRIC, N_ ("Symmetric units"),
    N_ ("Units with equal incoming weights give equal answers, get equal gradients and stay equal: together they can do no more than one of them."),
    { "xavier", "he", "redraw" } },
  [CHAIN_FINDING_DEAD] = { CHAIN_HEALTH_DEAD, N_ ("Dead units"),
    N_ ("A unit that answers 0 to every row has slope 0 there too: no gradient reaches its weights, and it never learns again."),
    { "leaky", "lower_rate", "he" } },
  [CHAIN_FINDING_SATURATED] = { CHAIN_HEALTH_SATURATED, N_ ("Saturated units"),
    N_ ("Far out the activation is flat: its slope is nearly 0, and so is the gradient that comes through. Smaller weights bring the units back to where it bends."),
    { "xavier", "relu", "batch_norm" } },
  [CHAIN_FINDING_VANISHING] = { CHAIN_HEALTH_VANISHING, N_ ("Vanishing gradient"),
    N_ ("Each layer on the way back made the gradient smaller; what arrives here is too little to learn from."),
    { "relu_he", "skip", "batch_norm", "xavier" } },
};

const ChainFindingRow *
chain_finding_row (ChainFindingKind kind)
{
  return &rows[kind];
}

void
chain_finding_free (gpointer finding)
{
  ChainFinding *f = finding;

  g_free (f->id);
  g_free (f->badge);
  g_free (f->cause);
  g_free (f->rule);
  chain_spec_unref (f->spec);
  g_free (f);
}

/* The trainer has seen which operation broke: smaller steps do not help a logarithm of a negative number. */
static gboolean
suits (ChainRemedy seen, const char *cure)
{
  return seen != CHAIN_REMEDY_ADVICE && (seen == CHAIN_REMEDY_LOGITS) == g_str_equal (cure, "logits");
}

GPtrArray *
chain_finding_cures (const ChainFinding *f)
{
  GPtrArray *cures = g_ptr_array_new ();

  for (guint i = 0; rows[f->kind].cures[i] != NULL; i++)
    {
      const ChainCureRow *row = chain_cure_row (rows[f->kind].cures[i]);
      ChainSpec *next;

      if (f->kind == CHAIN_FINDING_DIVERGED && !suits (f->remedy, row->id))
        continue;
      next = chain_cure_spec (row, f->spec, f->layer);
      if (next == NULL)
        continue;
      g_ptr_array_add (cures, (gpointer) row->id);
      chain_spec_unref (next);
    }
  return cures;
}

static void
add (GPtrArray *list, const ChainSnapshot *s, ChainFindingKind kind, int layer)
{
  ChainFinding *f = g_new0 (ChainFinding, 1);

  f->kind = kind;
  f->layer = layer;
  f->id = g_strdup (((const ChainLayer *) g_ptr_array_index (s->spec->layers, layer))->id);
  f->badge = chain_net_badge_text (s, layer, rows[kind].bit);
  f->cause = _chain_finding_cause (s, kind, layer);
  f->rule = _chain_finding_rule (s, kind, layer);
  f->spec = chain_spec_ref (s->spec);
  f->remedy = s->remedy_kind;
  g_ptr_array_add (list, f);
}

GPtrArray *
chain_health_findings (const ChainSnapshot *s)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (chain_finding_free);
  guint n = MIN (s->layers->len, s->spec->layers->len);

  if (s->state == CHAIN_RUN_DIVERGED && n > 0)
    add (list, s, CHAIN_FINDING_DIVERGED, s->trouble >= 0 && (guint) s->trouble < n ? s->trouble : (int) n - 1);
  for (guint kind = CHAIN_FINDING_NOT_FINITE; kind < CHAIN_N_FINDINGS; kind++)
    for (guint i = 0; i < n; i++)
      if (((const ChainSnapLayer *) g_ptr_array_index (s->layers, i))->health & rows[kind].bit)
        add (list, s, (ChainFindingKind) kind, (int) i);
  return list;
}
