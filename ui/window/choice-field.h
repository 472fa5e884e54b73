/* SPDX-License-Identifier: Apache-2.0 */
/* A captioned drop-down over the rows of a table. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct { const char *id, *title, *group; } ChainChoiceItem;     /* title and group already translated; group NULL: none */
typedef struct _ChainChoiceField ChainChoiceField;
typedef void (*ChainChoiceFunc) (const char *id, gpointer data);

/* changed: a person picked another item (not called by select). The field dies with its root widget. */
ChainChoiceField *chain_choice_field_new       (const char *caption, gboolean captioned, ChainChoiceFunc changed, gpointer data);
GtkWidget        *chain_choice_field_root      (ChainChoiceField *f);
GtkWidget        *chain_choice_field_drop_down (ChainChoiceField *f);
void              chain_choice_field_set_items (ChainChoiceField *f, const ChainChoiceItem *items, guint n);   /* copied; keeps what is equal */
void              chain_choice_field_select    (ChainChoiceField *f, const char *id);

/* Names the button inside any drop-down of strings "caption: selected". */
void chain_choice_name_button (GtkWidget *drop_down, const char *caption);

G_END_DECLS
