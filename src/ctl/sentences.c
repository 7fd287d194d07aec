/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentences.c - what one can say to the daemon.
 *
 * The daemon decides what a sentence does (src/hub/control.c); here is only what
 * a command line needs to be checked and explained. */
#include "config.h"

#include "sentences.h"

#include <json.h>
#include <string.h>

static const struct {
  const char *command;
  const char *arguments;      /* the words after it; those in brackets may be left out */
  const char *help;
} sentences[] = {
  { "status", "", "the daemon, its gateways and workers in a few lines" },
  { "gateways", "", "each gateway: its network, its connection to the XMPP server, its accounts" },
  { "workers", "", "each worker process: its gateway, its accounts, since when it runs" },
  { "accounts", "[GATEWAY]", "each account: its owner, its state, its worker" },
  { "sign-in", "OWNER GATEWAY [TAG]", "sign an account in, now" },
  { "sign-out", "OWNER GATEWAY [TAG]", "sign an account out, until its owner signs in again" },
  { "release", "OWNER GATEWAY [TAG]", "let an account sign in again that was quarantined because workers died over it" },
  { "unregister", "OWNER GATEWAY [TAG]", "remove an account and all that is stored of it" },
  { "reload", "", "read the configuration again" },
  { "restart", "", "start the daemon anew, after an upgrade or for settings that need it; everybody stays signed in" },
  { "stop", "", "sign everybody out and stop the daemon" },
  { "kill-worker", "WORKER", "kill a worker process, to see its accounts return in another" },
};

static gboolean
count_fits (const char *arguments, int n)
{
  g_auto (GStrv) names = g_strsplit (arguments, " ", 0);
  int least = 0, most = *arguments == '\0' ? 0 : (int) g_strv_length (names);

  for (int i = 0; i < most; i++)
    if (*names[i] != '[')
      least++;
  return n >= least && n <= most;
}

char *
sentences_dup_request (int n_words, char **words, GError **error)
{
  if (n_words == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "no command; see passerellectl --help");
      return NULL;
    }
  for (int i = 0; i < n_words; i++)
    if (!g_utf8_validate (words[i], -1, NULL))
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "the words must be UTF-8");
        return NULL;
      }
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      json_object *request, *arguments;
      char *line;

      if (!g_str_equal (sentences[i].command, words[0]))
        continue;
      if (!count_fits (sentences[i].arguments, n_words - 1))
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "write: passerellectl %s%s%s",
                       sentences[i].command, *sentences[i].arguments != '\0' ? " " : "", sentences[i].arguments);
          return NULL;
        }
      request = json_object_new_object ();
      json_object_object_add (request, "command", json_object_new_string (words[0]));
      arguments = json_object_new_array ();
      for (int j = 1; j < n_words; j++)
        json_object_array_add (arguments, json_object_new_string (words[j]));
      json_object_object_add (request, "arguments", arguments);
      line = g_strdup (json_object_to_json_string_ext (request, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
      json_object_put (request);
      return line;
    }
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "no command “%s”; see passerellectl --help", words[0]);
  return NULL;
}

char *
sentences_dup_help (void)
{
  GString *help = g_string_new ("Commands:\n");

  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      g_autofree char *words = g_strdup_printf ("%s %s", sentences[i].command, sentences[i].arguments);

      g_string_append_printf (help, "  %-32s %s\n", words, sentences[i].help);
    }
  g_string_append (help, "\nExit status: 0 done, 1 the daemon refused, 2 it cannot be reached, 64 wrong usage.");
  return g_string_free (help, FALSE);
}
