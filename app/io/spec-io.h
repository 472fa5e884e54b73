/* SPDX-License-Identifier: Apache-2.0 */
/* ChainSpec <-> JSON, format "chainrule/1" (schema: data/chainrule-spec.schema.json). Absent keys are defaults, unknown keys live through
 * a load and a save, a higher major version is refused by name. */
#pragma once

#include "app/io/json.h"
#include "engine/nn/spec.h"

G_BEGIN_DECLS

#define CHAIN_SPEC_FORMAT "chainrule/1"

/* (transfer full), mutable: validate, then seal. NULL with one sentence that names the JSON path, line and column. */
ChainSpec *chain_spec_from_json (const char *text, gsize len, ChainFileWhere *where, GError **error);
/* A .json spec from disk. stamp may be NULL. (transfer full), mutable. */
ChainSpec *chain_spec_load      (const char *path, ChainFileStamp *stamp, GError **error);

/* Keys that differ from their defaults, plus the unknown ones of source_json. (transfer full). */
char      *chain_spec_to_json   (const ChainSpec *spec);
gboolean   chain_spec_save      (const ChainSpec *spec, const char *path, const ChainFileStamp *expected, ChainFileStamp *stamp, GError **error);

/* `--set`: edits the JSON form and reads it again, e.g. "optimiser.params.lr" = "0.1", "network.layers.d1.units" = "8", "optimiser" =
 * "adam". Layers are named by id, array entries by number. An unknown key is an error. `spec` is mutable and untouched on failure. */
gboolean   chain_spec_set_path  (ChainSpec *spec, const char *path, const char *value, GError **error);

/* --- for document.c --- */
json_t    *_chain_spec_to_tree   (const ChainSpec *spec, gboolean full);            /* (transfer full) */
ChainSpec *_chain_spec_from_tree (const json_t *root, char **bad_path, GError **error);   /* source_json stays NULL */

G_END_DECLS
