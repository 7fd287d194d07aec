/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc.h - what libpurple's IRC plugin needs to be helped with.
 *
 * How its lines leave (irc_sender.h), what the password is for (irc_identify.h),
 * how texts become lines (irc_text.h); and it says little of messages that did not
 * arrive: here the server's own answers are read.
 *
 * All of this does nothing for other protocols, whose accounts have no `irc`. */
#pragma once

#include <purple.h>

#include "accounts.h"
#include "irc_sender.h"
#include "sent.h"

/* After the plugin is loaded. */
void irc_init (void);

/* Before the sign-in, with its options set; may change them. */
void irc_attach (Account *account, const char *password, const char *const *options);
void irc_signed_in (Account *account);
/* The connection is gone. */
void irc_disconnected (Account *account);
void irc_detach (Account *account);

/* One person's nick, and no way to write another line or to more people. */
gboolean irc_is_nick (const char *peer);

/* A server, not a person: its name has dots, which a nick cannot. */
gboolean irc_is_server (const char *name);

/* To a peer that is one; or, with the number of libpurple's chat, to a room: IRC_PEER is none.  FALSE: it failed, and was told. */
#define IRC_PEER -1
gboolean irc_send (Account *account, SentMessage *sent, int chat, const char *text);

/* Asks the server for an answer, to what was written so far; `lines` of it are unproven.  FALSE: not now. */
gboolean irc_ping (Account *account, guint64 number, guint64 lines);

/* Sends one line; what would begin another becomes a blank. */
void irc_send_line (Account *account, const char *text);
/* What was sent to the server last is an order that it may refuse: a topic, a rank, an invitation. */
void irc_note_order (Account *account);
/* As it would be sent. */
char *irc_dup_encoded (const Account *account, const char *text);
/* What came, in UTF-8: as the account's `encoding` and `autodetect_utf8` say.  Free it. */
char *irc_dup_decoded (const Account *account, const char *text);

/* Rooms are joined when services know who we are: then rooms_join_held is called. */
gboolean irc_holds_joins (const Account *account);

/* A server repeats the away text of a peer at each message. */
gboolean irc_is_repeated_away (Account *account, const char *who, const char *text);
/* What the plugin shows as said now is what programs ask each other; the plugin has answered it. */
gboolean irc_is_ctcp (const Account *account);
/* The plugin notifies of something that the hub was already told. */
gboolean irc_knows_notice (Account *account, const char *about);

/* NULL where the network is not IRC. */
IrcSender *irc_get_sender (const Account *account);
