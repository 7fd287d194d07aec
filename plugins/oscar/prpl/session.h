/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - an account that is signed in, or on its way there: what all parts of the plugin share. */
#pragma once

#include <debug.h>
#include <purple.h>

#include "sender.h"
#include "snac.h"

typedef struct Session Session;
typedef struct Service Service;
typedef struct Signon Signon;
typedef struct Bos Bos;
typedef struct Contacts Contacts;
typedef struct ListEdits ListEdits;
typedef struct Authorizations Authorizations;
typedef struct Messages Messages;
typedef struct Stored Stored;
typedef struct Presence Presence;
typedef struct Services Services;
typedef struct Icons Icons;
typedef struct Rooms Rooms;
typedef struct Transfers Transfers;

struct Session {
  PurpleConnection *gc;      /* lent; so is the account */
  PurpleAccount *account;
  const char *category;      /* for debug messages: "aim" or "icq" */
  gboolean icq;
  char *name;                /* owned, normal form */
  guint32 uin;               /* of ICQ, else 0 */
  guint16 icq_sequence;
  gboolean ending;           /* libpurple is closing, or was told to */
  char *commented;           /* owned: whom the open question for a comment is about; its place is the question's handle */
  Service *bos;              /* owned; NULL while there is none */
  /* Each belongs to the file of its name, which alone looks into it. */
  Signon *signon;
  Bos *bos_state;
  Contacts *contacts;
  ListEdits *edits;
  Authorizations *authorizations;
  Messages *messages;
  Stored *stored;
  Presence *presence;
  Services *services;
  Icons *icons;
  Rooms *rooms;
  Transfers *transfers;
};

Session *session_new (PurpleAccount *account);
void session_free (Session *session);
/* NULL: not signed in. */
Session *session_of (PurpleConnection *gc);

/* Ends the connection with a sentence; only the first one counts. */
void session_fail (Session *session, PurpleConnectionError reason, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Tells the user of something about WHO: in the conversation if there is one, else by a notice. */
void session_tell (Session *session, const char *who, const char *text);

/* The encoding of texts that do not name theirs. */
const char *session_get_encoding (Session *session);
/* HOST, HOST:PORT, or a host that a user's option says to ignore; free the host. */
void session_split_address (Session *session, const char *address, char **host, int *port);
guint16 session_next_icq_sequence (Session *session);

/* On the main connection, if there is one. See service.h. */
gboolean session_is_ready (Session *session);
gboolean session_send (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency);
typedef void (*SessionReply) (Session *session, const Snac *reply, gpointer data);
void session_ask (Session *session, guint16 family, guint16 subtype, GByteArray *body, Urgency urgency,
                  SessionReply func, gpointer data, GDestroyNotify destroy);
/* What an answer that is none, or an error, means: a sentence. */
const char *session_explain (const Snac *reply);
