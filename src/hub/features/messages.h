/* SPDX-License-Identifier: GPL-2.0-or-later */
/* messages.h - one-to-one messages, both ways. */
#pragma once

#include "feature.h"

extern const Feature messages_feature;

/* A contact said something. */
void messages_received (Session *session, const WirePeerMessage *event);
/* The XMPP server, or the client, did not take a message. */
void messages_bounced (Gateway *gateway, xmpp_stanza_t *error);
/* The network has taken a message of the user's. */
void messages_taken (Session *session, const WireMessagesTaken *event);
/* The network did not take a message of the user's. */
void messages_failed (Session *session, const WireMessageFailed *event);
