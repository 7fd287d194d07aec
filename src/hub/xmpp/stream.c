/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.c - a component's connection to its XMPP server (XEP-0114).
 *
 * One GSource drives a connection: its prepare function, run just before the
 * main loop would sleep, writes what the turn has produced; it reads when GIO
 * says that there is something.  Stanzas are collected while expat runs and
 * handed on afterwards, so that no callback runs inside the parser.
 *
 * A server that has stopped without closing is noticed by a ping to ourselves,
 * which has to come back through it. */
#include "config.h"

#include "stream.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "parser.h"
#include "text.h"

#define READ_SIZE INTAKE_AREA
#define READS_PER_TURN 8
/* The smallest limit of a server towards components, less a margin. */
#define STANZA_MAX (500 * 1024)
#define BACKOFF_FIRST_MS 500
#define BACKOFF_MOST_MS 15000
/* Two that push each other out should at least do it slowly. */
#define CONFLICT_ATTEMPTS 5
#define CONFLICT_BACKOFF_MOST_MS 60000
/* A connection that has lasted so long has worked. */
#define SETTLED_SECONDS 10
#define CONNECT_SECONDS 20
#define SILENCE_SECONDS 60
/* What the kernel has taken from the server and we have not dies with us: it shall not be much. */
#define RECEIVE_BUFFER (64 * 1024)
#define STOP_SECONDS 2
#define NS_PING "urn:xmpp:ping"

typedef enum { DOWN, CONNECTING, OPENING, UP, CLOSING } State;

typedef struct {
  GSource base;
  Stream *stream;             /* NULL once closed */
} FlushSource;

struct Stream {
  char *domain;
  char *host;
  guint port;
  SettingsTls tls;
  char *secret;
  StreamCallbacks callbacks;
  gpointer data;

  State state;
  gboolean wanted;
  gint64 up_since;
  guint attempts;             /* since a connection that has worked */
  guint timer;                /* reconnect, connect time-out, or silence */
  gboolean paused;
  guint resumption;           /* of what arrived while it was paused */
  gboolean pinged;            /* silence was answered with a ping already */
  GCancellable *cancellable;  /* of the attempt under way */

  GIOStream *io;
  GPollableInputStream *input;
  GPollableOutputStream *output;
  GSource *in_source, *out_source;
  FlushSource *flush_source;
  Parser *parser;
  GQueue arrived;             /* xmpp_stanza_t */
  Intake *intake;             /* lent; may be NULL */
  GError *failure;            /* ends the connection at the next turn */
  char *refusal;              /* what the server's <stream:error/> said */

  GString *out;
  gsize out_written;

  StreamStopped stopped;
  gpointer stopped_data;
};

static void connect_soon (Stream *stream, guint most);
static void close_connection (Stream *stream);

#define fail(stream, code, ...) \
  G_STMT_START { if ((stream)->failure == NULL) (stream)->failure = g_error_new (G_IO_ERROR, code, __VA_ARGS__); } G_STMT_END

/* -- What comes in -------------------------------------------------------- */

static void
on_open (const char *id, gpointer data)
{
  Stream *stream = data;
  g_autofree char *joined = g_strconcat (id == NULL ? "" : id, stream->secret, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, joined, -1);

  if (id == NULL)
    fail (stream, G_IO_ERROR_INVALID_DATA, "the server's stream has no id; is this its component port?");
  g_string_append_printf (stream->out, "<handshake>%s</handshake>", digest);
  explicit_bzero (joined, strlen (joined));
}

static void
answer_excess (Stream *stream, xmpp_stanza_t *root)
{
  const char *type = stanza_get (root, "type");
  g_autoptr (GError) error = NULL;
  g_autoptr (xmpp_stanza_t) reply = NULL;

  g_message ("%s: a stanza of %s is too large or too complex; refused", stream->domain, xmpp_stanza_get_from (root));
  if (g_strcmp0 (type, "error") == 0 || g_strcmp0 (type, "result") == 0)
    return;
  stanza_refuse (&error, STANZA_POLICY_VIOLATION, "This is too large or too complex for the gateway.");
  reply = stanza_new_error (root, error);
  stream_send (stream, reply);
}

