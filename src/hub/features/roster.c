/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roster.c - the network's contact list and the user's roster, kept alike.
 *
 * The network tells its list contact by contact; when it has been quiet for a
 * moment the list is reconciled with the roster, in the best way there is:
 *
 *  - where the server lets us (XEP-0356) the roster is read and compared; names
 *    and groups are merged three ways, the stored contact being what both sides
 *    last agreed on, so that a change on either side reaches the other;
 *  - else, where the user's client understands it, the new contacts are offered
 *    in one message (XEP-0144);
 *  - else each contact asks to be subscribed to, spread out over time.
 *
 * What was offered is remembered in the store: nothing is offered twice, and
 * what was refused never again. */
#include "config.h"

#include "roster.h"

#include "jid.h"
#include "subscriptions.h"
#include "worker.h"

#define NS_ROSTER "jabber:iq:roster"
#define NS_ROSTERX "http://jabber.org/protocol/rosterx"
#define NS_INFO "http://jabber.org/protocol/disco#info"
/* The list has settled after so long without a change. */
#define SETTLE_MS 500
/* prosody does nothing else while it takes in a roster push of many items. */
#define ITEMS_PER_SET 20

typedef struct {
  gint64 account;
  GPtrArray *peers;           /* char *: of a set, the contacts in it */
} Job;

static void offer_by_asking (Session *session);

static Job *
job_new (Session *session)
{
  Job *job = g_new0 (Job, 1);

  job->account = session_number (session);
  job->peers = g_ptr_array_new_with_free_func (g_free);
  return job;
}

