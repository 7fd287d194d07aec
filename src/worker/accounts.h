/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accounts.h - the accounts of this worker, by the hub's numbers.
 *
 * An Account begins with the first command that names it (keep-note, restore-contact or
 * sign-in) and ends with its signed-out event; what the hub wants to be known
 * at the next sign-in it sends again. */
#pragma once

#include <purple.h>

#include "wire.h"

typedef struct IrcAccount IrcAccount;
typedef struct IrcChannels IrcChannels;
typedef struct Proof Proof;
typedef struct SentQueues SentQueues;
typedef struct XmppRooms XmppRooms;

typedef enum {
  ACCOUNT_NEW,                /* not asked to sign in yet */
  ACCOUNT_SIGNING_IN,
  ACCOUNT_SIGNED_IN,
  ACCOUNT_LEAVING,            /* its connection is ending, or has ended */
} AccountState;

typedef struct {
  gint64 number;
  AccountState state;
  PurpleAccount *purple;      /* NULL while ACCOUNT_NEW */
  gboolean was_signed_in;     /* at some time, and the hub was told */

  /*< private to accounts.c >*/
  guint deadline;             /* timer of the sign-in */
  gboolean has_failed;
  WireCause cause;
  char *words;                /* owned */
  WireCause hint_cause;
  char *hint_words;           /* owned; NULL: no hint */

  /*< private to the modules of these names >*/
  gint64 last_message;        /* commands.c: the greatest number of a message that the hub gave us */
  GHashTable *notes;          /* notes.c: owned */
  GHashTable *contacts;       /* contacts.c: owned */
  SentQueues *sent;           /* sent.c: owned; NULL: nothing was sent lately */
  Proof *proof;               /* proof.c: owned */
  GHashTable *typing;         /* conversations.c: a set of peers; owned */
  GHashTable *rooms;          /* rooms.c: owned */
  PurpleRoomlist *room_list;  /* room_list.c: a reference */
  IrcAccount *irc;            /* irc.c: owned, NULL where the network is not IRC */
  GQueue *barriers;           /* irc_barrier.c: owned */
  GQueue *raws;               /* irc_raw.c: owned */
  IrcChannels *irc_channels;  /* irc_channels.c: owned */
  XmppRooms *xmpp_rooms;      /* xmpp_rooms.c: owned */
} Account;

void accounts_init (void);

/* The account of that number; `make` one that is new when there is none. */
Account *accounts_find (gint64 number, gboolean make);
/* Like libpurple's own objects: NULL when it is not one of ours any more. */
Account *accounts_of (const PurpleAccount *purple);
Account *accounts_of_connection (const PurpleConnection *connection);
/* For the `handle` of libpurple's notifications and requests: NULL when it tells no account. */
Account *accounts_of_handle (gconstpointer handle);

/* Signed in, with a live connection. */
gboolean accounts_is_online (const Account *account);
PurpleConnection *accounts_get_connection (const Account *account);

void accounts_sign_in (const WireSignIn *message);
/* Ends in signed-out, soon or at once. */
void accounts_sign_out (gint64 number);
void accounts_sign_out_all (void);
/* Forgets those that were never asked to sign in: who began with them is gone. */
void accounts_drop_unused (void);
void accounts_foreach (void (*func) (Account *account, gpointer data), gpointer data);

/* What the connection tells (connections.c). */
void accounts_connected (Account *account);
void accounts_disconnected (Account *account);
/* libpurple was told a password (interpose.c): a new one where the account is signed in. */
void accounts_password_set (PurpleAccount *purple, const char *password);

/* Says why the account is about to be signed out; the first reason counts. */
void accounts_set_reason (Account *account, WireCause cause, const char *words);
/* What the network said of a connection that is likely to end: told in place of
 * the reason that libpurple then has. */
void accounts_hint_reason (Account *account, WireCause cause, const char *words);
/* Why messages fail that the account had under way: the user wanted it to end, or it is the network's fault. */
WireCause accounts_get_end_cause (const Account *account);
/* Signs out for a reason. */
void accounts_fail (Account *account, WireCause cause, const char *words);
/* More time for the sign-in: the user was asked something. */
void accounts_wait_for_user (Account *account);
