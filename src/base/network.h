/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network.h - the networks that have a name of ours, and what is known of each
 * beyond what its plugin tells. */
#pragma once

#include <glib.h>

typedef struct {
  const char *name;           /* in `network = ...`; NULL for a plugin known by its id only */
  const char *purple;         /* libpurple's plugin id */
  const char *disco_type;     /* of the category gateway (XMPP registrar) */
  const char *title;          /* "IRC" */
  const char *tag_option;     /* the option that tells a user's accounts apart, or NULL */
  const char *prompt;         /* jabber:iq:gateway: what a contact's name looks like */
  /* Options that are preset and locked, to guard the network or us, unless the
   * configuration says otherwise: key, value, key, value, NULL. */
  const char *const *presets;
  /* Options that say which server an account is at; NULL: there is but one. */
  const char *const *server_options;
  /* Rooms of one name are one room for all accounts that have the same values of these options; NULL: a room is the account's own. */
  const char *const *room_options;
  const char *room_prefixes;  /* what the name of a room, and nothing else, begins with; NULL: no such thing */
} Network;

/* The network of this name; NULL: there is none. */
const Network *network_by_name (const char *name);
/* The network of a plugin id; one made up for an id that is not in the table. */
const Network *network_by_purple (const char *id);
/* All names, "irc, xmpp, ..."; free it. */
char *network_dup_names (void);
