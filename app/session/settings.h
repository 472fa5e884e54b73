/* SPDX-License-Identifier: Apache-2.0 */
/* What the program remembers between runs: a key file under XDG_CONFIG_HOME/chainrule, saved atomically. Numbers are written without the
 * locale. Main thread. Nothing here can fail in a way that matters: a file that cannot be read gives the fallbacks, one that cannot be
 * written is reported once by chain_setting_error(). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char       *chain_setting_string     (const char *group, const char *key, const char *fallback);   /* (transfer full) (nullable) */
double      chain_setting_number     (const char *group, const char *key, double fallback);
gboolean    chain_setting_boolean    (const char *group, const char *key, gboolean fallback);

void        chain_setting_set_string  (const char *group, const char *key, const char *value);     /* NULL removes it */
void        chain_setting_set_number  (const char *group, const char *key, double value);
void        chain_setting_set_boolean (const char *group, const char *key, gboolean value);

/* As chain_setting_error(), found out by looking at the folder and not by a save that fails. */
const char *chain_setting_check      (void);
/* Why settings are not remembered; NULL if they are. */
const char *chain_setting_error      (void);
/* Forgets what was read, so that the next call reads the file of the present XDG_CONFIG_HOME (tests). */
void        chain_setting_reload     (const char *folder);

G_END_DECLS
