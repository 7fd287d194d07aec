/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_message.c - messages as ICQ itself writes them: channel 4, relayed ones, stored ones. */
#include "icq_message.h"

#include <string.h>

#include "charset.h"

#define SEPARATOR 0xfe
#define MOST_FIELDS 1024
#define RELAY_HEAD_BYTES 27
#define RELAY_SECOND_BYTES 14
#define UTF8_GUID "{0946134E-4C7F-11D1-8222-444553540000}"

void
icq_message_set_text (IcqMessage *message, Reader text, const char *fallback)
{
  const guint8 *nul = text.left > 0 ? memchr (text.data, 0, text.left) : NULL;

  if (nul != NULL)
    text.left = (gsize) (nul - text.data);
  g_free (message->text);
  message->text = charset_decode_any (text, fallback);
  g_clear_pointer (&message->fields, g_ptr_array_unref);
  message->fields = g_ptr_array_new_with_free_func (g_free);
  while (message->fields->len < MOST_FIELDS)
    {
      const guint8 *end = text.left > 0 ? memchr (text.data, SEPARATOR, text.left) : NULL;
      Reader field = reader_sub (&text, end != NULL ? (gsize) (end - text.data) : text.left);

      g_ptr_array_add (message->fields, charset_decode_any (field, fallback));
      if (end == NULL)
        break;
      reader_u8 (&text);
    }
}

gboolean
icq_message_parse (Reader block, const char *fallback, IcqMessage *message)
{
  *message = (IcqMessage) { 0 };
  message->from = reader_le32 (&block);
  message->type = reader_u8 (&block);
  message->flags = reader_u8 (&block);
  if (block.bad)
    return FALSE;
  icq_message_set_text (message, reader_sub (&block, reader_le16 (&block)), fallback);
  return !block.bad;
}

gboolean
icq_message_parse_relayed (Reader service, const char *fallback, IcqMessage *message)
{
  Reader head, second, text;
  static const guint8 zeros[16];
  const guint8 *plugin;
  const char *charset = fallback;

  *message = (IcqMessage) { 0 };
  head = reader_sub (&service, reader_le16 (&service));
  reader_le16 (&head);
  plugin = reader_take (&head, sizeof zeros);
  if (plugin == NULL || memcmp (plugin, zeros, sizeof zeros) != 0)
    return FALSE;
  second = reader_sub (&service, reader_le16 (&service));
  message->sequence = reader_le16 (&second);
  message->type = reader_u8 (&service);
  message->flags = reader_u8 (&service);
  reader_le16 (&service);
  reader_le16 (&service);
  text = reader_sub (&service, reader_le16 (&service));
  if (service.bad)
    return FALSE;
  message->wants_ack = TRUE;
  if (message->type == ICQ_PLAIN)
    {
      reader_le32 (&service);
      reader_le32 (&service);
      if (service.left >= 4 + strlen (UTF8_GUID))
        {
          Reader guid = reader_sub (&service, reader_le32 (&service));

          if (guid.left == strlen (UTF8_GUID) && g_ascii_strncasecmp ((const char *) guid.data, UTF8_GUID, guid.left) == 0)
            charset = "UTF-8";
        }
    }
  icq_message_set_text (message, text, charset);
  return TRUE;
}

void
icq_message_clear (IcqMessage *message)
{
  g_clear_pointer (&message->text, g_free);
  g_clear_pointer (&message->fields, g_ptr_array_unref);
}

const char *
icq_message_get_field (const IcqMessage *message, guint index)
{
  return message->fields != NULL && index < message->fields->len ? message->fields->pdata[index] : "";
}

static char *
dup_contacts (const IcqMessage *message)
{
  GString *out = g_string_new ("Contacts:");

  /* A count, then pairs of number and nick. */
  for (guint i = 1; i + 1 < message->fields->len; i += 2)
    g_string_append_printf (out, "\n%s %s", icq_message_get_field (message, i), icq_message_get_field (message, i + 1));
  return g_string_free (out, FALSE);
}

char *
icq_message_dup_readable (const IcqMessage *message)
{
  switch (message->type)
    {
    case ICQ_PLAIN:
      return g_strdup (message->text);
    case ICQ_URL:
      return *icq_message_get_field (message, 0) == '\0'
             ? g_strdup (icq_message_get_field (message, 1))
             : g_strdup_printf ("%s\n%s", icq_message_get_field (message, 0), icq_message_get_field (message, 1));
    case ICQ_PAGER:
    case ICQ_EMAIL:
      return g_strdup_printf ("%s from %s <%s>:\n%s", message->type == ICQ_PAGER ? "Page through the web" : "E-mail",
                              icq_message_get_field (message, 0), icq_message_get_field (message, 3),
                              icq_message_get_field (message, 5));
    case ICQ_CONTACTS:
      return dup_contacts (message);
    default:
      return NULL;
    }
}

GByteArray *
icq_message_build (const IcbmCookie *cookie, const char *to, guint32 own_uin, guint8 type, const char *text)
{
  GByteArray *out = icbm_build_head (cookie, ICBM_CHANNEL_ICQ, to);
  g_autoptr (GByteArray) block = g_byte_array_new ();
  gsize length = MIN (strlen (text), 8000);

  bytes_add_le32 (block, own_uin);
  bytes_add_u8 (block, type);
  bytes_add_u8 (block, 0);
  bytes_add_le16 (block, (guint) length + 1);
  bytes_add (block, text, length);
  bytes_add_u8 (block, 0);
  tlv_add_array (out, 0x05, block);
  tlv_add_empty (out, 0x06);
  return out;
}

GByteArray *
icq_message_build_relay_ack (const IcbmCookie *cookie, const char *to, const IcqMessage *message)
{
  GByteArray *out = icbm_build_client_error (cookie, ICBM_CHANNEL_RENDEZVOUS, to, 3);

  bytes_add_le16 (out, RELAY_HEAD_BYTES);
  bytes_add_le16 (out, 8);
  bytes_add_zeros (out, 16);
  bytes_add_le16 (out, 0);
  bytes_add_le32 (out, 3);
  bytes_add_u8 (out, 0);
  bytes_add_le16 (out, message->sequence);
  bytes_add_le16 (out, RELAY_SECOND_BYTES);
  bytes_add_le16 (out, message->sequence);
  bytes_add_zeros (out, 12);
  bytes_add_u8 (out, message->type);
  bytes_add_u8 (out, message->flags);
  bytes_add_le16 (out, 0);
  bytes_add_le16 (out, 0);
  bytes_add_le16 (out, 1);
  bytes_add_u8 (out, 0);
  if (message->type == ICQ_PLAIN)
    {
      bytes_add_le32 (out, 0);
      bytes_add_le32 (out, 0x00ffffff);
    }
  return out;
}
