/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.c - a process that is watched by a descriptor of it (pidfd). */
#include "config.h"

#include "child.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct Child {
  int fd;
  guint source;
  ChildEnded ended;
  gpointer data;
};

/* NULL: nothing to complain of. */
static char *
dup_trouble (const siginfo_t *info)
{
  if (info->si_code == CLD_EXITED)
    return info->si_status == 0 ? NULL : g_strdup_printf ("exit status %d", info->si_status);
  return g_strdup_printf ("signal %d (%s)", info->si_status, strsignal (info->si_status));
}

/* A descriptor of a process can be read when that has ended. */
static gboolean
on_ended (int fd, GIOCondition condition, gpointer data)
{
  Child *child = data;
  siginfo_t info = { 0 };
  gboolean known = waitid (P_PIDFD, (id_t) child->fd, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0;
  g_autofree char *trouble = known ? dup_trouble (&info) : NULL;

  child->source = 0;
  child->ended (known, trouble, child->data);
  return G_SOURCE_REMOVE;
}

Child *
child_watch (GPid pid, ChildEnded ended, gpointer data, GError **error)
{
  int fd = pidfd_open (pid, 0);
  Child *child;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "cannot watch process %d: %s", (int) pid, g_strerror (errno));
      return NULL;
    }
  child = g_new (Child, 1);
  *child = (Child) { .fd = fd, .ended = ended, .data = data };
  child->source = g_unix_fd_add (fd, G_IO_IN, on_ended, child);
  return child;
}

void
child_free (Child *child)
{
  g_clear_handle_id (&child->source, g_source_remove);
  close (child->fd);
  g_free (child);
}

void
child_signal (Child *child, int signal)
{
  pidfd_send_signal (child->fd, signal, NULL, 0);
}

void
child_reap_all (void)
{
  siginfo_t info;

  do
    info.si_pid = 0;
  while (waitid (P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid != 0);
}
