/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.h - what both protocols, AIM and ICQ, give to libpurple. */
#pragma once

#include <purple.h>

#ifndef OSCAR_VERSION
#define OSCAR_VERSION "0.1"
#endif

/* Fills in the calls that both have. */
void protocol_fill_calls (PurplePluginProtocolInfo *calls);
/* Adds the options that both have; icq: with those of ICQ. */
void protocol_add_options (PurplePluginProtocolInfo *calls, gboolean icq);

/* What a module's purple_init_plugin does: FALSE, with a debug message, if somebody has the id already. */
gboolean protocol_register (PurplePlugin *plugin, PurplePluginInfo *info);
gboolean protocol_load (PurplePlugin *plugin);
gboolean protocol_unload (PurplePlugin *plugin);
