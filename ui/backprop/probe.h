/* SPDX-License-Identifier: Apache-2.0 */
/* The live central difference of the formula card, off the main thread: the newest question is answered, older ones are forgotten. Main thread. */
#pragma once

#include <gio/gio.h>

#include "app/stepper/trace.h"

G_BEGIN_DECLS

typedef struct _ChainProbeQueue ChainProbeQueue;

/* result: NULL if the difference could not be taken, with message saying why. Called in the main loop; never after free. */
typedef void (*ChainProbeFunc) (const ChainProbeResult *result, const char *message, gpointer data);

ChainProbeQueue *chain_probe_queue_new  (ChainProbeFunc done, gpointer data);
void             chain_probe_queue_free (ChainProbeQueue *q);
/* Asks for dL/d(node[row][col]) in trace (transfer none). */
void             chain_probe_queue_ask  (ChainProbeQueue *q, ChainTrace *trace, ChainId node, gint64 row, gint64 col);
void             chain_probe_queue_drop (ChainProbeQueue *q);      /* nothing is wanted now */

G_END_DECLS
