/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_tell.c - what a resource gets that has joined: who is there, itself, what was said before, the topic (XEP-0045,
 * section 7.2), and then what was said meanwhile.
 *
 * Large rooms are told in slices, so that messages of others find their way between. */
#include "config.h"

#include "muc.h"

#define SLICE 50
#define RETRY_MS 10
/* More is not held back: the rest of the occupants comes at once then. */
#define MOST_HELD 1000

typedef struct Telling Telling;
struct Telling {
  Room *room;
  Participant *participant;
  GHashTable *pending;        /* nicks that it does not know of yet, owned */
  gboolean knows_itself;
  guint source;
  guint64 number;             /* in the archive's answer */
  gint64 said_before;         /* ids of the archive up to this are history */
  GQueue held;                /* messages, a reference each */
};

static void
release (gpointer stanza)
{
  xmpp_stanza_release (stanza);
}

void
telling_free (Telling *telling)
{
  g_clear_handle_id (&telling->source, g_source_remove);
  g_queue_clear_full (&telling->held, release);
  g_hash_table_unref (telling->pending);
  g_free (telling);
}

static Gateway *
gateway_of (const Telling *telling)
{
  return session_gateway (telling->room->session);
}

static Archive *
archive_of (const Telling *telling)
{
  return hub_archive (gateway_of (telling)->hub);
}

static void
finish (Telling *telling)
{
  Participant *participant = telling->participant;
  xmpp_stanza_t *message;

  room_participant_knows (telling->room, participant);
  muc_send_topic (telling->room, participant->jid);
  while ((message = g_queue_pop_head (&telling->held)) != NULL)
    muc_deliver (telling->room, participant, message);
  g_clear_pointer (&participant->telling, telling_free);
}

/* -- History -------------------------------------------------------------- */

/* Whom an answer of the archive is for, if they are still there. */
typedef struct {
  Gateway *gateway;
  gint64 account;
  char *room, *participant;
  guint64 number;
} Asker;

static Telling *
find_asker (const Asker *asker)
{
  Session *session = gateway_find_session (asker->gateway, asker->account);
  Room *room = session == NULL || session->rooms == NULL ? NULL : g_hash_table_lookup (session->rooms, asker->room);
  const Participant *participant = room == NULL ? NULL : room_find_participant (room, asker->participant);
  Telling *telling = participant == NULL ? NULL : participant->telling;

  return telling != NULL && telling->number == asker->number ? telling : NULL;
}

/* The first of those that are wanted. */
static guint
find_first (const Telling *telling, const GPtrArray *items, guint *end)
{
  const RoomHistory *history = &telling->participant->history;
  gsize characters = 0;
  guint first;

  *end = items->len;
  while (*end > 0 && ((StoreSaid *) items->pdata[*end - 1])->id > telling->said_before)
    --*end;
  for (first = *end; first > 0 && *end - first < history->most; first--)
    {
      characters += muc_size_of_said (items->pdata[first - 1]);
      if (characters > history->characters)
        break;
    }
  return first;
}

static void
on_history (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  Asker *asker = data;
  Telling *telling = find_asker (asker);
  guint end = 0, i;

  if (error != NULL)
    g_warning ("%s: no history of %s: %s", asker->gateway->domain, asker->room, error->message);
  if (telling != NULL)
    {
      for (i = items == NULL ? 0 : find_first (telling, items, &end); i < end; i++)
        gateway_send (asker->gateway, muc_new_history (telling->room, items->pdata[i], telling->participant->jid));
      finish (telling);
    }
  g_free (asker->room);
  g_free (asker->participant);
  g_free (asker);
}

