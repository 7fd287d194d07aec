/* SPDX-License-Identifier: GPL-2.0-or-later */
/* irc_barrier.h - when an IRC server has dealt with all that it was sent.
 *
 * IRC does not confirm what was done, and says nothing at all of what changed nothing. But it
 * answers in order: what comes before the PONG to a PING that was sent behind a command is all
 * that there is to be said of it. */
#pragma once

#include "accounts.h"

/* Sends a PING behind what was sent so far, and runs `func` at its PONG: from within the plugin's reading of that
 * line, so that it may send, but not end the account.  It does not run when the connection ends before, or when the
 * server never answers: whoever cannot wait for ever needs a timer.  `data` is given to `destroy` (may be NULL) in any
 * case, once.
 *
 * FALSE: too many are waiting, or the account is not signed in to an IRC server; `data` is destroyed. */
gboolean irc_barrier_add (Account *account, void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy);

/* The same with a PING that others share, sent no sooner than those before it are answered: for many at a time, each of
 * which would cost the sender's rate limit a line. */
gboolean irc_barrier_add_shared (Account *account, void (*func) (Account *account, gpointer data), gpointer data, GDestroyNotify destroy);

/* Whether so many may be added. */
gboolean irc_barrier_has_room (Account *account, guint count);

/* A PONG came, with this token. */
void irc_barrier_pong (Account *account, const char *token);

/* The connection is gone. */
void irc_barrier_forget (Account *account);
