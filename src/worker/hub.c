/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hub.c - the worker's end of the connection to the hub. */
#include "config.h"

#include "hub.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "eventloop.h"
#include "link.h"

/* The networks are read again when the hub has taken so much that this is left. */
#define BACKLOG_LOW (2 * 1024 * 1024)
#define BACKLOG_LOOK_MS 50
#define FIRST_PAUSE_MS 100
#define LONGEST_PAUSE_MS 1000
#define FAREWELL (1 * G_USEC_PER_SEC)

static struct {
  char *path;
  gint64 id;
  HubCallbacks callbacks;
  Link *link;
  gboolean welcomed;          /* on this connection */
  char *instance;             /* the hub that welcomed us last; NULL: none did */
  guint patience;             /* seconds without one */
  gint64 lost_since;          /* 0: connected */
  gboolean is_full;           /* the networks are not read */
  guint pause;                /* milliseconds before the next attempt */
} hub;

static gboolean connect_to_hub (gpointer data);

/* The welcome of a hub that does not know us: the first, or one after it. */
static void
begin (Link *link, const WireWelcome *welcome)
{
  gboolean first = hub.instance == NULL;
  g_autoptr (GBytes) unheard = NULL;

  /* What the turn has yet to tell was for the former hub. */
  if (!first)
    eventloop_run_tasks ();
  unheard = link_begin_anew (link);
  g_free (hub.instance);
  hub.instance = g_strdup (welcome->hub);
  link_resume (link, 0, NULL);
  if (first)
    hub.callbacks.on_welcome (welcome);
  else
    hub.callbacks.on_new_hub (unheard);
}

static gboolean
on_message (Link *link, const WireMessage *message, gpointer data, GError **error)
{
  const WireWelcome *welcome;

  if (message->type != WIRE_WELCOME)
    {
      if (!hub.welcomed)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a command came before the welcome");
          return FALSE;
        }
      hub.callbacks.on_command (message);
      return TRUE;
    }

  welcome = &message->u.welcome;
  if (hub.welcomed)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "a second welcome");
      return FALSE;
    }
  if (welcome->version != WIRE_VERSION)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "the hub speaks version %d, this worker %d", (int) welcome->version, WIRE_VERSION);
      return FALSE;
    }
  if (g_strcmp0 (hub.instance, welcome->hub) == 0 && !link_resume (link, welcome->received, error))
    return FALSE;
  hub.welcomed = TRUE;
  hub.lost_since = 0;
  hub.pause = FIRST_PAUSE_MS;
  if (g_strcmp0 (hub.instance, welcome->hub) != 0)
    begin (link, welcome);
  return TRUE;
}

static void
try_later (void)
{
  if (hub.lost_since == 0)
    hub.lost_since = g_get_monotonic_time ();
  if (g_get_monotonic_time () - hub.lost_since > hub.patience * G_USEC_PER_SEC)
    {
      g_message ("no hub for %u seconds: leaving", hub.patience);
      hub.callbacks.on_lost ();
      return;
    }
  g_timeout_add (hub.pause, connect_to_hub, NULL);
  hub.pause = MIN (hub.pause * 2, LONGEST_PAUSE_MS);
}

static void
on_closed (Link *link, const GError *error, gpointer data)
{
  g_message ("the connection to the hub ended: %s", error->message);
  hub.welcomed = FALSE;
  try_later ();
}

static gboolean
connect_to_hub (gpointer data)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, hub.path, sizeof address.sun_path);
  /* A Unix socket connects at once or not at all. */
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    {
      g_debug ("cannot connect to the hub: %s", g_strerror (errno));
      if (fd >= 0)
        close (fd);
      try_later ();
      return G_SOURCE_REMOVE;
    }
  link_attach (hub.link, fd);
  hub_tell (hello, HELLO, .version = WIRE_VERSION, .worker = hub.id, .received = link_get_received (hub.link), .hub = hub.instance);
  return G_SOURCE_REMOVE;
}

void
hub_start (const char *path, gint64 id, guint patience, const HubCallbacks *callbacks)
{
  static const LinkCallbacks link_callbacks = { on_message, on_closed };

  g_assert (hub.link == NULL);
  hub.path = g_strdup (path);
  hub.id = id;
  hub.patience = patience;
  hub.callbacks = *callbacks;
  hub.pause = FIRST_PAUSE_MS;
  hub.link = link_new (WIRE_COMMAND, &link_callbacks, NULL);
  connect_to_hub (NULL);
}

static gboolean
look_at_backlog (gpointer data)
{
  if (hub.link != NULL && link_get_backlog (hub.link) > BACKLOG_LOW)
    return G_SOURCE_CONTINUE;
  hub.is_full = FALSE;
  eventloop_pause_inputs (FALSE);
  return G_SOURCE_REMOVE;
}

gint64
hub_send (const WireMessage *message)
{
  gint64 number = link_send (hub.link, message);

  /* A hub that is slow or away must not become memory here: the networks wait, too. */
  if (!hub.is_full && link_is_congested (hub.link))
    {
      hub.is_full = TRUE;
      eventloop_pause_inputs (TRUE);
      eventloop_add_timer (BACKLOG_LOOK_MS, look_at_backlog, NULL);
    }
  return number;
}

gboolean
hub_has (gint64 number)
{
  return link_get_acknowledged (hub.link) >= number;
}

gint64
hub_next_serial (void)
{
  static gint64 last;

  return ++last;
}

gboolean
hub_is_congested (void)
{
  return link_is_congested (hub.link);
}

void
hub_stop (void)
{
  gint64 end = g_get_monotonic_time () + FAREWELL;

  while (link_is_attached (hub.link) && link_get_backlog (hub.link) > 0 && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_clear_pointer (&hub.link, link_unref);
}
