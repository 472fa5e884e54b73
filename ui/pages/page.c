/* SPDX-License-Identifier: Apache-2.0 */
/* The interface of pages: what a page leaves out has no effect. */
#include "config.h"

#include "ui/pages/page.h"

G_DEFINE_INTERFACE (ChainPage, chain_page, GTK_TYPE_WIDGET)

static void
chain_page_default_init (ChainPageInterface *iface)
{
}

void
chain_page_set_class (ChainPage *p, ChainWidthClass width)
{
  CHAIN_PAGE_GET_IFACE (p)->set_class (p, width);
}

void
chain_page_set_text_size (ChainPage *p, double size)
{
  CHAIN_PAGE_GET_IFACE (p)->set_text_size (p, size);
}

void
chain_page_set_frozen (ChainPage *p, gboolean frozen)
{
  if (CHAIN_PAGE_GET_IFACE (p)->set_frozen != NULL)
    CHAIN_PAGE_GET_IFACE (p)->set_frozen (p, frozen);
}

void
chain_page_toggle_side (ChainPage *p)
{
  CHAIN_PAGE_GET_IFACE (p)->toggle_side (p);
}

void
chain_page_set_shown (ChainPage *p, gboolean shown)
{
  if (CHAIN_PAGE_GET_IFACE (p)->set_shown != NULL)
    CHAIN_PAGE_GET_IFACE (p)->set_shown (p, shown);
}

guint
chain_page_want (ChainPage *p)
{
  return CHAIN_PAGE_GET_IFACE (p)->want (p);
}

ChainCanvas *
chain_page_canvas (ChainPage *p)
{
  return CHAIN_PAGE_GET_IFACE (p)->canvas (p);
}

ChainCanvas *
chain_page_picture (ChainPage *p)
{
  return CHAIN_PAGE_GET_IFACE (p)->picture (p);
}

GtkWidget *
chain_page_bar (ChainPage *p)
{
  return CHAIN_PAGE_GET_IFACE (p)->bar != NULL ? CHAIN_PAGE_GET_IFACE (p)->bar (p) : NULL;
}

gboolean
chain_page_command (ChainPage *p, const char *verb)
{
  return CHAIN_PAGE_GET_IFACE (p)->command != NULL && CHAIN_PAGE_GET_IFACE (p)->command (p, verb);
}

const char *
chain_page_undo_label (ChainPage *p, gboolean redo)
{
  return CHAIN_PAGE_GET_IFACE (p)->undo_label != NULL ? CHAIN_PAGE_GET_IFACE (p)->undo_label (p, redo) : NULL;
}
