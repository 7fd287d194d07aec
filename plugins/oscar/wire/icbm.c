/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icbm.c - family 04: messages on channel 1, typing, acknowledgements. */
#include "icbm.h"

#include <string.h>

#include "charset.h"
#include "screen_names.h"

#define FRAGMENT_TEXT 0x01

void
icbm_cookie_make (IcbmCookie *cookie)
{
  for (guint i = 0; i < ICBM_COOKIE_BYTES; i++)
    cookie->bytes[i] = (guint8) ('0' + g_random_int_range (0, 10));
  /* Some programs treat it as a string. */
  cookie->bytes[ICBM_COOKIE_BYTES - 1] = 0;
}

gboolean
icbm_cookie_equal (const IcbmCookie *a, const IcbmCookie *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

static void
read_cookie (Reader *reader, IcbmCookie *cookie)
{
  const guint8 *bytes = reader_take (reader, ICBM_COOKIE_BYTES);

  if (bytes != NULL)
    memcpy (cookie->bytes, bytes, ICBM_COOKIE_BYTES);
  else
    memset (cookie, 0, sizeof *cookie);
}

GByteArray *
icbm_build_parameters (guint32 flags)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u16 (out, 0);
  bytes_add_u32 (out, flags);
  bytes_add_u16 (out, 8000);
  bytes_add_u16 (out, 999);
  bytes_add_u16 (out, 999);
  bytes_add_u32 (out, 0);
  return out;
}

GByteArray *
icbm_build_head (const IcbmCookie *cookie, guint16 channel, const char *to)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add (out, cookie->bytes, ICBM_COOKIE_BYTES);
  bytes_add_u16 (out, channel);
  bytes_add_str8 (out, to);
  return out;
}

GByteArray *
icbm_build_text (const IcbmCookie *cookie, const char *to, const char *text, gboolean auto_response)
{
  GByteArray *out = icbm_build_head (cookie, ICBM_CHANNEL_TEXT, to);
  g_autoptr (GByteArray) fragments = g_byte_array_new ();
  guint16 charset;
  g_autoptr (GByteArray) encoded = charset_encode (text, &charset);

  /* Features: text. */
  bytes_add_u16 (fragments, 0x0501);
  bytes_add_u16 (fragments, 1);
  bytes_add_u8 (fragments, 1);
  bytes_add_u16 (fragments, 0x0101);
  bytes_add_u16 (fragments, encoded->len + 4);
  bytes_add_u16 (fragments, charset);
  bytes_add_u16 (fragments, 0);
  bytes_add_array (fragments, encoded);

  tlv_add_array (out, 0x02, fragments);
  tlv_add_empty (out, 0x03);
  tlv_add_empty (out, auto_response ? 0x04 : 0x06);
  return out;
}

gboolean
icbm_parse_incoming (Reader body, IcbmIncoming *message)
{
  *message = (IcbmIncoming) { 0 };
  read_cookie (&body, &message->cookie);
  message->channel = reader_u16 (&body);
  if (!user_info_parse (&body, &message->from))
    return FALSE;
  message->tlvs = body;
  return !body.bad;
}

void
icbm_incoming_clear (IcbmIncoming *message)
{
  user_info_clear (&message->from);
}

static char *
parse_fragments (Reader fragments, const char *fallback, gboolean from_icq)
{
  GString *text = NULL;

  while (fragments.left >= 4)
    {
      guint8 id = reader_u8 (&fragments);
      guint16 length, charset;
      Reader data;
      g_autofree char *piece = NULL;

      reader_u8 (&fragments);
      length = reader_u16 (&fragments);
      data = reader_sub (&fragments, length);
      if (fragments.bad)
        break;
      if (id != FRAGMENT_TEXT)
        continue;
      charset = reader_u16 (&data);
      reader_u16 (&data);
      if (data.bad)
        continue;
      piece = charset_decode (data, charset, fallback, from_icq);
      if (text == NULL)
        text = g_string_new (NULL);
      g_string_append (text, piece);
    }
  return text != NULL ? g_string_free (text, FALSE) : NULL;
}

