/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notification.c - the connection to the notification server. */
#include "notification.h"

#include <string.h>

#include "authorizations.h"
#include "challenge.h"
#include "contacts.h"
#include "error_text.h"
#include "hotmail.h"
#include "link.h"
#include "presence.h"
#include "signon.h"
#include "switchboards.h"

/* Silence after which the server is asked whether it is there, and the time it has to say so (6.5). */
#define SECONDS_OF_SILENCE 45
#define SECONDS_TO_PONG 30

struct Notification {
  Link *link;
  Transactions *transactions;
  guint pong;           /* timer */
};

static void
stop_waiting (Notification *notification)
{
  if (notification->pong > 0)
    purple_timeout_remove (notification->pong);
  notification->pong = 0;
}

void
notification_free (Notification *notification)
{
  stop_waiting (notification);
  g_clear_pointer (&notification->link, link_free);
  g_clear_pointer (&notification->transactions, transactions_free);
  g_free (notification);
}

/* -- What comes unasked -------------------------------------------------------- */

static void
on_out (Session *session, const Command *command)
{
  const char *reason = command_arg (command, 0);

  if (g_str_equal (reason, "OTH"))
    session_fail (session, PURPLE_CONNECTION_ERROR_NAME_IN_USE, "The account was signed in at another place.");
  else if (g_str_equal (reason, "SSD"))
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server is going down.");
  else
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server signed us out.");
}

static void
on_challenge (Session *session, const Command *command)
{
  gboolean modern = session->dialect >= 11;
  const char *challenge = command_arg (command, 0);
  g_autofree char *answer = modern ? challenge_compute (challenge, CHALLENGE_PRODUCT, CHALLENGE_KEY) : challenge_compute_old (challenge, CHALLENGE_OLD_KEY);

  notification_ask (session, "QRY", modern ? CHALLENGE_PRODUCT : CHALLENGE_OLD_PRODUCT, answer, NULL, NULL, NULL);
}

static void
on_pong (Session *session, const Command *command)
{
  stop_waiting (session->notification);
}

static void
on_transfer (Session *session, const Command *command)
{
  signon_move (session, command);
}

static void
on_nothing (Session *session, const Command *command)
{
}

static const CommandHandler own_handlers[] = {
  { "OUT", on_out },
  { "CHL", on_challenge },
  { "QNG", on_pong },
  { "XFR", on_transfer },
  { "SBS", on_nothing },
  { "NOT", on_nothing },
  { "GCF", on_nothing },
  { "IPG", on_nothing },
  { "UUX", on_nothing },
  { NULL },
};

static gboolean
dispatch (Session *session, const Command *command)
{
  const CommandHandler *const tables[] = { own_handlers, contacts_handlers, authorizations_handlers, presence_handlers,
                                           switchboards_handlers, hotmail_handlers };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const CommandHandler *handler = tables[i]; handler->name != NULL; handler++)
      if (command_is (command, handler->name))
        {
          handler->func (session, command);
          return TRUE;
        }
  return FALSE;
}

/* -- The connection -------------------------------------------------------------- */

static void
on_up (Link *link, gpointer data)
{
  signon_connected (data);
}

static void
on_command (Link *link, const Command *command, gpointer data)
{
  Session *session = data;

  if (session->ending)
    return;
  if (transactions_take (session->notification->transactions, command))
    return;
  if (command->error > 0)
    purple_debug_info ("msn", "error %u: %s\n", command->error, error_text (command->error));
  else if (!dispatch (session, command))
    purple_debug_misc ("msn", "dropped: %s\n", command->name);
}

static void
on_end (Link *link, LinkEnd end, const char *why, gpointer data)
{
  Session *session = data;

  if (end == LINK_UNREACHABLE)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server cannot be reached: %s", why);
  else
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The connection to the server was lost: %s", why);
}

static const LinkEvents events = { on_up, on_command, on_end };

void
notification_connect (Session *session, const char *host, int port)
{
  g_clear_pointer (&session->notification, notification_free);
  session->notification = g_new0 (Notification, 1);
  session->notification->transactions = transactions_new (session);
  purple_debug_info ("msn", "connecting to %s, port %d\n", host, port);
  session->notification->link = link_connect (session, "NS", host, port, &events, session);
}

static void
on_unwanted (Session *session, const Command *answer, gpointer data)
{
  if (answer != NULL && answer->error > 0)
    purple_debug_info ("msn", "%s: %s\n", (char *) data, error_text (answer->error));
}

void
notification_ask (Session *session, const char *name, const char *args, const char *payload, AnswerFunc func, gpointer data,
                  GDestroyNotify destroy)
{
  Notification *notification = session->notification;
  guint32 id;

  if (notification == NULL || session->ending)
    {
      if (func != NULL)
        func (session, NULL, data);
      if (destroy != NULL)
        destroy (data);
      return;
    }
  if (func == NULL)
    id = transactions_add (notification->transactions, name, on_unwanted, g_strdup (name), g_free);
  else
    id = transactions_add (notification->transactions, name, func, data, destroy);
  link_send (notification->link, command_build (name, id, args, payload, payload != NULL ? strlen (payload) : 0));
}

void
notification_say (Session *session, const char *name)
{
  if (session->notification != NULL)
    link_send (session->notification->link, command_build (name, 0, NULL, NULL, 0));
}

static gboolean
on_no_pong (gpointer data)
{
  Session *session = data;

  session->notification->pong = 0;
  if (link_get_silence (session->notification->link) >= SECONDS_TO_PONG)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server does not answer any more.");
  return G_SOURCE_REMOVE;
}

void
notification_keep_alive (Session *session)
{
  Notification *notification = session->notification;

  if (notification == NULL || link_is_polled (notification->link) || notification->pong > 0
      || link_get_idleness (notification->link) < SECONDS_OF_SILENCE)
    return;
  notification_say (session, "PNG");
  notification->pong = purple_timeout_add_seconds (SECONDS_TO_PONG, on_no_pong, session);
}
