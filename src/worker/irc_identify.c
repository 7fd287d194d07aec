/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_identify.c - what an IRC account's password is for: an option of ours. */
#include "config.h"

#include "irc_identify.h"

#include <gio/gio.h>
#include <string.h>

#include "eventloop.h"
#include "hub.h"
#include "irc_text.h"
#include "option_values.h"
#include "text.h"

#define OPTION_IDENTIFY "identify"

void
irc_identify_tell_option (void)
{
  static const char *const choices[] = {
    "server", "The server, while connecting (PASS)",
    "nickserv", "NickServ, after connecting (IDENTIFY)",
    "sasl", "SASL, while connecting",
    NULL
  };

  hub_tell (protocol_option, PROTOCOL_OPTION,
            .key = OPTION_IDENTIFY, .kind = WIRE_OPTION_LIST, .label = "The password is for",
            .value = "server", .choices = choices);
}

gboolean
irc_identify_owns_option (const char *key)
{
  return g_str_equal (key, OPTION_IDENTIFY);
}

gboolean
irc_identify_check_option (const char *key, const char *value, GError **error)
{
  static const char *const values[] = { "server", "nickserv", "sasl", NULL };

  if (g_strv_contains (values, value))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "The option “%s” must be server, nickserv or sasl.", key);
  return FALSE;
}

/* The plugin would log in as the nick that it has then: where the wanted one is in
 * use (by our own last connection, perhaps) as "romeo1", whose password is wrong. */
static void
set_sasl_name (PurpleAccount *account, const char *nick)
{
  const char *name = purple_account_get_string (account, "saslname", NULL);

  if (name == NULL || *name == '\0')
    purple_account_set_string (account, "saslname", nick);
}

char *
irc_identify_prepare (PurpleAccount *account, const char *nick, const char *password, const char *const *options)
{
  const char *use = option_values_get (options, OPTION_IDENTIFY);

  if (g_strcmp0 (use, "sasl") == 0)
    purple_account_set_bool (account, "sasl", TRUE);
  if (purple_account_get_bool (account, "sasl", FALSE))
    set_sasl_name (account, nick);
  if (g_strcmp0 (use, "nickserv") != 0 || password == NULL || *password == '\0')
    return NULL;
  purple_account_set_password (account, NULL);
  return g_strdup (password);
}

void
irc_identify_forget (char **password)
{
  if (*password != NULL)
    explicit_bzero (*password, strlen (*password));
  g_clear_pointer (password, g_free);
}

/* -- NickServ's answer ---------------------------------------------------- */

#define NICKSERV "NickServ"
/* Services that have not answered until then are slow, or not there. */
#define LOGIN_SECONDS 8
/* What NickServ says may be the answer, or its greeting; where modes or numbers tell, they do within this time. */
#define SETTLE_MS 1000

struct IrcLogin {
  Account *account;
  void (*answered) (Account *account);
  guint deadline;             /* timer */
  guint settle;               /* timer, since NickServ's last word */
};

static void
stop (guint *timer)
{
  if (*timer != 0)
    eventloop_remove (*timer);
  *timer = 0;
}

void
irc_login_free (IrcLogin *login)
{
  if (login == NULL)
    return;
  stop (&login->deadline);
  stop (&login->settle);
  g_free (login);
}

static gboolean
on_time (gpointer data)
{
  IrcLogin *login = data;

  login->answered (login->account);
  return G_SOURCE_REMOVE;
}

static gboolean
is_from_nickserv (const char *line)
{
  return g_ascii_strncasecmp (line, ":" NICKSERV, strlen (":" NICKSERV)) == 0 && strchr ("! ", line[strlen (":" NICKSERV)]) != NULL;
}

/* "This nickname is registered; /msg NickServ IDENTIFY ...": whatever the language, the command is called so. */
static gboolean
is_greeting (const char *words)
{
  g_autofree char *lower = g_ascii_strdown (words, -1);

  return strstr (lower, "identify") != NULL;
}

/* The server says that we are known: a number, or our mode +r. */
static gboolean
is_login (const char *line, const char *word, const char *nick)
{
  g_auto (IrcLine) parsed = { 0 };

  if (strncmp (word, "900 ", 4) == 0)
    return TRUE;
  return strncmp (word, "MODE ", 5) == 0 && irc_text_parse_line (line, &parsed) && parsed.params[0] != NULL && parsed.params[1] != NULL
         && nick != NULL && g_ascii_strcasecmp (parsed.params[0], nick) == 0 && parsed.params[1][0] == '+' && strchr (parsed.params[1], 'r') != NULL;
}

/* There is no NickServ. */
static gboolean
is_absence (const char *line)
{
  g_auto (IrcReply) reply = { 0 };

  irc_text_parse_reply (line, &reply);
  return (reply.number == 401 || reply.number == 440) && reply.target != NULL && g_ascii_strcasecmp (reply.target, NICKSERV) == 0;
}

void
irc_login_line (IrcLogin *login, const char *line, const char *nick)
{
  const char *word = line[0] == ':' ? strchr (line, ' ') : NULL;

  if (word == NULL)
    return;
  word++;
  if (is_login (line, word, nick) || (word[0] == '4' && is_absence (line)))
    login->answered (login->account);
  else if (strncmp (word, "NOTICE ", 7) == 0 && is_from_nickserv (line) && !is_greeting (word))
    {
      stop (&login->settle);
      login->settle = eventloop_add_timer (SETTLE_MS, on_time, login);
    }
}

IrcLogin *
irc_identify (Account *account, const char *password, const char *wanted, const char *nick, void (*answered) (Account *account))
{
  /* Under another nick than the wanted one it must be named; old services know only the short form. */
  g_autofree char *line = purple_utf8_strcasecmp (nick, wanted) == 0
                          ? g_strdup_printf ("IDENTIFY %s", password)
                          : g_strdup_printf ("IDENTIFY %s %s", wanted, password);
  g_autofree char *html = text_dup_to_html (line);
  IrcLogin *login = g_new0 (IrcLogin, 1);

  serv_send_im (accounts_get_connection (account), NICKSERV, html, 0);
  explicit_bzero (line, strlen (line));
  explicit_bzero (html, strlen (html));
  login->account = account;
  login->answered = answered;
  login->deadline = eventloop_add_timer_seconds (LOGIN_SECONDS, on_time, login);
  return login;
}
