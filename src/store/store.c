/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.c - the schema, accounts and contacts. */
#include "config.h"

#include "store.h"

#include <gio/gio.h>
#include <string.h>

#include "job.h"
#include "said.h"

/* -- The schema ---------------------------------------------------------- */

/* Step N leads from schema N to N + 1, each a list of statements.  A step that
 * was released is never changed: what is new is a new step.  %BYTES% is the
 * driver's type for bytes. */
static const char *const first_schema[] = {
  "CREATE TABLE accounts ("
  " id BIGINT NOT NULL PRIMARY KEY,"
  " gateway TEXT NOT NULL,"
  " owner TEXT NOT NULL,"
  " tag TEXT NOT NULL,"
  " name TEXT NOT NULL,"
  " password %BYTES%,"
  " stays_out INTEGER NOT NULL,"
  " UNIQUE (gateway, owner, tag))",

  "CREATE TABLE options ("
  " account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,"
  " key TEXT NOT NULL,"
  " value TEXT NOT NULL,"
  " PRIMARY KEY (account, key))",

  "CREATE TABLE contacts ("
  " account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,"
  " peer TEXT NOT NULL,"
  " name TEXT,"
  " roster_group TEXT,"
  " roster_state INTEGER NOT NULL,"
  " PRIMARY KEY (account, peer))",
  NULL
};

static const char *const second_schema[] = {
  "CREATE TABLE key_mark (sealed %BYTES% NOT NULL)",
  NULL
};

/* `id` grows with time, over all rooms: what was said between two of them is what was said between two moments. */
static const char *const third_schema[] = {
  "CREATE TABLE said ("
  " id BIGINT NOT NULL PRIMARY KEY,"
  " room TEXT NOT NULL,"
  " stamp BIGINT NOT NULL,"
  " nick TEXT,"
  " text TEXT NOT NULL,"
  " message TEXT,"
  " occupant TEXT,"
  " speaker BIGINT NOT NULL,"
  " audience INTEGER NOT NULL)",

  "CREATE INDEX said_in_room ON said (room, id)",

  "CREATE TABLE visits ("
  " account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,"
  " room TEXT NOT NULL,"
  " first BIGINT NOT NULL,"
  " last BIGINT,"
  " PRIMARY KEY (account, room, first))",

  "CREATE INDEX visits_of_room ON visits (room)",

  "CREATE TABLE stays ("
  " account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,"
  " room TEXT NOT NULL,"
  " nick TEXT NOT NULL,"
  " password %BYTES%,"
  " PRIMARY KEY (account, room))",
  NULL
};

static const char *const fourth_schema[] = {
  "ALTER TABLE accounts ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0",
  NULL
};

static const char *const *const schema_steps[] = { first_schema, second_schema, third_schema, fourth_schema };

#define SCHEMA_VERSION ((gint64) G_N_ELEMENTS (schema_steps))

/* -- Queries ------------------------------------------------------------- */

gboolean
store_run_query (Store *store, const char *sql, const DriverValue *parameters, guint n_parameters,
                 DriverRowFunc row, gpointer data, GError **error)
{
  return store->class->query (store->driver, sql, parameters, n_parameters, row, data, error);
}

void
store_take_number (const DriverValue *columns, guint n_columns, gpointer data)
{
  *(gint64 *) data = columns[0].number;
}

DriverValue
store_sealed (GBytes *sealed)
{
  DriverValue value = { .kind = DRIVER_NULL };

  if (sealed != NULL)
    {
      value.kind = DRIVER_BYTES;
      value.bytes = g_bytes_get_data (sealed, &value.length);
    }
  return value;
}

gint64
store_count_said (Store *store, gint64 more)
{
  if (store->said_bytes >= 0)
    store->said_bytes = MAX (0, store->said_bytes + more);
  return store->said_bytes;
}

void
store_know_said (Store *store, gint64 bytes)
{
  store->said_bytes = bytes;
}

gint64
store_last_said (Store *store)
{
  return store->last_said;
}

/* The version that the database has, 0 for a new one. */
static gboolean
read_schema_version (Store *store, gint64 *version, GError **error)
{
  return store_run_query (store, "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", NULL, 0, NULL, NULL, error)
         && store_run_query (store, "SELECT version FROM schema_version", NULL, 0, store_take_number, version, error);
}

