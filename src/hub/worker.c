/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.c - the worker processes of a gateway.
 *
 * A worker is a child of ours; when it connects, the kernel says which process
 * is at the other end (SO_PEERCRED), and only a child that we started is let in.
 * Nothing it says is believed beyond its own sessions, and whatever breaks the
 * rules of the wire ends it.  When it dies its last words are read first; then
 * the messages it had and said nothing of go back to their senders, and its sessions
 * go to other workers. */
#include "config.h"

#include "worker.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "events.h"

#define CHECK_SECONDS 20
#define IDLE_SECONDS 300
#define BURIAL_PAUSE_MS 200
/* A worker that dies younger than this makes the next one wait. */
#define YOUNG_SECONDS 10
#define RESPAWN_MOST_SECONDS 30
/* A worker's acknowledgement stands behind what it said before.  It may say so many
 * messages first: several times what it keeps before it stops reading its networks. */
#define SAID_BEFORE_MOST 200000

struct Workers {
  Gateway *gateway;
  GPtrArray *list;            /* Worker, owned */
  gboolean paused;
  guint early_deaths;         /* in a row */
  gint64 not_before;          /* monotonic: no worker is started earlier */
  guint respawn;
};

static gint64 last_number;

static Worker *spawn (Workers *workers);

/* -- One worker ----------------------------------------------------------- */

static void
worker_free (gpointer data)
{
  Worker *worker = data;

  g_clear_handle_id (&worker->watch, g_source_remove);
  g_clear_handle_id (&worker->burial, g_source_remove);
  g_clear_handle_id (&worker->check, g_source_remove);
  link_close (worker->link);
  link_unref (worker->link);
  if (worker->pid != 0)
    {
      kill (worker->pid, SIGKILL);
      g_spawn_close_pid (worker->pid);
    }
  g_hash_table_unref (worker->sessions);
  g_free (worker);
}

Session *
worker_session (Worker *worker, gint64 account)
{
  return g_hash_table_lookup (worker->sessions, &account);
}

void
worker_release (Worker *worker, Session *session)
{
  gint64 number = session_number (session);

  g_hash_table_remove (worker->sessions, &number);
  if (g_hash_table_size (worker->sessions) == 0)
    worker->empty_since = g_get_monotonic_time ();
}

void
worker_kill (Worker *worker, const char *why)
{
  if (worker->pid == 0)
    return;
  g_warning ("%s: worker %" G_GINT64_FORMAT " (process %d) is ended: %s", worker->gateway->domain, worker->number,
             (int) worker->pid, why);
  worker->ending = TRUE;
  kill (worker->pid, SIGKILL);
}

static gboolean
on_message (Link *link, const WireMessage *message, gpointer data, GError **error)
{
  Worker *worker = data;

  if (worker->welcomed == (message->type == WIRE_HELLO))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s at the wrong time", wire_info (message->type)->name);
      return FALSE;
    }
  return events_dispatch (worker, message, error);
}

static void
on_closed (Link *link, const GError *error, gpointer data)
{
  Worker *worker = data;

  worker->welcomed = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) || worker->pid == 0)
    return;
  worker_kill (worker, error->message);
}

gboolean
worker_welcome (Worker *worker, const WireHello *hello, GError **error)
{
  Gateway *gateway = worker->gateway;

  if (hello->version != WIRE_VERSION || hello->worker != worker->number)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is worker %" G_GINT64_FORMAT " of version %" G_GINT64_FORMAT
                   "; is another build installed?", hello->worker, hello->version);
      return FALSE;
    }
  link_send (worker->link, &(WireMessage) {
    .type = WIRE_WELCOME,
    .u.welcome = { .version = WIRE_VERSION, .received = link_get_received (worker->link),
                   .protocol = gateway->network->purple,
                   .plugin_folder = hub_settings (gateway->hub)->plugin_folder,
                   .system_first = gateway->settings->plugin == SETTINGS_PLUGIN_SYSTEM,
                   .verify = (WireVerify) gateway->settings->verify } });
  worker->welcomed = TRUE;
  return link_resume (worker->link, hello->received, error);
}

/* -- Death ---------------------------------------------------------------- */

static gboolean
on_respawn (gpointer data)
{
  Workers *workers = data;

  workers->respawn = 0;
  workers_start (workers);
  session_begin_held_up (workers->gateway);
  return G_SOURCE_REMOVE;
}

/* A worker is wanted: as soon as one may be started. */
static void
respawn_later (Workers *workers)
{
  gint64 wait = MAX (0, workers->not_before - g_get_monotonic_time ());

  if (workers->respawn == 0 && !workers->gateway->stopping && !workers->gateway->unfit)
    workers->respawn = g_timeout_add (wait / 1000 + 1, on_respawn, workers);
}

