/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accounts.c - the accounts of this worker, by the hub's numbers.
 *
 * libpurple ends a connection from inside its own callbacks, so that nothing may
 * be freed there: an account whose connection is gone waits in `leaving` for the
 * end of the turn, where its one signed-out is sent and its PurpleAccount deleted. */
#include "config.h"

#include "accounts.h"

#include <malloc.h>
#include <string.h>

#include "contacts.h"
#include "eventloop.h"
#include "hub.h"
#include "irc.h"
#include "menu.h"
#include "notes.h"
#include "options.h"
#include "proof.h"
#include "protocol.h"
#include "questions.h"
#include "room_list.h"
#include "rooms.h"
#include "sent.h"
#include "statuses.h"
#include "text.h"
#include "xmpp_rooms.h"

#define SIGN_IN_SECONDS 60
/* While the user thinks about a certificate. */
#define ASKED_SECONDS 600
#define TRIM_SECONDS 10

static GHashTable *accounts;  /* number -> Account */
static GQueue leaving = G_QUEUE_INIT;
static EventloopTask bury_task;
static guint trim_timer;

/* -- Finding -------------------------------------------------------------- */

Account *
accounts_find (gint64 number, gboolean make)
{
  Account *account = g_hash_table_lookup (accounts, &number);

  if (account == NULL && make)
    {
      account = g_new0 (Account, 1);
      account->number = number;
      g_hash_table_insert (accounts, &account->number, account);
    }
  return account;
}

Account *
accounts_of (const PurpleAccount *purple)
{
  return purple == NULL ? NULL : purple->ui_data;
}

Account *
accounts_of_connection (const PurpleConnection *connection)
{
  return connection == NULL ? NULL : accounts_of (connection->account);
}

Account *
accounts_of_handle (gconstpointer handle)
{
  if (handle == NULL)
    return NULL;
  if (g_list_find (purple_connections_get_all (), handle) != NULL)
    return accounts_of_connection (handle);
  if (g_list_find (purple_accounts_get_all (), handle) != NULL)
    return accounts_of (handle);
  return NULL;
}

PurpleConnection *
accounts_get_connection (const Account *account)
{
  return account->purple == NULL ? NULL : purple_account_get_connection (account->purple);
}

gboolean
accounts_is_online (const Account *account)
{
  PurpleConnection *connection = accounts_get_connection (account);

  return account->state == ACCOUNT_SIGNED_IN && !account->has_failed
         && connection != NULL && PURPLE_CONNECTION_IS_CONNECTED (connection);
}

void
accounts_foreach (void (*func) (Account *account, gpointer data), gpointer data)
{
  GHashTableIter iter;
  Account *account;

  g_hash_table_iter_init (&iter, accounts);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &account))
    func (account, data);
}

/* -- Leaving -------------------------------------------------------------- */

static gboolean
trim_memory (gpointer data)
{
  trim_timer = 0;
  malloc_trim (0);
  return G_SOURCE_REMOVE;
}

static void
stop_deadline (Account *account)
{
  if (account->deadline != 0)
    eventloop_remove (account->deadline);
  account->deadline = 0;
}

static void
account_free (Account *account)
{
  stop_deadline (account);
  g_clear_pointer (&account->notes, g_hash_table_unref);
  contacts_forget (account);
  proof_forget (account);
  rooms_forget (account);
  xmpp_rooms_forget (account);
  room_list_forget (account);
  g_clear_pointer (&account->typing, g_hash_table_unref);
  g_free (account->words);
  g_free (account->hint_words);
  g_free (account);
}

static gboolean
drop_unused (gpointer number, gpointer account, gpointer data)
{
  if (((Account *) account)->state != ACCOUNT_NEW)
    return FALSE;
  account_free (account);
  return TRUE;
}

void
accounts_drop_unused (void)
{
  g_hash_table_foreach_remove (accounts, drop_unused, NULL);
}

