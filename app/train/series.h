/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars over time, bounded: the last 65 536 values exactly, older ones as min/max/mean/last buckets whose width doubles (at most 2 MiB a
 * series). The trainer owns and appends; a snapshot holds a view: a reference to sealed blocks plus a length. */
#pragma once

#include "engine/base/types.h"

G_BEGIN_DECLS

typedef struct _ChainSeries ChainSeries;          /* written by one thread */
typedef struct _ChainSeriesView ChainSeriesView;  /* immutable; any thread */

typedef struct { double x, min, max, mean, last; guint64 n; } ChainBucket;   /* n values from x on */

ChainSeries     *chain_series_new      (void);
void             chain_series_free     (ChainSeries *s);
void             chain_series_append   (ChainSeries *s, double x, double y);   /* x increasing */
void             chain_series_truncate (ChainSeries *s, double x);             /* forget everything after x (time travel) */
gsize            chain_series_bytes    (const ChainSeries *s);

ChainSeriesView *chain_series_view     (ChainSeries *s);                       /* (transfer full): cheap, no copy of sealed blocks */
ChainSeriesView *chain_series_view_ref (ChainSeriesView *v);
void             chain_series_view_unref (ChainSeriesView *v);
guint            chain_series_view_size (const ChainSeriesView *v);            /* buckets + exact values */
ChainBucket      chain_series_view_get (const ChainSeriesView *v, guint i);    /* in order of x */

G_END_DECLS
