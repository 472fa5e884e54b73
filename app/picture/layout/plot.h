/* SPDX-License-Identifier: Apache-2.0 */
/* Axes, ticks and ranges of every plot (DESIGN 4.11), and the parts that all card layouts share. Geometry only. */
#pragma once

#include "app/picture/text.h"
#include "app/picture/views.h"

G_BEGIN_DECLS

#define CHAIN_MAX_TICKS 32

typedef struct { double value; char label[32]; gboolean minor, hidden; /* no label */ } ChainTick;

typedef struct
{
  double    min, max;        /* in plot values; log: > 0 */
  gboolean  log;
  ChainTick ticks[CHAIN_MAX_TICKS];
  guint     n_ticks;
  char     *name;            /* markup; owned by the plot */
  gboolean  name_is_maths;
} ChainAxis;

typedef struct { double x, y, w, h; ChainAxis ax, ay; } ChainPlot;   /* the inner rectangle */

/* Heckbert, Nice numbers for graph labels, Graphics Gems I, 1990. 1, 2 or 5 x 10^k nearest to (round) or not below v. */
double chain_nice_number  (double v, gboolean round);
/* Nice ticks inside [min, max], 3 … 8 of them, about `target`; offset + factor turn a plot value into the number that is written. */
guint  chain_ticks_linear (ChainTick *ticks, double min, double max, double target);
guint  chain_ticks_log    (ChainTick *ticks, double min, double max, double target);
/* Ticks of the axis for its length in units; drops labels that come closer than 8 px. */
void   chain_axis_ticks   (ChainAxis *a, ChainText *t, double length, gboolean vertical);
/* As above for an axis whose numbers are value * factor + offset (original units over a plane in scaled units). */
void   chain_axis_ticks_scaled (ChainAxis *a, ChainText *t, double length, gboolean vertical, double offset, double factor);

/* Grows [min, max] to a nice range; log: to 1, 2, 5 x 10^k. Never empty. */
void   chain_range_nice   (double *min, double *max, gboolean log);
/* The end of an axis that starts at 0 and must hold v: so coarse that it changes rarely. */
double chain_range_end    (double v);
/* Log scale if all positive and max / min > 50. */
gboolean chain_range_wants_log (double min, double max);

double chain_plot_x (const ChainPlot *p, double v);
double chain_plot_y (const ChainPlot *p, double v);
void   chain_plot_clear (ChainPlot *p);

/* Pushes n centres (any order) at least gap apart inside [lo, hi], moving them as little as a single sweep each way does. */
void   chain_labels_spread (double *at, guint n, double gap, double lo, double hi);

/* --- layouts --- */
ChainLayout  *chain_layout_new  (double w, double h, const char *title);
/* Appends; id and label (transfer full) or NULL label = id. */
ChainElement *chain_layout_add  (ChainLayout *l, char *id, const char *role, double x, double y, double w, double h, char *label);
/* Where the picture begins under its header, with the card's padding: x, y, w, h of what is left. */
void          chain_layout_body (const ChainLayout *l, const ChainTheme *t, double *x, double *y, double *w, double *h);
/* Mixes something into l->still. */
void          chain_layout_hash (ChainLayout *l, gconstpointer data, gsize n);
void          chain_layout_hash_plot (ChainLayout *l, const ChainPlot *p);
void          chain_layout_hash_theme (ChainLayout *l, const ChainTheme *t);

G_END_DECLS
