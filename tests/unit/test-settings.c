/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "settings.h"
#include "unit.h"

#define SECRET "[component]\nsecret = topsecret\n"
#define IRC "[gateway irc.example.org]\nnetwork = irc\n"

static Settings *
load (const char *text, GPtrArray **problems)
{
  g_autofree char *file = unit_write_file ("passerelle.conf", text, 0600);

  *problems = g_ptr_array_new_with_free_func (g_free);
  return settings_load (file, *problems);
}

static Settings *
load_good (const char *text)
{
  GPtrArray *problems;
  Settings *settings = load (text, &problems);

  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *) problems->pdata[i]);
  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_nonnull (settings);
  g_ptr_array_unref (problems);
  return settings;
}

/* -- Good files ---------------------------------------------------------- */

static void
test_defaults (void)
{
  g_autoptr (Settings) settings = load_good (SECRET IRC);
  const SettingsGateway *gateway = settings_find_gateway (settings, "irc.example.org");

  g_assert_cmpstr (settings->component_host, ==, "127.0.0.1");
  g_assert_cmpuint (settings->component_port, ==, 5347);
  g_assert_cmpint (settings->component_tls, ==, SETTINGS_TLS_OFF);
  g_assert_cmpstr (settings->storage_uri, ==, "sqlite:" PASSERELLE_STATEDIR "/passerelle.db");
  g_assert_cmpstr (settings->key_file, ==, PASSERELLE_STATEDIR "/passerelle.key");
  g_assert_cmpstr (settings->journal_folder, ==, PASSERELLE_STATEDIR "/journal");
  g_assert_cmpuint (settings->journal_megabytes, ==, 64);
  g_assert_cmpuint (settings->accounts_per_worker, ==, 250);
  g_assert_cmpstr (settings->worker_program, ==, PKGLIBEXECDIR "/passerelle-worker");
  g_assert_cmpstr (settings->plugin_folder, ==, PKGLIBDIR "/plugins");
  g_assert_cmpstr (settings->runtime_dir, ==, PASSERELLE_RUNDIR);
  g_assert_cmpint (settings->log_level, ==, G_LOG_LEVEL_INFO);

  g_assert_nonnull (gateway);
  g_assert_cmpstr (gateway->network, ==, "irc");
  g_assert_null (gateway->purple);
  g_assert_cmpstr (gateway->kind->purple, ==, "prpl-irc");
  g_assert_cmpstr (gateway->name, ==, "IRC");
  g_assert_cmpstr (gateway->secret, ==, "topsecret");
  g_assert_cmpint (gateway->verify, ==, SETTINGS_VERIFY_STRICT);
  g_assert_cmpuint (gateway->sign_ins_per_second, ==, 20);
  g_assert_cmpuint (gateway->max_message, ==, 65536);
}

static void
test_every_value (void)
{
  g_autoptr (Settings) settings = load_good (
    "# a comment\n"
    "\n"
    "  [component]  \n"
    "host=xmpp.example.org\n"
    "port = 5275\n"
    "secret =  two\\swords \\\\ and = signs\n"
    "tls = direct\n"
    "[storage]\nuri = sqlite:/srv/p.db\nkey-file = /srv/p.key\n"
    "[journal]\nfolder = /srv/j\nmegabytes = 7\n"
    "[workers]\naccounts-per-worker = 10\nprogram = /bin/worker\n"
    "[daemon]\nruntime-dir = /run/p\n"
    "[log]\nlevel = debug\n"
    "[gateway One.Example.ORG]\n"
    "purple = prpl-gg\nname = Gadu\nsecret = own\nverify = ask\nsign-ins-per-second = 0\nmax-message = 100\nmessage-wait = 9\n"
    "option.gg_server = gg.example.net\nlock.gg_server = true\nlock.port = false\n"
    "[gateway two.example.org]\r\n"
    "network = xmpp\r\n");
  const SettingsGateway *one = settings_find_gateway (settings, "one.example.org");
  const SettingsGateway *two = settings_find_gateway (settings, "two.example.org");

  g_assert_cmpstr (settings->component_host, ==, "xmpp.example.org");
  g_assert_cmpuint (settings->component_port, ==, 5275);
  g_assert_cmpint (settings->component_tls, ==, SETTINGS_TLS_DIRECT);
  g_assert_cmpstr (settings->storage_uri, ==, "sqlite:/srv/p.db");
  g_assert_cmpstr (settings->key_file, ==, "/srv/p.key");
  g_assert_cmpstr (settings->journal_folder, ==, "/srv/j");
  g_assert_cmpuint (settings->journal_megabytes, ==, 7);
  g_assert_cmpuint (settings->accounts_per_worker, ==, 10);
  g_assert_cmpstr (settings->worker_program, ==, "/bin/worker");
  g_assert_cmpstr (settings->runtime_dir, ==, "/run/p");
  g_assert_cmpint (settings->log_level, ==, G_LOG_LEVEL_DEBUG);

  g_assert_cmpstr (one->purple, ==, "prpl-gg");
  g_assert_cmpstr (one->kind->purple, ==, "prpl-gg");
  g_assert_null (one->network);
  g_assert_cmpstr (one->name, ==, "Gadu");
  g_assert_cmpstr (one->secret, ==, "own");
  g_assert_cmpint (one->verify, ==, SETTINGS_VERIFY_ASK);
  g_assert_cmpuint (one->sign_ins_per_second, ==, 0);
  g_assert_cmpuint (one->max_message, ==, 100);
  g_assert_cmpstr (g_hash_table_lookup (one->options, "gg_server"), ==, "gg.example.net");
  g_assert_true (GPOINTER_TO_INT (g_hash_table_lookup (one->locks, "gg_server")));
  g_assert_true (g_hash_table_contains (one->locks, "port"));
  g_assert_false (GPOINTER_TO_INT (g_hash_table_lookup (one->locks, "port")));

  g_assert_cmpstr (two->kind->purple, ==, "prpl-jabber");
  g_assert_cmpstr (two->secret, ==, "two words \\ and = signs");
  g_assert_null (settings_find_gateway (settings, "three.example.org"));
}

