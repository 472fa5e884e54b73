/* SPDX-License-Identifier: Apache-2.0 */
/* step: the debugger without a window. Prints the tape of the step that comes next and, position by position, what happens with which numbers. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/stepper/diagram.h"
#include "engine/base/number.h"

typedef struct
{
  char    *sample, *row, *detail, *to, *weight, *opened;
  gboolean batch, full, speech;
  CliOverrides over;
} Step;

static const char *const details[] = { "operations", "units", "layers", "nodes" };

static void
print_maths (const char *label, const ChainMaths *m)
{
  g_autofree char *text = m != NULL ? chain_maths_to_text (m) : NULL;
  g_autofree char *line = text != NULL ? g_strconcat ("     ", label, text, NULL) : NULL;

  if (line != NULL)
    cli_print (line);
}

static const char *
number (char buf[CHAIN_NUMBER_SIZE], double v, gboolean full)
{
  return isnan (v) ? "–" : full ? chain_number_write (buf, v) : chain_number_write_digits (buf, v, 5);
}

/* Last first, as the tape of the window. */
static void
print_tape (const ChainTrace *t, const ChainDiagram *d, guint position, gboolean full)
{
  guint n = 0;

  for (guint i = 0; i < d->cells->len; i++)
    n += chain_diagram_cell (d, i)->on_tape;
  for (guint i = d->cells->len; i-- > 0;)
    {
      const ChainCell *c = chain_diagram_cell (d, i);
      char value[CHAIN_NUMBER_SIZE], adjoint[CHAIN_NUMBER_SIZE];
      g_autofree char *name = chain_maths_to_text (c->name), *making = c->making != NULL ? chain_maths_to_text (c->making) : NULL, *line = NULL;
      gboolean known = position >= c->value_at;

      if (!c->on_tape)
        continue;
      line = g_strdup_printf ("%4u  %s = %s  [%s]  value %s  adjoint %s", --n, name, making != NULL ? making : "", c->id,
                              known ? number (value, chain_cell_value (t, c), full) : "–", number (adjoint, chain_cell_adjoint (t, d, i, position), full));
      cli_print (line);
    }
}

static void
print_given (const ChainTrace *t, const ChainDiagram *d, guint position, gboolean full)
{
  for (guint i = 0; i < d->cells->len; i++)
    {
      const ChainCell *c = chain_diagram_cell (d, i);
      char value[CHAIN_NUMBER_SIZE], adjoint[CHAIN_NUMBER_SIZE];
      g_autofree char *name = chain_maths_to_text (c->name), *line = NULL;

      if (c->kind != CHAIN_CELL_PARAM && c->kind != CHAIN_CELL_INPUT && c->kind != CHAIN_CELL_TARGET)
        continue;
      line = g_strdup_printf ("      %s  [%s]  value %s  adjoint %s", name, c->id, number (value, chain_cell_value (t, c), full),
                              number (adjoint, chain_cell_adjoint (t, d, i, position), full));
      cli_print (line);
    }
}

static void
print_card (const ChainTrace *t, const ChainDiagram *d, guint position, ChainProbe *probe)
{
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, position);
  g_autofree char *head = g_strdup_printf ("%4u  %s", position, c->title);
  ChainProbeResult r;

  cli_print (head);
  if (c->lines == NULL)
    {
      print_maths ("  ", c->symbols);
      print_maths ("  ", c->numbers);
      print_maths ("  ", c->result);
    }
  else
    {
      print_maths ("  ", c->line_maths[c->line]);
      print_maths ("     ", c->line_numbers[c->line]);
      print_maths ("  ", c->result);
    }
  if (probe != NULL && c->node != CHAIN_NONE && chain_probe_run (probe, c->node, c->row, c->col, &r, NULL))
    {
      char difference[CHAIN_NUMBER_SIZE], error[CHAIN_NUMBER_SIZE];
      g_autofree char *of = c->entry != NULL ? g_strdup_printf (_(" of entry %s"), c->entry) : g_strdup ("");
      g_autofree char *kink = r.kink ? chain_probe_kink_text (&r) : NULL;
      g_autofree char *line = kink != NULL ? g_strconcat ("       ", kink, of, NULL)
                              : g_strdup_printf (r.agrees ? _("       finite difference%s agrees: %s, |Δ| %s") : _("       finite difference%s disagrees: %s, |Δ| %s"), of,
                                                 chain_number_write_digits (difference, r.difference, 6), chain_number_write_digits (error, r.error, 1));

      cli_print (line);
    }
}

/* What a screen reader is given, and nothing else. */
static void
print_speech (const ChainTrace *t, const ChainDiagram *d, guint position)
{
  g_autoptr (ChainStepCard) c = chain_step_card (t, d, position);
  g_autofree char *text = chain_step_card_speech (c);

  cli_print (text);
}

