/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tunes.c - what is played, both ways (XEP-0118).
 *
 * A component has no PEP service for its contacts, but the events of one it can
 * send: to the resources that want them, as their capabilities say (XEP-0163,
 * section 5).  They are asked when there is something to tell, not before.  The
 * user's own tune comes since the gateway, which sees the user's presence, wants
 * it; it is told on all of the user's accounts there. */
#include "config.h"

#include "tunes.h"

#include <string.h>

#include "jid.h"
#include "text.h"

#define NS_TUNE "http://jabber.org/protocol/tune"
#define NS_TUNE_NOTIFY NS_TUNE "+notify"
#define NS_EVENT "http://jabber.org/protocol/pubsub#event"
#define NS_CAPS "http://jabber.org/protocol/caps"
#define NS_INFO "http://jabber.org/protocol/disco#info"
/* What is longer is cut. */
#define LONGEST 512

static const char *const disco[] = { NS_TUNE_NOTIFY, NULL };
static const char *const names[] = { "title", "artist", "source" };

static gboolean
network_tells_tunes (Gateway *gateway)
{
  return gateway->protocol->tells_tunes;
}

/* -- To the user ---------------------------------------------------------- */

static char *
dup_full_jid (const User *user, const Resource *resource)
{
  return g_strconcat (user->jid, "/", resource->name, NULL);
}

static void
send_event (User *user, const Contact *contact, const Resource *resource)
{
  g_autofree char *to = dup_full_jid (user, resource);
  xmpp_stanza_t *message = stanza_new_full ("message", "headline", contact->jid, to);
  xmpp_stanza_t *items = stanza_add (stanza_add (message, "event", NS_EVENT), "items", NULL);
  xmpp_stanza_t *item = stanza_add (items, "item", NULL);
  xmpp_stanza_t *tune = stanza_add (item, "tune", NS_TUNE);

  stanza_set (items, "node", NS_TUNE);
  stanza_set (item, "id", "current");
  for (guint i = 0; contact->tune != NULL && i < G_N_ELEMENTS (names); i++)
    if (*contact->tune[i] != '\0')
      stanza_add_text (tune, names[i], contact->tune[i]);
  gateway_send (user->gateway, message);
}

static gboolean
is_shown (const Contact *contact)
{
  return contact->stored != NULL && contact->stored->roster == STORE_ROSTER_IN;
}

/* Calls `func` for each contact that plays something, until it returns FALSE. */
static void
foreach_playing (User *user, gboolean (*func) (User *user, const Contact *contact, Resource *resource), Resource *resource)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, ((Session *) user->sessions->pdata[i])->contacts);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (((Contact *) value)->tune != NULL && is_shown (value) && !func (user, value, resource))
          return;
    }
}

static gboolean
send_each (User *user, const Contact *contact, Resource *resource)
{
  send_event (user, contact, resource);
  return TRUE;
}

static gboolean
has_feature (xmpp_stanza_t *query, const char *wanted)
{
  for (xmpp_stanza_t *child = stanza_first (query); child != NULL; child = stanza_next (child))
    if (stanza_is (child, "feature", NULL) && g_strcmp0 (stanza_get (child, "var"), wanted) == 0)
      return TRUE;
  return FALSE;
}

static void
on_info (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autofree char *jid = data;
  g_autofree char *bare = jid_dup_bare (jid);
  User *user = gateway_find_user (gateway, bare, FALSE);
  Resource *resource = user == NULL ? NULL : user_find_resource (user, jid_resource (jid));
  xmpp_stanza_t *query = answer == NULL ? NULL : stanza_child (answer, "query", NS_INFO);

  if (resource == NULL)
    return;
  resource->tunes = query != NULL && has_feature (query, NS_TUNE_NOTIFY) ? TUNES_WANTED : TUNES_UNWANTED;
  if (resource->tunes == TUNES_WANTED)
    foreach_playing (user, send_each, resource);
}

static gboolean
ask (User *user, const Contact *contact, Resource *resource)
{
  char *jid = dup_full_jid (user, resource);
  xmpp_stanza_t *iq = stanza_new_iq ("get", user->gateway->domain, jid);

  stanza_add (iq, "query", NS_INFO);
  resource->tunes = TUNES_ASKED;
  gateway_request (user->gateway, iq, on_info, jid);
  return FALSE;
}

