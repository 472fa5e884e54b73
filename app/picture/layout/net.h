/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of the network picture: columns of tiles and the edges between them. */
#pragma once

#include "app/picture/views.h"

G_BEGIN_DECLS

typedef enum { CHAIN_TILE_UNIT, CHAIN_TILE_STACK /* many inputs as one */, CHAIN_TILE_MORE /* units left out */ } ChainTileKind;

typedef struct { ChainTileKind kind; guint column, unit, count; double x, y, size; } ChainTile;

typedef struct
{
  int     layer;             /* index in the spec; -1: inputs; -2: layers left out */
  guint   width;             /* units, also those not shown */
  guint   first, n;          /* tiles */
  guint   head;              /* units [0, head) are tiles, and the last one where some are left out */
  double  cx, size, pitch;
  double  chip_x, chip_w;
  char   *chip;              /* "tanh ×6" */
  char   *badge;             /* "∅ 2 dead"; NULL = well */
} ChainNetColumn;

typedef struct
{
  guint from, to;            /* tiles */
  float w;                   /* NaN: not a weight (identity link) */
  gint  layer;               /* of the weight */
  guint row, col;            /* entry; col G_MAXUINT: all inputs of a stack together */
} ChainEdge;

typedef struct { guint from, to; float mean; } ChainBand;   /* columns: where only the strongest edges are drawn */

typedef struct
{
  GArray   *columns, *tiles, *edges, *bands;   /* edges: weakest first */
  guint     n_all_edges;
  double    limit;           /* of the weight colours, a nice number */
  double    adjoint_max;
  double    legend_y;
  char     *cost;            /* "67 parameters · 12.7 k operations …"; NULL = not known */
} ChainNetLayout;

/* 6.5: alpha curves up to 150 edges, opaque curves up to 400, straight lines above; above 1 000 only the strongest 400 and bands. */
#define CHAIN_EDGES_ALPHA 150
#define CHAIN_EDGES_CURVED 400
#define CHAIN_EDGES_ALL 1000
#define CHAIN_EDGES_STRONGEST 400

ChainLayout        *chain_layout_network     (const ChainSnapshot *s, const ChainTheme *t, double w, double h);
const ChainElement *chain_layout_network_hit (const ChainLayout *l, double x, double y);

/* Cubic from tile to tile: 4 points. */
void   chain_edge_curve (const ChainNetLayout *n, const ChainEdge *e, double p[4][2]);
/* Tile of a unit, -1 if it is not shown. layer -1: inputs. */
int    chain_net_tile   (const ChainNetLayout *n, int layer, guint unit);

/* layout/net-label.c: what units, weights and columns are called. (transfer full). */
char  *chain_net_unit_label   (const ChainSnapshot *s, const ChainNetLayout *n, const ChainTile *tile);
char  *chain_net_weight_label (const ChainSnapshot *s, const ChainNetLayout *n, const ChainEdge *e);
char  *chain_net_chip         (const ChainSnapshot *s, int layer, guint width);
char  *chain_net_badge        (const ChainSnapshot *s, int layer);      /* of the gravest finding; NULL = well */
char  *chain_net_badge_text   (const ChainSnapshot *s, int layer, guint bit);     /* of one bit of ChainHealth; 0: diverged */
char  *chain_net_output       (const ChainSnapshot *s);                  /* markup: "y = σ(z)", "z, p = σ(z)" */
char  *chain_net_cost         (const ChainSnapshot *s);                  /* what a step costs; NULL = not known */
char  *chain_net_layer_cost   (const ChainSnapshot *s, int layer);       /* "18 parameters, 2.8 k operations a step"; NULL likewise */
/* The activation through which the loss has the output read: "sigmoid" for logits, "identity" where it is read as it is. *is_score:
 * the loss takes the output as a score all the same. */
const char *chain_net_link    (const ChainSpec *spec, gboolean *is_score);
const ChainSnapTensor *chain_net_weight (const ChainSnapshot *s, int layer);
gboolean chain_net_is_frozen (const ChainSnapshot *s, int layer);

/* draw/net-card.c: the hover card beside what the overlay names. */
void   chain_draw_net_card (cairo_t *cr, const ChainLayout *l, const ChainSnapshot *s, const ChainTheme *t, const char *id);

/* draw/net-kind.c: a frozen unit's pattern, the mark where the paths of a sum meet, a padlock of height h. */
void   chain_draw_net_kind (cairo_t *cr, const ChainSnapshot *s, const ChainTheme *t, const ChainTile *tile, int layer);
void   chain_draw_net_lock (cairo_t *cr, const ChainColour *c, double x, double y, double h);

G_END_DECLS
