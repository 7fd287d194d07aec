/* SPDX-License-Identifier: GPL-2.0-or-later */
/* breaker.h - a network's server that is out of reach is tried by one account at a time, not by all.
 *
 * Each server of a gateway has its own breaker. It opens when several accounts in a row, not all the same, could not reach
 * the server or lost it; while it is open accounts are held back, and one of them tries, with back-off and jitter. When one
 * gets through, the others follow as fast as the gateway signs accounts in. */
#pragma once

#include "session.h"

Breakers *breakers_new (Gateway *gateway);
void breakers_free (Breakers *breakers);

/* The session's server could not be reached, or was lost.  TRUE: the session is to wait until session_retry is called. */
gboolean breaker_failed (Session *session);
/* It was reached, whatever it said. */
void breaker_reached (Session *session);
/* Whether the session may try now; if not, it is to wait as above. */
gboolean breaker_lets (Session *session);

/* Calls `func` for each server that is out of reach, with how many accounts wait for it. */
void breakers_foreach_open (Breakers *breakers, void (*func) (const char *server, guint n_waiting, gpointer data), gpointer data);
