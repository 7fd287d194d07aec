/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control.c - the hub's end of passerellectl. */
#include "config.h"

#include "control.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <json.h>
#include <signal.h>
#include <string.h>

#include "accounts.h"
#include "breaker.h"
#include "delivery.h"
#include "outbox.h"
#include "suspects.h"
#include "worker.h"

#define LINE_MAX_BYTES 4096

struct Control {
  Hub *hub;
  char *path;
  GSocketService *service;
};

/* The arguments of a command, as many as its table row says at least. */
typedef struct {
  Control *control;
  const char *const *arguments;
  json_object *answer;
} Call;

static void
answer_error (Call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
answer_error (Call *call, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  json_object_object_add (call->answer, "ok", json_object_new_boolean (FALSE));
  json_object_object_add (call->answer, "error", json_object_new_string (text));
}

static void
answer_text (Call *call, const char *text)
{
  json_object_object_add (call->answer, "ok", json_object_new_boolean (TRUE));
  json_object_object_add (call->answer, "text", json_object_new_string (text));
}

static json_object *
answer_rows (Call *call)
{
  json_object *rows = json_object_new_array ();

  json_object_object_add (call->answer, "ok", json_object_new_boolean (TRUE));
  json_object_object_add (call->answer, "rows", rows);
  return rows;
}

static json_object *
add_row (json_object *rows)
{
  json_object *row = json_object_new_object ();

  json_object_array_add (rows, row);
  return row;
}

static void
add_string (json_object *row, const char *key, const char *value)
{
  json_object_object_add (row, key, json_object_new_string (value == NULL ? "" : value));
}

static void
add_number (json_object *row, const char *key, gint64 value)
{
  json_object_object_add (row, key, json_object_new_int64 (value));
}

/* -- The commands --------------------------------------------------------- */

static guint
count_in (Gateway *gateway)
{
  GHashTableIter iter;
  gpointer value;
  guint count = 0;

  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    count += ((Session *) value)->state == SESSION_IN;
  return count;
}

static void
add_out_of_reach (const char *server, guint n_waiting, gpointer data)
{
  g_string_append_printf (data, "%s%s (%u wait)", ((GString *) data)->len > 0 ? ", " : "", server, n_waiting);
}

static void
run_gateways (Call *call)
{
  GPtrArray *gateways = hub_gateways (call->control->hub);
  json_object *rows = answer_rows (call);

  for (guint i = 0; i < gateways->len; i++)
    {
      Gateway *gateway = gateways->pdata[i];
      json_object *row = add_row (rows);
      g_autoptr (GString) out_of_reach = g_string_new (NULL);

      breakers_foreach_open (gateway->breakers, add_out_of_reach, out_of_reach);
      add_string (row, "gateway", gateway->domain);
      add_string (row, "network", gateway->network->title);
      add_string (row, "stream", stream_is_up (gateway->stream) ? "up" : "down");
      add_string (row, "plugin", gateway->unfit ? "missing" : gateway->protocol->complete ? "ready" : "starting");
      add_number (row, "workers", workers_list (gateway->workers)->len);
      add_number (row, "accounts", g_hash_table_size (gateway->sessions));
      add_number (row, "signed_in", count_in (gateway));
      add_number (row, "kept_for_xmpp", (gint64) outbox_get_bytes (gateway->outbox));
      add_number (row, "kept_for_network", (gint64) deliveries_get_bytes (gateway->deliveries));
      add_string (row, "out_of_reach", out_of_reach->str);
    }
}

static void
run_workers (Call *call)
{
  GPtrArray *gateways = hub_gateways (call->control->hub);
  json_object *rows = answer_rows (call);
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < gateways->len; i++)
    {
      GPtrArray *list = workers_list (((Gateway *) gateways->pdata[i])->workers);

      for (guint j = 0; j < list->len; j++)
        {
          Worker *worker = list->pdata[j];
          json_object *row = add_row (rows);

          add_number (row, "id", worker->number);
          add_string (row, "gateway", worker->gateway->domain);
          add_number (row, "pid", worker->pid);
          add_string (row, "state", worker->ending ? "ending" : worker->returning ? "returning" : worker->outdated ? "outdated" : worker->welcomed ? "ready" : "starting");
          add_number (row, "accounts", g_hash_table_size (worker->sessions));
          add_number (row, "seconds", (now - worker->started) / G_USEC_PER_SEC);
          add_number (row, "backlog", link_get_backlog (worker->link));
        }
    }
}

