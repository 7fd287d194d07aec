/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - a user's account at a gateway, and its life on the network. */
#pragma once

#include "store.h"
#include "user.h"

typedef struct Worker Worker;
typedef struct RoomList RoomList;

typedef enum {
  SESSION_OUT,                /* nobody needs it */
  SESSION_QUEUED,             /* waits for its turn to sign in */
  SESSION_CONNECTING,         /* a worker is signing it in */
  SESSION_IN,
  SESSION_LEAVING,            /* a worker is signing it out */
  SESSION_WAITING,            /* lost; will be tried again by itself */
  SESSION_STOPPED,            /* refused: the user has to do something first */
} SessionState;

/* So many deaths of its worker within ten minutes are too many (suspects.h). */
#define SUSPECTS_MOST 3u

const char *session_state_name (SessionState state);

/* Read by features; changed in session.c but where a member says otherwise. */
struct Session {
  User *user;
  StoreAccount *account;
  SessionState state;
  gboolean saved;             /* in the store; not while the login is being verified */
  Worker *worker;             /* NULL unless CONNECTING, IN or LEAVING */
  GQueue deliveries;          /* the user's messages under way; these three: delivery.c */
  gsize delivery_bytes;
  guint deliveries_waiting;
  GHashTable *contacts;       /* peer to Contact; changed in contacts.c */
  gboolean contacts_loaded;
  GHashTable *rooms;          /* room JID to Room; NULL: none; rooms.c */
  RoomList *room_list;        /* the network's; NULL: nobody has asked; features/room_list.c */
  char *name;                 /* what the network calls us, may be NULL */
  char *trouble;              /* why it is WAITING or STOPPED */
  gboolean told;              /* the user knows of the trouble */
  gint64 since;               /* of this state, monotonic microseconds */
  guint attempts;
  gint64 accused[SUSPECTS_MOST];  /* when its worker died over it; suspects.c */
  guint timer;
  gboolean held_up;           /* QUEUED, its turn came, but there is no worker yet, or none that told the options */
  guint settle;               /* features/roster.c: the list has settled */
  gboolean wanted;
  StoreAccount *previous;     /* while a changed login is being verified: the one before */
  gboolean verifying;
  void (*verified) (Session *session, const GError *error, gpointer data);
  gpointer verified_data;
  GPtrArray *questions;       /* those that wait for an answer; features/questions.c */
  GQueue *server_commands;    /* those that wait for an answer; features/server_commands.c */
  char **menu;                /* what else the network offers, may be NULL; features/menu.c */
};

/* Takes the account. */
Session *session_new (User *user, StoreAccount *account);
void session_free (Session *session);

Gateway *session_gateway (Session *session);
gint64 session_number (Session *session);
/* "juliet@example.net irc.example.org" or with the tag, for the log and the user. */
char *session_dup_label (Session *session);
/* The account's name as the user knows it: "romeo" or "romeo at irc.example.net". */
char *session_dup_title (Session *session);

/* Whether it stays signed in when nobody is there (OPTION_STAY). */
gboolean session_stays (Session *session);

/* A worker has it from a former hub's time, and signs it in, or has done so.  FALSE: it has another worker. */
gboolean session_adopt (Session *session, Worker *worker);
/* Signs it out, and in again if it is to be. */
void session_sign_in_again (Session *session);
/* Whether a worker that has this of it in its notes was given the login that is stored, and not one that was to be verified. */
gboolean session_has_login (Session *session, const char *note);

/* Somebody is there who wants it; nobody is. */
void session_want (Session *session);
void session_unwant (Session *session);
/* The user's status on the network. */
void session_update_status (Session *session);

/* Signs in to see whether the network accepts the login: the session's own
 * account, or `account` (taken; of the same number) instead of it.  `done` runs
 * exactly once, later: with NULL when it was accepted, and the session is IN
 * then; else with a stanza error that has the network's words, and the session
 * has its former account again, or is out if it had none. */
void session_verify (Session *session, StoreAccount *account, void (*done) (Session *session, const GError *error, gpointer data), gpointer data);

/* Its network is read, or not, as outbox_holds says. */
void session_follow_hold (Session *session);

/* One that waits need not any longer. */
void session_retry (Session *session);

/* From the sign-in queue. */
void session_begin (Session *session);
/* The network's options are known now, or never will be: whoever waited for them goes on. */
void session_begin_held_up (Gateway *gateway);

/* What the worker tells. */
void session_signed_in (Session *session, const WireSignedIn *event);
void session_signed_out (Session *session, const WireSignedOut *event);
void session_new_password (Session *session, const WireNewPassword *event);
/* The worker died; the session has to go on elsewhere. */
void session_lost_worker (Session *session);

/* Sends to the session's worker.  FALSE if it has none, or the worker has too
 * much to do; signing in and out always goes. */
gboolean session_tell_worker (Session *session, const WireMessage *message);

/* Whether its worker has so much to do that what can be refused should be. */
gboolean session_is_congested (Session *session);

/* What a password is sealed for (secrets.h). */
char *session_dup_seal_context (const StoreAccount *account);

/* A stanza error for a cause that the network gave; `text` may be NULL. */
GError *session_error_from_cause (WireCause cause, const char *text);
