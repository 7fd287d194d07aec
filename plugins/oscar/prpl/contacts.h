/* SPDX-License-Identifier: GPL-2.0-or-later */
/* contacts.h - the server's list of contacts, and libpurple's (oscar.md 3). */
#pragma once

#include "dispatch.h"
#include "feedbag_model.h"

Contacts *contacts_new (Session *session);
void contacts_free (Contacts *contacts);

/* A part of the list, or why there is none. TRUE: the last one, or there will be none. */
gboolean contacts_take_list (Session *session, const Snac *reply);
/* We are on line: what the list should have and has not is added. */
void contacts_signed_on (Session *session);

gboolean contacts_are_loaded (Session *session);
Feedbag *contacts_get_feedbag (Session *session);
/* While libpurple's list is changed by us, its calls about that are to be ignored. */
gboolean contacts_are_changing (Session *session);
void contacts_begin_changing (Session *session);
void contacts_end_changing (Session *session);

/* Waits for the contact's authorization. */
gboolean contacts_is_awaiting (Session *session, const char *name);
gboolean contacts_is_listed (Session *session, guint16 class, const char *name);
/* Puts the contact into libpurple's list as the item says. */
void contacts_show (Session *session, const FeedbagItem *item);

extern const SnacHandler contacts_handlers[];