static void
on_parsed (xmpp_stanza_t *stanza, gboolean excess, gpointer data)
{
  Stream *stream = data;

  if (g_str_equal (xmpp_stanza_get_name (stanza), "stream:error"))
    {
      xmpp_stanza_t *condition = stanza_first (stanza);
      g_autofree char *text = stanza_dup_child_text (stanza, "text", "urn:ietf:params:xml:ns:xmpp-streams");

      g_free (stream->refusal);
      stream->refusal = g_strdup_printf ("%s%s%s", condition == NULL ? "an error" : xmpp_stanza_get_name (condition),
                                         text == NULL || *text == '\0' ? "" : ": ", text == NULL ? "" : text);
      return;
    }
  if (stream->state == OPENING && g_str_equal (xmpp_stanza_get_name (stanza), "handshake"))
    {
      g_queue_push_tail (&stream->arrived, xmpp_stanza_clone (stanza));
      return;
    }
  if (xmpp_stanza_get_from (stanza) == NULL || xmpp_stanza_get_to (stanza) == NULL)
    return;
  if (excess)
    answer_excess (stream, stanza);
  else
    g_queue_push_tail (&stream->arrived, xmpp_stanza_clone (stanza));
}

static void
on_closed_by_peer (gpointer data)
{
  Stream *stream = data;

  fail (stream, G_IO_ERROR_CLOSED, "the server closed the stream");
}

static gboolean
on_silence (gpointer data)
{
  Stream *stream = data;
  g_autoptr (xmpp_stanza_t) ping = NULL;

  if (stream->pinged)
    {
      fail (stream, G_IO_ERROR_TIMED_OUT, "the server has not answered for %d seconds", 2 * SILENCE_SECONDS);
      return G_SOURCE_CONTINUE;
    }
  stream->pinged = TRUE;
  ping = stanza_new_iq ("get", stream->domain, stream->domain);
  stanza_add (ping, "ping", NS_PING);
  stream_send (stream, ping);
  return G_SOURCE_CONTINUE;
}

static void
set_timer (Stream *stream, guint seconds, GSourceFunc func)
{
  g_clear_handle_id (&stream->timer, g_source_remove);
  if (func != NULL)
    stream->timer = g_timeout_add_seconds (seconds, func, stream);
}

static void
ignore_open (const char *id, gpointer data)
{
}

static void
ignore_close (gpointer data)
{
}

/* What an earlier connection has left comes before what this one brings. */
static void
take_up_left (Stream *stream)
{
  static const char header[] = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>";
  static const ParserCallbacks callbacks = { ignore_open, on_parsed, ignore_close };
  g_autoptr (Parser) parser = NULL;
  g_autoptr (GError) error = NULL;
  GQueue later = stream->arrived;
  gsize length;
  guint done;
  const char *left = stream->intake == NULL ? NULL : intake_get_left (stream->intake, &length, &done);

  if (left == NULL)
    return;
  g_queue_init (&stream->arrived);
  parser = parser_new (&callbacks, stream);
  if (!parser_feed (parser, header, strlen (header), &error) || !parser_feed (parser, left, length, &error))
    g_warning ("%s: some of what was read before is lost: %s", stream->domain, error->message);
  for (; done > 0 && !g_queue_is_empty (&stream->arrived); done--)
    xmpp_stanza_release (g_queue_pop_head (&stream->arrived));
  if (stream->arrived.length > 0)
    g_message ("%s: %u stanzas that were read before are dealt with now", stream->domain, stream->arrived.length);
  intake_take_up (stream->intake, stream->arrived.length);
  while (!g_queue_is_empty (&later))
    g_queue_push_tail (&stream->arrived, g_queue_pop_head (&later));
}

