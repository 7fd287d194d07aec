/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option_values.h - single values of account options, checked; knows no libpurple.
 *
 * Options are key, value, key, value, ... with NULL at the end, or NULL for none.
 * What cannot be is a G_IO_ERROR_INVALID_ARGUMENT with a sentence for the user. */
#pragma once

#include <glib.h>

/* The value of a key; the last one counts. */
const char *option_values_get (const char *const *options, const char *key);

/* A key made of a label: "Connect port" as "connect-port". */
char *option_values_dup_slug (const char *label);

gboolean option_values_parse_int (const char *key, const char *value, int *result, GError **error);
gboolean option_values_parse_bool (const char *key, const char *value, gboolean *result, GError **error);
/* No control characters; an "encoding" must be one that iconv knows, or several with commas. */
gboolean option_values_check_text (const char *key, const char *value, GError **error);

/* A part of an account's name after the user: the server of "romeo@irc.example.net". */
typedef struct {
  const char *key;
  const char *label;
  const char *fallback;       /* the default; NULL where there is none */
  char separator;
} OptionPart;

/* The whole name.  A part comes from `options`; else from `name`, where that is
 * whole already; else it is the default. */
char *option_values_compose_name (const char *name, const OptionPart *parts, guint n_parts,
                                  const char *const *options, GError **error);
