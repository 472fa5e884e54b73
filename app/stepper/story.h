/* SPDX-License-Identifier: Apache-2.0 */
/* One step of a diagram told in parts, for slow motion: what is taken, what is done with it, what comes out (DESIGN 3.2). Every number in a caption is
 * one of the trace: a factor, a product or a sum, never one in between. */
#pragma once

#include "app/stepper/diagram.h"

G_BEGIN_DECLS

typedef enum
{
  CHAIN_TELL_NOTHING,
  CHAIN_TELL_TAKE, CHAIN_TELL_APPLY, CHAIN_TELL_RESULT,                          /* a value is made */
  CHAIN_TELL_LEAVE, CHAIN_TELL_TRAVEL, CHAIN_TELL_MULTIPLY, CHAIN_TELL_ARRIVE,   /* an adjoint is passed on */
  CHAIN_TELL_LINE, CHAIN_TELL_NUMBERS                                            /* a line of the optimiser */
} ChainTell;

#define CHAIN_STORY_PARTS 4u

typedef struct
{
  guint     n;                                /* parts; 0 at the start of the tape */
  ChainTell tell[CHAIN_STORY_PARTS];
  char     *caption[CHAIN_STORY_PARTS];
} ChainStory;

ChainStory *chain_story_new  (const ChainTrace *t, const ChainDiagram *d, guint position);   /* (transfer full) */
void        chain_story_free (ChainStory *s);                                                /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChainStory, chain_story_free)

G_END_DECLS
