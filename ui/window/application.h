/* SPDX-License-Identifier: Apache-2.0 */
/* The application: its actions, its accelerators, its command line. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CHAIN_TYPE_APPLICATION (chain_application_get_type ())
G_DECLARE_FINAL_TYPE (ChainApplication, chain_application, CHAIN, APPLICATION, AdwApplication)

/* flags: added to those it needs (tests: G_APPLICATION_NON_UNIQUE). */
ChainApplication *chain_application_new (GApplicationFlags flags);

/* Row of the accelerator table, for tests and the shortcuts window: NULL-terminated keys. */
typedef struct { const char *action; const char *keys[4]; } ChainAccelRow;
const ChainAccelRow *chain_table_accels (guint *n);

G_END_DECLS
