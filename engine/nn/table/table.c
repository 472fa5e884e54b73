/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up rows and reading their parameters.
 *
 * Every table is a list of families (one file each); the first look-up copies them into one array, rows that the
 * lecture names first, so that a caller sees one table and a file stays short. Every row begins with its ChainRowInfo, so one function finds a row of any table by id. */
#include "engine/nn/table/rows.h"

#include "engine/base/number.h"
#include "engine/lang/formula.h"

#include <math.h>
#include <string.h>

typedef const void *(*Family) (guint *n);

typedef struct
{
  const char *name;        /* as `chainrule-cli list` calls it */
  gsize       row_size;
  Family      families[12]; /* NULL-terminated */
  char       *rows;        /* joined; made once, kept for the life of the program */
  guint       n;
} Table;

enum { ACTIVATIONS, LOSSES, LAYERS, INITS, OPTIMS, SCHEDULES, DATA, REGULARS, METRICS, N_TABLES };

#define TABLE(cli_name, type, ...) { .name = cli_name, .row_size = sizeof (type), .families = { __VA_ARGS__ } }
static Table tables[N_TABLES] = {
  [ACTIVATIONS] = TABLE ("activations", ChainActivationRow, _chain_act_lecture, _chain_act_smooth, _chain_act_pieces, _chain_act_straight),
  [LOSSES] = TABLE ("losses", ChainLossRow, _chain_loss_regression, _chain_loss_classes, _chain_loss_weighted, _chain_loss_overlap,
                    _chain_loss_costs, _chain_loss_likelihood, _chain_loss_pairs, _chain_loss_transport, _chain_loss_adversarial, _chain_loss_typed),
  [LAYERS] = TABLE ("layers", ChainLayerRow, _chain_layer_rows),
  [INITS] = TABLE ("initialisers", ChainInitRow, _chain_init_rows, _chain_init_structured, _chain_init_network),
  [OPTIMS] = TABLE ("optimisers", ChainOptimRow, _chain_optim_descent, _chain_optim_adaptive, _chain_optim_adam, _chain_optim_sign,
                   _chain_optim_matrix, _chain_optim_averaged, _chain_optim_wrap),
  [SCHEDULES] = TABLE ("schedules", ChainScheduleRow, _chain_schedule_rows, _chain_schedule_cycles, _chain_schedule_plateau),
  [REGULARS] = TABLE ("regularisers", ChainRegularRow, _chain_regular_rows),
  [METRICS] = TABLE ("metrics", ChainMetricRow, _chain_metric_rows),
  [DATA] = TABLE ("datasets", ChainDataRow, _chain_data_generated, _chain_data_bundled),
};

static void
table_join (Table *t)
{
  guint total = 0, n, at = 0;

  for (guint i = 0; t->families[i] != NULL; i++)
    {
      t->families[i] (&n);
      total += n;
    }
  t->rows = g_malloc (total * t->row_size);
  for (int lecture = 1; lecture >= 0; lecture--)
    for (guint i = 0; t->families[i] != NULL; i++)
      {
        const char *rows = t->families[i] (&n);

        for (guint k = 0; k < n; k++, rows += t->row_size)
          if ((((const ChainRowInfo *) (const void *) rows)->lecture != NULL) == lecture)
            memcpy (t->rows + at++ * t->row_size, rows, t->row_size);
      }
  t->n = total;
}

static const Table *
table_get (int which)
{
  static gsize once;

  if (g_once_init_enter (&once))
    {
      for (int i = 0; i < N_TABLES; i++)
        table_join (&tables[i]);
      g_once_init_leave (&once, 1);
    }
  return &tables[which];
}

static const void *
rows_of (int which, guint *n)
{
  const Table *t = table_get (which);

  if (n != NULL)
    *n = t->n;
  return t->rows;
}

static const void *
row_by_id (int which, const char *id)
{
  const Table *t = table_get (which);

  for (guint i = 0; id != NULL && i < t->n; i++)
    {
      const ChainRowInfo *info = (const void *) (t->rows + i * t->row_size);

      if (g_str_equal (info->id, id))
        return info;
    }
  return NULL;
}

