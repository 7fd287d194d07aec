/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network.c - the networks that have a name of ours. */
#include "config.h"

#include "network.h"

#include <string.h>

/* The burst and interval that the common IRC servers allow without a kick. */
static const char *const irc_presets[] = { "ratelimit-interval", "2", "ratelimit-burst", "5", NULL };
static const char *const no_presets[] = { NULL };

static const char *const server_options[] = { "server", "port", NULL };
static const char *const xmpp_server_options[] = { "domain", "connect_server", "port", NULL };
static const char *const simple_server_options[] = { "server", "proxy", NULL };

/* What leads to another server, which may say what it likes, or to other words for the same bytes. */
static const char *const irc_room_options[] = { "port", "encoding", "autodetect_utf8", NULL };
static const char *const xmpp_room_options[] = { "domain", "connect_server", "port", NULL };
static const char *const oscar_room_options[] = { "server", "port", "encoding", NULL };

static const Network networks[] = {
  { "irc", "prpl-irc", "irc", "IRC", "server", "Enter the nickname of the person.", irc_presets, server_options, irc_room_options, "#&+!" },
  { "xmpp", "prpl-jabber", "xmpp", "XMPP", NULL, "Enter the XMPP address of the person, like juliet@example.org.", no_presets, xmpp_server_options, xmpp_room_options, NULL },
  { "simple", "prpl-simple", "simple", "SIMPLE", NULL, "Enter the SIP address of the person, like juliet@example.org.", no_presets, simple_server_options, NULL, NULL },
  { "aim", "prpl-aim", "aim", "AIM", NULL, "Enter the screen name of the person.", no_presets, server_options, oscar_room_options, NULL },
  { "icq", "prpl-icq", "icq", "ICQ", NULL, "Enter the ICQ number of the person.", no_presets, server_options, oscar_room_options, NULL },
  { "msn", "prpl-msn", "msn", "MSN", NULL, "Enter the e-mail address of the person.", no_presets, server_options, NULL, NULL },
  { "gadu-gadu", "prpl-gg", "gadu-gadu", "Gadu-Gadu", NULL, "Enter the Gadu-Gadu number of the person.", no_presets, NULL, NULL, NULL },
  { "bonjour", "prpl-bonjour", "bonjour", "Bonjour", NULL, "Enter the Bonjour name of the person.", no_presets, NULL, NULL, NULL },
  { "groupwise", "prpl-novell", "groupwise", "GroupWise", NULL, "Enter the GroupWise id of the person.", no_presets, server_options, NULL, NULL },
  { "zephyr", "prpl-zephyr", "zephyr", "Zephyr", NULL, "Enter the Zephyr name of the person.", no_presets, server_options, NULL, NULL },
};

const Network *
network_by_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    if (g_str_equal (networks[i].name, name))
      return &networks[i];
  return NULL;
}

char *
network_dup_names (void)
{
  GString *names = g_string_new (networks[0].name);

  for (guint i = 1; i < G_N_ELEMENTS (networks); i++)
    g_string_append_printf (names, ", %s", networks[i].name);
  return g_string_free (names, FALSE);
}

const Network *
network_by_purple (const char *id)
{
  static GHashTable *made_up;  /* kept for the life of the process */
  Network *made;

  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    if (g_str_equal (networks[i].purple, id))
      return &networks[i];
  if (made_up == NULL)
    made_up = g_hash_table_new (g_str_hash, g_str_equal);
  made = g_hash_table_lookup (made_up, id);
  if (made != NULL)
    return made;
  made = g_new0 (Network, 1);
  made->purple = g_strdup (id);
  made->disco_type = made->title = g_strdup (g_str_has_prefix (id, "prpl-") ? id + strlen ("prpl-") : id);
  made->prompt = "Enter the name of the person on the network.";
  made->presets = no_presets;
  g_hash_table_insert (made_up, (gpointer) made->purple, made);
  return made;
}
