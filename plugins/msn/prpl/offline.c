/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offline.c - messages to and from those who are not signed in.
 *
 * One call at a time: a list to be fetched, messages, their deletion, and those to be stored stand in one queue.  A call that is
 * refused because the ticket is too old is made once more with a new one, and one that wants a lock key with the key.  */
#include "offline.h"

#include <string.h>

#include "challenge.h"
#include "http_client.h"
#include "mail.h"
#include "slp.h"
#include "text_format.h"
#include "ticket_fetch.h"

#define MOST_CALLS 200
#define MOST_FETCHED 500

typedef enum { CALL_LIST, CALL_GET, CALL_DELETE, CALL_STORE } CallKind;

typedef struct {
  CallKind kind;
  char *id;                  /* of the message to get */
  char *who, *text;          /* to store */
  guint number;
  OfflineFunc func;
  gpointer data;
  gboolean had_ticket, had_key;
} Call;

typedef struct {
  char *id;
  OfflineMail mail;
} Fetched;

struct Offline {
  Session *session;
  GQueue calls;              /* Call, the first is being made */
  HttpRequest *request;
  TicketFetch *fetch;
  guint timer;
  char *lock_key;
  GHashTable *runs;          /* who -> Run */
  GHashTable *seen;          /* ids of messages that were fetched */
  GPtrArray *fetched;        /* Fetched */
};

typedef struct {
  char *id;
  guint last;
} Run;

static void make_next (Offline *offline);

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->id);
  g_free (run);
}

static void
fetched_free (gpointer data)
{
  Fetched *fetched = data;

  offline_mail_clear (&fetched->mail);
  g_free (fetched->id);
  g_free (fetched);
}

static void
call_free (Call *call)
{
  g_free (call->id);
  g_free (call->who);
  g_free (call->text);
  g_free (call);
}

Offline *
offline_new (Session *session)
{
  Offline *offline = g_new0 (Offline, 1);

  offline->session = session;
  offline->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, run_free);
  offline->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  offline->fetched = g_ptr_array_new_with_free_func (fetched_free);
  return offline;
}

static void
finish (Offline *offline, OfflineResult result, const char *why)
{
  Call *call = g_queue_pop_head (&offline->calls);

  if (call->func != NULL)
    call->func (offline->session, result, why, call->data);
  else if (result != OFFLINE_DONE)
    purple_debug_warning ("msn", "offline messages: %s\n", why);
  call_free (call);
}

void
offline_free (Offline *offline)
{
  g_clear_pointer (&offline->request, http_request_cancel);
  g_clear_pointer (&offline->fetch, ticket_fetch_cancel);
  if (offline->timer > 0)
    purple_timeout_remove (offline->timer);
  while (offline->calls.head != NULL)
    finish (offline, OFFLINE_REFUSED, "The connection ended.");
  g_hash_table_unref (offline->runs);
  g_hash_table_unref (offline->seen);
  g_ptr_array_unref (offline->fetched);
  g_free (offline->lock_key);
  g_free (offline);
}

/* -- Making calls ------------------------------------------------------------------------ */

static gboolean
on_next (gpointer data)
{
  Offline *offline = data;

  offline->timer = 0;
  if (offline->request == NULL && offline->fetch == NULL && offline->calls.head != NULL)
    make_next (offline);
  return G_SOURCE_REMOVE;
}

static void
go_on (Offline *offline)
{
  if (offline->timer == 0 && offline->calls.head != NULL && !offline->session->ending)
    offline->timer = purple_timeout_add (0, on_next, offline);
}

static Run *
need_run (Offline *offline, const char *who)
{
  Run *run = g_hash_table_lookup (offline->runs, who);

  if (run != NULL)
    return run;
  run = g_new0 (Run, 1);
  run->id = slp_dup_guid ();
  g_hash_table_insert (offline->runs, g_strdup (who), run);
  return run;
}

static char *
build_store (Offline *offline, Call *call)
{
  Session *session = offline->session;
  Run *run = need_run (offline, call->who);

  if (call->number == 0)
    call->number = ++run->last;
  return offline_soap_build_store (&(OfflineStore) {
    .from = session->name,
    .name = session->list->own_name != NULL ? session->list->own_name : session->name,
    .to = contact_list_get_exact (session->list, call->who),
    .dialect = session->dialect,
    .ticket = session->ticket,
    .lock_key = offline->lock_key != NULL ? offline->lock_key : "",
    .run = run->id,
    .number = call->number,
    .text = call->text,
  });
}

