/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archive.c - what is said in the networks' rooms, kept once for all of our users who hear it. */
#include "config.h"

#include "archive.h"

#include <string.h>

#include "journal.h"

#define SAVE_MS 500
#define MOST_UNSAVED 500
/* So many wait for a slow disk before the networks have to. */
#define MOST_SAVING 10000
#define EXPIRE_SECONDS 600
/* How long an account may lag behind another that has heard the same, and how many messages it may miss. */
#define LAG_SECONDS 120
#define MOST_RECENT 5000
/* What all who are there have heard is kept for so long, for those who are just coming in. */
#define ENTERING (10 * G_USEC_PER_SEC)

#define MS_PER_DAY (G_GINT64_CONSTANT (24) * 60 * 60 * 1000)

struct Archive {
  Store *store;
  Secrets *secrets;
  guint days;
  gint64 most_bytes;
  gint64 last_id;
  GHashTable *rooms;         /* key to SharedRoom, owned */
  Journal *journal;           /* of Entry: what is unsaved, or may be heard again */
  GPtrArray *unsaved;         /* Entry */
  guint save_timer, expire_timer;
  gboolean expiring;
  guint saving;               /* messages that the store has been given and not saved yet */
  guint missing;              /* messages that could not be saved, since the store failed first */
};

struct SharedRoom {
  Archive *archive;
  char *key;
  GHashTable *members;        /* account number to Member, owned */
  GHashTable *speakers;       /* our nicks to Member, lent */
  GHashTable *recent;         /* nick and text to GQueue of Entry: what somebody has yet to hear */
  GQueue order;               /* the same, a reference each, the oldest first */
  GHashTable *seeds;          /* nick to what its occupant id is made of, where that is not the nick */
  char *last_nick, *last_occupant;  /* asked for last: who speaks is asked for again and again */
};

typedef struct {
  gint64 account;
  char *nick;
  gint64 since;               /* the first id that it hears */
} Member;

typedef struct {
  gint64 account;
  guint64 event;              /* of Heard */
} Hearing;

/* Until it is saved and nobody has to hear it any more. */
typedef struct {
  JournalEntry entry;
  char *key;
  gint64 id, stamp;
  StoreAudience audience;
  gboolean is_early;          /* the speaker heard it first, and that is when it goes to the network */
  gboolean is_recent, is_unsaved;
  gboolean is_given;          /* the store has it, or will have tried */
  char *message;              /* of the speaker's own, where that became known late */
  guint expected;             /* how many have it to hear */
  guint room;                 /* for so many hearings in the journal */
  GArray *heard;              /* Hearing: the accounts that have */
} Entry;

/* -- Entries -------------------------------------------------------------- */

/* What the journal has of one begins with this; then come the hearings, and the texts. */
typedef struct {
  gint64 id, stamp, saved_stamp, speaker;
  guint32 audience, flags, expected, is_saved, room, n_heard;
} Kept;

enum { IS_EARLY = 1, HAS_NICK = 2, HAS_MESSAGE = 4, HAS_OCCUPANT = 8 };

/* For those who come while it is young. */
#define SPARE_HEARINGS 4

#define WRITE(archive, entry, member, value) \
  journal_write ((archive)->journal, &(entry)->entry, G_STRUCT_OFFSET (Kept, member), &(guint32) { value }, sizeof (guint32))

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

