/* SPDX-License-Identifier: Apache-2.0 */
/* One table of verbs: menu, keys, actions and tests run its rows. A row says what it is called for an element just now; NULL where it does not apply. */
#include "config.h"

#include "ui/explore/explore.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ui/canvas/element-ref.h"
#include "ui/canvas/report.h"
#include "ui/explore/inputs.h"
#include "ui/explore/weight-plot.h"

typedef enum { SUBJECT_NONE, SUBJECT_LAYER, SUBJECT_UNIT, SUBJECT_WEIGHT } SubjectKind;

typedef struct
{
  SubjectKind       kind;
  char              id[160];
  char              layer[65];
  ChainElementRef   ref;
  const ChainLayer *l;
  gboolean          hidden_layer;    /* dense and not the output: its units can be off */
} Subject;

struct _ChainExplore
{
  ChainCanvas        *canvas;
  ChainSession       *session;
  GtkWidget          *root;
  GtkEventController *keys;
  GSimpleActionGroup *actions;
  GString            *pale;          /* ids with a space after each */
  ChainInputs        *inputs;
  ChainWeightPlot    *plot;
};

static gboolean
subject_of (ChainExplore *x, const char *id, Subject *out)
{
  const ChainSpec *spec = chain_document_spec (chain_session_document (x->session));
  int index;

  memset (out, 0, sizeof *out);
  if (id == NULL)
    id = chain_canvas_focused (x->canvas) != NULL ? chain_canvas_focused (x->canvas) : chain_canvas_selected (x->canvas);
  if (id == NULL)
    return FALSE;
  g_strlcpy (out->id, id, sizeof out->id);
  if (g_str_has_prefix (id, "layer:"))
    {
      out->kind = SUBJECT_LAYER;
      g_strlcpy (out->layer, id + 6, sizeof out->layer);
    }
  else if (chain_element_ref (id, &out->ref))
    {
      out->kind = out->ref.is_weight ? SUBJECT_WEIGHT : SUBJECT_UNIT;
      g_strlcpy (out->layer, out->ref.layer, sizeof out->layer);
    }
  out->l = chain_spec_layer (spec, out->layer);
  index = chain_spec_layer_index (spec, out->layer);
  out->hidden_layer = out->l != NULL && g_str_equal (out->l->type, "dense") && index + 1 < (int) spec->layers->len;
  return out->kind != SUBJECT_NONE && (out->l != NULL || g_str_equal (out->layer, "x"));
}

/* --- pale --- */
static gboolean
is_pale (ChainExplore *x, const char *id)
{
  g_auto (GStrv) ids = g_strsplit (x->pale->str, " ", -1);

  return g_strv_contains ((const char *const *) ids, id);
}

static void
set_pale (ChainExplore *x, const char *id, gboolean pale)
{
  g_auto (GStrv) ids = g_strsplit (x->pale->str, " ", -1);

  g_string_truncate (x->pale, 0);
  for (guint i = 0; ids[i] != NULL; i++)
    if (*ids[i] != '\0' && !g_str_equal (ids[i], id))
      g_string_append_printf (x->pale, "%s ", ids[i]);
  if (pale)
    g_string_append_printf (x->pale, "%s ", id);
  chain_canvas_set_hidden (x->canvas, x->pale->len > 0 ? x->pale->str : NULL);
}

/* --- verbs: what they are called --- */
static gboolean
layer_is_off (const ChainLayer *l)
{
  for (guint i = 0; i < l->units; i++)
    if (!chain_layer_is_off (l, i))
      return FALSE;
  return TRUE;
}

static const char *
name_off (ChainExplore *x, const Subject *s)
{
  if (s->kind == SUBJECT_WEIGHT || !s->hidden_layer)
    return NULL;
  if (s->kind == SUBJECT_LAYER)
    return layer_is_off (s->l) ? _("Switch the Layer On") : _("Switch the Layer Off");
  return chain_layer_is_off (s->l, s->ref.row) ? _("Switch On") : _("Switch Off (Ablate)");
}

