/* SPDX-License-Identifier: Apache-2.0 */
/* What ails a network, why in this run's numbers, and what a click can do about it (DESIGN 3.1, 4.9). Pure: snapshot in, findings out. The
 * thresholds are those of engine/nn/health.h and nowhere else; the trainer applies them, a snapshot carries the bits. */
#pragma once

#include "app/train/snapshot.h"
#include "engine/nn/health.h"

G_BEGIN_DECLS

/* Gravest first; a cause before its effect. */
typedef enum
{
  CHAIN_FINDING_DIVERGED, CHAIN_FINDING_NOT_FINITE, CHAIN_FINDING_EXPLODING, CHAIN_FINDING_SYMMETRIC, CHAIN_FINDING_DEAD,
  CHAIN_FINDING_SATURATED, CHAIN_FINDING_VANISHING, CHAIN_N_FINDINGS
} ChainFindingKind;

#define CHAIN_FINDING_CURES 5u

/* One row a kind; texts are msgids. */
typedef struct
{
  guint       bit;         /* of ChainHealth; 0: diverged */
  const char *title;       /* "Symmetric units" */
  const char *meaning;     /* what it means, in two sentences */
  const char *cures[CHAIN_FINDING_CURES + 1];   /* ids of cure rows, most fitting first; NULL-terminated */
} ChainFindingRow;

typedef struct
{
  ChainFindingKind kind;
  int              layer;  /* index in the spec */
  char            *id;     /* of the layer */
  char            *badge;  /* "= symmetric" */
  char            *cause;  /* "All 6 units of layer 1 have the same incoming weights: largest difference 0." */
  char            *rule;   /* "Said of units whose weights differ by less than 10⁻⁶ of their size." */
  ChainSpec       *spec;   /* (ref) what it was found in */
  ChainRemedy      remedy; /* what the trainer saw, where it diverged */
} ChainFinding;

const ChainFindingRow *chain_finding_row (ChainFindingKind kind);
/* By gravity, then by layer. (transfer full): of ChainFinding. */
GPtrArray *chain_health_findings (const ChainSnapshot *s);
void       chain_finding_free    (gpointer finding);
/* (transfer container): of const char*, ids of the cures that would change something. Each is tried on a copy of the network, so ask when they are
 * to be shown, not with every picture. */
GPtrArray *chain_finding_cures   (const ChainFinding *f);

/* Diverged: in which step what broke, without operations and names of tensors: "Step 5: the numbers in the loss grew too large". (transfer full). */
char      *chain_health_trouble_text (const ChainSnapshot *s);

/* --- cures: changes of the spec --- */
typedef struct
{
  const char *id;
  const char *title;       /* msgid: the button */
  gboolean    restart;     /* training starts again, from new weights */
  /* Changes a copy; layer: where the finding is. FALSE where it does not apply. */
  gboolean  (*change) (ChainSpec *spec, int layer);
} ChainCureRow;

const ChainCureRow *chain_cure_row (const char *id);                                /* NULL if there is none */
const ChainCureRow *chain_table_cures (guint *n);
/* (transfer full), sealed; NULL where it would change nothing. */
ChainSpec *chain_cure_spec  (const ChainCureRow *row, const ChainSpec *spec, int layer);
char      *chain_cure_label (const ChainCureRow *row, const ChainSpec *spec);       /* (transfer full): "Halve the learning rate to 0.015 and restart" */

/* --- what is shown: findings of a mini-batch come and go from one picture to the next, a badge must not --- */
#define CHAIN_HEALTH_APPEAR_US (300 * 1000)     /* training: a finding is shown once it has held so long, */
#define CHAIN_HEALTH_LINGER_US (1000 * 1000)    /* and goes after it has been away so long; its words change no faster */

typedef struct _ChainHealthWatch ChainHealthWatch;

ChainHealthWatch *chain_health_watch_new   (void);
void              chain_health_watch_free  (ChainHealthWatch *w);
/* TRUE if what is shown changed. While nothing trains, and after an edit, what is found is shown at once. */
gboolean          chain_health_watch_take  (ChainHealthWatch *w, const ChainSnapshot *s, gint64 now_us);
const GPtrArray  *chain_health_watch_shown (const ChainHealthWatch *w);             /* of ChainFinding, by gravity */

G_END_DECLS
