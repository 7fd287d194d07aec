/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker_file.c - what a hub leaves behind of each worker, for the next one to find it.
 *
 * The hub writes the file before it starts the worker, and the worker locks it (fcntl) for as long as it lives: the kernel tells who
 * holds the lock.  A number of a process could have passed to another one, and what /proc says of when a process
 * began cannot be read where that hides processes that forbid to be looked into, as workers do. */
#include "config.h"

#include "worker_file.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "doing.h"

#define FOLDER "workers"
#define DOING_FOLDER "doing"
#define GROUP "worker"

void
worker_file_free (WorkerFile *file)
{
  g_free (file->build);
  g_free (file->life);
  g_free (file->gateway);
  g_free (file);
}

char *
worker_file_dup_path (const char *runtime_dir, gint64 number)
{
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  return g_build_filename (runtime_dir, FOLDER, name, NULL);
}

char *
worker_file_dup_doing_path (const char *runtime_dir, gint64 number)
{
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  return g_build_filename (runtime_dir, DOING_FOLDER, name, NULL);
}

static void
make_folder_of (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir (folder, 0700);
}

gboolean
worker_file_write (const char *runtime_dir, const WorkerFile *file, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *path = worker_file_dup_path (runtime_dir, file->number);
  g_autofree char *doing = worker_file_dup_doing_path (runtime_dir, file->number);
  g_autofree char *text = NULL;

  g_key_file_set_integer (keys, GROUP, "wire", file->wire);
  g_key_file_set_string (keys, GROUP, "build", file->build);
  g_key_file_set_string (keys, GROUP, "life", file->life);
  g_key_file_set_string (keys, GROUP, "gateway", file->gateway);
  text = g_key_file_to_data (keys, NULL, NULL);
  make_folder_of (path);
  make_folder_of (doing);
  return doing_make (doing, error) && g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

void
worker_file_remove (const char *runtime_dir, gint64 number)
{
  g_autofree char *path = worker_file_dup_path (runtime_dir, number);
  g_autofree char *doing = worker_file_dup_doing_path (runtime_dir, number);

  g_unlink (path);
  g_unlink (doing);
}

/* 0: nobody. */
static GPid
find_holder (const char *path)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);

  if (fd < 0 || fcntl (fd, F_GETLK, &lock) < 0)
    lock.l_type = F_UNLCK;
  if (fd >= 0)
    close (fd);
  return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

gboolean
worker_file_is_of (const char *runtime_dir, const WorkerFile *file)
{
  g_autofree char *path = worker_file_dup_path (runtime_dir, file->number);

  return find_holder (path) == file->pid;
}

static WorkerFile *
read_file (const char *path)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (WorkerFile) file = g_new0 (WorkerFile, 1);
  g_autofree char *name = g_path_get_basename (path);

  file->pid = find_holder (path);
  if (file->pid <= 0 || !g_ascii_string_to_signed (name, 10, 1, G_MAXINT, &file->number, NULL)
      || !g_key_file_load_from_file (keys, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  file->wire = g_key_file_get_integer (keys, GROUP, "wire", NULL);
  file->build = g_key_file_get_string (keys, GROUP, "build", NULL);
  file->life = g_key_file_get_string (keys, GROUP, "life", NULL);
  file->gateway = g_key_file_get_string (keys, GROUP, "gateway", NULL);
  return file->build == NULL || file->life == NULL || file->gateway == NULL ? NULL : g_steal_pointer (&file);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = (*(WorkerFile *const *) a)->number, y = (*(WorkerFile *const *) b)->number;

  return (x > y) - (x < y);
}

GPtrArray *
worker_files_find (const char *runtime_dir)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) worker_file_free);
  g_autofree char *folder = g_build_filename (runtime_dir, FOLDER, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      WorkerFile *file = read_file (path);

      if (file != NULL)
        g_ptr_array_add (found, file);
      else
        worker_file_remove (runtime_dir, g_ascii_strtoll (name, NULL, 10));
    }
  g_ptr_array_sort (found, compare);
  return found;
}
