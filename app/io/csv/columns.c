/* SPDX-License-Identifier: Apache-2.0 */
/* Cells -> columns. Nothing is guessed silently: a column is numbers or text as a whole; a cell that looks like a number and is none
 * (hex, a decimal comma, 1.5abc, a Unicode minus) refuses the file by name and place, because reading it as text would make a measured
 * quantity into classes, and reading it as a number would make up a value. What is merely odd is told in a warning with its line. */
#include "config.h"
#include "app/io/csv/private.h"
#include "app/io/keyed-hash.h"
#include "engine/base/limits.h"
#include "engine/base/number.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define EXACT_INTEGER 9007199254740992.0    /* 2^53 */

typedef struct { const char *text; gsize len; } Cell;

typedef struct
{
  guint    numbers, texts, missing, foreign, like;
  gsize    first_text, first_number_like, first_missing, first_inexact, first_huge;   /* rows; valid if the count or flag says so */
  gboolean number_like, inexact, huge, lenient;
} Stats;

static Cell
strip (Cell c)
{
  while (c.len > 0 && strchr (" \t\r\n", c.text[0]))
    {
      c.text++;
      c.len--;
    }
  while (c.len > 0 && strchr (" \t\r\n", c.text[c.len - 1]))
    c.len--;
  return c;
}

static gboolean
is_word (Cell c, const char *word)
{
  return c.len == strlen (word) && g_ascii_strncasecmp (c.text, word, c.len) == 0;
}

