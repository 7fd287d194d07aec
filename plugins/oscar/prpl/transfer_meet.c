/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfer_meet.c - a connection to the peer, for a file.
 *
 * The sender listens and the receiver comes to it; if that cannot be, the receiver listens and the sender comes; if that
 * cannot be either, both go to a proxy, where there is one.  Whoever connects tells the other so (oscar.md 10.2).  */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service.h"

#define CONNECT_SECONDS 5
/* The peer has not come; its user may have to agree first. */
#define OFFER_SECONDS 600
#define WAIT_SECONDS 60
#define PORT_LEAST 5190
#define PORT_MOST 5290
#define PROXY_PORT 5190
#define CANCEL_TIMEOUT 2

static void try_next (Transfer *transfer);

static void
stop_timer (Transfer *transfer)
{
  if (transfer->timer > 0)
    purple_timeout_remove (transfer->timer);
  transfer->timer = 0;
}

static void
stop_listening (Transfer *transfer)
{
  if (transfer->listening != NULL)
    purple_network_listen_cancel (transfer->listening);
  transfer->listening = NULL;
  if (transfer->watch_listener > 0)
    purple_input_remove (transfer->watch_listener);
  transfer->watch_listener = 0;
  if (transfer->listener >= 0)
    close (transfer->listener);
  transfer->listener = -1;
}

static void
stop_connecting (Transfer *transfer)
{
  if (transfer->connecting != NULL)
    purple_proxy_connect_cancel (transfer->connecting);
  transfer->connecting = NULL;
}

static void
drop_connection (Transfer *transfer)
{
  guint *const inputs[] = { &transfer->reading, &transfer->writing };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      if (*inputs[i] > 0)
        purple_input_remove (*inputs[i]);
      *inputs[i] = 0;
    }
  if (transfer->fd >= 0)
    close (transfer->fd);
  transfer->fd = -1;
  g_byte_array_set_size (transfer->received, 0);
  g_byte_array_set_size (transfer->unsent, 0);
}

void
transfer_meet_stop (Transfer *transfer)
{
  stop_timer (transfer);
  stop_listening (transfer);
  stop_connecting (transfer);
  drop_connection (transfer);
}

static void
met (Transfer *transfer, int fd)
{
  stop_timer (transfer);
  stop_listening (transfer);
  stop_connecting (transfer);
  transfer->fd = fd;
  transfer->meet = MEET_DONE;
  transfer_oft_begin (transfer);
}

/* -- Waiting for the peer -------------------------------------------------- */

static gboolean
on_nobody_came (gpointer data)
{
  Transfer *transfer = data;

  transfer->timer = 0;
  transfer_fail (transfer, CANCEL_TIMEOUT, "The other side did not connect.");
  return G_SOURCE_REMOVE;
}

static void
on_visitor (gpointer data, int listener, PurpleInputCondition condition)
{
  Transfer *transfer = data;
  int fd = accept (listener, NULL, NULL);

  if (fd < 0)
    return;
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  met (transfer, fd);
}

static void
on_listening (int listener, gpointer data)
{
  Transfer *transfer = data;
  MeetingPlace place = { 0 };

  transfer->listening = NULL;
  if (listener < 0)
    {
      if (!transfer_meet_at_proxy (transfer))
        transfer_fail (transfer, CANCEL_TIMEOUT, "No port to listen on is free.");
      return;
    }
  transfer->listener = listener;
  transfer->watch_listener = purple_input_add (listener, PURPLE_INPUT_READ, on_visitor, transfer);
  place.sequence = transfer->sending && !transfer->redirected ? 1 : 2;
  place.ip = transfer->session->bos != NULL ? transfer->session->bos->own_ip : 0;
  place.port = purple_network_get_port_from_fd (listener);
  transfer_propose (transfer, &place);
  transfer->timer = purple_timeout_add_seconds (place.sequence == 1 ? OFFER_SECONDS : WAIT_SECONDS, on_nobody_came, transfer);
}

