/* SPDX-License-Identifier: Apache-2.0 */
/* A table of system calls that fails the n-th call, shortens writes and records what reached the disk in which order. */
#pragma once

#include "app/io/system.h"

typedef enum { STEP_WRITE, STEP_SYNC_FILE, STEP_RENAME, STEP_SYNC_DIR } StepKind;
typedef struct { StepKind kind; gsize offset, len; } Step;

/* Fails call number `at` (from 1; 0 = none) with `err`; sticky: and every later one, unlink only if `unlink_too`. */
void    faults_begin  (guint at, int err, gboolean sticky, gboolean unlink_too, gsize write_at_most);
/* Puts the real calls back; returns how many calls there were. */
guint   faults_end    (void);
/* Of the last run. */
GArray *faults_log    (void);
