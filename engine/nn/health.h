/* SPDX-License-Identifier: Apache-2.0 */
/* Is a layer well? The thresholds of DESIGN 4.9, each by name, in one place: pictures, badges and the explanation popover read them from
 * here, and chain_health_layers() is the one function that applies them. */
#pragma once

#include "engine/nn/metrics.h"

G_BEGIN_DECLS

#define CHAIN_HEALTH_TANH_SATURATED 0.97        /* |tanh| above */
#define CHAIN_HEALTH_SIGMOID_SATURATED 0.03     /* sigma within this of 0 or 1 */
#define CHAIN_HEALTH_SATURATED_SHARE 0.5        /* … for over this share of the samples */
#define CHAIN_HEALTH_DEAD_EPOCHS 20             /* output 0 for the whole data set for so many epochs */
#define CHAIN_HEALTH_SYMMETRIC_DISTANCE 1e-6    /* relative distance of the incoming weights of two units */
#define CHAIN_HEALTH_VANISHING_RATIO 1e-3       /* RMS gradient below this share of the largest layer's … */
#define CHAIN_HEALTH_VANISHING_RMS 1e-5         /* … and below this */
#define CHAIN_HEALTH_EXPLODING_RATIO 1e3        /* RMS gradient above this many times the median layer's … */
#define CHAIN_HEALTH_EXPLODING_RMS 1.0          /* … and above this: beside a vanishing gradient a healthy one is no explosion; */
#define CHAIN_HEALTH_EXPLODING_NORM 1e3         /* or global norm above this */
#define CHAIN_HEALTH_KINK 1e-12                 /* within this of a kink: not differentiable here */

typedef enum
{
  CHAIN_HEALTH_OK = 0,
  CHAIN_HEALTH_DEAD = 1 << 0,        /* some units give 0 for every row */
  CHAIN_HEALTH_SATURATED = 1 << 1,
  CHAIN_HEALTH_SYMMETRIC = 1 << 2,
  CHAIN_HEALTH_VANISHING = 1 << 3,
  CHAIN_HEALTH_EXPLODING = 1 << 4,
  CHAIN_HEALTH_NON_FINITE = 1 << 5
} ChainHealth;

/* The gravest one of some bits, alone; 0 if there is none. A cause comes before what it leads to: units that are copies of each other, or that are
 * flat, are why a gradient vanishes. */
guint       chain_health_gravest (guint bits);

/* out[i]: bits for each layer. global_norm: norm of all gradients together (NaN: not known). */
void        chain_health_layers (const ChainLayerStat *stats, guint n, double global_norm, guint *out);

/* The gravest one of some bits as a msgid: "ok", "not finite", "exploding", "symmetric", "dead", "saturated", "vanishing". */
const char *chain_health_name   (guint bits);

G_END_DECLS
