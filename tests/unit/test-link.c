/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "unit.h"

/* -- Two ends, or one and a bare socket ---------------------------------- */

/* One end, and what came out of it. */
typedef struct {
  Link *link;
  GString *taken;             /* the messages' log forms, a line each */
  guint n_taken;
  guint wanted;
  gboolean enough;            /* n_taken is what was wanted */
  gboolean closed;
  GError *error;
  gboolean refuse;            /* the next message is not to its liking */
  gboolean pause;             /* after the next message */
} End;

static gboolean
on_message (Link *link, const WireMessage *message, gpointer data, GError **error)
{
  End *end = data;
  g_autofree char *form = wire_dup_log_form (message);

  if (end->refuse)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "not to my liking");
      return FALSE;
    }
  g_string_append_printf (end->taken, "%s\n", form);
  end->n_taken++;
  end->enough = end->n_taken >= end->wanted;
  if (end->pause)
    link_pause (link, TRUE);
  return TRUE;
}

static void
on_closed (Link *link, const GError *error, gpointer data)
{
  End *end = data;

  g_assert_false (end->closed);
  g_assert_nonnull (error);
  end->closed = TRUE;
  end->error = g_error_copy (error);
}

static const LinkCallbacks callbacks = { on_message, on_closed };

static void
end_init (End *end, WireDirection receives)
{
  *end = (End) { .taken = g_string_new (NULL) };
  end->link = link_new (receives, &callbacks, end);
}

static void
end_clear (End *end)
{
  link_unref (end->link);
  g_string_free (end->taken, TRUE);
  g_clear_error (&end->error);
}

static void
make_pair (int fds[2])
{
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
}

/* Attaches both, and goes on where they were. */
static void
connect_ends (End *hub, End *worker)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  make_pair (fds);
  hub->closed = worker->closed = FALSE;
  g_clear_error (&hub->error);
  g_clear_error (&worker->error);
  link_attach (hub->link, fds[0]);
  link_attach (worker->link, fds[1]);
  link_resume (hub->link, link_get_received (worker->link), &error);
  g_assert_no_error (error);
  link_resume (worker->link, link_get_received (hub->link), &error);
  g_assert_no_error (error);
}

static void
wait_taken (End *end, guint n)
{
  end->wanted = n;
  end->enough = end->n_taken >= n;
  unit_wait_for (&end->enough);
  g_assert_cmpuint (end->n_taken, ==, n);
}

static void
wait_closed (End *end)
{
  unit_wait_for (&end->closed);
}

/* Until all that `end` sent is acknowledged. */
static void
wait_quiet (End *end)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;

  while (link_get_backlog (end->link) > 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
send_sign_out (End *hub, gint64 account)
{
  link_send (hub->link, &(WireMessage) { .type = WIRE_SIGN_OUT, .u.sign_out.account = account });
}

static void
send_notice (End *worker, gint64 account, const char *text)
{
  link_send (worker->link, &(WireMessage) { .type = WIRE_NOTICE, .u.notice = { .account = account, .text = text } });
}

/* -- Delivery ------------------------------------------------------------ */

static void
test_both_ways (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  send_sign_out (&hub, 1);
  send_sign_out (&hub, 2);
  send_notice (&worker, 3, "hello");
  /* Nothing is called back from inside a call. */
  g_assert_cmpuint (worker.n_taken, ==, 0);
  wait_taken (&worker, 2);
  wait_taken (&hub, 1);
  g_assert_cmpstr (worker.taken->str, ==, "sign-out account=1\nsign-out account=2\n");
  g_assert_cmpstr (hub.taken->str, ==, "notice account=3 text=(5 bytes)\n");
  wait_quiet (&hub);
  wait_quiet (&worker);
  g_assert_cmpint (link_get_received (worker.link), ==, 2);
  g_assert_cmpint (link_get_received (hub.link), ==, 1);
  end_clear (&hub);
  end_clear (&worker);
}

static void
test_kept_until_connected (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  for (gint64 account = 1; account <= 3; account++)
    send_sign_out (&hub, account);
  g_assert_cmpuint (link_get_backlog (hub.link), >, 0);
  connect_ends (&hub, &worker);
  wait_taken (&worker, 3);
  end_clear (&hub);
  end_clear (&worker);
}

/* The connection breaks at any moment; each message arrives once, and in order. */
static void
test_reconnect (void)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  const guint total = 2000;
  guint sent = 0, rounds = 0;
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  while (hub.n_taken < total)
    {
      connect_ends (&hub, &worker);
      /* Some before the break, some while it lasts. */
      for (guint i = 0; i < 50 && sent < total; i++)
        send_notice (&worker, ++sent, "hello");
      for (guint i = g_test_rand_int_range (0, 6); i > 0; i--)
        g_main_context_iteration (NULL, FALSE);
      link_close (g_test_rand_bit () ? hub.link : worker.link);
      for (guint i = 0; i < 10 && sent < total; i++)
        send_notice (&worker, ++sent, "hello");
      link_close (hub.link);
      link_close (worker.link);
      if (++rounds > 200)
        break;
    }
  connect_ends (&hub, &worker);
  wait_taken (&hub, total);
  wait_quiet (&worker);
  for (guint i = 1; i <= total; i++)
    g_string_append_printf (expected, "notice account=%u text=(5 bytes)\n", i);
  g_assert_cmpstr (hub.taken->str, ==, expected->str);
  end_clear (&hub);
  end_clear (&worker);
}

