/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snac.h - SNACs, the messages on FLAP's channel 2, and the error that every family has as its subtype 1. */
#pragma once

#include "tlv.h"

enum {
  FAMILY_OSERVICE = 0x01,
  FAMILY_LOCATE = 0x02,
  FAMILY_BUDDY = 0x03,
  FAMILY_ICBM = 0x04,
  FAMILY_INVITE = 0x06,
  FAMILY_ADMIN = 0x07,
  FAMILY_POPUP = 0x08,
  FAMILY_PERMIT_DENY = 0x09,
  FAMILY_LOOKUP = 0x0a,
  FAMILY_STATS = 0x0b,
  FAMILY_CHATNAV = 0x0d,
  FAMILY_CHAT = 0x0e,
  FAMILY_DIRECTORY = 0x0f,
  FAMILY_BART = 0x10,
  FAMILY_FEEDBAG = 0x13,
  FAMILY_ICQ = 0x15,
  FAMILY_BUCP = 0x17,
  FAMILY_ALERT = 0x18,
};

#define SNAC_ERROR 0x0001
#define SNAC_ERROR_NO_MATCH 0x0014
#define SNAC_FLAG_MORE 0x0001
#define SNAC_FLAG_EXTRA 0x8000
#define SNAC_HEADER_BYTES 10

typedef struct {
  guint16 family;
  guint16 subtype;
  guint16 flags;
  guint32 id;
  Reader body;   /* after the extra block, if there is one */
} Snac;

/* FALSE: too short to be one; ignore the frame. */
gboolean snac_parse (Reader data, Snac *snac);
void snac_add_header (GByteArray *out, guint16 family, guint16 subtype, guint16 flags, guint32 id);

typedef struct {
  guint16 code;
  guint16 subcode;   /* 0: none */
  char *text;        /* owned, the server's own words or NULL, not yet known to be UTF-8 */
} SnacError;

void snac_error_parse (const Snac *snac, SnacError *error);
void snac_error_clear (SnacError *error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SnacError, snac_error_clear)

/* A sentence. */
const char *snac_error_text (guint16 code);
