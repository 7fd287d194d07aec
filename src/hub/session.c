/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.c - a user's account at a gateway, and its life on the network.
 *
 * A session moves through the states of session.h, and only here.  Wishes (the
 * user is there, the user left, a login is to be verified) and events (the
 * worker's) meet in it in any order; each wish is remembered in `wanted` and
 * `verifying`, and come_to_rest() does what they ask for whenever nothing is
 * under way. */
#include "config.h"

#include "session.h"

#include <string.h>

#include "breaker.h"
#include "contacts.h"
#include "delivery.h"
#include "drain.h"
#include "jid.h"
#include "notes.h"
#include "outbox.h"
#include "suspects.h"
#include "worker.h"

#define CONNECT_SECONDS 90
#define LEAVE_SECONDS 10
/* Bytes that may wait for a worker in all. */
#define BACKLOG_MAX (16 * 1024 * 1024)
#define BACKOFF_FIRST_SECONDS 5
#define BACKOFF_MOST_SECONDS 600

static void set_state (Session *session, SessionState state);
static void fail_verification (Session *session, const GError *error);
static void give_up_or_retry (Session *session, WireCause cause, const char *text);

const char *
session_state_name (SessionState state)
{
  static const char *const names[] = {
    [SESSION_OUT] = "signed out", [SESSION_QUEUED] = "queued", [SESSION_CONNECTING] = "signing in", [SESSION_IN] = "signed in",
    [SESSION_LEAVING] = "signing out", [SESSION_WAITING] = "waiting", [SESSION_STOPPED] = "stopped",
  };

  return names[state];
}

/* -- Names ---------------------------------------------------------------- */

Gateway *
session_gateway (Session *session)
{
  return session->user->gateway;
}

gint64
session_number (Session *session)
{
  return session->account->id;
}

char *
session_dup_label (Session *session)
{
  return g_strdup_printf ("%s: %s%s%s", session_gateway (session)->domain, session->user->jid,
                          *session->account->tag == '\0' ? "" : " ", session->account->tag);
}

char *
session_dup_title (Session *session)
{
  return *session->account->tag == '\0' ? g_strdup (session->account->name)
                                        : g_strdup_printf ("%s at %s", session->account->name, session->account->tag);
}

char *
session_dup_seal_context (const StoreAccount *account)
{
  return g_strjoin ("\n", account->gateway, account->owner, account->tag, NULL);
}

/* -- Causes --------------------------------------------------------------- */

static const struct {
  StanzaError condition;
  gboolean final;             /* trying again without the user's help is no use */
  const char *text;
} causes[] = {
  [WIRE_CAUSE_REQUESTED] = { STANZA_RECIPIENT_UNAVAILABLE, FALSE, "You are signed out." },
  [WIRE_CAUSE_NETWORK] = { STANZA_REMOTE_SERVER_TIMEOUT, FALSE, "The network cannot be reached." },
  [WIRE_CAUSE_BUSY] = { STANZA_RESOURCE_CONSTRAINT, FALSE, "Too much is waiting to be sent." },
  [WIRE_CAUSE_OFFLINE] = { STANZA_RECIPIENT_UNAVAILABLE, FALSE, "You are not signed in to the network." },
  [WIRE_CAUSE_AUTH] = { STANZA_NOT_AUTHORIZED, TRUE, "The network refused the login." },
  [WIRE_CAUSE_NAME_IN_USE] = { STANZA_CONFLICT, TRUE, "The name is in use." },
  [WIRE_CAUSE_SETTINGS] = { STANZA_NOT_ACCEPTABLE, TRUE, "These settings cannot work." },
  [WIRE_CAUSE_CERTIFICATE] = { STANZA_NOT_ACCEPTABLE, TRUE, "The server's certificate cannot be trusted." },
  [WIRE_CAUSE_NO_PEER] = { STANZA_ITEM_NOT_FOUND, FALSE, "The network knows nobody of this name." },
  [WIRE_CAUSE_PEER_OFFLINE] = { STANZA_RECIPIENT_UNAVAILABLE, FALSE, "The contact is not signed in, and takes no messages then." },
  [WIRE_CAUSE_REFUSED] = { STANZA_NOT_ALLOWED, TRUE, "The network refused." },
};

GError *
session_error_from_cause (WireCause cause, const char *text)
{
  return g_error_new_literal (STANZA_ERROR, causes[cause].condition, text != NULL && *text != '\0' ? text : causes[cause].text);
}

/* -- States --------------------------------------------------------------- */

static void
tell_user (Session *session, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell_user (Session *session, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  gateway_tell (session_gateway (session), session->user->jid, text);
}

static void
push (Session *session)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, session_number (session));

  session->held_up = FALSE;
  pacer_push (session_gateway (session)->sign_ins, key);
}

