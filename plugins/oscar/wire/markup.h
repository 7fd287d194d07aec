/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.h - HTML as AIM writes it. */
#pragma once

#include <glib.h>

/* Without the tags around the whole, HTML, HEAD and BODY. */
char *markup_dup_inner (const char *html);
/* Around it again, and what cannot stand in a message: a line is broken by BR. */
char *markup_dup_wrapped (const char *html);
/* All of it in ASCII: servers forget the charset of profiles and away messages. */
char *markup_dup_ascii (const char *html);
gboolean markup_is_html_document (const char *text);
/* Plain text, escaped, its lines broken by BR. */
char *markup_dup_escaped (const char *text);
/* %n, %d and %t of an away message: the reader's name, the date and the time of day. */
char *markup_dup_substituted (const char *html, const char *name);
