/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server_commands.c - the commands of a network's server, as the user says them.
 *
 * Which of them are passed on the worker knows.  They are said by the action "irc" (actions.c), or to the
 * server's own address (router.c, bot.c). */
#include "config.h"

#include "server_commands.h"

#include <string.h>

/* What the wire takes. */
#define TEXT_BYTES 4096
/* A worker that leaves more than these unanswered is not asked any more. */
#define MOST_WAITING 20

typedef struct {
  gint64 number;
  AccountsDone done;
  gpointer data;
} ServerCommand;

gboolean
server_commands_are_there (Gateway *gateway)
{
  return gateway->protocol->takes_commands;
}

static void
refuse (AccountsDone done, gpointer data, StanzaError condition, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, condition, text);

  done (NULL, error, data);
}

void
server_commands_run (Session *session, const char *text, AccountsDone done, gpointer data)
{
  gint64 number = hub_new_number ();
  ServerCommand *command;

  if (session->state != SESSION_IN)
    {
      refuse (done, data, STANZA_RECIPIENT_UNAVAILABLE, "You are not signed in to the network.");
      return;
    }
  if (strlen (text) > TEXT_BYTES)
    {
      refuse (done, data, STANZA_NOT_ACCEPTABLE, "The command is too long.");
      return;
    }
  if (session->server_commands == NULL)
    session->server_commands = g_queue_new ();
  if (session->server_commands->length >= MOST_WAITING
      || !session_tell_worker (session, &(WireMessage) {
           .type = WIRE_SERVER_COMMAND,
           .u.server_command = { .account = session_number (session), .request = number, .text = text } }))
    {
      refuse (done, data, STANZA_RESOURCE_CONSTRAINT, "Too much is waiting to be sent to the network; please try again later.");
      return;
    }
  command = g_new (ServerCommand, 1);
  *command = (ServerCommand) { number, done, data };
  g_queue_push_tail (session->server_commands, command);
}

void
server_commands_answered (Session *session, const WireServerAnswer *event)
{
  for (GList *l = session->server_commands == NULL ? NULL : session->server_commands->head; l != NULL; l = l->next)
    {
      g_autofree ServerCommand *command = NULL;

      if (((ServerCommand *) l->data)->number != event->request)
        continue;
      command = l->data;
      g_queue_delete_link (session->server_commands, l);
      if (event->failed)
        refuse (command->done, command->data, STANZA_NOT_ACCEPTABLE, event->text);
      else
        command->done (event->text, NULL, command->data);
      return;
    }
  /* A former hub was asked. */
  gateway_tell (session_gateway (session), session->user->jid, event->text);
}

/* Nobody will answer them any more. */
static void
session_out (Session *session)
{
  GQueue *commands = g_steal_pointer (&session->server_commands);
  ServerCommand *command;

  while (commands != NULL && (command = g_queue_pop_head (commands)) != NULL)
    {
      refuse (command->done, command->data, STANZA_RECIPIENT_UNAVAILABLE, "The connection to the network ended before the server answered.");
      g_free (command);
    }
  g_clear_pointer (&commands, g_queue_free);
}

const Feature server_commands_feature = {
  .name = "server's commands",
  .session_out = session_out,
  .session_removed = session_out,
};
