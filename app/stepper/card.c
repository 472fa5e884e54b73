/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at a position: one sentence, the chain rule in symbols, the same with numbers, the result.
 *
 * On the way back the card follows the value that the rule hands its adjoint to (of a product: what is computed, not the weight). Where several
 * readers hand something to it, all that have arrived stand in the formula and the newest is in the adjoint's colour. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/stepper/words/words.h"
#include "engine/nn/table.h"

static const ChainWire *
wire_at (const ChainDiagram *d, guint i)
{
  return &g_array_index (d->wires, ChainWire, i);
}

static char *
text_of (const ChainDiagram *d, guint cell)
{
  return chain_maths_to_text (chain_diagram_cell (d, cell)->name);
}

static ChainMaths *
sign (const char *s)
{
  return chain_maths_sign (s);
}

/* --- forward --- */
static const char *
loss_title (const ChainDiagram *d, const char *symbol)
{
  const ChainLossRow *row = d->model->spec->losses->len == 1 ? chain_loss_row (((const ChainLossTerm *) g_ptr_array_index (d->model->spec->losses, 0))->choice.id) : NULL;

  return row != NULL ? _(row->info.title) : symbol;
}

static char *
forward_title (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);
  ChainOp op = (ChainOp) chain_graph_node (d->model->graph, c->node)->op;
  g_autofree char *name = text_of (d, cell);

  if (c->kind == CHAIN_CELL_LOSS)
    return g_strdup_printf (_("The loss is computed: %s"), loss_title (d, c->symbol));
  if (c->kind == CHAIN_CELL_LAYER)
    return g_strdup_printf (_("Layer %s computes its values"), c->symbol);
  if (strcmp (c->symbol, "×") == 0)
    {
      g_autofree char *making = c->making != NULL ? chain_maths_to_text (c->making) : g_strdup (name);

      return g_strdup_printf (_("Two factors are multiplied: %s"), making);
    }
  if (strcmp (c->symbol, "+") == 0)
    return g_strdup_printf (_("Everything that reaches %s is added"), name);
  if (strcmp (c->symbol, "Σ") == 0)
    return g_strdup_printf (_("The weighted sum makes %s"), name);
  if (_chain_guints (d->p->members, cell) > 1)
    return g_strdup_printf (_("%s makes %s"), c->symbol, name);
  return g_strdup_printf (_("%s makes %s"), _(chain_op_row (op)->title), name);
}

static ChainMaths *
equation (ChainMaths *left, ChainMaths *right)
{
  return right == NULL ? left : chain_maths_row (left, sign ("="), right, NULL);
}

static void
forward_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, ChainStepCard *c)
{
  const ChainCell *cell = chain_diagram_cell (d, e->cell);
  double v = chain_cell_value (t, cell);

  c->title = forward_title (d, e->cell);
  if (cell->making != NULL)
    {
      ChainMaths *numbers = d->scalars ? _chain_making (t, d, e->cell, TRUE) : NULL;

      c->symbols = equation (chain_maths_ref (cell->name), _chain_making (t, d, e->cell, FALSE));
      if (numbers == NULL && (cell->row < 0 || cell->col < 0))
        numbers = _chain_entries (t, cell, FALSE);
      c->numbers = numbers != NULL ? equation (chain_maths_ref (cell->name), numbers) : NULL;
    }
  if (cell->row >= 0 && cell->col >= 0)
    c->result = equation (chain_maths_ref (cell->name), chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (v)));
  else
    c->result = equation (chain_maths_fence ("‖", chain_maths_ref (cell->name), "‖"), chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (v)));
}

/* --- backward --- */
static ChainMaths *
derivative_of (const ChainDiagram *d, guint over, guint under)
{
  ChainMaths *top = over == G_MAXUINT ? chain_maths_symbol ("L") : chain_maths_ref (chain_diagram_cell (d, over)->name);

  return chain_maths_fraction (chain_maths_row (chain_maths_symbol ("∂"), top, NULL),
                               chain_maths_row (chain_maths_symbol ("∂"), chain_maths_ref (chain_diagram_cell (d, under)->name), NULL));
}

