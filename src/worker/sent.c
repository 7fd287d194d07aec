/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sent.c - which message was meant, when a network says that one did not arrive. */
#include "config.h"

#include "sent.h"

#include "contacts.h"
#include "hub.h"

#define MOST_REMEMBERED 32
#define REMEMBERED_FOR (60 * G_USEC_PER_SEC)

/* The length of a text with its end. */
static gsize
size_of (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

/* Copies a text to where the next one belongs. */
static const char *
place (char **room, const char *text)
{
  const char *placed = *room;

  if (text == NULL)
    return NULL;
  *room = g_stpcpy (*room, text) + 1;
  return placed;
}

/* One piece of memory for a message: thousands lie about for a minute, between what comes and goes. */
SentMessage *
sent_message_new (const WireSendMessage *message)
{
  gsize size = size_of (message->peer) + size_of (message->id) + size_of (message->resource);
  SentMessage *sent = g_malloc0 (sizeof *sent + size);
  char *room = sent->texts;

  sent->refs = 1;
  sent->link.data = sent;
  sent->account = message->account;
  sent->peer = place (&room, message->peer);
  sent->id = place (&room, message->id);
  sent->resource = place (&room, message->resource);
  return sent;
}

SentMessage *
sent_message_ref (SentMessage *message)
{
  message->refs++;
  return message;
}

void
sent_message_unref (SentMessage *message)
{
  if (--message->refs > 0)
    return;
  g_free (message->network_id);
  g_free (message);
}

void
sent_message_fail (SentMessage *message, WireCause cause, const char *text)
{
  if (message->failed)
    return;
  message->failed = TRUE;
  hub_tell (message_failed, MESSAGE_FAILED,
            .account = message->account, .peer = message->peer, .id = message->id, .resource = message->resource,
            .cause = cause, .text = text);
}

static SentMessage *current;

void
sent_set_current (SentMessage *message)
{
  current = message;
}

SentMessage *
sent_get_current (void)
{
  return current;
}

static void
drop (GQueue *remembered, SentMessage *message)
{
  g_queue_unlink (remembered, &message->link);
  sent_message_unref (message);
}

static gboolean
may_forget (GQueue *remembered, const SentMessage *oldest, gint64 now)
{
  return !oldest->awaited && (remembered->length > MOST_REMEMBERED || oldest->time < now - REMEMBERED_FOR);
}

void
sent_remember (Account *account, SentMessage *message)
{
  message->time = g_get_monotonic_time ();
  if (account->sent == NULL)
    account->sent = g_queue_new ();
  g_queue_push_tail_link (account->sent, &sent_message_ref (message)->link);
  while (may_forget (account->sent, account->sent->head->data, message->time))
    drop (account->sent, account->sent->head->data);
}

gboolean
sent_fail_last (Account *account, const char *peer, WireCause cause, const char *text)
{
  g_autofree char *normal = g_strdup (contacts_normalize (account, peer));
  gint64 now = g_get_monotonic_time ();

  for (GList *l = account->sent != NULL ? account->sent->tail : NULL; l != NULL; l = l->prev)
    {
      SentMessage *message = l->data;

      if (message->time < now - REMEMBERED_FOR)
        return FALSE;
      if (message->awaited || g_strcmp0 (contacts_normalize (account, message->peer), normal) != 0)
        continue;
      sent_message_fail (message, cause, text);
      /* Each piece of it may fail by itself. */
      if (message->pieces <= 1)
        drop (account->sent, message);
      else
        message->pieces--;
      return TRUE;
    }
  return FALSE;
}

static SentMessage *
find_network_id (Account *account, const char *network_id)
{
  for (GList *l = account->sent != NULL && network_id != NULL ? account->sent->tail : NULL; l != NULL; l = l->prev)
    if (g_strcmp0 (((SentMessage *) l->data)->network_id, network_id) == 0)
      return l->data;
  return NULL;
}

gboolean
sent_fail_network_id (Account *account, const char *network_id, WireCause cause, const char *text)
{
  SentMessage *found = find_network_id (account, network_id);

  if (found == NULL)
    return FALSE;
  sent_message_fail (found, cause, text);
  drop (account->sent, found);
  return TRUE;
}

void
sent_deliver_network_id (Account *account, const char *network_id)
{
  SentMessage *found = find_network_id (account, network_id);

  if (found != NULL)
    drop (account->sent, found);
}

void
sent_forget (Account *account)
{
  if (account->sent == NULL)
    return;
  while (account->sent->head != NULL)
    drop (account->sent, account->sent->head->data);
  g_clear_pointer (&account->sent, g_queue_free);
}
