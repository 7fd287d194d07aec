/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subject.c - the program under test with all its processes.
 *
 * We are the reaper of our descendants, so that a process whose parent ended is
 * still found, counted and ended.  CPU comes from each process's own clock:
 * /proc/PID/stat counts in steps of 10 ms, which is ten sign-ins.  */
#include "config.h"

#include "subject.h"
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_SECONDS 0.2         /* between the end of its connections and its own */

struct Subject {
  pid_t pid;
  int pidfd;
  LoopWatch *watch;             /* NULL: ended */
  char *name;
  char *how_ended;
  gboolean stopping;
};

typedef struct {
  pid_t pid;
  pid_t parent;
  guint64 reaped_ticks;         /* CPU of children it has waited for */
  gboolean ours;
} Process;

static gboolean
read_process (pid_t pid, Process *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *rest;
  int parent;
  unsigned long long user, system;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  rest = strrchr (text, ')');   /* a process may have any name */
  if (rest == NULL || sscanf (rest, ") %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %llu %llu", &parent, &user, &system) != 3)
    return FALSE;
  *process = (Process) { .pid = pid, .parent = parent, .reaped_ticks = user + system };
  return TRUE;
}

/* The subject's process and all its descendants, the first one first. */
static GArray *
find_processes (Subject *subject)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Process));
  GArray *found = g_array_new (FALSE, FALSE, sizeof (Process));
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  gboolean more = TRUE;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Process process;

      if (g_ascii_isdigit (name[0]) && read_process (atoi (name), &process))
        g_array_append_val (all, process);
    }
  while (more)
    {
      more = FALSE;
      for (guint i = 0; i < all->len; i++)
        {
          Process *process = &g_array_index (all, Process, i);
          gboolean ours = process->parent == getpid ();

          for (guint j = 0; j < found->len && !ours; j++)
            ours = g_array_index (found, Process, j).pid == process->parent;
          if (process->ours || !ours)
            continue;
          process->ours = more = TRUE;
          g_array_append_val (found, *process);
        }
    }
  return found;
}

static void
on_end (G_GNUC_UNUSED uint32_t events, gpointer user_data)
{
  Subject *subject = user_data;
  int status = 0;

  waitpid (subject->pid, &status, 0);
  loop_unwatch (g_steal_pointer (&subject->watch));
  if (WIFSIGNALED (status))
    subject->how_ended = g_strdup_printf ("%s died of signal %d (%s)", subject->name, WTERMSIG (status), strsignal (WTERMSIG (status)));
  else
    subject->how_ended = g_strdup_printf ("%s ended with status %d", subject->name, WEXITSTATUS (status));
  if (!subject->stopping)
    loop_fail (g_error_new_literal (BENCH_ERROR, 0, subject->how_ended));
}

/* Nothing is to stay behind when the benchmark itself is ended; and the signals that it reads from a descriptor are not blocked
 * for others.  */
static void
in_child (G_GNUC_UNUSED gpointer user_data)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

