/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfer.h - one file on its way: what the three files about it share.
 *
 * transfers.c speaks to libpurple and, by rendezvous messages, to the peer; transfer_meet.c gets a connection to the peer;
 * transfer_oft.c sends or receives the file on it.  */
#pragma once

#include <purple.h>

#include "oft.h"
#include "rendezvous.h"
#include "session.h"

#define TRANSFER_MOST_ADDRESSES 4

typedef enum {
  MEET_IDLE,
  MEET_LISTENING,      /* the peer is to connect to us */
  MEET_CONNECTING,     /* we connect to the peer */
  MEET_PROXY_CREATE,   /* we make a meeting place at the proxy */
  MEET_PROXY_JOIN,     /* we come to the peer's */
  MEET_PROXY_WAIT,     /* until both are there */
  MEET_DONE,
} MeetState;

typedef enum {
  OFT_WAIT_PROMPT,     /* receiving */
  OFT_RECEIVE,
  OFT_WAIT_ACK,        /* sending */
  OFT_WAIT_RESUME_ACK,
  OFT_SEND,
  OFT_WAIT_DONE,
  OFT_FINISHED,
} OftState;

typedef struct {
  Session *session;
  PurpleXfer *xfer;          /* a reference */
  char *who;                 /* normal form */
  IcbmCookie cookie;
  gboolean sending;
  guint16 sequence;          /* of the last proposal */
  Rendezvous *offered;       /* where the peer is, until the user agrees */

  /* -- transfer_meet.c */
  MeetState meet;
  guint32 addresses[TRANSFER_MOST_ADDRESSES];   /* to be tried */
  guint address_count, address_next;
  guint16 port;              /* of the peer, or the pin */
  gboolean redirected;       /* one of us has made a counter-proposal */
  PurpleNetworkListenData *listening;
  PurpleProxyConnectData *connecting;
  int listener;              /* descriptors, -1: none */
  int fd;
  guint watch_listener, reading, writing, timer;
  GByteArray *received, *unsent;

  /* -- transfer_oft.c */
  OftState oft;
  guint32 checksum;          /* of the file, when sending */
  guint32 so_far;            /* checksum of what went over */
  guint64 offset, size;
  guint empty_reads;         /* in a row */
  FILE *prescan;
  OftHeader header;          /* of the prompt */
} Transfer;

/* -- transfers.c ----------------------------------------------------------- */

/* Ends it, tells the peer (reason of a cancel) and the user; frees it. */
void transfer_fail (Transfer *transfer, guint16 reason, const char *why);
/* It is over, well; frees it. */
void transfer_succeed (Transfer *transfer);
void transfer_propose (Transfer *transfer, const MeetingPlace *place);
void transfer_accept (Transfer *transfer);

/* -- transfer_meet.c ------------------------------------------------------- */

/* Waits for the peer, having told where. */
void transfer_meet_listen (Transfer *transfer);
/* Goes to where the peer says it is. */
void transfer_meet_go (Transfer *transfer, const Rendezvous *place);
/* Makes a place at the proxy and proposes it. FALSE: there is no proxy. */
gboolean transfer_meet_at_proxy (Transfer *transfer);
void transfer_meet_stop (Transfer *transfer);

/* -- transfer_oft.c -------------------------------------------------------- */

/* Computes the checksum in pieces, then meets. */
void transfer_oft_prepare (Transfer *transfer);
/* The connection is there: received and unsent may hold bytes already. */
void transfer_oft_begin (Transfer *transfer);
