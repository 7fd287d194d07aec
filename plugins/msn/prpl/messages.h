/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.h - messages that the user sends, and what becomes of them; typing and nudges (msnp.md 9). */
#pragma once

#include "session.h"

/* The payloads of a text in pieces, GByteArray; NULL: too many.  *texts, which may be NULL, gets the pieces alone; free them. */
GPtrArray *messages_build (const char *html, GStrv *texts);

/* For libpurple. */
int messages_send (PurpleConnection *gc, const char *who, const char *html, PurpleMessageFlags flags);
unsigned int messages_send_typing (PurpleConnection *gc, const char *who, PurpleTypingState state);
gboolean messages_send_nudge (PurpleConnection *gc, const char *who, guint type);
GList *messages_get_attention_types (PurpleAccount *account);
void messages_conversation_closed (PurpleConnection *gc, const char *who);
