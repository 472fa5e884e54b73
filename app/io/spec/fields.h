/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a spec's JSON form, as tables: reader, writer, `--set` and the keeping of unknown keys all loop over them. */
#pragma once

#include "app/io/spec-io.h"

G_BEGIN_DECLS

typedef enum
{
  FIELD_STR,        /* char*; null = NULL */
  FIELD_DOUBLE,     /* null = NaN where NaN is the default */
  FIELD_UINT,       /* guint */
  FIELD_U64,        /* guint64; above 2^63 as a text of digits */
  FIELD_BOOL,
  FIELD_STRINGS,    /* GPtrArray of char*; one bare text is a list of one */
  FIELD_CHOICE,     /* ChainChoice as {id, variant, params} or a bare id */
  FIELD_CHOICE_ID, FIELD_CHOICE_VARIANT, FIELD_PARAMS,   /* the parts of a ChainChoice spread over the object */
  FIELD_ENUM,       /* int; names of its values */
  FIELD_OTHER       /* known, handled by hand */
} ChainFieldKind;

typedef struct
{
  const char        *key;
  ChainFieldKind     kind;
  gsize              offset;
  const char *const *names;
} ChainField;

typedef struct { const ChainField *fields; guint n; } ChainFields;

/* root, schedule, batch, training, early: of ChainSpec; data: of ChainDataSpec; the rest of the struct of their name. */
extern const ChainFields _chain_fields_root, _chain_fields_data, _chain_fields_network, _chain_fields_layer, _chain_fields_input, _chain_fields_loss,
  _chain_fields_schedule, _chain_fields_batch, _chain_fields_training, _chain_fields_early, _chain_fields_choice;

#define CHAIN_FIELD(type, base, field) (*(type *) ((char *) (base) + (field)->offset))
#define CHAIN_FIELD_CONST(type, base, field) (*(type const *) ((const char *) (base) + (field)->offset))

G_END_DECLS
