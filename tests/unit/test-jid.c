/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "jid.h"
#include "unit.h"

static void
test_parts (void)
{
  static const struct { const char *jid, *bare, *local, *domain, *resource; } rows[] = {
    { "romeo@example.net/balcony", "romeo@example.net", "romeo", "example.net", "balcony" },
    { "romeo@example.net", "romeo@example.net", "romeo", "example.net", NULL },
    { "example.net", "example.net", NULL, "example.net", NULL },
    { "example.net/a@b/c", "example.net", NULL, "example.net", "a@b/c" },
    { "romeo@example.net/", "romeo@example.net", "romeo", "example.net", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *bare = jid_dup_bare (rows[i].jid);
      g_autofree char *local = jid_dup_local (rows[i].jid);
      g_autofree char *domain = jid_dup_domain (rows[i].jid);

      g_assert_cmpstr (bare, ==, rows[i].bare);
      g_assert_cmpstr (local, ==, rows[i].local);
      g_assert_cmpstr (domain, ==, rows[i].domain);
      g_assert_cmpstr (jid_resource (rows[i].jid), ==, rows[i].resource);
    }
}

/* The examples of XEP-0106, section 5, as far as they are in lower case. */
static void
test_escaping (void)
{
  static const struct { const char *name, *local; } rows[] = {
    { "space cadet", "space\\20cadet" },
    { "call me \"ishmael\"", "call\\20me\\20\\22ishmael\\22" },
    { "at&t guy", "at\\26t\\20guy" },
    { "d'artagnan", "d\\27artagnan" },
    { "/.fanboy", "\\2f.fanboy" },
    { "::foo::", "\\3a\\3afoo\\3a\\3a" },
    { "<foo>", "\\3cfoo\\3e" },
    { "user@host", "user\\40host" },
    { "c:\\net", "c\\3a\\net" },
    { "c:\\cool stuff", "c\\3a\\cool\\20stuff" },
    { "c:\\5commas", "c\\3a\\5c5commas" },
    { "plain", "plain" },
    { "nick|away[x]", "nick|away[x]" },
    { "日本", "日本" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *local = jid_dup_escaped (rows[i].name);
      g_autofree char *name = jid_dup_unescaped (rows[i].local);

      g_assert_cmpstr (local, ==, rows[i].local);
      g_assert_cmpstr (name, ==, rows[i].name);
    }
}

static void
test_folding (void)
{
  g_autofree char *local = jid_dup_escaped ("JulieT");

  g_assert_cmpstr (local, ==, "juliet");
}

static void
test_impossible_names (void)
{
  g_autofree char *long_name = g_strnfill (1024, 'x');
  const char *const names[] = { "", " leading", "trailing ", "a\tb", "a\nb", "a\001b", "\xff", "a\u2028b", long_name };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_null (jid_dup_escaped (names[i]));
}

static void
test_stray_backslashes (void)
{
  g_autofree char *name = jid_dup_unescaped ("a\\2xb\\");

  g_assert_cmpstr (name, ==, "a\\2xb\\");
}

static void
test_resource_of (void)
{
  static const struct { const char *nick, *resource; } rows[] = {
    { "juliet", "juliet" },
    { "Juliet Capulet", "Juliet Capulet" },
    { "[od]\\d`^{}|", "[od]\\d`^{}|" },
    { "Grüße", "Grüße" },
    { "a\u202eb", "ab" },                /* may not stand in one */
    { "a\tb\x01", "ab" },
    { "\u202e", "?" },
    { "", "?" },
    { "\u05d0", "\u05d0" },
    { "a\u05d0", "a%D7%90" },            /* both directions at once */
  };
  g_autofree char *long_nick = g_strnfill (3000, 'x');
  g_autofree char *short_one = jid_dup_resource_of (long_nick);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *resource = jid_dup_resource_of (rows[i].nick);

      g_assert_cmpstr (resource, ==, rows[i].resource);
    }
  g_assert_cmpuint (strlen (short_one), <=, 1023);
  g_assert_cmpuint (strlen (short_one), >, 900);
}

static void
test_what_no_server_takes (void)
{
  g_autofree char *override = jid_dup_escaped ("a\u202eb");
  g_autofree char *both = jid_dup_escaped ("a\u05d0");
  g_autofree char *fine = jid_dup_escaped ("Grüße");

  g_assert_null (override);
  g_assert_null (both);
  g_assert_cmpstr (fine, ==, "grüße");
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/jid/taken-apart", test_parts);
  g_test_add_func ("/jid/escaped-as-in-xep-0106", test_escaping);
  g_test_add_func ("/jid/folded-as-servers-do", test_folding);
  g_test_add_func ("/jid/no-address-for-impossible-names", test_impossible_names);
  g_test_add_func ("/jid/stray-backslashes-are-themselves", test_stray_backslashes);
  g_test_add_func ("/jid/resource-of", test_resource_of);
  g_test_add_func ("/jid/what-no-server-takes", test_what_no_server_takes);
  return unit_run ();
}
