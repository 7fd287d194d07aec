/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.h - the worker processes of a gateway: start, watch, end them, and
 * share the sessions among them. */
#pragma once

#include "child.h"
#include "link.h"
#include "session.h"

/* Why nothing that a worker says is taken at the moment. */
typedef enum {
  WORKER_HELD_BY_SERVER = 1,  /* the XMPP server has too much to take */
  WORKER_HELD_BY_START = 2,   /* we have just been started, and have not tried to reach it yet */
  WORKER_HELD_BY_STORE = 4,   /* what belongs to an account of it is being read */
  WORKER_HELD_BY_RESTART = 8, /* the next process is to hear it */
} WorkerHold;

/* Read by others; changed in worker.c but where a member says otherwise. */
struct Worker {
  Gateway *gateway;
  gint64 number;
  char *life;                 /* a name for this process that no other ever has */
  GPid pid;
  Child *child;               /* NULL: it is dead */
  Link *link;
  GHashTable *sessions;       /* account number to Session, lent */
  gboolean welcomed;          /* on the present connection */
  gboolean returning;         /* a former hub's: has not told yet what it has; takeover.c */
  gboolean outdated;          /* of an older build: takes no more sessions, and ends when it has none; drain.h */
  gboolean ending;            /* takes no more sessions */
  gboolean dismissed;         /* was told to leave */
  gint64 was_doing;           /* once dead: the account for which it did something last; 0: none */
  char *was_doing_what;
  gboolean solitary;          /* for one session alone: suspects.h */
  gint64 started;             /* monotonic microseconds, like: */
  gint64 empty_since;
  guint holds;                /* WorkerHold */
  guint patience;             /* timer while it is returning */
  guint burial;               /* the child is dead; its last words are being read */
  guint check;
  gint64 stuck_at;            /* the last number that it had acknowledged at the last check; -1: before the first */
  gint64 heard;               /* the last number that came from it, at the last check */
  gint64 heard_then;          /* ... at the last one before which it had acknowledged something */
  gint64 heard_returning;     /* the same, at the last look of `patience` */
  guint rounds;               /* of looks at which it was its turn to say something */
  gboolean greeted;           /* welcomed, on some connection */
};

Workers *workers_new (Gateway *gateway);
/* Kills what is left. */
void workers_free (Workers *workers);

/* Looks for those that a former hub has left behind: each gateway has its own of them afterwards, and they are awaited. */
void workers_find (Hub *hub);
gboolean workers_are_returning (Workers *workers);
/* Those sign off by themselves, and leave. */
void workers_end_returning (Workers *workers);

/* Starts one, so that the protocol gets known. */
void workers_start (Workers *workers);
/* While paused nothing that the workers say is taken; they make the networks wait. */
void workers_pause (Workers *workers, gboolean paused);
/* The same of one, for one of several reasons, and of all for one. */
void worker_hold (Worker *worker, WorkerHold why, gboolean held);
void workers_hold (Workers *workers, WorkerHold why, gboolean held);
GPtrArray *workers_list (Workers *workers);  /* Worker, lent */
/* NULL: it is gone. */
Worker *workers_find_number (Workers *workers, gint64 number);

/* Whether all that was said to them is on its way. */
gboolean workers_are_flushed (Workers *workers);

/* A worker with room for the session, started if need be; NULL if none can be
 * started now: too many died lately, or the system refuses. */
Worker *workers_assign (Workers *workers, Session *session);
/* It has the session already. */
void worker_take (Worker *worker, Session *session);
/* The session is through with its worker. */
void worker_release (Worker *worker, Session *session);
Session *worker_session (Worker *worker, gint64 account);

/* One of an older build has done its work when it has no accounts left. */
void worker_end_if_drained (Worker *worker);

/* An id for a stanza of what the worker has told by this serial: another hub makes the same. */
void worker_make_id (Worker *worker, gint64 serial, char *id, gsize size);
/* The same as a number, which may be another's once in a while. */
guint64 worker_event_number (const Worker *worker, gint64 serial);

/* Ends a worker at once: its sessions go elsewhere. */
void worker_kill (Worker *worker, const char *why);

/* The worker's hello is good: greets it, and sends what it missed. */
gboolean worker_welcome (Worker *worker, const WireHello *hello, GError **error);

/* The socket that workers connect to, one for the hub. */
typedef struct WorkerSocket WorkerSocket;
WorkerSocket *worker_socket_new (Hub *hub, const char *path, GError **error);
void worker_socket_free (WorkerSocket *socket);
