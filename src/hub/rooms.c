/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.c - the rooms of the network that a user's clients are in. */
#include "config.h"

#include "rooms.h"

#include <string.h>

#include "contacts.h"
#include "jid.h"
#include "room_note.h"

/* More than any client has under way. */
#define MOST_SAID 1000
#define MOST_QUESTIONS 24
/* Lines may wait for IRC's rate limit, and another XMPP server has to be found. */
#define QUESTION_SECONDS 60

/* What only we know of the room has changed. */
static void
note (Room *room)
{
  if (!room->inherited)
    room_note_keep (room);
}

static void
occupant_free (gpointer data)
{
  Occupant *occupant = data;

  g_free (occupant->nick);
  g_free (occupant->peer);
  g_free (occupant);
}

static void
participant_free (gpointer data)
{
  Participant *participant = data;

  g_clear_pointer (&participant->telling, telling_free);
  g_free (participant->jid);
  g_free (participant->wish);
  g_free (participant);
}

void
room_request_free (RoomRequest *request)
{
  g_clear_handle_id (&request->timer, g_source_remove);
  xmpp_stanza_release (request->stanza);
  if (request->answer != NULL)
    xmpp_stanza_release (request->answer);
  g_free (request->nick);
  g_free (request);
}

static void
leave_shared (Room *room)
{
  if (room->shared != NULL)
    shared_room_leave (room->shared, session_number (room->session));
  room->shared = NULL;
  room->since = 0;
}

static void
room_free (gpointer data)
{
  Room *room = data;

  leave_shared (room);
  g_clear_handle_id (&room->patience, g_source_remove);
  g_clear_handle_id (&room->leaving_timer, g_source_remove);
  g_clear_handle_id (&room->settle_timer, g_source_remove);
  g_clear_pointer (&room->unsettled, g_hash_table_unref);
  g_clear_pointer (&room->leaving, xmpp_stanza_release);
  g_queue_clear_full (&room->requests, (GDestroyNotify) room_request_free);
  g_hash_table_unref (room->occupants);
  g_hash_table_unref (room->participants);
  g_hash_table_unref (room->said);
  g_hash_table_unref (room->private);
  secrets_wipe (room->password);
  g_free (room->name);
  g_free (room->jid);
  g_free (room->nick);
  g_free (room->topic);
  g_free (room->topic_nick);
  g_strfreev (room->traits);
  g_free (room);
}

static void
release (gpointer stanza)
{
  xmpp_stanza_release (stanza);
}

/* Names that differ in case alone have one JID, and are one room. */
Room *
rooms_find (Session *session, const char *name)
{
  g_autofree char *jid = session->rooms == NULL ? NULL : session_dup_contact_jid (session, name);

  return jid == NULL ? NULL : g_hash_table_lookup (session->rooms, jid);
}

Room *
rooms_make (Session *session, const char *name, const char *nick, const char *password)
{
  char *jid = session_dup_contact_jid (session, name);
  Room *room;

  if (jid == NULL)
    return NULL;
  if (session->rooms == NULL)
    session->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, room_free);
  room = g_new0 (Room, 1);
  room->session = session;
  room->name = g_strdup (name);
  room->jid = jid;
  room->nick = g_strdup (nick);
  room->password = g_strdup (password);
  room->occupants = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, occupant_free);
  room->participants = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, participant_free);
  room->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, release);
  room->private = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&room->requests);
  g_hash_table_insert (session->rooms, room->jid, room);
  return room;
}

void
rooms_remove (Room *room)
{
  room_note_drop (room);
  g_hash_table_remove (room->session->rooms, room->jid);
}

void
rooms_free_all (Session *session)
{
  g_clear_pointer (&session->rooms, g_hash_table_unref);
}

/* A network may lead its users to different rooms by one name, or may let one of them say what another is to read. */
static Archive *
archive_of (Room *room)
{
  return hub_archive (session_gateway (room->session)->hub);
}

char *
room_dup_archive_key (Session *session, const char *jid)
{
  Gateway *gateway = session_gateway (session);
  const char *const *options = gateway->network->room_options;
  GString *key = g_string_new (jid);

  if (options == NULL)
    g_string_append_printf (key, " %" G_GINT64_FORMAT, session_number (session));
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    {
      const ProtocolOption *option = protocol_find_option (gateway->protocol, options[i]);
      const char *value = protocol_option_value (option, session->account->options);

      if (value != NULL && g_strcmp0 (value, option->value) != 0)
        g_string_append_printf (key, " %s=%s", options[i], value);
    }
  return g_string_free (key, FALSE);
}

typedef struct {
  Room *room;
  gint64 since;               /* G_MAXINT64: nobody has seen us yet */
} Entering;

