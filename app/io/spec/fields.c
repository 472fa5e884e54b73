/* SPDX-License-Identifier: Apache-2.0 */
/* One row per key. A field added to ChainSpec becomes a row here and is then read, written, settable and kept. */
#include "app/io/spec/fields.h"

#include <stddef.h>

static const char *const source_names[] = { "generator", "bundled", "file", "embedded", NULL };
static const char *const order_names[] = { "shuffle", "sequential", "replacement", "balanced", "undersample", NULL };
static const char *const precision_names[] = { "f32", "f64", NULL };
static const char *const per_names[] = { "step", "epoch", NULL };

#define AT(type, member) offsetof (type, member)
#define TABLE(name) const ChainFields _chain_fields_##name = { name##_fields, G_N_ELEMENTS (name##_fields) }

static const ChainField root_fields[] = {
  { "format", FIELD_OTHER, 0, NULL },
  { "name", FIELD_STR, AT (ChainSpec, name), NULL },
  { "note", FIELD_STR, AT (ChainSpec, note), NULL },
  { "data", FIELD_OTHER, 0, NULL },
  { "network", FIELD_OTHER, 0, NULL },
  { "losses", FIELD_OTHER, 0, NULL },
  { "initialiser", FIELD_CHOICE, AT (ChainSpec, initialiser), NULL },
  { "bias_initialiser", FIELD_CHOICE, AT (ChainSpec, bias_initialiser), NULL },
  { "optimiser", FIELD_CHOICE, AT (ChainSpec, optimiser), NULL },
  { "regularisers", FIELD_OTHER, 0, NULL },
  { "schedule", FIELD_OTHER, 0, NULL },
  { "batch", FIELD_OTHER, 0, NULL },
  { "training", FIELD_OTHER, 0, NULL },
};
TABLE (root);

static const ChainField data_fields[] = {
  { "source", FIELD_ENUM, AT (ChainDataSpec, source), source_names },
  { "id", FIELD_CHOICE_ID, AT (ChainDataSpec, choice), NULL },
  { "params", FIELD_PARAMS, AT (ChainDataSpec, choice), NULL },
  { "seed", FIELD_U64, AT (ChainDataSpec, seed), NULL },
  { "path", FIELD_STR, AT (ChainDataSpec, path), NULL },
  { "labels", FIELD_STR, AT (ChainDataSpec, labels_path), NULL },
  { "format", FIELD_STR, AT (ChainDataSpec, format), NULL },
  { "delimiter", FIELD_STR, AT (ChainDataSpec, delimiter), NULL },
  { "header", FIELD_BOOL, AT (ChainDataSpec, header), NULL },
  { "sha256", FIELD_STR, AT (ChainDataSpec, sha256), NULL },
  { "inputs", FIELD_STRINGS, AT (ChainDataSpec, inputs), NULL },
  { "targets", FIELD_STRINGS, AT (ChainDataSpec, targets), NULL },
  { "ignore", FIELD_STRINGS, AT (ChainDataSpec, ignore), NULL },
  { "features", FIELD_STRINGS, AT (ChainDataSpec, features), NULL },
  { "task", FIELD_STR, AT (ChainDataSpec, task), NULL },
  { "test", FIELD_DOUBLE, AT (ChainDataSpec, test), NULL },
  { "stratify", FIELD_BOOL, AT (ChainDataSpec, stratify), NULL },
  { "scale_inputs", FIELD_STR, AT (ChainDataSpec, scale_inputs), NULL },
  { "scale_targets", FIELD_STR, AT (ChainDataSpec, scale_targets), NULL },
  { "missing", FIELD_STR, AT (ChainDataSpec, missing), NULL },
  { "limit", FIELD_DOUBLE, AT (ChainDataSpec, limit), NULL },
};
TABLE (data);

static const ChainField network_fields[] = {
  { "inputs", FIELD_OTHER, 0, NULL },
  { "layers", FIELD_OTHER, 0, NULL },
  { "outputs", FIELD_STRINGS, AT (ChainSpec, outputs), NULL },
};
TABLE (network);

static const ChainField input_fields[] = {
  { "name", FIELD_STR, AT (ChainInput, name), NULL },
  { "size", FIELD_UINT, AT (ChainInput, size), NULL },
};
TABLE (input);

