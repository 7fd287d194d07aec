/* SPDX-License-Identifier: GPL-2.0-or-later */
/* module.c - the protocol MSN: prpl-msn, and what it gives to libpurple. */
#include "session.h"

#include <cmds.h>

#include "address.h"
#include "edits.h"
#include "files.h"
#include "messages.h"
#include "outgoing.h"
#include "notification.h"
#include "own_status.h"
#include "pictures.h"
#include "presence.h"
#include "privacy_lists.h"
#include "rooms.h"
#include "signon.h"

G_MODULE_EXPORT gboolean purple_init_plugin (PurplePlugin *plugin);

static PurpleCmdId nudge_command;

static void
login (PurpleAccount *account)
{
  PurpleConnection *gc = purple_account_get_connection (account);

  gc->flags |= PURPLE_CONNECTION_HTML | PURPLE_CONNECTION_FORMATTING_WBFO | PURPLE_CONNECTION_NO_BGCOLOR | PURPLE_CONNECTION_NO_FONTSIZE
               | PURPLE_CONNECTION_NO_URLDESC;
  signon_begin (session_new (account));
}

static void
close_connection (PurpleConnection *gc)
{
  Session *session = session_of (gc);

  if (session == NULL)
    return;
  notification_say (session, "OUT");
  session_free (session);
}

static void
keep_alive (PurpleConnection *gc)
{
  Session *session = session_of_ready (gc);

  if (session != NULL)
    notification_keep_alive (session);
}

static const char *
normalize (const PurpleAccount *account, const char *name)
{
  static char buffer[512];
  g_autofree char *normal = NULL;

  if (name == NULL)
    return NULL;
  normal = address_dup_normal (name);
  g_strlcpy (buffer, normal, sizeof buffer);
  return buffer;
}

static gboolean
takes_offline_messages (const PurpleBuddy *buddy)
{
  return TRUE;
}

static GHashTable *
get_texts (PurpleAccount *account)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (table, (gpointer) "login_label", (gpointer) "Email Address...");
  return table;
}

static PurplePluginProtocolInfo calls = {
  .options = OPT_PROTO_INVITE_MESSAGE,
  .icon_spec = { (char *) "png,gif", 0, 0, 96, 96, 24576, PURPLE_ICON_SCALE_SEND },
  .list_icon = presence_list_icon,
  .list_emblem = presence_list_emblem,
  .status_text = presence_status_text,
  .tooltip_text = presence_tooltip,
  .status_types = presence_get_status_types,
  .blist_node_menu = rooms_list_for_node,
  .login = login,
  .close = close_connection,
  .send_im = messages_send,
  .send_typing = messages_send_typing,
  .get_info = presence_get_info,
  .set_status = own_status_set,
  .set_idle = own_status_set_idle,
  .add_buddy = edits_add_buddy,
  .remove_buddy = edits_remove_buddy,
  .add_permit = privacy_lists_add_permit,
  .add_deny = privacy_lists_add_deny,
  .rem_permit = privacy_lists_remove_permit,
  .rem_deny = privacy_lists_remove_deny,
  .set_permit_deny = privacy_lists_set_mode,
  .chat_invite = rooms_invite,
  .chat_leave = rooms_leave,
  .chat_send = rooms_send,
  .keepalive = keep_alive,
  .alias_buddy = edits_alias_buddy,
  .group_buddy = edits_move_buddy,
  .rename_group = edits_rename_group,
  .convo_closed = messages_conversation_closed,
  .normalize = normalize,
  .set_buddy_icon = pictures_set_own,
  .remove_group = edits_remove_group,
  .can_receive_file = files_can_send,
  .send_file = files_send,
  .new_xfer = files_new_xfer,
  .offline_message = takes_offline_messages,
  .send_attention = messages_send_nudge,
  .get_attention_types = messages_get_attention_types,
  .struct_size = sizeof (PurplePluginProtocolInfo),
  .get_account_text_table = get_texts,
  .get_public_alias = own_status_get_alias,
  .set_public_alias = own_status_set_alias,
};

