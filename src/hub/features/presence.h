/* SPDX-License-Identifier: GPL-2.0-or-later */
/* presence.h - who is there: the users' resources, probes. */
#pragma once

#include "feature.h"

/* Whether it wants into a room (XEP-0045, 7.2). */
gboolean presence_is_join (xmpp_stanza_t *presence, const char *type);

/* Any presence but an error; `type` may be NULL. */
gboolean presence_take (const Stanza *presence, const char *type, GError **error);
