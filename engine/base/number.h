/* SPDX-License-Identifier: Apache-2.0 */
/* Locale-free number <-> text. The only room that may call strtod and friends (tests/lint.py bans them elsewhere).
 * Files, the command line and canvases always use '.', whatever LC_NUMERIC says. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

#define CHAIN_NUMBER_SIZE 40   /* room for any text written here, terminator included */

/* TRUE if the whole of [text, text + len) is one decimal number: [+-]? digits [. digits] [eE [+-]? digits], at least one
 * digit before or after the point; no blanks, hex, inf or nan. The value must be finite: 1e999 is refused. */
gboolean    chain_number_parse      (const char *text, gssize len, double *value);

/* As above for integers in [min, max]. */
gboolean    chain_number_parse_int  (const char *text, gssize len, gint64 min, gint64 max, gint64 *value);

/* Shortest text that reads back as the same double ("0.1", "1e-07", "NaN", "Infinity", "-Infinity"). Returns buf. */
const char *chain_number_write      (char buf[CHAIN_NUMBER_SIZE], double value);

/* As printf "%.*g" with a point. Returns buf. */
const char *chain_number_write_digits (char buf[CHAIN_NUMBER_SIZE], double value, int significant);

/* As printf "%.*f" with a point; |value| < 1e20. Returns buf. */
const char *chain_number_write_fixed (char buf[CHAIN_NUMBER_SIZE], double value, int decimals);

/* Text for a terminal or log: control characters, DEL, C1, U+2028/9, bidirectional controls and broken UTF-8 are written as
 * escapes (\x1b, \u202e). (transfer full). */
char       *chain_text_escape       (const char *text, gssize len);

G_END_DECLS
