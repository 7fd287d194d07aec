/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chat_states.h - "is typing", both ways (XEP-0085). */
#pragma once

#include "feature.h"

extern const Feature chat_states_feature;

/* Shows the user that a contact started, paused or stopped typing. */
void chat_states_peer_typing (Session *session, const WirePeerTyping *event);
