/* SPDX-License-Identifier: Apache-2.0 */
/* CSV against a naive reader: when both accept, they count the same rows and columns and agree on every number. */
#include "app/io/csv.h"
#include "engine/base/number.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct { GPtrArray *cells; guint cols, rows; gboolean ragged; } Naive;

static void
end_row (Naive *n, guint *in_row)
{
  n->cols = n->rows == 0 ? *in_row : n->cols;
  n->ragged |= *in_row != n->cols;
  n->rows++;
  *in_row = 0;
}

/* Character by character, no library: quotes may be doubled inside quotes, blanks around a cell do not count, blank lines neither. */
static void
read_naively (Naive *n, const char *s, gsize len, char delimiter)
{
  g_autoptr (GString) cell = g_string_new (NULL);
  gboolean quoted = FALSE, line_used = FALSE;
  guint in_row = 0;

  for (gsize i = 0; i <= len; i++)
    {
      char c = i < len ? s[i] : '\n';

      if (quoted && c == '"' && i + 1 < len && s[i + 1] == '"')
        g_string_append_c (cell, s[i++]);
      else if (c == '"')
        quoted = !quoted;
      else if (!quoted && (c == delimiter || c == '\n' || c == '\r'))
        {
          if (c == delimiter || line_used)
            {
              g_ptr_array_add (n->cells, g_strdup (cell->str));
              in_row++;
            }
          g_string_truncate (cell, 0);
          if (c != delimiter && line_used)
            end_row (n, &in_row);
          line_used = c == delimiter;
          continue;
        }
      else
        g_string_append_c (cell, c);
      line_used |= c != ' ' && c != '\t';
    }
}

static void
compare (const ChainTable *t, const Naive *n)
{
  g_assert_cmpuint (t->columns->len, ==, n->cols);
  g_assert_cmpuint (t->n_rows + 1, ==, n->rows);
  for (guint r = 0; r < t->n_rows; r++)
    for (guint k = 0; k < n->cols; k++)
      {
        const ChainColumn *c = t->columns->pdata[k];
        g_autofree char *cell = g_strstrip (g_strdup (n->cells->pdata[(r + 1) * n->cols + k]));
        double v;

        if (c->kind == CHAIN_COLUMN_NUMBER && chain_number_parse (cell, -1, &v))
          g_assert_true (c->values[r] == v);
        else if (c->kind == CHAIN_COLUMN_NUMBER)
          g_assert_true (isnan (c->values[r]));
      }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const ChainCsvOptions comma = { ',', FALSE, NULL }, automatic = { 0, TRUE, NULL };
  g_autofree char *text = g_memdup2 (data, MAX (size, 1));
  g_autoptr (ChainTable) t = NULL, u = NULL;
  ChainFileWhere where;
  gsize skip = size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  u = chain_csv_read (text, size, &automatic, &where, NULL);
  t = chain_csv_read (text, size, &comma, &where, NULL);
  if (t && (size - skip < 4 || memcmp (text + skip, "sep=", 4) != 0) && !memchr (text, '\t', size))
    {
      Naive n = { g_ptr_array_new_with_free_func (g_free), 0, 0, FALSE };

      read_naively (&n, text + skip, size - skip, ',');
      g_assert_false (n.ragged);
      compare (t, &n);
      g_ptr_array_unref (n.cells);
    }
  return 0;
}
