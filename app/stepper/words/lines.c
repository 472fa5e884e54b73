/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the optimiser's pseudo-code as they apply: a row of the table names its variants in one text, "…, slide: …" or "if μ ≠ 0: …"; whoever
 * looks at a step sees the form that was computed, and only that. */
#include "app/stepper/words/lines.h"

#include "engine/nn/table.h"

#include <math.h>
#include <string.h>

static const ChainOptimRow *
row_of (const ChainModel *m)
{
  return chain_optim_row (m->spec->optimiser.id != NULL ? m->spec->optimiser.id : "sgd");
}

double
_chain_hyper (const ChainTrace *t, const char *name)
{
  const ChainOptimRow *row = row_of (t->model);
  ChainParams p = { &row->info, &t->model->spec->optimiser };

  for (guint i = 0; i < t->model->hyper->len; i++)
    {
      const ChainHyperInfo *h = &g_array_index (t->model->hyper, ChainHyperInfo, i);

      if (h->regulariser < 0 && strcmp (h->name, name) == 0 && t->value[h->leaf] != NULL)
        return t->value[h->leaf][0];
    }
  for (guint i = 0; i < row->info.n_params; i++)
    if (strcmp (row->info.params[i].name, name) == 0)
      return chain_param (&p, name);
  return NAN;
}

/* Titles end with the symbol: "First-moment decay β₁". */
double
_chain_hyper_by_symbol (const ChainTrace *t, const char *symbol)
{
  const ChainOptimRow *row = row_of (t->model);

  for (guint i = 0; i < row->info.n_params; i++)
    {
      g_auto (GStrv) words = g_strsplit (row->info.params[i].title, " ", -1);

      for (guint k = 0; words[k] != NULL; k++)
        if (strcmp (words[k], symbol) == 0)
          return _chain_hyper (t, row->info.params[i].name);
    }
  return NAN;
}

static gboolean
is_slide (const ChainTrace *t)
{
  ChainParams p = { &row_of (t->model)->info, &t->model->spec->optimiser };

  return g_str_has_prefix (chain_param_variant (&p), "slide");
}

/* "w ← w − A / B, slide: A / C": one of the two. */
static char *
one_form (const char *line, gboolean slide)
{
  const char *at = strstr (line, ", slide: ");
  g_autofree char *own = at != NULL ? g_strndup (line, (gsize) (at - line)) : g_strdup (line), *start = NULL, *head = NULL;
  const char *other, *where;

  if (at == NULL || !slide)
    return g_steal_pointer (&own);
  other = at + strlen (", slide: ");
  start = g_strndup (other, (gsize) (strstr (other, " /") - other));
  where = g_strrstr (own, start);
  head = g_strndup (own, (gsize) (where - own));
  return g_strconcat (head, other, NULL);
}

typedef char *(*Special) (const ChainTrace *t, guint line);

static char *
sgd_line (const ChainTrace *t, guint line)
{
  gboolean momentum = _chain_hyper (t, "momentum") != 0, first = t->value[t->model->step] != NULL && t->value[t->model->step][0] < 1;

  if (line == 1 && momentum)
    return g_strdup (first ? "b ← g" : "b ← μ b + (1 − d) g");
  if (line == 2)
    return g_strdup (!momentum ? "d ← g" : _chain_hyper (t, "nesterov") != 0 ? "d ← g + μ b" : "d ← b");
  return NULL;
}

static char *
rmsprop_line (const ChainTrace *t, guint line)
{
  if (line == 2)
    return g_strdup (_chain_hyper (t, "centered") != 0 ? "m ← ρ m + (1 − ρ) g, v ← r − m²" : "v ← r");
  if (line == 4 && _chain_hyper (t, "momentum") != 0)
    return g_strdup ("b ← μ b + d, d ← b");
  return NULL;
}

static char *
muon_line (const ChainTrace *t, guint line)
{
  ChainParams p = { &row_of (t->model)->info, &t->model->spec->optimiser };

  if (line == 2)
    return g_strdup (_chain_hyper (t, "nesterov") != 0 ? "U ← (1 − β) g + β m" : "U ← m");
  if (line == 5)
    return g_strdup (strcmp (chain_param_variant (&p), "match_rms") == 0 ? "s ← 0.2 √max(rows, cols), w ← (1 − η λ) w − η s X"
                     : "s ← √max(1, rows/cols), w ← (1 − η λ) w − η s X");
  return NULL;
}

static char *
radam_line (const ChainTrace *t, guint line)
{
  for (guint i = 0; line == 6 && i < t->model->lines->len; i++)
    {
      const ChainLineInfo *l = &g_array_index (t->model->lines, ChainLineInfo, i);

      if (strcmp (l->symbol, "ρ") == 0 && t->value[l->node] != NULL && t->value[l->node][0] <= 5)
        return g_strdup ("w ← w − η m̂");
    }
  return NULL;
}

static const struct { const char *id; Special line; } specials[] = { { "sgd", sgd_line }, { "rmsprop", rmsprop_line }, { "muon", muon_line }, { "radam", radam_line } };

/* Muon leaves vectors to AdamW. */
static const char *vector_lines =
  "g ← ∇ℓ(w)\nm ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g ⊙ g\nm̂ ← m / (1 − β₁ᵗ)\nv̂ ← v / (1 − β₂ᵗ)\nw ← (1 − η λ) w − η m̂ / (√v̂ + ε)";

/* "3  d ← g" without "3  ". */
static const char *
without_number (const char *line)
{
  const char *at = line;

  while (g_ascii_isdigit (*at))
    at++;
  return g_str_has_prefix (at, "  ") ? at + 2 : line;
}

char **
_chain_update_texts (const ChainTrace *t, int param)
{
  const ChainOptimRow *row = row_of (t->model);
  const ChainTensorInfo *info = param >= 0 ? &g_array_index (t->model->params, ChainTensorInfo, param) : NULL;
  char **lines;

  if (row == NULL || row->pseudo == NULL)
    return g_new0 (char *, 1);
  if (strcmp (row->info.id, "muon") == 0 && info != NULL && (info->rows == 1 || info->cols == 1))
    return g_strsplit (vector_lines, "\n", -1);
  lines = g_strsplit (row->pseudo, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = NULL;

      for (guint k = 0; k < G_N_ELEMENTS (specials) && line == NULL; k++)
        if (strcmp (specials[k].id, row->info.id) == 0)
          line = specials[k].line (t, i);
      if (line == NULL)
        line = one_form (without_number (lines[i]), is_slide (t));
      g_free (lines[i]);
      lines[i] = line;
    }
  return lines;
}
