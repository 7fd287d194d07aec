/* SPDX-License-Identifier: GPL-2.0-or-later */
/* actions.c - what a user can do with the gateway. */
#include "config.h"

#include "actions.h"

#include "account_form.h"
#include "menu.h"
#include "muc.h"
#include "server_commands.h"
#include "suspects.h"

static void
refuse (const ActionCall *call, StanzaError condition, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (STANZA_ERROR, condition, text);

  call->done (NULL, error, call->data);
}

/* The account that the call names.  With one account none need be named.
 * Answers the call itself if there is none. */
static Session *
which (const ActionCall *call)
{
  const char *tag = g_hash_table_lookup (call->fields, "account");
  Session *session;

  if (tag == NULL && call->user->sessions->len == 1)
    return call->user->sessions->pdata[0];
  session = user_find_session (call->user, tag);
  if (session == NULL)
    refuse (call, STANZA_ITEM_NOT_FOUND, tag == NULL ? "You have several accounts; say which one (see “accounts”)."
                                                     : "You have no account of this name; see “accounts”.");
  return session;
}

static void
append_account (GString *text, Session *session)
{
  g_autofree char *title = session_dup_title (session);

  g_string_append_printf (text, "\n%s: %s", title, session_state_name (session->state));
  if (session->name != NULL && g_strcmp0 (session->name, session->account->name) != 0)
    g_string_append_printf (text, " as %s", session->name);
  if (session->account->quarantined)
    g_string_append (text, ", quarantined");
  if (session->account->stays_out)
    g_string_append (text, ", until you say “login”");
  if (session->trouble != NULL && session->state != SESSION_IN)
    g_string_append_printf (text, " (%s)", session->trouble);
}

/* -- The actions ---------------------------------------------------------- */

static void
run_help (const ActionCall *call)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "This is the %s gateway. You can say:", call->gateway->network->title);
  for (const Action *action = actions; action->name != NULL; action++)
    if (action_is_shown (action, call->gateway))
      g_string_append_printf (text, "\n%s%s%s – %s", action->name, action->usage == NULL ? "" : " ",
                              action->usage == NULL ? "" : action->usage, action->help);
  call->done (text->str, NULL, call->data);
}

static void
run_register (const ActionCall *call)
{
  accounts_register (call->gateway, call->from, call->fields, call->done, call->data);
}

static void
run_unregister (const ActionCall *call)
{
  Session *session = which (call);

  if (session != NULL)
    accounts_unregister (call->user, session, call->done, call->data);
}

static void
run_accounts (const ActionCall *call)
{
  g_autoptr (GString) text = g_string_new ("Your accounts:");

  for (guint i = 0; i < call->user->sessions->len; i++)
    append_account (text, call->user->sessions->pdata[i]);
  call->done (text->str, NULL, call->data);
}

static void
run_status (const ActionCall *call)
{
  g_autoptr (GString) text = g_string_new (call->gateway->settings->name);

  g_string_append_printf (text, ": %s", call->gateway->unfit ? "out of order" : "in service");
  if (call->user != NULL && user_is_registered (call->user))
    for (guint i = 0; i < call->user->sessions->len; i++)
      append_account (text, call->user->sessions->pdata[i]);
  else
    g_string_append (text, "\nYou are not registered.");
  call->done (text->str, NULL, call->data);
}

typedef struct {
  AccountsDone done;
  gpointer data;
  const char *text;
} Saving;

static void
on_saved (const GError *error, gpointer data)
{
  g_autofree Saving *saving = data;
  g_autoptr (GError) refusal = NULL;

  if (error == NULL)
    {
      saving->done (saving->text, NULL, saving->data);
      return;
    }
  g_warning ("an account cannot be stored: %s", error->message);
  stanza_refuse (&refusal, STANZA_INTERNAL_SERVER_ERROR, "Done, but the gateway cannot remember it after a restart: its database cannot be written.");
  saving->done (NULL, refusal, saving->data);
}

static void
save_account (const ActionCall *call, Session *session, const char *text)
{
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving) { call->done, call->data, text };
  store_save_account (hub_store (call->gateway->hub), session->account, on_saved, saving);
}

static void
set_stays_out (const ActionCall *call, Session *session, gboolean stays_out, const char *text)
{
  session->account->stays_out = stays_out;
  save_account (call, session, text);
}

static void
run_login (const ActionCall *call)
{
  Session *session = which (call);

  if (session == NULL)
    return;
  if (session->verifying)
    {
      refuse (call, STANZA_CONFLICT, "A login of yours is being checked at this moment.");
      return;
    }
  if (session->account->quarantined)
    {
      refuse (call, STANZA_NOT_ALLOWED, SUSPECTS_TEXT);
      return;
    }
  if (session->state == SESSION_IN)
    {
      call->done ("You are signed in already.", NULL, call->data);
      return;
    }
  /* From a state of trouble this starts afresh. */
  session_unwant (session);
  session->account->stays_out = FALSE;
  session_want (session);
  set_stays_out (call, session, FALSE, "Signing in…");
}

static void
run_logout (const ActionCall *call)
{
  Session *session = which (call);

  if (session == NULL)
    return;
  session_unwant (session);
  set_stays_out (call, session, TRUE, "Signed out. You stay signed out until you say “login”.");
}

