/* SPDX-License-Identifier: Apache-2.0 */
/* One parameter of a row as a line of a list: title, "back to the default" where it was changed, and what fits its kind: a switch, a slider
 * with an entry, an entry for a list of numbers or for a formula. Main thread. */
#pragma once

#include <adwaita.h>

#include "engine/nn/table.h"

G_BEGIN_DECLS

typedef struct _ChainParamControl ChainParamControl;

/* Exactly one is meant: a number, a text, or neither (back to the default). FALSE with a sentence: refused, nothing changed. */
typedef gboolean (*ChainParamFunc) (const ChainParamInfo *info, const double *value, const char *text, gpointer data, GError **error);

/* info lives as long as the program. The control dies with its row. */
ChainParamControl *chain_param_control_new  (const ChainParamInfo *info, ChainParamFunc changed, gpointer data);
GtkWidget         *chain_param_control_row  (ChainParamControl *c);       /* (transfer none), floating */
void               chain_param_control_show (ChainParamControl *c, const ChainChoice *choice);

/* For tests: as a person does, by the control. */
gboolean           chain_param_control_type (ChainParamControl *c, const char *text);   /* types and presses Enter; FALSE: refused */
GtkWidget         *chain_param_control_widget (ChainParamControl *c, GType type);       /* slider, entry, switch or button; NULL */
const ChainParamInfo *chain_param_control_info (ChainParamControl *c);

G_END_DECLS
