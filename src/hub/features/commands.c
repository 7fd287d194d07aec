/* SPDX-License-Identifier: GPL-2.0-or-later */
/* commands.c - the actions as ad-hoc commands (XEP-0050).
 *
 * At most one form is asked.  What is remembered of an open one is only whose it
 * is, so that a form is completed by whom it was given to, and once. */
#include "config.h"

#include "commands.h"

#include <string.h>

#include "account_form.h"
#include "actions.h"
#include "menu.h"

#define NS_COMMANDS "http://jabber.org/protocol/commands"

/* -- Discovery ------------------------------------------------------------ */

gboolean
commands_is_node (const char *node)
{
  return g_str_equal (node, NS_COMMANDS) || action_by_node (node) != NULL;
}

void
commands_fill_info (const char *node, xmpp_stanza_t *query)
{
  const Action *action = action_by_node (node);
  xmpp_stanza_t *identity = stanza_add (query, "identity", NULL);

  stanza_set (identity, "category", "automation");
  stanza_set (identity, "type", action == NULL ? "command-list" : "command-node");
  stanza_set (identity, "name", action == NULL ? "Commands" : action->title);
  if (action == NULL)
    return;
  stanza_set (stanza_add (query, "feature", NULL), "var", NS_COMMANDS);
  stanza_set (stanza_add (query, "feature", NULL), "var", NS_DATA_FORMS);
}

void
commands_fill_items (Gateway *gateway, const char *node, xmpp_stanza_t *query)
{
  if (!g_str_equal (node, NS_COMMANDS))
    return;
  for (const Action *action = actions; action->name != NULL; action++)
    {
      xmpp_stanza_t *item;

      if (action->node == NULL || !action_is_shown (action, gateway))
        continue;
      item = stanza_add (query, "item", NULL);
      stanza_set (item, "jid", gateway->domain);
      stanza_set (item, "node", action->node);
      stanza_set (item, "name", action->title);
    }
}

/* -- Sessions ------------------------------------------------------------- */

/* More forms than these are not open at a time; the oldest give way. */
#define SESSIONS_MAX 1000

static GHashTable *open_sessions;  /* id to "from node" */
static GQueue session_order = G_QUEUE_INIT;

static char *
dup_owner (const Stanza *iq)
{
  return g_strdup_printf ("%s %s", iq->from, stanza_get (iq->payload, "node"));
}

static char *
open_session (const Stanza *iq)
{
  char *id = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());

  if (open_sessions == NULL)
    open_sessions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  while (session_order.length >= SESSIONS_MAX)
    {
      g_autofree char *oldest = g_queue_pop_head (&session_order);

      g_hash_table_remove (open_sessions, oldest);
    }
  g_hash_table_insert (open_sessions, id, dup_owner (iq));
  g_queue_push_tail (&session_order, id);
  return id;
}

/* Whether the session was this user's for this command; it is closed now. */
static gboolean
close_session (const Stanza *iq, const char *id)
{
  const char *owner = open_sessions == NULL ? NULL : g_hash_table_lookup (open_sessions, id);
  g_autofree char *asking = dup_owner (iq);
  GList *link;

  if (g_strcmp0 (owner, asking) != 0)
    return FALSE;
  g_hash_table_remove (open_sessions, id);
  link = g_queue_find_custom (&session_order, id, (GCompareFunc) strcmp);
  g_free (link->data);
  g_queue_delete_link (&session_order, link);
  return TRUE;
}

/* -- Execution ------------------------------------------------------------ */

typedef struct {
  Gateway *gateway;
  xmpp_stanza_t *request;
} Answer;

static xmpp_stanza_t *
add_command (xmpp_stanza_t *result, xmpp_stanza_t *request, const char *status)
{
  xmpp_stanza_t *asked = stanza_child (request, "command", NS_COMMANDS);
  const char *session = stanza_get (asked, "sessionid");
  xmpp_stanza_t *command = stanza_add (result, "command", NS_COMMANDS);

  stanza_set (command, "node", stanza_get (asked, "node"));
  stanza_set (command, "sessionid", session != NULL ? session : stanza_get (asked, "node"));
  stanza_set (command, "status", status);
  return command;
}

static void
on_done (const char *text, const GError *error, gpointer data)
{
  g_autofree Answer *answer = data;
  xmpp_stanza_t *result, *note;

  if (error != NULL)
    gateway_send (answer->gateway, stanza_new_error (answer->request, error));
  else
    {
      result = stanza_new_result (answer->request);
      note = stanza_add_text (add_command (result, answer->request, "completed"), "note", text);
      stanza_set (note, "type", "info");
      gateway_send (answer->gateway, result);
    }
  xmpp_stanza_release (answer->request);
}

static xmpp_stanza_t *
add_form (xmpp_stanza_t *command, const char *title)
{
  xmpp_stanza_t *form = stanza_add (command, "x", NS_DATA_FORMS);

  stanza_set (form, "type", "form");
  stanza_add_text (form, "title", title);
  return form;
}

static void
add_choice_of_account (User *user, xmpp_stanza_t *form)
{
  xmpp_stanza_t *field;

  field = form_add_field (form, "list-single", "account", "Account", NULL);
  stanza_add (field, "required", NULL);
  for (guint i = 0; i < user->sessions->len; i++)
    {
      Session *session = user->sessions->pdata[i];
      g_autofree char *title = session_dup_title (session);
      xmpp_stanza_t *option = stanza_add (field, "option", NULL);

      stanza_set (option, "label", title);
      stanza_add_text (option, "value", session->account->tag);
    }
}