static gboolean
run_step (Store *store, const char *const *statements, GError **error)
{
  for (; *statements != NULL; statements++)
    {
      g_auto (GStrv) parts = g_strsplit (*statements, "%BYTES%", -1);
      g_autofree char *sql = g_strjoinv (store->class->bytes_type, parts);

      if (!store_run_query (store, sql, NULL, 0, NULL, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
migrate (Store *store, const char *place, GError **error)
{
  gint64 version = 0;

  if (!read_schema_version (store, &version, error))
    return FALSE;
  if (version > SCHEMA_VERSION)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "%s: was made by a newer Passerelle (schema %" G_GINT64_FORMAT ", this one knows up to %" G_GINT64_FORMAT "); "
                   "install that version, or name another database", place, version, SCHEMA_VERSION);
      return FALSE;
    }
  if (version == SCHEMA_VERSION)
    return TRUE;
  for (gint64 i = version; i < SCHEMA_VERSION; i++)
    if (!run_step (store, schema_steps[i], error))
      return FALSE;
  return store_run_query (store, "DELETE FROM schema_version", NULL, 0, NULL, NULL, error)
         && QUERY (store, "INSERT INTO schema_version (version) VALUES ($1)", NULL, NULL, error, INT (SCHEMA_VERSION));
}

static void
take_bytes (const DriverValue *columns, guint n_columns, gpointer data)
{
  g_clear_pointer ((GBytes **) data, g_bytes_unref);
  *(GBytes **) data = g_bytes_new (columns[0].bytes, columns[0].length);
}

/* A mark sealed with the key stands in the database.  With another key all
 * passwords would be lost one by one, each at its user's next sign-in. */
static gboolean
check_key (Store *store, const char *place, Secrets *secrets, GError **error)
{
  static const char context[] = "key-mark";
  g_autoptr (GBytes) sealed = NULL;
  char *plain;

  if (!store_run_query (store, "SELECT sealed FROM key_mark", NULL, 0, take_bytes, &sealed, error))
    return FALSE;
  if (sealed != NULL)
    {
      plain = secrets_unseal (secrets, sealed, context, NULL);
      if (plain == NULL)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                     "%s: its passwords were stored with another key; put that key back, or name another database", place);
      secrets_wipe (plain);
      return plain != NULL;
    }
  sealed = secrets_seal (secrets, "", context);
  return QUERY (store, "INSERT INTO key_mark (sealed) VALUES ($1)", NULL, NULL, error, store_sealed (sealed));
}

static void
take_account (const DriverValue *columns, guint n_columns, gpointer data)
{
  GPtrArray *items = data;
  StoreAccount *account = store_account_new ();

  account->id = columns[0].number;
  account->gateway = g_strdup (columns[1].text);
  account->owner = g_strdup (columns[2].text);
  account->tag = g_strdup (columns[3].text);
  account->name = g_strdup (columns[4].text);
  if (columns[5].kind == DRIVER_BYTES)
    account->sealed_password = g_bytes_new (columns[5].bytes, columns[5].length);
  account->stays_out = columns[6].number != 0;
  account->quarantined = columns[7].number != 0;
  g_ptr_array_add (items, account);
}

/* Options come in the order of the accounts, so one walk finds them all. */
typedef struct {
  GPtrArray *accounts;
  guint at;
} OptionTaker;

static void
take_option (const DriverValue *columns, guint n_columns, gpointer data)
{
  OptionTaker *taker = data;
  StoreAccount *account = taker->accounts->pdata[taker->at];

  while (account->id != columns[0].number)
    account = taker->accounts->pdata[++taker->at];
  g_hash_table_insert (account->options, g_strdup (columns[1].text), g_strdup (columns[2].text));
}

static gboolean
load_accounts (Store *store, Job *job, GError **error)
{
  OptionTaker taker = { job->items, 0 };

  return QUERY (store,
                "SELECT id, gateway, owner, tag, name, password, stays_out, quarantined"
                " FROM accounts WHERE gateway = $1 ORDER BY id",
                take_account, job->items, error, TEXT (job->text))
         && QUERY (store,
                   "SELECT account, key, value FROM options JOIN accounts ON accounts.id = account"
                   " WHERE gateway = $1 ORDER BY account",
                   take_option, &taker, error, TEXT (job->text));
}

static gboolean
save_account (Store *store, Job *job, GError **error)
{
  const StoreAccount *account = job->argument;
  GHashTableIter iter;
  const char *key, *value;

  if (!QUERY (store,
              "INSERT INTO accounts (id, gateway, owner, tag, name, password, stays_out, quarantined)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
              " ON CONFLICT (id) DO UPDATE SET gateway = excluded.gateway, owner = excluded.owner, tag = excluded.tag,"
              " name = excluded.name, password = excluded.password, stays_out = excluded.stays_out,"
              " quarantined = excluded.quarantined",
              NULL, NULL, error,
              INT (account->id), TEXT (account->gateway), TEXT (account->owner), TEXT (account->tag), TEXT (account->name),
              store_sealed (account->sealed_password), INT (account->stays_out != 0), INT (account->quarantined != 0)))
    return FALSE;
  if (!QUERY (store, "DELETE FROM options WHERE account = $1", NULL, NULL, error, INT (account->id)))
    return FALSE;

  g_hash_table_iter_init (&iter, account->options);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &value))
    if (!QUERY (store, "INSERT INTO options (account, key, value) VALUES ($1, $2, $3)", NULL, NULL, error,
                INT (account->id), TEXT (key), TEXT (value)))
      return FALSE;
  return TRUE;
}

