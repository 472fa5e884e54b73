/* SPDX-License-Identifier: Apache-2.0 */
/* "Keep both": the present document as text, to be opened beside this one before an edit throws weights away. Lines:
 *
 *   chainrule-branch/1 AT         the entry of the history that is the present one
 *   DOCUMENT                      what a save would write, in base64
 *   ENTRY STATE UNDONE            for each entry of the history: a JSON object, the weights from before it and from before its undo, in base64
 *                                 as files of weights; "-" where there are none
 *
 * Nothing of it is a file format: both windows belong to one running program. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/io/spec-io.h"
#include "app/session/build.h"
#include "app/session/session-private.h"

#include <string.h>

#define FORMAT "chainrule-branch/1"

/* --- writing --- */
static gboolean
append_file (GString *to, const ChainDocumentFile *file, GError **error)
{
  gsize len;
  g_autofree char *bytes = chain_document_file_write (file, &len, error), *text = bytes != NULL ? g_base64_encode ((const guchar *) bytes, len) : NULL;

  if (text != NULL)
    g_string_append (to, text);
  return text != NULL;
}

static gboolean
append_state (GString *to, const GPtrArray *state, GError **error)
{
  g_autoptr (ChainDocumentFile) file = NULL;

  g_string_append_c (to, '\t');
  if (state == NULL)
    {
      g_string_append_c (to, '-');
      return TRUE;
    }
  file = chain_document_file_new ();
  for (guint i = 0; i < state->len; i++)
    {
      const ChainNamedTensor *n = g_ptr_array_index (state, i);

      chain_document_file_add (file, n->name, n->tensor);
    }
  return append_file (to, file, error);
}

static json_t *
weight_json (const ChainWeightEdit *w)
{
  json_t *j = json_object ();

  json_object_set_new (j, "tensor", json_string (w->tensor));
  json_object_set_new (j, "row", json_integer (w->row));
  json_object_set_new (j, "col", json_integer (w->col));
  json_object_set_new (j, "before", json_real (w->before));
  json_object_set_new (j, "after", json_real (w->after));
  return j;
}

static gboolean
append_entry (GString *to, const ChainHistoryEntry *e, GError **error)
{
  g_autoptr (ChainJson) j = json_object ();
  g_autofree char *text = NULL;

  json_object_set_new (j, "label", e->label != NULL ? json_string (e->label) : json_null ());
  json_object_set_new (j, "spec", _chain_spec_to_tree (e->spec, TRUE));
  if (e->weight != NULL)
    json_object_set_new (j, "weight", weight_json (e->weight));
  text = chain_json_write (j, TRUE);
  g_string_append (to, text);
  if (!append_state (to, e->state, error) || !append_state (to, e->undone, error))
    return FALSE;
  g_string_append_c (to, '\n');
  return TRUE;
}

gboolean
chain_session_branch (ChainSession *s, char **text_out, GError **error)
{
  gboolean running, ok;
  g_autoptr (ChainDocumentFile) file = _chain_session_present_file (s, &running);
  const ChainHistory *h = chain_document_entries (s->document);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s %u\n", FORMAT, chain_history_at (h));
  ok = append_file (text, file, error);
  g_string_append_c (text, '\n');
  for (guint i = 0; ok && i <= chain_history_size (h); i++)
    {
      ChainHistoryEntry e = chain_history_entry (h, i);

      ok = append_entry (text, &e, error);
    }
  *text_out = g_string_free (text, !ok);
  return ok;
}

/* --- reading --- */
static ChainDocumentFile *
read_file (const char *text, GError **error)
{
  gsize len;
  guchar *bytes = g_base64_decode (text, &len);

  return chain_document_file_read ((char *) bytes, len, NULL, error);
}

static gboolean
read_state (const char *text, GPtrArray **state)
{
  g_autoptr (ChainDocumentFile) file = NULL;

  *state = NULL;
  if (strcmp (text, "-") == 0)
    return TRUE;
  file = read_file (text, NULL);
  if (file != NULL)
    *state = g_ptr_array_ref (file->tensors);
  return file != NULL;
}

static gboolean
read_weight (const json_t *j, ChainWeightEdit *w)
{
  *w = (ChainWeightEdit){ json_string_value (json_object_get (j, "tensor")), (guint) json_integer_value (json_object_get (j, "row")),
                          (guint) json_integer_value (json_object_get (j, "col")), json_number_value (json_object_get (j, "before")),
                          json_number_value (json_object_get (j, "after")) };
  return w->tensor != NULL;
}

/* *h is made by the first entry. */
static gboolean
read_entry (const char *line, ChainHistory **h)
{
  g_auto (GStrv) parts = g_strsplit (line, "\t", 3);
  g_autoptr (ChainJson) j = chain_json_read (parts[0], strlen (parts[0]), NULL, NULL, NULL);
  g_autoptr (ChainSpec) spec = j != NULL ? _chain_spec_from_tree (json_object_get (j, "spec"), NULL, NULL) : NULL;
  g_autoptr (GPtrArray) state = NULL;
  g_autoptr (GPtrArray) undone = NULL;
  const json_t *weight = j != NULL ? json_object_get (j, "weight") : NULL;
  ChainWeightEdit w;
  ChainHistoryEntry e;

  if (spec == NULL || g_strv_length (parts) != 3 || !read_state (parts[1], &state) || !read_state (parts[2], &undone)
      || (weight != NULL && !read_weight (weight, &w)))
    return FALSE;
  chain_spec_seal (spec);
  e = (ChainHistoryEntry){ spec, json_string_value (json_object_get (j, "label")), weight != NULL ? &w : NULL, state, undone };
  if (*h == NULL)
    *h = chain_history_new (chain_spec_ref (spec));
  else
    chain_history_append (*h, &e, chain_document_state_bytes (state), chain_document_state_bytes (undone));
  return TRUE;
}

static ChainHistory *
read_history (char **lines, guint at)
{
  ChainHistory *h = NULL;

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (!read_entry (lines[i], &h))
      {
        chain_history_free (h);
        return NULL;
      }
  if (h != NULL)
    chain_history_seek (h, at);
  return h;
}

static gboolean
no_branch (GError **error)
{
  g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_SYNTAX, _("This is no branch of a document; save the document and open the file instead"));
  return FALSE;
}

gboolean
chain_session_open_branch (ChainSession *s, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (ChainDocumentFile) file = NULL;
  ChainHistory *h;

  if (g_strv_length (lines) < 3 || !g_str_has_prefix (lines[0], FORMAT " "))
    return no_branch (error);
  file = read_file (lines[1], error);
  if (file == NULL)
    return FALSE;
  h = file->spec != NULL ? read_history (lines + 2, (guint) g_ascii_strtoull (lines[0] + strlen (FORMAT), NULL, 10)) : NULL;
  if (h == NULL)
    return no_branch (error);
  if (!_chain_session_open_parts (s, file, NULL, error))
    {
      chain_history_free (h);
      return FALSE;
    }
  if (chain_spec_equal (chain_history_spec (h), chain_document_spec (s->document)))
    chain_document_set_entries (s->document, h);
  else
    {
      chain_history_free (h);
      chain_document_touch (s->document);
    }
  return TRUE;
}
