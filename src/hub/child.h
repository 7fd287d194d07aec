/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.h - a process that is watched by a descriptor of it (pidfd): a child of ours, or one that a former hub has started. */
#pragma once

#include <glib.h>

typedef struct Child Child;

/* `trouble`: by what it died; NULL: it left as it should.  Not `known`: the kernel tells that to the parent alone, which was a former hub. */
typedef void (*ChildEnded) (gboolean known, const char *trouble, gpointer data);

/* NULL with an error: there is no such process, or it cannot be watched. */
Child *child_watch (GPid pid, ChildEnded ended, gpointer data, GError **error);
/* Watches it no more. */
void child_free (Child *child);

/* It reaches this process, or nobody. */
void child_signal (Child *child, int signal);

/* Those that ended while nobody watched: between two programs of one process. */
void child_reap_all (void);
