/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oscar-vectors.h - the packets in data/oscar-vectors.json, by name. */
#pragma once

#include <json-c/json.h>

#include "flap.h"
#include "snac.h"

typedef struct {
  const char *name, *layer, *direction;
  GByteArray *bytes;
  struct json_object *fields;
} Vector;

void vectors_load (void);
void vectors_free (void);
guint vectors_count (void);
Vector *vectors_nth (guint index);
/* Aborts if there is none. */
Vector *vectors_get (const char *name);

/* The SNAC in a vector of one frame. */
Snac vector_snac (const Vector *vector);
/* ... and its body, by the vector's name. */
Reader vectors_get_body (const char *name);
/* The data of a frame of another channel. */
FlapFrame vector_frame (const Vector *vector);

const char *vector_string (const Vector *vector, const char *field);
gint64 vector_int (const Vector *vector, const char *field);

/* That a body, framed with the header of the vector, is the vector; frees it. */
void vector_assert_body (const char *name, GByteArray *body);
/* The same of a frame without a SNAC. */
void vector_assert_frame (const char *name, GByteArray *data);
/* The same of whatever has no frame. */
void vector_assert_bytes (const char *name, GByteArray *bytes);
