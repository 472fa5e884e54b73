/* SPDX-License-Identifier: Apache-2.0 */
/* A network has one loss as a rule, sometimes a sum of several: a group each, with its weight. What plays a role (prediction, target) and which
 * layers a term trains is written as names, since only who builds such a network needs it; the engine says which names there are. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "engine/base/number.h"
#include "ui/pages/strip-rows.h"
#include "ui/settings/section.h"

#define MOST_ROLES 4

typedef struct _Loss Loss;
typedef struct _Term Term;

typedef struct { Term *term; const ChainLossRole *role; GtkWidget *row, *entry; } Role;

struct _Term
{
  Loss                *all;
  guint                index;
  AdwPreferencesGroup *group;
  ChainRowChoice      *choice;
  const ChainLossRow  *row;
  GtkWidget           *reduction_row, *reduction, *weight_row, *weight, *wires, *trains_row, *trains;
  Role                 roles[MOST_ROLES];
};

struct _Loss
{
  ChainSession        *session;
  AdwPreferencesPage  *page;
  AdwPreferencesGroup *more;
  GPtrArray           *terms;       /* of Term */
};

static const ChainPickItem reductions[] = { { "mean", N_("Mean of all entries") }, { "batchmean", N_("Sum over outputs, mean over rows") }, { "sum", N_("Sum") } };

static ChainLossTerm *
term_of (Term *t, const ChainSpec *spec)
{
  return g_ptr_array_index (spec->losses, t->index);
}

static gboolean
apply (Term *t, ChainSpec *next, const char *label, const char *key, GtkWidget *row, GtkWidget *control)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = chain_section_apply (t->all->session, next, label, key, &error);

  chain_kit_tell (row, control, ok ? NULL : error->message);
  return ok;
}

/* --- row --- */
static gboolean
picked_cb (const char *id, gpointer data, GError **error)
{
  Term *t = data;
  ChainSpec *next;

  if (t->index == 0)
    return chain_session_set_loss (t->all->session, id, error);
  next = chain_section_copy (t->all->session);
  chain_choice_set (&term_of (t, next)->choice, id, NULL);
  return chain_section_apply (t->all->session, next, _("change the loss"), NULL, error);
}

static gboolean
changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Term *t = data;
  ChainSpec *next = chain_section_copy (t->all->session);

  chain_choice_copy (&term_of (t, next)->choice, choice);
  return chain_section_apply (t->all->session, next, label, key, error);
}

/* --- reduction, weight --- */
static void
show_reduction (Term *t, const ChainSpec *spec)
{
  ChainPickItem items[G_N_ELEMENTS (reductions)];

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    items[i] = (ChainPickItem){ reductions[i].id, _(reductions[i].title) };
  chain_pick_show (t->reduction, items, G_N_ELEMENTS (items), term_of (t, spec)->reduction);
}

static void
reduction_cb (const char *id, gpointer data)
{
  Term *t = data;
  ChainSpec *next = chain_section_copy (t->all->session);

  chain_set_str (&term_of (t, next)->reduction, id);
  if (!apply (t, next, _("change the reduction"), NULL, t->reduction_row, NULL))
    show_reduction (t, chain_document_spec (chain_session_document (t->all->session)));
}

static gboolean
weight_cb (const char *text, gpointer data)
{
  Term *t = data;
  ChainSpec *next;
  g_autofree char *plain = g_strdelimit (g_strdup (*text != '\0' ? text : "1"), ",", '.'), *refusal = NULL;
  double v;

  if (!chain_number_parse (plain, -1, &v))
    {
      refusal = g_strdup_printf (_("“%s” is not a number; write it like 0.5"), text);
      chain_kit_tell (t->weight_row, t->weight, refusal);
      return FALSE;
    }
  next = chain_section_copy (t->all->session);
  term_of (t, next)->weight = v;
  return apply (t, next, _("change the weight of a loss"), NULL, t->weight_row, t->weight);
}

/* --- roles --- */
static int
role_index (const ChainLossTerm *term, const char *name)
{
  for (guint i = 0; i < term->roles->len; i++)
    if (g_str_equal (g_ptr_array_index (term->roles, i), name))
      return (int) i;
  return -1;
}

static gboolean
role_cb (const char *text, gpointer data)
{
  Role *r = data;
  ChainSpec *next = chain_section_copy (r->term->all->session);
  ChainLossTerm *term = term_of (r->term, next);
  int at = role_index (term, r->role->name);

  if (at >= 0)
    {
      g_ptr_array_remove_index (term->roles, (guint) at);
      g_ptr_array_remove_index (term->sources, (guint) at);
    }
  if (*text != '\0')
    {
      g_ptr_array_add (term->roles, g_strdup (r->role->name));
      g_ptr_array_add (term->sources, g_strdup (text));
    }
  return apply (r->term, next, _("change what a loss reads"), NULL, r->row, r->entry);
}

