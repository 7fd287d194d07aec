/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.c - a connection to a server that speaks SNACs. */
#include "service.h"

#include <string.h>

#include "dispatch.h"
#include "login.h"

/* A question's answer is not to be expected any more. */
#define ANSWER_SECONDS 60
#define KEEPALIVE_SECONDS 55
/* Nothing was heard for so long: something is asked; and for so long: it is dead. */
#define PROBE_SECONDS 90
#define DEAD_SECONDS 180
#define PAUSE_SECONDS 300

typedef struct {
  guint16 family;
  time_t sent;       /* 0: it still waits */
  ReplyFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Question;

typedef struct {
  Service service;   /* first: it is what others see */
  int refs;
  Stream *stream;    /* owned; NULL: gone */
  Sender *sender;    /* owned */
  GByteArray *cookie;   /* owned; NULL: said already */
  GHashTable *questions;   /* id -> Question, owned */
  guint32 last_id;
  const ServiceEvents *events;
  gpointer data;
  gboolean up;
  time_t paused;     /* 0: it is not */
  guint16 reason;    /* of channel 4 */
} Private;

#define PRIVATE(service) ((Private *) (service))

static void
question_free (Question *question)
{
  if (question->destroy != NULL)
    question->destroy (question->data);
  g_free (question);
}

static void
private_unref (Private *private)
{
  if (--private->refs > 0)
    return;
  sender_free (private->sender);
  g_clear_pointer (&private->cookie, g_byte_array_unref);
  g_hash_table_unref (private->questions);
  g_free (private);
}

/* -- Sending -------------------------------------------------------------- */

static void
on_send (guint32 id, GByteArray *snac, gpointer data)
{
  Private *private = data;
  Question *question = g_hash_table_lookup (private->questions, GUINT_TO_POINTER (id));

  if (question != NULL)
    question->sent = time (NULL);
  if (private->stream != NULL)
    stream_send (private->stream, FLAP_DATA, snac);
}

static gboolean
send_as (Private *private, guint32 id, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency)
{
  GByteArray *snac = g_byte_array_sized_new (SNAC_HEADER_BYTES + (body != NULL ? body->len : 0));

  snac_add_header (snac, family, subtype, 0, id);
  if (body != NULL)
    {
      bytes_add_array (snac, body);
      g_byte_array_unref (body);
    }
  if (snac->len > 0xffff)
    {
      g_byte_array_unref (snac);
      return FALSE;
    }
  return sender_queue (private->sender, id, family, subtype, snac, urgency);
}

static guint32
next_id (Private *private)
{
  private->last_id = private->last_id % 0x7fffffff + 1;
  return private->last_id;
}

gboolean
service_send (Service *service, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency)
{
  return send_as (PRIVATE (service), next_id (PRIVATE (service)), family, subtype, body, urgency);
}

void
service_ask (Service *service, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
             ReplyFunc func, gpointer data, GDestroyNotify destroy)
{
  Private *private = PRIVATE (service);
  Question *question = g_new0 (Question, 1);
  guint32 id = next_id (private);

  question->family = family;
  question->func = func;
  question->data = data;
  question->destroy = destroy;
  g_hash_table_insert (private->questions, GUINT_TO_POINTER (id), question);
  if (send_as (private, id, family, subtype, body, urgency))
    return;
  g_hash_table_steal (private->questions, GUINT_TO_POINTER (id));
  func (service->session, NULL, data);
  question_free (question);
}

static void
answer_none (Private *private, guint32 id)
{
  Question *question = g_hash_table_lookup (private->questions, GUINT_TO_POINTER (id));

  if (question == NULL)
    return;
  g_hash_table_steal (private->questions, GUINT_TO_POINTER (id));
  question->func (private->service.session, NULL, question->data);
  question_free (question);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 one = *(const guint32 *) a, other = *(const guint32 *) b;

  return one < other ? -1 : one > other;
}

static void
answer_all_none (Private *private, gboolean old_only)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  time_t now = time (NULL);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, private->questions);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Question *question = value;
      guint32 id = GPOINTER_TO_UINT (key);

      if (!old_only || (question->sent > 0 && now - question->sent > ANSWER_SECONDS))
        g_array_append_val (ids, id);
    }
  /* As they were asked. */
  g_array_sort (ids, compare_ids);
  for (guint i = 0; i < ids->len; i++)
    answer_none (private, g_array_index (ids, guint32, i));
}

/* -- Coming up ------------------------------------------------------------ */

static void
on_rates (Session *session, const Snac *reply, gpointer data)
{
  Private *private = data;
  g_autoptr (Rates) rates = reply != NULL && reply->subtype == 0x07 ? rates_parse (reply->body, g_get_monotonic_time () / 1000) : NULL;

  if (private->stream == NULL || private->up)
    return;
  if (rates != NULL)
    {
      service_send (&private->service, FAMILY_OSERVICE, 0x08, rates_build_ack (rates), SEND_NOW);
      sender_set_rates (private->sender, g_steal_pointer (&rates));
    }
  else
    purple_debug_warning (session->category, "no rate limits: sending without\n");
  private->up = TRUE;
  private->service.own_ip = stream_get_own_ip (private->stream);
  private->events->on_up (&private->service, private->data);
}