static void
enqueue (Session *session)
{
  set_state (session, SESSION_QUEUED);
  push (session);
}

/* Nothing is under way: what do the wishes ask for? */
static void
come_to_rest (Session *session)
{
  gboolean wish = session->verifying || (session->wanted && !session->account->stays_out && !session->account->quarantined);
  gboolean stopping = session_gateway (session)->stopping;

  if (stopping && session->verifying)
    {
      g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_RESOURCE_CONSTRAINT, "The gateway is being stopped; please try again.");

      session->wanted = FALSE;
      fail_verification (session, error);
    }
  else if (wish && !stopping)
    enqueue (session);
  else if (session->state != SESSION_OUT)
    set_state (session, SESSION_OUT);
}

void
session_retry (Session *session)
{
  if (session->state == SESSION_WAITING)
    come_to_rest (session);
}

static gboolean
on_timer (gpointer data)
{
  Session *session = data;

  session->timer = 0;
  if (session->state == SESSION_WAITING)
    come_to_rest (session);
  else if (session->state == SESSION_QUEUED)
    give_up_or_retry (session, WIRE_CAUSE_BUSY, "The gateway cannot serve this network at the moment.");
  else
    {
      WireSignedOut event = { .account = session_number (session), .cause = WIRE_CAUSE_NETWORK,
                              .text = "The network did not answer in time." };

      session_tell_worker (session, &(WireMessage) { .type = WIRE_SIGN_OUT, .u.sign_out = { session_number (session) } });
      session_signed_out (session, &event);
    }
  return G_SOURCE_REMOVE;
}

static void
give_up_deliveries (Session *session, const char *why)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, STANZA_RECIPIENT_UNAVAILABLE, why);

  deliveries_give_up (session, NULL, error);
}

static void
set_state (Session *session, SessionState state)
{
  static const guint8 next[] = {
#define TO(STATE) (1 << SESSION_##STATE)
    [SESSION_OUT] = TO (QUEUED),
    [SESSION_QUEUED] = TO (OUT) | TO (CONNECTING) | TO (WAITING) | TO (STOPPED),
    [SESSION_CONNECTING] = TO (OUT) | TO (QUEUED) | TO (IN) | TO (LEAVING) | TO (WAITING) | TO (STOPPED),
    [SESSION_IN] = TO (OUT) | TO (QUEUED) | TO (LEAVING) | TO (WAITING) | TO (STOPPED),
    [SESSION_LEAVING] = TO (OUT) | TO (QUEUED),
    [SESSION_WAITING] = TO (OUT) | TO (QUEUED),
    [SESSION_STOPPED] = TO (OUT) | TO (QUEUED),
#undef TO
  };
  g_autofree char *label = session_dup_label (session);

  g_assert ((next[session->state] & 1 << state) != 0);
  g_info ("%s: %s, was %s", label, session_state_name (state), session_state_name (session->state));
  session->state = state;
  session->since = g_get_monotonic_time ();
  g_clear_handle_id (&session->timer, g_source_remove);
  /* Somebody waits for the outcome of a verification; others take their turn however long it takes. */
  if (state == SESSION_CONNECTING || (state == SESSION_QUEUED && session->verifying))
    session->timer = g_timeout_add_seconds (CONNECT_SECONDS, on_timer, session);
  else if (state == SESSION_LEAVING)
    session->timer = g_timeout_add_seconds (LEAVE_SECONDS, on_timer, session);
  /* Signed out is what it is when the network has let go. */
  if (session->saved && state != SESSION_LEAVING)
    user_send_gateway_presence (session->user, NULL);
  if (state == SESSION_OUT || state == SESSION_STOPPED)
    give_up_deliveries (session, session->trouble != NULL ? session->trouble : "You are signed out of the network.");
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->session_changed != NULL)
      features[i]->session_changed (session);
}

