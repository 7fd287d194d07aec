/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router.c - stanzas, to the features that they concern.
 *
 * The features say what they handle (feature.h); what nobody handles is refused
 * here.  Nothing is ever answered to an error. */
#include "config.h"

#include "router.h"

#include <string.h>

#include "attention.h"
#include "feature.h"
#include "jid.h"
#include "messages.h"
#include "muc.h"
#include "presence.h"

/* The local part of the bot's other address, for clients that refuse to chat
 * with a bare domain. */
#define BOT "gateway"

static void
answer_error (const Stanza *stanza, const GError *error)
{
  gateway_send (stanza->gateway, stanza_new_error (stanza->stanza, error));
}

/* "irc.example.net@gateway": what is said to the server itself are its commands. */
static gboolean
find_server (Stanza *stanza, const char *local)
{
  g_autofree char *tag = jid_dup_unescaped (local);
  Session *session = user_find_session (stanza->user, tag);

  if (session == NULL || !session->saved || !stanza->gateway->protocol->takes_commands
      || !g_str_equal (xmpp_stanza_get_name (stanza->stanza), "message"))
    return FALSE;
  stanza->server = session;
  return TRUE;
}

/* The session that a contact's address names; the tag is what follows the last
 * percent sign. */
static gboolean
find_contact (Stanza *stanza, const char *local, char **peer, GError **error)
{
  g_autofree char *escaped = g_strdup (local);
  g_autofree char *tag = NULL;

  if (stanza->user == NULL || !user_is_registered (stanza->user))
    return stanza_refuse (error, STANZA_REGISTRATION_REQUIRED, "You have to register with %s first.", stanza->gateway->domain);
  if (gateway_has_tags (stanza->gateway))
    {
      char *percent = strrchr (escaped, '%');

      if (percent == NULL && find_server (stanza, escaped))
        return TRUE;
      if (percent == NULL)
        return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "Contacts here are called like nick%%server@%s.", stanza->gateway->domain);
      *percent = '\0';
      tag = jid_dup_unescaped (percent + 1);
    }
  stanza->session = user_find_session (stanza->user, tag);
  if (stanza->session == NULL || !stanza->session->saved)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "You have no account at %s.", tag == NULL ? stanza->gateway->domain : tag);
  *peer = jid_dup_unescaped (escaped);
  if (**peer == '\0' || strlen (*peer) > 1023)
    return stanza_refuse (error, STANZA_JID_MALFORMED, "This is not the address of a contact.");
  stanza->peer = *peer;
  stanza->room = rooms_find (stanza->session, *peer);
  return TRUE;
}

static gboolean
take_iq (const Stanza *iq, const char *type, Place where, GError **error)
{
  const char *name = xmpp_stanza_get_name (iq->payload);
  const char *ns = stanza_get (iq->payload, "xmlns");

  for (guint i = 0; features[i] != NULL; i++)
    for (const IqHandler *handler = features[i]->iqs; handler != NULL && handler->name != NULL; handler++)
      if ((handler->where & where) != 0 && g_str_equal (handler->type, type) && g_str_equal (handler->name, name)
          && g_strcmp0 (handler->ns, ns) == 0 && (features[i]->shown == NULL || features[i]->shown (iq->gateway)))
        return handler->handle (iq, error);
  return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "This is not supported here.");
}

static gboolean
take_message (const Stanza *message, GError **error)
{
  for (guint i = 0; features[i] != NULL; i++)
    {
      g_autoptr (GError) refusal = NULL;

      if (features[i]->message == NULL)
        continue;
      if (features[i]->message (message, &refusal))
        return TRUE;
      if (refusal != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&refusal));
          return FALSE;
        }
    }
  /* Receipts, markers and the like that mean nothing to a network. */
  return TRUE;
}

static gboolean
take (Stanza *stanza, const char *type, const char *to, GError **error)
{
  const char *name = xmpp_stanza_get_name (stanza->stanza);
  g_autofree char *local = jid_dup_local (to);
  g_autofree char *peer = NULL;
  Place where = local == NULL || g_str_equal (local, BOT) ? AT_GATEWAY : AT_CONTACT;

  if (where == AT_CONTACT && !find_contact (stanza, local, &peer, error))
    return FALSE;
  if (g_str_equal (name, "message"))
    return take_message (stanza, error);
  if (where == AT_CONTACT && muc_concerns (stanza, type))
    where = AT_ROOM;
  if (g_str_equal (name, "presence"))
    return where == AT_ROOM ? muc_take_presence (stanza, type, error) : presence_take (stanza, type, error);
  return take_iq (stanza, type, where, error);
}

/* Whether it is of a kind that asks for an answer. */
static gboolean
is_acceptable (Gateway *gateway, xmpp_stanza_t *stanza, const char *type)
{
  const char *name = xmpp_stanza_get_name (stanza);

  if (g_str_equal (name, "iq"))
    {
      if (g_strcmp0 (type, "result") == 0 || g_strcmp0 (type, "error") == 0)
        {
          gateway_take_answer (gateway, stanza);
          return FALSE;
        }
      return TRUE;
    }
  if (!g_str_equal (name, "message") && !g_str_equal (name, "presence"))
    return FALSE;
  if (g_strcmp0 (type, "error") != 0)
    return TRUE;
  if (!muc_bounced (gateway, stanza) && g_str_equal (name, "message"))
    messages_bounced (gateway, stanza);
  return FALSE;
}

/* Errors that nobody waits for would only be in the way: those to "is typing",
 * and to the presence that a server sends to whoever is in the roster. */
static gboolean
wants_error (const Stanza *stanza, const char *type)
{
  const char *name = xmpp_stanza_get_name (stanza->stanza);

  if (g_str_equal (name, "message"))
    return stanza_child (stanza->stanza, "body", NULL) != NULL || stanza_child (stanza->stanza, "subject", NULL) != NULL
           || attention_is_asked (stanza->stanza);
  if (g_str_equal (name, "presence"))
    return g_strcmp0 (type, "subscribe") == 0 || presence_is_join (stanza->stanza, type) || stanza->room != NULL;
  return TRUE;
}

void
router_take (Gateway *gateway, xmpp_stanza_t *xml)
{
  const char *type = stanza_get (xml, "type");
  const char *from = xmpp_stanza_get_from (xml);
  g_autofree char *bare = jid_dup_bare (from);
  g_autoptr (GError) error = NULL;
  Stanza stanza = { .gateway = gateway, .stanza = xml, .from = from, .bare = bare };

  if (!is_acceptable (gateway, xml, type))
    return;
  if (g_str_equal (xmpp_stanza_get_name (xml), "iq"))
    {
      stanza.payload = stanza_first (xml);
      if (stanza.payload == NULL || stanza_next (stanza.payload) != NULL || type == NULL
          || (!g_str_equal (type, "get") && !g_str_equal (type, "set")))
        {
          stanza_refuse (&error, STANZA_BAD_REQUEST, "An <iq/> has one child, and asks (get) or orders (set).");
          answer_error (&stanza, error);
          return;
        }
    }
  stanza.user = gateway_find_user (gateway, bare, FALSE);
  if (!take (&stanza, type, xmpp_stanza_get_to (xml), &error) && wants_error (&stanza, type))
    answer_error (&stanza, error);
}
