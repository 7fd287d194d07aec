/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.c - one end of the connection between the hub and a worker.
 *
 * `kept` holds every numbered frame, as it was encoded, until it is
 * acknowledged; `out` holds what this connection has still to write.  Numbers
 * have no gaps, so that `kept` needs no index: the frame lengths lead from one
 * to the next.
 *
 * One GSource does both directions.  Its prepare function runs once per turn of
 * the main loop, just before it would sleep: that is when everything sent in
 * the turn is written, together with the acknowledgement of what was handled. */
#include "config.h"

#include "link.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define READ_SIZE (64 * 1024)
#define READS_PER_TURN 8
#define CONGESTED (4 * 1024 * 1024)
/* A buffer that grew beyond this is given back when it is empty. */
#define BUFFER_KEEP (128 * 1024)

typedef struct {
  GSource base;
  Link *link;                 /* NULL once closed */
  gpointer tag;
  gboolean wants_out;
} LinkSource;

struct Link {
  gatomicrefcount refs;
  WireDirection receives;
  LinkCallbacks callbacks;
  gpointer data;

  int fd;                     /* -1: not attached */
  LinkSource *source;         /* owned, NULL when not attached */
  gboolean resumed;
  gboolean paused;
  GError *failure;            /* of writing; told from dispatch */

  GString *in;
  gsize in_used;              /* bytes of `in` already taken */
  gint64 received;            /* last number handled */
  gint64 acknowledged;        /* last number that the peer was told of */

  GString *out;
  gsize out_written;
  GString *kept;
  gsize kept_used;            /* bytes of `kept` already acknowledged */
  gint64 kept_first;          /* number of the frame at kept_used */
  gint64 sent;                /* last number given */
};

static gboolean link_prepare (GSource *source, int *timeout);
static gboolean link_check (GSource *source);
static gboolean link_dispatch (GSource *source, GSourceFunc func, gpointer data);

static GSourceFuncs link_source_funcs = { link_prepare, link_check, link_dispatch, NULL, NULL, NULL };

/* The end of a peer is seen by reading, hence not while paused. */
static void
watch (LinkSource *source)
{
  GIOCondition in = source->link->paused ? 0 : G_IO_IN | G_IO_HUP | G_IO_ERR;

  g_source_modify_unix_fd (&source->base, source->tag, in | (source->wants_out ? G_IO_OUT : 0));
}

Link *
link_new (WireDirection receives, const LinkCallbacks *callbacks, gpointer data)
{
  Link *link = g_new0 (Link, 1);

  g_atomic_ref_count_init (&link->refs);
  link->receives = receives;
  link->callbacks = *callbacks;
  link->data = data;
  link->fd = -1;
  link->in = g_string_new (NULL);
  link->out = g_string_new (NULL);
  link->kept = g_string_new (NULL);
  link->kept_first = 1;
  return link;
}

Link *
link_ref (Link *link)
{
  g_atomic_ref_count_inc (&link->refs);
  return link;
}

void
link_unref (Link *link)
{
  if (!g_atomic_ref_count_dec (&link->refs))
    return;
  link_close (link);
  g_string_free (link->in, TRUE);
  g_string_free (link->out, TRUE);
  /* Secrets that were never acknowledged are among it. */
  explicit_bzero (link->kept->str, link->kept->allocated_len);
  g_string_free (link->kept, TRUE);
  g_free (link);
}

static void
buffer_clear (GString **buffer)
{
  explicit_bzero ((*buffer)->str, (*buffer)->len);
  if ((*buffer)->allocated_len > BUFFER_KEEP)
    {
      g_string_free (*buffer, TRUE);
      *buffer = g_string_new (NULL);
    }
  else
    g_string_truncate (*buffer, 0);
}

/* Forgets the taken beginning of a buffer, not at every byte. */
static void
buffer_compact (GString **buffer, gsize *used)
{
  if (*used == (*buffer)->len)
    {
      buffer_clear (buffer);
      *used = 0;
    }
  else if (*used > BUFFER_KEEP && *used > (*buffer)->len / 2)
    {
      g_string_erase (*buffer, 0, *used);
      *used = 0;
    }
}

void
link_close (Link *link)
{
  if (link->source == NULL)
    return;
  link->source->link = NULL;
  g_source_destroy (&link->source->base);
  g_source_unref (&link->source->base);
  link->source = NULL;
  close (link->fd);
  link->fd = -1;
  link->resumed = FALSE;
  link->in_used = link->out_written = 0;
  buffer_clear (&link->in);
  buffer_clear (&link->out);
  g_clear_error (&link->failure);
}

