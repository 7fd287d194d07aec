/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat.h - families 0D and 0E: rooms (oscar.md 7). */
#pragma once

#include "oservice.h"
#include "user_info.h"

#define CHAT_EXCHANGE_DEFAULT 4
#define CHAT_TEXT_MOST 1024

/* 0D/08 */
GByteArray *chatnav_build_create (guint16 exchange, const char *name);

typedef struct {
  RoomAddress address;
  char *name;          /* owned, UTF-8, never NULL */
  guint32 most_bytes;  /* of a message; 0: not said */
} RoomInfo;

/* 0D/09: FALSE if it holds no room. */
gboolean chatnav_parse_room (Reader body, RoomInfo *room);
/* 0E/02 */
gboolean chat_parse_room (Reader body, RoomInfo *room);
void room_info_clear (RoomInfo *room);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RoomInfo, room_info_clear)

/* The name in a cookie such as 4-0-My%20Room; free it. */
char *room_cookie_dup_name (const char *cookie);

/* 0E/05; reflected: the server sends it back to us as to everybody. */
GByteArray *chat_build_message (const guint8 cookie[8], const char *text);

typedef struct {
  guint8 cookie[8];  /* of the 0E/05 that it was sent by */
  UserInfo from;
  char *text;        /* owned, UTF-8, HTML */
  gboolean whisper;  /* to us only */
} ChatMessage;

/* 0E/06 */
gboolean chat_parse_message (Reader body, const char *fallback, ChatMessage *message);
void chat_message_clear (ChatMessage *message);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChatMessage, chat_message_clear)
