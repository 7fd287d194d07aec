/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address.c - addresses of people and of servers. */
#include "address.h"

#include <string.h>

#define LONGEST_ADDRESS 320

char *
address_dup_exact (const char *address)
{
  g_autofree char *valid = g_utf8_make_valid (address, (gssize) MIN (strlen (address), LONGEST_ADDRESS));
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0' && *p != ';'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c > 0x20 && c != 0x7f)
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

char *
address_dup_normal (const char *address)
{
  g_autofree char *exact = address_dup_exact (address);

  return g_ascii_strdown (exact, -1);
}

gboolean
address_is_valid (const char *address)
{
  const char *at = strchr (address, '@');

  if (at == NULL || at == address || at[1] == '\0' || strchr (at + 1, '@') != NULL || strlen (address) > LONGEST_ADDRESS)
    return FALSE;
  for (const char *p = address; *p != '\0'; p++)
    if ((guchar) *p <= 0x20 || *p == 0x7f || *p == ';' || *p == ',' || *p == '<' || *p == '>' || *p == '"')
      return FALSE;
  return g_utf8_validate (address, -1, NULL);
}

gboolean
address_equal (const char *one, const char *other)
{
  g_autofree char *a = address_dup_normal (one);
  g_autofree char *b = address_dup_normal (other);

  return g_str_equal (a, b);
}

gboolean
address_split_server (const char *text, int default_port, char **host, int *port)
{
  const char *colon = strrchr (text, ':');
  guint64 number;

  *host = NULL;
  *port = default_port;
  /* An IPv6 address may stand in brackets, or alone without a port. */
  if (text[0] == '[')
    {
      const char *end = strchr (text, ']');

      if (end == NULL || end == text + 1)
        return FALSE;
      if (end[1] == ':' && g_ascii_string_to_unsigned (end + 2, 10, 1, 0xffff, &number, NULL))
        *port = (int) number;
      else if (end[1] != '\0')
        return FALSE;
      *host = g_strndup (text + 1, (gsize) (end - text - 1));
      return TRUE;
    }
  if (colon != NULL && memchr (text, ':', (gsize) (colon - text)) == NULL)
    {
      if (!g_ascii_string_to_unsigned (colon + 1, 10, 1, 0xffff, &number, NULL) || colon == text)
        return FALSE;
      *port = (int) number;
      *host = g_strndup (text, (gsize) (colon - text));
      return TRUE;
    }
  if (*text == '\0')
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if ((guchar) *p <= 0x20 || *p == '/')
      return FALSE;
  *host = g_strdup (text);
  return TRUE;
}
