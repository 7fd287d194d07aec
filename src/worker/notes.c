/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.c - what the hub wants to be told again, should another one take its place. */
#include "config.h"

#include "notes.h"

#include <string.h>

#include "hub.h"

/* Of one account; as many as the event that tells them has room for. */
#define MOST_NOTES 256
#define MOST_BYTES (512 * 1024)

/* An account that is gone. */
typedef struct {
  gint64 account;
  gint64 number;              /* of the event that said so */
  gboolean was_signed_in;
  gint64 last_message;
  GHashTable *notes;          /* owned, may be NULL */
} Departed;

static GQueue departed = G_QUEUE_INIT;

static void
wipe (gpointer text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

static gsize
count_bytes (GHashTable *notes)
{
  GHashTableIter iter;
  gpointer key, text;
  gsize bytes = 0;

  g_hash_table_iter_init (&iter, notes);
  while (g_hash_table_iter_next (&iter, &key, &text))
    bytes += strlen (key) + strlen (text);
  return bytes;
}

void
notes_keep (const WireKeepNote *message)
{
  Account *account = accounts_find (message->account, message->begins);

  if (account == NULL)
    return;
  if (message->begins)
    g_clear_pointer (&account->notes, g_hash_table_unref);
  if (account->notes == NULL)
    account->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, wipe);
  g_hash_table_remove (account->notes, message->key);
  if (message->text == NULL)
    return;
  if (g_hash_table_size (account->notes) >= MOST_NOTES || count_bytes (account->notes) + strlen (message->text) > MOST_BYTES)
    {
      g_message ("account %" G_GINT64_FORMAT " has too many notes: one is not kept", account->number);
      return;
    }
  g_hash_table_insert (account->notes, g_strdup (message->key), g_strdup (message->text));
}

/* -- Those that are gone -------------------------------------------------- */

static void
departed_free (gpointer data)
{
  Departed *one = data;

  g_clear_pointer (&one->notes, g_hash_table_unref);
  g_free (one);
}

void
notes_depart (Account *account, gint64 number)
{
  Departed *oldest, *one;

  while ((oldest = g_queue_peek_head (&departed)) != NULL && hub_has (oldest->number))
    departed_free (g_queue_pop_head (&departed));
  one = g_new (Departed, 1);
  *one = (Departed) { account->number, number, account->was_signed_in, account->last_message, g_steal_pointer (&account->notes) };
  g_queue_push_tail (&departed, one);
}

void
notes_departed_again (gint64 account, gint64 number)
{
  for (GList *l = departed.head; l != NULL; l = l->next)
    if (((Departed *) l->data)->account == account)
      ((Departed *) l->data)->number = number;
}

/* -- Telling -------------------------------------------------------------- */

static void
tell (gint64 account, gint64 last_message, GHashTable *notes)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, text;

  if (notes != NULL)
    {
      g_hash_table_iter_init (&iter, notes);
      while (g_hash_table_iter_next (&iter, &key, &text))
        {
          g_ptr_array_add (pairs, key);
          g_ptr_array_add (pairs, text);
        }
    }
  g_ptr_array_add (pairs, NULL);
  hub_tell (held_account, HELD_ACCOUNT, .account = account, .last_message = last_message, .notes = (const char *const *) pairs->pdata);
}

void
notes_tell (const Account *account)
{
  tell (account->number, account->last_message, account->notes);
}

guint
notes_tell_departed (void (*func) (gint64 account, gboolean was_signed_in, gpointer data), gpointer data)
{
  guint count = 0;

  for (GList *l = departed.head; l != NULL; l = l->next)
    {
      Departed *one = l->data;

      if (accounts_find (one->account, FALSE) != NULL)
        continue;
      tell (one->account, one->last_message, one->notes);
      func (one->account, one->was_signed_in, data);
      count++;
    }
  return count;
}
