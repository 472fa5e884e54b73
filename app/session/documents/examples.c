/* SPDX-License-Identifier: Apache-2.0 */
/* The twelve by name and order; what a card says is in the document, so that the sentence and the network cannot part. */
#include "config.h"

#include "app/session/documents/examples.h"

#include <string.h>

#include "app/io/data-load.h"
#include "app/io/document.h"
#include "app/io/spec-io.h"

static const ChainExampleRow rows[] = {
  { "moons", "boundary" },
  { "xor-linear", "boundary" },
  { "spirals", "boundary" },
  { "wave", "boundary" },
  { "dying-relu", "network" },
  { "ten-sigmoid-layers", "gradient-flow" },
  { "symmetric-start", "network" },
  { "rate-too-big", "loss" },
  { "crickets", "boundary" },
  { "digits", "confusion" },
  { "digits-autoencoder", "network" },
  { "huber-outliers", "boundary" },
};

const ChainExampleRow *
chain_table_examples (guint *n)
{
  *n = G_N_ELEMENTS (rows);
  return rows;
}

static guint
place_of (const ChainExample *e)
{
  return e->row != NULL ? (guint) (e->row - rows) : G_N_ELEMENTS (rows);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const ChainExample *x = *(const ChainExample *const *) a, *y = *(const ChainExample *const *) b;

  return place_of (x) != place_of (y) ? (int) place_of (x) - (int) place_of (y) : g_utf8_collate (x->name, y->name);
}

/* A description, or a document with weights and data of its own. (transfer full), NULL if it cannot be read. */
static ChainSpec *
read_spec (const char *path)
{
  g_autoptr (ChainDocumentFile) file = NULL;

  if (g_str_has_suffix (path, ".json"))
    return chain_spec_load (path, NULL, NULL);
  file = chain_document_file_load (path, NULL, NULL);
  return file != NULL && file->spec != NULL ? chain_spec_ref (file->spec) : NULL;
}

/* A document that cannot be read is none: the tests read them all. */
static void
add (GPtrArray *list, const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  ChainSpec *spec = read_spec (path);
  ChainExample *e;

  if (spec == NULL)
    return;
  e = g_new0 (ChainExample, 1);
  e->id = g_strndup (file, (gsize) (strrchr (file, '.') - file));
  e->path = g_steal_pointer (&path);
  e->name = g_strdup (spec->name != NULL ? spec->name : e->id);
  e->note = g_strdup (spec->note != NULL ? spec->note : "");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].id, e->id) == 0)
      e->row = &rows[i];
  chain_spec_unref (spec);
  g_ptr_array_add (list, e);
}

const GPtrArray *
chain_examples (void)
{
  static GPtrArray *list;
  g_autofree char *data = NULL, *folder = NULL;
  g_autoptr (GDir) dir = NULL;

  if (list != NULL)
    return list;
  list = g_ptr_array_new ();
  data = chain_data_dir ();
  folder = data != NULL ? g_build_filename (data, "samples", NULL) : NULL;
  dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  for (const char *file; dir != NULL && (file = g_dir_read_name (dir)) != NULL;)
    if (g_str_has_suffix (file, ".json") || g_str_has_suffix (file, ".chainrule"))
      add (list, folder, file);
  g_ptr_array_sort (list, compare);
  return list;
}
