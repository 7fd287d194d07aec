/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain.h - a worker of an older build is emptied: its accounts are signed in on others, one by one, and then it ends. */
#pragma once

#include "worker.h"

/* Of which build a worker is that is started now for the gateway: it changes with the worker's program, the plugins, and the settings that
 * a worker gets but once.  A package's upgrade shows in the files' times and sizes, libpurple's own does not. */
char *drain_dup_build (Gateway *gateway);

/* A former hub's worker has told all that it has. */
void drain_begin (Worker *worker);
/* The account came in on such a worker after all. */
void drain_signed_in (Session *session);
/* Its turn has come; the gateway's pacer calls it. */
void drain_on_turn (const char *key, gpointer gateway);
