/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_events.c - what happens in the network's rooms. */
#include "config.h"

#include <string.h>

#include "delivery.h"
#include "jid.h"
#include "muc.h"
#include "worker.h"

/* A worker that tells of more is not to be believed. */
#define MOST_OCCUPANTS 50000

/* A room of which the session knows nothing any more is late news. */
#define WITH_ROOM \
  Room *room = rooms_find (session, event->room); \
  if (room == NULL) \
    return

/* -- In and out ----------------------------------------------------------- */

static void
send_invitation (Session *session, const char *room, const char *peer, const char *text, const char *password)
{
  Gateway *gateway = session_gateway (session);
  g_autofree char *jid = session_dup_contact_jid (session, room);
  g_autofree char *from = peer == NULL ? NULL : session_dup_contact_jid (session, peer);
  xmpp_stanza_t *message, *x, *invite;

  if (jid == NULL)
    return;
  message = stanza_new_full ("message", NULL, jid, session->user->jid);
  x = stanza_add (message, "x", NS_MUC_USER);
  invite = stanza_add (x, "invite", NULL);
  stanza_set (invite, "from", from == NULL ? gateway->domain : from);
  if (text != NULL)
    stanza_add_text (invite, "reason", text);
  if (password != NULL)
    stanza_add_text (x, "password", password);
  x = stanza_add (message, "x", "jabber:x:conference");
  stanza_set (x, "jid", jid);
  stanza_set (x, "reason", text);
  gateway_send_message (gateway, message);
}

void
muc_invited (Session *session, const WireRoomInvited *event)
{
  send_invitation (session, event->room, event->peer, event->text, event->password);
}

/* Those who were there before the connection was lost, and are not now. */
static void
drop_stale (Room *room)
{
  g_autoptr (GList) occupants = g_hash_table_get_values (room->occupants);

  for (GList *l = occupants; l != NULL; l = l->next)
    {
      Occupant *occupant = l->data;

      if (!occupant->stale || room_is_self (room, occupant))
        continue;
      muc_send_gone (room, occupant, &(MucGone) { 0 });
      room_drop_occupant (room, occupant->nick);
    }
}

/* We are back, by another nick: to those who see us, a change of it. */
static void
become (Room *room, const char *nick)
{
  Occupant *old = room_find_occupant (room, room->nick);

  if (old != NULL && old->stale && !g_str_equal (room->nick, nick))
    {
      muc_send_gone (room, old, &(MucGone) { .status = 303, .new_nick = nick });
      room_drop_occupant (room, room->nick);
    }
  room_set_nick (room, nick);
}

void
muc_joined (Session *session, const WireRoomJoined *event)
{
  GHashTableIter iter;
  gpointer value;
  gboolean inherited, names_us;
  Occupant *self;
  Room *room = rooms_find (session, event->room);

  /* The network put us there: a conversation that became one of several people, say. */
  if (room == NULL)
    {
      if (!session->worker->returning)
        send_invitation (session, event->room, NULL, "You are in this room on the network.", NULL);
      return;
    }
  if (room->state == ROOM_IN)
    return;
  g_clear_handle_id (&room->patience, g_source_remove);
  inherited = room->inherited;
  room->inherited = FALSE;
  become (room, event->nick);
  room_enter (room);
  drop_stale (room);
  /* It may be that the network names everybody but us. */
  names_us = room_find_occupant (room, room->nick) != NULL;
  self = room_occupant (room, room->nick);
  if (!names_us)
    self->role = WIRE_ROLE_PARTICIPANT;
  if (!inherited)
    muc_send_occupant (room, self);     /* to those who were there before */
  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Participant *) value)->stage == PARTICIPANT_WAITS)
      muc_tell (room, value);
  muc_remember (room);
  muc_join_next (session);
  deliveries_go_on (session);
}

