/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "stanza.h"
#include "unit.h"

static void
test_reading (void)
{
  g_autoptr (xmpp_stanza_t) iq = stanza_new_iq ("get", "a@b", "c@d");
  xmpp_stanza_t *query = stanza_add (iq, "query", "urn:q");
  g_autofree char *one = NULL, *none = NULL, *missing = NULL;

  stanza_add_text (query, "one", "a & b");
  stanza_add_text (query, "none", NULL);
  one = stanza_dup_child_text (query, "one", NULL);
  none = stanza_dup_child_text (query, "none", NULL);
  missing = stanza_dup_child_text (query, "missing", NULL);
  g_assert_cmpstr (one, ==, "a & b");
  g_assert_cmpstr (none, ==, "");
  g_assert_null (missing);
  g_assert_true (stanza_child (iq, "query", "urn:q") == query);
  g_assert_null (stanza_child (iq, "query", "urn:other"));
  g_assert_null (stanza_child (iq, "query", NULL));
}

static void
test_ids_differ (void)
{
  g_autoptr (xmpp_stanza_t) one = stanza_new_iq ("get", "a", "b");
  g_autoptr (xmpp_stanza_t) two = stanza_new_iq ("get", "a", "b");

  g_assert_cmpstr (xmpp_stanza_get_id (one), !=, xmpp_stanza_get_id (two));
}

static void
test_text_between_elements (void)
{
  g_autoptr (xmpp_stanza_t) x = stanza_new ("x");
  xmpp_stanza_t *a, *b;

  stanza_set_text (x, "  ");
  a = stanza_add (x, "a", NULL);
  stanza_set_text (x, "\n");
  b = stanza_add (x, "b", NULL);
  g_assert_true (stanza_first (x) == a);
  g_assert_true (stanza_next (a) == b);
  g_assert_null (stanza_next (b));
}

static void
test_errors (void)
{
  static const struct { StanzaError code; const char *condition, *type; } rows[] = {
    { STANZA_BAD_REQUEST, "bad-request", "modify" },
    { STANZA_NOT_AUTHORIZED, "not-authorized", "auth" },
    { STANZA_REMOTE_SERVER_TIMEOUT, "remote-server-timeout", "wait" },
    { STANZA_ITEM_NOT_FOUND, "item-not-found", "cancel" },
    { STANZA_UNEXPECTED_REQUEST, "unexpected-request", "modify" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (xmpp_stanza_t) iq = stanza_new_iq ("set", "a@b/c", "gw");
      g_autoptr (xmpp_stanza_t) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      xmpp_stanza_t *child;

      g_assert_false (stanza_refuse (&error, rows[i].code, "because of %d", 7));
      reply = stanza_new_error (iq, error);
      child = stanza_child (reply, "error", NULL);
      g_assert_cmpstr (xmpp_stanza_get_to (reply), ==, "a@b/c");
      g_assert_cmpstr (xmpp_stanza_get_from (reply), ==, "gw");
      g_assert_cmpstr (xmpp_stanza_get_id (reply), ==, xmpp_stanza_get_id (iq));
      g_assert_cmpstr (stanza_get (reply, "type"), ==, "error");
      g_assert_cmpstr (stanza_get (child, "type"), ==, rows[i].type);
      g_assert_nonnull (stanza_child (child, rows[i].condition, NS_STANZAS));
      text = stanza_dup_child_text (child, "text", NS_STANZAS);
      g_assert_cmpstr (text, ==, "because of 7");
    }
}

/* What is not meant for users stays in the log. */
static void
test_inner_errors (void)
{
  g_autoptr (xmpp_stanza_t) iq = stanza_new_iq ("set", "a@b/c", "gw");
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "/var/lib/secret is full");
  g_autoptr (xmpp_stanza_t) reply = NULL;
  g_autofree char *text = NULL;

  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is full*");
  reply = stanza_new_error (iq, error);
  g_test_assert_expected_messages ();
  g_assert_nonnull (stanza_child (stanza_child (reply, "error", NULL), "internal-server-error", NS_STANZAS));
  text = stanza_dup_child_text (stanza_child (reply, "error", NULL), "text", NS_STANZAS);
  g_assert_null (strstr (text, "secret"));
}

static void
test_delay (void)
{
  g_autoptr (xmpp_stanza_t) message = stanza_new ("message");
  xmpp_stanza_t *delay;

  stanza_add_delay (message, "gw.example.org", 1031699295000);  /* the moment of XEP-0203's example */
  delay = stanza_child (message, "delay", "urn:xmpp:delay");
  g_assert_cmpstr (stanza_get (delay, "stamp"), ==, "2002-09-10T23:08:15Z");
  g_assert_cmpstr (stanza_get (delay, "from"), ==, "gw.example.org");
}

static void
test_time (void)
{
  static const struct {
    const char *text;
    gint64 time;
  } table[] = {
    { "2002-09-10T23:08:15Z", 1031699295000 },
    { "2002-09-10T23:08:15.007Z", 1031699295007 },
    { "2002-09-11T01:08:15+02:00", 1031699295000 },
    { "1969-07-21T02:56:15Z", -14159025000 },   /* XEP-0082's own example */
    { "yesterday", 0 },
    { "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (xmpp_stanza_t) message = stanza_new ("message");

      g_assert_cmpint (stanza_parse_time (table[i].text), ==, table[i].time);
      stanza_add_delay (message, NULL, table[i].time);
      if (table[i].time > 0)
        g_assert_cmpint (stanza_parse_time (stanza_get (stanza_first (message), "stamp")), ==, table[i].time);
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/stanza/children-by-name-and-namespace", test_reading);
  g_test_add_func ("/stanza/every-iq-has-its-id", test_ids_differ);
  g_test_add_func ("/stanza/blanks-between-elements-are-nothing", test_text_between_elements);
  g_test_add_func ("/stanza/errors-have-condition-type-and-text", test_errors);
  g_test_add_func ("/stanza/inner-errors-tell-users-nothing", test_inner_errors);
  g_test_add_func ("/stanza/delay-as-in-xep-0203", test_delay);
  g_test_add_func ("/stanza/time-as-in-xep-0082", test_time);
  return unit_run ();
}
