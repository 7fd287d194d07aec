/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.c - the worker processes of a gateway.
 *
 * A worker is a child of ours, or of a hub before us; when it connects, the kernel says which process
 * is at the other end (SO_PEERCRED), and only one that we started, or that was left to us, is let in.
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

#include "doing.h"
#include "drain.h"
#include "events.h"
#include "suspects.h"
#include "takeover.h"
#include "worker_file.h"

#define CHECK_SECONDS 20
#define IDLE_SECONDS 300
#define BURIAL_PAUSE_MS 200
/* A former hub's worker has so long to connect, and may be silent for so long until it has told all. */
#define RETURN_SECONDS 10
/* ... nor may it take more of such times in all: everybody waits for it. */
#define RETURN_ROUNDS 6
/* A worker that dies younger than this makes the next one wait. */
#define YOUNG_SECONDS 10
#define RESPAWN_MOST_SECONDS 30
/* A worker's acknowledgement stands behind what it said before.  It may say so many
 * messages first: several times what it keeps before it stops reading its networks. */
#define SAID_BEFORE_MOST 200000

struct Workers {
  Gateway *gateway;
  GPtrArray *list;            /* Worker, owned */
  guint holds;                /* of new ones */
  guint early_deaths;         /* in a row */
  gint64 not_before;          /* monotonic: no worker is started earlier */
  guint respawn;
};

static gint64 last_number;

static Worker *spawn (Workers *workers);

static const char *
runtime_dir (const Gateway *gateway)
{
  return hub_settings (gateway->hub)->runtime_dir;
}

/* -- One worker ----------------------------------------------------------- */

static void
worker_free (gpointer data)
{
  Worker *worker = data;

  g_clear_handle_id (&worker->burial, g_source_remove);
  g_clear_handle_id (&worker->check, g_source_remove);
  g_clear_handle_id (&worker->patience, g_source_remove);
  link_close (worker->link);
  link_unref (worker->link);
  if (worker->child != NULL)
    {
      child_signal (worker->child, SIGKILL);
      child_free (worker->child);
      worker_file_remove (runtime_dir (worker->gateway), worker->number);
    }
  g_hash_table_unref (worker->sessions);
  g_free (worker->was_doing_what);
  g_free (worker->life);
  g_free (worker);
}

void
worker_make_id (Worker *worker, gint64 serial, char *id, gsize size)
{
  g_snprintf (id, size, "m%s-%" G_GINT64_MODIFIER "x", worker->life, serial);
}

guint64
worker_event_number (const Worker *worker, gint64 serial)
{
  return (guint64) g_str_hash (worker->life) << 32 | (guint32) serial;
}

void
worker_hold (Worker *worker, WorkerHold why, gboolean held)
{
  worker->holds = held ? worker->holds | why : worker->holds & ~why;
  link_pause (worker->link, worker->holds != 0);
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
  worker_end_if_drained (worker);
}

static void
end (Worker *worker)
{
  worker->dismissed = TRUE;
  worker->ending = TRUE;
  child_signal (worker->child, SIGTERM);
}

void
worker_end_if_drained (Worker *worker)
{
  if (worker->outdated && !worker->returning && !worker->ending && g_hash_table_size (worker->sessions) == 0)
    {
      g_message ("%s: worker %" G_GINT64_FORMAT " of another build has no accounts left", worker->gateway->domain, worker->number);
      end (worker);
    }
}

void
worker_kill (Worker *worker, const char *why)
{
  if (worker->child == NULL)
    return;
  g_warning ("%s: worker %" G_GINT64_FORMAT " (process %d) is ended: %s", worker->gateway->domain, worker->number,
             (int) worker->pid, why);
  worker->ending = TRUE;
  child_signal (worker->child, SIGKILL);
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
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) || worker->child == NULL)
    return;
  worker_kill (worker, error->message);
}