void
link_attach (Link *link, int fd)
{
  link_close (link);
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  link->fd = fd;
  link->acknowledged = link->received;
  link->source = (LinkSource *) g_source_new (&link_source_funcs, sizeof (LinkSource));
  link->source->link = link;
  link->source->wants_out = FALSE;
  link->source->tag = g_source_add_unix_fd (&link->source->base, fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  watch (link->source);
  g_source_set_static_name (&link->source->base, "link");
  g_source_attach (&link->source->base, NULL);
}

gboolean
link_is_attached (Link *link)
{
  return link->source != NULL;
}

gint64
link_get_received (Link *link)
{
  return link->received;
}

gint64
link_get_acknowledged (Link *link)
{
  return link->kept_first - 1;
}

void
link_pause (Link *link, gboolean paused)
{
  if (link->paused == paused)
    return;
  link->paused = paused;
  if (link->source == NULL)
    return;
  watch (link->source);
  /* Frames that were read before the pause wait in `in`. */
  if (!paused)
    g_source_set_ready_time (&link->source->base, 0);
}

gboolean
link_is_paused (Link *link)
{
  return link->paused;
}

gsize
link_get_backlog (Link *link)
{
  return link->kept->len - link->kept_used;
}

gboolean
link_is_congested (Link *link)
{
  return link_get_backlog (link) > CONGESTED;
}

static gsize
frame_size (const char *frame)
{
  guint32 length;

  memcpy (&length, frame, WIRE_HEADER_SIZE);
  return WIRE_HEADER_SIZE + (gsize) GUINT32_FROM_BE (length);
}

static gboolean
forget_kept (Link *link, gint64 acknowledged, GError **error)
{
  if (acknowledged > link->sent)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "number %" G_GINT64_FORMAT " acknowledged, %" G_GINT64_FORMAT " was the last", acknowledged, link->sent);
      return FALSE;
    }
  while (link->kept_first <= acknowledged)
    {
      link->kept_used += frame_size (link->kept->str + link->kept_used);
      link->kept_first++;
    }
  buffer_compact (&link->kept, &link->kept_used);
  return TRUE;
}

gboolean
link_resume (Link *link, gint64 peer_received, GError **error)
{
  if (peer_received < link->kept_first - 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the peer wants number %" G_GINT64_FORMAT " again, which it had acknowledged",
                   peer_received + 1);
      return FALSE;
    }
  if (!forget_kept (link, peer_received, error))
    return FALSE;
  g_string_append_len (link->out, link->kept->str + link->kept_used, link->kept->len - link->kept_used);
  link->resumed = TRUE;
  return TRUE;
}

/* The line is costly to make, and asked for rarely. */
static void
log_message (const char *how, const WireMessage *message)
{
  g_autofree char *form = NULL;

  if (!log_shows (G_LOG_LEVEL_DEBUG))
    return;
  form = wire_dup_log_form (message);
  g_debug ("%s %s", how, form);
}

gint64
link_send (Link *link, const WireMessage *message)
{
  gsize start;

  log_message ("sends", message);
  if (message->type == WIRE_HELLO || message->type == WIRE_WELCOME)
    {
      /* They have a field of their own for how far we got, and the other end may be a new one. */
      if (link->source != NULL)
        wire_encode (link->out, message, 0, 0);
      return 0;
    }
  start = link->kept->len;
  wire_encode (link->kept, message, ++link->sent, link->received);
  if (link->resumed)
    {
      g_string_append_len (link->out, link->kept->str + start, link->kept->len - start);
      link->acknowledged = link->received;
    }
  return link->sent;
}

static void
wipe_string (gpointer string)
{
  explicit_bzero (((GString *) string)->str, ((GString *) string)->len);
  g_string_free (string, TRUE);
}

static GBytes *
dup_unacknowledged (Link *link)
{
  GString *copy = g_string_new_len (link->kept->str + link->kept_used, (gssize) (link->kept->len - link->kept_used));

  return g_bytes_new_with_free_func (copy->str, copy->len, wipe_string, copy);
}

void
link_foreach_frame (GBytes *frames, WireDirection sent, LinkMessageFunc func, gpointer data)
{
  gsize length;
  const char *all = g_bytes_get_data (frames, &length);

  for (gsize at = 0, size; at < length; at += size)
    {
      g_auto (WireFrame) frame = { .tree = NULL };
      gboolean decoded;

      size = frame_size (all + at);
      decoded = wire_decode (&frame, all + at + WIRE_HEADER_SIZE, size - WIRE_HEADER_SIZE, sent, NULL);
      g_assert (decoded);  /* we wrote it */
      func (&frame.message, data);
    }
}

void
link_foreach_unacknowledged (Link *link, LinkMessageFunc func, gpointer data)
{
  g_autoptr (GBytes) frames = dup_unacknowledged (link);

  link_foreach_frame (frames, link->receives == WIRE_EVENT ? WIRE_COMMAND : WIRE_EVENT, func, data);
}

GBytes *
link_begin_anew (Link *link)
{
  GBytes *frames = dup_unacknowledged (link);

  g_assert (!link->resumed);
  link->received = link->acknowledged = link->sent = 0;
  link->kept_first = 1;
  link->kept_used = 0;
  buffer_clear (&link->kept);
  return frames;
}

gboolean
link_is_flushed (Link *link)
{
  return link->out->len == 0;
}

/* -- The source ----------------------------------------------------------- */

static void
watch_out (LinkSource *source, gboolean wants_out)
{
  if (source->wants_out == wants_out)
    return;
  source->wants_out = wants_out;
  watch (source);
}

