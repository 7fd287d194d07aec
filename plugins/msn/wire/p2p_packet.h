/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2p_packet.h - packets between two programs, through a switchboard (msnp.md 10.1, 10.2). */
#pragma once

#include <glib.h>

#define P2P_HEADER_SIZE 48
#define P2P_FOOTER_SIZE 4
#define P2P_PIECE_SIZE 1202

#define P2P_FLAG_NAK 0x1u
#define P2P_FLAG_ACK 0x2u
#define P2P_FLAG_WAITING 0x4u
#define P2P_FLAG_ERROR 0x8u
#define P2P_FLAG_OBJECT 0x20u
#define P2P_FLAG_FILE 0x1000030u
#define P2P_FLAG_SENDER_CLOSES 0x40u
#define P2P_FLAG_RECEIVER_CLOSES 0x80u
#define P2P_FLAG_HANDSHAKE 0x100u
/* May be added to any. */
#define P2P_FLAG_NEWER 0x1000000u

typedef struct {
  guint32 session, id;
  guint64 offset, total;
  guint32 length, flags, ack_id, ack_uid;
  guint64 ack_size;
} P2pHeader;

/* The body of a message: header, *data of header->length bytes inside of BODY, footer.  FALSE: it contradicts itself. */
gboolean p2p_packet_parse (const guint8 *body, gsize length, P2pHeader *header, const guint8 **data);
void p2p_header_add (GByteArray *bytes, const P2pHeader *header);
/* What the acknowledgement of a message says; ID is its own. */
P2pHeader p2p_header_acknowledge (const P2pHeader *header, guint32 id);
/* Whether the last piece of such a message is acknowledged. */
gboolean p2p_header_wants_ack (const P2pHeader *header);

/* The payload of MSG that carries it. */
GByteArray *p2p_packet_build (const char *to, const P2pHeader *header, const void *data, guint32 footer);
