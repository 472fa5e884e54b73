/* SPDX-License-Identifier: Apache-2.0 */
/* One place that knows how a snapshot's numbers map back to the user's table, so that no two pictures disagree about units or names. */
#include "config.h"

#include "app/picture/layout/names.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "engine/nn/table.h"

/* The prep column that input i came from; *within = which of its one-hot columns. */
static const ChainPrepColumn *
input_column (const ChainSnapshot *s, guint i, guint *within)
{
  if (s->data == NULL || s->data->prep == NULL)
    return NULL;
  for (guint c = 0; c < s->data->prep->inputs->len; c++)
    {
      const ChainPrepColumn *p = g_ptr_array_index (s->data->prep->inputs, c);
      guint n = p->kind == CHAIN_COLUMN_CATEGORY && p->labels ? p->labels->len : 1;

      if (i < n)
        {
          *within = i;
          return p;
        }
      i -= n;
    }
  return NULL;
}

/* Typed features stand behind the columns. */
static const ChainPrepFeature *
typed_feature (const ChainSnapshot *s, guint i)
{
  const ChainPrep *p = s->data ? s->data->prep : NULL;
  guint columns = p ? chain_prep_n_columns (p) : 0;

  return p && p->features && i >= columns && i - columns < p->features->len ? g_ptr_array_index (p->features, i - columns) : NULL;
}

char *
chain_name_input (const ChainSnapshot *s, guint i)
{
  guint within = 0;
  const ChainPrepColumn *p = input_column (s, i, &within);
  const ChainPrepFeature *feature;

  if (p == NULL && (feature = typed_feature (s, i)) != NULL)
    return chain_formula_text (feature->formula, CHAIN_FORMULA_UNICODE);
  if (p == NULL || p->column == NULL)
    return g_strdup_printf ("x%u", i + 1);
  if (p->kind == CHAIN_COLUMN_CATEGORY && p->labels)
    return g_strdup_printf ("%s = %s", p->column, (const char *) g_ptr_array_index (p->labels, within));
  return g_strdup (p->column);
}

static const ChainPrepColumn *
target_column (const ChainSnapshot *s, guint k)
{
  if (s->data == NULL || s->data->prep == NULL || k >= s->data->prep->targets->len)
    return NULL;
  return g_ptr_array_index (s->data->prep->targets, k);
}

char *
chain_name_target (const ChainSnapshot *s, guint k)
{
  const ChainPrepColumn *p = target_column (s, k);

  return g_strdup (p && p->column ? p->column : "y");
}

char *
chain_name_class (const ChainSnapshot *s, guint c)
{
  const ChainPrepColumn *p = target_column (s, 0);

  if (p && p->labels && c < p->labels->len)
    return g_strdup (g_ptr_array_index (p->labels, c));
  return g_strdup_printf ("%u", c);
}

const char *
chain_name_activation (const ChainLayer *l)
{
  const ChainActivationRow *row = l->activation.id ? chain_activation_row (l->activation.id) : NULL;

  return row && strcmp (l->activation.id, "identity") != 0 ? row->info.title : NULL;
}

/* "tanh", "ReLU": what stands in brackets in the title, else the id. */
char *
chain_name_activation_short (const ChainLayer *l)
{
  const ChainActivationRow *row = l->activation.id ? chain_activation_row (l->activation.id) : NULL;
  const char *open, *close;

  if (row == NULL || strcmp (l->activation.id, "identity") == 0)
    return NULL;
  open = strchr (row->info.title, '(');
  close = open ? strchr (open, ')') : NULL;
  if (close && close - open <= 10)
    return g_strndup (open + 1, (gsize) (close - open - 1));
  return g_strdup (row->info.id);
}

char *
chain_name_layer (const ChainSnapshot *s, guint i)
{
  const ChainLayer *l = g_ptr_array_index (s->spec->layers, i);
  const ChainLayerRow *row;
  guint n = 0;

  if (i + 1 == s->spec->layers->len)
    return g_strdup (_("Output"));
  if (strcmp (l->type, "dense") != 0)
    {
      row = chain_layer_row (l->type);
      return g_strdup (row ? _(row->info.title) : l->type);
    }
  for (guint j = 0; j <= i; j++)
    n += strcmp (((const ChainLayer *) g_ptr_array_index (s->spec->layers, j))->type, "dense") == 0;
  return g_strdup_printf (_("Layer %u"), n);
}

static void
units_of (const ChainPrepColumn *p, double *offset, double *factor)
{
  gboolean number = p && p->kind == CHAIN_COLUMN_NUMBER && isfinite (p->scale) && p->scale != 0 && isfinite (p->shift);

  *offset = number ? p->shift : 0;
  *factor = number ? p->scale : 1;
}

void
chain_units_input (const ChainSnapshot *s, guint i, double *offset, double *factor)
{
  guint within;

  units_of (input_column (s, i, &within), offset, factor);
}

void
chain_units_target (const ChainSnapshot *s, guint k, double *offset, double *factor)
{
  units_of (chain_is_classify (s) ? NULL : target_column (s, k), offset, factor);
}

guint
chain_inputs_of (const ChainSnapshot *s)
{
  return s->data ? s->data->d : 0;
}

gboolean
chain_is_classify (const ChainSnapshot *s)
{
  return s->data && s->data->prep && s->data->prep->classify;
}

guint
chain_classes_of (const ChainSnapshot *s)
{
  return chain_is_classify (s) ? s->data->prep->n_classes : 0;
}

gboolean
chain_is_image (const ChainSnapshot *s)
{
  return s->data && s->data->image_width > 0 && s->data->image_height > 0 && s->data->image_width * s->data->image_height == s->data->d;
}

gboolean
chain_parse_unit (const ChainSnapshot *s, const char *id, int *layer, guint *unit)
{
  const char *name, *colon;
  guint64 n;
  g_autofree char *layer_id = NULL;

  if (id == NULL || !g_str_has_prefix (id, "unit:"))
    return FALSE;
  name = id + 5;
  colon = strrchr (name, ':');
  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT, &n, NULL))
    return FALSE;
  layer_id = g_strndup (name, (gsize) (colon - name));
  *unit = (guint) n;
  *layer = chain_spec_layer_index (s->spec, layer_id);
  if (*layer < 0)
    return strcmp (layer_id, "x") == 0 && n < chain_inputs_of (s);
  return (guint) *layer < s->layers->len && n < ((const ChainSnapLayer *) g_ptr_array_index (s->layers, *layer))->width;
}

gboolean
chain_extent (const float *f, gsize n, double *min, double *max)
{
  double lo = INFINITY, hi = -INFINITY;

  for (gsize i = 0; i < n; i++)
    if (isfinite (f[i]))
      {
        lo = fmin (lo, f[i]);
        hi = fmax (hi, f[i]);
      }
  *min = lo;
  *max = hi;
  return lo <= hi;
}

gboolean
chain_extent_d (const double *f, gsize n, gsize stride, double *min, double *max)
{
  double lo = INFINITY, hi = -INFINITY;

  for (gsize i = 0; i < n; i++)
    if (isfinite (f[i * stride]))
      {
        lo = fmin (lo, f[i * stride]);
        hi = fmax (hi, f[i * stride]);
      }
  *min = lo;
  *max = hi;
  return lo <= hi;
}
