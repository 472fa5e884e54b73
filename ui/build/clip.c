/* SPDX-License-Identifier: Apache-2.0 */
/* Layers on the clipboard are text: they can be pasted into another window, a mail or an editor, and come back. Reading the clipboard asks
 * another program and may take its time, so a paste ends when the text is there. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>

#include "ui/canvas/report.h"

typedef struct { ChainBuild *build; char *after; } Paste;

void
_chain_build_copy (ChainBuild *b, const ChainSubject *s)
{
  const char *const ids[] = { s->layer, NULL };
  g_autofree char *text = chain_session_copy_layers (b->session, ids);

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (b->canvas)), text);
}

static void
paste_cb (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  Paste *p = data;
  g_autoptr (GError) read_error = NULL;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, &read_error);
  GError *error = NULL;

  if (!g_error_matches (read_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))      /* else the window has gone */
    {
      if (text == NULL)
        g_set_error (&error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There are no layers on the clipboard; copy one first"));
      else
        chain_session_paste_layers (p->build->session, text, p->after, &error);
      chain_report (p->build->session, error);
    }
  g_free (p->after);
  g_free (p);
}

void
_chain_build_paste (ChainBuild *b, const ChainSubject *s)
{
  Paste *p = g_new0 (Paste, 1);

  p->build = b;
  p->after = s->kind == CHAIN_SUBJECT_INPUTS ? NULL : g_strdup (s->layer);
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (b->canvas)), b->pasting, paste_cb, p);
}
