/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_send.c - what the user's clients get of a room. */
#include "config.h"

#include "delivery.h"
#include "jid.h"
#include "muc.h"

char *
muc_dup_jid (const Room *room, const char *nick)
{
  g_autofree char *resource = nick == NULL ? NULL : jid_dup_resource_of (nick);

  return resource == NULL ? g_strdup (room->jid) : g_strconcat (room->jid, "/", resource, NULL);
}

void
muc_add_occupant_id (xmpp_stanza_t *stanza, const Room *room, const char *nick)
{
  g_autofree char *id = room->shared == NULL || nick == NULL ? NULL : shared_room_dup_occupant_id (room->shared, nick);

  if (id != NULL)
    stanza_set (stanza_add (stanza, "occupant-id", NS_OCCUPANT_ID), "id", id);
}

static void
add_status (xmpp_stanza_t *x, int code)
{
  g_autofree char *text = g_strdup_printf ("%d", code);

  stanza_set (stanza_add (x, "status", NULL), "code", text);
}

/* A role's name, "none" for who is gone. */
static xmpp_stanza_t *
add_item (xmpp_stanza_t *x, Room *room, const Occupant *occupant, gboolean gone)
{
  xmpp_stanza_t *item = stanza_add (x, "item", NULL);
  g_autofree char *jid = room_is_self (room, occupant)
    ? g_strdup (room->session->user->jid)
    : session_dup_contact_jid (room->session, occupant->peer == NULL ? occupant->nick : occupant->peer);

  stanza_set (item, "affiliation", wire_name_of_Affiliation (occupant->affiliation));
  stanza_set (item, "role", gone ? "none" : wire_name_of_Role (occupant->role));
  stanza_set (item, "jid", jid);
  return item;
}

static xmpp_stanza_t *
new_presence (Room *room, const char *nick, const char *type, const char *to)
{
  g_autofree char *from = muc_dup_jid (room, nick);

  return stanza_new_full ("presence", type, from, to);
}

void
muc_send_occupant_to (Room *room, const Occupant *occupant, const Participant *participant)
{
  gboolean self = room_is_self (room, occupant);
  xmpp_stanza_t *presence = new_presence (room, occupant->nick, NULL, participant->jid);
  xmpp_stanza_t *x;

  if (occupant->away)
    stanza_add_text (presence, "show", "away");
  muc_add_occupant_id (presence, room, occupant->nick);
  x = stanza_add (presence, "x", NS_MUC_USER);
  add_item (x, room, occupant, FALSE);
  if (self)
    {
      add_status (x, 100);
      add_status (x, 110);
      if (!g_str_equal (participant->wish, occupant->nick))
        add_status (x, 210);
    }
  gateway_send (session_gateway (room->session), presence);
}

void
muc_send_occupant (Room *room, const Occupant *occupant)
{
  GHashTableIter iter;
  gpointer participant;

  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &participant))
    if (muc_knows (room, participant, occupant))
      muc_send_occupant_to (room, occupant, participant);
}

static void
send_gone (Room *room, const Occupant *occupant, const char *to, const MucGone *gone)
{
  xmpp_stanza_t *presence = new_presence (room, occupant->nick, "unavailable", to);
  xmpp_stanza_t *x = stanza_add (presence, "x", NS_MUC_USER);
  xmpp_stanza_t *item = add_item (x, room, occupant, gone->new_nick == NULL);

  stanza_set (item, "nick", gone->new_nick);
  if (gone->actor != NULL)
    stanza_set (stanza_add (item, "actor", NULL), "nick", gone->actor);
  if (gone->reason != NULL && gone->status != 0)
    stanza_add_text (item, "reason", gone->reason);
  if (gone->reason != NULL && gone->status == 0)
    stanza_add_text (presence, "status", gone->reason);
  if (gone->status != 0)
    add_status (x, gone->status);
  if (room_is_self (room, occupant))
    add_status (x, 110);
  gateway_send (session_gateway (room->session), presence);
}

void
muc_send_gone (Room *room, const Occupant *occupant, const MucGone *gone)
{
  GHashTableIter iter;
  gpointer participant;

  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &participant))
    if (muc_take_gone (room, participant, occupant))
      send_gone (room, occupant, ((Participant *) participant)->jid, gone);
}

void
muc_send_out (Room *room, const char *jid, const MucGone *gone)
{
  Occupant nobody = { .nick = room->nick };
  Occupant *self = room_find_occupant (room, room->nick);

  send_gone (room, self == NULL ? &nobody : self, jid, gone);
}

void
muc_send_topic (Room *room, const char *to)
{
  g_autofree char *from = muc_dup_jid (room, room->topic_nick);
  xmpp_stanza_t *message = stanza_new_full ("message", "groupchat", from, to);

  stanza_add_text (message, "subject", room->topic);
  gateway_send (session_gateway (room->session), message);
}

void
muc_send_notice (Room *room, const char *text)
{
  GHashTableIter iter;
  gpointer participant;

  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &participant))
    {
      xmpp_stanza_t *message = stanza_new_full ("message", "groupchat", room->jid, ((Participant *) participant)->jid);

      stanza_add_text (message, "body", text);
      muc_deliver (room, participant, message);
    }
}

static void
send_error (Room *room, const Participant *participant, const GError *error)
{
  g_autofree char *to = muc_dup_jid (room, participant->wish);
  g_autoptr (xmpp_stanza_t) join = stanza_new_full ("presence", NULL, participant->jid, to);

  gateway_send (session_gateway (room->session), stanza_new_error (join, error));
}

void
muc_finish_request (Session *session, RoomRequest *request)
{
  if (request->answer != NULL)
    gateway_send (session_gateway (session), g_steal_pointer (&request->answer));
  else if (!room_awaits_more (request->room, request))
    gateway_send (session_gateway (session), stanza_new_result (request->stanza));
  room_request_free (request);
}

void
muc_refuse_request (Session *session, RoomRequest *request, const GError *error)
{
  gateway_send (session_gateway (session), stanza_new_error (request->stanza, error));
  room_drop_requests (request->room, request->stanza);
  room_request_free (request);
}

void
muc_close (Room *room, const MucGone *gone, const GError *error)
{
  GHashTableIter iter;
  gpointer value;
  RoomRequest *request;

  while ((request = g_queue_pop_head (&room->requests)) != NULL)
    muc_refuse_request (room->session, request, error);
  deliveries_give_up (room->session, room->name, error);
  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Participant *participant = value;

      if (participant->stage != PARTICIPANT_WAITS)
        muc_send_out (room, participant->jid, gone);
      else
        send_error (room, participant, error);
    }
  rooms_remove (room);
}
