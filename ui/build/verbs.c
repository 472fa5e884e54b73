/* SPDX-License-Identifier: Apache-2.0 */
/* Every edit by its name, once: the menus, the keys and the tests run the same rows. A row says on what it works; what a session refuses it
 * says itself, in a toast, so a row is only dimmed where it could never be meant. */
#include "config.h"

#include "ui/build/build-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/canvas/report.h"

#define LAYER CHAIN_SUBJECT_LAYER
#define UNIT CHAIN_SUBJECT_UNIT
#define WEIGHT CHAIN_SUBJECT_WEIGHT
#define INPUTS CHAIN_SUBJECT_INPUTS
#define OWN_LAYER (LAYER | UNIT)        /* a unit stands for its layer where it has no such verb itself */

typedef void (*VerbFunc) (ChainBuild *b, const ChainSubject *s);
typedef struct { const char *name; guint kinds; gboolean not_output, several, dense; VerbFunc run; } Verb;   /* several: units */

static char *
element_of (const char *layer)
{
  return g_strconcat ("layer:", layer, NULL);
}

static const char *
layer_before (ChainBuild *b, int index)
{
  const ChainSpec *spec = _chain_build_spec (b);

  return index > 0 ? ((const ChainLayer *) g_ptr_array_index (spec->layers, index - 1))->id : NULL;
}

static guint
units_of (ChainBuild *b, const ChainSubject *s)
{
  const ChainLayer *l = _chain_build_find (b, s->layer);

  return l != NULL ? l->units : 0;
}

/* --- layers --- */
static void
activation (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_activations (b, s);
}

static void
width (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_layer_popover (b, s, CHAIN_LAYER_PART_WIDTH);
}

static void
initialiser (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_layer_popover (b, s, CHAIN_LAYER_PART_INIT);
}

static void
freeze (ChainBuild *b, const ChainSubject *s)
{
  const ChainLayer *l = _chain_build_find (b, s->layer);
  GError *error = NULL;

  chain_session_set_layer (b->session, s->layer, "frozen", l->frozen ? "0" : "1", &error);
  chain_report (b->session, error);
}

static void
widen (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_widen (b->session, s->layer, units_of (b, s) + 1, &error);
  chain_report (b->session, error);
}

static void
deepen (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_deepen (b->session, s->kind == INPUTS ? NULL : s->layer, &error);
  chain_report (b->session, error);
}

static void
add_layer (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_add_layer (b->session, s->kind == INPUTS ? NULL : s->layer, &error);
  chain_report (b->session, error);
}

static void
duplicate (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_duplicate_layer (b->session, s->layer, &error);
  chain_report (b->session, error);
}

/* After the one that is two before, or after the next. */
static void
move (ChainBuild *b, const ChainSubject *s, const char *after)
{
  GError *error = NULL;
  g_autofree char *element = element_of (s->layer);

  if (chain_session_move_layer (b->session, s->layer, after, &error))
    _chain_build_focus (b, element);
  chain_report (b->session, error);
}

static void
move_left (ChainBuild *b, const ChainSubject *s)
{
  if (s->index > 0)
    move (b, s, layer_before (b, s->index - 1));
}

static void
move_right (ChainBuild *b, const ChainSubject *s)
{
  const ChainSpec *spec = _chain_build_spec (b);

  if (s->index + 2 < (int) spec->layers->len)
    move (b, s, layer_before (b, s->index + 2));
}

static void
connect_to (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_connect_list (b, s);
}

static void
copy (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_copy (b, s);
}

/* Afterwards the neighbour has the focus, so that the next key has something to be about. */
static void
remove_layer (ChainBuild *b, const ChainSubject *s)
{
  const char *next = layer_before (b, s->index);
  g_autofree char *element = element_of (next != NULL ? next : "x");
  GError *error = NULL;

  if (chain_session_remove_layer (b->session, s->layer, &error))
    _chain_build_focus (b, element);
  chain_report (b->session, error);
}

