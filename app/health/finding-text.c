/* SPDX-License-Identifier: Apache-2.0 */
/* The cause of a finding in this run's numbers, and the rule by which it is said, with the threshold as the header has it. */
#include "config.h"

#include "app/health/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/picture/layout/names.h"
#include "app/picture/layout/net.h"
#include "app/picture/number-text.h"
#include "engine/nn/table.h"

typedef char Text[CHAIN_NUMBER_TEXT_SIZE];

static const ChainSnapLayer *
layer_at (const ChainSnapshot *s, guint i)
{
  return g_ptr_array_index (s->layers, i);
}

/* "layer 1", "output": within a sentence. */
static char *
name_of (const ChainSnapshot *s, int layer)
{
  char *name = chain_name_layer (s, (guint) layer);

  if (g_ascii_isupper (name[0]) && g_ascii_islower (name[1]))
    name[0] = g_ascii_tolower (name[0]);
  return name;
}

gboolean
_chain_is_constant (const ChainChoice *initialiser)
{
  return initialiser->id != NULL && (g_str_equal (initialiser->id, "constant") || g_str_equal (initialiser->id, "zeros") || g_str_equal (initialiser->id, "ones"));
}

/* --- symmetric --- */
static guint
count_units (const ChainSnapLayer *l, guint bit, double share)
{
  guint n = 0;

  if (l->unit_state == NULL)
    return (guint) lround (share * l->width);
  for (guint i = 0; i < l->width; i++)
    n += (l->unit_state[i] & bit) != 0;
  return n > 0 ? n : (guint) lround (share * l->width);
}

static gboolean
are_twins (const float *a, const float *b, guint n, double *largest)
{
  double apart = 0, size = 0;

  *largest = 0;
  for (guint j = 0; j < n; j++)
    {
      double d = (double) a[j] - b[j];

      apart += d * d;
      size += (double) a[j] * a[j] + (double) b[j] * b[j];
      *largest = fmax (*largest, fabs (d));
    }
  return apart <= 0 || sqrt (apart) < CHAIN_HEALTH_SYMMETRIC_DISTANCE * sqrt (size / 2);
}

/* The largest difference between entries of units that count as equal; NaN where the weights are not at hand. */
static double
largest_difference (const ChainSnapshot *s, int layer)
{
  const ChainSnapTensor *w = chain_net_weight (s, layer);
  double most = NAN, d;

  if (w == NULL || w->value == NULL || w->rows > 512)
    return NAN;
  for (guint i = 1; i < w->rows; i++)
    for (guint k = 0; k < i; k++)
      if (are_twins (w->value + (gsize) i * w->cols, w->value + (gsize) k * w->cols, w->cols, &d))
        most = fmax (most, d);      /* fmax passes NaN by */
  return most;
}

static char *
symmetric_cause (const ChainSnapshot *s, int layer)
{
  const ChainSnapLayer *l = layer_at (s, (guint) layer);
  const ChainLayer *spec = g_ptr_array_index (s->spec->layers, layer);
  const ChainChoice *init = spec->initialiser.id != NULL ? &spec->initialiser : &s->spec->initialiser;
  guint n = count_units (l, CHAIN_HEALTH_SYMMETRIC, l->stat.symmetric);
  double most = largest_difference (s, layer);
  g_autofree char *name = name_of (s, layer);
  GString *d = g_string_new (NULL);
  Text number;

  if (n >= l->width)
    g_string_append_printf (d, _("All %u units of %s have the same incoming weights"), l->width, name);
  else
    g_string_append_printf (d, _("%u of the %u units of %s have the incoming weights of another one"), n, l->width, name);
  if (!isnan (most))
    g_string_append_printf (d, _(": largest difference %s"), most > 0 ? chain_number_text_short (number, most) : "0");
  g_string_append (d, ".");
  if (_chain_is_constant (init))
    g_string_append_printf (d, _(" The initialiser “%s” made them so."), _(chain_init_row (init->id)->info.title));
  return g_string_free (d, FALSE);
}

/* --- dead, saturated --- */
static char *
dead_cause (const ChainSnapshot *s, int layer)
{
  const ChainSnapLayer *l = layer_at (s, (guint) layer);
  guint n = count_units (l, CHAIN_HEALTH_DEAD, l->stat.dead);
  g_autofree char *name = name_of (s, layer), *act = chain_name_activation_short (g_ptr_array_index (s->spec->layers, layer));
  Text rate;

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u of the %u units of %s (%s) has answered 0 to every row for %d epochs or longer; the learning rate is %s.",
                                       "%u of the %u units of %s (%s) have answered 0 to every row for %d epochs or longer; the learning rate is %s.", n),
                          n, l->width, name, act != NULL ? act : "", CHAIN_HEALTH_DEAD_EPOCHS, chain_number_text_setting (rate, s->lr));
}

