/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.c - reading and writing the integers and strings of OSCAR. */
#include "bytes.h"

#include <string.h>

Reader
reader_of (gconstpointer data, gsize length)
{
  return (Reader) { .data = data, .left = length };
}

const guint8 *
reader_take (Reader *reader, gsize length)
{
  const guint8 *here = reader->data;

  if (reader->bad || length > reader->left)
    {
      reader->bad = TRUE;
      reader->left = 0;
      return NULL;
    }
  if (length > 0)
    reader->data += length;
  reader->left -= length;
  return here;
}

Reader
reader_sub (Reader *reader, gsize length)
{
  const guint8 *data = reader_take (reader, length);

  if (reader->bad)
    return (Reader) { .bad = TRUE };
  return reader_of (data, length);
}

Reader
reader_rest (Reader *reader)
{
  return reader_sub (reader, reader->left);
}

guint8
reader_u8 (Reader *reader)
{
  const guint8 *b = reader_take (reader, 1);

  return b != NULL ? b[0] : 0;
}

guint16
reader_u16 (Reader *reader)
{
  const guint8 *b = reader_take (reader, 2);

  return b != NULL ? (guint16) (b[0] << 8 | b[1]) : 0;
}

guint32
reader_u32 (Reader *reader)
{
  const guint8 *b = reader_take (reader, 4);

  return b != NULL ? (guint32) b[0] << 24 | (guint32) b[1] << 16 | (guint32) b[2] << 8 | b[3] : 0;
}

guint16
reader_le16 (Reader *reader)
{
  /* The macro uses its argument twice. */
  guint16 value = reader_u16 (reader);

  return GUINT16_SWAP_LE_BE (value);
}

guint32
reader_le32 (Reader *reader)
{
  guint32 value = reader_u32 (reader);

  return GUINT32_SWAP_LE_BE (value);
}

static char *
dup_string (Reader *reader, gsize length)
{
  const guint8 *data = reader_take (reader, length);

  return data != NULL ? g_strndup ((const char *) data, length) : g_strdup ("");
}

char *
reader_dup_str8 (Reader *reader)
{
  return dup_string (reader, reader_u8 (reader));
}

char *
reader_dup_str16 (Reader *reader)
{
  return dup_string (reader, reader_u16 (reader));
}

char *
reader_dup_lestr (Reader *reader)
{
  return dup_string (reader, reader_le16 (reader));
}

void
bytes_add (GByteArray *out, gconstpointer data, gsize length)
{
  g_assert (length <= G_MAXINT);
  if (length > 0)
    g_byte_array_append (out, data, (guint) length);
}

void
bytes_add_array (GByteArray *out, const GByteArray *more)
{
  bytes_add (out, more->data, more->len);
}

void
bytes_add_zeros (GByteArray *out, gsize length)
{
  guint before = out->len;

  g_byte_array_set_size (out, before + (guint) length);
  if (length > 0)
    memset (out->data + before, 0, length);
}

void
bytes_add_u8 (GByteArray *out, guint value)
{
  guint8 b = (guint8) value;

  bytes_add (out, &b, 1);
}

void
bytes_add_u16 (GByteArray *out, guint value)
{
  guint16 b = GUINT16_TO_BE ((guint16) value);

  bytes_add (out, &b, 2);
}

void
bytes_add_u32 (GByteArray *out, guint32 value)
{
  guint32 b = GUINT32_TO_BE (value);

  bytes_add (out, &b, 4);
}

void
bytes_add_le16 (GByteArray *out, guint value)
{
  guint16 b = GUINT16_TO_LE ((guint16) value);

  bytes_add (out, &b, 2);
}

void
bytes_add_le32 (GByteArray *out, guint32 value)
{
  guint32 b = GUINT32_TO_LE (value);

  bytes_add (out, &b, 4);
}

void
bytes_add_str8 (GByteArray *out, const char *string)
{
  gsize length = MIN (strlen (string), 0xff);

  bytes_add_u8 (out, (guint) length);
  bytes_add (out, string, length);
}

void
bytes_add_str16 (GByteArray *out, const char *string)
{
  gsize length = MIN (strlen (string), 0xffff);

  bytes_add_u16 (out, (guint) length);
  bytes_add (out, string, length);
}

void
bytes_add_lestr (GByteArray *out, const char *string)
{
  gsize length = MIN (strlen (string), 0xfffe);

  /* The empty string has no NUL either. */
  bytes_add_le16 (out, length > 0 ? (guint) length + 1 : 0);
  if (length > 0)
    {
      bytes_add (out, string, length);
      bytes_add_u8 (out, 0);
    }
}
