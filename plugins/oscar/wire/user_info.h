/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user_info.h - the block that describes a user in many SNACs (oscar.md 4.1), and ICQ's status word (4.3). */
#pragma once

#include "capabilities.h"
#include "tlv.h"

#define USER_CLASS_ADMIN 0x0002
#define USER_CLASS_AWAY 0x0020
#define USER_CLASS_ICQ 0x0040
#define USER_CLASS_MOBILE 0x0080
#define USER_CLASS_BOT 0x0400

#define ICQ_FLAG_BIRTHDAY 0x00080000
#define ICQ_STATUS_INVISIBLE 0x0100
#define USER_ICON_MOST 32

typedef struct {
  char *name;              /* owned, UTF-8, as the server formats it */
  guint16 warning;         /* tenths of a percent */
  guint32 class;
  gboolean has_status;
  guint32 status;
  guint16 idle_minutes;    /* 0: not idle */
  guint32 signed_on;       /* Unix time or 0 */
  guint32 member_since;
  guint32 session_seconds;
  guint32 external_ip;
  guint32 capabilities;
  gboolean has_capabilities;
  guint8 icon[USER_ICON_MOST];
  guint8 icon_length;      /* 0: none, or not to be fetched now */
  guint8 icon_flags;
  char *available;         /* owned; the available message, "" if cleared, NULL if not told */
} UserInfo;

/* FALSE if even the head is not there; *info is then empty. */
gboolean user_info_parse (Reader *reader, UserInfo *info);
void user_info_clear (UserInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (UserInfo, user_info_clear)

/* The id of the libpurple status: "available", "away", "na", ...; never NULL. */
const char *user_info_get_status_id (const UserInfo *info);

/* ICQ's status word and the ids; the high half is flags. */
const char *icq_status_get_id (guint32 status);
/* FALSE: not a status of ICQ. */
gboolean icq_status_from_id (const char *id, guint16 *status);
/* For people. */
const char *icq_status_get_name (const char *id);
