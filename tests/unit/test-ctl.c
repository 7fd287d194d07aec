/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "unit.h"

/* -- A daemon that says one thing ---------------------------------------- */

typedef struct {
  const char *reply;            /* NULL: closes without one */
  char *request;
} Daemon;

static gboolean
on_connection (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Daemon *daemon = data;
  g_autoptr (GDataInputStream) in = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_autoptr (GError) error = NULL;

  g_free (daemon->request);
  daemon->request = g_data_input_stream_read_line_utf8 (in, NULL, NULL, &error);
  g_assert_no_error (error);
  if (daemon->reply != NULL)
    {
      g_autofree char *line = g_strconcat (daemon->reply, "\n", NULL);

      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line, strlen (line), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return TRUE;
}

static GSocketService *
start_daemon (const char *path, Daemon *daemon)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  GSocketService *service = g_socket_service_new ();

  g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (service, "incoming", G_CALLBACK (on_connection), daemon);
  return service;
}

static void
stop_daemon (GSocketService *service, const char *path, Daemon *daemon)
{
  g_socket_service_stop (service);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (service);
  g_assert_no_errno (g_unlink (path));
  g_free (daemon->request);
}

/* -- Running passerellectl ----------------------------------------------- */

typedef struct {
  gboolean done;
  int status;
  char *out;
  char *err;
} Run;

static void
on_end (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &run->out, &run->err, &error);
  g_assert_no_error (error);
  run->status = g_subprocess_get_exit_status (G_SUBPROCESS (source));
  run->done = TRUE;
}

static void
run_ctl (Run *run, const char *command_line)
{
  g_autofree char *program = g_test_build_filename (G_TEST_BUILT, "..", "..", "passerellectl", NULL);
  g_autofree char *whole = g_strconcat (program, " ", command_line, NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_shell_parse_argv (whole, NULL, &argv, &error);
  g_assert_no_error (error);
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, on_end, run);
  unit_wait_for (&run->done);
}

static void
run_clear (Run *run)
{
  g_free (run->out);
  g_free (run->err);
}

/* -- Tests --------------------------------------------------------------- */

typedef struct {
  const char *name;
  const char *words;
  const char *request;          /* NULL: none is sent */
  const char *reply;
  int status;
  const char *out;
  const char *err;              /* a pattern */
} Row;

static const Row rows[] = {
  { "request-holds-command-and-arguments", "accounts irc.example.org",
    "{\"command\":\"accounts\",\"arguments\":[\"irc.example.org\"]}", "{\"ok\":true,\"text\":\"fine\"}", 0, "fine\n", "" },
  { "arguments-may-be-left-out", "accounts", "{\"command\":\"accounts\",\"arguments\":[]}", "{\"ok\":true,\"text\":\"\"}", 0, "", "" },
  { "arguments-are-escaped", "sign-out 'ro\"meo@example.org' irc.example.org t\xc3\xa4g",
    "{\"command\":\"sign-out\",\"arguments\":[\"ro\\\"meo@example.org\",\"irc.example.org\",\"t\xc3\xa4g\"]}", "{\"ok\":true,\"text\":\"a\\nb\"}", 0, "a\nb\n", "" },
  { "rows-are-a-table", "workers", "{\"command\":\"workers\",\"arguments\":[]}",
    "{\"ok\":true,\"rows\":[{\"worker\":1,\"gateway\":\"irc.example.org\",\"up\":true},{\"worker\":12,\"gateway\":\"x\",\"extra\":1,\"up\":null},{\"gateway\":\"\"}]}",
    0,
    "WORKER  GATEWAY          UP\n"
    "1       irc.example.org  true\n"
    "12      x                -\n"
    "-       -                -\n", "" },
  { "columns-count-what-is-seen", "accounts", "{\"command\":\"accounts\",\"arguments\":[]}",
    "{\"ok\":true,\"rows\":[{\"a\":\"\xe6\x97\xa5\xe6\x9c\xac\",\"b\":1},{\"a\":\"e\xcc\x81\",\"b\":2}]}", 0,
    "A     B\n"
    "\xe6\x97\xa5\xe6\x9c\xac  1\n"
    "e\xcc\x81     2\n", "" },
  { "table-does-not-steer-the-terminal", "accounts", "{\"command\":\"accounts\",\"arguments\":[]}",
    "{\"ok\":true,\"rows\":[{\"a\":\"x\\u001b[2J\\ny\"}]}", 0, "A\nx[2J y\n", "" },
  { "no-rows-are-no-text", "accounts", "{\"command\":\"accounts\",\"arguments\":[]}", "{\"ok\":true,\"rows\":[]}", 0, "", "" },
  { "json-is-a-line-for-each-row", "--json workers", "{\"command\":\"workers\",\"arguments\":[]}",
    "{\"ok\":true,\"rows\":[{\"worker\":1,\"path\":\"/a\"},{\"worker\":2}]}", 0, "{\"worker\":1,\"path\":\"/a\"}\n{\"worker\":2}\n", "" },
  { "json-of-a-text", "--json status", "{\"command\":\"status\",\"arguments\":[]}", "{\"ok\":true,\"text\":\"fine\"}", 0, "{\"text\":\"fine\"}\n", "" },
  { "refusal-is-an-error", "kill-worker 7", "{\"command\":\"kill-worker\",\"arguments\":[\"7\"]}",
    "{\"ok\":false,\"error\":\"no worker 7\"}", 1, "", "passerellectl: no worker 7\n" },
  { "answer-that-is-none", "status", "{\"command\":\"status\",\"arguments\":[]}", "hello", 1, "", "*makes no sense*" },
  { "answer-without-ok", "status", "{\"command\":\"status\",\"arguments\":[]}", "{\"text\":\"fine\"}", 1, "", "*makes no sense*" },
  { "rows-that-are-none", "status", "{\"command\":\"status\",\"arguments\":[]}", "{\"ok\":true,\"rows\":[1]}", 1, "", "*makes no sense*" },
  { "answer-that-is-a-list", "status", "{\"command\":\"status\",\"arguments\":[]}", "[]", 1, "", "*makes no sense*" },
  { "no-answer", "status", "{\"command\":\"status\",\"arguments\":[]}", NULL, 2, "", "*control.sock closed without an answer*" },
  { "no-command", "", NULL, NULL, 64, "", "*no command*--help*" },
  { "unknown-command", "dance", NULL, NULL, 64, "", "*dance*--help*" },
  { "too-few-arguments", "sign-out romeo@example.org", NULL, NULL, 64, "", "*sign-out OWNER GATEWAY [TAG]*" },
  { "too-many-arguments", "status now", NULL, NULL, 64, "", "*write: passerellectl status\n" },
  { "unknown-option", "--loud status", NULL, NULL, 64, "", "*--loud*" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *path = g_build_filename (folder, "control.sock", NULL);
  g_autofree char *command_line = g_strdup_printf ("--socket '%s' %s", path, row->words);
  Daemon daemon = { .reply = row->reply };
  GSocketService *service = start_daemon (path, &daemon);
  Run run = { 0 };

  run_ctl (&run, command_line);
  g_assert_cmpstr (daemon.request, ==, row->request);
  g_assert_cmpint (run.status, ==, row->status);
  g_assert_cmpstr (run.out, ==, row->out);
  if (!g_pattern_match_simple (row->err, run.err))
    g_assert_cmpstr (run.err, ==, row->err);

  run_clear (&run);
  stop_daemon (service, path, &daemon);
}

static void
test_no_daemon (void)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *text = g_strdup_printf ("[daemon]\nruntime-dir = %s/nowhere\n", folder);
  g_autofree char *file = unit_write_file ("passerelle.conf", text, 0600);
  g_autofree char *command_line = g_strdup_printf ("--config '%s' status", file);
  g_autofree char *path = g_build_filename (folder, "nowhere", "control.sock", NULL);
  Run run = { 0 };

  run_ctl (&run, command_line);
  g_assert_cmpint (run.status, ==, 2);
  g_assert_cmpstr (run.out, ==, "");
  g_assert_nonnull (strstr (run.err, path));
  g_assert_nonnull (strstr (run.err, "does it run?"));
  run_clear (&run);
}