/* FALSE: not for us. */
static gboolean
come_up (Private *private, const Snac *snac)
{
  Service *service = &private->service;

  if (snac->family != FAMILY_OSERVICE || private->up)
    return FALSE;
  switch (snac->subtype)
    {
    case 0x03:
      oservice_parse_families (snac->body, &service->offered);
      families_pick_known (&service->offered, &service->known);
      service_send (service, FAMILY_OSERVICE, 0x17, oservice_build_versions (&service->known), SEND_NOW);
      return TRUE;
    case 0x18:
      service_ask (service, FAMILY_OSERVICE, 0x06, NULL, SEND_NOW, on_rates, private, NULL);
      return TRUE;
    default:
      return FALSE;
    }
}

void
service_set_ready (Service *service)
{
  Families ready;

  /* A service connection is for its family only. */
  if (service->family == FAMILY_OSERVICE)
    ready = service->known;
  else
    ready = (Families) { { FAMILY_OSERVICE, service->family }, 2 };
  service_send (service, FAMILY_OSERVICE, 0x02, oservice_build_ready (&ready), SEND_NOW);
  service->ready = TRUE;
}

/* -- Receiving ------------------------------------------------------------ */

static void
on_snac (Private *private, const Snac *snac)
{
  Question *question = g_hash_table_lookup (private->questions, GUINT_TO_POINTER (snac->id));

  if (question != NULL && snac->family == question->family)
    {
      gboolean more = snac->flags & SNAC_FLAG_MORE && snac->subtype != SNAC_ERROR;

      if (!more)
        g_hash_table_steal (private->questions, GUINT_TO_POINTER (snac->id));
      question->func (private->service.session, snac, question->data);
      if (!more)
        question_free (question);
      return;
    }
  if (!come_up (private, snac))
    dispatch_snac (private->service.session, &private->service, snac);
}

static void
on_frame (Stream *stream, const FlapFrame *frame, gpointer data)
{
  Private *private = data;
  Snac snac;

  private->refs++;
  switch (frame->channel)
    {
    case FLAP_SIGNON:
      if (private->cookie != NULL)
        {
          g_autoptr (GByteArray) hello = login_build_cookie_hello (private->cookie);

          stream_send (stream, FLAP_SIGNON, hello);
          g_clear_pointer (&private->cookie, g_byte_array_unref);
        }
      break;
    case FLAP_DATA:
      if (snac_parse (frame->data, &snac))
        on_snac (private, &snac);
      break;
    case FLAP_SIGNOFF:
      private->reason = oservice_parse_signoff (frame->data);
      purple_debug_info (private->service.session->category, "signed off by the server, reason %u\n", private->reason);
      break;
    default:
      break;
    }
  private_unref (private);
}

static void
on_end (Stream *stream, StreamEnd end, const char *why, gpointer data)
{
  Private *private = data;

  private->refs++;
  private->events->on_down (&private->service, end, private->reason, why, private->data);
  if (private->stream != NULL)
    service_free (&private->service);
  private_unref (private);
}

static const StreamEvents stream_events = { on_frame, on_end };

Service *
service_connect (Session *session, guint16 family, const char *address, const GByteArray *cookie, gboolean tls,
                 const ServiceEvents *events, gpointer data)
{
  Private *private = g_new0 (Private, 1);
  g_autofree char *host = NULL;
  int port;

  session_split_address (session, address, &host, &port);
  private->refs = 1;
  private->service.session = session;
  private->service.family = family;
  private->events = events;
  private->data = data;
  private->cookie = g_byte_array_new ();
  bytes_add_array (private->cookie, cookie);
  private->questions = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) question_free);
  private->last_id = (guint32) g_random_int_range (1, 0x10000);
  private->sender = sender_new (on_send, private);
  private->stream = stream_connect (session->gc, host, port, tls, &stream_events, private);
  return &private->service;
}

void
service_free (Service *service)
{
  Private *private = PRIVATE (service);

  if (private->stream == NULL)
    return;
  /* Before the hello nothing else may be said. */
  if (private->cookie != NULL)
    stream_free (g_steal_pointer (&private->stream));
  else
    stream_sign_off (g_steal_pointer (&private->stream));
  answer_all_none (private, FALSE);
  private_unref (private);
}

gpointer
service_get_data (const Service *service)
{
  return ((const Private *) service)->data;
}

void
service_set_paused (Service *service, gboolean paused)
{
  PRIVATE (service)->paused = paused ? time (NULL) : 0;
  sender_set_paused (PRIVATE (service)->sender, paused);
}

Rates *
service_get_rates (Service *service)
{
  return sender_get_rates (PRIVATE (service)->sender);
}

void
service_run (Service *service)
{
  sender_run (PRIVATE (service)->sender);
}

static void
on_probed (Session *session, const Snac *reply, gpointer data)
{
}

gboolean
service_keep_alive (Service *service)
{
  Private *private = PRIVATE (service);

  if (private->stream == NULL)
    return TRUE;
  if (stream_get_silence (private->stream) > DEAD_SECONDS)
    return FALSE;
  /* Servers do not answer keepalives, but this. */
  if (stream_get_silence (private->stream) > PROBE_SECONDS && private->up)
    service_ask (service, FAMILY_OSERVICE, service->family == FAMILY_OSERVICE ? 0x0e : 0x06, NULL, SEND_NOW, on_probed, NULL, NULL);
  else if (stream_get_idleness (private->stream) > KEEPALIVE_SECONDS)
    stream_send (private->stream, FLAP_KEEPALIVE, NULL);
  /* A server that forgot to resume. */
  if (private->paused > 0 && time (NULL) - private->paused > PAUSE_SECONDS)
    service_set_paused (service, FALSE);
  answer_all_none (private, TRUE);
  return TRUE;
}

gboolean
service_is_tls (const Service *service)
{
  const Private *private = (const Private *) service;

  return private->stream != NULL && stream_is_tls (private->stream);
}
