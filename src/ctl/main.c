/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - passerellectl: one sentence to the daemon, and its answer. */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "sentences.h"
#include "settings.h"

enum { EXIT_REFUSED = 1, EXIT_UNREACHABLE = 2, EXIT_USAGE = 64 };

/* Longer than the daemon takes to sign everybody out. */
#define TIMEOUT_SECONDS 30

static char *config_file;
static char *socket_path;
static gboolean as_json;
static gboolean show_version;

static const GOptionEntry options[] = {
  { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_file, "The daemon's configuration (" SETTINGS_FILE ")", "FILE" },
  { "socket", 's', 0, G_OPTION_ARG_FILENAME, &socket_path, "The daemon's socket (default: as the configuration says)", "PATH" },
  { "json", 'j', 0, G_OPTION_ARG_NONE, &as_json, "Write one JSON object a line", NULL },
  { "version", 'V', 0, G_OPTION_ARG_NONE, &show_version, "Say the version", NULL },
  { NULL }
};

static int
fail (int status, const GError *error)
{
  fprintf (stderr, "passerellectl: %s\n", error->message);
  return status;
}

static char *
dup_socket_path (GError **error)
{
  g_autofree char *folder = NULL;

  if (socket_path != NULL)
    return g_strdup (socket_path);
  folder = settings_find_runtime_dir (config_file != NULL ? config_file : SETTINGS_FILE, error);
  if (folder == NULL)
    {
      g_prefix_error (error, "cannot look for the daemon's socket (name it by --socket): ");
      return NULL;
    }
  return g_build_filename (folder, "control.sock", NULL);
}

/* Sends the line and returns the one that comes back. */
static char *
converse (const char *path, const char *request, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) in = NULL;
  g_autofree char *line = g_strconcat (request, "\n", NULL);
  GOutputStream *out;
  char *answer;

  g_socket_client_set_timeout (client, TIMEOUT_SECONDS);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  if (connection == NULL)
    {
      g_prefix_error (error, "cannot reach the daemon at %s (does it run?): ", path);
      return NULL;
    }
  out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  in = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  if (!g_output_stream_write_all (out, line, strlen (line), NULL, NULL, error))
    {
      g_prefix_error (error, "cannot write to the daemon at %s: ", path);
      return NULL;
    }
  answer = g_data_input_stream_read_line_utf8 (in, NULL, NULL, error);
  if (answer == NULL && error != NULL && *error == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the daemon at %s closed without an answer", path);
  else if (answer == NULL)
    g_prefix_error (error, "cannot read from the daemon at %s: ", path);
  return answer;
}

static gboolean
parse_options (int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND [ARGUMENT...]");
  g_autofree char *help = sentences_dup_help ();

  g_option_context_set_summary (context, "Talks to the running passerelled.");
  g_option_context_set_description (context, help);
  g_option_context_add_main_entries (context, options, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *request = NULL;
  g_autofree char *path = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *text = NULL;

  setlocale (LC_ALL, "");
  if (!parse_options (&argc, &argv, &error))
    return fail (EXIT_USAGE, error);
  if (show_version)
    {
      puts (PACKAGE_STRING);
      return EXIT_SUCCESS;
    }
  request = sentences_dup_request (argc - 1, argv + 1, &error);
  if (request == NULL)
    return fail (EXIT_USAGE, error);

  path = dup_socket_path (&error);
  if (path == NULL)
    return fail (EXIT_UNREACHABLE, error);
  answer = converse (path, request, &error);
  if (answer == NULL)
    return fail (EXIT_UNREACHABLE, error);

  text = answer_dup_text (answer, as_json, &error);
  if (text == NULL)
    return fail (EXIT_REFUSED, error);
  fputs (text, stdout);
  return EXIT_SUCCESS;
}
