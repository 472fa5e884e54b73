/* SPDX-License-Identifier: Apache-2.0 */
/* Editing on the network canvas: what is selected or focused decides which layer, unit or weight an edit is about. Every edit is a session
 * function. Main thread. */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/canvas.h"

G_BEGIN_DECLS

typedef struct _ChainNetEditor ChainNetEditor;

/* Both outlive the editor. */
ChainNetEditor *chain_net_editor_new        (ChainCanvas *canvas, ChainSession *session);
void            chain_net_editor_free       (ChainNetEditor *e);

/* What an edit is about: the chip or element with the focus, else what is selected: "layer:d1", "unit:d1:3"; NULL. (transfer full). */
char           *chain_net_editor_subject    (ChainNetEditor *e);
/* Its layer; NULL if there is none. (transfer full). */
char           *chain_net_editor_layer      (ChainNetEditor *e);

void            chain_net_editor_add_layer  (ChainNetEditor *e);              /* after that layer, else after the last hidden one */
void            chain_net_editor_remove     (ChainNetEditor *e);              /* that layer */
void            chain_net_editor_add_units  (ChainNetEditor *e, int delta);
void            chain_net_editor_edit       (ChainNetEditor *e, const char *id);   /* "weight:…", "unit:…": its number in place */

G_END_DECLS
