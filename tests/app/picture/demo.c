/* SPDX-License-Identifier: Apache-2.0 */
/* Not a test but a tool for the eye: draws every view of every hand-made snapshot, and of one that is really trained, light and dark, 1x and 2x,
 * into a folder, and prints how long layout and drawing take. picture-demo FOLDER [CASE] */
#include <locale.h>
#include <time.h>

#include "app/picture/export.h"
#include "app/train/trainer.h"
#include "tests/app/picture/kit.h"

/* Processor time of this thread in µs: what the work costs, whatever else the machine does. */
static gint64
cpu_time (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (gint64) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
draw_view (const ChainView *v, const ChainSnapshot *s, const char *folder, const char *name, double w, double h)
{
  for (int dark = 0; dark < 2; dark++)
    for (int scale = 1; scale <= 2; scale++)
      {
        ChainTheme theme;
        g_autofree char *path = g_strdup_printf ("%s/%s_%s_%s_%d.png", folder, name, v->id, dark ? "dark" : "light", scale);
        cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) (w * scale), (int) (h * scale));
        cairo_t *cr = cairo_create (surface);
        gint64 laid = G_MAXINT64, drawn = G_MAXINT64;
        ChainOverlay o = { 0 };
        ChainLayout *l;

        chain_theme_init (&theme, dark ? "dark" : "light");
        cairo_scale (cr, scale, scale);
        l = v->layout (s, &theme, w, h);
        chain_layout_free (l);
        for (int i = 0; i < 7; i++)      /* the quickest of 7 */
          {
            gint64 start = cpu_time (), between;

            l = v->layout (s, &theme, w, h);
            between = cpu_time ();
            v->draw (cr, l, s, &theme, &o);
            laid = MIN (laid, between - start);
            drawn = MIN (drawn, cpu_time () - between);
            if (i < 6)
              chain_layout_free (l);
          }
        if (dark == 0)
          g_print ("%-14s %-14s %dx  layout %6" G_GINT64_FORMAT " us  draw %6" G_GINT64_FORMAT " us  %s | %s\n", name, v->id, scale, laid, drawn,
                   l->note, l->description);
        if (v->hit && dark == 0)
          {
            o.hover = s->spec->layers->len > 2 ? "weight:d1:0:0" : "unit:d1:1";
            v->draw (cr, l, s, &theme, &o);
          }
        cairo_surface_write_to_png (surface, path);
        chain_layout_free (l);
        cairo_destroy (cr);
        cairo_surface_destroy (surface);
      }
}

static void
draw_all (const ChainSnapshot *s, const char *folder, const char *name)
{
  guint n;
  const ChainView *views = chain_table_views (&n);

  for (guint i = 0; i < n; i++)
    if (views[i].applies == NULL || views[i].applies (s))
      draw_view (&views[i], s, folder, name, views[i].width, views[i].height);
}

static ChainSnapshot *
trained (void)
{
  ChainSpec *spec = chain_spec_example ();
  g_autoptr (ChainTable) table = chain_table_generate (&spec->data, NULL);
  ChainDataset *data = chain_dataset_new (spec, table, NULL, NULL);
  ChainTrainer *t = chain_trainer_new (spec, data, NULL);
  ChainSnapshot *s;

  for (int i = 0; i < 500; i++)
    chain_trainer_iterate (t);
  s = chain_trainer_snapshot (t, CHAIN_WANT_PARAMS | CHAIN_WANT_FIELD | CHAIN_WANT_STATS | CHAIN_WANT_METRICS | CHAIN_WANT_PREDICTIONS);
  chain_trainer_free (t);
  chain_dataset_unref (data);
  chain_spec_unref (spec);
  return s;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc < 2)
    {
      g_printerr ("picture-demo FOLDER [CASE]\n");
      return 2;
    }
  g_mkdir_with_parents (argv[1], 0755);
  for (guint i = 0; i < picture_n_cases; i++)
    if (argc < 3 || g_str_equal (argv[2], picture_cases[i].name))
      {
        g_autoptr (ChainSnapshot) s = picture_kit_snapshot (&picture_cases[i]);

        draw_all (s, argv[1], picture_cases[i].name);
      }
  if (argc < 3 || g_str_equal (argv[2], "trained"))
    {
      g_autoptr (ChainSnapshot) s = trained ();

      draw_all (s, argv[1], "trained");
    }
  return 0;
}
