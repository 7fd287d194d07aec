/* SPDX-License-Identifier: GPL-2.0-or-later */
/* authorization.h - asking ICQ users whether they may be watched, and being asked (oscar.md 3.4). */
#pragma once

#include "dispatch.h"

Authorizations *authorizations_new (Session *session);
void authorizations_free (Authorizations *authorizations);

/* The server wants WHO to agree first. message: the reason, or NULL: the user is asked for it. */
void authorization_is_needed (Session *session, const char *who, const char *group, const char *message);
/* Asks WHO, who is on the list as one who is to agree; reason: NULL for one that is always right. */
void authorization_send (Session *session, const char *who, const char *reason);
/* Somebody asks, answers, or has added us; also of the forms before family 13. */
void authorization_asked (Session *session, const char *who, const char *reason);
void authorization_answered (Session *session, const char *who, gboolean granted, const char *reason);
void authorization_added (Session *session, const char *who);

extern const SnacHandler authorization_handlers[];