static const ChainField layer_fields[] = {
  { "id", FIELD_STR, AT (ChainLayer, id), NULL },
  { "type", FIELD_STR, AT (ChainLayer, type), NULL },
  { "inputs", FIELD_STRINGS, AT (ChainLayer, inputs), NULL },
  { "units", FIELD_UINT, AT (ChainLayer, units), NULL },
  { "unit_ids", FIELD_OTHER, 0, NULL },
  { "next_unit_id", FIELD_OTHER, 0, NULL },
  { "off", FIELD_OTHER, 0, NULL },
  { "variant", FIELD_CHOICE_VARIANT, AT (ChainLayer, params), NULL },
  { "params", FIELD_PARAMS, AT (ChainLayer, params), NULL },
  { "activation", FIELD_CHOICE, AT (ChainLayer, activation), NULL },
  { "dropout", FIELD_DOUBLE, AT (ChainLayer, dropout), NULL },
  { "initialiser", FIELD_CHOICE, AT (ChainLayer, initialiser), NULL },
  { "rate", FIELD_DOUBLE, AT (ChainLayer, rate), NULL },
  { "decay", FIELD_DOUBLE, AT (ChainLayer, decay), NULL },
  { "frozen", FIELD_BOOL, AT (ChainLayer, frozen), NULL },
  { "weights_of", FIELD_STR, AT (ChainLayer, weights_of), NULL },
  { "note", FIELD_STR, AT (ChainLayer, note), NULL },
};
TABLE (layer);

static const ChainField loss_fields[] = {
  { "id", FIELD_CHOICE_ID, AT (ChainLossTerm, choice), NULL },
  { "variant", FIELD_CHOICE_VARIANT, AT (ChainLossTerm, choice), NULL },
  { "params", FIELD_PARAMS, AT (ChainLossTerm, choice), NULL },
  { "reduction", FIELD_STR, AT (ChainLossTerm, reduction), NULL },
  { "weight", FIELD_DOUBLE, AT (ChainLossTerm, weight), NULL },
  { "inputs", FIELD_OTHER, 0, NULL },
  { "trains", FIELD_STRINGS, AT (ChainLossTerm, trains), NULL },
};
TABLE (loss);

static const ChainField choice_fields[] = {
  { "id", FIELD_CHOICE_ID, 0, NULL },
  { "variant", FIELD_CHOICE_VARIANT, 0, NULL },
  { "params", FIELD_PARAMS, 0, NULL },
};
TABLE (choice);

static const ChainField schedule_fields[] = {
  { "id", FIELD_CHOICE_ID, AT (ChainSpec, schedule), NULL },
  { "variant", FIELD_CHOICE_VARIANT, AT (ChainSpec, schedule), NULL },
  { "params", FIELD_PARAMS, AT (ChainSpec, schedule), NULL },
  { "per", FIELD_ENUM, AT (ChainSpec, schedule_per_epoch), per_names },
};
TABLE (schedule);

static const ChainField batch_fields[] = {
  { "size", FIELD_UINT, AT (ChainSpec, batch_size), NULL },
  { "order", FIELD_ENUM, AT (ChainSpec, order), order_names },
  { "frequencies", FIELD_STR, AT (ChainSpec, frequencies), NULL },
  { "drop_last", FIELD_BOOL, AT (ChainSpec, drop_last), NULL },
};
TABLE (batch);

static const ChainField training_fields[] = {
  { "epochs", FIELD_DOUBLE, AT (ChainSpec, stop.epochs), NULL },
  { "steps", FIELD_U64, AT (ChainSpec, stop.steps), NULL },
  { "seed", FIELD_U64, AT (ChainSpec, seed), NULL },
  { "precision", FIELD_ENUM, AT (ChainSpec, precision), precision_names },
  { "eval_every", FIELD_UINT, AT (ChainSpec, stop.eval_every), NULL },
  { "target_loss", FIELD_DOUBLE, AT (ChainSpec, stop.target_loss), NULL },
  { "early_stopping", FIELD_OTHER, 0, NULL },
  { "keep_best", FIELD_BOOL, AT (ChainSpec, stop.keep_best), NULL },
};
TABLE (training);

static const ChainField early_fields[] = {
  { "enabled", FIELD_BOOL, AT (ChainSpec, stop.early_stopping), NULL },
  { "patience", FIELD_UINT, AT (ChainSpec, stop.patience), NULL },
  { "min_delta", FIELD_DOUBLE, AT (ChainSpec, stop.min_delta), NULL },
};
TABLE (early);
