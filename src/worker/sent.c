/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sent.c - which message was meant, when a network says that one did not arrive. */
#include "config.h"

#include "sent.h"

#include "contacts.h"
#include "hub.h"

#define MOST_REMEMBERED 32
#define REMEMBERED_FOR (60 * G_USEC_PER_SEC)

SentMessage *
sent_message_new (const WireSendMessage *message)
{
  SentMessage *sent = g_new0 (SentMessage, 1);

  sent->refs = 1;
  sent->account = message->account;
  sent->peer = g_strdup (message->peer);
  sent->id = g_strdup (message->id);
  sent->resource = g_strdup (message->resource);
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
  g_free (message->peer);
  g_free (message->id);
  g_free (message->resource);
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
drop (GQueue *remembered, GList *link)
{
  sent_message_unref (link->data);
  g_queue_delete_link (remembered, link);
}

void
sent_remember (Account *account, SentMessage *message)
{
  message->time = g_get_monotonic_time ();
  if (account->sent == NULL)
    account->sent = g_queue_new ();
  g_queue_push_tail (account->sent, sent_message_ref (message));
  while (!((SentMessage *) account->sent->head->data)->awaited
         && (account->sent->length > MOST_REMEMBERED
             || ((SentMessage *) account->sent->head->data)->time < message->time - REMEMBERED_FOR))
    drop (account->sent, account->sent->head);
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
      if (g_strcmp0 (contacts_normalize (account, message->peer), normal) != 0)
        continue;
      sent_message_fail (message, cause, text);
      /* Each piece of it may fail by itself. */
      if (message->pieces <= 1)
        drop (account->sent, l);
      else
        message->pieces--;
      return TRUE;
    }
  return FALSE;
}

static GList *
find_network_id (Account *account, const char *network_id)
{
  for (GList *l = account->sent != NULL && network_id != NULL ? account->sent->tail : NULL; l != NULL; l = l->prev)
    if (g_strcmp0 (((SentMessage *) l->data)->network_id, network_id) == 0)
      return l;
  return NULL;
}

gboolean
sent_fail_network_id (Account *account, const char *network_id, WireCause cause, const char *text)
{
  GList *found = find_network_id (account, network_id);

  if (found == NULL)
    return FALSE;
  sent_message_fail (found->data, cause, text);
  drop (account->sent, found);
  return TRUE;
}

void
sent_deliver_network_id (Account *account, const char *network_id)
{
  GList *found = find_network_id (account, network_id);

  if (found != NULL)
    drop (account->sent, found);
}

void
sent_forget (Account *account)
{
  if (account->sent == NULL)
    return;
  while (account->sent->head != NULL)
    drop (account->sent, account->sent->head);
  g_clear_pointer (&account->sent, g_queue_free);
}
