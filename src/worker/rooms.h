/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.h - libpurple's chats: joining and leaving them, who is there, what is said.
 *
 * A Room begins when the hub wants to join it, or when a plugin opens it unasked, and
 * ends with room-closed, with leave-room, or with its account. */
#pragma once

#include <purple.h>

#include "accounts.h"
#include "sent.h"
#include "unheard.h"

typedef struct Room Room;

/* Listens to libpurple's signals. */
void rooms_init (void);
/* Fills the operations that concern chats. */
void rooms_set_operations (PurpleConversationUiOps *ops);
/* What libpurple makes, ends and writes; the conversation is a chat. */
void rooms_created (PurpleConversation *conversation);
void rooms_destroyed (PurpleConversation *conversation);
void rooms_write (PurpleConversation *conversation, const char *who, const char *html, PurpleMessageFlags flags, time_t when);

/* Whether the network has rooms. */
gboolean rooms_are_there (void);

/* Commands of the hub. */
void rooms_join (const WireJoinRoom *command);
/* Those for which it was too early (irc_holds_joins, xmpp_rooms_is_parting), and is no more. */
void rooms_join_held (Account *account);
void rooms_leave (Account *account, const WireLeaveRoom *command);
void rooms_set_topic (Account *account, const WireSetTopic *command);
void rooms_set_nick (Account *account, const WireSetNick *command);
void rooms_moderate (Account *account, const WireModerate *command);
void rooms_invite (Account *account, const WireInvite *command);
/* All that a new hub has to know of the account's rooms. */
void rooms_tell_again (Account *account, const Unheard *unheard);
/* A message to the room that `sent->peer` names. */
void rooms_send (Account *account, SentMessage *sent, const char *text);

/* Why somebody goes, where the protocol says more of it than libpurple. */
typedef struct {
  WireRoomEnd end;
  char *actor, *text;         /* may be NULL */
} RoomLeave;

/* What the plugin is about to do makes this nick leave rooms, or us if it is ours.  Takes the texts; holds until the next call.
 * `account` NULL: nothing of the kind. */
void rooms_expect_leave (Account *account, const char *nick, RoomLeave leave);

/* The network does not let us into a room of this name; FALSE if we do not wait for that. */
gboolean rooms_join_failed (Account *account, const char *name, WireRoomEnd end, const char *text);
/* It refused something; `name` NULL: nobody knows in which room. */
void rooms_refused (Account *account, const char *name, WireRoomDeed deed, WireCause cause, const char *text);
/* Whether there is a room of this name. */
gboolean rooms_has (Account *account, const char *name);
/* ... and we are in it. */
gboolean rooms_is_joined (Account *account, const char *name);
/* Somebody has another rank there than the plugin tells. */
void rooms_tell_rank (Account *account, const char *name, const char *nick);
/* What makes a rank of those that have none of their own has changed. */
void rooms_tell_ranks (Account *account, const char *name);

/* The account is gone. */
void rooms_forget (Account *account);
