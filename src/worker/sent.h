/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sent.h - the messages that a network was given, and what becomes of each.
 *
 * One that the hub has numbered is told of once, whatever happens: taken when that is proven, or failed.  Networks prove it
 * by order (proof.h: an answer to what was sent behind the message), by name (outcomes.h, simple.h: they tell of each), or
 * not at all: then by time, when some seconds have passed without an error.
 *
 * Errors often name only the peer.  They are believed to mean every message to that peer that may have caused them: rather
 * an error too many than a message that is neither delivered nor failed.  When all are proven, they mean the last one that
 * was sent to the peer within a minute. */
#pragma once

#include "accounts.h"

/* A message and where it came from; `pieces` are its parts on the network. */
typedef struct {
  int refs;
  GList link;                 /* in one of its account's queues, at most once */
  gint64 account;
  gint64 number;              /* 0: the hub wants to know of failures only */
  const char *peer, *id, *resource;
  char *names;                /* the network's own, one for each piece that has one, with line feeds between; or NULL */
  char *text;                 /* as its room will show it to us; NULL: that is not waited for */
  guint64 begin, end;         /* its place in the order of what the connection writes; on IRC of the first and the last line */
  gint64 time;                /* of sending, monotonic */
  gint64 due;                 /* when it is over without an answer; 0: it does not end by itself */
  guint pieces;
  gboolean under_way;         /* ... else it is among the known, or in no queue */
  gboolean named;             /* the network will tell of it, by name */
  gboolean stored;            /* somebody has it, but not the peer */
  gboolean taken, failed;     /* the hub was told, in this order if both */
  char texts[];               /* peer, id and resource */
} SentMessage;

SentMessage *sent_message_new (const WireSendMessage *message);
SentMessage *sent_message_ref (SentMessage *message);
void sent_message_unref (SentMessage *message);

/* Tells the hub that it failed, if it was not told before; that may be after it was taken. */
void sent_message_fail (SentMessage *message, WireCause cause, const char *text);

/* The message that a plugin is made to send at this moment; NULL: none. */
void sent_set_current (SentMessage *message);
SentMessage *sent_get_current (void);

/* It is under way: before the plugin is given it, so that an error finds it.  Or, on IRC, when it is these lines (irc_sender.h). */
void sent_add (Account *account, SentMessage *message);
void sent_add_lines (Account *account, SentMessage *message, guint64 first, guint64 last);

/* A piece has this name: before or after it is added. */
void sent_message_name (SentMessage *message, const char *name);
/* What becomes of each name will be told: in so many seconds, or else it failed; 0: certainly.  After it is added. */
void sent_message_expect (SentMessage *message, guint seconds);

/* The last place that was written and that a proof is wanted of; 0: none. */
guint64 sent_last_unproven (Account *account);
/* All up to this place is proven. */
void sent_prove (Account *account, guint64 place);

/* The network says that a piece of a message to `peer` failed.  FALSE if none
 * was sent lately: then the hub was not told. */
gboolean sent_fail_peer (Account *account, const char *peer, WireCause cause, const char *text);

/* The same where the network says which. */
gboolean sent_fail_name (Account *account, const char *name, WireCause cause, const char *text);

/* The network has the piece of this name; or even the peer has. */
void sent_take_name (Account *account, const char *name, gboolean arrived);

/* The connection is gone: what is not proven has failed. */
void sent_end (Account *account);
