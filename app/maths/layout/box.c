/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes and the glyphs in them. Measures come from the font at its own resolution, so that a formula has one layout for every size. */
#include "app/maths/layout/box.h"

#include <string.h>

static MathsBox *
box_new (MathsBoxKind kind, const char *name)
{
  MathsBox *b = g_new0 (MathsBox, 1);

  b->kind = kind;
  b->name = name;
  return b;
}

MathsBox *
_chain_maths_group (const char *name)
{
  MathsBox *b = box_new (BOX_GROUP, name);

  b->kids = g_ptr_array_new_with_free_func ((GDestroyNotify) _chain_maths_box_free);
  return b;
}

MathsBox *
_chain_maths_rule (double w, double thickness, ChainMathsInk ink)
{
  MathsBox *b = box_new (BOX_RULE, "rule");

  b->w = w;
  b->asc = thickness;
  b->ink = ink;
  return b;
}

void
_chain_maths_box_free (MathsBox *b)
{
  if (b == NULL)
    return;
  g_clear_pointer (&b->kids, g_ptr_array_unref);
  g_free (b->id);
  g_free (b);
}

void
_chain_maths_add (MathsBox *parent, MathsBox *kid, double x, double y)
{
  kid->x = x;
  kid->y = y;
  parent->w = MAX (parent->w, x + kid->w);
  parent->asc = MAX (parent->asc, kid->asc - y);
  parent->desc = MAX (parent->desc, kid->desc + y);
  g_ptr_array_add (parent->kids, kid);
}

const MathsBox *
_chain_maths_end_glyph (const MathsBox *b, gboolean last)
{
  while (b->kind == BOX_GROUP)
    {
      if (b->kids->len == 0 || !(g_str_equal (b->name, "row") || g_str_equal (b->name, "letters")))
        return NULL;
      b = g_ptr_array_index (b->kids, last ? b->kids->len - 1 : 0);
    }
  return b->kind == BOX_GLYPH ? b : NULL;
}

double
_chain_maths_scale (const MathsEnv *env)
{
  return env->level == 0 ? 1 : _chain_maths_constant (env->level == 1 ? HB_OT_MATH_CONSTANT_SCRIPT_PERCENT_SCALE_DOWN
                                                                      : HB_OT_MATH_CONSTANT_SCRIPT_SCRIPT_PERCENT_SCALE_DOWN);
}

MathsEnv
_chain_maths_env_script (const MathsEnv *env, gboolean cramped)
{
  MathsEnv e = *env;

  e.level = MIN (e.level + 1, 2);
  e.display = FALSE;
  e.cramped = e.cramped || cramped;
  return e;
}

/* Ink does not reach below the baseline where a sign floats above it: the box stands on the baseline, as in TeX. */
MathsBox *
_chain_maths_glyph (const MathsFont *f, hb_codepoint_t glyph, const MathsEnv *env)
{
  MathsBox *b = box_new (BOX_GLYPH, "glyph");
  hb_glyph_extents_t ext = { 0, 0, 0, 0 };

  b->font = f;
  b->glyph = glyph;
  b->ink = env->ink;
  b->scale = _chain_maths_scale (env);
  hb_font_get_glyph_extents (f->hb, glyph, &ext);
  b->asc = MAX (ext.y_bearing, 0) / f->upem * b->scale;
  b->desc = MAX (-(ext.y_bearing + ext.height), 0) / f->upem * b->scale;
  b->italic = hb_ot_math_get_glyph_italics_correction (f->hb, glyph) / f->upem * b->scale;
  b->w = hb_font_get_glyph_h_advance (f->hb, glyph) / f->upem * b->scale + b->italic;
  return b;
}

/* Mathematical italic of Unicode; h has an old place of its own, capital Greek stays upright as TeX has it. */
static gunichar
italic_of (gunichar c)
{
  static const struct { gunichar from, to; } odd[] = {
    { 'h', 0x210e }, { 0x2202, 0x1d715 }, { 0x3f5, 0x1d716 }, { 0x3d1, 0x1d717 }, { 0x3f0, 0x1d718 }, { 0x3d5, 0x1d719 }, { 0x3f1, 0x1d71a }, { 0x3d6, 0x1d71b },
  };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    if (odd[i].from == c)
      return odd[i].to;
  if (c >= 'a' && c <= 'z')
    return 0x1d44e + (c - 'a');
  if (c >= 'A' && c <= 'Z')
    return 0x1d434 + (c - 'A');
  return c >= 0x3b1 && c <= 0x3c9 ? 0x1d6fc + (c - 0x3b1) : c;
}

/* What stands out is bold: digits, and the italic letters, in their bold places. */
static gunichar
bold_of (gunichar c)
{
  if (c >= '0' && c <= '9')
    return 0x1d7ce + (c - '0');
  if (c >= 0x1d434 && c <= 0x1d467)
    return c + 52;
  if (c >= 0x1d6fc && c <= 0x1d714)
    return c + 58;
  return c == 0x210e ? 0x1d489 : c;
}

/* A character; its form for scripts where the font has one. */
static MathsBox *
character (gunichar c, const MathsEnv *env)
{
  const MathsFont *f = _chain_maths_font_for (c);
  hb_buffer_t *buffer;
  hb_feature_t feature = { HB_TAG ('s', 's', 't', 'y'), (unsigned int) env->level, 0, (unsigned int) -1 };
  hb_codepoint_t glyph;

  if (f == NULL)
    f = _chain_maths_font ();
  if (f == NULL)
    {
      MathsBox *gap = _chain_maths_rule (0.5 * _chain_maths_scale (env), 0, env->ink);

      return gap;
    }
  buffer = hb_buffer_create ();
  hb_buffer_add_codepoints (buffer, &c, 1, 0, 1);
  hb_buffer_set_direction (buffer, HB_DIRECTION_LTR);
  hb_buffer_set_script (buffer, HB_SCRIPT_MATH);
  hb_shape (f->hb, buffer, &feature, env->level > 0 ? 1 : 0);
  glyph = hb_buffer_get_length (buffer) > 0 ? hb_buffer_get_glyph_infos (buffer, NULL)[0].codepoint : 0;
  hb_buffer_destroy (buffer);
  return _chain_maths_glyph (f, glyph, env);
}

MathsBox *
_chain_maths_letters (const char *text, const MathsEnv *env, gboolean italic)
{
  MathsBox *row = _chain_maths_group ("letters");
  double x = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p) == '-' ? 0x2212 : g_utf8_get_char (p), slanted = italic ? italic_of (c) : c;
      gunichar form = env->ink == CHAIN_MATHS_STRONG ? bold_of (slanted) : slanted;
      MathsBox *b;

      if (c == ' ')
        {
          x += 0.25 * _chain_maths_scale (env);
          continue;
        }
      b = character (form != c && _chain_maths_font_for (form) == NULL ? c : form, env);
      _chain_maths_add (row, b, x, 0);
      row->italic = b->italic;
      x += b->w;
    }
  return row;
}

void
_chain_maths_centre (MathsBox *b, MathsBox *parent, double x, const MathsEnv *env)
{
  double axis = _chain_maths_constant (HB_OT_MATH_CONSTANT_AXIS_HEIGHT) * _chain_maths_scale (env);

  _chain_maths_add (parent, b, x, (b->asc - b->desc) / 2 - axis);
}
