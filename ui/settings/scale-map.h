/* SPDX-License-Identifier: Apache-2.0 */
/* Where a parameter's values lie on a slider. Pure functions of the parameter's row. */
#pragma once

#include "engine/nn/table.h"

G_BEGIN_DECLS

typedef enum { CHAIN_SCALE_LINEAR, CHAIN_SCALE_LOG, CHAIN_SCALE_NEAR_ONE } ChainScaleKind;

typedef struct
{
  ChainScaleKind kind;
  double         from, to, step;    /* positions: of the slider's ends, of a key press */
  gboolean       integer;
  gboolean       zero;              /* the left end is 0, not 10^from */
} ChainScaleMap;

ChainScaleMap chain_scale_map      (const ChainParamInfo *info);
double        chain_scale_position (const ChainScaleMap *m, double value);      /* within [from, to] */
/* Tidied: what a slider lands on can be said and typed. Always a value that the parameter may have. */
double        chain_scale_value    (const ChainScaleMap *m, double position);
/* The parameter may have this value. */
gboolean      chain_scale_allows   (const ChainParamInfo *info, double value);

G_END_DECLS
