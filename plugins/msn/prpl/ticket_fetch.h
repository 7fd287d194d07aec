/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ticket_fetch.h - the way to a ticket: nexus and login, or one call of RST (msnp.md 4.2, 4.3). */
#pragma once

#include "session.h"
#include "ticket.h"

typedef struct TicketFetch TicketFetch;

/* TEXT is the ticket, or a sentence.  UNTRUSTED: a certificate was refused.  Called once, never from inside of
 * ticket_fetch_begin; the fetch is gone then. */
typedef void (*TicketFunc) (Session *session, TicketResult result, const char *text, gboolean untrusted, gpointer data);

TicketFetch *ticket_fetch_begin (Session *session, const char *policy, TicketFunc func, gpointer data);
void ticket_fetch_cancel (TicketFetch *fetch);
