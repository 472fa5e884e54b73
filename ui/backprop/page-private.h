/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the Backprop page: structure (backprop.c), position and time (walk.c), what hands do on the graph (hands.c). */
#pragma once

#include "app/picture/step-maker.h"
#include "ui/backprop/backprop.h"
#include "ui/backprop/card.h"
#include "ui/backprop/play.h"
#include "ui/backprop/probe.h"
#include "ui/canvas/pump.h"

G_BEGIN_DECLS

#define CHAIN_CARD_NARROW 96   /* px: of the card under the graph of a narrow window */

/* Where to stand when the trainer's step has been made and its tape is here. */
typedef enum { CHAIN_LAND_STAY, CHAIN_LAND_START, CHAIN_LAND_END } ChainLanding;

typedef struct _ChainMatrixCard ChainMatrixCard;
typedef struct _ChainMoves ChainMoves;

/* lens.c */
typedef struct
{
  GtkWidget  *percent;             /* button that says the scale */
  gconstpointer of;                /* places that `fit` is the scale of at zoom 1, in a canvas and at a text size; NULL: unknown */
  int         of_w, of_h;
  double      of_text, fit;
  double      last;                /* scale of the picture before */
  gboolean    fresh;               /* a network or a detail has come that nobody has seen yet */
  char       *by_zoom;             /* ids of cells that zooming has opened, a space after each; NULL */
  GHashTable *old;                 /* id -> ChainStepPoint on the canvas, while another diagram is being made; NULL */
  char       *whole;               /* id of the cell that is opened or folded */
  double      scale;               /* then */
  gboolean    fitted;              /* the whole picture was seen, and will be */
  GHashTable *offsets;             /* id -> ChainStepOffset from its place to where it comes from; NULL: nothing moves */
  double      share;               /* of them that is left */
  gboolean    at_once;             /* the next picture is drawn in place: the camera has moved with it */
  gboolean    holds;               /* what was opened under the pointer stays there, also where that is not the present step */
  gint64      morph_began, glide_began;
  gboolean    glides;
  double      from_x, from_y, to_x, to_y;
  guint       tick;
} ChainLens;

struct _ChainBackpropPage
{
  GtkWidget         parent_instance;

  ChainStepFields  *fields;
  ChainStepBar     *bar;               /* owned: the window shows it */
  GtkWidget        *stack, *switcher, *main_box, *canvas_box, *overlay, *side, *side_box, *card_scroll, *results, *info, *info_label, *caption, *caption_box, *skip, *held;
  ChainCanvas      *canvas;
  ChainFormulaCard *card;
  ChainTape        *tape;
  ChainWidthClass   width;
  gboolean          side_hidden, shown, frozen;

  ChainSession     *session, *example; /* the document's, and that of the example; the latter NULL until it is wanted */
  ChainPump        *pump;              /* of the example */

  ChainSnapshot    *base;              /* (ref) that the trace came with */
  ChainTrace       *trace;
  ChainDiagram     *diagram;
  ChainStepView    *view;              /* what is on screen */
  ChainStepCard    *now;               /* of the position */
  guint             position;
  ChainStory       *story;             /* of the position, in slow motion; NULL */
  guint             told;              /* its part on screen; CHAIN_STORY_PARTS: the step is over */
  double            at, tween, share;  /* of the movement on screen: of the whole step, as the picture has it */
  ChainTell         tell;
  ChainLanding      landing;
  guint64           landing_from;      /* the step that must have passed */
  ChainDetail       detail;            /* that the fields said last */
  gboolean          detail_chosen;     /* by a person: it is not changed for being too much */
  gboolean          is_example;        /* what is shown */
  char             *watched, *opened;  /* ids; NULL */
  char             *entry_cell;        /* a matrix of which somebody chose one entry on its heat map, for the card; NULL: nobody did */
  gint64            entry_row, entry_col;     /* of the node's value, as chain_trace_at() counts */
  ChainStepMaker   *maker;
  ChainSnapshot    *coming;            /* (ref) of a network whose diagram is being made; NULL: what is being made is of the trace on screen */
  GtkWidget        *waiting, *waiting_text;
  guint             waiting_timer;
  ChainMatrixCard  *matrix;            /* heat map over the picture */
  double            text_size;
  ChainStepPlay    *play;
  ChainProbeQueue  *probe;
  char             *dragged;           /* cell under the button; NULL */
  double            drag_x, drag_y;
  ChainMoves       *moves;
  ChainLens         lens;
  char             *clicked;           /* parameter whose value will be edited; NULL */
  guint             edit_timer;        /* until the click cannot become a double one */
  char             *found;             /* cell that the search marks; NULL */
  gboolean          finding;           /* a cell is being marked, not gone to */
  gboolean          found_new;         /* and nobody has gone to it yet */
  GtkWidget        *editor;            /* popover over a parameter; NULL */
};

