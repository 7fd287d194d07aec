/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emoticons.h - custom emoticons, others' and our user's (msnp.md 10.8). */
#pragma once

#include "mime.h"
#include "switchboard.h"

/* Announced for the next text: given to the conversation, and fetched, where it wants them. */
void emoticons_take (Switchboard *switchboard, const char *sender, const MimeMessage *message);

/* Tells of those of our user's that are in a text, before it is sent. */
void emoticons_announce (Switchboard *switchboard, const char *text);
/* The one of our user's with this SHA-1, in base64; NULL: there is none. */
GByteArray *emoticons_get_own (const char *sha1);