static void
test_socket_of_the_configuration (void)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autofree char *text = g_strdup_printf ("[daemon]\nruntime-dir = %s\n", folder);
  g_autofree char *file = unit_write_file ("passerelle.conf", text, 0600);
  g_autofree char *command_line = g_strdup_printf ("--config '%s' status", file);
  g_autofree char *path = g_build_filename (folder, "control.sock", NULL);
  Daemon daemon = { .reply = "{\"ok\":true,\"text\":\"fine\"}" };
  GSocketService *service = start_daemon (path, &daemon);
  Run run = { 0 };

  run_ctl (&run, command_line);
  g_assert_cmpint (run.status, ==, 0);
  g_assert_cmpstr (run.out, ==, "fine\n");
  run_clear (&run);
  stop_daemon (service, path, &daemon);
}

static void
test_no_configuration (void)
{
  Run run = { 0 };

  run_ctl (&run, "--config /nonexistent/passerelle.conf status");
  g_assert_cmpint (run.status, ==, 2);
  g_assert_nonnull (strstr (run.err, "/nonexistent/passerelle.conf"));
  g_assert_nonnull (strstr (run.err, "--socket"));
  run_clear (&run);
}

static void
test_version (void)
{
  Run run = { 0 };

  run_ctl (&run, "--version");
  g_assert_cmpint (run.status, ==, 0);
  g_assert_cmpstr (run.out, ==, PACKAGE_STRING "\n");
  run_clear (&run);
}

/* What --help lists, the manual has too. */
static void
test_manual (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "..", "..", "docs", "passerellectl.1", NULL);
  g_autofree char *manual = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;
  Run run = { 0 };

  g_file_get_contents (path, &manual, NULL, &error);
  g_assert_no_error (error);
  run_ctl (&run, "--help");
  g_assert_cmpint (run.status, ==, 0);
  lines = g_strsplit (strstr (run.out, "Commands:\n"), "\n", 0);
  for (guint i = 1; g_str_has_prefix (lines[i], "  "); i++)
    {
      g_autofree char *command = g_strndup (lines[i] + 2, strcspn (lines[i] + 2, " "));
      g_autofree char *item = g_strdup_printf ("\n.It Cm %s", command);

      g_test_message ("manual has %s", command);
      g_assert_nonnull (strstr (manual, item));
      n++;
    }
  g_assert_cmpuint (n, >, 5);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  unit_init (&argc, &argv);
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/ctl/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/ctl/no-daemon", test_no_daemon);
  g_test_add_func ("/ctl/socket-is-where-the-configuration-says", test_socket_of_the_configuration);
  g_test_add_func ("/ctl/no-configuration", test_no_configuration);
  g_test_add_func ("/ctl/version", test_version);
  g_test_add_func ("/ctl/manual-has-every-command", test_manual);
  return unit_run ();
}