/* walk.c */
void          _chain_backprop_start    (ChainBackpropPage *p);                    /* once */
void          _chain_backprop_end      (ChainBackpropPage *p);
ChainSession *_chain_backprop_session  (ChainBackpropPage *p);                    /* whose network is shown */
void          _chain_backprop_redraw   (ChainBackpropPage *p);                    /* at the moment of the movement that is on screen */
void          _chain_backprop_go       (ChainBackpropPage *p, guint position, gboolean moving);
gboolean      _chain_backprop_step     (ChainBackpropPage *p, ChainGrain grain, gboolean back);   /* FALSE: there is nothing that way */
void          _chain_backprop_toggle   (ChainBackpropPage *p);                    /* play, pause */
void          _chain_backprop_into     (ChainBackpropPage *p, gboolean out);

/* graph/make.c: diagram and places are made on a thread; what is on screen stays and can be stepped until they are here. */
void          _chain_backprop_take     (ChainBackpropPage *p, ChainSnapshot *s);  /* a newer snapshot */
void          _chain_backprop_remake   (ChainBackpropPage *p);                    /* another diagram of the same trace */
void          _chain_backprop_add_maker  (ChainBackpropPage *p);
void          _chain_backprop_stop_making (ChainBackpropPage *p);                 /* what is being made is not wanted any more */
void          _chain_backprop_drop_maker (ChainBackpropPage *p);

/* graph/matrix.c */
void          _chain_backprop_add_matrix     (ChainBackpropPage *p);
void          _chain_backprop_drop_matrix    (ChainBackpropPage *p);
void          _chain_backprop_refresh_matrix (ChainBackpropPage *p);               /* after a redraw */
gboolean      _chain_backprop_show_matrix    (ChainBackpropPage *p);               /* by the keyboard; FALSE: none has the focus */
void          _chain_backprop_choose_entry (ChainBackpropPage *p, const char *cell, gint64 row, gint64 col);   /* cell NULL: none; the card follows */

/* slow.c */
GtkWidget    *_chain_backprop_make_captions (ChainBackpropPage *p);
void          _chain_backprop_new_story (ChainBackpropPage *p);                   /* of the position; none but in slow motion */
void          _chain_backprop_move_to  (ChainBackpropPage *p, double at);         /* 0 … 1 of the step's movement */

/* lens.c: what is seen of the graph. */
void          _chain_lens_start        (ChainBackpropPage *p);
void          _chain_lens_end          (ChainBackpropPage *p);
void          _chain_lens_begin        (ChainBackpropPage *p, const char *whole);     /* before a cell is opened or folded */
void          _chain_lens_made         (ChainBackpropPage *p, gboolean first);    /* p->view is of another diagram */
void          _chain_lens_apply        (ChainBackpropPage *p, ChainStepView *v);
ChainStepPoint *_chain_lens_map_cells  (ChainBackpropPage *p, double *scale);     /* of p->view on the canvas, under its zoom; NULL: it has no size yet */
gint64        _chain_lens_begin_tick   (ChainBackpropPage *p);                    /* frames go on while something moves; the time of this one */
gboolean      _chain_lens_is_animated  (void);
double        _chain_lens_scale        (ChainBackpropPage *p);                    /* 0: there is no picture */

/* follow.c */
#define CHAIN_GLIDE_US 250000
void          _chain_lens_follow       (ChainBackpropPage *p, gboolean gliding);  /* the present step comes into view */

/* graph/moves.c */
void          _chain_backprop_add_moves      (ChainBackpropPage *p);
void          _chain_backprop_drop_moves     (ChainBackpropPage *p);
const char   *_chain_backprop_undo_label     (ChainBackpropPage *p, gboolean redo);   /* NULL: nothing was moved */
gboolean      _chain_backprop_undo           (ChainBackpropPage *p, gboolean redo);
void          _chain_backprop_lay_out        (ChainBackpropPage *p);                  /* each cell in its own place */

/* hands.c */
void          _chain_backprop_add_hands (ChainBackpropPage *p);
gboolean      _chain_backprop_open_cell (ChainBackpropPage *p, const char *cell, gboolean open);   /* FALSE: it cannot be */
void          _chain_backprop_pressed   (ChainBackpropPage *p);
void          _chain_backprop_clicked   (ChainBackpropPage *p, const char *cell);      /* pressed and let go, and not dragged */
void          _chain_backprop_drop_hands (ChainBackpropPage *p);
void          _chain_backprop_find      (ChainBackpropPage *p, const char *text, gboolean next);

G_END_DECLS
