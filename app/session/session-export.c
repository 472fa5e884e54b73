/* SPDX-License-Identifier: Apache-2.0 */
/* One picture of the present moment into a file: a fresh snapshot with what the view wants, its natural size where none is given. */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/picture/export.h"
#include "app/session/session-private.h"

gboolean
chain_session_export (ChainSession *s, const char *view, const char *path, double width, double height, double scale, const char *style, GError **error)
{
  const ChainView *v = chain_view_by_id (view);
  ChainTheme theme;

  if (v == NULL)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, _("There is no view “%s”"), view);
      return FALSE;
    }
  if (!chain_session_wait (s, v->want | CHAIN_WANT_METRICS))
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_CANCELLED, _("The step in hand takes too long; pause and try again"));
      return FALSE;
    }
  chain_theme_init (&theme, style);
  return chain_export (v, s->snapshot, &theme, width > 0 ? width : v->width, height > 0 ? height : v->height, scale > 0 ? scale : 1, path, error);
}
