/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.c - passerelle.conf, read and checked.
 *
 * The file is read into sections first, then each row of the table takes its
 * value from there; what spans several keys (the secret, the network) comes
 * last.  Nothing stops at a problem, so that one look finds all of them. */
#include "config.h"

#include "settings.h"

#include <stddef.h>
#include <string.h>

#include "keyfile.h"

/* -- The table ----------------------------------------------------------- */

static const SettingsChoice tls_choices[] = { { "off", SETTINGS_TLS_OFF }, { "direct", SETTINGS_TLS_DIRECT }, { NULL } };

static const SettingsChoice verify_choices[] = {
  { "strict", SETTINGS_VERIFY_STRICT }, { "ask", SETTINGS_VERIFY_ASK }, { "off", SETTINGS_VERIFY_OFF }, { NULL }
};

static const SettingsChoice plugin_choices[] = { { "own", SETTINGS_PLUGIN_OWN }, { "system", SETTINGS_PLUGIN_SYSTEM }, { NULL } };

static const SettingsChoice level_choices[] = {
  { "error", G_LOG_LEVEL_CRITICAL }, { "warning", G_LOG_LEVEL_WARNING },
  { "info", G_LOG_LEVEL_INFO }, { "debug", G_LOG_LEVEL_DEBUG }, { NULL }
};

#define MOST_BYTES 1023
/* "/workers.sock" behind it must still fit into a socket's address. */
#define MOST_RUNTIME_DIR 90
/* The wire's limit for a message. */
#define MOST_MESSAGE 262144

#define AT(member) offsetof (Settings, member)
#define GATEWAY_AT(member) offsetof (SettingsGateway, member)
#define NOWHERE -1

static const SettingsRow table[] = {
  { "component", "host", SETTINGS_STRING, "127.0.0.1", 1, 253, NULL,
    "the XMPP server's name or address", AT (component_host) },
  { "component", "port", SETTINGS_NUMBER, "5347", 1, 65535, NULL,
    "its port for components (XEP-0114)", AT (component_port) },
  { "component", "secret", SETTINGS_STRING, NULL, 1, MOST_BYTES, NULL,
    "what the XMPP server knows our components by", NOWHERE },
  { "component", "secret-file", SETTINGS_PATH, NULL, 1, MOST_BYTES, NULL,
    "a file with the secret, instead of it", NOWHERE },
  { "component", "tls", SETTINGS_CHOICE, "off", 0, 0, tls_choices,
    "whether the port for components speaks TLS", AT (component_tls) },

  { "storage", "uri", SETTINGS_STRING, "sqlite:" PASSERELLE_STATEDIR "/passerelle.db", 1, MOST_BYTES, NULL,
    "the database: sqlite:PATH", AT (storage_uri) },
  { "storage", "key-file", SETTINGS_PATH, NULL, 1, MOST_BYTES, NULL,
    "the key that passwords are encrypted with; made if missing (default: passerelle.key beside the database)", AT (key_file) },

  { "journal", "folder", SETTINGS_PATH, NULL, 1, MOST_BYTES, NULL,
    "where messages are kept while they are under way; made if missing (default: journal beside the database)", AT (journal_folder) },
  { "journal", "megabytes", SETTINGS_NUMBER, "64", 1, 1000, NULL,
    "so much may be under way at a gateway, each way", AT (journal_megabytes) },

  { "archive", "days", SETTINGS_NUMBER, "30", 0, 36500, NULL,
    "what is said in rooms is kept for so many days, for those who were there; 0: not at all", AT (archive_days) },
  { "archive", "megabytes", SETTINGS_NUMBER, "1000", 0, 1000000, NULL,
    "and so much of it, all rooms together: the oldest goes; 0: no limit", AT (archive_megabytes) },

  { "workers", "accounts-per-worker", SETTINGS_NUMBER, "250", 1, 1000, NULL,
    "a worker process serves at most so many accounts", AT (accounts_per_worker) },
  { "workers", "program", SETTINGS_PATH, PKGLIBEXECDIR "/passerelle-worker", 1, MOST_BYTES, NULL,
    "the worker's program", AT (worker_program) },
  { "workers", "plugin-folder", SETTINGS_PATH, PKGLIBDIR "/plugins", 1, MOST_BYTES, NULL,
    "where our own libpurple plugins are", AT (plugin_folder) },

  { "daemon", "runtime-dir", SETTINGS_PATH, PASSERELLE_RUNDIR, 1, MOST_RUNTIME_DIR, NULL,
    "a private folder for the sockets, and for what was just read; in memory at best", AT (runtime_dir) },

  { "log", "level", SETTINGS_CHOICE, "info", 0, 0, level_choices,
    "the least grave messages that are logged", AT (log_level) },

  { "gateway", "network", SETTINGS_STRING, NULL, 1, MOST_BYTES, NULL,
    "the network: irc, xmpp, simple, ...", GATEWAY_AT (network) },
  { "gateway", "purple", SETTINGS_STRING, NULL, 1, 127, NULL,
    "instead of network: the id of a libpurple protocol plugin, prpl-...", GATEWAY_AT (purple) },
  { "gateway", "plugin", SETTINGS_CHOICE, "own", 0, 0, plugin_choices,
    "whose plugin is used where both we and the system's libpurple have one of this id", GATEWAY_AT (plugin) },
  { "gateway", "name", SETTINGS_STRING, NULL, 1, MOST_BYTES, NULL,
    "the gateway's name as users see it (default: the network's)", GATEWAY_AT (name) },
  { "gateway", "secret", SETTINGS_STRING, NULL, 1, MOST_BYTES, NULL,
    "this component's secret (default: that of [component])", NOWHERE },
  { "gateway", "secret-file", SETTINGS_PATH, NULL, 1, MOST_BYTES, NULL,
    "a file with this component's secret, instead of it", NOWHERE },
  { "gateway", "verify", SETTINGS_CHOICE, "strict", 0, 0, verify_choices,
    "what becomes of a network's server whose certificate does not verify: refused, the user is asked, accepted", GATEWAY_AT (verify) },
  { "gateway", "sign-ins-per-second", SETTINGS_NUMBER, "20", 0, 1000, NULL,
    "so many accounts are signed in per second; 0: no limit", GATEWAY_AT (sign_ins_per_second) },
  { "gateway", "max-message", SETTINGS_NUMBER, "65536", 1, MOST_MESSAGE, NULL,
    "the longest message a user may send, in bytes", GATEWAY_AT (max_message) },
  { "gateway", "message-wait", SETTINGS_NUMBER, "120", 0, 3600, NULL,
    "so many seconds a message waits for an account that is being signed in; 0: it comes back at once", GATEWAY_AT (message_wait) },
  { "gateway", "option.", SETTINGS_PREFIX, NULL, 0, 2048, NULL,
    "option.KEY = VALUE presets an option of the network's plugin", NOWHERE },
  { "gateway", "lock.", SETTINGS_PREFIX, NULL, 0, 0, NULL,
    "lock.KEY = true takes the option out of users' forms", NOWHERE },
  { NULL }
};

