/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyfile.h - GLib's key file format, line by line.
 *
 * GKeyFile stops at the first mistake, forgets line numbers, and merges what
 * stands twice.  A configuration's messages need all three. */
#pragma once

#include <glib.h>

typedef struct {
  guint line;                 /* from 1 */
  char *section;
  char *key;                  /* NULL: the line is the section's heading */
  char *value;                /* escapes (\s \n \t \r \\) decoded; NULL with `key` */
} KeyfileEntry;

/* Reads `text`, called `file` in messages; entries (KeyfileEntry) in their
 * order.  Lines that are none are reported to `problems` (char *,
 * "FILE:LINE: ...") and left out. */
GPtrArray *keyfile_parse (const char *file, const char *text, gsize length, GPtrArray *problems);
