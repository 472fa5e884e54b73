/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: one file, one line of JSON. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/io/inspect.h"

static gboolean
parse_cells (char **texts, GArray *cells)
{
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      g_auto (GStrv) part = g_strsplit (texts[i], ",", 3);
      gint64 row, col;
      if (g_strv_length (part) != 2)
        {
          cli_usage ("inspect", _ ("--cell takes ROW,COLUMN, not “%s”"), texts[i]);
          return FALSE;
        }
      if (!cli_int ("inspect", "cell", part[0], 0, G_MAXUINT32, &row) || !cli_int ("inspect", "cell", part[1], 0, G_MAXUINT32, &col))
        return FALSE;
      ChainInspectCell cell = { (guint) row, (guint) col };
      g_array_append_val (cells, cell);
    }
  return TRUE;
}

static gboolean
parse_delimiter (const char *text, char *delimiter)
{
  *delimiter = ',';
  if (text == NULL)
    return TRUE;
  if (strcmp (text, "auto") == 0)
    *delimiter = 0;
  else if (strcmp (text, "\\t") == 0 || strcmp (text, "tab") == 0)
    *delimiter = '\t';
  else if (strlen (text) == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r')
    *delimiter = text[0];
  else
    {
      cli_usage ("inspect", _ ("--delimiter takes one character, tab or auto, not “%s”"), text);
      return FALSE;
    }
  return TRUE;
}

int
verb_inspect (int argc, char **argv)
{
  g_autofree char *as = NULL, *delimiter = NULL;
  g_auto (GStrv) cells_text = NULL, rest = NULL;
  gboolean json = FALSE, no_header = FALSE, ok;
  const GOptionEntry entries[] = {
    { "as", 0, 0, G_OPTION_ARG_STRING, &as, N_ ("Format of the file"), "csv|idx|npy|safetensors|json" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("One line of JSON (the only form; may be left out)"), NULL },
    { "delimiter", 0, 0, G_OPTION_ARG_STRING, &delimiter, N_ ("CSV: separator (default “,”)"), "C|auto" },
    { "no-header", 0, 0, G_OPTION_ARG_NONE, &no_header, N_ ("CSV: the first line is data"), NULL },
    { "cell", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cells_text, N_ ("Print this value; 0-based, header not counted"), "R,C" },
    { 0 }
  };
  g_autoptr (GArray) cells = g_array_new (FALSE, FALSE, sizeof (ChainInspectCell));
  ChainInspectOptions options = { 0 };
  int status;

  if (!cli_parse ("inspect", entries, argc, argv, 1, 1, &rest, &status))
    return status;
  if (as == NULL || !g_strv_contains ((const char *const[]){ "csv", "idx", "npy", "safetensors", "json", NULL }, as))
    return cli_usage ("inspect", _ ("--as must be one of csv, idx, npy, safetensors, json"));
  if (!parse_cells (cells_text, cells) || !parse_delimiter (delimiter, &options.delimiter))
    return CHAIN_EXIT_USAGE;
  options.as = as;
  options.no_header = no_header;
  options.cells = (const ChainInspectCell *) (gpointer) cells->data;
  options.n_cells = cells->len;
  g_autofree char *line = chain_inspect_json (rest[0], &options, &ok);
  puts (line);
  return ok ? CHAIN_EXIT_OK : CHAIN_EXIT_BAD_INPUT;
}