/* The wire whose start the card follows: the last that is no parameter's. */
static guint
main_wire (const ChainDiagram *d, guint cell)
{
  guint best = G_MAXUINT;

  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    {
      guint i = _chain_guint (d->p->wires_in, cell, k);
      gboolean param = chain_diagram_cell (d, wire_at (d, i)->from)->kind == CHAIN_CELL_PARAM;

      if (wire_at (d, i)->at == G_MAXUINT)
        continue;
      if (best == G_MAXUINT || (!param && chain_diagram_cell (d, wire_at (d, best)->from)->kind == CHAIN_CELL_PARAM))
        best = i;
    }
  return best;
}

/* Wires by which the value has received by now, the first to arrive first. */
static GArray *
arrived (const ChainDiagram *d, guint cell, guint position, guint *of)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (guint));

  *of = 0;
  for (guint k = _chain_guints (d->p->wires_out, cell); k-- > 0;)
    {
      guint i = _chain_guint (d->p->wires_out, cell, k);

      *of += wire_at (d, i)->at != G_MAXUINT;
      if (wire_at (d, i)->at <= position)
        g_array_append_val (out, i);
    }
  return out;
}

/* "m₄, m₅, b₄". */
static char *
receivers (const ChainDiagram *d, guint cell)
{
  GString *s = g_string_new (NULL);
  guint n = 0;

  for (guint k = 0; k < _chain_guints (d->p->wires_in, cell); k++)
    {
      const ChainWire *w = wire_at (d, _chain_guint (d->p->wires_in, cell, k));
      g_autofree char *name = w->at != G_MAXUINT ? text_of (d, w->from) : NULL;

      if (name == NULL)
        continue;
      if (n < 4)
        g_string_append_printf (s, "%s%s", n > 0 ? ", " : "", name);
      else if (n == 4)
        g_string_append (s, ", …");
      n++;
    }
  return g_string_free (s, FALSE);
}

static char *
backward_title (const ChainDiagram *d, const ChainEventRow *e, guint target, guint n, guint of)
{
  const ChainCell *c = chain_diagram_cell (d, e->cell);
  g_autofree char *name = text_of (d, target);
  g_autofree char *own = text_of (d, _chain_named_cell (d, e->cell));

  if (of == 2 && n == 2)
    return g_strdup_printf (_("Both branches meet at %s"), name);
  if (of > 1 && n == of)
    return g_strdup_printf (_("All %u branches meet at %s"), of, name);
  if (of > 1)
    return g_strdup_printf (_("Branch %u of %u arrives at %s"), n, of, name);
  if (c->kind == CHAIN_CELL_LOSS)
    return g_strdup_printf (_("The derivative of the loss arrives at %s"), name);
  if (c->kind == CHAIN_CELL_LAYER)
    return g_strdup_printf (_("Layer %s passes its adjoint to %s"), c->symbol, name);
  if (strcmp (c->symbol, "×") == 0)
    return g_strdup_printf (_("Multiply passes its adjoint to %s"), name);
  if (strcmp (c->symbol, "+") == 0)
    {
      g_autofree char *all = receivers (d, e->cell);

      return g_strdup_printf (_("Add passes its adjoint on unchanged, to %s"), all);
    }
  if (strcmp (c->symbol, "Σ") == 0)
    return g_strdup_printf (_("The adjoint of %s goes through the weighted sum to %s"), own, name);
  return g_strdup_printf (_("The adjoint of %s goes through %s to %s"), own, c->symbol, name);
}

/* One path: symbols ∂L/∂z · ∂z/∂h, or numbers (adjoint)(local derivative). */
static ChainMaths *
path_of (const ChainTrace *t, const ChainDiagram *d, guint wire, guint position, gboolean numbers)
{
  const ChainWire *w = wire_at (d, wire);
  guint over = _chain_named_cell (d, w->to);
  double local;

  if (over == w->from || chain_diagram_cell (d, over) == chain_diagram_cell (d, _chain_named_cell (d, w->from)))
    over = w->to;
  if (!numbers)
    return chain_diagram_cell (d, w->to)->kind == CHAIN_CELL_LOSS
             ? derivative_of (d, w->to, w->from)
             : chain_maths_row (derivative_of (d, G_MAXUINT, over), derivative_of (d, over, w->from), NULL);
  local = chain_wire_local (t, d, wire);
  if (isnan (local) || !d->scalars)
    return _chain_number (chain_wire_contribution (t, d, wire));
  return chain_maths_row (chain_maths_fence ("(", _chain_number (chain_cell_adjoint (t, d, w->to, position)), ")"),
                          chain_maths_fence ("(", _chain_number (local), ")"), NULL);
}

