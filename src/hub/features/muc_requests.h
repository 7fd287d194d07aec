/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_requests.h - what a room's network is asked by number, and answers in any case. */
#pragma once

#include "muc.h"

/* Whether who asks is in the room, and the room in its network. */
gboolean muc_is_inside (const Stanza *iq, GError **error);
/* ... and its operator, on a network where that makes a difference. */
gboolean muc_is_operator (const Stanza *iq, GError **error);

/* Asks: the command, complete but for its account, room and request, goes to the worker, and its answer to who asks.  `answer`
 * (taken, may be NULL) is what is sent when all was well; else an empty result. */
gboolean muc_request (const Stanza *iq, WireMessage *command, xmpp_stanza_t *answer, GError **error);
/* The answer that is being gathered, for something of so many bytes more; NULL: it waits for none, or it is full. */
xmpp_stanza_t *muc_request_answer (Session *session, const char *room, gint64 number, gsize size);
