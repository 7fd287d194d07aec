/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charset.h - the ways in which OSCAR writes text (oscar.md 1.5).
 *
 * Whatever comes in, what comes out is UTF-8 without NULs: a message is never lost for its bytes.  `fallback` is the
 * account's encoding for bytes that name none and are not UTF-8; NULL or an unknown one: ISO-8859-1.  */
#pragma once

#include "bytes.h"

#define CHARSET_ASCII 0
#define CHARSET_UTF16 2
#define CHARSET_LATIN1 3

/* Text of an instant message with its number of a charset; prefer_fallback: ISO-8859-1 is not believed (from ICQ). */
char *charset_decode (Reader text, guint16 charset, const char *fallback, gboolean prefer_fallback);
/* Text with a MIME type, "text/x-aolrtf; charset=\"unicode-2-0\"", or only the name of a charset; may be NULL. */
char *charset_decode_mime (Reader text, const char *type, const char *fallback);
/* Text that says nothing about itself: UTF-8 if it can be. */
char *charset_decode_any (Reader text, const char *fallback);
/* The same for a C string; frees it. */
char *charset_take_any (char *bytes, const char *fallback);

/* For sending: ASCII if that does, otherwise UTF-16. */
GByteArray *charset_encode (const char *utf8, guint16 *charset);
gsize charset_encoded_size (const char *utf8);
/* The name of a charset number in chat messages. */
const char *charset_name (guint16 charset);
/* At most so many bytes, no character in halves; NULL: "".  What users type must not make a frame too long. */
char *charset_dup_cut (const char *utf8, gsize most);
/* Old ICQ texts: in CHARSET, with question marks for what it does not have. */
char *charset_dup_legacy (const char *utf8, const char *charset);
