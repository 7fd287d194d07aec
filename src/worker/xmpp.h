/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xmpp.h - what libpurple's XMPP plugin needs to be helped with.
 *
 * It drops errors that come back without the message's text, as most do: here
 * each is told to the sender of the message with that id. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* After the plugin is loaded; does nothing for other protocols. */
void xmpp_init (void);

/* Asks the account's server for an answer to all that was sent so far: proof_answered.  Always TRUE. */
gboolean xmpp_ping (Account *account, guint64 number);

/* What an error says: "item-not-found", lent; and its text, owned, where there is one. */
void xmpp_read_error (xmlnode *stanza, const char **condition, char **text);
