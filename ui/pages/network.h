/* SPDX-License-Identifier: Apache-2.0 */
/* The Network page: the network itself, and beside it what it has learnt so far. */
#pragma once

#include "app/session/session.h"
#include "ui/canvas/net-editor.h"
#include "ui/explore/explore.h"
#include "ui/canvas/width-class.h"
#include "ui/pages/chips.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_NETWORK_PAGE (chain_network_page_get_type ())
G_DECLARE_FINAL_TYPE (ChainNetworkPage, chain_network_page, CHAIN, NETWORK_PAGE, GtkWidget)

void            chain_network_page_set_session (ChainNetworkPage *p, ChainSession *session);   /* once */
void            chain_network_page_set_class   (ChainNetworkPage *p, ChainWidthClass width);
void            chain_network_page_set_text_size (ChainNetworkPage *p, double size);
void            chain_network_page_set_frozen  (ChainNetworkPage *p, gboolean frozen);         /* the picture stops, training goes on */
void            chain_network_page_toggle_side (ChainNetworkPage *p);
guint           chain_network_page_want        (ChainNetworkPage *p);      /* ChainWant bits of its pictures */
ChainCanvas    *chain_network_page_canvas      (ChainNetworkPage *p);      /* the network */
ChainCanvas    *chain_network_page_picture     (ChainNetworkPage *p);      /* the focused or last hovered one: what an export means */
ChainCanvas    *chain_network_page_card        (ChainNetworkPage *p, guint i);   /* 0 … 2; for tests */
ChainNetEditor *chain_network_page_editor      (ChainNetworkPage *p);
ChainChips     *chain_network_page_chips       (ChainNetworkPage *p);
/* "network" or "results": the view shown when narrow. */
void            chain_network_page_show        (ChainNetworkPage *p, const char *view);
ChainExplore   *chain_network_page_explore     (ChainNetworkPage *p);

G_END_DECLS
