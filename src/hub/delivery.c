/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delivery.c - users' messages towards the network, kept until that has them, or their senders an error. */
#include "config.h"

#include "delivery.h"

#include <string.h>

#include "jid.h"
#include "journal.h"
#include "receipts.h"
#include "rooms.h"
#include "worker.h"

#define TICK_SECONDS 1
/* Of one account's messages under way: bytes in the journal. */
#define UNDER_WAY_MOST (1024 * 1024)

#define LOST_TEXT "The gateway lost its connection to the network while it was sending this message; it may not have arrived."

typedef struct {
  JournalEntry entry;
  Session *session;
  gint64 given;               /* to the worker, under this number; 0: it waits */
  gint64 deadline;            /* while it waits: monotonic */
  GList link;                 /* among the session's */
} Delivery;

struct Deliveries {
  Gateway *gateway;
  Journal *journal;
  gint64 last_given;          /* numbers grow in the order of giving, so that a worker's last one tells what it has */
  guint n_waiting;
  guint tick;                 /* while some wait */
};

/* What the journal has of one.  It begins with the number that changes when it is given to a worker. */
typedef struct {
  gint64 given;
  gboolean to_room, wants_receipt;
  gint64 account;
  const char *peer, *text;
  const char *id;             /* the stanza's; NULL: none, likewise: */
  const char *from, *to;
} Content;

enum { TO_ROOM = 1, WANTS_RECEIPT = 2, HAS_ID = 4 };

#define GIVEN_AT 0
#define FLAGS_AT sizeof (gint64)

/* -- What is kept --------------------------------------------------------- */

static GString *
pack (const Content *content)
{
  static GString *packed;
  guint flags = (content->to_room ? TO_ROOM : 0) | (content->wants_receipt ? WANTS_RECEIPT : 0) | (content->id != NULL ? HAS_ID : 0);

  if (packed == NULL)
    packed = g_string_new (NULL);
  g_string_truncate (packed, 0);
  g_string_append_len (packed, (const char *) &content->given, sizeof content->given);
  g_string_append_c (packed, (char) flags);
  g_string_append_len (packed, (const char *) &content->account, sizeof content->account);
  journal_pack_text (packed, content->peer);
  journal_pack_text (packed, content->text);
  journal_pack_text (packed, content->id != NULL ? content->id : "");
  journal_pack_text (packed, content->from);
  journal_pack_text (packed, content->to);
  return packed;
}

/* Valid as journal_read says. */
static Content
unpack (Deliveries *deliveries, const Delivery *delivery)
{
  gsize length;
  const char *at = journal_read (deliveries->journal, &delivery->entry, &length);
  guint flags = (guint8) at[FLAGS_AT];
  Content content = { .to_room = (flags & TO_ROOM) != 0, .wants_receipt = (flags & WANTS_RECEIPT) != 0 };

  memcpy (&content.given, at + GIVEN_AT, sizeof content.given);
  at += FLAGS_AT + 1;
  memcpy (&content.account, at, sizeof content.account);
  at += sizeof content.account;
  content.peer = journal_unpack_text (&at);
  content.text = journal_unpack_text (&at);
  content.id = journal_unpack_text (&at);
  content.from = journal_unpack_text (&at);
  content.to = journal_unpack_text (&at);
  if ((flags & HAS_ID) == 0)
    content.id = NULL;
  return content;
}

static void
set_given (Deliveries *deliveries, Delivery *delivery, gint64 number)
{
  delivery->given = number;
  journal_write (deliveries->journal, &delivery->entry, GIVEN_AT, &number, sizeof number);
}

static gsize
size_of (Deliveries *deliveries, const Delivery *delivery)
{
  gsize length;

  journal_read (deliveries->journal, &delivery->entry, &length);
  return length;
}

static Deliveries *
deliveries_of (Session *session)
{
  return session_gateway (session)->deliveries;
}

