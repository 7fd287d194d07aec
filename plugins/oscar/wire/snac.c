/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snac.c - SNACs, the messages on FLAP's channel 2. */
#include "snac.h"

gboolean
snac_parse (Reader data, Snac *snac)
{
  snac->family = reader_u16 (&data);
  snac->subtype = reader_u16 (&data);
  snac->flags = reader_u16 (&data);
  snac->id = reader_u32 (&data);
  if (snac->flags & SNAC_FLAG_EXTRA)
    reader_sub (&data, reader_u16 (&data));
  snac->body = data;
  return !data.bad;
}

void
snac_add_header (GByteArray *out, guint16 family, guint16 subtype, guint16 flags, guint32 id)
{
  bytes_add_u16 (out, family);
  bytes_add_u16 (out, subtype);
  bytes_add_u16 (out, flags);
  bytes_add_u32 (out, id);
}

void
snac_error_parse (const Snac *snac, SnacError *error)
{
  Reader body = snac->body;
  Tlv tlv;

  error->code = reader_u16 (&body);
  error->subcode = 0;
  error->text = NULL;
  if (tlv_find (body, 0x08, &tlv))
    error->subcode = (guint16) tlv_uint (&tlv);
  if (tlv_find (body, 0x1b, &tlv))
    error->text = tlv_dup_string (&tlv);
}

void
snac_error_clear (SnacError *error)
{
  g_clear_pointer (&error->text, g_free);
}

const char *
snac_error_text (guint16 code)
{
  static const char *const texts[] = {
    [0x01] = "The server does not know this request.",
    [0x02] = "We send too fast for the server.",
    [0x03] = "The other side cannot receive that fast.",
    [0x04] = "The user is not signed on.",
    [0x05] = "The service is not available.",
    [0x06] = "The server does not have this service.",
    [0x07] = "The request is obsolete.",
    [0x08] = "The server does not support this.",
    [0x09] = "The other side's program does not support this.",
    [0x0a] = "The other side's program refused it.",
    [0x0b] = "The answer is too big.",
    [0x0c] = "Answers were lost.",
    [0x0d] = "The server denied the request.",
    [0x0e] = "The server could not read the request; perhaps it is too long.",
    [0x0f] = "You do not have the right to do this.",
    [0x10] = "You block this user.",
    [0x11] = "Your warning level is too high.",
    [0x12] = "The user's warning level is too high.",
    [0x13] = "The user is temporarily unavailable.",
    [0x14] = "Nobody was found.",
    [0x15] = "The list is full.",
    [0x16] = "The request is ambiguous.",
    [0x17] = "The server is busy.",
    [0x18] = "This is not possible while on AOL.",
    [0x19] = "The query failed.",
    [0x1a] = "The server did not answer in time.",
    [0x1b] = "The server refused it.",
    [0x1c] = "The server reports a general failure.",
    [0x1d] = "The request is being worked on.",
    [0x1e] = "This is not possible in the free area.",
    [0x1f] = "Parental control does not permit this.",
    [0x20] = "The user may not receive this.",
  };

  if (code < G_N_ELEMENTS (texts) && texts[code] != NULL)
    return texts[code];
  return "The server reports an unknown error.";
}
