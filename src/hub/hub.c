/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hub.c - the whole daemon: its configuration, store, workers and gateways. */
#include "config.h"

#include "hub.h"

#include <errno.h>
#include <gio/gio.h>
#include <unistd.h>

#include "control.h"
#include "gateway.h"
#include "log.h"
#include "rundir.h"
#include "worker.h"

#define STOP_POLL_MS 20

struct Hub {
  Settings *settings;
  GPtrArray *old_settings;    /* what gateways or streams may still point into */
  Store *store;
  Secrets *secrets;
  Archive *archive;
  int runtime_dir;            /* holds its lock */
  gboolean keeps_messages;
  char *instance;
  char *socket_path;
  WorkerSocket *socket;
  Control *control;
  GPtrArray *gateways;        /* Gateway, owned */
  guint streams_open;         /* while stopping */
  guint stop_timer;
  gint64 stop_at;
  void (*closed) (Hub *hub);  /* ... they are all closed */
  void (*stopped) (gpointer data);
  gpointer stopped_data;
};

const Settings *
hub_settings (Hub *hub)
{
  return hub->settings;
}

Store *
hub_store (Hub *hub)
{
  return hub->store;
}

Secrets *
hub_secrets (Hub *hub)
{
  return hub->secrets;
}

Archive *
hub_archive (Hub *hub)
{
  return hub->archive;
}

gboolean
hub_keeps_messages (Hub *hub)
{
  return hub->keeps_messages;
}

const char *
hub_worker_socket (Hub *hub)
{
  return hub->socket_path;
}

const char *
hub_instance (Hub *hub)
{
  return hub->instance;
}

/* Requests of a former hub may still be answered, and their numbers must mean nothing. */
gint64
hub_new_number (void)
{
  static gint64 last;

  if (last == 0)
    last = g_get_real_time ();
  return ++last;
}

GPtrArray *
hub_gateways (Hub *hub)
{
  return hub->gateways;
}

Gateway *
hub_find_gateway (Hub *hub, const char *domain)
{
  for (guint i = 0; i < hub->gateways->len; i++)
    if (g_str_equal (((Gateway *) hub->gateways->pdata[i])->domain, domain))
      return hub->gateways->pdata[i];
  return NULL;
}

