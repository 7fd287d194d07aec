/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sent.c - the messages that a network was given, and what becomes of each.
 *
 * A message is under way until the hub was told what became of it, and a while longer where more errors may come of it.
 * Then it is among the known: an error that comes late means one of them.  Both queues are in the order of sending. */
#include "config.h"

#include "sent.h"

#include <string.h>

#include "contacts.h"
#include "eventloop.h"
#include "hub.h"
#include "irc.h"
#include "proof.h"

#define MOST_KNOWN 32
/* Of a text with numbers: bytes, and one number more. */
#define MOST_NUMBERS 4000
#define KNOWN_FOR_SECONDS 60
/* Without an error for so long, a message is believed to be taken where nothing proves it. */
#define QUIET_SECONDS 5

#define NOT_SENT "The connection to the network was lost before this message was sent."
#define NOT_PROVEN "The connection to the network was lost before it had confirmed this message; it may not have arrived."
#define NOT_ANSWERED "The network did not confirm this message; it may not have arrived."

struct SentQueues {
  GQueue under_way;
  GQueue known;
};

/* Of all accounts, and the timers that run while there are any. */
static guint n_due, n_known;
static guint due_timer, known_timer;

/* -- One message ---------------------------------------------------------- */

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
  sent->number = message->number;
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

static gboolean
is_told (const SentMessage *message)
{
  return message->taken || message->failed;
}

void
sent_message_unref (SentMessage *message)
{
  if (--message->refs > 0)
    return;
  if (message->number != 0 && !is_told (message))
    {
      g_warning ("account %" G_GINT64_FORMAT ": nobody knows what became of message %" G_GINT64_FORMAT, message->account, message->number);
      sent_message_fail (message, WIRE_CAUSE_NETWORK, NOT_ANSWERED);
    }
  g_free (message->names);
  g_free (message->text);
  g_free (message);
}

void
sent_message_fail (SentMessage *message, WireCause cause, const char *text)
{
  if (message->failed)
    return;
  message->failed = TRUE;
  hub_tell (message_failed, MESSAGE_FAILED,
            .account = message->account, .number = message->number, .peer = message->peer, .id = message->id,
            .resource = message->resource, .cause = cause, .text = text);
}

/* To be told of with others. */
static void
take_among (SentMessage *message, GString *numbers)
{
  if (is_told (message))
    return;
  message->taken = TRUE;
  if (message->number != 0)
    g_string_append_printf (numbers, "%s%" G_GINT64_FORMAT, numbers->len > 0 ? " " : "", message->number);
}

static void
tell_taken (gint64 account, GString *numbers, gboolean arrived)
{
  if (numbers->len > 0)
    hub_tell (messages_taken, MESSAGES_TAKEN, .account = account, .numbers = numbers->str, .arrived = arrived);
  g_string_truncate (numbers, 0);
}

