/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oservice.h - family 01: bringing a connection up, one's own status, other services (oscar.md 2.7, 4.2, 7.1). */
#pragma once

#include "snac.h"

#define OSERVICE_MOST_FAMILIES 64

/* 01/03: the families that a connection offers. */
typedef struct {
  guint16 list[OSERVICE_MOST_FAMILIES];
  guint count;
} Families;

void oservice_parse_families (Reader body, Families *families);
gboolean families_has (const Families *families, guint16 family);
/* Those of `offered` that we know how to use, in order of their numbers. */
void families_pick_known (const Families *offered, Families *known);

/* 01/17 and 01/02. */
GByteArray *oservice_build_versions (const Families *families);
GByteArray *oservice_build_ready (const Families *families);

/* 01/13: *type: 1 mandatory upgrade, 2 advisory, 3 bulletin, 4 normal, 5 headline.  Free the text. */
char *oservice_parse_motd (Reader body, guint16 *type);
/* 01/10: the new level in tenths of a percent; *name (free it) is who warned us, or NULL. */
guint16 oservice_parse_warned (Reader body, char **name);
/* 01/20's counterpart 01/21: the state of our icon. */
typedef struct {
  guint16 type;
  guint8 flags;
  Reader hash;
} IconNotice;
gboolean oservice_parse_icon_notice (Reader body, IconNotice *notice);

GByteArray *oservice_build_idle (guint32 seconds);
/* T(06); direct: with the block that says that nobody can connect to us directly. */
GByteArray *oservice_build_status (guint32 status, gboolean direct);
GByteArray *oservice_build_available (const char *text, const char *url);

/* 01/04; room: exchange, cookie and instance for family 0E, or NULL. */
typedef struct {
  guint16 exchange;
  char *cookie;       /* owned */
  guint16 instance;
} RoomAddress;
void room_address_clear (RoomAddress *room);
void room_address_add (GByteArray *out, const RoomAddress *room);
gboolean room_address_parse (Reader *reader, RoomAddress *room);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RoomAddress, room_address_clear)
GByteArray *oservice_build_service_request (guint16 family, const RoomAddress *room, gboolean ssl);

/* 01/05, and 01/12 where the connection itself moves; *families counts what moves, 0: all. */
typedef struct {
  guint16 family;      /* 01/05 */
  char *host;          /* owned, HOST or HOST:PORT */
  GByteArray *cookie;  /* owned */
  guint8 ssl;
} ServiceReply;
gboolean oservice_parse_service_reply (Reader body, ServiceReply *reply);
gboolean oservice_parse_migration (Reader body, ServiceReply *reply);
void service_reply_clear (ServiceReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ServiceReply, service_reply_clear)

/* What channel 4 says on a connection that was signed on: the reason or 0. */
guint16 oservice_parse_signoff (Reader tlvs);