static void
ask_history (Telling *telling)
{
  Room *room = telling->room;
  const RoomHistory *history = &telling->participant->history;
  g_autofree char *key = NULL;
  Asker *asker;

  if (!archive_is_on (archive_of (telling)) || history->most == 0 || history->characters == 0)
    {
      finish (telling);
      return;
    }
  key = room_dup_archive_key (room->session, room->jid);
  asker = g_new (Asker, 1);
  *asker = (Asker) { gateway_of (telling), session_number (room->session), g_strdup (room->jid), g_strdup (telling->participant->jid), telling->number };
  archive_load (archive_of (telling),
                &(StoreSaidQuery) { .account = asker->account, .room = key, .start = history->since, .last = TRUE,
                                    .most = history->most + telling->held.length },
                on_history, asker);
}

/* -- Occupants ------------------------------------------------------------ */

static void
send_slice (Telling *telling, guint most)
{
  GHashTableIter iter;
  gpointer nick;

  g_hash_table_iter_init (&iter, telling->pending);
  for (guint i = 0; i < most && g_hash_table_iter_next (&iter, &nick, NULL); i++)
    {
      const Occupant *occupant = room_find_occupant (telling->room, nick);

      if (occupant != NULL)
        muc_send_occupant_to (telling->room, occupant, telling->participant);
      g_hash_table_iter_remove (&iter);
    }
}

static void
send_self (Telling *telling)
{
  const Occupant *self = room_find_occupant (telling->room, telling->room->nick);

  telling->knows_itself = TRUE;
  if (self != NULL)
    muc_send_occupant_to (telling->room, self, telling->participant);
  ask_history (telling);
}

static gboolean
on_slice (gpointer data)
{
  Telling *telling = data;
  gboolean busy = gateway_is_busy (gateway_of (telling));
  gboolean crowded = telling->held.length >= MOST_HELD;

  telling->source = 0;
  if (crowded || !busy)
    send_slice (telling, crowded ? G_MAXUINT : SLICE);
  if (g_hash_table_size (telling->pending) == 0)
    send_self (telling);
  else if (busy)
    telling->source = g_timeout_add (RETRY_MS, on_slice, telling);
  else
    telling->source = g_idle_add (on_slice, telling);
  return G_SOURCE_REMOVE;
}

void
muc_tell (Room *room, Participant *participant)
{
  static guint64 count;
  Telling *telling = g_new0 (Telling, 1);
  GHashTableIter iter;
  gpointer value;

  g_clear_pointer (&participant->telling, telling_free);
  telling->room = room;
  telling->participant = participant;
  telling->number = ++count;
  telling->said_before = archive_last_id (archive_of (telling));
  telling->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&telling->held);
  g_hash_table_iter_init (&iter, room->occupants);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!room_is_self (room, value))
      g_hash_table_add (telling->pending, g_strdup (((Occupant *) value)->nick));
  participant->telling = telling;
  participant->stage = PARTICIPANT_IS_TOLD;
  on_slice (telling);
}

/* -- What happens meanwhile ----------------------------------------------- */

gboolean
muc_knows (const Room *room, const Participant *participant, const Occupant *occupant)
{
  const Telling *telling = participant->telling;

  if (participant->stage != PARTICIPANT_IS_TOLD)
    return participant->stage == PARTICIPANT_KNOWS;
  return g_str_equal (occupant->nick, room->nick) ? telling->knows_itself : !g_hash_table_contains (telling->pending, occupant->nick);
}

gboolean
muc_take_gone (const Room *room, const Participant *participant, const Occupant *occupant)
{
  if (participant->stage == PARTICIPANT_IS_TOLD && g_hash_table_remove (participant->telling->pending, occupant->nick))
    return FALSE;
  return muc_knows (room, participant, occupant);
}

void
muc_deliver (Room *room, Participant *participant, xmpp_stanza_t *message)
{
  Gateway *gateway = session_gateway (room->session);

  switch (participant->stage)
    {
    case PARTICIPANT_IS_TOLD:
      g_queue_push_tail (&participant->telling->held, message);
      break;
    case PARTICIPANT_KNOWS:
      if (!gateway_send_message (gateway, message))
        g_warning ("%s: a message of a room for %s is lost: it is too large for XMPP", gateway->domain,
                   participant->jid);
      break;
    case PARTICIPANT_WAITS:
    default:
      xmpp_stanza_release (message);
    }
}
