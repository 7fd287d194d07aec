/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.c - one component domain, one network: its stream, its users, its workers. */
#include "config.h"

#include "gateway.h"

#include <string.h>

#include "breaker.h"
#include "caps.h"
#include "delivery.h"
#include "drain.h"
#include "jid.h"
#include "outbox.h"
#include "router.h"
#include "subscriptions.h"
#include "worker.h"

/* How many users are asked a second whether they are online, and how long an
 * answer may take until one counts as gone. */
#define PROBES_PER_SECOND 100
#define PROBE_SECONDS 20
#define REQUESTS_PER_SECOND 5
/* With more bytes than this waiting for the XMPP server workers are not listened to, until
 * it is less than that. */
#define BACKLOG_HIGH (8 * 1024 * 1024)
#define BACKLOG_LOW (1024 * 1024)
#define BACKLOG_BUSY (128 * 1024)
#define CONGESTION_LOOK_MS 100
/* A first worker that says nothing for so long does not keep the daemon from being ready. */
#define PATIENCE_SECONDS 10
#define LOAD_AGAIN_SECONDS 10
/* Of what is read and not dealt with: several of the largest stanzas. */
#define INTAKE_MOST (4 * 1024 * 1024)

typedef struct {
  Gateway *gateway;
  char *id;
  char *to;
  guint timer;
  GatewayAnswered done;
  gpointer data;
} Request;

/* -- Sending -------------------------------------------------------------- */

void
gateway_send (Gateway *gateway, xmpp_stanza_t *stanza)
{
  stream_send (gateway->stream, stanza);
  xmpp_stanza_release (stanza);
}

/* Who has too much to do for more to be taken from the networks; NULL: nobody. */
static const char *
find_congested (Gateway *gateway)
{
  if (stream_get_backlog (gateway->stream) > BACKLOG_HIGH || outbox_is_congested (gateway->outbox))
    return "the XMPP server";
  return archive_is_congested (hub_archive (gateway->hub)) ? "the database" : NULL;
}

static gboolean
on_congestion (gpointer data)
{
  Gateway *gateway = data;

  if (stream_get_backlog (gateway->stream) > BACKLOG_LOW || !outbox_has_room (gateway->outbox)
      || archive_is_congested (hub_archive (gateway->hub)))
    return G_SOURCE_CONTINUE;
  g_message ("%s: the network need not wait any more", gateway->domain);
  gateway->congestion = 0;
  workers_pause (gateway->workers, FALSE);
  return G_SOURCE_REMOVE;
}

gboolean
gateway_send_message (Gateway *gateway, xmpp_stanza_t *message)
{
  gboolean kept = outbox_send (gateway->outbox, message);
  const char *congested = gateway->congestion == 0 ? find_congested (gateway) : NULL;

  xmpp_stanza_release (message);
  if (congested != NULL)
    {
      g_warning ("%s: too much is waiting for %s; the network has to wait as well", gateway->domain, congested);
      gateway->congestion = g_timeout_add (CONGESTION_LOOK_MS, on_congestion, gateway);
      workers_pause (gateway->workers, TRUE);
    }
  return kept;
}

gboolean
gateway_is_busy (Gateway *gateway)
{
  return stream_get_backlog (gateway->stream) > BACKLOG_BUSY;
}

void
gateway_tell (Gateway *gateway, const char *to, const char *text)
{
  xmpp_stanza_t *message = stanza_new_full ("message", "chat", gateway->domain, to);

  stanza_add_text (message, "body", text);
  gateway_send_message (gateway, message);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_handle_id (&request->timer, g_source_remove);
  g_free (request->id);
  g_free (request->to);
  g_free (request);
}

static void
finish_request (Request *request, xmpp_stanza_t *answer)
{
  Gateway *gateway = request->gateway;

  g_hash_table_steal (gateway->iqs, request->id);
  request->done (gateway, answer, request->data);
  request_free (request);
}

static gboolean
on_request_timeout (gpointer data)
{
  ((Request *) data)->timer = 0;
  finish_request (data, NULL);
  return G_SOURCE_REMOVE;
}

