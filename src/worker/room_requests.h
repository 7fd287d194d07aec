/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_requests.h - what the hub asks of a room by number: each has one answer. */
#pragma once

#include "accounts.h"

/* Whether the network lets anybody set up a room. */
gboolean room_requests_are_there (void);

/* Commands of the hub. */
void room_requests_get_settings (const WireGetSettings *command);
void room_requests_set_settings (const WireSetSettings *command);
void room_requests_list_bans (const WireListBans *command);
void room_requests_set_ban (const WireSetBan *command);

/* One of them, as its answer needs it. */
typedef struct {
  gint64 account, number;
  char *room;                 /* owned */
} RoomRequest;

void room_request_answer (const RoomRequest *request, WireRoomOutcome outcome, const char *text);
