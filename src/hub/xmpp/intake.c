/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intake.c - what was read from an XMPP server and is not dealt with, so that it outlives its connection and this process. */
#include "config.h"

#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "journal.h"

/* What is read, until it is in the journal. */
typedef struct {
  guint32 is_kept;            /* it is */
  char bytes[INTAKE_AREA];    /* all 0 before something is read */
  char end;                   /* 0 */
} Area;

struct Intake {
  Journal *journal;
  JournalEntry *entry;        /* a whole number of stanzas, and the tail; NULL: there is nothing */
  guint done;                 /* of its stanzas */
  guint to_do;                /* of one that was taken up again: so many more */
  gsize tail;
  Area *area;
  gsize used;                 /* bytes of it */
};

/* What an entry begins with. */
typedef struct {
  guint32 done;
  guint32 is_again;           /* the next one was in hand when a process died, and is so again */
} Head;

static void
strike (Intake *intake)
{
  if (intake->entry != NULL)
    journal_strike (intake->journal, intake->entry);
  intake->entry = NULL;
  intake->done = intake->to_do = 0;
  intake->tail = 0;
}

static void
write_head (Intake *intake, gboolean is_again)
{
  const Head head = { intake->done, (guint32) is_again };

  journal_write (intake->journal, intake->entry, 0, &head, sizeof head);
}

/* A new entry: the last bytes of the present one, so many, and what is in the area. */
static void
add (Intake *intake, gsize last, gsize length)
{
  static GString *packed;
  JournalEntry *before = intake->entry;
  const Head head = { intake->done, FALSE };

  if (packed == NULL)
    packed = g_string_new (NULL);
  g_string_truncate (packed, 0);
  g_string_append_len (packed, (const char *) &head, sizeof head);
  if (before != NULL)
    {
      gsize size;
      const char *old = journal_read (intake->journal, before, &size);

      g_string_append_len (packed, old + size - last, (gssize) last);
    }
  g_string_append_len (packed, intake->area->bytes, (gssize) length);
  intake->entry = journal_add (intake->journal, packed->str, packed->len, FALSE);
  __atomic_store_n (&intake->area->is_kept, TRUE, __ATOMIC_RELEASE);
  intake->used = length;
  if (before != NULL)
    journal_strike (intake->journal, before);
  explicit_bzero (packed->str, packed->len);
}

char *
intake_area (Intake *intake)
{
  return intake->area->bytes;
}

void
intake_read (Intake *intake, gsize length)
{
  intake->done = 0;
  add (intake, intake->tail, length);
  intake->tail = 0;
}

void
intake_wipe (Intake *intake)
{
  explicit_bzero (intake->area->bytes, intake->used);
  intake->used = 0;
  __atomic_store_n (&intake->area->is_kept, FALSE, __ATOMIC_RELEASE);
}

void
intake_begin (Intake *intake)
{
  if (intake->to_do > 0)
    write_head (intake, TRUE);
}

void
intake_done (Intake *intake)
{
  if (intake->entry == NULL)
    return;
  intake->done++;
  write_head (intake, FALSE);
  if (intake->to_do > 0 && --intake->to_do == 0)
    strike (intake);
}

void
intake_settle (Intake *intake, gsize tail)
{
  if (intake->entry == NULL || intake->to_do > 0)
    return;
  if (tail == 0)
    strike (intake);
  else
    intake->tail = tail;
}

gsize
intake_get_tail (const Intake *intake)
{
  return intake->tail;
}

const char *
intake_get_left (Intake *intake, gsize *length, guint *done)
{
  const char *bytes;

  if (intake->entry == NULL)
    return NULL;
  bytes = journal_read (intake->journal, intake->entry, length);
  *length -= sizeof (Head);
  *done = intake->done;
  return bytes + sizeof (Head);
}

void
intake_take_up (Intake *intake, guint stanzas)
{
  intake->tail = 0;
  intake->to_do = stanzas;
  if (stanzas == 0)
    strike (intake);
}

/* -- Life ----------------------------------------------------------------- */

static void
resume_entry (Intake *intake)
{
  gsize length;
  Head head;

  memcpy (&head, journal_read (intake->journal, intake->entry, &length), sizeof head);
  intake->done = head.done;
  if (!head.is_again)
    return;
  g_warning ("a stanza is left out: this program has died of it twice");
  intake->done++;
  write_head (intake, FALSE);
}

/* What it had read, and had no time to keep; it follows the entry. */
static void
resume_area (Intake *intake)
{
  gsize length = strlen (intake->area->bytes);
  gsize size = sizeof (Head);

  if (intake->entry != NULL)
    journal_read (intake->journal, intake->entry, &size);
  if (!intake->area->is_kept && length > 0)
    add (intake, size - sizeof (Head), length);
  /* It may have died while it wiped. */
  intake->used = INTAKE_AREA;
  intake_wipe (intake);
}

static Area *
map_area (const char *path, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".now", NULL);
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  int problem = errno;
  Area *area = MAP_FAILED;

  if (fd >= 0)
    {
      problem = posix_fallocate (fd, 0, sizeof (Area));
      if (problem == 0)
        area = mmap (NULL, sizeof (Area), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (problem == 0 && area == MAP_FAILED)
        problem = errno;
      close (fd);
    }
  if (area != MAP_FAILED)
    return area;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (problem), "%s: %s", name, g_strerror (problem));
  return NULL;
}

Intake *
intake_open (const char *path, gsize most, GError **error)
{
  g_autoptr (Journal) journal = journal_open (path, most, sizeof (JournalEntry), error);
  Area *area = journal == NULL ? NULL : map_area (path, error);
  Intake *intake;

  if (area == NULL)
    return NULL;
  intake = g_new0 (Intake, 1);
  intake->journal = g_steal_pointer (&journal);
  intake->area = area;
  /* The last one has what was left of the one before. */
  while ((intake->entry = journal_first (intake->journal)) != journal_last (intake->journal))
    journal_strike (intake->journal, intake->entry);
  if (intake->entry != NULL)
    resume_entry (intake);
  resume_area (intake);
  return intake;
}

void
intake_close (Intake *intake)
{
  journal_close (intake->journal);
  munmap (intake->area, sizeof (Area));
  g_free (intake);
}
