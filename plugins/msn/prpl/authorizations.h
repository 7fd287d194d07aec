/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorizations.h - people who have added us, and the answer that the user gives them (msnp.md 5.1, 7). */
#pragma once

#include "session.h"

extern const CommandHandler authorizations_handlers[];

Authorizations *authorizations_new (Session *session);
void authorizations_free (Authorizations *authorizations);
/* After sign-in: everybody who was not answered yet. */
void authorizations_ask_all (Session *session);
