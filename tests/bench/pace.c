/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pace.c - messages at a steady rate, the two directions half a step apart. */
#include "config.h"

#include "pace.h"
#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct {
  Bed *bed;
  guint n_active;
  int fd;
  guint64 sent;                 /* both ways */
  guint64 total;
} Pace;

static void
on_tick (G_GNUC_UNUSED uint32_t events, gpointer user_data)
{
  Pace *pace = user_data;
  guint64 ticks;

  if (read (pace->fd, &ticks, sizeof ticks) != sizeof ticks)
    return;
  for (; ticks > 0 && pace->sent < pace->total; ticks--, pace->sent++)
    {
      User *user = bed_user_of_turn (pace->bed, pace->n_active, pace->sent / 2);

      if (pace->sent % 2 == 0)
        bed_say_in (pace->bed, user);
      else
        bed_say_out (pace->bed, user);
    }
}

static gboolean
is_done (gpointer user_data)
{
  Pace *pace = user_data;

  return pace->sent == pace->total;
}

gboolean
pace_run (Bed *bed, guint n_active, double per_second, double seconds, GError **error)
{
  Pace pace = { .bed = bed, .n_active = n_active, .total = (guint64) (2 * per_second * seconds), .fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC) };
  struct timespec step = { .tv_nsec = (long) (1e9 / per_second / 2) };
  LoopWatch *watch;
  gboolean done;

  if (pace.fd < 0 || timerfd_settime (pace.fd, 0, &(struct itimerspec) { .it_interval = step, .it_value = step }, NULL) != 0)
    g_error ("timerfd: %s", g_strerror (errno));
  watch = loop_watch (pace.fd, EPOLLIN, on_tick, &pace);
  done = loop_wait (is_done, &pace, NULL, 2 * seconds + 10, "our own timer", error);
  loop_unwatch (watch);
  close (pace.fd);
  return done;
}