/* Also in the middle of what one read has brought. */
static void
test_pause (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  hub.pause = TRUE;
  for (int i = 1; i <= 3; i++)
    link_send (worker.link, &(WireMessage) { .type = WIRE_SIGNED_IN, .u.signed_in = { .account = i } });
  wait_taken (&hub, 1);
  g_assert_true (link_is_paused (hub.link));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (hub.n_taken, ==, 1);
  hub.pause = FALSE;
  link_pause (hub.link, FALSE);
  wait_taken (&hub, 3);
  g_assert_false (hub.closed);
  end_clear (&hub);
  end_clear (&worker);
}

static void
test_large (void)
{
  g_autofree char *text = g_strnfill (65536, 'x');
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  /* More than a socket holds, so that writing must wait for reading. */
  for (gint64 account = 1; account <= 100; account++)
    send_notice (&worker, account, text);
  g_assert_true (link_is_congested (worker.link));
  wait_taken (&hub, 100);
  wait_quiet (&worker);
  g_assert_false (link_is_congested (worker.link));
  end_clear (&hub);
  end_clear (&worker);
}

static void
count_unacknowledged (const WireMessage *message, gpointer data)
{
  GString *forms = data;
  g_autofree char *form = wire_dup_log_form (message);

  g_string_append_printf (forms, "%s\n", form);
}

static void
test_unacknowledged (void)
{
  g_autoptr (GString) forms = g_string_new (NULL);
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  send_sign_out (&hub, 1);
  wait_taken (&worker, 1);
  wait_quiet (&hub);
  link_close (worker.link);
  send_sign_out (&hub, 2);
  send_sign_out (&hub, 3);
  link_foreach_unacknowledged (hub.link, count_unacknowledged, forms);
  g_assert_cmpstr (forms->str, ==, "sign-out account=2\nsign-out account=3\n");
  end_clear (&hub);
  end_clear (&worker);
}

/* Another hub takes the place of one that has died: it gets what is said to it, and the former one's is there to be read. */
static void
test_anew (void)
{
  g_autoptr (GString) forms = g_string_new (NULL);
  g_autoptr (GBytes) unheard = NULL;
  End first, second, worker;

  end_init (&first, WIRE_EVENT);
  end_init (&second, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&first, &worker);
  send_sign_out (&first, 1);
  send_notice (&worker, 1, "heard");
  wait_taken (&worker, 1);
  wait_taken (&first, 1);
  wait_quiet (&worker);
  link_close (first.link);
  wait_closed (&worker);
  send_notice (&worker, 2, "not heard");
  send_notice (&worker, 3, "nor this");
  unheard = link_begin_anew (worker.link);
  g_assert_cmpint (link_get_received (worker.link), ==, 0);
  g_assert_cmpint (link_get_acknowledged (worker.link), ==, 0);
  g_assert_cmpuint (link_get_backlog (worker.link), ==, 0);
  link_foreach_frame (unheard, WIRE_EVENT, count_unacknowledged, forms);
  g_assert_cmpstr (forms->str, ==, "notice account=2 text=(9 bytes)\nnotice account=3 text=(8 bytes)\n");
  connect_ends (&second, &worker);
  send_sign_out (&second, 4);
  send_notice (&worker, 5, "to the next");
  wait_taken (&worker, 2);
  wait_taken (&second, 1);
  g_assert_cmpstr (second.taken->str, ==, "notice account=5 text=(11 bytes)\n");
  end_clear (&first);
  end_clear (&second);
  end_clear (&worker);
}

