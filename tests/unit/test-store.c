/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "driver.h"
#include "store.h"
#include "unit.h"

/* -- Asking and waiting -------------------------------------------------- */

typedef struct {
  gboolean done;
  GError *error;
  GPtrArray *items;
  GThread *thread;
} Answer;

static void
on_done (const GError *error, gpointer data)
{
  Answer *answer = data;

  g_assert_false (answer->done);
  answer->done = TRUE;
  answer->error = error != NULL ? g_error_copy (error) : NULL;
  answer->thread = g_thread_self ();
}

static void
on_items (GPtrArray *items, const GError *error, gpointer data)
{
  Answer *answer = data;

  g_assert_true ((items == NULL) == (error != NULL));
  answer->items = items != NULL ? g_ptr_array_ref (items) : NULL;
  on_done (error, data);
}

static void
expect_done (Answer *answer)
{
  unit_wait_for (&answer->done);
  g_assert_no_error (answer->error);
  answer->done = FALSE;
}

static void
expect_error (Answer *answer, int code)
{
  unit_wait_for (&answer->done);
  g_assert_error (answer->error, G_IO_ERROR, code);
  g_test_message ("%s", answer->error->message);
  g_clear_error (&answer->error);
  answer->done = FALSE;
}

/* The secrets of all tests, and others. */
static Secrets *our_secrets, *other_secrets;

static Store *
open_good (const char *uri)
{
  g_autoptr (GError) error = NULL;
  Store *store = store_open (uri, our_secrets, &error);

  g_assert_no_error (error);
  return store;
}

static void
save_account (Store *store, const StoreAccount *account)
{
  Answer answer = { 0 };

  store_save_account (store, account, on_done, &answer);
  expect_done (&answer);
}

static GPtrArray *
load_accounts (Store *store, const char *gateway)
{
  Answer answer = { 0 };

  store_load_accounts (store, gateway, on_items, &answer);
  expect_done (&answer);
  return answer.items;
}

static void
save_contact (Store *store, gint64 account, const char *peer, const char *name, const char *group, StoreRosterState roster)
{
  StoreContact contact = { (char *) peer, (char *) name, (char *) group, roster };
  Answer answer = { 0 };

  store_save_contact (store, account, &contact, on_done, &answer);
  expect_done (&answer);
}

static GPtrArray *
load_contacts (Store *store, gint64 account)
{
  Answer answer = { 0 };

  store_load_contacts (store, account, on_items, &answer);
  expect_done (&answer);
  return answer.items;
}

static StoreAccount *
make_account (gint64 id, const char *owner, const char *tag)
{
  StoreAccount *account = store_account_new ();

  account->id = id;
  account->gateway = g_strdup ("irc.example.org");
  account->owner = g_strdup (owner);
  account->tag = g_strdup (tag);
  account->name = g_strdup ("romeo");
  return account;
}

static void
assert_same_account (const StoreAccount *a, const StoreAccount *b)
{
  GHashTableIter iter;
  gpointer key, value;

  g_assert_cmpint (a->id, ==, b->id);
  g_assert_cmpstr (a->gateway, ==, b->gateway);
  g_assert_cmpstr (a->owner, ==, b->owner);
  g_assert_cmpstr (a->tag, ==, b->tag);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpint (a->stays_out, ==, b->stays_out);
  g_assert_true ((a->sealed_password == NULL) == (b->sealed_password == NULL));
  if (a->sealed_password != NULL)
    g_assert_true (g_bytes_equal (a->sealed_password, b->sealed_password));
  g_assert_cmpuint (g_hash_table_size (a->options), ==, g_hash_table_size (b->options));
  g_hash_table_iter_init (&iter, a->options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_assert_cmpstr (value, ==, g_hash_table_lookup (b->options, key));
}

/* -- Accounts ------------------------------------------------------------ */

static void
test_account (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (StoreAccount) account = make_account (G_GINT64_CONSTANT (9007199254740991), "romeo@example.org", "irc.example.net");
  g_autoptr (GPtrArray) items = NULL, changed = NULL, others = NULL;

  account->sealed_password = g_bytes_new ("a\0b'", 4);
  account->stays_out = TRUE;
  g_hash_table_insert (account->options, g_strdup ("port"), g_strdup ("6667"));
  g_hash_table_insert (account->options, g_strdup ("encoding"), g_strdup ("l'été; DROP TABLE accounts"));
  save_account (store, account);
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 1);
  assert_same_account (items->pdata[0], account);

  g_clear_pointer (&account->sealed_password, g_bytes_unref);
  account->stays_out = FALSE;
  g_hash_table_remove (account->options, "encoding");
  save_account (store, account);
  changed = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (changed->len, ==, 1);
  assert_same_account (changed->pdata[0], account);

  others = load_accounts (store, "xmpp.example.org");
  g_assert_cmpuint (others->len, ==, 0);
  store_close (store);
}