const SettingsRow *
settings_table (void)
{
  return table;
}

/* -- The sections of the file -------------------------------------------- */

typedef struct {
  char *name;                 /* as in the heading */
  const char *kind;           /* as in the table */
  char *domain;               /* of a gateway */
  guint line;                 /* 0: not in the file */
  GHashTable *entries;        /* key to KeyfileEntry, both owned by the file's entries */
} Section;

typedef struct {
  const char *file;
  GPtrArray *problems;
  GPtrArray *sections;
  char *component_secret;
} Reader;

static void
section_free (gpointer data)
{
  Section *section = data;

  g_free (section->name);
  g_free (section->domain);
  g_hash_table_unref (section->entries);
  g_free (section);
}

static void G_GNUC_PRINTF (5, 6)
add_problem (Reader *reader, guint line, const char *section, const char *key, const char *format, ...)
{
  GString *text = g_string_new (reader->file);
  va_list arguments;

  if (line > 0)
    g_string_append_printf (text, ":%u", line);
  g_string_append_printf (text, ": [%s]", section);
  if (key != NULL)
    g_string_append_printf (text, " %s", key);
  g_string_append (text, ": ");
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
  g_ptr_array_add (reader->problems, g_string_free (text, FALSE));
}

static Section *
find_section (const Reader *reader, const char *name)
{
  for (guint i = 0; i < reader->sections->len; i++)
    {
      Section *section = reader->sections->pdata[i];

      if (g_str_equal (section->name, name))
        return section;
    }
  return NULL;
}

static Section *
add_section (Reader *reader, const char *kind, const char *name, guint line)
{
  Section *section = g_new0 (Section, 1);

  section->kind = kind;
  section->name = g_strdup (name);
  section->line = line;
  section->entries = g_hash_table_new (g_str_hash, g_str_equal);
  g_ptr_array_add (reader->sections, section);
  return section;
}

