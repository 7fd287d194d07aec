/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.h - what a worker keeps of a session for the next hub.
 *
 * Each is sealed: a worker can show only what it was given for itself, of this account, by this key, be it lately or before. */
#pragma once

#include "session.h"

/* That the account is this worker's, and which login it was given; two, while it is not known which of them is stored. */
#define NOTE_ACCOUNT "account"

/* The longest text. */
#define NOTE_BYTES 16000

/* Gives it to the session's worker, if it has one; NULL: what was given before is not true any more.  And: it is the first, and
 * there is to be no other from before. */
void notes_keep (Session *session, const char *key, const char *text);
void notes_begin (Session *session, const char *key, const char *text);

/* The text that was given; NULL: it was not, or not to this worker. */
char *notes_dup_open (Worker *worker, gint64 account, const char *key, const char *sealed);
