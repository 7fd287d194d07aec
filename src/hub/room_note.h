/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room_note.h - what only the hub knows of a room, and its worker keeps for the next one (notes.h): who takes part in it. */
#pragma once

#include "rooms.h"

/* After each change of it; when it is no room any more. */
void room_note_keep (Room *room);
void room_note_drop (Room *room);

/* Makes the rooms that a worker has kept, waiting to be told who is there.  Notes that are none are skipped. */
void room_note_take (Session *session, const char *key, const char *text);
