/* SPDX-License-Identifier: Apache-2.0 */
/* The first wrong images in the order of the data set, so that an image keeps its place until it is learnt. As many as stay large enough to
 * be looked at; how many there are in all is said. */
#include "config.h"

#include "app/picture/layout/answers.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

#define SMALLEST 26.0
#define WORDS 15.0       /* room for the label under an image */
#define GAP 6.0

static void
mistakes_free (gpointer data)
{
  ChainMistakesLayout *f = data;

  for (guint i = 0; i < f->n; i++)
    g_free (f->mistakes[i].text);
  g_free (f);
}

float *
chain_image_of (const ChainSnapshot *s, guint row)
{
  const ChainDataset *d = s->data;
  float *out = g_new (float, d->d);

  for (guint j = 0; j < d->d; j++)
    {
      const ChainPrepColumn *p = j < d->prep->inputs->len ? g_ptr_array_index (d->prep->inputs, j) : NULL;      /* pixels are numbers: one input each */

      out[j] = (float) (d->x[(gsize) row * d->d + j] * (p != NULL ? p->scale : 1) + (p != NULL ? p->shift : 0));
    }
  return out;
}

/* Columns that give the largest images for n of them; fewer images where they would be too small. */
static guint
place (const ChainLayout *l, ChainMistakesLayout *f, const ChainSnapshot *s, const ChainTheme *t, guint n)
{
  double x, y, w, h, sc = t->scale, gap = GAP * sc, words = WORDS * sc, shape = (double) s->data->image_height / s->data->image_width, best = 0;
  guint columns = 1;

  chain_layout_body (l, t, &x, &y, &w, &h);
  for (; n > 0; n--)
    {
      best = 0;
      for (guint c = 1; c <= n; c++)
        {
          guint rows = (n + c - 1) / c;
          double size = fmin ((w - (c - 1) * gap) / c, (h - (rows - 1) * gap - rows * words) / rows / shape);

          if (size > best)
            {
              best = size;
              columns = c;
            }
        }
      if (best >= SMALLEST * sc || n == 1)
        break;
    }
  if (n == 0)
    return 0;
  f->w = floor (fmax (4, fmin (best, 96 * sc)));
  f->h = floor (f->w * shape);
  for (guint i = 0; i < n; i++)
    {
      double pitch = columns > 1 ? fmin ((w - f->w) / (columns - 1), f->w + 24 * sc) : 0;

      f->mistakes[i].x = x + floor (i % columns * pitch);
      f->mistakes[i].y = y + floor (i / columns * (f->h + words + gap));
    }
  return n;
}

static void
fill (ChainLayout *l, ChainMistakesLayout *f, const ChainSnapshot *s, const guint *wrong)
{
  const ChainPredictions *p = s->predictions;
  char sure[CHAIN_NUMBER_TEXT_SIZE], row[CHAIN_NUMBER_TEXT_SIZE];

  f->lo = INFINITY;
  f->hi = -INFINITY;
  for (guint i = 0; i < f->n; i++)
    {
      ChainMistake *m = &f->mistakes[i];
      guint at = wrong[i];
      g_autofree char *truth = chain_name_class (s, (guint) p->truth[at]), *answer = chain_name_class (s, (guint) p->value[at]);
      g_autofree char *text = g_strdup_printf ("%s → %s", truth, answer);
      g_autofree float *image = chain_image_of (s, p->row[at]);
      double lo, hi;

      m->at = at;
      m->text = g_markup_escape_text (text, -1);
      if (chain_extent (image, s->data->d, &lo, &hi))
        {
          f->lo = fmin (f->lo, lo);
          f->hi = fmax (f->hi, hi);
        }
      chain_number_text_percent (sure, p->sure[at]);
      chain_number_text_count (row, s->data->rows[p->row[at]] + 1);
      chain_layout_add (l, g_strdup_printf ("image:%u", i), "image", m->x, m->y, f->w, f->h,
                        g_strdup_printf (_("Row %s: %s is taken for %s, with a probability of %s"), row, truth, answer, sure))->index = i;
    }
  if (!(f->hi > f->lo))
    f->hi = f->lo + 1;
}

static void
describe (ChainLayout *l, const ChainMistakesLayout *f, const ChainPredictions *p)
{
  g_autofree char *rows = chain_answers_rows (p);

  if (f->n_wrong == 0)
    l->description = g_strdup_printf (_("Every one of %s is right."), rows);
  else if (f->n < f->n_wrong)
    l->description = g_strdup_printf (_("The first %u of %u wrong images among %s"), f->n, f->n_wrong, rows);
  else
    l->description = g_strdup_printf (_("%u wrong images among %s"), f->n_wrong, rows);
  l->note = f->n < f->n_wrong ? g_strdup_printf (_("true → predicted · %u of %u wrong"), f->n, f->n_wrong)
            : f->n_wrong      ? g_strdup_printf (_("true → predicted · %u wrong"), f->n_wrong)
                              : g_strdup (rows);
}

ChainLayout *
chain_layout_mistakes (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Mistakes"));
  ChainMistakesLayout *f = g_new0 (ChainMistakesLayout, 1);
  const ChainPredictions *p = s->predictions;
  guint wrong[CHAIN_MISTAKES], n = 0;

  l->data = f;
  l->free_data = mistakes_free;
  if (p == NULL || !p->classify || p->n == 0 || !chain_is_image (s))
    {
      l->description = g_strdup (_("There are no predictions yet."));
      chain_layout_hash_theme (l, t);
      return l;
    }
  for (guint i = 0; i < p->n; i++)
    if (p->truth[i] != p->value[i])
      {
        if (n < CHAIN_MISTAKES)
          wrong[n++] = i;
        f->n_wrong++;
      }
  f->n = place (l, f, s, t, n);
  fill (l, f, s, wrong);
  describe (l, f, p);
  chain_layout_hash_theme (l, t);
  return l;
}
