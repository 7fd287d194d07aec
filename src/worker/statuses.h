/* SPDX-License-Identifier: GPL-2.0-or-later */
/* statuses.h - XMPP's <show/> and libpurple's status types, both ways. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* Makes the closest status that the protocol has the account's. */
void statuses_set (Account *account, WireShow show, const char *text);

/* A contact's; *text is the message as plain text, with what is played, or NULL, for g_free. */
WireShow statuses_of_buddy (PurpleBuddy *buddy, char **text);
