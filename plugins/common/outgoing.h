/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outgoing.h - a message of the user's in its pieces, and what became of it, which hosts are told once.
 *
 * Compiled into each plugin that has it. */
#pragma once

#include <purple.h>

typedef struct Outgoing Outgoing;

/* Why a message failed, for hosts; the sentence beside it is for people. */
typedef enum {
  MESSAGE_REFUSED = 0,        /* by the server, or the peer's program */
  MESSAGE_NO_PEER = 1,        /* there is no such name */
  MESSAGE_BUSY = 2,           /* too fast, or too much is stored or waits already */
  MESSAGE_NOT_SIGNED_ON = 3,  /* our connection ended */
  MESSAGE_PEER_OFF_LINE = 4,  /* and takes no messages then */
} MessageFailure;

/* Sentences for MESSAGE_NOT_SIGNED_ON. */
#define OUTGOING_UNSENT "The connection ended before the message was sent."
#define OUTGOING_UNSURE "The connection ended before the message was confirmed; it may not have arrived."

/* To a peer, or into the chat of that name.  It is not delivered before outgoing_complete. */
Outgoing *outgoing_new (const char *who);
/* One more piece is on its way.  A reference, which the piece gives back. */
Outgoing *outgoing_add_piece (Outgoing *message);
Outgoing *outgoing_ref (Outgoing *message);
void outgoing_unref (Outgoing *message);
/* No more pieces: takes the reference of whoever made it, and gives its number. */
int outgoing_complete (Outgoing *message);

/* A piece was taken: with the last one the message is.  Or it failed, and with it the message. */
void outgoing_take_piece (PurpleConnection *gc, Outgoing *message);
void outgoing_fail (PurpleConnection *gc, Outgoing *message, MessageFailure failure, const char *why);

/* "message-delivered" and "message-failed" on the plugin's handle: exactly one of them, once, for each message. */
void outgoing_register_signals (PurplePlugin *plugin);
void outgoing_unregister_signals (PurplePlugin *plugin);
