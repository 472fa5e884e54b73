/* SPDX-License-Identifier: Apache-2.0 */
/* A caption and a button that opens a catalogue menu (ui/pages/row-menu.h) over the rows of a table or over a few words. Main thread. */
#pragma once

#include <gtk/gtk.h>

#include "ui/pages/row-menu.h"

G_BEGIN_DECLS

typedef struct { const char *id, *title, *group; } ChainChoiceItem;     /* title and group already translated; group NULL: none */
typedef struct _ChainChoiceField ChainChoiceField;
typedef void (*ChainChoiceFunc) (const char *id, gpointer data);

/* changed: a person picked another item (not called by select). The field dies with its root widget. */
ChainChoiceField *chain_choice_field_new       (const char *caption, gboolean captioned, ChainChoiceFunc changed, gpointer data);
GtkWidget        *chain_choice_field_root      (ChainChoiceField *f);
GtkWidget        *chain_choice_field_button    (ChainChoiceField *f);      /* the GtkMenuButton */
ChainRowMenu     *chain_choice_field_menu      (ChainChoiceField *f);      /* made if it is not there yet */
/* One of the three; what equals the present rows keeps the menu as it is. */
void              chain_choice_field_set_rows  (ChainChoiceField *f, GPtrArray *rows);                         /* (ref), of ChainMenuRow */
void              chain_choice_field_set_table (ChainChoiceField *f, const char *table);                       /* by its CLI name */
void              chain_choice_field_set_items (ChainChoiceField *f, const ChainChoiceItem *items, guint n);   /* copied */
void              chain_choice_field_select    (ChainChoiceField *f, const char *id);

/* The field of a root; for tests. */
ChainChoiceField *chain_choice_field_of        (GtkWidget *root);

/* Names the button inside any drop-down of strings "caption: selected", now and when another is selected. Once for each. */
void chain_choice_name_button (GtkWidget *drop_down, const char *caption);

G_END_DECLS
