/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - what outlasts the hub: accounts, their contacts and rooms, and what was said in rooms.
 *
 * Requests run in order in the store's own thread; each answer is a callback in
 * the main context of the thread that opened the store, exactly one per request, never from inside the
 * request's call.  A callback's `error` is borrowed, NULL on success; the callback may be NULL where nobody waits.
 * While the database cannot be written (a full disk, say) what nobody waits for is tried again until it works, in
 * its order, and the log says so; what somebody waits for fails at once, and cannot overtake it.
 * Above small drivers (driver.h): SQLite today. */
#pragma once

#include "secrets.h"

typedef struct Store Store;

/* So many requests wait for a database that cannot be written, what was said in rooms counted by message; of more the oldest are given up. */
#define STORE_MOST_WAITING 8000

typedef struct {
  gint64 id;                  /* chosen by the caller, positive, unique */
  char *gateway;              /* domain */
  char *owner;                /* bare JID */
  char *tag;                  /* "" where the gateway has one account per user */
  char *name;
  GBytes *sealed_password;    /* secrets.h; NULL: none */
  GHashTable *options;        /* char * to char *; never NULL */
  gboolean stays_out;         /* the user signed out by command: presence does not sign in */
  gboolean quarantined;       /* it kills workers: nothing signs it in until an admin says so */
} StoreAccount;

/* How far a contact has got into its user's roster. */
typedef enum {
  STORE_ROSTER_NONE,          /* not offered yet */
  STORE_ROSTER_ASKED,         /* a subscription request is out */
  STORE_ROSTER_IN,            /* in the roster */
  STORE_ROSTER_REFUSED,       /* the user does not want it: not offered again */
} StoreRosterState;

typedef struct {
  char *peer;
  char *name;                 /* NULL: none; as last put into the roster, likewise: */
  char *group;                /* NULL: none */
  StoreRosterState roster;
} StoreContact;

StoreAccount *store_account_new (void);
StoreAccount *store_account_copy (const StoreAccount *account);
void store_account_free (StoreAccount *account);
StoreContact *store_contact_copy (const StoreContact *contact);
void store_contact_free (StoreContact *contact);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreAccount, store_account_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreContact, store_contact_free)

/* Opens "sqlite:PATH" ("sqlite::memory:" for tests), creates or migrates the
 * schema; waits for it.  The file gets mode 0600.  Refused, besides what cannot
 * be opened: a database of a newer schema, and one whose passwords were not
 * sealed with `secrets`, which are only used within the call.  Errors name the
 * database and what to do. */
Store *store_open (const char *uri, Secrets *secrets, GError **error);
/* Waits for what was asked before; callbacks of it still run if the main loop does. */
void store_close (Store *store);

typedef void (*StoreDoneFunc) (const GError *error, gpointer data);
/* `items` (StoreAccount or StoreContact) is the callback's to keep a reference of; NULL on error. */
typedef void (*StoreItemsFunc) (GPtrArray *items, const GError *error, gpointer data);

/* Likewise; `more`: there is more than this. */
typedef void (*StorePageFunc) (GPtrArray *items, gboolean more, const GError *error, gpointer data);

void store_load_accounts (Store *store, const char *gateway, StoreItemsFunc done, gpointer data);
/* Inserts, or replaces the one of this id, with its options; one durable (synchronous=FULL) transaction.  A second account
 * of the same gateway, owner and tag is refused with G_IO_ERROR_EXISTS. */
void store_save_account (Store *store, const StoreAccount *account, StoreDoneFunc done, gpointer data);
/* With its contacts and all else that is its. */
void store_remove_account (Store *store, gint64 account, StoreDoneFunc done, gpointer data);

void store_load_contacts (Store *store, gint64 account, StoreItemsFunc done, gpointer data);
void store_save_contact (Store *store, gint64 account, const StoreContact *contact, StoreDoneFunc done, gpointer data);
void store_remove_contact (Store *store, gint64 account, const char *peer, StoreDoneFunc done, gpointer data);

/* -- Rooms that a user stays in -------------------------------------------- */

typedef struct {
  char *room;
  char *nick;
  GBytes *sealed_password;    /* NULL: none */
} StoreStay;

StoreStay *store_stay_copy (const StoreStay *stay);
void store_stay_free (StoreStay *stay);

/* Items are StoreStay. */
void store_load_stays (Store *store, gint64 account, StoreItemsFunc done, gpointer data);
void store_save_stay (Store *store, gint64 account, const StoreStay *stay, StoreDoneFunc done, gpointer data);
/* `room` NULL: all of the account's. */
void store_remove_stay (Store *store, gint64 account, const char *room, StoreDoneFunc done, gpointer data);

/* -- What was said in rooms (said.c) --------------------------------------- */

/* Who may read it, of those who were there. */
typedef enum {
  STORE_FOR_ALL,
  STORE_FOR_SPEAKER,          /* as the speaker, one of our users, put it in */
  STORE_FOR_OTHERS,           /* as the network showed it to the others */
} StoreAudience;

typedef struct {
  gint64 id;                  /* unique over all rooms; grows with time */
  char *room;                 /* any key of it */
  gint64 stamp;               /* milliseconds since 1970 */
  char *nick;                 /* NULL: the room itself */
  char *text;
  char *message;              /* the id of the speaker's own message; NULL: none is known */
  char *occupant;             /* XEP-0421; may be NULL */
  gint64 speaker;             /* the account, if it is one of ours; else 0 */
  StoreAudience audience;
} StoreSaid;

void store_said_free (StoreSaid *said);

/* Takes the array of StoreSaid.  Those whose id is there already stay as they are.  It is tried again like what nobody waits for; an
 * error is final. */
void store_save_said (Store *store, GPtrArray *said, StoreDoneFunc done, gpointer data);
/* One that is saved is for all.  `speaker` 0, `message` NULL: they stay as they are. */
void store_set_for_all (Store *store, gint64 id, gint64 speaker, const char *message);

/* A user is in a room from `first` on, and up to `last`: may read what has an id of these.  A visit that ended goes on if one
 * begins by the same `first`.  All that are open end, those that have not begun by then at their beginning. */
void store_begin_visit (Store *store, gint64 account, const char *room, gint64 first);
void store_end_visit (Store *store, gint64 account, const char *room, gint64 last);
void store_end_visits (Store *store, gint64 last);

typedef struct {
  gint64 account;             /* whose visits count */
  char *room;
  gint64 start, end;          /* stamps, both included; 0: no limit */
  char *nick;                 /* only this one's; NULL: all */
  gint64 after, before;       /* ids, excluded; 0: no limit.  G_IO_ERROR_NOT_FOUND if there is no such id in the room */
  gboolean last;              /* of what fits the last ones, not the first */
  guint most;
} StoreSaidQuery;

/* Items are StoreSaid, the oldest first; `more`: in the direction of the query.  The query is copied. */
void store_load_said (Store *store, const StoreSaidQuery *query, StorePageFunc done, gpointer data);

/* Forgets what is older than `before` (milliseconds), and the oldest of what is more than `most_bytes` of text and nicks
 * (0: no limit); so much at a time, `more` if there is more to do.  Items is NULL. */
void store_expire_said (Store *store, gint64 before, gint64 most_bytes, StorePageFunc done, gpointer data);
/* The greatest id there was when the store was opened, or 0. */
gint64 store_last_said (Store *store);