/* One of our users who is there may have seen us come, while the news of that is on the way to us. */
static void
ask_who_saw_us (gint64 account, gpointer data)
{
  Entering *entering = data;
  Session *session = gateway_find_session (session_gateway (entering->room->session), account);
  Room *theirs = session == NULL || session->rooms == NULL ? NULL : g_hash_table_lookup (session->rooms, entering->room->jid);
  const Occupant *we = theirs == NULL ? NULL : room_find_occupant (theirs, entering->room->nick);

  if (we != NULL && !we->stale)
    entering->since = MIN (entering->since, we->since);
}

void
room_enter (Room *room)
{
  g_autofree char *key = room_dup_archive_key (room->session, room->jid);
  Entering entering = { room, room->since != 0 ? room->since : G_MAXINT64 };

  archive_foreach_member (archive_of (room), key, ask_who_saw_us, &entering);
  room->state = ROOM_IN;
  room->shared = archive_enter (archive_of (room), key, session_number (room->session), room->nick, entering.since);
  room->since = shared_room_since (room->shared, session_number (room->session));
  note (room);
}

void
room_suspend (Room *room)
{
  GHashTableIter iter;
  gpointer occupant;

  leave_shared (room);
  g_hash_table_iter_init (&iter, room->occupants);
  while (g_hash_table_iter_next (&iter, NULL, &occupant))
    ((Occupant *) occupant)->stale = TRUE;
  g_clear_handle_id (&room->patience, g_source_remove);
  room->state = ROOM_WAITING;
}

gboolean
rooms_is_name (Gateway *gateway, const char *name)
{
  const char *prefixes = gateway->network->room_prefixes;

  return prefixes != NULL && *name != '\0' && strchr (prefixes, *name) != NULL;
}

/* -- Occupants ------------------------------------------------------------ */

Occupant *
room_find_occupant (Room *room, const char *nick)
{
  return g_hash_table_lookup (room->occupants, nick);
}

Occupant *
room_find_by_resource (Room *room, const char *resource)
{
  Occupant *occupant = room_find_occupant (room, resource);
  GHashTableIter iter;
  gpointer value;

  /* Few are called otherwise than their resource. */
  g_hash_table_iter_init (&iter, room->occupants);
  while (occupant == NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_autofree char *other = jid_dup_resource_of (((Occupant *) value)->nick);

      if (g_str_equal (other, resource))
        occupant = value;
    }
  return occupant;
}

Occupant *
room_occupant (Room *room, const char *nick)
{
  Occupant *occupant = room_find_occupant (room, nick);

  if (occupant == NULL)
    {
      occupant = g_new0 (Occupant, 1);
      occupant->nick = g_strdup (nick);
      g_hash_table_insert (room->occupants, occupant->nick, occupant);
    }
  else if (!occupant->stale)
    return occupant;
  occupant->stale = FALSE;
  occupant->since = archive_last_id (archive_of (room)) + 1;
  return occupant;
}

void
room_drop_occupant (Room *room, const char *nick)
{
  if (room->shared != NULL)
    shared_room_forget (room->shared, nick);
  g_hash_table_remove (room->occupants, nick);
}

void
room_rename_occupant (Room *room, const char *nick, const char *new_nick)
{
  Occupant *occupant = NULL;

  if (!g_hash_table_steal_extended (room->occupants, nick, NULL, (gpointer *) &occupant))
    return;
  if (room->shared != NULL)
    shared_room_rename (room->shared, nick, new_nick);
  if (room_is_self (room, occupant))
    room_set_nick (room, new_nick);
  g_free (occupant->nick);
  occupant->nick = g_strdup (new_nick);
  g_hash_table_replace (room->occupants, occupant->nick, occupant);
}

gboolean
room_is_self (Room *room, const Occupant *occupant)
{
  return g_str_equal (occupant->nick, room->nick);
}

void
room_set_nick (Room *room, const char *nick)
{
  char *copy = g_strdup (nick);

  g_free (room->nick);
  room->nick = copy;
  if (room->shared != NULL)
    shared_room_set_nick (room->shared, session_number (room->session), copy);
  note (room);
}

/* -- Participants --------------------------------------------------------- */

Participant *
room_find_participant (Room *room, const char *jid)
{
  return g_hash_table_lookup (room->participants, jid);
}

Participant *
room_add_participant (Room *room, const char *jid, const char *wish)
{
  Participant *participant = g_new0 (Participant, 1);

  participant->jid = g_strdup (jid);
  participant->wish = g_strdup (wish);
  g_hash_table_replace (room->participants, participant->jid, participant);
  note (room);
  return participant;
}

void
room_drop_participant (Room *room, const char *jid)
{
  g_hash_table_remove (room->participants, jid);
  note (room);
}

void
room_participant_knows (Room *room, Participant *participant)
{
  participant->stage = PARTICIPANT_KNOWS;
  note (room);
}

