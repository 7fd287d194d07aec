/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.h - the states of contacts (msnp.md 6.3, 6.4). */
#pragma once

#include "personal_message.h"
#include "presence_line.h"
#include "session.h"

extern const CommandHandler presence_handlers[];

typedef struct {
  gboolean online;
  char code[4];
  time_t idle_since;          /* 0: not idle */
  guint32 capabilities;
  char *object;               /* the picture's; NULL: none */
  PersonalMessage message;
} Watched;

Presence *presence_new (Session *session);
void presence_free (Presence *presence);
/* NULL: nothing is known. */
const Watched *presence_get (Session *session, const char *address);
/* What a conversation says of somebody's program. */
void presence_note_capabilities (Session *session, const char *address, guint32 capabilities);

/* For libpurple. */
GList *presence_get_status_types (PurpleAccount *account);
const char *presence_list_icon (PurpleAccount *account, PurpleBuddy *buddy);
const char *presence_list_emblem (PurpleBuddy *buddy);
char *presence_status_text (PurpleBuddy *buddy);
void presence_tooltip (PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full);
void presence_get_info (PurpleConnection *gc, const char *who);
