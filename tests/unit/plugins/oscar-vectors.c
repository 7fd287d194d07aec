/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oscar-vectors.c - the packets in data/oscar-vectors.json, by name. */
#include "oscar-vectors.h"

#include <string.h>

static struct json_object *root;
static GPtrArray *vectors;

static GByteArray *
from_hex (const char *hex)
{
  GByteArray *out = g_byte_array_new ();

  for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
    bytes_add_u8 (out, (guint) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1])));
  return out;
}

static const char *
get_string (struct json_object *object, const char *key)
{
  struct json_object *value;

  return json_object_object_get_ex (object, key, &value) ? json_object_get_string (value) : NULL;
}

void
vectors_load (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "plugins", "data", "oscar-vectors.json", NULL);
  struct json_object *list;

  root = json_object_from_file (path);
  g_assert_nonnull (root);
  g_assert_true (json_object_object_get_ex (root, "vectors", &list));
  vectors = g_ptr_array_new ();
  for (gsize i = 0; i < json_object_array_length (list); i++)
    {
      struct json_object *object = json_object_array_get_idx (list, i);
      Vector *vector = g_new0 (Vector, 1);

      vector->name = get_string (object, "name");
      vector->layer = get_string (object, "layer");
      vector->direction = get_string (object, "direction");
      vector->bytes = from_hex (get_string (object, "hex"));
      json_object_object_get_ex (object, "fields", &vector->fields);
      g_ptr_array_add (vectors, vector);
    }
}

void
vectors_free (void)
{
  for (guint i = 0; i < vectors->len; i++)
    {
      Vector *vector = vectors->pdata[i];

      g_byte_array_unref (vector->bytes);
      g_free (vector);
    }
  g_ptr_array_unref (vectors);
  json_object_put (root);
}

guint
vectors_count (void)
{
  return vectors->len;
}

Vector *
vectors_nth (guint index)
{
  return vectors->pdata[index];
}

Vector *
vectors_get (const char *name)
{
  for (guint i = 0; i < vectors->len; i++)
    {
      Vector *vector = vectors->pdata[i];

      if (g_str_equal (vector->name, name))
        return vector;
    }
  g_error ("no vector %s", name);
}

FlapFrame
vector_frame (const Vector *vector)
{
  FlapFrame frame = { 0 };
  gsize length = 0;

  g_assert_cmpint (flap_parse (vector->bytes->data, vector->bytes->len, &frame, &length), ==, FLAP_FRAME);
  g_assert_cmpuint (length, ==, vector->bytes->len);
  return frame;
}

Snac
vector_snac (const Vector *vector)
{
  FlapFrame frame = vector_frame (vector);
  Snac snac = { 0 };

  g_assert_cmpint (frame.channel, ==, FLAP_DATA);
  g_assert_true (snac_parse (frame.data, &snac));
  return snac;
}

Reader
vectors_get_body (const char *name)
{
  return vector_snac (vectors_get (name)).body;
}

const char *
vector_string (const Vector *vector, const char *field)
{
  const char *value = get_string (vector->fields, field);

  if (value == NULL)
    g_error ("no field %s in %s", field, vector->name);
  return value;
}

gint64
vector_int (const Vector *vector, const char *field)
{
  struct json_object *value;

  if (!json_object_object_get_ex (vector->fields, field, &value))
    g_error ("no field %s in %s", field, vector->name);
  return json_object_get_int64 (value);
}

static void
assert_framed (Vector *vector, GByteArray *data)
{
  g_autoptr (GByteArray) framed = g_byte_array_new ();
  FlapFrame frame = vector_frame (vector);

  flap_add_frame (framed, frame.channel, frame.sequence, data);
  g_test_message ("%s", vector->name);
  g_assert_cmpmem (framed->data, framed->len, vector->bytes->data, vector->bytes->len);
}

void
vector_assert_body (const char *name, GByteArray *body)
{
  g_autoptr (GByteArray) owned = body;
  g_autoptr (GByteArray) data = g_byte_array_new ();
  Vector *vector = vectors_get (name);
  Snac snac = vector_snac (vector);

  snac_add_header (data, snac.family, snac.subtype, snac.flags, snac.id);
  bytes_add_array (data, owned);
  assert_framed (vector, data);
}

void
vector_assert_frame (const char *name, GByteArray *data)
{
  g_autoptr (GByteArray) owned = data;

  assert_framed (vectors_get (name), owned);
}

void
vector_assert_bytes (const char *name, GByteArray *bytes)
{
  g_autoptr (GByteArray) owned = bytes;
  Vector *vector = vectors_get (name);

  g_test_message ("%s", name);
  g_assert_cmpmem (owned->data, owned->len, vector->bytes->data, vector->bytes->len);
}