gboolean
worker_welcome (Worker *worker, const WireHello *hello, GError **error)
{
  Gateway *gateway = worker->gateway;
  gboolean knows_us = g_strcmp0 (hello->hub, hub_instance (gateway->hub)) == 0;

  if (hello->version != WIRE_VERSION || hello->worker != worker->number)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it is worker %" G_GINT64_FORMAT " of version %" G_GINT64_FORMAT
                   "; is another build installed?", hello->worker, hello->version);
      return FALSE;
    }
  if (knows_us != worker->greeted || (hello->hub != NULL && !worker->returning && !worker->greeted))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it says that another hub welcomed it last");
      return FALSE;
    }
  worker->greeted = TRUE;
  link_send (worker->link, &(WireMessage) {
    .type = WIRE_WELCOME,
    .u.welcome = { .version = WIRE_VERSION, .received = link_get_received (worker->link),
                   .hub = hub_instance (gateway->hub),
                   .protocol = gateway->network->purple,
                   .plugin_folder = hub_settings (gateway->hub)->plugin_folder,
                   .system_first = gateway->settings->plugin == SETTINGS_PLUGIN_SYSTEM,
                   .verify = (WireVerify) gateway->settings->verify } });
  worker->welcomed = TRUE;
  /* To one that does not know us all numbers are new. */
  return link_resume (worker->link, knows_us ? hello->received : 0, error);
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
  Session *suspect;
  GHashTableIter iter;
  gpointer value;

  worker->burial = 0;
  /* What kills a worker of its own kills only that. */
  if (!worker->gateway->stopping && !worker->solitary)
    {
      workers->early_deaths = now - worker->started < YOUNG_SECONDS * G_USEC_PER_SEC ? workers->early_deaths + 1 : 0;
      if (workers->early_deaths > 1)
        workers->not_before = now + MIN (1 << MIN (workers->early_deaths - 1, 10), RESPAWN_MOST_SECONDS) * G_USEC_PER_SEC;
    }
  worker->ending = TRUE;
  link_close (worker->link);
  suspect = worker_session (worker, worker->was_doing);
  if (suspect != NULL && !worker->gateway->stopping)
    suspects_accuse (suspect, worker->was_doing_what);
  g_hash_table_iter_init (&iter, worker->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (orphans, value);
  for (guint i = 0; i < orphans->len; i++)
    session_lost_worker (orphans->pdata[i]);
  g_hash_table_remove_all (worker->sessions);
  takeover_end (worker);
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
on_ended (gboolean known, const char *trouble, gpointer data)
{
  Worker *worker = data;
  g_autofree char *doing = worker_file_dup_doing_path (runtime_dir (worker->gateway), worker->number);

  if (!known && !worker->dismissed)
    trouble = "of what is not known, since an earlier passerelled had started it";
  g_clear_pointer (&worker->child, child_free);
  worker->ending = TRUE;
  if (trouble != NULL)
    worker->was_doing = doing_read (doing, &worker->was_doing_what);
  worker_file_remove (runtime_dir (worker->gateway), worker->number);
  if (!worker->gateway->stopping && trouble != NULL)
    g_warning ("%s: worker %" G_GINT64_FORMAT " (process %d) died with %u accounts: %s", worker->gateway->domain, worker->number,
               (int) worker->pid, g_hash_table_size (worker->sessions), trouble);
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

  if (worker->child == NULL)
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
      && (worker->solitary || now - worker->empty_since > IDLE_SECONDS * G_USEC_PER_SEC))
    {
      g_info ("%s: worker %" G_GINT64_FORMAT " has no accounts left", worker->gateway->domain, worker->number);
      end (worker);
    }
  return G_SOURCE_CONTINUE;
}

/* -- Starting ------------------------------------------------------------- */

/* To be watched, and added. */
static Worker *
worker_new (Workers *workers, const WorkerFile *file)
{
  static const LinkCallbacks callbacks = { on_message, on_closed };
  Worker *worker = g_new0 (Worker, 1);

  worker->gateway = workers->gateway;
  worker->number = file->number;
  worker->life = g_strdup (file->life);
  worker->pid = file->pid;
  worker->link = link_new (WIRE_EVENT, &callbacks, worker);
  worker->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  worker->started = worker->empty_since = g_get_monotonic_time ();
  worker->stuck_at = -1;
  worker_hold (worker, workers->holds, TRUE);
  return worker;
}

static gboolean
watch (Worker *worker, GError **error)
{
  worker->child = child_watch (worker->pid, on_ended, worker, error);
  return worker->child != NULL;
}

