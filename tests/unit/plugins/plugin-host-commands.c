/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugin-host-commands.c - what may be asked of the program; the table at the end names all. */
#include "plugin-host.h"

#include <stdlib.h>
#include <string.h>

static PurpleConnection *
get_connection (void)
{
  return host_account != NULL ? purple_account_get_connection (host_account) : NULL;
}

static PurplePluginProtocolInfo *
get_calls (void)
{
  return PURPLE_PLUGIN_PROTOCOL_INFO (purple_connection_get_prpl (get_connection ()));
}

typedef struct json_object Command;

static const char *
get (Command *command, const char *key)
{
  struct json_object *value;

  return json_object_object_get_ex (command, key, &value) ? json_object_get_string (value) : NULL;
}

static PurpleGroup *
need_group (const char *name)
{
  PurpleGroup *group = purple_find_group (name != NULL ? name : "Buddies");

  if (group == NULL)
    {
      group = purple_group_new (name != NULL ? name : "Buddies");
      purple_blist_add_group (group, NULL);
    }
  return group;
}

static void
set_options (struct json_object *options)
{
  json_object_object_foreach (options, key, value)
    {
      if (json_object_is_type (value, json_type_boolean))
        purple_account_set_bool (host_account, key, json_object_get_boolean (value));
      else if (json_object_is_type (value, json_type_int))
        purple_account_set_int (host_account, key, json_object_get_int (value));
      else
        purple_account_set_string (host_account, key, json_object_get_string (value));
    }
}

static void
do_login (Command *command)
{
  const char *password = get (command, "password");
  struct json_object *options;

  host_account = purple_account_new (get (command, "name"), get (command, "protocol"));
  purple_account_set_password (host_account, password != NULL ? password : g_getenv ("PLUGIN_PASSWORD"));
  purple_account_set_remember_password (host_account, TRUE);
  if (json_object_object_get_ex (command, "options", &options))
    set_options (options);
  purple_accounts_add (host_account);
  host_connect_outcomes (get (command, "protocol"));
  host_loops_left = get (command, "loops") != NULL ? atoi (get (command, "loops")) : 0;
  purple_account_set_status (host_account, get (command, "status") != NULL ? get (command, "status") : "available", TRUE, NULL);
  purple_account_set_enabled (host_account, "plugin-host", TRUE);
}

static void
do_connect (Command *command)
{
  purple_account_connect (host_account);
}

static void
do_disconnect (Command *command)
{
  if (!purple_account_is_disconnected (host_account))
    purple_account_disconnect (host_account);
}

static void
do_say (Command *command)
{
  PurpleConversation *conversation = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, get (command, "who"), host_account);

  if (get (command, "raw") != NULL)
    {
      TELL ("said", "who", get (command, "who"), "result", host_number (serv_send_im (get_connection (), get (command, "who"), get (command, "text"), 0)));
      return;
    }
  if (conversation == NULL)
    conversation = purple_conversation_new (PURPLE_CONV_TYPE_IM, host_account, get (command, "who"));
  purple_conv_im_send (PURPLE_CONV_IM (conversation), get (command, "text"));
}

static void
do_attention (Command *command)
{
  purple_prpl_send_attention (get_connection (), get (command, "who"), 0);
}

/* A custom emoticon of the user's. */
static void
do_smiley (Command *command)
{
  gsize length = 0;
  guchar *data = g_base64_decode (get (command, "data"), &length);

  purple_smiley_new (purple_imgstore_add (data, length, "smiley.gif"), get (command, "text"));
}

static void
do_close (Command *command)
{
  PurpleConversation *conversation = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, get (command, "who"), host_account);

  if (conversation != NULL)
    purple_conversation_destroy (conversation);
}

static void
do_typing (Command *command)
{
  const char *state = get (command, "text");

  serv_send_typing (get_connection (), get (command, "who"),
                    g_strcmp0 (state, "typing") == 0 ? PURPLE_TYPING : g_strcmp0 (state, "typed") == 0 ? PURPLE_TYPED : PURPLE_NOT_TYPING);
}

static void
do_add (Command *command)
{
  PurpleBuddy *buddy = purple_buddy_new (host_account, get (command, "who"), get (command, "alias"));

  purple_blist_add_buddy (buddy, NULL, need_group (get (command, "group")), NULL);
  purple_account_add_buddy_with_invite (host_account, buddy, get (command, "text"));
}

static void
do_remove (Command *command)
{
  PurpleBuddy *buddy = purple_find_buddy (host_account, get (command, "who"));

  if (buddy == NULL)
    return;
  purple_account_remove_buddy (host_account, buddy, purple_buddy_get_group (buddy));
  purple_blist_remove_buddy (buddy);
}

