/* SPDX-License-Identifier: Apache-2.0 */
/* Building a network by hand: every edit of its structure that a pointer or a key can ask for. Each is one undo entry that also brings back the
 * weights, moments and step that it discarded; each keeps what survives (ARCHITECTURE 9.8). Main thread. Functions that can fail return FALSE with
 * one sentence and leave everything as it was. Layers are named by id, units by their place from 0. */
#pragma once

#include "app/session/session.h"

G_BEGIN_DECLS

/* A copy right after the layer, with the same settings, and the same weights where it reads as many values as the layer itself. */
gboolean chain_session_duplicate_layer (ChainSession *s, const char *id, GError **error);
gboolean chain_session_move_layer  (ChainSession *s, const char *id, const char *after /* NULL = first */, GError **error);
/* JSON text for the clipboard, with weights; NULL if there is no such layer. (transfer full). ids: NULL-terminated. */
char    *chain_session_copy_layers (ChainSession *s, const char *const *ids);
/* Behind `after` (NULL = first). Weights come along where they fit. */
gboolean chain_session_paste_layers (ChainSession *s, const char *text, const char *after, GError **error);

/* Skip connection or join from -> to ("x" or an input's name is a source too); FALSE with one sentence why not. Cheap enough for each motion. */
gboolean chain_session_can_connect (ChainSession *s, const char *from, const char *to, GError **error);
/* join: "add", "concat", or NULL: what the shapes allow, add first. */
gboolean chain_session_connect     (ChainSession *s, const char *from, const char *to, const char *join, GError **error);
gboolean chain_session_disconnect  (ChainSession *s, const char *from, const char *to, GError **error);   /* removes the join when one input is left */

gboolean chain_session_remove_unit (ChainSession *s, const char *layer, guint index, GError **error);     /* that very unit */
gboolean chain_session_swap_units  (ChainSession *s, const char *layer, guint a, guint b, GError **error);
gboolean chain_session_reset_unit  (ChainSession *s, const char *layer, guint index, GError **error);     /* incoming weights and bias drawn again */

/* Outputs stay what they are (within 1e-6): copies of units share what they send on; an identity layer. Refused with the reason where that
 * cannot be. */
gboolean chain_session_widen       (ChainSession *s, const char *id, guint units, GError **error);
gboolean chain_session_deepen      (ChainSession *s, const char *after /* NULL = after the input */, GError **error);

/* field: "activation" ("none" or a row), "init" ("default" or a row), "dropout", "norm" ("none", "batch_norm", "layer_norm", "rms_norm",
 * "l2_normalise"), "rate", "decay" ("default" or a number), "frozen" (0/1/true/false), "note", "units". */
gboolean chain_session_set_layer   (ChainSession *s, const char *id, const char *field, const char *value, GError **error);

/* NULL: every weight survives in next; else a sentence naming what is lost. (transfer full). */
char    *chain_session_discards    (ChainSession *s, const ChainSpec *next);
/* "Keep both": the present document with weights, moments, run record and undo history as text, for chain_session_open_branch() of another
 * session. */
gboolean chain_session_branch      (ChainSession *s, char **text_out, GError **error);
gboolean chain_session_open_branch (ChainSession *s, const char *text, GError **error);

G_END_DECLS