static StoreSaid *
dup_said (Archive *archive, const Entry *entry)
{
  gsize length;
  const char *at = journal_read (archive->journal, &entry->entry, &length);
  StoreSaid *said = g_new0 (StoreSaid, 1);
  Kept kept;

  memcpy (&kept, at, sizeof kept);
  at += sizeof kept + kept.room * sizeof (Hearing);
  said->id = kept.id;
  said->stamp = kept.saved_stamp;
  said->speaker = kept.speaker;
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

static char *
dup_key (const char *nick, const char *text)
{
  return g_strconcat (nick == NULL ? "" : nick, "\n", text, NULL);
}

static Entry *
fill (Entry *entry, const Kept *kept, const char *nick, const char *text)
{
  entry->key = dup_key (nick, text);
  entry->id = kept->id;
  entry->stamp = kept->stamp;
  entry->audience = kept->audience;
  entry->is_early = (kept->flags & IS_EARLY) != 0;
  entry->expected = kept->expected;
  entry->room = kept->room;
  entry->heard = g_array_sized_new (FALSE, FALSE, sizeof (Hearing), kept->room);
  return entry;
}

static void
entry_clear (Entry *entry)
{
  g_clear_pointer (&entry->key, g_free);
  g_clear_pointer (&entry->message, g_free);
  g_clear_pointer (&entry->heard, g_array_unref);
}

static void
forget_if_done (Archive *archive, Entry *entry)
{
  if (entry->is_recent || entry->is_unsaved)
    return;
  entry_clear (entry);
  journal_strike (archive->journal, &entry->entry);
}

static const Hearing *
find_hearing (const Entry *entry, gint64 account)
{
  for (guint i = 0; i < entry->heard->len; i++)
    if (g_array_index (entry->heard, Hearing, i).account == account)
      return &g_array_index (entry->heard, Hearing, i);
  return NULL;
}

static void
add_hearing (Archive *archive, Entry *entry, const Hearing *hearing)
{
  if (entry->heard->len < entry->room)
    {
      journal_write (archive->journal, &entry->entry, sizeof (Kept) + entry->heard->len * sizeof *hearing, hearing, sizeof *hearing);
      WRITE (archive, entry, n_heard, entry->heard->len + 1);
    }
  g_array_append_val (entry->heard, *hearing);
}

/* -- What may be heard again ---------------------------------------------- */

static void
drop_recent (SharedRoom *shared, Entry *entry)
{
  GQueue *same = g_hash_table_lookup (shared->recent, entry->key);

  g_queue_remove (same, entry);
  if (g_queue_is_empty (same))
    g_hash_table_remove (shared->recent, entry->key);
  g_queue_remove (&shared->order, entry);
  entry->is_recent = FALSE;
  forget_if_done (shared->archive, entry);
}

static void
add_recent (SharedRoom *shared, Entry *entry)
{
  GQueue *same = g_hash_table_lookup (shared->recent, entry->key);

  if (same == NULL)
    {
      same = g_queue_new ();
      g_hash_table_insert (shared->recent, g_strdup (entry->key), same);
    }
  g_queue_push_tail (same, entry);
  g_queue_push_tail (&shared->order, entry);
  entry->is_recent = TRUE;
}

static void
drop_all_recent (SharedRoom *shared)
{
  while (!g_queue_is_empty (&shared->order))
    drop_recent (shared, g_queue_peek_head (&shared->order));
}

static gboolean
is_done (const Entry *entry)
{
  return entry->heard->len >= entry->expected && entry->id < g_get_real_time () - ENTERING;
}

static void
drop_late (SharedRoom *shared)
{
  gint64 oldest = g_get_real_time () - LAG_SECONDS * G_USEC_PER_SEC;
  Entry *entry;

  while ((entry = g_queue_peek_head (&shared->order)) != NULL && (entry->id < oldest || shared->order.length > MOST_RECENT || is_done (entry)))
    drop_recent (shared, entry);
}

static Entry *
find_recent (SharedRoom *shared, const char *key, const Member *member, const Heard *said)
{
  GQueue *same = g_hash_table_lookup (shared->recent, key);
  gint64 recently = g_get_real_time () - ENTERING;
  Entry *own = NULL;

  for (GList *l = same == NULL ? NULL : same->head; l != NULL; l = l->next)
    {
      Entry *entry = l->data;
      const Hearing *hearing = find_hearing (entry, member->account);

      /* A worker tells a new hub again what it does not know that the former one has heard. */
      if (hearing != NULL && hearing->event == said->event)
        return entry;
      if (hearing != NULL)
        continue;
      /* What a room tells newcomers of the time before is the same for all, whenever they came. */
      if (said->stamp != 0 ? entry->stamp == said->stamp : entry->id >= member->since)
        return entry;
      /* Others hear it only then, and may come in meanwhile. */
      if (said->stamp == 0 && entry->is_early && entry->id > recently)
        own = entry;
    }
  return own;
}

/* -- Saving --------------------------------------------------------------- */

typedef struct {
  Archive *archive;
  GPtrArray *entries;
} Saving;

/* A full disk may stay so for hours: it is said once, and again when it is over. */
static void
on_saved (const GError *error, gpointer data)
{
  Saving *saving = data;
  Archive *archive = saving->archive;
  guint count = saving->entries->len;

  archive->saving -= count;
  if (error != NULL && archive->missing == 0)
    g_warning ("what is said in rooms is missing in the archive until this is mended: %s", error->message);
  if (error == NULL && archive->missing > 0)
    g_message ("what is said in rooms is in the archive again; %u messages are missing", archive->missing);
  archive->missing = error == NULL ? 0 : archive->missing + count;
  for (guint i = 0; i < count; i++)
    {
      Entry *entry = saving->entries->pdata[i];

      WRITE (archive, entry, is_saved, error == NULL);
      entry->is_unsaved = FALSE;
      forget_if_done (archive, entry);
    }
  g_ptr_array_unref (saving->entries);
  g_free (saving);
}

static void
save (Archive *archive)
{
  GPtrArray *said;
  Saving *saving;

  g_clear_handle_id (&archive->save_timer, g_source_remove);
  if (archive->unsaved->len == 0)
    return;
  said = g_ptr_array_new_full (archive->unsaved->len, (GDestroyNotify) store_said_free);
  for (guint i = 0; i < archive->unsaved->len; i++)
    g_ptr_array_add (said, dup_said (archive, archive->unsaved->pdata[i]));
  saving = g_new (Saving, 1);
  *saving = (Saving) { archive, g_steal_pointer (&archive->unsaved) };
  archive->unsaved = g_ptr_array_new ();
  for (guint i = 0; i < said->len; i++)
    ((Entry *) saving->entries->pdata[i])->is_given = TRUE;
  archive->saving += said->len;
  store_save_said (archive->store, said, on_saved, saving);
}

static gboolean
on_save (gpointer data)
{
  Archive *archive = data;

  archive->save_timer = 0;
  save (archive);
  return G_SOURCE_REMOVE;
}

static gint64
next_id (Archive *archive)
{
  archive->last_id = MAX (archive->last_id + 1, g_get_real_time ());
  return archive->last_id;
}

static void
add_unsaved (Archive *archive, Entry *entry)
{
  entry->is_unsaved = TRUE;
  g_ptr_array_add (archive->unsaved, entry);
  if (archive->unsaved->len >= MOST_UNSAVED)
    save (archive);
  else if (archive->save_timer == 0)
    archive->save_timer = g_timeout_add (SAVE_MS, on_save, archive);
}

static Entry *
add (SharedRoom *shared, const Heard *said, gint64 speaker, StoreAudience audience)
{
  Archive *archive = shared->archive;
  gint64 id = next_id (archive);
  guint expected = g_hash_table_size (shared->members);
  g_autofree char *occupant = said->nick == NULL ? NULL : shared_room_dup_occupant_id (shared, said->nick);
  Kept kept = { .id = id, .stamp = said->stamp, .saved_stamp = said->stamp != 0 ? said->stamp : id / 1000, .speaker = speaker,
                .audience = audience, .flags = audience == STORE_FOR_SPEAKER ? IS_EARLY : 0, .expected = expected, .room = expected + SPARE_HEARINGS };
  const GString *packed = pack (&kept, shared->key, said, occupant);
  Entry *entry = fill ((Entry *) journal_add (archive->journal, packed->str, packed->len, TRUE), &kept, said->nick, said->text);

  add_recent (shared, entry);
  add_unsaved (archive, entry);
  return entry;
}

/* The speaker and others have heard the same words: one message for all. */
static void
join_audiences (Archive *archive, Entry *entry, const Heard *said)
{
  entry->audience = STORE_FOR_ALL;
  WRITE (archive, entry, audience, STORE_FOR_ALL);
  if (entry->is_given)
    store_set_audience (archive->store, entry->id, STORE_FOR_ALL, said->message);
  else if (said->message != NULL)
    {
      g_free (entry->message);
      entry->message = g_strdup (said->message);
    }
}

/* It has heard what was said before it seemed to be there: so it was there. */
static void
move_visit (SharedRoom *shared, Member *member, gint64 first)
{
  member->since = first;
  store_begin_visit (shared->archive->store, member->account, shared->key, first);
}

gint64
shared_room_said (SharedRoom *shared, gint64 account, const Heard *said)
{
  Member *member = g_hash_table_lookup (shared->members, &account);
  const Member *speaker = said->nick == NULL ? NULL : g_hash_table_lookup (shared->speakers, said->nick);
  StoreAudience audience = speaker == NULL ? STORE_FOR_ALL : speaker == member ? STORE_FOR_SPEAKER : STORE_FOR_OTHERS;
  g_autofree char *key = NULL;
  Entry *entry;
  gint64 id;

  if (!archive_is_on (shared->archive) || member == NULL)
    return 0;
  drop_late (shared);
  key = dup_key (said->nick, said->text);
  entry = find_recent (shared, key, member, said);
  if (entry == NULL)
    entry = add (shared, said, speaker == NULL ? 0 : speaker->account, audience);
  else if (entry->audience != audience && entry->audience != STORE_FOR_ALL)
    join_audiences (shared->archive, entry, said);
  if (find_hearing (entry, account) == NULL)
    add_hearing (shared->archive, entry, &(Hearing) { account, said->event });
  id = entry->id;
  if (said->stamp == 0 && id < member->since)
    move_visit (shared, member, id);
  return id;
}

void
archive_load (Archive *archive, const StoreSaidQuery *query, StorePageFunc done, gpointer data)
{
  save (archive);
  store_load_said (archive->store, query, done, data);
}

gint64
archive_last_id (const Archive *archive)
{
  return archive->last_id;
}

static void
forget_last (SharedRoom *shared)
{
  g_clear_pointer (&shared->last_nick, g_free);
  g_clear_pointer (&shared->last_occupant, g_free);
}

/* -- Shared rooms --------------------------------------------------------- */

static void
member_free (gpointer data)
{
  Member *member = data;

  g_free (member->nick);
  g_free (member);
}

static void
queue_free (gpointer queue)
{
  g_queue_free (queue);
}

/* What is recent is for the next process. */
static void
shared_room_free (gpointer data)
{
  SharedRoom *shared = data;

  g_queue_clear (&shared->order);
  g_hash_table_unref (shared->recent);
  g_hash_table_unref (shared->speakers);
  g_hash_table_unref (shared->members);
  g_hash_table_unref (shared->seeds);
  forget_last (shared);
  g_free (shared->key);
  g_free (shared);
}

static SharedRoom *
find_shared (Archive *archive, const char *key)
{
  SharedRoom *shared = g_hash_table_lookup (archive->rooms, key);

  if (shared == NULL)
    {
      shared = g_new0 (SharedRoom, 1);
      shared->archive = archive;
      shared->key = g_strdup (key);
      shared->members = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, member_free);
      shared->speakers = g_hash_table_new (g_str_hash, g_str_equal);
      shared->recent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, queue_free);
      shared->seeds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_queue_init (&shared->order);
      g_hash_table_insert (archive->rooms, shared->key, shared);
    }
  return shared;
}

