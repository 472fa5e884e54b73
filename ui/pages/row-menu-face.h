/* SPDX-License-Identifier: Apache-2.0 */
/* The face of one row of a catalogue menu: check mark, thumbnail, name, the lecture's mark, formula, sentence. */
#pragma once

#include <gtk/gtk.h>

#include "ui/pages/row-menu-rows.h"

G_BEGIN_DECLS

/* A thumbnail of a row: 52 x 32, drawn from (0, 0). */
typedef void (*ChainMenuThumbFunc) (cairo_t *cr, int width, int height, const char *id, gpointer data);

#define CHAIN_TYPE_ROW_FACE (chain_row_face_get_type ())
G_DECLARE_FINAL_TYPE (ChainRowFace, chain_row_face, CHAIN, ROW_FACE, GtkWidget)

/* row must outlive the face; so must data of the thumbnail (thumb NULL: none). */
GtkWidget          *chain_row_face_new         (const ChainMenuRow *row, ChainMenuThumbFunc thumb, gpointer data);
const ChainMenuRow *chain_row_face_row         (ChainRowFace *face);
void                chain_row_face_set_current (ChainRowFace *face, gboolean current);

/* The maths font over the widget's own, for formulas. (transfer full). */
PangoAttrList      *chain_row_face_maths       (double scale);

G_END_DECLS
