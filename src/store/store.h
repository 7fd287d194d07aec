/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.h - what outlasts the hub: accounts and their contacts.
 *
 * Requests run in order in the store's own thread; each answer is a callback in
 * the main context of the thread that opened the store, exactly one per request, never from inside the
 * request's call.  A callback's `error` is borrowed, NULL on success; callbacks may be NULL where only
 * the log matters (an error nobody takes is logged).  Above small drivers (driver.h): SQLite today. */
#pragma once

#include "secrets.h"

typedef struct Store Store;

typedef struct {
  gint64 id;                  /* chosen by the caller, positive, unique */
  char *gateway;              /* domain */
  char *owner;                /* bare JID */
  char *tag;                  /* "" where the gateway has one account per user */
  char *name;
  GBytes *sealed_password;    /* secrets.h; NULL: none */
  GHashTable *options;        /* char * to char *; never NULL */
  gboolean stays_out;         /* the user signed out by command: presence does not sign in */
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

void store_load_accounts (Store *store, const char *gateway, StoreItemsFunc done, gpointer data);
/* Inserts, or replaces the one of this id, with its options; one durable (synchronous=FULL) transaction.  A second account
 * of the same gateway, owner and tag is refused with G_IO_ERROR_EXISTS. */
void store_save_account (Store *store, const StoreAccount *account, StoreDoneFunc done, gpointer data);
/* With its contacts and all else that is its. */
void store_remove_account (Store *store, gint64 account, StoreDoneFunc done, gpointer data);

void store_load_contacts (Store *store, gint64 account, StoreItemsFunc done, gpointer data);
void store_save_contact (Store *store, gint64 account, const StoreContact *contact, StoreDoneFunc done, gpointer data);
void store_remove_contact (Store *store, gint64 account, const char *peer, StoreDoneFunc done, gpointer data);
