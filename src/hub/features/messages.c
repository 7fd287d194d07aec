/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.c - one-to-one messages, both ways. */
#include "config.h"

#include "messages.h"

#include <string.h>

#include "delivery.h"
#include "muc.h"
#include "outbox.h"
#include "worker.h"

#define NS_CHAT_STATES "http://jabber.org/protocol/chatstates"

static gboolean
on_message (const Stanza *message, GError **error)
{
  const char *type = stanza_get (message->stanza, "type");
  g_autofree char *body = stanza_dup_child_text (message->stanza, "body", NULL);
  g_autofree char *subject = NULL;
  g_autofree char *text = NULL;
  Session *session = message->session;
  guint most = message->gateway->settings->max_message;

  if (session == NULL || body == NULL || *body == '\0')
    return FALSE;
  subject = g_strcmp0 (type, "chat") == 0 ? NULL : stanza_dup_child_text (message->stanza, "subject", NULL);
  text = subject == NULL || *subject == '\0' ? g_steal_pointer (&body) : g_strdup_printf ("%s\n%s", subject, body);
  if (strlen (text) > most)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The message is too long: it has %" G_GSIZE_FORMAT " bytes, %u are allowed.",
                          strlen (text), most);
  if (!deliveries_take (message, message->peer, FALSE, text, error))
    return FALSE;
  muc_forget_private (session, message->peer);
  return TRUE;
}

void
messages_received (Session *session, const WirePeerMessage *event)
{
  Gateway *gateway = session_gateway (session);
  Contact *contact = session_find_contact (session, event->peer);
  g_autofree char *made = contact == NULL ? session_dup_contact_jid (session, event->peer) : NULL;
  const char *from = contact == NULL ? made : contact->jid;
  const char *nick = NULL;
  Room *room = muc_find_private (session, event->peer, &nick);
  char id[48];
  xmpp_stanza_t *message;

  if (room != NULL)
    {
      muc_private_message (room, nick, event);
      return;
    }
  worker_make_id (session->worker, event->serial, id, sizeof id);
  if (outbox_had (gateway->outbox, session->user->jid, id))
    return;
  message = stanza_new_full ("message", "chat", from == NULL ? gateway->domain : from, session->user->jid);
  stanza_set (message, "id", id);
  if (from == NULL)
    {
      /* A name that no XMPP address can be made of. */
      g_autofree char *text = g_strdup_printf ("%s: %s", event->peer, event->text);

      stanza_add_text (message, "body", text);
    }
  else
    stanza_add_text (message, "body", event->text);
  if (gateway->protocol->tells_typing)
    stanza_add (message, "active", NS_CHAT_STATES);
  if (event->stamp != 0)
    stanza_add_delay (message, gateway->domain, event->stamp * 1000);
  if (!gateway_send_message (gateway, message))
    g_warning ("%s: a message for %s is lost: it is too large for XMPP", gateway->domain,
               session->user->jid);
}

/* Nothing can be done about it: networks have no way to tell the sender.  The admin should know that a server keeps nothing for those who
 * are not there. */
void
messages_bounced (Gateway *gateway, xmpp_stanza_t *error)
{
  xmpp_stanza_t *child = stanza_child (error, "error", NULL);
  xmpp_stanza_t *condition = child == NULL ? NULL : stanza_first (child);

  g_message ("%s: a message to %s came back: %s", gateway->domain, xmpp_stanza_get_from (error),
             condition == NULL ? "no reason was given" : xmpp_stanza_get_name (condition));
}

void
messages_taken (Session *session, const WireMessagesTaken *event)
{
  deliveries_taken (session, event);
}

/* One that was thought to be taken, or that the network does not name. */
static void
fail_late (Session *session, const WireMessageFailed *event)
{
  Gateway *gateway = session_gateway (session);
  const char *nick = NULL;
  Room *room = rooms_find (session, event->peer);
  Room *private = muc_find_private (session, event->peer, &nick);
  g_autoptr (GError) error = session_error_from_cause (event->cause, event->text);
  g_autofree char *contact = private != NULL ? muc_dup_jid (private, nick) : session_dup_contact_jid (session, event->peer);
  g_autofree char *to = event->resource == NULL ? g_strdup (session->user->jid)
                                                : g_strconcat (session->user->jid, "/", event->resource, NULL);
  g_autoptr (xmpp_stanza_t) sent = NULL;

  if (event->id == NULL || contact == NULL)
    {
      g_autofree char *text = g_strdup_printf ("A message to %s was not delivered: %s", event->peer, error->message);

      gateway_tell (gateway, session->user->jid, text);
      return;
    }
  if (room != NULL)
    room_forget_said (room, event->id);
  /* The message as it came, so that the error is made as every other is. */
  sent = stanza_new_full ("message", room != NULL ? "groupchat" : "chat", to, contact);
  stanza_set (sent, "id", event->id);
  gateway_send_message (gateway, stanza_new_error (sent, error));
}

void
messages_failed (Session *session, const WireMessageFailed *event)
{
  if (!deliveries_failed (session, event))
    fail_late (session, event);
}

const Feature messages_feature = {
  .name = "messages",
  .message = on_message,
};
