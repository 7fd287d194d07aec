/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suspects.h - accounts for which something was being done when their worker died.
 *
 * One that was may be what kills workers: for ten minutes it gets a worker of its own, so that nobody else dies with it. At
 * the third time within ten minutes it is quarantined: not signed in any more until an admin releases it. Of an account that is
 * only being registered, which may be so again and again, all this counts for its owner: the next one is alone, the fourth refused. */
#pragma once

#include "session.h"

/* Its worker died, or hung, while it did this for the account. */
void suspects_accuse (Session *session, const char *kind);

/* Whether it is to be alone in its worker. */
gboolean suspects_include (Session *session);

/* Whether this user can register no account for some minutes. */
gboolean suspects_bar (Gateway *gateway, const char *owner);

/* It may sign in again.  FALSE: it was not quarantined. */
gboolean suspects_release (Session *session);

#define SUSPECTS_TEXT "This account has made the gateway's process for its network end several times, and is not signed in any more. " \
  "Please ask the administrator of the gateway."
#define SUSPECTS_BAR_TEXT "Your logins have made the gateway's process for its network end several times. Please try again in ten minutes, or ask " \
  "the administrator of the gateway."