static gboolean
parse_detail (const char *text, ChainDetail *detail)
{
  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    if (strcmp (details[i], text) == 0)
      {
        *detail = (ChainDetail) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
run (const Step *s, ChainTrainer *t, ChainTraceRequest request, ChainDetail detail, gint64 to, GError **error)
{
  g_autoptr (ChainSnapshot) snapshot = NULL;
  g_autoptr (ChainDiagram) d = NULL;
  g_autoptr (ChainProbe) probe = NULL;
  g_autofree char *opened = g_strdelimit (g_strdup (s->opened != NULL ? s->opened : ""), ",", ' '), *head = NULL;
  guint last;

  chain_trainer_set_trace_request (t, request);
  snapshot = chain_trainer_snapshot (t, CHAIN_WANT_TRACE);
  if (snapshot->trace == NULL)
    {
      g_set_error_literal (error, CHAIN_ERROR, CHAIN_ERROR_MEMORY, snapshot->trace_error);
      return FALSE;
    }
  d = chain_diagram_new (snapshot->trace, detail, opened, s->weight);
  probe = chain_probe_new (snapshot->trace, NULL);
  last = to < 0 || to > (gint64) d->events->len ? d->events->len : (guint) to;
  for (guint p = 0; s->speech && p <= last; p++)
    print_speech (snapshot->trace, d, p);
  if (s->speech)
    return TRUE;
  head = g_strdup_printf (_("%u cells, %u wires; %u steps forward, %u back, %u of the update"), d->cells->len, d->wires->len, d->n_forward, d->n_backward,
                          d->n_update);
  cli_print (head);
  if (d->note != NULL)
    cli_print (d->note);
  print_tape (snapshot->trace, d, last, s->full);
  print_given (snapshot->trace, d, last, s->full);
  for (guint p = 0; p <= last; p++)
    print_card (snapshot->trace, d, p, probe);
  return TRUE;
}

static gboolean
parse (const Step *s, ChainTraceRequest *request, ChainDetail *detail, gint64 *to, int *status)
{
  gint64 n = 1;

  *status = CHAIN_EXIT_USAGE;
  *to = -1;
  *detail = CHAIN_DETAIL_OPERATIONS;
  if ((s->sample != NULL) + (s->row != NULL) + s->batch > 1)
    {
      *status = cli_usage ("step", "%s", _("give one of --sample, --row and --batch"));
      return FALSE;
    }
  if ((s->sample != NULL && !cli_int ("step", "sample", s->sample, 1, G_MAXINT32, &n)) || (s->row != NULL && !cli_int ("step", "row", s->row, 1, G_MAXINT32, &n))
      || (s->to != NULL && !cli_int ("step", "to", s->to, 0, G_MAXINT32, to)))
    return FALSE;
  *request = (ChainTraceRequest){ s->batch ? CHAIN_TRACE_BATCH : s->row != NULL ? CHAIN_TRACE_ROW : CHAIN_TRACE_SAMPLE, (guint) n - 1 };
  if (s->detail != NULL && !parse_detail (s->detail, detail))
    {
      *status = cli_usage ("step", _("--detail %s: give operations, units, layers or nodes"), s->detail);
      return FALSE;
    }
  return TRUE;
}

static void
step_clear (Step *s)
{
  char *texts[] = { s->sample, s->row, s->detail, s->to, s->weight, s->opened, s->over.split, s->over.precision, s->over.seed };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  g_strfreev (s->over.set);
  g_strfreev (s->over.target);
}

int
verb_step (int argc, char **argv)
{
  Step s = { 0 };
  const GOptionEntry entries[] = {
    { "sample", 0, 0, G_OPTION_ARG_STRING, &s.sample, N_ ("This training sample alone, from 1 (default: the first)"), "N" },
    { "row", 0, 0, G_OPTION_ARG_STRING, &s.row, N_ ("The next mini-batch, looked at through this row, from 1"), "N" },
    { "batch", 0, 0, G_OPTION_ARG_NONE, &s.batch, N_ ("The next mini-batch as matrices"), NULL },
    { "detail", 0, 0, G_OPTION_ARG_STRING, &s.detail, N_ ("How finely it is taken apart"), "operations|units|layers|nodes" },
    { "open", 0, 0, G_OPTION_ARG_STRING, &s.opened, N_ ("Cells to open, with commas"), "ID,ID" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &s.to, N_ ("Walk so many positions (default: all)"), "K" },
    { "weight", 0, 0, G_OPTION_ARG_STRING, &s.weight, N_ ("Parameter whose update is followed"), "NAME:ROW:COLUMN" },
    { "full", 0, 0, G_OPTION_ARG_NONE, &s.full, N_ ("Numbers with all their digits"), NULL },
    { "speech", 0, 0, G_OPTION_ARG_NONE, &s.speech, N_ ("Only what a screen reader says at each position"), NULL },
    CLI_OVERRIDE_ENTRIES (s.over),
    { 0 }
  };
  g_auto (GStrv) rest = NULL;
  ChainTraceRequest request;
  ChainDetail detail;
  gint64 to;
  int status;

  if (cli_parse ("step", entries, argc, argv, 1, 1, &rest, &status) && parse (&s, &request, &detail, &to, &status))
    {
      CliDocument doc = { 0 };
      GError *error = NULL;
      ChainTrainer *t = cli_load (rest[0], &s.over, &doc, &error) ? cli_trainer (&doc, NULL, FALSE, &error) : NULL;
      gboolean good = t != NULL && run (&s, t, request, detail, to, &error);

      g_clear_pointer (&t, chain_trainer_free);
      cli_clear (&doc);
      status = good ? CHAIN_EXIT_OK : cli_bad (error);
    }
  step_clear (&s);
  return status;
}
