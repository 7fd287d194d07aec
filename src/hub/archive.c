/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archive.c - what is said in the networks' rooms, kept once for all of our users who hear it. */
#include "config.h"

#include "archive.h"

#include "archive_entry.h"
#include "occupant_seeds.h"

#define SAVE_MS 500
#define MOST_UNSAVED 500
/* So many wait for a slow disk before the networks have to: not for one that takes nothing. */
#define MOST_SAVING (STORE_MOST_WAITING + 2000)
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
  Seeds *seeds;
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
  GQueue order;               /* the same, the oldest first */
  char *last_nick, *last_occupant;  /* asked for last: who speaks is asked for again and again */
};

typedef struct {
  gint64 account;
  char *nick;
  gint64 since;               /* the first id that it hears */
} Member;

static void
forget_if_done (Archive *archive, Entry *entry)
{
  if (!entry->is_recent && !entry->is_unsaved)
    entry_strike (archive->journal, entry);
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

/* Nobody of ours is there any more. */
static void
forget_room (SharedRoom *shared)
{
  drop_all_recent (shared);
  seeds_forget_room (shared->archive->seeds, shared->key);
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
      const Hearing *hearing = entry_find_hearing (entry, member->account);

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

/* A full disk may stay so for hours: what is too much to wait for it is told of once, and again when it is over. */
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

      if (error == NULL)
        entry_set_saved (archive->journal, entry);
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
    g_ptr_array_add (said, entry_dup_said (archive->journal, archive->unsaved->pdata[i]));
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
  g_autofree char *occupant = said->nick == NULL ? NULL : shared_room_dup_occupant_id (shared, said->nick);
  Entry *entry = entry_add (archive->journal, next_id (archive), shared->key, said, occupant, speaker, audience, g_hash_table_size (shared->members));

  add_recent (shared, entry);
  add_unsaved (archive, entry);
  return entry;
}

/* The speaker and others have heard the same words: one message for all.  Where others were the first after a restart, it was not known
 * that the speaker is one of ours. */
static void
join_audiences (Archive *archive, Entry *entry, gint64 speaker, const Heard *said)
{
  entry_set_for_all (archive->journal, entry, speaker, said->message);
  if (entry->is_given)
    store_set_for_all (archive->store, entry->id, speaker, said->message);
}

/* It has heard what was said before it seemed to be there: so it was there. */
static void
move_visit (SharedRoom *shared, Member *member, gint64 first)
{
  member->since = first;
  store_begin_visit (shared->archive->store, member->account, shared->key, first);
}

/* Whether this hearing tells of a message whom it is for, or whose it is. */
static gboolean
is_news (const Entry *entry, StoreAudience audience)
{
  if (entry->audience == STORE_FOR_ALL)
    return audience == STORE_FOR_SPEAKER && entry->speaker == 0;
  return entry->audience != audience;
}

gint64
shared_room_said (SharedRoom *shared, gint64 account, const Heard *said)
{
  Member *member = g_hash_table_lookup (shared->members, &account);
  const Member *speaker = said->nick == NULL ? NULL : g_hash_table_lookup (shared->speakers, said->nick);
  gint64 who = speaker == NULL ? 0 : speaker->account;
  StoreAudience audience = speaker == NULL ? STORE_FOR_ALL : speaker == member ? STORE_FOR_SPEAKER : STORE_FOR_OTHERS;
  g_autofree char *key = NULL;
  Entry *entry;
  gint64 id;

  if (!archive_is_on (shared->archive) || member == NULL)
    return 0;
  drop_late (shared);
  key = entry_dup_key (said->nick, said->text);
  entry = find_recent (shared, key, member, said);
  if (entry == NULL)
    entry = add (shared, said, who, audience);
  else if (is_news (entry, audience))
    join_audiences (shared->archive, entry, who, said);
  if (entry_find_hearing (entry, account) == NULL)
    entry_add_hearing (shared->archive->journal, entry, &(Hearing) { account, said->event });
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
  /* What a former process knew of those who are there is of use to who was there too. */
  if (since == G_MAXINT64 && g_hash_table_size (shared->members) == 0)
    seeds_forget_room (archive->seeds, key);
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
      forget_room (shared);
      g_hash_table_remove (archive->rooms, shared->key);
    }
}

/* -- Occupant ids --------------------------------------------------------- */

char *
shared_room_dup_occupant_id (SharedRoom *shared, const char *nick)
{
  if (g_strcmp0 (shared->last_nick, nick) != 0)
    {
      g_autofree char *whole = g_strconcat (shared->key, "\n", seeds_get (shared->archive->seeds, shared->key, nick), NULL);

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
  if (seeds_rename (shared->archive->seeds, shared->key, nick, new_nick))
    forget_last (shared);
}

void
shared_room_forget (SharedRoom *shared, const char *nick)
{
  if (seeds_forget (shared->archive->seeds, shared->key, nick))
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
  seeds_forget_rooms_but (archive->seeds, archive->rooms);
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
  const char *room = entry_resume (archive->journal, entry);

  archive->last_id = MAX (archive->last_id, entry->id);
  add_recent (find_shared (archive, room), entry);
  if (!entry->is_given)
    add_unsaved (archive, entry);
}

/* The process may have died before the store had heard of it. */
static void
tell_audience (Archive *archive, const Entry *entry)
{
  if (entry->is_joined)
    store_set_for_all (archive->store, entry->id, entry->speaker, entry->message);
}

Archive *
archive_new (Store *store, Secrets *secrets, const char *folder, gsize most, GError **error)
{
  g_autofree char *rooms = g_build_filename (folder, "rooms", NULL), *occupants = g_build_filename (folder, "occupants", NULL);
  g_autoptr (Journal) journal = journal_open (rooms, most, sizeof (Entry), error);
  Seeds *seeds = journal == NULL ? NULL : seeds_open (occupants, most, error);
  Archive *archive;

  if (seeds == NULL)
    return NULL;
  archive = g_new0 (Archive, 1);
  archive->journal = g_steal_pointer (&journal);
  archive->seeds = seeds;
  archive->store = store;
  archive->secrets = secrets;
  archive->last_id = store_last_said (store);
  archive->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, shared_room_free);
  archive->unsaved = g_ptr_array_new ();
  archive->expire_timer = g_timeout_add_seconds (EXPIRE_SECONDS, on_expire, archive);
  for (JournalEntry *entry = journal_first (archive->journal); entry != NULL; entry = journal_next (entry))
    resume (archive, (Entry *) entry);
  save (archive);
  for (JournalEntry *entry = journal_first (archive->journal); entry != NULL; entry = journal_next (entry))
    tell_audience (archive, (Entry *) entry);
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
  seeds_close (archive->seeds);
  g_free (archive);
}
