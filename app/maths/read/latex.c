/* SPDX-License-Identifier: Apache-2.0 */
/* LaTeX with amsmath, without the $ signs. A letter is named where TeX has a name for it; a letter that it has none for stays as it is, which
 * unicode-math and a UTF-8 input encoding both take. */
#include "app/maths/tree.h"

#include <string.h>

static const char *const letters[][2] = {
  { "α", "alpha" }, { "β", "beta" }, { "γ", "gamma" }, { "δ", "delta" }, { "ε", "varepsilon" }, { "ϵ", "epsilon" }, { "ζ", "zeta" }, { "η", "eta" },
  { "θ", "theta" }, { "ι", "iota" }, { "κ", "kappa" }, { "λ", "lambda" }, { "μ", "mu" }, { "ν", "nu" }, { "ξ", "xi" }, { "π", "pi" }, { "ρ", "rho" },
  { "σ", "sigma" }, { "τ", "tau" }, { "υ", "upsilon" }, { "φ", "varphi" }, { "ϕ", "phi" }, { "χ", "chi" }, { "ψ", "psi" }, { "ω", "omega" },
  { "Γ", "Gamma" }, { "Δ", "Delta" }, { "Θ", "Theta" }, { "Λ", "Lambda" }, { "Ξ", "Xi" }, { "Π", "Pi" }, { "Σ", "Sigma" }, { "Φ", "Phi" },
  { "Ψ", "Psi" }, { "Ω", "Omega" }, { "∂", "partial" }, { "∇", "nabla" }, { "∞", "infty" }, { "ℓ", "ell" }, { "′", "prime" }, { "⊤", "top" }, { "…", "ldots" },
};

static void put (GString *s, const ChainMaths *m);

static void
put_letters (GString *s, const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (letters) && !g_str_has_prefix (p, letters[i][0]))
        i++;
      if (i < G_N_ELEMENTS (letters))
        g_string_append_printf (s, "\\%s ", letters[i][1]);
      else if (g_str_has_prefix (p, "−"))
        g_string_append_c (s, '-');
      else if (strchr ("#$%&_{}", *p) != NULL)
        g_string_append_printf (s, "\\%c", *p);
      else if (*p == '\\' || *p == '^' || *p == '~')
        g_string_append (s, *p == '\\' ? "\\backslash " : *p == '^' ? "\\wedge " : "\\sim ");
      else
        g_string_append_unichar (s, g_utf8_get_char (p));
    }
}

static void
put_sign (GString *s, const char *text)
{
  const MathsSign *row = _chain_maths_sign_row (text);

  if (row != NULL)
    g_string_append (s, row->latex);
  else
    put_letters (s, text);
}

/* In text mode the escapes are others than in mathematics. */
static void
put_prose (GString *s, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (strchr ("#$%&_{}", *p) != NULL)
      g_string_append_printf (s, "\\%c", *p);
    else if (*p == '\\' || *p == '^' || *p == '~')
      g_string_append (s, *p == '\\' ? "\\textbackslash{}" : *p == '^' ? "\\^{}" : "\\~{}");
    else
      g_string_append_c (s, *p);
}

static void
put_word (GString *s, const ChainMaths *m)
{
  static const char *const known[] = { "tanh", "sinh", "cosh", "sin", "cos", "tan", "exp", "log", "ln", "max", "min", "det", "lim", "sup", "inf", "arg", NULL };

  if (g_strv_contains (known, m->text))
    {
      g_string_append_printf (s, "\\%s ", m->text);
      return;
    }
  g_string_append (s, _chain_maths_class (m) == MATHS_TEXT ? "\\text{" : "\\operatorname{");
  put_prose (s, m->text);
  g_string_append_c (s, '}');
}

static void
put_braced (GString *s, const char *before, const ChainMaths *m)
{
  g_string_append (s, before);
  g_string_append_c (s, '{');
  if (m != NULL)
    put (s, m);
  g_string_append_c (s, '}');
}

static void
put_table (GString *s, const ChainMaths *m, const char *name, guint cols)
{
  g_string_append_printf (s, "\\begin{%s}", name);
  for (guint i = 0; i < m->n; i++)
    {
      g_string_append (s, i == 0 ? "" : i % cols != 0 ? " & " : " \\\\ ");
      put (s, m->part[i]);
    }
  g_string_append_printf (s, "\\end{%s}", name);
}