void
gateway_request (Gateway *gateway, xmpp_stanza_t *iq, GatewayAnswered done, gpointer data)
{
  Request *request = g_new0 (Request, 1);

  request->gateway = gateway;
  request->id = g_strdup (xmpp_stanza_get_id (iq));
  request->to = g_strdup (xmpp_stanza_get_to (iq));
  request->done = done;
  request->data = data;
  request->timer = g_timeout_add_seconds (stream_is_up (gateway->stream) ? GATEWAY_IQ_SECONDS : 0, on_request_timeout, request);
  g_hash_table_insert (gateway->iqs, request->id, request);
  gateway_send (gateway, iq);
}

gboolean
gateway_take_answer (Gateway *gateway, xmpp_stanza_t *iq)
{
  const char *id = xmpp_stanza_get_id (iq);
  Request *request = id == NULL ? NULL : g_hash_table_lookup (gateway->iqs, id);
  g_autofree char *from = jid_dup_bare (xmpp_stanza_get_from (iq));
  g_autofree char *to = NULL;

  if (request == NULL)
    return FALSE;
  /* Only whom we asked may answer. */
  to = jid_dup_bare (request->to);
  if (!g_str_equal (from, to))
    return FALSE;
  finish_request (request, iq);
  return TRUE;
}

static void
fail_requests (Gateway *gateway)
{
  g_autoptr (GList) pending = g_hash_table_get_values (gateway->iqs);

  for (GList *item = pending; item != NULL; item = item->next)
    if (g_hash_table_contains (gateway->iqs, ((Request *) item->data)->id))
      finish_request (item->data, NULL);
}

/* What is known of the options decides, and what the users see of it goes by the stream. */
static void
want_staying (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer user;

  if (!gateway->protocol->complete || !stream_is_up (gateway->stream) || gateway->stopping)
    return;
  g_hash_table_iter_init (&iter, gateway->users);
  while (g_hash_table_iter_next (&iter, NULL, &user))
    user_want_staying (user);
}

/* -- The stream ----------------------------------------------------------- */

static void
settle (Gateway *gateway)
{
  gboolean told = gateway->protocol->complete || gateway->unfit || gateway->patience == 0;

  if (gateway->settled || !gateway->tried || !told || workers_are_returning (gateway->workers))
    return;
  g_clear_handle_id (&gateway->patience, g_source_remove);
  gateway->settled = TRUE;
  hub_gateway_settled (gateway->hub);
}

static void
on_probe (const char *bare, gpointer data)
{
  Gateway *gateway = data;

  gateway_send (gateway, stanza_new_full ("presence", "probe", gateway->domain, bare));
}

static gboolean
on_grace_over (gpointer data)
{
  Gateway *gateway = data;
  GHashTableIter iter;
  gpointer value;

  gateway->grace = 0;
  g_hash_table_iter_init (&iter, gateway->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    user_drop_doubtful (value);
  return G_SOURCE_REMOVE;
}

/* The server has forgotten what it told us, and what we told it: ask each user
 * once, and show again who is there.  See on_probe_answered in features/presence.c. */
static void
ask_who_is_there (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer value;
  guint asked = 0;

  g_hash_table_iter_init (&iter, gateway->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      User *user = value;

      if (!user_is_registered (user))
        continue;
      pacer_push (gateway->probes, user->jid);
      asked++;
    }
  g_clear_handle_id (&gateway->grace, g_source_remove);
  gateway->grace = g_timeout_add_seconds (PROBE_SECONDS + asked / PROBES_PER_SECOND, on_grace_over, gateway);
}

static void
on_up (Stream *stream, gpointer data)
{
  Gateway *gateway = data;

  gateway->tried = TRUE;
  if (workers_are_returning (gateway->workers))
    stream_pause (gateway->stream, TRUE);
  workers_hold (gateway->workers, WORKER_HELD_BY_START, FALSE);
  settle (gateway);
  gateway->up_since = g_get_monotonic_time ();
  outbox_stream_up (gateway->outbox);
  ask_who_is_there (gateway);
  want_staying (gateway);
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->stream_up != NULL)
      features[i]->stream_up (gateway);
}