typedef enum { PATH_SYMBOLS, PATH_NUMBERS, PATH_RESULTS } PathAs;

#define PATHS 3               /* that are written out */

static void
add_path (GPtrArray *parts, ChainMaths *part, gboolean minus, gboolean newest)
{
  if (parts->len > 0)
    g_ptr_array_add (parts, sign (minus ? "−" : "+"));
  g_ptr_array_add (parts, newest ? chain_maths_ink (CHAIN_MATHS_BACKWARD, part) : part);
}

/* Of many that have arrived: the first and "⋯", or their sum as it stood before the newest came. */
static void
add_earlier (const ChainTrace *t, const ChainDiagram *d, const GArray *wires, guint position, PathAs as, GPtrArray *parts)
{
  guint first = g_array_index (wires, guint, 0);

  if (as == PATH_SYMBOLS)
    {
      add_path (parts, path_of (t, d, first, position, FALSE), FALSE, FALSE);
      add_path (parts, sign ("⋯"), FALSE, FALSE);
    }
  else
    add_path (parts, _chain_number (_chain_wire_sum (t, d, wire_at (d, first)->from, position - 1)), FALSE, FALSE);
}

/* All that has arrived, the newest in the adjoint's colour. */
static ChainMaths *
paths (const ChainTrace *t, const ChainDiagram *d, const GArray *wires, guint position, PathAs as)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  gboolean many = wires->len > PATHS && wire_at (d, g_array_index (wires, guint, wires->len - 1))->at == position
                  && wire_at (d, g_array_index (wires, guint, wires->len - 2))->at < position;

  if (many)
    add_earlier (t, d, wires, position, as, parts);
  for (guint k = many ? wires->len - 1 : 0; k < wires->len; k++)
    {
      guint wire = g_array_index (wires, guint, k);
      double v = chain_wire_contribution (t, d, wire);
      gboolean minus = as == PATH_RESULTS && k > 0 && v < 0;

      add_path (parts, as == PATH_RESULTS ? _chain_number (minus ? -v : v) : path_of (t, d, wire, position, as == PATH_NUMBERS), minus,
                wire_at (d, wire)->at == position);
    }
  return chain_maths_row_of ((ChainMaths **) parts->pdata, parts->len);
}

/* An entry that somebody chose; id NULL: nobody did. */
typedef struct { const char *id; gint64 row, col; } Chosen;

/* The entry of a cell that the card speaks of: the one chosen, or that of the largest adjoint. */
static void
entry_in_view (const ChainTrace *t, const ChainCell *cell, const Chosen *chosen, gint64 *row, gint64 *col)
{
  ChainId sum = t->adjoint[cell->node];
  double largest = -1;
  gint64 rows, cols;

  chain_trace_shape (t, cell->node, &rows, &cols);
  *row = MAX (cell->row, 0);
  *col = MAX (cell->col, 0);
  if (chosen->id != NULL && strcmp (chosen->id, cell->id) == 0 && chosen->row < rows && chosen->col < cols
      && (cell->row < 0 || cell->row == chosen->row) && (cell->col < 0 || cell->col == chosen->col))
    {
      *row = chosen->row;
      *col = chosen->col;
      return;
    }
  for (gint64 r = cell->row < 0 ? 0 : cell->row; sum != CHAIN_NONE && t->value[sum] != NULL && r < (cell->row < 0 ? rows : cell->row + 1); r++)
    for (gint64 k = cell->col < 0 ? 0 : cell->col; k < (cell->col < 0 ? cols : cell->col + 1); k++)
      if (fabs (chain_trace_at (t, sum, r, k)) > largest)
        {
          largest = fabs (chain_trace_at (t, sum, r, k));
          *row = r;
          *col = k;
        }
}

