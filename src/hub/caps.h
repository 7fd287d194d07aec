/* SPDX-License-Identifier: GPL-2.0-or-later */
/* caps.h - who the gateway and its contacts are and what they can do: the answer
 * to service discovery (XEP-0030), and its hash (XEP-0115). */
#pragma once

#include "feature.h"

/* What a disco#info answer names as its node: CAPS_NODE "#" and the hash. */
#define CAPS_NODE "urn:passerelle:caps"

/* Fills a disco#info <query/>. */
void caps_fill (Gateway *gateway, Place where, xmpp_stanza_t *query);
/* Adds <c/> to a presence. */
void caps_add (Gateway *gateway, Place where, xmpp_stanza_t *presence);
/* What the answer is made of has changed. */
void caps_forget (Gateway *gateway);
/* Whether `node` is the current CAPS_NODE "#" hash. */
gboolean caps_is_current (Gateway *gateway, Place where, const char *node);
