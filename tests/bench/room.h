/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room.h - a channel of the IRC server as the gateway's users see it: who has been told of whom, and what is said. */
#pragma once

#include "bed.h"

/* One without clients of IRC besides the gateway's, but with people who are there: they are on the list, one of them speaks. */
Room *room_new (Bed *bed, const char *channel, const char *topic, guint n_people);
void room_free (Room *room);

/* Sends what a client sends to join, or to leave. */
void room_join (Room *room, User *user);
void room_leave (Room *room, User *user);

/* These wait until everybody of whom that was wanted is in, or out.  Who is in has been told of all that the IRC server has named
 * and of itself after them, and has the subject.  */
gboolean room_await_in (Room *room, GError **error);
gboolean room_await_out (Room *room, GError **error);

/* Nobody is on the way in or out. */
gboolean room_is_settled (const Room *room);

/* The users in the room know of each other, and of all others there. */
gboolean room_await_complete (Room *room, GError **error);

/* Queue one message: of somebody on IRC, or of a user, whose turn it is. */
void room_say_in (Room *room);
void room_say_out (Room *room);

/* A copy for each of the bed's users, and of what those say one more for IRC. */
Ledger *room_in (Room *room);
Ledger *room_out (Room *room);

/* For bed.c: what concerns the room is taken. */
const char *room_jid (const Room *room);
gboolean room_is_channel (const Room *room, const char *name);
void room_take_stanza (Room *room, User *user, const Stanza *stanza);
void room_take_irc_join (Room *room, User *user, guint n_there);
void room_take_irc_part (Room *room, User *user);
void room_take_irc_message (Room *room, const User *user, const char *text);
