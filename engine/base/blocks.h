/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for tables that come and go with a graph or a plan.
 *
 * Fresh pages cost more than the work of filling them (TILES 5: a graph of 1e5 nodes took three times as long with them), so a
 * block that is given back is kept for the next one of its size, up to CHAIN_BLOCKS_KEPT bytes in the whole process. Sizes are eighths
 * of an octave. What is large comes in large pages. Any thread. What is kept is freed when the process ends. Under AddressSanitizer nothing is kept, so that it sees
 * every block die. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CHAIN_BLOCKS_KEPT ((gsize) 128 << 20)

/* At least `bytes`, aligned to 64, not zeroed; ends the program where there is no memory, as g_malloc() does. */
void *chain_block_new   (gsize bytes);
void *chain_block_new0  (gsize bytes);
void  chain_block_free  (void *block);       /* NULL: nothing */
gsize chain_block_room  (const void *block); /* how many bytes there really are */
gsize chain_blocks_kept (void);              /* bytes kept now */

G_END_DECLS
