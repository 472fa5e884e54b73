/* SPDX-License-Identifier: Apache-2.0 */
/* The documents that come with the program: twelve in the gallery (DESIGN 2.5), in the order of a course, and the others. */
#pragma once

#include "engine/nn/spec.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;       /* samples/<id>.json, or .chainrule */
  const char *view;     /* the picture that shows what the example is about; NULL = what it has learnt */
} ChainExampleRow;

const ChainExampleRow *chain_table_examples (guint *n);

typedef struct
{
  char      *id, *path;
  char      *name, *note;                 /* of the document */
  const ChainExampleRow *row;             /* NULL: not one of the twelve */
} ChainExample;

/* Of ChainExample: the twelve in order, then the others by name. Read once; (transfer none). Main thread. */
const GPtrArray *chain_examples (void);

G_END_DECLS
