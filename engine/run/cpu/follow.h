/* SPDX-License-Identifier: Apache-2.0 */
/* The update of a large weight matrix right behind each piece of its gradient, while that is in the cache: a lowering, same bits. */
#pragma once

#include "engine/run/cpu/program.h"

G_BEGIN_DECLS

/* If `program`, made of the items from i on, updates a tensor from a gradient that an earlier large product makes, and nothing in between
 * minds, it becomes a part of that product's step (and the squares of the gradient are summed on the way). Takes it then. */
gboolean _chain_cpu_follow_take  (ChainPrepared *p, guint i, ChainCpuProgram *program);

G_END_DECLS
