/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bart.c - family 10: buddy icons. */
#include "bart.h"

#include "charset.h"

GByteArray *
bart_build_upload (gconstpointer image, gsize length)
{
  GByteArray *out = g_byte_array_new ();

  g_assert (length <= 0xffff);
  bytes_add_u16 (out, BART_ICON);
  bytes_add_u16 (out, (guint) length);
  bytes_add (out, image, length);
  return out;
}

GByteArray *
bart_build_download (const char *owner, gconstpointer hash, gsize length)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_str8 (out, owner);
  bytes_add_u8 (out, 1);
  bytes_add_u16 (out, BART_ICON);
  bytes_add_u8 (out, 0);
  bytes_add_u8 (out, (guint) length);
  bytes_add (out, hash, length);
  return out;
}

gboolean
bart_parse_upload_reply (Reader body, guint8 *code)
{
  *code = reader_u8 (&body);
  return !body.bad;
}

const char *
bart_upload_text (guint8 code)
{
  static const char *const texts[] = {
    "The server took the buddy icon.", "The buddy icon is invalid.", "The server does not allow buddy icons of one's own.",
    "The buddy icon is too small.", "The buddy icon is too big.", "The buddy icon has a type that the server does not take.",
    "The buddy icon is banned.", "The server did not find the buddy icon.",
  };

  return code < G_N_ELEMENTS (texts) ? texts[code] : "The server refused the buddy icon.";
}

gboolean
bart_parse_image (Reader body, BartImage *image)
{
  image->owner = charset_take_any (reader_dup_str8 (&body), NULL);
  reader_u16 (&body);
  reader_u8 (&body);
  image->hash = reader_sub (&body, reader_u8 (&body));
  image->image = reader_sub (&body, reader_u16 (&body));
  return !body.bad && *image->owner != '\0';
}

void
bart_compute_hash (gconstpointer image, gsize length, guint8 hash[BART_HASH_BYTES])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  gsize size = BART_HASH_BYTES;

  if (length > 0)
    g_checksum_update (sum, image, (gssize) length);
  g_checksum_get_digest (sum, hash, &size);
}

char *
bart_dup_hex (gconstpointer hash, gsize length)
{
  const guint8 *bytes = hash;
  GString *out = g_string_sized_new (2 * length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (out, "%02x", bytes[i]);
  return g_string_free (out, FALSE);
}

GByteArray *
bart_build_item (const guint8 hash[BART_HASH_BYTES])
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u8 (out, 0);
  bytes_add_u8 (out, BART_HASH_BYTES);
  bytes_add (out, hash, BART_HASH_BYTES);
  return out;
}

gboolean
bart_parse_item (Reader value, Reader *hash)
{
  reader_u8 (&value);
  *hash = reader_sub (&value, reader_u8 (&value));
  return !value.bad;
}