static void
on_down (Stream *stream, const GError *error, gpointer data)
{
  Gateway *gateway = data;
  GHashTableIter iter;
  gpointer value;

  /* Once for each cause, not at each attempt. */
  if (g_strcmp0 (gateway->down_reason, error->message) != 0)
    {
      g_warning ("%s: no connection to the XMPP server at %s port %u: %s; trying again until it works", gateway->domain,
                 hub_settings (gateway->hub)->component_host, hub_settings (gateway->hub)->component_port, error->message);
      g_free (gateway->down_reason);
      gateway->down_reason = g_strdup (error->message);
    }
  gateway->tried = TRUE;
  workers_hold (gateway->workers, WORKER_HELD_BY_START, FALSE);
  settle (gateway);
  if (gateway->up_since != 0)
    gateway->broken_at = g_get_real_time () / 1000;
  gateway->up_since = 0;
  outbox_stream_down (gateway->outbox);
  pacer_clear (gateway->probes);
  g_clear_handle_id (&gateway->grace, g_source_remove);
  g_hash_table_iter_init (&iter, gateway->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    user_doubt_resources (value);
  g_hash_table_remove_all (gateway->roster_domains);
  g_hash_table_remove_all (gateway->pubsub_domains);
  fail_requests (gateway);
}

static void
on_stanza (Stream *stream, xmpp_stanza_t *stanza, gpointer data)
{
  router_take (data, stanza);
}

/* -- Users and sessions --------------------------------------------------- */

User *
gateway_find_user (Gateway *gateway, const char *bare, gboolean make)
{
  User *user = g_hash_table_lookup (gateway->users, bare);

  if (user == NULL && make)
    {
      user = user_new (gateway, bare);
      g_hash_table_insert (gateway->users, user->jid, user);
    }
  return user;
}

void
gateway_forget_user (Gateway *gateway, User *user)
{
  if (user->sessions->len == 0)
    g_hash_table_remove (gateway->users, user->jid);
}

Session *
gateway_find_session (Gateway *gateway, gint64 account)
{
  return g_hash_table_lookup (gateway->sessions, &account);
}

static void
on_sign_in_turn (const char *key, gpointer data)
{
  Session *session = gateway_find_session (data, g_ascii_strtoll (key, NULL, 10));

  if (session != NULL)
    session_begin (session);
}

static void
on_request_turn (const char *key, gpointer data)
{
  const char *peer = strchr (key, ' ') + 1;
  Session *session = gateway_find_session (data, g_ascii_strtoll (key, NULL, 10));
  Contact *contact = session == NULL ? NULL : session_find_contact (session, peer);

  if (contact != NULL)
    gateway_send (data, subscriptions_new_request (session, contact, contact->name, NULL));
}

void
gateway_ask_subscription (Session *session, Contact *contact)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT " %s", session_number (session), contact->peer);

  pacer_push (session_gateway (session)->requests, key);
}

gboolean
gateway_has_tags (Gateway *gateway)
{
  const ProtocolOption *option;

  if (gateway->network->tag_option == NULL)
    return FALSE;
  option = protocol_find_option (gateway->protocol, gateway->network->tag_option);
  return option != NULL && !option->locked;
}

void
gateway_taken_over (Gateway *gateway)
{
  stream_pause (gateway->stream, FALSE);
  deliveries_taken_over (gateway);
  outbox_taken_over (gateway->outbox);
  settle (gateway);
  session_begin_held_up (gateway);
}

void
gateway_protocol_known (Gateway *gateway)
{
  protocol_configure (gateway->protocol, gateway->settings);
  caps_forget (gateway);
  settle (gateway);
  want_staying (gateway);
}

void
gateway_unfit (Gateway *gateway, const char *why)
{
  g_warning ("%s: the network cannot be served: %s", gateway->domain, why);
  gateway->unfit = TRUE;
  settle (gateway);
}

/* -- Life ----------------------------------------------------------------- */

static void on_accounts_loaded (GPtrArray *accounts, const GError *error, gpointer data);

