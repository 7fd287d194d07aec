/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.c - one connection that carries FLAP frames, plain or in TLS. */
#include "stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 16384
/* Reads in a row before others get their turn. */
#define READS_AT_ONCE 8
/* A server that takes nothing any more. */
#define MOST_UNSENT (4 * 1024 * 1024)

struct Stream {
  int refs;
  PurpleConnection *gc;
  const StreamEvents *events;
  gpointer data;
  PurpleProxyConnectData *connecting;
  PurpleSslConnection *ssl;
  gboolean tls, dead;
  int fd;
  guint reading, writing, ending;   /* sources */
  guint16 sequence;
  GByteArray *received, *unsent;
  time_t last_received, last_sent;
  StreamEnd end;
  char *why;
};

static Stream *
stream_ref (Stream *stream)
{
  stream->refs++;
  return stream;
}

static void
stream_unref (Stream *stream)
{
  if (--stream->refs > 0)
    return;
  g_byte_array_unref (stream->received);
  g_byte_array_unref (stream->unsent);
  g_free (stream->why);
  g_free (stream);
}

static void
remove_sources (Stream *stream)
{
  guint *const inputs[] = { &stream->reading, &stream->writing };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    if (*inputs[i] > 0)
      {
        purple_input_remove (*inputs[i]);
        *inputs[i] = 0;
      }
  if (stream->ending > 0)
    purple_timeout_remove (stream->ending);
  stream->ending = 0;
}

static void
disconnect (Stream *stream)
{
  remove_sources (stream);
  if (stream->connecting != NULL)
    purple_proxy_connect_cancel (stream->connecting);
  stream->connecting = NULL;
  if (stream->ssl != NULL)
    purple_ssl_close (stream->ssl);
  else if (stream->fd >= 0)
    close (stream->fd);
  stream->ssl = NULL;
  stream->fd = -1;
}

void
stream_free (Stream *stream)
{
  stream->dead = TRUE;
  disconnect (stream);
  stream_unref (stream);
}

static gboolean
on_ending (gpointer data)
{
  Stream *stream = data;

  stream->ending = 0;
  disconnect (stream);
  if (!stream->dead)
    {
      stream->dead = TRUE;
      stream->events->on_end (stream, stream->end, stream->why, stream->data);
    }
  return G_SOURCE_REMOVE;
}

/* Tells of the end from the loop: whoever sends right now need not expect to lose the stream meanwhile. */
static void
end_later (Stream *stream, StreamEnd end, const char *why)
{
  if (stream->dead || stream->ending > 0)
    return;
  remove_sources (stream);
  stream->end = end;
  g_free (stream->why);
  stream->why = g_strdup (why);
  stream->ending = purple_timeout_add (0, on_ending, stream);
}

static gssize
write_some (Stream *stream)
{
  if (stream->ssl != NULL)
    return (gssize) purple_ssl_write (stream->ssl, stream->unsent->data, stream->unsent->len);
  return send (stream->fd, stream->unsent->data, stream->unsent->len, MSG_NOSIGNAL);
}