/* From this id on, or from now on where that is sooner. */
static void
begin_visit_since (SharedRoom *shared, Member *member, gint64 since)
{
  Archive *archive = shared->archive;
  gint64 now = archive_is_on (archive) ? next_id (archive) : archive->last_id + 1;

  member->since = MIN (since, now);
  if (archive_is_on (archive))
    store_begin_visit (archive->store, member->account, shared->key, member->since);
}

static void
begin_visit (SharedRoom *shared, Member *member)
{
  begin_visit_since (shared, member, G_MAXINT64);
}

static void
end_visit (SharedRoom *shared, Member *member)
{
  Archive *archive = shared->archive;

  if (archive_is_on (archive))
    store_end_visit (archive->store, member->account, shared->key, MAX (archive->last_id, member->since));
}

SharedRoom *
archive_enter (Archive *archive, const char *key, gint64 account, const char *nick, gint64 since)
{
  SharedRoom *shared = find_shared (archive, key);
  Member *member = g_new0 (Member, 1);

  g_assert (!g_hash_table_contains (shared->members, &account));
  member->account = account;
  g_hash_table_insert (shared->members, &member->account, member);
  shared_room_set_nick (shared, account, nick);
  begin_visit_since (shared, member, since);
  return shared;
}

gint64
shared_room_since (SharedRoom *shared, gint64 account)
{
  return ((Member *) g_hash_table_lookup (shared->members, &account))->since;
}

