/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of a network's structure beyond insert, remove and set_units (spec.h): each a pure function that returns a new sealed spec, (transfer
 * full), or NULL with one sentence that says why not. `spec` is sealed and stays as it is.
 *
 * What an edit does with the numbers beyond carrying over (ARCHITECTURE 9.8) is said by a *graft*: lines of text that chain_model_graft()
 * carries out after chain_model_carry(), and that the run record keeps, so that a replay does the same again:
 *
 *   copy FROM TO         parameters, statistics and moments of layer FROM, as they were before the edit, also for layer TO where the shapes agree
 *   split LAYER          its units beyond those it had are copies of its first ones, which share what they send on (Chen et al. 2016, Net2WiderNet)
 *   identity LAYER       its weight is the unit matrix, its bias 0 (Net2DeeperNet)
 *   draw LAYER UNIT SALT unit id UNIT of a dense layer starts again: incoming weights and bias from the initialisers, moments from theirs
 *   set TENSOR R C v…    R x C numbers of a parameter or of running statistics, where the shape agrees */
#pragma once

#include "engine/nn/model.h"

G_BEGIN_DECLS

/* --- layers (spec-edit-layers.c) --- */
/* A copy right behind `id`, with its settings, which every reader of `id` now reads. *copy (nullable): its id, (transfer full). */
ChainSpec *chain_spec_duplicate_layer (const ChainSpec *spec, const char *id, char **copy, GError **error);
/* Takes the layer out, as chain_spec_remove_layer() does, and puts it behind `after` (NULL: behind the network's input). */
ChainSpec *chain_spec_move_layer   (const ChainSpec *spec, const char *id, const char *after, GError **error);
/* Layers of another spec (or of this one), of ChainLayer, in order, put behind `after` (NULL: behind the input): links among them stay, the others
 * read `after`; what read `after` reads the last one. *ids (nullable): their new ids, in order; (transfer full), of char*. */
ChainSpec *chain_spec_paste_layers (const ChainSpec *spec, const GPtrArray *layers, const char *after, GPtrArray **ids, GError **error);
/* "batch_norm", "layer_norm", "rms_norm", "l2_normalise" behind the layer, in place of the one that is there; "none": without. */
ChainSpec *chain_spec_set_norm     (const ChainSpec *spec, const char *id, const char *norm, GError **error);
/* The norm layer that reads `id` and that set_norm() replaces; NULL if there is none. Belongs to spec. */
const ChainLayer *chain_spec_norm_of (const ChainSpec *spec, const char *id);

/* --- links (spec-edit-links.c) --- */
/* `to` reads what it read, joined with `from` (a layer or an input). join: "add", "concat", or NULL: a sum where the widths are equal, else a
 * concatenation. n_inputs as in chain_spec_validate(). */
ChainSpec *chain_spec_connect      (const ChainSpec *spec, const char *from, const char *to, const char *join, guint n_inputs, GError **error);
/* `to` no longer reads `from`, as an input of its own or of the join that it reads; a join with one input left goes. */
ChainSpec *chain_spec_disconnect   (const ChainSpec *spec, const char *from, const char *to, guint n_inputs, GError **error);

/* --- units (spec-edit-units.c) --- */
ChainSpec *chain_spec_remove_unit  (const ChainSpec *spec, const char *layer, guint index, GError **error);
ChainSpec *chain_spec_swap_units   (const ChainSpec *spec, const char *layer, guint a, guint b, GError **error);

/* --- growing while keeping the function (spec-edit-grow.c) --- */
/* To be followed by the graft "split". */
ChainSpec *chain_spec_widen        (const ChainSpec *spec, const char *id, guint units, GError **error);
/* A dense layer behind `after` (NULL: behind the input) with the activation of `after` if that leaves its own values alone (φ(φ(z)) = φ(z):
 * ReLU, hard tanh …), else without one. To be followed by the graft "identity". *added (nullable): its id, (transfer full). */
ChainSpec *chain_spec_deepen       (const ChainSpec *spec, const char *after, guint n_inputs, char **added, GError **error);

/* What is true of an activation, found out from its values; all FALSE for what works on whole rows. */
typedef struct
{
  gboolean idempotent;      /* φ(φ(z)) = φ(z) */
  gboolean homogeneous;     /* φ(c z) = c φ(z) for c > 0 */
  gboolean smooth;          /* no kink and no jump */
} ChainActivationNature;
ChainActivationNature chain_activation_nature (const ChainChoice *activation);   /* id NULL: the identity */

/* --- numbers (model/model-graft.c) --- */
/* After chain_model_carry (from, x_from, to, x_to); from and to may be the same (then x_from is x_to). FALSE with a sentence where the text is
 * no graft of this network; what was carried over stays. */
gboolean   chain_model_graft       (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to, const char *graft,
                                    GError **error);
/* Numbers of a parameter of `from` that find no place in `to`: {name of the parameter, count}. (transfer full): GArray of ChainLost. */
typedef struct { const char *name; const char *layer; ChainParamKind kind; guint64 count; } ChainLost;   /* the texts belong to from */
GArray    *chain_model_lost        (const ChainModel *from, const ChainModel *to);

G_END_DECLS
