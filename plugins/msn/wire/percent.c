/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percent.c - names in commands, and UTF-8 that must be trusted afterwards. */
#include "percent.h"

#include <string.h>

char *
percent_dup_clean (const char *text, gssize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  GString *out = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if ((c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xfffe && c != 0xffff)
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
percent_dup_decoded (const char *text)
{
  g_autoptr (GString) bytes = g_string_sized_new (strlen (text));

  for (; *text != '\0'; text++)
    if (text[0] == '%' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
      {
        g_string_append_c (bytes, (char) (g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2])));
        text += 2;
      }
    else
      g_string_append_c (bytes, *text);
  return percent_dup_clean (bytes->str, (gssize) bytes->len);
}

static void
append_encoded (GString *out, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isalnum (text[i]) || (text[i] != '\0' && strchr ("-_.~", text[i]) != NULL))
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "%%%02X", (guchar) text[i]);
}

char *
percent_dup_encoded (const char *text)
{
  GString *out = g_string_new (NULL);

  append_encoded (out, text, strlen (text));
  return g_string_free (out, FALSE);
}

char *
percent_dup_encoded_name (const char *name, gsize most)
{
  g_autofree char *clean = percent_dup_clean (name, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = clean; *p != '\0'; p = g_utf8_next_char (p))
    {
      gsize before = out->len;

      append_encoded (out, p, (gsize) (g_utf8_next_char (p) - p));
      if (out->len > most)
        {
          g_string_truncate (out, before);
          break;
        }
    }
  return g_string_free (out, FALSE);
}