/* The alignment mark stands before the first relation of a line. */
static void
put_lines (GString *s, const ChainMaths *m)
{
  g_string_append (s, "\\begin{aligned}");
  for (guint i = 0; i < m->n; i++)
    {
      g_autoptr (GPtrArray) atoms = _chain_maths_flatten (m->part[i]);
      gboolean marked = FALSE;

      g_string_append (s, i == 0 ? "" : " \\\\ ");
      for (guint k = 0; k < atoms->len; k++)
        {
          const ChainMaths *a = g_ptr_array_index (atoms, k);

          if (!marked && _chain_maths_class (a) == MATHS_REL)
            {
              g_string_append (s, "&");
              marked = TRUE;
            }
          put (s, a);
        }
    }
  g_string_append (s, "\\end{aligned}");
}

static void
put_script (GString *s, const ChainMaths *m)
{
  const ChainMaths *base = m->part[0];
  gboolean simple = base->kind == MATHS_SYMBOL || base->kind == MATHS_WORD || base->kind == MATHS_SIGN || base->kind == MATHS_FENCE
                    || (base->kind == MATHS_ACCENT && base->part[0]->kind == MATHS_SYMBOL);

  if (simple)
    put (s, base);
  else
    put_braced (s, "", base);
  if (m->part[1] != NULL)
    put_braced (s, "_", m->part[1]);
  if (m->part[2] != NULL)
    put_braced (s, "^", m->part[2]);
}

static void
put_big (GString *s, const ChainMaths *m)
{
  const MathsSign *row = _chain_maths_sign_row (m->text);

  if (row != NULL)
    g_string_append_printf (s, "%s\\limits", row->latex);
  else
    g_string_append_printf (s, "\\operatorname*{%s}\\limits", m->text);
  if (m->part[0] != NULL)
    put_braced (s, "_", m->part[0]);
  if (m->part[1] != NULL)
    put_braced (s, "^", m->part[1]);
  g_string_append_c (s, ' ');
  if (m->part[2] != NULL)
    put (s, m->part[2]);
}

/* Words of language have spaces inside of a row. */
static void
put_row (GString *s, const ChainMaths *m)
{
  for (guint i = 0; i < m->n; i++)
    {
      gboolean text = m->part[i]->kind == MATHS_WORD && _chain_maths_class (m->part[i]) == MATHS_TEXT;

      g_string_append (s, text && i > 0 ? "\\ " : "");
      put (s, m->part[i]);
      g_string_append (s, text && i + 1 < m->n ? "\\ " : "");
    }
}

static void
put_construct (GString *s, const ChainMaths *m)
{
  static const char *const accents[] = { "\\bar", "\\hat", "\\tilde", "\\dot" };
  const ChainMaths *body = m->part[0];

  switch (m->kind)
    {
    case MATHS_FRACTION:
      put_braced (s, "\\frac", m->part[0]);
      put_braced (s, "", m->part[1]);
      break;
    case MATHS_ROOT:
      put_braced (s, "\\sqrt", body);
      break;
    case MATHS_FENCE:
      g_string_append (s, "\\left");
      put_sign (s, *m->text != '\0' ? m->text : ".");
      put (s, body);
      g_string_append (s, "\\right");
      put_sign (s, *m->right != '\0' ? m->right : ".");
      break;
    case MATHS_ACCENT:
      put_braced (s, body->kind == MATHS_SYMBOL && g_utf8_strlen (body->text, -1) == 1 ? accents[m->value]
                  : m->value == CHAIN_ACCENT_BAR ? "\\overline" : m->value == CHAIN_ACCENT_HAT ? "\\widehat"
                  : m->value == CHAIN_ACCENT_TILDE ? "\\widetilde" : accents[m->value], body);
      break;
    case MATHS_CASES:
      put_table (s, m, "cases", 2);
      break;
    default:
      put_table (s, m, "pmatrix", m->value);
    }
}

static void
put (GString *s, const ChainMaths *m)
{
  switch (m->kind)
    {
    case MATHS_SYMBOL:
    case MATHS_NUMBER:
      put_letters (s, m->text);
      break;
    case MATHS_WORD:
      put_word (s, m);
      break;
    case MATHS_SIGN:
      put_sign (s, m->text);
      break;
    case MATHS_ROW:
    case MATHS_INK:
    case MATHS_ANCHOR:
      put_row (s, m);
      break;
    case MATHS_SCRIPT:
      put_script (s, m);
      break;
    case MATHS_BIG:
      put_big (s, m);
      break;
    case MATHS_LINES:
      put_lines (s, m);
      break;
    default:
      put_construct (s, m);
    }
}

char *
chain_maths_to_latex (const ChainMaths *m)
{
  GString *s = g_string_new (NULL);

  put (s, m);
  return g_string_free (s, FALSE);
}