static void
job_free (Job *job)
{
  g_ptr_array_unref (job->peers);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static void
replace (char **string, const char *value)
{
  if (g_strcmp0 (*string, value) == 0)
    return;
  g_free (*string);
  *string = g_strdup (value);
}

/* -- Remembering ---------------------------------------------------------- */

static void
save (Session *session, Contact *contact)
{
  if (session->saved)
    store_save_contact (hub_store (session_gateway (session)->hub), session_number (session), contact->stored, NULL, NULL);
}

void
roster_remember (Session *session, Contact *contact, StoreRosterState state)
{
  if (contact->stored == NULL)
    {
      contact->stored = g_new0 (StoreContact, 1);
      contact->stored->peer = g_strdup (contact->peer);
    }
  else if (contact->stored->roster == state && g_strcmp0 (contact->stored->name, contact->name) == 0
           && g_strcmp0 (contact->stored->group, contact->group) == 0)
    return;
  contact->stored->roster = state;
  if (contact->name != NULL)
    replace (&contact->stored->name, contact->name);
  if (contact->group != NULL)
    replace (&contact->stored->group, contact->group);
  save (session, contact);
}

static void
forget (Session *session, Contact *contact)
{
  store_remove_contact (hub_store (session_gateway (session)->hub), session_number (session), contact->peer, NULL, NULL);
  session_drop_contact (session, contact->peer);
}

void
roster_user_removed (Session *session, Contact *contact)
{
  session_tell_worker (session, &(WireMessage) {
    .type = WIRE_REMOVE_CONTACT, .u.remove_contact = { .account = session_number (session), .peer = contact->peer } });
  forget (session, contact);
}

/* -- Privileged changes (XEP-0356) ---------------------------------------- */

static gboolean
may_change (User *user)
{
  g_autofree char *host = jid_dup_domain (user->jid);

  return g_hash_table_contains (user->gateway->roster_domains, host);
}

/* An <iq/> that sets one item. */
static xmpp_stanza_t *
new_set (User *user, const char *jid, const char *subscription, const char *name)
{
  xmpp_stanza_t *iq = stanza_new_iq ("set", user->gateway->domain, user->jid);
  xmpp_stanza_t *item = stanza_add (stanza_add (iq, "query", NS_ROSTER), "item", NULL);

  stanza_set (item, "jid", jid);
  stanza_set (item, "subscription", subscription);
  stanza_set (item, "name", name);
  return iq;
}

/* ejabberd before 24.12 grants access and then cannot do it. */
static void
distrust (Gateway *gateway, const char *jid)
{
  g_autofree char *host = jid_dup_domain (jid);

  if (g_hash_table_remove (gateway->roster_domains, host))
    g_message ("%s: %s grants access to rosters, but refuses to change them; contacts are offered to users instead", gateway->domain, host);
}

static void
on_gateway_put (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autofree char *jid = data;
  User *user = gateway_find_user (gateway, jid, FALSE);

  if (answer != NULL && g_strcmp0 (stanza_get (answer, "type"), "result") != 0)
    distrust (gateway, jid);
  if (user == NULL || !user_is_registered (user))
    return;
  if (!may_change (user))
    {
      subscriptions_ask (user);
      return;
    }
  /* A change made this way does not make the server tell who is there. */
  user_send_gateway_presence (user, jid);
  pacer_push (gateway->probes, jid);
}

gboolean
roster_put_gateway (User *user)
{
  Gateway *gateway = user->gateway;

  if (!may_change (user))
    return FALSE;
  gateway_request (gateway, new_set (user, gateway->domain, "both", gateway->settings->name), on_gateway_put, g_strdup (user->jid));
  return TRUE;
}

gboolean
roster_take_out_gateway (User *user)
{
  if (!may_change (user))
    return FALSE;
  gateway_send (user->gateway, new_set (user, user->gateway->domain, "remove", NULL));
  return TRUE;
}

static void
on_set_answered (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autoptr (Job) job = data;
  Session *session = gateway_find_session (gateway, job->account);
  gboolean worked = answer != NULL && g_strcmp0 (stanza_get (answer, "type"), "result") == 0;

  if (session == NULL)
    return;
  if (!worked && answer != NULL)
    {
      distrust (gateway, session->user->jid);
      offer_by_asking (session);
      return;
    }
  for (guint i = 0; worked && i < job->peers->len; i++)
    {
      Contact *contact = session_find_contact (session, job->peers->pdata[i]);

      if (contact == NULL)
        continue;
      roster_remember (session, contact, STORE_ROSTER_IN);
      /* A change made this way does not make the server ask who is there. */
      session_send_contact_presence (session, contact, NULL);
    }
}

typedef struct {
  Session *session;
  xmpp_stanza_t *iq, *query;
  Job *job;
} Batch;

static void
flush_batch (Batch *batch)
{
  if (batch->iq == NULL)
    return;
  gateway_request (session_gateway (batch->session), batch->iq, on_set_answered, batch->job);
  batch->iq = NULL;
}

static void
add_to_batch (Batch *batch, Contact *contact)
{
  xmpp_stanza_t *item;

  if (batch->iq == NULL)
    {
      batch->iq = stanza_new_iq ("set", session_gateway (batch->session)->domain, batch->session->user->jid);
      batch->query = stanza_add (batch->iq, "query", NS_ROSTER);
      batch->job = job_new (batch->session);
    }
  item = stanza_add (batch->query, "item", NULL);
  stanza_set (item, "jid", contact->jid);
  stanza_set (item, "subscription", "both");
  stanza_set (item, "name", contact->name != NULL ? contact->name : contact->peer);
  if (contact->group != NULL)
    stanza_add_text (item, "group", contact->group);
  g_ptr_array_add (batch->job->peers, g_strdup (contact->peer));
  if (batch->job->peers->len == ITEMS_PER_SET)
    flush_batch (batch);
}

/* What the user changed goes to the network, what the network changed into the
 * roster; the user's own change wins. */
static gboolean
merge (Session *session, Contact *contact, const char *roster_name, const char *roster_group)
{
  Protocol *protocol = session_gateway (session)->protocol;
  StoreContact *base = contact->stored;
  gboolean differs = FALSE;

  if (roster_name != NULL && g_strcmp0 (roster_name, base->name) != 0 && g_strcmp0 (roster_name, contact->name) != 0)
    {
      replace (&contact->name, roster_name);
      if (protocol->renames)
        session_tell_worker (session, &(WireMessage) {
          .type = WIRE_RENAME_CONTACT,
          .u.rename_contact = { .account = session_number (session), .peer = contact->peer, .name = roster_name } });
    }
  else if (contact->name != NULL && protocol->renames && g_strcmp0 (contact->name, roster_name) != 0)
    differs = TRUE;
  if (roster_group != NULL && g_strcmp0 (roster_group, base->group) != 0 && g_strcmp0 (roster_group, contact->group) != 0)
    {
      replace (&contact->group, roster_group);
      if (protocol->groups)
        session_tell_worker (session, &(WireMessage) {
          .type = WIRE_MOVE_CONTACT,
          .u.move_contact = { .account = session_number (session), .peer = contact->peer, .group = roster_group } });
    }
  else if (contact->group != NULL && protocol->groups && g_strcmp0 (contact->group, roster_group) != 0)
    differs = TRUE;
  return differs;
}

static void
on_roster (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autoptr (Job) job = data;
  Session *session = gateway_find_session (gateway, job->account);
  xmpp_stanza_t *query = answer == NULL ? NULL : stanza_child (answer, "query", NS_ROSTER);
  g_autoptr (GHashTable) items = NULL;
  Batch batch = { .session = session };
  GHashTableIter iter;
  gpointer value;

  if (session == NULL || session->state != SESSION_IN)
    return;
  if (query == NULL)
    {
      offer_by_asking (session);
      return;
    }
  items = g_hash_table_new (g_str_hash, g_str_equal);
  for (xmpp_stanza_t *item = stanza_first (query); item != NULL; item = stanza_next (item))
    if (stanza_get (item, "jid") != NULL)
      g_hash_table_insert (items, (gpointer) stanza_get (item, "jid"), item);
  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Contact *contact = value;
      xmpp_stanza_t *item = g_hash_table_lookup (items, contact->jid);
      g_autofree char *group = item == NULL ? NULL : stanza_dup_child_text (item, "group", NULL);
      const char *subscription = item == NULL ? "none" : stanza_get (item, "subscription");

      if (!contact->listed || (contact->stored != NULL && contact->stored->roster == STORE_ROSTER_REFUSED))
        continue;
      if (item == NULL || g_strcmp0 (subscription, "none") == 0)
        {
          add_to_batch (&batch, contact);
          continue;
        }
      if (contact->stored == NULL)
        roster_remember (session, contact, STORE_ROSTER_IN);
      if (merge (session, contact, stanza_get (item, "name"), group))
        add_to_batch (&batch, contact);
      else
        roster_remember (session, contact, STORE_ROSTER_IN);
    }
  flush_batch (&batch);
}

