/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.h - conversations of several people, as chats without a name (msnp.md 8.5). */
#pragma once

#include "switchboard.h"

/* For switchboard.c: it becomes one, people come and go, it is over.  The last may be called for any. */
void rooms_begin (Switchboard *switchboard);
void rooms_member_joined (Switchboard *switchboard, const Member *member);
void rooms_member_left (Switchboard *switchboard, const char *address);
void rooms_ended (Switchboard *switchboard);
/* Something that went wrong, as a line in the chat, or a notice. */
void rooms_tell (Switchboard *switchboard, const char *text);

/* For libpurple. */
void rooms_invite (PurpleConnection *gc, int id, const char *message, const char *who);
void rooms_leave (PurpleConnection *gc, int id);
int rooms_send (PurpleConnection *gc, int id, const char *html, PurpleMessageFlags flags);
GList *rooms_list_for_node (PurpleBlistNode *node);