static gboolean
remove_account (Store *store, Job *job, GError **error)
{
  return said_forget_account (store, job->id, error)
         && QUERY (store, "DELETE FROM accounts WHERE id = $1", NULL, NULL, error, INT (job->id));
}

static void
take_contact (const DriverValue *columns, guint n_columns, gpointer data)
{
  GPtrArray *items = data;
  StoreContact *contact = g_new0 (StoreContact, 1);

  contact->peer = g_strdup (columns[0].text);
  contact->name = g_strdup (columns[1].text);
  contact->group = g_strdup (columns[2].text);
  contact->roster = (StoreRosterState) columns[3].number;
  g_ptr_array_add (items, contact);
}

static gboolean
load_contacts (Store *store, Job *job, GError **error)
{
  return QUERY (store, "SELECT peer, name, roster_group, roster_state FROM contacts WHERE account = $1 ORDER BY peer",
                take_contact, job->items, error, INT (job->id));
}

static gboolean
save_contact (Store *store, Job *job, GError **error)
{
  const StoreContact *contact = job->argument;

  return QUERY (store,
                "INSERT INTO contacts (account, peer, name, roster_group, roster_state) VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (account, peer) DO UPDATE SET name = excluded.name, roster_group = excluded.roster_group,"
                " roster_state = excluded.roster_state",
                NULL, NULL, error,
                INT (job->id), TEXT (contact->peer), MAYBE_TEXT (contact->name), MAYBE_TEXT (contact->group), INT (contact->roster));
}

static gboolean
remove_contact (Store *store, Job *job, GError **error)
{
  return QUERY (store, "DELETE FROM contacts WHERE account = $1 AND peer = $2", NULL, NULL, error, INT (job->id), TEXT (job->text));
}

/* -- Requests ------------------------------------------------------------- */

void
store_load_accounts (Store *store, const char *gateway, StoreItemsFunc done, gpointer data)
{
  static const JobKind kind = { "load accounts", FALSE, load_accounts };
  Job *job = store_job_new (&kind);

  job->text = g_strdup (gateway);
  store_ask_items (store, job, (GDestroyNotify) store_account_free, done, data);
}

void
store_save_account (Store *store, const StoreAccount *account, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "save an account", TRUE, save_account };
  Job *job = store_job_new (&kind);

  g_assert (account->id > 0);
  job->argument = store_account_copy (account);
  job->argument_free = (GDestroyNotify) store_account_free;
  store_ask_done (store, job, done, data);
}

void
store_remove_account (Store *store, gint64 account, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "remove an account", TRUE, remove_account };
  Job *job = store_job_new (&kind);

  job->id = account;
  store_ask_done (store, job, done, data);
}

void
store_load_contacts (Store *store, gint64 account, StoreItemsFunc done, gpointer data)
{
  static const JobKind kind = { "load contacts", FALSE, load_contacts };
  Job *job = store_job_new (&kind);

  job->id = account;
  store_ask_items (store, job, (GDestroyNotify) store_contact_free, done, data);
}

