/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_fields.h - libpurple's forms, both ways. */
#pragma once

#include <purple.h>

#include "questions.h"

/* Tells the hub each field, before the question itself. */
void request_fields_tell (PurpleRequestFields *fields, gint64 account, Question *question);

/* Fills in what the user did: `answer` is key, value, ..., or NULL.  FALSE with an
 * error for the user if a value cannot be or a needed one is missing. */
gboolean request_fields_take (PurpleRequestFields *fields, const char *const *answer, GError **error);