/* -- Options --------------------------------------------------------------------------------- */

static GList *
list_dialects (void)
{
  static const char *const labels[][2] = {
    { "MSNP12 or lower", "12" }, { "MSNP11 or lower", "11" }, { "MSNP10 or lower", "10" }, { "MSNP9 or lower", "9" }, { "MSNP8", "8" },
    { "MSNP7, without HTTPS", "7" },
  };
  GList *list = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      PurpleKeyValuePair *pair = g_new0 (PurpleKeyValuePair, 1);

      pair->key = g_strdup (labels[i][0]);
      pair->value = g_strdup (labels[i][1]);
      list = g_list_append (list, pair);
    }
  return list;
}

static void
add (PurpleAccountOption *option)
{
  calls.protocol_options = g_list_append (calls.protocol_options, option);
}

static void
add_options (void)
{
  add (purple_account_option_string_new ("Server", "server", "m1.escargot.chat"));
  add (purple_account_option_int_new ("Port", "port", ADDRESS_DEFAULT_PORT));
  add (purple_account_option_list_new ("Dialect", "protocol_version", list_dialects ()));
  add (purple_account_option_bool_new ("Use HTTP Method", "http_method", FALSE));
  add (purple_account_option_string_new ("HTTP Method Server", "http_method_server", ""));
  add (purple_account_option_string_new ("Address of the nexus", "nexus_url", ""));
  add (purple_account_option_string_new ("Address of the login, in place of the nexus", "login_url", ""));
  add (purple_account_option_string_new ("Address of the web services", "web_url", ""));
  add (purple_account_option_bool_new ("Show custom smileys", "custom_smileys", TRUE));
  add (purple_account_option_bool_new ("Keep aliases on the server", "use_server_alias", FALSE));
}

/* -- The module -------------------------------------------------------------------------------- */

static PurpleCmdRet
on_nudge_command (PurpleConversation *conversation, const char *command, char **args, char **error, void *data)
{
  PurpleConnection *gc = purple_conversation_get_gc (conversation);

  return messages_send_nudge (gc, purple_conversation_get_name (conversation), 0) ? PURPLE_CMD_RET_OK : PURPLE_CMD_RET_FAILED;
}

static gboolean
load (PurplePlugin *plugin)
{
  outgoing_register_signals (plugin);
  nudge_command = purple_cmd_register ("nudge", "", PURPLE_CMD_P_PRPL, PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_PRPL_ONLY, "prpl-msn",
                                       on_nudge_command, "nudge: nudge a user to get their attention", NULL);
  return TRUE;
}

static gboolean
unload (PurplePlugin *plugin)
{
  purple_cmd_unregister (nudge_command);
  outgoing_unregister_signals (plugin);
  return TRUE;
}

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_PROTOCOL,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) "prpl-msn",
  .name = (char *) "MSN",
  .version = (char *) MSN_VERSION,
  .summary = (char *) "MSN Protocol Plugin",
  .description = (char *) "Signs in to servers that speak MSNP as MSN Messenger 7.5 does.",
  .load = load,
  .unload = unload,
  .extra_info = &calls,
  .actions = own_status_list_actions,
};

gboolean
purple_init_plugin (PurplePlugin *plugin)
{
  PurplePlugin *other = purple_plugins_find_with_id (info.id);

  if (other == NULL)
    other = purple_find_prpl (info.id);
  if (other != NULL && other != plugin)
    {
      purple_debug_error ("msn", "%s is there already, from %s: not loaded again\n", info.id, other->path != NULL ? other->path : "the program");
      return FALSE;
    }
  if (calls.protocol_options == NULL)
    add_options ();
  plugin->info = &info;
  return purple_plugin_register (plugin);
}
