/* SPDX-License-Identifier: Apache-2.0 */
/* The activations of a spec as numbers: value and derivative on a grid, both computed by the engine. */
#pragma once

#include "engine/nn/table.h"

G_BEGIN_DECLS

#define CHAIN_ACTIVATION_POINTS 161
#define CHAIN_ACTIVATION_CURVES 6
#define CHAIN_ACTIVATION_REACH 4.0

typedef struct { const ChainActivationRow *row; const ChainChoice *choice; double y[CHAIN_ACTIVATION_POINTS], d[CHAIN_ACTIVATION_POINTS]; } ChainActivationCurve;

/* Distinct activations in order of layers, at most CHAIN_ACTIVATION_CURVES; returns how many. */
guint  chain_activation_curves (const ChainSpec *spec, ChainActivationCurve *curves);
double chain_activation_z      (int k);

G_END_DECLS
