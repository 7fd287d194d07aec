/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feedbag.h - family 13: the items of the list that the server keeps, and the SNACs around it (oscar.md 3). */
#pragma once

#include "snac.h"

typedef enum {
  FEEDBAG_BUDDY = 0x0000,
  FEEDBAG_GROUP = 0x0001,
  FEEDBAG_PERMIT = 0x0002,
  FEEDBAG_DENY = 0x0003,
  FEEDBAG_PRIVACY = 0x0004,
  FEEDBAG_PREFERENCES = 0x0005,
  FEEDBAG_IGNORE = 0x000e,
  FEEDBAG_ICON = 0x0014,
} FeedbagClass;

enum {
  FEEDBAG_ATTR_AWAITING = 0x0066,
  FEEDBAG_ATTR_ORDER = 0x00c8,
  FEEDBAG_ATTR_PREFERENCES = 0x00c9,
  FEEDBAG_ATTR_MODE = 0x00ca,
  FEEDBAG_ATTR_CLASSES = 0x00cb,
  FEEDBAG_ATTR_ICON = 0x00d5,
  FEEDBAG_ATTR_PREFERENCES_VALID = 0x00d6,
  FEEDBAG_ATTR_ALIAS = 0x0131,
  FEEDBAG_ATTR_COMMENT = 0x013c,
};

/* Subtypes of changes, either way. */
enum {
  FEEDBAG_INSERT = 0x0008,
  FEEDBAG_UPDATE = 0x0009,
  FEEDBAG_DELETE = 0x000a,
};

/* More contacts nobody has. */
#define FEEDBAG_MOST_ITEMS 20000

#define FEEDBAG_RESULT_OK 0x0000
#define FEEDBAG_RESULT_MISSING 0x0002
#define FEEDBAG_RESULT_EXISTS 0x0003
#define FEEDBAG_RESULT_AUTHORIZE 0x000e

typedef struct {
  char *name;             /* owned, UTF-8 */
  guint16 gid, iid;
  guint16 class;
  GByteArray *attributes; /* owned; TLVs, kept as they came: an update replaces them all */
} FeedbagItem;

FeedbagItem *feedbag_item_new (const char *name, guint16 gid, guint16 iid, guint16 class);
FeedbagItem *feedbag_item_copy (const FeedbagItem *item);
void feedbag_item_free (FeedbagItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FeedbagItem, feedbag_item_free)

Reader feedbag_item_attributes (const FeedbagItem *item);
/* UTF-8, NULL if it is not there or empty; free it. */
char *feedbag_item_dup_string (const FeedbagItem *item, guint16 type, const char *fallback);
gboolean feedbag_item_has (const FeedbagItem *item, guint16 type);
/* Replaces, or adds, or removes (value NULL, length 0 and remove). */
void feedbag_item_set (FeedbagItem *item, guint16 type, gconstpointer value, gsize length);
void feedbag_item_unset (FeedbagItem *item, guint16 type);

/* The next item of a body; NULL at the end or where it cannot be read (reader->bad). */
FeedbagItem *feedbag_parse_item (Reader *reader, const char *fallback);
void feedbag_add_item (GByteArray *out, const FeedbagItem *item);

/* A part of 13/06.  FALSE: something in it could not be read, so that what is missing says nothing. */
gboolean feedbag_parse_list (Reader body, const char *fallback, GPtrArray *items, guint32 *changed);

/* 13/18, 13/14: a name and a text. */
GByteArray *feedbag_build_auth_request (const char *name, const char *reason);
/* 13/1A */
GByteArray *feedbag_build_auth_answer (const char *name, gboolean granted, const char *reason);

typedef struct {
  char *name;      /* owned, UTF-8; so is the reason */
  gboolean granted;
  char *reason;
} FeedbagAuth;

/* 13/19, 13/15; answer: 13/1B. */
gboolean feedbag_parse_auth (Reader body, gboolean answer, const char *fallback, FeedbagAuth *auth);
void feedbag_auth_clear (FeedbagAuth *auth);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FeedbagAuth, feedbag_auth_clear)

/* Why a change was refused: a sentence. */
const char *feedbag_result_text (guint16 result);
