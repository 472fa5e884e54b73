/* SPDX-License-Identifier: Apache-2.0 */
/* A captioned number in the strip: a button that opens presets, a logarithmic slider and an entry; the wheel on the button multiplies. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct
{
  double        min, max;        /* of the slider, > 0; the entry takes what the document accepts */
  gboolean      integer;
  const char   *zero;            /* what 0 is called ("None", "Full batch"); NULL: 0 is not a value. Already translated */
  const double *presets;
  guint         n_presets;
} ChainNumberRange;

typedef struct _ChainNumberField ChainNumberField;
typedef void (*ChainNumberFunc) (double value, gpointer data);

/* range: copied, its presets must outlive the field. The field dies with its root widget. */
ChainNumberField *chain_number_field_new  (const char *caption, const ChainNumberRange *range, ChainNumberFunc changed, gpointer data);
GtkWidget        *chain_number_field_root (ChainNumberField *f);
void              chain_number_field_set  (ChainNumberField *f, double value);   /* does not call changed */
double            chain_number_field_get  (ChainNumberField *f);
void              chain_number_field_multiply (ChainNumberField *f, double factor);   /* as the wheel does: calls changed */

G_END_DECLS
