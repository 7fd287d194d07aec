/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.c - a non-blocking TCP stream on the loop, with a buffer before it. */
#include "config.h"

#include "stream.h"
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (128 * 1024)
#define KEEP_BUFFER (64 * 1024)

struct Stream {
  int fd;
  LoopWatch *watch;             /* NULL: the other side is gone */
  GString *out;
  gsize written;                /* of out */
  gboolean blocked;             /* the kernel takes no more for now */
  gboolean dirty;               /* listed in dirty_streams */
  gboolean finishing;
  StreamFunc func;
  gpointer user_data;
};

struct Listener {
  int fd;
  LoopWatch *watch;
  StreamAcceptFunc func;
  gpointer user_data;
};

static GPtrArray *dirty_streams;

static void
flush (Stream *stream)
{
  while (stream->written < stream->out->len)
    {
      ssize_t n = send (stream->fd, stream->out->str + stream->written, stream->out->len - stream->written, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != EAGAIN)
        stream->written = stream->out->len;    /* the read side will tell that it is gone */
      else if (n < 0)
        {
          if (!stream->blocked)
            loop_watch_set_events (stream->watch, EPOLLIN | EPOLLOUT);
          stream->blocked = TRUE;
          return;
        }
      else
        stream->written += (gsize) n;
    }
  if (stream->out->allocated_len > KEEP_BUFFER)
    {
      g_string_free (stream->out, TRUE);
      stream->out = g_string_new (NULL);
    }
  else
    g_string_truncate (stream->out, 0);
  stream->written = 0;
  if (stream->blocked)
    loop_watch_set_events (stream->watch, EPOLLIN);
  stream->blocked = FALSE;
  if (stream->finishing)
    shutdown (stream->fd, SHUT_WR);
}

static void
flush_dirty (void)
{
  for (guint i = 0; i < dirty_streams->len; i++)
    {
      Stream *stream = g_ptr_array_index (dirty_streams, i);

      stream->dirty = FALSE;
      if (!stream->blocked && stream->watch != NULL)
        flush (stream);
    }
  g_ptr_array_set_size (dirty_streams, 0);
}

static void
on_events (uint32_t events, gpointer user_data)
{
  static char buffer[READ_SIZE];
  Stream *stream = user_data;
  ssize_t n;

  if (events & EPOLLOUT)
    flush (stream);
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
    return;
  n = recv (stream->fd, buffer, sizeof buffer, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0)
    {
      /* A sender without TCP_NODELAY would otherwise be measured by our kernel's delayed acknowledgements. */
      setsockopt (stream->fd, IPPROTO_TCP, TCP_QUICKACK, &(int) { 1 }, sizeof (int));
      stream->func (stream, buffer, (gsize) n, stream->user_data);
    }
  else
    {
      loop_unwatch (g_steal_pointer (&stream->watch));
      stream->func (stream, NULL, 0, stream->user_data);
    }
}

Stream *
stream_new (int fd, StreamFunc func, gpointer user_data)
{
  Stream *stream = g_new0 (Stream, 1);

  if (dirty_streams == NULL)
    {
      dirty_streams = g_ptr_array_new ();
      loop_set_hook (flush_dirty);
    }
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof (int));
  stream->fd = fd;
  stream->func = func;
  stream->user_data = user_data;
  stream->out = g_string_new (NULL);
  stream->watch = loop_watch (fd, EPOLLIN, on_events, stream);
  return stream;
}

void
stream_free (Stream *stream)
{
  if (stream->dirty)
    g_ptr_array_remove (dirty_streams, stream);
  if (stream->watch != NULL)
    loop_unwatch (stream->watch);
  close (stream->fd);
  g_string_free (stream->out, TRUE);
  g_free (stream);
}

static void
mark_dirty (Stream *stream)
{
  if (stream->dirty)
    return;
  stream->dirty = TRUE;
  g_ptr_array_add (dirty_streams, stream);
}

void
stream_write (Stream *stream, const char *data, gsize length)
{
  g_string_append_len (stream->out, data, (gssize) length);
  mark_dirty (stream);
}

void
stream_printf (Stream *stream, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (stream->out, format, arguments);
  va_end (arguments);
  mark_dirty (stream);
}

void
stream_finish (Stream *stream)
{
  stream->finishing = TRUE;
  mark_dirty (stream);
}

static void
on_connection (G_GNUC_UNUSED uint32_t events, gpointer user_data)
{
  Listener *listener = user_data;
  int fd;

  while ((fd = accept4 (listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    listener->func (fd, listener->user_data);
  if (errno == EMFILE)
    loop_fail (g_error_new (BENCH_ERROR, 0, "too few file descriptors for so many users (ulimit -n)"));
}

Listener *
listener_new (StreamAcceptFunc func, gpointer user_data, GError **error)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  Listener *listener;

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, SOMAXCONN) != 0)
    {
      g_set_error (error, BENCH_ERROR, 0, "cannot listen on 127.0.0.1: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  listener = g_new (Listener, 1);
  *listener = (Listener) { .fd = fd, .func = func, .user_data = user_data };
  listener->watch = loop_watch (fd, EPOLLIN, on_connection, listener);
  return listener;
}

guint16
listener_port (const Listener *listener)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  if (getsockname (listener->fd, (struct sockaddr *) &address, &length) != 0)
    g_error ("getsockname: %s", g_strerror (errno));
  return ntohs (address.sin_port);
}

void
listener_free (Listener *listener)
{
  loop_unwatch (listener->watch);
  close (listener->fd);
  g_free (listener);
}
