/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subject.h - the program under test with all its processes: start, CPU, memory, end. */
#pragma once

#include <glib.h>

typedef struct Subject Subject;

/* Starts argv, its output to the file log_path.  Its end before subject_stop is a loop_fail. */
Subject *subject_start (char **argv, const char *log_path, GError **error);

/* Asks it to leave, and ends by force what is still there `seconds` later.  Returns the seconds it took, or -1 if force was needed. */
double subject_stop (Subject *subject, double seconds);

/* How it ended, or NULL if it runs on; gives a moment to a process whose end is not yet known. */
const char *subject_how_ended (Subject *subject);
void subject_free (Subject *subject);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Subject, subject_free)

/* CPU of all its processes so far, in microseconds; also that of the ones that ended. */
double subject_cpu (Subject *subject);

/* Proportional set size of all its processes, in KiB. */
gboolean subject_pss (Subject *subject, double *kib, GError **error);

/* Resident set size of its first process alone, in KiB. */
gboolean subject_rss (Subject *subject, double *kib, GError **error);
guint subject_n_processes (Subject *subject);
