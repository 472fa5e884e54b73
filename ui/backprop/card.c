/* SPDX-License-Identifier: Apache-2.0 */
/* Three formulas under a title, or a list of lines with the present one marked. The parts are kept and filled again: while stepping, nothing is made
 * anew and the focus stays where it is. */
#include "config.h"

#include "ui/backprop/card.h"

#include <glib/gi18n-lib.h>

#include "app/picture/number-text.h"
#include "ui/maths/formula.h"

#define N_FORMULAS 3
#define FORMULA_SIZE 17.0
#define LINE_SIZE 14.0

struct _ChainFormulaCard
{
  GtkWidget  parent_instance;
  GtkWidget *box, *title, *step, *formulas[N_FORMULAS], *lines, *hint, *keys, *band, *band_icon, *band_text, *band_error;
  GPtrArray *line_rows;      /* of GtkWidget, not owned: boxes of two formulas */
  guint      present;        /* line of the optimiser; G_MAXUINT */
  char      *entry;          /* of a matrix, that the difference is taken at; NULL */
};

G_DEFINE_FINAL_TYPE (ChainFormulaCard, chain_formula_card, GTK_TYPE_WIDGET)

static GtkWidget *
new_formula (double size)
{
  GtkWidget *f = chain_maths_label_new (NULL);

  chain_maths_label_set_size (CHAIN_MATHS_LABEL (f), size);
  return f;
}

static GtkWidget *
add_header (ChainFormulaCard *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->title = gtk_label_new (NULL);
  self->step = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_wrap (GTK_LABEL (self->title), TRUE);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_widget_add_css_class (self->title, "card-title");
  gtk_widget_add_css_class (self->step, "card-note");
  gtk_widget_add_css_class (self->step, "numeric");
  gtk_widget_set_valign (self->step, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), self->title);
  gtk_box_append (GTK_BOX (box), self->step);
  return box;
}

static GtkWidget *
make_band (ChainFormulaCard *self)
{
  self->band = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->band_icon = gtk_label_new (NULL);
  self->band_text = gtk_label_new (NULL);
  self->band_error = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->band_text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->band_text), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->band_text, TRUE);
  gtk_widget_add_css_class (self->band, "check-band");
  gtk_box_append (GTK_BOX (self->band), self->band_icon);
  gtk_box_append (GTK_BOX (self->band), self->band_text);
  gtk_box_append (GTK_BOX (self->band), self->band_error);
  return self->band;
}

static GtkWidget *
new_text (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, style);
  gtk_widget_set_visible (label, FALSE);
  return label;
}

static void
add_hint (ChainFormulaCard *self)
{
  self->hint = new_text (NULL, "card-note");
  self->keys = new_text (_("→ makes one step, Space plays them all, ← goes back."), "card-note");
  gtk_box_append (GTK_BOX (self->box), self->hint);
  gtk_box_append (GTK_BOX (self->box), self->keys);
}

static void
chain_formula_card_dispose (GObject *object)
{
  ChainFormulaCard *self = CHAIN_FORMULA_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->line_rows, g_ptr_array_unref);
  g_clear_pointer (&self->entry, g_free);
  G_OBJECT_CLASS (chain_formula_card_parent_class)->dispose (object);
}

