/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icq_message.h - messages as ICQ itself writes them: channel 4, relayed ones, stored ones (oscar.md 5.4, 5.5). */
#pragma once

#include "icbm.h"

enum {
  ICQ_PLAIN = 0x01,
  ICQ_CHAT = 0x02,
  ICQ_FILE = 0x03,
  ICQ_URL = 0x04,
  ICQ_AUTH_REQUEST = 0x06,
  ICQ_AUTH_DENIED = 0x07,
  ICQ_AUTH_GRANTED = 0x08,
  ICQ_SERVER = 0x09,
  ICQ_ADDED = 0x0c,
  ICQ_PAGER = 0x0d,
  ICQ_EMAIL = 0x0e,
  ICQ_CONTACTS = 0x13,
  ICQ_PLUGIN = 0x1a,
};

typedef struct {
  guint32 from;     /* UIN, 0 if the SNAC says it */
  guint8 type;
  guint8 flags;
  char *text;       /* owned, UTF-8, its fields (there may be none) below */
  GPtrArray *fields;   /* owned; the parts between bytes FE, UTF-8 */
  guint16 sequence;    /* of a relayed one: for its acknowledgement */
  gboolean wants_ack;
} IcqMessage;

/* T(05) of channel 4. */
gboolean icq_message_parse (Reader block, const char *fallback, IcqMessage *message);
/* T(2711) with the capability of relayed messages. */
gboolean icq_message_parse_relayed (Reader service, const char *fallback, IcqMessage *message);
/* Of the parts that other records hold. */
void icq_message_set_text (IcqMessage *message, Reader text, const char *fallback);
void icq_message_clear (IcqMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IcqMessage, icq_message_clear)

/* A field, "" if there are fewer. */
const char *icq_message_get_field (const IcqMessage *message, guint index);
/* The text as people read it, or NULL if the type is no message for people. Free it. */
char *icq_message_dup_readable (const IcqMessage *message);

/* Body of 04/06 on channel 4; the text in the peer's encoding, bytes FE between fields. */
GByteArray *icq_message_build (const IcbmCookie *cookie, const char *to, guint32 own_uin, guint8 type, const char *text);
/* Body of 04/0B: a relayed message arrived. */
GByteArray *icq_message_build_relay_ack (const IcbmCookie *cookie, const char *to, const IcqMessage *message);
