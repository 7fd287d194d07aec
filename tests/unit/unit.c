/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unit.c - what the test programs share. */
#include "config.h"

#include "unit.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define NOBODY 65534

static char *directory;
static gboolean was_root;

void
unit_init (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_canonicalize_filename ((*argv)[0], NULL);
  g_autofree char *folder = g_path_get_dirname (program);

  /* Run by hand, too, the test finds what was built. */
  g_setenv ("G_TEST_BUILDDIR", folder, FALSE);
  g_test_init (argc, argv, NULL);
  directory = g_dir_make_tmp ("passerelle-unit-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chdir (directory));
}

static int
remove_one (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
  return g_remove (path);
}

int
unit_run (void)
{
  int result = g_test_run ();

  g_assert_no_errno (g_chdir ("/"));
  g_assert_no_errno (nftw (directory, remove_one, 16, FTW_DEPTH | FTW_PHYS));
  g_free (directory);
  return result;
}

char *
unit_write_file (const char *name, const char *text, int mode)
{
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (directory, name, NULL);

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (path, mode));
  return path;
}

static gboolean
on_timeout (gpointer data)
{
  g_error ("the test waited half a minute in vain");
  return G_SOURCE_REMOVE;
}

void
unit_wait_for (const gboolean *done)
{
  guint timeout = g_timeout_add_seconds (30, on_timeout, NULL);

  while (!*done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

void
unit_become_nobody (void)
{
  if (geteuid () != 0)
    return;
  g_assert_no_errno (chown (directory, NOBODY, (gid_t) -1));
  g_assert_no_errno (seteuid (NOBODY));
  was_root = TRUE;
}

void
unit_become_root (void)
{
  if (was_root)
    g_assert_no_errno (seteuid (0));
}