/* Of a matrix: its first entries once all is in, and its norm. */
static void
backward_matrix (const ChainTrace *t, const ChainDiagram *d, guint target, gboolean complete, const Chosen *chosen, ChainMaths *norm, ChainStepCard *c)
{
  const ChainCell *cell = chain_diagram_cell (d, target);
  ChainMaths *entries = complete ? _chain_entries (t, cell, TRUE) : NULL;
  g_autoptr (ChainMaths) name = NULL;

  c->numbers = entries != NULL ? equation (derivative_of (d, G_MAXUINT, target), entries) : NULL;
  c->result = equation (chain_maths_fence ("‖", derivative_of (d, G_MAXUINT, target), "‖"), norm);
  if (!complete || t->adjoint[cell->node] == CHAIN_NONE || chain_graph_node (t->model->graph, t->adjoint[cell->node])->op == CHAIN_OP_CONST)
    return;
  entry_in_view (t, cell, chosen, &c->row, &c->col);
  c->node = cell->node;
  name = _chain_entry_name (t, d, cell->node, c->row, c->col);
  c->entry = chain_maths_to_text (name);
}

static void
backward_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, guint position, const Chosen *chosen, ChainStepCard *c)
{
  guint wire = main_wire (d, e->cell), target = wire_at (d, wire)->from, of;
  const ChainCell *cell = chain_diagram_cell (d, target);
  g_autoptr (GArray) wires = arrived (d, target, position, &of);
  double total = chain_cell_adjoint (t, d, target, position);
  gboolean shared = d->scalars && t->b > 1 && cell->kind == CHAIN_CELL_PARAM, many = wires->len > 1;
  ChainMaths *strong;

  if (shared)   /* of this row; the engine's sum is the whole batch's */
    total = _chain_wire_sum (t, d, target, position);
  strong = chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (total));
  c->title = backward_title (d, e, target, wires->len, of);
  c->symbols = derivative_of (d, G_MAXUINT, target);
  if (many || chain_diagram_cell (d, e->cell)->kind != CHAIN_CELL_LOSS)
    c->symbols = equation (c->symbols, paths (t, d, wires, position, PATH_SYMBOLS));
  if (cell->row < 0 || cell->col < 0)
    {
      backward_matrix (t, d, target, position >= cell->adjoint_at && !shared, chosen, strong, c);
      return;
    }
  c->numbers = equation (derivative_of (d, G_MAXUINT, target), paths (t, d, wires, position, PATH_NUMBERS));
  c->result = many && d->scalars ? chain_maths_row (sign ("="), paths (t, d, wires, position, PATH_RESULTS), sign ("="), strong, NULL)
              : chain_maths_row (sign ("="), strong, NULL);
  if (wires->len == of && cell->term < 0 && cell->row >= 0 && cell->col >= 0)
    {
      c->node = cell->node;
      c->row = cell->row;
      c->col = cell->col;
    }
}

/* --- all --- */
static char *
number_text (double v)
{
  g_autoptr (ChainMaths) m = _chain_number (v);

  return chain_maths_to_text (m);
}

static gboolean
is_one_number (const ChainDiagram *d, guint cell)
{
  const ChainCell *c = chain_diagram_cell (d, cell);

  return c->row >= 0 && c->col >= 0;
}

static char *
name_or_norm (const ChainDiagram *d, guint cell)
{
  g_autofree char *name = text_of (d, cell);

  return is_one_number (d, cell) ? g_steal_pointer (&name) : g_strdup_printf (_("the norm of %s"), name);
}

