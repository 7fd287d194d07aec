/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop.c - the benchmark's event loop: epoll, deadlines, one place for failure.
 *
 * GLib's own loop walks all its sources at every wake-up, which with a thousand
 * IRC connections would cost more than what is measured.  */
#include "config.h"

#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#define EVENTS_PER_TURN 256

struct LoopWatch {
  int fd;
  LoopFunc func;                /* NULL: ended, freed after the turn */
  gpointer user_data;
};

static int epoll_fd = -1;
static GPtrArray *ended;        /* events of this turn may still point to these */
static LoopHook before_wait;
static GError *failure;

G_DEFINE_QUARK (passerelle-bench, bench_error)

gint64
loop_now (void)
{
  return g_get_monotonic_time ();
}

static void
control (int operation, LoopWatch *watch, uint32_t events)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  if (epoll_ctl (epoll_fd, operation, watch->fd, &event) != 0)
    g_error ("epoll_ctl: %s", g_strerror (errno));
}

LoopWatch *
loop_watch (int fd, uint32_t events, LoopFunc func, gpointer user_data)
{
  LoopWatch *watch = g_new (LoopWatch, 1);

  if (epoll_fd < 0)
    {
      epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
      if (epoll_fd < 0)
        g_error ("epoll_create1: %s", g_strerror (errno));
      ended = g_ptr_array_new_with_free_func (g_free);
    }
  *watch = (LoopWatch) { .fd = fd, .func = func, .user_data = user_data };
  control (EPOLL_CTL_ADD, watch, events);
  return watch;
}

void
loop_watch_set_events (LoopWatch *watch, uint32_t events)
{
  control (EPOLL_CTL_MOD, watch, events);
}

void
loop_unwatch (LoopWatch *watch)
{
  control (EPOLL_CTL_DEL, watch, 0);
  watch->func = NULL;
  g_ptr_array_add (ended, watch);
}

void
loop_set_hook (LoopHook hook)
{
  before_wait = hook;
}

void
loop_fail (GError *error)
{
  if (failure == NULL)
    failure = error;
  else
    g_error_free (error);
}

void
loop_clear_failure (void)
{
  g_clear_error (&failure);
}

/* One turn, which waits until `deadline` at most. */
static void
turn (gint64 deadline)
{
  struct epoll_event events[EVENTS_PER_TURN];
  gint64 left;
  int n;

  if (before_wait != NULL)
    before_wait ();
  left = MAX (0, deadline - loop_now ());
  n = epoll_wait (epoll_fd, events, EVENTS_PER_TURN, (int) MIN ((left + 999) / 1000, G_MAXINT));
  for (int i = 0; i < n; i++)
    {
      LoopWatch *watch = events[i].data.ptr;

      if (watch->func != NULL)
        watch->func (events[i].events, watch->user_data);
    }
  g_ptr_array_set_size (ended, 0);
}

static gboolean
check_failure (GError **error)
{
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

gboolean
loop_wait (LoopCondition condition, gpointer user_data, const guint64 *progress, double seconds, const char *what, GError **error)
{
  gint64 allowed = (gint64) (seconds * G_USEC_PER_SEC);
  gint64 deadline = loop_now () + allowed;
  guint64 seen = progress != NULL ? *progress : 0;

  while (check_failure (error))
    {
      if (condition (user_data))
        return TRUE;
      if (progress != NULL && *progress != seen)
        {
          seen = *progress;
          deadline = loop_now () + allowed;
        }
      if (loop_now () >= deadline)
        {
          g_set_error (error, BENCH_ERROR, 0, "waited %g s in vain for %s", seconds, what);
          return FALSE;
        }
      turn (deadline);
    }
  return FALSE;
}

gboolean
loop_run_for (double seconds, GError **error)
{
  gint64 deadline = loop_now () + (gint64) (seconds * G_USEC_PER_SEC);

  while (loop_now () < deadline)
    {
      if (!check_failure (error))
        return FALSE;
      turn (deadline);
    }
  return check_failure (error);
}
