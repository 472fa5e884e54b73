/* SPDX-License-Identifier: Apache-2.0 */
/* What of a step's movement is on screen. In slow motion the step is told: a part of the picture with its caption, while card and tape hold back what
 * has not been said yet; the caption is also what a screen reader hears of the timeline. At other speeds the movement is one sweep. */
#include "config.h"

#include "ui/backprop/page-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void
skip_cb (ChainBackpropPage *p)
{
  chain_step_play_skip (p->play);
}

GtkWidget *
_chain_backprop_make_captions (ChainBackpropPage *p)
{
  p->caption_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  p->caption = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, "wrap", TRUE, "xalign", 0.0, "hexpand", TRUE, NULL);
  p->skip = gtk_button_new_with_label (_("Skip"));
  gtk_widget_set_tooltip_text (p->skip, _("Finish this step at once (Escape)"));
  gtk_widget_set_valign (p->skip, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (p->skip, "flat");
  gtk_widget_set_focus_on_click (p->skip, FALSE);
  g_signal_connect_swapped (p->skip, "clicked", G_CALLBACK (skip_cb), p);
  gtk_box_append (GTK_BOX (p->caption_box), p->caption);
  gtk_box_append (GTK_BOX (p->caption_box), p->skip);
  gtk_widget_add_css_class (p->caption_box, "step-caption");
  gtk_widget_set_visible (p->caption_box, FALSE);
  return p->caption_box;
}

void
_chain_backprop_new_story (ChainBackpropPage *p)
{
  g_clear_pointer (&p->story, chain_story_free);
  p->told = G_MAXUINT;
  if (chain_step_bar_is_slow (p->bar))
    p->story = chain_story_new (p->trace, p->diagram, p->position);
}

static void
show_numbers (ChainBackpropPage *p, guint settled)
{
  g_autofree char *held = chain_tape_held (p->trace, p->diagram, settled);

  chain_tape_show (p->tape, p->trace, p->diagram, p->position, settled);
  gtk_label_set_text (GTK_LABEL (p->held), held);
}

static ChainReveal
reveal_of (ChainTell tell)
{
  switch (tell)
    {
    case CHAIN_TELL_TAKE: case CHAIN_TELL_LEAVE: case CHAIN_TELL_TRAVEL: case CHAIN_TELL_LINE:
      return CHAIN_REVEAL_SYMBOLS;
    case CHAIN_TELL_APPLY: case CHAIN_TELL_MULTIPLY:
      return CHAIN_REVEAL_NUMBERS;
    default:
      return CHAIN_REVEAL_ALL;
    }
}

static void
show_caption (ChainBackpropPage *p, guint part, gboolean over)
{
  gboolean slow = p->story != NULL && chain_step_bar_is_slow (p->bar);
  const char *text = slow && p->story->n > 0 ? p->story->caption[part] : p->now->title;

  gtk_widget_set_visible (p->caption_box, slow);
  if (!slow)
    return;
  gtk_label_set_text (GTK_LABEL (p->caption), text);
  gtk_widget_set_opacity (p->skip, over ? 0 : 1);
  gtk_widget_set_sensitive (p->skip, !over);
  if (p->story->n > 0 && !(over && p->told == part))
    chain_timeline_say (chain_step_bar_timeline (p->bar), text);
}

void
_chain_backprop_move_to (ChainBackpropPage *p, double at)
{
  gboolean over = at >= 1, slow = p->story != NULL && p->story->n > 0 && chain_step_bar_is_slow (p->bar);
  guint part = slow ? MIN ((guint) (at * p->story->n), p->story->n - 1) : 0, told = over || !slow ? CHAIN_STORY_PARTS : part;

  p->at = p->tween = at;
  p->tell = slow && !over ? p->story->tell[part] : CHAIN_TELL_NOTHING;
  p->share = slow && !over && chain_step_play_animates (p->play) ? at * p->story->n - part : 1;
  if (told != p->told)
    {
      show_caption (p, part, over);
      chain_formula_card_reveal (p->card, slow && !over ? reveal_of (p->tell) : CHAIN_REVEAL_ALL);
      show_numbers (p, slow && !over && reveal_of (p->tell) < CHAIN_REVEAL_ALL ? p->position - 1 : p->position);
      p->told = told;
    }
  _chain_backprop_redraw (p);
}
