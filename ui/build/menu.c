/* SPDX-License-Identifier: Apache-2.0 */
/* The context menus of DESIGN 2.5 with the keys beside their entries. They are made when they are opened: what a layer reads and whether it is
 * frozen belongs to this moment. Other rooms append their own sections before the last one. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>

#define LAYER (CHAIN_SUBJECT_LAYER)
#define UNIT (CHAIN_SUBJECT_UNIT)
#define WEIGHT (CHAIN_SUBJECT_WEIGHT)
#define INPUTS (CHAIN_SUBJECT_INPUTS)
#define LAST 9

typedef struct { guint kinds; int section; const char *verb, *label, *accel; } Row;

static const Row rows[] = {
  { LAYER, 0, "activation", N_("_Activation…"), NULL },
  { LAYER, 0, "width", N_("_Width…"), "F2" },
  { LAYER, 0, "initialiser", N_("_Initialiser…"), NULL },
  { LAYER, 1, "freeze", N_("_Freeze"), NULL },
  { LAYER, 1, "widen", N_("Add a _Unit, Keeping the Function"), NULL },
  { LAYER | INPUTS, 1, "deepen", N_("Add a L_ayer, Keeping the Function"), NULL },
  { LAYER | INPUTS, 2, "connect", N_("Add _Skip Connection…"), "<Control>k" },
  { LAYER, 4, "cut", N_("Cu_t"), "<Control>x" },
  { LAYER, 4, "copy", N_("_Copy"), "<Control>c" },
  { LAYER | INPUTS, 4, "paste", N_("_Paste After"), "<Control>v" },
  { LAYER, 4, "duplicate", N_("_Duplicate"), "<Control>d" },
  { LAYER | INPUTS, 5, "add-layer", N_("Add _Layer After"), "<Control>l" },
  { LAYER, 5, "move-left", N_("Move Towards I_nputs"), "<Alt>Left" },
  { LAYER, 5, "move-right", N_("Move Towards _Output"), "<Alt>Right" },
  { LAYER, LAST, "remove", N_("_Remove"), "Delete" },
  { UNIT, 0, "edit", N_("Edit _Bias…"), "Return" },
  { UNIT, 0, "reset-unit", N_("_Reset Its Weights"), NULL },
  { UNIT, 1, "swap-up", N_("Move _Up"), "<Alt>Up" },
  { UNIT, 1, "swap-down", N_("Move _Down"), "<Alt>Down" },
  { UNIT, LAST, "remove", N_("Re_move"), "Delete" },
  { WEIGHT, 0, "edit", N_("_Set…"), "Return" },
  { WEIGHT, 0, "nudge-up", N_("_More"), "plus" },
  { WEIGHT, 0, "nudge-down", N_("_Less"), "minus" },
  { WEIGHT, LAST, "zero", N_("_Zero"), "Delete" },
};

static void
append (GMenu *menu, const Row *row)
{
  g_autofree char *action = g_strconcat ("build.", row->verb, NULL);
  g_autoptr (GMenuItem) item = g_menu_item_new (_(row->label), action);

  if (row->accel != NULL)
    g_menu_item_set_attribute (item, "accel", "s", row->accel);
  g_menu_append_item (menu, item);
}

static gboolean
is_join (const ChainLayer *l)
{
  return l != NULL && (g_str_equal (l->type, "add") || g_str_equal (l->type, "concat"));
}

/* What the layer reads beside the layer it cannot do without; through a join, what the join reads. */
static void
fill_disconnect (ChainBuild *b, const ChainSubject *s, GMenu *section)
{
  const ChainLayer *l = _chain_build_find (b, s->layer), *first;
  g_autoptr (GMenu) sub = g_menu_new ();

  if (l == NULL)
    return;
  first = l->inputs->len == 1 ? _chain_build_find (b, g_ptr_array_index (l->inputs, 0)) : NULL;
  if (is_join (first))
    l = first;
  for (guint i = 0; l->inputs->len > 1 && i < l->inputs->len; i++)
    {
      const char *from = g_ptr_array_index (l->inputs, i);
      g_autofree char *name = _chain_build_layer_name (b, from);
      g_autoptr (GMenuItem) item = g_menu_item_new (name, NULL);

      g_menu_item_set_action_and_target (item, "build.disconnect", "s", from);
      g_menu_append_item (sub, item);
    }
  if (g_menu_model_get_n_items (G_MENU_MODEL (sub)) > 0)
    g_menu_append_submenu (section, _("_Disconnect From"), G_MENU_MODEL (sub));
}

static GMenu *
make_section (ChainBuild *b, const ChainSubject *s, int section)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((rows[i].kinds & s->kind) != 0 && rows[i].section == section)
      append (menu, &rows[i]);
  if (section == 2 && s->kind == LAYER)
    fill_disconnect (b, s, menu);
  for (guint i = 0; section == LAST - 1 && i < b->sections->len; i++)
    {
      const ChainBuildFill *f = &g_array_index (b->sections, ChainBuildFill, i);

      f->fill (menu, s->id, f->data);
    }
  return menu;
}

static GMenuModel *
make_model (ChainBuild *b, const ChainSubject *s)
{
  GMenu *model = g_menu_new ();

  for (int i = 0; i <= LAST; i++)
    {
      g_autoptr (GMenu) section = make_section (b, s, i);

      if (g_menu_model_get_n_items (G_MENU_MODEL (section)) > 0)
        g_menu_append_section (model, NULL, G_MENU_MODEL (section));
    }
  return G_MENU_MODEL (model);
}

static void
update_actions (ChainBuild *b, const ChainSubject *s)
{
  const ChainLayer *l = s->kind == LAYER ? _chain_build_find (b, s->layer) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if ((rows[i].kinds & s->kind) != 0)
      {
        GAction *a = g_action_map_lookup_action (G_ACTION_MAP (b->actions), rows[i].verb);

        g_simple_action_set_enabled (G_SIMPLE_ACTION (a), _chain_build_verb_applies (b, rows[i].verb, s) && !(g_str_equal (rows[i].verb, "remove") && s->kind == LAYER && s->is_output));
        if (g_str_equal (rows[i].verb, "freeze"))
          g_simple_action_set_state (G_SIMPLE_ACTION (a), g_variant_new_boolean (l != NULL && l->frozen));
      }
}

gboolean
_chain_build_menu_at (ChainBuild *b, const ChainSubject *s, const graphene_point_t *at)
{
  g_autoptr (GMenuModel) model = NULL;
  g_autofree char *target = g_strdup (s->id), *element = s->kind == INPUTS ? g_strdup ("layer:x") : g_strdup (s->id);
  GtkWidget *menu;

  if (s->kind == 0)
    return FALSE;
  model = make_model (b, s);
  update_actions (b, s);
  menu = gtk_popover_menu_new_from_model (model);
  gtk_popover_set_has_arrow (GTK_POPOVER (menu), FALSE);
  gtk_widget_set_halign (menu, GTK_ALIGN_START);
  _chain_build_show (b, menu, element, at);
  g_free (b->target);
  b->target = g_steal_pointer (&target);
  return TRUE;
}