static void
do_alias (Command *command)
{
  PurpleBuddy *buddy = purple_find_buddy (host_account, get (command, "who"));

  if (buddy == NULL)
    return;
  purple_blist_alias_buddy (buddy, get (command, "text"));
  serv_alias_buddy (buddy);
}

static void
do_move (Command *command)
{
  PurpleBuddy *buddy = purple_find_buddy (host_account, get (command, "who"));

  if (buddy != NULL)
    purple_blist_add_buddy (buddy, NULL, need_group (get (command, "group")), NULL);
}

static void
do_rename_group (Command *command)
{
  purple_blist_rename_group (need_group (get (command, "group")), get (command, "text"));
}

static void
do_remove_group (Command *command)
{
  PurpleGroup *group = need_group (get (command, "group"));

  purple_account_remove_group (host_account, group);
  purple_blist_remove_group (group);
}

static void
do_status (Command *command)
{
  if (get (command, "text") != NULL)
    purple_account_set_status (host_account, get (command, "id"), TRUE, "message", get (command, "text"), NULL);
  else
    purple_account_set_status (host_account, get (command, "id"), TRUE, NULL);
}

static void
do_idle (Command *command)
{
  get_calls ()->set_idle (get_connection (), atoi (get (command, "text")));
}

static void
do_profile (Command *command)
{
  purple_account_set_user_info (host_account, get (command, "text"));
  serv_set_info (get_connection (), get (command, "text"));
}

static void
do_info (Command *command)
{
  serv_get_info (get_connection (), get (command, "who"));
}

static void
do_list (Command *command)
{
  const char *word = get (command, "do");
  const char *who = get (command, "who");

  if (g_str_equal (word, "permit"))
    purple_privacy_permit_add (host_account, who, FALSE);
  else if (g_str_equal (word, "unpermit"))
    purple_privacy_permit_remove (host_account, who, FALSE);
  else if (g_str_equal (word, "deny"))
    purple_privacy_deny_add (host_account, who, FALSE);
  else
    purple_privacy_deny_remove (host_account, who, FALSE);
}

static void
do_privacy (Command *command)
{
  host_account->perm_deny = (PurplePrivacyType) atoi (get (command, "text"));
  serv_set_permit_deny (get_connection ());
}

static void
do_icon (Command *command)
{
  const char *text = get (command, "text");
  gsize length = 0;
  guchar *data = text != NULL ? g_base64_decode (text, &length) : NULL;

  purple_buddy_icons_set_account_icon (host_account, data, length);
}

static PurpleConversation *
find_room (Command *command)
{
  PurpleConversation *room = purple_find_conversation_with_account (PURPLE_CONV_TYPE_CHAT, get (command, "room"), host_account);

  if (room == NULL)
    TELL ("no-room");
  return room;
}

static void
do_room_keys (Command *command)
{
  GList *entries = get_calls ()->chat_info (get_connection ());

  for (GList *l = entries; l != NULL; l = l->next)
    {
      struct proto_chat_entry *entry = l->data;

      TELL ("room-key", "name", entry->identifier, "required", entry->required ? "1" : "0",
            "least", entry->is_int ? host_number (entry->min) : NULL, "most", entry->is_int ? host_number (entry->max) : NULL);
    }
  TELL ("room-keys-end");
  g_list_free_full (entries, g_free);
}

/* As a program does that knows no more than the room's name, and an exchange if it was told one. */
static void
do_join (Command *command)
{
  GHashTable *components = get_calls ()->chat_info_defaults (get_connection (), get (command, "room"));

  if (get (command, "exchange") != NULL)
    g_hash_table_insert (components, (gpointer) "exchange", g_strdup (get (command, "exchange")));
  serv_join_chat (get_connection (), components);
  g_hash_table_unref (components);
}

static void
do_chat_say (Command *command)
{
  PurpleConversation *room = find_room (command);

  if (room != NULL)
    purple_conv_chat_send (PURPLE_CONV_CHAT (room), get (command, "text"));
}

static void
do_leave (Command *command)
{
  PurpleConversation *room = find_room (command);

  if (room != NULL)
    purple_conversation_destroy (room);
}

static void
do_invite (Command *command)
{
  PurpleConversation *room = find_room (command);

  if (room != NULL)
    serv_chat_invite (get_connection (), purple_conv_chat_get_id (PURPLE_CONV_CHAT (room)), get (command, "text"), get (command, "who"));
}

static void
do_password (Command *command)
{
  get_calls ()->change_passwd (get_connection (), get (command, "old"), get (command, "new"));
}

