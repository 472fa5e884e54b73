/* SPDX-License-Identifier: Apache-2.0 */
/* Children that edit, train and recover with a journal until they are killed, and what the tests of recovery share. The timers are a hundredth
 * of the window's. */
#pragma once

#include "app/session/missing.h"
#include "app/session/recovery.h"

#define REC_SETTLE 30         /* milliseconds; 3 s in the window */
#define REC_LATEST 90
#define REC_WEIGHTS 100       /* 25 s in the window */
#define REC_LOG 40
#define REC_SLACK 1000        /* a write of a loaded machine; a second in the window too */

/* What a child tells while it lives: a file that both have in memory. */
typedef struct { struct { gint64 time; int units; guint64 step; } said[100000]; int n; } RecDiary;

extern char *rec_folder, *rec_root;
extern RecDiary *rec_diary;

gboolean         rec_begin          (int argc, char **argv);    /* FALSE: this was a child, and it is over */
void             rec_finish         (void);
char            *rec_in_folder      (const char *name);
const ChainSpec *rec_spec_of        (ChainSession *s);
guint            rec_units_of       (ChainSession *s);
void             rec_ok             (gboolean result, GError **error);
void             rec_iterate_for    (guint ms);
void             rec_settle         (ChainSession *s);
ChainSession    *rec_new_session    (void);
guint            rec_count_journals (void);
gboolean         rec_has_spec_part  (void);                     /* the one journal has a spec */
void             rec_run_until      (gboolean *flag);
char            *rec_weights_sum    (ChainSession *s);          /* all weights of this moment */
pid_t            rec_spawn          (const char *role, guint32 salt);
void             rec_wait_for_start (void);
void             rec_end            (pid_t pid);                /* kill -9 */
ChainUnsaved    *rec_only_one       (GPtrArray *list);
