/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.c - what the daemon says, for people and for programs. */
#include "config.h"

#include "answer.h"

#include <gio/gio.h>
#include <json.h>
#include <string.h>

#include "text.h"

/* A cell never steers the terminal: names come from networks. */
static char *
dup_cell (json_object *value)
{
  const char *raw = value == NULL ? "-" : json_object_get_string (value);
  char *cell = text_dup_clean (*raw == '\0' ? "-" : raw, -1);

  for (char *c = cell; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return cell;
}

static gsize
width_of (const char *text)
{
  gsize width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      width += g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
    }
  return width;
}

/* Rows of cells with the same count, the columns under each other. */
static char *
dup_aligned (GPtrArray *lines, guint n_columns)
{
  g_autofree gsize *widths = g_new0 (gsize, n_columns);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    for (guint j = 0; j < n_columns; j++)
      widths[j] = MAX (widths[j], width_of (((char **) lines->pdata[i])[j]));
  for (guint i = 0; i < lines->len; i++)
    for (guint j = 0; j < n_columns; j++)
      {
        const char *cell = ((char **) lines->pdata[i])[j];

        g_string_append (out, cell);
        if (j + 1 == n_columns)
          g_string_append_c (out, '\n');
        else
          g_string_append_printf (out, "%*s", (int) (widths[j] - width_of (cell)) + 2, "");
      }
  return g_string_free (out, FALSE);
}

static char *
dup_table (json_object *rows)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autoptr (GPtrArray) heading = g_ptr_array_new ();
  gsize n = json_object_array_length (rows);

  if (n == 0)
    return g_strdup ("");
  json_object_object_foreach (json_object_array_get_idx (rows, 0), key, ignored)
    {
      (void) ignored;
      g_ptr_array_add (keys, key);
      g_ptr_array_add (heading, g_ascii_strup (key, -1));
    }
  g_ptr_array_add (heading, NULL);
  g_ptr_array_add (lines, g_ptr_array_steal (heading, NULL));
  for (gsize i = 0; i < n; i++)
    {
      char **cells = g_new0 (char *, keys->len + 1);

      for (guint j = 0; j < keys->len; j++)
        cells[j] = dup_cell (json_object_object_get (json_object_array_get_idx (rows, i), keys->pdata[j]));
      g_ptr_array_add (lines, cells);
    }
  return dup_aligned (lines, keys->len);
}

static char *
dup_json_lines (json_object *rows)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < json_object_array_length (rows); i++)
    g_string_append_printf (out, "%s\n", json_object_to_json_string_ext (json_object_array_get_idx (rows, i),
                                                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
  return g_string_free (out, FALSE);
}

static gboolean
are_rows (json_object *rows)
{
  if (!json_object_is_type (rows, json_type_array))
    return FALSE;
  for (gsize i = 0; i < json_object_array_length (rows); i++)
    if (!json_object_is_type (json_object_array_get_idx (rows, i), json_type_object))
      return FALSE;
  return TRUE;
}

static char *
dup_answer (json_object *answer, gboolean as_json, GError **error)
{
  json_object *ok = NULL, *rows = NULL, *text = NULL;

  json_object_object_get_ex (answer, "ok", &ok);
  if (json_object_is_type (ok, json_type_boolean) && json_object_get_boolean (ok))
    {
      if (json_object_object_get_ex (answer, "rows", &rows) && are_rows (rows))
        return as_json ? dup_json_lines (rows) : dup_table (rows);
      if (json_object_object_get_ex (answer, "text", &text) && json_object_is_type (text, json_type_string))
        {
          g_autofree char *clean = text_dup_clean (json_object_get_string (text), -1);

          if (as_json)
            {
              json_object_object_del (answer, "ok");
              return g_strdup_printf ("%s\n", json_object_to_json_string_ext (answer, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
            }
          return g_strdup_printf ("%s%s", clean, *clean == '\0' || g_str_has_suffix (clean, "\n") ? "" : "\n");
        }
    }
  else if (json_object_object_get_ex (answer, "error", &text) && json_object_is_type (text, json_type_string))
    {
      g_autofree char *clean = dup_cell (text);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", clean);
      return NULL;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the daemon's answer makes no sense; is it of another version?");
  return NULL;
}

char *
answer_dup_text (const char *line, gboolean as_json, GError **error)
{
  json_object *answer = json_tokener_parse (line);
  char *text = dup_answer (json_object_is_type (answer, json_type_object) ? answer : NULL, as_json, error);

  json_object_put (answer);
  return text;
}
