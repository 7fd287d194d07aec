/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_identify.c - what an IRC account's password is for: an option of ours. */
#include "config.h"

#include "irc_identify.h"

#include <gio/gio.h>
#include <string.h>

#include "hub.h"
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

void
irc_identify (PurpleConnection *connection, const char *password, const char *wanted, const char *nick)
{
  /* Under another nick than the wanted one it must be named; old services know only the short form. */
  g_autofree char *line = purple_utf8_strcasecmp (nick, wanted) == 0
                          ? g_strdup_printf ("IDENTIFY %s", password)
                          : g_strdup_printf ("IDENTIFY %s %s", wanted, password);
  g_autofree char *html = text_dup_to_html (line);

  serv_send_im (connection, "NickServ", html, 0);
  explicit_bzero (line, strlen (line));
  explicit_bzero (html, strlen (html));
}
