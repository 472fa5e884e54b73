/* SPDX-License-Identifier: Apache-2.0 */
/* How a number is written on a picture (DESIGN 4.10): U+2212 for minus, 2.4 × 10⁻³ with superscripts, never "e-03"; NaN and ∞ as such; −0 is 0;
 * the decimal sign is a point. All functions write into buf and return it. Any thread, any locale. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CHAIN_NUMBER_TEXT_SIZE 64

/* Chips and tags: `digits` decimals for 10^-digits <= |v| < 1000, else 2 significant digits with an exponent. */
const char *chain_number_text         (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int digits);
const char *chain_number_text_signed  (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int digits);   /* with + or − */
/* Hover cards: three significant digits, small ones with an exponent: +2.238, −2.43 × 10⁻³. */
const char *chain_number_text_card    (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, gboolean sign);
/* Readouts: `significant` digits: 0.072, 1.20, 3.1 × 10⁻⁵. */
const char *chain_number_text_loss    (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int significant);
const char *chain_number_text_short   (char buf[CHAIN_NUMBER_TEXT_SIZE], double v);               /* always d.d × 10ᵏ or d.d */
const char *chain_number_text_percent (char buf[CHAIN_NUMBER_TEXT_SIZE], double share);           /* 0.978: "97.8 %" */
const char *chain_number_text_rate    (char buf[CHAIN_NUMBER_TEXT_SIZE], double per_second);      /* "412 k", "1.2 M", "87" */
const char *chain_number_text_setting (char buf[CHAIN_NUMBER_TEXT_SIZE], double v);               /* "0.03", "10⁻⁴", "5 × 10⁻⁴" */
const char *chain_number_text_time    (char buf[CHAIN_NUMBER_TEXT_SIZE], double seconds);         /* "0.8 ms", "1.2 s", "3 min 10 s" */
const char *chain_number_text_fixed   (char buf[CHAIN_NUMBER_TEXT_SIZE], double v, int decimals); /* "−0.50" */
const char *chain_number_text_power   (char buf[CHAIN_NUMBER_TEXT_SIZE], int exponent);           /* "10⁻³" */
const char *chain_number_text_count   (char buf[CHAIN_NUMBER_TEXT_SIZE], guint64 n);              /* "16 384" with narrow spaces */

G_END_DECLS
