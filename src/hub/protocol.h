/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.h - what a gateway's libpurple plugin is, as a worker told it. */
#pragma once

#include "settings.h"
#include "wire.h"

typedef struct {
  char *key;
  WireOptionType kind;
  char *label;
  char *value;                /* the plugin's default; may be NULL */
  char **choices;             /* of LIST: value, label, ..., NULL; else NULL */
  gboolean secret;
  char *separator;            /* of PART */
  gboolean ours;              /* not for the plugin */
  /* The gateway's own: */
  char *preset;               /* goes before the plugin's default; NULL: none */
  gboolean locked;            /* not in users' forms */
} ProtocolOption;

typedef struct {
  char *name;
  gboolean complete;          /* protocol-ready came */
  gboolean needs_no_password, password_optional, tells_typing, nudges, tells_tunes, rooms, lists_rooms, room_settings, takes_commands, renames, groups, keeps_contacts,
    confirms;
  GPtrArray *options;         /* ProtocolOption */
} Protocol;

Protocol *protocol_new (void);
void protocol_free (Protocol *protocol);
void protocol_add_option (Protocol *protocol, const WireProtocolOption *event);
void protocol_finish (Protocol *protocol, const WireProtocolReady *event);

/* Applies presets and locks.  Logs a warning for an option of the configuration
 * that the plugin does not have. */
void protocol_configure (Protocol *protocol, const SettingsGateway *settings);

const ProtocolOption *protocol_find_option (const Protocol *protocol, const char *key);
/* An option of every network: the account stays signed in, and in its rooms, while no client of the user's is there. */
#define OPTION_STAY "stay"

/* What was chosen, if it may be; else the default.  NULL: none, or `option` is NULL. */
const char *protocol_option_value (const ProtocolOption *option, GHashTable *chosen);
/* The preset, else the plugin's default; NULL: none. */
const char *protocol_option_default (const ProtocolOption *option);
/* Whether an account needs a value of the user's for it. */
gboolean protocol_option_is_required (const ProtocolOption *option);

/* Checks a value that a user gave for an option, and makes it the plugin's ("true" for "1"). */
gboolean protocol_option_check (const ProtocolOption *option, const char *value, char **normal, GError **error);

/* All options of an account that are the plugin's, as key, value, ..., NULL: what the user chose, or
 * else the presets; locked ones always the presets.  Free with g_strfreev. */
char **protocol_dup_options (const Protocol *protocol, GHashTable *chosen);

/* Splits "romeo@irc.example.net" into the name and the parts that the protocol
 * has in it, where the user did not give them separately: puts them into
 * `chosen`, and gives away the bare name. */
char *protocol_split_name (const Protocol *protocol, const char *name, GHashTable *chosen);
