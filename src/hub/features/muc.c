/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc.c - joining and leaving rooms, and what is said there by the user (XEP-0045). */
#include "config.h"

#include "muc.h"

#include <string.h>

#include "delivery.h"
#include "jid.h"
#include "outbox.h"
#include "presence.h"
#include "room_note.h"

/* A client that joins a room is there, also where its presence is not sent to us. */
#define PRESUME_SECONDS 60
/* IRC servers answer at once, or not at all; another XMPP server may have to be found first. */
#define JOIN_SECONDS 30
/* Messages of the time before that a client gets who does not say how many; and at most. */
#define USUAL_HISTORY 20
#define MOST_HISTORY 500

gboolean
muc_concerns (const Stanza *stanza, const char *type)
{
  if (stanza->session == NULL)
    return FALSE;
  return stanza->room != NULL || rooms_is_name (stanza->gateway, stanza->peer)
         || (g_str_equal (xmpp_stanza_get_name (stanza->stanza), "presence") && presence_is_join (stanza->stanza, type));
}

/* -- Joining and leaving -------------------------------------------------- */

static gboolean
may_join (const Stanza *join, const char *nick, GError **error)
{
  const Gateway *gateway = join->gateway;
  Session *session = join->session;

  if (gateway->protocol->complete && !gateway->protocol->rooms)
    return stanza_refuse (error, STANZA_FEATURE_NOT_IMPLEMENTED, "%s has no rooms.", gateway->network->title);
  if (gateway->network->room_prefixes != NULL && !rooms_is_name (join->gateway, join->peer))
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "This is no room: the name of one begins with one of %s", gateway->network->room_prefixes);
  if (nick == NULL || *nick == '\0')
    return stanza_refuse (error, STANZA_JID_MALFORMED, "To join a room, say by which nick: %s/nick", xmpp_stanza_get_to (join->stanza));
  if (session->state == SESSION_STOPPED || session->state == SESSION_OUT || session->state == SESSION_LEAVING)
    return stanza_refuse (error, STANZA_RECIPIENT_UNAVAILABLE, "You are not signed in to the network%s%s",
                          session->trouble == NULL ? "." : ": ", session->trouble == NULL ? "" : session->trouble);
  return TRUE;
}

/* Some servers say nothing, or what nobody has heard of. */
static gboolean
on_no_answer (gpointer data)
{
  Room *room = data;
  Session *session = room->session;
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_REMOTE_SERVER_TIMEOUT, "The network did not answer; please try again later.");

  room->patience = 0;
  session_tell_worker (room->session, &(WireMessage) {
    .type = WIRE_LEAVE_ROOM, .u.leave_room = { .account = session_number (room->session), .room = room->name } });
  muc_close (room, &(MucGone) { .status = 333, .reason = error->message }, error);
  muc_join_next (session);
  return G_SOURCE_REMOVE;
}

void
muc_ask_to_join (Room *room)
{
  room->state = ROOM_JOINING;
  room_note_keep (room);
  g_clear_handle_id (&room->patience, g_source_remove);
  room->patience = g_timeout_add_seconds (JOIN_SECONDS, on_no_answer, room);
  session_tell_worker (room->session, &(WireMessage) {
    .type = WIRE_JOIN_ROOM,
    .u.join_room = { .account = session_number (room->session), .room = room->name, .nick = room->nick, .password = room->password } });
}

/* As many as fit what the client says; without a word of it, a few. */
static RoomHistory
read_history (xmpp_stanza_t *x)
{
  xmpp_stanza_t *element = stanza_child (x, "history", NULL);
  RoomHistory history = { .most = element == NULL ? USUAL_HISTORY : MOST_HISTORY, .characters = G_MAXSIZE };
  const char *most = element == NULL ? NULL : stanza_get (element, "maxstanzas");
  const char *characters = element == NULL ? NULL : stanza_get (element, "maxchars");
  const char *seconds = element == NULL ? NULL : stanza_get (element, "seconds");
  const char *since = element == NULL ? NULL : stanza_get (element, "since");
  guint64 number;

  if (most != NULL && g_ascii_string_to_unsigned (most, 10, 0, G_MAXUINT, &number, NULL))
    history.most = MIN (number, MOST_HISTORY);
  if (characters != NULL && g_ascii_string_to_unsigned (characters, 10, 0, G_MAXSIZE, &number, NULL))
    history.characters = number;
  if (seconds != NULL && g_ascii_string_to_unsigned (seconds, 10, 0, G_MAXINT, &number, NULL))
    history.since = g_get_real_time () / 1000 - (gint64) number * 1000;
  if (since != NULL)
    history.since = MAX (history.since, stanza_parse_time (since));
  return history;
}

