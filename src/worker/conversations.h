/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conversations.h - messages and typing, both ways.
 *
 * libpurple keeps what was said in conversations, for ever.  What comes in is
 * taken before one is made (interpose.c), and those that plugins make by
 * themselves are ended at once. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* Sets libpurple's conversation operations. */
void conversations_init (void);

/* Commands of the hub. */
void conversations_send (const WireSendMessage *message);
void conversations_nudge (const WireSendAttention *message);
void conversations_set_typing (Account *account, const WireSetTyping *message);

/* Ends a conversation at the end of the turn: it may be in use further up. */
void conversations_end (PurpleConversation *conversation);

/* In place of libpurple's functions of these names: serv_got_im, serv_got_typing,
 * purple_conv_present_error. */
void conversations_got_im (PurpleConnection *connection, const char *who, const char *html,
                           PurpleMessageFlags flags, time_t time);
void conversations_got_typing (PurpleConnection *connection, const char *who, PurpleTypingState state);
gboolean conversations_got_error (PurpleAccount *account, const char *who, const char *what);

/* The SIMPLE plugin reads the head of a SIP message. */
void conversations_got_sip (const char *head);
