/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "unit.h"

/* What a process that logs writes to stderr is seen from outside. */
static void
run_myself (void)
{
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_line (void)
{
  if (g_test_subprocess ())
    {
      log_init ("testd", G_LOG_LEVEL_INFO);
      g_message ("account %d", 7);
      return;
    }
  run_myself ();
  g_test_trap_assert_stderr ("20*-*-* *:*:*.* testd[*] info: account 7\n");
}

static void
test_levels (void)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      log_init ("testd", G_LOG_LEVEL_WARNING);
      g_warning ("one");
      g_message ("two");
      g_assert_true (log_shows (G_LOG_LEVEL_CRITICAL));
      g_assert_false (log_shows (G_LOG_LEVEL_INFO));
      log_init ("testd", G_LOG_LEVEL_DEBUG);
      g_debug ("three");
      g_info ("four");
      g_assert_true (log_shows (G_LOG_LEVEL_DEBUG));
      return;
    }
  run_myself ();
  g_test_trap_assert_stderr ("* warning: one\n* debug: three\n* info: four\n");
  g_test_trap_assert_stderr_unmatched ("*two*");
}

static void
test_other_domains (void)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      log_init ("testd", G_LOG_LEVEL_DEBUG);
      g_log ("Library", G_LOG_LEVEL_MESSAGE, "chatter");
      g_log ("Library", G_LOG_LEVEL_WARNING, "trouble");
      return;
    }
  run_myself ();
  g_test_trap_assert_stderr ("* warning: Library: trouble\n");
  g_test_trap_assert_stderr_unmatched ("*chatter*");
}

static void
test_one_line (void)
{
  if (g_test_subprocess ())
    {
      log_init ("testd", G_LOG_LEVEL_INFO);
      g_message ("said: %s", "a\nfake line\r\x1b[31mred \xff");
      return;
    }
  run_myself ();
  g_test_trap_assert_stderr ("*info: said: a fake line [31mred \xef\xbf\xbd\n");
}

static void
notify (const char *path_in_environment, struct sockaddr_un *address, socklen_t length)
{
  char buffer[64];
  gssize n;
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) address, length));
  g_setenv ("NOTIFY_SOCKET", path_in_environment, TRUE);
  log_notify_systemd ("READY=1");
  n = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT);
  g_assert_cmpint (n, ==, strlen ("READY=1"));
  g_assert_cmpmem (buffer, (gsize) n, "READY=1", strlen ("READY=1"));
  g_unsetenv ("NOTIFY_SOCKET");
  close (fd);
}

static void
test_notify (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, "notify", sizeof address.sun_path);
  notify ("notify", &address, sizeof address);
}

static void
test_notify_abstract (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *name = g_strdup_printf ("@passerelle-test-%d", (int) getpid ());

  memcpy (address.sun_path + 1, name + 1, strlen (name) - 1);
  notify (name, &address, (socklen_t) (offsetof (struct sockaddr_un, sun_path) + strlen (name)));
}

static void
test_notify_without_systemd (void)
{
  g_unsetenv ("NOTIFY_SOCKET");
  log_notify_systemd ("READY=1");

  g_setenv ("NOTIFY_SOCKET", "/nonexistent/notify", TRUE);
  g_test_expect_message ("passerelle", G_LOG_LEVEL_WARNING, "cannot tell systemd READY=1: No such file or directory");
  log_notify_systemd ("READY=1");
  g_test_assert_expected_messages ();
  g_unsetenv ("NOTIFY_SOCKET");
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_test_add_func ("/log/line-has-time-program-and-level", test_line);
  g_test_add_func ("/log/level-decides-what-is-shown", test_levels);
  g_test_add_func ("/log/other-libraries-only-warn", test_other_domains);
  g_test_add_func ("/log/message-stays-on-its-line", test_one_line);
  g_test_add_func ("/log/systemd-hears-the-state", test_notify);
  g_test_add_func ("/log/systemd-hears-on-an-abstract-socket", test_notify_abstract);
  g_test_add_func ("/log/no-systemd-is-no-trouble", test_notify_without_systemd);
  return unit_run ();
}
