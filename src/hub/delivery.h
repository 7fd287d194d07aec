/* SPDX-License-Identifier: GPL-2.0-or-later */
/* delivery.h - users' messages towards the network, kept until that has them, or their senders an error.
 *
 * A message is in the journal before a worker gets it, and struck off when the worker says what became of it. */
#pragma once

#include "feature.h"

Deliveries *deliveries_new (Gateway *gateway, const char *path, gsize most, GError **error);
void deliveries_free (Deliveries *deliveries);

/* Takes a message of this text for a peer, or a room, of message->session: gives it to the worker, or keeps it while the
 * account is being signed in, or the room joined, for `message-wait` seconds at most; then it comes back as an error.
 * FALSE with an error: not even that. */
gboolean deliveries_take (const Stanza *message, const char *peer, gboolean to_room, const char *text, GError **error);

/* Bytes that are under way. */
gsize deliveries_get_bytes (Deliveries *deliveries);

/* The accounts are loaded: what an earlier process has left goes on, or back.  What it had given to a worker that may still be
 * there waits for that: until the session is found at one, which has all up to this number; until all were found. */
void deliveries_loaded (Gateway *gateway);
void deliveries_inherit (Session *session, gint64 last);
void deliveries_taken_over (Gateway *gateway);

/* The session is signed in, or one of its rooms joined: what waits for that goes. */
void deliveries_go_on (Session *session);
/* What waits comes back: all of it, or what is for the room of this name. */
void deliveries_give_up (Session *session, const char *room, const GError *error);
/* The worker is gone: of what it had nobody knows whether it arrived. */
void deliveries_lost_worker (Session *session);

/* What the worker says became of some, or one.  `failed`: FALSE if it is of none that is under way. */
void deliveries_taken (Session *session, const WireMessagesTaken *event);
gboolean deliveries_failed (Session *session, const WireMessageFailed *event);
