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

extern const SnacHandler messages_handlers[];
