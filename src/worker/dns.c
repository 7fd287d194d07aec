/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns.c - names looked up by GLib's resolver.
 *
 * libpurple frees its query in the callback that takes the answer, or earlier:
 * then it calls `destroy`, and the look-up is cancelled.  So the query is only
 * touched after the cancellable was asked. */
#include "config.h"

#include "dns.h"

#include <gio/gio.h>
#include <purple.h>
#include <string.h>

#include "doing.h"

typedef struct {
  gpointer query;             /* PurpleDnsQueryData or PurpleSrvTxtQueryData; NULL once destroyed */
  GCancellable *cancellable;
  PurpleDnsQueryResolvedCallback host_resolved;
  PurpleDnsQueryFailedCallback host_failed;
  PurpleSrvTxtQueryResolvedCallback records_resolved;
  PurpleSrvTxtQueryFailedCallback records_failed;
  guint port;
  gint64 account;             /* for which it is made */
} LookUp;

static GHashTable *look_ups;  /* query -> LookUp */

static LookUp *
look_up_new (gpointer query)
{
  LookUp *look_up = g_new0 (LookUp, 1);

  look_up->query = query;
  look_up->account = doing_account ();
  look_up->cancellable = g_cancellable_new ();
  g_hash_table_insert (look_ups, query, look_up);
  return look_up;
}

/* The query, if it is still wanted.  The look-up is gone afterwards; what is done with its result is done for its account. */
static gpointer
look_up_end (LookUp *look_up)
{
  gpointer query = look_up->query;

  doing_begin (look_up->account, "a name that was looked up");
  if (query != NULL)
    g_hash_table_remove (look_ups, query);
  g_object_unref (look_up->cancellable);
  g_free (look_up);
  return query;
}

static void
forget (gpointer query)
{
  LookUp *look_up = g_hash_table_lookup (look_ups, query);

  if (look_up == NULL)
    return;
  g_hash_table_remove (look_ups, query);
  look_up->query = NULL;
  g_cancellable_cancel (look_up->cancellable);
}

/* -- Host names ----------------------------------------------------------- */

static GSList *
hosts_of (GList *addresses, guint port)
{
  GSList *hosts = NULL;

  for (GList *l = addresses; l != NULL; l = l->next)
    {
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new (l->data, port);
      gssize size = g_socket_address_get_native_size (address);
      gpointer native = g_malloc0 (size);

      g_socket_address_to_native (address, native, size, NULL);
      hosts = g_slist_append (hosts, GSIZE_TO_POINTER (size));
      hosts = g_slist_append (hosts, native);
    }
  return hosts;
}

static void
on_host (GObject *resolver, GAsyncResult *result, gpointer data)
{
  LookUp look_up = *(LookUp *) data;
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);
  gpointer query = look_up_end (data);

  if (query != NULL && addresses != NULL)
    look_up.host_resolved (query, hosts_of (addresses, look_up.port));
  else if (query != NULL)
    look_up.host_failed (query, error->message);
  doing_end ();
  g_resolver_free_addresses (addresses);
}

static gboolean
resolve_host (PurpleDnsQueryData *query, PurpleDnsQueryResolvedCallback resolved, PurpleDnsQueryFailedCallback failed)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  LookUp *look_up = look_up_new (query);
  const char *host = purple_dnsquery_get_host (query);

  look_up->host_resolved = resolved;
  look_up->host_failed = failed;
  look_up->port = purple_dnsquery_get_port (query);
  g_resolver_lookup_by_name_async (resolver, host != NULL ? host : "", look_up->cancellable, on_host, look_up);
  return TRUE;
}

static void
forget_host (PurpleDnsQueryData *query)
{
  forget (query);
}

/* -- SRV and TXT records -------------------------------------------------- */

