/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq.c - the protocol ICQ: prpl-icq. */
#include "protocol.h"

#include "account_actions.h"

G_MODULE_EXPORT gboolean purple_init_plugin (PurplePlugin *plugin);

static GHashTable *
get_texts (PurpleAccount *account)
{
  GHashTable *texts = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (texts, (gpointer) "login_label", (gpointer) "ICQ UIN...");
  return texts;
}

static PurplePluginProtocolInfo calls = {
  .options = OPT_PROTO_INVITE_MESSAGE,
  .icon_spec = { (char *) "gif,jpeg,bmp,ico", 0, 0, 64, 64, 7168, PURPLE_ICON_SCALE_SEND | PURPLE_ICON_SCALE_DISPLAY },
  .get_account_text_table = get_texts,
  .struct_size = sizeof (PurplePluginProtocolInfo),
};

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_PROTOCOL,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) "prpl-icq",
  .name = (char *) "ICQ",
  .version = (char *) OSCAR_VERSION,
  .summary = (char *) "ICQ Protocol Plugin",
  .description = (char *) "Signs on to servers that speak AOL's OSCAR as ICQ does.",
  .load = protocol_load,
  .unload = protocol_unload,
  .extra_info = &calls,
  .actions = account_actions_list,
};

gboolean
purple_init_plugin (PurplePlugin *plugin)
{
  protocol_fill_calls (&calls);
  if (calls.protocol_options == NULL)
    protocol_add_options (&calls, TRUE);
  return protocol_register (plugin, &info);
}
