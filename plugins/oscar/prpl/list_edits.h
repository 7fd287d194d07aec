/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_edits.h - changes of the server's list, one after the other, in clusters (oscar.md 3.2). */
#pragma once

#include "feedbag_plan.h"
#include "session.h"

/* result: FEEDBAG_RESULT_*, 0: done. why: a sentence, if not. */
typedef void (*EditDone) (Session *session, const FeedbagEdit *edit, guint16 result, const char *why);

#define LIST_EDIT_FAILED 0xffff

ListEdits *list_edits_new (Session *session);
void list_edits_free (ListEdits *edits);

/* The edit is owned from now on; DONE, if it is not NULL, is called once, never while libpurple closes. */
void list_edits_queue (Session *session, FeedbagEdit *edit, EditDone done);
gboolean list_edits_are_waiting (Session *session);
