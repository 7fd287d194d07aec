/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rendezvous.c - family 04, channel 2: proposals to meet, T(05). */
#include "rendezvous.h"

#include <string.h>

#include "charset.h"

static void
parse_tlv (const Tlv *tlv, Rendezvous *rendezvous, Reader *text)
{
  switch (tlv->type)
    {
    case 0x02:
      rendezvous->rendezvous_ip = tlv_uint (tlv);
      break;
    case 0x03:
      rendezvous->client_ip = tlv_uint (tlv);
      break;
    case 0x04:
      rendezvous->verified_ip = tlv_uint (tlv);
      break;
    case 0x05:
      rendezvous->port = (guint16) tlv_uint (tlv);
      break;
    case 0x0a:
      rendezvous->sequence = (guint16) tlv_uint (tlv);
      break;
    case 0x0b:
      rendezvous->reason = (guint16) tlv_uint (tlv);
      break;
    case 0x0c:
      *text = tlv_reader (tlv);
      break;
    case 0x10:
      rendezvous->use_proxy = TRUE;
      break;
    case 0x2711:
      rendezvous->service = tlv_reader (tlv);
      break;
    case 0x2712:
      g_free (rendezvous->charset);
      rendezvous->charset = tlv_dup_string (tlv);
      break;
    default:
      break;
    }
}

gboolean
rendezvous_parse (Reader tlvs, const char *fallback, Rendezvous *rendezvous)
{
  Reader block, text = { 0 };
  const guint8 *cookie, *uuid;
  Tlv tlv;

  *rendezvous = (Rendezvous) { 0 };
  if (!tlv_find (tlvs, 0x05, &tlv))
    return FALSE;
  block = tlv_reader (&tlv);
  rendezvous->type = reader_u16 (&block);
  cookie = reader_take (&block, ICBM_COOKIE_BYTES);
  uuid = reader_take (&block, CAPABILITY_BYTES);
  if (uuid == NULL)
    return FALSE;
  memcpy (rendezvous->cookie.bytes, cookie, ICBM_COOKIE_BYTES);
  memcpy (rendezvous->uuid, uuid, CAPABILITY_BYTES);
  rendezvous->capability = capability_of (uuid);
  tlvs = block;
  while (tlv_next (&block, &tlv))
    parse_tlv (&tlv, rendezvous, &text);
  if (text.data != NULL)
    {
      g_autofree char *charset = tlv_find (tlvs, 0x0d, &tlv) ? tlv_dup_string (&tlv) : NULL;

      rendezvous->text = charset_decode_mime (text, charset, fallback);
    }
  return TRUE;
}

void
rendezvous_clear (Rendezvous *rendezvous)
{
  g_clear_pointer (&rendezvous->text, g_free);
  g_clear_pointer (&rendezvous->charset, g_free);
}

gboolean
file_offer_parse (Reader service, const char *charset, const char *fallback, FileOffer *offer)
{
  const guint8 *nul;

  offer->several = reader_u16 (&service) != 1;
  offer->count = reader_u16 (&service);
  offer->bytes = reader_u32 (&service);
  if (service.bad)
    {
      offer->name = g_strdup ("");
      return FALSE;
    }
  nul = service.left > 0 ? memchr (service.data, 0, service.left) : NULL;
  if (nul != NULL)
    service.left = (gsize) (nul - service.data);
  offer->name = charset_decode_mime (service, charset, fallback);
  return *offer->name != '\0';
}

/* The message as it would be, put into T(05). */
static GByteArray *
wrap (const IcbmCookie *cookie, const char *to, RendezvousType type, Capability capability, const GByteArray *tlvs)
{
  GByteArray *out = icbm_build_head (cookie, ICBM_CHANNEL_RENDEZVOUS, to);
  g_autoptr (GByteArray) block = g_byte_array_new ();

  bytes_add_u16 (block, type);
  bytes_add (block, cookie->bytes, ICBM_COOKIE_BYTES);
  capability_add (block, capability);
  if (tlvs != NULL)
    bytes_add_array (block, tlvs);
  tlv_add_array (out, 0x05, block);
  return out;
}

GByteArray *
rendezvous_build_accept (const IcbmCookie *cookie, const char *to, Capability capability)
{
  return wrap (cookie, to, RENDEZVOUS_ACCEPT, capability, NULL);
}

GByteArray *
rendezvous_build_cancel (const IcbmCookie *cookie, const char *to, Capability capability, guint16 reason)
{
  g_autoptr (GByteArray) tlvs = g_byte_array_new ();

  tlv_add_u16 (tlvs, 0x0b, reason);
  return wrap (cookie, to, RENDEZVOUS_CANCEL, capability, tlvs);
}

GByteArray *
rendezvous_build_chat_invite (const IcbmCookie *cookie, const char *to, const char *text, const RoomAddress *room)
{
  g_autoptr (GByteArray) tlvs = g_byte_array_new ();
  g_autoptr (GByteArray) address = g_byte_array_new ();
  guint16 charset;
  g_autoptr (GByteArray) encoded = charset_encode (text, &charset);

  tlv_add_u16 (tlvs, 0x0a, 1);
  tlv_add_empty (tlvs, 0x0f);
  tlv_add_array (tlvs, 0x0c, encoded);
  if (charset != CHARSET_ASCII)
    tlv_add_string (tlvs, 0x0d, charset_name (charset));
  room_address_add (address, room);
  tlv_add_array (tlvs, 0x2711, address);
  return wrap (cookie, to, RENDEZVOUS_PROPOSE, CAP_CHAT, tlvs);
}

static void
add_offer (GByteArray *tlvs, const FileOffer *offer)
{
  g_autoptr (GByteArray) service = g_byte_array_new ();

  bytes_add_u16 (service, offer->several ? 2 : 1);
  bytes_add_u16 (service, offer->count);
  bytes_add_u32 (service, offer->bytes);
  bytes_add (service, offer->name, strlen (offer->name) + 1);
  tlv_add_array (tlvs, 0x2711, service);
  tlv_add_string (tlvs, 0x2712, "utf-8");
}

GByteArray *
rendezvous_build_file (const IcbmCookie *cookie, const char *to, const MeetingPlace *place, const FileOffer *offer)
{
  g_autoptr (GByteArray) tlvs = g_byte_array_new ();
  GByteArray *out;

  tlv_add_u16 (tlvs, 0x0a, place->sequence);
  if (place->sequence == 1)
    tlv_add_empty (tlvs, 0x0f);
  if (place->use_proxy)
    {
      tlv_add_u32 (tlvs, 0x02, place->ip);
      tlv_add_u32 (tlvs, 0x16, ~place->ip);
    }
  else
    tlv_add_u32 (tlvs, 0x03, place->ip);
  tlv_add_u16 (tlvs, 0x05, place->port);
  tlv_add_u16 (tlvs, 0x17, (guint16) ~place->port);
  if (place->use_proxy)
    tlv_add_empty (tlvs, 0x10);
  else
    {
      tlv_add_u32 (tlvs, 0x02, place->ip);
      tlv_add_u32 (tlvs, 0x16, ~place->ip);
    }
  if (offer != NULL)
    add_offer (tlvs, offer);
  out = wrap (cookie, to, RENDEZVOUS_PROPOSE, CAP_SEND_FILE, tlvs);
  if (place->sequence == 1)
    tlv_add_empty (out, 0x03);
  return out;
}
