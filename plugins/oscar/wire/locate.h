/* SPDX-License-Identifier: GPL-2.0-or-later */
/* locate.h - family 02: profiles, away messages, capabilities, own directory entry (oscar.md 4.2, 6.1, 6.2). */
#pragma once

#include "user_info.h"

#define LOCATE_PROFILE 0x0001
#define LOCATE_AWAY 0x0002

/* Parts of 02/04, which are appended to one another; the texts are HTML, ASCII comes out. */
void locate_add_profile (GByteArray *out, const char *html, gsize most);
/* NULL: back. */
void locate_add_away (GByteArray *out, const char *html, gsize most);
void locate_add_capabilities (GByteArray *out, guint32 capabilities);

/* 02/15; mask of LOCATE_*. */
GByteArray *locate_build_request (const char *name, guint32 mask);

typedef struct {
  UserInfo user;
  char *profile;   /* owned, HTML, or NULL if there is none; so is the other */
  char *away;
} LocateReply;

/* 02/06 */
gboolean locate_parse_reply (Reader body, const char *fallback, LocateReply *reply);
void locate_reply_clear (LocateReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LocateReply, locate_reply_clear)

/* 02/03: how many bytes a profile may have; 0 if it does not say. */
guint32 locate_parse_rights (Reader body);
