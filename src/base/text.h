/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - what messages are made of: UTF-8 fit for XML, HTML and XEP-0393. */
#pragma once

#include <glib.h>

/* Whether every character may stand in XML 1.0 and the whole is valid UTF-8. */
gboolean text_is_clean (const char *text, gsize length);

/* A copy with invalid UTF-8 replaced by U+FFFD and characters that XML cannot
 * carry (controls but tab, newline, return; U+FFFE, U+FFFF) left out.  `length`
 * may be -1: up to the NUL. */
char *text_dup_clean (const char *text, gssize length);

/* libpurple's HTML as plain text with XEP-0393 styling: entities decoded, <br>
 * and <p> as newlines, b/strong as *x*, i/em as _x_, s/strike/del as ~x~,
 * code/pre as `x` / fenced, blockquote as "> ", links as "text <url>" unless
 * they are the same, images by their alt text; tags that are none are kept as
 * text.  Never fails: nonsense in, clean text out. */
char *text_dup_from_html (const char *html);

/* Plain text as HTML that shows the same: <>&" escaped, newlines as <br>. */
char *text_dup_to_html (const char *text);

/* The length in bytes of the longest beginning of `text` (valid UTF-8) of at
 * most `most` bytes that ends between characters (grapheme clusters where that
 * is possible), better behind a blank or newline in its last quarter.  At least
 * one character, where there is one. */
gsize text_split_length (const char *text, gsize most);
