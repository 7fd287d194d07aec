/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keyfile.c - GLib's key file format, line by line. */
#include "config.h"

#include "keyfile.h"

#include <string.h>

static void
keyfile_entry_free (gpointer data)
{
  KeyfileEntry *entry = data;

  g_free (entry->section);
  g_free (entry->key);
  if (entry->value != NULL)
    explicit_bzero (entry->value, strlen (entry->value));       /* perhaps a secret */
  g_free (entry->value);
  g_free (entry);
}

/* A value may be a secret, so no message shows it. */
static char *
dup_unescaped (const char *raw, const char **problem)
{
  GString *out = g_string_new (NULL);

  for (const char *at = raw; *at != '\0'; at++)
    {
      static const char escapes[] = "s n\nt\tr\r\\\\";
      const char *escape = NULL;

      if (*at != '\\')
        {
          g_string_append_c (out, *at);
          continue;
        }
      at++;
      for (guint i = 0; i < sizeof escapes - 1 && escape == NULL; i += 2)
        if (escapes[i] == *at)
          escape = &escapes[i + 1];
      if (escape == NULL)
        {
          *problem = "a backslash is written \\\\";
          g_string_free (out, TRUE);
          return NULL;
        }
      g_string_append_c (out, *escape);
    }
  return g_string_free (out, FALSE);
}

/* Returns what is wrong, or NULL.  Changes `line`. */
static const char *
parse_line (char *line, const char *section, KeyfileEntry *entry)
{
  char *equals;
  const char *problem = NULL;

  if (*line == '[')
    {
      gsize length = strlen (line);

      if (line[length - 1] != ']')
        return "a heading ends with ]";
      line[length - 1] = '\0';
      if (line[1] == '\0' || strpbrk (line + 1, "[]") != NULL)
        return "a heading is one name in brackets";
      entry->section = g_strdup (line + 1);
      return NULL;
    }

  equals = strchr (line, '=');
  if (equals == NULL || equals == line)
    return "neither [SECTION], KEY = VALUE nor a # comment";
  if (section == NULL)
    return "stands before the first [SECTION]";
  *equals = '\0';
  entry->value = dup_unescaped (g_strchug (equals + 1), &problem);
  if (problem != NULL)
    return problem;
  entry->section = g_strdup (section);
  entry->key = g_strdup (g_strchomp (line));
  return NULL;
}

GPtrArray *
keyfile_parse (const char *file, const char *text, gsize length, GPtrArray *problems)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (keyfile_entry_free);
  const char *section = NULL, *end = text + length;
  guint number = 0;
  gboolean in_bad_section = FALSE;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      gsize n = (gsize) ((newline != NULL ? newline : end) - text);
      g_autofree char *line = g_strndup (text, n);
      g_autofree KeyfileEntry *entry = NULL;
      const char *problem;

      text += n + 1;
      number++;
      if (memchr (line, '\0', n) != NULL || !g_utf8_validate (line, (gssize) n, NULL))
        {
          g_ptr_array_add (problems, g_strdup_printf ("%s:%u: not UTF-8 text", file, number));
          continue;
        }
      g_strstrip (line);
      if (*line == '[')
        in_bad_section = FALSE;
      if (*line == '\0' || *line == '#' || in_bad_section)
        continue;

      in_bad_section = *line == '[';
      entry = g_new0 (KeyfileEntry, 1);
      entry->line = number;
      problem = parse_line (line, section, entry);
      if (problem != NULL)
        {
          g_ptr_array_add (problems, g_strdup_printf ("%s:%u: %s", file, number, problem));
          continue;
        }
      in_bad_section = FALSE;
      section = entry->section;
      g_ptr_array_add (entries, g_steal_pointer (&entry));
    }
  return entries;
}
