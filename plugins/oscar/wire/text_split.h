/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_split.h - long texts in pieces, between words where that is possible. */
#pragma once

#include <glib.h>

/* Each piece, with AROUND characters that will be put around it, takes at most MOST bytes as it is sent: one for each character, or two for each unit of UTF-16 if there are
 * others than ASCII.  In HTML a tag that is open at a cut is closed there and opened again.  Free it with g_strfreev.
 * NULL: more than MOST_PIECES. */
GStrv text_split (const char *text, gboolean html, gsize most, gsize around, guint most_pieces);
