/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signon.h - from the first line to the list of contacts (msnp.md 4, 15). */
#pragma once

#include "session.h"

void signon_begin (Session *session);
void signon_free (Signon *signon);

/* notification.c calls these: the connection is there; the server sends us to another one. */
void signon_connected (Session *session);
void signon_move (Session *session, const Command *command);
/* contacts.c calls it: the list is in. */
void signon_has_list (Session *session);
/* own_status.c calls it: the server took our first presence. */
void signon_is_announced (Session *session);
