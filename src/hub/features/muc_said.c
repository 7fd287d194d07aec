/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_said.c - what is said in rooms, as it comes and from the archive. */
#include "config.h"

#include <string.h>

#include "jid.h"
#include "muc.h"
#include "outbox.h"
#include "worker.h"

#define NS_FORWARD "urn:xmpp:forward:0"
#define NS_STANZA_ID "urn:xmpp:sid:0"
/* What a message has besides its text, for those who count characters. */
#define STANZA_CHARACTERS 200

typedef struct {
  const char *type, *nick, *id, *text;
  gint64 stamp;               /* milliseconds since 1970; 0: now */
  gint64 serial;              /* the worker's */
  gint64 archived;            /* its id there; 0: none */
  xmpp_stanza_t *original;    /* the user's own message; NULL: it is somebody else's */
} Said;

static void
add_stanza_id (xmpp_stanza_t *message, const char *room_jid, gint64 id)
{
  xmpp_stanza_t *element = stanza_add (message, "stanza-id", NS_STANZA_ID);
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  stanza_set (element, "by", room_jid);
  stanza_set (element, "id", text);
}

/* What only the room says of a message; from a client it would be a lie. */
static gboolean
is_the_rooms (xmpp_stanza_t *child)
{
  return stanza_is (child, "stanza-id", NS_STANZA_ID) || stanza_is (child, "occupant-id", NS_OCCUPANT_ID);
}

/* As a server's own rooms do: everything that the client has put in comes back. */
static xmpp_stanza_t *
new_reflection (const Said *said, const char *from, const char *to)
{
  xmpp_stanza_t *message = stanza_new_full ("message", said->type, from, to);

  stanza_set (message, "id", xmpp_stanza_get_id (said->original));
  stanza_set (message, "xml:lang", stanza_get (said->original, "xml:lang"));
  for (xmpp_stanza_t *child = stanza_first (said->original); child != NULL; child = stanza_next (child))
    {
      g_autoptr (xmpp_stanza_t) copy = is_the_rooms (child) ? NULL : xmpp_stanza_copy (child);

      if (copy != NULL)
        xmpp_stanza_add_child (message, copy);
    }
  return message;
}

static xmpp_stanza_t *
new_message (Room *room, const Said *said, const char *id, const char *from, const char *to)
{
  xmpp_stanza_t *message = stanza_new_full ("message", said->type, from, to);

  stanza_set (message, "id", id);
  stanza_add_text (message, "body", said->text);
  if (g_str_equal (said->type, "chat"))
    stanza_add (message, "x", NS_MUC_USER);
  if (said->stamp != 0)
    stanza_add_delay (message, room->jid, said->stamp);
  return message;
}

/* What others may know a message of the archive by. */
static void
make_id (char *id, gsize size, gint64 archived)
{
  g_snprintf (id, size, "a%" G_GINT64_MODIFIER "d", archived);
}

static void
send_said (Room *room, const Said *said)
{
  Gateway *gateway = session_gateway (room->session);
  g_autofree char *from = muc_dup_jid (room, said->nick);
  GHashTableIter iter;
  gpointer value;
  char made[48];
  const char *id = said->id != NULL ? said->id : made;

  if (said->archived != 0)
    make_id (made, sizeof made, said->archived);
  else
    worker_make_id (room->session->worker, said->serial, made, sizeof made);
  g_hash_table_iter_init (&iter, room->participants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Participant *participant = value;
      xmpp_stanza_t *message;

      if (participant->stage == PARTICIPANT_WAITS || outbox_had (gateway->outbox, participant->jid, id))
        continue;
      message = said->original != NULL ? new_reflection (said, from, participant->jid) : new_message (room, said, id, from, participant->jid);
      if (said->archived != 0)
        add_stanza_id (message, room->jid, said->archived);
      muc_add_occupant_id (message, room, said->nick);
      muc_deliver (room, participant, message);
    }
}

/* It has to be read all the same. */
static void
tell_uninvolved (Session *session, const WireRoomMessage *event)
{
  Gateway *gateway = session_gateway (session);
  g_autofree char *jid = session_dup_contact_jid (session, event->room);
  g_autofree char *text = g_strdup_printf ("%s: %s\n(said in the room %s; join it to answer)", event->nick != NULL ? event->nick : event->room,
                                           event->text, jid != NULL ? jid : event->room);

  gateway_tell (gateway, session->user->jid, text);
}

