/* SPDX-License-Identifier: Apache-2.0 */
/* Files of weights for tests. */
#pragma once

#include "app/io/safetensors.h"

/* F32; entry i is first + i. rows 0: one axis. */
void  wkit_add    (ChainTensorFile *f, const char *name, guint rows, guint cols, float first);
/* In a private folder that wkit_finish() removes. (transfer full): its path. */
char *wkit_save   (const ChainTensorFile *f, const char *name);
/* A name in that folder. (transfer full). */
char *wkit_path   (const char *name);
void  wkit_finish (void);
