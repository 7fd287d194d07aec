/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_bans.c - who is banned from a room (XEP-0045, sections 9.1 and 9.2).
 *
 * A ban on IRC is a pattern, and XEP-0045 knows addresses only.  As any text can be a contact's name, a pattern has a JID too: a
 * client that is given it shows which one it is, and takes the ban away by it. */
#include "config.h"

#include <string.h>

#include "jid.h"
#include "muc_bans.h"
#include "muc_requests.h"

gboolean
muc_bans_list (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *answer;

  if (!muc_is_operator (iq, error))
    return FALSE;
  answer = stanza_new_result (iq->stanza);
  stanza_add (answer, "query", NS_MUC_ADMIN);
  return muc_request (iq, &(WireMessage) { .type = WIRE_LIST_BANS }, answer, error);
}

void
muc_ban (Session *session, const WireRoomBan *event)
{
  g_autofree char *jid = session_dup_contact_jid (session, event->who);
  gsize size = 64 + strlen (event->who) + (jid == NULL ? 0 : strlen (jid)) + (event->text == NULL ? 0 : strlen (event->text));
  xmpp_stanza_t *query = muc_request_answer (session, event->room, event->request, size);
  xmpp_stanza_t *item;

  if (query == NULL)
    return;
  item = stanza_add (query, "item", NULL);
  stanza_set (item, "affiliation", "outcast");
  if (jid != NULL)
    stanza_set (item, "jid", jid);
  else
    stanza_set (item, "nick", event->who);
  if (event->text != NULL)
    stanza_add_text (item, "reason", event->text);
}

/* The name that an item has of who is banned; NULL: none of this network. */
static char *
dup_who (const Stanza *iq, xmpp_stanza_t *item)
{
  const char *jid = stanza_get (item, "jid");
  g_autofree char *domain = jid == NULL ? NULL : jid_dup_domain (jid);
  g_autofree char *local = jid == NULL ? NULL : jid_dup_local (jid);
  char *percent;

  if (jid == NULL)
    return g_strdup (stanza_get (item, "nick"));
  if (local == NULL || g_strcmp0 (domain, iq->gateway->domain) != 0)
    return NULL;
  percent = gateway_has_tags (iq->gateway) ? strrchr (local, '%') : NULL;
  if (percent != NULL)
    *percent = '\0';
  return jid_dup_unescaped (local);
}

gboolean
muc_bans_set (const Stanza *iq, xmpp_stanza_t *item, gboolean banned, GError **error)
{
  g_autofree char *who = dup_who (iq, item);
  g_autofree char *reason = stanza_dup_child_text (item, "reason", NULL);

  if (!iq->gateway->protocol->room_settings || who == NULL || *who == '\0' || strlen (who) > 1023)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "Nobody of this name is in the room.");
  return muc_request (iq, &(WireMessage) { .type = WIRE_SET_BAN, .u.set_ban = { .who = who, .banned = banned, .text = reason } }, NULL, error);
}
