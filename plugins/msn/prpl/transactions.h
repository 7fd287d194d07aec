/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transactions.h - questions on one connection and their answers (msnp.md 3.2).  A server may forget to answer (16.1): each
 * question has an end. */
#pragma once

#include "session.h"

typedef struct Transactions Transactions;

/* ANSWER is what came, an error, or NULL: nothing came in time, or the connection is gone. */
typedef void (*AnswerFunc) (Session *session, const Command *answer, gpointer data);

Transactions *transactions_new (Session *session);
/* Those that are open are answered by NULL. */
void transactions_free (Transactions *transactions);
/* The id to ask with.  FUNC may be NULL; DESTROY is called after it. */
guint32 transactions_add (Transactions *transactions, const char *name, AnswerFunc func, gpointer data, GDestroyNotify destroy);
/* FALSE: it answers nothing of ours. */
gboolean transactions_take (Transactions *transactions, const Command *command);