static void
add_accounts (Gateway *gateway, json_object *rows)
{
  gint64 now = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, gateway->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Session *session = value;
      json_object *row = add_row (rows);

      add_string (row, "owner", session->user->jid);
      add_string (row, "gateway", gateway->domain);
      add_string (row, "tag", session->account->tag);
      add_string (row, "name", session->account->name);
      add_string (row, "state", !session->saved ? "being verified" : session->account->quarantined ? "quarantined" : session_state_name (session->state));
      add_number (row, "seconds", (now - session->since) / G_USEC_PER_SEC);
      add_number (row, "worker", session->worker == NULL ? 0 : session->worker->number);
      add_number (row, "contacts", g_hash_table_size (session->contacts));
      add_string (row, "trouble", session->trouble);
    }
}

static Gateway *
find_gateway (Call *call, const char *domain)
{
  Gateway *gateway = hub_find_gateway (call->control->hub, domain);

  if (gateway == NULL)
    answer_error (call, "there is no gateway %s", domain);
  return gateway;
}

static void
run_accounts (Call *call)
{
  GPtrArray *gateways = hub_gateways (call->control->hub);
  Gateway *one = NULL;
  json_object *rows;

  if (call->arguments[0] != NULL && (one = find_gateway (call, call->arguments[0])) == NULL)
    return;
  rows = answer_rows (call);
  for (guint i = 0; i < gateways->len; i++)
    if (one == NULL || one == gateways->pdata[i])
      add_accounts (gateways->pdata[i], rows);
}

static void
run_status (Call *call)
{
  GPtrArray *gateways = hub_gateways (call->control->hub);
  json_object *row = add_row (answer_rows (call));
  guint up = 0, accounts = 0, in = 0, workers = 0;

  for (guint i = 0; i < gateways->len; i++)
    {
      Gateway *gateway = gateways->pdata[i];

      up += stream_is_up (gateway->stream);
      accounts += g_hash_table_size (gateway->sessions);
      in += count_in (gateway);
      workers += workers_list (gateway->workers)->len;
    }
  add_string (row, "version", PACKAGE_VERSION);
  add_number (row, "gateways", gateways->len);
  add_number (row, "connected", up);
  add_number (row, "workers", workers);
  add_number (row, "accounts", accounts);
  add_number (row, "signed_in", in);
}

/* OWNER GATEWAY [TAG] */
static Session *
find_session (Call *call)
{
  Gateway *gateway = find_gateway (call, call->arguments[1]);
  User *user = gateway == NULL ? NULL : gateway_find_user (gateway, call->arguments[0], FALSE);
  Session *session = user == NULL ? NULL : user_find_session (user, call->arguments[2]);

  if (gateway != NULL && session == NULL)
    answer_error (call, "%s has no such account at %s", call->arguments[0], call->arguments[1]);
  if (session != NULL && session->verifying)
    {
      answer_error (call, "a login of this account is being verified at the moment");
      return NULL;
    }
  return session;
}

/* As the user's own "login" and "logout" do; an error of the store is in the log. */
static void
set_stays_out (Call *call, Session *session, gboolean stays_out)
{
  session->account->stays_out = stays_out;
  store_save_account (hub_store (call->control->hub), session->account, NULL, NULL);
}

static void
run_sign_in (Call *call)
{
  Session *session = find_session (call);

  if (session == NULL)
    return;
  set_stays_out (call, session, FALSE);
  session_unwant (session);
  session_want (session);
  answer_text (call, "signing in");
}

static void
run_release (Call *call)
{
  Session *session = find_session (call);

  if (session == NULL)
    return;
  if (suspects_release (session))
    answer_text (call, "released: it signs in again when its owner is there");
  else
    answer_error (call, "this account is not quarantined");
}

static void
run_sign_out (Call *call)
{
  Session *session = find_session (call);

  if (session == NULL)
    return;
  set_stays_out (call, session, TRUE);
  session_unwant (session);
  answer_text (call, "signing out");
}

static void
on_unregistered (const char *text, const GError *error, gpointer data)
{
  if (error != NULL)
    answer_error (data, "%s", error->message);
  else
    answer_text (data, "the account is ended");
}

static void
run_unregister (Call *call)
{
  Session *session = find_session (call);

  if (session != NULL)
    accounts_unregister (session->user, session, on_unregistered, call);
}

static void
run_reload (Call *call)
{
  kill (getpid (), SIGHUP);
  answer_text (call, "reading the configuration again; the log says what came of it");
}

static void
run_restart (Call *call)
{
  kill (getpid (), SIGUSR1);
  answer_text (call, "restarting, with everybody signed in; the log says what came of it");
}

static void
run_stop (Call *call)
{
  kill (getpid (), SIGTERM);
  answer_text (call, "stopping");
}

static void
run_kill_worker (Call *call)
{
  GPtrArray *gateways = hub_gateways (call->control->hub);
  gint64 number = g_ascii_strtoll (call->arguments[0], NULL, 10);

  for (guint i = 0; i < gateways->len; i++)
    {
      GPtrArray *list = workers_list (((Gateway *) gateways->pdata[i])->workers);

      for (guint j = 0; j < list->len; j++)
        if (((Worker *) list->pdata[j])->number == number)
          {
            worker_kill (list->pdata[j], "passerellectl said so");
            answer_text (call, "killed");
            return;
          }
    }
  answer_error (call, "there is no worker %s", call->arguments[0]);
}