static char *
build_delete (Offline *offline)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < offline->fetched->len; i++)
    g_ptr_array_add (ids, ((Fetched *) offline->fetched->pdata[i])->id);
  g_ptr_array_add (ids, NULL);
  return offline_soap_build_delete (offline->session->ticket, (const char *const *) ids->pdata);
}

static void on_response (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data);

static void
make_next (Offline *offline)
{
  Session *session = offline->session;
  Call *call = offline->calls.head->data;
  const char *origin = session_get_option (session, "web_url");
  g_autofree char *body = NULL;
  g_autofree char *url = NULL;
  g_autofree char *headers = NULL;
  g_auto (HttpAddress) address = { 0 };
  const char *action = NULL;

  switch (call->kind)
    {
    case CALL_LIST:
      body = offline_soap_build_list (session->ticket);
      action = OFFLINE_ACTION_LIST;
      break;
    case CALL_GET:
      body = offline_soap_build_get (session->ticket, call->id);
      action = OFFLINE_ACTION_GET;
      break;
    case CALL_DELETE:
      body = build_delete (offline);
      action = OFFLINE_ACTION_DELETE;
      break;
    case CALL_STORE:
      body = build_store (offline, call);
      action = OFFLINE_ACTION_STORE;
      break;
    }
  url = g_strconcat (origin != NULL ? origin : session->web_origin, call->kind == CALL_STORE ? OFFLINE_STORE_PATH : OFFLINE_FETCH_PATH, NULL);
  if (!http_address_parse (url, &address))
    {
      finish (offline, OFFLINE_REFUSED, "The address of the web services cannot be used.");
      go_on (offline);
      return;
    }
  headers = g_strdup_printf ("SOAPAction: %s\r\nContent-Type: text/xml; charset=utf-8\r\n", action);
  offline->request = http_request_send (session, &address, http_build_request ("POST", &address, headers, FALSE, body, strlen (body)),
                                        on_response, offline);
}

static gboolean
enqueue (Offline *offline, Call *call)
{
  if (offline->calls.length >= MOST_CALLS + MOST_FETCHED)
    {
      call_free (call);
      return FALSE;
    }
  g_queue_push_tail (&offline->calls, call);
  if (offline->request == NULL && offline->fetch == NULL)
    go_on (offline);
  return TRUE;
}

static Call *
call_new (CallKind kind)
{
  Call *call = g_new0 (Call, 1);

  call->kind = kind;
  return call;
}

/* -- What was fetched ---------------------------------------------------------------------- */

