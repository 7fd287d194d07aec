/* SPDX-License-Identifier: GPL-2.0-or-later */
/* muc_bans.h - who is banned from a room (XEP-0045, sections 9.1 and 9.2). */
#pragma once

#include "muc.h"

/* All who are. */
gboolean muc_bans_list (const Stanza *iq, GError **error);
/* Somebody who is not in the room is, or is no more, as `item` names them. */
gboolean muc_bans_set (const Stanza *iq, xmpp_stanza_t *item, gboolean banned, GError **error);
