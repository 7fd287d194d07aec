/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.h - the questions that wait for an answer of the hub's user.
 *
 * Each has one end: answered, or closed by who asked (requests.c, authorizations.c). */
#pragma once

#include "accounts.h"
#include "unheard.h"

void questions_init (void);

void questions_answer (const WireAnswer *message);

/* The account is gone; its questions close silently. */
void questions_forget (Account *account);

/* Those of an account that wait, to a new hub. */
void questions_tell_again (Account *account, const Unheard *unheard);

typedef struct Question Question;

/* `answer` runs once at most, with a choice of -1 for none; `destroy` at the end in any case. */
typedef void (*QuestionAnswer) (gpointer data, const WireAnswer *answer);

Question *questions_new (Account *account, QuestionAnswer answer, gpointer data, GDestroyNotify destroy);
/* How many of an account wait for an answer. */
guint questions_count (Account *account);
gint64 questions_get_number (Question *question);
/* Tells the hub something of it, and will tell a new hub the same. */
void questions_tell (Question *question, const WireMessage *event);
/* libpurple does not want to know any more. */
void questions_close (Question *question);
