/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_note.c - what only the hub knows of a room, and its worker keeps for the next one. */
#include "config.h"

#include "room_note.h"

#include <string.h>

#include "jid.h"
#include "notes.h"

#define KEY_PREFIX "room "
/* Nick, password, since when we are in; of each participant resource, wished nick, whether it knows what joining tells; to whom was written by way of the room. */
#define TYPE "(ssxa(ssb)as)"
/* Those that have no room in a note will have to join again. */
#define MOST_PARTICIPANTS 32
#define MOST_PRIVATE 64

static char *
dup_key (const Room *room)
{
  return g_strconcat (KEY_PREFIX, room->name, NULL);
}

static char *
dup_text (Room *room)
{
  GVariantBuilder participants = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssb)"));
  GVariantBuilder private = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));
  g_autoptr (GVariant) note = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, room->participants);
  for (guint i = 0; i < MOST_PARTICIPANTS && g_hash_table_iter_next (&iter, NULL, &value); i++)
    {
      const Participant *one = value;

      g_variant_builder_add (&participants, "(ssb)", jid_resource (one->jid), one->wish, one->stage == PARTICIPANT_KNOWS);
    }
  g_hash_table_iter_init (&iter, room->private);
  for (guint i = 0; i < MOST_PRIVATE && g_hash_table_iter_next (&iter, &value, NULL); i++)
    g_variant_builder_add (&private, "s", value);
  note = g_variant_ref_sink (g_variant_new (TYPE, room->nick, room->password == NULL ? "" : room->password, room->since, &participants, &private));
  return g_variant_print (note, FALSE);
}

void
room_note_keep (Room *room)
{
  g_autofree char *key = NULL;
  char *text;

  if (room->session->worker == NULL)
    return;
  key = dup_key (room);
  text = dup_text (room);
  notes_keep (room->session, key, strlen (text) <= NOTE_BYTES ? text : NULL);
  secrets_wipe (text);
}

void
room_note_drop (Room *room)
{
  g_autofree char *key = dup_key (room);

  notes_keep (room->session, key, NULL);
}

static void
take_participant (Room *room, const char *resource, const char *wish, gboolean knows)
{
  g_autofree char *jid = g_strconcat (room->session->user->jid, "/", resource, NULL);

  room_add_participant (room, jid, wish)->stage = knows ? PARTICIPANT_KNOWS : PARTICIPANT_WAITS;
}

void
room_note_take (Session *session, const char *key, const char *text)
{
  g_autoptr (GVariant) note = g_str_has_prefix (key, KEY_PREFIX) ? g_variant_parse (G_VARIANT_TYPE (TYPE), text, NULL, NULL, NULL) : NULL;
  g_autoptr (GVariantIter) participants = NULL, private = NULL;
  const char *nick, *password, *resource, *wish;
  gboolean knows;
  gint64 since;
  Room *room;

  if (note == NULL || rooms_find (session, key + strlen (KEY_PREFIX)) != NULL)
    return;
  g_variant_get (note, "(&s&sxa(ssb)as)", &nick, &password, &since, &participants, &private);
  room = rooms_make (session, key + strlen (KEY_PREFIX), nick, *password == '\0' ? NULL : password);
  if (room == NULL)
    return;
  room->state = ROOM_JOINING;
  room->inherited = TRUE;
  room->since = since;
  while (g_variant_iter_next (participants, "(&s&sb)", &resource, &wish, &knows))
    take_participant (room, resource, wish, knows);
  while (g_variant_iter_next (private, "&s", &nick))
    g_hash_table_add (room->private, g_strdup (nick));
}