/* Until its time has come, or its server is back. */
static void
wait_and_retry (Session *session, gboolean held_back)
{
  guint ceiling = MIN (BACKOFF_FIRST_SECONDS << MIN (session->attempts, 10), BACKOFF_MOST_SECONDS);

  session->attempts++;
  set_state (session, SESSION_WAITING);
  if (!held_back)
    session->timer = g_timeout_add (g_random_int_range (ceiling * 500, ceiling * 1000), on_timer, session);
}

/* What was the worker's goes with it. */
static void
forget_worker (Session *session)
{
  session->worker = NULL;
  deliveries_lost_worker (session);
  session_hide_contacts (session);
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->session_out != NULL)
      features[i]->session_out (session);
}

static void
leave_worker (Session *session)
{
  if (session->worker == NULL)
    return;
  worker_release (session->worker, session);
  forget_worker (session);
}

/* Ends a verification; the session is IN, or OUT with its former account. */
static void
finish_verification (Session *session, const GError *error)
{
  void (*verified) (Session *, const GError *, gpointer) = session->verified;

  session->verifying = FALSE;
  session->verified = NULL;
  if (error != NULL && session->previous != NULL)
    {
      store_account_free (session->account);
      session->account = g_steal_pointer (&session->previous);
    }
  g_clear_pointer (&session->previous, store_account_free);
  verified (session, error, session->verified_data);
}

static void
fail_verification (Session *session, const GError *error)
{
  gboolean lives = session->saved;

  if (!lives && session->state != SESSION_OUT)
    set_state (session, SESSION_OUT);
  finish_verification (session, error);  /* frees a session that has no other account */
  if (lives)
    come_to_rest (session);
}

/* Whether a server has spoken. */
static gboolean
is_an_answer (WireCause cause)
{
  return cause == WIRE_CAUSE_AUTH || cause == WIRE_CAUSE_NAME_IN_USE || cause == WIRE_CAUSE_CERTIFICATE || cause == WIRE_CAUSE_REFUSED;
}

/* It did not work, or ended: what now? */
static void
give_up_or_retry (Session *session, WireCause cause, const char *text)
{
  g_autoptr (GError) error = session_error_from_cause (cause, text);
  g_autofree char *label = session_dup_label (session);
  g_autofree char *title = session_dup_title (session);
  gboolean was_in = session->state == SESSION_IN;
  gboolean told = session->told;
  gboolean held_back = cause == WIRE_CAUSE_NETWORK && breaker_failed (session);

  if (is_an_answer (cause))
    breaker_reached (session);
  if (session->verifying)
    {
      g_message ("%s: login not accepted: %s", label, error->message);
      fail_verification (session, error);
      return;
    }
  g_free (session->trouble);
  session->trouble = g_strdup (error->message);
  if (!session->wanted)
    {
      set_state (session, SESSION_OUT);
      return;
    }
  session->told = TRUE;
  if (session->account->quarantined)
    {
      set_state (session, SESSION_STOPPED);
      tell_user (session, "%s: " SUSPECTS_TEXT, title);
      return;
    }
  if (causes[cause].final)
    {
      g_message ("%s: stopped: %s", label, error->message);
      set_state (session, SESSION_STOPPED);
      tell_user (session, "%s: %s Signing in is not tried again until you ask for it: mend what is wrong, then say “login”, or register again.",
                 title, error->message);
      return;
    }
  g_message ("%s: %s: %s", label, was_in ? "connection lost" : "no connection", error->message);
  wait_and_retry (session, held_back);
  if (!told)
    tell_user (session, "%s: %s %s The gateway keeps trying, and tells you when it is back.", title,
               was_in ? "The connection was lost." : "Signing in did not work.", error->message);
}