static void
read_roster (Session *session)
{
  xmpp_stanza_t *iq = stanza_new_iq ("get", session_gateway (session)->domain, session->user->jid);

  stanza_add (iq, "query", NS_ROSTER);
  gateway_request (session_gateway (session), iq, on_roster, job_new (session));
}

/* -- Without privileges --------------------------------------------------- */

static gboolean
is_to_be_offered (const Contact *contact)
{
  return contact->listed && (contact->stored == NULL || contact->stored->roster == STORE_ROSTER_NONE);
}

static void
on_client_info (Gateway *gateway, xmpp_stanza_t *answer, gpointer data)
{
  g_autoptr (Job) job = data;
  Session *session = gateway_find_session (gateway, job->account);
  xmpp_stanza_t *query = answer == NULL ? NULL : stanza_child (answer, "query", NS_INFO);
  xmpp_stanza_t *message = NULL, *x = NULL;
  gboolean takes_items = FALSE;
  GHashTableIter iter;
  gpointer value;

  if (session == NULL)
    return;
  for (xmpp_stanza_t *child = query == NULL ? NULL : stanza_first (query); child != NULL; child = stanza_next (child))
    takes_items = takes_items || g_strcmp0 (stanza_get (child, "var"), NS_ROSTERX) == 0;
  g_hash_table_iter_init (&iter, session->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Contact *contact = value;
      xmpp_stanza_t *item;

      if (!is_to_be_offered (contact))
        continue;
      if (!takes_items)
        gateway_ask_subscription (session, contact);
      else
        {
          if (message == NULL)
            {
              message = stanza_new_full ("message", NULL, gateway->domain, xmpp_stanza_get_from (answer));
              x = stanza_add (message, "x", NS_ROSTERX);
            }
          item = stanza_add (x, "item", NULL);
          stanza_set (item, "action", "add");
          stanza_set (item, "jid", contact->jid);
          stanza_set (item, "name", contact->name != NULL ? contact->name : contact->peer);
          if (contact->group != NULL)
            stanza_add_text (item, "group", contact->group);
        }
      roster_remember (session, contact, STORE_ROSTER_ASKED);
    }
  if (message != NULL)
    gateway_send (gateway, message);
}

/* Asks the foremost client whether it takes XEP-0144; what it says decides. */
static void
offer_by_asking (Session *session)
{
  const Resource *best = NULL;
  g_autofree char *to = NULL;
  xmpp_stanza_t *iq;
  GHashTableIter iter;
  gpointer value;
  gboolean any = FALSE;

  g_hash_table_iter_init (&iter, session->contacts);
  while (!any && g_hash_table_iter_next (&iter, NULL, &value))
    any = is_to_be_offered (value);
  g_hash_table_iter_init (&iter, session->user->resources);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (best == NULL || ((Resource *) value)->priority > best->priority)
      best = value;
  if (!any)
    return;
  if (best == NULL)
    {
      on_client_info (session_gateway (session), NULL, job_new (session));
      return;
    }
  to = g_strconcat (session->user->jid, "/", best->name, NULL);
  iq = stanza_new_iq ("get", session_gateway (session)->domain, to);
  stanza_add (iq, "query", NS_INFO);
  gateway_request (session_gateway (session), iq, on_client_info, job_new (session));
}

