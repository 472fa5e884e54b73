/* SPDX-License-Identifier: Apache-2.0 */
/* Fractions, scripts, radicals, fences and accents by the rules of The TeXbook, appendix G, with the font's own numbers (OpenType MATH) in place
 * of TeX's font parameters. Every constant is scaled with the level that the construct is set in. */
#include "app/maths/layout/box.h"

#include <math.h>

#define C(name) (_chain_maths_constant (HB_OT_MATH_CONSTANT_ ## name) * s)

MathsBox *
_chain_maths_set_fraction (const ChainMaths *m, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), t = C (FRACTION_RULE_THICKNESS), axis = C (AXIS_HEIGHT), pad = 0.1 * s, w, up, down;
  double gap_over = env->display ? C (FRACTION_NUM_DISPLAY_STYLE_GAP_MIN) : C (FRACTION_NUMERATOR_GAP_MIN);
  double gap_under = env->display ? C (FRACTION_DENOM_DISPLAY_STYLE_GAP_MIN) : C (FRACTION_DENOMINATOR_GAP_MIN);
  MathsEnv over_env = env->display ? *env : _chain_maths_env_script (env, FALSE), under_env;
  MathsBox *over, *under, *b = _chain_maths_group ("fraction");

  over_env.display = FALSE;
  under_env = over_env;
  under_env.cramped = TRUE;
  over = _chain_maths_set (m->part[0], &over_env);
  under = _chain_maths_set (m->part[1], &under_env);
  w = MAX (over->w, under->w);
  up = MAX (env->display ? C (FRACTION_NUMERATOR_DISPLAY_STYLE_SHIFT_UP) : C (FRACTION_NUMERATOR_SHIFT_UP), over->desc + gap_over + axis + t / 2);
  down = MAX (env->display ? C (FRACTION_DENOMINATOR_DISPLAY_STYLE_SHIFT_DOWN) : C (FRACTION_DENOMINATOR_SHIFT_DOWN), under->asc + gap_under - axis + t / 2);
  _chain_maths_add (b, over, pad + (w - over->w) / 2, -up);
  _chain_maths_add (b, _chain_maths_rule (w, t, env->ink), pad, -(axis - t / 2));
  _chain_maths_add (b, under, pad + (w - under->w) / 2, down);
  b->w = w + 2 * pad;
  return b;
}

/* Kerning of a corner at a height above the baseline of the glyph that has the corner. */
static double
corner (const MathsBox *b, hb_ot_math_kern_t which, double height)
{
  if (b == NULL)
    return 0;
  return hb_ot_math_get_glyph_kerning (b->font->hb, b->glyph, which, (hb_position_t) lround (height / b->scale * b->font->upem)) / b->font->upem * b->scale;
}

/* The smaller distance at the two heights where base and script face each other. */
static double
kern_between (const MathsBox *base, const MathsBox *script, double shift, gboolean above)
{
  const MathsBox *a = _chain_maths_end_glyph (base, TRUE), *b = _chain_maths_end_glyph (script, FALSE);
  hb_ot_math_kern_t ka = above ? HB_OT_MATH_KERN_TOP_RIGHT : HB_OT_MATH_KERN_BOTTOM_RIGHT, kb = above ? HB_OT_MATH_KERN_BOTTOM_LEFT : HB_OT_MATH_KERN_TOP_LEFT;
  double h1 = above ? shift - script->desc : script->asc - shift, h2 = above ? base->asc : -base->desc;
  double k1, k2;

  if (a == NULL || b == NULL)
    return 0;
  k1 = corner (a, ka, h1) + corner (b, kb, above ? h1 - shift : h1 + shift);
  k2 = corner (a, ka, h2) + corner (b, kb, above ? h2 - shift : h2 + shift);
  return MAX (k1, k2);
}

/* Scripts of an accented letter are the letter's (rule 12). */
static gboolean
is_accented (const MathsBox *b)
{
  while (b->kind == BOX_GROUP && b->kids->len == 1)
    b = g_ptr_array_index (b->kids, 0);
  return b->kind == BOX_GROUP && g_str_equal (b->name, "accent") && _chain_maths_end_glyph (g_ptr_array_index (b->kids, 0), TRUE) != NULL;
}

