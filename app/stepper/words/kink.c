/* SPDX-License-Identifier: Apache-2.0 */
/* At a kink the adjoint is a convention and the difference a mean of two slopes; beside one, the adjoint is right and the difference has stepped over
 * it. The convention is the op table's own text (SPEC 0.2). */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "app/stepper/private.h"

char *
chain_probe_kink_text (const ChainProbeResult *r)
{
  const ChainOpRow *op = r->kinked != CHAIN_OP_NONE ? chain_op_row (r->kinked) : NULL;
  g_autoptr (ChainMaths) m = _chain_number (r->difference);
  g_autofree char *number = chain_maths_to_text (m);

  if (op == NULL)
    return g_strdup_printf (_("A kink: the two one-sided differences disagree, and the adjoint is a convention; the central difference gives %s"), number);
  if (r->at_kink)
    return g_strdup_printf (_("Kink of %s: by convention %s; the central difference gives %s"), op->symbol, op->local, number);
  return g_strdup_printf (_("A kink of %s is so near that the central difference steps over it and gives %s"), op->symbol, number);
}
