/* SPDX-License-Identifier: Apache-2.0 */
/* A unit is edited through its bias: that is the one number which is the unit's alone. Biases are 1 x n, weights out x in. */
#include "ui/canvas/element-ref.h"

#include <string.h>

#include "engine/base/number.h"

gboolean
chain_element_ref (const char *id, ChainElementRef *out)
{
  g_auto (GStrv) part = g_strsplit (id, ":", 5);
  guint n = g_strv_length (part);
  gint64 a = 0, b = 0;

  memset (out, 0, sizeof *out);
  if (n == 4 && g_str_equal (part[0], "weight"))
    out->is_weight = TRUE;
  else if (n != 3 || !g_str_equal (part[0], "unit"))
    return FALSE;
  if (!chain_number_parse_int (part[2], -1, 0, G_MAXINT32, &a) || (n == 4 && !chain_number_parse_int (part[3], -1, 0, G_MAXINT32, &b)))
    return FALSE;
  g_strlcpy (out->layer, part[1], sizeof out->layer);
  g_snprintf (out->tensor, sizeof out->tensor, "%s.%s", out->layer, out->is_weight ? "weight" : "bias");
  out->row = (guint) a;
  out->col = (guint) b;
  return TRUE;
}

const ChainSnapTensor *
chain_element_tensor (const ChainSnapshot *s, const ChainElementRef *ref, guint *row, guint *col)
{
  const ChainSnapTensor *t = chain_snapshot_tensor (s, ref->tensor);

  if (t == NULL || t->value == NULL)
    return NULL;
  *row = ref->is_weight ? ref->row : 0;
  *col = ref->is_weight ? ref->col : ref->row;
  return *row < t->rows && *col < t->cols ? t : NULL;
}

void
chain_element_name_widget (GtkWidget *widget, const char *id)
{
  g_object_set_data_full (G_OBJECT (widget), "chain-element", g_strdup (id), g_free);
}

const char *
chain_element_of_widget (GtkWidget *widget)
{
  for (; widget != NULL; widget = gtk_widget_get_parent (widget))
    if (g_object_get_data (G_OBJECT (widget), "chain-element") != NULL)
      return g_object_get_data (G_OBJECT (widget), "chain-element");
  return NULL;
}

gboolean
chain_element_layer (const ChainSpec *spec, const char *id, char layer[65])
{
  g_auto (GStrv) part = g_strsplit (id != NULL ? id : "", ":", 3);

  if (g_strv_length (part) < 2 || chain_spec_layer_index (spec, part[1]) < 0)
    return FALSE;
  g_strlcpy (layer, part[1], 65);
  return TRUE;
}
