/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-msn-messages.c - what people and their programs say in a conversation is read without harm, and what ours says survives. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mime.h"
#include "p2p_packet.h"
#include "picture_object.h"
#include "plain_text.h"
#include "slp.h"
#include "text_parts.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const char *text)
{
  g_assert (text == NULL || g_utf8_validate (text, -1, NULL));
}

static void
read_message (const uint8_t *data, size_t size)
{
  g_auto (MimeMessage) message = { 0 };
  g_autofree char *type = NULL;
  g_autofree char *text = NULL;
  g_autofree char *html = NULL;
  g_auto (TextFormat) format = { 0 };
  g_autoptr (GPtrArray) emoticons = NULL;

  mime_parse (data, size, &message);
  type = mime_dup_type (&message);
  text = mime_dup_text (&message);
  check_text (text);
  text_format_parse (mime_get (&message, "X-MMS-IM-Format"), &format);
  html = text_format_dup_html (&format, text);
  check_text (html);
  emoticons = emoticons_parse (text);
  if (text_parts_concerns (&message))
    {
      TextParts *parts = text_parts_new ();
      g_autoptr (GByteArray) whole = text_parts_add (parts, "a@b.c", &message, data, size, 1);

      g_assert (whole == NULL || whole->len <= size);
      text_parts_free (parts);
    }
}

static void
read_packet (const uint8_t *data, size_t size)
{
  g_auto (SlpMessage) slp = { 0 };
  P2pHeader header;
  const guint8 *inside;

  if (p2p_packet_parse (data, size, &header, &inside))
    {
      g_autoptr (GByteArray) again = g_byte_array_new ();

      g_assert (inside + header.length <= data + size);
      p2p_header_add (again, &header);
      g_assert (memcmp (again->data, data, P2P_HEADER_SIZE) == 0);
    }
  if (slp_parse (data, size, &slp))
    {
      g_autoptr (GByteArray) answer = slp_build_answer (&slp, 603, SLP_TYPE_REQUEST, "");
      g_auto (SlpMessage) read = { 0 };

      g_assert (slp_parse (answer->data, answer->len, &read) && read.kind == SLP_ANSWER && read.status == 603);
      g_assert (g_str_equal (read.call, slp.call));
    }
}

static void
read_context (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (PictureObject) object = { 0 };
  FileContext context = { 0 };

  if (picture_object_parse (text, &object))
    check_text (object.sha1);
  if (file_context_parse (data, size, &context))
    {
      check_text (context.name);
      g_assert (*context.name != '\0' && strpbrk (context.name, "/\\\r\n") == NULL && *context.name != '.');
    }
  g_free (context.name);
}

static void
write_text (const uint8_t *data, size_t size)
{
  g_autofree char *html = g_strndup ((const char *) data, size);
  g_auto (TextFormat) format = { 0 };
  g_autofree char *text = plain_text_from_html (html, &format);
  g_auto (GStrv) pieces = plain_text_split (text, 1 + size % 97, 100000);

  check_text (text);
  g_assert (pieces != NULL);
  for (guint i = 0; pieces[i] != NULL; i++)
    {
      check_text (pieces[i]);
      g_assert (*pieces[i] != '\0' && (strlen (pieces[i]) <= 1 + size % 97 || g_utf8_strlen (pieces[i], -1) == 1));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  read_message (data, size);
  read_packet (data, size);
  read_context (data, size);
  write_text (data, size);
  return 0;
}
