/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intake.c - what was read from an XMPP server and is not dealt with, so that it outlives its connection and this process. */
#include "config.h"

#include "intake.h"

#include <string.h>

#include "journal.h"

struct Intake {
  Journal *journal;
  JournalEntry *entry;        /* a whole number of stanzas, and the tail; NULL: there is nothing */
  guint done;                 /* of its stanzas */
  guint to_do;                /* of one that was taken up again: so many more */
  gsize tail;
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

void
intake_read (Intake *intake, const char *bytes, gsize length)
{
  static GString *packed;
  JournalEntry *before = intake->entry;
  const Head head = { 0 };

  if (packed == NULL)
    packed = g_string_new (NULL);
  g_string_truncate (packed, 0);
  g_string_append_len (packed, (const char *) &head, sizeof head);
  if (before != NULL)
    {
      gsize size;
      const char *old = journal_read (intake->journal, before, &size);

      g_string_append_len (packed, old + size - intake->tail, (gssize) intake->tail);
    }
  g_string_append_len (packed, bytes, (gssize) length);
  intake->entry = journal_add (intake->journal, packed->str, packed->len, FALSE);
  if (before != NULL)
    journal_strike (intake->journal, before);
  explicit_bzero (packed->str, packed->len);
  intake->done = 0;
  intake->tail = 0;
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
resume (Intake *intake)
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

Intake *
intake_open (const char *path, gsize most, GError **error)
{
  Journal *journal = journal_open (path, most, sizeof (JournalEntry), error);
  Intake *intake;

  if (journal == NULL)
    return NULL;
  intake = g_new0 (Intake, 1);
  intake->journal = journal;
  /* The last one has what was left of the one before. */
  while ((intake->entry = journal_first (journal)) != journal_last (journal))
    journal_strike (journal, intake->entry);
  if (intake->entry != NULL)
    resume (intake);
  return intake;
}

void
intake_close (Intake *intake)
{
  journal_close (intake->journal);
  g_free (intake);
}
