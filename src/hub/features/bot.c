/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bot.c - talking to the gateway itself, for clients that know no commands. */
#include "config.h"

#include "bot.h"

#include <string.h>

#include "account_form.h"
#include "actions.h"

#define WORDS_MAX 64

typedef struct {
  Gateway *gateway;
  char *from, *to;
} Answer;

static void
on_done (const char *text, const GError *error, gpointer data)
{
  g_autofree Answer *answer = data;
  xmpp_stanza_t *message = stanza_new_full ("message", "chat", answer->to, answer->from);

  stanza_add_text (message, "body", error == NULL ? text : error->message);
  gateway_send (answer->gateway, message);
  g_free (answer->from);
  g_free (answer->to);
}

/* "register romeo secret port=6697": a word with '=' whose left side is an
 * option is that option, the first other word the name, the second the password. */
static void
read_login (Gateway *gateway, char **words, GHashTable *fields)
{
  for (guint i = 1; words[i] != NULL; i++)
    {
      char *equals = strchr (words[i], '=');
      g_autofree char *key = equals == NULL ? NULL : g_strndup (words[i], equals - words[i]);

      if (key != NULL && protocol_find_option (gateway->protocol, key) != NULL)
        g_hash_table_insert (fields, g_strconcat ("option.", key, NULL), g_strdup (equals + 1));
      else if (!g_hash_table_contains (fields, "username"))
        g_hash_table_insert (fields, g_strdup ("username"), g_strdup (words[i]));
      else if (!g_hash_table_contains (fields, "password"))
        g_hash_table_insert (fields, g_strdup ("password"), g_strdup (words[i]));
      else
        g_hash_table_insert (fields, g_strconcat ("option.", words[i], NULL), g_strdup (""));  /* refused by name */
    }
}

/* "irc whois juliet", or "irc irc.example.net whois juliet", where the user has an account there. */
static void
read_command (User *user, const char *body, GHashTable *fields)
{
  const char *blanks = " \t\r\n";
  const char *rest = body + strspn (body, blanks);
  g_autofree char *word = NULL;

  rest += strcspn (rest, blanks);
  rest += strspn (rest, blanks);
  word = g_strndup (rest, strcspn (rest, blanks));
  if (user != NULL && *word != '\0' && user_find_session (user, word) != NULL)
    {
      rest += strlen (word);
      rest += strspn (rest, blanks);
      g_hash_table_insert (fields, g_strdup ("account"), g_steal_pointer (&word));
    }
  g_hash_table_insert (fields, g_strdup ("command"), g_strdup (rest));
}

static char **
split_words (const char *body)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (body, " \t\r\n", WORDS_MAX);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_strv_builder_add (builder, parts[i]);
  return g_strv_builder_end (builder);
}

static gboolean
on_message (const Stanza *message, GError **error)
{
  g_autofree char *body = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GHashTable) fields = NULL;
  const char *type = stanza_get (message->stanza, "type");
  const Action *action;
  Answer *answer;

  /* Every message to a contact comes by here: first what costs nothing. */
  if (message->session != NULL || g_strcmp0 (type, "headline") == 0)
    return FALSE;
  body = stanza_dup_child_text (message->stanza, "body", NULL);
  if (body == NULL || *body == '\0')
    return FALSE;
  words = split_words (body);
  fields = form_fields_new ();
  if (g_strcmp0 (type, "groupchat") == 0)
    return stanza_refuse (error, STANZA_SERVICE_UNAVAILABLE, "This is not a room.");
  action = message->server != NULL ? action_by_name ("irc") : words[0] == NULL ? NULL : action_by_name (words[0]);
  answer = g_new (Answer, 1);
  *answer = (Answer) { message->gateway, g_strdup (message->from), g_strdup (xmpp_stanza_get_to (message->stanza)) };
  if (action == NULL)
    {
      on_done ("I do not understand this. Say “help” to see what you can say.", NULL, answer);
      return TRUE;
    }
  if (message->server != NULL)
    {
      g_hash_table_insert (fields, g_strdup ("account"), g_strdup (message->server->account->tag));
      g_hash_table_insert (fields, g_strdup ("command"), g_steal_pointer (&body));
    }
  else if (action->asks == ACTION_ASKS_COMMAND)
    read_command (message->user, body, fields);
  else if (action->asks == ACTION_ASKS_LOGIN)
    read_login (message->gateway, words, fields);
  else if (words[1] != NULL)
    g_hash_table_insert (fields, g_strdup (action->asks == ACTION_ASKS_ENTRY ? "entry" : "account"), g_strdup (words[1]));
  action_run (action, &(ActionCall) { message->gateway, message->from, message->user, fields, on_done, answer });
  return TRUE;
}

const Feature bot_feature = {
  .name = "chat with the gateway",
  .message = on_message,
};
