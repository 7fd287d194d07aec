/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attention.c - nudges, both ways (XEP-0224).
 *
 * To a client that knows none, a nudge comes in words (XEP-0428). */
#include "config.h"

#include "attention.h"

#include <string.h>

#define NS_ATTENTION "urn:xmpp:attention:0"
#define NS_FALLBACK "urn:xmpp:fallback:0"

static const char *const disco[] = { NS_ATTENTION, NULL };

static gboolean
network_nudges (Gateway *gateway)
{
  return gateway->protocol->nudges;
}

gboolean
attention_is_asked (xmpp_stanza_t *message)
{
  return stanza_child (message, "attention", NS_ATTENTION) != NULL;
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  Session *session = message->session;
  gboolean has_words = stanza_child (message->stanza, "body", NULL) != NULL;
  const char *resource = strchr (message->from, '/');

  if (session == NULL || !attention_is_asked (message->stanza) || g_strcmp0 (stanza_get (message->stanza, "type"), "groupchat") == 0)
    return FALSE;
  /* The words arrive at least. */
  if (!network_nudges (message->gateway))
    return has_words ? FALSE : stanza_refuse (error, STANZA_FEATURE_NOT_IMPLEMENTED, "This network knows no nudges.");
  if (session->state != SESSION_IN)
    return stanza_refuse (error, STANZA_RECIPIENT_UNAVAILABLE, "You are not signed in to the network.");
  if (!session_tell_worker (session, &(WireMessage) {
        .type = WIRE_SEND_ATTENTION,
        .u.send_attention = { .account = session_number (session), .peer = message->peer, .id = xmpp_stanza_get_id (message->stanza),
                              .resource = resource == NULL ? NULL : resource + 1 } }))
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "Too much is waiting to be sent to the network; please try again later.");
  /* What is said besides is a message like any other. */
  return !has_words;
}

void
attention_peer_nudged (Session *session, const WirePeerAttention *event)
{
  g_autofree char *from = session_dup_contact_jid (session, event->peer);
  xmpp_stanza_t *message;

  if (from == NULL || session->user->show == WIRE_SHOW_OFFLINE)
    return;
  /* A headline, which servers do not keep for later. */
  message = stanza_new_full ("message", "headline", from, session->user->jid);
  stanza_add (message, "attention", NS_ATTENTION);
  stanza_add_text (message, "body", event->text);
  stanza_set (stanza_add (message, "fallback", NS_FALLBACK), "for", NS_ATTENTION);
  gateway_send (session_gateway (session), message);
}

const Feature attention_feature = {
  .name = "attention",
  .disco_contact = disco,
  .shown = network_nudges,
  .message = on_message,
};
