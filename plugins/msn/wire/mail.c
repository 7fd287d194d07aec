/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail.c - offline messages as mail. */
#include "mail.h"

#include <string.h>

#include "address.h"
#include "markup_scan.h"
#include "mime.h"
#include "percent.h"

#define MOST_WAITING 500
#define INSTANT_MESSAGE "11"

/* -- Words ----------------------------------------------------------------- */

static GByteArray *
decode_quoted (const char *text)
{
  GByteArray *out = g_byte_array_new ();

  for (; *text != '\0'; text++)
    {
      guint8 byte = *text == '_' ? ' ' : (guint8) *text;

      if (text[0] == '=' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
        {
          byte = (guint8) (g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2]));
          text += 2;
        }
      g_byte_array_append (out, &byte, 1);
    }
  return out;
}

/* "=?CHARSET?B?...?=" at TEXT: its meaning, and its length; NULL: it is no word. */
static char *
dup_word (const char *text, gsize *length)
{
  const char *kind = strchr (text + 2, '?');
  const char *data = kind != NULL && kind[1] != '\0' && kind[2] == '?' ? kind + 3 : NULL;
  const char *end = data != NULL ? strstr (data, "?=") : NULL;
  g_autofree char *charset = NULL;
  g_autofree char *inside = NULL;
  g_autoptr (GByteArray) bytes = NULL;

  if (end == NULL || kind - text > 42)
    return NULL;
  charset = g_strndup (text + 2, (gsize) (kind - text) - 2);
  /* Blanks may stand before the end (11.1). */
  inside = g_strstrip (g_strndup (data, (gsize) (end - data)));
  if (g_ascii_toupper (kind[1]) == 'B')
    {
      gsize size = 0;
      guchar *decoded = g_base64_decode (inside, &size);

      bytes = g_byte_array_new_take (decoded, size);
    }
  else if (g_ascii_toupper (kind[1]) == 'Q')
    bytes = decode_quoted (inside);
  else
    return NULL;
  *length = (gsize) (end - text) + 2;
  return mime_dup_decoded (bytes->data != NULL ? (const char *) bytes->data : "", bytes->len, charset);
}

char *
mail_dup_decoded_words (const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize length = 0;
      char *word = g_str_has_prefix (text, "=?") ? dup_word (text, &length) : NULL;

      if (word != NULL)
        g_string_append (out, word);
      else
        g_string_append_c (out, *text);
      text += word != NULL ? length : 1;
      g_free (word);
    }
  return percent_dup_clean (out->str, (gssize) out->len);
}

char *
mail_dup_encoded_word (const char *text, gsize most)
{
  g_autofree char *clean = percent_dup_clean (text, -1);
  const char *end = clean;
  g_autofree char *base64 = NULL;

  while (*end != '\0' && (gsize) (g_utf8_next_char (end) - clean) <= most)
    end = g_utf8_next_char (end);
  base64 = g_base64_encode ((const guchar *) clean, (gsize) (end - clean));
  return g_strdup_printf ("=?utf-8?B?%s?=", base64);
}

/* -- What waits ------------------------------------------------------------- */

static void
waiting_free (gpointer data)
{
  WaitingMail *mail = data;

  g_free (mail->id);
  g_free (mail->from);
  g_free (mail);
}

GPtrArray *
mail_parse_waiting (const char *text, gsize length, gboolean *too_many)
{
  GPtrArray *mails = g_ptr_array_new_with_free_func (waiting_free);
  const char *end = text + length;
  MarkupElement element;

  *too_many = g_strstr_len (text, (gssize) length, "too-large") != NULL && !markup_find (text, length, "M", &element);
  while (mails->len < MOST_WAITING && text < end && markup_find (text, (gsize) (end - text), "M", &element))
    {
      g_autofree char *type = markup_dup_text (element.inside, element.length, "T");
      g_autofree char *id = markup_dup_text (element.inside, element.length, "I");
      g_autofree char *from = markup_dup_text (element.inside, element.length, "E");
      WaitingMail *mail;

      text = element.after;
      if (g_strcmp0 (type, INSTANT_MESSAGE) != 0 || id == NULL || *id == '\0')
        continue;
      mail = g_new0 (WaitingMail, 1);
      mail->id = g_steal_pointer (&id);
      mail->from = address_dup_normal (from != NULL ? from : "");
      g_ptr_array_add (mails, mail);
    }
  return mails;
}

