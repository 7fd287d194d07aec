/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doing.c - what a worker is doing, where the hub can read it when the worker is dead. */
#include "config.h"

#include "doing.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KIND_BYTES 56

typedef struct {
  gint64 account;
  char kind[KIND_BYTES];
} Doing;

static Doing unseen;
static Doing *doing = &unseen;

gboolean
doing_open (const char *path)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);
  void *map = fd < 0 ? MAP_FAILED : mmap (NULL, sizeof (Doing), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  if (fd >= 0)
    close (fd);
  if (map == MAP_FAILED)
    return FALSE;
  doing = map;
  return TRUE;
}

void
doing_begin (gint64 account, const char *kind)
{
  doing->account = account;
  g_strlcpy (doing->kind, kind, KIND_BYTES);
  /* What is done next must not move before it. */
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
}

void
doing_end (void)
{
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  doing->account = 0;
}

gint64
doing_account (void)
{
  return doing->account;
}

gboolean
doing_make (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  int problem = fd < 0 ? errno : posix_fallocate (fd, 0, sizeof (Doing));

  if (fd >= 0)
    close (fd);
  if (problem == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (problem), "%s: %s", path, g_strerror (problem));
  return FALSE;
}

gint64
doing_read (const char *path, char **kind)
{
  g_autofree char *contents = NULL;
  gsize length = 0;
  Doing found;

  *kind = NULL;
  if (!g_file_get_contents (path, &contents, &length, NULL) || length < sizeof found)
    return 0;
  memcpy (&found, contents, sizeof found);
  found.kind[KIND_BYTES - 1] = '\0';
  *kind = g_utf8_make_valid (found.kind, -1);
  return found.account;
}