static void
on_writable (gpointer data, int fd, PurpleInputCondition condition)
{
  Stream *stream = data;
  gssize written;

  while (stream->unsent->len > 0 && (written = write_some (stream)) != 0)
    {
      if (written < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (written < 0)
        {
          end_later (stream, STREAM_FAILED, g_strerror (errno));
          return;
        }
      g_byte_array_remove_range (stream->unsent, 0, (guint) written);
    }
  if (stream->unsent->len == 0 && stream->writing > 0)
    {
      purple_input_remove (stream->writing);
      stream->writing = 0;
    }
}

void
stream_send (Stream *stream, FlapChannel channel, const GByteArray *body)
{
  if (stream->dead || stream->ending > 0 || stream->fd < 0)
    return;
  flap_add_frame (stream->unsent, channel, stream->sequence++, body);
  stream->last_sent = time (NULL);
  if (stream->writing > 0)
    {
      if (stream->unsent->len > MOST_UNSENT)
        end_later (stream, STREAM_FAILED, "The server takes nothing any more");
      return;
    }
  stream->writing = purple_input_add (stream->fd, PURPLE_INPUT_WRITE, on_writable, stream);
  on_writable (stream, stream->fd, PURPLE_INPUT_WRITE);
}

static void
take_frames (Stream *stream)
{
  gsize used = 0;

  while (!stream->dead && stream->ending == 0)
    {
      FlapFrame frame;
      gsize length = 0;

      switch (flap_parse (stream->received->data + used, stream->received->len - used, &frame, &length))
        {
        case FLAP_FRAME:
          used += length;
          stream->events->on_frame (stream, &frame, stream->data);
          continue;
        case FLAP_BROKEN:
          end_later (stream, STREAM_FAILED, "The server does not speak OSCAR");
          return;
        case FLAP_MORE:
          break;
        }
      break;
    }
  if (!stream->dead && used > 0)
    g_byte_array_remove_range (stream->received, 0, (guint) used);
}

static gssize
read_some (Stream *stream, guint8 *buffer)
{
  if (stream->ssl != NULL)
    return (gssize) purple_ssl_read (stream->ssl, buffer, READ_BYTES);
  return recv (stream->fd, buffer, READ_BYTES, 0);
}

static void
read_all (Stream *stream)
{
  guint8 buffer[READ_BYTES];

  stream_ref (stream);
  for (guint i = 0; i < READS_AT_ONCE && !stream->dead && stream->ending == 0; i++)
    {
      gssize length = read_some (stream, buffer);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        break;
      if (length < 0)
        {
          end_later (stream, STREAM_FAILED, g_strerror (errno));
          break;
        }
      if (length == 0)
        {
          gboolean signed_off = flap_is_short_signoff (stream->received->data, stream->received->len);

          end_later (stream, signed_off ? STREAM_SIGNED_OFF : STREAM_ENDED, "The server closed the connection");
          break;
        }
      stream->last_received = time (NULL);
      g_byte_array_append (stream->received, buffer, (guint) length);
      take_frames (stream);
    }
  stream_unref (stream);
}

static void
on_readable (gpointer data, int fd, PurpleInputCondition condition)
{
  read_all (data);
}

static void
on_ssl_readable (gpointer data, PurpleSslConnection *ssl, PurpleInputCondition condition)
{
  Stream *stream = data;

  if (stream->ending == 0 && !stream->dead)
    read_all (stream);
}

/* What is sent waits for no acknowledgement of what was sent before: each SNAC is a packet of its own. */
static void
set_fd (Stream *stream, int fd)
{
  int yes = 1;

  stream->fd = fd;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void
on_connected (gpointer data, gint source, const gchar *error)
{
  Stream *stream = data;

  stream->connecting = NULL;
  if (source < 0)
    {
      end_later (stream, STREAM_UNREACHABLE, error != NULL ? error : "It cannot be reached");
      return;
    }
  set_fd (stream, source);
  stream->reading = purple_input_add (source, PURPLE_INPUT_READ, on_readable, stream);
}

static void
on_ssl_connected (gpointer data, PurpleSslConnection *ssl, PurpleInputCondition condition)
{
  Stream *stream = data;

  set_fd (stream, ssl->fd);
  purple_ssl_input_add (ssl, on_ssl_readable, stream);
}

static void
on_ssl_failed (PurpleSslConnection *ssl, PurpleSslErrorType error, gpointer data)
{
  Stream *stream = data;

  /* libpurple frees the connection after this call. */
  stream->ssl = NULL;
  end_later (stream, error == PURPLE_SSL_CERTIFICATE_INVALID ? STREAM_UNTRUSTED : STREAM_UNREACHABLE, purple_ssl_strerror (error));
}

Stream *
stream_connect (PurpleConnection *gc, const char *host, int port, gboolean tls, const StreamEvents *events, gpointer data)
{
  Stream *stream = g_new0 (Stream, 1);
  PurpleAccount *account = purple_connection_get_account (gc);

  stream->refs = 1;
  stream->gc = gc;
  stream->events = events;
  stream->data = data;
  stream->tls = tls;
  stream->fd = -1;
  stream->sequence = (guint16) g_random_int ();
  stream->received = g_byte_array_new ();
  stream->unsent = g_byte_array_new ();
  stream->last_received = stream->last_sent = time (NULL);
  if (tls)
    stream->ssl = purple_ssl_connect (account, host, port, on_ssl_connected, on_ssl_failed, stream);
  else
    stream->connecting = purple_proxy_connect (gc, account, host, port, on_connected, stream);
  if (stream->ssl == NULL && stream->connecting == NULL && stream->ending == 0 && stream->fd < 0)
    end_later (stream, STREAM_UNREACHABLE, "No connection can be made");
  return stream;
}

void
stream_sign_off (Stream *stream)
{
  stream_send (stream, FLAP_SIGNOFF, NULL);
  stream_free (stream);
}

gboolean
stream_is_tls (const Stream *stream)
{
  return stream->tls;
}

guint32
stream_get_own_ip (const Stream *stream)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  if (stream->fd < 0 || getsockname (stream->fd, (struct sockaddr *) &address, &length) != 0 || address.sin_family != AF_INET)
    return 0;
  return ntohl (address.sin_addr.s_addr);
}

guint
stream_get_silence (const Stream *stream)
{
  return (guint) MAX (time (NULL) - stream->last_received, 0);
}

guint
stream_get_idleness (const Stream *stream)
{
  return (guint) MAX (time (NULL) - stream->last_sent, 0);
}