static void
set_stay (const ActionCall *call, const char *value, const char *text)
{
  const ProtocolOption *option = protocol_find_option (call->gateway->protocol, OPTION_STAY);
  Session *session = which (call);

  if (session == NULL)
    return;
  if (option == NULL || option->locked)
    {
      refuse (call, STANZA_NOT_ALLOWED, "The administrator of this gateway decides about this.");
      return;
    }
  g_hash_table_replace (session->account->options, g_strdup (OPTION_STAY), g_strdup (value));
  muc_stay_changed (session);
  save_account (call, session, text);
}

static void
run_stay (const ActionCall *call)
{
  set_stay (call, "true", "You stay signed in, and in your rooms, when you leave.");
}

static void
run_unstay (const ActionCall *call)
{
  set_stay (call, "false", "You are signed out when your last client leaves.");
}

static void
show_menu (const ActionCall *call)
{
  g_autoptr (GString) text = g_string_new ("The network offers:");
  Session *session = NULL, *last = NULL;
  const char *entry;

  for (guint n = 1; (entry = menu_nth (call->user, n, &session)) != NULL; n++)
    {
      if (session != last && call->user->sessions->len > 1)
        {
          g_autofree char *title = session_dup_title (session);

          g_string_append_printf (text, "\n%s:", title);
        }
      last = session;
      g_string_append_printf (text, "\n%u – %s", n, entry);
    }
  if (session == NULL)
    refuse (call, STANZA_ITEM_NOT_FOUND, "The network offers nothing else, or you are not signed in.");
  else
    {
      g_string_append (text, "\nSay “menu” and a number.");
      call->done (text->str, NULL, call->data);
    }
}

static void
run_menu (const ActionCall *call)
{
  const char *number = g_hash_table_lookup (call->fields, "entry");
  Session *session = NULL;
  const char *entry;
  gint64 n = 0;

  if (number == NULL)
    {
      show_menu (call);
      return;
    }
  entry = g_ascii_string_to_signed (number, 10, 1, G_MAXUINT16, &n, NULL) ? menu_nth (call->user, n, &session) : NULL;
  if (entry == NULL)
    refuse (call, STANZA_ITEM_NOT_FOUND, "There is no such entry; see “menu”.");
  else if (!menu_choose (session, entry))
    refuse (call, STANZA_RESOURCE_CONSTRAINT, "Too much is waiting to be sent to the network; please try again later.");
  else
    call->done ("What comes of it you are told in a message.", NULL, call->data);
}

static void
run_irc (const ActionCall *call)
{
  const char *command = g_hash_table_lookup (call->fields, "command");
  Session *session;

  if (command == NULL || *command == '\0')
    {
      refuse (call, STANZA_BAD_REQUEST, "Say “irc” and a command of the server's, as “irc whois juliet”.");
      return;
    }
  session = which (call);
  if (session != NULL)
    server_commands_run (session, command, call->done, call->data);
}

const Action actions[] = {
  { "help", NULL, "Help", NULL, "this list", ACTION_ASKS_NOTHING, FALSE, run_help },
  { "register", NS_REGISTER, "Register an account, or change it", "NAME [PASSWORD] [KEY=VALUE...]",
    "use this account; the login is tried first", ACTION_ASKS_LOGIN, FALSE, run_register },
  { "unregister", "unregister", "End an account", "[ACCOUNT]", "forget an account and its contacts", ACTION_ASKS_WHICH, TRUE, run_unregister },
  { "accounts", "accounts", "Your accounts", NULL, "list your accounts", ACTION_ASKS_NOTHING, TRUE, run_accounts },
  { "login", "login", "Sign in", "[ACCOUNT]", "sign in to the network", ACTION_ASKS_WHICH, TRUE, run_login },
  { "logout", "logout", "Sign out", "[ACCOUNT]", "sign out, and stay so", ACTION_ASKS_WHICH, TRUE, run_logout },
  { "stay", "stay", "Stay signed in while you are away", "[ACCOUNT]", "stay signed in, and in your rooms, while no client of yours is there",
    ACTION_ASKS_WHICH, TRUE, run_stay },
  { "unstay", "unstay", "Sign out when you leave", "[ACCOUNT]", "sign out when your last client leaves", ACTION_ASKS_WHICH, TRUE, run_unstay },
  { "menu", "menu", "What else the network offers", "[NUMBER]", "what else the network offers, such as a search", ACTION_ASKS_ENTRY, TRUE, run_menu },
  { "irc", "irc", "A command of the IRC server's", "[ACCOUNT] COMMAND", "ask the server itself, such as “irc whois juliet”", ACTION_ASKS_COMMAND, TRUE,
    run_irc, server_commands_are_there },
  { "status", "status", "Status", NULL, "how things are", ACTION_ASKS_NOTHING, FALSE, run_status },
  { NULL },
};

gboolean
action_is_shown (const Action *action, Gateway *gateway)
{
  return action->shown == NULL || action->shown (gateway);
}

const Action *
action_by_name (const char *name)
{
  for (const Action *action = actions; action->name != NULL; action++)
    if (g_ascii_strcasecmp (action->name, name) == 0)
      return action;
  return NULL;
}

const Action *
action_by_node (const char *node)
{
  for (const Action *action = actions; action->name != NULL; action++)
    if (g_strcmp0 (action->node, node) == 0)
      return action;
  return NULL;
}

void
action_run (const Action *action, const ActionCall *call)
{
  if (!action_is_shown (action, call->gateway))
    refuse (call, STANZA_ITEM_NOT_FOUND, "There is no such command here.");
  else if (action->registered && (call->user == NULL || !user_is_registered (call->user)))
    refuse (call, STANZA_REGISTRATION_REQUIRED, "You are not registered here yet.");
  else
    action->run (call);
}