void
transfer_meet_listen (Transfer *transfer)
{
  transfer->meet = MEET_LISTENING;
  transfer->listening = purple_network_listen_range (PORT_LEAST, PORT_MOST, SOCK_STREAM, on_listening, transfer);
  if (transfer->listening == NULL && transfer->listener < 0)
    on_listening (-1, transfer);
}

/* -- Going to the peer ----------------------------------------------------- */

static char *
dup_address (guint32 ip)
{
  return g_strdup_printf ("%u.%u.%u.%u", ip >> 24, ip >> 16 & 0xff, ip >> 8 & 0xff, ip & 0xff);
}

/* Nobody could be reached. */
static void
try_other_way (Transfer *transfer)
{
  if (!transfer->sending && !transfer->redirected)
    {
      transfer->redirected = TRUE;
      transfer_meet_listen (transfer);
    }
  else if (!transfer->sending || !transfer_meet_at_proxy (transfer))
    transfer_fail (transfer, CANCEL_TIMEOUT, "No connection to the other side is possible.");
}

static void
on_connected (gpointer data, gint fd, const gchar *error)
{
  Transfer *transfer = data;

  transfer->connecting = NULL;
  if (fd < 0)
    {
      stop_timer (transfer);
      try_next (transfer);
      return;
    }
  transfer_accept (transfer);
  met (transfer, fd);
}

static gboolean
on_connect_timeout (gpointer data)
{
  Transfer *transfer = data;

  transfer->timer = 0;
  stop_connecting (transfer);
  try_next (transfer);
  return G_SOURCE_REMOVE;
}

static void
try_next (Transfer *transfer)
{
  g_autofree char *address = NULL;

  if (transfer->address_next >= transfer->address_count)
    {
      try_other_way (transfer);
      return;
    }
  address = dup_address (transfer->addresses[transfer->address_next++]);
  transfer->timer = purple_timeout_add_seconds (CONNECT_SECONDS, on_connect_timeout, transfer);
  transfer->connecting = purple_proxy_connect (transfer->session, transfer->session->account, address, transfer->port, on_connected, transfer);
  if (transfer->connecting == NULL && transfer->meet == MEET_CONNECTING)
    {
      stop_timer (transfer);
      try_next (transfer);
    }
}

/* -- Meeting at a proxy ---------------------------------------------------- */

static const char *
proxy_text (guint16 error)
{
  switch (error)
    {
    case 0x0d:
      return "The proxy did not understand us.";
    case 0x10:
      return "The proxy waited too long.";
    case 0x1a:
      return "The other side did not come to the proxy.";
    default:
      return "The proxy refused us.";
    }
}

/* Of a proxy that does not say where it is, as we see it; host byte order, 0: unknown. */
static guint32
get_peer_ip (int fd)
{
  struct sockaddr_in address;
  socklen_t length = sizeof address;

  if (getpeername (fd, (struct sockaddr *) &address, &length) != 0 || address.sin_family != AF_INET)
    return 0;
  return ntohl (address.sin_addr.s_addr);
}

static void
take_proxy_frame (Transfer *transfer, const ProxyFrame *frame)
{
  MeetingPlace place = { 0 };
  int fd;

  switch (frame->command)
    {
    case PROXY_CREATED:
      if (transfer->meet != MEET_PROXY_CREATE)
        break;
      transfer->meet = MEET_PROXY_WAIT;
      stop_timer (transfer);
      place.sequence = transfer->sending && !transfer->redirected ? 1 : 3;
      transfer->timer = purple_timeout_add_seconds (place.sequence == 1 ? OFFER_SECONDS : WAIT_SECONDS, on_nobody_came, transfer);
      place.ip = frame->ip != 0 ? frame->ip : get_peer_ip (transfer->fd);
      place.port = frame->pin;
      place.use_proxy = TRUE;
      transfer_propose (transfer, &place);
      break;
    case PROXY_READY:
      if (transfer->meet == MEET_PROXY_CREATE)
        break;
      if (transfer->meet == MEET_PROXY_JOIN)
        transfer_accept (transfer);
      purple_input_remove (transfer->reading);
      transfer->reading = 0;
      fd = transfer->fd;
      met (transfer, fd);
      break;
    case PROXY_ERROR:
      transfer_fail (transfer, CANCEL_TIMEOUT, proxy_text (frame->error));
      break;
    default:
      break;
    }
}