static void
add (Workers *workers, Worker *worker)
{
  worker->check = g_timeout_add_seconds (CHECK_SECONDS, on_check, worker);
  g_ptr_array_add (workers->list, worker);
}

/* In the child: the hub has blocked those that it reads. */
static void
unblock_signals (gpointer unused)
{
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* Its file is there before it is, so that no hub misses it. */
static gboolean
start_process (Gateway *gateway, WorkerFile *file, GError **error)
{
  const Settings *settings = hub_settings (gateway->hub);
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, file->number);
  g_autofree char *path = worker_file_dup_path (settings->runtime_dir, file->number);
  g_autofree char *doing = worker_file_dup_doing_path (settings->runtime_dir, file->number);
  const char *argv[] = { settings->worker_program, "--socket", hub_worker_socket (gateway->hub), "--id", number, "--lock", path, "--doing", doing, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "G_SLICE", "always-malloc", TRUE);

  /* The hub's alone. */
  environment = g_environ_unsetenv (environment, "NOTIFY_SOCKET");
  environment = g_environ_unsetenv (environment, "CREDENTIALS_DIRECTORY");
  if (!worker_file_write (settings->runtime_dir, file, error))
    return FALSE;
  if (g_spawn_async (NULL, (char **) argv, environment, G_SPAWN_DO_NOT_REAP_CHILD, unblock_signals, NULL, &file->pid, error))
    return TRUE;
  g_prefix_error (error, "see [workers] program: ");
  worker_file_remove (settings->runtime_dir, file->number);
  return FALSE;
}

static Worker *
spawn (Workers *workers)
{
  Gateway *gateway = workers->gateway;
  g_autoptr (WorkerFile) file = g_new0 (WorkerFile, 1);
  g_autoptr (GError) error = NULL;
  Worker *worker = NULL;

  file->number = ++last_number;
  file->wire = WIRE_VERSION;
  file->build = drain_dup_build (gateway);
  file->life = g_strdup_printf ("%08x%04x", g_random_int (), g_random_int () & 0xffff);
  file->gateway = g_strdup (gateway->domain);
  if (start_process (gateway, file, &error))
    {
      worker = worker_new (workers, file);
      if (watch (worker, &error))
        {
          add (workers, worker);
          g_info ("%s: worker %" G_GINT64_FORMAT " started as process %d", gateway->domain, worker->number, (int) worker->pid);
          return worker;
        }
      worker_free (worker);
    }
  g_warning ("%s: no worker can be started: %s", gateway->domain, error->message);
  workers->not_before = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  return NULL;
}

Worker *
workers_assign (Workers *workers, Session *session)
{
  guint most = hub_settings (workers->gateway->hub)->accounts_per_worker;
  gboolean alone = suspects_include (session);
  Worker *found = NULL;

  for (guint i = 0; i < workers->list->len && found == NULL && !alone; i++)
    {
      Worker *worker = workers->list->pdata[i];

      if (!worker->ending && !worker->returning && !worker->outdated && !worker->solitary && g_hash_table_size (worker->sessions) < most)
        found = worker;
    }
  if (found == NULL && g_get_monotonic_time () >= workers->not_before)
    found = spawn (workers);
  if (found == NULL)
    {
      respawn_later (workers);
      return NULL;
    }
  found->solitary = alone;
  worker_take (found, session);
  return found;
}

void
worker_take (Worker *worker, Session *session)
{
  gint64 number = session_number (session);

  g_hash_table_insert (worker->sessions, g_memdup2 (&number, sizeof number), session);
}

void
workers_start (Workers *workers)
{
  if (workers->list->len == 0 && spawn (workers) == NULL)
    respawn_later (workers);
}

void
workers_hold (Workers *workers, WorkerHold why, gboolean held)
{
  for (guint i = 0; i < workers->list->len; i++)
    worker_hold (workers->list->pdata[i], why, held);
}

void
workers_pause (Workers *workers, gboolean paused)
{
  workers->holds = paused ? WORKER_HELD_BY_SERVER : 0;
  workers_hold (workers, WORKER_HELD_BY_SERVER, paused);
}

GPtrArray *
workers_list (Workers *workers)
{
  return workers->list;
}

