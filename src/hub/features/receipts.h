/* SPDX-License-Identifier: GPL-2.0-or-later */
/* receipts.h - delivery receipts (XEP-0184): only where the network itself says that a message has arrived. */
#pragma once

#include "feature.h"

extern const Feature receipts_feature;

/* Whether the sender asks for one. */
gboolean receipts_are_wanted (xmpp_stanza_t *message);
/* The message that had this id, and these addresses, has arrived. */
void receipts_send (Gateway *gateway, const char *from, const char *to, const char *id);
