/* SPDX-License-Identifier: Apache-2.0 */
/* Between carrying over (model-carry.c) and what an edit adds to it (model-graft.c); and first values (model-init.c). */
#pragma once

#include "engine/nn/model/model-private.h"

G_BEGIN_DECLS

/* layer id -> GPtrArray of keys of what it reads and what it gives. */
typedef struct { GHashTable *in, *out; } ChainKeys;

ChainKeys _chain_keys_of    (const ChainModel *m);
void      _chain_keys_clear (ChainKeys *k);
char     *_chain_unit_key   (const char *layer, guint32 id);   /* (transfer full) */

/* A unit that is copy number `index` of `n`: factor on its incoming numbers (weights and bias of its own layer), and which part of its source's
 * outgoing ones it has. */
typedef struct { guint index, n; double in; } ChainShare;

/* What becomes of the numbers of units on the way, in edits that make copies of units. alias: key after the edit -> key before whose numbers it
 * takes. shares (nullable): key after the edit -> ChainShare. */
typedef struct { GHashTable *alias, *shares; } ChainKeyChange;

/* The part of an outgoing weight, over all copies exactly the weight again. */
double    _chain_share_of   (const ChainShare *s, double weight);

/* chain_model_carry() with a change; NULL: none. */
void      _chain_model_carry (const ChainModel *from, ChainExec *x_from, const ChainModel *to, ChainExec *x_to, const ChainKeyChange *change);

/* First values of a tensor, rows x cols, drawn for an object of this name instead of the tensor's own. x: of moments that start at their parameter. */
gboolean  _chain_model_draw  (const ChainModel *m, ChainExec *x, const ChainTensorInfo *t, guint64 seed, const char *object, double *out);

G_END_DECLS