static GError *
error_of_end (WireRoomEnd end, const char *text)
{
  static const struct {
    StanzaError condition;
    const char *text;
  } errors[] = {
    [WIRE_ROOM_END_LEFT] = { STANZA_RECIPIENT_UNAVAILABLE, "You are not in this room any more." },
    [WIRE_ROOM_END_KICKED] = { STANZA_NOT_ALLOWED, "You were kicked." },
    [WIRE_ROOM_END_BANNED] = { STANZA_FORBIDDEN, "You are banned from this room." },
    [WIRE_ROOM_END_PASSWORD] = { STANZA_NOT_AUTHORIZED, "The room wants a password." },
    [WIRE_ROOM_END_MEMBERS_ONLY] = { STANZA_REGISTRATION_REQUIRED, "The room is for those who were invited." },
    [WIRE_ROOM_END_FULL] = { STANZA_ROOM_FULL, "The room is full." },
    [WIRE_ROOM_END_NICK] = { STANZA_CONFLICT, "Somebody else there has this nick." },
    [WIRE_ROOM_END_NO_ROOM] = { STANZA_ITEM_NOT_FOUND, "There is no such room." },
    [WIRE_ROOM_END_LATER] = { STANZA_RESOURCE_CONSTRAINT, "The room cannot be joined just now; please try again later." },
    [WIRE_ROOM_END_REFUSED] = { STANZA_NOT_ALLOWED, "The network does not let you into this room." },
  };

  return g_error_new_literal (STANZA_ERROR, errors[end].condition, text != NULL && *text != '\0' ? text : errors[end].text);
}

static int
status_of_end (WireRoomEnd end)
{
  return end == WIRE_ROOM_END_KICKED ? 307 : end == WIRE_ROOM_END_BANNED ? 301 : 0;
}

/* Where a user stays in rooms: whether it is worth while to try again at the next sign-in. */
static gboolean
may_come_back (WireRoomEnd end)
{
  return end == WIRE_ROOM_END_FULL || end == WIRE_ROOM_END_LATER || end == WIRE_ROOM_END_NICK;
}

/* Nobody is there to see it. */
static void
tell_absent (Room *room, const GError *error)
{
  g_autofree char *text = g_strdup_printf ("You are not in the room %s any more: %s", room->jid, error->message);

  gateway_tell (session_gateway (room->session), room->session->user->jid, text);
}

void
muc_closed (Session *session, const WireRoomClosed *event)
{
  g_autoptr (GError) error = error_of_end (event->end, event->text);
  WITH_ROOM;

  if (g_hash_table_size (room->participants) == 0)
    tell_absent (room, error);
  if (!may_come_back (event->end))
    muc_forget (room);
  muc_close (room, &(MucGone) { .status = status_of_end (event->end), .actor = event->actor, .reason = event->text }, error);
  muc_join_next (session);
}

/* -- Who is there --------------------------------------------------------- */

/* An iq about somebody is done when it shows. */
static void
finish_moderation (Room *room, const char *nick)
{
  RoomRequest *request = room_take_request (room, WIRE_ROOM_DEED_MODERATION, nick);

  if (request != NULL)
    muc_finish_request (room->session, request);
}

void
muc_occupant (Session *session, const WireRoomOccupant *event)
{
  Occupant *occupant;
  gboolean known;
  WITH_ROOM;

  known = room_find_occupant (room, event->nick) != NULL;
  if (!known && g_hash_table_size (room->occupants) >= MOST_OCCUPANTS)
    return;
  occupant = room_occupant (room, event->nick);
  if (known && !occupant->vague && occupant->role == event->role && occupant->affiliation == event->affiliation && occupant->away == event->away
      && g_strcmp0 (occupant->peer, event->peer) == 0)
    return;
  occupant->vague = event->vague;
  occupant->role = event->role;
  occupant->affiliation = event->affiliation;
  occupant->away = event->away;
  g_free (occupant->peer);
  occupant->peer = g_strdup (event->peer);
  if (room->state == ROOM_IN || known)
    muc_change_occupant (room, occupant, known);
  if (room->state == ROOM_IN)
    finish_moderation (room, event->nick);
}