/* The one end of every account: its last event, and nothing of it is left. */
static void
bury (Account *account)
{
  gint64 number;

  eventloop_hold_account (account->number, FALSE);
  sent_end (account);
  questions_forget (account);
  irc_detach (account);
  number = hub_tell (signed_out, SIGNED_OUT,
                     .account = account->number,
                     .cause = account->has_failed ? account->cause : WIRE_CAUSE_NETWORK,
                     .text = account->words);
  notes_depart (account, number);
  g_message ("account %" G_GINT64_FORMAT " is signed out: %s%s%s", account->number,
             wire_name_of_Cause (account->has_failed ? account->cause : WIRE_CAUSE_NETWORK),
             account->words != NULL ? ", " : "", account->words != NULL ? account->words : "");
  if (account->purple != NULL)
    {
      PurpleAccount *purple = account->purple;

      account->purple = NULL;
      purple->ui_data = NULL;
      if (purple->password != NULL)
        explicit_bzero (purple->password, strlen (purple->password));
      purple_accounts_delete (purple);
    }
  account_free (account);
  /* Hundreds may leave together: once, when they have. */
  if (trim_timer == 0)
    trim_timer = eventloop_add_timer_seconds (TRIM_SECONDS, trim_memory, NULL);
}

static void
bury_all (EventloopTask *task)
{
  Account *account;

  while ((account = g_queue_pop_head (&leaving)) != NULL)
    bury (account);
}

static void
leave (Account *account)
{
  g_assert (account->state != ACCOUNT_LEAVING);
  account->state = ACCOUNT_LEAVING;
  stop_deadline (account);
  /* Its number is free again: the hub may sign it in anew at once. */
  g_hash_table_remove (accounts, &account->number);
}

void
accounts_set_reason (Account *account, WireCause cause, const char *words)
{
  if (account->has_failed)
    return;
  account->has_failed = TRUE;
  if (account->hint_words != NULL && cause != WIRE_CAUSE_REQUESTED)
    {
      account->cause = account->hint_cause;
      account->words = g_steal_pointer (&account->hint_words);
      return;
    }
  account->cause = cause;
  account->words = words != NULL ? text_dup_clean (words, -1) : NULL;
}

void
accounts_hint_reason (Account *account, WireCause cause, const char *words)
{
  /* The first says most: "password incorrect", then "closing link". */
  if (account->hint_words != NULL)
    return;
  account->hint_cause = cause;
  account->hint_words = text_dup_clean (words, -1);
}

WireCause
accounts_get_end_cause (const Account *account)
{
  return account->has_failed && account->cause == WIRE_CAUSE_REQUESTED ? WIRE_CAUSE_REQUESTED : WIRE_CAUSE_NETWORK;
}

void
accounts_fail (Account *account, WireCause cause, const char *words)
{
  PurpleConnection *connection = accounts_get_connection (account);

  accounts_set_reason (account, cause, words);
  if (account->state == ACCOUNT_LEAVING)
    return;
  if (connection == NULL)
    {
      leave (account);
      g_queue_push_tail (&leaving, account);
      eventloop_queue_task (&bury_task);
    }
  else
    /* libpurple lets go of the connection from a timer of its own. */
    purple_connection_error_reason (connection, PURPLE_CONNECTION_ERROR_OTHER_ERROR, words != NULL ? words : "");
}

void
accounts_disconnected (Account *account)
{
  if (account->state != ACCOUNT_LEAVING)
    leave (account);
  irc_disconnected (account);
  g_queue_push_tail (&leaving, account);
  eventloop_queue_task (&bury_task);
}

void
accounts_sign_out (gint64 number)
{
  Account *account = accounts_find (number, FALSE);

  if (account == NULL)
    {
      hub_tell (signed_out, SIGNED_OUT, .account = number, .cause = WIRE_CAUSE_REQUESTED);
      return;
    }
  accounts_set_reason (account, WIRE_CAUSE_REQUESTED, NULL);
  if (accounts_get_connection (account) != NULL)
    purple_account_disconnect (account->purple);
  if (account->state != ACCOUNT_LEAVING)
    accounts_disconnected (account);
}

