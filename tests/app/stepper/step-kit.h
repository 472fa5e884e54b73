/* SPDX-License-Identifier: Apache-2.0 */
/* Ten small networks for the tests of the stepper, each with something that a chain of dense layers lacks, and the samples of the gallery. */
#pragma once

#include "app/train/trainer.h"
#include "engine/nn/table.h"

G_BEGIN_DECLS

extern const char *const step_kit_names[];          /* NULL-terminated: "skip", "concat", … */

ChainSpec    *step_kit_spec    (const char *name);   /* (transfer full): mutable */
ChainTrainer *step_kit_trainer (ChainSpec *spec);    /* takes it */
ChainTrainer *step_kit_deep    (guint layers);        /* "plain" with so many layers of three units more */
ChainTrainer *step_kit_example (void);               /* 1-1-2-1 with the numbers of the mock-up */
ChainTrace   *step_kit_trace   (ChainTrainer *t, ChainTraceOf of, guint index);
GPtrArray    *step_kit_samples (void);               /* of char*: paths */
ChainTrainer *step_kit_sample  (const char *path);   /* of one of them */

G_END_DECLS
