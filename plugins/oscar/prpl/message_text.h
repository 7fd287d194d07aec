/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message_text.h - texts as libpurple has them, and as they go over the network (oscar.md 1.5). */
#pragma once

#include <glib.h>

/* HTML of libpurple as pieces that each fit into a message: HTML again, or plain text. Free it with g_strfreev.
 * NULL: so long that it would be more pieces than anybody should send at once. */
GStrv message_text_split (const char *html, gboolean plain);
/* What came in, as HTML of libpurple; from_uin: it may be plain text. Free it. */
char *message_text_dup_html (const char *text, gboolean from_uin);
