/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oft.c - what two programs say to each other when a file goes over, and to a proxy between them. */
#include "oft.h"

#include <string.h>

#include "charset.h"

#define NAME_OFFSET 192
#define NAME_LEAST 64
#define ID "Cool FileXfer"
#define FOLDER_BYTE 0x01
#define PROXY_VERSION 0x044a

gsize
oft_header_length (const guint8 *bytes, gsize length)
{
  Reader reader = reader_of (bytes, length);
  guint16 size;

  if (length > 0 && memcmp (bytes, "OFT2", MIN (length, 4)) != 0)
    return G_MAXSIZE;
  reader_take (&reader, 4);
  size = reader_u16 (&reader);
  if (reader.bad)
    return 0;
  if (size < OFT_HEADER_BYTES || size > OFT_HEADER_MOST)
    return G_MAXSIZE;
  return length < size ? 0 : size;
}

static char *
decode_name (Reader name, guint16 charset, const char *fallback)
{
  g_autofree char *text = NULL;

  if (charset != CHARSET_UTF16)
    {
      const guint8 *nul = memchr (name.data, 0, name.left);

      if (nul != NULL)
        name.left = (gsize) (nul - name.data);
    }
  text = charset_decode (name, charset, fallback, FALSE);
  return g_strdelimit (g_steal_pointer (&text), "\001", '/');
}

gboolean
oft_header_parse (Reader bytes, const char *fallback, OftHeader *header)
{
  const guint8 *cookie;

  *header = (OftHeader) { 0 };
  reader_take (&bytes, 6);
  header->type = reader_u16 (&bytes);
  cookie = reader_take (&bytes, ICBM_COOKIE_BYTES);
  if (cookie != NULL)
    memcpy (header->cookie.bytes, cookie, ICBM_COOKIE_BYTES);
  header->encryption = reader_u16 (&bytes);
  header->compression = reader_u16 (&bytes);
  header->files = reader_u16 (&bytes);
  header->files_left = reader_u16 (&bytes);
  header->parts = reader_u16 (&bytes);
  header->parts_left = reader_u16 (&bytes);
  header->total_bytes = reader_u32 (&bytes);
  header->bytes = reader_u32 (&bytes);
  header->modified = reader_u32 (&bytes);
  header->checksum = reader_u32 (&bytes);
  reader_take (&bytes, 16);
  header->received = reader_u32 (&bytes);
  header->received_checksum = reader_u32 (&bytes);
  reader_take (&bytes, 32);
  header->flags = reader_u8 (&bytes);
  header->list_name_offset = reader_u8 (&bytes);
  header->list_size_offset = reader_u8 (&bytes);
  reader_take (&bytes, 69 + 16);
  header->charset = reader_u16 (&bytes);
  reader_u16 (&bytes);
  if (bytes.bad || bytes.left < NAME_LEAST)
    return FALSE;
  header->name = decode_name (bytes, header->charset, fallback);
  return TRUE;
}

void
oft_header_clear (OftHeader *header)
{
  g_clear_pointer (&header->name, g_free);
}