static void
test_many_accounts (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (GPtrArray) items = NULL;

  for (gint64 id = 20; id > 0; id--)
    {
      g_autofree char *owner = g_strdup_printf ("user%d@example.org", (int) id);
      g_autoptr (StoreAccount) account = make_account (id, owner, "");

      /* Some have options, some have none. */
      for (gint64 i = 0; i < id % 3; i++)
        g_hash_table_insert (account->options, g_strdup_printf ("key%d", (int) i), g_strdup (owner));
      save_account (store, account);
    }
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 20);
  for (guint i = 0; i < items->len; i++)
    {
      const StoreAccount *account = items->pdata[i];

      g_assert_cmpint (account->id, ==, i + 1);
      g_assert_cmpuint (g_hash_table_size (account->options), ==, account->id % 3);
      if (account->id % 3 > 0)
        g_assert_cmpstr (g_hash_table_lookup (account->options, "key0"), ==, account->owner);
    }
  store_close (store);
}

static void
test_one_per_tag (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (StoreAccount) first = make_account (1, "romeo@example.org", "a");
  g_autoptr (StoreAccount) same = make_account (2, "romeo@example.org", "a");
  g_autoptr (StoreAccount) other = make_account (3, "romeo@example.org", "b");
  g_autoptr (GPtrArray) items = NULL;
  Answer answer = { 0 };

  save_account (store, first);
  store_save_account (store, same, on_done, &answer);
  expect_error (&answer, G_IO_ERROR_EXISTS);
  save_account (store, other);
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 2);
  store_close (store);
}

static void
test_remove_account (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autoptr (GPtrArray) items = NULL, contacts = NULL;
  Answer answer = { 0 };

  g_hash_table_insert (account->options, g_strdup ("port"), g_strdup ("6667"));
  save_account (store, account);
  save_contact (store, 1, "juliet", NULL, NULL, STORE_ROSTER_IN);
  store_remove_account (store, 1, on_done, &answer);
  expect_done (&answer);
  store_remove_account (store, 1, on_done, &answer);
  expect_done (&answer);
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 0);

  /* One of the same number starts empty. */
  g_hash_table_remove_all (account->options);
  save_account (store, account);
  contacts = load_contacts (store, 1);
  g_assert_cmpuint (contacts->len, ==, 0);
  store_close (store);
}

/* -- Contacts ------------------------------------------------------------ */

static void
test_contacts (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autoptr (GPtrArray) items = NULL, left = NULL;
  const StoreContact *contact;
  Answer answer = { 0 };

  save_account (store, account);
  save_contact (store, 1, "juliet", "Juliet", "Capulet", STORE_ROSTER_ASKED);
  save_contact (store, 1, "mercutio", NULL, NULL, STORE_ROSTER_NONE);
  save_contact (store, 1, "juliet", "J", NULL, STORE_ROSTER_REFUSED);
  items = load_contacts (store, 1);
  g_assert_cmpuint (items->len, ==, 2);
  contact = items->pdata[0];
  g_assert_cmpstr (contact->peer, ==, "juliet");
  g_assert_cmpstr (contact->name, ==, "J");
  g_assert_null (contact->group);
  g_assert_cmpint (contact->roster, ==, STORE_ROSTER_REFUSED);
  contact = items->pdata[1];
  g_assert_cmpstr (contact->peer, ==, "mercutio");
  g_assert_null (contact->name);

  store_remove_contact (store, 1, "juliet", on_done, &answer);
  expect_done (&answer);
  left = load_contacts (store, 1);
  g_assert_cmpuint (left->len, ==, 1);
  store_close (store);
}