/* -- One message ------------------------------------------------------------ */

static char *
dup_sender (const char *from)
{
  const char *start = strrchr (from, '<');
  const char *end = start != NULL ? strchr (start, '>') : NULL;
  g_autofree char *inside = start != NULL ? g_strndup (start + 1, end != NULL ? (gsize) (end - start) - 1 : strlen (start + 1)) : g_strdup (from);

  return address_dup_normal (inside);
}

static char *
dup_sender_name (const char *from)
{
  const char *address = strrchr (from, '<');
  g_autofree char *words = address != NULL ? g_strndup (from, (gsize) (address - from)) : g_strdup ("");

  return mail_dup_decoded_words (g_strstrip (words));
}

/* "22 Nov 2026 10:07:30.0000 (UTC) ..." */
static gint64
parse_time (const char *text)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, " ", 6) : NULL;
  g_auto (GStrv) clock = NULL;
  g_autoptr (GDateTime) time = NULL;
  const char *month;

  if (parts == NULL || g_strv_length (parts) < 4 || strlen (parts[1]) != 3)
    return 0;
  month = strstr (months, parts[1]);
  clock = g_strsplit (parts[3], ":", 4);
  if (month == NULL || (month - months) % 3 != 0 || g_strv_length (clock) < 3)
    return 0;
  time = g_date_time_new_utc ((int) g_ascii_strtoull (parts[2], NULL, 10) % 10000, (int) (month - months) / 3 + 1,
                              (int) (g_ascii_strtoull (parts[0], NULL, 10) % 100), (int) (g_ascii_strtoull (clock[0], NULL, 10) % 100),
                              (int) (g_ascii_strtoull (clock[1], NULL, 10) % 100), (double) (g_ascii_strtoull (clock[2], NULL, 10) % 100));
  return time != NULL ? g_date_time_to_unix (time) : 0;
}

static char *
dup_body (const MimeMessage *message)
{
  const char *encoding = mime_get (message, "Content-Transfer-Encoding");
  g_autofree char *charset = mime_dup_charset (message);
  g_autofree char *raw = g_strndup ((const char *) message->body, message->length);
  g_autofree guchar *decoded = NULL;
  gsize size = 0;

  if (encoding == NULL || g_ascii_strcasecmp (encoding, "base64") != 0)
    return mime_dup_decoded (raw, strlen (raw), charset);
  decoded = g_base64_decode (raw, &size);
  return mime_dup_decoded (size > 0 ? (const char *) decoded : "", size, charset);
}

gboolean
offline_mail_parse (const char *mail, OfflineMail *out)
{
  g_auto (MimeMessage) message = { 0 };
  const char *from, *run, *number;

  memset (out, 0, sizeof *out);
  mime_parse (mail, strlen (mail), &message);
  from = mime_get (&message, "From");
  run = mime_get (&message, "X-OIM-Run-Id");
  number = mime_get (&message, "X-OIM-Sequence-Num");
  if (from == NULL)
    return FALSE;
  out->from = dup_sender (from);
  out->name = dup_sender_name (from);
  out->text = dup_body (&message);
  out->run = run != NULL ? percent_dup_clean (run, -1) : NULL;
  out->sequence = number != NULL ? (guint) MIN (g_ascii_strtoull (number, NULL, 10), G_MAXUINT) : 0;
  out->time = parse_time (mime_get (&message, "X-OriginalArrivalTime"));
  return *out->from != '\0';
}

void
offline_mail_clear (OfflineMail *mail)
{
  g_clear_pointer (&mail->from, g_free);
  g_clear_pointer (&mail->name, g_free);
  g_clear_pointer (&mail->text, g_free);
  g_clear_pointer (&mail->run, g_free);
}