static gboolean
is_missing (Cell c)
{
  static const char *const words[] = { "NA", "N/A", "NaN", "?", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (is_word (c, words[i]))
      return TRUE;
  return c.len == 0;
}

/* Begins as a number does: then it is a spoiled number rather than a word. */
static gboolean
begins_like_number (Cell c)
{
  const char *p = c.text, *end = c.text + c.len;

  if (c.len >= 3 && memcmp (p, "\xe2\x88\x92", 3) == 0)   /* U+2212 */
    p += 3;
  else if (p < end && (*p == '+' || *p == '-'))
    p++;
  if (p < end && (*p == '.' || *p == ','))
    p++;
  return p < end && g_ascii_isdigit (*p);
}

static gsize
span (Cell c, const char *bytes)
{
  gsize n = 0;

  while (n < c.len && strchr (bytes, c.text[n]))
    n++;
  return n;
}

/* Digits with separators that some locale uses, or a name of a non-finite number: nothing else. */
static gboolean
is_foreign_number (Cell c)
{
  static const char *const parts[] = { ".", ",", "'", " ", "+", "-", "\xe2\x88\x92", "\xc2\xa0", "\xe2\x80\x8b", "\xe2\x80\xaf" };
  gboolean digit = FALSE;
  gsize i = 0;

  if (c.len > 0 && (c.text[0] == '+' || c.text[0] == '-') && (is_word ((Cell){ c.text + 1, c.len - 1 }, "inf") || is_word ((Cell){ c.text + 1, c.len - 1 }, "infinity")))
    return TRUE;
  if (is_word (c, "inf") || is_word (c, "infinity"))
    return TRUE;
  /* A decimal number in every respect but its size: 1e999. */
  if (begins_like_number (c) && span (c, "+-.0123456789eE") == c.len && (memchr (c.text, 'e', c.len) || memchr (c.text, 'E', c.len)))
    return TRUE;
  while (i < c.len)
    {
      gsize n = g_ascii_isdigit (c.text[i]) ? 1 : 0;

      digit |= n > 0;
      for (guint k = 0; n == 0 && k < G_N_ELEMENTS (parts); k++)
        if (c.len - i >= strlen (parts[k]) && memcmp (c.text + i, parts[k], strlen (parts[k])) == 0)
          n = strlen (parts[k]);
      /* 2020-01-02 is a date: a sign inside is no number. */
      if (n == 0 || (i > 0 && (c.text[i] == '-' || c.text[i] == '+')))
        return FALSE;
      i += n;
    }
  return digit;
}

static void
see_number (Stats *s, Cell cell, double value, gsize row)
{
  s->numbers++;
  if (fabs (value) >= EXACT_INTEGER && !s->inexact && !memchr (cell.text, '.', cell.len) && !memchr (cell.text, 'e', cell.len)
      && !memchr (cell.text, 'E', cell.len))
    {
      s->inexact = TRUE;
      s->first_inexact = row;
    }
  if (fabs (value) > FLT_MAX && !s->huge)
    {
      s->huge = TRUE;
      s->first_huge = row;
    }
}

static void
see_text (Stats *s, Cell cell, gsize row)
{
  if (s->texts++ == 0)
    s->first_text = row;
  s->foreign += is_foreign_number (cell);
  /* In a column of text alone a house number "12b" is a word; see check_column(). */
  if (begins_like_number (cell))
    s->like++;
  if (!s->number_like && (s->foreign > 0 || s->like > 0))
    {
      s->number_like = TRUE;
      s->first_number_like = row;
    }
}

static void
see_cell (Stats *s, Cell cell, gsize row, double *value)
{
  cell = strip (cell);
  if (is_missing (cell))
    {
      if (s->missing++ == 0)
        s->first_missing = row;
    }
  else if (chain_number_parse (cell.text, (gssize) cell.len, value))
    see_number (s, cell, *value, row);
  else
    {
      *value = NAN;
      see_text (s, cell, row);
    }
}

static guint
line_of (const ChainCsvCells *c, gsize row)
{
  return g_array_index (c->lines, guint32, row);
}

static Cell
cell_at (const ChainCsvCells *c, gsize row, guint column)
{
  gsize n = c->names->len, at = 0, k = row * n + column;

  for (gsize i = 0; i < k; i++)
    at += g_array_index (c->lengths, guint32, i);
  return (Cell){ c->arena->str + at, g_array_index (c->lengths, guint32, k) };
}

static gboolean
refuse_cell (const ChainCsvCells *c, gsize row, guint column, const char *why)
{
  Cell cell = cell_at (c, row, column);
  g_autofree char *shown = chain_text_escape (cell.text, (gssize) MIN (cell.len, 40));

  return _chain_csv_fail (c, line_of (c, row), column + 1, -1, CHAIN_ERROR_BAD_VALUE, _("“%s” %s"), shown, why);
}

static void G_GNUC_PRINTF (3, 4)
warn (ChainCsvCells *c, guint column, const char *format, ...)
{
  g_autofree char *name = chain_text_escape (c->names->pdata[column], (gssize) MIN (strlen (c->names->pdata[column]), 80)), *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (c->warnings, g_strdup_printf (_("column “%s”: %s"), name, what));
}

/* Decides number or text for one column; FALSE with the first bad cell. */
static gboolean
check_column (ChainCsvCells *c, guint column, const Stats *s, gboolean *is_text)
{
  *is_text = s->texts > 0;
  if (s->lenient)
    return TRUE;
  if (s->numbers == 0 && s->texts == 0)
    return _chain_csv_fail (c, line_of (c, 0), column + 1, -1, CHAIN_ERROR_BAD_VALUE, _("this column has no value at all; remove it or ignore it"));
  if (s->numbers > 0 && s->texts > 0 && (s->texts <= s->numbers || s->number_like))
    return refuse_cell (c, s->texts <= s->numbers ? s->first_text : s->first_number_like, column,
                        _("is not a number, other cells of the column are; correct it, leave it empty, or ignore the column"));
  if (s->numbers > 0 && s->texts > 0)
    warn (c, column, _("numbers among words are read as words"));
  if (s->numbers == 0 && s->texts > 0 && s->foreign == s->texts)
    return refuse_cell (c, s->first_text, column, _("is not a number that is read here; write it with a decimal point and no separators"));
  if (s->numbers == 0 && s->texts > 0 && s->like == s->texts)
    warn (c, column, _("every value begins like a number and none is one; they are read as words"));
  return TRUE;
}

static void
warn_column (ChainCsvCells *c, guint column, const Stats *s, gboolean is_text)
{
  if (s->missing > 0)
    warn (c, column, g_dngettext (GETTEXT_PACKAGE, "%u value is missing, the first in line %u", "%u values are missing, the first in line %u", s->missing),
          s->missing, line_of (c, s->first_missing));
  if (!is_text && s->inexact)
    warn (c, column, _("the whole number in line %u is too large to be told from its neighbours"), line_of (c, s->first_inexact));
  if (!is_text && s->huge)
    warn (c, column, _("the number in line %u is too large for 32-bit training; it would become infinite"), line_of (c, s->first_huge));
}

/* --- names --- */
static gboolean
check_names (ChainCsvCells *c)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (chain_keyed_hash, g_str_equal);
  guint empty = 0, numbers = 0;
  double v;

  for (guint i = 0; i < c->names->len; i++)
    {
      char *name = c->names->pdata[i];

      if (*name == 0)
        empty++;
      else if (!g_hash_table_add (seen, name))
        return _chain_csv_fail (c, c->header_line, i + 1, -1, CHAIN_ERROR_DUPLICATE, _("this name stands twice in the first line; is it a header?"));
      numbers += chain_number_parse (name, -1, &v);
    }
  if (empty == c->names->len)
    return _chain_csv_fail (c, c->header_line, 1, -1, CHAIN_ERROR_BAD_HEADER, _("no column has a name"));
  if (numbers == c->names->len)
    g_ptr_array_add (c->warnings, g_strdup_printf (_("line %u holds only numbers and was read as names; say that there is no header if it is data"), c->header_line));
  for (guint i = 0; empty > 0 && i < c->names->len; i++)
    if (*(char *) c->names->pdata[i] == 0)
      {
        char *name = g_strdup_printf ("column %u", i + 1);

        g_free (c->names->pdata[i]);
        c->names->pdata[i] = name;
        if (!g_hash_table_add (seen, name))
          return _chain_csv_fail (c, c->header_line, i + 1, -1, CHAIN_ERROR_BAD_HEADER, _("this column has no name"));
        g_ptr_array_add (c->warnings, g_strdup_printf (_("column %u has no name in line %u; it is called “%s”"), i + 1, c->header_line, name));
      }
  return TRUE;
}