void
muc_occupant_left (Session *session, const WireRoomOccupantLeft *event)
{
  Occupant *occupant;
  WITH_ROOM;

  occupant = room_find_occupant (room, event->nick);
  if (occupant == NULL)
    return;
  if (status_of_end (event->end) == 0)
    muc_part_occupant (room, occupant, event->text);
  else
    {
      muc_settle (room, event->nick);
      muc_send_gone (room, occupant, &(MucGone) { .status = status_of_end (event->end), .actor = event->actor, .reason = event->text });
    }
  finish_moderation (room, event->nick);
  room_drop_occupant (room, event->nick);
}

void
muc_occupant_renamed (Session *session, const WireRoomOccupantRenamed *event)
{
  Occupant *occupant;
  RoomRequest *request;
  WITH_ROOM;

  occupant = room_find_occupant (room, event->nick);
  if (occupant == NULL || g_str_equal (event->nick, event->new_nick))
    return;
  if (room_is_self (room, occupant) && (request = room_take_request (room, WIRE_ROOM_DEED_NICK, NULL)) != NULL)
    {
      Participant *asker = room_find_participant (room, xmpp_stanza_get_from (request->stanza));

      if (asker != NULL)
        {
          g_free (asker->wish);
          asker->wish = g_strdup (event->new_nick);
        }
      room_request_free (request);
    }
  muc_settle (room, event->nick);
  muc_settle (room, event->new_nick);
  muc_send_gone (room, occupant, &(MucGone) { .status = 303, .new_nick = event->new_nick });
  room_rename_occupant (room, event->nick, event->new_nick);
  if (g_str_equal (room->nick, event->new_nick))
    muc_remember (room);
  muc_send_occupant (room, room_find_occupant (room, event->new_nick));
}

/* -- The topic ------------------------------------------------------------ */

void
muc_topic (Session *session, const WireRoomTopic *event)
{
  GHashTableIter iter;
  gpointer value;
  RoomRequest *request;
  WITH_ROOM;

  g_free (room->topic);
  g_free (room->topic_nick);
  room->topic = g_strdup (event->text);
  room->topic_nick = event->nick == NULL ? NULL : g_strndup (event->nick, strcspn (event->nick, "!"));
  if (room->state != ROOM_IN)
    return;
  request = room_take_request (room, WIRE_ROOM_DEED_TOPIC, NULL);
  g_clear_pointer (&request, room_request_free);
  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Participant *) value)->stage == PARTICIPANT_KNOWS)
      muc_send_topic (room, ((Participant *) value)->jid);
}

/* -- What became of requests ---------------------------------------------- */

static gboolean
refuse_in (Room *room, const WireRoomRefused *event, const GError *error)
{
  RoomRequest *request = room_take_request (room, event->deed, NULL);

  if (request == NULL)
    return FALSE;
  muc_refuse_request (room->session, request, error);
  return TRUE;
}

void
muc_refused (Session *session, const WireRoomRefused *event)
{
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer value;
  Room *room = event->room != NULL ? rooms_find (session, event->room) : NULL;

  if (event->deed != WIRE_ROOM_DEED_NICK && event->cause == WIRE_CAUSE_REFUSED)
    error = g_error_new_literal (STANZA_ERROR, STANZA_FORBIDDEN, event->text != NULL ? event->text : "The network refused.");
  else
    error = session_error_from_cause (event->cause, event->text);
  if (room != NULL)
    refuse_in (room, event, error);
  else if (session->rooms != NULL)
    {
      g_hash_table_iter_init (&iter, session->rooms);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        if (refuse_in (value, event, error))
          return;
    }
}

void
muc_done (Session *session, const WireRoomDone *event)
{
  WITH_ROOM;

  room_done_request (room, event->request);
}
