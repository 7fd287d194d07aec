/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_rooms.h - channels: what the IRC plugin does not tell of them, read from the server's lines.
 *
 * The plugin tells that somebody left, in words for people; the line that it reads at that
 * moment says whether they were kicked, by whom and why. */
#pragma once

#include "accounts.h"
#include "irc_text.h"

/* A line came; it may be changed before the plugin reads it. */
void irc_rooms_line (Account *account, char *line);
/* An error; TRUE: it was about a room, and told. */
gboolean irc_rooms_error (Account *account, const IrcReply *reply);

/* What the plugin writes into a room now was told by other means. */
gboolean irc_rooms_is_told (Account *account);
/* Whether a room may have this name; on other networks: always. */
gboolean irc_rooms_is_name (Account *account, const char *name);

void irc_rooms_moderate (Account *account, const WireModerate *command);
/* Leaves with a last word; FALSE where the network is not IRC, or there is none. */
gboolean irc_rooms_part (Account *account, const WireLeaveRoom *command);

void irc_rooms_forget (Account *account);
