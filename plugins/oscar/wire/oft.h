/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oft.h - what two programs say to each other when a file goes over, and to a proxy between them (oscar.md 10). */
#pragma once

#include "icbm.h"

#define OFT_HEADER_BYTES 256
#define OFT_HEADER_MOST 2048
#define OFT_NAME_MOST (OFT_HEADER_MOST - 192 - 1)
#define OFT_CHECKSUM_START 0xffff0000u

typedef enum {
  OFT_PROMPT = 0x0101,
  OFT_RESUME_OFFER = 0x0106,
  OFT_ACK = 0x0202,
  OFT_DONE = 0x0204,
  OFT_RESUME = 0x0205,
  OFT_RESUME_ACK = 0x0207,
} OftType;

typedef struct {
  guint16 type;
  IcbmCookie cookie;
  guint16 encryption, compression;
  guint16 files, files_left, parts, parts_left;
  guint32 total_bytes, bytes;
  guint32 modified, checksum;
  guint32 received, received_checksum;
  guint8 flags, list_name_offset, list_size_offset;
  guint16 charset;
  char *name;     /* owned, UTF-8, folders separated by '/' */
} OftHeader;

/* How long the header at the beginning of BYTES is: 0 if more must come first, G_MAXSIZE if it is none. */
gsize oft_header_length (const guint8 *bytes, gsize length);
/* A whole header. */
gboolean oft_header_parse (Reader bytes, const char *fallback, OftHeader *header);
GByteArray *oft_header_build (const OftHeader *header);
void oft_header_clear (OftHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OftHeader, oft_header_clear)

/* Goes on with a checksum over the bytes from OFFSET of the file on. */
guint32 oft_checksum (guint32 checksum, const guint8 *bytes, gsize length, guint64 offset);
/* 0000 and FFFF are one value. */
gboolean oft_checksum_equal (guint32 a, guint32 b);

/* -- The proxy between two that cannot reach each other ------------------- */

#define PROXY_FRAME_MOST 1024

typedef enum {
  PROXY_ERROR = 1,
  PROXY_CREATE = 2,
  PROXY_CREATED = 3,
  PROXY_JOIN = 4,
  PROXY_READY = 5,
} ProxyCommand;

typedef struct {
  guint16 command;
  guint16 pin;      /* created */
  guint32 ip;       /* created */
  guint16 error;
} ProxyFrame;

GByteArray *proxy_build_create (const char *name, const IcbmCookie *cookie, Capability capability);
GByteArray *proxy_build_join (const char *name, guint16 pin, const IcbmCookie *cookie, Capability capability);
/* The bytes it takes, 0 if more must come first, G_MAXSIZE if it is none. */
gsize proxy_parse (const guint8 *bytes, gsize length, ProxyFrame *frame);