static gboolean
join (const Stanza *presence, GError **error)
{
  const char *nick = jid_resource (xmpp_stanza_get_to (presence->stanza));
  xmpp_stanza_t *x = stanza_child (presence->stanza, "x", NS_MUC);
  const char *resource = jid_resource (presence->from);
  g_autofree char *password = stanza_dup_child_text (x, "password", NULL);
  Room *room = presence->room;
  Participant *participant;

  if (resource == NULL)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "Rooms are joined by a client, not by an account.");
  if (user_find_resource (presence->user, resource) == NULL)
    user_presume_resource (presence->user, resource, PRESUME_SECONDS);
  if (!may_join (presence, nick, error))
    return FALSE;
  /* Who has just left comes back as somebody else. */
  if (room != NULL && room->leaving_timer != 0 && !session_stays (room->session) && !g_str_equal (room->nick, nick))
    {
      muc_leave_network (room, NULL);
      room = NULL;
    }
  if (room == NULL)
    room = rooms_make (presence->session, presence->peer, nick, password);
  if (room == NULL)
    return stanza_refuse (error, STANZA_JID_MALFORMED, "This is not the address of a room.");
  outbox_resource_joins (presence->gateway->outbox, presence->from);
  participant = room_add_participant (room, presence->from, nick);
  participant->history = read_history (x);
  g_clear_handle_id (&room->leaving_timer, g_source_remove);
  if (room->state == ROOM_IN)
    muc_tell (room, participant);
  else if (room->state == ROOM_WAITING && presence->session->state == SESSION_IN)
    muc_ask_to_join (room);
  return TRUE;
}

void
muc_leave_network (Room *room, const char *word)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_RECIPIENT_UNAVAILABLE, "You have left the room.");

  if (room->state != ROOM_WAITING)
    session_tell_worker (room->session, &(WireMessage) {
      .type = WIRE_LEAVE_ROOM,
      .u.leave_room = { .account = session_number (room->session), .room = room->name, .text = word } });
  muc_forget (room);
  muc_close (room, &(MucGone) { 0 }, error);
}

/* `presence`: by which it left; NULL: it is gone. */
static void
leave (Room *room, const char *jid, xmpp_stanza_t *presence)
{
  g_autofree char *word = presence == NULL ? NULL : stanza_dup_child_text (presence, "status", NULL);

  if (room_find_participant (room, jid) == NULL)
    return;
  room_drop_participant (room, jid);
  if (g_hash_table_size (room->participants) > 0)
    return;
  if (room->state == ROOM_IN || session_stays (room->session))
    muc_linger (room, presence);
  else
    muc_leave_network (room, word);
}

/* They know who is there, and only want another nick. */
static gboolean
change_nick (const Stanza *presence, const char *nick, GError **error)
{
  Room *room = presence->room;

  Occupant *occupant = room_find_by_resource (room, nick);

  if (room->state != ROOM_IN || (occupant != NULL && room_is_self (room, occupant)))
    return TRUE;
  if (occupant != NULL)
    return stanza_refuse (error, STANZA_CONFLICT, "Somebody else here has this nick.");
  room_add_request (room, WIRE_ROOM_DEED_NICK, NULL, presence->stanza, NULL);
  session_tell_worker (room->session, &(WireMessage) {
    .type = WIRE_SET_NICK, .u.set_nick = { .account = session_number (room->session), .room = room->name, .nick = nick } });
  return TRUE;
}

/* It thinks that it is in a room, and is not: we were not there when it left, or it was not when we did. */
static void
send_not_here (const Stanza *presence)
{
  xmpp_stanza_t *answer = stanza_new_full ("presence", "unavailable", xmpp_stanza_get_to (presence->stanza), presence->from);
  xmpp_stanza_t *x = stanza_add (answer, "x", NS_MUC_USER);
  xmpp_stanza_t *item = stanza_add (x, "item", NULL);

  stanza_set (item, "affiliation", "none");
  stanza_set (item, "role", "none");
  stanza_set (stanza_add (x, "status", NULL), "code", "110");
  stanza_set (stanza_add (x, "status", NULL), "code", "333");
  gateway_send (presence->gateway, answer);
}