static const char *
name_solo (ChainExplore *x, const Subject *s)
{
  if (s->kind == SUBJECT_WEIGHT || !s->hidden_layer || (s->kind == SUBJECT_UNIT && s->l->units < 2))
    return NULL;
  if (s->kind == SUBJECT_LAYER)
    return _("Solo: Layers beside It Off");
  return chain_session_is_solo (x->session, s->layer, s->ref.row) ? _("Solo Off: All Units On") : _("Solo: Only This Unit");
}

static const char *
name_hide (ChainExplore *x, const Subject *s)
{
  return s->kind == SUBJECT_WEIGHT ? NULL : is_pale (x, s->id) ? _("Show in Full") : _("Hide (Draw Faint)");
}

static const char *
name_show_all (ChainExplore *x, const Subject *s)
{
  return x->pale->len > 0 ? _("Show All in Full") : NULL;
}

static const char *
name_weight_line (ChainExplore *x, const Subject *s)
{
  return s->kind == SUBJECT_WEIGHT ? _("Plot Loss along This Weight") : NULL;
}

/* --- and what they do --- */
static void
tell (ChainExplore *x, const char *text)
{
  g_signal_emit_by_name (x->session, "message", text, _("Undo"), "win.undo");
}

/* The picture shows one unit that is off; when the run goes on without it, the words are for those who missed that. */
static void
do_off (ChainExplore *x, const Subject *s)
{
  GError *error = NULL;
  gboolean layer = s->kind == SUBJECT_LAYER, off = layer ? !layer_is_off (s->l) : !chain_layer_is_off (s->l, s->ref.row);

  if (layer)
    chain_session_set_layer_off (x->session, s->layer, off, &error);
  else
    chain_session_set_off (x->session, s->layer, s->ref.row, off, &error);
  if (chain_report (x->session, error) && layer && off)
    tell (x, _("The layer passes on 0 and learns nothing until it is switched on"));
}

static void
do_solo (ChainExplore *x, const Subject *s)
{
  GError *error = NULL;

  if (s->kind == SUBJECT_LAYER)
    chain_session_solo_layer (x->session, s->layer, &error);
  else
    chain_session_solo (x->session, s->layer, s->ref.row, &error);
  if (chain_report (x->session, error) && s->kind == SUBJECT_UNIT && chain_session_is_solo (x->session, s->layer, s->ref.row))
    tell (x, _("Output from this unit alone: the others of its layer are off and keep what they know"));
}

static void
do_hide (ChainExplore *x, const Subject *s)
{
  set_pale (x, s->id, !is_pale (x, s->id));
}

static void
do_show_all (ChainExplore *x, const Subject *s)
{
  g_string_truncate (x->pale, 0);
  chain_canvas_set_hidden (x->canvas, NULL);
}

static void
do_weight_line (ChainExplore *x, const Subject *s)
{
  chain_weight_plot_open (x->plot, s->id);
}

static const struct
{
  const char     *name;
  guint           key;
  GdkModifierType state;
  const char   *(*label) (ChainExplore *x, const Subject *s);
  void          (*run)   (ChainExplore *x, const Subject *s);
} verbs[] = {
  { "off", GDK_KEY_o, 0, name_off, do_off },
  { "solo", GDK_KEY_s, 0, name_solo, do_solo },
  { "hide", GDK_KEY_h, 0, name_hide, do_hide },
  { "show-all", GDK_KEY_H, GDK_SHIFT_MASK, name_show_all, do_show_all },
  { "weight-line", GDK_KEY_l, 0, name_weight_line, do_weight_line },
};

gboolean
chain_explore_do (ChainExplore *x, const char *verb, const char *element)
{
  Subject s;
  gboolean any = subject_of (x, element, &s);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].name, verb) && (any || verbs[i].run == do_show_all) && verbs[i].label (x, &s) != NULL)
      {
        verbs[i].run (x, &s);
        return TRUE;
      }
  return FALSE;
}

