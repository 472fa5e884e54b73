/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of "All settings": each builds its lines on a page and follows the document. Main thread. */
#pragma once

#include <adwaita.h>

#include "app/session/session.h"
#include "ui/settings/fields.h"
#include "ui/settings/row-choice.h"

G_BEGIN_DECLS

typedef struct
{
  gpointer self;
  void   (*show) (gpointer self, const ChainSpec *spec);
  void   (*free) (gpointer self);
} ChainSection;

ChainSection chain_section_data      (ChainSession *session, AdwPreferencesPage *page);    /* data set, split, scaling, columns */
ChainSection chain_section_features  (ChainSession *session, AdwPreferencesPage *page);    /* typed inputs */
ChainSection chain_section_sampling  (ChainSession *session, AdwPreferencesPage *page);    /* order, batches */
ChainSection chain_section_loss      (ChainSession *session, AdwPreferencesPage *page);    /* one or more terms */
ChainSection chain_section_regular   (ChainSession *session, AdwPreferencesPage *page);    /* penalties, clipping, constraints */
ChainSection chain_section_optimiser (ChainSession *session, AdwPreferencesPage *page);
ChainSection chain_section_schedule  (ChainSession *session, AdwPreferencesPage *page);
ChainSection chain_section_start     (ChainSession *session, AdwPreferencesPage *page);    /* initialisers, output */
ChainSection chain_section_run       (ChainSession *session, AdwPreferencesPage *page);    /* seed, precision, when to stop, name */

/* A titled group at the end of page. title, about: translated, nullable. */
AdwPreferencesGroup *chain_section_group (AdwPreferencesPage *page, const char *title, const char *about);
void       chain_section_describe (AdwPreferencesGroup *group, const char *about);     /* the sentence under its title; nullable */
/* Enters next (taken), as chain_session_apply() does. */
gboolean chain_section_apply (ChainSession *session, ChainSpec *next, const char *label, const char *key, GError **error);
ChainSpec *chain_section_copy (ChainSession *session);
/* For tests: what a section holds. */
ChainRowChoice *chain_section_optimiser_choice (gpointer self);
ChainRowChoice *chain_section_schedule_choice  (gpointer self);
ChainRowChoice *chain_section_start_choice     (gpointer self, gboolean biases);
ChainRowChoice *chain_section_loss_choice      (gpointer self, guint term);
ChainRowChoice *chain_section_data_choice      (gpointer self);
gboolean        chain_section_regular_add      (gpointer self, const char *id);       /* as from the menu */
ChainRowParams *chain_section_regular_params   (gpointer self, guint i);
gboolean        chain_section_features_add     (gpointer self, const char *formula);  /* as typed; FALSE: refused */
const char     *chain_section_features_told    (gpointer self);

G_END_DECLS
