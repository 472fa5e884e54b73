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

gboolean
chain_net_is_frozen (const ChainSnapshot *s, int layer)
{
  return layer >= 0 && (guint) layer < s->spec->layers->len && ((const ChainLayer *) g_ptr_array_index (s->spec->layers, layer))->frozen;
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
  if (chain_layer_is_off (g_ptr_array_index (s->spec->layers, c->layer), tile->unit))
    g_string_append (d, _(", off"));
  act = chain_name_activation (g_ptr_array_index (s->spec->layers, c->layer));
  if (act)
    g_string_append_printf (d, ", %s", _(act));
  if (chain_net_is_frozen (s, c->layer))
    g_string_append (d, _(", frozen"));
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
chain_net_badge_text (const ChainSnapshot *s, int layer, guint bit)
{
  const ChainSnapLayer *l = g_ptr_array_index (s->layers, layer);
  char share[CHAIN_NUMBER_TEXT_SIZE];

  switch (bit)
    {
    case 0: return g_strdup (_("✕ diverged"));
    case CHAIN_HEALTH_NON_FINITE: return g_strdup (_("✕ not finite"));
    case CHAIN_HEALTH_EXPLODING: return g_strdup (_("▲ exploding"));
    case CHAIN_HEALTH_SYMMETRIC: return g_strdup (_("= symmetric"));
    case CHAIN_HEALTH_DEAD: return g_strdup_printf (_("∅ %u dead"), (guint) lround (l->stat.dead * l->width));
    case CHAIN_HEALTH_SATURATED:
      chain_number_text_fixed (share, l->stat.saturated * 100, 0);
      g_strlcat (share, "\xe2\x80\xaf%", sizeof share);
      return g_strdup_printf (_("%s saturated"), share);
    default: return g_strdup (_("▽ vanishing"));
    }
}

char *
chain_net_badge (const ChainSnapshot *s, int layer)
{
  guint bit;

  if (layer < 0 || (guint) layer >= s->layers->len)
    return NULL;
  if (s->state == CHAIN_RUN_DIVERGED && s->trouble == layer)
    return chain_net_badge_text (s, layer, 0);
  bit = chain_health_gravest (((const ChainSnapLayer *) g_ptr_array_index (s->layers, layer))->health);
  return bit != 0 ? chain_net_badge_text (s, layer, bit) : NULL;
}

/* Memory in units of 1024, as the system's monitor has it. */
static const char *
bytes_text (char buf[CHAIN_NUMBER_TEXT_SIZE], guint64 bytes)
{
  static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
  double v = (double) bytes;
  guint i = 0;

  for (; v >= 1000 && i + 1 < G_N_ELEMENTS (units); i++)
    v /= 1024;
  chain_number_text_fixed (buf, v, i > 0 && v < 9.95 ? 1 : 0);
  g_strlcat (buf, "\xe2\x80\xaf", CHAIN_NUMBER_TEXT_SIZE);
  g_strlcat (buf, units[i], CHAIN_NUMBER_TEXT_SIZE);
  return buf;
}

/* Of a step of a full batch, from the plan that trains. */
char *
chain_net_cost (const ChainSnapshot *s)
{
  char params[CHAIN_NUMBER_TEXT_SIZE], flops[CHAIN_NUMBER_TEXT_SIZE], bytes[CHAIN_NUMBER_TEXT_SIZE], rows[CHAIN_NUMBER_TEXT_SIZE];

  if (s->step_flops == 0)
    return NULL;
  return g_strdup_printf (_("%s parameters · a step of %s rows: %s FLOP in %s"), chain_number_text_count (params, s->n_params),
                          chain_number_text_count (rows, s->batch), chain_number_text_rate (flops, (double) s->step_flops), bytes_text (bytes, s->step_bytes));
}

char *
chain_net_layer_cost (const ChainSnapshot *s, int layer)
{
  const ChainSnapLayer *l = layer >= 0 && (guint) layer < s->layers->len ? g_ptr_array_index (s->layers, layer) : NULL;
  char params[CHAIN_NUMBER_TEXT_SIZE], flops[CHAIN_NUMBER_TEXT_SIZE];

  if (l == NULL || s->step_flops == 0)
    return NULL;
  return g_strdup_printf (_("%s parameters, %s FLOP a step"), chain_number_text_count (params, l->n_params), chain_number_text_rate (flops, (double) l->flops));
}

/* Losses of margins, and the games that are not played with probabilities, want the output itself: σ of it is how sure the pictures paint it,
 * and no probability that the loss knows of. */
static gboolean
takes_score (const ChainLossRow *row, const ChainLossTerm *term)
{
  static const char *const scored[] = { "wgan", "lsgan", "hinge", NULL };
  const char *variant = term->choice.variant;

  return strcmp (row->info.group, "Margin") == 0 || (g_str_has_prefix (row->info.id, "gan_") && variant && g_strv_contains (scored, variant));
}

const char *
chain_net_link (const ChainSpec *spec, gboolean *is_score)
{
  const ChainLossTerm *term = spec->losses->len ? g_ptr_array_index (spec->losses, 0) : NULL;
  const ChainLossRow *row = term && term->choice.id ? chain_loss_row (term->choice.id) : NULL;
  ChainParams of_loss = { row ? &row->info : NULL, term ? &term->choice : NULL };

  *is_score = row && takes_score (row, term);
  if (row == NULL || row->link == NULL)
    return "identity";
  return row->link_for ? row->link_for (&of_loss) : row->link;
}

/* f of 𝑧, or of 𝑦; markup. */
static char *
applied (const char *f, const char *to)
{
  if (strcmp (f, "sigmoid") == 0)
    return g_strdup_printf ("𝜎(%s)", to);
  return g_markup_printf_escaped ("%s(%s)", f, to);
}

/* What the last layer gives, then what is read off it where the loss takes logits. */
char *
chain_net_output (const ChainSnapshot *s)
{
  const ChainLayer *last = s->spec->layers->len ? g_ptr_array_index (s->spec->layers, s->spec->layers->len - 1) : NULL;
  const char *f = last && last->activation.id ? last->activation.id : "identity", *link, *read;
  gboolean plain = strcmp (f, "identity") == 0, is_score;
  g_autofree char *y = plain ? g_strdup ("𝑧") : applied (f, "𝑧"), *p = NULL;

  link = chain_net_link (s->spec, &is_score);
  if (is_score || strcmp (link, "identity") == 0)
    return g_strdup_printf ("𝑦 = %s", y);
  read = strcmp (link, "exp") == 0 ? "𝜆" : "𝑝";
  p = applied (link, plain ? "𝑧" : "𝑦");
  return plain ? g_strdup_printf ("𝑧, %s = %s", read, p) : g_strdup_printf ("𝑦 = %s, %s = %s", y, read, p);
}