void
store_save_contact (Store *store, gint64 account, const StoreContact *contact, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "save a contact", FALSE, save_contact };
  Job *job = store_job_new (&kind);

  job->id = account;
  job->argument = store_contact_copy (contact);
  job->argument_free = (GDestroyNotify) store_contact_free;
  store_ask_done (store, job, done, data);
}

void
store_remove_contact (Store *store, gint64 account, const char *peer, StoreDoneFunc done, gpointer data)
{
  static const JobKind kind = { "remove a contact", FALSE, remove_contact };
  Job *job = store_job_new (&kind);

  job->id = account;
  job->text = g_strdup (peer);
  store_ask_done (store, job, done, data);
}

/* -- Opening and closing ------------------------------------------------- */

static gboolean
open_driver (Store *store, const char *uri, Secrets *secrets, GError **error)
{
  static const DriverClass *const drivers[] = { &sqlite_driver };
  g_autofree char *scheme = g_uri_parse_scheme (uri);
  const char *place;

  for (guint i = 0; i < G_N_ELEMENTS (drivers); i++)
    if (g_strcmp0 (drivers[i]->scheme, scheme) == 0)
      store->class = drivers[i];
  if (store->class == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: not a database that we know; write sqlite:PATH", uri);
      return FALSE;
    }

  place = strchr (uri, ':') + 1;
  store->driver = store->class->open (place, error);
  if (store->driver == NULL)
    return FALSE;
  if (!store->class->begin (store->driver, TRUE, error))
    return FALSE;
  if (migrate (store, place, error) && check_key (store, place, secrets, error) && said_last (store, &store->last_said, error)
      && store->class->commit (store->driver, error))
    return TRUE;
  store->class->rollback (store->driver);
  return FALSE;
}

static void
store_free (Store *store)
{
  if (store->driver != NULL)
    store->class->close (store->driver);
  g_free (store);
}

Store *
store_open (const char *uri, Secrets *secrets, GError **error)
{
  Store *store = g_new0 (Store, 1);
  g_autoptr (GError) problem = NULL;

  store->said_bytes = -1;
  if (!open_driver (store, uri, secrets, &problem))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&problem), "cannot open the database: ");
      store_free (store);
      return NULL;
    }
  store_begin_jobs (store);
  return store;
}

void
store_close (Store *store)
{
  store_end_jobs (store);
  store_free (store);
}

/* -- Items --------------------------------------------------------------- */

StoreAccount *
store_account_new (void)
{
  StoreAccount *account = g_new0 (StoreAccount, 1);

  account->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return account;
}

StoreAccount *
store_account_copy (const StoreAccount *account)
{
  StoreAccount *copy = store_account_new ();
  GHashTableIter iter;
  const char *key, *value;

  copy->id = account->id;
  copy->gateway = g_strdup (account->gateway);
  copy->owner = g_strdup (account->owner);
  copy->tag = g_strdup (account->tag);
  copy->name = g_strdup (account->name);
  copy->sealed_password = account->sealed_password != NULL ? g_bytes_ref (account->sealed_password) : NULL;
  copy->stays_out = account->stays_out;
  copy->quarantined = account->quarantined;
  g_hash_table_iter_init (&iter, account->options);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &value))
    g_hash_table_insert (copy->options, g_strdup (key), g_strdup (value));
  return copy;
}

void
store_account_free (StoreAccount *account)
{
  g_free (account->gateway);
  g_free (account->owner);
  g_free (account->tag);
  g_free (account->name);
  g_clear_pointer (&account->sealed_password, g_bytes_unref);
  g_hash_table_unref (account->options);
  g_free (account);
}

StoreContact *
store_contact_copy (const StoreContact *contact)
{
  StoreContact *copy = g_new0 (StoreContact, 1);

  copy->peer = g_strdup (contact->peer);
  copy->name = g_strdup (contact->name);
  copy->group = g_strdup (contact->group);
  copy->roster = contact->roster;
  return copy;
}

void
store_contact_free (StoreContact *contact)
{
  g_free (contact->peer);
  g_free (contact->name);
  g_free (contact->group);
  g_free (contact);
}
