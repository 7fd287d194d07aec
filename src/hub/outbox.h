/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outbox.h - messages towards the XMPP server, kept until it certainly has them.
 *
 * XEP-0114 has no acknowledgements, but a stream is in order: the answer to a ping (XEP-0199) sent behind messages shows
 * that the server has dealt with them (the barrier).  What it does with a message may still be only in its memory, or in its
 * buffers; of a chat message a ping to the recipient's client behind it shows more: the client has it.  Where no client
 * answers, a few seconds are given to the server to store it.
 *
 * What is not proven when the connection breaks goes out again on the next one, with its id and a delay (XEP-0203); also
 * when this process dies: see journal.h. */
#pragma once

#include "gateway.h"

/* `path` is the journal's, which grows up to `most` bytes. */
Outbox *outbox_new (Gateway *gateway, const char *path, gsize most, GError **error);
void outbox_free (Outbox *outbox);

/* Whether an earlier process had taken a message of this id to this address already: a worker may tell again what made it.  Until
 * all of them have. */
gboolean outbox_had (Outbox *outbox, const char *address, const char *id);
void outbox_taken_over (Outbox *outbox);

/* Takes a message (lent), now or for when the stream is up.  FALSE: it is too large to be sent at all, ever. */
gboolean outbox_send (Outbox *outbox, xmpp_stanza_t *message);

/* The stream is up: all that was not proven goes out again.  It is down. */
void outbox_stream_up (Outbox *outbox);
void outbox_stream_down (Outbox *outbox);
/* The server has closed the stream after we did: it has dealt with all it was sent. */
void outbox_stream_ended (Outbox *outbox);

/* A client (a full JID) went off line: it will not answer, and is in no room any more.  And after a break: it is the one that was there
 * before; it joins a room anew, whose history it gets. */
void outbox_resource_gone (Outbox *outbox, const char *jid);
void outbox_resource_stayed (Outbox *outbox, const char *jid);
void outbox_resource_joins (Outbox *outbox, const char *jid);

/* Whether so much waits for this user (a bare JID) that their networks should not be read.  When that changes user_follow_hold
 * is called. */
gboolean outbox_holds (Outbox *outbox, const char *jid);

/* Bytes that are not yet proven; whether they are so many that the networks should wait; and so few that they need not any more. */
gsize outbox_get_bytes (Outbox *outbox);
gboolean outbox_is_congested (Outbox *outbox);
gboolean outbox_has_room (Outbox *outbox);
