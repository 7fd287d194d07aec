/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.c - where GLib's log messages go. */
#include "config.h"

#include "log.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "text.h"

static const char *program_name;
static GLogLevelFlags shown_level;      /* the greatest GLogLevelFlags bit that is shown */
static gboolean to_journal;

static const char *
level_name (GLogLevelFlags level)
{
  if (level & G_LOG_LEVEL_ERROR)
    return "fatal";
  if (level & G_LOG_LEVEL_CRITICAL)
    return "error";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning";
  if (level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
    return "info";
  return "debug";
}

gboolean
log_shows (GLogLevelFlags level)
{
  return (level & G_LOG_LEVEL_MASK) <= shown_level;
}

/* One line stays one line, and a terminal is not steered, whatever a network put into a message. */
static char *
dup_one_line (const char *message)
{
  char *line = text_dup_clean (message, -1);

  for (char *c = line; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return line;
}

static void
write_to_stderr (GLogLevelFlags level, const char *domain, const char *message)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%d %H:%M:%S");
  g_autofree char *line = dup_one_line (message);
  gboolean ours = g_strcmp0 (domain, G_LOG_DOMAIN) == 0;

  /* One write each, so that the lines of hub and workers do not mix. */
  g_autofree char *whole = g_strdup_printf ("%s.%03d %s[%d] %s: %s%s%s\n",
                                            stamp, g_date_time_get_microsecond (now) / 1000,
                                            program_name, (int) getpid (), level_name (level),
                                            ours || domain == NULL ? "" : domain, ours || domain == NULL ? "" : ": ", line);
  fputs (whole, stderr);
  fflush (stderr);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *domain = NULL, *message = "";

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = fields[i].value;
    else if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;

  if (!log_shows (level))
    return G_LOG_WRITER_HANDLED;
  if (g_strcmp0 (domain, G_LOG_DOMAIN) != 0 && (level & G_LOG_LEVEL_MASK) > G_LOG_LEVEL_WARNING)
    return G_LOG_WRITER_HANDLED;

  if (to_journal && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  write_to_stderr (level, domain, message);
  return G_LOG_WRITER_HANDLED;
}

void
log_init (const char *program, GLogLevelFlags level)
{
  static gboolean installed;

  program_name = g_intern_string (program);
  shown_level = level & G_LOG_LEVEL_MASK;
  if (installed)
    return;
  installed = TRUE;
  to_journal = g_log_writer_is_journald (fileno (stderr));
  g_log_set_writer_func (write_log, NULL, NULL);
}

void
log_notify_systemd (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = path != NULL ? strlen (path) : 0;
  int fd;

  if (length == 0)
    return;
  if (length >= sizeof address.sun_path)
    {
      g_warning ("cannot tell systemd %s: the path in NOTIFY_SOCKET is too long", state);
      return;
    }
  memcpy (address.sun_path, path, length);
  if (path[0] == '@')           /* an abstract socket */
    address.sun_path[0] = '\0';

  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0
      || sendto (fd, state, strlen (state), MSG_NOSIGNAL, (struct sockaddr *) &address,
                 (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length)) < 0)
    g_warning ("cannot tell systemd %s: %s", state, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}