static gboolean
trains_cb (const char *text, gpointer data)
{
  Term *t = data;
  ChainSpec *next = chain_section_copy (t->all->session);
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  g_ptr_array_set_size (term_of (t, next)->trains, 0);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (term_of (t, next)->trains, g_strdup (parts[i]));
  return apply (t, next, _("change what a loss trains"), NULL, t->trains_row, t->trains);
}

static void
make_roles (Term *t, const ChainLossRow *row)
{
  for (guint i = 0; i < MOST_ROLES; i++)
    if (t->roles[i].row != NULL)
      chain_kit_remove (t->roles[i].row);
  t->row = row;
  for (guint i = MOST_ROLES; i-- > 0;)        /* each goes right behind the first line */
    {
      Role *r = &t->roles[i];
      g_autofree char *title = i < row->n_roles ? g_strdup_printf (_("Role “%s”"), row->roles[i].name) : NULL;

      *r = (Role){ t, i < row->n_roles ? &row->roles[i] : NULL, NULL, NULL };
      if (r->role == NULL)
        continue;
      r->row = chain_kit_row (title, r->role->is_data ? _("A layer, or t, x, a column of the data") : _("A layer"));
      r->entry = chain_kit_entry (10, role_cb, NULL, r);
      gtk_entry_set_placeholder_text (GTK_ENTRY (r->entry), r->role->source != NULL ? r->role->source : r->role->is_data ? "t" : _("Output"));
      chain_kit_entry_blank (r->entry);
      chain_kit_suffix (r->row, r->entry, title);
      chain_kit_insert (t->trains_row, r->row);
    }
}

static void
show_roles (Term *t, const ChainSpec *spec)
{
  const ChainLossTerm *term = term_of (t, spec);
  g_autoptr (GString) trains = g_string_new (NULL);

  if (chain_loss_row (term->choice.id) != t->row)
    make_roles (t, chain_loss_row (term->choice.id));
  for (guint i = 0; i < t->row->n_roles; i++)
    {
      int at = role_index (term, t->row->roles[i].name);

      if (chain_kit_entry_show (t->roles[i].entry, at >= 0 ? g_ptr_array_index (term->sources, (guint) at) : ""))
        chain_kit_tell (t->roles[i].row, t->roles[i].entry, NULL);
    }
  for (guint i = 0; i < term->trains->len; i++)
    g_string_append_printf (trains, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (term->trains, i));
  if (chain_kit_entry_show (t->trains, trains->str))
    chain_kit_tell (t->trains_row, t->trains, NULL);
}

/* --- terms --- */
static void
remove_cb (Term *t)
{
  Loss *l = t->all;
  ChainSpec *next = chain_section_copy (l->session);
  g_autoptr (GError) error = NULL;

  g_ptr_array_remove_index (next->losses, t->index);
  if (!chain_section_apply (l->session, next, _("remove a loss"), NULL, &error))
    chain_kit_tell (chain_row_choice_row (t->choice), NULL, error->message);
}

static void
add_cb (Loss *l)
{
  ChainSpec *next = chain_section_copy (l->session);
  const ChainLossTerm *last = g_ptr_array_index (next->losses, next->losses->len - 1);
  ChainLossTerm *term = chain_loss_term_new (last->choice.id);
  g_autoptr (GError) error = NULL;

  chain_choice_copy (&term->choice, &last->choice);
  chain_set_str (&term->reduction, last->reduction);
  g_ptr_array_add (next->losses, term);
  if (!chain_section_apply (l->session, next, _("add a loss"), NULL, &error))
    chain_section_describe (l->more, error->message);
}

static void
add_wires (Term *t)
{
  t->wires = adw_expander_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (t->wires), _("What it reads and trains"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (t->wires), _("Names of layers; empty: as usual"));
  t->trains_row = chain_kit_row (_("Trains"), _("Layers with commas; each in one objective only"));
  t->trains = chain_kit_entry (10, trains_cb, NULL, t);
  gtk_entry_set_placeholder_text (GTK_ENTRY (t->trains), _("All"));
  chain_kit_entry_blank (t->trains);
  chain_kit_suffix (t->trains_row, t->trains, _("Trains"));
  adw_preferences_group_add (t->group, t->wires);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (t->wires), t->trains_row);
}