static gboolean
bury (gpointer data)
{
  Worker *worker = data;
  Workers *workers = worker->gateway->workers;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GPtrArray) orphans = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  worker->burial = 0;
  if (!worker->gateway->stopping)
    {
      workers->early_deaths = now - worker->started < YOUNG_SECONDS * G_USEC_PER_SEC ? workers->early_deaths + 1 : 0;
      if (workers->early_deaths > 1)
        workers->not_before = now + MIN (1 << MIN (workers->early_deaths - 1, 10), RESPAWN_MOST_SECONDS) * G_USEC_PER_SEC;
    }
  worker->ending = TRUE;
  link_close (worker->link);
  g_hash_table_iter_init (&iter, worker->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (orphans, value);
  for (guint i = 0; i < orphans->len; i++)
    session_lost_worker (orphans->pdata[i]);
  if (!worker->gateway->protocol->complete)
    respawn_later (workers);
  g_ptr_array_remove (workers->list, worker);
  return G_SOURCE_REMOVE;
}

/* What it wrote before it died is still in the socket: that is read first, and
 * an idle source runs when there is nothing more to read. */
static gboolean
bury_later (gpointer data)
{
  Worker *worker = data;

  worker->burial = link_is_paused (worker->link) ? g_timeout_add (BURIAL_PAUSE_MS, bury_later, worker) : g_idle_add (bury, worker);
  return G_SOURCE_REMOVE;
}

static void
on_exit_of_child (GPid pid, int status, gpointer data)
{
  Worker *worker = data;
  g_autoptr (GError) error = NULL;

  g_spawn_close_pid (pid);
  worker->pid = 0;
  worker->watch = 0;
  worker->ending = TRUE;
  if (!worker->gateway->stopping && !g_spawn_check_wait_status (status, &error))
    g_warning ("%s: worker %" G_GINT64_FORMAT " (process %d) died with %u accounts: %s", worker->gateway->domain, worker->number,
               (int) pid, g_hash_table_size (worker->sessions), error->message);
  bury_later (worker);
}

/* -- Watching ------------------------------------------------------------- */

/* It has not acknowledged anything since the last check, and nothing is coming
 * that the acknowledgement might stand behind. */
static gboolean
is_stuck (Worker *worker, gint64 acknowledged, gint64 heard)
{
  if (link_get_backlog (worker->link) == 0 || worker->stuck_at != acknowledged)
    {
      worker->heard_then = heard;
      return FALSE;
    }
  return heard == worker->heard || heard - worker->heard_then > SAID_BEFORE_MOST;
}

static gboolean
on_check (gpointer data)
{
  Worker *worker = data;
  Workers *workers = worker->gateway->workers;
  gint64 acknowledged = link_get_acknowledged (worker->link);
  gint64 heard = link_get_received (worker->link);
  gint64 now = g_get_monotonic_time ();

  if (worker->pid == 0)
    return G_SOURCE_CONTINUE;
  if (link_is_paused (worker->link))
    worker->stuck_at = -1;  /* its acknowledgements wait, too */
  else if (!worker->welcomed && now - worker->started > CHECK_SECONDS * G_USEC_PER_SEC)
    worker_kill (worker, "it has not connected");
  else if (is_stuck (worker, acknowledged, heard))
    worker_kill (worker, "it has stopped answering");
  else
    {
      worker->stuck_at = acknowledged;
      worker->heard = heard;
      link_send (worker->link, &(WireMessage) { .type = WIRE_PING, .u.ping = { .stamp = now } });
    }
  if (!worker->ending && g_hash_table_size (worker->sessions) == 0 && workers->list->len > 1
      && now - worker->empty_since > IDLE_SECONDS * G_USEC_PER_SEC)
    {
      g_info ("%s: worker %" G_GINT64_FORMAT " has no accounts left", worker->gateway->domain, worker->number);
      worker->ending = TRUE;
      kill (worker->pid, SIGTERM);
    }
  return G_SOURCE_CONTINUE;
}

/* -- Starting ------------------------------------------------------------- */

