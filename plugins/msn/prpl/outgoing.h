/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outgoing.h - a message of the user's in its pieces, and what became of it, which hosts are told once. */
#pragma once

#include "session.h"

typedef struct Outgoing Outgoing;

/* Why a message failed, as hosts are told; see the README. */
typedef enum { FAILED_REFUSED, FAILED_NOBODY, FAILED_BUSY, FAILED_SIGNED_OUT, FAILED_PEER_OFFLINE } Failure;

/* Sentences for FAILED_SIGNED_OUT. */
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
void outgoing_take_piece (Session *session, Outgoing *message);
void outgoing_fail (Session *session, Outgoing *message, Failure failure, const char *why);

/* "message-delivered" and "message-failed", see the README. */
void outgoing_register_signals (PurplePlugin *plugin);
void outgoing_unregister_signals (PurplePlugin *plugin);
