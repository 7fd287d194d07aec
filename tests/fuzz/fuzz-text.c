/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-text.c - whatever a network says comes out fit for XML, and whatever a user says survives the way there and back. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_split (const char *text)
{
  while (*text != '\0')
    {
      gsize most = (guchar) *text % 32;
      gsize length = text_split_length (text, most);

      g_assert (length > 0 && length <= strlen (text));
      g_assert (length <= most || g_utf8_strlen (text, (gssize) length) == 1);
      g_assert (g_utf8_validate (text, (gssize) length, NULL));
      text += length;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *string = g_strndup ((const char *) data, size);
  g_autofree char *clean = text_dup_clean ((const char *) data, (gssize) size);
  g_autofree char *plain = text_dup_from_html (string);
  g_autofree char *html = text_dup_to_html (clean);

  g_assert (text_is_clean (clean, strlen (clean)));
  g_assert (text_is_clean (plain, strlen (plain)));
  g_assert (text_is_clean (html, strlen (html)));
  check_split (clean);

  /* Returns, and trailing newlines, show nothing. */
  if (strpbrk (clean, "\r\n") == NULL)
    {
      g_autofree char *back = text_dup_from_html (html);

      g_assert (g_str_equal (back, clean));
    }
  return 0;
}
