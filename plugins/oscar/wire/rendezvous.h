/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rendezvous.h - family 04, channel 2: proposals to meet, T(05) (oscar.md 5.3, 7.5, 10). */
#pragma once

#include "icbm.h"
#include "oservice.h"

typedef enum {
  RENDEZVOUS_PROPOSE = 0,
  RENDEZVOUS_CANCEL = 1,
  RENDEZVOUS_ACCEPT = 2,
} RendezvousType;

/* Parsed: all Readers are lent by the message. */
typedef struct {
  guint16 type;
  IcbmCookie cookie;
  guint8 uuid[CAPABILITY_BYTES];
  guint32 capability;      /* the known one, or 0 */
  guint32 rendezvous_ip, client_ip, verified_ip;   /* 0: not said */
  guint16 port;            /* or the proxy's pin */
  guint16 sequence;        /* 1 first, 2 counter-proposal, 3 third */
  guint16 reason;          /* of a cancel */
  gboolean use_proxy;
  char *text;              /* owned, UTF-8: the invitation, or NULL */
  char *charset;           /* owned: of names in the service data, or NULL */
  Reader service;          /* T(2711) */
} Rendezvous;

gboolean rendezvous_parse (Reader tlvs, const char *fallback, Rendezvous *rendezvous);
void rendezvous_clear (Rendezvous *rendezvous);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rendezvous, rendezvous_clear)

/* T(2711) of an offer of files. */
typedef struct {
  gboolean several;
  guint16 count;
  guint32 bytes;
  char *name;      /* owned, UTF-8, never NULL */
} FileOffer;

gboolean file_offer_parse (Reader service, const char *charset, const char *fallback, FileOffer *offer);

/* Bodies of 04/06. */
GByteArray *rendezvous_build_accept (const IcbmCookie *cookie, const char *to, Capability capability);
GByteArray *rendezvous_build_cancel (const IcbmCookie *cookie, const char *to, Capability capability, guint16 reason);
GByteArray *rendezvous_build_chat_invite (const IcbmCookie *cookie, const char *to, const char *text, const RoomAddress *room);

/* Where the other side is to connect to. */
typedef struct {
  guint16 sequence;
  guint32 ip;          /* of us, or of the proxy */
  guint16 port;        /* or the proxy's pin */
  gboolean use_proxy;
} MeetingPlace;

/* offer: NULL in a counter-proposal. */
GByteArray *rendezvous_build_file (const IcbmCookie *cookie, const char *to, const MeetingPlace *place, const FileOffer *offer);