void
archive_foreach_member (Archive *archive, const char *key, void (*func) (gint64 account, gpointer data), gpointer data)
{
  SharedRoom *shared = g_hash_table_lookup (archive->rooms, key);
  GHashTableIter iter;
  gpointer member;

  if (shared == NULL)
    return;
  g_hash_table_iter_init (&iter, shared->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    func (((Member *) member)->account, data);
}

static void
forget_speaker (SharedRoom *shared, const Member *member)
{
  if (member->nick != NULL && g_hash_table_lookup (shared->speakers, member->nick) == member)
    g_hash_table_remove (shared->speakers, member->nick);
}

void
shared_room_set_nick (SharedRoom *shared, gint64 account, const char *nick)
{
  Member *member = g_hash_table_lookup (shared->members, &account);
  char *copy = g_strdup (nick);

  forget_speaker (shared, member);
  g_free (member->nick);
  member->nick = copy;
  g_hash_table_replace (shared->speakers, member->nick, member);
}

void
shared_room_leave (SharedRoom *shared, gint64 account)
{
  Archive *archive = shared->archive;
  Member *member = g_hash_table_lookup (shared->members, &account);

  end_visit (shared, member);
  forget_speaker (shared, member);
  g_hash_table_remove (shared->members, &account);
  if (g_hash_table_size (shared->members) == 0)
    {
      drop_all_recent (shared);
      g_hash_table_remove (archive->rooms, shared->key);
    }
}

/* -- Occupant ids --------------------------------------------------------- */

static gboolean
is_seed (SharedRoom *shared, const char *seed)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, shared->seeds);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_equal (value, seed))
      return TRUE;
  return FALSE;
}

