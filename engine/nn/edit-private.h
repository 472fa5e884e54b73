/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of structural edits share (spec-edit*.c). */
#pragma once

#include "engine/nn/edit.h"

G_BEGIN_DECLS

/* --- spec-edit.c --- */
ChainSpec  *_chain_spec_edit_end       (ChainSpec *next, GError **error);   /* checks and seals; takes next; NULL with a sentence */
gboolean    _chain_spec_need_layer     (const ChainSpec *spec, const char *id, GError **error);
void        _chain_spec_rename_source  (GPtrArray *names, const char *from, const char *to);
void        _chain_spec_rename_readers (ChainSpec *spec, const char *from, const char *to);
const char *_chain_spec_first_input    (const ChainSpec *spec);
gboolean    _chain_spec_is_output      (const ChainSpec *spec, const char *id);

/* --- spec-edit-layers.c --- */
ChainSpec  *_chain_spec_refuse_edit    (ChainSpec *next, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);   /* frees next (nullable); NULL */
gboolean    _chain_spec_has            (const GPtrArray *names, const char *name);
guint       _chain_spec_readers        (const ChainSpec *spec, const char *id);       /* links, not layers */
void        _chain_spec_train_too      (ChainSpec *next, const char *like, const char *id);  /* losses that name the one train the other */
/* Another layer uses its weights, or it uses another's: that one; else NULL. */
const char *_chain_spec_tied_to        (const ChainSpec *spec, const ChainLayer *l);

/* --- spec-edit-links.c --- */
void        _chain_spec_tidy_joins     (ChainSpec *next, const ChainSpec *before);   /* after readers were renamed */

/* --- spec-edit-grow.c --- */
/* Layers that hand the units of `id` on as they are, itself first; NULL with the reason where the number of units cannot grow. */
GPtrArray  *_chain_spec_carriers       (const ChainSpec *spec, const char *id, GError **error);

G_END_DECLS
