/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gateway.c - a connection that is carried by HTTP requests, one after the other. */
#include "gateway.h"

#include <string.h>

#include "address.h"
#include "http_client.h"
#include "percent.h"

#define PATH "/gateway/gateway.dll"
#define SECONDS_BETWEEN_POLLS 2
#define MOST_UNSENT (4 * 1024 * 1024)

struct Gateway {
  Session *session;
  const GatewayEvents *events;
  gpointer data;
  char *kind, *host;              /* where it goes on to */
  char *server, *current;         /* the gateway itself, and where the last answer sends us */
  int port;
  char *id;                       /* of its session; NULL: not open yet */
  GByteArray *unsent, *sending;
  HttpRequest *request;
  guint poll;
  gboolean closed;
};

static void send_next (Gateway *gateway);

void
gateway_free (Gateway *gateway)
{
  g_clear_pointer (&gateway->request, http_request_cancel);
  if (gateway->poll > 0)
    purple_timeout_remove (gateway->poll);
  g_byte_array_unref (gateway->unsent);
  g_byte_array_unref (gateway->sending);
  g_free (gateway->kind);
  g_free (gateway->host);
  g_free (gateway->server);
  g_free (gateway->current);
  g_free (gateway->id);
  g_free (gateway);
}

/* "SessionID=...; GW-IP=...; Session=close" */
static void
take_header (Gateway *gateway, const char *header)
{
  g_auto (GStrv) items = g_strsplit (header, ";", 8);

  for (guint i = 0; items[i] != NULL; i++)
    {
      const char *item = g_strstrip (items[i]);

      if (g_ascii_strncasecmp (item, "SessionID=", 10) == 0 && item[10] != '\0')
        {
          g_free (gateway->id);
          gateway->id = g_strdup (item + 10);
        }
      else if (g_ascii_strncasecmp (item, "GW-IP=", 6) == 0 && item[6] != '\0' && !g_str_equal (item + 6, gateway->host))
        {
          g_free (gateway->current);
          gateway->current = g_strdup (item + 6);
        }
      else if (g_ascii_strcasecmp (item, "Session=close") == 0)
        gateway->closed = TRUE;
    }
}

static gboolean
on_poll (gpointer data)
{
  Gateway *gateway = data;

  gateway->poll = 0;
  if (gateway->closed)
    gateway->events->on_end (gateway->data, TRUE, "The server closed the connection");
  else
    send_next (gateway);
  return G_SOURCE_REMOVE;
}

/* TRUE: tried again at the gateway that we were told of first. */
static gboolean
try_again (Gateway *gateway)
{
  if (g_str_equal (gateway->current, gateway->server))
    return FALSE;
  g_free (gateway->current);
  gateway->current = g_strdup (gateway->server);
  g_byte_array_prepend (gateway->unsent, gateway->sending->data, gateway->sending->len);
  send_next (gateway);
  return TRUE;
}

static void
on_response (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data)
{
  Gateway *gateway = data;
  const char *header = response != NULL ? http_response_get (response, "X-MSN-Messenger") : NULL;
  gboolean closed;

  gateway->request = NULL;
  if (response == NULL && try_again (gateway))
    return;
  if (response == NULL || response->status != 200 || header == NULL)
    {
      gateway->events->on_end (gateway->data, response != NULL && response->status == 400, why != NULL ? why : "The HTTP gateway refused a request");
      return;
    }
  take_header (gateway, header);
  closed = gateway->closed;
  if (!closed && gateway->unsent->len > 0)
    send_next (gateway);
  else
    gateway->poll = purple_timeout_add_seconds (closed ? 0 : SECONDS_BETWEEN_POLLS, on_poll, gateway);
  /* The last call: it may free the gateway. */
  if (response->body->len > 0)
    gateway->events->on_bytes (gateway->data, response->body->data, response->body->len);
}

static char *
dup_path (const Gateway *gateway)
{
  if (gateway->id == NULL)
    return g_strdup_printf (PATH "?Action=open&Server=%s&IP=%s", gateway->kind, gateway->host);
  return g_strdup_printf (PATH "?%sSessionID=%s", gateway->sending->len == 0 ? "Action=poll&" : "", gateway->id);
}

static void
send_next (Gateway *gateway)
{
  HttpAddress address = { .host = gateway->current, .port = gateway->port };
  g_autofree char *path = NULL;
  GByteArray *empty = gateway->sending;

  if (gateway->poll > 0)
    purple_timeout_remove (gateway->poll);
  gateway->poll = 0;
  g_byte_array_set_size (empty, 0);
  gateway->sending = gateway->unsent;
  gateway->unsent = empty;
  path = dup_path (gateway);
  address.path = path;
  gateway->request = http_request_send (gateway->session, &address,
    http_build_request ("POST", &address, "Content-Type: application/x-msn-messenger\r\nPragma: no-cache\r\n", FALSE,
                        gateway->sending->data, gateway->sending->len),
    on_response, gateway);
}

void
gateway_send (Gateway *gateway, const GByteArray *bytes)
{
  if (gateway->unsent->len + bytes->len > MOST_UNSENT)
    return;
  g_byte_array_append (gateway->unsent, bytes->data, bytes->len);
  if (gateway->request == NULL && !gateway->closed)
    send_next (gateway);
}

Gateway *
gateway_new (Session *session, const char *kind, const char *host, const GatewayEvents *events, gpointer data)
{
  Gateway *gateway = g_new0 (Gateway, 1);
  const char *option = session_get_option (session, "http_method_server");

  gateway->session = session;
  gateway->events = events;
  gateway->data = data;
  gateway->kind = g_strdup (kind);
  gateway->host = g_strdup (host);
  if (option == NULL || !address_split_server (option, 80, &gateway->server, &gateway->port))
    {
      const char *server = session_get_option (session, "server");

      gateway->server = g_strdup (server != NULL ? server : host);
      gateway->port = 80;
    }
  gateway->current = g_strdup (gateway->server);
  gateway->unsent = g_byte_array_new ();
  gateway->sending = g_byte_array_new ();
  return gateway;
}
