/* SPDX-License-Identifier: GPL-2.0-or-later */
/* simple_reader.c - one SIP message for each read of libpurple's SIMPLE plugin. */
#include "config.h"

#include "simple_reader.h"

#include <string.h>
#include <sys/socket.h>

/* A message that is longer is read without looking for its end. */
#define MOST_MESSAGE (256 * 1024)

/* fd -> GString: what was read of a message whose end has not come */
static GHashTable *readers;

static void
reader_free (gpointer data)
{
  g_string_free (data, TRUE);
}

void
simple_reader_add (int fd)
{
  if (readers == NULL)
    readers = g_hash_table_new_full (NULL, NULL, NULL, reader_free);
  /* The same number may be another connection by now. */
  g_hash_table_replace (readers, GINT_TO_POINTER (fd), g_string_new (NULL));
}

/* The value of Content-Length, or of its short form "l", in a head; 0 without one. */
static gsize
body_length (const char *head, gsize length)
{
  const char *end = head + length;

  for (const char *line = head; line != NULL && line < end; )
    {
      const char *value = NULL;

      if ((gsize) (end - line) > 15 && g_ascii_strncasecmp (line, "Content-Length", 14) == 0)
        value = line + 14;
      else if (end - line > 2 && g_ascii_tolower (*line) == 'l' && (line[1] == ':' || line[1] == ' '))
        value = line + 1;
      while (value != NULL && value < end && (*value == ' ' || *value == '\t' || *value == ':'))
        value++;
      if (value != NULL && value < end && g_ascii_isdigit (*value))
        {
          gsize number = 0;

          for (; value < end && g_ascii_isdigit (*value) && number <= MOST_MESSAGE; value++)
            number = number * 10 + (gsize) (*value - '0');
          return number;
        }
      line = memchr (line, '\n', (gsize) (end - line));
      if (line != NULL)
        line++;
    }
  return 0;
}

gsize
simple_reader_message_length (const char *data, gsize length)
{
  gsize begin = 0, whole;
  const char *end;

  /* Blank lines before a message keep a connection alive. */
  while (begin < length && (data[begin] == '\r' || data[begin] == '\n'))
    begin++;
  end = memmem (data + begin, length - begin, "\r\n\r\n", 4);
  if (end == NULL)
    return 0;
  whole = (gsize) (end - data) + 4;
  whole += body_length (data + begin, (gsize) (end - data) - begin);
  return whole <= length ? whole : 0;
}

gboolean
simple_reader_read (int fd, void *data, gsize size, gssize *result)
{
  GString *begun = readers != NULL ? g_hash_table_lookup (readers, GINT_TO_POINTER (fd)) : NULL;
  gsize before, whole;
  gssize n;

  if (begun == NULL)
    return FALSE;
  n = recv (fd, data, size, MSG_PEEK);
  if (n <= 0)
    {
      *result = n;
      return TRUE;
    }
  before = begun->len;
  g_string_append_len (begun, data, n);
  whole = simple_reader_message_length (begun->str, begun->len);
  if (whole > before)
    n = (gssize) (whole - before);
  if (whole > 0 || begun->len > MOST_MESSAGE)
    g_string_truncate (begun, 0);
  *result = recv (fd, data, (gsize) n, 0);
  return TRUE;
}