static guint
hash_caps (xmpp_stanza_t *presence)
{
  xmpp_stanza_t *caps = stanza_child (presence, "c", NS_CAPS);
  const char *version = caps == NULL ? NULL : stanza_get (caps, "ver");

  return version == NULL ? 0 : MAX (g_str_hash (version), 1);
}

static void
resource_here (User *user, Resource *resource, xmpp_stanza_t *presence)
{
  guint caps = hash_caps (presence);

  if (caps == resource->caps || !network_tells_tunes (user->gateway))
    return;
  resource->caps = caps;
  resource->tunes = TUNES_UNASKED;
  if (caps != 0)
    foreach_playing (user, ask, resource);
}

void
tunes_peer_plays (Session *session, const WirePeerTune *event)
{
  Contact *contact = session_find_contact (session, event->peer);
  User *user = session->user;
  GHashTableIter iter;
  gpointer value;

  if (contact == NULL || !contact_set_tune (contact, event->title, event->artist, event->album) || !is_shown (contact))
    return;
  g_hash_table_iter_init (&iter, user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Resource *resource = value;

      if (resource->tunes == TUNES_WANTED)
        send_event (user, contact, resource);
      else if (resource->tunes == TUNES_UNASKED && resource->caps != 0)
        ask (user, contact, resource);
    }
}

/* -- From the user -------------------------------------------------------- */

static void
tell_worker (Session *session)
{
  char **tune = session->user->tune;

  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_SET_TUNE,
    .u.set_tune = { .account = session_number (session), .title = tune == NULL ? NULL : tune[0], .artist = tune == NULL ? NULL : tune[1],
                    .album = tune == NULL ? NULL : tune[2] } });
}

static char *
dup_part (xmpp_stanza_t *tune, const char *name)
{
  char *text = stanza_dup_child_text (tune, name, NULL);

  if (text == NULL)
    return g_strdup ("");
  g_strstrip (g_strdelimit (text, "\r\n\t", ' '));
  if (strlen (text) > LONGEST)
    text[text_split_length (text, LONGEST)] = '\0';
  return text;
}

/* The tune of the event that a message is; *is_event says whether it is one. */
static char **
dup_tune (xmpp_stanza_t *message, gboolean *is_event)
{
  xmpp_stanza_t *event = stanza_child (message, "event", NS_EVENT);
  xmpp_stanza_t *items = event == NULL ? NULL : stanza_child (event, "items", NULL);
  xmpp_stanza_t *item, *tune;
  g_auto (GStrv) parts = NULL;

  *is_event = items != NULL && g_strcmp0 (stanza_get (items, "node"), NS_TUNE) == 0;
  if (!*is_event)
    return NULL;
  item = stanza_child (items, "item", NULL);
  tune = item == NULL ? NULL : stanza_child (item, "tune", NS_TUNE);
  if (tune == NULL)
    return NULL;
  parts = g_new0 (char *, G_N_ELEMENTS (names) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    parts[i] = dup_part (tune, names[i]);
  return *parts[0] == '\0' ? NULL : g_steal_pointer (&parts);
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  User *user = message->user;
  gboolean is_event;
  char **tune;

  if (message->session != NULL || user == NULL || !network_tells_tunes (message->gateway))
    return FALSE;
  tune = dup_tune (message->stanza, &is_event);
  if (!is_event)
    return FALSE;
  g_strfreev (user->tune);
  user->tune = tune;
  for (guint i = 0; i < user->sessions->len; i++)
    if (((Session *) user->sessions->pdata[i])->state == SESSION_IN)
      tell_worker (user->sessions->pdata[i]);
  return TRUE;
}

static void
session_in (Session *session)
{
  if (session->user->tune != NULL)
    tell_worker (session);
}

const Feature tunes_feature = {
  .name = "tunes",
  .disco_gateway = disco,
  .shown = network_tells_tunes,
  .message = on_message,
  .resource_here = resource_here,
  .session_in = session_in,
};