static void
test_contact_of_nobody (void)
{
  Store *store = open_good ("sqlite::memory:");
  StoreContact contact = { .peer = (char *) "juliet" };
  Answer answer = { 0 };

  store_save_contact (store, 7, &contact, on_done, &answer);
  expect_error (&answer, G_IO_ERROR_NOT_FOUND);
  store_close (store);
}

/* -- Answers ------------------------------------------------------------- */

static void
test_answers_come_later (void)
{
  Store *store = open_good ("sqlite::memory:");
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  Answer saved = { 0 }, loaded = { 0 };

  store_save_account (store, account, on_done, &saved);
  store_load_accounts (store, "irc.example.org", on_items, &loaded);
  /* All is done after this, and yet nothing was called back. */
  store_close (store);
  g_assert_false (saved.done);
  g_assert_false (loaded.done);

  unit_wait_for (&loaded.done);
  g_assert_true (saved.done);
  g_assert_true (saved.thread == g_thread_self ());
  g_assert_true (loaded.thread == g_thread_self ());
  g_assert_cmpuint (loaded.items->len, ==, 1);
  g_ptr_array_unref (loaded.items);
}

static void
test_unwatched_error_is_logged (void)
{
  Store *store = open_good ("sqlite::memory:");
  StoreContact contact = { .peer = (char *) "juliet" };
  Answer answer = { 0 };

  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot save a contact: *");
  store_save_contact (store, 7, &contact, NULL, NULL);
  store_remove_account (store, 7, on_done, &answer);
  expect_done (&answer);
  g_test_assert_expected_messages ();
  store_close (store);
}

/* -- Files --------------------------------------------------------------- */

static void
test_file_keeps (void)
{
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *path = g_build_filename (folder, "keeps.db", NULL);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (GPtrArray) items = NULL;
  struct stat status;
  Store *store = open_good (uri);

  save_account (store, account);
  store_close (store);
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);

  store = open_good (uri);
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 1);
  assert_same_account (items->pdata[0], account);
  store_close (store);
}