static char *
spoken_of (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, guint position, const ChainStepCard *c)
{
  guint n = d->events->len, cell = e->cell;
  g_autofree char *name = NULL, *value = NULL;

  if (e->phase == CHAIN_PHASE_UPDATE && d->detail != CHAIN_DETAIL_NODES)
    {
      value = chain_maths_to_speech (c->symbols);
      return g_strdup_printf (_("Step %u of %u, update, line %u: %s"), position, n, e->line + 1, value);
    }
  if (e->phase == CHAIN_PHASE_BACKWARD && d->detail != CHAIN_DETAIL_NODES)
    cell = wire_at (d, main_wire (d, e->cell))->from;
  name = name_or_norm (d, cell);
  if (e->phase == CHAIN_PHASE_FORWARD || d->detail == CHAIN_DETAIL_NODES)
    {
      value = number_text (chain_cell_value (t, chain_diagram_cell (d, cell)));
      return g_strdup_printf (e->phase == CHAIN_PHASE_BACKWARD ? _("Step %u of %u, backward: %s is %s") : e->phase == CHAIN_PHASE_UPDATE
                              ? _("Step %u of %u, update: %s is %s") : _("Step %u of %u, forward: %s is %s"), position, n, name, value);
    }
  if (!is_one_number (d, cell))
    {
      g_free (name);
      name = text_of (d, cell);
      value = number_text (chain_cell_adjoint (t, d, cell, position));
      return position < chain_diagram_cell (d, cell)->adjoint_at
               ? g_strdup_printf (_("Step %u of %u, backward: the norm of the adjoint of %s is %s so far"), position, n, name, value)
               : g_strdup_printf (_("Step %u of %u, backward: the norm of the adjoint of %s is %s"), position, n, name, value);
    }
  value = number_text (chain_cell_adjoint (t, d, cell, position));
  return position < chain_diagram_cell (d, cell)->adjoint_at ? g_strdup_printf (_("Step %u of %u, backward: adjoint of %s is %s so far"), position, n, name, value)
         : g_strdup_printf (_("Step %u of %u, backward: adjoint of %s is %s"), position, n, name, value);
}

/* A cell of the raw graph, whatever its role: its value appears. */
static void
node_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, ChainStepCard *c)
{
  const ChainCell *cell = chain_diagram_cell (d, e->cell);
  g_autofree char *name = text_of (d, e->cell);
  const ChainOpRow *op = chain_op_row ((ChainOp) chain_graph_node (d->model->graph, cell->node)->op);

  forward_card (t, d, e, c);
  g_free (c->title);
  c->title = g_strdup_printf (e->phase == CHAIN_PHASE_BACKWARD ? _("Gradient: %s makes %s") : e->phase == CHAIN_PHASE_UPDATE ? _("Optimiser: %s makes %s")
                              : _("%s makes %s"), _(op->title), name);
}

#define PUT_IN 6u      /* inputs that are written out */

/* "x₁ = 0.8, x₂ = −1.2, t = 1": what the step begins with; a matrix by its norm. */
static ChainMaths *
put_in (const ChainTrace *t, const ChainDiagram *d)
{
  ChainMaths *all = NULL;
  guint n = 0;

  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (d, i);
      ChainMaths *name, *one;

      if (c->kind != CHAIN_CELL_INPUT && c->kind != CHAIN_CELL_TARGET)
        continue;
      if (n++ >= PUT_IN)
        continue;
      name = c->row >= 0 && c->col >= 0 ? chain_maths_ref (c->name) : chain_maths_fence ("‖", chain_maths_ref (c->name), "‖");
      one = chain_maths_row (name, sign ("="), chain_maths_ink (CHAIN_MATHS_STRONG, _chain_number (chain_cell_value (t, c))), NULL);
      all = all == NULL ? one : chain_maths_row (all, chain_maths_word (", "), one, NULL);
    }
  return n <= PUT_IN ? all : chain_maths_row (all, chain_maths_word (", "), sign ("⋯"), NULL);
}

