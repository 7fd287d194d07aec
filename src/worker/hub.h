/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hub.h - the worker's end of the connection to the hub.
 *
 * Connects to the hub's socket, and again when the connection ends, be it to
 * another hub: for a minute, then it is given up and the worker leaves. */
#pragma once

#include "wire.h"

typedef struct {
  /* The first welcome: what to be. */
  void (*on_welcome) (const WireWelcome *welcome);
  /* The first welcome of another hub, to which all has to be told anew.  `unheard` are the frames that
   * the former one has not acknowledged (link.h). */
  void (*on_new_hub) (GBytes *unheard);
  /* Any other command. */
  void (*on_command) (const WireMessage *message);
  /* No hub for so long. */
  void (*on_lost) (void);
} HubCallbacks;

/* Begins to connect to `path` as worker number `id`; so many seconds without a hub are too many. */
void hub_start (const char *path, gint64 id, guint patience, const HubCallbacks *callbacks);

/* Sends an event; the caller keeps what it points to.  When too much of it is not
 * yet at the hub, the networks are not read until it is.  Gives its number, for hub_has. */
gint64 hub_send (const WireMessage *message);
/* Whether the hub has acknowledged it.  Numbers begin anew with a new hub. */
gboolean hub_has (gint64 number);
/* For the messages that have a serial. */
gint64 hub_next_serial (void);
#define hub_tell(MEMBER, TYPE, ...) \
  hub_send (&(WireMessage) { .type = WIRE_##TYPE, .u.MEMBER = { __VA_ARGS__ } })

/* Whether so much is unread at the hub that what can be left out should be. */
gboolean hub_is_congested (void);

/* Waits, a second at most, until the hub has what was sent, and closes. */
void hub_stop (void);
