/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas that the program shows, built as it builds them; the same twenty for the tests and for the sheet that is looked at. */
#pragma once

#include "app/maths/maths.h"

typedef struct { const char *name; ChainMaths *(*build) (void); } MathsFormula;

extern const MathsFormula maths_formulas[];
extern const guint        maths_n_formulas;
