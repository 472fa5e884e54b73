/* SPDX-License-Identifier: Apache-2.0 */
/* Small parts that every group of settings is made of: rows with a sentence that turns into a refusal, entries that hand over a finished
 * text, drop-downs of a few words. Main thread. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* An action row; about (nullable) stands under the title until something is refused. Texts are plain, not markup. */
GtkWidget *chain_kit_row      (const char *title, const char *about);
void       chain_kit_set_about (GtkWidget *row, const char *about);
/* What was refused, in place of `about`; NULL: all is well. control (nullable) is marked. */
void       chain_kit_tell     (GtkWidget *row, GtkWidget *control, const char *refusal);
const char *chain_kit_told    (GtkWidget *row);                       /* NULL: nothing is refused */
/* Puts control at the end of row and names it. */
void       chain_kit_suffix   (GtkWidget *row, GtkWidget *control, const char *title);
/* The list that row stands in gets next behind it; row_remove takes a row out of such a list. */
void       chain_kit_insert   (GtkWidget *row, GtkWidget *next);
void       chain_kit_remove   (GtkWidget *row);
/* Shows or hides a row, for the search of the window, too. */
void       chain_kit_reveal   (GtkWidget *row, gboolean visible);
/* Entries inside hand nothing over any more: they are about to go. row_remove does it too. */
void       chain_kit_hush     (GtkWidget *root);
GtkWidget *chain_kit_button   (const char *icon, const char *tooltip, GCallback clicked, gpointer data);    /* clicked (data) */

/* An entry that hands over its text on Enter or when the focus leaves, and takes back what was typed on Escape. commit: TRUE if it was taken.
 * typed (nullable): after each key. A blank is no value: it turns back into what the document has, unless a blank means something. */
typedef gboolean (*ChainCommitFunc) (const char *text, gpointer data);
typedef void (*ChainTypedFunc) (const char *text, gpointer data);
GtkWidget *chain_kit_entry        (int chars, ChainCommitFunc commit, ChainTypedFunc typed, gpointer data);
gboolean   chain_kit_entry_show   (GtkWidget *entry, const char *text);     /* what the document has; what is being typed stays unless that changed (TRUE) */
void       chain_kit_entry_commit (GtkWidget *entry);                       /* as Enter does */
void       chain_kit_entry_blank  (GtkWidget *entry);                       /* a blank means something here: "All", "Off" */
void       chain_kit_entry_back   (GtkWidget *entry);                       /* to what the document has */
/* TRUE where undo and redo belong to the text at focus (nullable): another text than the document has, or no entry of these at all. */
gboolean   chain_kit_text_undoes  (GtkWidget *focus);

/* As an entry shows a number: at most `digits` significant ones, "1e-8". (transfer full). */
char      *chain_kit_number       (double value, int digits);

/* A drop-down; changed: a person picked another word. Titles are translated already. */
typedef struct { const char *id, *title; } ChainPickItem;
typedef void (*ChainPickFunc) (const char *id, gpointer data);
GtkWidget *chain_pick_new     (const char *title, ChainPickFunc changed, gpointer data);
void       chain_pick_show    (GtkWidget *pick, const ChainPickItem *items, guint n, const char *selected);
const char *chain_pick_id     (GtkWidget *pick, guint i);             /* NULL behind the last */

G_END_DECLS
