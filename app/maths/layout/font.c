/* SPDX-License-Identifier: Apache-2.0 */
/* Which font. TeX Gyre Pagella Math is what the design asks for; any other font with a MATH table comes next, and if there is none, the
 * desktop's serif font with Pagella's constants, so that a formula is less handsome rather than missing. Letters that the font lacks (a name in
 * another script) are looked for among all fonts, once for each character. */
#include "app/maths/layout/font.h"

#include <fontconfig/fontconfig.h>

/* TeX Gyre Pagella Math, per 1000 em, in the order of hb_ot_math_constant_t. */
static const gint16 pagella[] = {
  74, 55, 1500, 1500, 160, 250, 500, 670, 232, 313, 116, 354, 296, 188, 232, 160, 330, 40, 120, 120, 120, 468, 469, 720, 311, 666, 120, 160, 120,
  468, 120, 120, 469, 720, 311, 666, 120, 160, 60, 120, 160, 350, 60, 120, 60, 40, 120, 60, 40, 120, 120, 60, 120, 40, -344, 55,
};

static GMutex lock;
static MathsFont main_font;
static gboolean has_math;
static GHashTable *by_character; /* character -> MathsFont, borrowed */

static gboolean
open_font (MathsFont *f, const char *file, int index)
{
  hb_blob_t *blob = hb_blob_create_from_file_or_fail (file);
  hb_face_t *face = blob != NULL ? hb_face_create (blob, (unsigned int) index) : NULL;

  hb_blob_destroy (blob);
  if (face == NULL || hb_face_get_glyph_count (face) == 0)
    {
      hb_face_destroy (face);
      return FALSE;
    }
  hb_face_make_immutable (face);
  f->upem = hb_face_get_upem (face);
  f->hb = hb_font_create (face);
  hb_font_set_scale (f->hb, (int) f->upem, (int) f->upem);
  hb_font_make_immutable (f->hb);
  hb_face_destroy (face);
  return TRUE;
}

/* Reads the first font of the list that opens and, if math is asked for, has the table. */
static gboolean
open_first (MathsFont *f, FcPattern *pattern, gboolean math)
{
  FcResult result;
  FcFontSet *set;
  gboolean found = FALSE;

  FcConfigSubstitute (NULL, pattern, FcMatchPattern);
  FcDefaultSubstitute (pattern);
  set = FcFontSort (NULL, pattern, FcFalse, NULL, &result);
  for (int i = 0; set != NULL && i < set->nfont && !found; i++)
    {
      FcChar8 *file = NULL;
      int index = 0;

      FcPatternGetInteger (set->fonts[i], FC_INDEX, 0, &index);
      if (FcPatternGetString (set->fonts[i], FC_FILE, 0, &file) != FcResultMatch || !open_font (f, (const char *) file, index))
        continue;
      found = !math || hb_ot_math_has_data (hb_font_get_face (f->hb));
      if (!found)
        g_clear_pointer (&f->hb, hb_font_destroy);
    }
  if (set != NULL)
    FcFontSetDestroy (set);
  FcPatternDestroy (pattern);
  return found;
}

static FcPattern *
pattern_of (const char *first, const char *second, gunichar c)
{
  FcPattern *p = FcPatternCreate ();

  FcPatternAddString (p, FC_FAMILY, (const FcChar8 *) first);
  if (second != NULL)
    FcPatternAddString (p, FC_FAMILY, (const FcChar8 *) second);
  if (c != 0)
    {
      FcCharSet *set = FcCharSetCreate ();

      FcCharSetAddChar (set, c);
      FcPatternAddCharSet (p, FC_CHARSET, set);
      FcCharSetDestroy (set);
    }
  return p;
}

const MathsFont *
_chain_maths_font (void)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      has_math = open_first (&main_font, pattern_of ("TeX Gyre Pagella Math", "STIX Two Math", 0x1d464), TRUE);
      if (!has_math)
        open_first (&main_font, pattern_of ("serif", NULL, 0), FALSE);
      g_once_init_leave (&once, 1);
    }
  return main_font.hb != NULL ? &main_font : NULL;
}

/* Under the lock. */
static const MathsFont *
find_other (gunichar c)
{
  MathsFont *f = g_new0 (MathsFont, 1);
  hb_codepoint_t glyph;
  gboolean found;

  found = open_first (f, pattern_of ("serif", NULL, c), FALSE);
  if (found && hb_font_get_nominal_glyph (f->hb, c, &glyph))
    return f;
  hb_font_destroy (f->hb);
  g_free (f);
  return NULL;
}

const MathsFont *
_chain_maths_font_for (gunichar c)
{
  const MathsFont *f = _chain_maths_font ();
  hb_codepoint_t glyph;
  gpointer known;

  if (f == NULL || hb_font_get_nominal_glyph (f->hb, c, &glyph))
    return f;
  g_mutex_lock (&lock);
  if (by_character == NULL)
    by_character = g_hash_table_new (NULL, NULL);
  if (!g_hash_table_lookup_extended (by_character, GUINT_TO_POINTER (c), NULL, &known))
    {
      known = (gpointer) find_other (c);
      g_hash_table_insert (by_character, GUINT_TO_POINTER (c), known);
    }
  g_mutex_unlock (&lock);
  return known;
}

double
_chain_maths_constant (hb_ot_math_constant_t c)
{
  const MathsFont *f = _chain_maths_font ();
  gboolean percent = c == HB_OT_MATH_CONSTANT_SCRIPT_PERCENT_SCALE_DOWN || c == HB_OT_MATH_CONSTANT_SCRIPT_SCRIPT_PERCENT_SCALE_DOWN
                     || c == HB_OT_MATH_CONSTANT_RADICAL_DEGREE_BOTTOM_RAISE_PERCENT;
  double value = has_math ? hb_ot_math_get_constant (f->hb, c) : pagella[c];

  return value / (percent ? 100 : has_math ? f->upem : 1000);
}
