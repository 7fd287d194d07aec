/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "secrets.h"
#include "unit.h"

#define KEY_32 "0123456789abcdef0123456789abcdef"

static Secrets *
open_good (const char *key_file)
{
  g_autoptr (GError) error = NULL;
  Secrets *secrets = secrets_open (key_file, &error);

  g_assert_no_error (error);
  return secrets;
}

static void
test_round_trip (void)
{
  static const char *const passwords[] = { "", "x", "hunter2", "gr\xc3\xbc\xc3\x9f", "exactly sixty-four bytes, which is where the padding has its edge" };
  g_autofree char *key = unit_write_file ("key", KEY_32, 0600);
  g_autoptr (Secrets) secrets = open_good (key);

  for (guint i = 0; i < G_N_ELEMENTS (passwords); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) sealed = secrets_seal (secrets, passwords[i], "account 1");
      char *plain = secrets_unseal (secrets, sealed, "account 1", &error);

      g_assert_no_error (error);
      g_assert_cmpstr (plain, ==, passwords[i]);
      secrets_wipe (plain);
    }
  secrets_wipe (NULL);
}

static void
test_shows_nothing (void)
{
  g_autofree char *key = unit_write_file ("key", KEY_32, 0600);
  g_autoptr (Secrets) secrets = open_good (key);
  g_autoptr (GBytes) one = secrets_seal (secrets, "hunter2", "account 1");
  g_autoptr (GBytes) again = secrets_seal (secrets, "hunter2", "account 1");
  g_autoptr (GBytes) other = secrets_seal (secrets, "a longer password", "account 1");
  gsize size;
  const char *data = g_bytes_get_data (one, &size);

  g_assert_null (g_strstr_len (data, (gssize) size, "hunter2"));
  g_assert_false (g_bytes_equal (one, again));
  g_assert_cmpuint (g_bytes_get_size (one), ==, g_bytes_get_size (other));
}

static void
expect_refusal (Secrets *secrets, GBytes *sealed, const char *context)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (secrets_unseal (secrets, sealed, context, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_bound (void)
{
  g_autofree char *key = unit_write_file ("key", KEY_32, 0600);
  g_autofree char *other_key = unit_write_file ("other", "another key of 32 bytes, just so.", 0600);
  g_autoptr (Secrets) secrets = open_good (key);
  g_autoptr (Secrets) other = NULL;
  g_autoptr (GBytes) sealed = secrets_seal (secrets, "hunter2", "account 1");

  g_assert_no_errno (truncate (other_key, 32));
  other = open_good (other_key);
  expect_refusal (secrets, sealed, "account 2");
  expect_refusal (other, sealed, "account 1");
}

static void
test_damage (void)
{
  g_autofree char *key = unit_write_file ("key", KEY_32, 0600);
  g_autoptr (Secrets) secrets = open_good (key);
  g_autoptr (GBytes) sealed = secrets_seal (secrets, "hunter2", "account 1");
  gsize size;
  const guchar *data = g_bytes_get_data (sealed, &size);

  for (gsize i = 0; i < size; i++)
    {
      g_autofree guchar *bent = g_memdup2 (data, size);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (GBytes) cut = g_bytes_new (data, i);

      bent[i] ^= 1;
      damaged = g_bytes_new (bent, size);
      expect_refusal (secrets, damaged, "account 1");
      expect_refusal (secrets, cut, "account 1");
    }
}

static void
test_makes_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *key = g_build_filename (folder, "new.key", NULL);
  g_autoptr (GBytes) sealed = NULL;
  struct stat status;
  char *plain;

  g_test_expect_message ("passerelle", G_LOG_LEVEL_MESSAGE, "made a new key*new.key*");
  {
    g_autoptr (Secrets) first = open_good (key);

    sealed = secrets_seal (first, "hunter2", "account 1");
  }
  g_test_assert_expected_messages ();
  g_assert_no_errno (stat (key, &status));
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (status.st_size, ==, 32);
  {
    g_autoptr (Secrets) second = open_good (key);

    plain = secrets_unseal (second, sealed, "account 1", &error);
    g_assert_no_error (error);
    g_assert_cmpstr (plain, ==, "hunter2");
    secrets_wipe (plain);
  }
}

static void
test_credential (void)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *credential = unit_write_file ("passerelle.key", KEY_32, 0440);
  g_autoptr (Secrets) secrets = NULL;

  g_setenv ("CREDENTIALS_DIRECTORY", folder, TRUE);
  secrets = open_good ("/nonexistent/key");
  g_unsetenv ("CREDENTIALS_DIRECTORY");
}

