/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archive_entry.c - what was said in a room, while it is not saved, or somebody may have to hear it still. */
#include "config.h"

#include "archive_entry.h"

#include <string.h>

/* -- In the journal ------------------------------------------------------- */

/* What the journal has of one begins with this; then come the hearings, and the texts. */
typedef struct {
  gint64 id, stamp, saved_stamp, speaker;
  guint32 audience, flags, expected, is_saved, is_joined, room, n_heard;
  char message[128];          /* what became known late, if it is no longer */
} Kept;

enum { IS_EARLY = 1, HAS_NICK = 2, HAS_MESSAGE = 4, HAS_OCCUPANT = 8 };

/* For those who come while it is young. */
#define SPARE_HEARINGS 4

static void
write_number (Journal *journal, Entry *entry, gsize offset, guint32 number)
{
  journal_write (journal, &entry->entry, offset, &number, sizeof number);
}

static void
pack_maybe (GString *packed, const char *text)
{
  journal_pack_text (packed, text != NULL ? text : "");
}

static const GString *
pack (const Kept *kept, const char *room, const Heard *said, const char *occupant)
{
  static GString *packed;
  Kept all = *kept;

  if (packed == NULL)
    packed = g_string_new (NULL);
  all.flags |= (said->nick != NULL ? HAS_NICK : 0) | (said->message != NULL ? HAS_MESSAGE : 0) | (occupant != NULL ? HAS_OCCUPANT : 0);
  g_string_truncate (packed, 0);
  g_string_append_len (packed, (const char *) &all, sizeof all);
  g_string_set_size (packed, sizeof all + all.room * sizeof (Hearing));
  journal_pack_text (packed, room);
  pack_maybe (packed, said->nick);
  journal_pack_text (packed, said->text);
  pack_maybe (packed, said->message);
  pack_maybe (packed, occupant);
  return packed;
}

static char *
dup_maybe (const char **at, gboolean is_there)
{
  const char *text = journal_unpack_text (at);

  return is_there ? g_strdup (text) : NULL;
}

StoreSaid *
entry_dup_said (Journal *journal, const Entry *entry)
{
  gsize length;
  const char *at = journal_read (journal, &entry->entry, &length);
  StoreSaid *said = g_new0 (StoreSaid, 1);
  Kept kept;

  memcpy (&kept, at, sizeof kept);
  at += sizeof kept + kept.room * sizeof (Hearing);
  said->id = kept.id;
  said->stamp = kept.saved_stamp;
  said->speaker = entry->speaker;
  said->audience = entry->audience;
  said->room = g_strdup (journal_unpack_text (&at));
  said->nick = dup_maybe (&at, kept.flags & HAS_NICK);
  said->text = g_strdup (journal_unpack_text (&at));
  said->message = dup_maybe (&at, kept.flags & HAS_MESSAGE);
  said->occupant = dup_maybe (&at, kept.flags & HAS_OCCUPANT);
  if (entry->message != NULL)
    {
      g_free (said->message);
      said->message = g_strdup (entry->message);
    }
  return said;
}

char *
entry_dup_key (const char *nick, const char *text)
{
  return g_strconcat (nick == NULL ? "" : nick, "\n", text, NULL);
}

/* -- Entries -------------------------------------------------------------- */

static void
fill (Entry *entry, const Kept *kept, const char *nick, const char *text)
{
  entry->key = entry_dup_key (nick, text);
  entry->id = kept->id;
  entry->stamp = kept->stamp;
  entry->speaker = kept->speaker;
  entry->audience = kept->audience;
  entry->is_early = (kept->flags & IS_EARLY) != 0;
  entry->expected = kept->expected;
  entry->room = kept->room;
  entry->heard = g_array_sized_new (FALSE, FALSE, sizeof (Hearing), kept->room);
}

Entry *
entry_add (Journal *journal, gint64 id, const char *room, const Heard *said, const char *occupant, gint64 speaker, StoreAudience audience,
           guint expected)
{
  Kept kept = { .id = id, .stamp = said->stamp, .saved_stamp = said->stamp != 0 ? said->stamp : id / 1000, .speaker = speaker,
                .audience = audience, .flags = audience == STORE_FOR_SPEAKER ? IS_EARLY : 0, .expected = expected, .room = expected + SPARE_HEARINGS };
  const GString *packed = pack (&kept, room, said, occupant);
  Entry *entry = (Entry *) journal_add (journal, packed->str, packed->len, TRUE);

  fill (entry, &kept, said->nick, said->text);
  return entry;
}

const char *
entry_resume (Journal *journal, Entry *entry)
{
  gsize length;
  const char *start = journal_read (journal, &entry->entry, &length);
  const char *hearings = start + sizeof (Kept);
  const char *at, *room, *nick;
  Kept kept;

  memcpy (&kept, start, sizeof kept);
  at = hearings + kept.room * sizeof (Hearing);
  room = journal_unpack_text (&at);
  nick = journal_unpack_text (&at);
  fill (entry, &kept, nick, journal_unpack_text (&at));
  g_array_append_vals (entry->heard, hearings, kept.n_heard);
  entry->is_given = kept.is_saved;
  entry->is_joined = kept.is_joined;
  if (*kept.message != '\0')
    entry->message = g_strdup (kept.message);
  return room;
}

void
entry_clear (Entry *entry)
{
  g_clear_pointer (&entry->key, g_free);
  g_clear_pointer (&entry->message, g_free);
  g_clear_pointer (&entry->heard, g_array_unref);
}

void
entry_strike (Journal *journal, Entry *entry)
{
  entry_clear (entry);
  journal_strike (journal, &entry->entry);
}

/* -- Changes -------------------------------------------------------------- */

const Hearing *
entry_find_hearing (const Entry *entry, gint64 account)
{
  for (guint i = 0; i < entry->heard->len; i++)
    if (g_array_index (entry->heard, Hearing, i).account == account)
      return &g_array_index (entry->heard, Hearing, i);
  return NULL;
}

void
entry_add_hearing (Journal *journal, Entry *entry, const Hearing *hearing)
{
  if (entry->heard->len < entry->room)
    {
      journal_write (journal, &entry->entry, sizeof (Kept) + entry->heard->len * sizeof *hearing, hearing, sizeof *hearing);
      write_number (journal, entry, G_STRUCT_OFFSET (Kept, n_heard), entry->heard->len + 1);
    }
  g_array_append_val (entry->heard, *hearing);
}

void
entry_set_for_all (Journal *journal, Entry *entry, gint64 speaker, const char *message)
{
  gsize size = message == NULL ? 0 : strlen (message) + 1;

  entry->audience = STORE_FOR_ALL;
  entry->is_joined = TRUE;
  write_number (journal, entry, G_STRUCT_OFFSET (Kept, audience), STORE_FOR_ALL);
  write_number (journal, entry, G_STRUCT_OFFSET (Kept, is_joined), TRUE);
  if (speaker != 0)
    {
      entry->speaker = speaker;
      journal_write (journal, &entry->entry, G_STRUCT_OFFSET (Kept, speaker), &speaker, sizeof speaker);
    }
  if (message == NULL)
    return;
  g_free (entry->message);
  entry->message = g_strdup (message);
  if (size <= sizeof ((Kept *) NULL)->message)
    journal_write (journal, &entry->entry, G_STRUCT_OFFSET (Kept, message), message, size);
}

void
entry_set_saved (Journal *journal, Entry *entry)
{
  write_number (journal, entry, G_STRUCT_OFFSET (Kept, is_saved), TRUE);
}
