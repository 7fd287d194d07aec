/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percent.h - names in commands (msnp.md 3.4), and UTF-8 that must be trusted afterwards. */
#pragma once

#include <glib.h>

/* Decoded, valid UTF-8 without control characters but tab and newline; never NULL. */
char *percent_dup_decoded (const char *text);
/* Everything but letters, digits and -_.~ encoded. */
char *percent_dup_encoded (const char *text);
/* The same of a display name, cut between characters so that it has at most MOST bytes. */
char *percent_dup_encoded_name (const char *name, gsize most);
/* Bad bytes replaced, control characters but tab, return and newline left out. */
char *percent_dup_clean (const char *text, gssize length);
