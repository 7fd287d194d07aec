/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bart.h - family 10: buddy icons (oscar.md 8). */
#pragma once

#include "snac.h"

#define BART_ICON 0x0001
#define BART_ICON_MOST 7168
#define BART_HASH_BYTES 16
#define BART_FLAG_WANTED 0x40

/* 10/02 */
GByteArray *bart_build_upload (gconstpointer image, gsize length);
/* 10/04 */
GByteArray *bart_build_download (const char *owner, gconstpointer hash, gsize length);
/* 10/03: 0 is success. */
gboolean bart_parse_upload_reply (Reader body, guint8 *code);
const char *bart_upload_text (guint8 code);

/* 10/05 */
typedef struct {
  char *owner;     /* owned, UTF-8 */
  Reader hash;     /* lent */
  Reader image;    /* lent; empty: not available */
} BartImage;
gboolean bart_parse_image (Reader body, BartImage *image);

/* MD5, as the hash of an icon. */
void bart_compute_hash (gconstpointer image, gsize length, guint8 hash[BART_HASH_BYTES]);
/* In hexadecimal; free it. */
char *bart_dup_hex (gconstpointer hash, gsize length);
/* Attribute D5 of a feedbag item. */
GByteArray *bart_build_item (const guint8 hash[BART_HASH_BYTES]);
gboolean bart_parse_item (Reader value, Reader *hash);