static void
test_file_is_closed_to_others (void)
{
  g_autofree char *path = unit_write_file ("open.db", "", 0644);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  struct stat status;

  store_close (open_good (uri));
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
expect_cannot_open (const char *uri, int code, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (store_open (uri, our_secrets, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_true (g_pattern_match_simple (what, error->message));
}

static void
test_no_folder (void)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *uri = g_strdup_printf ("sqlite:%s/nowhere/p.db", folder);

  expect_cannot_open (uri, G_IO_ERROR_NOT_FOUND, "cannot open the database: */nowhere/p.db: *must exist*");
}

static void
test_other_database (void)
{
  expect_cannot_open ("mysql:x", G_IO_ERROR_NOT_SUPPORTED, "*mysql:x*sqlite:PATH*");
  expect_cannot_open ("nonsense", G_IO_ERROR_NOT_SUPPORTED, "*nonsense*sqlite:PATH*");
}

static void
test_no_database (void)
{
  g_autofree char *path = unit_write_file ("text.db", "This is a letter, and none of SQLite's.  It is long enough to be looked at, though: a header has a hundred bytes.", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);

  expect_cannot_open (uri, G_IO_ERROR_INVALID_DATA, "*text.db: file is not a database*");
}

static void
test_read_only_file (void)
{
  g_autofree char *path = NULL, *uri = NULL;

  unit_become_nobody ();
  path = unit_write_file ("read-only.db", "", 0600);
  uri = g_strconcat ("sqlite:", path, NULL);
  store_close (open_good (uri));
  g_assert_no_errno (g_chmod (path, 0400));
  expect_cannot_open (uri, G_IO_ERROR_PERMISSION_DENIED, "*read-only.db: Permission denied; *writable*");
  unit_become_root ();
}

static void
test_read_only_folder (void)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *uri = g_strdup_printf ("sqlite:%s/closed/p.db", folder);

  unit_become_nobody ();
  g_assert_no_errno (g_mkdir ("closed", 0700));
  store_close (open_good (uri));
  g_assert_no_errno (g_chmod ("closed", 0500));
  expect_cannot_open (uri, G_IO_ERROR_READ_ONLY, "*closed/p.db: *its folder must be writable*");
  g_assert_no_errno (g_chmod ("closed", 0700));
  unit_become_root ();
}

static void
run_sql (Driver *driver, const char *sql)
{
  g_autoptr (GError) error = NULL;

  sqlite_driver.query (driver, sql, NULL, 0, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* From the first schema on, nothing is lost; ended by taking away what the later steps made. */
static void
test_older_schema (void)
{
  g_autofree char *path = unit_write_file ("older.db", "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;
  Store *store = open_good (uri);
  Driver *driver;

  save_account (store, account);
  store_close (store);
  driver = sqlite_driver.open (path, &error);
  g_assert_no_error (error);
  run_sql (driver, "DROP TABLE stays");
  run_sql (driver, "DROP TABLE visits");
  run_sql (driver, "DROP TABLE said");
  run_sql (driver, "DROP TABLE key_mark");
  run_sql (driver, "ALTER TABLE accounts DROP COLUMN quarantined");
  run_sql (driver, "UPDATE schema_version SET version = 1");
  sqlite_driver.close (driver);

  store = open_good (uri);
  items = load_accounts (store, "irc.example.org");
  g_assert_cmpuint (items->len, ==, 1);
  assert_same_account (items->pdata[0], account);
  store_close (store);
  store_close (open_good (uri));
}

static void
test_other_key (void)
{
  g_autofree char *path = unit_write_file ("key.db", "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (GError) error = NULL;

  store_close (open_good (uri));
  g_assert_null (store_open (uri, other_secrets, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_true (g_pattern_match_simple ("*key.db: *another key; put that key back*", error->message));
  store_close (open_good (uri));
}

static void
test_newer_schema (void)
{
  g_autofree char *path = unit_write_file ("newer.db", "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (GError) error = NULL;
  Driver *driver;

  store_close (open_good (uri));
  driver = sqlite_driver.open (path, &error);
  g_assert_no_error (error);
  run_sql (driver, "UPDATE schema_version SET version = 1000");
  sqlite_driver.close (driver);
  expect_cannot_open (uri, G_IO_ERROR_NOT_SUPPORTED, "*newer.db: was made by a newer Passerelle (schema 1000*");
}

/* Another process in the middle of a transaction: `ends` with or without the store noticing. */
static void
test_locked (gconstpointer ends)
{
  g_autofree char *path = unit_write_file ("locked.db", "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autoptr (GError) error = NULL;
  Answer answer = { 0 };
  Store *store;
  Driver *driver;

  if (!GPOINTER_TO_INT (ends) && !g_test_slow ())
    {
      g_test_skip ("takes 5 s; run with -m slow");
      return;
    }
  store = open_good (uri);
  driver = sqlite_driver.open (path, &error);
  g_assert_no_error (error);
  g_assert_true (sqlite_driver.begin (driver, TRUE, &error));
  store_save_account (store, account, on_done, &answer);
  if (GPOINTER_TO_INT (ends))
    {
      sqlite_driver.rollback (driver);
      expect_done (&answer);
    }
  else
    {
      expect_error (&answer, G_IO_ERROR_BUSY);
      sqlite_driver.rollback (driver);
    }
  sqlite_driver.close (driver);
  save_account (store, account);
  store_close (store);
}

/* -- A database that cannot be written ------------------------------------ */

/* Another connection to it, which makes it refuse whatever is added to these tables, or take it again. */
typedef struct {
  Store *store;
  Driver *driver;
} Spoilt;

static Spoilt
open_spoilt (const char *name)
{
  g_autofree char *path = unit_write_file (name, "", 0600);
  g_autofree char *uri = g_strconcat ("sqlite:", path, NULL);
  g_autoptr (StoreAccount) account = make_account (1, "romeo@example.org", "");
  g_autoptr (GError) error = NULL;
  Spoilt spoilt = { .store = open_good (uri) };

  save_account (spoilt.store, account);
  spoilt.driver = sqlite_driver.open (path, &error);
  g_assert_no_error (error);
  run_sql (spoilt.driver, "CREATE TRIGGER no_contacts BEFORE INSERT ON contacts BEGIN SELECT RAISE (FAIL, 'no room'); END");
  run_sql (spoilt.driver, "CREATE TRIGGER nothing_said BEFORE INSERT ON said BEGIN SELECT RAISE (FAIL, 'no room'); END");
  return spoilt;
}

static void
mend (Spoilt spoilt)
{
  run_sql (spoilt.driver, "DROP TRIGGER no_contacts");
  run_sql (spoilt.driver, "DROP TRIGGER nothing_said");
}

static void
close_spoilt (Spoilt spoilt)
{
  sqlite_driver.close (spoilt.driver);
  store_close (spoilt.store);
}

static void
put_contact (Store *store, const char *peer, const char *name)
{
  StoreContact contact = { (char *) peer, (char *) name, NULL, STORE_ROSTER_IN };

  store_save_contact (store, 1, &contact, NULL, NULL);
}

static void
say (Store *store, gint64 first, guint count, Answer *answer)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) store_said_free);

  for (guint i = 0; i < count; i++)
    {
      StoreSaid *said = g_new0 (StoreSaid, 1);

      said->id = first + i;
      said->room = g_strdup ("#verona");
      said->text = g_strdup ("hello");
      g_ptr_array_add (all, said);
    }
  store_save_said (store, all, on_done, answer);
}

/* What nobody waits for is done in its order once that can be; what somebody waits for fails at once, and does not overtake. */
static void
test_tried_again (void)
{
  Spoilt spoilt = open_spoilt ("spoilt.db");
  g_autoptr (StoreAccount) other = make_account (2, "juliet@example.org", "");
  g_autoptr (GPtrArray) contacts = NULL;
  Answer refused = { 0 }, said = { 0 };

  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot save a contact: *no room; it is tried again until it works");
  g_test_expect_message ("passerelle", G_LOG_LEVEL_MESSAGE, "what could not be saved is saved now");
  put_contact (spoilt.store, "mercutio", "one");
  put_contact (spoilt.store, "mercutio", "two");
  put_contact (spoilt.store, "tybalt", NULL);
  store_remove_contact (spoilt.store, 1, "tybalt", NULL, NULL);
  say (spoilt.store, 1, 2, &said);
  store_save_account (spoilt.store, other, on_done, &refused);
  expect_error (&refused, G_IO_ERROR_FAILED);
  mend (spoilt);
  expect_done (&said);
  save_account (spoilt.store, other);
  contacts = load_contacts (spoilt.store, 1);
  g_assert_cmpuint (contacts->len, ==, 1);
  g_assert_cmpstr (((StoreContact *) contacts->pdata[0])->name, ==, "two");
  g_test_assert_expected_messages ();
  close_spoilt (spoilt);
}

/* Whose error nobody hears stays longest. */
static void
test_too_much_waits (void)
{
  Spoilt spoilt = open_spoilt ("much.db");
  g_autoptr (GPtrArray) contacts = NULL;
  Answer oldest = { 0 }, last = { 0 };

  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot save a contact: *");
  put_contact (spoilt.store, "mercutio", "one");
  say (spoilt.store, 1, 1, &oldest);
  say (spoilt.store, 2, STORE_MOST_WAITING - 1, &last);
  expect_error (&oldest, G_IO_ERROR_FAILED);
  g_test_assert_expected_messages ();
  mend (spoilt);
  expect_done (&last);
  contacts = load_contacts (spoilt.store, 1);
  g_assert_cmpuint (contacts->len, ==, 1);
  close_spoilt (spoilt);
}

/* What cannot wait for longer is told of. */
static void
test_never_mended (void)
{
  Spoilt spoilt = open_spoilt ("never.db");
  Answer said = { 0 };

  put_contact (spoilt.store, "mercutio", "one");
  say (spoilt.store, 1, 1, &said);
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "what was to be saved is lost, since the database could not be written (1 changes): *no room");
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot save a contact: *");
  close_spoilt (spoilt);
  expect_error (&said, G_IO_ERROR_FAILED);
  g_test_assert_expected_messages ();
}

static void
on_page (GPtrArray *items, gboolean more, const GError *error, gpointer data)
{
  ((Answer *) data)->items = items == NULL ? NULL : g_ptr_array_ref (items);
  on_done (error, data);
}

static guint
count_said (Store *store)
{
  g_autoptr (GPtrArray) items = NULL;
  Answer loaded = { 0 };

  store_load_said (store, &(StoreSaidQuery) { .account = 1, .room = (char *) "#verona", .most = 1000 }, on_page, &loaded);
  expect_done (&loaded);
  items = loaded.items;
  return items->len;
}

/* What was not done does not count for the archive's size. */
static void
test_size_of_the_archive (void)
{
  Spoilt spoilt = open_spoilt ("size.db");
  Answer said = { 0 }, expired = { 0 };

  mend (spoilt);
  store_begin_visit (spoilt.store, 1, "#elsewhere", 1);
  store_end_visit (spoilt.store, 1, "#elsewhere", 2);
  store_begin_visit (spoilt.store, 1, "#verona", 1000);
  say (spoilt.store, 1000, 100, &said);
  expect_done (&said);
  store_expire_said (spoilt.store, 1, 50000, on_page, &expired);
  expect_done (&expired);
  store_begin_visit (spoilt.store, 1, "#elsewhere", 1);
  store_end_visit (spoilt.store, 1, "#elsewhere", 2);
  run_sql (spoilt.driver, "CREATE TRIGGER for_ever BEFORE DELETE ON visits BEGIN SELECT RAISE (FAIL, 'no room'); END");
  store_expire_said (spoilt.store, 1, 10000, on_page, &expired);
  expect_error (&expired, G_IO_ERROR_FAILED);
  run_sql (spoilt.driver, "DROP TRIGGER for_ever");
  g_assert_cmpuint (count_said (spoilt.store), ==, 100);
  store_expire_said (spoilt.store, 1, 10000, on_page, &expired);
  expect_done (&expired);
  g_assert_cmpuint (count_said (spoilt.store), ==, 0);
  close_spoilt (spoilt);
}

/* -- The driver ---------------------------------------------------------- */

static void
count_rows (const DriverValue *columns, guint n_columns, gpointer data)
{
  ++*(guint *) data;
}

/* A limit on pages is what a full disk looks like to SQLite. */
static void
test_full_disk (void)
{
  g_autofree char *path = unit_write_file ("full.db", "", 0600);
  g_autoptr (GError) error = NULL;
  Driver *driver = sqlite_driver.open (path, &error);
  const DriverValue much = { .kind = DRIVER_BYTES, .bytes = g_malloc0 (100000), .length = 100000 };
  const DriverValue little = { .kind = DRIVER_BYTES, .bytes = "x", .length = 1 };
  const char *insert = "INSERT INTO t (b) VALUES ($1)";
  guint n = 0;

  g_assert_no_error (error);
  run_sql (driver, "CREATE TABLE t (b BLOB)");
  run_sql (driver, "PRAGMA max_page_count = 8");
  g_assert_true (sqlite_driver.begin (driver, TRUE, &error));
  g_assert_true (sqlite_driver.query (driver, insert, &little, 1, NULL, NULL, &error));
  g_assert_false (sqlite_driver.query (driver, insert, &much, 1, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_true (g_pattern_match_simple ("*full.db: *full; free some space", error->message));
  g_clear_error (&error);
  sqlite_driver.rollback (driver);

  /* Nothing of it remains, and life goes on. */
  g_assert_true (sqlite_driver.query (driver, "SELECT b FROM t", NULL, 0, count_rows, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (sqlite_driver.begin (driver, FALSE, &error));
  g_assert_true (sqlite_driver.query (driver, insert, &little, 1, NULL, NULL, &error));
  g_assert_true (sqlite_driver.commit (driver, &error));
  g_assert_true (sqlite_driver.query (driver, "SELECT b FROM t", NULL, 0, count_rows, &n, &error));
  g_assert_cmpuint (n, ==, 1);
  sqlite_driver.close (driver);
  g_free ((gpointer) much.bytes);
}

static void
check_values (const DriverValue *columns, guint n_columns, gpointer data)
{
  g_assert_cmpuint (n_columns, ==, 5);
  g_assert_cmpint (columns[0].kind, ==, DRIVER_INT);
  g_assert_cmpint (columns[0].number, ==, G_MININT64);
  g_assert_cmpint (columns[1].kind, ==, DRIVER_TEXT);
  g_assert_cmpstr (columns[1].text, ==, "it's \xe2\x82\xac");
  g_assert_cmpint (columns[2].kind, ==, DRIVER_BYTES);
  g_assert_cmpmem (columns[2].bytes, columns[2].length, "\0\1\377", 3);
  g_assert_cmpint (columns[3].kind, ==, DRIVER_NULL);
  g_assert_cmpint (columns[4].kind, ==, DRIVER_TEXT);
  g_assert_cmpstr (columns[4].text, ==, "");
  count_rows (columns, n_columns, data);
}

static void
test_values_return (void)
{
  const DriverValue values[] = {
    { .kind = DRIVER_INT, .number = G_MININT64 },
    { .kind = DRIVER_TEXT, .text = "it's \xe2\x82\xac" },
    { .kind = DRIVER_BYTES, .bytes = "\0\1\377", .length = 3 },
    { .kind = DRIVER_NULL },
    { .kind = DRIVER_TEXT, .text = "" },
  };
  g_autoptr (GError) error = NULL;
  Driver *driver = sqlite_driver.open (":memory:", &error);
  guint n = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    g_assert_true (sqlite_driver.query (driver, "SELECT $1, $2, $3, $4, $5", values, 5, check_values, &n, &error));
  g_assert_cmpuint (n, ==, 2);
  sqlite_driver.close (driver);
}

static void
test_bad_sql (void)
{
  g_autoptr (GError) error = NULL;
  Driver *driver = sqlite_driver.open (":memory:", &error);

  g_assert_no_error (error);
  g_assert_false (sqlite_driver.query (driver, "SELECT nonsense", NULL, 0, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  sqlite_driver.close (driver);
}

static Secrets *
make_secrets (const char *name, const char *bytes)
{
  g_autofree char *key = unit_write_file (name, bytes, 0600);
  g_autoptr (GError) error = NULL;
  Secrets *secrets = secrets_open (key, &error);

  g_assert_no_error (error);
  return secrets;
}

int
main (int argc, char **argv)
{
  int result;

  unit_init (&argc, &argv);
  our_secrets = make_secrets ("our.key", "0123456789abcdef0123456789abcdef");
  other_secrets = make_secrets ("other.key", "fedcba9876543210fedcba9876543210");
  g_test_add_func ("/store/account-returns-as-saved", test_account);
  g_test_add_func ("/store/each-account-has-its-options", test_many_accounts);
  g_test_add_func ("/store/one-account-per-tag", test_one_per_tag);
  g_test_add_func ("/store/removed-account-takes-all-along", test_remove_account);
  g_test_add_func ("/store/contact-returns-as-saved", test_contacts);
  g_test_add_func ("/store/contact-needs-an-account", test_contact_of_nobody);
  g_test_add_func ("/store/answers-come-later-and-here", test_answers_come_later);
  g_test_add_func ("/store/error-nobody-takes-is-logged", test_unwatched_error_is_logged);
  g_test_add_func ("/store/file-keeps-and-is-private", test_file_keeps);
  g_test_add_func ("/store/file-is-closed-to-others", test_file_is_closed_to_others);
  g_test_add_data_func ("/store/waits-for-a-lock", GINT_TO_POINTER (TRUE), test_locked);
  g_test_add_data_func ("/store/gives-up-on-a-lock-that-stays", GINT_TO_POINTER (FALSE), test_locked);
  g_test_add_func ("/store/refuses/no-folder", test_no_folder);
  g_test_add_func ("/store/refuses/other-database", test_other_database);
  g_test_add_func ("/store/refuses/no-database", test_no_database);
  g_test_add_func ("/store/refuses/read-only-file", test_read_only_file);
  g_test_add_func ("/store/refuses/read-only-folder", test_read_only_folder);
  g_test_add_func ("/store/refuses/newer-schema", test_newer_schema);
  g_test_add_func ("/store/refuses/other-key", test_other_key);
  g_test_add_func ("/store/migrates-older-schema", test_older_schema);
  g_test_add_func ("/store/what-nobody-waits-for-is-tried-again", test_tried_again);
  g_test_add_func ("/store/too-much-that-waits-is-given-up", test_too_much_waits);
  g_test_add_func ("/store/what-is-lost-in-the-end-is-told-of", test_never_mended);
  g_test_add_func ("/store/what-was-not-done-is-not-counted", test_size_of_the_archive);
  g_test_add_func ("/driver/full-disk-is-an-error-that-passes", test_full_disk);
  g_test_add_func ("/driver/values-return", test_values_return);
  g_test_add_func ("/driver/bad-sql-is-an-error", test_bad_sql);
  result = unit_run ();
  secrets_free (our_secrets);
  secrets_free (other_secrets);
  return result;
}
