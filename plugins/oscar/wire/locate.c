/* SPDX-License-Identifier: GPL-2.0-or-later */
/* locate.c - family 02: profiles, away messages, capabilities. */
#include "locate.h"

#include <string.h>

#include "charset.h"
#include "markup.h"

#define TYPE "text/aolrtf; charset=\"us-ascii\""

/* Cut where neither a tag nor an entity is open. */
static gsize
cut (const char *html, gsize most)
{
  gsize length = strlen (html);
  gsize safe = 0;
  gboolean in_tag = FALSE, in_entity = FALSE;

  if (most == 0 || length <= most)
    return length;
  for (gsize i = 0; i < most; i++)
    {
      if (!in_tag && !in_entity)
        safe = i;
      if (html[i] == '<')
        in_tag = TRUE;
      else if (html[i] == '>')
        in_tag = FALSE;
      else if (html[i] == '&')
        in_entity = TRUE;
      else if (html[i] == ';' || g_ascii_isspace (html[i]))
        in_entity = FALSE;
    }
  return safe;
}

static void
add_text (GByteArray *out, guint16 type, guint16 text_type, const char *html, gsize most)
{
  g_autofree char *ascii = markup_dup_ascii (html);

  tlv_add_string (out, type, TYPE);
  tlv_add (out, text_type, ascii, cut (ascii, most));
}

void
locate_add_profile (GByteArray *out, const char *html, gsize most)
{
  add_text (out, 0x01, 0x02, html, most);
}

void
locate_add_away (GByteArray *out, const char *html, gsize most)
{
  if (html != NULL)
    add_text (out, 0x03, 0x04, html, most);
  else
    tlv_add_empty (out, 0x04);
}

void
locate_add_capabilities (GByteArray *out, guint32 capabilities)
{
  g_autoptr (GByteArray) uuids = g_byte_array_new ();

  capabilities_add (uuids, capabilities);
  tlv_add_array (out, 0x05, uuids);
}

GByteArray *
locate_build_request (const char *name, guint32 mask)
{
  GByteArray *out = g_byte_array_new ();

  bytes_add_u32 (out, mask);
  bytes_add_str8 (out, name);
  return out;
}

static char *
dup_text (Reader body, guint16 type, guint16 text_type, const char *fallback)
{
  g_autofree char *mime = NULL;
  Tlv tlv;

  if (tlv_find (body, type, &tlv))
    mime = tlv_dup_string (&tlv);
  if (!tlv_find (body, text_type, &tlv) || tlv.length == 0)
    return NULL;
  return charset_decode_mime (tlv_reader (&tlv), mime, fallback);
}

gboolean
locate_parse_reply (Reader body, const char *fallback, LocateReply *reply)
{
  *reply = (LocateReply) { 0 };
  if (!user_info_parse (&body, &reply->user))
    return FALSE;
  reply->profile = dup_text (body, 0x01, 0x02, fallback);
  reply->away = dup_text (body, 0x03, 0x04, fallback);
  return TRUE;
}

void
locate_reply_clear (LocateReply *reply)
{
  user_info_clear (&reply->user);
  g_clear_pointer (&reply->profile, g_free);
  g_clear_pointer (&reply->away, g_free);
}

guint32
locate_parse_rights (Reader body)
{
  Tlv tlv;

  return tlv_find (body, 0x01, &tlv) ? tlv_uint (&tlv) : 0;
}