static Worker *
spawn (Workers *workers)
{
  static const LinkCallbacks callbacks = { on_message, on_closed };
  Gateway *gateway = workers->gateway;
  const Settings *settings = hub_settings (gateway->hub);
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, ++last_number);
  const char *argv[] = { settings->worker_program, "--socket", hub_worker_socket (gateway->hub), "--id", number, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "G_SLICE", "always-malloc", TRUE);
  g_autoptr (GError) error = NULL;
  Worker *worker;
  GPid pid;

  /* The hub's alone. */
  environment = g_environ_unsetenv (environment, "NOTIFY_SOCKET");
  environment = g_environ_unsetenv (environment, "CREDENTIALS_DIRECTORY");
  if (!g_spawn_async (NULL, (char **) argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error))
    {
      g_warning ("%s: no worker can be started: %s; see [workers] program", gateway->domain, error->message);
      workers->not_before = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
      return NULL;
    }
  worker = g_new0 (Worker, 1);
  worker->gateway = gateway;
  worker->number = last_number;
  worker->pid = pid;
  worker->link = link_new (WIRE_EVENT, &callbacks, worker);
  worker->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  worker->started = worker->empty_since = g_get_monotonic_time ();
  worker->stuck_at = -1;
  link_pause (worker->link, workers->paused);
  worker->watch = g_child_watch_add (pid, on_exit_of_child, worker);
  worker->check = g_timeout_add_seconds (CHECK_SECONDS, on_check, worker);
  g_ptr_array_add (workers->list, worker);
  g_info ("%s: worker %s started as process %d", gateway->domain, number, (int) pid);
  return worker;
}

Worker *
workers_assign (Workers *workers, Session *session)
{
  guint most = hub_settings (workers->gateway->hub)->accounts_per_worker;
  Worker *found = NULL;
  gint64 *number;

  for (guint i = 0; i < workers->list->len && found == NULL; i++)
    {
      Worker *worker = workers->list->pdata[i];

      if (!worker->ending && g_hash_table_size (worker->sessions) < most)
        found = worker;
    }
  if (found == NULL && g_get_monotonic_time () >= workers->not_before)
    found = spawn (workers);
  if (found == NULL)
    {
      respawn_later (workers);
      return NULL;
    }
  number = g_new (gint64, 1);
  *number = session_number (session);
  g_hash_table_insert (found->sessions, number, session);
  return found;
}

void
workers_start (Workers *workers)
{
  if (workers->list->len == 0 && spawn (workers) == NULL)
    respawn_later (workers);
}

void
workers_pause (Workers *workers, gboolean paused)
{
  workers->paused = paused;
  for (guint i = 0; i < workers->list->len; i++)
    link_pause (((Worker *) workers->list->pdata[i])->link, paused);
}

GPtrArray *
workers_list (Workers *workers)
{
  return workers->list;
}

Workers *
workers_new (Gateway *gateway)
{
  Workers *workers = g_new0 (Workers, 1);

  workers->gateway = gateway;
  workers->list = g_ptr_array_new_with_free_func (worker_free);
  return workers;
}

void
workers_free (Workers *workers)
{
  g_clear_handle_id (&workers->respawn, g_source_remove);
  g_ptr_array_unref (workers->list);
  g_free (workers);
}

/* -- The socket ----------------------------------------------------------- */

struct WorkerSocket {
  Hub *hub;
  char *path;
  int fd;
  guint source;
};

static Worker *
find_by_pid (Hub *hub, GPid pid)
{
  GPtrArray *gateways = hub_gateways (hub);

  for (guint i = 0; i < gateways->len; i++)
    {
      GPtrArray *list = workers_list (((Gateway *) gateways->pdata[i])->workers);

      for (guint j = 0; j < list->len; j++)
        if (((Worker *) list->pdata[j])->pid == pid)
          return list->pdata[j];
    }
  return NULL;
}

static gboolean
on_connection (int listener, GIOCondition condition, gpointer data)
{
  WorkerSocket *self = data;
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  struct ucred peer = { 0 };
  socklen_t length = sizeof peer;
  Worker *worker;

  if (fd < 0)
    return G_SOURCE_CONTINUE;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != getuid ()
      || (worker = find_by_pid (self->hub, peer.pid)) == NULL)
    {
      g_warning ("Process %d of user %d is no worker of ours; turned away", (int) peer.pid, (int) peer.uid);
      close (fd);
      return G_SOURCE_CONTINUE;
    }
  worker->welcomed = FALSE;
  link_attach (worker->link, fd);
  return G_SOURCE_CONTINUE;
}

WorkerSocket *
worker_socket_new (Hub *hub, const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  WorkerSocket *self;
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "%s is too long for a socket; choose a shorter [daemon] runtime-dir", path);
      return NULL;
    }
  strcpy (address.sun_path, path);
  unlink (path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0 || chmod (path, 0600) < 0 || listen (fd, 64) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "cannot listen at %s: %s", path, g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  self = g_new0 (WorkerSocket, 1);
  self->hub = hub;
  self->path = g_strdup (path);
  self->fd = fd;
  self->source = g_unix_fd_add (fd, G_IO_IN, on_connection, self);
  return self;
}

void
worker_socket_free (WorkerSocket *self)
{
  g_source_remove (self->source);
  close (self->fd);
  unlink (self->path);
  g_free (self->path);
  g_free (self);
}