/* What was written before the end closed is read, be it all that there was. */
static void
test_flushed (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  link_pause (hub.link, TRUE);
  send_notice (&worker, 1, "never read");
  send_sign_out (&hub, 1);
  g_assert_false (link_is_flushed (hub.link));
  while (!link_is_flushed (hub.link))
    g_main_context_iteration (NULL, TRUE);
  link_close (hub.link);
  wait_closed (&worker);
  g_assert_cmpstr (worker.taken->str, ==, "sign-out account=1\n");
  end_clear (&hub);
  end_clear (&worker);
}

/* Hello and welcome are for this connection only, and come before all else. */
static void
test_greeting (void)
{
  g_autoptr (GError) error = NULL;
  End hub, worker;
  int fds[2];

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  send_notice (&worker, 1, "kept");
  make_pair (fds);
  link_attach (hub.link, fds[0]);
  link_attach (worker.link, fds[1]);
  link_send (worker.link, &(WireMessage) { .type = WIRE_HELLO, .u.hello = { .version = WIRE_VERSION, .worker = 4 } });
  send_notice (&worker, 2, "later");
  wait_taken (&hub, 1);
  g_assert_cmpstr (hub.taken->str, ==, "hello version=" G_STRINGIFY (WIRE_VERSION) " worker=4 received=0\n");
  g_assert_cmpint (link_get_received (hub.link), ==, 0);
  g_assert_true (link_resume (worker.link, 0, &error));
  wait_taken (&hub, 3);
  end_clear (&hub);
  end_clear (&worker);
}

