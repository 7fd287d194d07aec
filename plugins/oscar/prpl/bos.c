/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bos.c - the main connection: signed on step by step, watched, moved, lost.
 *
 * Nothing of family 15, no question for stored messages and no request for a service may go out before 01/02: servers
 * throw the answers away, and stored messages with them.  */
#include "bos.h"

#include "charset.h"
#include "contacts.h"
#include "feedbag.h"
#include "icbm.h"
#include "icons.h"
#include "icq_permissions.h"
#include "locate.h"
#include "presence.h"
#include "rooms.h"
#include "service.h"
#include "services.h"
#include "signon.h"
#include "stored.h"
#include "transfers.h"

#define STEPS 6
/* The list is asked for again after one tick, and given up after two. */
#define TICK_SECONDS 30

struct Bos {
  Session *session;
  guint open;          /* questions whose answers are waited for */
  gboolean list_done, moving;
  guint ticks, timer;
  Service *next;       /* owned: where the connection moves to */
};

static const ServiceEvents bos_events;

/* -- Signing on ----------------------------------------------------------- */

/* The server has dealt with 01/02: from now on nothing that is for us is thrown away. */
static void
on_ready (Session *session, const Snac *reply, gpointer data)
{
  Bos *bos = session->bos_state;

  if (session->ending || session->bos == NULL)
    return;
  if (bos->timer > 0)
    purple_timeout_remove (bos->timer);
  bos->timer = 0;
  if (purple_connection_get_state (session->gc) != PURPLE_CONNECTED)
    purple_connection_set_state (session->gc, PURPLE_CONNECTED);
  presence_send_idle (session);
  contacts_signed_on (session);
  stored_ask (session);
  icons_signed_on (session);
  icq_permissions_signed_on (session);
}

static void
go_on_line (Session *session)
{
  Bos *bos = session->bos_state;
  Service *service = session->bos;

  if (bos->open > 0 || !bos->list_done || service->ready)
    return;
  purple_connection_update_progress (session->gc, "Going on line", 5, STEPS);
  presence_announce (session);
  session_send (session, FAMILY_ICBM, 0x02, icbm_build_parameters (session->icq ? ICBM_FLAGS_ICQ : ICBM_FLAGS_AIM), SEND_NOW);
  presence_send_status (session, TRUE);
  session_send (session, FAMILY_FEEDBAG, 0x07, NULL, SEND_NOW);
  service_set_ready (service);
  /* 01/02 has no answer; what is asked after it has. */
  session_ask (session, FAMILY_OSERVICE, 0x0e, NULL, SEND_NOW, on_ready, NULL, NULL);
}

static void
on_list (Session *session, const Snac *reply, gpointer data)
{
  Bos *bos = session->bos_state;

  if (bos->list_done || session->ending)
    return;
  bos->list_done = contacts_take_list (session, reply);
  if (bos->list_done)
    go_on_line (session);
}

static void
ask_list (Session *session)
{
  session_ask (session, FAMILY_FEEDBAG, 0x04, NULL, SEND_NOW, on_list, NULL, NULL);
}

static void
on_answer (Session *session, const Snac *reply, gpointer data)
{
  Bos *bos = session->bos_state;

  bos->open--;
  if (session->ending || session->bos == NULL)
    return;
  if (reply != NULL && reply->family == FAMILY_LOCATE && reply->subtype == 0x03)
    presence_set_profile_limit (session, locate_parse_rights (reply->body));
  else if (reply != NULL && reply->family == FAMILY_OSERVICE && reply->subtype == 0x0f)
    presence_take_self (session, reply->body);
  go_on_line (session);
}

static void
ask (Session *session, guint16 family, guint16 subtype)
{
  if (!families_has (&session->bos->known, family))
    return;
  session->bos_state->open++;
  session_ask (session, family, subtype, NULL, SEND_NOW, on_answer, NULL, NULL);
}

static void
on_up (Service *service, gpointer data)
{
  Session *session = service->session;
  Bos *bos = session->bos_state;

  if (bos->next == service)
    {
      /* Moved: the old connection is of no use any more. */
      g_clear_pointer (&session->bos, service_free);
      session->bos = g_steal_pointer (&bos->next);
      bos->moving = FALSE;
      bos->list_done = FALSE;
      bos->open = 0;
    }
  purple_connection_update_progress (session->gc, "Fetching the list of contacts", 4, STEPS);
  bos->open++;   /* all questions first, also where answers are at hand */
  ask (session, FAMILY_OSERVICE, 0x0e);
  ask (session, FAMILY_FEEDBAG, 0x02);
  if (families_has (&service->known, FAMILY_FEEDBAG))
    ask_list (session);
  else
    bos->list_done = TRUE;
  ask (session, FAMILY_LOCATE, 0x02);
  ask (session, FAMILY_BUDDY, 0x02);
  ask (session, FAMILY_ICBM, 0x04);
  ask (session, FAMILY_PERMIT_DENY, 0x02);
  bos->open--;
  go_on_line (session);
}

static gboolean
on_tick (gpointer data)
{
  Session *session = data;
  Bos *bos = session->bos_state;

  if (++bos->ticks == 1 && session->bos != NULL && service_get_rates (session->bos) != NULL && !bos->list_done)
    ask_list (session);
  if (bos->ticks < 2)
    return G_SOURCE_CONTINUE;
  bos->timer = 0;
  session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server took too long to sign us on.");
  return G_SOURCE_REMOVE;
}

