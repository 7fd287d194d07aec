/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - what the daemon says, for people and for programs. */
#pragma once

#include <glib.h>

/* The text of an answer ({"ok":true,"rows":[...]} or {"ok":true,"text":"..."}):
 * rows as a table with the first row's keys as headings; or with `as_json`, one
 * JSON object a line.  NULL if the daemon refused (G_IO_ERROR_FAILED with its words)
 * or said what is no answer (G_IO_ERROR_INVALID_DATA). */
char *answer_dup_text (const char *line, gboolean as_json, GError **error);
