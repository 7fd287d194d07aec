/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticket_fetch.c - the way to a ticket: nexus and login, or one call of RST. */
#include "ticket_fetch.h"

#include <string.h>

#include "http_client.h"

#define MOST_REDIRECTS 5

struct TicketFetch {
  Session *session;
  TicketFunc func;
  gpointer data;
  char *policy;
  char *nexus;             /* its address */
  char *login;             /* the login's that was asked last */
  HttpRequest *request;
  guint timer, redirects;
};

void
ticket_fetch_cancel (TicketFetch *fetch)
{
  g_clear_pointer (&fetch->request, http_request_cancel);
  if (fetch->timer > 0)
    purple_timeout_remove (fetch->timer);
  g_free (fetch->policy);
  g_free (fetch->nexus);
  g_free (fetch->login);
  g_free (fetch);
}

static void
finish (TicketFetch *fetch, TicketResult result, const char *text, gboolean untrusted)
{
  Session *session = fetch->session;
  TicketFunc func = fetch->func;
  gpointer data = fetch->data;
  g_autofree char *copy = g_strdup (text);

  ticket_fetch_cancel (fetch);
  func (session, result, copy, untrusted, data);
}

static void
fail (TicketFetch *fetch, const char *what, const char *why, gboolean untrusted)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", what, why);

  finish (fetch, TICKET_UNAVAILABLE, text, untrusted);
}

static void
keep_origin (Session *session, const HttpAddress *address)
{
  g_free (session->web_origin);
  session->web_origin = http_address_dup_origin (address);
}

/* -- Login ----------------------------------------------------------------------- */

static void ask_login (TicketFetch *fetch, const char *url);

static void
on_login (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data)
{
  TicketFetch *fetch = data;
  g_autofree char *text = NULL;
  TicketResult result;

  fetch->request = NULL;
  if (response == NULL)
    {
      fail (fetch, "The login server cannot be used", why, untrusted);
      return;
    }
  result = ticket_parse_login (response, &text);
  if (result == TICKET_GIVEN)
    finish (fetch, TICKET_GIVEN, text, FALSE);
  else if (result == TICKET_REFUSED)
    finish (fetch, TICKET_REFUSED, text != NULL && *text != '\0' ? text : "The address or the password is wrong.", FALSE);
  else if (result == TICKET_REDIRECTED && fetch->redirects++ < MOST_REDIRECTS)
    {
      /* It may be relative (RFC 7231, 7.1.2). */
      g_autofree char *whole = g_uri_resolve_relative (fetch->login, text, G_URI_FLAGS_NONE, NULL);

      ask_login (fetch, whole != NULL ? whole : text);
    }
  else if (result == TICKET_REDIRECTED)
    finish (fetch, TICKET_UNAVAILABLE, "The login server sends us from one address to another.", FALSE);
  else
    {
      g_autofree char *failure = g_strdup_printf ("The login server is not available (HTTP %u).", response->status);

      finish (fetch, TICKET_UNAVAILABLE, failure, FALSE);
    }
}

static void
send_get (TicketFetch *fetch, const HttpAddress *address, const char *headers, HttpFunc func)
{
  fetch->request = http_request_send (fetch->session, address, http_build_request ("GET", address, headers, FALSE, NULL, 0), func, fetch);
}

/* The password goes there: never from https to http. */
static gboolean
may_go_to (TicketFetch *fetch, const HttpAddress *address)
{
  return address->tls || fetch->session->web_origin == NULL || g_str_has_prefix (fetch->session->web_origin, "http:");
}

static void
ask_login (TicketFetch *fetch, const char *url)
{
  Session *session = fetch->session;
  const char *password = purple_connection_get_password (session->gc);
  g_autofree char *header = ticket_build_authorization (session->name, password != NULL ? password : "", fetch->policy);
  g_auto (HttpAddress) address = { 0 };

  if (!http_address_parse (url, &address) || (fetch->redirects > 0 && !may_go_to (fetch, &address)))
    {
      finish (fetch, TICKET_UNAVAILABLE, "The address of the login server cannot be used.", FALSE);
      return;
    }
  if (fetch->redirects == 0)
    keep_origin (session, &address);
  g_free (fetch->login);
  fetch->login = g_strdup (url);
  send_get (fetch, &address, header, on_login);
}

