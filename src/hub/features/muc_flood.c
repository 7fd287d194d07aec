/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_flood.c - many who come and go at once: netsplits, and people who join and part all the time.
 *
 * A room has so many changes a second that are told at once.  What is more is gathered and told in slices, of each nick
 * what has become of it: who has come and gone meanwhile was never there for the participants.  Nobody hears somebody
 * speak of whom they do not know. */
#include "config.h"

#include "muc.h"

#define PER_SECOND 20
#define BURST 100
#define SLICE 100
#define SLICE_MS 100

static gboolean
take_token (Room *room)
{
  gint64 now = g_get_monotonic_time ();

  room->changes = MAX (0, room->changes - (double) (now - room->changes_counted) / G_USEC_PER_SEC * PER_SECOND);
  room->changes_counted = now;
  if (room->changes >= BURST)
    return FALSE;
  room->changes++;
  return TRUE;
}

static gboolean
is_unsettled (Room *room, const char *nick)
{
  return room->unsettled != NULL && g_hash_table_contains (room->unsettled, nick);
}

/* What has become of them. */
static void
tell (Room *room, const char *nick, gboolean known)
{
  const Occupant *occupant = room_find_occupant (room, nick);
  Occupant gone = { .nick = (char *) nick };

  if (occupant != NULL)
    muc_send_occupant (room, occupant);
  else if (known)
    muc_send_gone (room, &gone, &(MucGone) { 0 });
}

static void
settle_some (Room *room, guint most)
{
  GHashTableIter iter;
  gpointer nick, known;

  g_hash_table_iter_init (&iter, room->unsettled);
  for (guint i = 0; i < most && g_hash_table_iter_next (&iter, &nick, &known); i++)
    {
      tell (room, nick, GPOINTER_TO_INT (known));
      g_hash_table_iter_remove (&iter);
    }
}

static gboolean
on_slice (gpointer data)
{
  Room *room = data;

  if (!gateway_is_busy (session_gateway (room->session)))
    settle_some (room, SLICE);
  if (g_hash_table_size (room->unsettled) > 0)
    return G_SOURCE_CONTINUE;
  room->settle_timer = 0;
  return G_SOURCE_REMOVE;
}

static void
gather (Room *room, const char *nick, gboolean known)
{
  if (room->unsettled == NULL)
    room->unsettled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!g_hash_table_contains (room->unsettled, nick))
    g_hash_table_insert (room->unsettled, g_strdup (nick), GINT_TO_POINTER (known));
  if (room->settle_timer == 0)
    room->settle_timer = g_timeout_add (SLICE_MS, on_slice, room);
}

void
muc_change_occupant (Room *room, const Occupant *occupant, gboolean known)
{
  if (room->state != ROOM_IN || room_is_self (room, occupant) || (!is_unsettled (room, occupant->nick) && take_token (room)))
    muc_send_occupant (room, occupant);
  else
    gather (room, occupant->nick, known);
}

void
muc_part_occupant (Room *room, const Occupant *occupant, const char *reason)
{
  if (is_unsettled (room, occupant->nick))
    {
      if (!GPOINTER_TO_INT (g_hash_table_lookup (room->unsettled, occupant->nick)))
        g_hash_table_remove (room->unsettled, occupant->nick);
    }
  else if (room->state != ROOM_IN || room_is_self (room, occupant) || take_token (room))
    muc_send_gone (room, occupant, &(MucGone) { .reason = reason });
  else
    gather (room, occupant->nick, TRUE);
}

void
muc_settle (Room *room, const char *nick)
{
  gpointer known;

  if (room->unsettled == NULL || nick == NULL || !g_hash_table_lookup_extended (room->unsettled, nick, NULL, &known))
    return;
  g_hash_table_remove (room->unsettled, nick);
  tell (room, nick, GPOINTER_TO_INT (known));
}

void
muc_settle_all (Room *room)
{
  g_clear_handle_id (&room->settle_timer, g_source_remove);
  if (room->unsettled != NULL)
    settle_some (room, G_MAXUINT);
}
