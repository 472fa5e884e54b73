/* SPDX-License-Identifier: Apache-2.0 */
/* GTK's spin buttons and drop-downs take the wheel as an edit, also when somebody only wants to scroll past them. */
#include "ui/canvas/wheel.h"

void
chain_wheel_calm (GtkWidget *control)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (control);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) c = g_list_model_get_item (all, i);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (c))
        gtk_event_controller_set_propagation_phase (c, GTK_PHASE_NONE);
    }
}
