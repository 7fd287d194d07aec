/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link.h - one end of the connection between the hub and a worker.
 *
 * A Link outlives its connections: every message it sends is kept until the
 * other end has acknowledged it, and goes out again on the next connection.
 * Both ends begin a connection with hello and welcome, which say how far they
 * got; these two are not numbered.
 *
 * Everything sent in one turn of the main loop leaves in one write. */
#pragma once

#include "wire.h"

typedef struct Link Link;

typedef struct {
  /* A message came.  It is acknowledged when this returns.  FALSE with an error
   * ends the connection: the peer broke the rules. */
  gboolean (*on_message) (Link *link, const WireMessage *message, gpointer data, GError **error);

  /* The connection ended: `error` says why, never NULL.  The link itself lives,
   * and link_attach may be called again, from here too. */
  void (*on_closed) (Link *link, const GError *error, gpointer data);
} LinkCallbacks;

/* `receives` is what comes in: WIRE_EVENT at the hub, WIRE_COMMAND at a worker.
 * No callback runs from inside a call of this interface. */
Link *link_new (WireDirection receives, const LinkCallbacks *callbacks, gpointer data);
Link *link_ref (Link *link);
/* The last unref closes.  From inside a callback call link_close first: the link
 * lives until the callback has returned, and would go on to the next message. */
void link_unref (Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_unref)

/* Takes over a connected stream socket.  Of what was sent before, nothing goes
 * out until link_resume; hello and welcome do. */
void link_attach (Link *link, int fd);

/* The peer has all up to `peer_received`: sends again what came later, and lets
 * new messages through.  G_IO_ERROR_INVALID_DATA if it cannot be true. */
gboolean link_resume (Link *link, gint64 peer_received, GError **error);

/* Closes the connection, keeping the unacknowledged. */
void link_close (Link *link);

gboolean link_is_attached (Link *link);

/* The highest number that came in: for hello and welcome. */
gint64 link_get_received (Link *link);

/* The highest number that the peer acknowledged. */
gint64 link_get_acknowledged (Link *link);

/* Gives the number that the message got; 0 for hello and welcome. */
gint64 link_send (Link *link, const WireMessage *message);

/* While paused nothing is read: the peer's backlog grows, and it has to see what
 * it does about that.  Sending goes on. */
void link_pause (Link *link, gboolean paused);
gboolean link_is_paused (Link *link);

/* Bytes sent and not yet acknowledged, and whether they are more than is good
 * (4 MiB): then nothing should be added that can be refused. */
gsize link_get_backlog (Link *link);
gboolean link_is_congested (Link *link);

typedef void (*LinkMessageFunc) (const WireMessage *message, gpointer data);

/* Every message that was sent and not acknowledged, oldest first. */
void link_foreach_unacknowledged (Link *link, LinkMessageFunc func, gpointer data);

/* The other end is another one, which knows nothing: both begin to count at 1, and nothing of before is sent to it.  Gives the
 * frames that the former one did not acknowledge, for link_foreach_frame.  Not between link_resume and the end of a connection. */
GBytes *link_begin_anew (Link *link);
/* `sent` is the direction that they had. */
void link_foreach_frame (GBytes *frames, WireDirection sent, LinkMessageFunc func, gpointer data);

/* Whether all that was sent was written to the connection; what the other end has not read of it, it still can when this one is closed. */
gboolean link_is_flushed (Link *link);
