/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - passerelled: the command line, the signals, the main loop. */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "hub.h"
#include "log.h"

#define DEFAULT_CONFIG PASSERELLE_SYSCONFDIR "/passerelle.conf"

typedef struct {
  GMainLoop *loop;
  Hub *hub;
  const char *file;
  gboolean restarts;
  gboolean terminates;
} Daemon;

static Settings *
load (const char *file)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  Settings *settings = settings_load (file, problems);

  for (guint i = 0; i < problems->len; i++)
    g_warning ("%s", (const char *) problems->pdata[i]);
  return settings;
}

static void
on_stopped (gpointer data)
{
  g_main_loop_quit (((Daemon *) data)->loop);
}

static void
terminate (Daemon *daemon)
{
  daemon->terminates = TRUE;
  hub_stop (daemon->hub, on_stopped, daemon);
}

static void
reload (Daemon *daemon)
{
  Settings *settings = load (daemon->file);

  if (settings == NULL)
    g_warning ("the configuration is not changed: mend %s and try again", daemon->file);
  else
    hub_reload (daemon->hub, settings);
}

static void
on_still (gpointer data)
{
  Daemon *daemon = data;

  daemon->restarts = TRUE;
  g_main_loop_quit (daemon->loop);
}

/* Settings that the next process could not use would keep it from starting. */
static void
restart (Daemon *daemon)
{
  Settings *settings = load (daemon->file);

  if (settings == NULL)
    g_warning ("not restarted: mend %s and try again", daemon->file);
  else if (!g_str_equal (settings->runtime_dir, hub_settings (daemon->hub)->runtime_dir))
    g_warning ("not restarted: with another [daemon] runtime-dir the workers are not found; stop the daemon, and start it");
  else
    hub_hold_still (daemon->hub, on_still, daemon);
  if (settings != NULL)
    settings_free (settings);
}

static gboolean
on_signal (int fd, GIOCondition condition, gpointer data)
{
  struct signalfd_siginfo signal;

  while (read (fd, &signal, sizeof signal) == sizeof signal)
    if (signal.ssi_signo == SIGHUP)
      reload (data);
    else if (signal.ssi_signo == SIGUSR1)
      restart (data);
    else
      terminate (data);
  return G_SOURCE_CONTINUE;
}

/* In all threads to come signals wait until they are read, by this process or, over an execve, by the next: none is lost. */
static void
take_signals (Daemon *daemon)
{
  sigset_t signals;
  int fd;

  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGUSR1);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  fd = signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    g_error ("signalfd: %s", g_strerror (errno));
  g_unix_fd_add (fd, G_IO_IN, on_signal, daemon);
}

/* The program that is there now takes our place; it may be a newer one.  All descriptors but those of the log close by themselves. */
static void
exec_again (const Daemon *daemon, const char *program, char **argv)
{
  hub_leave (daemon->hub);
  /* It came too late for this process. */
  if (daemon->terminates)
    kill (getpid (), SIGTERM);
  execv (program, argv);
  g_warning ("cannot start %s: %s", program, g_strerror (errno));
}

/* Passwords pass through this process: no core dumps.  The limit alone would not keep
 * the kernel from piping one to a collector. */
static void
forbid_core_dumps (void)
{
  setrlimit (RLIMIT_CORE, &(struct rlimit) { 0, 0 });
  prctl (PR_SET_DUMPABLE, 0);
}

/* `program` and `argv`: what this process is. */
static int
run (const char *file, Settings *settings, const char *program, char **argv)
{
  Daemon daemon = { .file = file };
  g_autoptr (GError) error = NULL;

  log_init ("passerelled", settings->log_level);
  take_signals (&daemon);
  daemon.hub = hub_new (settings, &error);
  if (daemon.hub == NULL)
    {
      g_warning ("cannot start: %s", error->message);
      return EXIT_FAILURE;
    }
  daemon.loop = g_main_loop_new (NULL, FALSE);
  hub_start (daemon.hub);
  g_main_loop_run (daemon.loop);
  if (daemon.restarts)
    {
      exec_again (&daemon, program, argv);
      return EXIT_FAILURE;
    }
  hub_free (daemon.hub);
  g_main_loop_unref (daemon.loop);
  g_message ("stopped");
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autofree char *file = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_auto (GStrv) arguments = g_strdupv (argv);
  gboolean check = FALSE, version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &file, "Read this configuration (default: " DEFAULT_CONFIG ")", "FILE" },
    { "check-config", 0, 0, G_OPTION_ARG_NONE, &check, "Say what is wrong with the configuration, and leave", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Say which version this is, and leave", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("- a gateway from XMPP to other networks");
  g_autoptr (GError) error = NULL;
  Settings *settings;

  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  forbid_core_dumps ();
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc > 1)
    {
      fprintf (stderr, "passerelled: %s; see --help\n", error != NULL ? error->message : "no arguments are taken");
      return 2;
    }
  if (version)
    {
      puts ("passerelled " PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  if (file == NULL)
    file = g_strdup (DEFAULT_CONFIG);
  log_init ("passerelled", G_LOG_LEVEL_MESSAGE);
  settings = load (file);
  if (settings == NULL)
    return EXIT_FAILURE;
  if (check)
    {
      printf ("%s: no problems, %u gateways\n", file, settings->gateways->len);
      settings_free (settings);
      return EXIT_SUCCESS;
    }
  return run (file, settings, program, arguments);
}
