/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - passerelle-worker: libpurple for a share of the accounts of one gateway.
 *
 * The hub (passerelled) starts it; nobody does by hand. */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "accounts.h"
#include "certificates.h"
#include "commands.h"
#include "core.h"
#include "doing.h"
#include "eventloop.h"
#include "hub.h"
#include "interpose.h"
#include "irc.h"
#include "log.h"
#include "outcomes.h"
#include "process.h"
#include "protocol.h"
#include "resync.h"
#include "xmpp.h"

#define PATIENCE_SECONDS 60

static GMainLoop *loop;
static int status = EXIT_SUCCESS;

static void
on_welcome (const WireWelcome *welcome)
{
  g_autoptr (GError) error = NULL;

  certificates_init (welcome->verify);
  if (!core_init (&error) || !protocol_load (welcome->protocol, welcome->plugin_folder, welcome->system_first, &error))
    {
      g_warning ("%s", error->message);
      hub_tell (unfit, UNFIT, .text = error->message);
      status = EXIT_FAILURE;
      g_main_loop_quit (loop);
      return;
    }
  irc_init ();
  xmpp_init ();
  outcomes_init ();
  protocol_tell ();
  hub_tell (resynced, RESYNCED, .accounts = 0);
  g_message ("ready for %s", welcome->protocol);
}

static void
on_new_hub (GBytes *unheard)
{
  protocol_tell ();
  resync_tell (unheard);
}

static void
on_lost (void)
{
  status = EXIT_FAILURE;
  g_main_loop_quit (loop);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  static const HubCallbacks callbacks = { on_welcome, on_new_hub, commands_run, on_lost };
  g_autofree char *path = NULL;
  g_autofree char *lock = NULL;
  g_autofree char *doing = NULL;
  gint64 id = 0;
  int patience = PATIENCE_SECONDS;
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &path, "The hub's socket", "PATH" },
    { "id", 0, 0, G_OPTION_ARG_INT64, &id, "The hub's number for this worker", "N" },
    { "lock", 0, 0, G_OPTION_ARG_FILENAME, &lock, "The file to hold a lock on, which tells the next hub that we live", "PATH" },
    { "patience", 0, 0, G_OPTION_ARG_INT, &patience, "Leave after so long without a hub", "SECONDS" },
    { "doing", 0, 0, G_OPTION_ARG_FILENAME, &doing, "The file that says what is being done", "PATH" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Say the version and leave", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- hosts libpurple; started by passerelled");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "passerelle-worker: %s\n", error->message);
      return 2;
    }
  if (version)
    {
      printf ("passerelle-worker %s (libpurple %s)\n", PACKAGE_VERSION, purple_core_get_version ());
      return EXIT_SUCCESS;
    }
  if (path == NULL || lock == NULL || id < 1 || id > WIRE_ID_MAX || patience < 1 || argc != 1)
    {
      fprintf (stderr, "passerelle-worker is started by passerelled, not by hand.\n");
      return 2;
    }

  process_init ();
  process_lock (lock);
  interpose_init ();
  log_init ("passerelle-worker", g_getenv ("G_MESSAGES_DEBUG") != NULL ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_INFO);
  if (doing != NULL && !doing_open (doing))
    g_warning ("%s cannot be opened: %s", doing, g_strerror (errno));
  eventloop_init ();
  accounts_init ();
  loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, NULL);
  g_unix_signal_add (SIGINT, on_signal, NULL);
  hub_start (path, id, (guint) patience, &callbacks);
  g_main_loop_run (loop);

  accounts_sign_out_all ();
  hub_stop ();
  /* libpurple's own end is left out: it would only free what the process had. */
  return status;
}
