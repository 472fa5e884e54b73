/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet of all formulas, for the eye: maths-sheet light|dark FILE. */
#include <string.h>

#include "tests/app/maths/formulas.h"

int
main (int argc, char **argv)
{
  gboolean dark = argc > 1 && strcmp (argv[1], "dark") == 0;
  double f = dark ? 0.95 : 0.12, y[2] = { 30, 30 };
  ChainMathsStyle style = { 20, { { f, f, f, 1 }, { dark ? 0.6 : 0.1, dark ? 0.76 : 0.37, dark ? 0.95 : 0.7, 1 }, { dark ? 0.97 : 0.62, dark ? 0.41 : 0.06, dark ? 0.6 : 0.36, 1 },
                                  { 0.15, 0.47, 0.3, 1 }, { 0.5, 0.5, 0.5, 1 }, { f, f, f, 1 } }, 560 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1240, 1000);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, dark ? 0.12 : 1, dark ? 0.12 : 1, dark ? 0.12 : 1);
  cairo_paint (cr);
  for (guint i = 0; i < maths_n_formulas; i++)
    {
      g_autoptr (ChainMaths) m = maths_formulas[i].build ();
      g_autoptr (ChainMathsBox) b = chain_maths_layout (m, &style);
      g_autofree char *text = chain_maths_to_text (m), *latex = chain_maths_to_latex (m), *speech = chain_maths_to_speech (m);
      double asc, desc;
      guint c = i < 10 ? 0 : 1;

      chain_maths_box_size (b, NULL, &asc, &desc);
      chain_maths_box_draw (cr, b, 30 + 620 * c, y[c] + asc);
      y[c] += asc + desc + 26;
      g_print ("%s\n  %s\n  %s\n  %s\n", maths_formulas[i].name, text, latex, speech);
    }
  cairo_surface_write_to_png (surface, argc > 2 ? argv[2] : "maths-sheet.png");
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return 0;
}