void
room_remember_private (Room *room, const char *nick)
{
  if (g_hash_table_add (room->private, g_utf8_strdown (nick, -1)))
    note (room);
}

/* -- What was said -------------------------------------------------------- */

void
room_remember_said (Room *room, xmpp_stanza_t *message)
{
  const char *id = xmpp_stanza_get_id (message);

  /* A network that never shows them would be remembered for ever. */
  if (id != NULL && g_hash_table_size (room->said) < MOST_SAID)
    g_hash_table_replace (room->said, g_strdup (id), xmpp_stanza_clone (message));
}

xmpp_stanza_t *
room_take_said (Room *room, const char *id)
{
  g_autofree char *key = NULL;
  xmpp_stanza_t *message = NULL;

  if (id != NULL)
    g_hash_table_steal_extended (room->said, id, (gpointer *) &key, (gpointer *) &message);
  return message;
}

void
room_forget_said (Room *room, const char *id)
{
  g_hash_table_remove (room->said, id);
}

/* -- Requests ------------------------------------------------------------- */

static void
expire (RoomRequest *request)
{
  g_queue_remove (&request->room->requests, request);
  if (request->expired != NULL)
    request->expired (request->room, request);
  room_request_free (request);
}

static gboolean
on_silence (gpointer data)
{
  RoomRequest *request = data;

  request->timer = 0;
  expire (request);
  return G_SOURCE_REMOVE;
}

gint64
room_add_request (Room *room, WireRoomDeed deed, const char *nick, xmpp_stanza_t *stanza, void (*expired) (Room *room, RoomRequest *request))
{
  RoomRequest *request = g_new0 (RoomRequest, 1);

  request->number = hub_new_number ();
  request->deed = deed;
  request->nick = g_strdup (nick);
  request->stanza = xmpp_stanza_clone (stanza);
  request->room = room;
  request->expired = expired;
  request->timer = g_timeout_add_seconds (ROOM_REQUEST_SECONDS, on_silence, request);
  g_queue_push_tail (&room->requests, request);
  return request->number;
}

void
room_done_request (Room *room, gint64 number)
{
  for (GList *l = room->requests.head; l != NULL; l = l->next)
    if (((RoomRequest *) l->data)->number == number)
      {
        expire (l->data);
        return;
      }
}

RoomRequest *
room_take_request (Room *room, WireRoomDeed deed, const char *nick)
{
  for (GList *l = room->requests.head; l != NULL; l = l->next)
    {
      RoomRequest *request = l->data;
      gboolean fits = request->deed == deed || (deed == WIRE_ROOM_DEED_ORDER && request->deed != WIRE_ROOM_DEED_NICK);

      if (request->is_question || !fits || (nick != NULL && g_strcmp0 (nick, request->nick) != 0))
        continue;
      g_queue_delete_link (&room->requests, l);
      return request;
    }
  return NULL;
}

RoomRequest *
room_add_question (Room *room, xmpp_stanza_t *stanza, void (*expired) (Room *room, RoomRequest *request))
{
  RoomRequest *request;
  guint count = 0;

  for (GList *l = room->requests.head; l != NULL; l = l->next)
    count += ((RoomRequest *) l->data)->is_question;
  if (count >= MOST_QUESTIONS)
    return NULL;
  room_add_request (room, WIRE_ROOM_DEED_MODERATION, NULL, stanza, expired);
  request = g_queue_peek_tail (&room->requests);
  request->is_question = TRUE;
  g_source_remove (request->timer);
  request->timer = g_timeout_add_seconds (QUESTION_SECONDS, on_silence, request);
  return request;
}

RoomRequest *
room_find_question (Room *room, gint64 number)
{
  for (GList *l = room->requests.head; l != NULL; l = l->next)
    {
      RoomRequest *request = l->data;

      if (request->is_question && (number == 0 || request->number == number))
        return request;
    }
  return NULL;
}

RoomRequest *
room_take_question (Room *room, gint64 number)
{
  RoomRequest *request = room_find_question (room, number);

  if (request != NULL)
    g_queue_remove (&room->requests, request);
  return request;
}

static GList *
find_request_of (Room *room, const xmpp_stanza_t *stanza, const RoomRequest *but)
{
  GList *l = room->requests.head;

  while (l != NULL && (l->data == but || ((RoomRequest *) l->data)->stanza != stanza))
    l = l->next;
  return l;
}

gboolean
room_awaits_more (Room *room, const RoomRequest *request)
{
  return find_request_of (room, request->stanza, request) != NULL;
}

void
room_drop_requests (Room *room, xmpp_stanza_t *stanza)
{
  GList *l;

  while ((l = find_request_of (room, stanza, NULL)) != NULL)
    {
      RoomRequest *request = l->data;

      g_queue_delete_link (&room->requests, l);
      room_request_free (request);
    }
}