static void
test_secret_file (void)
{
  g_autofree char *file = unit_write_file ("secret", "from a file\n", 0600);
  g_autofree char *text = g_strdup_printf ("[component]\nsecret-file = %s\n" IRC, file);
  g_autoptr (Settings) settings = load_good (text);

  g_assert_cmpstr (settings_find_gateway (settings, "irc.example.org")->secret, ==, "from a file");
}

static void
test_irc_rate_limit (void)
{
  g_autoptr (Settings) preset = load_good (SECRET IRC);
  g_autoptr (Settings) changed = load_good (SECRET IRC "option.ratelimit-interval = 0\nlock.ratelimit-burst = false\n");
  const SettingsGateway *gateway = preset->gateways->pdata[0];

  g_assert_cmpstr (g_hash_table_lookup (gateway->options, "ratelimit-interval"), ==, "2");
  g_assert_cmpstr (g_hash_table_lookup (gateway->options, "ratelimit-burst"), ==, "5");
  g_assert_true (GPOINTER_TO_INT (g_hash_table_lookup (gateway->locks, "ratelimit-interval")));
  g_assert_true (GPOINTER_TO_INT (g_hash_table_lookup (gateway->locks, "ratelimit-burst")));

  gateway = changed->gateways->pdata[0];
  g_assert_cmpstr (g_hash_table_lookup (gateway->options, "ratelimit-interval"), ==, "0");
  g_assert_true (GPOINTER_TO_INT (g_hash_table_lookup (gateway->locks, "ratelimit-interval")));
  g_assert_false (GPOINTER_TO_INT (g_hash_table_lookup (gateway->locks, "ratelimit-burst")));
}

/* -- Bad files ----------------------------------------------------------- */

/* Of each problem: how its line begins, and what it names. */
typedef struct {
  const char *name;
  const char *text;
  struct {
    const char *where;
    const char *what;
  } problems[8];
} BadRow;

