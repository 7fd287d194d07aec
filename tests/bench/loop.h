/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop.h - the benchmark's event loop: epoll, deadlines, one place for failure.
 *
 * The program has one thread and one loop, so the loop is not an object.  */
#pragma once

#include <glib.h>
#include <stdint.h>

#define BENCH_ERROR (bench_error_quark ())
GQuark bench_error_quark (void);

typedef struct LoopWatch LoopWatch;
typedef void (*LoopFunc) (uint32_t events, gpointer user_data);
typedef void (*LoopHook) (void);
typedef gboolean (*LoopCondition) (gpointer user_data);

/* Microseconds of the monotonic clock. */
gint64 loop_now (void);

/* Calls func from the loop while fd has one of the EPOLL* events.  The descriptor stays the caller's. */
LoopWatch *loop_watch (int fd, uint32_t events, LoopFunc func, gpointer user_data);
void loop_watch_set_events (LoopWatch *watch, uint32_t events);

/* Ends the watch; safe inside its own callback.  To be called before the descriptor is closed. */
void loop_unwatch (LoopWatch *watch);

/* Calls hook each time before the loop waits: the place to write what a turn has collected. */
void loop_set_hook (LoopHook hook);

/* Reports a failure that no callback can hand up, such as the end of the process under test.  Takes error.
 * The first one makes every later loop_wait fail with it until loop_clear_failure.  */
void loop_fail (GError *error);
void loop_clear_failure (void);

/* Runs the loop until condition holds.  Fails when `seconds` pass without it; where progress is given, without a change of
 * *progress.  The error says that we waited for `what`.  */
gboolean loop_wait (LoopCondition condition, gpointer user_data, const guint64 *progress, double seconds, const char *what, GError **error);

/* Runs the loop for a measured stretch of time; fails only if loop_fail was called. */
gboolean loop_run_for (double seconds, GError **error);
