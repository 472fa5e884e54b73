/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the network picture: sentences for screen readers and tooltips, chips, badges (DESIGN 4.9, 5.2). */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/layout/net.h"
#include "app/picture/number-text.h"
#include "engine/nn/health.h"

const ChainSnapTensor *
chain_net_weight (const ChainSnapshot *s, int layer)
{
  g_autofree char *name = NULL;

  if (layer < 0 || (guint) layer >= s->spec->layers->len)
    return NULL;
  name = g_strconcat (((const ChainLayer *) g_ptr_array_index (s->spec->layers, layer))->id, ".weight", NULL);
  return chain_snapshot_tensor (s, name);
}

static char *
lower_first (char *text)
{
  if (g_ascii_isupper (text[0]) && g_ascii_islower (text[1]))
    text[0] = g_ascii_tolower (text[0]);
  return text;
}

char *
chain_net_unit_label (const ChainSnapshot *s, const ChainNetLayout *n, const ChainTile *tile)
{
  const ChainNetColumn *c = &g_array_index (n->columns, ChainNetColumn, tile->column);
  const ChainSnapLayer *l = c->layer >= 0 && (guint) c->layer < s->layers->len ? g_ptr_array_index (s->layers, c->layer) : NULL;
  g_autofree char *name = NULL;
  const char *act;
  GString *d;
  char number[CHAIN_NUMBER_TEXT_SIZE];

  if (tile->kind == CHAIN_TILE_MORE)
    return g_strdup_printf (_("%u more units"), tile->count);
  if (tile->kind == CHAIN_TILE_STACK)
    return g_strdup_printf (_("%u inputs"), tile->count);
  if (c->layer < 0)
    {
      name = chain_name_input (s, tile->unit);
      return g_strdup_printf (_("Input %s"), name);
    }
  name = lower_first (chain_name_layer (s, (guint) c->layer));
  d = g_string_new (NULL);
  g_string_append_printf (d, _("Unit %u of %s"), tile->unit + 1, name);
  act = chain_name_activation (g_ptr_array_index (s->spec->layers, c->layer));
  if (act)
    g_string_append_printf (d, ", %s", _(act));
  if (l && l->adjoint)
    g_string_append_printf (d, _(", mean adjoint %s"), chain_number_text (number, l->adjoint[tile->unit], 3));
  return g_string_free (d, FALSE);
}

char *
chain_net_weight_label (const ChainSnapshot *s, const ChainNetLayout *n, const ChainEdge *e)
{
  const ChainSnapTensor *w = chain_net_weight (s, e->layer);
  char value[CHAIN_NUMBER_TEXT_SIZE], grad[CHAIN_NUMBER_TEXT_SIZE];
  g_autofree char *name = lower_first (chain_name_layer (s, (guint) e->layer));
  gsize at = (gsize) e->row * w->cols + e->col;

  chain_number_text_signed (value, e->w, 3);
  if (w->grad == NULL)
    return g_strdup_printf (_("Weight %u to %u of %s: %s"), e->col + 1, e->row + 1, name, value);
  return g_strdup_printf (_("Weight %u to %u of %s: %s, gradient %s"), e->col + 1, e->row + 1, name, value,
                          chain_number_text_signed (grad, w->grad[at], 3));
}

char *
chain_net_chip (const ChainSnapshot *s, int layer, guint width)
{
  const ChainLayer *l;
  g_autofree char *act = NULL;

  if (layer == -1)
    return g_strdup (_("Inputs"));
  if (layer < 0)
    return g_strdup_printf (_("%u layers"), width);
  l = g_ptr_array_index (s->spec->layers, layer);
  act = chain_name_activation_short (l);
  if (strcmp (l->type, "dense") != 0)
    return chain_name_layer (s, (guint) layer);
  if ((guint) layer + 1 == s->spec->layers->len && width == 1)
    {
      if (act)
        act[0] = g_ascii_toupper (act[0]);
      return act ? g_steal_pointer (&act) : g_strdup (_("Output"));
    }
  return g_strdup_printf ("%s ×%u", act ? act : _("linear"), width);
}

char *
chain_net_badge (const ChainSnapshot *s, int layer)
{
  const ChainSnapLayer *l;
  char share[CHAIN_NUMBER_TEXT_SIZE];

  if (layer < 0 || (guint) layer >= s->layers->len)
    return NULL;
  l = g_ptr_array_index (s->layers, layer);
  if (l->health & CHAIN_HEALTH_NON_FINITE)
    return g_strdup (_("✕ not finite"));
  if (l->health & CHAIN_HEALTH_EXPLODING)
    return g_strdup (_("▲ exploding"));
  if (l->health & CHAIN_HEALTH_DEAD)
    return g_strdup_printf (_("∅ %u dead"), (guint) lround (l->stat.dead * l->width));
  if (l->health & CHAIN_HEALTH_SATURATED)
    return g_strdup_printf (_("%s saturated"), chain_number_text_percent (share, l->stat.saturated));
  if (l->health & CHAIN_HEALTH_VANISHING)
    return g_strdup (_("▽ vanishing"));
  if (l->health & CHAIN_HEALTH_SYMMETRIC)
    return g_strdup (_("= symmetric"));
  return NULL;
}

/* What is read off: the last layer's activation, or the link of the loss where that is the identity. */
char *
chain_net_output (const ChainSnapshot *s)
{
  const ChainLayer *last = s->spec->layers->len ? g_ptr_array_index (s->spec->layers, s->spec->layers->len - 1) : NULL;
  const ChainLossTerm *loss = s->spec->losses->len ? g_ptr_array_index (s->spec->losses, 0) : NULL;
  const ChainLossRow *row = loss && loss->choice.id ? chain_loss_row (loss->choice.id) : NULL;
  const char *f = last ? last->activation.id : NULL;

  if ((f == NULL || strcmp (f, "identity") == 0) && row)
    f = row->link;
  if (f && strcmp (f, "sigmoid") == 0)
    return g_strdup ("𝑦 = 𝜎(𝑧)");
  if (f && strcmp (f, "softmax") == 0)
    return g_strdup ("𝑦 = softmax(𝑧)");
  if (f && strcmp (f, "identity") != 0)
    return g_markup_printf_escaped ("𝑦 = %s(𝑧)", f);
  return g_strdup ("𝑦 = 𝑧");
}
