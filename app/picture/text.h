/* SPDX-License-Identifier: Apache-2.0 */
/* Text on pictures: the styles of DESIGN 4.1 by name, measured and drawn with Pango. A ChainText lives for one layout or one draw call, keeps
 * one PangoLayout and one font description a style, and owns no static state. */
#pragma once

#include <pango/pangocairo.h>

#include "app/picture/theme.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_TEXT_AXIS,       /* 10.5 tabular */
  CHAIN_TEXT_SMALL,      /* 11 */
  CHAIN_TEXT_LABEL,      /* 12 */
  CHAIN_TEXT_LABEL_BOLD, /* 12 bold, tabular */
  CHAIN_TEXT_CHIP,       /* 11.5 bold tabular */
  CHAIN_TEXT_TITLE,      /* 13 bold */
  CHAIN_TEXT_MATHS,      /* 15, maths font */
  CHAIN_TEXT_MATHS_SMALL,/* 13, maths font */
  CHAIN_N_TEXTS
} ChainTextStyle;

typedef struct
{
  cairo_t              *cr;       /* NULL: measuring only */
  const ChainTheme     *theme;
  PangoLayout          *layout;
  PangoFontDescription *fonts[CHAIN_N_TEXTS];
  PangoAttrList        *tabular;
} ChainText;

void   chain_text_init    (ChainText *t, cairo_t *cr, const ChainTheme *theme);
void   chain_text_clear   (ChainText *t);
/* text is Pango markup where it holds '<' or '&' and plain text otherwise; plain text of a user with those signs goes through
 * g_markup_escape_text() first. Width in units; height (nullable). */
double chain_text_measure (ChainText *t, ChainTextStyle style, const char *text, double *height);
/* (x, y) is the point at (ax, ay) of the text's box: ax 0 left, 0.5 middle, 1 right; ay 0 top, 0.5 middle of the line, 1 bottom. */
void   chain_text_draw    (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, const ChainColour *c);
/* As above, cut with … at max_width. */
void   chain_text_draw_cut (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, double max_width,
                            const ChainColour *c);
/* As chain_text_draw() over a halo of the given colour. */
void   chain_text_halo    (ChainText *t, ChainTextStyle style, const char *text, double x, double y, double ax, double ay, const ChainColour *c,
                           const ChainColour *halo);

/* "x1" or "x₁" -> markup with the italic letter of the mathematical alphabet and a subscript; other names escaped. (transfer full).
 * *is_maths (nullable): TRUE for a maths name. */
char  *chain_text_variable (const char *name, gboolean *is_maths);
char  *chain_text_indexed  (const char *letter, int i, int j);   /* "w", 1, 1 -> w with subscript 1,1; j < 0: one index */

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChainText, chain_text_clear)

G_END_DECLS
