/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - an account that is signed in, or on its way there: what all parts of the plugin share. */
#pragma once

#include <debug.h>
#include <purple.h>

#include "contact_list.h"

typedef struct Session Session;
typedef struct Notification Notification;
typedef struct Signon Signon;
typedef struct Contacts Contacts;
typedef struct Edits Edits;
typedef struct Authorizations Authorizations;
typedef struct Presence Presence;
typedef struct OwnStatus OwnStatus;
typedef struct Switchboards Switchboards;
typedef struct Offline Offline;
typedef struct Peers Peers;
typedef struct Calls Calls;
typedef struct Pictures Pictures;

struct Session {
  PurpleConnection *gc;      /* lent; so is the account */
  PurpleAccount *account;
  char *name;                /* our address as the account has it: servers compare it to the letter (16.5) */
  char *address;             /* in normal form */
  guint dialect;             /* 0: not agreed yet */
  gboolean ready;            /* signed in, and our presence was announced */
  gboolean ending;           /* libpurple is closing, or was told to */
  char *ticket;              /* for offline messages; NULL: none */
  char *policy;              /* what the ticket was asked for with */
  char *web_origin;          /* SCHEME://HOST of the services for offline messages; NULL: unknown */
  ContactList *list;
  /* Each belongs to the file of its name, which alone looks into it. */
  Notification *notification;
  Signon *signon;
  Contacts *contacts;
  Edits *edits;
  Authorizations *authorizations;
  Presence *presence;
  OwnStatus *own;
  Switchboards *switchboards;
  Offline *offline;
  Peers *peers;
  Calls *calls;
  Pictures *pictures;
};

Session *session_new (PurpleAccount *account);
void session_free (Session *session);
/* NULL: not signed in. */
Session *session_of (PurpleConnection *gc);
/* NULL unless our presence was announced. */
Session *session_of_ready (PurpleConnection *gc);

/* Ends the connection with a sentence; only the first one counts. */
void session_fail (Session *session, PurpleConnectionError reason, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Tells the user of something about WHO: in the conversation if there is one, else by a notice. */
void session_tell (Session *session, const char *who, const char *text);
/* An option that is a string; NULL where it is empty. */
const char *session_get_option (Session *session, const char *name);
/* What an answer that is none, or an error, means: a sentence.  ANSWER may be NULL. */
const char *session_explain (const Command *answer);

/* What the notification connection hands to each part. */
typedef struct {
  const char *name;
  void (*func) (Session *session, const Command *command);
} CommandHandler;
