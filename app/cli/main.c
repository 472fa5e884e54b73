/* SPDX-License-Identifier: Apache-2.0 */
/* chainrule-cli: every verb of the program without a window. Option parsing only; the work is in the rooms to the left.
 * It links no GTK, so a layering error is a link error here. */
#include "config.h"

#include "app/cli/cli.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/run/backend-registry.h"

const ChainVerb chain_verbs[] = {
  { "list", "[TABLE] [--json]", N_ ("Rows of the tables: what can be chosen"),
    "chainrule-cli list optimisers\nchainrule-cli list --json", verb_list },
  { "train", "SPEC [OPTION…]", N_ ("Train a network"),
    "chainrule-cli train data/samples/moons.json\n"
    "chainrule-cli train net.json --data mine.csv --target price --split 0.2 --save mine.chainrule\n"
    "chainrule-cli train net.json --set optimiser.params.lr=0.1 --epochs 20 --log run.jsonl", verb_train },
  { "eval", "SPEC --weights W [--data FILE] [--json]", N_ ("Evaluate a trained network"),
    "chainrule-cli eval net.json --weights mine.safetensors --json", verb_eval },
  { "predict", "SPEC --weights W [--data FILE]", N_ ("Write outputs and class names as CSV"),
    "chainrule-cli predict mine.chainrule --data new.csv > answers.csv", verb_predict },
  { "grad", "SPEC --weights W --rows A..B --out G.safetensors [--hvp V.safetensors]",
    N_ ("Gradient of the loss on rows A to B−1 of the training rows, train form"),
    "chainrule-cli grad net.json --weights w.safetensors --rows 0..32 --out g.safetensors", verb_grad },
  { "check", "SPEC", N_ ("Check every gradient against finite differences in f64"),
    "chainrule-cli check data/samples/moons.json", verb_check },
  { "render", "SPEC --view ID -o FILE.{png,svg,pdf}", N_ ("Draw a picture of a network or its training"),
    "chainrule-cli render data/samples/moons.json --steps 300 --view boundary -o boundary.svg", verb_render },
  { "inspect", "--as=csv|idx|npy|safetensors|json --json FILE", N_ ("Read one file with all limits and say what is in it"),
    "chainrule-cli inspect --as=csv --json data.csv", verb_inspect },
  { "lr-range", "SPEC [--min RATE] [--max RATE] [--steps N] [--json]", N_ ("Find a learning rate: raise it until the loss climbs"),
    "chainrule-cli lr-range data/samples/moons.json --steps 300", verb_lr_range },
  { "bench", "W1|W2|W3|W4|W8|SHAPE [--threads N]", N_ ("Time one training step of a standard workload"),
    "chainrule-cli bench W2 --threads 2", verb_bench },
  { "plan", "SPEC [--program] [--batch N]", N_ ("Print what a training step consists of"),
    "chainrule-cli plan data/samples/moons.json --program", verb_plan },
  { "step", "SPEC [--sample N|--row N|--batch] [--detail D] [--to K] [--weight NAME:R:C]", N_ ("Walk through one training step, operation by operation"),
    "chainrule-cli step data/samples/one-one-two-one.chainrule", verb_step },
};
const guint chain_n_verbs = G_N_ELEMENTS (chain_verbs);

static void
print_help (FILE *to)
{
  fprintf (to, "%s\n\n", _ ("Usage: chainrule-cli VERB [OPTION…]"));
  for (guint i = 0; i < chain_n_verbs; i++)
    fprintf (to, "  %-9s %s\n", chain_verbs[i].name, _ (chain_verbs[i].summary));
  fprintf (to, "\n%s\n\n%s\n", _ ("chainrule-cli VERB --help tells more about each; --version tells the version, with --verbose also the machine's part."),
           _ ("Examples:"));
  for (guint i = 0; i < chain_n_verbs; i++)
    {
      g_auto (GStrv) lines = g_strsplit (chain_verbs[i].examples, "\n", -1);
      fprintf (to, "  %s\n", lines[0]);
    }
}

static int
print_version (gboolean verbose)
{
  printf ("chainrule-cli %s\n", CHAIN_VERSION);
  if (verbose)
    {
      printf ("%s: %s\n", _ ("Kernels"), chain_cpu_isa ());
      printf ("%s: %s\n", _ ("OpenBLAS core"), chain_blas_core ());
      printf ("%s: %u.%u.%u\n", "GLib", glib_major_version, glib_minor_version, glib_micro_version);
#ifdef __clang__
      printf ("%s: clang %s\n", _ ("Compiler"), __clang_version__);
#else
      printf ("%s: gcc %s\n", _ ("Compiler"), __VERSION__);
#endif
    }
  return CHAIN_EXIT_OK;
}

int
cli_bad (GError *error)
{
  g_autofree char *text = chain_text_escape (error->message, -1);

  fprintf (stderr, "chainrule-cli: %s\n", text);
  g_error_free (error);
  return CHAIN_EXIT_BAD_INPUT;
}

int
cli_usage (const char *verb, const char *format, ...)
{
  g_autofree char *text = NULL, *safe = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  safe = chain_text_escape (text, -1);
  fprintf (stderr, "chainrule-cli%s%s: %s\n", verb ? " " : "", verb ? verb : "", safe);
  fprintf (stderr, "%s chainrule-cli%s%s --help\n", _ ("See"), verb ? " " : "", verb ? verb : "");
  return CHAIN_EXIT_USAGE;
}

static const ChainVerb *
find_verb (const char *name)
{
  for (guint i = 0; i < chain_n_verbs; i++)
    if (strcmp (chain_verbs[i].name, name) == 0)
      return &chain_verbs[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  const ChainVerb *verb;

  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");
  bindtextdomain (GETTEXT_PACKAGE, CHAIN_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("chainrule-cli");
  chain_backend_init ();

  if (argc < 2)
    {
      print_help (stderr);
      return CHAIN_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return CHAIN_EXIT_OK;
    }
  if (strcmp (argv[1], "--version") == 0 || (argc == 3 && strcmp (argv[1], "--verbose") == 0 && strcmp (argv[2], "--version") == 0))
    return print_version (argc > 2);
  verb = find_verb (argv[1]);
  if (verb == NULL)
    return cli_usage (NULL, _ ("There is no verb “%s”"), argv[1]);
  return verb->run (argc - 1, argv + 1);
}