static void
flush (Link *link)
{
  while (link->out_written < link->out->len)
    {
      ssize_t n = send (link->fd, link->out->str + link->out_written, link->out->len - link->out_written, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          if (errno != EAGAIN && errno != EWOULDBLOCK)
            g_set_error (&link->failure, G_IO_ERROR, g_io_error_from_errno (errno), "cannot write: %s", g_strerror (errno));
          break;
        }
      link->out_written += n;
    }
  buffer_compact (&link->out, &link->out_written);
  watch_out (link->source, link->failure == NULL && link->out->len > 0);
}

static gboolean
link_prepare (GSource *base, int *timeout)
{
  Link *link = ((LinkSource *) base)->link;

  *timeout = -1;
  if (link == NULL)
    return FALSE;
  if (link->failure == NULL && link->resumed && link->acknowledged < link->received)
    {
      wire_encode (link->out, NULL, 0, link->received);
      link->acknowledged = link->received;
    }
  if (link->failure == NULL && link->out->len > 0 && !((LinkSource *) base)->wants_out)
    flush (link);
  return link->failure != NULL;
}

static gboolean
link_check (GSource *base)
{
  LinkSource *source = (LinkSource *) base;

  return source->link != NULL && (source->link->failure != NULL || g_source_query_unix_fd (base, source->tag) != 0
                                  || g_source_get_ready_time (base) == 0);
}

/* Handles one frame.  FALSE with an error: the peer broke the rules. */
static gboolean
take_frame (Link *link, const char *json, gsize length, GError **error)
{
  g_auto (WireFrame) frame = { .tree = NULL };

  if (!wire_decode (&frame, json, length, link->receives, error))
    return FALSE;
  if (!forget_kept (link, frame.acknowledged, error))
    return FALSE;
  if (frame.message.type == WIRE_NONE)
    return TRUE;
  if ((frame.message.type == WIRE_HELLO || frame.message.type == WIRE_WELCOME) != (frame.number == 0))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: wrongly numbered", wire_info (frame.message.type)->name);
      return FALSE;
    }
  if (frame.number != 0 && frame.number != link->received + 1)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "number %" G_GINT64_FORMAT " after %" G_GINT64_FORMAT, frame.number, link->received);
      return FALSE;
    }
  log_message ("takes", &frame.message);
  if (!link->callbacks.on_message (link, &frame.message, link->data, error))
    return FALSE;
  if (frame.number != 0)
    link->received = frame.number;
  return TRUE;
}

/* Handles the whole frames in `in`, until a callback closes the connection. */
static gboolean
take_frames (LinkSource *source, GError **error)
{
  Link *link = source->link;

  while (!link->paused && link->in->len - link->in_used >= WIRE_HEADER_SIZE)
    {
      gsize size = frame_size (link->in->str + link->in_used);
      const char *json = link->in->str + link->in_used + WIRE_HEADER_SIZE;

      if (size - WIRE_HEADER_SIZE > WIRE_FRAME_MAX)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a frame of %" G_GSIZE_FORMAT " bytes", size);
          return FALSE;
        }
      if (link->in->len - link->in_used < size)
        break;
      link->in_used += size;
      if (!take_frame (link, json, size - WIRE_HEADER_SIZE, error))
        return FALSE;
      if (source->link == NULL)
        return TRUE;
    }
  buffer_compact (&link->in, &link->in_used);
  return TRUE;
}

static gboolean
read_some (LinkSource *source, GError **error)
{
  if (!take_frames (source, error))
    return FALSE;
  for (int i = 0; i < READS_PER_TURN && source->link != NULL && !source->link->paused; i++)
    {
      Link *link = source->link;
      gsize before = link->in->len;
      ssize_t n;

      g_string_set_size (link->in, before + READ_SIZE);
      n = recv (link->fd, link->in->str + before, READ_SIZE, 0);
      g_string_truncate (link->in, before + MAX (n, 0));
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return TRUE;
      if (n < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot read: %s", g_strerror (errno));
          return FALSE;
        }
      if (n == 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the other end closed the connection");
          return FALSE;
        }
      if (!take_frames (source, error))
        return FALSE;
      if (n < READ_SIZE)
        return TRUE;
    }
  return TRUE;
}

static gboolean
link_dispatch (GSource *base, GSourceFunc func, gpointer data)
{
  LinkSource *source = (LinkSource *) base;
  g_autoptr (Link) link = link_ref (source->link);
  g_autoptr (GError) error = NULL;

  g_source_set_ready_time (base, -1);
  if (source->wants_out && (g_source_query_unix_fd (base, source->tag) & G_IO_OUT) != 0)
    flush (link);
  /* What the peer said before it went is worth reading first. */
  if (read_some (source, &error) && source->link != NULL && link->failure != NULL)
    error = g_steal_pointer (&link->failure);
  if (error != NULL && source->link != NULL)
    {
      link_close (link);
      link->callbacks.on_closed (link, error, link->data);
    }
  return G_SOURCE_CONTINUE;
}