static void
add_choice_of_entry (User *user, xmpp_stanza_t *command)
{
  xmpp_stanza_t *form = add_form (command, "What is to be done?");
  xmpp_stanza_t *field;
  Session *session;
  const char *entry;

  field = form_add_field (form, "list-single", "entry", "The network offers", NULL);
  stanza_add (field, "required", NULL);
  for (guint n = 1; (entry = menu_nth (user, n, &session)) != NULL; n++)
    {
      g_autofree char *number = g_strdup_printf ("%u", n);
      g_autofree char *title = session_dup_title (session);
      g_autofree char *label = user->sessions->len > 1 ? g_strdup_printf ("%s: %s", title, entry) : g_strdup (entry);
      xmpp_stanza_t *option = stanza_add (field, "option", NULL);

      stanza_set (option, "label", label);
      stanza_add_text (option, "value", number);
    }
}

static void
add_command_line (User *user, xmpp_stanza_t *command)
{
  xmpp_stanza_t *form = add_form (command, "What is the server to be asked?");

  if (user->sessions->len > 1)
    add_choice_of_account (user, form);
  stanza_add (form_add_field (form, "text-single", "command", "Command, such as WHOIS juliet", NULL), "required", NULL);
}

static gboolean
has_menu (User *user)
{
  Session *session;

  return user != NULL && menu_nth (user, 1, &session) != NULL;
}

static void
ask (const Stanza *iq, const Action *action)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);
  xmpp_stanza_t *command = add_command (result, iq->stanza, "executing");
  const char *id = open_session (iq);
  xmpp_stanza_t *next = stanza_add (command, "actions", NULL);
  Session *session = iq->user != NULL && iq->user->sessions->len == 1 ? iq->user->sessions->pdata[0] : NULL;

  stanza_set (command, "sessionid", id);
  stanza_set (next, "execute", "complete");
  stanza_add (next, "complete", NULL);
  if (action->asks == ACTION_ASKS_LOGIN)
    account_form_add (iq->gateway, session, command);
  else if (action->asks == ACTION_ASKS_ENTRY)
    add_choice_of_entry (iq->user, command);
  else if (action->asks == ACTION_ASKS_COMMAND)
    add_command_line (iq->user, command);
  else
    add_choice_of_account (iq->user, add_form (command, "Which account?"));
  gateway_send (iq->gateway, result);
}

static void
cancel (const Stanza *iq)
{
  xmpp_stanza_t *result = stanza_new_result (iq->stanza);

  add_command (result, iq->stanza, "canceled");
  gateway_send (iq->gateway, result);
}

static gboolean
on_set (const Stanza *iq, GError **error)
{
  const Action *action = action_by_node (stanza_get (iq->payload, "node"));
  const char *step = stanza_get (iq->payload, "action");
  const char *session = stanza_get (iq->payload, "sessionid");
  xmpp_stanza_t *form = stanza_child (iq->payload, "x", NS_DATA_FORMS);
  g_autoptr (GHashTable) fields = NULL;
  Answer *answer;
  gboolean asks;

  if (action == NULL || action->node == NULL)
    return stanza_refuse (error, STANZA_ITEM_NOT_FOUND, "There is no such command here.");
  if (session != NULL && !close_session (iq, session))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "This form is not open any more; please start the command again.");
  if (g_strcmp0 (step, "cancel") == 0)
    {
      cancel (iq);
      return TRUE;
    }
  if (step != NULL && !g_str_equal (step, "execute") && !g_str_equal (step, "complete") && !g_str_equal (step, "next"))
    return stanza_refuse (error, STANZA_BAD_REQUEST, "“%s” is no action of this command.", step);
  asks = action->asks == ACTION_ASKS_LOGIN
         || (action->asks == ACTION_ASKS_ENTRY && has_menu (iq->user))
         || (action->asks == ACTION_ASKS_COMMAND && iq->user != NULL && user_is_registered (iq->user) && action_is_shown (action, iq->gateway))
         || (action->asks == ACTION_ASKS_WHICH && iq->user != NULL && iq->user->sessions->len > 1);
  if (asks && form == NULL)
    {
      if (!iq->gateway->protocol->complete)
        return stanza_refuse (error, STANZA_RESOURCE_CONSTRAINT, "The gateway cannot reach its network's plugin; please try again later.");
      ask (iq, action);
      return TRUE;
    }
  fields = form == NULL ? g_hash_table_new (g_str_hash, g_str_equal) : form_read (form, error);
  if (fields == NULL)
    return FALSE;
  answer = g_new (Answer, 1);
  *answer = (Answer) { iq->gateway, xmpp_stanza_clone (iq->stanza) };
  action_run (action, &(ActionCall) { iq->gateway, iq->from, iq->user, fields, on_done, answer });
  return TRUE;
}

static const char *const disco[] = { NS_COMMANDS, NULL };

static const IqHandler iqs[] = {
  { AT_GATEWAY, "set", "command", NS_COMMANDS, on_set },
  { 0 },
};

const Feature commands_feature = {
  .name = "commands",
  .disco_gateway = disco,
  .iqs = iqs,
};
