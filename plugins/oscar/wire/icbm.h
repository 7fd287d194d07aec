/* SPDX-License-Identifier: GPL-2.0-or-later */
/* icbm.h - family 04: messages on channel 1, typing, acknowledgements (oscar.md 5). */
#pragma once

#include "user_info.h"

#define ICBM_COOKIE_BYTES 8
#define ICBM_CHANNEL_TEXT 1
#define ICBM_CHANNEL_RENDEZVOUS 2
#define ICBM_CHANNEL_ICQ 4

/* Longer texts are refused by servers, or by clients. */
#define ICBM_TEXT_MOST 2544

#define ICBM_FLAGS_AIM 0x0000010b
#define ICBM_FLAGS_ICQ 0x0000050b

typedef struct {
  guint8 bytes[ICBM_COOKIE_BYTES];
} IcbmCookie;

void icbm_cookie_make (IcbmCookie *cookie);
gboolean icbm_cookie_equal (const IcbmCookie *a, const IcbmCookie *b);

/* 04/02 */
GByteArray *icbm_build_parameters (guint32 flags);
/* The head of 04/06; TLVs follow. */
GByteArray *icbm_build_head (const IcbmCookie *cookie, guint16 channel, const char *to);

/* 04/06 on channel 1.  The text is HTML or plain as the network wants it. */
GByteArray *icbm_build_text (const IcbmCookie *cookie, const char *to, const char *text, gboolean auto_response);

/* 04/07: the head, and a group of TLVs that is lent. */
typedef struct {
  IcbmCookie cookie;
  guint16 channel;
  UserInfo from;
  Reader tlvs;
} IcbmIncoming;

gboolean icbm_parse_incoming (Reader body, IcbmIncoming *message);
void icbm_incoming_clear (IcbmIncoming *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IcbmIncoming, icbm_incoming_clear)

typedef struct {
  char *text;              /* owned, UTF-8; NULL: there is none in it */
  gboolean auto_response;
  gboolean wants_typing;   /* the sender wants to know that we type */
  guint32 sent;            /* Unix time if it was stored, or 0 */
} IcbmText;

void icbm_parse_text (Reader tlvs, const char *fallback, gboolean from_icq, IcbmText *message);
void icbm_text_clear (IcbmText *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IcbmText, icbm_text_clear)

/* 04/0C */
gboolean icbm_parse_ack (Reader body, IcbmCookie *cookie, guint16 *channel, char **name);

/* 04/14, both ways. */
typedef enum {
  ICBM_TYPING_NONE = 0,
  ICBM_TYPING_PAUSED = 1,
  ICBM_TYPING_TYPING = 2,
  ICBM_TYPING_CLOSED = 0x0f,
} IcbmTyping;

GByteArray *icbm_build_typing (const char *to, IcbmTyping typing);
gboolean icbm_parse_typing (Reader body, char **name, guint16 *typing);

/* 04/0A: steps through the entries. */
typedef struct {
  guint16 channel;
  UserInfo from;
  guint16 count;
  guint16 reason;
} IcbmMissed;
gboolean icbm_next_missed (Reader *body, IcbmMissed *missed);
/* A clause that says why. */
const char *icbm_missed_text (guint16 reason);

/* 04/08 and 04/09. */
GByteArray *icbm_build_warning (const char *to, gboolean anonymous);
gboolean icbm_parse_warning_reply (Reader body, guint16 *increase, guint16 *level);

/* 04/0B: what a client answers; reason 3: of the channel, and data follow. */
GByteArray *icbm_build_client_error (const IcbmCookie *cookie, guint16 channel, const char *to, guint16 reason);
GByteArray *icbm_build_decline (const IcbmCookie *cookie, const char *to);
typedef struct {
  IcbmCookie cookie;
  guint16 channel;
  char *name;      /* owned */
  guint16 reason;
  Reader data;
} IcbmClientError;
gboolean icbm_parse_client_error (Reader body, IcbmClientError *error);