static void
go_up (Stream *stream)
{
  stream->state = UP;
  stream->up_since = g_get_monotonic_time ();
  set_timer (stream, SILENCE_SECONDS, on_silence);
  g_message ("%s: connected to the XMPP server at %s port %u", stream->domain, stream->host, stream->port);
  stream->callbacks.on_up (stream, stream->data);
  take_up_left (stream);
}

static gboolean
is_open (Stream *stream)
{
  return stream->state == UP || stream->state == CLOSING;
}

/* Before that there is only what an earlier connection has left. */
static gboolean
keeps (Stream *stream)
{
  return stream->intake != NULL && is_open (stream);
}

/* Whether what is read next is to be kept until its stanzas are handed on: from the beginning of a stanza on, when all before it are. */
static gboolean
keeps_next (Stream *stream)
{
  return keeps (stream) && g_queue_is_empty (&stream->arrived) && intake_get_tail (stream->intake) == parser_get_tail (stream->parser);
}

static void
hand_on_arrived (Stream *stream)
{
  xmpp_stanza_t *next;

  while (!stream->paused && (next = g_queue_pop_head (&stream->arrived)) != NULL)
    {
      g_autoptr (xmpp_stanza_t) stanza = next;

      if (stream->state == OPENING)
        go_up (stream);
      else if (is_open (stream))
        {
          if (keeps (stream))
            intake_begin (stream->intake);
          stream->callbacks.on_stanza (stream, stanza, stream->data);
          if (keeps (stream))
            intake_done (stream->intake);
        }
    }
  if (keeps (stream) && g_queue_is_empty (&stream->arrived))
    intake_settle (stream->intake, parser_get_tail (stream->parser));
}

