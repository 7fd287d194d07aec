/* SPDX-License-Identifier: GPL-2.0-or-later */
/* archive.h - what is said in the networks' rooms, kept once for all of our users who hear it.
 *
 * A shared room is one of a network with those of our accounts that are in it.  The network tells each of them what is said;
 * the same words by the same nick are the same message, if this account has not heard it yet.  Messages are saved in
 * batches, half a second after they came. */
#pragma once

#include "secrets.h"
#include "settings.h"
#include "store.h"

typedef struct Archive Archive;
typedef struct SharedRoom SharedRoom;

/* The folder has journals for the next process, of up to `most` bytes: what is not saved yet, who has heard what of the last two minutes,
 * and who had another nick before.  Visits that were open end. */
Archive *archive_new (Store *store, Secrets *secrets, const char *folder, gsize most, GError **error);
/* Saves what is not saved yet. */
void archive_free (Archive *archive);
/* How long and how much is kept.  Turned off, all is forgotten. */
void archive_configure (Archive *archive, const Settings *settings);
gboolean archive_is_on (const Archive *archive);
/* Whether so much waits for the database that the networks should, too. */
gboolean archive_is_congested (const Archive *archive);

/* The account is in this room from now on, by this nick, and hears what is said.  `since` is the least id that it can have heard, where
 * that is known: somebody saw it come before it knew itself, or it was there for a former process; else G_MAXINT64. */
SharedRoom *archive_enter (Archive *archive, const char *key, gint64 account, const char *nick, gint64 since);
gint64 shared_room_since (SharedRoom *shared, gint64 account);
/* Calls `func` with each account that is in this room. */
void archive_foreach_member (Archive *archive, const char *key, void (*func) (gint64 account, gpointer data), gpointer data);
/* The shared room may be gone afterwards. */
void shared_room_leave (SharedRoom *shared, gint64 account);
void shared_room_set_nick (SharedRoom *shared, gint64 account, const char *nick);

/* Something that an account heard.  The id, which those who hear the same get too; 0: it is not kept. */
typedef struct {
  const char *nick;           /* NULL: the room itself */
  const char *text;
  gint64 stamp;               /* milliseconds since 1970; 0: now */
  const char *message;        /* of our own: the id it was sent with */
  guint64 event;              /* the same when a worker tells another hub of it again, of the account; and no other soon */
} Heard;
gint64 shared_room_said (SharedRoom *shared, gint64 account, const Heard *said);

/* XEP-0421: the same for all of our users, also when the nick changes.  Others' nicks change by shared_room_rename. */
char *shared_room_dup_occupant_id (SharedRoom *shared, const char *nick);
void shared_room_rename (SharedRoom *shared, const char *nick, const char *new_nick);
/* Nobody has this nick any more. */
void shared_room_forget (SharedRoom *shared, const char *nick);

/* What is said from now on has a greater id. */
gint64 archive_last_id (const Archive *archive);
/* store_load_said, with what is not saved yet. */
void archive_load (Archive *archive, const StoreSaidQuery *query, StorePageFunc done, gpointer data);
