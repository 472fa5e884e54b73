/* SPDX-License-Identifier: Apache-2.0 */
/* The optimiser's algorithm, line by line, with the numbers of one weight: what each line makes is a node that the optimiser's row has pointed out
 * while it was built (ChainModel.lines), so the numbers are the engine's. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/stepper/words/lines.h"
#include "app/stepper/words/pseudo.h"
#include "engine/nn/table.h"

static const ChainOptimRow *
row_of (const ChainModel *m)
{
  return chain_optim_row (m->spec->optimiser.id != NULL ? m->spec->optimiser.id : "sgd");
}

guint
_chain_update_lines (const ChainModel *m)
{
  const ChainOptimRow *row = row_of (m);
  g_auto (GStrv) lines = g_strsplit (row != NULL && row->pseudo != NULL ? row->pseudo : "", "\n", -1);

  return lines[0] != NULL && lines[0][0] != '\0' ? g_strv_length (lines) : 0;
}

static ChainMaths *
with_marks (ChainMaths *m, const char *marks, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const char one[] = { marks[i], '\0' };

      m = m == NULL ? chain_maths_symbol (one) : chain_maths_row (m, chain_maths_symbol (one), NULL);
    }
  return m;
}

/* "(1", "d):": brackets and marks are no part of a name. (transfer full). */
static ChainMaths *
token_maths (const char *s)
{
  gsize n = strlen (s), from = strspn (s, "("), to = n;
  g_autofree char *name = NULL;
  ChainMaths *before, *m;

  while (to > from && strchr ("):,", s[to - 1]) != NULL)
    to--;
  name = g_strndup (s + from, to - from);
  m = g_utf8_strlen (name, -1) <= 2 && g_unichar_isalpha (g_utf8_get_char (name)) && !g_str_has_prefix (name, "if") ? _chain_pseudo_symbol (name)
      : chain_maths_word (name);
  before = with_marks (NULL, s, from);
  return with_marks (before != NULL ? chain_maths_row (before, m, NULL) : m, s + to, n - to);
}

