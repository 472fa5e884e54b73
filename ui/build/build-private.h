/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the builder, shared by its files: life and keys (build.c), verbs (verbs.c), menus (menu.c), the popover of a layer (layer.c), the
 * list of targets of a connection (connect.c), drags (drag.c) and what they show (cover.c), single weights (weight.c), clipboard (clip.c). */
#pragma once

#include "app/session/build.h"
#include "ui/build/build.h"
#include "ui/canvas/element-ref.h"

G_BEGIN_DECLS

typedef enum { CHAIN_SUBJECT_LAYER = 1 << 0, CHAIN_SUBJECT_UNIT = 1 << 1, CHAIN_SUBJECT_WEIGHT = 1 << 2, CHAIN_SUBJECT_INPUTS = 1 << 3 } ChainSubjectKind;

typedef struct
{
  guint           kind;          /* ChainSubjectKind; 0: nothing */
  char            id[160];       /* of the element */
  char            layer[65];     /* "x" for the inputs */
  int             index;         /* of the layer; -1: the inputs */
  gboolean        is_output;
  ChainElementRef ref;           /* of a unit or a weight */
} ChainSubject;

typedef struct _ChainDrag ChainDrag;
typedef struct { ChainBuildSection fill; gpointer data; } ChainBuildFill;

struct _ChainBuild
{
  ChainCanvas        *canvas;
  ChainChips         *chips;
  ChainNetEditor     *editor;
  ChainSession       *session;
  GtkWidget          *root;
  GSimpleActionGroup *actions;
  GArray             *sections;      /* of ChainBuildFill */
  char               *target;        /* what the open menu is about; NULL */
  GtkWidget          *popover;       /* the one that is open; NULL */
  GtkWidget          *focus;         /* had the focus before it opened (weak) */
  ChainDrag          *drag;
  GCancellable       *pasting;

  /* the weight that was nudged last: snapshots come later than keys */
  ChainElementRef     nudged;
  double              nudged_to;
  gint64              nudged_at;
};

/* --- build.c --- */
const ChainSpec *_chain_build_spec    (ChainBuild *b);
const ChainLayer *_chain_build_find   (ChainBuild *b, const char *layer);
/* id NULL: what the open menu is about, else what has the focus or is selected. FALSE: nothing. */
gboolean _chain_build_subject         (ChainBuild *b, const char *id, ChainSubject *out);
/* Opens a popover (transfer full) at a point of the canvas or (at NULL) at an element; it goes when it is closed, and the focus goes back. */
void     _chain_build_show            (ChainBuild *b, GtkWidget *popover, const char *element, const graphene_point_t *at);
char    *_chain_build_layer_name      (ChainBuild *b, const char *layer);      /* (transfer full): "Layer 2", "Output", "Inputs" */
char    *_chain_build_layer_title     (ChainBuild *b, const char *layer);      /* with the id that messages name: "Layer 2 (d2)" */
void     _chain_build_focus           (ChainBuild *b, const char *element);    /* selects it, and gives it the focus where it can have it */

/* --- verbs.c --- */
void     _chain_build_add_verbs       (ChainBuild *b);
gboolean _chain_build_verb            (ChainBuild *b, const char *name, const ChainSubject *s);   /* FALSE: does not apply */
gboolean _chain_build_verb_applies    (ChainBuild *b, const char *name, const ChainSubject *s);

/* --- menu.c --- */
gboolean _chain_build_menu_at         (ChainBuild *b, const ChainSubject *s, const graphene_point_t *at);

/* --- layer.c --- */
typedef enum { CHAIN_LAYER_PART_ACTIVATION, CHAIN_LAYER_PART_WIDTH, CHAIN_LAYER_PART_INIT } ChainLayerPart;
void     _chain_build_layer_popover   (ChainBuild *b, const ChainSubject *s, ChainLayerPart first);
void     _chain_build_activations     (ChainBuild *b, const ChainSubject *s);

/* --- connect.c --- */
void     _chain_build_connect_list    (ChainBuild *b, const ChainSubject *from);
GtkWidget *_chain_build_targets       (ChainBuild *b, const char *from, GCallback done, gpointer data);   /* list of rows; done (data) after a choice */

/* --- drag.c --- */
void     _chain_build_add_drag        (ChainBuild *b);
void     _chain_build_drag_free       (ChainBuild *b);

/* --- weight.c --- */
gboolean _chain_build_nudge           (ChainBuild *b, const ChainSubject *s, int steps, gboolean fine);
gboolean _chain_build_weight_value    (ChainBuild *b, const ChainElementRef *ref, double *value);
void     _chain_build_set_weight      (ChainBuild *b, const ChainElementRef *ref, double value);
void     _chain_build_add_weight      (ChainBuild *b);

/* --- clip.c --- */
void     _chain_build_copy            (ChainBuild *b, const ChainSubject *s);
void     _chain_build_paste           (ChainBuild *b, const ChainSubject *s);

G_END_DECLS