const ChainActivationRow *chain_table_activations (guint *n) { return rows_of (ACTIVATIONS, n); }
const ChainLossRow       *chain_table_losses      (guint *n) { return rows_of (LOSSES, n); }
const ChainInitRow       *chain_table_inits       (guint *n) { return rows_of (INITS, n); }
const ChainOptimRow      *chain_table_optims      (guint *n) { return rows_of (OPTIMS, n); }
const ChainRegularRow    *chain_table_regulars    (guint *n) { return rows_of (REGULARS, n); }
const ChainScheduleRow   *chain_table_schedules   (guint *n) { return rows_of (SCHEDULES, n); }
const ChainLayerRow      *chain_table_layers      (guint *n) { return rows_of (LAYERS, n); }
const ChainDataRow       *chain_table_data        (guint *n) { return rows_of (DATA, n); }
const ChainMetricRow     *chain_table_metrics     (guint *n) { return rows_of (METRICS, n); }

const ChainActivationRow *chain_activation_row (const char *id) { return row_by_id (ACTIVATIONS, id); }
const ChainLossRow       *chain_loss_row       (const char *id) { return row_by_id (LOSSES, id); }
const ChainInitRow       *chain_init_row       (const char *id) { return row_by_id (INITS, id); }
const ChainOptimRow      *chain_optim_row      (const char *id) { return row_by_id (OPTIMS, id); }
const ChainRegularRow    *chain_regular_row    (const char *id) { return row_by_id (REGULARS, id); }
const ChainScheduleRow   *chain_schedule_row   (const char *id) { return row_by_id (SCHEDULES, id); }
const ChainLayerRow      *chain_layer_row      (const char *id) { return row_by_id (LAYERS, id); }
const ChainDataRow       *chain_data_row       (const char *id) { return row_by_id (DATA, id); }
const ChainMetricRow     *chain_metric_row     (const char *id) { return row_by_id (METRICS, id); }

GPtrArray *
chain_table_infos (const char *table)
{
  for (int i = 0; i < N_TABLES; i++)
    if (g_str_equal (tables[i].name, table))
      {
        const Table *t = table_get (i);
        GPtrArray *infos = g_ptr_array_new ();

        for (guint k = 0; k < t->n; k++)
          g_ptr_array_add (infos, t->rows + k * t->row_size);
        return infos;
      }
  return NULL;
}

/* --- parameters --- */
static const ChainParamInfo *
param_info (const ChainRowInfo *info, const char *name)
{
  for (guint i = 0; i < info->n_params; i++)
    if (g_str_equal (info->params[i].name, name))
      return &info->params[i];
  return NULL;
}

static const ChainParamValue *
param_given (const ChainChoice *c, const char *name)
{
  if (c == NULL || c->params == NULL)
    return NULL;
  for (guint i = 0; i < c->params->len; i++)
    {
      const ChainParamValue *v = &g_array_index (c->params, ChainParamValue, i);

      if (g_str_equal (v->name, name))
        return v;
    }
  return NULL;
}

double
chain_param (const ChainParams *p, const char *name)
{
  const ChainParamInfo *info = param_info (p->info, name);
  const ChainParamValue *given = param_given (p->choice, name);

  g_assert (info != NULL);
  return given != NULL && given->text == NULL ? given->value : info->value;
}

const char *
chain_param_variant (const ChainParams *p)
{
  if (p->choice != NULL && p->choice->variant != NULL)
    return p->choice->variant;
  return p->info->variants != NULL ? p->info->variants[0] : "standard";
}

const char *
chain_param_text (const ChainParams *p, const char *name)
{
  const ChainParamInfo *info = param_info (p->info, name);
  const ChainParamValue *given = param_given (p->choice, name);

  g_assert (info != NULL && info->formula_names != NULL);
  return given != NULL && given->text != NULL ? given->text : info->text;
}

static gboolean
variant_known (const ChainRowInfo *info, const char *variant)
{
  if (info->variants == NULL)
    return g_str_equal (variant, "standard");
  return g_strv_contains (info->variants, variant);
}

