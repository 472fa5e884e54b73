/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the window, shared by its files: structure (window.c), verbs (window-actions.c), keys (window-keys.c), documents (window-files.c,
 * window-open-menu.c, window-disk.c), crashes (window-recovery.c), pictures out (window-export.c), toasts (window-messages.c). */
#pragma once

#include "ui/backprop/backprop.h"
#include "ui/build/build.h"
#include "ui/canvas/pump.h"
#include "ui/window/sidebar.h"
#include "ui/window/strip.h"
#include "ui/window/transport.h"
#include "ui/window/window.h"

G_BEGIN_DECLS

struct _ChainWindow
{
  AdwApplicationWindow parent_instance;

  /* template */
  GtkWidget        *toasts, *content, *title, *flap, *open_button, *undo_button, *redo_button, *sidebar_button;
  ChainSidebar     *sidebar;
  GtkWidget        *pages, *bars;
  ChainStrip       *strip;
  ChainNetworkPage *page;
  ChainBackpropPage *backprop;
  ChainTransport   *transport;

  ChainPage        *shown;             /* the page on screen */

  ChainSession     *session;
  ChainPump        *pump;
  ChainBuild       *build;             /* editing on the canvas */
  GtkNativeDialog  *chooser;           /* kept: a native dialog dies with its last reference */

  GtkWidget        *banners, *autosave_mark;
  GPtrArray        *unsaved;           /* of ChainUnsaved: what is offered; NULL */
  GFileMonitor     *monitor;           /* of the document's file; NULL */
  char             *watched;           /* its path; NULL */
  GFileMonitor     *source_monitor;    /* of the data's file; NULL */
  char             *source;            /* its path; NULL */
  ChainFileStamp    source_stamp;      /* as it was when it was read */
  gconstpointer     source_table;      /* the rows that were read: for comparison only */

  ChainWidthClass   width_class;
  int               width;             /* last allocated */
  guint             class_idle;
  gboolean          class_known;
  double            text_size;
  gboolean          frozen, sure;      /* sure: closing was confirmed */
  gboolean          unkept;            /* autosave is switched off */
  gboolean          saving, close_after; /* a save is under way; and the window is to close when it is done */
  guint             saving_id;         /* until "Saving…" is shown; 0 */

  AdwToast         *edit_toast;        /* (ref) offers to undo one edit; NULL */
  guint             edit_serial;       /* of that edit in the history; 0: it has not got there yet */
  gboolean          keeping;           /* undo and redo for "Keep Both" are nobody's edits */

  /* "fitted" */
  double            best_loss, best_epoch;
  guint             best_segment;   /* the run that they are of */
  guint64           last_step;
  gboolean          fitted_told, diverged_told, end_told;
  gint64            last_fit;
};

/* window.c */
gboolean _chain_window_show_page   (ChainWindow *w, const char *id);     /* FALSE: there is no such page */
void _chain_window_update_want     (ChainWindow *w);
void _chain_window_set_text_size   (ChainWindow *w, double size);

/* window-actions.c */
void _chain_window_add_actions     (ChainWindow *w);
void _chain_window_recall_size     (ChainWindow *w);     /* as it was when one was closed last */
void _chain_window_keep_size       (ChainWindow *w);
void _chain_window_update_actions  (ChainWindow *w);     /* the one place that knows what is possible */

/* window-keys.c */
void _chain_window_add_keys        (ChainWindow *w);

/* window-files.c */
void _chain_window_choose_open     (ChainWindow *w);
void _chain_window_save            (ChainWindow *w, gboolean as, gboolean then_close);
void _chain_window_save_copy       (ChainWindow *w);     /* under another name, beside the file */
void _chain_window_take            (ChainWindow *w, const char *path);   /* a dropped or chosen file of any kind */
void _chain_window_open_elsewhere  (ChainWindow *w, const char *path);   /* here if pristine, else a new window */
gboolean _chain_window_ask_close   (ChainWindow *w);     /* TRUE: stay, a question is asked or a save is under way */
void _chain_window_add_drop        (ChainWindow *w);
void _chain_window_open_example    (ChainWindow *w, const char *path);   /* here unless there is something to lose */

/* window-recovery.c */
void _chain_window_add_recovery    (ChainWindow *w);
void _chain_window_offer_unsaved   (ChainWindow *w);     /* what a crash left, if there is anything */
void _chain_window_update_mark     (ChainWindow *w);     /* "autosave is off" */

/* window-disk.c */
void _chain_window_add_disk        (ChainWindow *w);
void _chain_window_update_disk     (ChainWindow *w);

/* window-open-menu.c */
void _chain_window_add_open_menu   (ChainWindow *w);

/* window-export.c */
void _chain_window_export          (ChainWindow *w);
void _chain_window_copy_picture    (ChainWindow *w);
void _chain_window_copy_csv        (ChainWindow *w);

/* window-messages.c */
void _chain_window_toast           (ChainWindow *w, const char *text, const char *button, const char *action);
void _chain_window_watch_messages  (ChainWindow *w);
void _chain_window_undo_edit       (ChainWindow *w, guint serial);       /* the newest edit, if it is this one */
void _chain_window_clear_messages  (ChainWindow *w);
void _chain_window_keep_both       (ChainWindow *w);     /* the document before the last edit in a window of its own */
void _chain_window_refuse          (ChainWindow *w, const char *heading, const char *body);

G_END_DECLS
