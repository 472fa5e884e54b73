/* SPDX-License-Identifier: Apache-2.0 */
/* render: any picture from a spec alone, by the same functions that the window uses. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/picture/export.h"
#include "engine/base/number.h"

typedef struct { char *weights, *steps, *view, *size, *style, *out, *scale; CliOverrides over; } Render;

static gboolean
parse_size (const char *text, double *width, double *height)
{
  g_auto (GStrv) part = NULL;

  if (text == NULL)
    return TRUE;
  part = g_strsplit (text, "x", 3);
  if (g_strv_length (part) == 2 && chain_number_parse (part[0], -1, width) && chain_number_parse (part[1], -1, height) && *width >= 16
      && *height >= 16 && *width <= 16384 && *height <= 16384)
    return TRUE;
  cli_usage ("render", _ ("--size takes WIDTHxHEIGHT, each from 16 to 16384, not “%s”"), text);
  return FALSE;
}

static gboolean
draw (const Render *r, ChainTrainer *t, const ChainView *view, gint64 steps, double width, double height, double scale, GError **error)
{
  g_autoptr (ChainSnapshot) snapshot = NULL;
  ChainTheme theme;

  for (gint64 i = 0; i < steps && chain_trainer_iterate (t); i++)
    continue;
  if (chain_trainer_state (t) == CHAIN_RUN_DIVERGED || chain_trainer_state (t) == CHAIN_RUN_FAILED)
    fprintf (stderr, "chainrule-cli: %s\n", chain_trainer_message (t));
  chain_trainer_set_trace_request (t, (ChainTraceRequest){ CHAIN_TRACE_SAMPLE, 0 });      /* one sample: single operations are numbers */
  snapshot = chain_trainer_snapshot (t, view->want);
  chain_theme_init (&theme, r->style != NULL ? r->style : "light");
  return chain_export (view, snapshot, &theme, width, height, scale, r->out, error);
}

static int
render (const Render *r, const char *path)
{
  const ChainView *view = chain_view_by_id (r->view);
  double width = view != NULL ? view->width : 0, height = view != NULL ? view->height : 0, scale = 1;
  gint64 steps = 0;
  CliDocument doc;
  GError *error = NULL;
  ChainTrainer *t = NULL;
  gboolean good;

  if (view == NULL)
    return cli_usage ("render", _ ("There is no view “%s”; “chainrule-cli list views” names them"), r->view);
  if (!parse_size (r->size, &width, &height)
      || (r->steps != NULL && !cli_int ("render", "steps", r->steps, 0, G_MAXINT64, &steps))
      || (r->scale != NULL && !cli_number ("render", "scale", r->scale, 0.25, 16, &scale)))
    return CHAIN_EXIT_USAGE;
  good = cli_load (path, &r->over, &doc, &error) && (t = cli_trainer (&doc, r->weights, FALSE, &error)) != NULL
         && draw (r, t, view, steps, width, height, scale, &error);
  g_clear_pointer (&t, chain_trainer_free);
  cli_clear (&doc);
  return good ? CHAIN_EXIT_OK : cli_bad (error);
}

int
verb_render (int argc, char **argv)
{
  Render r = { 0 };
  const GOptionEntry entries[] = {
    { "view", 0, 0, G_OPTION_ARG_STRING, &r.view, N_ ("Which picture: a row of “list views”"), "ID" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &r.out, N_ ("File to write; the ending says the format"), "FILE.{png,svg,pdf,csv}" },
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &r.weights, N_ ("Weights to show"), "W" },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &r.steps, N_ ("Train so many steps first"), "N" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &r.size, N_ ("Size (default: the picture's own)"), "WxH" },
    { "scale", 0, 0, G_OPTION_ARG_STRING, &r.scale, N_ ("PNG: pixels a unit (default 1)"), "S" },
    { "style", 0, 0, G_OPTION_ARG_STRING, &r.style, N_ ("Colours"), "light|dark" },
    CLI_OVERRIDE_ENTRIES (r.over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  int status;

  if (cli_parse ("render", entries, argc, argv, 1, 1, &rest, &status))
    {
      if (r.view == NULL || r.out == NULL)
        status = cli_usage ("render", _ ("--view and -o are needed"));
      else if (r.style != NULL && strcmp (r.style, "light") != 0 && strcmp (r.style, "dark") != 0)
        status = cli_usage ("render", _ ("--style is light or dark, not “%s”"), r.style);
      else
        status = render (&r, rest[0]);
    }
  char *texts[] = { r.weights, r.steps, r.view, r.size, r.style, r.out, r.scale, r.over.split, r.over.precision, r.over.seed };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (r.over.set);
  g_strfreev (r.over.target);
  return status;
}