/* Rule 18: where scripts go, before they are kept apart. */
static void
shifts (const MathsBox *base, const MathsBox *sub, const MathsBox *sup, const MathsEnv *env, double *down, double *up)
{
  double s = _chain_maths_scale (env);
  gboolean glyph = _chain_maths_end_glyph (base, TRUE) != NULL || is_accented (base);

  if (sub != NULL)
    *down = MAX (MAX (C (SUBSCRIPT_SHIFT_DOWN), sub->asc - C (SUBSCRIPT_TOP_MAX)), glyph ? 0 : base->desc + C (SUBSCRIPT_BASELINE_DROP_MIN));
  if (sup != NULL)
    *up = MAX (MAX (env->cramped ? C (SUPERSCRIPT_SHIFT_UP_CRAMPED) : C (SUPERSCRIPT_SHIFT_UP), sup->desc + C (SUPERSCRIPT_BOTTOM_MIN)),
               glyph ? 0 : base->asc - C (SUPERSCRIPT_BASELINE_DROP_MAX));
  if (sub != NULL && sup != NULL)
    {
      double need = C (SUB_SUPERSCRIPT_GAP_MIN) - ((*up - sup->desc) - (sub->asc - *down));

      if (need > 0)
        {
          double lift = CLAMP (C (SUPERSCRIPT_BOTTOM_MAX_WITH_SUBSCRIPT) - (*up - sup->desc), 0, need);

          *up += lift;
          *down += need - lift;
        }
    }
}

static MathsBox *
with_scripts (const char *name, MathsBox *base, const ChainMaths *low, const ChainMaths *high, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), up = 0, down = 0;
  MathsEnv sub_env = _chain_maths_env_script (env, TRUE), sup_env = _chain_maths_env_script (env, FALSE);
  MathsBox *sub = low != NULL ? _chain_maths_set (low, &sub_env) : NULL, *sup = high != NULL ? _chain_maths_set (high, &sup_env) : NULL;
  MathsBox *b = _chain_maths_group (name);

  shifts (base, sub, sup, env, &down, &up);
  _chain_maths_add (b, base, 0, 0);
  if (sub != NULL)
    _chain_maths_add (b, sub, base->w - base->italic + kern_between (base, sub, down, FALSE), down);
  if (sup != NULL)
    _chain_maths_add (b, sup, base->w + kern_between (base, sup, up, TRUE), -up);
  if (sub != NULL || sup != NULL)
    b->w += C (SPACE_AFTER_SCRIPT);
  return b;
}

MathsBox *
_chain_maths_set_script (const ChainMaths *m, const MathsEnv *env)
{
  return with_scripts ("script", _chain_maths_set (m->part[0], env), m->part[1], m->part[2], env);
}

/* Rule 11; the surd's top is the rule's top, its foot hangs where the font has it. */
MathsBox *
_chain_maths_set_root (const ChainMaths *m, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), t = C (RADICAL_RULE_THICKNESS), gap = env->display ? C (RADICAL_DISPLAY_STYLE_VERTICAL_GAP) : C (RADICAL_VERTICAL_GAP), tall;
  MathsEnv e = *env;
  MathsBox *body, *surd, *b = _chain_maths_group ("root");

  e.cramped = TRUE;
  body = _chain_maths_set (m->part[0], &e);
  surd = _chain_maths_grown ("√", body->asc + body->desc + gap + t, env);
  tall = surd->asc + surd->desc;
  gap = MAX (gap, (gap + tall - t - body->asc - body->desc) / 2);
  _chain_maths_add (b, surd, 0, surd->asc - (body->asc + gap + t));
  _chain_maths_add (b, _chain_maths_rule (body->w, t, env->ink), surd->w - surd->italic, -(body->asc + gap));
  _chain_maths_add (b, body, surd->w - surd->italic, 0);
  b->asc += C (RADICAL_EXTRA_ASCENDER);
  return b;
}

/* Rule 19: nine tenths of the body, or all but half an em of it, whichever is more. */
static double
fence_height (const MathsBox *body, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), axis = C (AXIS_HEIGHT), half = MAX (body->asc - axis, body->desc + axis);

  return MAX (2 * half * 0.901, 2 * half - 0.5 * s);
}

MathsBox *
_chain_maths_set_fence (const ChainMaths *m, const MathsEnv *env)
{
  MathsBox *b = _chain_maths_group ("fence"), *body = _chain_maths_set (m->part[0], env);
  double h = fence_height (body, env), x = 0;

  if (*m->text != '\0')
    {
      _chain_maths_centre (_chain_maths_grown (m->text, h, env), b, 0, env);
      x = b->w;
    }
  _chain_maths_add (b, body, x, 0);
  if (m->right != NULL && *m->right != '\0')
    _chain_maths_centre (_chain_maths_grown (m->right, h, env), b, x + body->w, env);
  return b;
}

