/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attention.h - nudges, both ways (XEP-0224). */
#pragma once

#include "feature.h"

extern const Feature attention_feature;

/* Whether a message asks for attention. */
gboolean attention_is_asked (xmpp_stanza_t *message);

void attention_peer_nudged (Session *session, const WirePeerAttention *event);