gboolean
workers_are_flushed (Workers *workers)
{
  for (guint i = 0; i < workers->list->len; i++)
    if (!link_is_flushed (((Worker *) workers->list->pdata[i])->link))
      return FALSE;
  return TRUE;
}

Worker *
workers_find_number (Workers *workers, gint64 number)
{
  for (guint i = 0; i < workers->list->len; i++)
    if (((Worker *) workers->list->pdata[i])->number == number)
      return workers->list->pdata[i];
  return NULL;
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

/* -- Those of a former hub ------------------------------------------------ */

gboolean
workers_are_returning (Workers *workers)
{
  for (guint i = 0; i < workers->list->len; i++)
    if (((Worker *) workers->list->pdata[i])->returning)
      return TRUE;
  return FALSE;
}

void
workers_end_returning (Workers *workers)
{
  for (guint i = 0; i < workers->list->len; i++)
    {
      Worker *worker = workers->list->pdata[i];

      if (worker->returning && worker->child != NULL)
        child_signal (worker->child, SIGTERM);
    }
}

static gboolean
on_patience (gpointer data)
{
  Worker *worker = data;
  gint64 heard = link_get_received (worker->link);
  gboolean waits_for_us = link_is_attached (worker->link) && link_is_paused (worker->link);

  if (!waits_for_us)
    worker->rounds++;
  if (!worker->returning || (!waits_for_us && (heard == worker->heard_returning || worker->rounds > RETURN_ROUNDS)))
    {
      worker->patience = 0;
      if (worker->returning)
        worker_kill (worker, "it has not come back to its new hub");
      return G_SOURCE_REMOVE;
    }
  worker->heard_returning = heard;
  return G_SOURCE_CONTINUE;
}

/* They speak another version of the protocol: nothing can be asked of them but to sign off. */
static gboolean
understands_us (const WorkerFile *file)
{
  return file->wire == WIRE_VERSION;
}

static void
await (Gateway *gateway, const WorkerFile *file)
{
  g_autofree char *build = drain_dup_build (gateway);
  g_autoptr (GError) error = NULL;
  Worker *worker = worker_new (gateway->workers, file);

  /* Watched first, then looked at once more: it is the one that holds the lock. */
  if (!watch (worker, &error) || !worker_file_is_of (runtime_dir (gateway), file))
    {
      g_clear_pointer (&worker->child, child_free);
      worker_free (worker);
      worker_file_remove (runtime_dir (gateway), file->number);
      return;
    }
  worker->returning = TRUE;
  worker->outdated = !g_str_equal (file->build, build);
  worker->patience = g_timeout_add_seconds (RETURN_SECONDS, on_patience, worker);
  worker_hold (worker, WORKER_HELD_BY_START, TRUE);
  add (gateway->workers, worker);
  g_message ("%s: worker %" G_GINT64_FORMAT " (process %d) is still there%s", gateway->domain, worker->number, (int) worker->pid,
             understands_us (file) ? "" : ", of another version; it signs its accounts off");
  if (!understands_us (file))
    end (worker);
}

/* Its gateway is not served any more. */
static void
dismiss (const WorkerFile *file)
{
  Child *child = child_watch (file->pid, NULL, NULL, NULL);

  if (child == NULL)
    return;
  g_message ("%s is no gateway any more: its worker %" G_GINT64_FORMAT " (process %d) is ended", file->gateway, file->number, (int) file->pid);
  child_signal (child, SIGTERM);
  child_free (child);
}

void
workers_find (Hub *hub)
{
  g_autoptr (GPtrArray) files = NULL;

  child_reap_all ();
  files = worker_files_find (hub_settings (hub)->runtime_dir);
  for (guint i = 0; i < files->len; i++)
    {
      const WorkerFile *file = files->pdata[i];
      Gateway *gateway = hub_find_gateway (hub, file->gateway);

      last_number = MAX (last_number, file->number);
      if (gateway != NULL)
        await (gateway, file);
      else
        dismiss (file);
    }
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
        if (((Worker *) list->pdata[j])->pid == pid && ((Worker *) list->pdata[j])->child != NULL)
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
  if (worker->ending)
    {
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