static const BadRow bad_rows[] = {
  { "empty", "", { { ": [gateway DOMAIN]: ", "at least one" } } },
  { "no-secret", IRC, { { ":1: [gateway irc.example.org] secret: ", "missing" } } },
  { "empty-secret", "[component]\nsecret =\n" IRC, { { ":2: [component] secret: ", "empty" } } },
  { "two-secrets", "[component]\nsecret = a\nsecret-file = /b\n" IRC, { { ":3: [component] secret-file: ", "line 2" } } },
  { "secret-file-that-is-not-there", "[component]\nsecret-file = /nonexistent/file\n" IRC, { { ":2: [component] secret-file: ", "No such file" } } },
  { "secret-file-with-nothing-in-it", "[component]\nsecret-file = /dev/null\n" IRC, { { ":2: [component] secret-file: ", "one line" } } },
  { "relative-path", SECRET "secret-file = x\n[daemon]\nruntime-dir = here\n" IRC,
    { { ":5: [daemon] runtime-dir: ", "absolute" }, { ":3: [component] secret-file: ", "line 2" } } },
  { "unknown-section", SECRET "[compnent]\nhost = x\n" IRC, { { ":3: [compnent]: ", "no such section" } } },
  { "unknown-key", SECRET "hots = x\n" IRC, { { ":3: [component] hots: ", "host, port" } } },
  { "unknown-gateway-key", SECRET IRC "colour = red\n", { { ":5: [gateway irc.example.org] colour: ", "option.KEY" } } },
  { "option-without-name", SECRET IRC "option. = red\n", { { ":5: [gateway irc.example.org] option.: ", "no such key" } } },
  { "key-twice", SECRET "port = 1\nport = 2\n" IRC, { { ":4: [component] port: ", "line 3" } } },
  { "section-twice", SECRET IRC "[component]\n", { { ":5: [component]: ", "line 1" } } },
  { "gateway-twice", SECRET IRC "[gateway IRC.example.org]\n", { { ":5: [gateway irc.example.org]: ", "line 3" } } },
  { "gateway-without-domain", SECRET IRC "[gateway]\n", { { ":5: [gateway]: ", "no domain" } } },
  { "gateway-of-a-user", SECRET IRC "[gateway me@example.org]\n", { { ":5: [gateway me@example.org]: ", "no domain" } } },
  { "gateway-with-blanks", SECRET IRC "[gateway a b]\n", { { ":5: [gateway a b]: ", "no domain" } } },
  { "port-is-a-word", SECRET "port = http\n" IRC, { { ":3: [component] port: ", "from 1 to 65535, not “http”" } } },
  { "port-is-zero", SECRET "port = 0\n" IRC, { { ":3: [component] port: ", "from 1 to 65535" } } },
  { "port-is-large", SECRET "port = 65536\n" IRC, { { ":3: [component] port: ", "from 1 to 65535" } } },
  { "port-is-negative", SECRET "port = -1\n" IRC, { { ":3: [component] port: ", "from 1 to 65535" } } },
  { "port-has-a-tail", SECRET "port = 5347x\n" IRC, { { ":3: [component] port: ", "from 1 to 65535" } } },
  { "message-limit-beyond-the-wire", SECRET IRC "max-message = 262145\n", { { ":5: [gateway irc.example.org] max-message: ", "to 262144" } } },
  { "no-such-tls", SECRET "tls = on\n" IRC, { { ":3: [component] tls: ", "off or direct, not “on”" } } },
  { "no-such-verify", SECRET IRC "verify = maybe\n", { { ":5: [gateway irc.example.org] verify: ", "strict, ask or off" } } },
  { "no-such-level", SECRET "[log]\nlevel = loud\n" IRC, { { ":4: [log] level: ", "error, warning, info or debug" } } },
  { "no-such-lock", SECRET IRC "lock.port = yes\n", { { ":5: [gateway irc.example.org] lock.port: ", "true or false" } } },
  { "no-network", SECRET "[gateway irc.example.org]\n", { { ":3: [gateway irc.example.org] network: ", "missing" } } },
  { "two-networks", SECRET IRC "purple = prpl-irc\n", { { ":5: [gateway irc.example.org] purple: ", "line 4" } } },
  { "no-such-network", SECRET "[gateway irc.example.org]\nnetwork = telepathy\n", { { ":4: [gateway irc.example.org] network: ", "irc, xmpp, simple" } } },
  { "no-plugin-id", SECRET "[gateway irc.example.org]\npurple = irc\n", { { ":4: [gateway irc.example.org] purple: ", "prpl-" } } },
  { "no-such-database", SECRET "[storage]\nuri = mysql:x\n" IRC, { { ":4: [storage] uri: ", "sqlite:PATH" } } },
  { "database-without-path", SECRET "[storage]\nuri = sqlite:p.db\n" IRC, { { ":4: [storage] uri: ", "absolute" } } },
  { "memory-without-key", SECRET "[storage]\nuri = sqlite::memory:\n" IRC, { { ":4: [storage] key-file: ", "missing" } } },
  { "runtime-dir-too-long-for-a-socket",
    SECRET "[daemon]\nruntime-dir = /0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789\n" IRC,
    { { ":4: [daemon] runtime-dir: ", "90 bytes" } } },
  { "line-that-is-none", SECRET "whatever\n" IRC, { { ":3: ", "KEY = VALUE" } } },
  { "key-before-any-section", "port = 1\n" SECRET IRC, { { ":1: ", "before the first [SECTION]" } } },
  { "heading-cut-short", SECRET IRC "[gateway x.example.org\nnetwork = irc\n", { { ":5: ", "ends with ]" } } },
  { "stray-backslash", "[component]\nsecret = a\\b\n" IRC, { { ":2: ", "backslash" }, { ":3: [gateway irc.example.org] secret: ", "missing" } } },
  { "not-utf8", SECRET "host = caf\xe9\n" IRC, { { ":3: ", "UTF-8" } } },
  { "all-are-told", "[component]\nport = x\ntls = y\n[nothing]\n[log]\nlevel = z\n[gateway a.example.org]\n[gateway b.example.org]\nnetwork = q\n",
    { { ":4: ", "no such section" }, { ":2: ", "port" }, { ":3: ", "tls" }, { ":6: ", "level" },
      { ":7: ", "secret" }, { ":7: ", "network" }, { ":8: ", "secret" }, { ":9: ", "network" } } },
};

