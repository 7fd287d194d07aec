/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signon.c - from the first line to the list of contacts. */
#include "signon.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "challenge.h"
#include "contacts.h"
#include "edits.h"
#include "error_text.h"
#include "notification.h"
#include "own_status.h"
#include "switchboard_lines.h"
#include "ticket_fetch.h"

#define STEPS 6
#define MOST_MOVES 5
#define PROGRAM "0x0409 winnt 5.1 i386 MSNMSGR 7.5.0324 MSMSGS"

struct Signon {
  guint moves, moving;     /* the timer */
  char *next_host;
  int next_port;
  TicketFetch *fetch;
};

void
signon_free (Signon *signon)
{
  g_clear_pointer (&signon->fetch, ticket_fetch_cancel);
  if (signon->moving > 0)
    purple_timeout_remove (signon->moving);
  g_free (signon->next_host);
  g_free (signon);
}

static void
show_progress (Session *session, const char *text, guint step)
{
  purple_connection_update_progress (session->gc, text, step, STEPS);
}

/* -- Errors ------------------------------------------------------------------------ */

static void
fail (Session *session, const char *what, const Command *answer)
{
  PurpleConnectionError reason = PURPLE_CONNECTION_ERROR_NETWORK_ERROR;

  if (session->ending)
    return;
  if (answer != NULL && (answer->error == 911 || answer->error == 917 || answer->error == 928))
    {
      const char *hint = session->dialect == 7 ? "The password is wrong, or the account does not allow the old sign-in."
                                               : "Is the address written exactly as when the account was made, with capital and small letters?";

      session_fail (session, PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED, "%s %s", error_text (answer->error), hint);
      return;
    }
  if (answer != NULL && (answer->error == 205 || answer->error == 206 || answer->error == 208))
    reason = PURPLE_CONNECTION_ERROR_INVALID_USERNAME;
  else if (answer != NULL && (answer->error == 920 || answer->error == 923 || answer->error == 924))
    reason = PURPLE_CONNECTION_ERROR_OTHER_ERROR;
  session_fail (session, reason, "%s: %s", what, session_explain (answer));
}

/* The answer to NAME, and nothing else?  Otherwise it was seen to. */
static gboolean
accept (Session *session, const Command *answer, const char *name, const char *what)
{
  if (session->ending)
    return FALSE;
  if (answer != NULL && command_is (answer, "XFR"))
    {
      signon_move (session, answer);
      return FALSE;
    }
  if (answer != NULL && command_is (answer, name))
    return TRUE;
  fail (session, what, answer);
  return FALSE;
}

/* -- Who we are --------------------------------------------------------------------- */

static void
on_signed_in (Session *session, const Command *answer, gpointer data)
{
  if (!accept (session, answer, "USR", "The sign-in failed"))
    return;
  if (!g_str_equal (command_arg (answer, 0), "OK"))
    {
      fail (session, "The sign-in failed", answer);
      return;
    }
  /* Up to MSNP9 our display name is in it. */
  if (session->dialect < DIALECT_WITH_GUIDS && answer->count > 2)
    {
      g_free (session->list->own_name);
      session->list->own_name = command_dup_text (answer, 2);
    }
  show_progress (session, "Fetching the list of contacts", 4);
  contacts_begin_sync (session);
}

static void
on_ticket (Session *session, TicketResult result, const char *text, gboolean untrusted, gpointer data)
{
  g_autofree char *args = NULL;

  session->signon->fetch = NULL;
  if (result == TICKET_REFUSED)
    session_fail (session, PURPLE_CONNECTION_ERROR_AUTHENTICATION_FAILED, "%s", text);
  else if (untrusted)
    session_fail (session, PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR, "%s", text);
  else if (result != TICKET_GIVEN)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "%s", text);
  if (result != TICKET_GIVEN)
    return;
  g_free (session->ticket);
  session->ticket = g_strdup (text);
  args = g_strdup_printf ("TWN S %s", text);
  show_progress (session, "Sending the ticket", 3);
  notification_ask (session, "USR", args, NULL, on_signed_in, NULL, NULL);
}

static void
on_policy (Session *session, const Command *answer, gpointer data)
{
  if (!accept (session, answer, "USR", "The server does not let us sign in"))
    return;
  if (!g_str_equal (command_arg (answer, 1), "S") || session->signon->fetch != NULL)
    {
      fail (session, "The server does not let us sign in", answer);
      return;
    }
  g_free (session->policy);
  session->policy = g_strdup (command_arg (answer, 2));
  show_progress (session, "Getting a ticket", 2);
  session->signon->fetch = ticket_fetch_begin (session, session->policy, on_ticket, NULL);
}

static void
on_salt (Session *session, const Command *answer, gpointer data)
{
  const char *password = purple_connection_get_password (session->gc);
  g_autofree char *proof = NULL;
  g_autofree char *args = NULL;

  if (!accept (session, answer, "USR", "The server does not let us sign in"))
    return;
  if (!g_str_equal (command_arg (answer, 1), "S"))
    {
      fail (session, "The server does not let us sign in", answer);
      return;
    }
  proof = challenge_compute_password (command_arg (answer, 2), password != NULL ? password : "");
  args = g_strdup_printf ("MD5 S %s", proof);
  show_progress (session, "Sending the password", 3);
  notification_ask (session, "USR", args, NULL, on_signed_in, NULL, NULL);
}

