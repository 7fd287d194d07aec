/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers.h - messages between two programs, cut into packets and joined again (msnp.md 10.1, 10.2). */
#pragma once

#include "mime.h"
#include "p2p_packet.h"
#include "switchboard.h"

Peers *peers_new (Session *session);
void peers_free (Peers *peers);

/* Fills BUFFER with the next SIZE bytes; FALSE: there are none, the message is given up. */
typedef gboolean (*PeersRead) (Session *session, guint8 *buffer, gsize size, gpointer data);
/* Everything was taken by the switchboard, or it was not.  Called once. */
typedef void (*PeersSent) (Session *session, gboolean ok, gpointer data);

typedef struct {
  guint32 session, flags, footer;
  guint64 total;
  GByteArray *bytes;         /* owned from now on; or NULL, then READ gives them piece by piece */
  PeersRead read;
  PeersSent sent;            /* may be NULL */
  gpointer data;
} PeersMessage;

/* The id of the message. */
guint32 peers_send (Switchboard *switchboard, const char *to, const PeersMessage *message);
/* Forgets what is queued with this data; nothing is called for it any more. */
void peers_forget (Session *session, const char *to, gpointer data);

/* Takes what came over a switchboard. */
void peers_take (Switchboard *switchboard, const char *sender, const MimeMessage *message);