static void
on_proxy_readable (gpointer data, int fd, PurpleInputCondition condition)
{
  Transfer *transfer = data;
  guint8 buffer[PROXY_FRAME_MOST];
  gssize length = recv (fd, buffer, sizeof buffer, 0);
  ProxyFrame frame;
  gsize used;

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (length <= 0)
    {
      transfer_fail (transfer, CANCEL_TIMEOUT, "The proxy closed the connection.");
      return;
    }
  g_byte_array_append (transfer->received, buffer, (guint) length);
  used = proxy_parse (transfer->received->data, transfer->received->len, &frame);
  if (used == G_MAXSIZE)
    transfer_fail (transfer, CANCEL_TIMEOUT, "The proxy does not speak the proxy protocol.");
  else if (used > 0)
    {
      /* The rest, if there is any, is the file protocol's. */
      g_byte_array_remove_range (transfer->received, 0, (guint) used);
      take_proxy_frame (transfer, &frame);
    }
}

static void
on_proxy_connected (gpointer data, gint fd, const gchar *error)
{
  Transfer *transfer = data;
  g_autoptr (GByteArray) frame = NULL;

  transfer->connecting = NULL;
  if (fd < 0)
    {
      transfer_fail (transfer, CANCEL_TIMEOUT, "The proxy cannot be reached.");
      return;
    }
  transfer->fd = fd;
  if (transfer->meet == MEET_PROXY_CREATE)
    frame = proxy_build_create (transfer->session->name, &transfer->cookie, CAP_SEND_FILE);
  else
    frame = proxy_build_join (transfer->session->name, transfer->port, &transfer->cookie, CAP_SEND_FILE);
  /* A fresh socket takes so few bytes at once. */
  if (send (fd, frame->data, frame->len, MSG_NOSIGNAL) != (gssize) frame->len)
    {
      transfer_fail (transfer, CANCEL_TIMEOUT, "The proxy takes nothing.");
      return;
    }
  transfer->reading = purple_input_add (fd, PURPLE_INPUT_READ, on_proxy_readable, transfer);
}

static void
connect_to_proxy (Transfer *transfer, MeetState state, const char *host)
{
  transfer->meet = state;
  stop_timer (transfer);
  transfer->timer = purple_timeout_add_seconds (WAIT_SECONDS, on_nobody_came, transfer);
  transfer->connecting = purple_proxy_connect (transfer->session, transfer->session->account, host, PROXY_PORT, on_proxy_connected, transfer);
  if (transfer->connecting == NULL && transfer->fd < 0)
    transfer_fail (transfer, CANCEL_TIMEOUT, "The proxy cannot be reached.");
}

gboolean
transfer_meet_at_proxy (Transfer *transfer)
{
  const char *host = purple_account_get_string (transfer->session->account, "rv_proxy", "");

  if (host == NULL || *host == '\0')
    return FALSE;
  transfer_meet_stop (transfer);
  connect_to_proxy (transfer, MEET_PROXY_CREATE, host);
  return TRUE;
}

/* -------------------------------------------------------------------------- */

void
transfer_meet_go (Transfer *transfer, const Rendezvous *place)
{
  const guint32 candidates[] = { place->verified_ip, place->client_ip, place->rendezvous_ip };

  transfer_meet_stop (transfer);
  transfer->port = place->port;
  if (place->use_proxy)
    {
      g_autofree char *host = dup_address (place->rendezvous_ip);

      connect_to_proxy (transfer, MEET_PROXY_JOIN, host);
      return;
    }
  transfer->meet = MEET_CONNECTING;
  transfer->address_count = transfer->address_next = 0;
  for (guint i = 0; i < G_N_ELEMENTS (candidates) && place->port != 0; i++)
    {
      gboolean known = candidates[i] == 0;

      for (guint j = 0; j < transfer->address_count; j++)
        known = known || transfer->addresses[j] == candidates[i];
      if (!known)
        transfer->addresses[transfer->address_count++] = candidates[i];
    }
  try_next (transfer);
}
