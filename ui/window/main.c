/* SPDX-License-Identifier: Apache-2.0 */
/* The BLAS core is chosen before any thread exists (ARCHITECTURE 3); then the locale, for texts and for GTK's own numbers. Nothing below
 * reads or writes a file with the user's decimal sign. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "engine/run/backend-registry.h"
#include "ui/window/application.h"

int
main (int argc, char **argv)
{
  g_autoptr (ChainApplication) application = NULL;

  chain_backend_init ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, CHAIN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_set_prgname ("chainrule");
  g_set_application_name ("Chainrule");
  application = chain_application_new (G_APPLICATION_DEFAULT_FLAGS);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
