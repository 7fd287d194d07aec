/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subscriptions.c - presence subscriptions: to the gateway, to contacts, and
 * from contacts (XEP-0100, sections 4.6 and 5).
 *
 * The user's subscription to a contact is that contact being on the network's
 * list: it is granted at once, and the network's own consent shows in the
 * contact's presence.  A contact's subscription to the user is an authorization
 * request of the network, or an offer of ours to take the contact into the
 * roster; both are answered by the same stanza. */
#include "config.h"

#include "subscriptions.h"

#include "roster.h"

#define NS_NICK "http://jabber.org/protocol/nick"

static void
reply (const Stanza *presence, const char *type)
{
  g_autofree char *to = g_strdup (presence->bare);

  gateway_send (presence->gateway, stanza_new_full ("presence", type, xmpp_stanza_get_to (presence->stanza), to));
}

/* -- The gateway ---------------------------------------------------------- */

static gboolean
take_for_gateway (const Stanza *presence, const char *type, GError **error)
{
  gboolean registered = presence->user != NULL && user_is_registered (presence->user);

  if (g_str_equal (type, "subscribe"))
    {
      if (!registered)
        return stanza_refuse (error, STANZA_REGISTRATION_REQUIRED, "You have to register with %s first.", presence->gateway->domain);
      reply (presence, "subscribed");
      user_send_gateway_presence (presence->user, presence->bare);
    }
  else if (g_str_equal (type, "unsubscribe"))
    reply (presence, "unsubscribed");
  /* subscribed: the server sends the user's presence now.  unsubscribed: it
   * sends that the user is gone. */
  return TRUE;
}

void
subscriptions_ask (User *user)
{
  gateway_send (user->gateway, stanza_new_full ("presence", "subscribe", user->gateway->domain, user->jid));
}

void
subscriptions_invite (User *user)
{
  if (!roster_put_gateway (user))
    subscriptions_ask (user);
}

void
subscriptions_end_gateway (User *user)
{
  Gateway *gateway = user->gateway;

  if (!roster_take_out_gateway (user))
    {
      gateway_send (gateway, stanza_new_full ("presence", "unsubscribe", gateway->domain, user->jid));
      gateway_send (gateway, stanza_new_full ("presence", "unsubscribed", gateway->domain, user->jid));
    }
  /* Last: some clients take the others for a sign of life. */
  gateway_send (gateway, stanza_new_full ("presence", "unavailable", gateway->domain, user->jid));
}

/* -- Contacts ------------------------------------------------------------- */

static gboolean
add (const Stanza *presence, GError **error)
{
  Session *session = presence->session;
  Contact *contact = session_contact (session, presence->peer);
  g_autofree char *message = stanza_dup_child_text (presence->stanza, "status", NULL);

  if (contact == NULL)
    return stanza_refuse (error, STANZA_JID_MALFORMED, "This is not the address of a contact.");
  /* A list that we keep ourselves can be added to at any time. */
  if (session->state != SESSION_IN && presence->gateway->protocol->keeps_contacts && !contact->listed)
    return stanza_refuse (error, STANZA_RECIPIENT_UNAVAILABLE, "You are not signed in to the network; contacts can be added when you are.");
  if (session->state == SESSION_IN && !contact->listed
      && !session_tell_worker (session, &(WireMessage) {
           .type = WIRE_ADD_CONTACT,
           .u.add_contact = { .account = session_number (session), .peer = presence->peer, .message = message } }))
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "Too much is waiting to be sent to the network; please try again later.");
  roster_remember (session, contact, STORE_ROSTER_IN);
  reply (presence, "subscribed");
  session_send_contact_presence (session, contact, NULL);
  return TRUE;
}

static void
answer_authorization (Session *session, Contact *contact, gboolean yes)
{
  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_ANSWER,
    .u.answer = { .account = session_number (session), .request = contact->authorization, .choice = yes ? 0 : 1 } });
  contact->authorization = 0;
}

static gboolean
take_for_contact (const Stanza *presence, const char *type, GError **error)
{
  Session *session = presence->session;
  Contact *contact = session_find_contact (session, presence->peer);

  if (g_str_equal (type, "subscribe"))
    return add (presence, error);
  if (contact == NULL)
    return TRUE;
  if (g_str_equal (type, "unsubscribe"))
    {
      reply (presence, "unsubscribed");
      roster_user_removed (session, contact);
      return TRUE;
    }
  if (contact->authorization != 0)
    answer_authorization (session, contact, g_str_equal (type, "subscribed"));
  if (contact->stored != NULL && contact->stored->roster == STORE_ROSTER_ASKED)
    roster_remember (session, contact, g_str_equal (type, "subscribed") ? STORE_ROSTER_IN : STORE_ROSTER_REFUSED);
  if (g_str_equal (type, "subscribed"))
    session_send_contact_presence (session, contact, NULL);
  return TRUE;
}

xmpp_stanza_t *
subscriptions_new_request (Session *session, Contact *contact, const char *nick, const char *text)
{
  xmpp_stanza_t *presence = stanza_new_full ("presence", "subscribe", contact->jid, session->user->jid);

  if (text != NULL && *text != '\0')
    stanza_add_text (presence, "status", text);
  if (nick != NULL && *nick != '\0')
    stanza_set (stanza_add_text (presence, "nick", nick), "xmlns", NS_NICK);
  return presence;
}

void
subscriptions_requested (Session *session, const WireAuthorizationRequest *event)
{
  Contact *contact = session_contact (session, event->peer);

  if (contact == NULL)
    {
      session_tell_worker (session, &(WireMessage) {
        .type = WIRE_ANSWER,
        .u.answer = { .account = session_number (session), .request = event->request, .choice = 1 } });
      return;
    }
  contact->authorization = event->request;
  if (!event->again)
    gateway_send (session_gateway (session), subscriptions_new_request (session, contact, event->name, event->text));
}

void
subscriptions_end_contacts (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Contact *contact = value;

      if (contact->stored != NULL && contact->stored->roster != STORE_ROSTER_REFUSED)
        roster_take_out (session, contact);
    }
}

gboolean
subscriptions_take (const Stanza *presence, const char *type, GError **error)
{
  if (!g_str_equal (type, "subscribe") && !g_str_equal (type, "subscribed")
      && !g_str_equal (type, "unsubscribe") && !g_str_equal (type, "unsubscribed"))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "There is no presence of this type.");
  return presence->session == NULL ? take_for_gateway (presence, type, error) : take_for_contact (presence, type, error);
}