/* -- Wishes --------------------------------------------------------------- */

gboolean
session_stays (Session *session)
{
  const ProtocolOption *option = protocol_find_option (session_gateway (session)->protocol, OPTION_STAY);

  return g_strcmp0 (protocol_option_value (option, session->account->options), "true") == 0 && !session->account->stays_out;
}

/* What the network is to show of the user; who is not there may be away. */
static WireShow
show_of (Session *session)
{
  WireShow show = session->user->show;

  return show != WIRE_SHOW_OFFLINE ? show : session_stays (session) ? WIRE_SHOW_AWAY : WIRE_SHOW_ONLINE;
}

void
session_want (Session *session)
{
  session->wanted = TRUE;
  if (session->account->quarantined && !session->told)
    {
      tell_user (session, SUSPECTS_TEXT);
      session->told = TRUE;
    }
  if (session->state == SESSION_OUT)
    come_to_rest (session);
}

static void
send_sign_out (Session *session)
{
  session_tell_worker (session, &(WireMessage) { .type = WIRE_SIGN_OUT, .u.sign_out = { session_number (session) } });
  session_hide_contacts (session);
  set_state (session, SESSION_LEAVING);
}

void
session_unwant (Session *session)
{
  session->wanted = FALSE;
  if (session->verifying && !session_gateway (session)->stopping)
    return;
  session->told = FALSE;
  session->attempts = 0;
  switch (session->state)
    {
    case SESSION_QUEUED:
    case SESSION_WAITING:
    case SESSION_STOPPED:
      set_state (session, SESSION_OUT);
      break;
    case SESSION_CONNECTING:
    case SESSION_IN:
      send_sign_out (session);
      break;
    case SESSION_OUT:
    case SESSION_LEAVING:
    default:
      break;
    }
}

void
session_verify (Session *session, StoreAccount *account,
                void (*done) (Session *session, const GError *error, gpointer data), gpointer data)
{
  g_assert (!session->verifying);
  if (account != NULL)
    {
      g_assert (account->id == session->account->id);
      session->previous = session->account;
      session->account = account;
    }
  session->verifying = TRUE;
  session->verified = done;
  session->verified_data = data;
  switch (session->state)
    {
    case SESSION_CONNECTING:
    case SESSION_IN:
      send_sign_out (session);
      break;
    case SESSION_OUT:
    case SESSION_WAITING:
    case SESSION_STOPPED:
      come_to_rest (session);
      break;
    case SESSION_QUEUED:
    case SESSION_LEAVING:
    default:
      break;
    }
}

void
session_update_status (Session *session)
{
  if (session->state == SESSION_IN || session->state == SESSION_CONNECTING)
    session_tell_worker (session, &(WireMessage) {
      .type = WIRE_SET_STATUS,
      .u.set_status = { .account = session_number (session), .status = session->user->status, .show = show_of (session) } });
}

void
session_follow_hold (Session *session)
{
  gboolean held = outbox_holds (session_gateway (session)->outbox, session->user->jid);

  session_tell_worker (session, &(WireMessage) { .type = WIRE_HOLD, .u.hold = { .account = session_number (session), .held = held } });
}

/* -- Signing in ----------------------------------------------------------- */

/* What the network does not keep for us, libpurple has to be told each time. */
static void
restore_contacts (Session *session)
{
  GHashTableIter iter;
  gpointer value;

  if (session_gateway (session)->protocol->keeps_contacts)
    return;
  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Contact *contact = value;

      if (contact->stored != NULL)
        session_tell_worker (session, &(WireMessage) {
          .type = WIRE_RESTORE_CONTACT,
          .u.restore_contact = { .account = session_number (session), .peer = contact->peer,
                                 .name = contact->stored->name, .group = contact->stored->group } });
    }
}