/* --- categories --- */
static gboolean
is_truth (const GPtrArray *labels, const char *yes, const char *no)
{
  for (guint i = 0; i < labels->len; i++)
    if (g_ascii_strcasecmp (labels->pdata[i], yes) != 0 && g_ascii_strcasecmp (labels->pdata[i], no) != 0)
      return FALSE;
  return TRUE;
}

/* True, FALSE, true are two classes, not three. */
static void
fold_truth (ChainCsvCells *c, guint column, ChainColumn *col, guint n_rows)
{
  GPtrArray *old = col->labels;
  g_autofree guint *map = NULL;

  if (old->len < 2 || old->len > 16 || !(is_truth (old, "true", "false") || is_truth (old, "yes", "no") || is_truth (old, "t", "f") || is_truth (old, "y", "n")))
    return;
  map = g_new (guint, old->len);
  col->labels = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < old->len; i++)
    {
      for (map[i] = 0; map[i] < col->labels->len; map[i]++)
        if (g_ascii_strcasecmp (col->labels->pdata[map[i]], old->pdata[i]) == 0)
          break;
      if (map[i] == col->labels->len)
        g_ptr_array_add (col->labels, g_strdup (old->pdata[i]));
    }
  if (col->labels->len < old->len)
    warn (c, column, _("truth words in several spellings are read as the same word"));
  for (guint r = 0; r < n_rows; r++)
    if (!isnan (col->values[r]))
      col->values[r] = map[(guint) col->values[r]];
  g_ptr_array_unref (old);
}

static double
label_index (GHashTable *index, GPtrArray *labels, Cell cell)
{
  g_autofree char *label = g_strndup (cell.text, cell.len);
  gpointer found;

  if (g_hash_table_lookup_extended (index, label, NULL, &found))
    return GPOINTER_TO_UINT (found);
  g_ptr_array_add (labels, g_steal_pointer (&label));
  g_hash_table_insert (index, labels->pdata[labels->len - 1], GUINT_TO_POINTER (labels->len - 1));
  return labels->len - 1;
}

