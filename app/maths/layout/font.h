/* SPDX-License-Identifier: Apache-2.0 */
/* The font of formulas. Opened once, never changed afterwards: HarfBuzz's immutable objects may be used by every thread. */
#pragma once

#include <glib.h>
#include <hb.h>
#include <hb-ot.h>

typedef struct { hb_font_t *hb; double upem; } MathsFont;

/* The one with the MATH table; NULL: this machine has no font at all. */
const MathsFont *_chain_maths_font (void);
/* A font that has the character: the one above, or what fontconfig finds. NULL: none has it. */
const MathsFont *_chain_maths_font_for (gunichar c);
/* In em, or as a fraction for the percentages; TeX Gyre Pagella's where the font has no table. */
double           _chain_maths_constant (hb_ot_math_constant_t c);
