/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain.c - a worker of an older build is emptied. */
#include "config.h"

#include "drain.h"

#include <glib/gstdio.h>

/* -- Builds --------------------------------------------------------------- */

static void
add_file (GChecksum *sum, const char *path)
{
  g_autofree char *line = NULL;
  GStatBuf status;

  if (g_stat (path, &status) < 0)
    return;
  line = g_strdup_printf ("%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld\n", path, (gint64) status.st_size, (gint64) status.st_mtim.tv_sec,
                          status.st_mtim.tv_nsec);
  g_checksum_update (sum, (const guchar *) line, -1);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static void
add_plugins (GChecksum *sum, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".so"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare);
  for (guint i = 0; i < paths->len; i++)
    add_file (sum, paths->pdata[i]);
}

char *
drain_dup_build (Gateway *gateway)
{
  const Settings *settings = hub_settings (gateway->hub);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *told = g_strdup_printf ("%s %s %d %d\n", gateway->network->purple, settings->plugin_folder, gateway->settings->plugin,
                                           gateway->settings->verify);

  g_checksum_update (sum, (const guchar *) told, -1);
  add_file (sum, settings->worker_program);
  add_plugins (sum, settings->plugin_folder);
  return g_strdup_printf ("%s-%.16s", PACKAGE_VERSION, g_checksum_get_string (sum));
}

/* -- Emptying ------------------------------------------------------------- */

void
drain_signed_in (Session *session)
{
  g_autofree char *key = NULL;

  if (!session->worker->outdated || session->worker->returning)
    return;
  key = g_strdup_printf ("%" G_GINT64_FORMAT, session_number (session));
  pacer_push (session_gateway (session)->moves, key);
}

void
drain_begin (Worker *worker)
{
  GHashTableIter iter;
  gpointer session;

  if (!worker->outdated)
    return;
  g_message ("%s: worker %" G_GINT64_FORMAT " is of another build: its %u accounts move to others", worker->gateway->domain, worker->number,
             g_hash_table_size (worker->sessions));
  g_hash_table_iter_init (&iter, worker->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    if (((Session *) session)->state == SESSION_IN)
      drain_signed_in (session);
  worker_end_if_drained (worker);
}

void
drain_on_turn (const char *key, gpointer gateway)
{
  Session *session = gateway_find_session (gateway, g_ascii_strtoll (key, NULL, 10));

  if (session != NULL && session->state == SESSION_IN && session->worker->outdated)
    session_sign_in_again (session);
}
