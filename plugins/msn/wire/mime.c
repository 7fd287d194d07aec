/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mime.c - the header block and the body that payloads are made of. */
#include "mime.h"

#include <string.h>

#include "percent.h"

#define MOST_FIELDS 100

static void
clear_field (gpointer data)
{
  MimeField *field = data;

  g_free (field->name);
  g_free (field->value);
}

/* The length of the line without its end; *used counts its end, too. */
static gsize
measure_line (const guint8 *data, gsize length, gsize *used)
{
  const guint8 *end = memchr (data, '\n', length);
  gsize size;

  if (end == NULL)
    {
      *used = length;
      size = length;
    }
  else
    {
      *used = (gsize) (end - data) + 1;
      size = (gsize) (end - data);
    }
  while (size > 0 && data[size - 1] == '\r')
    size--;
  return size;
}

static char *
dup_bytes (const guint8 *data, gsize length)
{
  char *text = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    text[i] = data[i] != '\0' ? (char) data[i] : ' ';
  text[length] = '\0';
  return text;
}

static void
take_field (GArray *fields, char *line)
{
  char *colon = strchr (line, ':');
  MimeField field;

  if ((*line == ' ' || *line == '\t') && fields->len > 0)
    {
      MimeField *last = &g_array_index (fields, MimeField, fields->len - 1);
      char *joined = g_strconcat (last->value, " ", g_strstrip (line), NULL);

      g_free (last->value);
      last->value = joined;
      return;
    }
  if (colon == NULL || colon == line || fields->len >= MOST_FIELDS)
    return;
  field.name = g_strstrip (g_strndup (line, (gsize) (colon - line)));
  field.value = g_strstrip (g_strdup (colon + 1));
  g_array_append_val (fields, field);
}

void
mime_parse (const void *data, gsize length, MimeMessage *message)
{
  const guint8 *at = data;

  message->fields = g_array_new (FALSE, FALSE, sizeof (MimeField));
  g_array_set_clear_func (message->fields, clear_field);
  while (length > 0)
    {
      gsize used;
      gsize size = measure_line (at, length, &used);
      g_autofree char *line = dup_bytes (at, size);

      at += used;
      length -= used;
      if (size == 0)
        break;
      take_field (message->fields, line);
    }
  message->body = at;
  message->length = length;
}

void
mime_clear (MimeMessage *message)
{
  g_clear_pointer (&message->fields, g_array_unref);
}

const char *
mime_get (const MimeMessage *message, const char *name)
{
  for (guint i = 0; i < message->fields->len; i++)
    {
      const MimeField *field = &g_array_index (message->fields, MimeField, i);

      if (g_ascii_strcasecmp (field->name, name) == 0)
        return field->value;
    }
  return NULL;
}

char *
mime_dup_type (const MimeMessage *message)
{
  const char *value = mime_get (message, "Content-Type");
  g_autofree char *type = NULL;

  if (value == NULL)
    return g_strdup ("");
  type = g_strndup (value, strcspn (value, ";"));
  return g_ascii_strdown (g_strstrip (type), -1);
}

char *
mime_dup_charset (const MimeMessage *message)
{
  const char *value = mime_get (message, "Content-Type");
  g_auto (GStrv) parts = value != NULL ? g_strsplit (value, ";", 8) : NULL;

  for (guint i = 1; parts != NULL && parts[0] != NULL && parts[i] != NULL; i++)
    {
      char *part = g_strstrip (parts[i]);

      if (g_ascii_strncasecmp (part, "charset=", 8) == 0)
        {
          char *charset = g_strdup (part + 8);

          g_strdelimit (charset, "\"", ' ');
          return g_strstrip (charset);
        }
    }
  return NULL;
}

static char *
dup_latin1 (const guint8 *data, gsize length)
{
  g_autoptr (GString) out = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    g_string_append_unichar (out, data[i]);
  return percent_dup_clean (out->str, (gssize) out->len);
}

char *
mime_dup_decoded (const void *data, gsize length, const char *charset)
{
  if (charset != NULL && g_ascii_strcasecmp (charset, "utf-8") != 0 && *charset != '\0')
    {
      gsize size = 0;
      g_autofree char *converted = g_convert (data, (gssize) length, "UTF-8", charset, NULL, &size, NULL);

      if (converted != NULL)
        return percent_dup_clean (converted, (gssize) size);
    }
  if (charset == NULL && !g_utf8_validate_len (data, length, NULL))
    return dup_latin1 (data, length);
  return percent_dup_clean (data, (gssize) length);
}

char *
mime_dup_text (const MimeMessage *message)
{
  g_autofree char *charset = mime_dup_charset (message);

  return mime_dup_decoded (message->body, message->length, charset);
}

GByteArray *
mime_build (const char *type, const char *headers, const void *body, gsize length)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *head = g_strdup_printf ("MIME-Version: 1.0\r\nContent-Type: %s\r\n%s\r\n", type, headers != NULL ? headers : "");

  g_byte_array_append (bytes, (const guint8 *) head, (guint) strlen (head));
  if (length > 0)
    g_byte_array_append (bytes, body, (guint) length);
  return bytes;
}
