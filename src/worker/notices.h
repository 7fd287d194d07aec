/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notices.h - what libpurple notifies its user of, as notice events. */
#pragma once

#include <purple.h>

#include "accounts.h"

/* Title, primary and secondary text may be NULL or say the same; they are HTML. */
void notices_tell (Account *account, const char *title, const char *primary, const char *secondary);

/* In place of purple_notify_message and purple_notify_formatted: libpurple's own
 * do not tell a user interface whose they are. */
void notices_notify (gpointer handle, const char *title, const char *primary, const char *secondary, const char *text);
/* In place of purple_notify_searchresults, which has nowhere to show them; they stay the caller's. */
void notices_found (PurpleConnection *connection, const char *title, const char *primary, const char *secondary,
                    PurpleNotifySearchResults *results);
