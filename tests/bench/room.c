/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room.c - a channel of the IRC server as the gateway's users see it. */
#include "config.h"

#include "room.h"
#include "loop.h"

#include <string.h>

#define SPEAKER "guest0"        /* one of the people who are there */
#define TEXT_SIZE 160

typedef enum { OUTSIDE, JOINING, INSIDE, LEAVING } SeatState;

/* What one user has seen of the room. */
typedef struct {
  SeatState state;
  GHashTable *seen;             /* set of nicks; owned */
  guint named;                  /* how many the IRC server has told of; 0: the user is not there */
  gboolean self;                /* was told of itself */
  gboolean subject;
} Seat;

struct Room {
  Bed *bed;
  char *channel;
  char *jid;
  guint n_people;
  Seat *seats;                  /* of the bed's users */
  guint n_joining, n_leaving, n_inside;
  guint next_speaker;
  Ledger *in, *out;
};

Room *
room_new (Bed *bed, const char *channel, const char *topic, guint n_people)
{
  Room *room = g_new0 (Room, 1);

  room->bed = bed;
  room->channel = g_strdup (channel);
  room->jid = bed->kind->dup_contact (channel);
  room->n_people = n_people;
  room->seats = g_new0 (Seat, bed->n_users);
  for (guint i = 0; i < bed->n_users; i++)
    room->seats[i].seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  room->in = ledger_new_shared ('r', 1, bed->n_users);
  room->out = ledger_new_shared ('s', bed->n_users, bed->n_users + 1);
  irc_server_fill_channel (bed->irc, channel, topic, n_people);
  g_ptr_array_add (bed->rooms, room);
  return room;
}

void
room_free (Room *room)
{
  for (guint i = 0; i < room->bed->n_users; i++)
    g_hash_table_unref (room->seats[i].seen);
  g_free (room->seats);
  ledger_free (room->in);
  ledger_free (room->out);
  g_free (room->channel);
  g_free (room->jid);
  g_free (room);
}

const char *
room_jid (const Room *room)
{
  return room->jid;
}

gboolean
room_is_channel (const Room *room, const char *name)
{
  return g_str_equal (room->channel, name);
}

Ledger *
room_in (Room *room)
{
  return room->in;
}

Ledger *
room_out (Room *room)
{
  return room->out;
}

/* -- In and out ----------------------------------------------------------- */

void
room_join (Room *room, User *user)
{
  Seat *seat = &room->seats[user->index];

  g_hash_table_remove_all (seat->seen);
  *seat = (Seat) { .state = JOINING, .seen = seat->seen };
  room->n_joining++;
  xmpp_server_send (room->bed->xmpp, "<presence from='%s' to='%s/%s'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
                    user->full, room->jid, user->nick);
}

void
room_leave (Room *room, User *user)
{
  room->seats[user->index].state = LEAVING;
  room->n_inside--;
  room->n_leaving++;
  xmpp_server_send (room->bed->xmpp, "<presence type='unavailable' from='%s' to='%s/%s'/>", user->full, room->jid, user->nick);
}

static gboolean
is_everyone_in (gpointer user_data)
{
  return ((Room *) user_data)->n_joining == 0;
}

static gboolean
is_everyone_out (gpointer user_data)
{
  return ((Room *) user_data)->n_leaving == 0;
}

/* Whom the user has not been told of would be silent to it, or come from nowhere. */
static gboolean
is_complete (gpointer user_data)
{
  Room *room = user_data;

  for (guint i = 0; i < room->bed->n_users; i++)
    if (room->seats[i].state == INSIDE && g_hash_table_size (room->seats[i].seen) != room->n_inside + room->n_people)
      return FALSE;
  return TRUE;
}

gboolean
room_is_settled (const Room *room)
{
  return room->n_joining == 0 && room->n_leaving == 0;
}

gboolean
room_await_in (Room *room, GError **error)
{
  return bed_wait_for (room->bed, is_everyone_in, room, "everybody's place in the room", error);
}

gboolean
room_await_out (Room *room, GError **error)
{
  return bed_wait_for (room->bed, is_everyone_out, room, "everybody's way out of the room", error);
}

gboolean
room_await_complete (Room *room, GError **error)
{
  return bed_wait_for (room->bed, is_complete, room, "everybody to be told of everybody in the room", error);
}

void
room_take_irc_join (Room *room, User *user, guint n_there)
{
  room->seats[user->index].named = n_there;
}

