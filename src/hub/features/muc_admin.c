/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_admin.c - what is asked of a room: what it is, who is there, and to act on them (XEP-0045, sections 6, 8 to 10). */
#include "config.h"

#include <string.h>

#include "account_form.h"
#include "jid.h"
#include "mam.h"
#include "muc_bans.h"
#include "muc_requests.h"

#define NS_INFO "http://jabber.org/protocol/disco#info"
#define NS_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_PING "urn:xmpp:ping"
#define NS_SELF_PING "http://jabber.org/protocol/muc#self-ping-optimization"

/* People in one request; each is a line of IRC. */
#define MOST_ITEMS 20

static gboolean
is_inside (const Stanza *iq)
{
  return iq->room != NULL && room_find_participant (iq->room, iq->from) != NULL;
}

/* -- What it is ----------------------------------------------------------- */

static void
add_features (xmpp_stanza_t *query, const char *const *vars)
{
  for (guint i = 0; vars != NULL && vars[i] != NULL; i++)
    stanza_set (stanza_add (query, "feature", NULL), "var", vars[i]);
}

static void
add_traits (xmpp_stanza_t *query, char **traits)
{
  for (guint i = 0; traits != NULL && traits[i] != NULL; i++)
    if (strchr (traits[i], '=') == NULL)
      stanza_set (stanza_add (query, "feature", NULL), "var", traits[i]);
}

/* What only those who are there may know (XEP-0045, section 6.4). */
static void
add_form (xmpp_stanza_t *query, const Room *room)
{
  xmpp_stanza_t *form = stanza_add (query, "x", NS_DATA_FORMS);
  g_autofree char *occupants = g_strdup_printf ("%u", g_hash_table_size (room->occupants));

  stanza_set (form, "type", "result");
  form_add_field (form, "hidden", "FORM_TYPE", NULL, "http://jabber.org/protocol/muc#roominfo");
  form_add_field (form, "text-single", "muc#roominfo_occupants", NULL, occupants);
  if (room->topic != NULL)
    form_add_field (form, "text-single", "muc#roominfo_subject", NULL, room->topic);
  for (guint i = 0; room->traits != NULL && room->traits[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (room->traits[i], "=", 2);

      if (parts[0] != NULL && parts[1] != NULL)
        form_add_field (form, "boolean", parts[0], NULL, parts[1]);
    }
}

static gboolean
on_info (const Stanza *iq, GError **error)
{
  static const char *const vars[] = { NS_INFO, NS_ITEMS, NS_MUC, NS_SELF_PING, NS_PING, NS_OCCUPANT_ID, "http://jabber.org/protocol/muc#stable_id",
                                      NULL };
  static const char *const archive_vars[] = { NS_MAM, "urn:xmpp:sid:0", NULL };
  /* Where a room cannot be set up, there is one kind only. */
  static const char *const fixed_vars[] = { "muc_nonanonymous", "muc_temporary", NULL };
  xmpp_stanza_t *result, *query, *identity;

  if (stanza_get (iq->payload, "node") != NULL || jid_resource (xmpp_stanza_get_to (iq->stanza)) != NULL)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "There is nothing to be known of this.");
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_INFO);
  identity = stanza_add (query, "identity", NULL);
  stanza_set (identity, "category", "conference");
  /* Not "irc", for IRC either: clients then take away what a channel can do, such as another nick (Gajim). */
  stanza_set (identity, "type", "text");
  stanza_set (identity, "name", iq->peer);
  add_features (query, vars);
  if (archive_is_on (hub_archive (iq->gateway->hub)))
    add_features (query, archive_vars);
  if (!iq->gateway->protocol->room_settings)
    add_features (query, fixed_vars);
  else if (is_inside (iq))
    add_traits (query, iq->room->traits);
  if (is_inside (iq))
    add_form (query, iq->room);
  gateway_send (iq->gateway, result);
  return TRUE;
}