/* -- RST ------------------------------------------------------------------------- */

static void
on_soap (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data)
{
  TicketFetch *fetch = data;
  g_autofree char *text = NULL;
  TicketResult result;

  fetch->request = NULL;
  if (response == NULL)
    {
      fail (fetch, "The login server cannot be used", why, untrusted);
      return;
    }
  result = ticket_parse_soap (response, &text);
  if (result == TICKET_GIVEN)
    finish (fetch, result, text, FALSE);
  else if (result == TICKET_REFUSED)
    finish (fetch, result, "The address or the password is wrong.", FALSE);
  else
    finish (fetch, TICKET_UNAVAILABLE, "Neither of the login services is available.", FALSE);
}

static void
ask_soap (TicketFetch *fetch)
{
  Session *session = fetch->session;
  const char *password = purple_connection_get_password (session->gc);
  g_autofree char *body = ticket_build_soap (session->name, password != NULL ? password : "");
  g_auto (HttpAddress) address = { 0 };

  if (!http_address_parse (fetch->nexus, &address))
    {
      finish (fetch, TICKET_UNAVAILABLE, "The address of the login server cannot be used.", FALSE);
      return;
    }
  g_free (address.path);
  address.path = g_strdup ("/RST.srf");
  keep_origin (session, &address);
  fetch->request = http_request_send (session, &address,
    http_build_request ("POST", &address, "Content-Type: text/xml; charset=utf-8\r\n", FALSE, body, strlen (body)), on_soap, fetch);
}

/* -- Nexus ------------------------------------------------------------------------ */

static void
on_nexus (Session *session, const HttpResponse *response, const char *why, gboolean untrusted, gpointer data)
{
  TicketFetch *fetch = data;
  g_autofree char *url = response != NULL ? ticket_dup_login_url (response) : NULL;

  fetch->request = NULL;
  if (response == NULL)
    fail (fetch, "The login server cannot be reached", why, untrusted);
  else if (url != NULL)
    ask_login (fetch, url);
  else if (response->status == 404 || response->status >= 500)
    ask_soap (fetch);
  else
    {
      g_autofree char *text = g_strdup_printf ("The login server does not say where to log in (HTTP %u).", response->status);

      finish (fetch, TICKET_UNAVAILABLE, text, FALSE);
    }
}

static gboolean
on_bad_address (gpointer data)
{
  TicketFetch *fetch = data;

  fetch->timer = 0;
  finish (fetch, TICKET_UNAVAILABLE, "The address of the login server cannot be used.", FALSE);
  return G_SOURCE_REMOVE;
}

TicketFetch *
ticket_fetch_begin (Session *session, const char *policy, TicketFunc func, gpointer data)
{
  TicketFetch *fetch = g_new0 (TicketFetch, 1);
  const char *login = session_get_option (session, "login_url");
  const char *nexus = session_get_option (session, "nexus_url");
  const char *server = session_get_option (session, "server");
  g_auto (HttpAddress) address = { 0 };

  fetch->session = session;
  fetch->policy = g_strdup (policy);
  fetch->func = func;
  fetch->data = data;
  fetch->nexus = nexus != NULL ? g_strdup (nexus) : g_strdup_printf ("https://%s/rdr/pprdr.asp", server != NULL ? server : "");
  if (!http_address_parse (login != NULL ? login : fetch->nexus, &address))
    fetch->timer = purple_timeout_add (0, on_bad_address, fetch);
  else if (login != NULL)
    ask_login (fetch, login);
  else
    send_get (fetch, &address, NULL, on_nexus);
  return fetch;
}