static void
attach (Deliveries *deliveries, Delivery *delivery, Session *session)
{
  delivery->session = session;
  delivery->link.data = delivery;
  g_queue_push_tail_link (&session->deliveries, &delivery->link);
  session->delivery_bytes += size_of (deliveries, delivery);
}

static void
count_waiting (Deliveries *deliveries, Delivery *delivery, int more)
{
  deliveries->n_waiting += (guint) more;
  if (delivery->session != NULL)
    delivery->session->deliveries_waiting += (guint) more;
}

static void
strike (Deliveries *deliveries, Delivery *delivery)
{
  Session *session = delivery->session;

  if (delivery->given == 0)
    count_waiting (deliveries, delivery, -1);
  if (session != NULL)
    {
      session->delivery_bytes -= size_of (deliveries, delivery);
      g_queue_unlink (&session->deliveries, &delivery->link);
    }
  journal_strike (deliveries->journal, &delivery->entry);
}

/* -- Ends ----------------------------------------------------------------- */

/* The message as it came, so that the error is made as every other is. */
static void
give_back (Deliveries *deliveries, Delivery *delivery, const GError *error)
{
  Content content = unpack (deliveries, delivery);
  g_autoptr (xmpp_stanza_t) sent = stanza_new_full ("message", content.to_room ? "groupchat" : "chat", content.from, content.to);
  Room *room = delivery->session == NULL || !content.to_room ? NULL : rooms_find (delivery->session, content.peer);

  stanza_set (sent, "id", content.id);
  if (room != NULL && content.id != NULL)
    room_forget_said (room, content.id);
  strike (deliveries, delivery);
  gateway_send_message (deliveries->gateway, stanza_new_error (sent, error));
}

static void
give_back_lost (Deliveries *deliveries, Delivery *delivery)
{
  g_autoptr (GError) error = session_error_from_cause (WIRE_CAUSE_BUSY, LOST_TEXT);

  give_back (deliveries, delivery, error);
}

/* They are told of in the order in which they went, mostly. */
static Delivery *
find_given (Session *session, gint64 number)
{
  if (number == 0)
    return NULL;
  for (GList *l = session->deliveries.head; l != NULL; l = l->next)
    if (((Delivery *) l->data)->given == number)
      return l->data;
  return NULL;
}

static void
take (Deliveries *deliveries, Delivery *delivery, gboolean arrived)
{
  Content content = unpack (deliveries, delivery);

  if (arrived && content.wants_receipt)
    receipts_send (deliveries->gateway, content.from, content.to, content.id);
  strike (deliveries, delivery);
}

void
deliveries_taken (Session *session, const WireMessagesTaken *event)
{
  char *end;

  for (const char *at = event->numbers; *at != '\0'; at = end)
    {
      gint64 number = g_ascii_strtoll (at, &end, 10);
      Delivery *delivery = end == at ? NULL : find_given (session, number);

      if (delivery != NULL)
        take (deliveries_of (session), delivery, event->arrived);
      if (end == at)
        return;
    }
}

gboolean
deliveries_failed (Session *session, const WireMessageFailed *event)
{
  Delivery *delivery = find_given (session, event->number);
  g_autoptr (GError) error = NULL;

  if (delivery == NULL)
    return FALSE;
  error = session_error_from_cause (event->cause, event->text);
  give_back (deliveries_of (session), delivery, error);
  return TRUE;
}

void
deliveries_lost_worker (Session *session)
{
  GList *next;

  for (GList *l = session->deliveries.head; l != NULL; l = next)
    {
      next = l->next;
      if (((Delivery *) l->data)->given != 0)
        give_back_lost (deliveries_of (session), l->data);
    }
}

void
deliveries_give_up (Session *session, const char *room, const GError *error)
{
  Deliveries *deliveries = deliveries_of (session);
  GList *next;

  for (GList *l = session->deliveries.head; l != NULL; l = next)
    {
      Delivery *delivery = l->data;
      Content content = unpack (deliveries, delivery);

      next = l->next;
      if (delivery->given == 0 && (room == NULL || (content.to_room && g_str_equal (content.peer, room))))
        give_back (deliveries, delivery, error);
    }
}

