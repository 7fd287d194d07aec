/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.c - what messages are made of. */
#include "config.h"

#include "text.h"

#include <string.h>

#include "html.h"

#define REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */

/* XML 1.0, 2.2: Char. */
static gboolean
is_xml_char (gunichar c)
{
  if (c < 0x20)
    return c == '\t' || c == '\n' || c == '\r';
  return c <= 0xd7ff || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* The length of the beginning of `text` that is clean. */
static gsize
clean_length (const char *text, gsize length)
{
  gsize i = 0;

  while (i < length)
    {
      guchar byte = (guchar) text[i];
      gunichar c;

      if (byte < 0x80)
        {
          if (!is_xml_char (byte))
            break;
          i++;
          continue;
        }
      c = g_utf8_get_char_validated (text + i, (gssize) (length - i));
      if (c >= (gunichar) -2 || !is_xml_char (c))
        break;
      i += (gsize) g_unichar_to_utf8 (c, NULL);
    }
  return i;
}

gboolean
text_is_clean (const char *text, gsize length)
{
  return clean_length (text, length) == length;
}

char *
text_dup_clean (const char *text, gssize length)
{
  gsize left = length < 0 ? strlen (text) : (gsize) length;
  gsize clean = clean_length (text, left);
  GString *out;

  if (clean == left)
    return g_strndup (text, left);

  out = g_string_sized_new (left);
  for (;;)
    {
      gunichar c;

      g_string_append_len (out, text, (gssize) clean);
      text += clean;
      left -= clean;
      if (left == 0)
        break;

      /* A NUL is a control like the others; g_utf8_get_char_validated calls it a partial character. */
      c = *text == '\0' ? 0 : g_utf8_get_char_validated (text, (gssize) left);
      if (c >= (gunichar) -2)
        {
          g_string_append (out, REPLACEMENT);
          text++;
          left--;
        }
      else
        {
          gsize size = (gsize) g_unichar_to_utf8 (c, NULL);

          text += size;
          left -= size;
        }
      clean = clean_length (text, left);
    }
  return g_string_free (out, FALSE);
}

char *
text_dup_from_html (const char *html)
{
  g_autofree char *clean = text_dup_clean (html, -1);

  if (strpbrk (clean, "<&") == NULL)
    return g_steal_pointer (&clean);
  return html_dup_styled (clean);
}

char *
text_dup_to_html (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + 32);

  for (;;)
    {
      gsize plain = strcspn (text, "<>&\"\r\n");

      g_string_append_len (out, text, (gssize) plain);
      text += plain;
      switch (*text)
        {
        case '\0':
          return g_string_free (out, FALSE);
        case '<':
          g_string_append (out, "&lt;");
          break;
        case '>':
          g_string_append (out, "&gt;");
          break;
        case '&':
          g_string_append (out, "&amp;");
          break;
        case '"':
          g_string_append (out, "&quot;");
          break;
        case '\r':
          if (text[1] == '\n')
            text++;
          g_string_append (out, "<br>");
          break;
        case '\n':
          g_string_append (out, "<br>");
          break;
        default:
          g_assert_not_reached ();
        }
      text++;
    }
}

static gboolean
is_regional_indicator (gunichar c)
{
  return c >= 0x1f1e6 && c <= 0x1f1ff;
}

/* Whether `at` lies inside what a reader sees as one character: the rules of
 * UAX #29 that matter in chat (combining marks, jamo, emoji with modifiers or
 * joiners, flags). */
static gboolean
is_inside_cluster (const char *text, const char *at)
{
  gunichar c = g_utf8_get_char (at);
  const char *before = g_utf8_prev_char (at);
  gunichar previous = g_utf8_get_char (before);

  if (previous == '\r' && c == '\n')
    return TRUE;
  if (c < 0x300)
    return FALSE;
  if (g_unichar_ismark (c) || c == 0x200d || (c >= 0x1f3fb && c <= 0x1f3ff) || (c >= 0xe0020 && c <= 0xe007f))
    return TRUE;
  if (previous == 0x200d)
    return TRUE;
  switch (g_unichar_break_type (c))
    {
    case G_UNICODE_BREAK_HANGUL_V_JAMO:
    case G_UNICODE_BREAK_HANGUL_T_JAMO:
      return TRUE;
    default:
      break;
    }
  if (is_regional_indicator (c) && is_regional_indicator (previous))
    {
      guint n = 1;

      while (before > text && is_regional_indicator (g_utf8_get_char (before = g_utf8_prev_char (before))))
        n++;
      return n % 2 == 1;
    }
  return FALSE;
}

gsize
text_split_length (const char *text, gsize most)
{
  const char *end;

  if (strnlen (text, most + 1) <= most)
    return strlen (text);

  /* To a character's beginning ... */
  end = text + most;
  while (end > text && ((guchar) *end & 0xc0) == 0x80)
    end--;
  if (end == text)
    return (gsize) (g_utf8_next_char (text) - text);

  /* ... to a cluster's, unless that takes all there is ... */
  for (const char *at = end; at > text; at = g_utf8_prev_char (at))
    if (!is_inside_cluster (text, at))
      {
        end = at;
        break;
      }

  /* ... and to a word's, unless that takes too much. */
  for (const char *at = end; at > text + most - most / 4; at--)
    if (g_ascii_isspace (at[-1]))
      return (gsize) (at - text);
  return (gsize) (end - text);
}
