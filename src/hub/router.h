/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router.h - stanzas, to the features that they concern. */
#pragma once

#include "gateway.h"

void router_take (Gateway *gateway, xmpp_stanza_t *stanza);
