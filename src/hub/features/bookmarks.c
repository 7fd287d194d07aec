/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bookmarks.c - the rooms that a user's clients join as they start (XEP-0402), where the server lets us read them
 * (XEP-0356): an account that stays signed in joins them by itself. */
#include "config.h"

#include "jid.h"
#include "muc.h"
#include "small.h"

#define NS_BOOKMARKS "urn:xmpp:bookmarks:1"
#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_PRIVILEGE "urn:xmpp:privilege:2"
#define NS_FORWARD "urn:xmpp:forward:0"
/* More than anybody has at one network. */
#define MOST_ROOMS 500

static gboolean
is_true (const char *value)
{
  return g_strcmp0 (value, "true") == 0 || g_strcmp0 (value, "1") == 0;
}

static void
take (Session *session, const char *jid, xmpp_stanza_t *conference)
{
  g_autofree char *bare = jid_dup_bare (jid);
  g_autofree char *name = session_dup_peer_of (session, bare);
  g_autofree char *nick = stanza_dup_child_text (conference, "nick", NULL);
  g_autofree char *password = stanza_dup_child_text (conference, "password", NULL);
  const char *usual = session->name != NULL ? session->name : session->account->name;

  if (name == NULL || !is_true (stanza_get (conference, "autojoin")) || rooms_find (session, name) != NULL
      || (session_gateway (session)->network->room_prefixes != NULL && !rooms_is_name (session_gateway (session), name)))
    return;
  rooms_make (session, name, nick != NULL && *nick != '\0' ? nick : usual, password);
}

static xmpp_stanza_t *
find_items (xmpp_stanza_t *answer)
{
  static const char *const path[][2] = { { "privilege", NS_PRIVILEGE }, { "forwarded", NS_FORWARD }, { "iq", "jabber:client" },
                                         { "pubsub", NS_PUBSUB }, { "items", NULL } };

  for (guint i = 0; answer != NULL && i < G_N_ELEMENTS (path); i++)
    answer = stanza_child (answer, path[i][0], path[i][1]);
  return answer;
}

static void
on_bookmarks (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autofree gint64 *account = data;
  Session *session = gateway_find_session (gateway, *account);
  xmpp_stanza_t *items = answer == NULL ? NULL : find_items (answer);
  guint n = 0;

  /* No bookmarks: an error, or nothing. */
  if (session == NULL || items == NULL || session->state != SESSION_IN || !session_stays (session))
    return;
  for (xmpp_stanza_t *item = stanza_first (items); item != NULL && n < MOST_ROOMS; item = stanza_next (item), n++)
    {
      const char *jid = stanza_get (item, "id");
      xmpp_stanza_t *conference = stanza_child (item, "conference", NS_BOOKMARKS);

      if (jid != NULL && conference != NULL)
        take (session, jid, conference);
    }
  muc_join_next (session);
}

static void
on_in (Session *session)
{
  Gateway *gateway = session_gateway (session);
  const char *user = session->user->jid;
  g_autofree char *host = jid_dup_domain (user);
  g_autofree gint64 *account = g_new (gint64, 1);
  xmpp_stanza_t *iq, *inner, *items;

  if (!g_hash_table_contains (gateway->pubsub_domains, host) || !session_stays (session) || !gateway->protocol->rooms)
    return;
  iq = stanza_new_iq ("get", gateway->domain, user);
  inner = stanza_add (stanza_add (iq, "privileged_iq", NS_PRIVILEGE), "iq", "jabber:client");
  stanza_set (inner, "type", "get");
  stanza_set (inner, "id", xmpp_stanza_get_id (iq));
  stanza_set (inner, "from", user);
  stanza_set (inner, "to", user);
  items = stanza_add (stanza_add (inner, "pubsub", NS_PUBSUB), "items", NULL);
  stanza_set (items, "node", NS_BOOKMARKS);
  *account = session_number (session);
  gateway_request (gateway, iq, on_bookmarks, g_steal_pointer (&account));
}

const Feature bookmarks_feature = {
  .name = "bookmarks",
  .session_in = on_in,
};
