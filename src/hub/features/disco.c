/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disco.c - service discovery (XEP-0030). */
#include "config.h"

#include "caps.h"
#include "commands.h"
#include "feature.h"
#include "room_list.h"
#include "small.h"

#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_CAPS "http://jabber.org/protocol/caps"

static gboolean
on_info (const Stanza *iq, GError **error)
{
  Place where = iq->session == NULL ? AT_GATEWAY : AT_CONTACT;
  const char *node = stanza_get (iq->payload, "node");
  xmpp_stanza_t *result, *query;

  if (node != NULL && *node == '\0')
    node = NULL;
  if (node != NULL && where == AT_GATEWAY && commands_is_node (node))
    {
      result = stanza_new_result (iq->stanza);
      query = stanza_add (result, "query", NS_INFO);
      stanza_set (query, "node", node);
      commands_fill_info (node, query);
      gateway_send (iq->gateway, result);
      return TRUE;
    }
  if (node != NULL && !caps_is_current (iq->gateway, where, node))
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "There is no such node here.");
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_INFO);
  stanza_set (query, "node", node);
  caps_fill (iq->gateway, where, query);
  gateway_send (iq->gateway, result);
  return TRUE;
}

/* The gateway's contacts are the users' own, and not listed; the network's rooms and its commands are. */
static gboolean
on_items (const Stanza *iq, GError **error)
{
  const char *node = stanza_get (iq->payload, "node");
  xmpp_stanza_t *result, *query;

  if (node != NULL && *node == '\0')
    node = NULL;
  if (node != NULL && (iq->session != NULL || !commands_is_node (node)))
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "There is no such node here.");
  if (node == NULL && iq->session == NULL && room_list_answer (iq))
    return TRUE;
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_ITEMS);
  stanza_set (query, "node", node);
  if (node != NULL)
    commands_fill_items (iq->gateway, node, query);
  gateway_send (iq->gateway, result);
  return TRUE;
}

static const char *const disco[] = { NS_INFO, NS_ITEMS, NS_CAPS, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY | AT_CONTACT, "get", "query", NS_INFO, on_info },
  { AT_GATEWAY | AT_CONTACT, "get", "query", NS_ITEMS, on_items },
  { 0 },
};

const Feature disco_feature = {
  .name = "service discovery",
  .disco_gateway = disco,
  .disco_contact = disco,
  .iqs = iqs,
};
