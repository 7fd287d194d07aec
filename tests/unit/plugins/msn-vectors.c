/* SPDX-License-Identifier: GPL-2.0-or-later */
/* msn-vectors.c - what stands in data/msnp-vectors.json, by name. */
#include "msn-vectors.h"

#include <string.h>

static struct json_object *root;
static GPtrArray *vectors;

struct json_object *
msn_field (struct json_object *object, const char *key)
{
  struct json_object *value = NULL;

  return object != NULL && json_object_object_get_ex (object, key, &value) ? value : NULL;
}

const char *
msn_field_string (struct json_object *object, const char *key)
{
  struct json_object *value = msn_field (object, key);

  return value != NULL ? json_object_get_string (value) : NULL;
}

gint64
msn_field_int (struct json_object *object, const char *key)
{
  struct json_object *value = msn_field (object, key);

  g_assert_nonnull (value);
  return json_object_get_int64 (value);
}

static GByteArray *
read_bytes (struct json_object *object)
{
  const char *text = msn_field_string (object, "text");
  const char *hex = msn_field_string (object, "hex");
  GByteArray *bytes = g_byte_array_new ();

  if (text != NULL)
    g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
  for (; hex != NULL && hex[0] != '\0' && hex[1] != '\0'; hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  g_byte_array_set_size (bytes, bytes->len - 1);
  return bytes;
}

void
msn_vectors_load (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "plugins", "data", "msnp-vectors.json", NULL);
  struct json_object *list;

  root = json_object_from_file (path);
  g_assert_nonnull (root);
  list = msn_field (root, "vectors");
  vectors = g_ptr_array_new ();
  for (gsize i = 0; i < json_object_array_length (list); i++)
    {
      struct json_object *object = json_object_array_get_idx (list, i);
      MsnVector *vector = g_new0 (MsnVector, 1);

      vector->name = msn_field_string (object, "name");
      vector->group = msn_field_string (object, "group");
      vector->channel = msn_field_string (object, "channel");
      vector->direction = msn_field_string (object, "direction");
      vector->bytes = read_bytes (object);
      vector->fields = msn_field (object, "fields");
      g_ptr_array_add (vectors, vector);
    }
}

void
msn_vectors_free (void)
{
  for (guint i = 0; i < vectors->len; i++)
    {
      MsnVector *vector = vectors->pdata[i];

      g_byte_array_unref (vector->bytes);
      g_free (vector);
    }
  g_ptr_array_unref (vectors);
  json_object_put (root);
}

guint
msn_vectors_count (void)
{
  return vectors->len;
}

MsnVector *
msn_vectors_nth (guint index)
{
  return vectors->pdata[index];
}

MsnVector *
msn_vectors_get (const char *name)
{
  for (guint i = 0; i < vectors->len; i++)
    if (g_str_equal (((MsnVector *) vectors->pdata[i])->name, name))
      return vectors->pdata[i];
  g_error ("no vector %s", name);
}

void
msn_vector_command (const MsnVector *vector, Command *command)
{
  Framer *framer = framer_new ();

  framer_feed (framer, vector->bytes->data, vector->bytes->len);
  g_assert_cmpint (framer_next (framer, command), ==, FRAMER_COMMAND);
  framer_free (framer);
}
