/* SPDX-License-Identifier: Apache-2.0 */
/* What the cards of the gallery show: each example trained on a thread of its own, as itself, from its own seed. Snapshots are kept for as long as
 * the program runs, so the second look at the gallery costs nothing. Main thread. */
#pragma once

#include "app/session/documents/examples.h"
#include "app/train/snapshot.h"

G_BEGIN_DECLS

typedef struct _ChainGallery ChainGallery;

/* A newer snapshot of example i (of chain_examples()) is there. */
typedef void (*ChainGalleryFunc) (guint i, ChainSnapshot *snapshot /* (transfer none) */, gpointer data);

/* Begins where the last one was stopped. func is called from the main loop, first of all for what is known already. */
ChainGallery    *chain_gallery_start (ChainGalleryFunc func, gpointer data);
/* func is not called any more. Returns at once; the thread ends after the step in hand. */
void             chain_gallery_stop  (ChainGallery *g);
/* All are trained. */
gboolean         chain_gallery_is_done (void);
/* The view of the card. */
const char      *chain_gallery_view  (const ChainExample *e, const ChainSnapshot *snapshot);

G_END_DECLS