static char *
saturated_cause (const ChainSnapshot *s, int layer)
{
  const ChainSnapLayer *l = layer_at (s, (guint) layer);
  g_autofree char *name = name_of (s, layer);
  Text share, rms, mean;

  return g_strdup_printf (_("%s of the answers of %s lie on the flat ends; the RMS of its weights is %s, the mean of its answers %s."),
                          chain_number_text_percent (share, l->stat.saturated), name, chain_number_text_loss (rms, l->stat.weight_rms, 2),
                          chain_number_text_fixed (mean, l->stat.act_mean, 2));
}

/* --- gradients --- */
static int
compare_layers (gconstpointer a, gconstpointer b, gpointer data)
{
  const ChainSnapshot *s = data;
  double x = layer_at (s, *(const guint *) a)->stat.grad_rms, y = layer_at (s, *(const guint *) b)->stat.grad_rms;

  return x < y ? -1 : x > y;
}

/* Layers that have a gradient, smallest first. */
static GArray *
by_gradient (const ChainSnapshot *s)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < s->layers->len; i++)
    if (isfinite (layer_at (s, i)->stat.grad_rms))
      g_array_append_val (order, i);
  g_array_sort_with_data (order, compare_layers, (gpointer) s);
  return order;
}

static char *
vanishing_cause (const ChainSnapshot *s, int layer)
{
  g_autoptr (GArray) order = by_gradient (s);
  guint top = order->len > 0 ? g_array_index (order, guint, order->len - 1) : 0;
  double here = layer_at (s, (guint) layer)->stat.grad_rms, there = layer_at (s, top)->stat.grad_rms;
  g_autofree char *name = name_of (s, layer), *largest = name_of (s, (int) top);
  Text a, b, times;

  if (here > 0)
    return g_strdup_printf (_("The gradient of %s has an RMS of %s, that of %s %s: %s times as much."), name, chain_number_text_short (a, here), largest,
                            chain_number_text_short (b, there), chain_number_text_short (times, there / here));
  return g_strdup_printf (_("The gradient of %s is 0; that of %s has an RMS of %s."), name, largest, chain_number_text_short (b, there));
}

static char *
exploding_cause (const ChainSnapshot *s, int layer)
{
  g_autoptr (GArray) order = by_gradient (s);
  guint middle = order->len > 0 ? g_array_index (order, guint, (order->len - 1) / 2) : 0;
  double here = layer_at (s, (guint) layer)->stat.grad_rms, median = layer_at (s, middle)->stat.grad_rms;
  g_autofree char *name = name_of (s, layer);
  Text a, b, c;

  if (s->grad_norm > CHAIN_HEALTH_EXPLODING_NORM)
    return g_strdup_printf (_("All gradients together have a norm of %s; the gradient of %s has an RMS of %s. The learning rate is %s."),
                            chain_number_text_short (a, s->grad_norm), name, chain_number_text_short (b, here), chain_number_text_setting (c, s->lr));
  return g_strdup_printf (_("The gradient of %s has an RMS of %s; that of the median layer is %s."), name, chain_number_text_short (a, here),
                          chain_number_text_short (b, median));
}

static char *
not_finite_cause (const ChainSnapshot *s, int layer)
{
  g_autofree char *name = name_of (s, layer);
  Text share;

  return g_strdup_printf (_("%s of the answers of %s are not finite."), chain_number_text_percent (share, layer_at (s, (guint) layer)->stat.non_finite), name);
}

/* --- diverged --- */
/* "the loss", "layer 2", "the gradient of layer 2" */
static char *
broken_place (const ChainSnapshot *s)
{
  g_autofree char *layer = s->trouble >= 0 && (guint) s->trouble < s->spec->layers->len ? name_of (s, s->trouble) : NULL;

  if (s->broke.in == CHAIN_BROKE_IN_LAYER && layer != NULL)
    return s->broke.backward ? g_strdup_printf (_("the gradient of %s"), layer) : g_steal_pointer (&layer);
  if (s->broke.in == CHAIN_BROKE_IN_LOSS)
    return g_strdup (s->broke.backward ? _("the gradient of the loss") : _("the loss"));
  return g_strdup (s->broke.in == CHAIN_BROKE_IN_OPTIMISER ? _("the update of the weights") : _("the network"));
}

