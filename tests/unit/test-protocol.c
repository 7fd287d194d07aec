/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "protocol.h"
#include "stanza.h"
#include "unit.h"

static Protocol *
xmpp_like (void)
{
  static const char *const choices[] = { "opportunistic", "If there is", "require", "Always", NULL };
  const WireProtocolOption options[] = {
    { .key = "domain", .kind = WIRE_OPTION_PART, .label = "Domain", .separator = "@" },
    { .key = "resource", .kind = WIRE_OPTION_PART, .label = "Resource", .separator = "/" },
    { .key = "port", .kind = WIRE_OPTION_INT, .label = "Port", .value = "5222" },
    { .key = "old", .kind = WIRE_OPTION_BOOL, .label = "Old", .value = "false" },
    { .key = "security", .kind = WIRE_OPTION_LIST, .label = "Security", .value = "require", .choices = choices },
    { .key = "interval", .kind = WIRE_OPTION_INT, .label = "Interval", .value = "9" },
  };
  Protocol *protocol = protocol_new ();

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    protocol_add_option (protocol, &options[i]);
  return protocol;
}

static GHashTable *
table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
test_split (void)
{
  static const struct { const char *whole, *name, *domain, *resource; } rows[] = {
    { "romeo", "romeo", NULL, NULL },
    { "romeo@example.net", "romeo", "example.net", NULL },
    { "romeo@example.net/home", "romeo", "example.net", "home" },
    { "romeo@", "romeo@", NULL, NULL },
    { "a@b@c", "a@b", "c", NULL },
  };
  Protocol *protocol = xmpp_like ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GHashTable) chosen = table ();
      g_autofree char *name = protocol_split_name (protocol, rows[i].whole, chosen);

      g_assert_cmpstr (name, ==, rows[i].name);
      g_assert_cmpstr (g_hash_table_lookup (chosen, "domain"), ==, rows[i].domain);
      g_assert_cmpstr (g_hash_table_lookup (chosen, "resource"), ==, rows[i].resource);
    }
  protocol_free (protocol);
}

static void
test_values (void)
{
  static const struct { const char *key, *value, *normal; } rows[] = {
    { "port", "5223", "5223" }, { "port", "0", "0" }, { "port", "65536", NULL }, { "port", "-1", NULL }, { "port", "x", NULL },
    { "port", "99999999999999999999", NULL }, { "old", "1", "true" }, { "old", "true", "true" }, { "old", "0", "false" }, { "old", "maybe", NULL },
    { "security", "require", "require" }, { "security", "Always", NULL }, { "domain", "example.net", "example.net" },
    { "domain", "ex ample", NULL }, { "domain", "a@b", NULL },
  };
  Protocol *protocol = xmpp_like ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *normal = NULL;
      g_autoptr (GError) error = NULL;
      gboolean taken = protocol_option_check (protocol_find_option (protocol, rows[i].key), rows[i].value, &normal, &error);

      g_assert_cmpint (taken, ==, rows[i].normal != NULL);
      g_assert_cmpstr (normal, ==, rows[i].normal);
      if (!taken)
        g_assert_error (error, STANZA_ERROR, STANZA_NOT_ACCEPTABLE);
    }
  protocol_free (protocol);
}

static const char *
value_of (char **options, const char *key)
{
  for (guint i = 0; options[i] != NULL; i += 2)
    if (g_str_equal (options[i], key))
      return options[i + 1];
  return NULL;
}

static void
test_presets_and_locks (void)
{
  Protocol *protocol = xmpp_like ();
  SettingsGateway settings = { .domain = (char *) "gw", .kind = network_by_purple ("prpl-x"), .options = table (), .locks = g_hash_table_new (g_str_hash, g_str_equal) };
  g_autoptr (GHashTable) chosen = table ();
  g_auto (GStrv) options = NULL;

  g_hash_table_insert (settings.options, g_strdup ("port"), g_strdup ("5299"));
  g_hash_table_insert (settings.options, g_strdup ("domain"), g_strdup ("example.net"));
  g_hash_table_insert (settings.options, g_strdup ("interval"), g_strdup ("2"));
  g_hash_table_insert (settings.locks, (gpointer) "domain", GINT_TO_POINTER (TRUE));
  g_hash_table_insert (settings.locks, (gpointer) "interval", GINT_TO_POINTER (TRUE));
  protocol_configure (protocol, &settings);
  g_hash_table_insert (chosen, g_strdup ("port"), g_strdup ("6000"));
  g_hash_table_insert (chosen, g_strdup ("domain"), g_strdup ("evil.example"));
  g_hash_table_insert (chosen, g_strdup ("interval"), g_strdup ("0"));
  options = protocol_dup_options (protocol, chosen);
  g_assert_cmpstr (value_of (options, "port"), ==, "6000");
  g_assert_cmpstr (value_of (options, "domain"), ==, "example.net");
  g_assert_cmpstr (value_of (options, "interval"), ==, "2");
  g_assert_true (protocol_find_option (protocol, "interval")->locked);
  g_assert_null (value_of (options, "old"));
  g_hash_table_unref (settings.options);
  g_hash_table_unref (settings.locks);
  protocol_free (protocol);
}

static void
test_unknown_presets (void)
{
  Protocol *protocol = xmpp_like ();
  SettingsGateway settings = { .domain = (char *) "gw", .kind = network_by_purple ("prpl-x"), .options = table (), .locks = g_hash_table_new (g_str_hash, g_str_equal) };

  g_hash_table_insert (settings.options, g_strdup ("prot"), g_strdup ("1"));
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*option.prot*");
  protocol_configure (protocol, &settings);
  g_test_assert_expected_messages ();
  g_hash_table_unref (settings.options);
  g_hash_table_unref (settings.locks);
  protocol_free (protocol);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/protocol/whole-names-are-split", test_split);
  g_test_add_func ("/protocol/values-are-checked-by-type", test_values);
  g_test_add_func ("/protocol/presets-give-way-and-locks-do-not", test_presets_and_locks);
  g_test_add_func ("/protocol/unknown-presets-are-told", test_unknown_presets);
  return unit_run ();
}