/* -- Keys that are refused ----------------------------------------------- */

typedef struct {
  const char *name;
  const char *text;             /* NULL: no file is written */
  int mode;
  int code;
  const char *what;
} KeyRow;

static const KeyRow key_rows[] = {
  { "open-to-all", KEY_32, 0644, G_IO_ERROR_PERMISSION_DENIED, "*(mode 0644); chmod 600*" },
  { "open-to-the-group", KEY_32, 0640, G_IO_ERROR_PERMISSION_DENIED, "*(mode 0640)*" },
  { "truncated", "0123456789abcdef", 0600, G_IO_ERROR_INVALID_DATA, "*damaged*fewer than 32*" },
  { "empty", "", 0600, G_IO_ERROR_INVALID_DATA, "*damaged*fewer than 32*" },
  { "too-long", KEY_32 "\n", 0600, G_IO_ERROR_INVALID_DATA, "*damaged*more than 32*" },
  { "unreadable", KEY_32, 0000, G_IO_ERROR_PERMISSION_DENIED, "*cannot open the key*" },
  { "in-no-folder", NULL, 0, G_IO_ERROR_NOT_FOUND, "cannot make the key */nowhere/key: No such file or directory" },
  { "in-a-closed-folder", NULL, 0500, G_IO_ERROR_PERMISSION_DENIED, "cannot make the key */closed/key: Permission denied" },
};

static void
test_refused_key (gconstpointer data)
{
  const KeyRow *row = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *key = NULL;

  unit_become_nobody ();
  if (row->text != NULL)
    key = unit_write_file ("key", row->text, row->mode);
  else if (row->mode == 0)
    key = g_build_filename (folder, "nowhere", "key", NULL);
  else
    {
      g_assert_no_errno (g_mkdir ("closed", row->mode));
      key = g_build_filename (folder, "closed", "key", NULL);
    }

  g_assert_null (secrets_open (key, &error));
  unit_become_root ();
  g_assert_error (error, G_IO_ERROR, row->code);
  g_test_message ("%s", error->message);
  g_assert_true (g_pattern_match_simple (row->what, error->message));
  g_remove (key);
}

static void
test_pseudonym (void)
{
  g_autofree char *ours = unit_write_file ("ours", "0123456789abcdef0123456789abcdef", 0600);
  g_autofree char *other = unit_write_file ("other", "fedcba9876543210fedcba9876543210", 0600);
  g_autoptr (Secrets) a = secrets_open (ours, NULL);
  g_autoptr (Secrets) b = secrets_open (other, NULL);
  g_autofree char *one = secrets_dup_pseudonym (a, "romeo");
  g_autofree char *again = secrets_dup_pseudonym (a, "romeo");
  g_autofree char *another = secrets_dup_pseudonym (a, "juliet");
  g_autofree char *elsewhere = secrets_dup_pseudonym (b, "romeo");

  g_assert_cmpuint (strlen (one), ==, 22);
  g_assert_cmpstr (one, ==, again);
  g_assert_cmpstr (one, !=, another);
  g_assert_cmpstr (one, !=, elsewhere);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/secrets/unseal-returns-what-was-sealed", test_round_trip);
  g_test_add_func ("/secrets/sealed-shows-neither-text-nor-length", test_shows_nothing);
  g_test_add_func ("/secrets/sealed-opens-for-its-key-and-account-only", test_bound);
  g_test_add_func ("/secrets/damage-is-refused", test_damage);
  g_test_add_func ("/secrets/first-start-makes-a-private-key", test_makes_key);
  g_test_add_func ("/secrets/credential-comes-first", test_credential);
  g_test_add_func ("/secrets/pseudonym-is-the-key's", test_pseudonym);
  for (guint i = 0; i < G_N_ELEMENTS (key_rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/secrets/refuses-key/%s", key_rows[i].name);

      g_test_add_data_func (path, &key_rows[i], test_refused_key);
    }
  return unit_run ();
}
