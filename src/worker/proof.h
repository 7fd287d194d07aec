/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof.h - when a server that confirms nothing has surely taken what it was sent.
 *
 * IRC's and XMPP's servers handle in order what a connection brings them: whoever answers a ping has taken, or refused, what
 * was sent before it.  One ping proves all messages before it; there is never more than one on its way.  All accounts ask at
 * the same moment, once a second, so that what they wake up they wake up together.  A server that leaves one without an answer for a minute is believed to be gone. */
#pragma once

#include "accounts.h"

/* Whether this worker's network is of that kind. */
gboolean proof_is_by_order (void);

/* Messages were written, or may be: asks for a proof at the next second, where one is wanted then and may be asked for. */
void proof_look (Account *account);

/* The answer to the ping of this number. */
void proof_answered (Account *account, guint64 number);

/* The last place that is proven (sent.h). */
guint64 proof_get_place (const Account *account);

void proof_forget (Account *account);
