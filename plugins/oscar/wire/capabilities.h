/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capabilities.h - what programs say they can do, by UUIDs (oscar.md 4.6). */
#pragma once

#include "bytes.h"

#define CAPABILITY_BYTES 16

typedef enum {
  CAP_XHTML = 1 << 0,
  CAP_VOICE = 1 << 1,
  CAP_SEND_FILE = 1 << 2,
  CAP_ICQ_DIRECT = 1 << 3,
  CAP_DIRECT_IM = 1 << 4,
  CAP_ICON = 1 << 5,
  CAP_GET_FILE = 1 << 6,
  CAP_RELAY = 1 << 7,
  CAP_GAMES = 1 << 8,
  CAP_BUDDY_LIST = 1 << 9,
  CAP_INTEROPERATE = 1 << 10,
  CAP_UTF8 = 1 << 11,
  CAP_STATUS_TEXT = 1 << 12,
  CAP_CHAT = 1 << 13,
  CAP_TYPING = 1 << 14,
  CAP_RTF = 1 << 15,
  CAP_XSTATUS = 1 << 16,
  CAP_ICQ_HTML = 1 << 17,
  CAP_SHORT = 1 << 18,
} Capability;

/* The known ones among UUIDs, or among two-byte short forms. */
guint32 capabilities_parse (Reader uuids);
guint32 capabilities_parse_short (Reader shorts);
/* The one with this UUID, or 0. */
guint32 capability_of (const guint8 *uuid);

void capability_add (GByteArray *out, Capability capability);
void capabilities_add (GByteArray *out, guint32 mask);
/* For people; NULL: nothing worth showing. */
const char *capability_get_name (Capability capability);
