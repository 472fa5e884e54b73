/* SPDX-License-Identifier: Apache-2.0 */
/* The tape as a table: what was recorded on the way forward, with its value and its adjoint as far as it is known; last first, so that reading down
 * follows the backward pass (DESIGN 3.2). Main thread.
 *
 * Signal "picked" (guint cell): a row was clicked or walked to. */
#pragma once

#include <gtk/gtk.h>

#include "app/stepper/diagram.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_TAPE (chain_tape_get_type ())
G_DECLARE_FINAL_TYPE (ChainTape, chain_tape, CHAIN, TAPE, GtkWidget)

GtkWidget *chain_tape_new  (void);
/* All (transfer none). The row is that of position; the numbers are those of settled, which lies one before it while the step is being told. */
void       chain_tape_show (ChainTape *t, ChainTrace *trace, ChainDiagram *d, guint position, guint settled);
guint      chain_tape_rows (ChainTape *t);
/* What is held at a position: "14 values stored · 112 B"; (transfer full). */
char      *chain_tape_held (const ChainTrace *trace, const ChainDiagram *d, guint position);

G_END_DECLS