static gboolean
is_domain (const char *domain)
{
  gsize length = strlen (domain);

  if (length == 0 || length > 253 || *domain == '.' || domain[length - 1] == '.' || strstr (domain, "..") != NULL)
    return FALSE;
  for (const char *c = domain; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (!g_unichar_isalnum (u) && !g_unichar_ismark (u) && u != '-' && u != '.')
        return FALSE;
    }
  return TRUE;
}

/* The table's name of a section, NULL if there is none. */
static const char *
kind_of (const char *name)
{
  if (g_str_has_prefix (name, "gateway") && (name[7] == '\0' || g_ascii_isspace (name[7])))
    return "gateway";
  for (const SettingsRow *row = table; row->section != NULL; row++)
    if (g_str_equal (row->section, name) && !g_str_equal (row->section, "gateway"))
      return row->section;
  return NULL;
}

/* Returns NULL if its keys are not worth looking at. */
static Section *
begin_section (Reader *reader, const KeyfileEntry *entry)
{
  const char *kind = kind_of (entry->section);
  g_autofree char *domain = NULL;
  g_autofree char *name = NULL;
  Section *section;

  if (kind == NULL)
    {
      add_problem (reader, entry->line, entry->section, NULL,
                   "no such section; there are [component], [storage], [archive], [workers], [daemon], [log] and [gateway DOMAIN]");
      return NULL;
    }
  if (g_str_equal (kind, "gateway"))
    {
      domain = g_utf8_strdown (g_strstrip (name = g_strdup (entry->section + strlen ("gateway"))), -1);
      g_free (name);
      name = g_strdup_printf ("gateway %s", domain);
      if (!is_domain (domain))
        {
          add_problem (reader, entry->line, entry->section, NULL, "names no domain; write [gateway irc.example.org]");
          return NULL;
        }
    }
  else
    name = g_strdup (kind);

  section = find_section (reader, name);
  if (section != NULL && section->line > 0)
    {
      add_problem (reader, entry->line, name, NULL, "stands twice, first in line %u", section->line);
      return section;
    }
  if (section == NULL)
    section = add_section (reader, kind, name, entry->line);
  section->line = entry->line;
  section->domain = g_steal_pointer (&domain);
  return section;
}

static const SettingsRow *
find_row (const char *kind, const char *key)
{
  for (const SettingsRow *row = table; row->section != NULL; row++)
    if (g_str_equal (row->section, kind)
        && (row->type == SETTINGS_PREFIX
            ? g_str_has_prefix (key, row->key) && key[strlen (row->key)] != '\0'
            : g_str_equal (row->key, key)))
      return row;
  return NULL;
}

static char *
dup_known_keys (const char *kind)
{
  GString *keys = g_string_new (NULL);

  for (const SettingsRow *row = table; row->section != NULL; row++)
    if (g_str_equal (row->section, kind))
      g_string_append_printf (keys, "%s%s%s", keys->len > 0 ? ", " : "", row->key, row->type == SETTINGS_PREFIX ? "KEY" : "");
  return g_string_free (keys, FALSE);
}

static void
add_entry (Reader *reader, Section *section, KeyfileEntry *entry)
{
  const KeyfileEntry *first = g_hash_table_lookup (section->entries, entry->key);

  if (first != NULL)
    add_problem (reader, entry->line, section->name, entry->key, "stands twice, first in line %u", first->line);
  else if (find_row (section->kind, entry->key) == NULL)
    {
      g_autofree char *keys = dup_known_keys (section->kind);

      add_problem (reader, entry->line, section->name, entry->key, "no such key; there are %s", keys);
    }
  else
    g_hash_table_insert (section->entries, entry->key, entry);
}

static void
read_sections (Reader *reader, GPtrArray *entries)
{
  Section *section = NULL;

  for (const SettingsRow *row = table; row->section != NULL; row++)
    if (!g_str_equal (row->section, "gateway") && find_section (reader, row->section) == NULL)
      add_section (reader, row->section, row->section, 0);
  for (guint i = 0; i < entries->len; i++)
    {
      KeyfileEntry *entry = entries->pdata[i];

      if (entry->key == NULL)
        section = begin_section (reader, entry);
      else if (section != NULL)
        add_entry (reader, section, entry);
    }
}

/* -- Values -------------------------------------------------------------- */

