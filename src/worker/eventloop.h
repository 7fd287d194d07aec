/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eventloop.h - descriptors, timers and end-of-turn tasks for libpurple.
 *
 * GLib's own loop looks at every descriptor and every source at each turn, which
 * makes a message cost more the more accounts there are.  Here an epoll set and
 * a heap of timers stand behind libpurple's event-loop operations, and are one
 * single source in the GLib main loop, whatever their number.
 *
 * What is added while something is done for an account (doing.h) is done for that account, too. */
#pragma once

#include <glib.h>

/* The numbers of timers and inputs start here, far above those that GLib gives
 * to its sources, so that a caller that mixes them up is still understood. */
#define EVENTLOOP_FIRST_ID 0x40000000u

typedef enum { EVENTLOOP_READ = 1, EVENTLOOP_WRITE = 2 } EventloopCondition;

/* As PurpleInputFunction: `condition` holds what of the wanted is the case. */
typedef void (*EventloopInput) (gpointer data, int fd, EventloopCondition condition);

/* Attaches the source to the default main context.  Once, before all others. */
void eventloop_init (void);

/* Runs `func` each `milliseconds` until it returns FALSE.  Never 0. */
guint eventloop_add_timer (guint milliseconds, GSourceFunc func, gpointer data);
/* The same in seconds, later by up to one so that timers fire together; 0: at the next whole one. */
guint eventloop_add_timer_seconds (guint seconds, GSourceFunc func, gpointer data);
guint eventloop_add_input (int fd, EventloopCondition condition, EventloopInput func, gpointer data);
/* Ends a timer or an input, from its own callback too.  FALSE if there is none. */
gboolean eventloop_remove (guint id);

/* While paused no input runs: what comes waits in the kernel, and its senders with it. */
void eventloop_pause_inputs (gboolean paused);

/* The same for reading alone, of what was added for one account. */
void eventloop_hold_account (gint64 account, gboolean held);

/* Whether what comes for an account is read: silence says nothing of who is not listened to. */
gboolean eventloop_reads_account (gint64 account);

/* Something to be done once at the end of this turn of the loop.  A task that
 * queues itself or another from its function runs that in the same turn. */
typedef struct EventloopTask EventloopTask;
struct EventloopTask {
  void (*run) (EventloopTask *task);
  /*< private >*/
  GList link;
  gboolean queued;
};

void eventloop_queue_task (EventloopTask *task);
void eventloop_cancel_task (EventloopTask *task);
/* Those that wait, now; from the main loop, never from libpurple's callbacks. */
void eventloop_run_tasks (void);
