/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services.c - connections beside the main one, made when something is asked for. */
#include "services.h"

#include "signon.h"

/* A question that waits for its connection. */
typedef struct {
  guint16 subtype;
  GByteArray *body;
  Urgency urgency;
  SessionReply func;
  gpointer data;
  GDestroyNotify destroy;
} Pending;

typedef struct {
  Session *session;
  guint16 family;
  Service *service;    /* owned; NULL: asked for */
  GQueue pending;      /* Pending */
} Kept;

struct Services {
  Session *session;
  GHashTable *kept;    /* family -> Kept, owned */
};

static void
pending_free (Pending *pending)
{
  if (pending->body != NULL)
    g_byte_array_unref (pending->body);
  if (pending->destroy != NULL)
    pending->destroy (pending->data);
  g_free (pending);
}

static void
give_up (Session *session, Kept *kept)
{
  Pending *pending;

  while ((pending = g_queue_pop_head (&kept->pending)) != NULL)
    {
      pending->func (session, NULL, pending->data);
      pending_free (pending);
    }
}

static void
kept_free (Kept *kept)
{
  Session *session = kept->session;

  g_clear_pointer (&kept->service, service_free);
  give_up (session, kept);
  g_free (kept);
}

Services *
services_new (Session *session)
{
  Services *services = g_new0 (Services, 1);

  services->session = session;
  services->kept = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) kept_free);
  return services;
}

void
services_free (Services *services)
{
  g_hash_table_unref (services->kept);
  g_free (services);
}

void
services_keep_alive (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  if (session->services == NULL)
    return;
  g_hash_table_iter_init (&iter, session->services->kept);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Kept *kept = value;

      if (kept->service == NULL || service_keep_alive (kept->service))
        continue;
      g_hash_table_iter_remove (&iter);
      break;
    }
}

/* -- Opening one ---------------------------------------------------------- */

typedef struct {
  guint16 family;
  const ServiceEvents *events;
  gpointer service_data;
  ServiceFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Opening;

static void
opening_free (Opening *opening)
{
  if (opening->destroy != NULL)
    opening->destroy (opening->data);
  g_free (opening);
}

static void
on_service_reply (Session *session, const Snac *reply, gpointer data)
{
  Opening *opening = data;
  g_auto (ServiceReply) parsed = { 0 };
  Service *service;

  if (reply == NULL || reply->subtype != 0x05 || !oservice_parse_service_reply (reply->body, &parsed))
    {
      opening->func (session, NULL, session_explain (reply), opening->data);
      return;
    }
  service = service_connect (session, opening->family, parsed.host, parsed.cookie,
                             service_is_tls (session->bos) || (signon_prefers_tls (session->account) && parsed.ssl != 0),
                             opening->events, opening->service_data);
  opening->func (session, service, NULL, opening->data);
}

void
services_open (Session *session, guint16 family, const RoomAddress *room, const ServiceEvents *events, gpointer service_data,
               ServiceFunc func, gpointer data, GDestroyNotify destroy)
{
  Opening *opening = g_new0 (Opening, 1);
  gboolean tls = session->bos != NULL && service_is_tls (session->bos);

  opening->family = family;
  opening->events = events;
  opening->service_data = service_data;
  opening->func = func;
  opening->data = data;
  opening->destroy = destroy;
  session_ask (session, FAMILY_OSERVICE, 0x04, oservice_build_service_request (family, room, tls), SEND_USER,
               on_service_reply, opening, (GDestroyNotify) opening_free);
}

/* -- Keeping one ---------------------------------------------------------- */

static void
on_up (Service *service, gpointer data)
{
  Kept *kept = data;
  Pending *pending;

  service_set_ready (service);
  while ((pending = g_queue_pop_head (&kept->pending)) != NULL)
    {
      service_ask (service, kept->family, pending->subtype, g_steal_pointer (&pending->body), pending->urgency,
                   pending->func, pending->data, pending->destroy);
      pending->destroy = NULL;
      pending_free (pending);
    }
}

static void
on_down (Service *service, StreamEnd end, guint16 reason, const char *why, gpointer data)
{
  Kept *kept = data;
  Session *session = kept->session;

  purple_debug_info (session->category, "the connection for family %02x ended: %s\n", kept->family, why);
  if (session->services != NULL)
    g_hash_table_remove (session->services->kept, GUINT_TO_POINTER (kept->family));
}

static void
on_opened (Session *session, Service *service, const char *why, gpointer data)
{
  guint16 family = (guint16) GPOINTER_TO_UINT (data);
  Kept *kept = session->services != NULL ? g_hash_table_lookup (session->services->kept, data) : NULL;

  if (kept == NULL)
    {
      if (service != NULL)
        service_free (service);
      return;
    }
  kept->service = service;
  if (service != NULL)
    return;
  purple_debug_warning (session->category, "no connection for family %02x: %s\n", family, why);
  g_hash_table_remove (session->services->kept, data);
}

void
services_ask (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
              SessionReply func, gpointer data, GDestroyNotify destroy)
{
  static const ServiceEvents events = { on_up, on_down };
  Pending *pending;
  Kept *kept;

  if (session->bos == NULL || families_has (&session->bos->offered, family))
    {
      session_ask (session, family, subtype, body, urgency, func, data, destroy);
      return;
    }
  kept = g_hash_table_lookup (session->services->kept, GUINT_TO_POINTER (family));
  if (kept != NULL && kept->service != NULL && kept->service->ready)
    {
      service_ask (kept->service, family, subtype, body, urgency, func, data, destroy);
      return;
    }
  pending = g_new0 (Pending, 1);
  pending->subtype = subtype;
  pending->body = body;
  pending->urgency = urgency;
  pending->func = func;
  pending->data = data;
  pending->destroy = destroy;
  if (kept == NULL)
    {
      kept = g_new0 (Kept, 1);
      kept->session = session;
      kept->family = family;
      g_hash_table_insert (session->services->kept, GUINT_TO_POINTER (family), kept);
      g_queue_push_tail (&kept->pending, pending);
      services_open (session, family, NULL, &events, kept, on_opened, GUINT_TO_POINTER (family), NULL);
    }
  else
    g_queue_push_tail (&kept->pending, pending);
}
