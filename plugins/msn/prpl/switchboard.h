/* SPDX-License-Identifier: GPL-2.0-or-later */
/* switchboard.h - one conversation: who is in it, and what waits to be said (msnp.md 8). */
#pragma once

#include "link.h"
#include "text_parts.h"
#include "transactions.h"

typedef struct Switchboard Switchboard;

typedef enum {
  SWITCHBOARD_ASKING,      /* the notification server is asked for one */
  SWITCHBOARD_ENTERING,    /* connecting, and saying who we are */
  SWITCHBOARD_CALLING,     /* the other was called, and is not there yet */
  SWITCHBOARD_READY,
} SwitchboardState;

/* What became of something that was to be sent. */
typedef enum {
  OUTCOME_DELIVERED,
  OUTCOME_REFUSED,         /* NAK, or an error */
  OUTCOME_UNREACHABLE,     /* the other cannot be called; the error says why */
  OUTCOME_NO_ANSWER,       /* nobody knows */
  OUTCOME_ENDED,           /* the switchboard ended before; nobody knows */
  OUTCOME_NOT_SENT,        /* it ended before it could be sent */
  OUTCOME_BUSY,            /* too much waits */
} Outcome;

/* ERROR is the server's number, or 0. */
typedef void (*OutcomeFunc) (Session *session, Outcome outcome, guint error, gpointer data);

typedef struct {
  char *address, *name;
} Member;

struct Switchboard {
  Session *session;
  int refs;
  gboolean closed;
  gboolean leaving;              /* as soon as nothing is open */
  gboolean deserted;             /* the last other one has left */
  SwitchboardState state;
  char *target;                  /* whom it was opened for, or who called; normal form */
  char *token, *id;              /* the id is NULL if we call */
  Link *link;
  Transactions *transactions;
  GPtrArray *members;            /* Member */
  GQueue waiting;                /* until it is ready */
  guint unanswered;
  guint timer;                   /* until it is ready */
  gint64 last_used;              /* monotonic */
  guint holds;                   /* transfers that need it */
  int room;                      /* 0: between two */
  gboolean wants_room;
  TextParts *parts;
};

/* Calls WHO; it is in the session's list from now on. */
Switchboard *switchboard_open (Session *session, const char *who);
/* Answers a call. */
Switchboard *switchboard_answer (Session *session, const char *who, const char *host, int port, const char *token, const char *id);
/* What waits gets this outcome. */
void switchboard_close (Switchboard *switchboard, Outcome outcome, guint error);
/* Closes it when all that was sent is answered. */
void switchboard_leave (Switchboard *switchboard);
void switchboard_unref (gpointer switchboard);

/* FLAG is U, N, A or D.  PAYLOAD is owned from now on.  FUNC, which may be NULL, is called once; of U and N no bad news is
 * taken for good news, half a minute later. */
void switchboard_send (Switchboard *switchboard, char flag, GByteArray *payload, OutcomeFunc func, gpointer data);
/* Calls somebody into it. */
void switchboard_invite (Switchboard *switchboard, const char *who);
/* The only other one in it, or NULL. */
const char *switchboard_get_partner (const Switchboard *switchboard);