static Service *
connect_to (Session *session, const char *address, const GByteArray *cookie, gboolean tls)
{
  return service_connect (session, FAMILY_OSERVICE, address, cookie, tls, &bos_events, NULL);
}

void
bos_begin (Session *session, const char *address, const GByteArray *cookie, gboolean tls)
{
  Bos *bos = g_new0 (Bos, 1);

  bos->session = session;
  session->bos_state = bos;
  bos->timer = purple_timeout_add_seconds (TICK_SECONDS, on_tick, session);
  purple_connection_update_progress (session->gc, "Connecting to the main server", 3, STEPS);
  session->bos = connect_to (session, address, cookie, tls);
}

void
bos_free (Bos *bos)
{
  if (bos->timer > 0)
    purple_timeout_remove (bos->timer);
  g_clear_pointer (&bos->next, service_free);
  g_free (bos);
}

/* -- Being watched, moved, lost ------------------------------------------- */

static void
on_down (Service *service, StreamEnd end, guint16 reason, const char *why, gpointer data)
{
  Session *session = service->session;

  /* The old connection closes while the new one comes up. */
  if (service == session->bos && session->bos_state->moving)
    {
      session->bos = NULL;
      return;
    }
  if (reason == 1)
    session_fail (session, PURPLE_CONNECTION_ERROR_NAME_IN_USE, "The account was signed on from another place.");
  else if (reason != 0)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server signed us off (reason %u).", reason);
  else if (end == STREAM_UNTRUSTED)
    session_fail (session, PURPLE_CONNECTION_ERROR_CERT_OTHER_ERROR, "The main server's certificate is not trusted: %s", why);
  else if (end == STREAM_UNREACHABLE)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The main server cannot be reached: %s", why);
  else if (end == STREAM_SIGNED_OFF)
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server signed us off.");
  else
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The connection to the server was lost: %s", why);
  /* It is freed after this. */
  if (service == session->bos)
    session->bos = NULL;
  else
    session->bos_state->next = NULL;
}

static const ServiceEvents bos_events = { on_up, on_down };

void
bos_keep_alive (Session *session)
{
  if (session->bos != NULL && !service_keep_alive (session->bos))
    session_fail (session, PURPLE_CONNECTION_ERROR_NETWORK_ERROR, "The server does not answer any more.");
  services_keep_alive (session);
  rooms_keep_alive (session);
}

static void
on_migrate (Session *session, Service *service, const Snac *snac)
{
  Bos *bos = session->bos_state;
  g_auto (ServiceReply) reply = { 0 };

  if (service != session->bos || bos->next != NULL)
    return;
  if (!oservice_parse_migration (snac->body, &reply))
    {
      purple_debug_warning (session->category, "told to move, but not where to\n");
      return;
    }
  purple_debug_info (session->category, "moving to another server\n");
  bos->moving = TRUE;
  bos->ticks = 0;
  if (bos->timer == 0)
    bos->timer = purple_timeout_add_seconds (TICK_SECONDS, on_tick, session);
  bos->next = connect_to (session, reply.host, reply.cookie,
                          service_is_tls (service) || (signon_prefers_tls (session->account) && reply.ssl != 0));
}

static void
on_pause (Session *session, Service *service, const Snac *snac)
{
  GByteArray *answer = g_byte_array_new ();

  bytes_add (answer, snac->body.data, snac->body.left);
  service_send (service, FAMILY_OSERVICE, 0x0c, answer, SEND_NOW);
  service_set_paused (service, TRUE);
}

static void
on_resume (Session *session, Service *service, const Snac *snac)
{
  service_set_paused (service, FALSE);
}

static void
on_rate_change (Session *session, Service *service, const Snac *snac)
{
  Rates *rates = service_get_rates (service);
  guint16 code;

  if (rates == NULL || !rates_parse_change (rates, snac->body, g_get_monotonic_time () / 1000, &code))
    return;
  if (code == 2 || code == 3)
    purple_debug_warning (session->category, "the server says that we send too fast (%u)\n", code);
  service_run (service);
}

static void
on_motd (Session *session, Service *service, const Snac *snac)
{
  guint16 type;
  g_autofree char *text = oservice_parse_motd (snac->body, &type);

  purple_debug_info (session->category, "message of the day, type %u: %s\n", type, text);
  if ((type == 1 || type == 2) && *text != '\0')
    purple_notify_info (session->gc, NULL, "The server has a message", text);
}

static void
on_warned (Session *session, Service *service, const Snac *snac)
{
  g_autofree char *name = NULL;
  guint16 level = oservice_parse_warned (snac->body, &name);
  g_autofree char *text = g_strdup_printf ("%s has warned you. Your warning level is now %u %%.",
                                           name != NULL ? name : "Somebody", level / 10u);

  /* The level falls by itself, which is told in the same way. */
  if (presence_note_warning (session, level))
    purple_notify_info (session->gc, NULL, "You were warned", text);
}

static void
on_self (Session *session, Service *service, const Snac *snac)
{
  presence_take_self (session, snac->body);
}

const SnacHandler bos_handlers[] = {
  { FAMILY_OSERVICE, 0x0a, on_rate_change },
  { FAMILY_OSERVICE, 0x0b, on_pause },
  { FAMILY_OSERVICE, 0x0d, on_resume },
  { FAMILY_OSERVICE, 0x0f, on_self },
  { FAMILY_OSERVICE, 0x10, on_warned },
  { FAMILY_OSERVICE, 0x12, on_migrate },
  { FAMILY_OSERVICE, 0x13, on_motd },
  { 0 },
};