static char *
dup_choices (const SettingsChoice *choices)
{
  GString *names = g_string_new (choices->name);

  for (choices++; choices->name != NULL; choices++)
    g_string_append_printf (names, "%s%s", choices[1].name != NULL ? ", " : " or ", choices->name);
  return g_string_free (names, FALSE);
}

/* Returns what is wrong with `value`, or NULL. */
static char *
store_value (const SettingsRow *row, const char *value, gpointer where)
{
  switch (row->type)
    {
    case SETTINGS_PATH:
      if (!g_path_is_absolute (value))
        return g_strdup ("must be an absolute path");   /* what it is instead may be a secret */
      G_GNUC_FALLTHROUGH;
    case SETTINGS_STRING:
      if (*value == '\0')
        return g_strdup ("is empty");
      if (strlen (value) > row->most)
        return g_strdup_printf ("is longer than %u bytes", row->most);
      g_free (*(char **) where);
      *(char **) where = g_strdup (value);
      return NULL;

    case SETTINGS_NUMBER:
      {
        guint64 number;

        if (!g_ascii_string_to_unsigned (value, 10, row->least, row->most, &number, NULL))
          return g_strdup_printf ("must be a number from %u to %u, not “%s”", row->least, row->most, value);
        *(guint *) where = (guint) number;
        return NULL;
      }

    case SETTINGS_CHOICE:
      {
        g_autofree char *names = NULL;

        for (const SettingsChoice *choice = row->choices; choice->name != NULL; choice++)
          if (g_str_equal (choice->name, value))
            {
              *(guint *) where = choice->value;
              return NULL;
            }
        names = dup_choices (row->choices);
        return g_strdup_printf ("must be %s, not “%s”", names, value);
      }

    case SETTINGS_PREFIX:
    default:
      g_assert_not_reached ();
    }
}

/* Fills all members that have a row of their own, from the section or by default. */
static void
read_values (Reader *reader, Section *section, gpointer target)
{
  for (const SettingsRow *row = table; row->section != NULL; row++)
    {
      const KeyfileEntry *entry = g_hash_table_lookup (section->entries, row->key);
      g_autofree char *problem = NULL;
      gpointer where;

      if (!g_str_equal (row->section, section->kind) || row->offset == NOWHERE)
        continue;
      where = G_STRUCT_MEMBER_P (target, row->offset);
      if (row->fallback != NULL)
        problem = store_value (row, row->fallback, where);
      g_assert (problem == NULL);
      if (entry == NULL)
        continue;
      problem = store_value (row, entry->value, where);
      if (problem != NULL)
        add_problem (reader, entry->line, section->name, row->key, "%s", problem);
    }
}

