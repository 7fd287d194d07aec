/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.h - contact lists, both ways.
 *
 * libpurple changes its list in many small steps; here each touched contact is
 * compared at the end of the turn with what the hub was last told. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* Sets libpurple's buddy-list operations and listens to its signals. */
void contacts_init (void);

/* What the hub sends before the sign-in. */
void contacts_remember (Account *account, const WireRestoreContact *message);
/* Puts what was remembered on libpurple's list, before the sign-in. */
void contacts_restore (Account *account);

/* All of an account's, for a hub that knows nothing of them; whether the hub knows of one. */
void contacts_tell_again (Account *account);
gboolean contacts_are_told (Account *account, const char *peer);

/* Frees all that is known of an account's contacts. */
void contacts_forget (Account *account);

/* What a contact that libpurple names is called on the wire; valid until the next call. */
const char *contacts_normalize (const Account *account, const char *name);

/* The other way: the plugin's name for a peer. */
char *contacts_dup_name (const char *peer);

/* Whether the network could have a contact of this name. */
gboolean contacts_is_name (const Account *account, const char *peer);

/* The group for an account's contact: the network's own, or one for all where
 * it knows none. */
PurpleGroup *contacts_get_group (const char *name);

/* -- For contact_commands.c ------------------------------------------------ */

/* libpurple's entries for a peer, one for each group; free the list. */
GSList *contacts_find_buddies (Account *account, const char *peer);
PurpleBuddy *contacts_find_buddy (Account *account, const char *peer);
PurpleBuddy *contacts_add_buddy (Account *account, const char *peer, const char *alias, const char *group);
/* The user's name for a contact, or the contact's own, or NULL. */
const char *contacts_name_of (PurpleBuddy *buddy);

/* The group, where the network knows none. */
void contacts_set_group (Account *account, const char *peer, const char *group);
/* Tells the hub at the end of the turn: in any case, or if something is new. */
void contacts_tell_anyway (Account *account, const char *peer);
void contacts_touch (Account *account, const char *peer);
gboolean contacts_is_full (const Account *account);
