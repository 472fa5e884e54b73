/* SPDX-License-Identifier: Apache-2.0 */
/* A column view over the cells that are on the tape. Rows hold an index only; the cells of the table that are on screen are filled again when the
 * position moves, so that a tape of thousands costs what a page of it costs. */
#include "config.h"

#include "ui/backprop/tape.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "app/picture/number-text.h"

#define NONE "·"      /* there is none yet */

typedef enum { COLUMN_NUMBER, COLUMN_MAKING, COLUMN_VALUE, COLUMN_ADJOINT, COLUMN_BYTES, N_COLUMNS } Column;

struct _ChainTape
{
  GtkWidget           parent_instance;
  GtkWidget          *scroll, *view;
  GtkStringList      *rows;          /* one string a row: empty, the position in the list says which cell */
  GtkSingleSelection *selection;
  GPtrArray          *bound[N_COLUMNS];   /* of GtkListItem: what is on screen */
  GArray             *cells;         /* of guint: cell of each row, last first */
  ChainTrace         *trace;
  ChainDiagram       *diagram;
  guint               position, settled;
  gboolean            filling;
};

G_DEFINE_FINAL_TYPE (ChainTape, chain_tape, GTK_TYPE_WIDGET)

static guint picked;

/* Four decimals, as on paper. */
static void
number (GtkLabel *label, double v)
{
  char buf[CHAIN_NUMBER_TEXT_SIZE];

  gtk_label_set_text (label, isnan (v) ? NONE : chain_number_text (buf, v, 4));
}

static gint64
entries (const ChainTrace *t, const ChainCell *c)
{
  gint64 rows, cols;

  chain_trace_shape (t, c->node, &rows, &cols);
  return (c->row < 0 ? rows : 1) * (c->col < 0 ? cols : 1);
}

static guint
size_of (const ChainTrace *t)
{
  return t->dtype == CHAIN_F64 ? 8 : 4;
}

static char *
making_text (const ChainCell *c)
{
  g_autofree char *name = chain_maths_to_text (c->name), *making = c->making != NULL ? chain_maths_to_text (c->making) : NULL;

  return making != NULL ? g_strdup_printf ("%s = %s", name, making) : g_steal_pointer (&name);
}

static void
fill (ChainTape *self, GtkListItem *item, Column column)
{
  GtkLabel *label = GTK_LABEL (gtk_list_item_get_child (item));
  guint row = gtk_list_item_get_position (item), cell;
  g_autofree char *text = NULL;
  const ChainCell *c;

  if (row >= self->cells->len || self->diagram == NULL)
    return;
  cell = g_array_index (self->cells, guint, row);
  c = chain_diagram_cell (self->diagram, cell);
  switch (column)
    {
    case COLUMN_NUMBER:
      text = g_strdup_printf ("%u", self->cells->len - 1 - row);
      gtk_label_set_text (label, text);
      break;
    case COLUMN_MAKING:
      text = making_text (c);
      gtk_label_set_text (label, text);
      break;
    case COLUMN_VALUE:
      number (label, c->value_at <= self->settled ? chain_cell_value (self->trace, c) : NAN);
      break;
    case COLUMN_ADJOINT:
      number (label, chain_cell_adjoint (self->trace, self->diagram, cell, self->settled));
      break;
    default:
      text = c->value_at <= self->settled ? g_strdup_printf ("%" G_GINT64_FORMAT, entries (self->trace, c) * size_of (self->trace)) : g_strdup (NONE);
      gtk_label_set_text (label, text);
      break;
    }
}

static Column
column_of (GtkListItemFactory *factory)
{
  return (Column) GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (factory), "chain-column"));
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item, ChainTape *self)
{
  Column column = column_of (factory);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column == COLUMN_MAKING || column == COLUMN_NUMBER ? 0 : 1);
  gtk_widget_add_css_class (label, column == COLUMN_VALUE ? "tape-value" : column == COLUMN_ADJOINT ? "tape-adjoint" : column == COLUMN_MAKING ? "tape-making" : "tape-number");
  if (column == COLUMN_MAKING)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  else
    gtk_label_set_width_chars (GTK_LABEL (label), column == COLUMN_NUMBER ? 2 : column == COLUMN_BYTES ? 2 : 6);
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, ChainTape *self)
{
  g_ptr_array_add (self->bound[column_of (factory)], item);
  fill (self, item, column_of (factory));
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item, ChainTape *self)
{
  g_ptr_array_remove_fast (self->bound[column_of (factory)], item);
}

static void
add_column (ChainTape *self, Column column, const char *title, gboolean expand)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *c;

  g_object_set_data (G_OBJECT (factory), "chain-column", GUINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  c = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (c, expand);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), c);
  g_object_unref (c);
}

static void
selected_cb (ChainTape *self)
{
  guint row = gtk_single_selection_get_selected (self->selection);

  if (!self->filling && row < self->cells->len)
    g_signal_emit (self, picked, 0, g_array_index (self->cells, guint, row));
}

/* GTK 4.8 scrolls a list by an action of the list inside the column view. */
static void
scroll_to (ChainTape *self, guint row)
{
  for (GtkWidget *child = gtk_widget_get_first_child (self->view); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_activate_action (child, "list.scroll-to-item", "u", row))
      return;
}