/* A gateway may stay for a moment behind its user, who may be about to come back; that would be no join to measure. */
static void
leave_when_told (Room *room, Seat *seat)
{
  if (seat->state != LEAVING || seat->self || seat->named != 0)
    return;
  seat->state = OUTSIDE;
  room->n_leaving--;
}

void
room_take_irc_part (Room *room, User *user)
{
  room->seats[user->index].named = 0;
  leave_when_told (room, &room->seats[user->index]);
}

static void
enter_when_told (Room *room, Seat *seat)
{
  if (seat->state != JOINING || !seat->self || !seat->subject)
    return;
  seat->state = INSIDE;
  room->n_joining--;
  room->n_inside++;
}

static void
take_presence (Room *room, User *user, const char *nick, const Stanza *stanza)
{
  Seat *seat = &room->seats[user->index];
  gboolean self = g_str_equal (nick, user->nick);

  room->bed->steps++;
  if (g_strcmp0 (stanza->type, "error") == 0)
    loop_fail (g_error_new (BENCH_ERROR, 0, "%s is not let into the room: %s, %s", user->nick, stanza->condition, stanza->text));
  else if (g_strcmp0 (stanza->type, "unavailable") == 0)
    {
      g_hash_table_remove (seat->seen, nick);
      if (!self)
        return;
      seat->self = FALSE;
      leave_when_told (room, seat);
    }
  else if (stanza->type == NULL)
    {
      g_hash_table_add (seat->seen, g_strdup (nick));
      if (!stanza->status_110)
        return;
      if (!seat->self && (seat->named == 0 || g_hash_table_size (seat->seen) < seat->named))
        loop_fail (g_error_new (BENCH_ERROR, 0, "%s was told that it is in the room after %u of the %u who are there",
                                user->nick, g_hash_table_size (seat->seen), seat->named));
      seat->self = TRUE;
      enter_when_told (room, seat);
    }
}

/* -- What is said --------------------------------------------------------- */

void
room_say_in (Room *room)
{
  char text[TEXT_SIZE];

  ledger_write_next (room->in, 0, text, sizeof text);
  irc_server_say (room->bed->irc, SPEAKER, room->channel, text);
}

void
room_say_out (Room *room)
{
  const User *user = &room->bed->users[room->next_speaker++ % room->bed->n_users];
  char text[TEXT_SIZE];

  ledger_write_next (room->out, user->index, text, sizeof text);
  xmpp_server_send (room->bed->xmpp, "<message from='%s' to='%s' type='groupchat' id='%" G_GUINT64_FORMAT "' xml:lang='en'><body>%s</body>"
                    "<active xmlns='http://jabber.org/protocol/chatstates'/></message>",
                    user->full, room->jid, ledger_sent (room->out), text);
}

static gboolean
hear (Room *room, const char *nick, guint listener, const char *text)
{
  const User *user = bed_find_user (room->bed, nick);

  if (g_str_equal (nick, SPEAKER))
    return ledger_hear (room->in, 0, listener, text);
  return user != NULL && ledger_hear (room->out, user->index, listener, text);
}

static void
take_message (Room *room, User *user, const char *nick, const Stanza *stanza)
{
  if (stanza->has_subject && stanza->body == NULL)
    {
      Seat *seat = &room->seats[user->index];

      room->bed->steps++;
      if (seat->state == JOINING && !seat->self)
        loop_fail (g_error_new (BENCH_ERROR, 0, "%s was told the subject before it was in the room", user->nick));
      seat->subject = TRUE;
      enter_when_told (room, seat);
    }
  else if (stanza->body != NULL && (g_strcmp0 (stanza->type, "groupchat") != 0 || !hear (room, nick, user->index, stanza->body)))
    loop_fail (g_error_new (BENCH_ERROR, 0, "a message arrived at %s that %s never said: %.80s", user->nick, stanza->from, stanza->body));
}

void
room_take_stanza (Room *room, User *user, const Stanza *stanza)
{
  const char *slash = strchr (stanza->from, '/');
  const char *nick = slash != NULL ? slash + 1 : "";

  if (g_str_equal (stanza->name, "message"))
    take_message (room, user, nick, stanza);
  else if (g_str_equal (stanza->name, "presence"))
    take_presence (room, user, nick, stanza);
}

void
room_take_irc_message (Room *room, const User *user, const char *text)
{
  if (!hear (room, user->nick, room->bed->n_users, text))
    loop_fail (g_error_new (BENCH_ERROR, 0, "a message arrived in %s that %s never said: %.80s", room->channel, user->nick, text));
}
