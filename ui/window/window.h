/* SPDX-License-Identifier: Apache-2.0 */
/* One document, one window. */
#pragma once

#include <adwaita.h>

#include "app/session/session.h"
#include "ui/build/build.h"
#include "ui/canvas/width-class.h"
#include "ui/pages/network.h"

G_BEGIN_DECLS

#define CHAIN_TYPE_WINDOW (chain_window_get_type ())
G_DECLARE_FINAL_TYPE (ChainWindow, chain_window, CHAIN, WINDOW, AdwApplicationWindow)

GtkWidget        *chain_window_new        (GtkApplication *app);
ChainSession     *chain_window_session    (ChainWindow *w);
ChainNetworkPage *chain_window_page       (ChainWindow *w);
ChainBuild       *chain_window_build      (ChainWindow *w);
ChainWidthClass   chain_window_class      (ChainWindow *w);
/* What is said once when the program starts: unsaved work of a crash, settings that are not remembered. */
void              chain_window_greet      (ChainWindow *w);
/* The window of app that has this file open; NULL. */
ChainWindow      *chain_window_find       (GtkApplication *app, const char *path);
/* Opens a document or a data file here; a refusal is a dialog naming file and reason, and the present document stays. */
gboolean          chain_window_open       (ChainWindow *w, const char *path);
/* Nothing to lose here: neither edited nor from a file. */
gboolean          chain_window_is_pristine (ChainWindow *w);
/* The window as it is on screen. */
gboolean          chain_window_save_png   (ChainWindow *w, const char *path, GError **error);

G_END_DECLS