static gboolean
load_accounts (gpointer data)
{
  Gateway *gateway = data;

  gateway->load_again = 0;
  store_load_accounts (hub_store (gateway->hub), gateway->domain, on_accounts_loaded, gateway);
  return G_SOURCE_REMOVE;
}

static void
on_accounts_loaded (GPtrArray *accounts, const GError *error, gpointer data)
{
  Gateway *gateway = data;

  if (error != NULL)
    {
      g_warning ("%s: the accounts cannot be loaded: %s; trying again in %d seconds", gateway->domain, error->message, LOAD_AGAIN_SECONDS);
      gateway->load_again = g_timeout_add_seconds (LOAD_AGAIN_SECONDS, load_accounts, gateway);
      return;
    }
  for (guint i = 0; i < accounts->len; i++)
    {
      const StoreAccount *account = accounts->pdata[i];
      User *user = gateway_find_user (gateway, account->owner, TRUE);
      Session *session = session_new (user, store_account_copy (account));

      session->saved = TRUE;
      user_add_session (user, session);
    }
  deliveries_loaded (gateway);
  if (!workers_are_returning (gateway->workers))
    gateway_taken_over (gateway);
  g_message ("%s: %u accounts of %u users", gateway->domain, accounts->len, g_hash_table_size (gateway->users));
  if (!gateway->stopping)
    stream_start (gateway->stream);
}

static gboolean
on_patience_over (gpointer data)
{
  Gateway *gateway = data;

  g_warning ("%s: no worker has told of the network yet; users get errors until one does", gateway->domain);
  gateway->patience = 0;
  settle (gateway);
  return G_SOURCE_REMOVE;
}

void
gateway_start (Gateway *gateway)
{
  gateway->patience = g_timeout_add_seconds (PATIENCE_SECONDS, on_patience_over, gateway);
  load_accounts (gateway);
  workers_start (gateway->workers);
}

void
gateway_configure (Gateway *gateway, const SettingsGateway *settings)
{
  const Settings *all = hub_settings (gateway->hub);

  gateway->settings = settings;
  stream_configure (gateway->stream, all->component_host, all->component_port, all->component_tls, settings->secret);
  pacer_set_rate (gateway->sign_ins, settings->sign_ins_per_second);
  pacer_set_rate (gateway->moves, settings->sign_ins_per_second);
  if (gateway->protocol->complete)
    protocol_configure (gateway->protocol, settings);
  caps_forget (gateway);
}

typedef struct {
  Gateway *gateway;
  void (*done) (gpointer data);
  gpointer data;
} Closing;

static void
on_stopped (gboolean ended, gpointer data)
{
  g_autofree Closing *closing = data;

  if (ended)
    outbox_stream_ended (closing->gateway->outbox);
  closing->done (closing->data);
}

void
gateway_close (Gateway *gateway, void (*done) (gpointer data), gpointer data)
{
  Closing *closing = g_new (Closing, 1);

  *closing = (Closing) { gateway, done, data };
  stream_pause (gateway->stream, FALSE);
  stream_stop (gateway->stream, on_stopped, closing);
}

void
gateway_hold_still (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer session;

  gateway->holds_still = TRUE;
  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    for (guint i = 0; features[i] != NULL; i++)
      if (features[i]->session_hands_over != NULL)
        features[i]->session_hands_over (session);
  workers_hold (gateway->workers, WORKER_HELD_BY_RESTART, TRUE);
}

gboolean
gateway_is_still (Gateway *gateway)
{
  return workers_are_flushed (gateway->workers);
}

void
gateway_sign_all_out (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer value;

  gateway->stopping = TRUE;
  workers_end_returning (gateway->workers);
  workers_hold (gateway->workers, WORKER_HELD_BY_START, FALSE);
  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    session_unwant (value);
}

gboolean
gateway_is_quiet (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Session *) value)->worker != NULL)
      return FALSE;
  return !workers_are_returning (gateway->workers);
}

