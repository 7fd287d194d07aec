/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.c - HTML as AIM writes it. */
#include "markup.h"

#include <string.h>

/* The length of the tag that TEXT begins with if it is one of those around the whole, otherwise 0. */
static gsize
outer_tag_length (const char *text)
{
  static const char *const names[] = { "html", "body", "head" };
  const char *name = text + 1;
  const char *end;

  if (*text != '<')
    return 0;
  if (*name == '/')
    name++;
  end = strchr (name, '>');
  if (end == NULL)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strncasecmp (name, names[i], 4) == 0 && (name[4] == '>' || g_ascii_isspace (name[4])))
      return (gsize) (end + 1 - text);
  return 0;
}

char *
markup_dup_inner (const char *html)
{
  GString *out = g_string_sized_new (strlen (html));

  while (*html != '\0')
    {
      gsize length = outer_tag_length (html);

      if (length > 0)
        html += length;
      else
        g_string_append_c (out, *html++);
    }
  return g_string_free (out, FALSE);
}

static void
append_with_breaks (GString *out, const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '\n')
      g_string_append (out, "<BR>");
    else if (*text != '\r')
      g_string_append_c (out, *text);
}

char *
markup_dup_wrapped (const char *html)
{
  GString *out = g_string_new ("<HTML><BODY>");

  append_with_breaks (out, html);
  g_string_append (out, "</BODY></HTML>");
  return g_string_free (out, FALSE);
}

char *
markup_dup_ascii (const char *html)
{
  GString *out = g_string_sized_new (strlen (html));

  for (; *html != '\0'; html = g_utf8_next_char (html))
    {
      gunichar c = g_utf8_get_char (html);

      if (c < 0x80)
        g_string_append_c (out, (char) c);
      else
        g_string_append_printf (out, "&#%u;", c);
    }
  return g_string_free (out, FALSE);
}

gboolean
markup_is_html_document (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return g_ascii_strncasecmp (text, "<html", 5) == 0;
}

char *
markup_dup_escaped (const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  GString *out = g_string_sized_new (strlen (escaped));

  for (const char *c = escaped; *c != '\0'; c++)
    if (*c == '\n' || (*c == '\r' && c[1] != '\n'))
      g_string_append (out, "<br>");
    else if (*c != '\r')
      g_string_append_c (out, *c);
  return g_string_free (out, FALSE);
}

char *
markup_dup_substituted (const char *html, const char *name)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%x");
  g_autofree char *time = g_date_time_format (now, "%X");
  GString *out = g_string_sized_new (strlen (html));

  for (; *html != '\0'; html++)
    {
      const char *value = NULL;

      if (*html == '%')
        value = html[1] == 'n' ? name : html[1] == 'd' ? date : html[1] == 't' ? time : NULL;
      if (value != NULL)
        {
          g_autofree char *escaped = g_markup_escape_text (value, -1);

          g_string_append (out, escaped);
          html++;
        }
      else
        g_string_append_c (out, *html);
    }
  return g_string_free (out, FALSE);
}
