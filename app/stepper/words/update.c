/* SPDX-License-Identifier: Apache-2.0 */
/* The optimiser's algorithm, line by line, with the numbers of one weight: what each line makes is a node that the optimiser's row has pointed out
 * while it was built (ChainModel.lines), so the numbers are the engine's. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/stepper/private.h"
#include "engine/nn/table.h"

static const ChainOptimRow *
row_of (const ChainModel *m)
{
  return chain_optim_row (m->spec->optimiser.id != NULL ? m->spec->optimiser.id : "sgd");
}

static char **
pseudo_lines (const ChainModel *m)
{
  const ChainOptimRow *row = row_of (m);

  return g_strsplit (row != NULL && row->pseudo != NULL ? _(row->pseudo) : "", "\n", -1);
}

guint
_chain_update_lines (const ChainModel *m)
{
  g_auto (GStrv) lines = pseudo_lines (m);

  return lines[0] != NULL && lines[0][0] != '\0' ? g_strv_length (lines) : 0;
}

/* "2  v ← α v − η g" as maths: words stay words, signs get their spaces. */
static ChainMaths *
line_maths (const char *text)
{
  g_auto (GStrv) tokens = NULL;
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  while (g_ascii_isdigit (*text) || *text == ' ')
    text++;
  tokens = g_strsplit (text, " ", -1);
  for (guint i = 0; tokens[i] != NULL; i++)
    {
      const char *s = tokens[i];

      if (*s == '\0')
        continue;
      if (strcmp (s, "←") == 0 || strcmp (s, "+") == 0 || strcmp (s, "−") == 0 || strcmp (s, "⊙") == 0 || strcmp (s, "=") == 0 || strcmp (s, "≠") == 0
          || strcmp (s, ">") == 0 || strcmp (s, "<") == 0 || strcmp (s, "/") == 0 || strcmp (s, "·") == 0 || strcmp (s, "~") == 0)
        g_ptr_array_add (parts, chain_maths_sign (s));
      else
        {
          if (parts->len > 0)
            g_ptr_array_add (parts, chain_maths_word ("\u2009"));
          g_ptr_array_add (parts, g_utf8_strlen (s, -1) == 1 ? chain_maths_symbol (s) : chain_maths_word (s));
        }
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

/* The entry of a node that belongs to the parameter's: the same one, of a row or column statistic the one that serves it, of a number that one. */
static double
entry_of (const ChainTrace *t, ChainId node, const ChainCell *cell)
{
  gint64 rows, cols, r = MAX (cell->row, 0), c = MAX (cell->col, 0);

  if (node == CHAIN_NONE || t->value[node] == NULL)
    return NAN;
  chain_trace_shape (t, node, &rows, &cols);
  return chain_trace_at (t, node, MIN (r, rows - 1), MIN (c, cols - 1));
}

static int
param_of (const ChainModel *m, ChainId leaf)
{
  for (guint i = 0; i < m->params->len; i++)
    if (g_array_index (m->params, ChainTensorInfo, i).leaf == leaf)
      return (int) i;
  return -1;
}

static ChainMaths *
values_of_line (const ChainTrace *t, const ChainCell *cell, int param, guint line, guint n)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint i = 0; i < t->model->lines->len; i++)
    {
      const ChainLineInfo *l = &g_array_index (t->model->lines, ChainLineInfo, i);

      if ((l->line > 0 ? l->line : n) != line + 1 || (l->param >= 0 && l->param != param))
        continue;
      if (parts->len > 0)
        {
          g_ptr_array_add (parts, chain_maths_sign (","));
          g_ptr_array_add (parts, chain_maths_word ("\u2003"));
        }
      g_ptr_array_add (parts, g_utf8_strlen (l->symbol, -1) == 1 ? chain_maths_symbol (l->symbol) : chain_maths_word (l->symbol));
      g_ptr_array_add (parts, chain_maths_sign ("="));
      g_ptr_array_add (parts, _chain_number (entry_of (t, l->node, cell)));
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

void
_chain_update_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, ChainStepCard *c)
{
  const ChainCell *cell = chain_diagram_cell (d, e->cell);
  int param = param_of (t->model, cell->node);
  const ChainTensorInfo *info = &g_array_index (t->model->params, ChainTensorInfo, MAX (param, 0));
  g_autofree char *name = chain_maths_to_text (cell->name);
  guint n;

  c->lines = pseudo_lines (t->model);
  n = g_strv_length (c->lines);
  c->line_maths = g_new0 (ChainMaths *, n + 1);
  c->line_numbers = g_new0 (ChainMaths *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      c->line_maths[i] = line_maths (c->lines[i]);
      c->line_numbers[i] = values_of_line (t, cell, param, i, n);
    }
  c->line = e->line;
  c->title = g_strdup_printf (_("%s updates %s, line %u of %u"), _(row_of (t->model)->info.title), name, e->line + 1, n);
  c->symbols = chain_maths_ref (c->line_maths[e->line]);
  c->numbers = chain_maths_ref (c->line_numbers[e->line]);
  if (e->line + 1 == n)
    c->result = chain_maths_row (chain_maths_ref (cell->name), chain_maths_sign ("←"),
                                 chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (entry_of (t, info->next, cell))), NULL);
}
