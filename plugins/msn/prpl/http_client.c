/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http_client.c - one request over HTTP or HTTPS.
 *
 * libpurple's own client follows redirects by itself and forgets our headers then (4.2), so this is another.  */
#include "http_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECONDS_TO_ANSWER 30
/* Until TLS is there: a person may have to be asked about the certificate. */
#define SECONDS_TO_TRUST 120
#define LARGEST_ANSWER (2 * 1024 * 1024)
#define READ_BYTES 16384

struct HttpRequest {
  Session *session;
  HttpFunc func;
  gpointer data;
  PurpleProxyConnectData *connecting;
  PurpleSslConnection *ssl;
  int fd;
  guint reading, writing, timer, ending;    /* sources */
  GByteArray *unsent;
  HttpReader *reader;
  gboolean untrusted;
  char *why;                                /* of a failure */
  gboolean complete;
};

static void
disconnect (HttpRequest *request)
{
  if (request->reading > 0)
    purple_input_remove (request->reading);
  if (request->writing > 0)
    purple_input_remove (request->writing);
  if (request->timer > 0)
    purple_timeout_remove (request->timer);
  request->reading = request->writing = request->timer = 0;
  if (request->connecting != NULL)
    purple_proxy_connect_cancel (request->connecting);
  request->connecting = NULL;
  if (request->ssl != NULL)
    purple_ssl_close (request->ssl);
  else if (request->fd >= 0)
    close (request->fd);
  request->ssl = NULL;
  request->fd = -1;
}

void
http_request_cancel (HttpRequest *request)
{
  disconnect (request);
  if (request->ending > 0)
    purple_timeout_remove (request->ending);
  http_reader_free (request->reader);
  g_byte_array_unref (request->unsent);
  g_free (request->why);
  g_free (request);
}

static gboolean
on_ending (gpointer data)
{
  HttpRequest *request = data;

  request->ending = 0;
  disconnect (request);
  request->func (request->session, request->complete ? http_reader_get (request->reader) : NULL, request->why, request->untrusted, request->data);
  http_request_cancel (request);
  return G_SOURCE_REMOVE;
}

/* libpurple's callbacks must not free what they were called for: the end comes a moment later. */
static void
end_later (HttpRequest *request, const char *why)
{
  if (request->ending > 0)
    return;
  request->why = g_strdup (why);
  request->ending = purple_timeout_add (0, on_ending, request);
}

static gboolean
on_timeout (gpointer data)
{
  HttpRequest *request = data;

  request->timer = 0;
  end_later (request, "It did not answer in time");
  return G_SOURCE_REMOVE;
}

static void
set_limit (HttpRequest *request, guint seconds)
{
  if (request->timer > 0)
    purple_timeout_remove (request->timer);
  request->timer = purple_timeout_add_seconds (seconds, on_timeout, request);
}

static void
take_result (HttpRequest *request, HttpResult result)
{
  if (result == HTTP_MORE)
    return;
  request->complete = result == HTTP_DONE;
  end_later (request, request->complete ? NULL : "Its answer cannot be read");
}

static void
read_some (HttpRequest *request)
{
  guint8 buffer[READ_BYTES];

  while (request->ending == 0)
    {
      gssize length = request->ssl != NULL ? (gssize) purple_ssl_read (request->ssl, buffer, sizeof buffer) : recv (request->fd, buffer, sizeof buffer, 0);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (length > 0)
        take_result (request, http_reader_feed (request->reader, buffer, (gsize) length));
      else
        {
          /* Many servers end TLS without saying so: an end is an end. */
          take_result (request, http_reader_end (request->reader));
          return;
        }
    }
}

static void
on_readable (gpointer data, int fd, PurpleInputCondition condition)
{
  read_some (data);
}

static void
on_ssl_readable (gpointer data, PurpleSslConnection *ssl, PurpleInputCondition condition)
{
  read_some (data);
}

static void
on_writable (gpointer data, int fd, PurpleInputCondition condition)
{
  HttpRequest *request = data;

  while (request->unsent->len > 0 && request->ending == 0)
    {
      gssize length = request->ssl != NULL ? (gssize) purple_ssl_write (request->ssl, request->unsent->data, request->unsent->len)
                                           : send (request->fd, request->unsent->data, request->unsent->len, MSG_NOSIGNAL);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (length <= 0)
        {
          end_later (request, g_strerror (errno));
          return;
        }
      g_byte_array_remove_range (request->unsent, 0, (guint) length);
    }
  if (request->writing > 0)
    purple_input_remove (request->writing);
  request->writing = 0;
}

static void
on_connected (gpointer data, gint source, const gchar *error)
{
  HttpRequest *request = data;

  request->connecting = NULL;
  if (source < 0)
    {
      end_later (request, error != NULL ? error : "It cannot be reached");
      return;
    }
  request->fd = source;
  request->reading = purple_input_add (source, PURPLE_INPUT_READ, on_readable, request);
  request->writing = purple_input_add (source, PURPLE_INPUT_WRITE, on_writable, request);
}

static void
on_ssl_connected (gpointer data, PurpleSslConnection *ssl, PurpleInputCondition condition)
{
  HttpRequest *request = data;

  request->fd = ssl->fd;
  set_limit (request, SECONDS_TO_ANSWER);
  purple_ssl_input_add (ssl, on_ssl_readable, request);
  request->writing = purple_input_add (ssl->fd, PURPLE_INPUT_WRITE, on_writable, request);
}

static void
on_ssl_failed (PurpleSslConnection *ssl, PurpleSslErrorType error, gpointer data)
{
  HttpRequest *request = data;

  /* libpurple frees the connection after this call. */
  request->ssl = NULL;
  request->fd = -1;
  request->untrusted = error == PURPLE_SSL_CERTIFICATE_INVALID;
  end_later (request, purple_ssl_strerror (error));
}

HttpRequest *
http_request_send (Session *session, const HttpAddress *address, GByteArray *bytes, HttpFunc func, gpointer data)
{
  HttpRequest *request = g_new0 (HttpRequest, 1);

  request->session = session;
  request->func = func;
  request->data = data;
  request->fd = -1;
  request->unsent = bytes;
  request->reader = http_reader_new (LARGEST_ANSWER);
  set_limit (request, address->tls ? SECONDS_TO_TRUST : SECONDS_TO_ANSWER);
  if (address->tls)
    request->ssl = purple_ssl_connect (session->account, address->host, address->port, on_ssl_connected, on_ssl_failed, request);
  else
    request->connecting = purple_proxy_connect (session->gc, session->account, address->host, address->port, on_connected, request);
  if (request->ssl == NULL && request->connecting == NULL && request->fd < 0)
    end_later (request, "No connection can be made");
  return request;
}