static void
chain_formula_card_class_init (ChainFormulaCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_formula_card_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
chain_formula_card_init (ChainFormulaCard *self)
{
  self->line_rows = g_ptr_array_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "formula-card");
  gtk_box_append (GTK_BOX (self->box), add_header (self));
  for (guint i = 0; i < N_FORMULAS; i++)
    {
      self->formulas[i] = new_formula (FORMULA_SIZE);
      gtk_box_append (GTK_BOX (self->box), self->formulas[i]);
    }
  self->lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_box_append (GTK_BOX (self->box), self->lines);
  add_hint (self);
  gtk_box_append (GTK_BOX (self->box), make_band (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  chain_formula_card_check (self, NULL, NULL);
}

GtkWidget *
chain_formula_card_new (void)
{
  return g_object_new (CHAIN_TYPE_FORMULA_CARD, NULL);
}

static void
show_formula (GtkWidget *formula, ChainMaths *m)
{
  gtk_widget_set_visible (formula, m != NULL);
  chain_maths_label_set_maths (CHAIN_MATHS_LABEL (formula), m);
}

static GtkWidget *
line_row (ChainFormulaCard *self, guint i)
{
  GtkWidget *row;

  if (i < self->line_rows->len)
    return g_ptr_array_index (self->line_rows, i);
  row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_add_css_class (row, "update-line");
  gtk_box_append (GTK_BOX (row), new_formula (LINE_SIZE));
  gtk_box_append (GTK_BOX (row), new_formula (LINE_SIZE));
  gtk_widget_set_margin_start (gtk_widget_get_last_child (row), 18);     /* under the formula, not under its number */
  gtk_box_append (GTK_BOX (self->lines), row);
  g_ptr_array_add (self->line_rows, row);
  return row;
}

static void
show_lines (ChainFormulaCard *self, const ChainStepCard *card)
{
  guint n = 0;

  gtk_widget_set_visible (self->lines, card->lines != NULL && card->lines[0] != NULL);      /* first: what grows while hidden is not measured again */
  for (; card->lines != NULL && card->lines[n] != NULL; n++)
    {
      GtkWidget *row = line_row (self, n), *symbols = gtk_widget_get_first_child (row);

      show_formula (symbols, card->line_maths[n]);
      show_formula (gtk_widget_get_next_sibling (symbols), n < card->line ? card->line_results[n] : n == card->line ? card->line_numbers[n] : NULL);
      gtk_widget_set_visible (row, TRUE);
      if (n == card->line)
        gtk_widget_add_css_class (row, "present");
      else
        gtk_widget_remove_css_class (row, "present");
    }
  for (guint i = n; i < self->line_rows->len; i++)
    gtk_widget_set_visible (g_ptr_array_index (self->line_rows, i), FALSE);
}

void
chain_formula_card_show (ChainFormulaCard *c, const ChainStepCard *card, guint position, guint length)
{
  g_autofree char *step = g_strdup_printf (_("step %u of %u"), position, length);

  gtk_label_set_text (GTK_LABEL (c->title), card->title);
  gtk_label_set_text (GTK_LABEL (c->step), step);
  show_formula (c->formulas[0], card->lines == NULL ? card->symbols : NULL);      /* the lines have it */
  show_formula (c->formulas[1], card->lines == NULL ? card->numbers : NULL);
  show_formula (c->formulas[2], card->result);
  show_lines (c, card);
  gtk_label_set_text (GTK_LABEL (c->hint), card->hint != NULL ? card->hint : "");
  gtk_widget_set_visible (c->hint, card->hint != NULL);
  gtk_widget_set_visible (c->keys, card->hint != NULL);
  c->present = card->lines != NULL ? card->line : G_MAXUINT;
  g_free (c->entry);
  c->entry = g_strdup (card->entry);
  chain_formula_card_reveal (c, CHAIN_REVEAL_ALL);
}

GtkWidget *
chain_formula_card_present (ChainFormulaCard *c)
{
  return c->present < c->line_rows->len ? g_ptr_array_index (c->line_rows, c->present) : NULL;
}

/* By opacity: what is still to come keeps its place, and nothing jumps. */
void
chain_formula_card_reveal (ChainFormulaCard *c, ChainReveal reveal)
{
  gtk_widget_set_opacity (c->formulas[1], reveal >= CHAIN_REVEAL_NUMBERS ? 1 : 0);
  gtk_widget_set_opacity (c->formulas[2], reveal >= CHAIN_REVEAL_ALL ? 1 : 0);
  gtk_widget_set_opacity (c->band, reveal >= CHAIN_REVEAL_ALL ? 1 : 0);
  for (guint i = 0; i < c->line_rows->len; i++)
    gtk_widget_set_opacity (gtk_widget_get_last_child (g_ptr_array_index (c->line_rows, i)), i == c->present && reveal < CHAIN_REVEAL_NUMBERS ? 0 : 1);
}

static void
set_band (ChainFormulaCard *c, const char *state, const char *icon, const char *text, const char *error)
{
  static const char *const states[] = { "agrees", "differs", "kink", "quiet" };

  gtk_widget_set_visible (c->band, text != NULL);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    gtk_widget_remove_css_class (c->band, states[i]);
  gtk_widget_add_css_class (c->band, state);
  gtk_label_set_text (GTK_LABEL (c->band_icon), icon);
  gtk_label_set_text (GTK_LABEL (c->band_text), text != NULL ? text : "");
  gtk_widget_set_tooltip_text (c->band, text);
  gtk_label_set_text (GTK_LABEL (c->band_error), error);
}

void
chain_formula_card_check (ChainFormulaCard *c, const ChainProbeResult *result, const char *message)
{
  char number[CHAIN_NUMBER_TEXT_SIZE], small[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *text = NULL, *error = NULL;

  if (result == NULL)
    {
      set_band (c, "quiet", "", message, "");
      return;
    }
  chain_number_text (number, result->difference, 4);
  error = g_strdup_printf ("|Δ| %s", chain_number_text_short (small, result->error));
  if (result->kink)
    {
      text = chain_probe_kink_text (result);
      set_band (c, "kink", "◇", text, "");
    }
  else if (result->agrees)
    {
      text = c->entry != NULL ? g_strdup_printf (_("%s: difference agrees: %s"), c->entry, number) : g_strdup_printf (_("Finite difference agrees: %s"), number);
      set_band (c, "agrees", "✓", text, error);
    }
  else
    {
      text = c->entry != NULL ? g_strdup_printf (_("%s: difference says %s"), c->entry, number) : g_strdup_printf (_("Finite difference says %s"), number);
      set_band (c, "differs", "✕", text, error);
    }
}

void
chain_formula_card_wait (ChainFormulaCard *c)
{
  set_band (c, "quiet", "", _("Taking a finite difference …"), "");
}

const char *
chain_formula_card_title (ChainFormulaCard *c)
{
  return gtk_label_get_text (GTK_LABEL (c->title));
}

const char *
chain_formula_card_band (ChainFormulaCard *c)
{
  return gtk_widget_get_visible (c->band) ? gtk_label_get_text (GTK_LABEL (c->band_text)) : NULL;
}
