/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oservice.c - family 01: bringing a connection up, one's own status, other services. */
#include "oservice.h"

#include <string.h>

#include "charset.h"
#include "user_info.h"

static const struct {
  guint16 family, version, tool, tool_version;
} known_families[] = {
  { FAMILY_OSERVICE, 4, 0x0110, 0x0629 },
  { FAMILY_LOCATE, 1, 0x0110, 0x0629 },
  { FAMILY_BUDDY, 1, 0x0110, 0x0629 },
  { FAMILY_ICBM, 1, 0x0110, 0x0629 },
  { FAMILY_INVITE, 1, 0x0110, 0x0629 },
  { FAMILY_ADMIN, 1, 0x0010, 0x0629 },
  { FAMILY_POPUP, 1, 0x0104, 0x0001 },
  { FAMILY_PERMIT_DENY, 1, 0x0110, 0x0629 },
  { FAMILY_LOOKUP, 1, 0x0110, 0x0629 },
  { FAMILY_STATS, 1, 0x0104, 0x0001 },
  { FAMILY_CHATNAV, 1, 0x0010, 0x0629 },
  { FAMILY_CHAT, 1, 0x0010, 0x0629 },
  { FAMILY_DIRECTORY, 1, 0x0010, 0x0629 },
  { FAMILY_BART, 1, 0x0010, 0x0629 },
  { FAMILY_FEEDBAG, 4, 0x0110, 0x0629 },
  { FAMILY_ICQ, 1, 0x0110, 0x047c },
  { FAMILY_ALERT, 1, 0x0010, 0x0629 },
};

void
oservice_parse_families (Reader body, Families *families)
{
  families->count = 0;
  while (body.left >= 2 && families->count < OSERVICE_MOST_FAMILIES)
    families->list[families->count++] = reader_u16 (&body);
}

gboolean
families_has (const Families *families, guint16 family)
{
  for (guint i = 0; i < families->count; i++)
    if (families->list[i] == family)
      return TRUE;
  return FALSE;
}

void
families_pick_known (const Families *offered, Families *known)
{
  known->count = 0;
  for (guint i = 0; i < G_N_ELEMENTS (known_families); i++)
    if (families_has (offered, known_families[i].family))
      known->list[known->count++] = known_families[i].family;
}

static void
add_family (GByteArray *out, guint16 family, gboolean tool)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_families); i++)
    if (known_families[i].family == family)
      {
        bytes_add_u16 (out, family);
        bytes_add_u16 (out, known_families[i].version);
        if (tool)
          {
            bytes_add_u16 (out, known_families[i].tool);
            bytes_add_u16 (out, known_families[i].tool_version);
          }
      }
}

GByteArray *
oservice_build_versions (const Families *families)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; i < families->count; i++)
    add_family (out, families->list[i], FALSE);
  return out;
}

GByteArray *
oservice_build_ready (const Families *families)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; i < families->count; i++)
    add_family (out, families->list[i], TRUE);
  return out;
}

char *
oservice_parse_motd (Reader body, guint16 *type)
{
  Tlv tlv;

  *type = reader_u16 (&body);
  if (tlv_find (body, 0x0b, &tlv))
    return charset_decode_any (tlv_reader (&tlv), NULL);
  return g_strdup ("");
}

guint16
oservice_parse_warned (Reader body, char **name)
{
  guint16 level = reader_u16 (&body);
  g_auto (UserInfo) info = { 0 };

  *name = user_info_parse (&body, &info) ? g_steal_pointer (&info.name) : NULL;
  return level;
}

gboolean
oservice_parse_icon_notice (Reader body, IconNotice *notice)
{
  notice->type = reader_u16 (&body);
  notice->flags = reader_u8 (&body);
  notice->hash = reader_sub (&body, reader_u8 (&body));
  return !body.bad;
}

GByteArray *
oservice_build_idle (guint32 seconds)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u32 (out, seconds);
  return out;
}

