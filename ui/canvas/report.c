/* SPDX-License-Identifier: Apache-2.0 */
/* Every refusal ends in one place: the session's own "message" signal, which the window turns into a toast. So a canvas or a chip need not
 * know a window, and a person sees why nothing happened. */
#include "ui/canvas/report.h"

gboolean
chain_report (ChainSession *session, GError *error)
{
  if (error == NULL)
    return TRUE;
  g_signal_emit_by_name (session, "message", error->message, NULL, NULL);
  g_error_free (error);
  return FALSE;
}
