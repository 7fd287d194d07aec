/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.c - what the operating system lets this process do and see. */
#include "config.h"

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* libpurple and its libraries look for proxies, a desktop, and preferences of a
 * person; a daemon's child has none.  HOME must not lead to anybody's files. */
static void
scrub_environment (void)
{
  static const char *const kept[] = {
    "G_SLICE", "G_DEBUG", "G_MESSAGES_DEBUG", "LANG", "LC_ALL", "PATH", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
    "UBSAN_OPTIONS", "LSAN_OPTIONS", "JOURNAL_STREAM", "SASL_PATH", NULL
  };
  g_auto (GStrv) names = g_listenv ();

  for (char **name = names; *name != NULL; name++)
    if (!g_strv_contains (kept, *name))
      g_unsetenv (*name);
  g_setenv ("HOME", "/nonexistent", TRUE);
  /* libpurple starts GStreamer, for calls that we have none of: it is to look for
   * no plugins, in no process of its own, and to write no cache of them. */
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_FORK", "no", TRUE);
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  /* Unset, each localtime() would stat the time zone's file. */
  g_setenv ("TZ", ":/etc/localtime", TRUE);
}

static void
set_limit (int resource, rlim_t soft)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) == 0)
    {
      limit.rlim_cur = MIN (soft, limit.rlim_max);
      if (resource == RLIMIT_CORE)
        limit.rlim_max = limit.rlim_cur;
      setrlimit (resource, &limit);
    }
}

void
process_lock (const char *path)
{
  /* Held until the process is gone. */
  static int fd;

  fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || fcntl (fd, F_SETLK, &(struct flock) { .l_type = F_WRLCK, .l_whence = SEEK_SET }) < 0)
    g_warning ("cannot lock %s: %s; another hub will not find us", path, g_strerror (errno));
}

void
process_init (void)
{
  scrub_environment ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN);
  /* Passwords are in memory: no core, and nobody of the same user looks in. */
  set_limit (RLIMIT_CORE, 0);
  prctl (PR_SET_DUMPABLE, 0);
  set_limit (RLIMIT_NOFILE, RLIM_INFINITY);
  /* Plugins name what they send by rand(), SIMPLE its requests: a server would take those of a second worker for the first's again. */
  srand (g_random_int ());
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    g_warning ("cannot give up new privileges: %s", g_strerror (errno));
}
