/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal.h - a file of what must survive this process, until it is struck off.
 *
 * An entry is in the kernel's page cache when journal_add returns, so that the next process finds it whatever
 * becomes of this one.  A loss of power may take the last seconds: nothing is synchronised, which is what makes an
 * entry cost as little as copying it; a database would cost more than all else that is done for a message.
 *
 * Room on the disk is taken before it is needed: a full disk is an answer of journal_add, never a signal. */
#pragma once

#include <glib.h>

typedef struct Journal Journal;

/* The owner's own struct begins with this.  Private but for `number`. */
typedef struct JournalEntry JournalEntry;
struct JournalEntry {
  gint64 number;              /* of those of one file the later one has the greater, over restarts too; from 1 */

  /*< private >*/
  JournalEntry *previous, *next;
  char *kept;                 /* what the file could not take; else NULL */
  gsize offset, length;
};

/* Opens the file, made with mode 0600 if there is none.  It grows up to `most` bytes.  `entry_size` is that of the owner's
 * struct, which is zeroed when it is made.  Errors name the file and what to do; a file that another process has open is
 * refused; one that is damaged is set aside under another name, with a warning, after its sound beginning was read. */
Journal *journal_open (const char *path, gsize most, gsize entry_size, GError **error);
/* What was not struck off stays in the file. */
void journal_close (Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Journal, journal_close)

/* Adds an entry at the end.  Where the disk or `most` does not allow it: NULL; with `must` it is kept in memory instead,
 * and would die with the process. */
JournalEntry *journal_add (Journal *journal, gconstpointer data, gsize length, gboolean must);

/* Forgets the entry, and frees it; its bytes are wiped. */
void journal_strike (Journal *journal, JournalEntry *entry);

/* The entry's bytes; valid until the next journal_add or journal_strike. */
gconstpointer journal_read (Journal *journal, const JournalEntry *entry, gsize *length);

/* The oldest entry, and the last; the one after an entry, and before it.  NULL: there is none. */
JournalEntry *journal_first (Journal *journal);
JournalEntry *journal_last (Journal *journal);
JournalEntry *journal_next (JournalEntry *entry);
JournalEntry *journal_previous (JournalEntry *entry);

/* Writes over bytes of an entry, from `offset` on. */
void journal_write (Journal *journal, JournalEntry *entry, gsize offset, gconstpointer data, gsize length);

/* A text at the end of what is to be an entry, and the reader of such: the text at `*at`, which moves behind it. */
void journal_pack_text (GString *packed, const char *text);
const char *journal_unpack_text (const char **at);

/* The bytes of all entries, and whether some of them are only in memory. */
gsize journal_get_bytes (Journal *journal);
gboolean journal_is_full (Journal *journal);
