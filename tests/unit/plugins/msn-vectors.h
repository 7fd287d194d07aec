/* SPDX-License-Identifier: GPL-2.0-or-later */
/* msn-vectors.h - what stands in data/msnp-vectors.json, by name. */
#pragma once

#include <json-c/json.h>

#include "command.h"

typedef struct {
  const char *name, *group, *channel, *direction;
  GByteArray *bytes;              /* a zero byte stands behind them */
  struct json_object *fields;
} MsnVector;

void msn_vectors_load (void);
void msn_vectors_free (void);
guint msn_vectors_count (void);
MsnVector *msn_vectors_nth (guint index);
/* Aborts if there is none. */
MsnVector *msn_vectors_get (const char *name);

/* The members of an object; NULL where there is none, or it is null. */
struct json_object *msn_field (struct json_object *object, const char *key);
const char *msn_field_string (struct json_object *object, const char *key);
gint64 msn_field_int (struct json_object *object, const char *key);

/* The one command in a vector; clear it. */
void msn_vector_command (const MsnVector *vector, Command *command);