static void
take (SentMessage *message, gboolean arrived)
{
  g_autoptr (GString) numbers = g_string_new (NULL);

  take_among (message, numbers);
  tell_taken (message->account, numbers, arrived);
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

/* -- The queues ----------------------------------------------------------- */

static void
set_due (SentMessage *message, gint64 due)
{
  if (message->due != 0)
    n_due--;
  message->due = due;
  if (message->due != 0)
    n_due++;
}

static SentMessage *
first (GQueue *queue)
{
  return queue->head != NULL ? queue->head->data : NULL;
}

static void
drop (Account *account, SentMessage *message)
{
  g_queue_unlink (message->under_way ? &account->sent->under_way : &account->sent->known, &message->link);
  if (!message->under_way)
    n_known--;
  message->under_way = FALSE;
  set_due (message, 0);
  sent_message_unref (message);
}

static void
forget_old (Account *account, gpointer data)
{
  gint64 oldest = g_get_monotonic_time () - KNOWN_FOR_SECONDS * G_USEC_PER_SEC;
  GQueue *known = account->sent != NULL ? &account->sent->known : NULL;

  while (known != NULL && known->head != NULL && (known->length > MOST_KNOWN || first (known)->time < oldest))
    drop (account, first (known));
  if (known != NULL && known->head == NULL && account->sent->under_way.head == NULL)
    g_clear_pointer (&account->sent, g_free);
}

static gboolean
on_known_timer (gpointer data)
{
  accounts_foreach (forget_old, NULL);
  if (n_known > 0)
    return G_SOURCE_CONTINUE;
  known_timer = 0;
  return G_SOURCE_REMOVE;
}

/* It is not under way any more, but an error may come that means it. */
static void
know (Account *account, SentMessage *message)
{
  SentQueues *queues = account->sent;

  g_queue_unlink (&queues->under_way, &message->link);
  message->under_way = FALSE;
  set_due (message, 0);
  g_queue_push_tail_link (&queues->known, &message->link);
  n_known++;
  if (queues->known.length > MOST_KNOWN)
    drop (account, first (&queues->known));
  if (known_timer == 0)
    known_timer = eventloop_add_timer_seconds (KNOWN_FOR_SECONDS, on_known_timer, NULL);
}

static void
finish_due (Account *account, gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  /* The answer, or the error, may be there. */
  if (account->sent == NULL || !eventloop_reads_account (account->number))
    return;
  for (GList *l = account->sent->under_way.head, *next; l != NULL; l = next)
    {
      SentMessage *message = l->data;

      next = l->next;
      if (message->due == 0 || message->due > now)
        continue;
      if (message->named)
        sent_message_fail (message, WIRE_CAUSE_NETWORK, NOT_ANSWERED);
      take (message, FALSE);
      know (account, message);
    }
}

static gboolean
on_due_timer (gpointer data)
{
  accounts_foreach (finish_due, NULL);
  if (n_due > 0)
    return G_SOURCE_CONTINUE;
  due_timer = 0;
  return G_SOURCE_REMOVE;
}

static void
expect_end (SentMessage *message, guint seconds)
{
  set_due (message, message->time + seconds * G_USEC_PER_SEC);
  if (due_timer == 0)
    due_timer = eventloop_add_timer_seconds (1, on_due_timer, NULL);
}

static void
add (Account *account, SentMessage *message)
{
  if (account->sent == NULL)
    account->sent = g_new0 (SentQueues, 1);
  message->time = g_get_monotonic_time ();
  message->under_way = TRUE;
  g_queue_push_tail_link (&account->sent->under_way, &sent_message_ref (message)->link);
}

void
sent_add (Account *account, SentMessage *message)
{
  static guint64 last_place;

  message->begin = message->end = ++last_place;
  add (account, message);
  if (proof_is_by_order ())
    proof_look (account);
  else
    expect_end (message, QUIET_SECONDS);
}

void
sent_add_lines (Account *account, SentMessage *message, guint64 first, guint64 last)
{
  message->begin = first;
  message->end = last;
  add (account, message);
}

/* -- Proofs by order ------------------------------------------------------ */

static gboolean
is_written (const Account *account, guint64 place)
{
  return account->irc == NULL || place <= irc_sender_count_written (irc_get_sender (account));
}

guint64
sent_last_unproven (Account *account)
{
  SentMessage *message;

  if (account->sent == NULL)
    return 0;
  /* Those that need no proof. */
  while ((message = first (&account->sent->under_way)) != NULL && (message->number == 0 || message->failed)
         && is_written (account, message->end))
    know (account, message);
  for (GList *l = account->sent->under_way.tail; l != NULL; l = l->prev)
    {
      message = l->data;
      if (message->number != 0 && !message->failed && is_written (account, message->end))
        return message->end;
    }
  return 0;
}

void
sent_prove (Account *account, guint64 place)
{
  g_autoptr (GString) numbers = g_string_new (NULL);
  SentMessage *message;

  while (account->sent != NULL && (message = first (&account->sent->under_way)) != NULL && message->end <= place)
    {
      take_among (message, numbers);
      if (message->failed)
        drop (account, message);
      else
        know (account, message);
      if (numbers->len > MOST_NUMBERS)
        tell_taken (account->number, numbers, FALSE);
    }
  tell_taken (account->number, numbers, FALSE);
}

/* -- Names ---------------------------------------------------------------- */

/* Where a name stands among the message's. */
static char *
find_name (const SentMessage *message, const char *name)
{
  gsize length = strlen (name);

  for (char *line = message->names; line != NULL; line = strchr (line, '\n'))
    {
      if (*line == '\n')
        line++;
      if (strncmp (line, name, length) == 0 && (line[length] == '\0' || line[length] == '\n'))
        return line;
    }
  return NULL;
}

static SentMessage *
find_named (GQueue *queue, const char *name)
{
  /* Most are told of in the order of sending. */
  for (GList *l = queue->head; l != NULL; l = l->next)
    if (find_name (l->data, name) != NULL)
      return l->data;
  return NULL;
}

void
sent_message_name (SentMessage *message, const char *name)
{
  char *names = message->names != NULL ? g_strconcat (message->names, "\n", name, NULL) : g_strdup (name);

  g_free (message->names);
  message->names = names;
}

void
sent_message_expect (SentMessage *message, guint seconds)
{
  message->named = TRUE;
  if (!message->under_way)
    return;
  if (seconds > 0)
    expect_end (message, seconds);
  else
    set_due (message, 0);
}

gboolean
sent_fail_name (Account *account, const char *name, WireCause cause, const char *text)
{
  SentMessage *found = NULL;

  if (account->sent != NULL && name != NULL)
    found = find_named (&account->sent->under_way, name);
  if (account->sent != NULL && name != NULL && found == NULL)
    found = find_named (&account->sent->known, name);
  if (found == NULL)
    return FALSE;
  sent_message_fail (found, cause, text);
  drop (account, found);
  return TRUE;
}

void
sent_take_name (Account *account, const char *name, gboolean arrived)
{
  SentMessage *found = account->sent != NULL ? find_named (&account->sent->under_way, name) : NULL;
  char *place;

  if (found == NULL)
    return;
  found->stored = found->stored || !arrived;
  if (strchr (found->names, '\n') == NULL)
    {
      take (found, !found->stored);
      know (account, found);
      return;
    }
  /* Another piece is to be told of. */
  place = find_name (found, name);
  if (place[strlen (name)] == '\n')
    memmove (place, place + strlen (name) + 1, strlen (place + strlen (name)));
  else
    place[-1] = '\0';
}

/* -- Errors that name a peer ---------------------------------------------- */

static gboolean
is_to (Account *account, const SentMessage *message, const char *normal)
{
  return strcmp (message->peer, normal) == 0 || g_strcmp0 (contacts_normalize (account, message->peer), normal) == 0;
}

/* Those that failed already have failed with all before them. */
static gboolean
fail_under_way (Account *account, const char *normal, WireCause cause, const char *text)
{
  gboolean found = FALSE;

  for (GList *l = account->sent->under_way.tail; l != NULL; l = l->prev)
    {
      SentMessage *message = l->data;

      if (message->named || !is_written (account, message->begin) || !is_to (account, message, normal))
        continue;
      found = TRUE;
      if (message->failed)
        break;
      sent_message_fail (message, cause, text);
    }
  return found;
}

gboolean
sent_fail_peer (Account *account, const char *peer, WireCause cause, const char *text)
{
  g_autofree char *normal = g_strdup (contacts_normalize (account, peer));
  gint64 oldest = g_get_monotonic_time () - KNOWN_FOR_SECONDS * G_USEC_PER_SEC;

  if (account->sent == NULL)
    return FALSE;
  if (fail_under_way (account, normal, cause, text))
    return TRUE;
  for (GList *l = account->sent->known.tail; l != NULL; l = l->prev)
    {
      SentMessage *message = l->data;

      if (message->time < oldest)
        return FALSE;
      if (message->named || !is_to (account, message, normal))
        continue;
      sent_message_fail (message, cause, text);
      /* Each piece of it may fail by itself. */
      if (message->pieces <= 1)
        drop (account, message);
      else
        message->pieces--;
      return TRUE;
    }
  return FALSE;
}

/* -- The end -------------------------------------------------------------- */

void
sent_end (Account *account)
{
  SentMessage *message;

  if (account->sent == NULL)
    return;
  while ((message = first (&account->sent->under_way)) != NULL)
    {
      gboolean written = is_written (account, message->begin);

      if (message->number != 0 || !written)
        sent_message_fail (message, accounts_get_end_cause (account), written ? NOT_PROVEN : NOT_SENT);
      drop (account, message);
    }
  while ((message = first (&account->sent->known)) != NULL)
    drop (account, message);
  g_clear_pointer (&account->sent, g_free);
}
