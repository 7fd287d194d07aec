/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aim.c - the protocol AIM: prpl-aim. */
#include "protocol.h"

#include "account_actions.h"
#include "privacy_lists.h"

G_MODULE_EXPORT gboolean purple_init_plugin (PurplePlugin *plugin);

static PurplePluginProtocolInfo calls = {
  .options = OPT_PROTO_INVITE_MESSAGE,
  .icon_spec = { (char *) "gif,jpeg,bmp,ico", 0, 0, 64, 64, 7168, PURPLE_ICON_SCALE_SEND | PURPLE_ICON_SCALE_DISPLAY },
  .add_permit = privacy_lists_add_permit,
  .rem_permit = privacy_lists_remove_permit,
  .set_permit_deny = privacy_lists_set_mode,
  .struct_size = sizeof (PurplePluginProtocolInfo),
};

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_PROTOCOL,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) "prpl-aim",
  .name = (char *) "AIM",
  .version = (char *) OSCAR_VERSION,
  .summary = (char *) "AIM Protocol Plugin",
  .description = (char *) "Signs on to servers that speak AOL's OSCAR as AIM does.",
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
    protocol_add_options (&calls, FALSE);
  return protocol_register (plugin, &info);
}
