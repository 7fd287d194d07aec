/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_message.c - HTTP/1.1 as the web services and the gateway speak it. */
#include "http_message.h"

#include <string.h>

#include "address.h"

#define LONGEST_HEAD (64 * 1024)
#define MOST_HEADERS 200

/* -- Addresses and requests ------------------------------------------------ */

gboolean
http_address_parse (const char *url, HttpAddress *address)
{
  g_autofree char *authority = NULL;
  gsize length;

  memset (address, 0, sizeof *address);
  address->tls = g_ascii_strncasecmp (url, "http://", 7) != 0;
  if (!address->tls)
    url += 7;
  else if (g_ascii_strncasecmp (url, "https://", 8) == 0)
    url += 8;
  for (const char *p = url; *p != '\0'; p++)
    if ((guchar) *p <= 0x20 || *p == 0x7f)
      return FALSE;
  length = strcspn (url, "/?#");
  authority = g_strndup (url, length);
  if (strchr (authority, '@') != NULL || !address_split_server (authority, address->tls ? 443 : 80, &address->host, &address->port))
    return FALSE;
  address->path = g_strdup_printf ("%s%.*s", url[length] == '/' ? "" : "/", (int) strcspn (url + length, "#"), url + length);
  return TRUE;
}

void
http_address_clear (HttpAddress *address)
{
  g_clear_pointer (&address->host, g_free);
  g_clear_pointer (&address->path, g_free);
}

static char *
dup_authority (const HttpAddress *address)
{
  gboolean six = strchr (address->host, ':') != NULL;
  g_autofree char *port = address->port != (address->tls ? 443 : 80) ? g_strdup_printf (":%d", address->port) : g_strdup ("");

  return g_strdup_printf ("%s%s%s%s", six ? "[" : "", address->host, six ? "]" : "", port);
}

char *
http_address_dup_origin (const HttpAddress *address)
{
  g_autofree char *authority = dup_authority (address);

  return g_strdup_printf ("%s://%s", address->tls ? "https" : "http", authority);
}

GByteArray *
http_build_request (const char *method, const HttpAddress *address, const char *headers, gboolean keep_alive, const void *body, gsize length)
{
  g_autofree char *authority = dup_authority (address);
  g_autoptr (GString) head = g_string_new (NULL);
  GByteArray *request = g_byte_array_new ();

  g_string_append_printf (head, "%s %s HTTP/1.1\r\nHost: %s\r\n%s", method, address->path, authority, headers != NULL ? headers : "");
  g_string_append_printf (head, "User-Agent: MSMSGS\r\nConnection: %s\r\n", keep_alive ? "keep-alive" : "close");
  if (g_str_equal (method, "POST"))
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", length);
  g_string_append (head, "\r\n");
  g_byte_array_append (request, (const guint8 *) head->str, (guint) head->len);
  if (length > 0)
    g_byte_array_append (request, body, (guint) length);
  return request;
}

/* -- Answers --------------------------------------------------------------- */

typedef enum { READ_HEAD, READ_LENGTH, READ_CHUNKS, READ_TO_END, READ_DONE, READ_BROKEN } ReadState;

struct HttpReader {
  gsize most;
  ReadState state;
  GByteArray *raw;          /* not understood yet */
  HttpResponse response;
  gsize expected;           /* of the body with READ_LENGTH */
  gsize chunk;              /* what is left of the current one */
  gboolean in_chunk, after_chunk, trailer;
};

static void
clear_response (HttpResponse *response)
{
  g_clear_pointer (&response->headers, g_ptr_array_unref);
  g_clear_pointer (&response->body, g_byte_array_unref);
  response->status = 0;
}

static void
start_response (HttpReader *reader)
{
  clear_response (&reader->response);
  reader->response.headers = g_ptr_array_new_with_free_func (g_free);
  reader->response.body = g_byte_array_new ();
  reader->state = READ_HEAD;
  reader->expected = reader->chunk = 0;
  reader->in_chunk = reader->after_chunk = reader->trailer = FALSE;
}

HttpReader *
http_reader_new (gsize most)
{
  HttpReader *reader = g_new0 (HttpReader, 1);

  reader->most = most;
  reader->raw = g_byte_array_new ();
  start_response (reader);
  return reader;
}

void
http_reader_free (HttpReader *reader)
{
  clear_response (&reader->response);
  g_byte_array_unref (reader->raw);
  g_free (reader);
}

const HttpResponse *
http_reader_get (const HttpReader *reader)
{
  return &reader->response;
}

const char *
http_response_get (const HttpResponse *response, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < response->headers->len; i++)
    {
      const char *header = response->headers->pdata[i];

      if (g_ascii_strncasecmp (header, name, length) == 0 && header[length] == ':')
        {
          header += length + 1;
          while (*header == ' ' || *header == '\t')
            header++;
          return header;
        }
    }
  return NULL;
}

/* A line of what is raw, without its end; NULL: there is no whole one. */
static char *
take_line (HttpReader *reader)
{
  const guint8 *end = reader->raw->len > 0 ? memchr (reader->raw->data, '\n', reader->raw->len) : NULL;
  gsize length;
  char *line;

  if (end == NULL)
    return NULL;
  length = (gsize) (end - reader->raw->data);
  line = g_strndup ((const char *) reader->raw->data, length);
  g_byte_array_remove_range (reader->raw, 0, (guint) length + 1);
  return g_strchomp (line);
}