static GList *
srv_records (GList *targets)
{
  GList *records = NULL;

  /* GLib has sorted them as RFC 2782 wants. */
  for (GList *l = targets; l != NULL; l = l->next)
    {
      PurpleSrvResponse *record = g_new0 (PurpleSrvResponse, 1);

      g_strlcpy (record->hostname, g_srv_target_get_hostname (l->data), sizeof record->hostname);
      record->port = g_srv_target_get_port (l->data);
      record->weight = g_srv_target_get_weight (l->data);
      record->pref = g_srv_target_get_priority (l->data);
      records = g_list_append (records, record);
    }
  return records;
}

static void
on_srv (GObject *resolver, GAsyncResult *result, gpointer data)
{
  LookUp look_up = *(LookUp *) data;
  g_autoptr (GError) error = NULL;
  GList *targets = g_resolver_lookup_service_finish (G_RESOLVER (resolver), result, &error);
  gpointer query = look_up_end (data);

  if (query != NULL && targets != NULL)
    look_up.records_resolved (query, srv_records (targets));
  else if (query != NULL)
    look_up.records_failed (query, error->message);
  doing_end ();
  g_resolver_free_targets (targets);
}

static void
on_txt (GObject *resolver, GAsyncResult *result, gpointer data)
{
  LookUp look_up = *(LookUp *) data;
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_records_finish (G_RESOLVER (resolver), result, &error);
  gpointer query = look_up_end (data);
  GList *records = NULL;

  for (GList *l = found; l != NULL; l = l->next)
    {
      g_autofree const char **strings = NULL;
      PurpleTxtResponse *record = g_new0 (PurpleTxtResponse, 1);

      g_variant_get (l->data, "(^a&s)", &strings);
      record->content = g_strjoinv ("", (char **) strings);
      records = g_list_append (records, record);
    }
  if (query != NULL && found != NULL)
    look_up.records_resolved (query, records);
  else if (query != NULL)
    look_up.records_failed (query, error->message);
  doing_end ();
  g_list_free_full (found, (GDestroyNotify) g_variant_unref);
}

/* "_xmpp-client._tcp.example.net" */
static gboolean
resolve_srv (GResolver *resolver, LookUp *look_up, const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", 3);

  if (g_strv_length (labels) != 3 || labels[0][0] != '_' || labels[1][0] != '_' || labels[2][0] == '\0')
    return FALSE;
  g_resolver_lookup_service_async (resolver, labels[0] + 1, labels[1] + 1, labels[2],
                                   look_up->cancellable, on_srv, look_up);
  return TRUE;
}

static gboolean
fail_records (gpointer data)
{
  LookUp look_up = *(LookUp *) data;
  gpointer query = look_up_end (data);

  if (query != NULL)
    look_up.records_failed (query, "no such name");
  doing_end ();
  return G_SOURCE_REMOVE;
}

static gboolean
resolve_records (PurpleSrvTxtQueryData *query, PurpleSrvTxtQueryResolvedCallback resolved, PurpleSrvTxtQueryFailedCallback failed)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  LookUp *look_up = look_up_new (query);
  const char *name = purple_srv_txt_query_get_query (query);

  look_up->records_resolved = resolved;
  look_up->records_failed = failed;
  if (purple_srv_txt_query_get_type (query) == PurpleDnsTypeTxt)
    g_resolver_lookup_records_async (resolver, name, G_RESOLVER_RECORD_TXT, look_up->cancellable, on_txt, look_up);
  else if (!resolve_srv (resolver, look_up, name))
    g_idle_add (fail_records, look_up);
  return TRUE;
}

static void
forget_records (PurpleSrvTxtQueryData *query)
{
  forget (query);
}

void
dns_init (void)
{
  static PurpleDnsQueryUiOps host_ops = { .resolve_host = resolve_host, .destroy = forget_host };
  static PurpleSrvTxtQueryUiOps record_ops = { .resolve = resolve_records, .destroy = forget_records };

  look_ups = g_hash_table_new (NULL, NULL);
  purple_dnsquery_set_ui_ops (&host_ops);
  purple_srv_txt_query_set_ui_ops (&record_ops);
}
