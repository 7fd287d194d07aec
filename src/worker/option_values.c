/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option_values.c - single values of account options, checked. */
#include "config.h"

#include "option_values.h"

#include <gio/gio.h>
#include <iconv.h>
#include <string.h>

#define LARGEST_INT 1000000000

static gboolean
refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args));
  va_end (args);
  return FALSE;
}

const char *
option_values_get (const char *const *options, const char *key)
{
  const char *value = NULL;

  for (; options != NULL && options[0] != NULL && options[1] != NULL; options += 2)
    if (g_str_equal (options[0], key))
      value = options[1];
  return value;
}

char *
option_values_dup_slug (const char *label)
{
  GString *slug = g_string_new (NULL);

  for (; *label != '\0'; label++)
    if (g_ascii_isalnum (*label))
      g_string_append_c (slug, g_ascii_tolower (*label));
    else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
      g_string_append_c (slug, '-');
  if (slug->len > 0 && slug->str[slug->len - 1] == '-')
    g_string_truncate (slug, slug->len - 1);
  return g_string_free (slug, FALSE);
}

gboolean
option_values_parse_int (const char *key, const char *value, int *result, GError **error)
{
  gboolean is_port = g_str_equal (key, "port") || g_str_has_suffix (key, "_port") || g_str_has_suffix (key, "-port");
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, 0, is_port ? 65535 : LARGEST_INT, &number, NULL))
    return refuse (error, is_port ? "The option “%s” must be a port number, at most 65535."
                                  : "The option “%s” must be a whole number, not below 0.", key);
  *result = (int) number;
  return TRUE;
}

gboolean
option_values_parse_bool (const char *key, const char *value, gboolean *result, GError **error)
{
  static const char *const yes[] = { "1", "true", "yes", "on", NULL };
  static const char *const no[] = { "0", "false", "no", "off", NULL };
  g_autofree char *lower = g_ascii_strdown (value, -1);

  *result = g_strv_contains (yes, lower);
  return *result || g_strv_contains (no, lower) || refuse (error, "The option “%s” must be true or false.", key);
}

static gboolean
is_encoding (const char *name)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (name));
  iconv_t there, back;

  /* An empty name is the locale's to iconv. */
  if (*trimmed == '\0' || strchr (trimmed, '/') != NULL)
    return FALSE;
  there = iconv_open (trimmed, "UTF-8");
  if (there == (iconv_t) -1)
    return FALSE;
  iconv_close (there);
  back = iconv_open ("UTF-8", trimmed);
  if (back == (iconv_t) -1)
    return FALSE;
  iconv_close (back);
  return TRUE;
}

gboolean
option_values_check_text (const char *key, const char *value, GError **error)
{
  if (!g_utf8_validate (value, -1, NULL))
    return refuse (error, "The option “%s” is no text.", key);
  for (const char *c = value; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return refuse (error, "The option “%s” must be one line, without control characters.", key);
  if (g_str_equal (key, "encoding") && *value != '\0')
    {
      g_auto (GStrv) names = g_strsplit (value, ",", -1);

      for (char **name = names; *name != NULL; name++)
        if (!is_encoding (*name))
          return refuse (error, "The encoding “%s” is unknown.", *name);
    }
  return TRUE;
}

char *
option_values_compose_name (const char *name, const OptionPart *parts, guint n_parts,
                            const char *const *options, GError **error)
{
  g_autoptr (GString) whole = NULL;
  g_autofree char *user = g_strstrip (g_strdup (name));
  g_autofree char **given = g_new0 (char *, n_parts + 1);
  char *rest = user;

  /* "romeo@irc.example.net/home" into its parts, as far as it has them. */
  for (guint i = 0; i < n_parts; i++)
    {
      char *separator = strchr (rest, parts[i].separator);

      if (separator == NULL)
        continue;
      *separator = '\0';
      given[i] = rest = separator + 1;
    }
  if (*user == '\0')
    {
      refuse (error, "A name is needed.");
      return NULL;
    }
  if (!option_values_check_text ("username", user, error))
    return NULL;

  whole = g_string_new (user);
  for (guint i = 0; i < n_parts; i++)
    {
      const char *value = option_values_get (options, parts[i].key);
      /* Where an account lives is not optional, though the SIMPLE plugin has "" as its default. */
      gboolean needed = i == 0 || parts[i].fallback == NULL;

      if (value == NULL || *value == '\0')
        value = given[i];
      if (value == NULL || *value == '\0')
        value = parts[i].fallback;
      if (value == NULL || *value == '\0')
        {
          if (!needed)
            continue;
          refuse (error, "The option “%s” (%s) is needed.", parts[i].key, parts[i].label);
          return NULL;
        }
      if (!option_values_check_text (parts[i].key, value, error))
        return NULL;
      for (guint later = i; later < n_parts; later++)
        if (strchr (value, parts[later].separator) != NULL)
          {
            refuse (error, "The option “%s” must not have a “%c” in it.", parts[i].key, parts[later].separator);
            return NULL;
          }
      g_string_append_c (whole, parts[i].separator);
      g_string_append (whole, value);
    }
  return g_string_free (g_steal_pointer (&whole), FALSE);
}