/* -- Going on ------------------------------------------------------------- */

static gboolean
may_go (Session *session, const Content *content)
{
  Room *room = session->state == SESSION_IN && content->to_room ? rooms_find (session, content->peer) : NULL;

  return session->state == SESSION_IN && (!content->to_room || (room != NULL && room->state == ROOM_IN));
}

/* FALSE: the worker does not take it now. */
static gboolean
tell_worker (Session *session, const Content *content, gint64 number)
{
  return session_tell_worker (session, &(WireMessage) {
    .type = WIRE_SEND_MESSAGE,
    .u.send_message = { .account = content->account, .number = number, .peer = content->peer, .room = content->to_room,
                        .text = content->text, .id = content->id, .resource = jid_resource (content->from) } });
}

/* It counts as given before it is: what the worker has not got when we die is known by its number. */
static void
give (Deliveries *deliveries, Delivery *delivery, const Content *content)
{
  set_given (deliveries, delivery, ++deliveries->last_given);
  if (tell_worker (delivery->session, content, delivery->given))
    count_waiting (deliveries, delivery, -1);
  else
    set_given (deliveries, delivery, 0);
}

void
deliveries_go_on (Session *session)
{
  Deliveries *deliveries = deliveries_of (session);

  if (session->deliveries_waiting == 0)
    return;
  for (GList *l = session->deliveries.head; l != NULL; l = l->next)
    {
      Delivery *delivery = l->data;
      Content content = unpack (deliveries, delivery);

      if (delivery->given == 0 && may_go (session, &content))
        give (deliveries, delivery, &content);
    }
}

static gboolean
on_tick (gpointer data)
{
  Deliveries *deliveries = data;
  gint64 now = g_get_monotonic_time ();
  Delivery *next;

  for (Delivery *delivery = (Delivery *) journal_first (deliveries->journal); delivery != NULL; delivery = next)
    {
      next = (Delivery *) journal_next (&delivery->entry);
      if (delivery->given == 0 && delivery->session != NULL)
        deliveries_go_on (delivery->session);
      if (delivery->given == 0 && now >= delivery->deadline)
        {
          const char *trouble = delivery->session == NULL ? NULL : delivery->session->trouble;
          g_autoptr (GError) error = NULL;

          stanza_refuse (&error, STANZA_RECIPIENT_UNAVAILABLE, "You were not signed in to the network in time%s%s",
                         trouble == NULL ? "." : ": ", trouble == NULL ? "" : trouble);
          give_back (deliveries, delivery, error);
        }
    }
  if (deliveries->n_waiting > 0)
    return G_SOURCE_CONTINUE;
  deliveries->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
let_wait (Deliveries *deliveries, Delivery *delivery)
{
  guint seconds = deliveries->gateway->settings->message_wait;

  delivery->deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  count_waiting (deliveries, delivery, 1);
}

static void
watch_waiting (Deliveries *deliveries)
{
  if (deliveries->tick == 0 && deliveries->n_waiting > 0)
    deliveries->tick = g_timeout_add_seconds (TICK_SECONDS, on_tick, deliveries);
}

/* Whether it is worth waiting for the session. */
static gboolean
comes_back (Session *session)
{
  switch (session->state)
    {
    case SESSION_IN:
    case SESSION_QUEUED:
    case SESSION_CONNECTING:
    case SESSION_WAITING:
      return session_gateway (session)->settings->message_wait > 0;
    case SESSION_OUT:
    case SESSION_LEAVING:
    case SESSION_STOPPED:
    default:
      return FALSE;
    }
}

gboolean
deliveries_take (const Stanza *message, const char *peer, gboolean to_room, const char *text, GError **error)
{
  Session *session = message->session;
  Deliveries *deliveries = deliveries_of (session);
  Content content = {
    .to_room = to_room, .account = session_number (session), .peer = peer, .text = text,
    .id = xmpp_stanza_get_id (message->stanza), .from = message->from, .to = xmpp_stanza_get_to (message->stanza),
    .wants_receipt = !to_room && receipts_are_wanted (message->stanza) };
  const GString *packed = pack (&content);
  Delivery *delivery;

  if (!may_go (session, &content) && !comes_back (session))
    return stanza_refuse (error, STANZA_RECIPIENT_UNAVAILABLE, "You are not signed in to the network%s%s",
                          session->trouble == NULL ? "." : ": ", session->trouble == NULL ? "" : session->trouble);
  if ((session->delivery_bytes > 0 && session->delivery_bytes + packed->len > UNDER_WAY_MOST) || session_is_congested (session))
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "Too much is waiting to be sent to the network; please try again later.");
  if (!hub_keeps_messages (deliveries->gateway->hub))
    return tell_worker (session, &content, 0) || stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "Nothing is kept.");
  delivery = (Delivery *) journal_add (deliveries->journal, packed->str, packed->len, FALSE);
  if (delivery == NULL)
    return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "The gateway has no room to keep this message safe: its disk, or its journal, is full. "
                          "Please try again later.");
  attach (deliveries, delivery, session);
  let_wait (deliveries, delivery);
  if (session->deliveries_waiting > 1)
    deliveries_go_on (session);
  else if (may_go (session, &content))
    give (deliveries, delivery, &content);
  watch_waiting (deliveries);
  return TRUE;
}

