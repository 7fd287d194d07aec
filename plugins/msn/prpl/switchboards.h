/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboards.h - all conversations of a session. */
#pragma once

#include "switchboard.h"

extern const CommandHandler switchboards_handlers[];

Switchboards *switchboards_new (Session *session);
/* Closes them all. */
void switchboards_free (Switchboards *switchboards);

/* The one between us and WHO, which may not be ready yet; NULL: there is none. */
Switchboard *switchboards_find (Session *session, const char *who);
/* The same, opened if there is none; NULL: too many are open. */
Switchboard *switchboards_need (Session *session, const char *who);
Switchboard *switchboards_find_room (Session *session, int room);
Switchboard *switchboards_open_room (Session *session, const char *who);

/* For switchboard.c. */
void switchboards_remember (Switchboard *switchboard);
void switchboards_forget (Switchboard *switchboard);