static void
read_some (Stream *stream)
{
  static char common[READ_SIZE];

  for (int i = 0; i < READS_PER_TURN && !stream->paused && stream->failure == NULL && stream->input != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean kept = keeps_next (stream);
      char *buffer = kept ? intake_area (stream->intake) : common;
      gssize n = g_pollable_input_stream_read_nonblocking (stream->input, buffer, READ_SIZE, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      if (n > 0 && kept)
        intake_read (stream->intake, (gsize) n);
      if (n < 0)
        fail (stream, error->code, "cannot read from the server: %s", error->message);
      else if (n == 0)
        fail (stream, G_IO_ERROR_CLOSED, "the server closed the connection");
      else if (!parser_feed (stream->parser, buffer, n, &error))
        fail (stream, G_IO_ERROR_INVALID_DATA, "%s", error->message);
      if (n > 0 && stream->pinged)
        stream->pinged = FALSE;
      if (n > 0 && kept)
        intake_wipe (stream->intake);
      hand_on_arrived (stream);
      if (n > 0 && n < READ_SIZE)
        break;
    }
}

static gboolean
on_readable (GObject *input, gpointer data)
{
  read_some (data);
  return G_SOURCE_CONTINUE;
}

static void
listen_again (Stream *stream)
{
  stream->in_source = g_pollable_input_stream_create_source (stream->input, NULL);
  g_source_set_callback (stream->in_source, G_SOURCE_FUNC (on_readable), stream, NULL);
  g_source_attach (stream->in_source, NULL);
}

/* -- What goes out -------------------------------------------------------- */

static gboolean
on_writable (GObject *output, gpointer data)
{
  Stream *stream = data;

  /* prepare writes again, now that nothing stands in its way. */
  g_clear_pointer (&stream->out_source, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
flush (Stream *stream)
{
  while (stream->out_written < stream->out->len)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_pollable_output_stream_write_nonblocking (stream->output, stream->out->str + stream->out_written,
                                                             stream->out->len - stream->out_written, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          stream->out_source = g_pollable_output_stream_create_source (stream->output, NULL);
          g_source_set_callback (stream->out_source, G_SOURCE_FUNC (on_writable), stream, NULL);
          g_source_attach (stream->out_source, NULL);
          return;
        }
      if (n < 0)
        {
          fail (stream, error->code, "cannot write to the server: %s", error->message);
          return;
        }
      stream->out_written += n;
    }
  if (stream->out->allocated_len > 4 * READ_SIZE)
    {
      g_string_free (stream->out, TRUE);
      stream->out = g_string_new (NULL);
    }
  g_string_truncate (stream->out, 0);
  stream->out_written = 0;
}

char *
stream_dup_text (Stream *stream, xmpp_stanza_t *stanza, gsize *length)
{
  g_autofree char *clean = NULL;
  char *text;

  if (xmpp_stanza_get_to (stanza) == NULL || xmpp_stanza_get_from (stanza) == NULL)
    {
      g_critical ("%s: a <%s/> without addresses was to be sent", stream->domain, xmpp_stanza_get_name (stanza));
      return NULL;
    }
  text = stanza_dup_xml (stanza, length);
  if (text == NULL)
    return NULL;
  if (!text_is_clean (text, *length))
    {
      clean = text_dup_clean (text, *length);
      g_free (text);
      text = g_steal_pointer (&clean);
      *length = strlen (text);
    }
  if (*length > STANZA_MAX)
    {
      g_warning ("%s: a <%s/> of %" G_GSIZE_FORMAT " bytes to %s is more than servers take; dropped", stream->domain,
                 xmpp_stanza_get_name (stanza), *length, xmpp_stanza_get_to (stanza));
      g_free (text);
      return NULL;
    }
  return text;
}

void
stream_write (Stream *stream, const char *text, gsize length)
{
  g_assert (stream->state == UP);
  g_string_append_len (stream->out, text, (gssize) length);
}

void
stream_send (Stream *stream, xmpp_stanza_t *stanza)
{
  g_autofree char *text = NULL;
  gsize length;

  if (stream->state != UP)
    return;
  text = stream_dup_text (stream, stanza, &length);
  if (text != NULL)
    stream_write (stream, text, length);
}

/* -- The connection ------------------------------------------------------- */

static void
finish_stop (Stream *stream, gboolean ended)
{
  StreamStopped stopped = g_steal_pointer (&stream->stopped);

  if (stopped != NULL)
    stopped (ended, stream->stopped_data);
}

static void
end_connection (Stream *stream)
{
  g_autoptr (GError) error = g_steal_pointer (&stream->failure);
  g_autofree char *refusal = g_steal_pointer (&stream->refusal);
  gboolean closing = stream->state == CLOSING;
  gboolean in_conflict = refusal != NULL && g_str_has_prefix (refusal, "conflict");
  gboolean ended = closing && refusal == NULL && stream->out->len == 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  if (refusal != NULL)
    {
      const char *advice = g_str_has_prefix (refusal, "not-authorized") ? "; is the secret the one of the server's configuration?"
                           : in_conflict ? "; is another gateway connected as this domain?"
                           : g_str_has_prefix (refusal, "host-unknown") ? "; has the server a component of this name?" : "";

      g_clear_error (&error);
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "the server refused: %s%s", refusal, advice);
    }
  if (in_conflict)
    stream->attempts = MAX (stream->attempts, CONFLICT_ATTEMPTS);
  else if (stream->state == UP && g_get_monotonic_time () - stream->up_since >= SETTLED_SECONDS * G_USEC_PER_SEC)
    stream->attempts = 0;
  close_connection (stream);
  if (closing)
    {
      finish_stop (stream, ended);
      return;
    }
  if (stream->wanted)
    connect_soon (stream, in_conflict ? CONFLICT_BACKOFF_MOST_MS : BACKOFF_MOST_MS);
  stream->callbacks.on_down (stream, error, stream->data);
}

static gboolean
flush_prepare (GSource *base, int *timeout)
{
  Stream *stream = ((FlushSource *) base)->stream;

  *timeout = -1;
  if (stream == NULL)
    return FALSE;
  if (stream->failure == NULL && stream->out_source == NULL && stream->out->len > 0)
    flush (stream);
  return stream->failure != NULL;
}

static gboolean
flush_check (GSource *base)
{
  Stream *stream = ((FlushSource *) base)->stream;

  return stream != NULL && stream->failure != NULL;
}

static gboolean
flush_dispatch (GSource *base, GSourceFunc func, gpointer data)
{
  Stream *stream = ((FlushSource *) base)->stream;

  if (stream != NULL && stream->failure != NULL)
    {
      /* A write may fail before the server's last words were read. */
      if (stream->refusal == NULL && !g_error_matches (stream->failure, G_IO_ERROR, G_IO_ERROR_CLOSED) && stream->input != NULL)
        {
          g_autoptr (GError) kept = g_steal_pointer (&stream->failure);

          read_some (stream);
          if (stream->failure == NULL)
            stream->failure = g_steal_pointer (&kept);
        }
      end_connection (stream);
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs flush_funcs = { flush_prepare, flush_check, flush_dispatch, NULL, NULL, NULL };

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
close_connection (Stream *stream)
{
  if (stream->cancellable != NULL)
    g_cancellable_cancel (stream->cancellable);
  g_clear_object (&stream->cancellable);
  set_timer (stream, 0, NULL);
  if (stream->flush_source != NULL)
    stream->flush_source->stream = NULL;
  drop_source ((GSource **) &stream->flush_source);
  drop_source (&stream->in_source);
  drop_source (&stream->out_source);
  g_clear_handle_id (&stream->resumption, g_source_remove);
  stream->input = NULL;
  stream->output = NULL;
  if (stream->io != NULL)
    g_io_stream_close (stream->io, NULL, NULL);
  g_clear_object (&stream->io);
  g_clear_pointer (&stream->parser, parser_free);
  while (!g_queue_is_empty (&stream->arrived))
    xmpp_stanza_release (g_queue_pop_head (&stream->arrived));
  g_clear_error (&stream->failure);
  g_clear_pointer (&stream->refusal, g_free);
  g_string_truncate (stream->out, 0);
  stream->out_written = 0;
  stream->pinged = FALSE;
  stream->paused = FALSE;
  stream->state = DOWN;
}

/* A FlushSource tells all failures; there is one from the first attempt on. */
static void
start_flush_source (Stream *stream)
{
  stream->flush_source = (FlushSource *) g_source_new (&flush_funcs, sizeof (FlushSource));
  stream->flush_source->stream = stream;
  g_source_set_static_name (&stream->flush_source->base, "stream");
  g_source_attach (&stream->flush_source->base, NULL);
}

static gboolean
on_attempt_too_long (gpointer data)
{
  Stream *stream = data;

  fail (stream, G_IO_ERROR_TIMED_OUT, "no answer within %d seconds", CONNECT_SECONDS);
  return G_SOURCE_CONTINUE;
}

static void
tune_socket (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER, NULL);
  /* A Unix socket, or an old kernel, does without these. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000, NULL);
}

static void
on_connected (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (client), result, &error);
  static const ParserCallbacks parser_callbacks = { on_open, on_parsed, on_closed_by_peer };
  Stream *stream = data;

  /* Cancelled: the stream may be gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (connection == NULL)
    {
      fail (stream, error->code, "%s", error->message);
      return;
    }
  tune_socket (connection);
  stream->io = G_IO_STREAM (g_steal_pointer (&connection));
  stream->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream->io));
  stream->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream->io));
  listen_again (stream);
  stream->parser = parser_new (&parser_callbacks, stream);
  stream->state = OPENING;
  g_string_append_printf (stream->out, "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
                          "xmlns:stream='http://etherx.jabber.org/streams' to='%s'>", stream->domain);
}

static gboolean
connect_now (gpointer data)
{
  Stream *stream = data;
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  stream->timer = 0;
  stream->state = CONNECTING;
  stream->attempts++;
  stream->cancellable = g_cancellable_new ();
  set_timer (stream, CONNECT_SECONDS, on_attempt_too_long);
  start_flush_source (stream);
  g_socket_client_set_tls (client, stream->tls == SETTINGS_TLS_DIRECT);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_to_host_async (client, stream->host, stream->port, stream->cancellable, on_connected, stream);
  return G_SOURCE_REMOVE;
}

/* With back-off, and jitter of half of it, so that many gateways do not come
 * back in step; after `most` milliseconds at the latest. */
static void
connect_soon (Stream *stream, guint most)
{
  guint ceiling = MIN (BACKOFF_FIRST_MS << MIN (stream->attempts, 10), most);

  g_clear_handle_id (&stream->timer, g_source_remove);
  stream->timer = g_timeout_add (stream->attempts == 0 ? 0 : g_random_int_range (ceiling / 2, ceiling), connect_now, stream);
}

/* -- The interface -------------------------------------------------------- */

Stream *
stream_new (const char *domain, const StreamCallbacks *callbacks, gpointer data)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->domain = g_strdup (domain);
  stream->callbacks = *callbacks;
  stream->data = data;
  stream->out = g_string_new (NULL);
  g_queue_init (&stream->arrived);
  return stream;
}

static void
wipe (char **secret)
{
  if (*secret != NULL)
    explicit_bzero (*secret, strlen (*secret));
  g_clear_pointer (secret, g_free);
}

void
stream_free (Stream *stream)
{
  close_connection (stream);
  g_string_free (stream->out, TRUE);
  g_free (stream->domain);
  g_free (stream->host);
  wipe (&stream->secret);
  g_free (stream);
}

void
stream_configure (Stream *stream, const char *host, guint port, SettingsTls tls, const char *secret)
{
  g_free (stream->host);
  stream->host = g_strdup (host);
  stream->port = port;
  stream->tls = tls;
  wipe (&stream->secret);
  stream->secret = g_strdup (secret);
}

void
stream_set_intake (Stream *stream, Intake *intake)
{
  stream->intake = intake;
}

void
stream_start (Stream *stream)
{
  g_assert (stream->host != NULL && stream->state == DOWN);
  stream->wanted = TRUE;
  connect_soon (stream, BACKOFF_MOST_MS);
}

static gboolean
on_stop_too_long (gpointer data)
{
  Stream *stream = data;

  fail (stream, G_IO_ERROR_TIMED_OUT, "the server does not close the stream");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stopped_idle (gpointer data)
{
  Stream *stream = data;

  stream->timer = 0;
  finish_stop (stream, FALSE);
  return G_SOURCE_REMOVE;
}

void
stream_stop (Stream *stream, StreamStopped done, gpointer data)
{
  stream->wanted = FALSE;
  stream->stopped = done;
  stream->stopped_data = data;
  if (stream->state != UP)
    {
      close_connection (stream);
      stream->timer = g_idle_add (on_stopped_idle, stream);
      return;
    }
  g_string_append (stream->out, "</stream:stream>");
  stream->state = CLOSING;
  set_timer (stream, STOP_SECONDS, on_stop_too_long);
}

static gboolean
on_resumption (gpointer data)
{
  Stream *stream = data;

  stream->resumption = 0;
  hand_on_arrived (stream);
  if (stream->input != NULL && !stream->paused && stream->in_source == NULL)
    listen_again (stream);
  return G_SOURCE_REMOVE;
}

void
stream_pause (Stream *stream, gboolean paused)
{
  if (stream->paused == paused)
    return;
  stream->paused = paused;
  g_clear_handle_id (&stream->resumption, g_source_remove);
  if (paused)
    drop_source (&stream->in_source);
  else
    stream->resumption = g_idle_add (on_resumption, stream);
}

gsize
stream_get_backlog (Stream *stream)
{
  return stream->out->len - stream->out_written;
}

gboolean
stream_is_up (Stream *stream)
{
  return stream->state == UP;
}
