/* SPDX-License-Identifier: Apache-2.0 */
/* What the window asks of a page: its pictures, its bar, and first refusal of the verbs whose meaning depends on what is shown ("play",
 * "step"). The window knows pages by this alone. Main thread. */
#pragma once

#include "ui/canvas/canvas.h"
#include "ui/canvas/width-class.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_PAGE (chain_page_get_type ())
G_DECLARE_INTERFACE (ChainPage, chain_page, CHAIN, PAGE, GtkWidget)

struct _ChainPageInterface
{
  GTypeInterface parent;

  void         (*set_class)     (ChainPage *p, ChainWidthClass width);
  void         (*set_text_size) (ChainPage *p, double size);
  void         (*set_frozen)    (ChainPage *p, gboolean frozen);   /* the picture stops, training goes on */
  void         (*toggle_side)   (ChainPage *p);
  void         (*set_shown)     (ChainPage *p, gboolean shown);    /* it is the page on screen */
  guint        (*want)          (ChainPage *p);                    /* ChainWant bits of its pictures */
  ChainCanvas *(*canvas)        (ChainPage *p);                    /* the one big picture: zoom, fit */
  ChainCanvas *(*picture)       (ChainPage *p);                    /* the focused or last hovered one: what an export means */
  GtkWidget   *(*bar)           (ChainPage *p);                    /* in place of the transport of training; NULL: that one */
  /* A verb of the window by its action's name; TRUE: done here. */
  gboolean     (*command)       (ChainPage *p, const char *verb);
  /* What its verb "undo" or "redo" would take back or do again, which is no edit of the document; NULL: nothing. */
  const char  *(*undo_label)    (ChainPage *p, gboolean redo);
};

/* Each calls the page's own, if it has one. */
void         chain_page_set_class     (ChainPage *p, ChainWidthClass width);
void         chain_page_set_text_size (ChainPage *p, double size);
void         chain_page_set_frozen    (ChainPage *p, gboolean frozen);
void         chain_page_toggle_side   (ChainPage *p);
void         chain_page_set_shown     (ChainPage *p, gboolean shown);
guint        chain_page_want          (ChainPage *p);
ChainCanvas *chain_page_canvas        (ChainPage *p);
ChainCanvas *chain_page_picture       (ChainPage *p);
GtkWidget   *chain_page_bar           (ChainPage *p);
gboolean     chain_page_command       (ChainPage *p, const char *verb);
const char  *chain_page_undo_label    (ChainPage *p, gboolean redo);

G_END_DECLS