static void
cut (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_copy (b, s);
  remove_layer (b, s);
}

static void
paste (ChainBuild *b, const ChainSubject *s)
{
  _chain_build_paste (b, s);
}

/* --- units --- */
static void
add_unit (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_set_units (b->session, s->layer, (int) units_of (b, s) + 1, &error);
  chain_report (b->session, error);
}

static void
remove_one (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_set_units (b->session, s->layer, (int) units_of (b, s) - 1, &error);
  chain_report (b->session, error);
}

static void
remove_unit (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;
  g_autofree char *other = NULL;

  if (chain_session_remove_unit (b->session, s->layer, s->ref.row, &error))
    {
      other = g_strdup_printf ("unit:%s:%u", s->layer, MIN (s->ref.row, units_of (b, s) - 1));
      chain_canvas_select (b->canvas, other);
    }
  chain_report (b->session, error);
}

static void
remove_subject (ChainBuild *b, const ChainSubject *s)
{
  if (s->kind == UNIT)
    remove_unit (b, s);
  else
    remove_layer (b, s);
}

static void
swap (ChainBuild *b, const ChainSubject *s, int by)
{
  guint n = units_of (b, s), to = (guint) ((int) s->ref.row + by);
  g_autofree char *element = g_strdup_printf ("unit:%s:%u", s->layer, to);
  GError *error = NULL;

  if ((int) s->ref.row + by < 0 || to >= n)
    return;
  if (chain_session_swap_units (b->session, s->layer, s->ref.row, to, &error))
    {
      chain_canvas_select (b->canvas, element);
      chain_canvas_focus_element (b->canvas, element);
    }
  chain_report (b->session, error);
}

static void swap_up (ChainBuild *b, const ChainSubject *s) { swap (b, s, -1); }
static void swap_down (ChainBuild *b, const ChainSubject *s) { swap (b, s, 1); }

static void
reset_unit (ChainBuild *b, const ChainSubject *s)
{
  GError *error = NULL;

  chain_session_reset_unit (b->session, s->layer, s->ref.row, &error);
  chain_report (b->session, error);
}

/* --- numbers --- */
static void
edit (ChainBuild *b, const ChainSubject *s)
{
  chain_canvas_select (b->canvas, s->id);
  chain_net_editor_edit (b->editor, s->id);
}

static void nudge_up (ChainBuild *b, const ChainSubject *s) { _chain_build_nudge (b, s, 1, FALSE); }
static void nudge_down (ChainBuild *b, const ChainSubject *s) { _chain_build_nudge (b, s, -1, FALSE); }
static void zero (ChainBuild *b, const ChainSubject *s) { _chain_build_set_weight (b, &s->ref, 0); }

static const Verb verbs[] = {
  { "activation", OWN_LAYER, FALSE, FALSE, FALSE, activation },
  { "width", OWN_LAYER, FALSE, FALSE, FALSE, width },
  { "initialiser", OWN_LAYER, FALSE, FALSE, FALSE, initialiser },
  { "freeze", OWN_LAYER, FALSE, FALSE, FALSE, freeze },
  { "widen", OWN_LAYER, TRUE, FALSE, TRUE, widen },
  { "deepen", OWN_LAYER | INPUTS, TRUE, FALSE, FALSE, deepen },
  { "add-layer", OWN_LAYER | INPUTS, FALSE, FALSE, FALSE, add_layer },
  { "duplicate", OWN_LAYER, TRUE, FALSE, FALSE, duplicate },
  { "move-left", OWN_LAYER, TRUE, FALSE, FALSE, move_left },
  { "move-right", OWN_LAYER, TRUE, FALSE, FALSE, move_right },
  { "connect", OWN_LAYER | INPUTS, TRUE, FALSE, FALSE, connect_to },
  { "copy", OWN_LAYER, FALSE, FALSE, FALSE, copy },
  { "cut", OWN_LAYER, TRUE, FALSE, FALSE, cut },
  { "paste", OWN_LAYER | INPUTS, FALSE, FALSE, FALSE, paste },
  { "add-unit", OWN_LAYER, FALSE, FALSE, TRUE, add_unit },
  { "remove-one", OWN_LAYER, FALSE, TRUE, TRUE, remove_one },
  { "remove", OWN_LAYER, FALSE, FALSE, FALSE, remove_subject },
  { "swap-up", UNIT, FALSE, TRUE, TRUE, swap_up },
  { "swap-down", UNIT, FALSE, TRUE, TRUE, swap_down },
  { "reset-unit", UNIT, FALSE, FALSE, TRUE, reset_unit },
  { "edit", UNIT | WEIGHT, FALSE, FALSE, FALSE, edit },
  { "nudge-up", WEIGHT, FALSE, FALSE, FALSE, nudge_up },
  { "nudge-down", WEIGHT, FALSE, FALSE, FALSE, nudge_down },
  { "zero", WEIGHT, FALSE, FALSE, FALSE, zero },
};

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].name, name))
      return &verbs[i];
  return NULL;
}

