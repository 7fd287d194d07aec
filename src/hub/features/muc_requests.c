/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_requests.c - what a room's network is asked by number, and answers in any case. */
#include "config.h"

#include "muc_requests.h"

/* A stanza that other servers and clients take. */
#define MOST_GATHERED (96 * 1024)

gboolean
muc_is_inside (const Stanza *iq, GError **error)
{
  if (iq->room != NULL && iq->room->state == ROOM_IN && room_find_participant (iq->room, iq->from) != NULL)
    return TRUE;
  return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "You are not in this room.");
}

gboolean
muc_is_operator (const Stanza *iq, GError **error)
{
  const Occupant *self;

  if (!iq->gateway->protocol->room_settings)
    return stanza_refuse (error, STANZA_NOT_ALLOWED, "Rooms of %s can be neither configured nor destroyed, and nobody can be banned from them.",
                          iq->gateway->network->title);
  if (!muc_is_inside (iq, error))
    return FALSE;
  self = room_find_occupant (iq->room, iq->room->nick);
  if (self != NULL && (self->affiliation == WIRE_AFFILIATION_ADMIN || self->affiliation == WIRE_AFFILIATION_OWNER))
    return TRUE;
  return stanza_refuse (error, STANZA_FORBIDDEN, "This is for the room's operators.");
}

static void
on_no_answer (Room *room, RoomRequest *request)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_REMOTE_SERVER_TIMEOUT, "The network did not answer; please try again later.");

  gateway_send (session_gateway (room->session), stanza_new_error (request->stanza, error));
}

static void
address (WireMessage *command, const Room *room, gint64 number)
{
  gint64 account = session_number (room->session);

  switch (command->type)
    {
#define ADDRESS(TYPE, member) \
    case WIRE_##TYPE: \
      command->u.member.account = account; \
      command->u.member.room = room->name; \
      command->u.member.request = number; \
      break
    ADDRESS (GET_SETTINGS, get_settings);
    ADDRESS (SET_SETTINGS, set_settings);
    ADDRESS (LIST_BANS, list_bans);
    ADDRESS (SET_BAN, set_ban);
#undef ADDRESS
    default:
      g_assert_not_reached ();
    }
}

gboolean
muc_request (const Stanza *iq, WireMessage *command, xmpp_stanza_t *answer, GError **error)
{
  Room *room = iq->room;
  g_autoptr (xmpp_stanza_t) gathered = answer;
  RoomRequest *request = room_add_question (room, iq->stanza, on_no_answer);

  if (request == NULL)
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "The room has much to answer already; please try again later.");
  address (command, room, request->number);
  if (!session_tell_worker (room->session, command))
    {
      room_request_free (room_take_question (room, request->number));
      return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "The gateway has too much to do; please try again later.");
    }
  request->answer = g_steal_pointer (&gathered);
  return TRUE;
}

xmpp_stanza_t *
muc_request_answer (Session *session, const char *name, gint64 number, gsize size)
{
  Room *room = rooms_find (session, name);
  RoomRequest *request = room == NULL ? NULL : room_find_question (room, number);

  if (request == NULL || request->answer == NULL)
    return NULL;
  request->gathered += size;
  return request->gathered > MOST_GATHERED ? NULL : stanza_first (request->answer);
}

static GError *
error_of (const WireRoomAnswer *event)
{
  static const struct {
    StanzaError condition;
    const char *text;
  } errors[] = {
    [WIRE_ROOM_OUTCOME_DONE] = { STANZA_INTERNAL_SERVER_ERROR, "It was done." },
    [WIRE_ROOM_OUTCOME_FORBIDDEN] = { STANZA_FORBIDDEN, "The network does not let you do this." },
    [WIRE_ROOM_OUTCOME_UNFIT] = { STANZA_NOT_ACCEPTABLE, "The network does not take this." },
    [WIRE_ROOM_OUTCOME_UNKNOWN] = { STANZA_ITEM_NOT_FOUND, "There is no such thing here." },
    [WIRE_ROOM_OUTCOME_IMPOSSIBLE] = { STANZA_NOT_ALLOWED, "This network has no such thing." },
    [WIRE_ROOM_OUTCOME_LATER] = { STANZA_RESOURCE_CONSTRAINT, "This cannot be done just now; please try again later." },
  };

  return g_error_new_literal (STANZA_ERROR, errors[event->outcome].condition,
                              event->text != NULL && *event->text != '\0' ? event->text : errors[event->outcome].text);
}

void
muc_answered (Session *session, const WireRoomAnswer *event)
{
  Room *room = rooms_find (session, event->room);
  RoomRequest *request = room == NULL ? NULL : room_take_question (room, event->request);
  g_autoptr (GError) error = NULL;

  if (request == NULL)
    return;
  if (event->outcome == WIRE_ROOM_OUTCOME_DONE)
    {
      muc_finish_request (session, request);
      return;
    }
  error = error_of (event);
  muc_refuse_request (session, request, error);
}

/* Nobody will answer any more. */
static void
on_changed (Session *session)
{
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer room;
  RoomRequest *request;

  if (session->rooms == NULL || session->state == SESSION_IN || session->state == SESSION_CONNECTING)
    return;
  error = g_error_new_literal (STANZA_ERROR, STANZA_RECIPIENT_UNAVAILABLE, "The connection to the network is lost.");
  g_hash_table_iter_init (&iter, session->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &room))
    while ((request = room_take_question (room, 0)) != NULL)
      muc_refuse_request (session, request, error);
}

const Feature muc_requests_feature = {
  .name = "answers of rooms",
  .session_changed = on_changed,
};