static Term *
term_new (Loss *l, guint index, gboolean only)
{
  Term *t = g_new0 (Term, 1);
  g_autofree char *title = only ? g_strdup (_("Loss")) : g_strdup_printf (_("Loss %u"), index + 1), *key = g_strdup_printf ("loss%u", index);

  t->all = l;
  t->index = index;
  t->group = chain_section_group (l->page, title, NULL);
  if (!only)
    adw_preferences_group_set_header_suffix (t->group, chain_kit_button ("list-remove-symbolic", _("Remove this loss"), G_CALLBACK (remove_cb), t));
  t->choice = chain_row_choice_new (title, key, _("loss"), picked_cb, changed_cb, t);
  t->reduction_row = chain_kit_row (_("Reduction"), _("From the losses of a batch to one number"));
  t->reduction = chain_pick_new (_("Reduction"), reduction_cb, t);
  t->weight_row = chain_kit_row (_("Weight in the sum"), NULL);
  t->weight = chain_kit_entry (8, weight_cb, NULL, t);
  gtk_entry_set_alignment (GTK_ENTRY (t->weight), 1);
  chain_kit_suffix (t->reduction_row, t->reduction, NULL);
  chain_kit_suffix (t->weight_row, t->weight, _("Weight in the sum"));
  adw_preferences_group_add (t->group, chain_row_choice_row (t->choice));
  adw_preferences_group_add (t->group, t->reduction_row);
  adw_preferences_group_add (t->group, t->weight_row);
  add_wires (t);
  return t;
}

static void
term_free (gpointer p)
{
  Term *t = p;

  chain_row_choice_free (t->choice);
  g_free (t);
}

static void
make_terms (Loss *l, guint n)
{
  for (guint i = 0; i < l->terms->len; i++)
    {
      Term *t = g_ptr_array_index (l->terms, i);

      chain_kit_hush (GTK_WIDGET (t->group));
      adw_preferences_page_remove (l->page, t->group);
    }
  g_ptr_array_set_size (l->terms, 0);
  g_object_ref (l->more);
  adw_preferences_page_remove (l->page, l->more);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (l->terms, term_new (l, i, n == 1));
  adw_preferences_page_add (l->page, l->more);
  g_object_unref (l->more);
}

static void
show_term (Term *t, const ChainSpec *spec, GPtrArray *rows)
{
  const ChainLossTerm *term = term_of (t, spec);
  const ChainLossRow *row = chain_loss_row (term->choice.id);
  g_autofree char *weight = chain_kit_number (term->weight, 9);

  if (t->index == 0)
    chain_row_choice_show (t->choice, rows, &row->info, &term->choice);
  else
    chain_row_choice_show_table (t->choice, "losses", &row->info, &term->choice);
  chain_section_describe (t->group, row->info.when != NULL ? _(row->info.when) : NULL);
  show_reduction (t, spec);
  gtk_widget_set_visible (t->reduction_row, !row->scalar);
  gtk_widget_set_visible (t->weight_row, spec->losses->len > 1 || fabs (term->weight - 1) > 0);
  if (chain_kit_entry_show (t->weight, weight))
    chain_kit_tell (t->weight_row, t->weight, NULL);
  show_roles (t, spec);
}

static void
loss_show (gpointer self, const ChainSpec *spec)
{
  Loss *l = self;
  g_autoptr (GPtrArray) rows = _chain_strip_loss_rows (l->session);

  if (l->terms->len != spec->losses->len)
    make_terms (l, spec->losses->len);
  for (guint i = 0; i < l->terms->len; i++)
    show_term (g_ptr_array_index (l->terms, i), spec, rows);
}

static void
loss_free (gpointer self)
{
  Loss *l = self;

  g_ptr_array_unref (l->terms);
  g_free (l);
}

ChainSection
chain_section_loss (ChainSession *session, AdwPreferencesPage *page)
{
  Loss *l = g_new0 (Loss, 1);
  GtkWidget *row = chain_kit_row (_("Add another loss"), _("The network then minimises the weighted sum"));

  l->session = session;
  l->page = page;
  l->terms = g_ptr_array_new_with_free_func (term_free);
  l->more = chain_section_group (page, NULL, NULL);
  chain_kit_suffix (row, chain_kit_button ("list-add-symbolic", _("Add another loss"), G_CALLBACK (add_cb), l), NULL);
  adw_preferences_group_add (l->more, row);
  return (ChainSection){ l, loss_show, loss_free };
}

ChainRowChoice *
chain_section_loss_choice (gpointer self, guint term)
{
  return ((Term *) g_ptr_array_index (((Loss *) self)->terms, term))->choice;
}