static gboolean
make_journal_folder (Hub *hub, GError **error)
{
  const Settings *settings = hub->settings;

  if (g_mkdir_with_parents (settings->journal_folder, 0700) < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), "cannot make the folder %s for messages under way: %s; see [journal] folder",
                   settings->journal_folder, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

static gboolean
open_archive (Hub *hub, GError **error)
{
  const Settings *settings = hub->settings;

  hub->archive = archive_new (hub->store, hub->secrets, settings->journal_folder, (gsize) settings->journal_megabytes * 1024 * 1024, error);
  if (hub->archive == NULL)
    return FALSE;
  archive_configure (hub->archive, settings);
  return TRUE;
}

static gboolean
open_gateways (Hub *hub, GError **error)
{
  const Settings *settings = hub->settings;

  for (guint i = 0; i < settings->gateways->len; i++)
    {
      Gateway *gateway = gateway_new (hub, settings->gateways->pdata[i], error);

      if (gateway == NULL)
        return FALSE;
      g_ptr_array_add (hub->gateways, gateway);
    }
  return TRUE;
}

Hub *
hub_new (Settings *settings, GError **error)
{
  Hub *hub = g_new0 (Hub, 1);
  g_autofree char *control_path = g_build_filename (settings->runtime_dir, "control.sock", NULL);

  hub->settings = settings;
  hub->keeps_messages = g_getenv ("PASSERELLE_MEASURE_UNKEPT") == NULL;
  if (!hub->keeps_messages)
    g_warning ("PASSERELLE_MEASURE_UNKEPT is set: messages are lost when anything fails");
  hub->instance = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  hub->old_settings = g_ptr_array_new_with_free_func ((GDestroyNotify) settings_free);
  hub->gateways = g_ptr_array_new_with_free_func ((GDestroyNotify) gateway_free);
  hub->socket_path = g_build_filename (settings->runtime_dir, "workers.sock", NULL);
  if ((hub->runtime_dir = rundir_take (settings->runtime_dir, error)) < 0
      || (hub->secrets = secrets_open (settings->key_file, error)) == NULL
      || (hub->store = store_open (settings->storage_uri, hub->secrets, error)) == NULL
      || (hub->control = control_new (hub, control_path, error)) == NULL
      || (hub->socket = worker_socket_new (hub, hub->socket_path, error)) == NULL)
    {
      hub_free (hub);
      return NULL;
    }
  if (!make_journal_folder (hub, error) || !open_archive (hub, error) || !open_gateways (hub, error))
    {
      hub_free (hub);
      return NULL;
    }
  return hub;
}

void
hub_free (Hub *hub)
{
  g_clear_handle_id (&hub->stop_timer, g_source_remove);
  g_ptr_array_unref (hub->gateways);
  g_clear_pointer (&hub->socket, worker_socket_free);
  g_clear_pointer (&hub->control, control_free);
  g_clear_pointer (&hub->archive, archive_free);
  g_clear_pointer (&hub->store, store_close);
  g_clear_pointer (&hub->secrets, secrets_free);
  g_ptr_array_unref (hub->old_settings);
  settings_free (hub->settings);
  g_free (hub->socket_path);
  g_free (hub->instance);
  if (hub->runtime_dir >= 0)
    close (hub->runtime_dir);
  g_free (hub);
}

void
hub_start (Hub *hub)
{
  workers_find (hub);
  for (guint i = 0; i < hub->gateways->len; i++)
    gateway_start (hub->gateways->pdata[i]);
}

void
hub_gateway_settled (Hub *hub)
{
  guint up = 0;
  g_autofree char *status = NULL;

  for (guint i = 0; i < hub->gateways->len; i++)
    {
      Gateway *gateway = hub->gateways->pdata[i];

      if (!gateway->settled)
        return;
      up += stream_is_up (gateway->stream);
    }
  status = g_strdup_printf ("READY=1\nSTATUS=%u of %u gateways are connected", up, hub->gateways->len);
  g_message ("ready: %u of %u gateways are connected", up, hub->gateways->len);
  log_notify_systemd (status);
}

/* -- Reloading ------------------------------------------------------------ */

static void
warn_of_restart (gboolean changed, const char *what)
{
  if (changed)
    g_warning ("%s changed; this needs a restart to take effect", what);
}

void
hub_reload (Hub *hub, Settings *settings)
{
  Settings *old = hub->settings;

  warn_of_restart (!g_str_equal (old->storage_uri, settings->storage_uri), "[storage] uri");
  warn_of_restart (!g_str_equal (old->key_file, settings->key_file), "[storage] key-file");
  warn_of_restart (!g_str_equal (old->journal_folder, settings->journal_folder), "[journal] folder");
  warn_of_restart (old->journal_megabytes != settings->journal_megabytes, "[journal] megabytes");
  warn_of_restart (!g_str_equal (old->runtime_dir, settings->runtime_dir), "[daemon] runtime-dir");
  for (guint i = 0; i < settings->gateways->len; i++)
    {
      const SettingsGateway *one = settings->gateways->pdata[i];

      if (hub_find_gateway (hub, one->domain) == NULL)
        g_warning ("[gateway %s] is new; this needs a restart to take effect", one->domain);
    }
  hub->settings = settings;
  g_ptr_array_add (hub->old_settings, old);
  for (guint i = 0; i < hub->gateways->len; i++)
    {
      Gateway *gateway = hub->gateways->pdata[i];
      const SettingsGateway *now = settings_find_gateway (settings, gateway->domain);

      if (now == NULL)
        g_warning ("[gateway %s] is gone; this needs a restart to take effect", gateway->domain);
      else
        {
          warn_of_restart (now->kind != gateway->network, "the network of a gateway");
          warn_of_restart (now->plugin != gateway->settings->plugin, "plugin of a gateway");
          warn_of_restart (now->verify != gateway->settings->verify, "verify of a gateway");
          gateway_configure (gateway, now);
        }
    }
  archive_configure (hub->archive, settings);
  log_init ("passerelled", settings->log_level);
  g_message ("configuration read again from %s", settings->file);
}

/* -- Stopping ------------------------------------------------------------- */

static void
on_stream_stopped (gpointer data)
{
  Hub *hub = data;

  if (--hub->streams_open == 0)
    hub->closed (hub);
}

static void
close_streams (Hub *hub, void (*closed) (Hub *hub))
{
  hub->closed = closed;
  hub->streams_open = hub->gateways->len;
  for (guint i = 0; i < hub->gateways->len; i++)
    gateway_close (hub->gateways->pdata[i], on_stream_stopped, hub);
}

static void
finish_stop (Hub *hub)
{
  hub->stopped (hub->stopped_data);
}

static gboolean
on_stop_poll (gpointer data)
{
  Hub *hub = data;
  gboolean quiet = TRUE;

  for (guint i = 0; i < hub->gateways->len; i++)
    quiet = quiet && gateway_is_quiet (hub->gateways->pdata[i]);
  if (!quiet && g_get_monotonic_time () < hub->stop_at)
    return G_SOURCE_CONTINUE;
  hub->stop_timer = 0;
  close_streams (hub, finish_stop);
  return G_SOURCE_REMOVE;
}

void
hub_stop (Hub *hub, void (*done) (gpointer data), gpointer data)
{
  if (hub->stopped != NULL)
    return;
  g_message ("signing everybody out");
  log_notify_systemd ("STOPPING=1");
  hub->stopped = done;
  hub->stopped_data = data;
  /* Closing the streams takes at most two seconds more. */
  hub->stop_at = g_get_monotonic_time () + (HUB_STOP_SECONDS - 2) * G_USEC_PER_SEC;
  for (guint i = 0; i < hub->gateways->len; i++)
    gateway_sign_all_out (hub->gateways->pdata[i]);
  hub->stop_timer = g_timeout_add (STOP_POLL_MS, on_stop_poll, hub);
}

/* -- Making way for another process --------------------------------------- */

static gboolean
on_still_poll (gpointer data)
{
  Hub *hub = data;
  gboolean still = TRUE;

  for (guint i = 0; i < hub->gateways->len; i++)
    still = still && gateway_is_still (hub->gateways->pdata[i]);
  if (!still && g_get_monotonic_time () < hub->stop_at)
    return G_SOURCE_CONTINUE;
  hub->stop_timer = 0;
  hub->stopped (hub->stopped_data);
  return G_SOURCE_REMOVE;
}

static void
wait_until_still (Hub *hub)
{
  hub->stop_timer = g_timeout_add (STOP_POLL_MS, on_still_poll, hub);
}

void
hub_hold_still (Hub *hub, void (*done) (gpointer data), gpointer data)
{
  g_autofree char *state = NULL;

  if (hub->stopped != NULL)
    return;
  g_message ("restarting; everybody stays signed in");
  state = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
  log_notify_systemd (state);
  hub->stopped = done;
  hub->stopped_data = data;
  hub->stop_at = g_get_monotonic_time () + HUB_STOP_SECONDS * G_USEC_PER_SEC;
  for (guint i = 0; i < hub->gateways->len; i++)
    gateway_hold_still (hub->gateways->pdata[i]);
  close_streams (hub, wait_until_still);
}

void
hub_leave (Hub *hub)
{
  archive_free (hub->archive);
  store_close (hub->store);
}
