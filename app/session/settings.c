/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as a GKeyFile. There is no schema to install, so both programs run from any build folder; the file goes through the one durable save,
 * so a crash leaves the old settings or the new ones. */
#include "config.h"

#include "app/session/settings.h"

#include "app/io/file-replace.h"
#include "engine/base/number.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES ((gsize) 1 << 20)

static GKeyFile *settings;
static char *settings_folder, *settings_error;

static char *
file_name (void)
{
  return g_build_filename (settings_folder, "settings.ini", NULL);
}

static GKeyFile *
loaded (void)
{
  g_autofree char *name = NULL, *text = NULL;
  gsize len;

  if (settings != NULL)
    return settings;
  settings = g_key_file_new ();
  if (settings_folder == NULL)
    settings_folder = g_build_filename (g_get_user_config_dir (), "chainrule", NULL);
  name = file_name ();
  if (chain_file_read (name, MOST_BYTES, &text, &len, NULL, NULL))
    g_key_file_load_from_data (settings, text, len, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return settings;
}

static void
save (void)
{
  g_autofree char *name = file_name (), *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  g_clear_pointer (&settings_error, g_free);
  text = g_key_file_to_data (settings, &len, NULL);
  if (g_mkdir_with_parents (settings_folder, 0700) != 0 || !chain_file_replace (name, text, len, NULL, NULL, &error))
    settings_error = g_strdup (error != NULL ? error->message : g_strerror (EACCES));
}

char *
chain_setting_string (const char *group, const char *key, const char *fallback)
{
  char *value = g_key_file_get_string (loaded (), group, key, NULL);

  return value != NULL ? value : g_strdup (fallback);
}

double
chain_setting_number (const char *group, const char *key, double fallback)
{
  g_autofree char *text = chain_setting_string (group, key, NULL);
  double value;

  return text != NULL && chain_number_parse (text, -1, &value) ? value : fallback;
}

gboolean
chain_setting_boolean (const char *group, const char *key, gboolean fallback)
{
  g_autofree char *text = chain_setting_string (group, key, NULL);

  if (g_strcmp0 (text, "true") == 0)
    return TRUE;
  return g_strcmp0 (text, "false") == 0 ? FALSE : fallback;
}

void
chain_setting_set_string (const char *group, const char *key, const char *value)
{
  g_autofree char *old = chain_setting_string (group, key, NULL);

  if (g_strcmp0 (old, value) == 0)
    return;
  if (value == NULL)
    g_key_file_remove_key (settings, group, key, NULL);
  else
    g_key_file_set_string (settings, group, key, value);
  save ();
}

void
chain_setting_set_number (const char *group, const char *key, double value)
{
  char text[CHAIN_NUMBER_SIZE];

  chain_setting_set_string (group, key, chain_number_write (text, value));
}

void
chain_setting_set_boolean (const char *group, const char *key, gboolean value)
{
  chain_setting_set_string (group, key, value ? "true" : "false");
}

const char *
chain_setting_check (void)
{
  loaded ();
  if (settings_error == NULL && (g_mkdir_with_parents (settings_folder, 0700) != 0 || g_access (settings_folder, W_OK | X_OK) != 0))
    {
      g_autofree char *shown = chain_text_escape (settings_folder, -1);

      settings_error = g_strdup_printf (_("%s cannot be written to: %s"), shown, g_strerror (errno));
    }
  return settings_error;
}

const char *
chain_setting_error (void)
{
  return settings_error;
}

void
chain_setting_reload (const char *folder)
{
  g_clear_pointer (&settings, g_key_file_unref);
  g_clear_pointer (&settings_error, g_free);
  g_free (settings_folder);
  settings_folder = g_strdup (folder);
}
