/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rundir.h"
#include "unit.h"

static void
expect_refusal (const char *path, int code, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (rundir_take (path, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_true (g_pattern_match_simple (what, error->message));
}

static void
test_made (void)
{
  g_autoptr (GError) error = NULL;
  struct stat status;
  int fd = rundir_take ("a/b", &error);

  g_assert_no_error (error);
  g_assert_no_errno (stat ("a/b", &status));
  g_assert_cmpuint (status.st_mode & 07777, ==, 0700);
  close (fd);
}

static void
test_one_at_a_time (void)
{
  g_autoptr (GError) error = NULL;
  int fd = rundir_take ("one", &error);

  g_assert_no_error (error);
  expect_refusal ("one", G_IO_ERROR_BUSY, "*one: another passerelled runs there");
  close (fd);
  fd = rundir_take ("one", &error);
  g_assert_no_error (error);
  close (fd);
}

static void
test_open_to_others (void)
{
  g_assert_no_errno (g_mkdir ("open", 0700));
  g_assert_no_errno (g_chmod ("open", 01777));
  expect_refusal ("open", G_IO_ERROR_PERMISSION_DENIED, "*open: others may write into it (owner *, mode 1777)*");
}

static void
test_of_another (void)
{
  if (geteuid () != 0)
    {
      g_test_skip ("only root can make what is another's");
      return;
    }
  g_assert_no_errno (g_mkdir ("another", 0755));
  unit_become_nobody ();
  expect_refusal ("another", G_IO_ERROR_PERMISSION_DENIED, "*another: others may write into it (owner 0*");
  unit_become_root ();
}

static void
test_no_folder (void)
{
  g_autofree char *path = unit_write_file ("file", "", 0600);

  expect_refusal (path, G_IO_ERROR_NOT_DIRECTORY, "*file: Not a directory");
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/rundir/made-private", test_made);
  g_test_add_func ("/rundir/one-daemon-at-a-time", test_one_at_a_time);
  g_test_add_func ("/rundir/refuses/open-to-others", test_open_to_others);
  g_test_add_func ("/rundir/refuses/another-user's", test_of_another);
  g_test_add_func ("/rundir/refuses/file", test_no_folder);
  return unit_run ();
}
