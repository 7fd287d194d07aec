/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_channels.h - how the channels are set up that an account is in: their modes, and who is banned. */
#pragma once

#include "accounts.h"
#include "irc_text.h"

/* The account came into a channel, or is not in it any more. */
void irc_channels_joined (Account *account, const char *name);
void irc_channels_left (Account *account, const char *name);

/* What a new hub has to know of one. */
void irc_channels_tell_again (Account *account, const char *name);

/* A line came, before the plugin reads it.  Puts another in its place where the plugin would misread it, lent until the next call. */
void irc_channels_line (Account *account, char **line);
/* An error; TRUE: it is about a request here. */
gboolean irc_channels_error (Account *account, const IrcReply *reply);

/* Whether only those may speak there that have a rank. */
gboolean irc_channels_is_moderated (Account *account, const char *name);

/* Commands of the hub, for a channel that the account is in. */
void irc_channels_get_settings (Account *account, const WireGetSettings *command);
void irc_channels_set_settings (Account *account, const WireSetSettings *command);
void irc_channels_list_bans (Account *account, const WireListBans *command);
void irc_channels_set_ban (Account *account, const WireSetBan *command);

/* The account is gone. */
void irc_channels_forget (Account *account);