static gboolean
on_items (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);
  xmpp_stanza_t *query = stanza_add (result, "query", NS_ITEMS);
  GHashTableIter iter;
  gpointer nick;

  /* Who is there is for those to see who are there too. */
  if (is_inside (iq) && jid_resource (xmpp_stanza_get_to (iq->stanza)) == NULL)
    {
      g_hash_table_iter_init (&iter, iq->room->occupants);
      while (g_hash_table_iter_next (&iter, &nick, NULL))
        {
          g_autofree char *jid = muc_dup_jid (iq->room, nick);

          stanza_set (stanza_add (query, "item", NULL), "jid", jid);
        }
    }
  gateway_send (iq->gateway, result);
  return TRUE;
}

/* XEP-0410: a client asks whether it is still in. */
static gboolean
on_ping (const Stanza *iq, GError **error)
{
  const char *nick = jid_resource (xmpp_stanza_get_to (iq->stanza));
  const Occupant *occupant;

  if (nick == NULL)
    {
      gateway_send (iq->gateway, stanza_new_result (iq->stanza));
      return TRUE;
    }
  if (!muc_is_inside (iq, error))
    return FALSE;
  occupant = room_find_by_resource (iq->room, nick);
  if (occupant == NULL)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "Nobody of this nick is in the room.");
  if (!room_is_self (iq->room, occupant))
    return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "Other networks know no such question.");
  gateway_send (iq->gateway, stanza_new_result (iq->stanza));
  return TRUE;
}

/* -- Acting on occupants -------------------------------------------------- */

static const char *
find_nick (Room *room, xmpp_stanza_t *item)
{
  const char *nick = stanza_get (item, "nick");
  const char *jid = stanza_get (item, "jid");
  GHashTableIter iter;
  gpointer value;

  if (nick != NULL || jid == NULL)
    return nick;
  if (g_str_has_prefix (jid, room->jid) && jid[strlen (room->jid)] == '/')
    {
      const Occupant *occupant = room_find_by_resource (room, jid_resource (jid));

      return occupant == NULL ? NULL : occupant->nick;
    }
  g_hash_table_iter_init (&iter, room->occupants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Occupant *occupant = value;
      g_autofree char *own = session_dup_contact_jid (room->session, occupant->peer == NULL ? occupant->nick : occupant->peer);

      if (g_strcmp0 (own, jid) == 0)
        return occupant->nick;
    }
  return NULL;
}

/* What a role or an affiliation is on a network whose ranks are one of another's: operator, voice, none. */
static gboolean
find_moderation (xmpp_stanza_t *item, WireModeration *what)
{
  static const struct {
    const char *attribute, *value;
    WireModeration what;
  } table[] = {
    { "role", "none", WIRE_MODERATION_KICK },
    { "role", "visitor", WIRE_MODERATION_VISITOR },
    { "role", "participant", WIRE_MODERATION_PARTICIPANT },
    { "role", "moderator", WIRE_MODERATION_MODERATOR },
    { "affiliation", "outcast", WIRE_MODERATION_BAN },
    { "affiliation", "none", WIRE_MODERATION_NO_AFFILIATION },
    { "affiliation", "member", WIRE_MODERATION_MEMBER },
    { "affiliation", "admin", WIRE_MODERATION_ADMIN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_strcmp0 (stanza_get (item, table[i].attribute), table[i].value) == 0)
      {
        *what = table[i].what;
        return TRUE;
      }
  return FALSE;
}

/* Who is not in the room can be banned from it, or let in again. */
static gboolean
is_about_ban (xmpp_stanza_t *item)
{
  const char *affiliation = stanza_get (item, "affiliation");

  return g_strcmp0 (affiliation, "outcast") == 0 || g_strcmp0 (affiliation, "none") == 0;
}

/* The network says nothing against it: it was done, or was so already. */
static void
on_silence (Room *room, RoomRequest *request)
{
  if (!room_awaits_more (room, request))
    gateway_send (session_gateway (room->session), stanza_new_result (request->stanza));
}

static gboolean
is_inside_as (Room *room, const char *nick)
{
  return nick != NULL && room_find_occupant (room, nick) != NULL;
}

/* Whether one item can be: then nothing is done about any. */
static gboolean
check_item (const Stanza *iq, xmpp_stanza_t *item, GError **error)
{
  WireModeration what;

  if (!stanza_is (item, "item", NULL))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "The request has something in it that is no item.");
  if (!find_moderation (item, &what))
    return stanza_refuse (error, STANZA_NOT_ALLOWED, "%s knows no such rank.", iq->gateway->network->title);
  if (!is_inside_as (iq->room, find_nick (iq->room, item)) && !is_about_ban (item))
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "Nobody of this name is in the room.");
  return TRUE;
}