void
muc_message (Session *session, const WireRoomMessage *event)
{
  Room *room = rooms_find (session, event->room);
  g_autoptr (xmpp_stanza_t) original = NULL;
  Said said;

  if (room == NULL)
    {
      tell_uninvolved (session, event);
      return;
    }
  muc_settle (room, event->nick);
  original = room_take_said (room, event->id);
  said = (Said) { .type = "groupchat", .nick = event->nick, .id = event->id, .text = event->text, .stamp = event->stamp * 1000, .serial = event->serial,
                  .original = original };
  if (room->shared != NULL && said.stamp == 0)
    said.archived = shared_room_said (room->shared, session_number (session), &(Heard) {
      .nick = event->nick, .text = event->text, .stamp = said.stamp, .message = event->id,
      .event = worker_event_number (session->worker, event->serial) });
  send_said (room, &said);
}

void
muc_private_message (Room *room, const char *nick, const WirePeerMessage *event)
{
  send_said (room, &(Said) { .type = "chat", .nick = nick, .text = event->text, .stamp = event->stamp * 1000, .serial = event->serial });
}

void
muc_forget_private (Session *session, const char *peer)
{
  GHashTableIter rooms;
  gpointer room;
  g_autofree char *key = session->rooms == NULL ? NULL : g_utf8_strdown (peer, -1);

  if (key == NULL)
    return;
  g_hash_table_iter_init (&rooms, session->rooms);
  while (g_hash_table_iter_next (&rooms, NULL, &room))
    g_hash_table_remove (((Room *) room)->private, key);
}

Room *
muc_find_private (Session *session, const char *peer, const char **nick)
{
  GHashTableIter rooms, occupants;
  gpointer value, other;
  g_autofree char *key = g_utf8_strdown (peer, -1);

  if (session->rooms == NULL)
    return NULL;
  g_hash_table_iter_init (&rooms, session->rooms);
  while (g_hash_table_iter_next (&rooms, NULL, &value))
    {
      Room *room = value;
      gboolean is_ours = g_str_has_prefix (peer, room->name) && peer[strlen (room->name)] == '/';

      if ((!is_ours && !g_hash_table_contains (room->private, key)) || g_hash_table_size (room->participants) == 0)
        continue;
      g_hash_table_iter_init (&occupants, room->occupants);
      while (g_hash_table_iter_next (&occupants, NULL, &other))
        {
          Occupant *occupant = other;

          if (g_ascii_strcasecmp (occupant->peer == NULL ? occupant->nick : occupant->peer, peer) != 0)
            continue;
          *nick = occupant->nick;
          return room;
        }
    }
  return NULL;
}

/* -- From the archive ------------------------------------------------------ */

gsize
muc_size_of_said (const StoreSaid *said)
{
  return STANZA_CHARACTERS + (gsize) g_utf8_strlen (said->text, -1);
}

/* As it was when it was said. */
static xmpp_stanza_t *
new_again (Session *session, const char *room_jid, const StoreSaid *said, const char *to)
{
  g_autofree char *resource = said->nick == NULL ? NULL : jid_dup_resource_of (said->nick);
  g_autofree char *from = resource == NULL ? g_strdup (room_jid) : g_strconcat (room_jid, "/", resource, NULL);
  xmpp_stanza_t *message = stanza_new_full ("message", "groupchat", from, to);
  gboolean own = said->speaker == session_number (session) && said->message != NULL;
  char id[48];

  make_id (id, sizeof id, said->id);
  stanza_set (message, "id", own ? said->message : id);
  stanza_add_text (message, "body", said->text);
  if (said->occupant != NULL)
    stanza_set (stanza_add (message, "occupant-id", NS_OCCUPANT_ID), "id", said->occupant);
  return message;
}

xmpp_stanza_t *
muc_new_history (Room *room, const StoreSaid *said, const char *to)
{
  xmpp_stanza_t *message = new_again (room->session, room->jid, said, to);

  add_stanza_id (message, room->jid, said->id);
  stanza_add_delay (message, room->jid, said->stamp);
  return message;
}

xmpp_stanza_t *
muc_new_archived (Session *session, const char *room_jid, const StoreSaid *said)
{
  xmpp_stanza_t *forwarded = stanza_new ("forwarded");
  g_autoptr (xmpp_stanza_t) message = new_again (session, room_jid, said, NULL);

  stanza_set (forwarded, "xmlns", NS_FORWARD);
  stanza_add_delay (forwarded, room_jid, said->stamp);
  stanza_set (message, "xmlns", "jabber:client");
  xmpp_stanza_add_child (forwarded, message);
  return forwarded;
}
