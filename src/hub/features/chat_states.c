/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat_states.c - "is typing", both ways (XEP-0085).
 *
 * Other networks know of the five states at most typing, paused, and neither.
 * Nothing is remembered here; the client times out.  */
#include "config.h"

#include "chat_states.h"

#define NS_CHAT_STATES "http://jabber.org/protocol/chatstates"

static const char *const disco[] = { NS_CHAT_STATES, NULL };

static gboolean
network_tells_typing (Gateway *gateway)
{
  return gateway->protocol->tells_typing;
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  WireTyping state;

  if (message->session == NULL || message->session->state != SESSION_IN || !network_tells_typing (message->gateway))
    return FALSE;
  if (stanza_child (message->stanza, "composing", NS_CHAT_STATES) != NULL)
    state = WIRE_TYPING_TYPING;
  else if (stanza_child (message->stanza, "paused", NS_CHAT_STATES) != NULL)
    state = WIRE_TYPING_PAUSED;
  else if (stanza_child (message->stanza, "active", NS_CHAT_STATES) != NULL
           || stanza_child (message->stanza, "inactive", NS_CHAT_STATES) != NULL
           || stanza_child (message->stanza, "gone", NS_CHAT_STATES) != NULL)
    state = WIRE_TYPING_NONE;
  else
    return FALSE;
  session_tell_worker (message->session, &(WireMessage) {
    .type = WIRE_SET_TYPING,
    .u.set_typing = { .account = session_number (message->session), .peer = message->peer, .state = state } });
  return TRUE;
}

void
chat_states_peer_typing (Session *session, const WirePeerTyping *event)
{
  static const char *const states[] = { [WIRE_TYPING_NONE] = "active", [WIRE_TYPING_TYPING] = "composing", [WIRE_TYPING_PAUSED] = "paused" };
  g_autofree char *from = session_dup_contact_jid (session, event->peer);
  xmpp_stanza_t *message;

  /* Servers would keep it for a user who is away. */
  if (from == NULL || session->user->show == WIRE_SHOW_OFFLINE)
    return;
  message = stanza_new_full ("message", "chat", from, session->user->jid);
  stanza_add (message, states[event->state], NS_CHAT_STATES);
  gateway_send (session_gateway (session), message);
}

const Feature chat_states_feature = {
  .name = "chat states",
  .disco_contact = disco,
  .shown = network_tells_typing,
  .message = on_message,
};