static gboolean
act (const Stanza *iq, xmpp_stanza_t *item, GError **error)
{
  Room *room = iq->room;
  const char *nick = find_nick (room, item);
  g_autofree char *reason = stanza_dup_child_text (item, "reason", NULL);
  WireModeration what = WIRE_MODERATION_KICK;
  gint64 request;

  find_moderation (item, &what);
  if (!is_inside_as (room, nick))
    return muc_bans_set (iq, item, what == WIRE_MODERATION_BAN, error);
  request = room_add_request (room, WIRE_ROOM_DEED_MODERATION, nick, iq->stanza, on_silence);
  session_tell_worker (room->session, &(WireMessage) {
    .type = WIRE_MODERATE,
    .u.moderate = { .account = session_number (room->session), .room = room->name, .nick = nick, .what = what, .text = reason,
                    .request = request } });
  return TRUE;
}

static gboolean
on_act (const Stanza *iq, GError **error)
{
  guint count = 0;

  if (!muc_is_inside (iq, error))
    return FALSE;
  for (xmpp_stanza_t *item = stanza_first (iq->payload); item != NULL; item = stanza_next (item), count++)
    if (!check_item (iq, item, error))
      return FALSE;
  if (count == 0 || count > MOST_ITEMS)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "From one person to %d at a time, please.", MOST_ITEMS);
  for (xmpp_stanza_t *item = stanza_first (iq->payload); item != NULL; item = stanza_next (item))
    if (!act (iq, item, error))
      {
        room_drop_requests (iq->room, iq->stanza);
        return FALSE;
      }
  return TRUE;
}

/* Who has a role or an affiliation, of those who are there. */
static gboolean
on_list (const Stanza *iq, GError **error)
{
  xmpp_stanza_t *item = stanza_first (iq->payload);
  const char *role = item == NULL ? NULL : stanza_get (item, "role");
  const char *affiliation = item == NULL ? NULL : stanza_get (item, "affiliation");
  xmpp_stanza_t *result, *query;
  GHashTableIter iter;
  gpointer value;

  if (!muc_is_inside (iq, error))
    return FALSE;
  if (role == NULL && affiliation == NULL)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "Say which role or affiliation.");
  if (g_strcmp0 (affiliation, "outcast") == 0)
    return muc_bans_list (iq, error);
  result = stanza_new_result (iq->stanza);
  query = stanza_add (result, "query", NS_MUC_ADMIN);
  g_hash_table_iter_init (&iter, iq->room->occupants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Occupant *occupant = value;
      xmpp_stanza_t *one;

      if ((role != NULL && !g_str_equal (role, wire_name_of_Role (occupant->role)))
          || (affiliation != NULL && !g_str_equal (affiliation, wire_name_of_Affiliation (occupant->affiliation))))
        continue;
      one = stanza_add (query, "item", NULL);
      stanza_set (one, "nick", occupant->nick);
      stanza_set (one, "role", wire_name_of_Role (occupant->role));
      stanza_set (one, "affiliation", wire_name_of_Affiliation (occupant->affiliation));
    }
  gateway_send (iq->gateway, result);
  return TRUE;
}

static const IqHandler iqs[] = {
  { AT_ROOM, "get", "query", NS_INFO, on_info },
  { AT_ROOM, "get", "query", NS_ITEMS, on_items },
  { AT_ROOM, "get", "ping", NS_PING, on_ping },
  { AT_ROOM, "get", "query", NS_MUC_ADMIN, on_list },
  { AT_ROOM, "set", "query", NS_MUC_ADMIN, on_act },
  { 0 },
};

const Feature muc_admin_feature = {
  .name = "requests to rooms",
  .iqs = iqs,
};
