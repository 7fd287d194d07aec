/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sent.h - which message was meant, when a network says that one did not arrive.
 *
 * Many networks name only the peer in such errors: the message is taken to be the
 * last one sent to that peer within a minute.  One whose outcome is certain to be
 * told is kept until then, and no other error means it. */
#pragma once

#include "accounts.h"

/* A message and where it came from; `pieces` are its parts on the network. */
typedef struct {
  int refs;
  GList link;                 /* among the remembered, at most once */
  gint64 account;
  const char *peer, *id, *resource;
  char *network_id;           /* the network's own, where it has any */
  guint pieces;
  gboolean awaited;           /* its outcome will be told, by network_id */
  gboolean failed;            /* the hub was told */
  gint64 time;
  char texts[];               /* peer, id and resource */
} SentMessage;

SentMessage *sent_message_new (const WireSendMessage *message);
SentMessage *sent_message_ref (SentMessage *message);
void sent_message_unref (SentMessage *message);

/* Tells the hub that it failed, if it was not told before. */
void sent_message_fail (SentMessage *message, WireCause cause, const char *text);

/* The message that a plugin is made to send at this moment; NULL: none. */
void sent_set_current (SentMessage *message);
SentMessage *sent_get_current (void);

/* Remembers a message that the network was given. */
void sent_remember (Account *account, SentMessage *message);

/* The network says that a piece of a message to `peer` failed.  FALSE if none
 * was sent lately: then the hub was not told. */
gboolean sent_fail_last (Account *account, const char *peer, WireCause cause, const char *text);

/* The same where the network says which. */
gboolean sent_fail_network_id (Account *account, const char *network_id, WireCause cause, const char *text);

/* It arrived. */
void sent_deliver_network_id (Account *account, const char *network_id);

void sent_forget (Account *account);
