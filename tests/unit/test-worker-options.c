/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "option_values.h"
#include "unit.h"

static const OptionPart irc_parts[] = { { "server", "Server", "irc.example.net", '@' } };
static const OptionPart simple_parts[] = { { "server", "Server", "", '@' } };
static const OptionPart xmpp_parts[] = { { "domain", "Domain", NULL, '@' }, { "resource", "Resource", "", '/' } };

#define OPTIONS(...) ((const char *const[]) { __VA_ARGS__ __VA_OPT__ (,) NULL })

static void
assert_name (const char *name, const OptionPart *parts, guint n_parts, const char *const *options, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = option_values_compose_name (name, parts, n_parts, options, &error);

  g_assert_cmpstr (whole, ==, expected);
  if (expected == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  else
    g_assert_no_error (error);
}

static void
test_irc_name (void)
{
  assert_name ("romeo", irc_parts, 1, NULL, "romeo@irc.example.net");
  assert_name ("romeo", irc_parts, 1, OPTIONS ("server", "::1"), "romeo@::1");
  assert_name (" romeo@irc.example.org ", irc_parts, 1, NULL, "romeo@irc.example.org");
  assert_name ("romeo@", irc_parts, 1, NULL, "romeo@irc.example.net");
  /* What an admin has locked cannot be got around with the name. */
  assert_name ("romeo@evil.example", irc_parts, 1, OPTIONS ("server", "good.example"), "romeo@good.example");
  assert_name ("romeo", irc_parts, 1, OPTIONS ("server", ""), "romeo@irc.example.net");
  assert_name ("", irc_parts, 1, NULL, NULL);
  assert_name ("@irc.example.net", irc_parts, 1, NULL, NULL);
  assert_name ("romeo@a@b", irc_parts, 1, NULL, NULL);
  assert_name ("romeo", irc_parts, 1, OPTIONS ("server", "a@b"), NULL);
  assert_name ("ro\nmeo", irc_parts, 1, NULL, NULL);
  assert_name ("romeo", irc_parts, 1, OPTIONS ("server", "a\r\nJOIN #x"), NULL);
  assert_name ("ro\xffmeo", irc_parts, 1, NULL, NULL);
}

static void
test_server_is_needed (void)
{
  assert_name ("romeo", simple_parts, 1, OPTIONS ("server", "sip.example.net"), "romeo@sip.example.net");
  assert_name ("romeo", simple_parts, 1, NULL, NULL);
}

static void
test_xmpp_name (void)
{
  assert_name ("romeo", xmpp_parts, 2, OPTIONS ("domain", "example.net"), "romeo@example.net");
  assert_name ("romeo@example.net", xmpp_parts, 2, NULL, "romeo@example.net");
  assert_name ("romeo@example.net/home", xmpp_parts, 2, NULL, "romeo@example.net/home");
  assert_name ("romeo@example.net", xmpp_parts, 2, OPTIONS ("resource", "home"), "romeo@example.net/home");
  assert_name ("romeo", xmpp_parts, 2, NULL, NULL);
  assert_name ("romeo", xmpp_parts, 2, OPTIONS ("domain", "example.net/x"), NULL);
}

static void
test_int (void)
{
  static const struct { const char *key, *value; gboolean good; int number; } rows[] = {
    { "port", "6667", TRUE, 6667 },
    { "port", "65535", TRUE, 65535 },
    { "port", "65536", FALSE, 0 },
    { "connect_port", "99999", FALSE, 0 },
    { "limit", "99999", TRUE, 99999 },
    { "limit", "-1", FALSE, 0 },
    { "limit", "1000000001", FALSE, 0 },
    { "limit", "99999999999999999999", FALSE, 0 },
    { "limit", "", FALSE, 0 },
    { "limit", "12x", FALSE, 0 },
    { "limit", " 12", FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      int number = 0;

      g_assert_cmpint (option_values_parse_int (rows[i].key, rows[i].value, &number, &error), ==, rows[i].good);
      g_assert_cmpint (number, ==, rows[i].number);
      g_assert_cmpint (error == NULL, ==, rows[i].good);
    }
}

static void
test_bool (void)
{
  gboolean truth;

  g_assert_true (option_values_parse_bool ("ssl", "true", &truth, NULL) && truth);
  g_assert_true (option_values_parse_bool ("ssl", "1", &truth, NULL) && truth);
  g_assert_true (option_values_parse_bool ("ssl", "No", &truth, NULL) && !truth);
  g_assert_true (option_values_parse_bool ("ssl", "0", &truth, NULL) && !truth);
  g_assert_false (option_values_parse_bool ("ssl", "maybe", &truth, NULL));
  g_assert_false (option_values_parse_bool ("ssl", "", &truth, NULL));
}

static void
test_text (void)
{
  g_assert_true (option_values_check_text ("realname", "Romeo Montague, ü", NULL));
  g_assert_true (option_values_check_text ("realname", "", NULL));
  g_assert_false (option_values_check_text ("realname", "two\nlines", NULL));
  g_assert_false (option_values_check_text ("realname", "bell\a", NULL));
  g_assert_false (option_values_check_text ("realname", "\xff", NULL));
}

static void
test_encoding (void)
{
  g_assert_true (option_values_check_text ("encoding", "UTF-8", NULL));
  g_assert_true (option_values_check_text ("encoding", "ISO-8859-1", NULL));
  g_assert_true (option_values_check_text ("encoding", "UTF-8, koi8-r", NULL));
  g_assert_false (option_values_check_text ("encoding", "klingon", NULL));
  g_assert_false (option_values_check_text ("encoding", "UTF-8,", NULL));
  g_assert_false (option_values_check_text ("encoding", "UTF-8//IGNORE", NULL));
}

static void
test_slug (void)
{
  static const char *const rows[][2] = {
    { "Server", "server" }, { "Connect port", "connect-port" }, { "  a -- B ", "a-b" }, { "Größe", "gr-e" }, { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *slug = option_values_dup_slug (rows[i][0]);

      g_assert_cmpstr (slug, ==, rows[i][1]);
    }
}

static void
test_get (void)
{
  const char *const *options = OPTIONS ("a", "1", "b", "2", "a", "3", "odd");

  g_assert_cmpstr (option_values_get (options, "a"), ==, "3");
  g_assert_cmpstr (option_values_get (options, "b"), ==, "2");
  g_assert_null (option_values_get (options, "odd"));
  g_assert_null (option_values_get (options, "1"));
  g_assert_null (option_values_get (NULL, "a"));
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/worker/options/irc-name", test_irc_name);
  g_test_add_func ("/worker/options/server-is-needed", test_server_is_needed);
  g_test_add_func ("/worker/options/xmpp-name", test_xmpp_name);
  g_test_add_func ("/worker/options/int", test_int);
  g_test_add_func ("/worker/options/bool", test_bool);
  g_test_add_func ("/worker/options/text", test_text);
  g_test_add_func ("/worker/options/encoding", test_encoding);
  g_test_add_func ("/worker/options/slug", test_slug);
  g_test_add_func ("/worker/options/get", test_get);
  return unit_run ();
}
