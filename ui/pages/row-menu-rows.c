/* SPDX-License-Identifier: Apache-2.0 */
/* The tables tell everything a menu shows; the only thing they cannot know is what suits the present document, so a row is a head of a table
 * plus that. A search looks at all that somebody may know a thing by: its name here, its formula, its name in another library, the slide. */
#include "config.h"

#include "ui/pages/row-menu-rows.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/number-text.h"

typedef struct { ChainMenuRow row; char *title, *folded; } Row;      /* folded: made by the first search */

static void
row_free (gpointer data)
{
  Row *r = data;

  g_free ((char *) r->row.id);
  g_free ((char *) r->row.title);
  g_free ((char *) r->row.group);
  g_free ((char *) r->row.note);
  g_free ((char *) r->row.reason);
  g_free (r->title);
  g_free (r->folded);
  g_free (r);
}

GPtrArray *
chain_menu_rows_new (void)
{
  return g_ptr_array_new_with_free_func (row_free);
}

static const char *
translated (const char *msgid)
{
  return msgid != NULL ? _(msgid) : "";
}

void
chain_menu_rows_add (GPtrArray *rows, const ChainMenuRow *row)
{
  Row *r = g_new0 (Row, 1);
  const ChainRowInfo *info = row->info;

  r->row.id = g_strdup (row->id);
  r->row.info = info;
  r->row.title = g_strdup (row->title != NULL ? row->title : translated (info != NULL ? info->title : NULL));
  r->row.group = g_strdup (row->group != NULL ? row->group : translated (info != NULL ? info->group : NULL));
  r->row.note = g_strdup (row->note);
  r->row.reason = g_strdup (row->reason);
  g_ptr_array_add (rows, r);
}

void
chain_menu_rows_add_table (GPtrArray *rows, const char *table)
{
  g_autoptr (GPtrArray) infos = chain_table_infos (table);

  g_assert (infos != NULL);
  for (guint i = 0; i < infos->len; i++)
    {
      const ChainRowInfo *info = g_ptr_array_index (infos, i);

      chain_menu_rows_add (rows, &(ChainMenuRow){ .id = info->id, .info = info });
    }
}

const ChainMenuRow *
chain_menu_rows_find (const GPtrArray *rows, const char *id)
{
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (g_strcmp0 (((const ChainMenuRow *) g_ptr_array_index (rows, i))->id, id) == 0)
      return g_ptr_array_index (rows, i);
  return NULL;
}

gboolean
chain_menu_rows_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a == NULL || b == NULL || a->len != b->len)
    return a == b;
  for (guint i = 0; i < a->len; i++)
    {
      const ChainMenuRow *p = g_ptr_array_index (a, i), *q = g_ptr_array_index (b, i);

      if (p->info != q->info || g_strcmp0 (p->id, q->id) != 0 || g_strcmp0 (p->title, q->title) != 0 || g_strcmp0 (p->group, q->group) != 0 ||
          g_strcmp0 (p->note, q->note) != 0 || g_strcmp0 (p->reason, q->reason) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_of (const ChainMenuRow *row, const char *group, gboolean lecture, gboolean refused)
{
  return g_str_equal (row->group, group) && (row->info != NULL && row->info->lecture != NULL) == lecture && (row->reason != NULL) == refused;
}

GPtrArray *
chain_menu_rows_sorted (const GPtrArray *rows)
{
  GPtrArray *sorted = g_ptr_array_new ();

  for (int refused = 0; refused <= 1; refused++)
    {
      g_autoptr (GPtrArray) groups = g_ptr_array_new ();

      for (guint i = 0; i < rows->len; i++)
        {
          const ChainMenuRow *row = g_ptr_array_index (rows, i);

          if ((row->reason != NULL) != refused || g_ptr_array_find_with_equal_func (groups, row->group, g_str_equal, NULL))
            continue;
          g_ptr_array_add (groups, (char *) row->group);
          for (int lecture = 1; lecture >= 0; lecture--)
            for (guint k = i; k < rows->len; k++)
              if (is_of (g_ptr_array_index (rows, k), row->group, lecture, refused))
                g_ptr_array_add (sorted, g_ptr_array_index (rows, k));
        }
    }
  return sorted;
}

/* --- searching --- */
/* Small letters, without accents, and without the signs that people leave out: "crossentropy" finds cross-entropy. */
char *
chain_menu_fold (const char *text)
{
  g_autofree char *flat = g_utf8_normalize (text, -1, G_NORMALIZE_ALL), *small = flat != NULL ? g_utf8_casefold (flat, -1) : NULL;
  GString *out = g_string_new (NULL);

  for (const char *p = small; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_ismark (c) && c != '-' && c != 0x2010 && c != 0x2013)
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

static void
fold_row (Row *r)
{
  const ChainRowInfo *info = r->row.info;
  g_autofree char *all = info == NULL ? g_strjoin ("\n", r->row.title, r->row.id, r->row.group, NULL)
                                      : g_strjoin ("\n", r->row.title, info->id, info->formula != NULL ? info->formula : "", translated (info->when),
                                                   translated (info->group), r->row.group, info->elsewhere != NULL ? info->elsewhere : "",
                                                   translated (info->lecture), info->source != NULL ? info->source : "",
                                                   r->row.note != NULL ? r->row.note : "", NULL);

  r->title = chain_menu_fold (r->row.title);
  r->folded = chain_menu_fold (all);
}

guint
chain_menu_row_matches (const ChainMenuRow *row, const char *folded)
{
  Row *r = (Row *) row;
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);
  g_autofree char *id = chain_menu_fold (row->id);

  if (r->folded == NULL)
    fold_row (r);
  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (r->folded, words[i]) == NULL)
      return 0;
  if (g_str_equal (r->title, folded) || g_str_equal (id, folded))
    return 4;
  return g_str_has_prefix (r->title, folded) ? 3 : strstr (r->title, folded) != NULL ? 2 : 1;
}

char *
chain_menu_row_params (const ChainRowInfo *info)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < info->n_params; i++)
    {
      const ChainParamInfo *p = &info->params[i];
      char buf[CHAIN_NUMBER_TEXT_SIZE];

      g_string_append_printf (s, "%s%s = %s", s->len > 0 ? ", " : "", p->name,
                              p->text != NULL ? p->text : isnan (p->value) ? "…" : chain_number_text_setting (buf, p->value));
    }
  return g_string_free (s, s->len == 0);
}

/* "PyTorch – · Keras LogCosh · optax –" is a table cell that says where there is none; a reader of one row wants the others. */
char *
chain_menu_row_elsewhere (const ChainRowInfo *info)
{
  g_auto (GStrv) parts = g_strsplit (info->elsewhere != NULL ? info->elsewhere : "", " · ", -1);
  GString *s = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && !g_str_equal (parts[i], "–") && !g_str_has_suffix (parts[i], " –"))
      g_string_append_printf (s, "%s%s", s->len > 0 ? " · " : "", parts[i]);
  return g_string_free (s, s->len == 0);
}
