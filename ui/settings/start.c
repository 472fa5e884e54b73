/* SPDX-License-Identifier: Apache-2.0 */
/* What a run begins with and when it ends: initialisers, the output's activation, seed, precision, limits; and the document's name. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stddef.h>

#include "ui/settings/section.h"

/* --- initialisers and output --- */
typedef struct { ChainSession *session; gboolean biases; ChainRowChoice *choice; } Initialiser;
typedef struct
{
  ChainSession   *session;
  Initialiser     init[2];
  ChainRowChoice *output;
} Start;

static gboolean
init_changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Initialiser *i = data;
  ChainSpec *next = chain_section_copy (i->session);

  chain_choice_copy (i->biases ? &next->bias_initialiser : &next->initialiser, choice);
  return chain_section_apply (i->session, next, label, key, error);
}

static gboolean
init_picked_cb (const char *id, gpointer data, GError **error)
{
  ChainChoice *choice = chain_choice_new (id);
  gboolean ok = init_changed_cb (choice, _("change the initialiser"), NULL, data, error);

  chain_choice_free (choice);
  return ok;
}

static ChainLayer *
output_layer (const ChainSpec *spec)
{
  const char *id = spec->outputs->len > 0 ? g_ptr_array_index (spec->outputs, 0) : NULL;

  if (id != NULL)
    return chain_spec_layer (spec, id);
  return spec->layers->len > 0 ? g_ptr_array_index (spec->layers, spec->layers->len - 1) : NULL;
}

static gboolean
output_picked_cb (const char *id, gpointer data, GError **error)
{
  Start *s = data;

  return chain_session_set_activation (s->session, output_layer (chain_document_spec (chain_session_document (s->session)))->id, id, error);
}

static gboolean
output_changed_cb (const ChainChoice *choice, const char *label, const char *key, gpointer data, GError **error)
{
  Start *s = data;
  ChainSpec *next = chain_section_copy (s->session);

  chain_choice_copy (&output_layer (next)->activation, choice);
  if (g_strcmp0 (choice->id, "identity") == 0)
    chain_choice_set (&output_layer (next)->activation, NULL, NULL);
  return chain_section_apply (s->session, next, label, key, error);
}

static void
start_show (gpointer self, const ChainSpec *spec)
{
  Start *s = self;
  const ChainLayer *out = output_layer (spec);
  const ChainActivationRow *row = chain_activation_row (out != NULL && out->activation.id != NULL ? out->activation.id : "identity");

  chain_row_choice_show_table (s->init[0].choice, "initialisers", &chain_init_row (spec->initialiser.id)->info, &spec->initialiser);
  chain_row_choice_show_table (s->init[1].choice, "initialisers", &chain_init_row (spec->bias_initialiser.id)->info, &spec->bias_initialiser);
  gtk_widget_set_sensitive (chain_row_choice_row (s->output), out != NULL);
  if (out != NULL)
    chain_row_choice_show_table (s->output, "activations", &row->info, &out->activation);
}

static void
start_free (gpointer self)
{
  Start *s = self;

  chain_row_choice_free (s->init[0].choice);
  chain_row_choice_free (s->init[1].choice);
  chain_row_choice_free (s->output);
  g_free (s);
}

ChainSection
chain_section_start (ChainSession *session, AdwPreferencesPage *page)
{
  Start *s = g_new0 (Start, 1);
  AdwPreferencesGroup *first = chain_section_group (page, _("Initialisers"), _("First values of every layer that does not name its own"));
  AdwPreferencesGroup *last = chain_section_group (page, _("Output"), NULL);

  s->session = session;
  s->init[0] = (Initialiser){ session, FALSE, NULL };
  s->init[1] = (Initialiser){ session, TRUE, NULL };
  s->init[0].choice = chain_row_choice_new (_("Weights"), "initialiser", _("initialiser"), init_picked_cb, init_changed_cb, &s->init[0]);
  s->init[1].choice = chain_row_choice_new (_("Biases"), "bias_initialiser", _("initialiser of biases"), init_picked_cb, init_changed_cb, &s->init[1]);
  s->output = chain_row_choice_new (_("Output activation"), "output", _("output activation"), output_picked_cb, output_changed_cb, s);
  adw_preferences_group_add (first, chain_row_choice_row (s->init[0].choice));
  adw_preferences_group_add (first, chain_row_choice_row (s->init[1].choice));
  adw_preferences_group_add (last, chain_row_choice_row (s->output));
  return (ChainSection){ s, start_show, start_free };
}

