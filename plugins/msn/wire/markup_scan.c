/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup_scan.c - a tolerant search for elements. */
#include "markup_scan.h"

#include <string.h>

#include "percent.h"

/* -- References ----------------------------------------------------------- */

static gsize
read_reference (const char *text, gsize left, gunichar *c)
{
  static const struct {
    const char *name;
    gunichar c;
  } names[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
  const char *end;
  g_autofree char *digits = NULL;
  guint64 number = 0;
  gboolean hex;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (left >= strlen (names[i].name) && strncmp (text, names[i].name, strlen (names[i].name)) == 0)
      {
        *c = names[i].c;
        return strlen (names[i].name);
      }
  end = left > 3 && text[1] == '#' ? memchr (text, ';', MIN (left, 12)) : NULL;
  if (end == NULL)
    return 0;
  hex = text[2] == 'x' || text[2] == 'X';
  digits = g_strndup (text + (hex ? 3 : 2), (gsize) (end - text) - (hex ? 3 : 2));
  if (!g_ascii_string_to_unsigned (digits, hex ? 16 : 10, 1, 0x10ffff, &number, NULL) || !g_unichar_validate ((gunichar) number))
    return 0;
  *c = (gunichar) number;
  return (gsize) (end - text) + 1;
}

char *
markup_dup_unescaped (const char *text, gsize length)
{
  g_autoptr (GString) out = g_string_sized_new (length);

  for (gsize i = 0; i < length;)
    {
      gunichar c = 0;
      gsize used = text[i] == '&' ? read_reference (text + i, length - i, &c) : 0;

      if (used > 0)
        g_string_append_unichar (out, c);
      else
        g_string_append_c (out, text[i]);
      i += MAX (used, 1);
    }
  return percent_dup_clean (out->str, (gssize) out->len);
}

char *
markup_dup_escaped (const char *text)
{
  g_autofree char *clean = percent_dup_clean (text, -1);
  GString *out = g_string_sized_new (strlen (clean));

  for (const char *p = clean; *p != '\0'; p++)
    switch (*p)
      {
      case '&': g_string_append (out, "&amp;"); break;
      case '<': g_string_append (out, "&lt;"); break;
      case '>': g_string_append (out, "&gt;"); break;
      case '"': g_string_append (out, "&quot;"); break;
      case '\'': g_string_append (out, "&apos;"); break;
      default: g_string_append_c (out, *p);
      }
  return g_string_free (out, FALSE);
}

/* -- Elements ------------------------------------------------------------- */

static gboolean
ends_name (char c)
{
  return c == '>' || c == '/' || g_ascii_isspace (c);
}

/* Whether the tag at TEXT, behind its < or </, has this name; *length: of prefix and name. */
static gboolean
has_name (const char *text, gsize left, const char *name, gsize *length)
{
  gsize size = 0, from = 0, wanted = strlen (name);

  while (size < left && size < 100 && !ends_name (text[size]) && text[size] != '<')
    {
      size++;
      if (text[size - 1] == ':')
        from = size;
    }
  *length = size;
  return size < left && size - from == wanted && memcmp (text + from, name, wanted) == 0;
}

/* The > that ends the tag whose attributes begin at TEXT. */
static const char *
find_tag_end (const char *text, const char *end)
{
  char quote = '\0';

  for (; text < end; text++)
    if (quote != '\0')
      quote = *text == quote ? '\0' : quote;
    else if (*text == '"' || *text == '\'')
      quote = *text;
    else if (*text == '>')
      return text;
  return NULL;
}

/* The end tag that belongs to the start tag before TEXT; elements of the same name may be inside. */
static const char *
find_closing (const char *text, const char *end, const char *name, const char **after)
{
  guint depth = 1;

  while (text < end)
    {
      const char *tag = memchr (text, '<', (gsize) (end - text));
      gboolean closing;
      const char *start;
      gsize length;

      if (tag == NULL || tag + 1 >= end)
        return NULL;
      closing = tag[1] == '/';
      start = tag + (closing ? 2 : 1);
      text = start;
      if (start >= end || !has_name (start, (gsize) (end - start), name, &length))
        continue;
      text = find_tag_end (start + length, end);
      if (text == NULL)
        return NULL;
      if (!closing && text[-1] != '/')
        depth++;
      else if (closing && --depth == 0)
        {
          *after = text + 1;
          return tag;
        }
    }
  return NULL;
}

gboolean
markup_find (const char *text, gsize length, const char *name, MarkupElement *element)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *tag = memchr (text, '<', (gsize) (end - text));
      const char *close;
      gsize size;

      if (tag == NULL || tag + 1 >= end)
        return FALSE;
      text = tag + 1;
      if (!has_name (text, (gsize) (end - text), name, &size))
        continue;
      element->attributes = text + size;
      close = find_tag_end (element->attributes, end);
      if (close == NULL)
        return FALSE;
      element->attributes_length = (gsize) (close - element->attributes);
      element->inside = element->after = close + 1;
      element->length = 0;
      if (close[-1] == '/')
        {
          if (element->attributes_length > 0)
            element->attributes_length--;
          return TRUE;
        }
      close = find_closing (element->inside, end, name, &element->after);
      element->length = (gsize) ((close != NULL ? close : end) - element->inside);
      if (close == NULL)
        element->after = end;
      return TRUE;
    }
  return FALSE;
}

char *
markup_dup_text (const char *text, gsize length, const char *name)
{
  MarkupElement element;

  return markup_find (text, length, name, &element) ? markup_dup_unescaped (element.inside, element.length) : NULL;
}

char *
markup_dup_attribute (const MarkupElement *element, const char *name)
{
  const char *at = element->attributes;
  const char *end = at + element->attributes_length;

  while (at < end)
    {
      const char *start, *value, *close;
      gsize length;

      while (at < end && g_ascii_isspace (*at))
        at++;
      start = at;
      while (at < end && *at != '=' && !g_ascii_isspace (*at))
        at++;
      length = (gsize) (at - start);
      while (at < end && g_ascii_isspace (*at))
        at++;
      if (at >= end || *at != '=')
        continue;
      at++;
      while (at < end && g_ascii_isspace (*at))
        at++;
      if (at >= end || (*at != '"' && *at != '\''))
        continue;
      value = at + 1;
      close = value < end ? memchr (value, *at, (gsize) (end - value)) : NULL;
      if (close == NULL)
        return NULL;
      at = close + 1;
      if (length == strlen (name) && g_ascii_strncasecmp (start, name, length) == 0)
        return markup_dup_unescaped (value, (gsize) (close - value));
    }
  return NULL;
}