static const struct {
  const char *name;
  guint least, most;
  void (*run) (Call *call);
} commands[] = {
  { "status", 0, 0, run_status },
  { "gateways", 0, 0, run_gateways },
  { "workers", 0, 0, run_workers },
  { "accounts", 0, 1, run_accounts },
  { "sign-in", 2, 3, run_sign_in },
  { "sign-out", 2, 3, run_sign_out },
  { "release", 2, 3, run_release },
  { "unregister", 2, 3, run_unregister },
  { "reload", 0, 0, run_reload },
  { "restart", 0, 0, run_restart },
  { "stop", 0, 0, run_stop },
  { "kill-worker", 1, 1, run_kill_worker },
};

/* -- The socket ----------------------------------------------------------- */

/* The arguments as a NULL-terminated array; NULL if they are none. */
static char **
read_arguments (json_object *request)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  json_object *arguments;

  if (!json_object_object_get_ex (request, "arguments", &arguments))
    return g_strv_builder_end (builder);
  if (!json_object_is_type (arguments, json_type_array))
    return NULL;
  for (gsize i = 0; i < json_object_array_length (arguments); i++)
    {
      json_object *argument = json_object_array_get_idx (arguments, i);

      if (!json_object_is_type (argument, json_type_string))
        return NULL;
      g_strv_builder_add (builder, json_object_get_string (argument));
    }
  return g_strv_builder_end (builder);
}

static void
run (Control *control, const char *line, json_object *answer)
{
  json_object *request = json_tokener_parse (line);
  json_object *name = NULL;
  Call call = { .control = control, .answer = answer };
  g_auto (GStrv) given = NULL;

  if (json_object_is_type (request, json_type_object))
    {
      json_object_object_get_ex (request, "command", &name);
      given = read_arguments (request);
    }
  if (name == NULL || given == NULL || !json_object_is_type (name, json_type_string))
    answer_error (&call, "not a request");
  else
    {
      guint count = g_strv_length (given);
      const char *padded[4] = { NULL };
      guint i;

      for (i = 0; i < MIN (count, 3); i++)
        padded[i] = given[i];
      call.arguments = padded;
      for (i = 0; i < G_N_ELEMENTS (commands); i++)
        if (g_str_equal (commands[i].name, json_object_get_string (name)))
          break;
      if (i == G_N_ELEMENTS (commands))
        answer_error (&call, "there is no command %s", json_object_get_string (name));
      else if (count < commands[i].least || count > commands[i].most)
        answer_error (&call, "%s takes %u to %u arguments", commands[i].name, commands[i].least, commands[i].most);
      else
        commands[i].run (&call);
    }
  json_object_put (request);
}

static void
on_written (GObject *output, GAsyncResult *result, gpointer data)
{
  g_autoptr (GSocketConnection) connection = data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (output), result, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  GSocketConnection *connection = data;
  Control *control = g_object_get_data (G_OBJECT (connection), "control");
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  json_object *answer;
  char *text;

  if (line == NULL || control == NULL)
    {
      g_object_unref (connection);
      return;
    }
  answer = json_object_new_object ();
  run (control, line, answer);
  text = g_strconcat (json_object_to_json_string_ext (answer, JSON_C_TO_STRING_PLAIN), "\n", NULL);
  json_object_put (answer);
  g_object_set_data_full (G_OBJECT (connection), "answer", text, g_free);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text, strlen (text),
                                   G_PRIORITY_DEFAULT, NULL, on_written, connection);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));

  g_buffered_input_stream_set_buffer_size (G_BUFFERED_INPUT_STREAM (input), LINE_MAX_BYTES);
  g_object_set_data (G_OBJECT (connection), "control", data);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, g_object_ref (connection));
  return TRUE;
}

Control *
control_new (Hub *hub, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  Control *control;

  g_unlink (path);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                      NULL, NULL, error))
    {
      g_prefix_error (error, "cannot listen at %s: ", path);
      return NULL;
    }
  g_chmod (path, 0600);
  control = g_new0 (Control, 1);
  control->hub = hub;
  control->path = g_strdup (path);
  control->service = g_steal_pointer (&service);
  g_signal_connect (control->service, "incoming", G_CALLBACK (on_incoming), control);
  return control;
}

void
control_free (Control *control)
{
  g_signal_handlers_disconnect_by_data (control->service, control);
  g_socket_service_stop (control->service);
  g_socket_listener_close (G_SOCKET_LISTENER (control->service));
  g_object_unref (control->service);
  g_unlink (control->path);
  g_free (control->path);
  g_free (control);
}
