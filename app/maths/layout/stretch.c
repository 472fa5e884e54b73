/* SPDX-License-Identifier: Apache-2.0 */
/* Signs that grow: the font has some ready sizes, and beyond them pieces to put together, overlapping by what the font allows (OpenType MATH,
 * MathVariants). */
#include "app/maths/layout/box.h"

#include <math.h>

#define MOST 24

static double
height_of (const MathsBox *b)
{
  return b->asc + b->desc;
}

static MathsBox *
one_variant (const MathsFont *f, hb_codepoint_t glyph, double target, const MathsEnv *env)
{
  hb_ot_math_glyph_variant_t v[MOST];
  unsigned int n = MOST, pick = 0;

  hb_ot_math_get_glyph_variants (f->hb, glyph, HB_DIRECTION_BTT, 0, &n, v);
  while (n > 0 && pick + 1 < n && v[pick].advance / f->upem * _chain_maths_scale (env) < target)
    pick++;
  return _chain_maths_glyph (f, n > 0 ? v[pick].glyph : glyph, env);
}

/* Total of the parts with each extender `repeat` times at the smallest overlap; the number of joints in *joints. */
static double
length_of (const hb_ot_math_glyph_part_t *part, unsigned int n, unsigned int repeat, double overlap, unsigned int *joints)
{
  double sum = 0;
  unsigned int count = 0;

  for (unsigned int i = 0; i < n; i++)
    {
      unsigned int times = part[i].flags & HB_MATH_GLYPH_PART_FLAG_EXTENDER ? repeat : 1;

      sum += times * part[i].full_advance;
      count += times;
    }
  *joints = count > 0 ? count - 1 : 0;
  return sum - *joints * overlap;
}

static MathsBox *
assembled (const MathsFont *f, hb_codepoint_t glyph, double target, const MathsEnv *env)
{
  hb_ot_math_glyph_part_t part[MOST];
  unsigned int n = MOST, repeat = 0, joints = 0;
  double unit = _chain_maths_scale (env) / f->upem, overlap = hb_ot_math_get_min_connector_overlap (f->hb, HB_DIRECTION_BTT), length, y = 0;
  MathsBox *b;

  hb_ot_math_get_glyph_assembly (f->hb, glyph, HB_DIRECTION_BTT, 0, &n, part, NULL);
  if (n == 0)
    return NULL;
  do
    length = length_of (part, n, repeat, overlap, &joints);
  while (length * unit < target && ++repeat < 1000);
  if (joints > 0)     /* what is too much goes into the joints, as far as the connectors reach */
    {
      double most = overlap;

      for (unsigned int i = 0; i < n; i++)
        most = i == 0 || part[i].end_connector_length < most ? MAX (overlap, part[i].end_connector_length) : most;
      overlap = MIN (most, overlap + MAX (0, length - target / unit) / joints);
    }
  b = _chain_maths_group ("assembly");
  for (unsigned int i = 0; i < n; i++)
    for (unsigned int k = 0; k < (part[i].flags & HB_MATH_GLYPH_PART_FLAG_EXTENDER ? repeat : 1); k++)
      {
        MathsBox *piece = _chain_maths_glyph (f, part[i].glyph, env);

        _chain_maths_add (b, piece, 0, -(y + piece->desc));
        y += (part[i].full_advance - overlap) * unit;
      }
  return b;
}

MathsBox *
_chain_maths_grown (const char *sign, double target, const MathsEnv *env)
{
  const MathsFont *f = _chain_maths_font ();
  hb_codepoint_t glyph = 0;
  MathsBox *b, *pieces;

  if (f == NULL || !hb_font_get_nominal_glyph (f->hb, g_utf8_get_char (sign), &glyph))
    return _chain_maths_letters (sign, env, FALSE);
  b = one_variant (f, glyph, target, env);
  if (height_of (b) >= target - 0.02)
    return b;
  pieces = assembled (f, glyph, target, env);
  if (pieces == NULL)
    return b;
  _chain_maths_box_free (b);
  return pieces;
}

MathsBox *
_chain_maths_widened (gunichar sign, double width, const MathsEnv *env, double *at)
{
  const MathsFont *f = _chain_maths_font_for (sign);
  hb_ot_math_glyph_variant_t v[MOST];
  hb_codepoint_t glyph = 0;
  hb_glyph_extents_t ext = { 0, 0, 0, 0 };
  unsigned int n = MOST, pick = 0;
  double unit;
  MathsBox *b;

  *at = 0;
  if (f == NULL || !hb_font_get_nominal_glyph (f->hb, sign, &glyph))
    return _chain_maths_rule (0, 0, env->ink);
  unit = _chain_maths_scale (env) / f->upem;
  hb_ot_math_get_glyph_variants (f->hb, glyph, HB_DIRECTION_LTR, 0, &n, v);
  while (n > 0 && pick + 1 < n && v[pick + 1].advance * unit <= width)
    pick++;
  glyph = n > 0 ? v[pick].glyph : glyph;
  hb_font_get_glyph_extents (f->hb, glyph, &ext);
  *at = n > 0 && pick > 0 && hb_ot_math_get_glyph_top_accent_attachment (f->hb, glyph) == 0
        ? (ext.x_bearing + ext.width / 2.0) * unit : hb_ot_math_get_glyph_top_accent_attachment (f->hb, glyph) * unit;
  b = _chain_maths_glyph (f, glyph, env);
  b->desc = -(ext.y_bearing + ext.height) * unit;     /* floats above the baseline */
  return b;
}