/* What will follow, and with what it begins. */
static char *
start_hint (const ChainDiagram *d)
{
  g_autoptr (GString) s = g_string_new (NULL);
  const ChainCell *first = d->events->len > 0 ? chain_diagram_cell (d, g_array_index (d->events, ChainEventRow, 0).cell) : NULL;

  g_string_append_printf (s, g_dngettext (GETTEXT_PACKAGE, "%u step follows: ", "%u steps follow: ", d->events->len), d->events->len);
  g_string_append_printf (s, g_dngettext (GETTEXT_PACKAGE, "%u operation forward", "%u operations forward", d->n_forward), d->n_forward);
  if (d->n_backward > 0)
    g_string_append_printf (s, g_dngettext (GETTEXT_PACKAGE, ", %u rule backward", ", %u rules backward", d->n_backward), d->n_backward);
  if (d->n_update > 0)
    g_string_append_printf (s, d->detail == CHAIN_DETAIL_NODES ? g_dngettext (GETTEXT_PACKAGE, ", %u node of the optimiser", ", %u nodes of the optimiser", d->n_update)
                               : g_dngettext (GETTEXT_PACKAGE, ", %u line of the optimiser", ", %u lines of the optimiser", d->n_update), d->n_update);
  g_string_append_c (s, '.');
  if (first != NULL && first->making != NULL)
    {
      g_autofree char *name = chain_maths_to_text (first->name), *making = chain_maths_to_text (first->making);

      g_string_append_printf (s, _(" The first makes %s = %s."), name, making);
    }
  return g_string_free (g_steal_pointer (&s), FALSE);
}

static void
start_card (const ChainTrace *t, const ChainDiagram *d, ChainStepCard *c)
{
  g_autofree char *data = NULL;

  if (t->request.of == CHAIN_TRACE_BATCH)
    data = g_strdup_printf (_("A mini-batch of %u rows is put in"), (guint) t->b);
  else if (t->request.of == CHAIN_TRACE_ROW)
    data = g_strdup_printf (_("A mini-batch is put in; row %u of %u is looked at"), (guint) t->row + 1, (guint) t->b);
  else
    data = g_strdup_printf (_("Sample %u of %u is put in"), t->sample + 1, t->n_samples);
  c->title = g_steal_pointer (&data);
  c->spoken = g_strdup_printf (_("Start, %u steps: %s"), d->events->len, c->title);
  c->symbols = put_in (t, d);
  c->hint = start_hint (d);
}

ChainStepCard *
chain_step_card (const ChainTrace *t, const ChainDiagram *d, guint position)
{
  return chain_step_card_at (t, d, position, NULL, 0, 0);
}

static void
update_card (const ChainTrace *t, const ChainDiagram *d, const ChainEventRow *e, const Chosen *chosen, ChainStepCard *c)
{
  gint64 row, col;

  entry_in_view (t, chain_diagram_cell (d, e->cell), chosen, &row, &col);
  _chain_update_card (t, d, e, row, col, c);
}

ChainStepCard *
chain_step_card_at (const ChainTrace *t, const ChainDiagram *d, guint position, const char *chosen_id, gint64 row, gint64 col)
{
  Chosen chosen = { chosen_id, row, col };
  ChainStepCard *c = g_new0 (ChainStepCard, 1);
  const ChainEventRow *e;

  position = MIN (position, d->events->len);
  if (position == 0)
    {
      start_card (t, d, c);
      return c;
    }
  e = &g_array_index (d->events, ChainEventRow, position - 1);
  if (d->detail == CHAIN_DETAIL_NODES)
    node_card (t, d, e, c);
  else if (e->phase == CHAIN_PHASE_FORWARD)
    forward_card (t, d, e, c);
  else if (e->phase == CHAIN_PHASE_BACKWARD)
    backward_card (t, d, e, position, &chosen, c);
  else
    update_card (t, d, e, &chosen, c);
  c->spoken = spoken_of (t, d, e, position, c);
  return c;
}

static void
free_maths (ChainMaths **m)
{
  for (guint i = 0; m != NULL && m[i] != NULL; i++)
    chain_maths_unref (m[i]);
  g_free (m);
}

void
chain_step_card_free (ChainStepCard *c)
{
  if (c == NULL)
    return;
  g_free (c->title);
  g_clear_pointer (&c->symbols, chain_maths_unref);
  g_clear_pointer (&c->numbers, chain_maths_unref);
  g_clear_pointer (&c->result, chain_maths_unref);
  g_strfreev (c->lines);
  free_maths (c->line_maths);
  free_maths (c->line_numbers);
  free_maths (c->line_results);
  g_free (c->hint);
  g_free (c->spoken);
  g_free (c->entry);
  g_free (c);
}