gboolean
muc_take_presence (const Stanza *presence, const char *type, GError **error)
{
  const char *nick = jid_resource (xmpp_stanza_get_to (presence->stanza));
  Room *room = presence->room;
  gboolean inside = room != NULL && room_find_participant (room, presence->from) != NULL;

  if (presence_is_join (presence->stanza, type))
    return join (presence, error);
  if (g_strcmp0 (type, "unavailable") == 0 && inside)
    {
      muc_send_out (room, presence->from, &(MucGone) { 0 });
      leave (room, presence->from, presence->stanza);
      return TRUE;
    }
  if (g_strcmp0 (type, "subscribe") == 0)
    return stanza_refuse (error, STANZA_NOT_ALLOWED, "A room is joined, not added to the contacts.");
  if (type != NULL || nick == NULL)
    return TRUE;
  if (inside)
    return change_nick (presence, nick, error);
  send_not_here (presence);
  return TRUE;
}

void
muc_resource_gone (User *user, const char *jid)
{
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];
      g_autoptr (GList) rooms = session->rooms == NULL ? NULL : g_hash_table_get_values (session->rooms);

      for (GList *l = rooms; l != NULL; l = l->next)
        leave (l->data, jid, NULL);
    }
}

static gboolean
says_gone (xmpp_stanza_t *error)
{
  /* What says that nobody is there; jid-malformed may mean our own address. */
  static const char *const conditions[] = { "gone", "item-not-found", "recipient-unavailable", "redirect", "remote-server-not-found",
                                            "remote-server-timeout", "service-unavailable" };
  xmpp_stanza_t *child = stanza_child (error, "error", NULL);

  for (guint i = 0; child != NULL && i < G_N_ELEMENTS (conditions); i++)
    if (stanza_child (child, conditions[i], NS_STANZAS) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
muc_bounced (Gateway *gateway, xmpp_stanza_t *error)
{
  const char *from = xmpp_stanza_get_from (error);
  g_autofree char *bare = jid_dup_bare (from);
  g_autofree char *room = jid_dup_bare (xmpp_stanza_get_to (error));
  User *user = gateway_find_user (gateway, bare, FALSE);
  gboolean is_of_room = FALSE;

  for (guint i = 0; user != NULL && i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];
      Room *found = session->rooms == NULL ? NULL : g_hash_table_lookup (session->rooms, room);

      is_of_room |= found != NULL;
      if (found != NULL && says_gone (error))
        leave (found, from, NULL);
    }
  return is_of_room;
}

/* -- What the user says --------------------------------------------------- */

static gboolean
say (const Stanza *message, const char *text, GError **error)
{
  Room *room = message->room;

  if (strlen (text) > message->gateway->settings->max_message)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The message is too long: it has %" G_GSIZE_FORMAT " bytes, %u are allowed.",
                          strlen (text), message->gateway->settings->max_message);
  if (!deliveries_take (message, room->name, TRUE, text, error))
    return FALSE;
  room_remember_said (room, message->stanza);
  return TRUE;
}

static gboolean
say_to_one (const Stanza *message, const char *nick, const char *text, GError **error)
{
  Room *room = message->room;
  Occupant *occupant = room_find_by_resource (room, nick);

  if (occupant == NULL || room->state != ROOM_IN)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "Nobody of this nick is in the room.");
  if (strlen (text) > message->gateway->settings->max_message)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "The message is too long.");
  room_remember_private (room, occupant->nick);
  return deliveries_take (message, occupant->peer == NULL ? occupant->nick : occupant->peer, FALSE, text, error);
}

static gboolean
set_topic (const Stanza *message, const char *topic, GError **error)
{
  Room *room = message->room;

  if (room->state != ROOM_IN)
    return stanza_refuse (error, STANZA_RECIPIENT_UNAVAILABLE, "You are not in this room just now.");
  room_add_request (room, WIRE_ROOM_DEED_TOPIC, NULL, message->stanza, NULL);
  session_tell_worker (room->session, &(WireMessage) {
    .type = WIRE_SET_TOPIC, .u.set_topic = { .account = session_number (room->session), .room = room->name, .text = topic } });
  return TRUE;
}