/* A name for what the account signs in with; what of it is the user's alone cannot be read from it. */
static char *
dup_login (Session *session)
{
  const StoreAccount *account = session->account;
  g_autofree char *password = NULL;
  g_autoptr (GString) all = g_string_new (account->name);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (account->options), (GCompareFunc) strcmp);

  if (account->sealed_password != NULL)
    password = g_base64_encode (g_bytes_get_data (account->sealed_password, NULL), g_bytes_get_size (account->sealed_password));
  g_string_append_printf (all, "\n%s", password != NULL ? password : "");
  for (GList *key = keys; key != NULL; key = key->next)
    if (!g_str_equal (key->data, OPTION_STAY))
      g_string_append_printf (all, "\n%s\n%s", (char *) key->data, (char *) g_hash_table_lookup (account->options, key->data));
  return secrets_dup_pseudonym (hub_secrets (session_gateway (session)->hub), all->str);
}

gboolean
session_has_login (Session *session, const char *note)
{
  g_autofree char *login = dup_login (session);
  g_auto (GStrv) logins = g_strsplit (note, " ", -1);

  return g_strv_contains ((const char *const *) logins, login);
}

static void
start (Session *session)
{
  Gateway *gateway = session_gateway (session);
  StoreAccount *account = session->account;
  g_autofree char *context = session_dup_seal_context (account);
  g_auto (GStrv) options = protocol_dup_options (gateway->protocol, account->options);
  g_autofree char *login = dup_login (session);
  g_autoptr (GError) error = NULL;
  char *password = NULL;

  if (account->sealed_password != NULL)
    {
      password = secrets_unseal (hub_secrets (gateway->hub), account->sealed_password, context, &error);
      if (password == NULL)
        {
          g_warning ("%s: the password of %s cannot be opened: %s", gateway->domain, account->owner, error->message);
          give_up_or_retry (session, WIRE_CAUSE_SETTINGS, "The gateway cannot read your stored password any more; please register again.");
          return;
        }
    }
  session->worker = workers_assign (gateway->workers, session);
  if (session->worker == NULL)
    {
      secrets_wipe (password);
      session->held_up = TRUE;
      return;
    }
  notes_begin (session, NOTE_ACCOUNT, login);
  restore_contacts (session);
  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_SIGN_IN,
    .u.sign_in = { .account = account->id, .name = account->name, .password = password,
                   .options = (const char *const *) options,
                   .show = show_of (session), .status = session->user->status } });
  secrets_wipe (password);
  set_state (session, SESSION_CONNECTING);
}

typedef struct {
  Gateway *gateway;
  gint64 account;
  gint64 worker;              /* the one that has the session already; 0: none */
} Loading;

static void
on_contacts_loaded (GPtrArray *items, const GError *error, gpointer data)
{
  g_autofree Loading *loading = data;
  Session *session = gateway_find_session (loading->gateway, loading->account);
  Worker *worker = loading->worker == 0 ? NULL : workers_find_number (loading->gateway->workers, loading->worker);

  if (worker != NULL)
    worker_hold (worker, WORKER_HELD_BY_STORE, FALSE);
  if (session == NULL || session->contacts_loaded)
    return;
  if (error != NULL)
    {
      g_warning ("%s: the contacts of %s cannot be loaded: %s", loading->gateway->domain, session->user->jid, error->message);
      if (session->state == SESSION_QUEUED)
        give_up_or_retry (session, WIRE_CAUSE_BUSY, "The gateway cannot read its database at the moment.");
      else
        session_sign_in_again (session);
      return;
    }
  for (guint i = 0; i < items->len; i++)
    {
      const StoreContact *stored = items->pdata[i];
      Contact *contact = session_contact (session, stored->peer);

      if (contact != NULL && contact->stored == NULL)
        contact->stored = store_contact_copy (stored);
    }
  session->contacts_loaded = TRUE;
  if (session->state == SESSION_QUEUED)
    start (session);
}

