/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are true classes, so that a row adds up to all rows of its class and its colour is a share of them: classes of unlike size may be compared.
 * From 21 classes on a cell is too small for a number and becomes a dot. Confusion matrices: Provost and Kohavi, Glossary of terms, Machine
 * Learning 30, 1998. */
#include "config.h"

#include "app/picture/layout/answers.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/number-text.h"

#define READABLE 20

static void
confusion_free (gpointer data)
{
  ChainConfusionLayout *f = data;

  g_strfreev (f->name);
  g_free (f);
}

char *
chain_answers_rows (const ChainPredictions *p)
{
  char n[CHAIN_NUMBER_TEXT_SIZE], all[CHAIN_NUMBER_TEXT_SIZE];

  chain_number_text_count (n, p->n);
  chain_number_text_count (all, p->n_all);
  if (p->n < p->n_all)
    return g_strdup_printf (p->test ? _("%s of %s test rows") : _("%s of %s training rows"), n, all);
  return g_strdup_printf (p->test ? _("%s test rows") : _("%s training rows"), n);
}

static void
place_cells (ChainLayout *l, ChainConfusionLayout *f, ChainText *text, guint most)
{
  double x, y, w, h, sc = text->theme->scale, wide = 0, share = 34 * sc, widest;
  char number[CHAIN_NUMBER_TEXT_SIZE];

  chain_layout_body (l, text->theme, &x, &y, &w, &h);
  for (guint c = 0; c < f->n; c++)
    wide = fmax (wide, chain_text_measure (text, CHAIN_TEXT_SMALL, f->name[c], NULL));
  f->caption = h > 110 * sc;
  h = fmax (1, h - (f->caption ? 30 * sc : 14 * sc));
  f->shares = h / f->n >= 11.5 * sc && w > 150 * sc;
  f->every_row = (guint) fmax (1, ceil (12 * sc / (h / f->n)));
  f->names = ceil (fmin (wide, w * 0.28));
  w = fmax (1, w - f->names - 6 * sc - (f->shares ? share : 0));
  f->cw = fmin (w / f->n, 1.7 * h / f->n);
  f->ch = fmin (h / f->n, 1.25 * f->cw);
  if (f->cw > 8)
    f->cw = floor (f->cw);
  if (f->ch > 8)
    f->ch = floor (f->ch);
  f->x = x + f->names + 6 * sc + floor ((w - f->cw * f->n) / 2);
  f->y = y + floor (fmax (0, (h - f->ch * f->n) / 2));
  chain_number_text_count (number, most);
  f->counts = !f->dots && f->ch >= 11 * sc && f->cw >= chain_text_measure (text, CHAIN_TEXT_AXIS, number, NULL) + 3 * sc;
  widest = fmin (wide, 34 * sc) + 4 * sc;
  f->every = (guint) fmax (1, ceil (widest / f->cw));
}

static void
add_cells (ChainLayout *l, const ChainConfusionLayout *f, const ChainSnapshot *s)
{
  const guint *counts = s->predictions->confusion;
  char part[CHAIN_NUMBER_TEXT_SIZE], count[CHAIN_NUMBER_TEXT_SIZE], all[CHAIN_NUMBER_TEXT_SIZE];

  for (guint i = 0; i < f->n; i++)
    {
      g_autofree char *truth = chain_name_class (s, i);
      guint sum = 0;

      for (guint j = 0; j < f->n; j++)
        sum += counts[i * f->n + j];
      for (guint j = 0; j < f->n; j++)
        {
          guint n = counts[i * f->n + j];
          g_autofree char *answer = chain_name_class (s, j);

          if (n == 0 && (f->dots || i != j))
            continue;
          chain_number_text_count (count, n);
          chain_number_text_count (all, sum);
          chain_number_text_percent (part, sum ? (double) n / sum : 0);
          chain_layout_add (l, g_strdup_printf ("cell:%u:%u", i, j), "cell", f->x + j * f->cw, f->y + i * f->ch, f->cw, f->ch,
                            i == j ? g_strdup_printf (_("%s of %s rows of class %s are right (%s)"), count, all, truth, part)
                                   : g_strdup_printf (_("%s of %s rows of class %s are taken for %s (%s)"), count, all, truth, answer, part))->index = i * f->n + j;
        }
    }
}

/* The largest confusion in words: what a reader looks for first. */
static void
describe (ChainLayout *l, const ChainConfusionLayout *f, const ChainSnapshot *s)
{
  const ChainPredictions *p = s->predictions;
  g_autofree char *rows = chain_answers_rows (p);
  guint worst = 0, row = 0, col = 0;
  char right[CHAIN_NUMBER_TEXT_SIZE];

  for (guint i = 0; i < f->n * f->n; i++)
    if (i / f->n != i % f->n && p->confusion[i] > worst)
      {
        worst = p->confusion[i];
        row = i / f->n;
        col = i % f->n;
      }
  chain_number_text_percent (right, p->accuracy);
  l->note = g_strdup_printf (_("%s right · %s"), right, rows);
  if (worst == 0)
    l->description = g_strdup_printf (_("Confusion matrix of %u classes, every one of %s right"), f->n, rows);
  else
    {
      g_autofree char *a = chain_name_class (s, row), *b = chain_name_class (s, col);

      l->description = g_strdup_printf (_("Confusion matrix of %u classes, %s of %s right; most often %s is taken for %s, %u times"), f->n, right, rows, a, b, worst);
    }
}

ChainLayout *
chain_layout_confusion (const ChainSnapshot *s, const ChainTheme *t, double w, double h)
{
  ChainLayout *l = chain_layout_new (w, h, _("Confusion matrix"));
  ChainConfusionLayout *f = g_new0 (ChainConfusionLayout, 1);
  guint most = 0;
  g_auto (ChainText) text;

  chain_text_init (&text, NULL, t);
  l->data = f;
  l->free_data = confusion_free;
  if (s->predictions == NULL || s->predictions->confusion == NULL || s->predictions->n == 0)
    {
      l->description = g_strdup (_("There are no predictions yet."));
      chain_layout_hash_theme (l, t);
      return l;
    }
  f->n = s->predictions->n_classes;
  f->dots = f->n > READABLE;
  f->name = g_new0 (char *, f->n + 1);
  for (guint c = 0; c < f->n; c++)
    {
      g_autofree char *raw = chain_name_class (s, c);

      f->name[c] = g_markup_escape_text (raw, -1);
    }
  for (guint i = 0; i < f->n * f->n; i++)
    most = MAX (most, s->predictions->confusion[i]);
  place_cells (l, f, &text, most);
  add_cells (l, f, s);
  describe (l, f, s);
  chain_layout_hash_theme (l, t);
  chain_layout_hash (l, &f->x, 4 * sizeof (double));
  for (guint c = 0; c < f->n; c++)
    chain_layout_hash (l, f->name[c], strlen (f->name[c]) + 1);
  return l;
}
