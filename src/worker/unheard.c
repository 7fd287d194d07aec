/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unheard.c - what the former hub has not heard of, and so what was the case when it heard from us last. */
#include "config.h"

#include "unheard.h"

#include "hub.h"
#include "link.h"

/* What has happened in a room. */
typedef struct {
  gboolean joined;
  GHashTable *concerned;      /* nicks of which something was told */
  GPtrArray *before;          /* WireRoomOccupant: those of them who were there, perhaps not as this */
  GPtrArray *renames;         /* old, new, old, new, ... */
} RoomPast;

struct Unheard {
  GBytes *frames;
  GHashTable *sign_ins;       /* account numbers */
  GHashTable *questions;      /* numbers */
  GHashTable *rooms;          /* account and folded name to RoomPast */
};

static void
occupant_free (gpointer data)
{
  WireRoomOccupant *occupant = data;

  g_free ((char *) occupant->room);
  g_free ((char *) occupant->nick);
  g_free ((char *) occupant->peer);
  g_free (occupant);
}

static void
past_free (gpointer data)
{
  RoomPast *past = data;

  g_hash_table_unref (past->concerned);
  g_ptr_array_unref (past->before);
  g_ptr_array_unref (past->renames);
  g_free (past);
}

static char *
dup_key (gint64 account, const char *room)
{
  g_autofree char *folded = g_utf8_casefold (room, -1);

  return g_strdup_printf ("%" G_GINT64_FORMAT " %s", account, folded);
}

static RoomPast *
find_past (const Unheard *unheard, gint64 account, const char *room)
{
  g_autofree char *key = dup_key (account, room);

  return g_hash_table_lookup (unheard->rooms, key);
}

static RoomPast *
make_past (Unheard *unheard, gint64 account, const char *room)
{
  RoomPast *past = find_past (unheard, account, room);

  if (past != NULL)
    return past;
  past = g_new0 (RoomPast, 1);
  past->concerned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  past->before = g_ptr_array_new_with_free_func (occupant_free);
  past->renames = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_insert (unheard->rooms, dup_key (account, room), past);
  return past;
}

/* The first that was told of somebody says whether they were there before. */
static void
note (Unheard *unheard, const WireRoomOccupant *occupant, gboolean was_there)
{
  RoomPast *past = make_past (unheard, occupant->account, occupant->room);
  WireRoomOccupant *copy;

  if (!g_hash_table_add (past->concerned, g_strdup (occupant->nick)) || !was_there)
    return;
  copy = g_new (WireRoomOccupant, 1);
  *copy = *occupant;
  copy->room = g_strdup (occupant->room);
  copy->nick = g_strdup (occupant->nick);
  copy->peer = g_strdup (occupant->peer);
  copy->arrives = FALSE;
  copy->vague = TRUE;
  g_ptr_array_add (past->before, copy);
}

static void
note_renamed (Unheard *unheard, const WireRoomOccupantRenamed *event)
{
  WireRoomOccupant occupant = { .account = event->account, .room = event->room, .nick = event->nick, .role = WIRE_ROLE_PARTICIPANT };
  GPtrArray *renames;

  note (unheard, &occupant, TRUE);
  occupant.nick = event->new_nick;
  note (unheard, &occupant, FALSE);
  renames = make_past (unheard, event->account, event->room)->renames;
  g_ptr_array_add (renames, g_strdup (event->nick));
  g_ptr_array_add (renames, g_strdup (event->new_nick));
}

static void
add_number (GHashTable *numbers, gint64 number)
{
  g_hash_table_add (numbers, g_memdup2 (&number, sizeof number));
}

static void
take (const WireMessage *event, gpointer data)
{
  Unheard *unheard = data;

  switch ((int) event->type)
    {
    case WIRE_SIGNED_IN:
      add_number (unheard->sign_ins, event->u.signed_in.account);
      break;
    case WIRE_QUESTION:
      add_number (unheard->questions, event->u.question.request);
      break;
    case WIRE_AUTHORIZATION_REQUEST:
      add_number (unheard->questions, event->u.authorization_request.request);
      break;
    case WIRE_ROOM_JOINED:
      make_past (unheard, event->u.room_joined.account, event->u.room_joined.room)->joined = TRUE;
      break;
    case WIRE_ROOM_OCCUPANT:
      note (unheard, &event->u.room_occupant, !event->u.room_occupant.arrives);
      break;
    case WIRE_ROOM_OCCUPANT_LEFT:
      note (unheard,
            &(WireRoomOccupant) { .account = event->u.room_occupant_left.account, .room = event->u.room_occupant_left.room,
                                  .nick = event->u.room_occupant_left.nick, .role = WIRE_ROLE_PARTICIPANT },
            TRUE);
      break;
    case WIRE_ROOM_OCCUPANT_RENAMED:
      note_renamed (unheard, &event->u.room_occupant_renamed);
      break;
    default:
      break;
    }
}

Unheard *
unheard_new (GBytes *frames)
{
  Unheard *unheard = g_new0 (Unheard, 1);

  unheard->frames = g_bytes_ref (frames);
  unheard->sign_ins = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  unheard->questions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  unheard->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, past_free);
  unheard_foreach (unheard, take, unheard);
  return unheard;
}

void
unheard_free (Unheard *unheard)
{
  g_bytes_unref (unheard->frames);
  g_hash_table_unref (unheard->sign_ins);
  g_hash_table_unref (unheard->questions);
  g_hash_table_unref (unheard->rooms);
  g_free (unheard);
}

void
unheard_foreach (const Unheard *unheard, void (*func) (const WireMessage *event, gpointer data), gpointer data)
{
  link_foreach_frame (unheard->frames, WIRE_EVENT, func, data);
}

gboolean
unheard_has_sign_in (const Unheard *unheard, gint64 account)
{
  return g_hash_table_contains (unheard->sign_ins, &account);
}

gboolean
unheard_has_question (const Unheard *unheard, gint64 request)
{
  return g_hash_table_contains (unheard->questions, &request);
}

gboolean
unheard_has_join (const Unheard *unheard, gint64 account, const char *room)
{
  const RoomPast *past = find_past (unheard, account, room);

  return past != NULL && past->joined;
}

gboolean
unheard_concerns (const Unheard *unheard, gint64 account, const char *room, const char *nick)
{
  const RoomPast *past = find_past (unheard, account, room);

  return past != NULL && g_hash_table_contains (past->concerned, nick);
}

char *
unheard_dup_former_nick (const Unheard *unheard, gint64 account, const char *room, const char *nick)
{
  const RoomPast *past = find_past (unheard, account, room);

  for (guint i = past != NULL ? past->renames->len : 0; i > 0; i -= 2)
    if (g_str_equal (past->renames->pdata[i - 1], nick))
      nick = past->renames->pdata[i - 2];
  return g_strdup (nick);
}

void
unheard_tell_occupants (const Unheard *unheard, gint64 account, const char *room)
{
  const RoomPast *past = find_past (unheard, account, room);

  for (guint i = 0; past != NULL && i < past->before->len; i++)
    hub_send (&(WireMessage) { .type = WIRE_ROOM_OCCUPANT, .u.room_occupant = *(WireRoomOccupant *) past->before->pdata[i] });
}
