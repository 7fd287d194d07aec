/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.h - the server's list of contacts, and libpurple's made like it (msnp.md 5). */
#pragma once

#include "session.h"

extern const CommandHandler contacts_handlers[];

Contacts *contacts_new (Session *session);
void contacts_free (Contacts *contacts);
/* Asks for the list; signon_has_list is called in the end. */
void contacts_begin_sync (Session *session);
/* Our presence was announced: what waited for that. */
void contacts_signed_on (Session *session);

/* libpurple's group of a group of the server's: the default one for NULL and unknown ids. */
PurpleGroup *contacts_get_group (Session *session, const char *id);
/* Makes libpurple's buddies of one contact like the server's list. */
void contacts_show (Session *session, const ListContact *contact);
/* The list has changed: the copy that is kept with the account is none of it any more. */
void contacts_forget_copy (Session *session);
/* The name of the group for those who are in none. */
#define CONTACTS_DEFAULT_GROUP "Buddies"
