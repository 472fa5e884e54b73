/* SPDX-License-Identifier: Apache-2.0 */
/* A toggle is no state of its own: it is on when the data's list of formulas holds its formula, however that is spelt. Weights from the inputs that
 * stay are carried over by the inputs' names; the new input's weights come from the initialiser. */
#include "config.h"

#include "app/session/explore.h"

#include <glib/gi18n-lib.h>

#include "app/session/session-private.h"
#include "engine/lang/formula.h"

static const char *const names[] = { "x#", NULL };
static const struct { const char *formula, *text; guint columns; } usual[] = {
  { "x1^2", "x₁²", 1 }, { "x2^2", "x₂²", 2 }, { "x1*x2", "x₁x₂", 2 }, { "sin(x1)", "sin x₁", 1 }, { "sin(x2)", "sin x₂", 2 },
};

const char *
chain_session_usual_feature (ChainSession *s, guint i, const char **text)
{
  guint columns = chain_prep_n_columns (s->data->prep);

  for (guint k = 0; k < G_N_ELEMENTS (usual); k++)
    if (usual[k].columns <= columns && i-- == 0)
      {
        *text = usual[k].text;
        return usual[k].formula;
      }
  return NULL;
}

static int
find (const GPtrArray *features, const char *formula)
{
  g_autoptr (ChainFormula) f = chain_formula_parse (formula, names, NULL, NULL);

  for (guint i = 0; f != NULL && i < features->len; i++)
    {
      g_autoptr (ChainFormula) g = chain_formula_parse (g_ptr_array_index (features, i), names, NULL, NULL);

      if (g != NULL && chain_formula_equal (f, g))
        return (int) i;
    }
  return -1;
}

gboolean
chain_session_has_feature (ChainSession *s, const char *formula)
{
  return find (chain_document_spec (s->document)->data.features, formula) >= 0;
}

gboolean
chain_session_toggle_feature (ChainSession *s, const char *formula, GError **error)
{
  ChainSpec *next = chain_spec_copy (chain_document_spec (s->document));
  int at = find (next->data.features, formula);
  g_autoptr (ChainFormula) f = chain_formula_parse (formula, names, NULL, error);
  g_autofree char *pretty = f != NULL ? chain_formula_text (f, CHAIN_FORMULA_UNICODE) : NULL, *label = NULL;

  if (f == NULL)
    {
      chain_spec_unref (next);
      return FALSE;
    }
  if (at >= 0)
    g_ptr_array_remove_index (next->data.features, (guint) at);
  else
    g_ptr_array_add (next->data.features, g_strdup (formula));
  label = g_strdup_printf (at >= 0 ? _("without input %s") : _("input %s"), pretty);
  return chain_session_apply_data (s, next, label, NULL, error);
}