static gboolean
applies (ChainBuild *b, const Verb *v, const ChainSubject *s)
{
  const ChainLayer *l = (s->kind & OWN_LAYER) != 0 ? _chain_build_find (b, s->layer) : NULL;

  if (v == NULL || (s->kind & v->kinds) == 0 || (v->not_output && s->is_output))
    return FALSE;
  if (l == NULL)
    return TRUE;
  if ((v->dense && !g_str_equal (l->type, "dense")) || (v->several && l->units < 2))
    return FALSE;
  if ((v->run == swap_up && s->ref.row == 0) || (v->run == swap_down && s->ref.row + 1 >= l->units))
    return FALSE;
  return v->run != remove_subject || s->kind == LAYER || l->units > 1;
}

gboolean
_chain_build_verb_applies (ChainBuild *b, const char *name, const ChainSubject *s)
{
  return applies (b, find_verb (name), s);
}

gboolean
_chain_build_verb (ChainBuild *b, const char *name, const ChainSubject *s)
{
  const Verb *v = find_verb (name);

  if (!applies (b, v, s))
    return FALSE;
  v->run (b, s);
  return TRUE;
}

/* --- as actions of the menus --- */
static void
activate_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainBuild *b = data;
  ChainSubject s;

  _chain_build_subject (b, NULL, &s);
  g_clear_pointer (&b->target, g_free);
  _chain_build_verb (b, g_action_get_name (G_ACTION (action)), &s);
}

static void
disconnect_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ChainBuild *b = data;
  ChainSubject s;
  GError *error = NULL;

  _chain_build_subject (b, NULL, &s);
  g_clear_pointer (&b->target, g_free);
  chain_session_disconnect (b->session, g_variant_get_string (parameter, NULL), s.layer, &error);
  chain_report (b->session, error);
}

void
_chain_build_add_verbs (ChainBuild *b)
{
  g_autoptr (GSimpleAction) parted = g_simple_action_new ("disconnect", G_VARIANT_TYPE_STRING);

  b->actions = g_simple_action_group_new ();
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      gboolean check = verbs[i].run == freeze;
      g_autoptr (GSimpleAction) a = check ? g_simple_action_new_stateful (verbs[i].name, NULL, g_variant_new_boolean (FALSE))
                                          : g_simple_action_new (verbs[i].name, NULL);

      g_signal_connect (a, "activate", G_CALLBACK (activate_cb), b);
      g_action_map_add_action (G_ACTION_MAP (b->actions), G_ACTION (a));
    }
  g_signal_connect (parted, "activate", G_CALLBACK (disconnect_cb), b);
  g_action_map_add_action (G_ACTION_MAP (b->actions), G_ACTION (parted));
  gtk_widget_insert_action_group (GTK_WIDGET (b->canvas), "build", G_ACTION_GROUP (b->actions));
}
