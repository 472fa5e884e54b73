/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of app/io share: where data lies, a private folder, the three locales. */
#pragma once

#include <glib.h>

/* tests/<path>. (transfer full). */
char    *kit_data    (const char *path);
/* A file in a private folder that is removed by kit_finish(). (transfer full). */
char    *kit_scratch (const char *name);
void     kit_finish  (void);
/* Bytes of a file, asserted. (transfer full). */
char    *kit_read    (const char *path, gsize *len);
void     kit_write   (const char *path, const void *data, gsize len);
/* Runs `run` under C.UTF-8, de_DE.UTF-8 and tr_TR.UTF-8 and asserts that the decimal point is what the locale says. */
void     kit_in_locales (void (*run) (const char *locale));
/* A stream of numbers for mutations: the same in every run. */
guint32  kit_next    (guint64 *state);
/* Whether the program was built with a sanitizer: times and memory are not judged then. */
gboolean kit_sanitized (void);