static void
introduce (Session *session, gboolean old)
{
  g_autofree char *args = g_strdup_printf ("%s I %s", old ? "MD5" : "TWN", session->name);

  notification_ask (session, "USR", args, NULL, old ? on_salt : on_policy, NULL, NULL);
}

static void
on_methods (Session *session, const Command *answer, gpointer data)
{
  if (!accept (session, answer, "INF", "The server does not say how to sign in"))
    return;
  if (!g_str_equal (command_arg (answer, 0), "MD5"))
    session_fail (session, PURPLE_CONNECTION_ERROR_AUTHENTICATION_IMPOSSIBLE, "The server knows no way to sign in that we know, too.");
  else
    introduce (session, TRUE);
}

static void
on_version_taken (Session *session, const Command *answer, gpointer data)
{
  if (accept (session, answer, "CVR", "The server does not accept this program"))
    introduce (session, FALSE);
}

/* -- The dialect ---------------------------------------------------------------------- */

/* What the account wants as the highest; 7 is wanted alone. */
static guint
get_wanted_dialect (Session *session)
{
  const char *option = session_get_option (session, "protocol_version");
  int wanted = option != NULL ? atoi (option) : DIALECT_HIGHEST;

  return (guint) CLAMP (wanted, DIALECT_LOWEST, DIALECT_HIGHEST);
}

static void
on_dialect (Session *session, const Command *answer, gpointer data)
{
  guint wanted = get_wanted_dialect (session);
  guint dialect = 0;

  if (!accept (session, answer, "VER", "The server does not say which dialect it speaks"))
    return;
  for (guint i = 0; i < answer->count && dialect == 0; i++)
    if (g_str_has_prefix (answer->args[i], "MSNP"))
      dialect = (guint) CLAMP (atoi (answer->args[i] + 4), 0, 1000);
  if (dialect > wanted || dialect < (wanted == 7 ? 7u : 8u))
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_OTHER_ERROR, "The server speaks none of the dialects of MSNP that we do.");
      return;
    }
  session->dialect = dialect;
  purple_debug_info ("msn", "speaking MSNP%u\n", dialect);
  if (dialect == 7)
    notification_ask (session, "INF", NULL, NULL, on_methods, NULL, NULL);
  else
    {
      g_autofree char *args = g_strdup_printf ("%s %s", PROGRAM, session->name);

      notification_ask (session, "CVR", args, NULL, on_version_taken, NULL, NULL);
    }
}

void
signon_connected (Session *session)
{
  guint wanted = get_wanted_dialect (session);
  g_autoptr (GString) dialects = g_string_new (NULL);

  show_progress (session, "Handshaking", 1);
  for (guint dialect = wanted; dialect >= 8; dialect--)
    g_string_append_printf (dialects, "MSNP%u ", dialect);
  if (wanted == 7)
    g_string_append (dialects, "MSNP7 ");
  g_string_append (dialects, "CVR0");
  notification_ask (session, "VER", dialects->str, NULL, on_dialect, NULL, NULL);
}

/* -- The way ----------------------------------------------------------------------------- */

/* The connection that told us to move must be out of its call when it is freed. */
static gboolean
on_move (gpointer data)
{
  Session *session = data;
  Signon *signon = session->signon;
  g_autofree char *host = g_steal_pointer (&signon->next_host);

  signon->moving = 0;
  notification_connect (session, host, signon->next_port);
  return G_SOURCE_REMOVE;
}

void
signon_move (Session *session, const Command *command)
{
  g_auto (TransferLine) line = { 0 };
  Signon *signon = session->signon;

  if (session->ending || signon->moving > 0)
    return;
  if (!transfer_line_parse (command, &line) || line.to_switchboard)
    {
      purple_debug_warning ("msn", "the server sends us elsewhere, but does not say where\n");
      return;
    }
  if (session->ready)
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server wants us to sign in at another one.");
      return;
    }
  if (++signon->moves > MOST_MOVES)
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The servers send us from one to another.");
      return;
    }
  signon->next_host = g_steal_pointer (&line.host);
  signon->next_port = line.port;
  signon->moving = purple_timeout_add (0, on_move, session);
}

void
signon_begin (Session *session)
{
  const char *server = session_get_option (session, "server");

  session->signon = g_new0 (Signon, 1);
  show_progress (session, "Connecting", 0);
  if (!address_is_valid (session->name))
    {
      session_fail (session, PURPLE_CONNECTION_ERROR_INVALID_USERNAME, "The account's name must be an e-mail address.");
      return;
    }
  notification_connect (session, server != NULL ? server : "m1.escargot.chat", purple_account_get_int (session->account, "port", ADDRESS_DEFAULT_PORT));
}

void
signon_has_list (Session *session)
{
  if (session->ending)
    return;
  show_progress (session, "Going on line", 5);
  own_status_announce (session);
}

void
signon_is_announced (Session *session)
{
  session->ready = TRUE;
  purple_connection_set_state (session->gc, PURPLE_CONNECTED);
  contacts_signed_on (session);
}