/* Others have found that its server is out of reach. */
static void
wait_for_server (Session *session)
{
  g_autofree char *title = session_dup_title (session);

  if (session->trouble == NULL)
    session->trouble = g_strdup ("The network cannot be reached at the moment.");
  wait_and_retry (session, TRUE);
  if (!session->told)
    tell_user (session, "%s: %s The gateway keeps trying, and tells you when it is back.", title, session->trouble);
  session->told = TRUE;
}

static void
load_contacts (Session *session)
{
  Gateway *gateway = session_gateway (session);
  Loading *loading = g_new (Loading, 1);

  *loading = (Loading) { gateway, session_number (session), session->worker == NULL ? 0 : session->worker->number };
  store_load_contacts (hub_store (gateway->hub), loading->account, on_contacts_loaded, loading);
}

void
session_begin (Session *session)
{
  Gateway *gateway = session_gateway (session);

  if (session->state != SESSION_QUEUED)
    return;
  if (gateway->unfit)
    {
      give_up_or_retry (session, WIRE_CAUSE_SETTINGS, "This gateway does not work: its administrator has to install the plugin of the network.");
      return;
    }
  /* One of them may have it. */
  if (workers_are_returning (gateway->workers) || gateway->holds_still)
    {
      session->held_up = TRUE;
      return;
    }
  if (!session->verifying && !breaker_lets (session))
    {
      wait_for_server (session);
      return;
    }
  /* Without its options, presets and all, an account would go to some default server, with its password. */
  if (!gateway->protocol->complete)
    session->held_up = TRUE;
  else if (session->contacts_loaded || !session->saved)
    start (session);
  else
    load_contacts (session);
}

gboolean
session_adopt (Session *session, Worker *worker)
{
  if (session->worker != NULL || session->verifying || !session->saved)
    return FALSE;
  session->wanted = TRUE;
  if (session->state != SESSION_QUEUED)
    set_state (session, SESSION_QUEUED);
  session->worker = worker;
  worker_take (worker, session);
  set_state (session, SESSION_CONNECTING);
  user_presume (session->user);
  if (!session->contacts_loaded)
    {
      worker_hold (worker, WORKER_HELD_BY_STORE, TRUE);
      load_contacts (session);
    }
  return TRUE;
}

void
session_sign_in_again (Session *session)
{
  if (session->state == SESSION_CONNECTING || session->state == SESSION_IN)
    send_sign_out (session);
}

void
session_begin_held_up (Gateway *gateway)
{
  g_autoptr (GList) sessions = g_hash_table_get_values (gateway->sessions);

  for (GList *item = sessions; item != NULL; item = item->next)
    {
      Session *session = item->data;

      if (session->held_up && session->state == SESSION_QUEUED)
        push (session);
    }
}

/* -- What the worker tells ------------------------------------------------ */

void
session_signed_in (Session *session, const WireSignedIn *event)
{
  g_autofree char *label = session_dup_label (session);
  g_autofree char *title = session_dup_title (session);

  if (session->state != SESSION_CONNECTING)
    return;
  g_message ("%s: signed in", label);
  g_free (session->name);
  session->name = g_strdup (event->name);
  g_clear_pointer (&session->trouble, g_free);
  session->attempts = 0;
  breaker_reached (session);
  set_state (session, SESSION_IN);
  if (outbox_holds (session_gateway (session)->outbox, session->user->jid))
    session_follow_hold (session);
  if (session->told)
    tell_user (session, "%s: Signed in again.", title);
  session->told = FALSE;
  if (session->verifying)
    finish_verification (session, NULL);
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->session_in != NULL)
      features[i]->session_in (session);
  deliveries_go_on (session);
  drain_signed_in (session);
}

