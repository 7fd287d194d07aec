/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rundir.c - the folder where a daemon has its sockets.
 *
 * The lock is on the folder itself: no file of it can be left behind.  A folder
 * that was there is refused rather than mended, for it may be /tmp. */
#include "config.h"

#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
check_owner (int fd, const char *path, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "cannot use the folder %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  if (status.st_uid == geteuid () && (status.st_mode & 022) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "cannot use the folder %s: others may write into it (owner %u, mode %04o); name one that is the daemon's own",
               path, (guint) status.st_uid, (guint) status.st_mode & 07777);
  return FALSE;
}

int
rundir_take (const char *path, GError **error)
{
  int fd = -1;

  if (g_mkdir_with_parents (path, 0700) == 0)
    fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "cannot use the folder %s: %s", path, g_strerror (errno));
      return -1;
    }
  if (!check_owner (fd, path, error))
    {
      close (fd);
      return -1;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    {
      g_set_error (error, G_IO_ERROR, errno == EWOULDBLOCK ? G_IO_ERROR_BUSY : G_IO_ERROR_FAILED, "cannot use the folder %s: %s", path,
                   errno == EWOULDBLOCK ? "another passerelled runs there" : g_strerror (errno));
      close (fd);
      return -1;
    }
  return fd;
}
