/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal.c - a file of what must survive this process, until it is struck off.
 *
 * The file is mapped.  After a header come records, each with its state in front; the first whose state is FREE is the end.
 * A record's state is written last, and the state of what will follow it is cleared before: whatever instruction the
 * process dies at, what is found is whole.  When all are struck off the file begins anew; when it is full of those that
 * were, the others move to a fresh one; else it doubles. */
#include "config.h"

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "PssrJrn2"
#define SMALLEST (256 * 1024)

enum { FREE, LIVE, STRUCK };

typedef struct {
  char magic[8];
  gint64 last_number;         /* that was given */
} Header;

typedef struct {
  guint32 state;
  guint32 length;             /* of what follows the record, without the padding */
  gint64 number;
} Record;

struct Journal {
  char *path;
  gsize most, entry_size;
  int fd;
  char *map;
  gsize size;                 /* of the file and the map */
  gsize end;                  /* where the next record goes */
  gsize bytes;                /* of all entries */
  guint n_kept;               /* entries in memory */
  JournalEntry *first, *last;
};

static gsize
record_size (gsize length)
{
  return sizeof (Record) + ((length + 7) & ~(gsize) 7);
}

static Header *
header (Journal *journal)
{
  return (Header *) (gpointer) journal->map;
}

static Record *
record_at (Journal *journal, gsize offset)
{
  return (Record *) (gpointer) (journal->map + offset);
}

/* The compiler must not move other writes across this one; the kernel shows them to the next process in order. */
static void
set_state (Record *record, guint32 state)
{
  __atomic_store_n (&record->state, state, __ATOMIC_RELEASE);
}

/* -- The file ------------------------------------------------------------- */

static gboolean
fail (const char *path, int problem, const char *advice, GError **error)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (problem), "%s: %s%s", path, g_strerror (problem), advice);
  return FALSE;
}

/* Takes the room on the disk and maps the file; what was mapped before is not touched. */
static char *
map_file (const char *path, int fd, gsize size, GError **error)
{
  int problem;
  char *map;

  do
    problem = posix_fallocate (fd, 0, (off_t) size);
  while (problem == EINTR);
  if (problem != 0)
    {
      fail (path, problem, "; free some space", error);
      return NULL;
    }
  map = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    {
      fail (path, errno, "", error);
      return NULL;
    }
  return map;
}

static int
open_file (const char *path, int flags, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);

  if (fd < 0)
    fail (path, errno, "; the folder must exist and be writable for the daemon's user", error);
  else if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    {
      fail (path, errno, "; another passerelled uses it", error);
      close (fd);
      fd = -1;
    }
  return fd;
}

static void
let_go (Journal *journal)
{
  if (journal->map != NULL)
    munmap (journal->map, journal->size);
  if (journal->fd >= 0)
    close (journal->fd);
  journal->map = NULL;
  journal->fd = -1;
}

static gboolean
resize (Journal *journal, gsize size, GError **error)
{
  char *map = map_file (journal->path, journal->fd, size, error);

  if (map == NULL)
    return FALSE;
  munmap (journal->map, journal->size);
  journal->map = map;
  journal->size = size;
  return TRUE;
}

/* Writes a record, which has its place. */
static void
put (Journal *journal, gint64 number, gconstpointer data, gsize length)
{
  Record *record = record_at (journal, journal->end);
  gsize after = journal->end + record_size (length);

  if (after + sizeof (Record) <= journal->size)
    set_state (record_at (journal, after), FREE);
  memcpy (record + 1, data, length);
  record->length = (guint32) length;
  record->number = number;
  set_state (record, LIVE);
  journal->end = after;
}

/* Fills a file with what is there, and puts it in the place of the present one. */
static gboolean
replace_file (Journal *journal, Journal *fresh, const char *path, GError **error)
{
  fresh->map = map_file (path, fresh->fd, fresh->size, error);
  if (fresh->map == NULL)
    return FALSE;
  memcpy (header (fresh)->magic, MAGIC, sizeof header (fresh)->magic);
  header (fresh)->last_number = journal->map != NULL ? header (journal)->last_number : 0;
  for (JournalEntry *entry = journal->first; entry != NULL; entry = entry->next)
    if (entry->kept == NULL)
      put (fresh, entry->number, record_at (journal, entry->offset) + 1, entry->length);
  return rename (path, journal->path) == 0 || fail (path, errno, "", error);
}