ChainRowChoice *
chain_section_start_choice (gpointer self, gboolean biases)
{
  return ((Start *) self)->init[biases ? 1 : 0].choice;
}

/* --- numbers, when to stop, name --- */
static const ChainPickItem precisions[] = { { "f32", N_("Single (f32)") }, { "f64", N_("Double (f64)") } };

static gboolean
stops_early (const ChainSpec *spec, ChainSession *session)
{
  return spec->stop.early_stopping;
}

static const ChainFieldInfo number_fields[] = {
  { "seed", N_("Seed"), N_("Same seed, same weights, split and batches"), CHAIN_FIELD_BIG, offsetof (ChainSpec, seed), .of_data = TRUE },
  { "precision", N_("Precision"), N_("Numbers that training computes with"), CHAIN_FIELD_ENUM, offsetof (ChainSpec, precision), precisions, 2, .applies = NULL },
  { "stop.eval_every", N_("Evaluate every"), N_("Epochs between two looks at all of the data"), CHAIN_FIELD_COUNT, offsetof (ChainSpec, stop.eval_every), .applies = NULL },
};
static const ChainFieldInfo stop_fields[] = {
  { "stop.epochs", N_("Epochs"), NULL, CHAIN_FIELD_NUMBER, offsetof (ChainSpec, stop.epochs), .empty = N_("No limit") },
  { "stop.steps", N_("Steps"), NULL, CHAIN_FIELD_BIG, offsetof (ChainSpec, stop.steps), .empty = N_("No limit") },
  { "stop.target_loss", N_("Loss below"), N_("Training loss at an evaluation"), CHAIN_FIELD_OPTIONAL, offsetof (ChainSpec, stop.target_loss), .empty = N_("Off") },
  { "stop.early_stopping", N_("Stop early"), N_("When the test loss no longer falls"), CHAIN_FIELD_SWITCH, offsetof (ChainSpec, stop.early_stopping), .applies = NULL },
  { "stop.patience", N_("Patience"), N_("Epochs without a better test loss"), CHAIN_FIELD_COUNT, offsetof (ChainSpec, stop.patience), .applies = stops_early },
  { "stop.min_delta", N_("Least improvement"), NULL, CHAIN_FIELD_NUMBER, offsetof (ChainSpec, stop.min_delta), .applies = stops_early },
  { "stop.keep_best", N_("Keep the best weights"), N_("Go back to them at the end"), CHAIN_FIELD_SWITCH, offsetof (ChainSpec, stop.keep_best), .applies = NULL },
};
static const ChainFieldInfo name_fields[] = {
  { "name", N_("Name"), NULL, CHAIN_FIELD_TEXT, offsetof (ChainSpec, name), .applies = NULL },
  { "note", N_("Note"), N_("Kept in the file"), CHAIN_FIELD_TEXT, offsetof (ChainSpec, note), .empty = N_("None") },
};

typedef struct { ChainFields *fields[3]; } Run;

static void
run_show (gpointer self, const ChainSpec *spec)
{
  for (guint i = 0; i < 3; i++)
    chain_fields_show (((Run *) self)->fields[i], spec);
}

static void
run_free (gpointer self)
{
  for (guint i = 0; i < 3; i++)
    chain_fields_free (((Run *) self)->fields[i]);
  g_free (self);
}

ChainSection
chain_section_run (ChainSession *session, AdwPreferencesPage *page)
{
  Run *r = g_new0 (Run, 1);

  r->fields[0] = chain_fields_new (chain_section_group (page, _("Numbers"), NULL), session, number_fields, G_N_ELEMENTS (number_fields));
  r->fields[1] = chain_fields_new (chain_section_group (page, _("Stop"), _("The first that is reached ends the run")), session, stop_fields,
                                   G_N_ELEMENTS (stop_fields));
  r->fields[2] = chain_fields_new (chain_section_group (page, _("Document"), NULL), session, name_fields, G_N_ELEMENTS (name_fields));
  return (ChainSection){ r, run_show, run_free };
}