GByteArray *
oft_header_build (const OftHeader *header)
{
  GByteArray *out = g_byte_array_new ();
  guint16 charset;
  g_autofree char *name = g_strdelimit (g_strdup (header->name), "/", FOLDER_BYTE);
  g_autoptr (GByteArray) encoded = charset_encode (name, &charset);
  gsize length = MIN (encoded->len, OFT_NAME_MOST & ~1);
  gsize field = MAX (NAME_LEAST, length + (charset == CHARSET_UTF16 ? 2 : 1));

  bytes_add (out, "OFT2", 4);
  bytes_add_u16 (out, NAME_OFFSET + (guint) field);
  bytes_add_u16 (out, header->type);
  bytes_add (out, header->cookie.bytes, ICBM_COOKIE_BYTES);
  bytes_add_u16 (out, header->encryption);
  bytes_add_u16 (out, header->compression);
  bytes_add_u16 (out, header->files);
  bytes_add_u16 (out, header->files_left);
  bytes_add_u16 (out, header->parts);
  bytes_add_u16 (out, header->parts_left);
  bytes_add_u32 (out, header->total_bytes);
  bytes_add_u32 (out, header->bytes);
  bytes_add_u32 (out, header->modified);
  bytes_add_u32 (out, header->checksum);
  bytes_add_u32 (out, OFT_CHECKSUM_START);
  bytes_add_u32 (out, 0);
  bytes_add_u32 (out, 0);
  bytes_add_u32 (out, OFT_CHECKSUM_START);
  bytes_add_u32 (out, header->received);
  bytes_add_u32 (out, header->received_checksum);
  bytes_add (out, ID, strlen (ID));
  bytes_add_zeros (out, 32 - strlen (ID));
  bytes_add_u8 (out, header->flags);
  bytes_add_u8 (out, header->list_name_offset);
  bytes_add_u8 (out, header->list_size_offset);
  bytes_add_zeros (out, 69 + 16);
  bytes_add_u16 (out, charset);
  bytes_add_u16 (out, 0);
  bytes_add (out, encoded->data, length);
  bytes_add_zeros (out, field - length);
  return out;
}

guint32
oft_checksum (guint32 checksum, const guint8 *bytes, gsize length, guint64 offset)
{
  guint32 sum = checksum >> 16;

  for (gsize i = 0; i < length; i++)
    {
      guint32 before = sum;

      sum -= (offset + i) % 2 == 0 ? (guint32) bytes[i] << 8 : bytes[i];
      if (sum > before)
        sum--;
    }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum << 16;
}

gboolean
oft_checksum_equal (guint32 a, guint32 b)
{
  a >>= 16;
  b >>= 16;
  return a % 0xffff == b % 0xffff;
}

static GByteArray *
build_proxy (ProxyCommand command, const GByteArray *body)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u16 (out, 10 + body->len);
  bytes_add_u16 (out, PROXY_VERSION);
  bytes_add_u16 (out, command);
  bytes_add_u32 (out, 0);
  bytes_add_u16 (out, 0);
  bytes_add_array (out, body);
  return out;
}

static void
add_capability (GByteArray *body, Capability capability)
{
  g_autoptr (GByteArray) uuid = g_byte_array_new ();

  capability_add (uuid, capability);
  tlv_add_array (body, 0x01, uuid);
}

GByteArray *
proxy_build_create (const char *name, const IcbmCookie *cookie, Capability capability)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  bytes_add_str8 (body, name);
  bytes_add (body, cookie->bytes, ICBM_COOKIE_BYTES);
  add_capability (body, capability);
  return build_proxy (PROXY_CREATE, body);
}

GByteArray *
proxy_build_join (const char *name, guint16 pin, const IcbmCookie *cookie, Capability capability)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  bytes_add_str8 (body, name);
  bytes_add_u16 (body, pin);
  bytes_add (body, cookie->bytes, ICBM_COOKIE_BYTES);
  add_capability (body, capability);
  return build_proxy (PROXY_JOIN, body);
}

gsize
proxy_parse (const guint8 *bytes, gsize length, ProxyFrame *frame)
{
  Reader reader = reader_of (bytes, length);
  guint size = reader_u16 (&reader);
  Reader body;

  *frame = (ProxyFrame) { 0 };
  if (reader.bad)
    return 0;
  if (size < 10 || size > PROXY_FRAME_MOST)
    return G_MAXSIZE;
  body = reader_sub (&reader, size);
  if (body.bad)
    return 0;
  if (reader_u16 (&body) != PROXY_VERSION)
    return G_MAXSIZE;
  frame->command = reader_u16 (&body);
  reader_u32 (&body);
  reader_u16 (&body);
  if (frame->command == PROXY_CREATED)
    {
      frame->pin = reader_u16 (&body);
      frame->ip = reader_u32 (&body);
    }
  else if (frame->command == PROXY_ERROR)
    frame->error = reader_u16 (&body);
  return body.bad ? G_MAXSIZE : 2 + (gsize) size;
}
