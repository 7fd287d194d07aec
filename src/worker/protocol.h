/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.h - the one protocol plugin of this worker.
 *
 * libpurple would load every plugin that is installed, perl and tcl too.  Here
 * the file is found by the plugin's id, and it and TLS alone are loaded. */
#pragma once

#include <purple.h>

/* Where libpurple would look for plugins; it tells by itself while it starts. */
void protocol_note_folder (const char *path);

/* After libpurple's core has started.  Of two plugins with the same id, one in
 * `own_folder` and one of the system's, one is loaded.  G_IO_ERROR_NOT_FOUND when
 * there is no such plugin, another error when it cannot be used. */
gboolean protocol_load (const char *id, const char *own_folder, gboolean system_first, GError **error);

const char *protocol_get_id (void);
PurplePlugin *protocol_get_plugin (void);
const PurplePluginProtocolInfo *protocol_get_info (void);
/* One of ours, not of the system's. */
gboolean protocol_is_own (void);
gboolean protocol_is_irc (void);
gboolean protocol_is_xmpp (void);
gboolean protocol_is_simple (void);
gboolean protocol_needs_password (void);
/* The network keeps our groups and our names for contacts. */
gboolean protocol_keeps_groups (void);
gboolean protocol_keeps_names (void);
/* The network knows nudges. */
gboolean protocol_nudges (void);

/* Tells the hub: all options, then protocol-ready. */
void protocol_tell (void);
