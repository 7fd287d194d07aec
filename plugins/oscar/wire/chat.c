/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat.c - families 0D and 0E: rooms. */
#include "chat.h"

#include "charset.h"

#define CHANNEL 3

GByteArray *
chatnav_build_create (guint16 exchange, const char *name)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u16 (out, exchange);
  bytes_add_str8 (out, "create");
  bytes_add_u16 (out, 0xffff);
  bytes_add_u8 (out, 1);
  bytes_add_u16 (out, 3);
  tlv_add_string (out, 0xd3, name);
  tlv_add_string (out, 0xd6, "us-ascii");
  tlv_add_string (out, 0xd7, "en");
  return out;
}

gboolean
chat_parse_room (Reader body, RoomInfo *room)
{
  guint count;
  Tlv tlv;

  *room = (RoomInfo) { 0 };
  if (!room_address_parse (&body, &room->address))
    {
      room->name = g_strdup ("");
      return FALSE;
    }
  reader_u8 (&body);
  count = reader_u16 (&body);
  body = tlv_take_counted (&body, count);
  if (tlv_find (body, 0xd3, &tlv) && tlv.length > 0)
    room->name = charset_decode_any (tlv_reader (&tlv), NULL);
  else
    room->name = room_cookie_dup_name (room->address.cookie);
  if (tlv_find (body, 0xd1, &tlv))
    room->most_bytes = tlv_uint (&tlv);
  return TRUE;
}

gboolean
chatnav_parse_room (Reader body, RoomInfo *room)
{
  Tlv tlv;

  if (tlv_find (body, 0x04, &tlv))
    return chat_parse_room (tlv_reader (&tlv), room);
  *room = (RoomInfo) { 0 };
  return FALSE;
}

void
room_info_clear (RoomInfo *room)
{
  room_address_clear (&room->address);
  g_clear_pointer (&room->name, g_free);
}

char *
room_cookie_dup_name (const char *cookie)
{
  const char *name = cookie;
  GString *out = g_string_new (NULL);

  for (guint dashes = 0; dashes < 2 && name != NULL; dashes++)
    {
      const char *dash = g_utf8_strchr (name, -1, '-');

      name = dash != NULL ? dash + 1 : NULL;
    }
  for (name = name != NULL ? name : cookie; *name != '\0'; name++)
    if (*name == '%' && g_ascii_isxdigit (name[1]) && g_ascii_isxdigit (name[2]))
      {
        int c = g_ascii_xdigit_value (name[1]) << 4 | g_ascii_xdigit_value (name[2]);

        if (c != 0)
          g_string_append_c (out, (char) c);
        name += 2;
      }
    else
      g_string_append_c (out, *name);
  return charset_take_any (g_string_free (out, FALSE), NULL);
}

GByteArray *
chat_build_message (const guint8 cookie[8], const char *text)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (GByteArray) block = g_byte_array_new ();
  guint16 charset;
  g_autoptr (GByteArray) encoded = charset_encode (text, &charset);

  tlv_add_string (block, 0x02, charset_name (charset));
  tlv_add_string (block, 0x03, "en");
  tlv_add_array (block, 0x01, encoded);
  bytes_add (out, cookie, 8);
  bytes_add_u16 (out, CHANNEL);
  tlv_add_empty (out, 0x01);
  tlv_add_empty (out, 0x06);
  tlv_add_array (out, 0x05, block);
  return out;
}

gboolean
chat_parse_message (Reader body, const char *fallback, ChatMessage *message)
{
  Reader from, block;
  g_autofree char *charset = NULL;
  const guint8 *cookie;
  Tlv tlv;

  *message = (ChatMessage) { 0 };
  cookie = reader_take (&body, sizeof message->cookie);
  reader_u16 (&body);
  if (cookie != NULL)
    memcpy (message->cookie, cookie, sizeof message->cookie);
  if (!tlv_find (body, 0x03, &tlv))
    return FALSE;
  from = tlv_reader (&tlv);
  if (!user_info_parse (&from, &message->from) || !tlv_find (body, 0x05, &tlv))
    return FALSE;
  block = tlv_reader (&tlv);
  message->whisper = !tlv_has (body, 0x01);
  if (tlv_find (block, 0x02, &tlv))
    charset = tlv_dup_string (&tlv);
  if (!tlv_find (block, 0x01, &tlv))
    return FALSE;
  message->text = charset_decode_mime (tlv_reader (&tlv), charset, fallback);
  return TRUE;
}

void
chat_message_clear (ChatMessage *message)
{
  user_info_clear (&message->from);
  g_clear_pointer (&message->text, g_free);
}
