/* SPDX-License-Identifier: Apache-2.0 */
/* The strip of the debugger: how much detail, which sample, which network, what is written on the picture, and a search over it (DESIGN 3.2).
 * Main thread.
 *
 * Signals: "changed" (anything was chosen; read it with the functions below), "search" (const char *text, gboolean next). */
#pragma once

#include <gtk/gtk.h>

#include "app/stepper/diagram.h"
#include "ui/canvas/width-class.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_STEP_FIELDS (chain_step_fields_get_type ())
G_DECLARE_FINAL_TYPE (ChainStepFields, chain_step_fields, CHAIN, STEP_FIELDS, GtkWidget)

typedef enum { CHAIN_MARK_VALUES = 1 << 0, CHAIN_MARK_ADJOINTS = 1 << 1, CHAIN_MARK_LOCAL = 1 << 2 } ChainMarks;

GtkWidget        *chain_step_fields_new         (void);
ChainDetail       chain_step_fields_detail      (ChainStepFields *f);
void              chain_step_fields_set_detail  (ChainStepFields *f, ChainDetail detail);   /* quietly */
void              chain_step_fields_set_partly  (ChainStepFields *f, int detail);           /* some cells are open so far; −1: none */
ChainTraceRequest chain_step_fields_request     (ChainStepFields *f);
gboolean          chain_step_fields_is_example  (ChainStepFields *f);
void              chain_step_fields_set_example (ChainStepFields *f, gboolean example);     /* as if chosen */
ChainMarks        chain_step_fields_marks       (ChainStepFields *f);
/* What was served, and how many there are. */
void              chain_step_fields_tell        (ChainStepFields *f, const ChainTrace *trace);
void              chain_step_fields_set_class   (ChainStepFields *f, ChainWidthClass width);
void              chain_step_fields_search      (ChainStepFields *f);                       /* gives the search field the focus */

G_END_DECLS
