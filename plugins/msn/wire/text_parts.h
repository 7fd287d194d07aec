/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_parts.h - long texts that come in parts (msnp.md 9.2). */
#pragma once

#include "mime.h"

typedef struct TextParts TextParts;

TextParts *text_parts_new (void);
void text_parts_free (TextParts *parts);
/* Is it one of several? */
gboolean text_parts_concerns (const MimeMessage *message);
/* Keeps a part, PAYLOAD being what MESSAGE was parsed from.  When it was the last one that was missing, the payload that the
 * message would have been in one piece; free it.  NOW is in seconds. */
GByteArray *text_parts_add (TextParts *parts, const char *sender, const MimeMessage *message, const void *payload, gsize length, gint64 now);