void
accounts_sign_out_all (void)
{
  g_autoptr (GList) numbers = g_hash_table_get_keys (accounts);

  for (GList *l = numbers; l != NULL; l = l->next)
    l->data = g_memdup2 (l->data, sizeof (gint64));
  for (GList *l = numbers; l != NULL; l = l->next)
    {
      accounts_sign_out (*(gint64 *) l->data);
      g_free (l->data);
    }
  bury_all (&bury_task);
}

/* -- Signing in ----------------------------------------------------------- */

static gboolean
on_deadline (gpointer data)
{
  Account *account = data;

  account->deadline = 0;
  accounts_fail (account, WIRE_CAUSE_NETWORK, "The server did not answer in time.");
  return G_SOURCE_REMOVE;
}

static void
set_deadline (Account *account, guint seconds)
{
  stop_deadline (account);
  account->deadline = eventloop_add_timer_seconds (seconds, on_deadline, account);
}

void
accounts_wait_for_user (Account *account)
{
  if (account->state == ACCOUNT_SIGNING_IN)
    set_deadline (account, ASKED_SECONDS);
}

void
accounts_sign_in (const WireSignIn *message)
{
  Account *account = accounts_find (message->account, TRUE);
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  if (account->state != ACCOUNT_NEW)
    {
      g_warning ("account %" G_GINT64_FORMAT " was to sign in twice", account->number);
      return;
    }
  account->state = ACCOUNT_SIGNING_IN;
  name = options_dup_account_name (protocol_get_info (), message->name, message->options, &error);
  if (name == NULL)
    {
      accounts_fail (account, WIRE_CAUSE_SETTINGS, error->message);
      return;
    }
  account->purple = purple_account_new (name, protocol_get_id ());
  account->purple->ui_data = account;
  purple_accounts_add (account->purple);
  if (!options_apply (protocol_get_info (), account->purple, message->options, &error))
    {
      accounts_fail (account, WIRE_CAUSE_SETTINGS, error->message);
      return;
    }
  if (message->password != NULL && message->password[0] != '\0')
    purple_account_set_password (account->purple, message->password);
  else if (protocol_needs_password ())
    {
      accounts_fail (account, WIRE_CAUSE_AUTH, "This network needs a password.");
      return;
    }
  irc_attach (account, message->password, message->options);
  contacts_restore (account);
  statuses_set (account, message->show, message->status);
  set_deadline (account, SIGN_IN_SECONDS);
  /* This connects. */
  purple_account_set_enabled (account->purple, purple_core_get_ui (), TRUE);
  if (account->state == ACCOUNT_SIGNING_IN && accounts_get_connection (account) == NULL)
    accounts_fail (account, WIRE_CAUSE_SETTINGS, "The network's plugin did not even try to connect.");
}

void
accounts_connected (Account *account)
{
  PurpleConnection *connection = accounts_get_connection (account);

  if (account->state != ACCOUNT_SIGNING_IN || account->has_failed)
    return;
  account->state = ACCOUNT_SIGNED_IN;
  account->was_signed_in = TRUE;
  g_clear_pointer (&account->hint_words, g_free);
  stop_deadline (account);
  hub_tell (signed_in, SIGNED_IN,
            .account = account->number,
            .name = connection != NULL ? purple_connection_get_display_name (connection) : NULL);
  g_message ("account %" G_GINT64_FORMAT " is signed in", account->number);
  irc_signed_in (account);
  menu_tell (account);
}

void
accounts_password_set (PurpleAccount *purple, const char *password)
{
  Account *account = accounts_of (purple);

  if (account != NULL && account->state == ACCOUNT_SIGNED_IN && password != NULL && *password != '\0')
    hub_tell (new_password, NEW_PASSWORD, .account = account->number, .password = password);
}

void
accounts_init (void)
{
  accounts = g_hash_table_new (g_int64_hash, g_int64_equal);
  bury_task.run = bury_all;
}
