/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-oscar-text.c - bytes of any charset become UTF-8, and long texts are cut without a loss. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "charset.h"
#include "chat.h"
#include "locate.h"
#include "markup.h"
#include "screen_names.h"
#include "text_split.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
checked (char *text)
{
  g_assert (g_utf8_validate (text, -1, NULL));
  return text;
}

static void
check_split (const char *text, gboolean html, gsize most)
{
  g_auto (GStrv) pieces = text_split (text, html, most, most % 5, 100000);
  g_autofree char *joined = NULL;

  g_assert (pieces != NULL);
  for (guint i = 0; pieces[i] != NULL; i++)
    g_free (checked (g_strdup (pieces[i])));
  joined = g_strjoinv (NULL, pieces);
  if (!html)
    g_assert (g_str_equal (joined, text));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const guint16 charsets[] = { CHARSET_ASCII, CHARSET_UTF16, CHARSET_LATIN1, 0x0d, 9 };
  g_autofree char *string = g_strndup ((const char *) data, size);
  g_autofree char *text = checked (charset_decode_any (reader_of (data, size), NULL));
  g_autofree char *normal = checked (screen_name_dup_normal (string));
  g_autofree char *inner = checked (markup_dup_inner (text));
  g_autofree char *wrapped = checked (markup_dup_wrapped (text));
  g_autofree char *ascii = checked (markup_dup_ascii (text));
  g_autofree char *escaped = checked (markup_dup_escaped (text));
  g_autofree char *filled = checked (markup_dup_substituted (text, "Bob"));
  g_autofree char *room = checked (room_cookie_dup_name (text));
  g_autofree char *legacy = charset_dup_legacy (text, "CP1251");
  g_autoptr (GByteArray) profile = g_byte_array_new ();
  guint16 charset;
  g_autoptr (GByteArray) encoded = charset_encode (text, &charset);
  g_autofree char *back = charset_decode (reader_of (encoded->data, encoded->len), charset, NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    {
      g_free (checked (charset_decode (reader_of (data, size), charsets[i], "CP1251", size % 2)));
      g_free (checked (charset_decode_mime (reader_of (data, size), string, "no such charset")));
    }
  if (strstr (text, "\357\273\277") == NULL)
    g_assert (g_str_equal (back, text));
  screen_name_is_valid (text);
  screen_name_get_uin (string);
  locate_add_profile (profile, text, size % 64 + 1);
  check_split (text, FALSE, size % 50 + 8);
  check_split (text, TRUE, size % 50 + 8);
  return 0;
}