/* All zeros but the version: some programs of ICQ send rendezvous only to those of version 8 and later. */
static void
add_direct_block (GByteArray *out)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();

  bytes_add_u32 (block, 0);
  bytes_add_u32 (block, 0);
  bytes_add_u8 (block, 0);
  bytes_add_u16 (block, 8);
  bytes_add_u32 (block, 0);
  bytes_add_u32 (block, 80);
  bytes_add_u32 (block, 3);
  bytes_add_zeros (block, 3 * 4 + 2);
  tlv_add_array (out, 0x0c, block);
}

GByteArray *
oservice_build_status (guint32 status, gboolean direct)
{
  GByteArray *out = g_byte_array_new ();

  tlv_add_u32 (out, 0x06, status);
  if (direct)
    add_direct_block (out);
  return out;
}

/* A BART id that holds its data itself; an empty one clears. */
static void
add_bart_text (GByteArray *out, guint16 type, const char *text)
{
  gsize length = MIN (strlen (text), 251);

  while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
    length--;
  bytes_add_u16 (out, type);
  bytes_add_u8 (out, length > 0 ? 0x04 : 0x00);
  bytes_add_u8 (out, length > 0 ? (guint) length + 4 : 0);
  if (length == 0)
    return;
  bytes_add_u16 (out, (guint) length);
  bytes_add (out, text, length);
  bytes_add_u16 (out, 0);
}

GByteArray *
oservice_build_available (const char *text, const char *url)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  GByteArray *out = g_byte_array_new ();

  add_bart_text (ids, 0x0002, text);
  add_bart_text (ids, 0x0009, url);
  tlv_add_array (out, 0x1d, ids);
  return out;
}

void
room_address_clear (RoomAddress *room)
{
  g_clear_pointer (&room->cookie, g_free);
}

void
room_address_add (GByteArray *out, const RoomAddress *room)
{
  bytes_add_u16 (out, room->exchange);
  bytes_add_str8 (out, room->cookie);
  bytes_add_u16 (out, room->instance);
}

gboolean
room_address_parse (Reader *reader, RoomAddress *room)
{
  room->exchange = reader_u16 (reader);
  room->cookie = reader_dup_str8 (reader);
  room->instance = reader_u16 (reader);
  return !reader->bad && *room->cookie != '\0';
}

GByteArray *
oservice_build_service_request (guint16 family, const RoomAddress *room, gboolean ssl)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u16 (out, family);
  if (room != NULL)
    {
      g_autoptr (GByteArray) address = g_byte_array_new ();

      room_address_add (address, room);
      tlv_add_array (out, 0x01, address);
    }
  if (ssl)
    tlv_add_empty (out, 0x8c);
  return out;
}

gboolean
oservice_parse_service_reply (Reader body, ServiceReply *reply)
{
  Tlv tlv;

  *reply = (ServiceReply) { 0 };
  if (tlv_find (body, 0x0d, &tlv))
    reply->family = (guint16) tlv_uint (&tlv);
  if (tlv_find (body, 0x05, &tlv))
    reply->host = tlv_dup_string (&tlv);
  if (tlv_find (body, 0x06, &tlv))
    {
      reply->cookie = g_byte_array_new ();
      bytes_add (reply->cookie, tlv.value, tlv.length);
    }
  if (tlv_find (body, 0x8e, &tlv))
    reply->ssl = (guint8) tlv_uint (&tlv);
  return reply->host != NULL && *reply->host != '\0' && reply->cookie != NULL;
}

gboolean
oservice_parse_migration (Reader body, ServiceReply *reply)
{
  guint count = reader_u16 (&body);

  *reply = (ServiceReply) { 0 };
  reader_sub (&body, (gsize) count * 2);
  return !body.bad && oservice_parse_service_reply (body, reply);
}

void
service_reply_clear (ServiceReply *reply)
{
  g_clear_pointer (&reply->host, g_free);
  g_clear_pointer (&reply->cookie, g_byte_array_unref);
}

guint16
oservice_parse_signoff (Reader tlvs)
{
  Tlv tlv;

  return tlv_find (tlvs, 0x09, &tlv) ? (guint16) tlv_uint (&tlv) : 0;
}
