/* SPDX-License-Identifier: Apache-2.0 */
/* What tests that draw at random share: one seed, fixed unless CHAIN_TEST_SEED gives another, logged with every test; and how many draws,
 * CHAIN_TEST_DRAWS times as many in a nightly run. */
#pragma once

#include <glib.h>

static inline guint64
draws_number (const char *name, guint64 fallback)
{
  const char *text = g_getenv (name);

  return text != NULL && *text ? g_ascii_strtoull (text, NULL, 10) : fallback;
}

static inline guint64
draws_seed (void)
{
  return draws_number ("CHAIN_TEST_SEED", 20241);
}

static inline guint
draws_count (guint n)
{
  return n * (guint) MAX (1, draws_number ("CHAIN_TEST_DRAWS", 1));
}

/* The seed of draw i of test number `test`; a failure is repeated by the same CHAIN_TEST_SEED. */
static inline guint64
draws_seed_of (guint test, guint i)
{
  return draws_seed () * G_GUINT64_CONSTANT (1000003) + test * G_GUINT64_CONSTANT (40000003) + i;
}

static inline void
draws_tell (const char *what, guint n, double worst)
{
  g_test_message ("CHAIN_TEST_SEED=%" G_GUINT64_FORMAT ": %s, %u draws, worst %.2e of its bar", draws_seed (), what, n, worst);
}