/* One pass over all cells, whatever the number of text columns. */
static void
fill_labels (const ChainCsvCells *c, ChainTable *table)
{
  guint n = c->names->len;
  g_autofree GHashTable **index = g_new0 (GHashTable *, n);
  gsize at = 0;

  for (gsize k = 0; k < c->lengths->len; k++)
    {
      Cell cell = { c->arena->str + at, g_array_index (c->lengths, guint32, k) };
      ChainColumn *col = table->columns->pdata[k % n];

      at += cell.len;
      if (col->kind != CHAIN_COLUMN_CATEGORY)
        continue;
      if (!index[k % n])
        index[k % n] = g_hash_table_new (chain_keyed_hash, g_str_equal);
      col->values[k / n] = is_missing (strip (cell)) ? NAN : label_index (index[k % n], col->labels, cell);
    }
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&index[i], g_hash_table_unref);
}

static void
make_category (ChainColumn *col)
{
  col->kind = CHAIN_COLUMN_CATEGORY;
  g_clear_pointer (&col->labels, g_ptr_array_unref);
  col->labels = g_ptr_array_new_with_free_func (g_free);
}

static Stats *
see_cells (const ChainCsvCells *c, ChainTable *table, const ChainCsvOptions *options)
{
  guint n = c->names->len;
  Stats *stats = g_new0 (Stats, n);
  gsize at = 0;

  for (gsize k = 0; k < c->lengths->len; k++)
    {
      guint32 len = g_array_index (c->lengths, guint32, k);
      ChainColumn *col = table->columns->pdata[k % n];

      see_cell (&stats[k % n], (Cell){ c->arena->str + at, len }, k / n, &col->values[k / n]);
      at += len;
    }
  for (guint i = 0; options->lenient && i < options->lenient->len; i++)
    {
      int at_column = chain_table_find (table, options->lenient->pdata[i]);

      if (at_column >= 0)
        stats[at_column].lenient = TRUE;
    }
  return stats;
}

static gboolean
finish (ChainCsvCells *c, ChainTable *table, const Stats *stats)
{
  guint n = c->names->len;
  gboolean is_text;

  for (guint i = 0; i < n; i++)
    {
      ChainColumn *col = table->columns->pdata[i];

      if (!check_column (c, i, &stats[i], &is_text))
        return FALSE;
      warn_column (c, i, &stats[i], is_text);
      col->n_missing = stats[i].missing;
      if (is_text)
        make_category (col);
    }
  if (n == 1 && stats[0].numbers == 0)
    return _chain_csv_fail (c, line_of (c, 0), 1, -1, CHAIN_ERROR_BAD_VALUE,
                            _("one column of words is not a table of data; is the separator right?"));
  fill_labels (c, table);
  for (guint i = 0; i < n; i++)
    if (((ChainColumn *) table->columns->pdata[i])->kind == CHAIN_COLUMN_CATEGORY)
      fold_truth (c, i, table->columns->pdata[i], table->n_rows);
  return TRUE;
}

ChainTable *
_chain_csv_columns (ChainCsvCells *c, const ChainCsvOptions *options)
{
  g_autoptr (ChainTable) table = NULL;
  g_autofree Stats *stats = NULL;
  gsize bytes = 0;

  if (!check_names (c))
    return NULL;
  if (!chain_mul_size (c->lengths->len, sizeof (double), &bytes) || !chain_memory_check (bytes, _("The table"), c->error))
    return NULL;
  table = chain_table_new (c->lines->len);
  for (guint i = 0; i < c->names->len; i++)
    chain_table_add (table, c->names->pdata[i], CHAIN_COLUMN_NUMBER);
  stats = see_cells (c, table, options);
  if (!finish (c, table, stats))
    return NULL;
  for (guint i = 0; i < c->warnings->len; i++)
    g_ptr_array_add (table->warnings, g_strdup (c->warnings->pdata[i]));
  return g_steal_pointer (&table);
}