/* Somebody on the network is invited by it; another XMPP user by us. */
static gboolean
invite (const Stanza *message, xmpp_stanza_t *x, GError **error)
{
  Room *room = message->room;
  xmpp_stanza_t *invitation = stanza_child (x, "invite", NULL);
  const char *to = stanza_get (invitation, "to");
  g_autofree char *reason = stanza_dup_child_text (invitation, "reason", NULL);
  g_autofree char *bare = to == NULL ? NULL : jid_dup_bare (to);
  g_autofree char *peer = bare == NULL ? NULL : session_dup_peer_of (room->session, bare);

  if (to == NULL || room->state != ROOM_IN)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "An invitation says to whom.");
  if (peer != NULL)
    {
      session_tell_worker (room->session, &(WireMessage) {
        .type = WIRE_INVITE,
        .u.invite = { .account = session_number (room->session), .room = room->name, .peer = peer, .text = reason } });
    }
  else
    {
      xmpp_stanza_t *copy = stanza_new_full ("message", NULL, room->jid, to);
      xmpp_stanza_t *inner = stanza_add (stanza_add (copy, "x", NS_MUC_USER), "invite", NULL);

      stanza_set (inner, "from", message->bare);
      if (reason != NULL)
        stanza_add_text (inner, "reason", reason);
      gateway_send_message (message->gateway, copy);
    }
  return TRUE;
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  const char *type = stanza_get (message->stanza, "type");
  const char *nick = jid_resource (xmpp_stanza_get_to (message->stanza));
  gboolean to_all = g_strcmp0 (type, "groupchat") == 0;
  Room *room = message->room;
  xmpp_stanza_t *x = stanza_child (message->stanza, "x", NS_MUC_USER);
  g_autofree char *body = stanza_dup_child_text (message->stanza, "body", NULL);
  g_autofree char *subject = stanza_dup_child_text (message->stanza, "subject", NULL);

  if (!muc_concerns (message, type))
    return to_all && stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "This is no room that you are in.");
  if (message->session == NULL || room == NULL || room_find_participant (room, message->from) == NULL)
    return stanza_refuse (error, STANZA_NOT_ACCEPTABLE, "You are not in this room.");
  if (to_all && nick != NULL)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "A message to one occupant is not of the type groupchat.");
  if (to_all && body == NULL && subject != NULL)
    return set_topic (message, subject, error);
  if (to_all)
    return body == NULL || *body == '\0' || say (message, body, error);
  if (nick != NULL)
    return body == NULL || *body == '\0' || say_to_one (message, nick, body, error);
  if (x != NULL && stanza_child (x, "invite", NULL) != NULL)
    return invite (message, x, error);
  if (body != NULL)
    return stanza_refuse (error, STANZA_BAD_REQUEST, "A message to a room is of the type groupchat.");
  return TRUE;
}

/* -- The session's life --------------------------------------------------- */

static void
for_rooms (Session *session, void (*func) (Room *room))
{
  g_autoptr (GList) rooms = session->rooms == NULL ? NULL : g_hash_table_get_values (session->rooms);

  for (GList *l = rooms; l != NULL; l = l->next)
    func (l->data);
}

static void
end (Room *room)
{
  Session *session = room->session;
  const char *why = session->trouble != NULL ? session->trouble : "You are signed out of the network.";
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_RECIPIENT_UNAVAILABLE, why);

  muc_close (room, &(MucGone) { .status = 333, .reason = why }, error);
}

static gboolean
has_knowing (Room *room)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Participant *) value)->stage == PARTICIPANT_KNOWS)
      return TRUE;
  return FALSE;
}

/* Those who are there will be told what has changed when we are back; but a former hub knew who was there, not we. */
static void
suspend (Room *room)
{
  if (room->inherited && has_knowing (room))
    {
      end (room);
      return;
    }
  room->inherited = FALSE;
  if (room->state == ROOM_IN)
    muc_send_notice (room, "The connection to the network is lost. The room is joined again as soon as it is back.");
  muc_settle_all (room);
  room_suspend (room);
}

static void
on_changed (Session *session)
{
  switch (session->state)
    {
    case SESSION_OUT:
    case SESSION_STOPPED:
      for_rooms (session, end);
      break;
    case SESSION_QUEUED:
    case SESSION_WAITING:
      for_rooms (session, suspend);
      break;
    case SESSION_CONNECTING:
      for_rooms (session, room_note_keep);
      break;
    case SESSION_IN:
    case SESSION_LEAVING:
    default:
      break;
    }
}

/* The former hub may have died before the worker heard that we want to be in. */
static void
ask_again (Room *room)
{
  if (room->inherited)
    suspend (room);
}

static void
on_taken_over (Session *session)
{
  for_rooms (session, ask_again);
  muc_join_next (session);
}

static void
on_hands_over (Session *session)
{
  for_rooms (session, muc_settle_all);
}

static void
on_removed (Session *session)
{
  for_rooms (session, end);
  rooms_free_all (session);
}

static gboolean
network_has_rooms (Gateway *gateway)
{
  return gateway->protocol->rooms;
}

static const char *const disco[] = { NS_MUC, NULL };

const Feature muc_feature = {
  .name = "rooms",
  .disco_gateway = disco,
  .shown = network_has_rooms,
  .message = on_message,
  .session_changed = on_changed,
  .session_in = muc_rejoin,
  .session_taken_over = on_taken_over,
  .session_hands_over = on_hands_over,
  .session_removed = on_removed,
};