static void
begin_body (HttpReader *reader)
{
  HttpResponse *response = &reader->response;
  const char *length = http_response_get (response, "Content-Length");
  const char *encoding = http_response_get (response, "Transfer-Encoding");
  const char *connection = http_response_get (response, "Connection");
  guint64 number;

  response->keeps_alive = connection == NULL || g_ascii_strcasecmp (connection, "close") != 0;
  if (response->status >= 100 && response->status < 200)
    {
      start_response (reader);
      return;
    }
  if (response->status == 204 || response->status == 304)
    reader->state = READ_DONE;
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    reader->state = READ_CHUNKS;
  else if (length == NULL)
    {
      reader->state = READ_TO_END;
      response->keeps_alive = FALSE;
    }
  else if (g_ascii_string_to_unsigned (length, 10, 0, reader->most, &number, NULL))
    {
      reader->expected = (gsize) number;
      reader->state = number > 0 ? READ_LENGTH : READ_DONE;
    }
  else
    reader->state = READ_BROKEN;
}

static void
take_status (HttpReader *reader, const char *line)
{
  const char *blank = strchr (line, ' ');

  if (!g_str_has_prefix (line, "HTTP/1.") || blank == NULL || !g_ascii_isdigit (blank[1]))
    {
      reader->state = READ_BROKEN;
      return;
    }
  reader->response.status = (guint) MIN (g_ascii_strtoull (blank + 1, NULL, 10), 999);
}

/* TRUE: go on. */
static gboolean
read_head (HttpReader *reader)
{
  g_autofree char *line = take_line (reader);

  if (line == NULL)
    {
      if (reader->raw->len > LONGEST_HEAD)
        reader->state = READ_BROKEN;
      return FALSE;
    }
  if (strlen (line) > LONGEST_HEAD || reader->response.headers->len > MOST_HEADERS)
    reader->state = READ_BROKEN;
  else if (reader->response.status == 0)
    {
      if (*line != '\0')
        take_status (reader, line);
    }
  else if (*line == '\0')
    begin_body (reader);
  else
    g_ptr_array_add (reader->response.headers, g_steal_pointer (&line));
  return reader->state != READ_BROKEN;
}

static gboolean
take_body (HttpReader *reader, gsize length)
{
  if (reader->response.body->len + length > reader->most)
    {
      reader->state = READ_BROKEN;
      return FALSE;
    }
  g_byte_array_append (reader->response.body, reader->raw->data, (guint) length);
  g_byte_array_remove_range (reader->raw, 0, (guint) length);
  return TRUE;
}

static gboolean
begin_chunk (HttpReader *reader)
{
  g_autofree char *line = take_line (reader);
  guint64 number;

  if (line == NULL)
    {
      if (reader->raw->len > 1024)
        reader->state = READ_BROKEN;
      return FALSE;
    }
  if (reader->trailer)
    {
      if (*line == '\0')
        reader->state = READ_DONE;
      return TRUE;
    }
  if (reader->after_chunk && *line == '\0')
    {
      reader->after_chunk = FALSE;
      return TRUE;
    }
  line[strcspn (line, "; ")] = '\0';
  if (!g_ascii_string_to_unsigned (line, 16, 0, reader->most, &number, NULL))
    {
      reader->state = READ_BROKEN;
      return FALSE;
    }
  reader->chunk = (gsize) number;
  reader->in_chunk = number > 0;
  reader->trailer = number == 0;
  return TRUE;
}

static gboolean
read_chunks (HttpReader *reader)
{
  gsize length;

  if (!reader->in_chunk)
    return begin_chunk (reader);
  length = MIN (reader->chunk, reader->raw->len);
  if (length == 0 || !take_body (reader, length))
    return FALSE;
  reader->chunk -= length;
  if (reader->chunk == 0)
    {
      reader->in_chunk = FALSE;
      reader->after_chunk = TRUE;
    }
  return TRUE;
}

static gboolean
read_length (HttpReader *reader)
{
  gsize length = MIN (reader->expected - reader->response.body->len, reader->raw->len);

  if (length > 0 && !take_body (reader, length))
    return FALSE;
  if (reader->response.body->len < reader->expected)
    return FALSE;
  reader->state = READ_DONE;
  return TRUE;
}

static HttpResult
finish (HttpReader *reader)
{
  static const guint8 zero = 0;

  if (reader->state == READ_BROKEN)
    return HTTP_BROKEN;
  if (reader->state != READ_DONE)
    return HTTP_MORE;
  g_byte_array_append (reader->response.body, &zero, 1);
  g_byte_array_set_size (reader->response.body, reader->response.body->len - 1);
  return HTTP_DONE;
}

HttpResult
http_reader_feed (HttpReader *reader, const void *data, gsize length)
{
  gboolean more = TRUE;

  if (reader->state == READ_DONE)
    start_response (reader);
  if (reader->state == READ_BROKEN)
    return HTTP_BROKEN;
  g_byte_array_append (reader->raw, data, (guint) length);
  while (more && reader->state != READ_DONE)
    switch (reader->state)
      {
      case READ_HEAD: more = read_head (reader); break;
      case READ_LENGTH: more = read_length (reader); break;
      case READ_CHUNKS: more = read_chunks (reader); break;
      case READ_TO_END:
        if (reader->raw->len > 0)
          take_body (reader, reader->raw->len);
        more = FALSE;
        break;
      case READ_DONE:
      case READ_BROKEN:
        more = FALSE;
        break;
      }
  return finish (reader);
}

HttpResult
http_reader_end (HttpReader *reader)
{
  if (reader->state == READ_TO_END)
    reader->state = READ_DONE;
  else if (reader->state != READ_DONE)
    reader->state = READ_BROKEN;
  return finish (reader);
}
