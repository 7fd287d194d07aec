/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_list.h - which rooms the networks of a user have, as the items of the gateway (XEP-0030, XEP-0045 section 6.3). */
#pragma once

#include "feature.h"

extern const Feature room_list_feature;

/* Answers a request for the gateway's items, at once or later; FALSE: there is no list for this user. */
gboolean room_list_answer (const Stanza *iq);

/* What the worker tells. */
void room_list_add (Session *session, const WireRoomListed *event);
void room_list_end (Session *session, const WireRoomListEnd *event);