static char *
dup_journal_path (Gateway *gateway, const char *direction)
{
  g_autofree char *name = g_strconcat (gateway->domain, ".", direction, NULL);

  return g_build_filename (hub_settings (gateway->hub)->journal_folder, name, NULL);
}

static gboolean
open_journals (Gateway *gateway, GError **error)
{
  g_autofree char *in = dup_journal_path (gateway, "in");
  g_autofree char *out = dup_journal_path (gateway, "out");
  /* There are passwords among it; that folder is in memory, mostly. */
  g_autofree char *name = g_strconcat (gateway->domain, ".read", NULL);
  g_autofree char *read = g_build_filename (hub_settings (gateway->hub)->runtime_dir, name, NULL);
  gsize most = (gsize) hub_settings (gateway->hub)->journal_megabytes * 1024 * 1024;

  gateway->outbox = outbox_new (gateway, in, most, error);
  if (gateway->outbox != NULL)
    gateway->deliveries = deliveries_new (gateway, out, most, error);
  if (gateway->deliveries != NULL)
    gateway->intake = intake_open (read, INTAKE_MOST, error);
  if (hub_keeps_messages (gateway->hub))
    stream_set_intake (gateway->stream, gateway->intake);
  return gateway->intake != NULL;
}

Gateway *
gateway_new (Hub *hub, const SettingsGateway *settings, GError **error)
{
  static const StreamCallbacks callbacks = { on_up, on_down, on_stanza };
  Gateway *gateway = g_new0 (Gateway, 1);

  gateway->hub = hub;
  gateway->domain = g_strdup (settings->domain);
  gateway->network = settings->kind;
  gateway->stream = stream_new (gateway->domain, &callbacks, gateway);
  gateway->protocol = protocol_new ();
  gateway->workers = workers_new (gateway);
  gateway->breakers = breakers_new (gateway);
  gateway->accused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gateway->users = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) user_free);
  gateway->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  gateway->sign_ins = pacer_new (settings->sign_ins_per_second, on_sign_in_turn, gateway);
  gateway->moves = pacer_new (settings->sign_ins_per_second, drain_on_turn, gateway);
  gateway->probes = pacer_new (PROBES_PER_SECOND, on_probe, gateway);
  gateway->requests = pacer_new (REQUESTS_PER_SECOND, on_request_turn, gateway);
  gateway->iqs = g_hash_table_new (g_str_hash, g_str_equal);
  gateway->roster_domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gateway->pubsub_domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gateway->started = g_get_real_time () / G_USEC_PER_SEC;
  gateway->broken_at = g_get_real_time () / 1000;
  gateway_configure (gateway, settings);
  if (open_journals (gateway, error))
    return gateway;
  gateway_free (gateway);
  return NULL;
}

void
gateway_free (Gateway *gateway)
{
  gateway->stopping = TRUE;
  if (gateway->outbox != NULL)
    outbox_stream_down (gateway->outbox);
  fail_requests (gateway);
  g_hash_table_unref (gateway->users);
  g_hash_table_unref (gateway->sessions);
  workers_free (gateway->workers);
  breakers_free (gateway->breakers);
  g_hash_table_unref (gateway->accused);
  g_clear_handle_id (&gateway->grace, g_source_remove);
  g_clear_handle_id (&gateway->patience, g_source_remove);
  g_clear_handle_id (&gateway->load_again, g_source_remove);
  g_clear_handle_id (&gateway->congestion, g_source_remove);
  pacer_free (gateway->sign_ins);
  pacer_free (gateway->moves);
  pacer_free (gateway->probes);
  pacer_free (gateway->requests);
  g_hash_table_unref (gateway->iqs);
  g_clear_pointer (&gateway->deliveries, deliveries_free);
  g_clear_pointer (&gateway->outbox, outbox_free);
  stream_free (gateway->stream);
  g_clear_pointer (&gateway->intake, intake_close);
  protocol_free (gateway->protocol);
  caps_forget (gateway);
  g_hash_table_unref (gateway->roster_domains);
  g_hash_table_unref (gateway->pubsub_domains);
  g_free (gateway->down_reason);
  g_free (gateway->domain);
  g_free (gateway);
}
