/* SPDX-License-Identifier: Apache-2.0 */
/* Single fields of the spec as lines of a group, from a table: what a field is called, what it means, where in the spec it lies and what it can
 * be. Main thread. */
#pragma once

#include <adwaita.h>

#include "app/session/session.h"
#include "ui/settings/kit.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_FIELD_NUMBER,      /* double */
  CHAIN_FIELD_OPTIONAL,    /* double; NaN = empty */
  CHAIN_FIELD_COUNT,       /* guint */
  CHAIN_FIELD_BIG,         /* guint64 */
  CHAIN_FIELD_SWITCH,      /* gboolean */
  CHAIN_FIELD_TEXT,        /* char *; NULL = empty */
  CHAIN_FIELD_NAMES,       /* GPtrArray of char *, with commas */
  CHAIN_FIELD_WORD,        /* char *, one of items; the item "" is NULL */
  CHAIN_FIELD_ENUM         /* an enum, by the place in items */
} ChainFieldKind;

typedef struct
{
  const char          *key;              /* of merging and of tests: "data.test" */
  const char          *title, *about;    /* msgids; about NULL: nothing */
  ChainFieldKind       kind;
  gsize                offset;           /* in ChainSpec */
  const ChainPickItem *items;            /* titles are msgids */
  guint                n_items;
  const char          *empty;            /* what an entry shows while it is empty (msgid), which is NaN, none or, of numbers, 0 */
  gboolean             of_data;          /* loss and output follow */
  gboolean           (*applies) (const ChainSpec *spec, ChainSession *s);     /* NULL: always */
} ChainFieldInfo;

typedef struct _ChainFields ChainFields;

/* Appends a line for each row of the table (lives as long as the program) to group. */
ChainFields *chain_fields_new  (AdwPreferencesGroup *group, ChainSession *session, const ChainFieldInfo *table, guint n);
void         chain_fields_free (ChainFields *f);
void         chain_fields_show (ChainFields *f, const ChainSpec *spec);

/* For tests: as if it had been typed (text), picked (id) or switched ("1", "0"); FALSE: refused. */
gboolean     chain_fields_type (ChainFields *f, const char *key, const char *text);
GtkWidget   *chain_fields_row  (ChainFields *f, const char *key);

G_END_DECLS
