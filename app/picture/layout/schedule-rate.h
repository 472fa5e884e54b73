/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule of a spec sampled over its run. */
#pragma once

#include "app/train/snapshot.h"

G_BEGIN_DECLS

#define CHAIN_RATE_SAMPLES 401

/* rate[i] at epoch end * i / (CHAIN_RATE_SAMPLES - 1); returns end. */
double chain_schedule_sample (const ChainSnapshot *s, double rate[CHAIN_RATE_SAMPLES]);

G_END_DECLS
