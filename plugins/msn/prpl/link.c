/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.c - one connection that carries commands, over TCP or through the HTTP gateway. */
#include "link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway.h"

#define READ_BYTES 16384
/* Reads in a row before others get their turn. */
#define READS_AT_ONCE 8
/* A server that takes nothing any more. */
#define MOST_UNSENT (4 * 1024 * 1024)

struct Link {
  int refs;
  gboolean dead;
  const LinkEvents *events;
  gpointer data;
  PurpleProxyConnectData *connecting;
  Gateway *gateway;
  int fd;
  guint reading, writing, ending, starting;   /* sources */
  GByteArray *unsent;
  Framer *framer;
  time_t last_received, last_sent;
  LinkEnd end;
  char *why;
};

static void
link_unref (Link *link)
{
  if (--link->refs > 0)
    return;
  framer_free (link->framer);
  g_byte_array_unref (link->unsent);
  g_free (link->why);
  g_free (link);
}

static void
disconnect (Link *link)
{
  guint *const inputs[] = { &link->reading, &link->writing };
  guint *const timers[] = { &link->ending, &link->starting };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    if (*inputs[i] > 0)
      purple_input_remove (*inputs[i]);
  for (guint i = 0; i < G_N_ELEMENTS (timers); i++)
    if (*timers[i] > 0)
      purple_timeout_remove (*timers[i]);
  link->reading = link->writing = link->ending = link->starting = 0;
  if (link->connecting != NULL)
    purple_proxy_connect_cancel (link->connecting);
  link->connecting = NULL;
  g_clear_pointer (&link->gateway, gateway_free);
  if (link->fd >= 0)
    close (link->fd);
  link->fd = -1;
}

void
link_free (Link *link)
{
  link->dead = TRUE;
  disconnect (link);
  link_unref (link);
}

static gboolean
on_ending (gpointer data)
{
  Link *link = data;

  link->ending = 0;
  link->refs++;
  disconnect (link);
  link->events->on_end (link, link->end, link->why, link->data);
  link_unref (link);
  return G_SOURCE_REMOVE;
}

static void
end_later (Link *link, LinkEnd end, const char *why)
{
  if (link->ending > 0 || link->dead)
    return;
  link->end = end;
  link->why = g_strdup (why);
  if (link->reading > 0)
    purple_input_remove (link->reading);
  link->reading = 0;
  link->ending = purple_timeout_add (0, on_ending, link);
}

/* -- Receiving --------------------------------------------------------------- */

static void
take_bytes (Link *link, const void *bytes, gsize length)
{
  link->last_received = time (NULL);
  framer_feed (link->framer, bytes, length);
  while (!link->dead && link->ending == 0)
    {
      g_auto (Command) command = { 0 };
      FramerResult result = framer_next (link->framer, &command);

      if (result == FRAMER_MORE)
        return;
      if (result == FRAMER_BROKEN)
        end_later (link, LINK_FAILED, "The server does not speak MSNP");
      else
        link->events->on_command (link, &command, link->data);
    }
}

static void
on_readable (gpointer data, int fd, PurpleInputCondition condition)
{
  guint8 buffer[READ_BYTES];
  Link *link = data;

  link->refs++;
  for (guint i = 0; i < READS_AT_ONCE && !link->dead && link->ending == 0; i++)
    {
      gssize length = recv (link->fd, buffer, sizeof buffer, 0);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        break;
      if (length < 0)
        end_later (link, LINK_FAILED, g_strerror (errno));
      else if (length == 0)
        end_later (link, LINK_ENDED, "The server closed the connection");
      else
        take_bytes (link, buffer, (gsize) length);
    }
  link_unref (link);
}

/* -- Sending ----------------------------------------------------------------- */

static void
on_writable (gpointer data, int fd, PurpleInputCondition condition)
{
  Link *link = data;

  while (link->unsent->len > 0)
    {
      gssize length = send (link->fd, link->unsent->data, link->unsent->len, MSG_NOSIGNAL);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (length < 0)
        {
          end_later (link, LINK_FAILED, g_strerror (errno));
          break;
        }
      g_byte_array_remove_range (link->unsent, 0, (guint) length);
    }
  if (link->writing > 0)
    purple_input_remove (link->writing);
  link->writing = 0;
}

void
link_send (Link *link, GByteArray *bytes)
{
  g_autoptr (GByteArray) owned = bytes;

  if (link->dead || link->ending > 0)
    return;
  link->last_sent = time (NULL);
  if (link->gateway != NULL)
    {
      gateway_send (link->gateway, bytes);
      return;
    }
  if (link->fd < 0)
    return;
  g_byte_array_append (link->unsent, bytes->data, bytes->len);
  if (link->writing > 0)
    {
      if (link->unsent->len > MOST_UNSENT)
        end_later (link, LINK_FAILED, "The server takes nothing any more");
      return;
    }
  link->writing = purple_input_add (link->fd, PURPLE_INPUT_WRITE, on_writable, link);
  on_writable (link, link->fd, PURPLE_INPUT_WRITE);
}

/* -- Connecting ---------------------------------------------------------------- */

static void
on_connected (gpointer data, gint source, const gchar *error)
{
  Link *link = data;
  int yes = 1;

  link->connecting = NULL;
  if (source < 0)
    {
      end_later (link, LINK_UNREACHABLE, error != NULL ? error : "It cannot be reached");
      return;
    }
  link->fd = source;
  /* A command waits for no acknowledgement of the one before. */
  setsockopt (source, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  link->reading = purple_input_add (source, PURPLE_INPUT_READ, on_readable, link);
  link->events->on_up (link, link->data);
}

static void
on_gateway_bytes (gpointer data, const void *bytes, gsize length)
{
  Link *link = data;

  link->refs++;
  take_bytes (link, bytes, length);
  link_unref (link);
}

static void
on_gateway_end (gpointer data, gboolean closed, const char *why)
{
  end_later (data, closed ? LINK_ENDED : LINK_FAILED, why);
}

static const GatewayEvents gateway_events = { on_gateway_bytes, on_gateway_end };

/* There is nothing to wait for, but the caller must have the link first. */
static gboolean
on_starting (gpointer data)
{
  Link *link = data;

  link->starting = 0;
  link->events->on_up (link, link->data);
  return G_SOURCE_REMOVE;
}

Link *
link_connect (Session *session, const char *kind, const char *host, int port, const LinkEvents *events, gpointer data)
{
  Link *link = g_new0 (Link, 1);

  link->refs = 1;
  link->events = events;
  link->data = data;
  link->fd = -1;
  link->unsent = g_byte_array_new ();
  link->framer = framer_new ();
  link->last_received = link->last_sent = time (NULL);
  if (purple_account_get_bool (session->account, "http_method", FALSE))
    {
      link->gateway = gateway_new (session, kind, host, &gateway_events, link);
      link->starting = purple_timeout_add (0, on_starting, link);
      return link;
    }
  link->connecting = purple_proxy_connect (session->gc, session->account, host, port, on_connected, link);
  if (link->connecting == NULL && link->fd < 0)
    end_later (link, LINK_UNREACHABLE, "No connection can be made");
  return link;
}

guint
link_get_silence (const Link *link)
{
  return (guint) MAX (time (NULL) - link->last_received, 0);
}

guint
link_get_idleness (const Link *link)
{
  return (guint) MAX (time (NULL) - link->last_sent, 0);
}

gboolean
link_is_polled (const Link *link)
{
  return link->gateway != NULL;
}
