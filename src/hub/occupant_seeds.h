/* SPDX-License-Identifier: GPL-2.0-or-later */
/* occupant_seeds.h - what the id of an occupant is made of (XEP-0421), where that is not the nick.
 *
 * It is the nick by which they came, whatever they are called since; and for who takes a nick that is somebody's seed, another
 * one that nobody has.  A journal keeps them for the next process.  Rooms are known by their key in the archive. */
#pragma once

#include <glib.h>

typedef struct Seeds Seeds;

Seeds *seeds_open (const char *path, gsize most, GError **error);
void seeds_close (Seeds *seeds);

/* Until the next change. */
const char *seeds_get (Seeds *seeds, const char *room, const char *nick);
/* FALSE: that was known. */
gboolean seeds_rename (Seeds *seeds, const char *room, const char *nick, const char *new_nick);
/* Nobody has this nick any more.  FALSE: it is a seed of its own. */
gboolean seeds_forget (Seeds *seeds, const char *room, const char *nick);
void seeds_forget_room (Seeds *seeds, const char *room);
/* All but those that have a key in this table. */
void seeds_forget_rooms_but (Seeds *seeds, GHashTable *rooms);
