/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas as trees: built by the program, typeset from the constants of the font's MATH table, and read as plain text, LaTeX or speech
 * (DESIGN 6.2). No parser: whoever shows a formula builds it.
 *
 * Trees are immutable and reference-counted; builders take ownership of the parts they are given ((transfer full) throughout), so
 * expressions nest: chain_maths_fraction (chain_maths_symbol ("∂L"), chain_maths_symbol ("∂h")). Any thread. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _ChainMaths ChainMaths;

/* What a part is about; the theme gives it its colour (DESIGN 4.3). */
typedef enum { CHAIN_MATHS_PLAIN, CHAIN_MATHS_FORWARD, CHAIN_MATHS_BACKWARD, CHAIN_MATHS_UPDATE, CHAIN_MATHS_FAINT, CHAIN_MATHS_STRONG, CHAIN_MATHS_N_INKS } ChainMathsInk;

typedef enum { CHAIN_ACCENT_BAR, CHAIN_ACCENT_HAT, CHAIN_ACCENT_TILDE, CHAIN_ACCENT_DOT } ChainMathsAccent;

ChainMaths *chain_maths_ref    (ChainMaths *m);
void        chain_maths_unref  (ChainMaths *m);

/* --- builders --- */
ChainMaths *chain_maths_symbol (const char *text);     /* a variable, italic when it is a letter: "w", "η", "∂L"; "x" with an index is subscript () */
ChainMaths *chain_maths_number (const char *text);     /* as it is written: "−0.5068" */
ChainMaths *chain_maths_word   (const char *text);     /* upright: "tanh", "BCE", "if" */
ChainMaths *chain_maths_sign   (const char *text);     /* an operator or relation with its spaces: "+", "−", "×", "=", "←", "⊙" */
ChainMaths *chain_maths_row    (ChainMaths *first, ...) G_GNUC_NULL_TERMINATED;
ChainMaths *chain_maths_row_of (ChainMaths **parts, guint n);
ChainMaths *chain_maths_fraction (ChainMaths *over, ChainMaths *under);
ChainMaths *chain_maths_script (ChainMaths *base, ChainMaths *sub, ChainMaths *sup);   /* sub or sup may be NULL */
ChainMaths *chain_maths_root   (ChainMaths *body);
ChainMaths *chain_maths_fence  (const char *left, ChainMaths *body, const char *right); /* grow with the body: "(" ")" "‖" "‖" "|" "|" */
ChainMaths *chain_maths_big    (const char *sign, ChainMaths *lower, ChainMaths *upper, ChainMaths *body);   /* "∑", "∏"; limits may be NULL */
ChainMaths *chain_maths_accent (ChainMathsAccent accent, ChainMaths *body);
ChainMaths *chain_maths_cases  (ChainMaths **values, ChainMaths **conditions, guint n);
ChainMaths *chain_maths_matrix (ChainMaths **cells, guint rows, guint cols);           /* at most 4 × 4; row by row; has its own brackets */
ChainMaths *chain_maths_ink    (ChainMathsInk ink, ChainMaths *body);
ChainMaths *chain_maths_anchor (const char *id, ChainMaths *body);                     /* a part that can be found again: "edge:w2:h" */
ChainMaths *chain_maths_lines  (ChainMaths **lines, guint n);   /* one under another, aligned at the first relation sign of each */

/* --- readings; (transfer full) --- */
char       *chain_maths_to_text   (const ChainMaths *m);   /* "∂L/∂h = (0.4154)(−0.90) + …", Unicode sub- and superscripts where they exist, else w_12 */
char       *chain_maths_to_latex  (const ChainMaths *m);   /* without the $ signs */
char       *chain_maths_to_speech (const ChainMaths *m);   /* "the derivative of L with respect to h equals …"; translatable */

/* --- typesetting --- */
typedef struct
{
  double size;                                /* px of the em of the base level */
  struct { double r, g, b, a; } ink[CHAIN_MATHS_N_INKS];
  double max_width;                           /* 0: as wide as it is; else broken after relations and before binary signs, continued indented */
} ChainMathsStyle;

typedef struct _ChainMathsBox ChainMathsBox;  /* laid out; immutable; owns a reference to its tree */
typedef struct { double x, y, w, h; } ChainMathsRect;

ChainMathsBox *chain_maths_layout   (ChainMaths *m, const ChainMathsStyle *style);
void           chain_maths_box_free (ChainMathsBox *b);
void           chain_maths_box_size (const ChainMathsBox *b, double *width, double *ascent, double *descent);
/* Draws with the left end of the baseline at x, y. */
void           chain_maths_box_draw (cairo_t *cr, const ChainMathsBox *b, double x, double y);
gboolean       chain_maths_box_find (const ChainMathsBox *b, const char *anchor, ChainMathsRect *out);   /* relative to the baseline's left end */
const char    *chain_maths_box_hit  (const ChainMathsBox *b, double x, double y);   /* id of the innermost anchor at that point, owned by the box; NULL */
char          *chain_maths_box_dump (const ChainMathsBox *b);   /* a line a glyph run, rule or glyph with place and size, in 1/100 em: golden tests */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainMaths, chain_maths_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainMathsBox, chain_maths_box_free)

G_END_DECLS
