/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.c - what both protocols, AIM and ICQ, give to libpurple. */
#include "protocol.h"

#include <debug.h>

#include "account_actions.h"
#include "bos.h"
#include "contact_edits.h"
#include "icons.h"
#include "messages.h"
#include "outgoing.h"
#include "presence.h"
#include "privacy_lists.h"
#include "profiles.h"
#include "rooms.h"
#include "screen_names.h"
#include "signon.h"
#include "transfers.h"

static void
login (PurpleAccount *account)
{
  PurpleConnection *gc = purple_account_get_connection (account);

  gc->flags |= PURPLE_CONNECTION_HTML;
  if (g_str_equal (purple_account_get_protocol_id (account), "prpl-aim"))
    gc->flags |= PURPLE_CONNECTION_AUTO_RESP;
  signon_begin (session_new (account));
}

static void
close_connection (PurpleConnection *gc)
{
  Session *session = session_of (gc);

  if (session != NULL)
    session_free (session);
}

static void
keep_alive (PurpleConnection *gc)
{
  Session *session = session_of (gc);

  if (session != NULL)
    bos_keep_alive (session);
}

static const char *
normalize (const PurpleAccount *account, const char *name)
{
  static char buffer[256];
  g_autofree char *normal = NULL;

  if (name == NULL)
    return NULL;
  normal = screen_name_dup_normal (name);
  g_strlcpy (buffer, normal, sizeof buffer);
  return buffer;
}

static gboolean
takes_offline_messages (const PurpleBuddy *buddy)
{
  return TRUE;
}

/* For programs that know nothing of invitations. */
static void
add_buddy (PurpleConnection *gc, PurpleBuddy *buddy, PurpleGroup *group)
{
  contact_edits_add (gc, buddy, group, NULL);
}

void
protocol_fill_calls (PurplePluginProtocolInfo *calls)
{
  calls->list_icon = presence_list_icon;
  calls->list_emblem = presence_list_emblem;
  calls->status_text = presence_status_text;
  calls->tooltip_text = presence_tooltip;
  calls->status_types = presence_get_status_types;
  calls->blist_node_menu = account_actions_list_for_node;
  calls->chat_info = rooms_get_join_fields;
  calls->chat_info_defaults = rooms_get_join_defaults;
  calls->login = login;
  calls->close = close_connection;
  calls->send_im = messages_send;
  calls->set_info = presence_set_profile;
  calls->send_typing = messages_send_typing;
  calls->get_info = profiles_get;
  calls->set_status = presence_set_status;
  calls->set_idle = presence_set_idle;
  calls->change_passwd = account_actions_change_password;
  calls->add_buddy = add_buddy;
  calls->add_buddy_with_invite = contact_edits_add;
  calls->remove_buddy = contact_edits_remove;
  calls->add_deny = privacy_lists_add_deny;
  calls->rem_deny = privacy_lists_remove_deny;
  calls->join_chat = rooms_join;
  calls->reject_chat = rooms_reject;
  calls->get_chat_name = rooms_get_name;
  calls->chat_invite = rooms_invite;
  calls->chat_leave = rooms_leave;
  calls->chat_send = rooms_send;
  calls->keepalive = keep_alive;
  calls->alias_buddy = contact_edits_alias;
  calls->group_buddy = contact_edits_move;
  calls->rename_group = contact_edits_rename_group;
  calls->convo_closed = messages_conversation_closed;
  calls->normalize = normalize;
  calls->set_buddy_icon = icons_set;
  calls->remove_group = contact_edits_remove_group;
  calls->can_receive_file = transfers_can_send;
  calls->send_file = transfers_send;
  calls->new_xfer = transfers_new_xfer;
  calls->offline_message = takes_offline_messages;
}

static PurpleKeyValuePair *
pair_new (const char *label, const char *value)
{
  PurpleKeyValuePair *pair = g_new0 (PurpleKeyValuePair, 1);

  pair->key = g_strdup (label);
  pair->value = g_strdup (value);
  return pair;
}

static void
add (PurplePluginProtocolInfo *calls, PurpleAccountOption *option)
{
  calls->protocol_options = g_list_append (calls->protocol_options, option);
}

void
protocol_add_options (PurplePluginProtocolInfo *calls, gboolean icq)
{
  GList *encryption = NULL, *login_types = NULL;

  encryption = g_list_append (encryption, pair_new ("Don't use encryption", "no_encryption"));
  encryption = g_list_append (encryption, pair_new ("Use encryption if available", "opportunistic_encryption"));
  encryption = g_list_append (encryption, pair_new ("Require encryption", "require_encryption"));
  login_types = g_list_append (login_types, pair_new ("MD5", "md5_login"));
  login_types = g_list_append (login_types, pair_new ("MD5, as old servers want it", "md5_single"));
  login_types = g_list_append (login_types, pair_new ("Without a challenge, as the oldest servers want it", "channel1_login"));
  add (calls, purple_account_option_string_new ("Server", "server", ""));
  add (calls, purple_account_option_int_new ("Port", "port", 5190));
  add (calls, purple_account_option_list_new ("Connection security", "encryption", encryption));
  add (calls, purple_account_option_list_new ("Sign-in", "login_type", login_types));
  add (calls, purple_account_option_bool_new ("Connect to all services at the server and port above", "bos_through_login", FALSE));
  add (calls, purple_account_option_bool_new ("Send files through a proxy only", "always_use_rv_proxy", FALSE));
  add (calls, purple_account_option_string_new ("Proxy for files", "rv_proxy", ""));
  add (calls, purple_account_option_bool_new ("Allow multiple simultaneous logins", "allow_multiple_logins", TRUE));
  add (calls, purple_account_option_string_new ("Encoding", "encoding", "ISO-8859-1"));
  if (!icq)
    return;
  add (calls, purple_account_option_bool_new ("Others must ask before they add me", "authorization", TRUE));
  add (calls, purple_account_option_bool_new ("My presence may be shown on the web", "web_aware", FALSE));
}

/* -- The module ------------------------------------------------------------ */

gboolean
protocol_register (PurplePlugin *plugin, PurplePluginInfo *info)
{
  PurplePlugin *other = purple_plugins_find_with_id (info->id);

  if (other == NULL)
    other = purple_find_prpl (info->id);
  if (other != NULL && other != plugin)
    {
      purple_debug_error ("oscar", "%s is there already, from %s: not loaded again\n", info->id, other->path != NULL ? other->path : "the program");
      return FALSE;
    }
  plugin->info = info;
  return purple_plugin_register (plugin);
}

gboolean
protocol_load (PurplePlugin *plugin)
{
  outgoing_register_signals (plugin);
  return TRUE;
}

gboolean
protocol_unload (PurplePlugin *plugin)
{
  outgoing_unregister_signals (plugin);
  return TRUE;
}
