/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.c - the one protocol plugin of this worker. */
#include "config.h"

#include "protocol.h"

#include <gio/gio.h>
#include <gmodule.h>
#include <string.h>

#include "hub.h"
#include "options.h"
#include "room_list.h"
#include "room_requests.h"
#include "rooms.h"
#include "tunes.h"

static struct {
  char *id;
  PurplePlugin *plugin;
  PurplePluginProtocolInfo *info;
  gboolean is_own;
  GPtrArray *folders;         /* char * */
} protocol;

void
protocol_note_folder (const char *path)
{
  if (protocol.folders == NULL)
    protocol.folders = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (protocol.folders, g_strdup (path));
}

/* Whether the bytes of `needle`, with its final NUL, are in a file. */
static gboolean
file_mentions (GMappedFile *file, const char *needle)
{
  gsize length = strlen (needle) + 1;
  const char *bytes = g_mapped_file_get_contents (file);

  return bytes != NULL && memmem (bytes, g_mapped_file_get_length (file), needle, length) != NULL;
}

/* A plugin's id is a string constant of its file: no need to run the code of
 * all plugins to find the one. */
static gboolean
may_be_plugin (const char *path, const char *id)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);

  return file != NULL && file_mentions (file, "purple_init_plugin") && file_mentions (file, id);
}

static void
probe (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    purple_plugin_probe (path);
}

/* Whether a plugin of this id was found; libpurple refuses a second one. */
static gboolean
probe_for_id (const char *folder, const char *id)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      PurplePlugin *plugin;

      if (!g_str_has_suffix (name, "." G_MODULE_SUFFIX) || !may_be_plugin (path, id))
        continue;
      plugin = purple_plugin_probe (path);
      if (plugin != NULL && plugin->info != NULL && g_strcmp0 (plugin->info->id, id) == 0)
        {
          g_message ("%s is served by %s", id, path);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
protocol_load (const char *id, const char *own_folder, gboolean system_first, GError **error)
{
  if (protocol.folders == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           "libpurple does not call this program's own functions (interpose.c): it was not linked as it should be.");
      return FALSE;
    }
  for (guint i = 0; i < protocol.folders->len; i++)
    {
      /* TLS: what protocols ask for, and the library that does it. */
      probe (protocol.folders->pdata[i], "ssl-gnutls.so");
      probe (protocol.folders->pdata[i], "ssl-nss.so");
      probe (protocol.folders->pdata[i], "ssl.so");
    }
  g_ptr_array_insert (protocol.folders, system_first ? -1 : 0, g_strdup (own_folder));
  for (guint i = 0; i < protocol.folders->len; i++)
    if (probe_for_id (protocol.folders->pdata[i], id))
      break;
  /* What was probed is loaded only when libpurple goes over its search path, which is empty. */
  purple_plugins_probe (G_MODULE_SUFFIX);

  protocol.id = g_strdup (id);
  protocol.plugin = purple_find_prpl (id);
  if (protocol.plugin == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no libpurple plugin “%s” installed, or it cannot be loaded.", id);
      return FALSE;
    }
  protocol.is_own = protocol.plugin->path != NULL && g_str_has_prefix (protocol.plugin->path, own_folder);
  protocol.info = PURPLE_PLUGIN_PROTOCOL_INFO (protocol.plugin);
  if (protocol.info == NULL || protocol.info->login == NULL || protocol.info->status_types == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The plugin “%s” is no usable protocol.", id);
      return FALSE;
    }
  return TRUE;
}

const char *
protocol_get_id (void)
{
  return protocol.id;
}

PurplePlugin *
protocol_get_plugin (void)
{
  return protocol.plugin;
}

const PurplePluginProtocolInfo *
protocol_get_info (void)
{
  return protocol.info;
}

gboolean
protocol_is_own (void)
{
  return protocol.is_own;
}

gboolean
protocol_is_irc (void)
{
  return g_strcmp0 (protocol.id, "prpl-irc") == 0;
}

gboolean
protocol_is_xmpp (void)
{
  return g_strcmp0 (protocol.id, "prpl-jabber") == 0;
}

gboolean
protocol_is_simple (void)
{
  return g_strcmp0 (protocol.id, "prpl-simple") == 0;
}

gboolean
protocol_needs_password (void)
{
  /* XMPP's is optional for Kerberos, which nobody has here: the plugin would ask for it with a form. */
  return !(protocol.info->options & OPT_PROTO_NO_PASSWORD)
         && (protocol_is_xmpp () || !(protocol.info->options & OPT_PROTO_PASSWORD_OPTIONAL));
}

gboolean
protocol_keeps_groups (void)
{
  return protocol.info->group_buddy != NULL;
}

gboolean
protocol_keeps_names (void)
{
  return protocol.info->alias_buddy != NULL;
}

gboolean
protocol_nudges (void)
{
  return PURPLE_PROTOCOL_PLUGIN_HAS_FUNC (protocol.info, send_attention) && protocol.info->send_attention != NULL;
}

void
protocol_tell (void)
{
  options_tell (protocol.info);
  hub_tell (protocol_ready, PROTOCOL_READY,
            .name = purple_plugin_get_name (protocol.plugin),
            .needs_no_password = (protocol.info->options & OPT_PROTO_NO_PASSWORD) != 0,
            .password_optional = !protocol_needs_password (),
            .tells_typing = protocol.info->send_typing != NULL,
            .nudges = protocol_nudges (),
            .tells_tunes = tunes_are_known (),
            .rooms = rooms_are_there (),
            .lists_rooms = room_list_is_there (),
            .takes_commands = protocol_is_irc (),
            .room_settings = room_requests_are_there (),
            .renames = protocol_keeps_names (),
            .groups = protocol_keeps_groups (),
            .keeps_contacts = protocol_keeps_names () || protocol_keeps_groups (),
            .confirms = protocol_is_simple ());
}