/* The nick, or what it was when they came.  Who takes a nick that another had before gets one of their own. */
static const char *
seed_of (SharedRoom *shared, const char *nick)
{
  const char *seed = g_hash_table_lookup (shared->seeds, nick);
  char *other;

  if (seed != NULL || !is_seed (shared, nick))
    return seed != NULL ? seed : nick;
  other = g_strdup (nick);
  do
    {
      char *longer = g_strconcat (other, "\n", NULL);

      g_free (other);
      other = longer;
    }
  while (is_seed (shared, other));
  g_hash_table_insert (shared->seeds, g_strdup (nick), other);
  return other;
}

char *
shared_room_dup_occupant_id (SharedRoom *shared, const char *nick)
{
  if (g_strcmp0 (shared->last_nick, nick) != 0)
    {
      g_autofree char *whole = g_strconcat (shared->key, "\n", seed_of (shared, nick), NULL);

      forget_last (shared);
      shared->last_nick = g_strdup (nick);
      shared->last_occupant = secrets_dup_pseudonym (shared->archive->secrets, whole);
    }
  return g_strdup (shared->last_occupant);
}

/* Each of our users who is there tells of it; the first counts. */
void
shared_room_rename (SharedRoom *shared, const char *nick, const char *new_nick)
{
  char *seed;

  if (g_hash_table_contains (shared->seeds, new_nick))
    return;
  forget_last (shared);
  seed = g_strdup (seed_of (shared, nick));
  g_hash_table_remove (shared->seeds, nick);
  if (g_str_equal (seed, new_nick))
    g_free (seed);
  else
    g_hash_table_insert (shared->seeds, g_strdup (new_nick), seed);
}

void
shared_room_forget (SharedRoom *shared, const char *nick)
{
  if (g_hash_table_remove (shared->seeds, nick))
    forget_last (shared);
}

/* -- Forgetting ----------------------------------------------------------- */

static void expire (Archive *archive);

static void
on_expired (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  Archive *archive = data;

  archive->expiring = FALSE;
  if (error != NULL)
    g_warning ("%s", error->message);
  else if (more)
    expire (archive);
}

static void
expire (Archive *archive)
{
  gint64 now = g_get_real_time () / 1000;

  if (archive->expiring)
    return;
  archive->expiring = TRUE;
  store_expire_said (archive->store, now - archive->days * MS_PER_DAY, archive->most_bytes, on_expired, archive);
}