static void
test_resume_of_nonsense (void)
{
  g_autoptr (GError) error = NULL;
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  send_sign_out (&hub, 1);
  send_sign_out (&hub, 2);
  wait_taken (&worker, 2);
  wait_quiet (&hub);
  g_assert_false (link_resume (hub.link, 3, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  g_assert_false (link_resume (hub.link, 1, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  end_clear (&hub);
  end_clear (&worker);
}

/* -- A peer that breaks the rules ---------------------------------------- */

typedef struct {
  const char *name;
  const char *bytes;
  gsize length;
  guint taken;                /* messages before it comes to light */
  const char *what;
} BadRow;

#define FRAME(size, json) "\0\0\0" size json
#define ROW(name, bytes, taken, what) { name, bytes, sizeof bytes - 1, taken, what }

static const BadRow bad_rows[] = {
  ROW ("no-json", FRAME ("\x03", "abc"), 0, "JSON"),
  ROW ("empty-frame", FRAME ("\x00", ""), 0, "JSON"),
  ROW ("frame-too-long", "\x7f\xff\xff\xff{", 0, "a frame of"),
  ROW ("frame-a-little-too-long", "\x00\x20\x00\x01{", 0, "a frame of"),
  ROW ("http", "GET / HTTP/1.1\r\n\r\n", 0, "a frame of"),
  ROW ("unknown-message", FRAME ("\x0d", "{\"t\":\"dance\"}"), 0, "dance"),
  ROW ("other-direction", FRAME ("\x22", "{\"t\":\"sign-out\",\"s\":1,\"account\":1}"), 0, "other way"),
  ROW ("message-without-number", FRAME ("\x25", "{\"t\":\"notice\",\"account\":1,\"text\":\"x\"}"), 0, "numbered"),
  ROW ("number-from-two", FRAME ("\x2b", "{\"t\":\"notice\",\"s\":2,\"account\":1,\"text\":\"x\"}"), 0, "number 2 after 0"),
  ROW ("number-twice",
       FRAME ("\x2b", "{\"t\":\"notice\",\"s\":1,\"account\":1,\"text\":\"x\"}")
       FRAME ("\x2b", "{\"t\":\"notice\",\"s\":1,\"account\":1,\"text\":\"x\"}"), 1, "number 1 after 1"),
  ROW ("acknowledges-what-was-never-sent", FRAME ("\x07", "{\"a\":9}"), 0, "9 acknowledged"),
  ROW ("numbered-hello", FRAME ("\x37", "{\"t\":\"hello\",\"s\":1,\"version\":1,\"worker\":1,\"received\":0}"), 0, "numbered"),
};

static void
test_bad (gconstpointer data)
{
  const BadRow *row = data;
  End hub;
  int fds[2];

  end_init (&hub, WIRE_EVENT);
  make_pair (fds);
  link_attach (hub.link, fds[0]);
  g_assert_true (link_resume (hub.link, 0, NULL));
  g_assert_cmpint (write (fds[1], row->bytes, row->length), ==, (gssize) row->length);
  wait_closed (&hub);
  g_test_message ("%s", hub.error->message);
  g_assert_error (hub.error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (hub.error->message, row->what));
  g_assert_cmpuint (hub.n_taken, ==, row->taken);
  g_assert_false (link_is_attached (hub.link));
  close (fds[1]);
  end_clear (&hub);
}

static void
test_refused_by_receiver (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  hub.refuse = TRUE;
  send_notice (&worker, 1, "x");
  wait_closed (&hub);
  g_assert_cmpstr (hub.error->message, ==, "not to my liking");
  g_assert_cmpint (link_get_received (hub.link), ==, 0);
  wait_closed (&worker);
  end_clear (&hub);
  end_clear (&worker);
}

static void
test_peer_goes (void)
{
  End hub, worker;

  end_init (&hub, WIRE_EVENT);
  end_init (&worker, WIRE_COMMAND);
  connect_ends (&hub, &worker);
  link_close (worker.link);
  wait_closed (&hub);
  g_assert_error (hub.error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  end_clear (&hub);
  end_clear (&worker);
}

/* What the peer said before it went is taken; a cut frame is not. */
static void
test_cut (void)
{
  static const char bytes[] = FRAME ("\x2b", "{\"t\":\"notice\",\"s\":1,\"account\":1,\"text\":\"x\"}") FRAME ("\x2b", "{\"t\":\"noti");
  End hub;
  int fds[2];

  end_init (&hub, WIRE_EVENT);
  make_pair (fds);
  link_attach (hub.link, fds[0]);
  g_assert_true (link_resume (hub.link, 0, NULL));
  g_assert_cmpint (write (fds[1], bytes, sizeof bytes - 1), ==, sizeof bytes - 1);
  close (fds[1]);
  wait_closed (&hub);
  g_assert_error (hub.error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpuint (hub.n_taken, ==, 1);
  end_clear (&hub);
}

static void
test_bytewise (void)
{
  static const char bytes[] = FRAME ("\x2b", "{\"t\":\"notice\",\"s\":1,\"account\":1,\"text\":\"x\"}");
  End hub;
  int fds[2];

  end_init (&hub, WIRE_EVENT);
  make_pair (fds);
  link_attach (hub.link, fds[0]);
  g_assert_true (link_resume (hub.link, 0, NULL));
  for (gsize i = 0; i < sizeof bytes - 1; i++)
    {
      g_assert_cmpuint (hub.n_taken, ==, 0);
      g_assert_cmpint (write (fds[1], bytes + i, 1), ==, 1);
      g_main_context_iteration (NULL, TRUE);
    }
  wait_taken (&hub, 1);
  close (fds[1]);
  end_clear (&hub);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/link/delivers-both-ways-in-order", test_both_ways);
  g_test_add_func ("/link/keeps-until-connected", test_kept_until_connected);
  g_test_add_func ("/link/loses-and-doubles-nothing-when-it-breaks", test_reconnect);
  g_test_add_func ("/link/paused-means-nothing-is-taken", test_pause);
  g_test_add_func ("/link/waits-for-a-slow-reader", test_large);
  g_test_add_func ("/link/knows-what-is-unacknowledged", test_unacknowledged);
  g_test_add_func ("/link/begins-anew-with-another", test_anew);
  g_test_add_func ("/link/what-was-written-arrives", test_flushed);
  g_test_add_func ("/link/greeting-comes-first", test_greeting);
  g_test_add_func ("/link/refuses-to-resume-what-cannot-be", test_resume_of_nonsense);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/link/closes-on/%s", bad_rows[i].name);

      g_test_add_data_func (path, &bad_rows[i], test_bad);
    }
  g_test_add_func ("/link/closes-on/what-the-receiver-refuses", test_refused_by_receiver);
  g_test_add_func ("/link/tells-that-the-peer-went", test_peer_goes);
  g_test_add_func ("/link/takes-what-came-before-the-end", test_cut);
  g_test_add_func ("/link/takes-a-frame-byte-by-byte", test_bytewise);
  return unit_run ();
}
