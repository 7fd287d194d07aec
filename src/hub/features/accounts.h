/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accounts.h - registering, changing and ending accounts, whichever door the
 * user came through: XEP-0077, a command, or a chat. */
#pragma once

#include "feature.h"

/* Runs exactly once, later or at once: `text` for the user, or an error of
 * STANZA_ERROR. */
typedef void (*AccountsDone) (const char *text, const GError *error, gpointer data);

/* Registers `from` (full JID), or changes the account that the fields name.
 * `fields`: "username", "password", "option.KEY" to values.  Accepted only after
 * the network has accepted the login; refused, nothing is stored. */
void accounts_register (Gateway *gateway, const char *from, GHashTable *fields, AccountsDone done, gpointer data);

/* Ends one account, or with `session` NULL all of the user's, and everything
 * that came of them. */
void accounts_unregister (User *user, Session *session, AccountsDone done, gpointer data);
