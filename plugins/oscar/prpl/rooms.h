/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rooms.h - chat rooms: joined, talked in, left, invited to (oscar.md 7). */
#pragma once

#include <purple.h>

#include "dispatch.h"
#include "rendezvous.h"

Rooms *rooms_new (Session *session);
void rooms_free (Rooms *rooms);
void rooms_keep_alive (Session *session);

/* Somebody invites us, or takes it back. */
void rooms_take_invitation (Session *session, const char *from, const Rendezvous *rendezvous);

/* Calls of libpurple. */
GList *rooms_get_join_fields (PurpleConnection *gc);
GHashTable *rooms_get_join_defaults (PurpleConnection *gc, const char *name);
char *rooms_get_name (GHashTable *components);
void rooms_join (PurpleConnection *gc, GHashTable *components);
/* With the components of an invitation. */
void rooms_reject (PurpleConnection *gc, GHashTable *components);
void rooms_invite (PurpleConnection *gc, int id, const char *message, const char *who);
void rooms_leave (PurpleConnection *gc, int id);
int rooms_send (PurpleConnection *gc, int id, const char *html, PurpleMessageFlags flags);

extern const SnacHandler rooms_handlers[];