/* Names of the parameters of a row, for a message. */
static char *
param_names (const ChainRowInfo *info)
{
  GString *s = g_string_new (NULL);

  for (guint i = 0; i < info->n_params; i++)
    g_string_append_printf (s, "%s%s", i > 0 ? ", " : "", info->params[i].name);
  return g_string_free (s, FALSE);
}

static gboolean
in_range (const ChainParamInfo *info, double v)
{
  if (!isfinite (v) || (info->integer && v != floor (v)))
    return FALSE;
  if (info->open_min ? v <= info->min : v < info->min)
    return FALSE;
  return info->open_max ? v < info->max : v <= info->max;
}

static gboolean
formula_valid (const ChainParamInfo *info, const char *text, const char *row, const char *where, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autoptr (ChainFormula) f = chain_formula_parse (text, info->formula_names, NULL, &wrong);

  if (f == NULL)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” of “%s”: %s", where, info->name, row, wrong->message);
  else if (chain_formula_column (f, info->formula_names[0]) == 0)
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” of “%s” does not contain %s, so there is nothing to learn from it; use it in the formula",
                 where, info->name, row, info->formula_names[0]);
  else
    return TRUE;
  return FALSE;
}

static gboolean
text_valid (const ChainParamInfo *info, const ChainParamValue *v, const char *row, const char *where, GError **error)
{
  double list[CHAIN_PARAM_LIST_MAX];

  if (!isnan (info->value))
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” of “%s” is a number, not a text: give a number", where, v->name, row);
      return FALSE;
    }
  if (info->formula_names != NULL)
    return formula_valid (info, v->text, row, where, error);
  if (_chain_parse_list (v->text, list, G_N_ELEMENTS (list)) < 0)
    {
      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC,
                   "%s: “%s” of “%s” is a list of at most %d numbers with commas between them", where, v->name, row,
                   CHAIN_PARAM_LIST_MAX);
      return FALSE;
    }
  return TRUE;
}

static gboolean
param_valid (const ChainRowInfo *row, const ChainParamValue *v, const char *where, GError **error)
{
  const ChainParamInfo *info = param_info (row, v->name);
  char value[CHAIN_NUMBER_SIZE], low[CHAIN_NUMBER_SIZE], high[CHAIN_NUMBER_SIZE];

  if (info == NULL)
    {
      g_autofree char *names = param_names (row);

      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” has no parameter “%s”; it has %s", where, row->id, v->name,
                   names[0] != '\0' ? names : "none");
      return FALSE;
    }
  if (v->text != NULL)
    return text_valid (info, v, row->id, where, error);
  if (!isnan (info->value) && in_range (info, v->value))
    return TRUE;
  if (isnan (info->value))
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” of “%s” is a %s given as text", where, v->name, row->id,
                 info->formula_names != NULL ? "formula" : "list of numbers");
  else
    g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” of “%s” is %s; it must be %s %s %s and %s %s", where, v->name, row->id,
                 chain_number_write (value, v->value), info->integer ? "a whole number" : "a number",
                 info->open_min ? "above" : "at least", chain_number_write (low, info->min),
                 info->open_max ? "below" : "at most", chain_number_write (high, info->max));
  return FALSE;
}

gboolean
chain_choice_validate (const ChainChoice *c, const ChainRowInfo *info, const char *where, GError **error)
{
  if (c->variant != NULL && !variant_known (info, c->variant))
    {
      g_autofree char *names = info->variants != NULL ? g_strjoinv (", ", (char **) info->variants) : g_strdup ("standard");

      g_set_error (error, CHAIN_ERROR, CHAIN_ERROR_SPEC, "%s: “%s” has no variant “%s”; choose from %s", where, info->id, c->variant,
                   names);
      return FALSE;
    }
  for (guint i = 0; c->params != NULL && i < c->params->len; i++)
    if (!param_valid (info, &g_array_index (c->params, ChainParamValue, i), where, error))
      return FALSE;
  return TRUE;
}

int
_chain_parse_list (const char *text, double *out, guint max)
{
  g_auto (GStrv) parts = g_strsplit_set (text, ", ;", -1);
  guint n = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0')
        continue;
      if (n == max || !chain_number_parse (parts[i], -1, &out[n]))
        return -1;
      n++;
    }
  return (int) n;
}