static void
test_bad (gconstpointer data)
{
  const BadRow *row = data;
  GPtrArray *problems;
  guint n = 0;
  g_autoptr (Settings) settings = load (row->text, &problems);

  g_assert_null (settings);
  for (guint i = 0; i < problems->len; i++)
    {
      g_test_message ("%s", (char *) problems->pdata[i]);
      g_assert_null (strstr (problems->pdata[i], "topsecret"));
    }
  for (; n < G_N_ELEMENTS (row->problems) && row->problems[n].where != NULL; n++)
    {
      gboolean found = FALSE;

      for (guint i = 0; i < problems->len; i++)
        {
          const char *where = strstr (problems->pdata[i], "passerelle.conf") + strlen ("passerelle.conf");

          found |= g_str_has_prefix (where, row->problems[n].where) && strstr (where, row->problems[n].what) != NULL;
        }
      if (!found)
        g_test_message ("expected: %s...%s", row->problems[n].where, row->problems[n].what);
      g_assert_true (found);
    }
  g_assert_cmpuint (problems->len, ==, n);
  g_ptr_array_unref (problems);
}

static void
test_no_file (void)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  g_assert_null (settings_load ("/nonexistent/passerelle.conf", problems));
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_true (g_str_has_prefix (problems->pdata[0], "/nonexistent/passerelle.conf: "));
}

