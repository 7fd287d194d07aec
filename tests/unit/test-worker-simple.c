/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "simple.h"
#include "simple_reader.h"
#include "unit.h"

static void
test_skip_scheme (void)
{
  g_assert_cmpstr (simple_skip_scheme ("sip:juliet@example.net"), ==, "juliet@example.net");
  g_assert_cmpstr (simple_skip_scheme ("SIPS:juliet@example.net"), ==, "juliet@example.net");
  g_assert_cmpstr (simple_skip_scheme ("juliet@example.net"), ==, "juliet@example.net");
  g_assert_cmpstr (simple_skip_scheme ("sipsy@example.net"), ==, "sipsy@example.net");
  g_assert_cmpstr (simple_skip_scheme (""), ==, "");
}

static void
test_replies (void)
{
  static const struct { const char *head; int status; const char *reason, *method, *call_id; } rows[] = {
    { "SIP/2.0 404 Not Found\r\nVia: SIP/2.0/TCP 192.0.2.1\r\nFrom: <sip:romeo@example.net>;tag=1\r\n"
      "Call-ID: a84b4c76e66710@example.net\r\nCSeq: 7 MESSAGE\r\nContent-Length: 0\r\n\r\n",
      404, "Not Found", "MESSAGE", "a84b4c76e66710@example.net" },
    { "SIP/2.0 200 OK\r\ni : x7\r\ncseq:1 REGISTER\r\n\r\n", 200, "OK", "REGISTER", "x7" },
    { "SIP/2.0 480 Temporarily Unavailable\n", 480, "Temporarily Unavailable", NULL, NULL },
    /* What stands behind the headers is not one. */
    { "SIP/2.0 404 Not Found\r\n\r\nCall-ID: x7\r\n", 404, "Not Found", NULL, NULL },
    { "SIP/2.0 404 Not Found\r\nFrom\r\nCall-ID:\r\nCSeq\r\n\r\n", 404, "Not Found", NULL, "" },
    { "SIP/2.0 4x4 Not Found\r\n\r\n", 0, NULL, NULL, NULL },
    { "SIP/2.0 ", 0, NULL, NULL, NULL },
    { "MESSAGE sip:romeo@example.net SIP/2.0\r\nCall-ID: x7\r\n\r\n", 0, NULL, NULL, NULL },
    { "", 0, NULL, NULL, NULL },
    { "SIP/2.0 404 \xff\r\nCall-ID: \xfe@x\r\n\r\n", 404, "\357\277\275", NULL, "\357\277\275@x" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (SipReply) reply = { 0 };

      simple_parse_reply (rows[i].head, &reply);
      g_assert_cmpint (reply.status, ==, rows[i].status);
      g_assert_cmpstr (reply.reason, ==, rows[i].reason);
      g_assert_cmpstr (reply.method, ==, rows[i].method);
      g_assert_cmpstr (reply.call_id, ==, rows[i].call_id);
    }
}

static void
test_call_id (void)
{
  static const struct { const char *head, *call_id; } rows[] = {
    { "MESSAGE sip:romeo@example.net SIP/2.0\r\nFrom: x\r\nCall-ID: x7@example.net\r\n\r\n", "x7@example.net" },
    { "SIP/2.0 202 Accepted\r\ni: x7\r\n\r\n", "x7" },
    { "MESSAGE sip:romeo@example.net SIP/2.0\r\n\r\nCall-ID: x7\r\n", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *call_id = simple_dup_call_id (rows[i].head);

      g_assert_cmpstr (call_id, ==, rows[i].call_id);
    }
}

static void
test_message_length (void)
{
  static const struct { const char *data; gsize length; } rows[] = {
    { "SIP/2.0 200 OK\r\n\r\n", 18 },
    { "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\nSIP/2.0", 37 },
    { "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nabcd", 40 },
    { "SIP/2.0 200 OK\r\ncontent-length : 3\r\n\r\nabcd", 41 },
    { "SIP/2.0 200 OK\r\nl: 3\r\n\r\nabcd", 27 },
    { "SIP/2.0 200 OK\r\nContent-Length: 3\r\n\r\nab", 0 },
    { "\r\n\r\nSIP/2.0 200 OK\r\n\r\n", 22 },
    { "SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab", 0 },
    { "SIP/2.0 200 OK\r\n", 0 },
    { "\r\n\r\n", 0 },
    { "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (simple_reader_message_length (rows[i].data, strlen (rows[i].data)), ==, rows[i].length);
}

static void
assert_read (int fd, const char *expected)
{
  char data[64];
  gssize n = -1;

  g_assert_true (simple_reader_read (fd, data, sizeof data, &n));
  g_assert_cmpmem (data, n, expected, strlen (expected));
}

static void
test_one_message_for_each_read (void)
{
  static const char first[] = "A\r\nContent-Length: 2\r\n\r\nhi", second[] = "B\r\n\r\n";
  int fds[2];
  char data[8];
  gssize n;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
  g_assert_false (simple_reader_read (fds[0], data, sizeof data, &n));
  simple_reader_add (fds[0]);
  g_assert_true (simple_reader_read (fds[0], data, sizeof data, &n));
  g_assert_cmpint (n, ==, -1);

  g_assert_cmpint (write (fds[1], first, 10), ==, 10);
  assert_read (fds[0], "A\r\nContent");
  g_assert_cmpint (write (fds[1], first + 10, strlen (first) - 10), ==, strlen (first) - 10);
  g_assert_cmpint (write (fds[1], second, strlen (second)), ==, strlen (second));
  g_assert_cmpint (write (fds[1], second, strlen (second)), ==, strlen (second));
  assert_read (fds[0], "-Length: 2\r\n\r\nhi");
  assert_read (fds[0], second);
  assert_read (fds[0], second);
  close (fds[1]);
  g_assert_true (simple_reader_read (fds[0], data, sizeof data, &n));
  g_assert_cmpint (n, ==, 0);
  close (fds[0]);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/worker/simple/skip-scheme", test_skip_scheme);
  g_test_add_func ("/worker/simple/replies", test_replies);
  g_test_add_func ("/worker/simple/call-id", test_call_id);
  g_test_add_func ("/worker/simple/message-length", test_message_length);
  g_test_add_func ("/worker/simple/one-message-for-each-read", test_one_message_for_each_read);
  return unit_run ();
}
