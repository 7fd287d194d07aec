/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain_text.h - what a user writes, as MSN takes it (msnp.md 9.1). */
#pragma once

#include <glib.h>

#include "text_format.h"

/* The text of HTML, its lines ended by CR LF.  FORMAT gets the styles, colour and font that cover all of it. */
char *plain_text_from_html (const char *html, TextFormat *format);
/* Pieces of at most MOST bytes, cut between words where that is possible, never inside of a character or of CR LF.
 * NULL: more than MOST_PIECES.  Free it with g_strfreev. */
GStrv plain_text_split (const char *text, gsize most, guint most_pieces);
