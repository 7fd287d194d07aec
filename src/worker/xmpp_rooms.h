/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp_rooms.h - how the rooms of other XMPP servers are set up, who is banned there, and what rank somebody has (XEP-0045).
 *
 * libpurple's plugin shows a room's form as a question, without the names of its fields; it knows no list of bans, and of
 * affiliations only the owner's.  Here the stanzas are read before it, and some of our own are written beside its. */
#pragma once

#include "accounts.h"

/* After the plugin is loaded, where it is XMPP's. */
void xmpp_rooms_init (void);

/* The account came into a room, or is not in it any more; on other networks nothing. */
void xmpp_rooms_joined (Account *account, const char *name);
void xmpp_rooms_left (Account *account, const char *name);

/* What a new hub has to know of a room. */
void xmpp_rooms_tell_again (Account *account, const char *name);

/* We have said that we leave.  Until the room has answered the plugin takes no new join of it: is_parting.  This presence came
 * of it; if it is that answer, held joins follow (rooms_join_held). */
void xmpp_rooms_part (Account *account, const char *name);
gboolean xmpp_rooms_is_parting (Account *account, const char *name);
void xmpp_rooms_unavailable (Account *account, const char *name, xmlnode *presence);
/* Somebody is there, as this presence says; the room is one of rooms.c. */
void xmpp_rooms_presence (Account *account, const char *room, const char *nick, xmlnode *presence);
/* The rank of an occupant; FALSE: nobody has said. */
gboolean xmpp_rooms_find_rank (Account *account, const char *room, const char *nick, WireRole *role, WireAffiliation *affiliation);
/* Something came from the room: it may say that it is set up otherwise now. */
void xmpp_rooms_message (Account *account, const char *room, xmlnode *message);

/* Commands of the hub, for a room that the account is in. */
void xmpp_rooms_get_settings (Account *account, const WireGetSettings *command);
void xmpp_rooms_set_settings (Account *account, const WireSetSettings *command);
void xmpp_rooms_list_bans (Account *account, const WireListBans *command);
void xmpp_rooms_set_ban (Account *account, const WireSetBan *command);
/* Of somebody who is there; room-done or room-refused says what came of it. */
void xmpp_rooms_moderate (Account *account, const WireModerate *command);

/* The account is gone. */
void xmpp_rooms_forget (Account *account);