void
chain_explore_fill (GMenu *section, const char *element, gpointer data)
{
  ChainExplore *x = data;
  Subject s;

  if (!subject_of (x, element, &s))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      const char *label = verbs[i].label (x, &s);
      g_autofree char *action = g_strconcat ("explore.", verbs[i].name, NULL);
      g_autoptr (GMenuItem) item = label != NULL ? g_menu_item_new (label, NULL) : NULL;

      if (item == NULL)
        continue;
      g_menu_item_set_action_and_target (item, action, "s", element);
      g_menu_append_item (section, item);
    }
}

static void
verb_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *element = g_variant_get_string (parameter, NULL);

  chain_explore_do (data, g_action_get_name (G_ACTION (action)), *element != '\0' ? element : NULL);
}

/* --- earlier runs --- */
static void
ghosts_cb (GSimpleAction *action, GVariant *state, gpointer data)
{
  ChainExplore *x = data;

  g_simple_action_set_state (action, state);
  chain_session_show_ghosts (x->session, g_variant_get_boolean (state));
}

static void
forget_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  chain_session_forget_ghosts (((ChainExplore *) data)->session);
}

static void
add_actions (ChainExplore *x)
{
  const GActionEntry more[] = { { "ghosts", NULL, NULL, "true", ghosts_cb, { 0 } }, { "forget-ghosts", forget_cb, NULL, NULL, NULL, { 0 } } };

  x->actions = g_simple_action_group_new ();
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (GSimpleAction) action = g_simple_action_new (verbs[i].name, G_VARIANT_TYPE_STRING);

      g_signal_connect (action, "activate", G_CALLBACK (verb_cb), x);
      g_action_map_add_action (G_ACTION_MAP (x->actions), G_ACTION (action));
    }
  g_action_map_add_action_entries (G_ACTION_MAP (x->actions), more, G_N_ELEMENTS (more), x);
  gtk_widget_insert_action_group (x->root, "explore", G_ACTION_GROUP (x->actions));
}

/* --- keys --- */
static gboolean
key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, gpointer data)
{
  ChainExplore *x = data;
  GtkRoot *root = gtk_widget_get_root (x->root);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GdkModifierType relevant = state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK);

  if (focus != NULL && (GTK_IS_EDITABLE (focus) || GTK_IS_TEXT_VIEW (focus) || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (verbs[i].key == keyval && verbs[i].state == relevant && chain_explore_do (x, verbs[i].name, NULL))
      return TRUE;
  return FALSE;
}

void
chain_explore_sync (ChainExplore *x)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (x->actions), "forget-ghosts")), chain_session_n_ghosts (x->session) > 0);
  chain_inputs_sync (x->inputs);
}

GtkWidget *
chain_explore_plot (ChainExplore *x)
{
  return chain_weight_plot_widget (x->plot);
}

GtkWidget *
chain_explore_inputs (ChainExplore *x)
{
  return chain_inputs_button (x->inputs);
}

ChainExplore *
chain_explore_new (ChainCanvas *canvas, ChainSession *session, GtkWidget *root)
{
  ChainExplore *x = g_new0 (ChainExplore, 1);

  x->canvas = canvas;
  x->session = session;
  x->root = root;
  x->pale = g_string_new (NULL);
  x->inputs = chain_inputs_new (canvas, session);
  x->plot = chain_weight_plot_new (canvas, session);
  add_actions (x);
  x->keys = gtk_event_controller_key_new ();
  g_signal_connect (x->keys, "key-pressed", G_CALLBACK (key_cb), x);
  gtk_widget_add_controller (root, x->keys);
  chain_explore_sync (x);
  return x;
}

void
chain_explore_free (ChainExplore *x)
{
  gtk_widget_remove_controller (x->root, x->keys);
  gtk_widget_insert_action_group (x->root, "explore", NULL);
  chain_inputs_free (x->inputs);
  chain_weight_plot_free (x->plot);
  g_object_unref (x->actions);
  g_string_free (x->pale, TRUE);
  g_free (x);
}