/* -- Settling ------------------------------------------------------------- */

static gboolean
on_settled (gpointer data)
{
  Session *session = data;

  session->settle = 0;
  if (session->state != SESSION_IN || !session->saved)
    return G_SOURCE_REMOVE;
  session_show_contacts (session);
  if (may_change (session->user))
    read_roster (session);
  else
    offer_by_asking (session);
  return G_SOURCE_REMOVE;
}

static void
settle_later (Session *session)
{
  g_clear_handle_id (&session->settle, g_source_remove);
  session->settle = g_timeout_add (SETTLE_MS, on_settled, session);
}

static void
session_in (Session *session)
{
  settle_later (session);
}

static void
session_removed (Session *session)
{
  g_clear_handle_id (&session->settle, g_source_remove);
}

void
roster_look_again (User *user)
{
  for (guint i = 0; i < user->sessions->len; i++)
    if (((Session *) user->sessions->pdata[i])->state == SESSION_IN)
      settle_later (user->sessions->pdata[i]);
}

void
roster_granted (Gateway *gateway, const char *host)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Session *session = value;
      g_autofree char *own = jid_dup_domain (session->user->jid);

      if (session->state == SESSION_IN && g_str_equal (own, host))
        settle_later (session);
    }
}

/* -- The network's list --------------------------------------------------- */

void
roster_contact (Session *session, const WireContact *event)
{
  Contact *contact = session_contact (session, event->peer);
  const char *group = event->groups == NULL ? NULL : event->groups[0];
  gboolean changed;

  if (contact == NULL)
    {
      g_autofree char *text = g_strdup_printf ("“%s” is on your list, but XMPP can have no address for it.", event->peer);

      gateway_tell (session_gateway (session), session->user->jid, text);
      return;
    }
  changed = !contact->listed || g_strcmp0 (contact->name, event->name) != 0 || g_strcmp0 (contact->group, group) != 0;
  contact->listed = TRUE;
  if (event->name != NULL)
    replace (&contact->name, event->name);
  if (group != NULL)
    replace (&contact->group, group);
  if (changed)
    settle_later (session);
}

void
roster_take_out (Session *session, Contact *contact)
{
  Gateway *gateway = session_gateway (session);
  const char *user = session->user->jid;

  if (may_change (session->user))
    gateway_send (gateway, new_set (session->user, contact->jid, "remove", NULL));
  else
    {
      gateway_send (gateway, stanza_new_full ("presence", "unsubscribe", contact->jid, user));
      gateway_send (gateway, stanza_new_full ("presence", "unsubscribed", contact->jid, user));
    }
  contact->show = WIRE_SHOW_OFFLINE;
  session_send_contact_presence (session, contact, user);
}

void
roster_contact_removed (Session *session, const WireContactRemoved *event)
{
  Contact *contact = session_find_contact (session, event->peer);

  if (contact == NULL)
    return;
  if (contact->stored != NULL)
    roster_take_out (session, contact);
  forget (session, contact);
}

void
roster_contact_failed (Session *session, const WireContactFailed *event)
{
  Contact *contact = session_find_contact (session, event->peer);
  g_autoptr (GError) error = session_error_from_cause (event->cause, event->text);
  g_autofree char *text = g_strdup_printf ("The network did not do what you wanted with %s: %s", event->peer, error->message);

  gateway_tell (session_gateway (session), session->user->jid, text);
  if (contact == NULL || contact->listed)
    return;
  if (contact->stored != NULL)
    gateway_send (session_gateway (session), stanza_new_full ("presence", "unsubscribed", contact->jid, session->user->jid));
  forget (session, contact);
}

void
roster_contact_status (Session *session, const WireContactStatus *event)
{
  Contact *contact = session_find_contact (session, event->peer);

  if (contact == NULL || (contact->show == event->show && g_strcmp0 (contact->status, event->status) == 0))
    return;
  contact->show = event->show;
  replace (&contact->status, event->status);
  /* What it comes to is shown when it is all known, and somebody is there. */
  if (session->worker->returning)
    contact->shown = FALSE;
  else
    session_send_contact_presence (session, contact, NULL);
}

const Feature roster_feature = {
  .name = "roster",
  .session_in = session_in,
  .session_removed = session_removed,
};
