/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.h - messages that the user sends, what becomes of them, and typing (oscar.md 5). */
#pragma once

#include <purple.h>

#include "dispatch.h"
#include "icbm.h"

Messages *messages_new (Session *session);
void messages_free (Messages *messages);

/* Calls of libpurple. What is sent has a number, which is returned; signals say what became of it. */
int messages_send (PurpleConnection *gc, const char *who, const char *html, PurpleMessageFlags flags);
unsigned int messages_send_typing (PurpleConnection *gc, const char *who, PurpleTypingState state);
void messages_conversation_closed (PurpleConnection *gc, const char *who);

/* The peer's program wants to know that we type. */
void messages_note_typing_wanted (Session *session, const char *who);
/* The peer's program did not take the message with this cookie. */
void messages_refused (Session *session, const IcbmCookie *cookie, const char *why);

/* Why a message failed, for hosts; the sentence beside it is for people. */
typedef enum {
  MESSAGE_REFUSED = 0,        /* by the server, or the peer's program */
  MESSAGE_NO_PEER = 1,        /* there is no such name */
  MESSAGE_BUSY = 2,           /* too fast, or too much is stored or waits already */
  MESSAGE_NOT_SIGNED_ON = 3,  /* our connection ended */
  MESSAGE_PEER_OFF_LINE = 4,  /* and takes no messages then */
} MessageFailure;

/* "message-delivered" and "message-failed" on the plugin's handle: exactly one of them, once, for each message. */
void messages_register_signals (PurplePlugin *plugin);
void messages_unregister_signals (PurplePlugin *plugin);

extern const SnacHandler messages_handlers[];
