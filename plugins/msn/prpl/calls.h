/* SPDX-License-Identifier: GPL-2.0-or-later */
/* calls.h - invitations to send something to each other: made, answered, ended (msnp.md 10.3 to 10.6). */
#pragma once

#include "p2p_packet.h"
#include "peers.h"
#include "slp.h"
#include "switchboard.h"

typedef struct Call Call;

typedef enum {
  CALL_DECLINED,      /* 603 and the like */
  CALL_CLOSED,        /* the other said BYE */
  CALL_FAILED,        /* it cannot be reached, or says nothing any more, or we are signed out */
} CallEnd;

typedef struct {
  void (*on_accepted) (Call *call);
  /* In order; the offset is what came before. */
  void (*on_data) (Call *call, const P2pHeader *header, const guint8 *data);
  /* The message of call_send that was last was acknowledged by the other program. */
  void (*on_acknowledged) (Call *call);
  /* The last of all, never from inside of a function of this file but calls_free; the call is gone after it. */
  void (*on_ended) (Call *call, CallEnd end);
} CallEvents;

struct Call {
  Session *session;
  Switchboard *switchboard;       /* a reference, and a hold */
  char *peer, *id, *branch;
  guint32 number, application;    /* SessionID and AppID */
  guint sequence;                 /* of the invitation */
  gboolean ours, accepted, over;
  guint32 awaited;                /* id of the message whose acknowledgement is waited for; 0: none */
  guint64 received;               /* of the message that comes */
  guint64 sent;                   /* for those who read what they send piece by piece */
  guint timer, patience;          /* seconds without anything that it is kept */
  CallEnd end;
  guint ending;
  const CallEvents *events;
  gpointer data;
};

Calls *calls_new (Session *session);
/* Ends them all. */
void calls_free (Calls *calls);

/* NULL: too many, or it cannot be done. */
Call *call_invite (Session *session, const char *who, const char *guid, guint32 application, const void *context, gsize length,
                   const CallEvents *events, gpointer data);
void call_accept (Call *call);
/* Says so, and frees the call: nothing is called any more. */
void call_decline (Call *call, guint status);
void call_bye (Call *call);
/* MESSAGE->data and ->sent are set here. */
void call_send (Call *call, PeersMessage message);

/* For peers.c and switchboard.c. */
void calls_take_negotiation (Switchboard *switchboard, const char *sender, const void *text, gsize length);
void calls_take_data (Session *session, const char *sender, const P2pHeader *header, const guint8 *data);
void calls_take_acknowledgement (Session *session, const char *sender, guint32 id);
void calls_take_end (Session *session, const char *sender, guint32 number);
gboolean calls_has_session (Session *session, const char *sender, guint32 number);
void calls_lost_switchboard (Switchboard *switchboard);
