/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charset.c - the ways in which OSCAR writes text. */
#include "charset.h"

#include <string.h>

static void
append_character (GString *out, gunichar c)
{
  /* A NUL would end the string for everybody after us. */
  if (c != 0)
    g_string_append_unichar (out, c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c);
}

static char *
decode_utf16 (Reader text)
{
  GString *out = g_string_sized_new (text.left);

  while (text.left >= 2)
    {
      gunichar c = reader_u16 (&text);

      if (c >= 0xd800 && c < 0xdc00)
        {
          Reader ahead = text;
          gunichar low = reader_u16 (&ahead);

          if (!ahead.bad && low >= 0xdc00 && low < 0xe000)
            {
              c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
              text = ahead;
            }
        }
      /* Some begin with a byte order mark. */
      if (c != 0xfeff)
        append_character (out, c);
    }
  if (text.left > 0)
    append_character (out, 0xfffd);
  return g_string_free (out, FALSE);
}

/* Bytes 0x80 to 0x9f as Windows has them: that is what was meant. */
static char *
decode_latin1 (Reader text)
{
  static const guint16 windows[32] = {
    0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
  };
  GString *out = g_string_sized_new (text.left);

  while (text.left > 0)
    {
      guint8 c = reader_u8 (&text);

      append_character (out, c >= 0x80 && c < 0xa0 ? windows[c - 0x80] : c);
    }
  return g_string_free (out, FALSE);
}

static char *
decode_utf8 (Reader text)
{
  const char *bytes = (const char *) text.data;
  g_autofree char *copy = NULL;

  if (text.left == 0)
    return g_strdup ("");
  if (memchr (bytes, 0, text.left) == NULL)
    return g_utf8_validate (bytes, (gssize) text.left, NULL) ? g_strndup (bytes, text.left) : NULL;
  /* Up to the NUL at least. */
  copy = g_strndup (bytes, text.left);
  return g_utf8_validate (copy, -1, NULL) ? g_steal_pointer (&copy) : NULL;
}

static char *
decode_fallback (Reader text, const char *fallback)
{
  g_autofree char *out = NULL;
  gsize written = 0;

  if (text.left == 0)
    return g_strdup ("");
  if (fallback == NULL || *fallback == '\0' || g_ascii_strcasecmp (fallback, "ISO-8859-1") == 0)
    return decode_latin1 (text);
  out = g_convert_with_fallback ((const char *) text.data, (gssize) text.left, "UTF-8", fallback, "?", NULL, &written, NULL);
  if (out == NULL || !g_utf8_validate (out, -1, NULL))
    return decode_latin1 (text);
  return g_steal_pointer (&out);
}

char *
charset_decode_any (Reader text, const char *fallback)
{
  char *out = decode_utf8 (text);

  return out != NULL ? out : decode_fallback (text, fallback);
}

char *
charset_take_any (char *bytes, const char *fallback)
{
  g_autofree char *owned = bytes;

  if (g_utf8_validate (bytes, -1, NULL))
    return g_steal_pointer (&owned);
  return decode_fallback (reader_of (bytes, strlen (bytes)), fallback);
}

char *
charset_decode (Reader text, guint16 charset, const char *fallback, gboolean prefer_fallback)
{
  switch (charset)
    {
    case CHARSET_UTF16:
      return decode_utf16 (text);
    case CHARSET_LATIN1:
      return prefer_fallback ? decode_fallback (text, fallback) : decode_latin1 (text);
    default:
      return charset_decode_any (text, fallback);
    }
}

static gboolean
names_charset (const char *type, const char *name)
{
  const char *found = strstr (type, name);

  return found != NULL;
}

char *
charset_decode_mime (Reader text, const char *type, const char *fallback)
{
  g_autofree char *lower = g_ascii_strdown (type != NULL ? type : "", -1);

  if (names_charset (lower, "unicode-2-0") || names_charset (lower, "utf-16"))
    return decode_utf16 (text);
  if (names_charset (lower, "utf-8"))
    return charset_decode_any (text, fallback);
  if (names_charset (lower, "iso-8859-1"))
    return decode_latin1 (text);
  return charset_decode_any (text, names_charset (lower, "us-ascii") ? NULL : fallback);
}

static gboolean
is_ascii (const char *utf8)
{
  for (; *utf8 != '\0'; utf8++)
    if ((guchar) *utf8 >= 0x80)
      return FALSE;
  return TRUE;
}

GByteArray *
charset_encode (const char *utf8, guint16 *charset)
{
  GByteArray *out = g_byte_array_new ();

  if (is_ascii (utf8))
    {
      *charset = CHARSET_ASCII;
      bytes_add (out, utf8, strlen (utf8));
      return out;
    }
  *charset = CHARSET_UTF16;
  for (; *utf8 != '\0'; utf8 = g_utf8_next_char (utf8))
    {
      gunichar c = g_utf8_get_char (utf8);

      if (c >= 0x10000)
        {
          bytes_add_u16 (out, 0xd800 + ((c - 0x10000) >> 10));
          bytes_add_u16 (out, 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
      else
        bytes_add_u16 (out, c);
    }
  return out;
}

gsize
charset_encoded_size (const char *utf8)
{
  gsize size = 0;

  if (is_ascii (utf8))
    return strlen (utf8);
  for (; *utf8 != '\0'; utf8 = g_utf8_next_char (utf8))
    size += g_utf8_get_char (utf8) >= 0x10000 ? 4 : 2;
  return size;
}

const char *
charset_name (guint16 charset)
{
  switch (charset)
    {
    case CHARSET_UTF16:
      return "unicode-2-0";
    case CHARSET_LATIN1:
      return "iso-8859-1";
    default:
      return "us-ascii";
    }
}

char *
charset_dup_cut (const char *utf8, gsize most)
{
  gsize length = utf8 != NULL ? strlen (utf8) : 0;

  if (length > most)
    length = most;
  while (length > 0 && ((guchar) utf8[length] & 0xc0) == 0x80)
    length--;
  return g_strndup (utf8 != NULL ? utf8 : "", length);
}

char *
charset_dup_legacy (const char *utf8, const char *charset)
{
  const char *to = charset != NULL && *charset != '\0' ? charset : "ISO-8859-1";
  g_autofree char *out = g_convert_with_fallback (utf8, -1, to, "UTF-8", "?", NULL, NULL, NULL);

  if (out == NULL)
    out = g_convert_with_fallback (utf8, -1, "ISO-8859-1", "UTF-8", "?", NULL, NULL, NULL);
  return out != NULL ? g_steal_pointer (&out) : g_strdup ("?");
}