static void
test_runtime_dir_alone (void)
{
  static const char *const rows[][2] = {
    { SECRET IRC, PASSERELLE_RUNDIR },
    { "[daemon]\nruntime-dir = /run/here\n", "/run/here" },
    { "nonsense\n[daemon]\nwhat = x\nruntime-dir=/run/here\n[other]\n", "/run/here" },
    { "[log]\nruntime-dir = /run/here\n", PASSERELLE_RUNDIR },
  };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *file = unit_write_file ("passerelle.conf", rows[i][0], 0600);
      g_autofree char *dir = settings_find_runtime_dir (file, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (dir, ==, rows[i][1]);
    }
  g_assert_null (settings_find_runtime_dir ("/nonexistent/passerelle.conf", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* -- What documents the table -------------------------------------------- */

static char *
read_file (GTestFileType type, const char *folder, const char *name)
{
  g_autofree char *path = g_test_build_filename (type, "..", "..", folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static const SettingsRow *
find_row (const char *section, const char *key)
{
  for (const SettingsRow *row = settings_table (); row->section != NULL; row++)
    if (g_str_equal (row->section, section) && g_str_equal (row->key, key))
      return row;
  return NULL;
}

/* "#key = value" and "key = value"; not "# prose" */
static GRegex *
setting_regex (void)
{
  return g_regex_new ("^(#?)([a-z0-9.-]+) = (.*)$", 0, 0, NULL);
}

static void
test_sample_shows_defaults (void)
{
  g_autofree char *text = read_file (G_TEST_BUILT, "etc", "passerelle.conf.sample");
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);
  g_autoptr (GRegex) regex = setting_regex ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autofree char *section = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      g_autofree char *key = NULL, *value = NULL;
      const SettingsRow *row;

      if (g_str_has_prefix (lines[i], "[") || g_str_has_prefix (lines[i], "#["))
        {
          const char *name = strchr (lines[i], '[') + 1;

          g_free (section);
          section = g_strndup (name, strcspn (name, " ]"));
        }
      if (!g_regex_match (regex, lines[i], 0, &match))
        continue;
      g_test_message ("%s", lines[i]);
      key = g_match_info_fetch (match, 2);
      value = g_match_info_fetch (match, 3);
      row = find_row (section, key);
      if (row == NULL)
        {
          /* option.KEY and lock.KEY are examples. */
          g_assert_true (g_str_has_prefix (key, "option.") || g_str_has_prefix (key, "lock."));
          *(strchr (key, '.') + 1) = '\0';
          row = find_row (section, key);
          g_assert_nonnull (row);
        }
      else if (*lines[i] == '#' && row->fallback != NULL)
        g_assert_cmpstr (value, ==, row->fallback);
      g_hash_table_add (seen, (gpointer) row);
    }
  for (const SettingsRow *row = settings_table (); row->section != NULL; row++)
    {
      g_test_message ("sample has [%s] %s", row->section, row->key);
      g_assert_true (g_hash_table_contains (seen, row));
    }
}

static void
test_sample_loads (void)
{
  g_autofree char *text = read_file (G_TEST_BUILT, "etc", "passerelle.conf.sample");
  g_autoptr (Settings) settings = load_good (text);

  g_assert_cmpuint (settings->gateways->len, >, 0);
}

/* Each commented line by itself, or rather with the lines that it cannot stand beside taken out. */
static void
test_sample_loads_uncommented (void)
{
  static const char *const pairs[][2] = { { "secret", "secret-file" }, { "network", "purple" } };
  g_autofree char *text = read_file (G_TEST_BUILT, "etc", "passerelle.conf.sample");
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);
  g_autoptr (GRegex) regex = setting_regex ();
  g_autofree char *secret = unit_write_file ("component.secret", "x\n", 0600);
  guint n = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      g_autofree char *key = NULL;
      g_autofree char *before = NULL;
      g_autoptr (GString) changed = g_string_new (NULL);
      g_autoptr (Settings) settings = NULL;
      const char *rival = NULL;

      if (*lines[i] != '#' || !g_regex_match (regex, lines[i], 0, &match))
        continue;
      key = g_match_info_fetch (match, 2);
      for (guint p = 0; p < G_N_ELEMENTS (pairs); p++)
        for (guint side = 0; side < 2; side++)
          if (g_str_equal (pairs[p][side], key))
            rival = pairs[p][1 - side];
      before = g_strdup_printf ("%s = ", rival != NULL ? rival : "");
      for (guint j = 0; lines[j] != NULL; j++)
        {
          const char *line = j == i ? lines[j] + 1 : lines[j];

          if (rival != NULL && g_str_has_prefix (line, before))
            continue;
          if (j == i && g_str_equal (key, "secret-file"))
            g_string_append_printf (changed, "secret-file = %s\n", secret);
          else
            g_string_append_printf (changed, "%s\n", line);
        }
      g_test_message ("%s", lines[i]);
      settings = load_good (changed->str);
      n++;
    }
  g_assert_cmpuint (n, >, 10);
}

/* Under the heading of its section, ".Ss Section log" or ".Ss Sections gateway DOMAIN", an item ".It Ic level". */
static void
test_manual (void)
{
  g_autofree char *text = read_file (G_TEST_BUILT, "docs", "passerelle.conf.5");

  for (const SettingsRow *row = settings_table (); row->section != NULL; row++)
    {
      gboolean many = g_str_equal (row->section, "gateway");
      g_autofree char *heading = g_strdup_printf ("\n.Ss %s %s", many ? "Sections" : "Section", row->section);
      g_autofree char *item = g_strdup_printf ("\n.It Ic %s%s\n", row->key, row->type == SETTINGS_PREFIX ? "KEY" : "");
      g_autofree char *section = NULL;
      const char *at = strstr (text, heading);

      g_test_message ("manual has [%s] %s", row->section, row->key);
      g_assert_nonnull (at);
      at += strlen (heading);
      section = g_strndup (at, (gsize) (strstr (at, "\n.S") - at));
      g_assert_nonnull (strstr (section, item));
      if (row->fallback != NULL)
        g_assert_nonnull (strstr (section, row->fallback));
    }
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/settings/defaults-are-the-table's", test_defaults);
  g_test_add_func ("/settings/every-value-is-taken", test_every_value);
  g_test_add_func ("/settings/secret-comes-from-a-file", test_secret_file);
  g_test_add_func ("/settings/irc-rate-limit-is-preset-and-locked", test_irc_rate_limit);
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/settings/refuses/%s", bad_rows[i].name);

      g_test_add_data_func (path, &bad_rows[i], test_bad);
    }
  g_test_add_func ("/settings/refuses/no-file", test_no_file);
  g_test_add_func ("/settings/runtime-dir-is-found-in-any-file", test_runtime_dir_alone);
  g_test_add_func ("/settings/sample-shows-every-default", test_sample_shows_defaults);
  g_test_add_func ("/settings/sample-loads", test_sample_loads);
  g_test_add_func ("/settings/sample-loads-with-each-line-uncommented", test_sample_loads_uncommented);
  g_test_add_func ("/settings/manual-has-every-setting", test_manual);
  return unit_run ();
}
