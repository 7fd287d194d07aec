/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unheard.h - what the former hub has not heard of, and so what was the case when it heard from us last.
 *
 * To a new hub that is told first, and then what happened since: so it can tell its users what has changed. */
#pragma once

#include "accounts.h"

typedef struct Unheard Unheard;

Unheard *unheard_new (GBytes *frames);
void unheard_free (Unheard *unheard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Unheard, unheard_free)

/* All of it, in its order. */
void unheard_foreach (const Unheard *unheard, void (*func) (const WireMessage *event, gpointer data), gpointer data);

/* Whether the account was signed in, this question asked, this room joined meanwhile. */
gboolean unheard_has_sign_in (const Unheard *unheard, gint64 account);
gboolean unheard_has_question (const Unheard *unheard, gint64 request);
gboolean unheard_has_join (const Unheard *unheard, gint64 account, const char *room);

/* Whether something has happened with this nick in a room; what it was called before, if it was another. */
gboolean unheard_concerns (const Unheard *unheard, gint64 account, const char *room, const char *nick);
char *unheard_dup_former_nick (const Unheard *unheard, gint64 account, const char *room, const char *nick);
/* Tells of those of them who were there before. */
void unheard_tell_occupants (const Unheard *unheard, gint64 account, const char *room);