static void
chain_tape_dispose (GObject *object)
{
  ChainTape *self = CHAIN_TAPE (object);

  g_clear_pointer (&self->scroll, gtk_widget_unparent);
  g_clear_pointer (&self->trace, chain_trace_unref);
  g_clear_pointer (&self->diagram, chain_diagram_unref);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_clear_pointer (&self->bound[i], g_ptr_array_unref);
  g_clear_pointer (&self->cells, g_array_unref);
  G_OBJECT_CLASS (chain_tape_parent_class)->dispose (object);
}

static void
chain_tape_class_init (ChainTapeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chain_tape_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  picked = g_signal_new ("picked", CHAIN_TYPE_TAPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
chain_tape_init (ChainTape *self)
{
  self->cells = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < N_COLUMNS; i++)
    self->bound[i] = g_ptr_array_new ();
  self->rows = gtk_string_list_new (NULL);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->rows));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  self->view = gtk_column_view_new (GTK_SELECTION_MODEL (self->selection));
  gtk_widget_add_css_class (self->view, "tape");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Tape"), -1);
  add_column (self, COLUMN_NUMBER, "#", FALSE);
  add_column (self, COLUMN_MAKING, _("Tape (last first)"), TRUE);
  add_column (self, COLUMN_VALUE, _("value"), FALSE);
  add_column (self, COLUMN_ADJOINT, _("adjoint"), FALSE);
  add_column (self, COLUMN_BYTES, _("bytes"), FALSE);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  self->scroll = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroll), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroll), self->view);
  gtk_widget_set_vexpand (self->scroll, TRUE);
  gtk_widget_set_parent (self->scroll, GTK_WIDGET (self));
}

GtkWidget *
chain_tape_new (void)
{
  return g_object_new (CHAIN_TYPE_TAPE, NULL);
}

/* As many empty strings as there are rows: the list wants objects, the table has the contents. */
static void
set_rows (ChainTape *self)
{
  guint old = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autofree const char **empty = NULL;

  g_array_set_size (self->cells, 0);
  for (guint i = self->diagram->cells->len; i-- > 0;)
    if (chain_diagram_cell (self->diagram, i)->on_tape)
      g_array_append_val (self->cells, i);
  empty = g_new (const char *, self->cells->len + 1);
  for (guint i = 0; i < self->cells->len; i++)
    empty[i] = "";
  empty[self->cells->len] = NULL;
  gtk_string_list_splice (self->rows, 0, old, empty);
}

static guint
row_of (ChainTape *self, guint cell)
{
  for (guint i = 0; i < self->cells->len; i++)
    if (g_array_index (self->cells, guint, i) == cell)
      return i;
  return GTK_INVALID_LIST_POSITION;
}

/* On the way back the row is that of who receives, if it is recorded: what the card speaks of. */
static guint
row_at (ChainTape *self)
{
  const ChainEventRow *e;

  if (self->position == 0 || self->position > self->diagram->events->len)
    return GTK_INVALID_LIST_POSITION;
  e = &g_array_index (self->diagram->events, ChainEventRow, self->position - 1);
  for (guint i = 0; e->phase == CHAIN_PHASE_BACKWARD && i < self->diagram->wires->len; i++)
    {
      const ChainWire *w = &g_array_index (self->diagram->wires, ChainWire, i);

      if (w->to == e->cell && w->at == self->position && row_of (self, w->from) != GTK_INVALID_LIST_POSITION)
        return row_of (self, w->from);
    }
  return row_of (self, e->cell);
}

void
chain_tape_show (ChainTape *t, ChainTrace *trace, ChainDiagram *d, guint position, guint settled)
{
  gboolean other = t->diagram != d;
  guint row;

  chain_trace_ref (trace);
  g_clear_pointer (&t->trace, chain_trace_unref);
  t->trace = trace;
  chain_diagram_ref (d);
  g_clear_pointer (&t->diagram, chain_diagram_unref);
  t->diagram = d;
  t->position = position;
  t->settled = settled;
  t->filling = TRUE;
  if (other)
    set_rows (t);
  for (guint c = 0; c < N_COLUMNS; c++)
    for (guint i = 0; i < t->bound[c]->len; i++)
      fill (t, g_ptr_array_index (t->bound[c], i), (Column) c);
  row = row_at (t);
  gtk_single_selection_set_selected (t->selection, row);
  if (row != GTK_INVALID_LIST_POSITION)
    scroll_to (t, row);
  t->filling = FALSE;
}

guint
chain_tape_rows (ChainTape *t)
{
  return t->cells->len;
}

char *
chain_tape_held (const ChainTrace *trace, const ChainDiagram *d, guint position)
{
  guint64 bytes = 0;
  guint n = 0;
  g_autofree char *size = NULL;

  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (d, i);

      if (!c->on_tape || c->value_at > position)
        continue;
      n++;
      bytes += (guint64) entries (trace, c) * size_of (trace);
    }
  size = bytes < 10000 ? g_strdup_printf (_("%" G_GUINT64_FORMAT " B"), bytes) : g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u value stored · %s", "%u values stored · %s", n), n, size);
}