static gboolean
begin_file (Journal *journal, gsize size, GError **error)
{
  g_autofree char *path = g_strconcat (journal->path, ".new", NULL);
  Journal fresh = *journal;
  gsize at = sizeof (Header);

  fresh.map = NULL;
  fresh.size = size;
  fresh.end = at;
  fresh.fd = open_file (path, O_TRUNC, error);
  if (fresh.fd < 0)
    return FALSE;
  if (!replace_file (journal, &fresh, path, error))
    {
      unlink (path);
      let_go (&fresh);
      return FALSE;
    }
  let_go (journal);
  *journal = fresh;
  for (JournalEntry *entry = journal->first; entry != NULL; entry = entry->next)
    if (entry->kept == NULL)
      {
        entry->offset = at;
        at += record_size (entry->length);
      }
  return TRUE;
}

/* Sees to room for so many bytes at the end. */
static gboolean
make_room (Journal *journal, gsize needed, GError **error)
{
  gsize size = journal->size, live = sizeof (Header);

  if (journal->end + needed <= journal->size)
    return TRUE;
  for (JournalEntry *entry = journal->first; entry != NULL; entry = entry->next)
    if (entry->kept == NULL)
      live += record_size (entry->length);
  if (live + needed <= size / 2)
    return begin_file (journal, size, error);
  while (size < live + needed || size < journal->end + needed)
    size *= 2;
  if (size <= journal->most)
    return resize (journal, size, error);
  /* Not for a few bytes at every entry. */
  if (live + needed <= journal->size / 8 * 7)
    return begin_file (journal, journal->size, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "%s: has reached its limit of %" G_GSIZE_FORMAT " MiB", journal->path,
               journal->most / 1024 / 1024);
  return FALSE;
}

/* -- Entries -------------------------------------------------------------- */

static JournalEntry *
append (Journal *journal, gint64 number, gsize length)
{
  JournalEntry *entry = g_slice_alloc0 (journal->entry_size);

  entry->number = number;
  entry->length = length;
  entry->previous = journal->last;
  if (journal->last != NULL)
    journal->last->next = entry;
  else
    journal->first = entry;
  journal->last = entry;
  journal->bytes += length;
  return entry;
}

static void
drop (Journal *journal, JournalEntry *entry)
{
  if (entry->previous != NULL)
    entry->previous->next = entry->next;
  else
    journal->first = entry->next;
  if (entry->next != NULL)
    entry->next->previous = entry->previous;
  else
    journal->last = entry->previous;
  journal->bytes -= entry->length;
  if (entry->kept != NULL)
    journal->n_kept--;
  g_free (entry->kept);
  g_slice_free1 (journal->entry_size, entry);
}

JournalEntry *
journal_add (Journal *journal, gconstpointer data, gsize length, gboolean must)
{
  g_autoptr (GError) error = NULL;
  gboolean fits = length <= G_MAXINT32 && make_room (journal, record_size (length), &error);
  JournalEntry *entry;

  if (!fits && !must)
    return NULL;
  entry = append (journal, ++header (journal)->last_number, length);
  if (fits)
    {
      entry->offset = journal->end;
      put (journal, entry->number, data, length);
    }
  else
    {
      if (journal->n_kept++ == 0)
        g_warning ("The journal cannot grow: %s; what has to be kept is kept in memory only", error->message);
      entry->kept = g_memdup2 (data, length);
    }
  return entry;
}

/* All are struck off: the file begins anew, and gives back what it had grown to. */
static void
begin_anew (Journal *journal)
{
  set_state (record_at (journal, sizeof (Header)), FREE);
  journal->end = sizeof (Header);
  if (journal->size > 4 * SMALLEST && ftruncate (journal->fd, SMALLEST) == 0)
    {
      munmap (journal->map + SMALLEST, journal->size - SMALLEST);
      journal->size = SMALLEST;
    }
}