static void
wipe (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

/* The secret of a section, from it or its file; NULL if it gives none, or a bad one.  Free with wipe. */
static char *
read_secret (Reader *reader, Section *section)
{
  const KeyfileEntry *given = g_hash_table_lookup (section->entries, "secret");
  const KeyfileEntry *file = g_hash_table_lookup (section->entries, "secret-file");
  const KeyfileEntry *entry = given != NULL ? given : file;
  const SettingsRow *row;
  g_autoptr (GError) error = NULL;
  char *secret = NULL;
  g_autofree char *problem = NULL;
  gsize length;

  if (entry == NULL)
    return NULL;
  if (given != NULL && file != NULL)
    {
      add_problem (reader, file->line, section->name, "secret-file", "stands beside secret (line %u); give one of them", given->line);
      return NULL;
    }
  row = find_row (section->kind, entry->key);
  problem = store_value (row, entry->value, &secret);
  if (problem == NULL && file != NULL)
    {
      g_clear_pointer (&secret, g_free);
      if (!g_file_get_contents (file->value, &secret, &length, &error))
        problem = g_strdup_printf ("%s", error->message);
      else
        {
          if (length > 0 && secret[length - 1] == '\n')
            secret[--length] = '\0';
          if (length == 0 || length > row->most || length != strlen (secret) || strchr (secret, '\n') != NULL
              || !g_utf8_validate (secret, -1, NULL))
            problem = g_strdup_printf ("%s must hold the secret as one line of text", file->value);
        }
    }
  if (problem != NULL)
    {
      add_problem (reader, entry->line, section->name, entry->key, "%s", problem);
      g_clear_pointer (&secret, wipe);
    }
  return secret;
}

/* -- Gateways ------------------------------------------------------------ */

static void
gateway_free (gpointer data)
{
  SettingsGateway *gateway = data;

  g_free (gateway->domain);
  g_free (gateway->network);
  g_free (gateway->purple);
  g_free (gateway->name);
  wipe (gateway->secret);
  g_hash_table_unref (gateway->options);
  g_hash_table_unref (gateway->locks);
  g_free (gateway);
}

/* Finds the plugin and a name for the gateway. */
static void
read_network (Reader *reader, Section *section, SettingsGateway *gateway)
{
  const KeyfileEntry *network = g_hash_table_lookup (section->entries, "network");
  const KeyfileEntry *purple = g_hash_table_lookup (section->entries, "purple");
  g_autofree char *known = NULL;

  if (network != NULL && purple != NULL)
    add_problem (reader, purple->line, section->name, "purple", "stands beside network (line %u); give one of them", network->line);
  else if (network == NULL && purple == NULL)
    add_problem (reader, section->line, section->name, "network", "is missing; write network = irc, say");
  else if (purple != NULL && gateway->purple != NULL)
    {
      if (!g_str_has_prefix (gateway->purple, "prpl-"))
        add_problem (reader, purple->line, section->name, "purple", "must be the id of a protocol plugin, prpl-..., not “%s”", gateway->purple);
      gateway->kind = network_by_purple (gateway->purple);
    }
  else if (gateway->network != NULL)
    {
      gateway->kind = network_by_name (gateway->network);
      if (gateway->kind == NULL)
        {
          known = network_dup_names ();
          add_problem (reader, network->line, section->name, "network", "“%s” is not known; there are %s, and any other by purple = prpl-ID",
                       gateway->network, known);
        }
    }
  if (gateway->name == NULL && gateway->kind != NULL)
    gateway->name = g_strdup (gateway->kind->title);
}

static void
read_options (Reader *reader, Section *section, SettingsGateway *gateway)
{
  GHashTableIter iter;
  const char *key;
  const KeyfileEntry *entry;

  for (guint i = 0; gateway->kind != NULL && gateway->kind->presets[i] != NULL; i += 2)
    {
      g_hash_table_insert (gateway->options, g_strdup (gateway->kind->presets[i]), g_strdup (gateway->kind->presets[i + 1]));
      g_hash_table_insert (gateway->locks, g_strdup (gateway->kind->presets[i]), GINT_TO_POINTER (TRUE));
    }

  g_hash_table_iter_init (&iter, section->entries);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &entry))
    {
      const SettingsRow *row = find_row ("gateway", key);

      if (row->type != SETTINGS_PREFIX)
        continue;
      key += strlen (row->key);
      if (g_str_equal (row->key, "lock."))
        {
          if (g_str_equal (entry->value, "true") || g_str_equal (entry->value, "false"))
            g_hash_table_insert (gateway->locks, g_strdup (key), GINT_TO_POINTER (g_str_equal (entry->value, "true")));
          else
            add_problem (reader, entry->line, section->name, entry->key, "must be true or false, not “%s”", entry->value);
        }
      else if (strlen (entry->value) > row->most)
        add_problem (reader, entry->line, section->name, entry->key, "is longer than %u bytes", row->most);
      else
        g_hash_table_insert (gateway->options, g_strdup (key), g_strdup (entry->value));
    }
}

static SettingsGateway *
read_gateway (Reader *reader, Section *section)
{
  SettingsGateway *gateway = g_new0 (SettingsGateway, 1);
  gboolean tried = g_hash_table_contains (section->entries, "secret") || g_hash_table_contains (section->entries, "secret-file");
  Section *component = find_section (reader, "component");

  gateway->domain = g_strdup (section->domain);
  gateway->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gateway->locks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  read_values (reader, section, gateway);
  gateway->secret = read_secret (reader, section);
  if (gateway->secret == NULL && !tried)
    {
      gateway->secret = g_strdup (reader->component_secret);
      /* A secret of [component] that is wrong was reported there. */
      if (gateway->secret == NULL && !g_hash_table_contains (component->entries, "secret") && !g_hash_table_contains (component->entries, "secret-file"))
        add_problem (reader, section->line, section->name, "secret", "is missing; give one here or in [component], the same as in the XMPP server's configuration");
    }
  read_network (reader, section, gateway);
  read_options (reader, section, gateway);
  return gateway;
}

/* -- The whole ----------------------------------------------------------- */

static guint
line_of (Section *section, const char *key)
{
  const KeyfileEntry *entry = g_hash_table_lookup (section->entries, key);

  return entry != NULL ? entry->line : section->line;
}

