/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen_names.c - AIM screen names and ICQ numbers. */
#include "screen_names.h"

#include <string.h>

char *
screen_name_dup_normal (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  GString *out = g_string_sized_new (strlen (valid));
  gboolean number = *valid != '\0';

  for (const char *c = valid; *c != '\0'; c++)
    if (!g_ascii_isdigit (*c) && *c != '-' && *c != ' ')
      number = FALSE;
  for (const char *c = valid; *c != '\0'; c++)
    if (*c != ' ' && !(number && *c == '-'))
      g_string_append_c (out, g_ascii_tolower (*c));
  return g_string_free (out, FALSE);
}

gboolean
screen_name_equal (const char *a, const char *b)
{
  g_autofree char *normal_a = screen_name_dup_normal (a);
  g_autofree char *normal_b = screen_name_dup_normal (b);

  return g_str_equal (normal_a, normal_b);
}

gboolean
screen_name_is_empty (const char *name)
{
  return name[strspn (name, " ")] == '\0';
}

gboolean
screen_name_is_uin (const char *name)
{
  return *name != '\0' && strspn (name, "0123456789") == strlen (name);
}

guint32
screen_name_get_uin (const char *name)
{
  guint64 uin;

  if (!screen_name_is_uin (name) || !g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT32, &uin, NULL))
    return 0;
  return (guint32) uin;
}

gboolean
screen_name_is_valid (const char *name)
{
  g_autofree char *normal = screen_name_dup_normal (name);

  if (*normal == '\0' || strlen (normal) > SCREEN_NAME_MOST || strlen (name) > 0xff)
    return FALSE;
  if (screen_name_is_uin (normal))
    return screen_name_get_uin (normal) != 0;
  /* Numbers of telephones begin with a plus. */
  if (!g_ascii_isalpha (*normal) && *normal != '+')
    return strchr (normal, '@') != NULL;
  for (const char *c = normal; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("@._-+", *c) == NULL)
      return FALSE;
  return TRUE;
}
