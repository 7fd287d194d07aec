/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signon.h - from name and password to the cookie with which BOS lets us in (oscar.md 2). */
#pragma once

#include "login.h"
#include "session.h"

/* Goes on in bos.h, or ends the connection with the reason. */
void signon_begin (Session *session);
void signon_free (Signon *signon);

/* Whether TLS is used from the first byte on, and wherever it is offered. */
gboolean signon_requires_tls (PurpleAccount *account);
gboolean signon_prefers_tls (PurpleAccount *account);