static void
do_actions (Command *command)
{
  PurplePlugin *plugin = purple_connection_get_prpl (get_connection ());
  GList *actions = PURPLE_PLUGIN_ACTIONS (plugin, get_connection ());
  const char *text = get (command, "text");

  for (GList *l = actions; l != NULL; l = l->next)
    {
      PurplePluginAction *action = l->data;

      if (text == NULL)
        TELL ("action", "name", action->label);
      else if (strstr (action->label, text) != NULL)
        {
          action->plugin = plugin;
          action->context = get_connection ();
          action->callback (action);
        }
    }
  g_list_free_full (actions, (GDestroyNotify) purple_plugin_action_free);
}

static void
do_menu (Command *command)
{
  PurpleBuddy *buddy = purple_find_buddy (host_account, get (command, "who"));
  GList *menu = buddy != NULL ? get_calls ()->blist_node_menu ((PurpleBlistNode *) buddy) : NULL;
  const char *text = get (command, "text");

  for (GList *l = menu; l != NULL; l = l->next)
    {
      PurpleMenuAction *action = l->data;

      if (text == NULL)
        TELL ("menu", "name", action->label);
      else if (strstr (action->label, text) != NULL)
        ((void (*) (PurpleBlistNode *, gpointer)) action->callback) ((PurpleBlistNode *) buddy, action->data);
    }
  g_list_free_full (menu, (GDestroyNotify) purple_menu_action_free);
}

static void
do_answer (Command *command)
{
  struct json_object *fields;

  host_requests_answer (get (command, "id"), get (command, "yes") != NULL, get (command, "text"),
                        json_object_object_get_ex (command, "fields", &fields) ? fields : NULL);
}

static void
do_send_file (Command *command)
{
  PurpleXfer *xfer = get_calls ()->new_xfer (get_connection (), get (command, "who"));

  if (xfer != NULL)
    purple_xfer_request_accepted (xfer, get (command, "text"));
}

static void
do_buddies (Command *command)
{
  for (PurpleBlistNode *node = purple_blist_get_root (); node != NULL; node = purple_blist_node_next (node, TRUE))
    if (PURPLE_BLIST_NODE_IS_BUDDY (node))
      host_tell_buddy ("buddy", (PurpleBuddy *) node);
  TELL ("buddies-end");
}

static void
do_lists (Command *command)
{
  for (GSList *l = host_account->permit; l != NULL; l = l->next)
    TELL ("permit", "who", l->data);
  for (GSList *l = host_account->deny; l != NULL; l = l->next)
    TELL ("deny", "who", l->data);
  TELL ("lists-end", "mode", host_number (host_account->perm_deny));
}

static void
do_keepalive (Command *command)
{
  get_calls ()->keepalive (get_connection ());
}

static void
do_sync (Command *command)
{
  TELL ("synced");
}

static void
do_quit (Command *command)
{
  host_quit ();
}

static const struct {
  const char *word;
  void (*run) (Command *command);
  gboolean off_line;      /* needs no connection */
} commands[] = {
  { "login", do_login, TRUE }, { "connect", do_connect, TRUE }, { "disconnect", do_disconnect, TRUE },
  { "sync", do_sync, TRUE }, { "quit", do_quit, TRUE }, { "buddies", do_buddies, TRUE }, { "lists", do_lists, TRUE },
  { "status", do_status, TRUE }, { "icon", do_icon, TRUE }, { "answer", do_answer, TRUE },
  { "smiley", do_smiley, TRUE }, { "say", do_say }, { "attention", do_attention }, { "close-conv", do_close }, { "typing", do_typing },
  { "add", do_add }, { "remove", do_remove }, { "alias", do_alias }, { "move", do_move },
  { "rename-group", do_rename_group }, { "remove-group", do_remove_group },
  { "idle", do_idle }, { "profile", do_profile }, { "info", do_info },
  { "permit", do_list }, { "unpermit", do_list }, { "deny", do_list }, { "undeny", do_list }, { "privacy", do_privacy },
  { "room-keys", do_room_keys }, { "join", do_join }, { "chat-say", do_chat_say }, { "leave", do_leave }, { "invite", do_invite },
  { "password", do_password }, { "actions", do_actions }, { "action", do_actions }, { "menu", do_menu },
  { "send-file", do_send_file }, { "keepalive", do_keepalive },
};

void
host_run (const char *line)
{
  Command *command = json_tokener_parse (line);
  const char *word = command != NULL ? get (command, "do") : NULL;

  for (guint i = 0; word != NULL && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].word, word))
      {
        if (commands[i].off_line || get_connection () != NULL)
          commands[i].run (command);
        else
          TELL ("not-connected", "line", line);
        word = NULL;
        json_object_put (command);
        return;
      }
  TELL ("bad-command", "line", line);
  json_object_put (command);
}