/* Rule 13; limits stand beside the sign where there is little height (rule 13a). */
MathsBox *
_chain_maths_set_big (const ChainMaths *m, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), w, slant;
  gboolean word = g_utf8_strlen (m->text, -1) > 1;
  MathsEnv low_env = _chain_maths_env_script (env, TRUE), high_env = _chain_maths_env_script (env, FALSE);
  MathsBox *sign = word ? _chain_maths_letters (m->text, env, FALSE) : _chain_maths_grown (m->text, env->display ? C (DISPLAY_OPERATOR_MIN_HEIGHT) * 0.9 : 0, env);
  MathsBox *b = _chain_maths_group ("big"), *nucleus = _chain_maths_group ("operator"), *low, *high;

  slant = sign->italic;
  if (word)
    _chain_maths_add (nucleus, sign, 0, 0);
  else
    _chain_maths_centre (sign, nucleus, 0, env);
  if (!env->display)
    {
      _chain_maths_box_free (b);
      return with_scripts ("big", nucleus, m->part[0], m->part[1], env);
    }
  low = m->part[0] != NULL ? _chain_maths_set (m->part[0], &low_env) : NULL;
  high = m->part[1] != NULL ? _chain_maths_set (m->part[1], &high_env) : NULL;
  w = MAX (nucleus->w, MAX (low != NULL ? low->w : 0, high != NULL ? high->w : 0));
  _chain_maths_add (b, nucleus, (w - nucleus->w) / 2, 0);
  if (high != NULL)
    _chain_maths_add (b, high, (w - high->w) / 2 + slant / 2, -(nucleus->asc + MAX (C (UPPER_LIMIT_GAP_MIN) + high->desc, C (UPPER_LIMIT_BASELINE_RISE_MIN))));
  if (low != NULL)
    _chain_maths_add (b, low, (w - low->w) / 2 - slant / 2, nucleus->desc + MAX (C (LOWER_LIMIT_GAP_MIN) + low->asc, C (LOWER_LIMIT_BASELINE_DROP_MIN)));
  return b;
}

/* A bar over more than one letter is a rule, as \overline sets it. */
static MathsBox *
overlined (MathsBox *body, const MathsEnv *env)
{
  double s = _chain_maths_scale (env), t = C (OVERBAR_RULE_THICKNESS);
  MathsBox *b = _chain_maths_group ("accent");

  _chain_maths_add (b, body, 0, 0);
  _chain_maths_add (b, _chain_maths_rule (body->w, t, env->ink), 0, -(body->asc + C (OVERBAR_VERTICAL_GAP)));
  b->asc += C (OVERBAR_EXTRA_ASCENDER);
  return b;
}

static gboolean
is_single (const MathsBox *b)
{
  while (b->kind == BOX_GROUP && b->kids->len == 1)
    b = g_ptr_array_index (b->kids, 0);
  return b->kind == BOX_GLYPH;
}

MathsBox *
_chain_maths_set_accent (const ChainMaths *m, const MathsEnv *env)
{
  static const gunichar marks[] = { 0x304, 0x302, 0x303, 0x307 };
  double s = _chain_maths_scale (env), at, from, x;
  MathsEnv e = *env;
  MathsBox *body, *mark, *b;
  const MathsBox *letter;

  e.cramped = TRUE;
  body = _chain_maths_set (m->part[0], &e);
  letter = is_single (body) ? _chain_maths_end_glyph (body, TRUE) : NULL;
  if (m->value == CHAIN_ACCENT_BAR && letter == NULL)
    return overlined (body, env);
  from = letter != NULL ? hb_ot_math_get_glyph_top_accent_attachment (letter->font->hb, letter->glyph) / letter->font->upem * letter->scale : body->w / 2;
  mark = _chain_maths_widened (marks[m->value], body->w, env, &at);
  b = _chain_maths_group ("accent");
  x = from - at;
  b->italic = body->italic;
  _chain_maths_add (b, body, 0, 0);
  mark->w = 0;
  _chain_maths_add (b, mark, x, -MAX (body->asc - C (ACCENT_BASE_HEIGHT), 0));
  b->w = body->w;
  return b;
}
