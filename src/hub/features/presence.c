/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.c - who is there: the users' resources, probes.
 *
 * A server sends a user's presence to the gateway and to each contact that may
 * see it, all with the same content: which of our addresses it went to does not
 * matter, and repetitions change nothing. */
#include "config.h"

#include "presence.h"

#include <string.h>

#include "jid.h"
#include "muc.h"
#include "outbox.h"
#include "roster.h"
#include "subscriptions.h"

/* An answer of the server to a probe takes no longer. */
#define NS_DELAY "urn:xmpp:delay"
#define PROBE_SECONDS 5

static WireShow
parse_show (xmpp_stanza_t *presence)
{
  g_autofree char *show = stanza_dup_child_text (presence, "show", NULL);
  int value;

  if (show == NULL || !wire_enum_from_name (WIRE_SET_STATUS, "show", show, &value) || value == WIRE_SHOW_OFFLINE)
    return WIRE_SHOW_ONLINE;
  return value;
}

static int
parse_priority (xmpp_stanza_t *presence)
{
  g_autofree char *text = stanza_dup_child_text (presence, "priority", NULL);
  gint64 priority = 0;

  if (text != NULL)
    g_ascii_string_to_signed (g_strstrip (text), 10, -128, 127, &priority, NULL);
  return priority;
}

/* The stream was down: what the user was shown may be old. */
static void
show_again (User *user)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, session->contacts);
      while (session->state == SESSION_IN && g_hash_table_iter_next (&iter, NULL, &value))
        if (((Contact *) value)->listed)
          session_send_contact_presence (session, value, NULL);
    }
  user_send_gateway_presence (user, user->jid);
}

/* After a break prosody says to our probes since when a client's presence is so: whether it is the one that was there before. */
static void
tell_outbox (const Stanza *presence)
{
  xmpp_stanza_t *delay = stanza_child (presence->stanza, "delay", NS_DELAY);
  gint64 since = delay == NULL ? 0 : stanza_parse_time (stanza_get (delay, "stamp"));

  /* In whole seconds. */
  if (since != 0 && since / 1000 < presence->gateway->broken_at / 1000)
    outbox_resource_stayed (presence->gateway->outbox, presence->from);
}

static gboolean
take_available (const Stanza *presence, GError **error)
{
  const char *name = jid_resource (presence->from);
  g_autofree char *status = stanza_dup_child_text (presence->stanza, "status", NULL);
  User *user = presence->user;
  Resource *known;
  gboolean is_found;

  if (presence_is_join (presence->stanza, NULL))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "The gateway itself is no room; rooms have addresses like room@%s.", presence->gateway->domain);
  if (user == NULL || name == NULL)
    return TRUE;
  known = user_find_resource (user, name);
  /* The server was away: it may say that somebody is there whom it said to leave when it went. */
  is_found = presence->gateway->grace != 0 && (known == NULL || known->doubtful);
  user_set_resource (user, name, parse_show (presence->stanza), status, parse_priority (presence->stanza));
  if (presence->gateway->grace != 0)
    tell_outbox (presence);
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->resource_here != NULL)
      features[i]->resource_here (user, user_find_resource (user, name), presence->stanza);
  if (is_found)
    show_again (user);
  else if (known == NULL && user_is_registered (user))
    user_send_gateway_presence (user, presence->from);
  if (known == NULL && user_is_registered (user))
    roster_look_again (user);
  return TRUE;
}

/* Without a resource it is the server's polite answer for a user who is not
 * there, and ends no resource.  To a contact it may be part of that contact's
 * removal: so the server is asked. */
static void
take_unavailable (const Stanza *presence)
{
  const char *name = jid_resource (presence->from);

  if (presence->user == NULL || name == NULL)
    return;
  if (presence->session == NULL)
    muc_resource_gone (presence->user, presence->from);
  if (user_find_resource (presence->user, name) == NULL)
    return;
  if (presence->session == NULL)
    user_set_resource (presence->user, name, WIRE_SHOW_OFFLINE, NULL, 0);
  else
    {
      user_doubt_resource (presence->user, name, PROBE_SECONDS);
      pacer_push (presence->gateway->probes, presence->bare);
    }
}

static void
answer_probe (const Stanza *probe)
{
  Session *session = probe->session;
  Contact *contact = session == NULL ? NULL : session_find_contact (session, probe->peer);

  if (probe->user == NULL || !user_is_registered (probe->user))
    return;
  if (session == NULL)
    user_send_gateway_presence (probe->user, probe->from);
  else if (contact != NULL)
    session_send_contact_presence (session, contact, probe->from);
}

gboolean
presence_is_join (xmpp_stanza_t *presence, const char *type)
{
  return type == NULL && stanza_child (presence, "x", NS_MUC) != NULL;
}

gboolean
presence_take (const Stanza *presence, const char *type, GError **error)
{
  if (type == NULL)
    return take_available (presence, error);
  if (g_str_equal (type, "probe"))
    {
      answer_probe (presence);
      return TRUE;
    }
  if (g_str_equal (type, "unavailable"))
    {
      take_unavailable (presence);
      return TRUE;
    }
  return subscriptions_take (presence, type, error);
}