static gint
compare_fetched (gconstpointer a, gconstpointer b)
{
  const OfflineMail *one = &(*(Fetched *const *) a)->mail;
  const OfflineMail *other = &(*(Fetched *const *) b)->mail;

  if (one->time != other->time)
    return one->time < other->time ? -1 : 1;
  if (g_strcmp0 (one->run, other->run) != 0)
    return g_strcmp0 (one->run, other->run);
  return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static gboolean
has_more_to_get (Offline *offline)
{
  for (GList *l = offline->calls.head; l != NULL; l = l->next)
    if (((Call *) l->data)->kind == CALL_GET)
      return TRUE;
  return FALSE;
}

/* All that waited is here: shown in its order, then deleted. */
static void
show_fetched (Offline *offline)
{
  if (offline->fetched->len == 0 || has_more_to_get (offline))
    return;
  g_ptr_array_sort (offline->fetched, compare_fetched);
  for (guint i = 0; i < offline->fetched->len; i++)
    {
      const OfflineMail *mail = &((Fetched *) offline->fetched->pdata[i])->mail;
      const ListContact *contact = contact_list_get (offline->session->list, mail->from);
      TextFormat format = { 0 };
      g_autofree char *html = text_format_dup_html (&format, mail->text);

      if (contact != NULL && contact->name == NULL && *mail->name != '\0')
        serv_got_alias (offline->session->gc, mail->from, mail->name);
      serv_got_im (offline->session->gc, mail->from, html, PURPLE_MESSAGE_RECV | PURPLE_MESSAGE_DELAYED, mail->time > 0 ? (time_t) mail->time : time (NULL));
    }
  enqueue (offline, call_new (CALL_DELETE));
}

static void
take_message (Offline *offline, const Call *call, const HttpResponse *response)
{
  g_autofree char *text = offline_soap_dup_message (response);
  Fetched *fetched = g_new0 (Fetched, 1);

  if (text == NULL || !offline_mail_parse (text, &fetched->mail))
    {
      purple_debug_warning ("msn", "an offline message cannot be read\n");
      fetched_free (fetched);
      return;
    }
  fetched->id = g_strdup (call->id);
  g_ptr_array_add (offline->fetched, fetched);
}

static void
take_list (Offline *offline, const char *text, gboolean may_ask)
{
  gboolean too_many;
  g_autoptr (GPtrArray) mails = mail_parse_waiting (text, strlen (text), &too_many);

  for (guint i = 0; i < mails->len; i++)
    {
      const WaitingMail *mail = mails->pdata[i];
      Call *call;

      if (g_hash_table_contains (offline->seen, mail->id))
        continue;
      g_hash_table_add (offline->seen, g_strdup (mail->id));
      call = call_new (CALL_GET);
      call->id = g_strdup (mail->id);
      enqueue (offline, call);
    }
  if (too_many && may_ask)
    enqueue (offline, call_new (CALL_LIST));
}

/* -- Answers --------------------------------------------------------------------------------- */

static void
on_ticket (Session *session, TicketResult result, const char *text, gboolean untrusted, gpointer data)
{
  Offline *offline = data;

  offline->fetch = NULL;
  if (result == TICKET_GIVEN)
    {
      g_free (session->ticket);
      session->ticket = g_strdup (text);
    }
  else
    finish (offline, OFFLINE_REFUSED, text);
  go_on (offline);
}

/* TRUE: the same call is made once more. */
static gboolean
try_again (Offline *offline, OfflineResult result, const char *text)
{
  Session *session = offline->session;
  Call *call = offline->calls.head->data;

  if (result == OFFLINE_WANTS_KEY && !call->had_key && text != NULL)
    {
      call->had_key = TRUE;
      g_free (offline->lock_key);
      offline->lock_key = challenge_compute (text, CHALLENGE_PRODUCT, CHALLENGE_KEY);
      go_on (offline);
      return TRUE;
    }
  if ((result != OFFLINE_WANTS_TICKET && result != OFFLINE_WANTS_KEY) || call->had_ticket)
    return FALSE;
  call->had_ticket = TRUE;
  offline->fetch = ticket_fetch_begin (session, text != NULL && result == OFFLINE_WANTS_TICKET && *text != '\0' ? text : session->policy, on_ticket, offline);
  return TRUE;
}

static void
on_response (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data)
{
  Offline *offline = data;
  Call *call = offline->calls.head->data;
  CallKind kind = call->kind;
  g_autofree char *text = NULL;
  OfflineResult result = response != NULL ? offline_soap_parse (response, &text) : OFFLINE_REFUSED;

  offline->request = NULL;
  if (response != NULL && try_again (offline, result, text))
    return;
  if (result == OFFLINE_DONE && kind == CALL_GET)
    take_message (offline, call, response);
  else if (result == OFFLINE_DONE && kind == CALL_LIST)
    {
      g_autofree char *list = offline_soap_dup_list (response);

      if (list != NULL)
        take_list (offline, list, FALSE);
    }
  else if (kind == CALL_DELETE)
    g_ptr_array_set_size (offline->fetched, 0);
  finish (offline, result, why != NULL ? why : text != NULL ? text : "The service for offline messages did not take the message.");
  if (kind == CALL_GET)
    show_fetched (offline);
  go_on (offline);
}

/* -- What others ask for ------------------------------------------------------------------------ */

gboolean
offline_can_store (Session *session)
{
  return !session->ending && session->offline != NULL && session->ticket != NULL && session->web_origin != NULL;
}

void
offline_take_notice (Session *session, const char *data)
{
  if (offline_can_store (session))
    take_list (session->offline, data, TRUE);
}

void
offline_store (Session *session, const char *who, const char *text, OfflineFunc func, gpointer data)
{
  Call *call = call_new (CALL_STORE);

  call->who = g_strdup (who);
  call->text = g_strdup (text);
  call->func = func;
  call->data = data;
  if (!enqueue (session->offline, call))
    func (session, OFFLINE_TOO_FAST, "Too many offline messages wait to be stored.", data);
}
