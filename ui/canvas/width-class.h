/* SPDX-License-Identifier: Apache-2.0 */
/* The four widths that every page knows (DESIGN 3). libadwaita 1.2 has no breakpoints: the window works the class out in its allocation
 * and hands it down from an idle. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { CHAIN_WIDTH_NARROW, CHAIN_WIDTH_COMPACT, CHAIN_WIDTH_NORMAL, CHAIN_WIDTH_WIDE } ChainWidthClass;

static inline ChainWidthClass
chain_width_class (int width)
{
  return width < 900 ? CHAIN_WIDTH_NARROW : width < 1100 ? CHAIN_WIDTH_COMPACT : width < 1600 ? CHAIN_WIDTH_NORMAL : CHAIN_WIDTH_WIDE;
}

G_END_DECLS
