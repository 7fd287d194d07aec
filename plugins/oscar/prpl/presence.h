/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.h - who is there and how: contacts' and one's own (oscar.md 4). */
#pragma once

#include <purple.h>

#include "dispatch.h"
#include "user_info.h"

Presence *presence_new (Session *session);
void presence_free (Presence *presence);

/* -- One's own, told to the server ---------------------------------------- */

/* 02/04: capabilities, profile, away message. */
void presence_announce (Session *session);
/* 01/1E; first: with all that is to be said once. */
void presence_send_status (Session *session, gboolean first);
void presence_send_idle (Session *session);
void presence_set_profile_limit (Session *session, guint32 bytes);
/* 01/0F */
void presence_take_self (Session *session, Reader body);
/* Whether it rose. */
gboolean presence_note_warning (Session *session, guint16 level);

/* Calls of libpurple. */
void presence_set_status (PurpleAccount *account, PurpleStatus *status);
void presence_set_idle (PurpleConnection *gc, int seconds);
void presence_set_profile (PurpleConnection *gc, const char *html);
GList *presence_get_status_types (PurpleAccount *account);

/* -- Contacts' ------------------------------------------------------------- */

typedef struct {
  char *formatted;         /* the name as its owner writes it; owned, as the others are */
  char *away;              /* HTML or NULL */
  char *available;         /* text or NULL */
  guint32 capabilities;
  gboolean says_capabilities;
  guint32 class, status, signed_on, member_since;
  guint16 warning;
  gboolean asking_away;    /* an answer is waited for ... */
  gboolean asking_again;   /* ... and there was news since the question */
} Watched;

/* NULL: nothing is known. */
const Watched *presence_get (Session *session, const char *name);
/* TRUE if the user's program can, or we do not know. */
gboolean presence_may (Session *session, const char *name, guint32 capability);
/* The text of somebody's away message was fetched. */
void presence_take_away (Session *session, const char *name, const char *html);
/* Texts for lists and tips; free the first. */
char *presence_status_text (PurpleBuddy *buddy);
void presence_tooltip (PurpleBuddy *buddy, PurpleNotifyUserInfo *info, gboolean full);
const char *presence_list_emblem (PurpleBuddy *buddy);
const char *presence_list_icon (PurpleAccount *account, PurpleBuddy *buddy);

extern const SnacHandler presence_handlers[];
