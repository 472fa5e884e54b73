/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the strip's menus for the present document. */
#pragma once

#include "app/session/session.h"
#include "ui/pages/row-menu-rows.h"

G_BEGIN_DECLS

/* (transfer full) arrays of ChainMenuRow. */
GPtrArray *_chain_strip_data_rows (ChainSession *session);      /* with a row "" for own data where there is some */
GPtrArray *_chain_strip_loss_rows (ChainSession *session);      /* what the present data cannot serve last, with the reason */

G_END_DECLS