/* What is more than assignments, "if g g₀ < 0: g ← 0": words stay words, signs get their spaces. */
static ChainMaths *
wordy_maths (const char *text)
{
  static const char *const signs[] = { "←", "+", "−", "⊙", "=", "≠", ">", "<", "/", "·", "~" };
  g_auto (GStrv) tokens = g_strsplit (text, " ", -1);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint i = 0; tokens[i] != NULL; i++)
    {
      const char *s = tokens[i];
      gboolean sign = FALSE;

      for (guint k = 0; k < G_N_ELEMENTS (signs); k++)
        sign |= strcmp (s, signs[k]) == 0;
      if (*s == '\0')
        continue;
      if (!sign && parts->len > 0)
        g_ptr_array_add (parts, chain_maths_word ("\u2009"));
      g_ptr_array_add (parts, sign ? chain_maths_sign (s) : token_maths (s));
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

/* "… (evaluate here)": words in brackets at the end are a remark. (transfer full): the line without it. */
static char *
without_remark (const char *line, const char **remark)
{
  g_autoptr (GRegex) tail = g_regex_new (" \\([^()]*[a-z]{2,}[^()]*\\)$", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int start = 0;

  *remark = NULL;
  if (!g_regex_match (tail, line, 0, &match) || !g_match_info_fetch_pos (match, 0, &start, NULL))
    return g_strdup (line);
  *remark = line + start + 1;
  return g_strndup (line, (gsize) start);
}

static ChainMaths *
line_maths (const char *text)
{
  const char *remark;
  g_autofree char *line = without_remark (text, &remark);
  g_autoptr (ChainPseudo) p = _chain_pseudo_parse (line);

  if (p == NULL)
    return wordy_maths (text);
  return remark == NULL ? _chain_pseudo_maths (p)
         : chain_maths_row (_chain_pseudo_maths (p), chain_maths_word ("\u2003"), chain_maths_ink (CHAIN_MATHS_FAINT, chain_maths_word (remark)), NULL);
}

/* Whose numbers are shown: an entry of a parameter. */
typedef struct
{
  const ChainTrace  *t;
  const ChainPseudo *line_text;
  int    param;
  guint  line, n;             /* of the pseudo-code, from 1; how many */
  gint64 row, col;
} Update;

/* The entry of a node that belongs to the parameter's: the same one, of a row or column statistic the one that serves it, of a number that one. */
static double
entry_of (const Update *u, ChainId node, gboolean norm)
{
  gint64 rows, cols;
  double squares = 0;

  if (node == CHAIN_NONE || u->t->value[node] == NULL)
    return NAN;
  chain_trace_shape (u->t, node, &rows, &cols);
  if (!norm)
    return chain_trace_at (u->t, node, MIN (u->row, rows - 1), MIN (u->col, cols - 1));
  for (gint64 i = 0; i < rows * cols; i++)
    squares += u->t->value[node][i] * u->t->value[node][i];
  return sqrt (squares);
}

static int
param_of (const ChainModel *m, ChainId leaf)
{
  for (guint i = 0; i < m->params->len; i++)
    if (g_array_index (m->params, ChainTensorInfo, i).leaf == leaf)
      return (int) i;
  return -1;
}

/* What the row has pointed out under that symbol: the last at or before a line, or the first after it. */
static ChainId
told (const Update *u, const char *symbol, guint until, gboolean later)
{
  ChainId found = CHAIN_NONE;

  for (guint i = 0; i < u->t->model->lines->len; i++)
    {
      const ChainLineInfo *l = &g_array_index (u->t->model->lines, ChainLineInfo, i);
      guint at = l->line > 0 ? l->line : u->n;

      if ((l->param >= 0 && l->param != u->param) || strcmp (l->symbol, symbol) != 0)
        continue;
      if (later ? at > until && found == CHAIN_NONE : at <= until)
        found = l->node;
    }
  return found;
}

/* What becomes of it is a state's next value: before the step it is that state. */
static ChainId
before (const Update *u, ChainId next)
{
  const GArray *const sets[] = { u->t->model->params, u->t->model->moments };

  for (guint k = 0; k < G_N_ELEMENTS (sets) && next != CHAIN_NONE; k++)
    for (guint i = 0; i < sets[k]->len; i++)
      if (g_array_index (sets[k], ChainTensorInfo, i).next == next)
        return g_array_index (sets[k], ChainTensorInfo, i).leaf;
  return CHAIN_NONE;
}

static double value_cb (const char *symbol, guint clause, gboolean norm, gpointer data);

/* What has no line of its own: the moments corrected for their start, the shape, the step. */
static double
derived (Update *u, const char *symbol, guint clause)
{
  gboolean first = strcmp (symbol, "m̂") == 0;

  if (strcmp (symbol, "t") == 0)
    return entry_of (u, u->t->model->step, FALSE) + 1;
  if (strcmp (symbol, "rows") == 0)
    return g_array_index (u->t->model->params, ChainTensorInfo, u->param).rows;
  if (strcmp (symbol, "cols") == 0)
    return g_array_index (u->t->model->params, ChainTensorInfo, u->param).cols;
  if (first || strcmp (symbol, "v̂") == 0)
    return value_cb (first ? "m" : "v", clause, FALSE, u) / (1 - pow (_chain_hyper_by_symbol (u->t, first ? "β₁" : "β₂"), derived (u, "t", clause)));
  return _chain_hyper_by_symbol (u->t, symbol);
}

static double
value_cb (const char *symbol, guint clause, gboolean norm, gpointer data)
{
  Update *u = data;
  guint own = G_MAXUINT;
  ChainId id;

  for (guint i = 0; i < clause; i++)
    if (strcmp (_chain_pseudo_left (u->line_text, i), symbol) == 0)
      own = i;
  id = told (u, symbol, own != G_MAXUINT ? u->line : u->line - 1, FALSE);
  if (id == CHAIN_NONE && own != G_MAXUINT && !norm)
    {
      double v;
      ChainMaths *m = _chain_pseudo_numbers (u->line_text, own, value_cb, u, &v);

      g_clear_pointer (&m, chain_maths_unref);
      return v;
    }
  if (id == CHAIN_NONE && strcmp (symbol, "w") == 0)
    id = g_array_index (u->t->model->params, ChainTensorInfo, u->param).leaf;
  if (id == CHAIN_NONE)
    id = before (u, told (u, symbol, u->line - 1, TRUE));
  if (id == CHAIN_NONE && strcmp (symbol, "η") == 0)
    id = told (u, symbol, u->n, FALSE) != CHAIN_NONE ? told (u, symbol, u->n, FALSE) : u->t->model->lr;
  return id != CHAIN_NONE ? entry_of (u, id, norm) : norm ? NAN : derived (u, symbol, clause);
}

static void
add_pair (GPtrArray *parts, ChainMaths *symbol, ChainMaths *right, ChainMaths *result)
{
  if (parts->len > 0)
    {
      g_ptr_array_add (parts, chain_maths_sign (","));
      g_ptr_array_add (parts, chain_maths_word ("\u2003"));
    }
  g_ptr_array_add (parts, symbol);
  g_ptr_array_add (parts, chain_maths_sign ("="));
  if (right != NULL)
    {
      g_ptr_array_add (parts, right);
      g_ptr_array_add (parts, chain_maths_sign ("="));
    }
  g_ptr_array_add (parts, result);
}

/* The right-hand side of the clause that makes the quantity, with numbers; only where it comes to what the engine has, and is not that number
 * alone. */
static ChainMaths *
right_of (Update *u, const char *symbol, double result)
{
  for (guint i = u->line_text == NULL ? 0 : _chain_pseudo_clauses (u->line_text); i-- > 0;)
    {
      double v;
      ChainMaths *m = strcmp (_chain_pseudo_left (u->line_text, i), symbol) == 0 ? _chain_pseudo_numbers (u->line_text, i, value_cb, u, &v) : NULL;

      if (m == NULL)
        continue;
      if (fabs (v - result) <= 1e-4 * fabs (result) + 1e-12)
        return m;
      chain_maths_unref (m);
      return NULL;
    }
  return NULL;
}

/* A factor that is not made in the line is told beside it, unless it stands in a right-hand side with numbers. */
static gboolean
is_made (const Update *u, const char *symbol)
{
  for (guint i = 0; u->line_text != NULL && i < _chain_pseudo_clauses (u->line_text); i++)
    if (strcmp (_chain_pseudo_left (u->line_text, i), symbol) == 0)
      return TRUE;
  return u->line_text == NULL;
}

static void
add_quantities (Update *u, gboolean made, GPtrArray *parts, gboolean *with_numbers)   /* NULL: results alone */
{
  for (guint i = 0; i < u->t->model->lines->len; i++)
    {
      const ChainLineInfo *l = &g_array_index (u->t->model->lines, ChainLineInfo, i);
      double v = entry_of (u, l->node, FALSE);
      ChainMaths *right;

      if ((l->line > 0 ? l->line : u->n) != u->line || (l->param >= 0 && l->param != u->param) || is_made (u, l->symbol) != made)
        continue;
      right = made && with_numbers != NULL ? right_of (u, l->symbol, v) : NULL;
      if (right != NULL)
        *with_numbers = TRUE;
      add_pair (parts, _chain_pseudo_symbol (l->symbol), right,
                u->line == u->n && strcmp (l->symbol, "w") == 0 ? chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (v)) : _chain_number (v));
    }
}

static ChainMaths *
numbers_of_line (Update *u)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  gboolean with_numbers = FALSE;

  add_quantities (u, TRUE, parts, &with_numbers);
  if (!with_numbers)
    add_quantities (u, FALSE, parts, &with_numbers);
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

static ChainMaths *
results_of_line (Update *u)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  add_quantities (u, TRUE, parts, NULL);
  if (parts->len == 0)
    add_quantities (u, FALSE, parts, NULL);
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

static ChainMaths *
numbered (guint n, ChainMaths *line)
{
  g_autofree char *text = g_strdup_printf ("%u", n);

  return chain_maths_row (chain_maths_ink (CHAIN_MATHS_FAINT, chain_maths_number (text)), chain_maths_word ("\u2002"), line, NULL);
}

void
_chain_update_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, gint64 row, gint64 col, ChainStepCard *c)
{
  const ChainCell *cell = chain_diagram_cell (d, e->cell);
  int param = param_of (t->model, cell->node);
  const ChainTensorInfo *info = &g_array_index (t->model->params, ChainTensorInfo, MAX (param, 0));
  g_autoptr (ChainMaths) of = _chain_entry_name (t, d, cell->node, row, col);
  g_autofree char *name = chain_maths_to_text (of);
  Update u = { .t = t, .param = param, .row = row, .col = col };

  c->lines = _chain_update_texts (t, param);
  u.n = g_strv_length (c->lines);
  c->line_maths = g_new0 (ChainMaths *, u.n + 1);
  c->line_numbers = g_new0 (ChainMaths *, u.n + 1);
  c->line_results = g_new0 (ChainMaths *, u.n + 1);
  for (guint i = 0; i < u.n; i++)
    {
      const char *remark;
      g_autofree char *line = without_remark (c->lines[i], &remark);
      g_autoptr (ChainPseudo) text = _chain_pseudo_parse (line);

      u.line = i + 1;
      u.line_text = text;
      c->line_maths[i] = numbered (i + 1, line_maths (c->lines[i]));
      c->line_numbers[i] = numbers_of_line (&u);
      c->line_results[i] = results_of_line (&u);
    }
  c->line = e->line;
  c->title = g_strdup_printf (_("%s updates %s, line %u of %u"), _(row_of (t->model)->info.title), name, e->line + 1, u.n);
  c->symbols = line_maths (c->lines[e->line]);
  c->numbers = chain_maths_ref (c->line_numbers[e->line]);
  if (e->line + 1 == u.n)
    c->result = chain_maths_row (g_steal_pointer (&of), chain_maths_sign ("←"),
                                 chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (entry_of (&u, info->next, FALSE))), NULL);
}
