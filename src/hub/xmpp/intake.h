/* SPDX-License-Identifier: GPL-2.0-or-later */
/* intake.h - what was read from an XMPP server and is not dealt with, so that it outlives its connection and this process.
 *
 * The server believes that we have it.  It is in a journal from the moment it was read, as it came, until its stanzas are dealt
 * with.  What is left is dealt with on the next connection: also the one stanza that was in hand when the process died, unless
 * that was so once before. */
#pragma once

#include <glib.h>

typedef struct Intake Intake;

/* As journal_open.  There is another file beside it, with `.now` at its end: what is read is read into that. */
Intake *intake_open (const char *path, gsize most, GError **error);
/* What is left stays in the file. */
void intake_close (Intake *intake);

/* Where the next bytes are to be read to: a process that dies in the moment of reading leaves them there.  They are text: none is 0. */
char *intake_area (Intake *intake);
#define INTAKE_AREA (64 * 1024)
/* So many were read there; they follow the tail.  What the journal has no room for is not kept.  And: they are not needed there any more. */
void intake_read (Intake *intake, gsize length);
void intake_wipe (Intake *intake);
/* The next stanza is going to be dealt with; and it is. */
void intake_begin (Intake *intake);
void intake_done (Intake *intake);
/* All are; but the last bytes that were read, so many, are the beginning of another. */
void intake_settle (Intake *intake, gsize tail);
gsize intake_get_tail (const Intake *intake);

/* What an earlier connection has left; NULL: nothing.  `done` of its stanzas are dealt with.  Valid until the next call. */
const char *intake_get_left (Intake *intake, gsize *length, guint *done);
/* It is taken up again: so many of its stanzas are to be dealt with, then it is done. */
void intake_take_up (Intake *intake, guint stanzas);
