/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "stream.h"
#include "unit.h"

#define HEADER "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' " \
  "xmlns:stream='http://etherx.jabber.org/streams' id='3BF96D32' from='gw.example.org'>"
/* sha1sum of "3BF96D32secret" (XEP-0114, section 3) */
#define HANDSHAKE "<handshake>b09ea9b3b7f586be8a08d0a3dd7466f110aeb136</handshake>"

/* A server that is scripted: it has one connection at a time.  There is one for
 * all tests, since reads of an earlier one may still come to their end. */
typedef struct {
  GSocketService *service;
  guint16 port;
  GSocketConnection *connection;
  GString *got;               /* all that the component sent on this connection */
  char buffer[4096];
  const char *awaited;        /* set `seen` when `got` has it */
  gboolean seen;
} Server;

static Server server;

typedef struct {
  guint ups, downs;
  gboolean up, down, stopped, ended;
  char *reason;
  GPtrArray *stanzas;
  guint patience;             /* it pauses the stream after so many; 0: never */
} Client;

static void read_more (Server *self);

static void
check_awaited (Server *self)
{
  if (self->awaited != NULL && strstr (self->got->str, self->awaited) != NULL)
    self->seen = TRUE;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GSocketConnection) connection = g_object_get_data (source, "connection");
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);
  Server *self = data;

  if (n <= 0 || self->connection != connection)
    return;
  g_string_append_len (self->got, self->buffer, n);
  check_awaited (self);
  read_more (self);
}

static void
read_more (Server *self)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));

  g_object_set_data (G_OBJECT (input), "connection", g_object_ref (self->connection));
  g_input_stream_read_async (input, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT, NULL, on_read, self);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Server *self = data;

  g_set_object (&self->connection, connection);
  g_string_truncate (self->got, 0);
  read_more (self);
  return TRUE;
}

static void
server_listen (Server *self)
{
  g_autoptr (GError) error = NULL;

  *self = (Server) { .service = g_socket_service_new (), .got = g_string_new (NULL) };
  self->port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->service), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
}

static void
server_close (Server *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_clear_object (&self->connection);
  g_string_free (self->got, TRUE);
}