/* Its worker has either login, whichever the store has when this process ends. */
void
session_new_password (Session *session, const WireNewPassword *event)
{
  Hub *hub = session_gateway (session)->hub;
  g_autofree char *context = session_dup_seal_context (session->account);
  g_autofree char *label = session_dup_label (session);
  g_autofree char *before = dup_login (session), *after = NULL, *both = NULL;

  g_clear_pointer (&session->account->sealed_password, g_bytes_unref);
  session->account->sealed_password = secrets_seal (hub_secrets (hub), event->password, context);
  after = dup_login (session);
  both = g_strconcat (before, " ", after, NULL);
  notes_keep (session, NOTE_ACCOUNT, both);
  g_message ("%s: the password was changed", label);
  if (session->saved)
    store_save_account (hub_store (hub), session->account, NULL, NULL);
}

void
session_signed_out (Session *session, const WireSignedOut *event)
{
  switch (session->state)
    {
    case SESSION_LEAVING:
      leave_worker (session);
      come_to_rest (session);
      break;
    case SESSION_CONNECTING:
    case SESSION_IN:
      /* The former hub has asked for it. */
      if (event->cause == WIRE_CAUSE_REQUESTED && session->worker->returning)
        session->wanted = FALSE;
      leave_worker (session);
      give_up_or_retry (session, event->cause, event->text);
      break;
    case SESSION_OUT:
    case SESSION_QUEUED:
    case SESSION_WAITING:
    case SESSION_STOPPED:
    default:
      break;
    }
}

void
session_lost_worker (Session *session)
{
  SessionState was = session->state;

  forget_worker (session);
  if (session->account->quarantined)
    give_up_or_retry (session, WIRE_CAUSE_SETTINGS, SUSPECTS_TEXT);
  else if (was == SESSION_LEAVING || (was == SESSION_IN && session->attempts == 0))
    {
      /* At once, elsewhere; should that end the same way, with back-off. */
      session->attempts = was == SESSION_IN;
      come_to_rest (session);
    }
  else
    give_up_or_retry (session, WIRE_CAUSE_BUSY, "The gateway's process for this network ended unexpectedly.");
}

/* What an account's life depends on; there are few of these, and all are ours. */
static gboolean
is_vital (WireType type)
{
  return type == WIRE_SIGN_IN || type == WIRE_SIGN_OUT || type == WIRE_RESTORE_CONTACT || type == WIRE_KEEP_NOTE || type == WIRE_HOLD;
}

gboolean
session_is_congested (Session *session)
{
  return session->worker != NULL && link_get_backlog (session->worker->link) > BACKLOG_MAX;
}

gboolean
session_tell_worker (Session *session, const WireMessage *message)
{
  if (session->worker == NULL || (session_is_congested (session) && !is_vital (message->type)))
    return FALSE;
  link_send (session->worker->link, message);
  return TRUE;
}

/* -- Life ----------------------------------------------------------------- */

Session *
session_new (User *user, StoreAccount *account)
{
  Session *session = g_new0 (Session, 1);

  session->user = user;
  session->account = account;
  session->contacts = contacts_new ();
  session->since = g_get_monotonic_time ();
  g_queue_init (&session->deliveries);
  return session;
}

void
session_free (Session *session)
{
  if (session->worker != NULL)
    {
      session_tell_worker (session, &(WireMessage) { .type = WIRE_SIGN_OUT, .u.sign_out = { session_number (session) } });
      leave_worker (session);
    }
  for (guint i = 0; features[i] != NULL; i++)
    if (features[i]->session_removed != NULL)
      features[i]->session_removed (session);
  g_clear_handle_id (&session->timer, g_source_remove);
  give_up_deliveries (session, "You have no account at this network any more.");
  g_hash_table_unref (session->contacts);
  g_clear_pointer (&session->previous, store_account_free);
  store_account_free (session->account);
  g_free (session->name);
  g_free (session->trouble);
  g_free (session);
}