char *
chain_health_trouble_text (const ChainSnapshot *s)
{
  g_autofree char *place = broken_place (s), *step = g_strdup_printf ("%" G_GUINT64_FORMAT, s->broke.step);
  static const char *const words[] = {
    [CHAIN_BROKE_UNKNOWN] = N_ ("Step %s: the numbers in %s grew too large"),
    [CHAIN_BROKE_LARGE] = N_ ("Step %s: the numbers in %s grew too large"),
    [CHAIN_BROKE_NAN] = N_ ("Step %s: infinities met in %s, and what came out is no number"),
    [CHAIN_BROKE_LOG] = N_ ("Step %s: %s took the logarithm of a number that is not positive"),
    [CHAIN_BROKE_ROOT] = N_ ("Step %s: %s took the square root of a negative number"),
    [CHAIN_BROKE_DIVISION] = N_ ("Step %s: %s divided by a number that is 0 or nearly so"),
  };

  if (s->broke.step == 0)
    return g_strdup (s->message != NULL ? s->message : _("Training stopped: a value is not finite"));
  return g_strdup_printf (_(words[s->broke.how]), step, place);
}

/* What it was made from says how far things had gone. */
static char *
diverged_cause (const ChainSnapshot *s)
{
  GString *d = g_string_new (NULL);
  g_autofree char *told = chain_health_trouble_text (s);
  Text low, high;

  g_string_append_printf (d, "%s.", told);
  if (s->broke.how != CHAIN_BROKE_UNKNOWN && isfinite (s->broke.low) && isfinite (s->broke.high))
    g_string_append_printf (d, _(" What it was computed from lay between %s and %s."), chain_number_text_loss (low, s->broke.low, 2),
                            chain_number_text_loss (high, s->broke.high, 2));
  if (s->remedy_kind == CHAIN_REMEDY_ADVICE && s->remedy != NULL)
    g_string_append_printf (d, " %s.", s->remedy);
  return g_string_free (d, FALSE);
}

char *
_chain_finding_cause (const ChainSnapshot *s, ChainFindingKind kind, int layer)
{
  switch (kind)
    {
    case CHAIN_FINDING_DIVERGED:
      return diverged_cause (s);
    case CHAIN_FINDING_NOT_FINITE: return not_finite_cause (s, layer);
    case CHAIN_FINDING_EXPLODING: return exploding_cause (s, layer);
    case CHAIN_FINDING_SYMMETRIC: return symmetric_cause (s, layer);
    case CHAIN_FINDING_DEAD: return dead_cause (s, layer);
    case CHAIN_FINDING_SATURATED: return saturated_cause (s, layer);
    default: return vanishing_cause (s, layer);
    }
}

/* --- rules --- */
static char *
saturated_rule (const ChainSnapshot *s, int layer)
{
  const ChainLayer *l = g_ptr_array_index (s->spec->layers, layer);
  const ChainActivationRow *row = l->activation.id != NULL ? chain_activation_row (l->activation.id) : NULL;
  Text share, low, high;

  chain_number_text_percent (share, CHAIN_HEALTH_SATURATED_SHARE);
  if (row == NULL || isnan (row->saturated_high))
    return g_strdup_printf (_("Said where more than %s of the answers to a batch lie on a flat end."), share);
  if (isnan (row->saturated_low))
    return g_strdup_printf (_("Said where more than %s of the answers to a batch lie above %s."), share, chain_number_text_loss (high, row->saturated_high, 2));
  return g_strdup_printf (_("Said where more than %s of the answers to a batch lie below %s or above %s."), share,
                          chain_number_text_fixed (low, row->saturated_low, 2), chain_number_text_fixed (high, row->saturated_high, 2));
}

char *
_chain_finding_rule (const ChainSnapshot *s, ChainFindingKind kind, int layer)
{
  Text a, b, c;

  switch (kind)
    {
    case CHAIN_FINDING_DIVERGED: case CHAIN_FINDING_NOT_FINITE:
      return g_strdup (_("Said at the first value that is infinite or not a number."));
    case CHAIN_FINDING_EXPLODING:
      return g_strdup_printf (_("Said where the RMS is above %s and above %s times that of the median layer, or the norm of all gradients above %s."),
                              chain_number_text_setting (c, CHAIN_HEALTH_EXPLODING_RMS), chain_number_text_setting (a, CHAIN_HEALTH_EXPLODING_RATIO),
                              chain_number_text_setting (b, CHAIN_HEALTH_EXPLODING_NORM));
    case CHAIN_FINDING_SYMMETRIC:
      return g_strdup_printf (_("Said of two units whose incoming weights differ by less than %s of their size."),
                              chain_number_text_setting (a, CHAIN_HEALTH_SYMMETRIC_DISTANCE));
    case CHAIN_FINDING_DEAD:
      return g_strdup_printf (_("Said of units that answer 0 to the whole data set for %d epochs, as evaluations see it."), CHAIN_HEALTH_DEAD_EPOCHS);
    case CHAIN_FINDING_SATURATED:
      return saturated_rule (s, layer);
    default:
      return g_strdup_printf (_("Said where the RMS is below %s and below %s of the largest layer’s."), chain_number_text_setting (a, CHAIN_HEALTH_VANISHING_RMS),
                              chain_number_text_setting (b, CHAIN_HEALTH_VANISHING_RATIO));
    }
}