static void
server_say (Server *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
server_hang_up (Server *self)
{
  g_autoptr (GSocketConnection) connection = g_steal_pointer (&self->connection);

  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_string_truncate (self->got, 0);
}

static void
server_expect (Server *self, const char *text)
{
  self->awaited = text;
  self->seen = FALSE;
  check_awaited (self);
  unit_wait_for (&self->seen);
}

static void
on_up (Stream *stream, gpointer data)
{
  Client *client = data;

  client->ups++;
  client->up = TRUE;
}

static void
on_down (Stream *stream, const GError *error, gpointer data)
{
  Client *client = data;

  client->downs++;
  client->down = TRUE;
  g_free (client->reason);
  client->reason = g_strdup (error->message);
}

static void
on_stanza (Stream *stream, xmpp_stanza_t *stanza, gpointer data)
{
  Client *client = data;

  g_ptr_array_add (client->stanzas, xmpp_stanza_clone (stanza));
  if (client->stanzas->len == client->patience)
    stream_pause (stream, TRUE);
}

static void
release (gpointer stanza)
{
  xmpp_stanza_release (stanza);
}

static Stream *
connect_to (Server *self, Client *client)
{
  static const StreamCallbacks callbacks = { on_up, on_down, on_stanza };
  Stream *stream = stream_new ("gw.example.org", &callbacks, client);

  *client = (Client) { .stanzas = g_ptr_array_new_with_free_func (release) };
  stream_configure (stream, "127.0.0.1", self->port, SETTINGS_TLS_OFF, "secret");
  stream_start (stream);
  return stream;
}

static void
accept_handshake (Server *self, Client *client)
{
  server_expect (self, "to='gw.example.org'>");
  server_say (self, HEADER);
  server_expect (self, HANDSHAKE);
  client->up = FALSE;
  server_say (self, "<handshake/>");
  unit_wait_for (&client->up);
}

static void
finish (Server *self, Client *client, Stream *stream)
{
  stream_free (stream);
  server_close (self);
  g_ptr_array_unref (client->stanzas);
  g_free (client->reason);
}

static void
send_message (Stream *stream, const char *body)
{
  g_autoptr (xmpp_stanza_t) message = stanza_new_full ("message", "chat", "juliet@gw.example.org", "romeo@example.net");

  stanza_add_text (message, "body", body);
  stream_send (stream, message);
}

static void
test_handshake (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  g_assert_false (stream_is_up (stream));
  accept_handshake (&server, &client);
  g_assert_true (stream_is_up (stream));
  g_assert_cmpuint (client.ups, ==, 1);
  finish (&server, &client, stream);
}

/* One illegal character would end the stream for every user. */
static void
test_sanitised (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  send_message (stream, "one\001two\xff" "three\x7f<&\"\ntab\tend");
  server_expect (&server, "end</body></message>");
  g_assert_nonnull (strstr (server.got->str, "onetwo\uFFFDthree"));
  g_assert_null (strchr (server.got->str, '\001'));
  g_assert_true (g_utf8_validate (server.got->str, -1, NULL));
  finish (&server, &client, stream);
}

static void
test_too_large (void)
{
  g_autofree char *huge = g_strnfill (600 * 1024, 'x');
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*more than servers take*");
  send_message (stream, huge);
  g_test_assert_expected_messages ();
  send_message (stream, "after it");
  server_expect (&server, "after it</body></message>");
  g_assert_null (strstr (server.got->str, "xxxx"));
  finish (&server, &client, stream);
}

static void
test_wrong_secret (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  server_expect (&server, "to='gw.example.org'>");
  server_say (&server, HEADER);
  server_expect (&server, "</handshake>");
  server_say (&server, "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
                       "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Given token does not match</text></stream:error></stream:stream>");
  unit_wait_for (&client.down);
  g_assert_nonnull (strstr (client.reason, "not-authorized"));
  g_assert_nonnull (strstr (client.reason, "Given token does not match"));
  g_assert_nonnull (strstr (client.reason, "secret"));
  g_assert_cmpuint (client.ups, ==, 0);
  finish (&server, &client, stream);
}

/* What is sent meanwhile is nobody's: the outbox keeps messages, presence is made anew. */
static void
test_reconnect (void)
{
  g_autoptr (xmpp_stanza_t) presence = stanza_new_full ("presence", NULL, "juliet@gw.example.org", "romeo@example.net");
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  server_hang_up (&server);
  unit_wait_for (&client.down);
  g_assert_false (stream_is_up (stream));
  send_message (stream, "meanwhile");
  stream_send (stream, presence);
  g_assert_cmpuint (stream_get_backlog (stream), ==, 0);
  accept_handshake (&server, &client);
  send_message (stream, "afterwards");
  server_expect (&server, "afterwards</body></message>");
  g_assert_null (strstr (server.got->str, "meanwhile"));
  g_assert_null (strstr (server.got->str, "<presence"));
  g_assert_cmpuint (client.ups, ==, 2);
  finish (&server, &client, stream);
}

static void
set (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* Microseconds from the end of the connection to the next one. */
static gint64
flap (Client *client)
{
  gint64 start;

  client->down = FALSE;
  server_hang_up (&server);
  unit_wait_for (&client->down);
  start = g_get_monotonic_time ();
  accept_handshake (&server, client);
  return g_get_monotonic_time () - start;
}

static void
test_back_off (void)
{
  Client client;
  Stream *stream;
  gboolean lasted = FALSE;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  g_assert_cmpint (flap (&client), >, 499 * 1000);
  g_assert_cmpint (flap (&client), >, 999 * 1000);
  g_timeout_add_once (10100, set, &lasted);
  unit_wait_for (&lasted);
  g_assert_cmpint (flap (&client), <, 1999 * 1000);
  finish (&server, &client, stream);
}

/* What is beyond the limits is answered here, and the stream goes on. */
static void
test_excess (void)
{
  g_autoptr (GString) nasty = g_string_new ("<iq type='get' id='big' from='a@b/c' to='gw.example.org'>");
  Client client;
  Stream *stream;

  for (int i = 0; i < 3000; i++)
    g_string_append (nasty, "<i/>");
  g_string_append (nasty, "</iq><message from='a@b/c' to='gw.example.org'/>");
  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  server_say (&server, nasty->str);
  server_expect (&server, "<policy-violation");
  g_assert_nonnull (strstr (server.got->str, "id=\"big\""));
  g_assert_cmpuint (client.stanzas->len, ==, 1);
  g_assert_cmpstr (xmpp_stanza_get_name (client.stanzas->pdata[0]), ==, "message");
  finish (&server, &client, stream);
}

static void
on_stopped (gboolean ended, gpointer data)
{
  ((Client *) data)->stopped = TRUE;
  ((Client *) data)->ended = ended;
}

static void
test_stop (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  send_message (stream, "the last one");
  stream_stop (stream, on_stopped, &client);
  g_assert_false (client.stopped);
  server_expect (&server, "the last one</body></message></stream:stream>");
  server_say (&server, "<message from='a@b/c' to='gw.example.org'/></stream:stream>");
  unit_wait_for (&client.stopped);
  g_assert_true (client.ended);
  g_assert_cmpuint (client.stanzas->len, ==, 1);
  g_assert_cmpuint (client.downs, ==, 0);
  finish (&server, &client, stream);
}

static void
test_stop_unanswered (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  stream_stop (stream, on_stopped, &client);
  unit_wait_for (&client.stopped);
  g_assert_false (client.ended);
  finish (&server, &client, stream);
}

static void
test_pause (void)
{
  Client client;
  Stream *stream;

  server_listen (&server);
  stream = connect_to (&server, &client);
  accept_handshake (&server, &client);
  stream_pause (stream, TRUE);
  server_say (&server, "<message from='a@b/c' to='gw.example.org'/>");
  send_message (stream, "this way it goes on");
  server_expect (&server, "this way it goes on");
  g_assert_cmpuint (client.stanzas->len, ==, 0);
  stream_pause (stream, FALSE);
  g_assert_cmpuint (client.stanzas->len, ==, 0);
  while (client.stanzas->len == 0)
    g_main_context_iteration (NULL, TRUE);
  finish (&server, &client, stream);
}

static void
await_stanzas (Client *client, guint count)
{
  while (client->stanzas->len < count)
    g_main_context_iteration (NULL, TRUE);
}

static Intake *
open_intake (void)
{
  g_autoptr (GError) error = NULL;
  Intake *intake = intake_open ("read", 1024 * 1024, &error);

  g_assert_no_error (error);
  return intake;
}

static void
expect_id (Client *client, guint n, const char *id)
{
  g_assert_cmpstr (xmpp_stanza_get_id (client->stanzas->pdata[n]), ==, id);
}

typedef struct {
  Client client;
  Intake *intake;
  Stream *stream;
} Process;

static void
live (Process *process)
{
  process->intake = open_intake ();
  server_listen (&server);
  process->stream = connect_to (&server, &process->client);
  stream_set_intake (process->stream, process->intake);
  accept_handshake (&server, &process->client);
}

static void
die (Process *process)
{
  finish (&server, &process->client, process->stream);
  intake_close (process->intake);
}

#define MESSAGE(id) "<message id='" id "' from='a@b/c' to='gw.example.org'/>"

/* The process dies between two stanzas of one read; the next one has the rest, before all that is new. */
static void
test_what_was_read_is_handed_on (void)
{
  Process process;

  live (&process);
  process.client.patience = 2;
  server_say (&server, MESSAGE ("1") MESSAGE ("2") "<message id='nobody'/>" MESSAGE ("3") " " MESSAGE ("4") "<message id='5' fr");
  await_stanzas (&process.client, 2);
  die (&process);

  live (&process);
  server_say (&server, MESSAGE ("6"));
  await_stanzas (&process.client, 3);
  expect_id (&process.client, 0, "3");
  expect_id (&process.client, 1, "4");
  expect_id (&process.client, 2, "6");
  g_assert_cmpuint (intake_get_tail (process.intake), ==, 0);
  die (&process);
}

/* One that comes in pieces is kept in pieces. */
static void
test_what_was_read_in_pieces_is_handed_on (void)
{
  Process process;

  live (&process);
  server_say (&server, MESSAGE ("1") "<message id='2' fr");
  await_stanzas (&process.client, 1);
  g_assert_cmpuint (intake_get_tail (process.intake), ==, strlen ("<message id='2' fr"));
  process.client.patience = 2;
  server_say (&server, "om='a@b/c' to='gw.example.org'/>" MESSAGE ("3"));
  await_stanzas (&process.client, 2);
  die (&process);

  live (&process);
  await_stanzas (&process.client, 1);
  expect_id (&process.client, 0, "3");
  die (&process);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/stream/handshake-as-in-xep-0114", test_handshake);
  g_test_add_func ("/stream/nothing-illegal-leaves", test_sanitised);
  g_test_add_func ("/stream/nothing-too-large-leaves", test_too_large);
  g_test_add_func ("/stream/refusal-is-told-with-advice", test_wrong_secret);
  g_test_add_func ("/stream/messages-wait-for-the-next-connection", test_reconnect);
  g_test_add_func ("/stream/back-off-begins-anew-when-a-connection-has-lasted", test_back_off);
  g_test_add_func ("/stream/excess-is-answered", test_excess);
  g_test_add_func ("/stream/stop-writes-what-is-waiting-and-takes-what-comes", test_stop);
  g_test_add_func ("/stream/stop-waits-for-no-server-for-ever", test_stop_unanswered);
  g_test_add_func ("/stream/paused-means-nothing-is-taken", test_pause);
  g_test_add_func ("/stream/what-was-read-is-handed-on-by-the-next", test_what_was_read_is_handed_on);
  g_test_add_func ("/stream/what-was-read-in-pieces-is-handed-on", test_what_was_read_in_pieces_is_handed_on);
  return unit_run ();
}