Subject *
subject_start (char **argv, const char *log_path, GError **error)
{
  int log = open (log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  Subject *subject;
  pid_t pid;
  gboolean started;

  if (log < 0)
    {
      g_set_error (error, BENCH_ERROR, 0, "%s: %s", log_path, g_strerror (errno));
      return NULL;
    }
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  started = g_spawn_async_with_pipes_and_fds (NULL, (const char *const *) argv, NULL,
                                              G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, in_child, NULL,
                                              -1, log, log, NULL, NULL, 0, &pid, NULL, NULL, NULL, error);
  close (log);
  if (!started)
    return NULL;
  subject = g_new0 (Subject, 1);
  subject->pid = pid;
  subject->name = g_path_get_basename (argv[0]);
  subject->pidfd = pidfd_open (pid, 0);
  if (subject->pidfd < 0)
    g_error ("pidfd_open: %s", g_strerror (errno));
  subject->watch = loop_watch (subject->pidfd, EPOLLIN, on_end, subject);
  return subject;
}

static gboolean
has_ended (gpointer user_data)
{
  Subject *subject = user_data;

  return subject->watch == NULL;
}

/* Waits until the deadline for what the first process has left behind, then ends it.  FALSE if there was something to end. */
static gboolean
end_descendants (Subject *subject, gint64 deadline)
{
  g_autoptr (GArray) left = find_processes (subject);
  gboolean all_left = TRUE;

  for (guint i = 0; i < left->len; i++)
    {
      pid_t pid = g_array_index (left, Process, i).pid;
      struct pollfd end = { .fd = pidfd_open (pid, 0), .events = POLLIN };

      if (end.fd < 0)
        continue;
      if (poll (&end, 1, (int) MAX (0, (deadline - loop_now ()) / 1000)) != 1)
        {
          all_left = FALSE;
          kill (pid, SIGKILL);
          poll (&end, 1, -1);
        }
      close (end.fd);
    }
  while (waitpid (-1, NULL, WNOHANG) > 0)
    ;
  return all_left;
}

const char *
subject_how_ended (Subject *subject)
{
  loop_clear_failure ();
  loop_wait (has_ended, subject, NULL, END_SECONDS, "the gateway's end", NULL);
  return subject->how_ended;
}

double
subject_stop (Subject *subject, double seconds)
{
  gint64 start = loop_now ();
  gboolean forced = FALSE;

  subject->stopping = TRUE;
  loop_clear_failure ();        /* what failed is known; now it only has to end */
  if (subject->watch != NULL)
    {
      kill (subject->pid, SIGTERM);
      if (!loop_wait (has_ended, subject, NULL, seconds, "the gateway's end", NULL))
        {
          forced = TRUE;
          kill (subject->pid, SIGKILL);
          loop_clear_failure ();
          loop_wait (has_ended, subject, NULL, seconds, "the gateway's end by force", NULL);
        }
    }
  forced = !end_descendants (subject, start + (gint64) (seconds * G_USEC_PER_SEC)) || forced;
  return forced ? -1 : (double) (loop_now () - start) / G_USEC_PER_SEC;
}

void
subject_free (Subject *subject)
{
  if (subject->watch != NULL)
    subject_stop (subject, 5);
  if (subject->watch != NULL)
    loop_unwatch (subject->watch);
  close (subject->pidfd);
  g_free (subject->name);
  g_free (subject->how_ended);
  g_free (subject);
}

double
subject_cpu (Subject *subject)
{
  g_autoptr (GArray) processes = find_processes (subject);
  double sum = 0;

  for (guint i = 0; i < processes->len; i++)
    {
      const Process *process = &g_array_index (processes, Process, i);
      struct timespec time;
      clockid_t clock;

      sum += (double) process->reaped_ticks * 1e6 / (double) sysconf (_SC_CLK_TCK);
      if (clock_getcpuclockid (process->pid, &clock) == 0 && clock_gettime (clock, &time) == 0)
        sum += (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
    }
  return sum;
}

gboolean
subject_pss (Subject *subject, double *kib, GError **error)
{
  g_autoptr (GArray) processes = find_processes (subject);

  *kib = 0;
  for (guint i = 0; i < processes->len; i++)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/smaps_rollup", g_array_index (processes, Process, i).pid);
      g_autofree char *text = NULL;
      const char *line;

      if (!g_file_get_contents (path, &text, NULL, error))
        {
          g_prefix_error (error, "memory of the gateway's processes (are they yours to look at?): ");
          return FALSE;
        }
      line = strstr (text, "\nPss:");
      if (line != NULL)
        *kib += g_ascii_strtod (line + strlen ("\nPss:"), NULL);
    }
  return TRUE;
}

gboolean
subject_rss (Subject *subject, double *kib, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", subject->pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  line = strstr (text, "\nVmRSS:");
  *kib = line != NULL ? g_ascii_strtod (line + strlen ("\nVmRSS:"), NULL) : 0;
  return TRUE;
}

guint
subject_n_processes (Subject *subject)
{
  g_autoptr (GArray) processes = find_processes (subject);

  return processes->len;
}
