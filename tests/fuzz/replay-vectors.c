/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay-vectors.c - the packets, lines and payloads in tests/unit/plugins/data/FUZZ_VECTORS. */
#include <json-c/json.h>
#include <string.h>

#include "replay.h"

const guint replay_words_most = 4;

static GByteArray *
read_bytes (struct json_object *vector)
{
  GByteArray *bytes = g_byte_array_new ();
  struct json_object *value;
  const char *text;

  if (json_object_object_get_ex (vector, "text", &value))
    {
      text = json_object_get_string (value);
      g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
      return bytes;
    }
  g_assert_true (json_object_object_get_ex (vector, "hex", &value));
  for (const char *hex = json_object_get_string (value); hex[0] != '\0' && hex[1] != '\0'; hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

/* What comes behind a line, or behind a head, is what other parsers get. */
static void
add_rest (GPtrArray *words, const GByteArray *whole, const char *end)
{
  gsize length = strlen (end);

  for (gsize i = 0; i + length < whole->len; i++)
    if (memcmp (whole->data + i, end, length) == 0)
      {
        GByteArray *rest = g_byte_array_new ();

        g_byte_array_append (rest, whole->data + i + length, (guint) (whole->len - i - length));
        g_ptr_array_add (words, rest);
        return;
      }
}

GPtrArray *
replay_read_words (void)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "plugins", "data", FUZZ_VECTORS, NULL);
  struct json_object *root = json_object_from_file (file);
  GPtrArray *words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  struct json_object *vectors;

  if (root == NULL || !json_object_object_get_ex (root, "vectors", &vectors))
    g_error ("%s cannot be read", file);
  for (gsize i = 0; i < json_object_array_length (vectors); i++)
    {
      GByteArray *whole = read_bytes (json_object_array_get_idx (vectors, i));

      g_ptr_array_add (words, whole);
      add_rest (words, whole, "\r\n");
      add_rest (words, whole, "\r\n\r\n");
    }
  g_assert_cmpuint (words->len, >, 0);
  json_object_put (root);
  return words;
}
