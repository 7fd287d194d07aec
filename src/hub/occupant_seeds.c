/* SPDX-License-Identifier: GPL-2.0-or-later */
/* occupant_seeds.c - what the id of an occupant is made of, where that is not the nick. */
#include "config.h"

#include "occupant_seeds.h"

#include "journal.h"

struct Seeds {
  Journal *journal;
  GHashTable *rooms;          /* key to a table of nick to Seed, owned */
};

typedef struct {
  JournalEntry entry;
  char *seed;
} Seed;

static GHashTable *
find_room (Seeds *seeds, const char *room, gboolean make)
{
  GHashTable *nicks = g_hash_table_lookup (seeds->rooms, room);

  if (nicks == NULL && make)
    {
      nicks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (seeds->rooms, g_strdup (room), nicks);
    }
  return nicks;
}

static Seed *
find (Seeds *seeds, const char *room, const char *nick)
{
  GHashTable *nicks = find_room (seeds, room, FALSE);

  return nicks == NULL ? NULL : g_hash_table_lookup (nicks, nick);
}

static const char *
add (Seeds *seeds, const char *room, const char *nick, const char *text)
{
  g_autoptr (GString) packed = g_string_new (NULL);
  Seed *seed;

  journal_pack_text (packed, room);
  journal_pack_text (packed, nick);
  journal_pack_text (packed, text);
  seed = (Seed *) journal_add (seeds->journal, packed->str, packed->len, TRUE);
  seed->seed = g_strdup (text);
  g_hash_table_insert (find_room (seeds, room, TRUE), g_strdup (nick), seed);
  return seed->seed;
}

static void
strike (Seeds *seeds, Seed *seed)
{
  g_free (seed->seed);
  journal_strike (seeds->journal, &seed->entry);
}

static gboolean
is_seed (Seeds *seeds, const char *room, const char *text)
{
  GHashTable *nicks = find_room (seeds, room, FALSE);
  GHashTableIter iter;
  gpointer seed;

  if (nicks == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, nicks);
  while (g_hash_table_iter_next (&iter, NULL, &seed))
    if (g_str_equal (((Seed *) seed)->seed, text))
      return TRUE;
  return FALSE;
}

const char *
seeds_get (Seeds *seeds, const char *room, const char *nick)
{
  const Seed *seed = find (seeds, room, nick);
  g_autoptr (GString) other = NULL;

  if (seed != NULL)
    return seed->seed;
  if (!is_seed (seeds, room, nick))
    return nick;
  other = g_string_new (nick);
  do
    g_string_append_c (other, '\n');
  while (is_seed (seeds, room, other->str));
  return add (seeds, room, nick, other->str);
}

gboolean
seeds_rename (Seeds *seeds, const char *room, const char *nick, const char *new_nick)
{
  g_autofree char *text = NULL;

  if (find (seeds, room, new_nick) != NULL)
    return FALSE;
  text = g_strdup (seeds_get (seeds, room, nick));
  seeds_forget (seeds, room, nick);
  if (!g_str_equal (text, new_nick))
    add (seeds, room, new_nick, text);
  return TRUE;
}

gboolean
seeds_forget (Seeds *seeds, const char *room, const char *nick)
{
  Seed *seed = find (seeds, room, nick);

  if (seed == NULL)
    return FALSE;
  g_hash_table_remove (find_room (seeds, room, FALSE), nick);
  strike (seeds, seed);
  return TRUE;
}

static void
strike_all (Seeds *seeds, GHashTable *nicks)
{
  GHashTableIter iter;
  gpointer seed;

  g_hash_table_iter_init (&iter, nicks);
  while (g_hash_table_iter_next (&iter, NULL, &seed))
    strike (seeds, seed);
}

void
seeds_forget_room (Seeds *seeds, const char *room)
{
  GHashTable *nicks = find_room (seeds, room, FALSE);

  if (nicks == NULL)
    return;
  strike_all (seeds, nicks);
  g_hash_table_remove (seeds->rooms, room);
}

void
seeds_forget_rooms_but (Seeds *seeds, GHashTable *rooms)
{
  GHashTableIter iter;
  gpointer room, nicks;

  g_hash_table_iter_init (&iter, seeds->rooms);
  while (g_hash_table_iter_next (&iter, &room, &nicks))
    if (!g_hash_table_contains (rooms, room))
      {
        strike_all (seeds, nicks);
        g_hash_table_iter_remove (&iter);
      }
}

/* -- Life ----------------------------------------------------------------- */

static void
resume (Seeds *seeds, Seed *seed)
{
  gsize length;
  const char *at = journal_read (seeds->journal, &seed->entry, &length);
  const char *room = journal_unpack_text (&at);
  const char *nick = journal_unpack_text (&at);

  seed->seed = g_strdup (at);
  g_hash_table_insert (find_room (seeds, room, TRUE), g_strdup (nick), seed);
}

Seeds *
seeds_open (const char *path, gsize most, GError **error)
{
  Journal *journal = journal_open (path, most, sizeof (Seed), error);
  Seeds *seeds;

  if (journal == NULL)
    return NULL;
  seeds = g_new0 (Seeds, 1);
  seeds->journal = journal;
  seeds->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  for (JournalEntry *entry = journal_first (journal); entry != NULL; entry = journal_next (entry))
    resume (seeds, (Seed *) entry);
  return seeds;
}

void
seeds_close (Seeds *seeds)
{
  for (JournalEntry *entry = journal_first (seeds->journal); entry != NULL; entry = journal_next (entry))
    g_free (((Seed *) entry)->seed);
  journal_close (seeds->journal);
  g_hash_table_unref (seeds->rooms);
  g_free (seeds);
}
