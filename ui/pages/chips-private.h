/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the chips share. */
#pragma once

#include "ui/pages/chips.h"

G_BEGIN_DECLS

typedef struct
{
  ChainChips *chips;
  char       *layer;         /* NULL: the inputs */
  char       *tip, *words;   /* what it is; that and what it costs; NULL */
  gboolean    is_add, is_output;
  GtkWidget  *root, *minus, *menu, *lock, *name, *width, *arrow, *plus, *port;
  int         delta;
  guint       repeat;
} ChainChip;

struct _ChainChips
{
  ChainCanvas  *canvas;
  ChainSession *session;
  GPtrArray    *chips;
  gboolean      narrow, small, tiny;
  ChainChipFunc more, link;
  char         *wanted;        /* element that gets the focus as soon as it is on the screen; NULL */
  gpointer      data;
};

/* --- chips-focus.c --- */
typedef struct { guint at; gboolean is_add; int part; char *layer; GPtrArray *known; } ChainChipFocus;    /* known: ids of layers; NULL: it was elsewhere */

enum { CHAIN_CHIP_MINUS = 1, CHAIN_CHIP_MENU, CHAIN_CHIP_ARROW, CHAIN_CHIP_PLUS, CHAIN_CHIP_PORT, CHAIN_CHIP_PARTS };

gboolean _chain_chip_focus_part  (ChainChip *chip, int part);       /* or the next best of its parts */
void     _chain_chips_note_focus (ChainChips *c, ChainChipFocus *f);
void     _chain_chips_give_focus (ChainChips *c, ChainChipFocus *f);   /* clears f */
void     _chain_chips_watch      (ChainChip *chip);                 /* once it has its element's name */

G_END_DECLS
