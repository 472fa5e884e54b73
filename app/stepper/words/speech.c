/* SPDX-License-Identifier: Apache-2.0 */
/* A card read aloud: where one is and what happens, then its formulas, each spoken from the tree that is drawn. A letter keeps its case at the start of
 * a sentence, since h and H are two things; so a formula follows a few words that say what it is. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "app/stepper/words/words.h"

/* "= 0.4154" goes on with what was said before it. */
static gboolean
goes_on (const ChainMaths *m)
{
  g_autofree char *text = chain_maths_to_text (m);

  return g_str_has_prefix (text, "=");
}

static void
say (GString *s, const char *sentence, const ChainMaths *m)
{
  g_autofree char *spoken = m != NULL ? chain_maths_to_speech (m) : NULL;

  if (spoken != NULL && *spoken != '\0')
    {
      g_string_append_c (s, ' ');
      g_string_append_printf (s, sentence, spoken);
    }
}

/* Before the full stop of what was said last. */
static void
say_on (GString *s, const ChainMaths *m)
{
  g_autofree char *spoken = chain_maths_to_speech (m);

  g_string_truncate (s, s->len - 1);
  g_string_append_printf (s, " %s.", spoken);
}

char *
chain_step_card_speech (const ChainStepCard *c)
{
  GString *s = g_string_new (c->spoken);

  if (strstr (c->spoken, c->title) == NULL)
    g_string_append_printf (s, ". %s", c->title);
  g_string_append_c (s, '.');
  if (c->lines == NULL)   /* else it was said at the beginning */
    say (s, c->hint != NULL ? _("Given: %s.") : _("In symbols: %s."), c->symbols);
  say (s, _("With numbers: %s."), c->numbers);
  if (c->result != NULL && c->numbers != NULL && goes_on (c->result))
    say_on (s, c->result);
  else
    say (s, _("Result: %s."), c->result);
  if (c->hint != NULL)
    g_string_append_printf (s, " %s", c->hint);
  return g_string_free (s, FALSE);
}
