/* SPDX-License-Identifier: GPL-2.0-or-later */
/* poison.c - a protocol for tests, whose users can end the process that serves them.
 *
 * Everybody can sign in, and everybody else repeats what they are told; but the word "die" ends the process, "die later"
 * does so from a timer, and "hang" keeps it busy for ever.  The sign-in of one whose name begins with "die" ends it, too. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define PURPLE_PLUGINS
#include <purple.h>

static const char *
list_icon (PurpleAccount *account, PurpleBuddy *buddy)
{
  return "poison";
}

static GList *
status_types (PurpleAccount *account)
{
  GList *types = g_list_append (NULL, purple_status_type_new (PURPLE_STATUS_AVAILABLE, NULL, NULL, TRUE));

  return g_list_append (types, purple_status_type_new (PURPLE_STATUS_OFFLINE, NULL, NULL, TRUE));
}

static void
login (PurpleAccount *account)
{
  if (g_str_has_prefix (purple_account_get_username (account), "die"))
    abort ();
  purple_connection_set_state (purple_account_get_connection (account), PURPLE_CONNECTED);
}

static void
close_connection (PurpleConnection *connection)
{
}

static gboolean
die (gpointer data)
{
  abort ();
}

static int
send_im (PurpleConnection *connection, const char *who, const char *html, PurpleMessageFlags flags)
{
  if (strcmp (html, "die") == 0)
    die (NULL);
  else if (strcmp (html, "die later") == 0)
    purple_timeout_add (50, die, NULL);
  else if (strcmp (html, "hang") == 0)
    for (;;)
      __asm__ volatile ("");
  else
    serv_got_im (connection, who, html, 0, time (NULL));
  return 1;
}

static PurplePluginProtocolInfo protocol = {
  .options = OPT_PROTO_NO_PASSWORD,
  .list_icon = list_icon,
  .status_types = status_types,
  .login = login,
  .close = close_connection,
  .send_im = send_im,
  .struct_size = sizeof (PurplePluginProtocolInfo),
};

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_PROTOCOL,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) "prpl-poison",
  .name = (char *) "Poison",
  .version = (char *) "1",
  .summary = (char *) "Ends the process that serves it",
  .description = (char *) "For tests",
  .extra_info = &protocol,
};

static void
init_plugin (PurplePlugin *plugin)
{
}

__attribute__ ((visibility ("default"))) gboolean purple_init_plugin (PurplePlugin *plugin);

PURPLE_INIT_PLUGIN (poison, init_plugin, info)