void
journal_strike (Journal *journal, JournalEntry *entry)
{
  if (entry->kept == NULL)
    {
      Record *record = record_at (journal, entry->offset);

      set_state (record, STRUCK);
      explicit_bzero (record + 1, record->length);
    }
  else
    explicit_bzero (entry->kept, entry->length);
  drop (journal, entry);
  if (journal->first == NULL)
    begin_anew (journal);
}

gconstpointer
journal_read (Journal *journal, const JournalEntry *entry, gsize *length)
{
  *length = entry->length;
  return entry->kept != NULL ? (gconstpointer) entry->kept : record_at (journal, entry->offset) + 1;
}

JournalEntry *
journal_first (Journal *journal)
{
  return journal->first;
}

JournalEntry *
journal_last (Journal *journal)
{
  return journal->last;
}

JournalEntry *
journal_previous (JournalEntry *entry)
{
  return entry->previous;
}

void
journal_write (Journal *journal, JournalEntry *entry, gsize offset, gconstpointer data, gsize length)
{
  char *bytes = entry->kept != NULL ? entry->kept : (char *) (record_at (journal, entry->offset) + 1);

  g_assert (offset + length <= entry->length);
  memcpy (bytes + offset, data, length);
}

void
journal_pack_text (GString *packed, const char *text)
{
  g_string_append_len (packed, text, (gssize) strlen (text) + 1);
}

const char *
journal_unpack_text (const char **at)
{
  const char *text = *at;

  *at += strlen (text) + 1;
  return text;
}

JournalEntry *
journal_next (JournalEntry *entry)
{
  return entry->next;
}

gsize
journal_get_bytes (Journal *journal)
{
  return journal->bytes;
}

gboolean
journal_is_full (Journal *journal)
{
  return journal->n_kept > 0;
}

/* -- Opening and closing -------------------------------------------------- */

/* Reads what an earlier process has left.  FALSE: only the beginning made sense. */
static gboolean
recover (Journal *journal)
{
  gsize at = sizeof (Header);

  while (at + sizeof (Record) <= journal->size)
    {
      const Record *record = record_at (journal, at);
      gboolean fits = record_size (record->length) <= journal->size - at;

      if (record->state == FREE)
        break;
      if (record->state > STRUCK || !fits || record->number > header (journal)->last_number || record->number < 1)
        return FALSE;
      if (record->state == LIVE)
        append (journal, record->number, record->length)->offset = at;
      at += record_size (record->length);
    }
  journal->end = at;
  return TRUE;
}

static gboolean
set_aside (Journal *journal, GError **error)
{
  g_autofree char *aside = g_strconcat (journal->path, ".damaged", NULL);

  g_warning ("%s: is damaged; what it began with is kept, the rest is in %s", journal->path, aside);
  unlink (aside);
  if (link (journal->path, aside) < 0)
    return fail (aside, errno, "", error);
  return TRUE;
}

Journal *
journal_open (const char *path, gsize most, gsize entry_size, GError **error)
{
  Journal *journal = g_new0 (Journal, 1);
  struct stat status = { 0 };

  journal->path = g_strdup (path);
  journal->most = MAX (most, SMALLEST);
  journal->entry_size = entry_size;
  journal->fd = open_file (path, 0, error);
  if (journal->fd < 0 || fstat (journal->fd, &status) < 0)
    {
      journal_close (journal);
      return NULL;
    }
  if (status.st_size > (off_t) sizeof (Header))
    {
      journal->size = (gsize) status.st_size;
      journal->map = map_file (path, journal->fd, journal->size, error);
      if (journal->map == NULL)
        {
          journal_close (journal);
          return NULL;
        }
    }
  if (journal->map != NULL && memcmp (header (journal)->magic, MAGIC, sizeof header (journal)->magic) == 0 && recover (journal))
    return journal;
  /* New, of another kind, or damaged. */
  if ((journal->map != NULL && !set_aside (journal, error)) || !begin_file (journal, MAX (journal->size, SMALLEST), error))
    {
      journal_close (journal);
      return NULL;
    }
  return journal;
}

void
journal_close (Journal *journal)
{
  while (journal->first != NULL)
    drop (journal, journal->first);
  let_go (journal);
  g_free (journal->path);
  g_free (journal);
}
