/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.h - the worker processes of a gateway: start, watch, end them, and
 * share the sessions among them. */
#pragma once

#include "link.h"
#include "session.h"

/* Read by others; changed in worker.c. */
struct Worker {
  Gateway *gateway;
  gint64 number;
  GPid pid;
  Link *link;
  GHashTable *sessions;       /* account number to Session, lent */
  gboolean welcomed;          /* on the present connection */
  gboolean ending;            /* takes no more sessions */
  gint64 started;             /* monotonic microseconds, like: */
  gint64 empty_since;
  guint watch;                /* of the child */
  guint burial;               /* the child is dead; its last words are being read */
  guint check;
  gint64 stuck_at;            /* the last number that it had acknowledged at the last check; -1: before the first */
  gint64 heard;               /* the last number that came from it, at the last check */
  gint64 heard_then;          /* ... at the last one before which it had acknowledged something */
};

Workers *workers_new (Gateway *gateway);
/* Kills what is left. */
void workers_free (Workers *workers);

/* Starts one, so that the protocol gets known. */
void workers_start (Workers *workers);
/* While paused nothing that the workers say is taken; they make the networks wait. */
void workers_pause (Workers *workers, gboolean paused);
GPtrArray *workers_list (Workers *workers);  /* Worker, lent */

/* A worker with room for the session, started if need be; NULL if none can be
 * started now: too many died lately, or the system refuses. */
Worker *workers_assign (Workers *workers, Session *session);
/* The session is through with its worker. */
void worker_release (Worker *worker, Session *session);
Session *worker_session (Worker *worker, gint64 account);

/* Ends a worker at once: its sessions go elsewhere. */
void worker_kill (Worker *worker, const char *why);

/* The worker's hello is good: greets it, and sends what it missed. */
gboolean worker_welcome (Worker *worker, const WireHello *hello, GError **error);

/* The socket that workers connect to, one for the hub. */
typedef struct WorkerSocket WorkerSocket;
WorkerSocket *worker_socket_new (Hub *hub, const char *path, GError **error);
void worker_socket_free (WorkerSocket *socket);