void
icbm_parse_text (Reader tlvs, const char *fallback, gboolean from_icq, IcbmText *message)
{
  Tlv tlv;

  *message = (IcbmText) { 0 };
  while (tlv_next (&tlvs, &tlv))
    switch (tlv.type)
      {
      case 0x02:
        if (message->text == NULL)
          message->text = parse_fragments (tlv_reader (&tlv), fallback, from_icq);
        break;
      case 0x04:
        message->auto_response = TRUE;
        break;
      case 0x0b:
        message->wants_typing = TRUE;
        break;
      case 0x16:
        message->sent = tlv_uint (&tlv);
        break;
      default:
        break;
      }
}

void
icbm_text_clear (IcbmText *message)
{
  g_clear_pointer (&message->text, g_free);
}

gboolean
icbm_parse_ack (Reader body, IcbmCookie *cookie, guint16 *channel, char **name)
{
  read_cookie (&body, cookie);
  *channel = reader_u16 (&body);
  *name = charset_take_any (reader_dup_str8 (&body), NULL);
  return !body.bad;
}

GByteArray *
icbm_build_typing (const char *to, IcbmTyping typing)
{
  GByteArray *out = icbm_build_head (&(IcbmCookie) { { 0 } }, ICBM_CHANNEL_TEXT, to);

  bytes_add_u16 (out, typing);
  return out;
}

gboolean
icbm_parse_typing (Reader body, char **name, guint16 *typing)
{
  IcbmCookie cookie;

  read_cookie (&body, &cookie);
  reader_u16 (&body);
  *name = charset_take_any (reader_dup_str8 (&body), NULL);
  *typing = reader_u16 (&body);
  return !body.bad && !screen_name_is_empty (*name);
}

gboolean
icbm_next_missed (Reader *body, IcbmMissed *missed)
{
  *missed = (IcbmMissed) { 0 };
  if (body->left == 0)
    return FALSE;
  missed->channel = reader_u16 (body);
  if (!user_info_parse (body, &missed->from))
    return FALSE;
  missed->count = reader_u16 (body);
  missed->reason = reader_u16 (body);
  if (!body->bad)
    return TRUE;
  user_info_clear (&missed->from);
  return FALSE;
}

const char *
icbm_missed_text (guint16 reason)
{
  static const char *const texts[] = {
    "they were invalid", "they were too large", "they came too fast",
    "the sender's warning level is too high", "your warning level is too high",
  };

  return reason < G_N_ELEMENTS (texts) ? texts[reason] : "of a reason that is not known";
}

GByteArray *
icbm_build_warning (const char *to, gboolean anonymous)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u16 (out, anonymous ? 1 : 0);
  bytes_add_str8 (out, to);
  return out;
}

gboolean
icbm_parse_warning_reply (Reader body, guint16 *increase, guint16 *level)
{
  *increase = reader_u16 (&body);
  *level = reader_u16 (&body);
  return !body.bad;
}

GByteArray *
icbm_build_client_error (const IcbmCookie *cookie, guint16 channel, const char *to, guint16 reason)
{
  GByteArray *out = icbm_build_head (cookie, channel, to);

  bytes_add_u16 (out, reason);
  return out;
}

GByteArray *
icbm_build_decline (const IcbmCookie *cookie, const char *to)
{
  GByteArray *out = icbm_build_client_error (cookie, ICBM_CHANNEL_RENDEZVOUS, to, 3);

  bytes_add_u16 (out, 2);
  bytes_add_u16 (out, 1);
  return out;
}

gboolean
icbm_parse_client_error (Reader body, IcbmClientError *error)
{
  read_cookie (&body, &error->cookie);
  error->channel = reader_u16 (&body);
  error->name = charset_take_any (reader_dup_str8 (&body), NULL);
  error->reason = reader_u16 (&body);
  error->data = body;
  return !body.bad && !screen_name_is_empty (error->name);
}