static gboolean
drop_if_empty (gpointer key, gpointer data, gpointer unused)
{
  SharedRoom *shared = data;

  if (g_hash_table_size (shared->members) > 0)
    return FALSE;
  drop_all_recent (shared);
  return TRUE;
}

/* Those that only an earlier process had somebody in are empty. */
static gboolean
on_expire (gpointer data)
{
  Archive *archive = data;

  g_hash_table_foreach_remove (archive->rooms, drop_if_empty, NULL);
  expire (archive);
  return G_SOURCE_CONTINUE;
}

/* -- Life ----------------------------------------------------------------- */

gboolean
archive_is_congested (const Archive *archive)
{
  return archive->saving > MOST_SAVING;
}

gboolean
archive_is_on (const Archive *archive)
{
  return archive->days > 0;
}

static void
for_members (Archive *archive, void (*func) (SharedRoom *shared, Member *member))
{
  GHashTableIter rooms, members;
  gpointer shared, member;

  g_hash_table_iter_init (&rooms, archive->rooms);
  while (g_hash_table_iter_next (&rooms, NULL, &shared))
    {
      g_hash_table_iter_init (&members, ((SharedRoom *) shared)->members);
      while (g_hash_table_iter_next (&members, NULL, &member))
        func (shared, member);
    }
}

void
archive_configure (Archive *archive, const Settings *settings)
{
  gboolean was_on = archive_is_on (archive);
  GHashTableIter rooms;
  gpointer shared;

  if (was_on && settings->archive_days == 0)
    {
      g_hash_table_iter_init (&rooms, archive->rooms);
      while (g_hash_table_iter_next (&rooms, NULL, &shared))
        drop_all_recent (shared);
      for_members (archive, end_visit);
    }
  archive->days = settings->archive_days;
  archive->most_bytes = (gint64) settings->archive_megabytes * 1000 * 1000;
  if (!was_on && archive_is_on (archive))
    for_members (archive, begin_visit);
  save (archive);
  expire (archive);
}

/* What an earlier process has left: those who were there may have to hear it still. */
static void
resume (Archive *archive, Entry *entry)
{
  gsize length;
  const char *start = journal_read (archive->journal, &entry->entry, &length);
  const char *hearings = start + sizeof (Kept);
  const char *at, *room, *nick;
  Kept kept;

  memcpy (&kept, start, sizeof kept);
  at = hearings + kept.room * sizeof (Hearing);
  room = journal_unpack_text (&at);
  nick = journal_unpack_text (&at);
  fill (entry, &kept, nick, at);     /* the text comes next */
  g_array_append_vals (entry->heard, hearings, kept.n_heard);
  entry->is_given = kept.is_saved;
  archive->last_id = MAX (archive->last_id, entry->id);
  add_recent (find_shared (archive, room), entry);
  if (!kept.is_saved)
    add_unsaved (archive, entry);
}

Archive *
archive_new (Store *store, Secrets *secrets, const char *path, gsize most, GError **error)
{
  Journal *journal = journal_open (path, most, sizeof (Entry), error);
  Archive *archive;

  if (journal == NULL)
    return NULL;
  archive = g_new0 (Archive, 1);
  archive->journal = journal;
  archive->store = store;
  archive->secrets = secrets;
  archive->last_id = store_last_said (store);
  archive->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, shared_room_free);
  archive->unsaved = g_ptr_array_new ();
  archive->expire_timer = g_timeout_add_seconds (EXPIRE_SECONDS, on_expire, archive);
  for (JournalEntry *entry = journal_first (journal); entry != NULL; entry = journal_next (entry))
    resume (archive, (Entry *) entry);
  save (archive);
  store_end_visits (store, archive->last_id);
  return archive;
}

void
archive_free (Archive *archive)
{
  save (archive);
  g_clear_handle_id (&archive->expire_timer, g_source_remove);
  g_hash_table_unref (archive->rooms);
  g_ptr_array_unref (archive->unsaved);
  for (JournalEntry *entry = journal_first (archive->journal); entry != NULL; entry = journal_next (entry))
    entry_clear ((Entry *) entry);
  journal_close (archive->journal);
  g_free (archive);
}
