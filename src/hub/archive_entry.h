/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archive_entry.h - what was said in a room, while it is not saved, or somebody may have to hear it still.
 *
 * It is in memory, and in a journal for the next process, with all who have heard it. */
#pragma once

#include "archive.h"
#include "journal.h"

typedef struct {
  JournalEntry entry;
  char *key;                  /* nick and text */
  gint64 id, stamp;
  gint64 speaker;             /* the account; 0: none of ours that is known */
  StoreAudience audience;
  gboolean is_early;          /* the speaker heard it first, and that is when it goes to the network */
  gboolean is_joined;         /* it is for all now, and was not in the beginning, or its speaker was unknown */
  char *message;              /* the id of the speaker's own, where that became known late */
  guint expected;             /* how many have it to hear */
  GArray *heard;              /* Hearing: those who have */
  gboolean is_recent;         /* these three: archive.c */
  gboolean is_unsaved;
  gboolean is_given;          /* the store has it, or will have tried */

  /*< private >*/
  guint room;                 /* for so many hearings in the journal */
} Entry;

typedef struct {
  gint64 account;
  guint64 event;              /* of Heard */
} Hearing;

/* Adds one.  `room` is the room's key; the occupant's id may be NULL, the speaker 0. */
Entry *entry_add (Journal *journal, gint64 id, const char *room, const Heard *said, const char *occupant, gint64 speaker,
                  StoreAudience audience, guint expected);
/* Fills one that an earlier process has left.  The room's key, until the next entry is added or struck. */
const char *entry_resume (Journal *journal, Entry *entry);
/* What its memory holds, and: the journal's, too. */
void entry_clear (Entry *entry);
void entry_strike (Journal *journal, Entry *entry);

char *entry_dup_key (const char *nick, const char *text);
StoreSaid *entry_dup_said (Journal *journal, const Entry *entry);

/* NULL: the account has not heard it. */
const Hearing *entry_find_hearing (const Entry *entry, gint64 account);
void entry_add_hearing (Journal *journal, Entry *entry, const Hearing *hearing);

/* `speaker` 0: it stays as it is.  `message`: the id of the speaker's own; NULL: it is not known. */
void entry_set_for_all (Journal *journal, Entry *entry, gint64 speaker, const char *message);
void entry_set_saved (Journal *journal, Entry *entry);