int
_chain_param_list (const ChainParams *p, const char *name, double *out, guint max)
{
  const ChainParamValue *given = param_given (p->choice, name);

  g_assert (param_info (p->info, name) != NULL);
  return given != NULL && given->text != NULL ? MAX (0, _chain_parse_list (given->text, out, max)) : 0;
}

/* --- shared builders --- */
ChainShape
_chain_shape_of (ChainGraph *g, ChainId a)
{
  return chain_graph_node (g, a)->shape;
}

/* Value and derivative of PyTorch's clamp belong to different functions below p = 1e-12, so no plain composition has both. q = p/1e-12
 * has the derivative; what it adds to the value is taken off again as a constant, which is exact because ln p − q <= −27. The ordinary
 * branch sees p = 1 there, so that nothing infinite meets its zero cotangent. */
ChainId
_chain_log_clamped (ChainGraph *g, ChainId p)
{
  ChainShape shape = _chain_shape_of (g, p);
  ChainId tail = chain_lt (g, p, chain_full (g, shape, 1e-12));
  ChainId plain = chain_log (g, chain_where (g, tail, chain_full (g, shape, 1), p));
  ChainId q = chain_scale (g, p, 1e12);
  ChainId floor_value = chain_max (g, chain_log (g, p), chain_full (g, shape, -100));

  return chain_where (g, tail, chain_add (g, chain_stop (g, chain_sub (g, floor_value, q)), q), plain);
}

ChainId
_chain_sum_cols (ChainGraph *g, ChainId a)
{
  return chain_sum (g, a, chain_shape (_chain_shape_of (g, a).rows, 1));
}

ChainId
_chain_safe_root (ChainGraph *g, ChainId sq)
{
  ChainId zero = chain_zeros_like (g, sq), some = chain_lt (g, zero, sq);

  return chain_where (g, some, chain_sqrt (g, chain_where (g, some, sq, chain_ones_like (g, sq))), zero);
}

ChainId
_chain_row_lengths (ChainGraph *g, ChainId a)
{
  return _chain_safe_root (g, _chain_sum_cols (g, chain_square (g, a)));
}

ChainId
_chain_constants (ChainGraph *g, const double *values, guint n)
{
  ChainId row = chain_const (g, values[0]);

  for (guint i = 1; i < n; i++)
    row = chain_concat (g, row, chain_const (g, values[i]), 1);
  return row;
}

ChainId
_chain_class_list (ChainGraph *g, const ChainParams *p, const char *name, guint classes, double fallback)
{
  g_autofree double *values = g_new (double, classes);
  double list[CHAIN_PARAM_LIST_MAX];
  int n = _chain_param_list (p, name, list, G_N_ELEMENTS (list));

  for (guint k = 0; k < classes; k++)
    values[k] = n > 0 ? list[MIN ((int) k, n - 1)] : fallback;
  return _chain_constants (g, values, classes);
}

ChainId
_chain_plus (ChainGraph *g, ChainId a, ChainId s)
{
  return chain_add (g, a, chain_broadcast (g, s, _chain_shape_of (g, a)));
}

ChainId
_chain_complement (ChainGraph *g, ChainId a)
{
  return chain_sub (g, chain_ones_like (g, a), a);
}

ChainId
_chain_average (ChainGraph *g, ChainId old, ChainId b, ChainId new_value)
{
  return chain_add (g, chain_mul_s (g, old, b), chain_mul_s (g, new_value, _chain_complement (g, b)));
}

ChainId
_chain_norm (ChainGraph *g, ChainId a)
{
  return chain_sqrt (g, chain_sum_all (g, chain_square (g, a)));
}

const char *
chain_loss_from_logits (const char *id)
{
  static const char *const pairs[][2] = { { "bce", "bce_with_logits" }, { "cross_entropy", "ce_with_logits" }, { "weighted_bce", "weighted_bce_with_logits" },
                                          { "focal_probabilities", "focal" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    if (g_strcmp0 (id, pairs[i][0]) == 0)
      return pairs[i][1];
  return NULL;
}