gsize
deliveries_get_bytes (Deliveries *deliveries)
{
  return journal_get_bytes (deliveries->journal);
}

/* -- Life ----------------------------------------------------------------- */

void
deliveries_loaded (Gateway *gateway)
{
  Deliveries *deliveries = gateway->deliveries;
  Delivery *next;

  for (Delivery *delivery = (Delivery *) journal_first (deliveries->journal); delivery != NULL; delivery = next)
    {
      Content content = unpack (deliveries, delivery);
      Session *session = gateway_find_session (gateway, content.account);

      next = (Delivery *) journal_next (&delivery->entry);
      if (session != NULL && delivery->session == NULL)
        attach (deliveries, delivery, session);
      delivery->given = content.given;
      deliveries->last_given = MAX (deliveries->last_given, content.given);
      if (content.given == 0)
        let_wait (deliveries, delivery);
    }
  watch_waiting (deliveries);
}

void
deliveries_inherit (Session *session, gint64 last)
{
  Deliveries *deliveries = deliveries_of (session);

  deliveries->last_given = MAX (deliveries->last_given, last);
  for (GList *l = session->deliveries.head; l != NULL; l = l->next)
    {
      Delivery *delivery = l->data;

      if (delivery->given <= last)
        continue;
      set_given (deliveries, delivery, 0);
      let_wait (deliveries, delivery);
    }
  watch_waiting (deliveries);
}

void
deliveries_taken_over (Gateway *gateway)
{
  Deliveries *deliveries = gateway->deliveries;
  Delivery *next;

  for (Delivery *delivery = (Delivery *) journal_first (deliveries->journal); delivery != NULL; delivery = next)
    {
      next = (Delivery *) journal_next (&delivery->entry);
      if (delivery->given != 0 && (delivery->session == NULL || delivery->session->worker == NULL))
        give_back_lost (deliveries, delivery);
    }
}

Deliveries *
deliveries_new (Gateway *gateway, const char *path, gsize most, GError **error)
{
  Journal *journal = journal_open (path, most, sizeof (Delivery), error);
  Deliveries *deliveries;

  if (journal == NULL)
    return NULL;
  deliveries = g_new0 (Deliveries, 1);
  deliveries->gateway = gateway;
  deliveries->journal = journal;
  return deliveries;
}

void
deliveries_free (Deliveries *deliveries)
{
  g_clear_handle_id (&deliveries->tick, g_source_remove);
  journal_close (deliveries->journal);
  g_free (deliveries);
}