/* The database's place, and from it those of the key and the journal. */
static void
read_storage (Reader *reader, Settings *settings)
{
  Section *storage = find_section (reader, "storage");
  guint line = line_of (storage, "uri");
  const char *path = settings->storage_uri + strlen ("sqlite:");

  if (!g_str_has_prefix (settings->storage_uri, "sqlite:"))
    add_problem (reader, line, "storage", "uri", "must be sqlite:PATH, not “%s”", settings->storage_uri);
  else if (!g_str_equal (path, ":memory:") && !g_path_is_absolute (path))
    add_problem (reader, line, "storage", "uri", "must be sqlite: and an absolute path, not “%s”", settings->storage_uri);
  else if (settings->key_file == NULL && g_str_equal (path, ":memory:"))
    add_problem (reader, line, "storage", "key-file", "is missing; a database in memory has no place beside it");
  else if (settings->key_file == NULL)
    {
      g_autofree char *folder = g_path_get_dirname (path);

      settings->key_file = g_build_filename (folder, "passerelle.key", NULL);
    }
  if (settings->journal_folder == NULL)
    {
      g_autofree char *folder = g_path_get_dirname (g_path_is_absolute (path) || settings->key_file == NULL ? path : settings->key_file);

      settings->journal_folder = g_build_filename (folder, "journal", NULL);
    }
}

static void
read_settings (Reader *reader, Settings *settings)
{
  for (guint i = 0; i < reader->sections->len; i++)
    {
      Section *section = reader->sections->pdata[i];

      if (section->domain == NULL)
        read_values (reader, section, settings);
    }
  read_storage (reader, settings);
  reader->component_secret = read_secret (reader, find_section (reader, "component"));

  for (guint i = 0; i < reader->sections->len; i++)
    {
      Section *section = reader->sections->pdata[i];

      if (section->domain != NULL)
        g_ptr_array_add (settings->gateways, read_gateway (reader, section));
    }
  if (settings->gateways->len == 0)
    add_problem (reader, 0, "gateway DOMAIN", NULL, "there is none; name at least one, [gateway irc.example.org] with network = irc, say");
}

Settings *
settings_load (const char *file, GPtrArray *problems)
{
  g_autoptr (Settings) settings = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  Reader reader = { .file = file, .problems = problems };
  guint before = problems->len;
  char *text;
  gsize length;

  if (!g_file_get_contents (file, &text, &length, &error))
    {
      g_ptr_array_add (problems, g_strdup_printf ("%s: %s", file, error->message));
      return NULL;
    }
  settings = g_new0 (Settings, 1);
  settings->file = g_strdup (file);
  settings->gateways = g_ptr_array_new_with_free_func (gateway_free);

  entries = keyfile_parse (file, text, length, problems);
  explicit_bzero (text, length);
  g_free (text);

  reader.sections = g_ptr_array_new_with_free_func (section_free);
  read_sections (&reader, entries);
  read_settings (&reader, settings);
  g_ptr_array_unref (reader.sections);
  wipe (reader.component_secret);
  return problems->len == before ? g_steal_pointer (&settings) : NULL;
}

void
settings_free (Settings *settings)
{
  g_free (settings->file);
  g_free (settings->component_host);
  g_free (settings->storage_uri);
  g_free (settings->key_file);
  g_free (settings->journal_folder);
  g_free (settings->worker_program);
  g_free (settings->plugin_folder);
  g_free (settings->runtime_dir);
  g_ptr_array_unref (settings->gateways);
  g_free (settings);
}

const SettingsGateway *
settings_find_gateway (const Settings *settings, const char *domain)
{
  for (guint i = 0; i < settings->gateways->len; i++)
    {
      const SettingsGateway *gateway = settings->gateways->pdata[i];

      if (g_str_equal (gateway->domain, domain))
        return gateway;
    }
  return NULL;
}

char *
settings_find_runtime_dir (const char *file, GError **error)
{
  g_autoptr (GPtrArray) ignored = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) entries = NULL;
  char *text;
  gsize length;

  if (!g_file_get_contents (file, &text, &length, error))
    return NULL;
  entries = keyfile_parse (file, text, length, ignored);
  explicit_bzero (text, length);
  g_free (text);
  for (guint i = 0; i < entries->len; i++)
    {
      const KeyfileEntry *entry = entries->pdata[i];

      if (g_str_equal (entry->section, "daemon") && g_strcmp0 (entry->key, "runtime-dir") == 0)
        return g_strdup (entry->value);
    }
  return g_strdup (find_row ("daemon", "runtime-dir")->fallback);
}
